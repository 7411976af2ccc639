//! A simulation on several cores: each takes the next members as it is done with others.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::ProgressBar;
use jiff::Timestamp;
use ledger::MemberId;
use programme::{PointsError, Programme, Trigger};
use simulation::{Broken, Simulation, Together};

use super::lives;
use super::purchases::Purchases;
use super::tally::Tally;

/// Why a simulation comes to nothing.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    #[error("the ledger of a simulated member is damaged: {0}")]
    Broken(#[from] Broken),
    #[error(transparent)]
    Points(#[from] PointsError),
    #[error("a core stopped before it was done")]
    Stopped,
}

/// So many members are taken at a time.
const TAKEN: usize = 64;

/// Simulates everybody whose purchases happened before `end`.
pub(super) fn all<'a>(
    simulation: Simulation<'a>,
    (purchases, end): (&Purchases, Timestamp),
    cores: usize,
    by_member: bool,
    bar: &ProgressBar,
) -> Result<Tally<'a>, SimulationError> {
    let next = AtomicUsize::new(0);
    let new = || Tally::new(simulation.programme, simulation.until, by_member);
    let work = || -> Result<Tally<'a>, SimulationError> {
        let mut tally = new();
        loop {
            let from = next.fetch_add(TAKEN, Ordering::Relaxed);
            if from >= purchases.members() {
                return Ok(tally);
            }
            for number in from..from + TAKEN {
                one(simulation, (purchases, end), number, &mut tally)?;
            }
            bar.inc(u64::try_from(TAKEN).unwrap_or_default());
        }
    };
    let done: Vec<_> = std::thread::scope(|scope| {
        let cores: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        cores.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
    });
    let mut all = new();
    for tally in done {
        all.join(tally.map_err(|_| SimulationError::Stopped)??)?;
    }
    Ok(all)
}

/// Whether members draw on something that there is only so much of: they are simulated in one order of time then.
pub(super) fn share(programme: &Programme) -> bool {
    let campaigns = programme.versions().flat_map(|rules| &rules.campaigns);
    let with_budget = campaigns.filter(|campaign| campaign.budget.is_some());
    // Nothing else happens in a shop's own orders.
    with_budget
        .into_iter()
        .any(|campaign| matches!(campaign.on, Trigger::Purchase | Trigger::SignUp))
}

/// Simulates everybody in one order of time, on one core.
pub(super) fn in_order<'a>(
    simulation: Simulation<'a>,
    (purchases, end): (&Purchases, Timestamp),
    by_member: bool,
    bar: &ProgressBar,
) -> Result<Tally<'a>, SimulationError> {
    let mut tally = Tally::new(simulation.programme, simulation.until, by_member);
    let mut together = Together::default();
    let mut next = BinaryHeap::new();
    let mut lives = Vec::with_capacity(purchases.members());
    for number in 0..purchases.members() {
        let life = purchases.of(number).and_then(|(member, own)| {
            let id: MemberId = member.parse().ok()?;
            Some((
                id,
                lives::events(purchases, (member, own), (simulation.ticks, end)).peekable(),
            ))
        });
        // An id that is no key of the tables was refused with its row.
        let Some((id, mut events)) = life else { continue };
        let first = events
            .peek()
            .map(|event| Reverse((event.received, event.at, lives.len())));
        next.extend(first);
        lives.push((id, events));
    }
    while let Some(Reverse((_, _, place))) = next.pop() {
        let Some((id, events)) = lives.get_mut(place) else {
            continue;
        };
        let Some(event) = events.next() else { continue };
        together.happens(simulation, (id.clone(), event), &|_, _| Vec::new(), &mut tally)?;
        match events.peek() {
            Some(event) => next.push(Reverse((event.received, event.at, place))),
            None => bar.inc(1),
        }
    }
    together.end(simulation, &mut tally)?;
    Ok(tally)
}

fn one(
    simulation: Simulation<'_>,
    (purchases, end): (&Purchases, Timestamp),
    number: usize,
    tally: &mut Tally<'_>,
) -> Result<(), Broken> {
    // An id that is no key of the tables was refused with its row.
    let Some((member, own)) = purchases.of(number) else {
        return Ok(());
    };
    let Ok(id) = member.parse() else { return Ok(()) };
    let events = lives::events(purchases, (member, own), (simulation.ticks, end));
    // Nothing comes back in a shop's own orders, so nobody asks for lines.
    simulation.alone(id, events, &|_, _| Vec::new(), tally).map(|_| ())
}
