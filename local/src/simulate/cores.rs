//! A simulation on several cores: each takes the next part of the members as it is done with another.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::ProgressBar;
use jiff::Timestamp;
use ledger::{Fact, MemberId};
use programme::{PointsError, Programme, Trigger};
use simulation::{Broken, Simulation, Together};

use super::kept::Kept;
use super::lives;
use super::parts::KeepError;
use super::purchases::Purchases;
use super::tally::Tally;

/// Why a simulation comes to nothing.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    #[error("the ledger of a simulated member is damaged: {0}")]
    Broken(#[from] Broken),
    #[error(transparent)]
    Points(#[from] PointsError),
    #[error(transparent)]
    Keep(#[from] KeepError),
    #[error("a core stopped before it was done")]
    Stopped,
}

/// So many purchases are told to the bar at a time.
const TOLD: u64 = 1 << 10;

/// Simulates everybody whose purchases happened before `end`.
pub(super) fn all<'a>(
    simulation: Simulation<'a>,
    (kept, end): (&Kept, Timestamp),
    cores: usize,
    by_member: bool,
    bar: &ProgressBar,
) -> Result<Tally<'a>, SimulationError> {
    let next = AtomicUsize::new(0);
    let new = || Tally::new(simulation.programme, simulation.until, by_member);
    let work = || -> Result<Tally<'a>, SimulationError> {
        let mut tally = new();
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part >= kept.parts() {
                return Ok(tally);
            }
            let purchases = kept.part(part)?;
            let mut told = 0;
            for number in 0..purchases.members() {
                told += one(simulation, (&purchases, end), number, &mut tally)?;
                if told >= TOLD {
                    bar.inc(std::mem::take(&mut told));
                }
            }
            bar.inc(told);
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

/// Simulates everybody in one order of time, on one core, with all purchases in memory: at each moment the next of any
/// member may follow.
pub(super) fn in_order<'a>(
    simulation: Simulation<'a>,
    (kept, end): (&Kept, Timestamp),
    by_member: bool,
    bar: &ProgressBar,
) -> Result<Tally<'a>, SimulationError> {
    let purchases = &kept.whole()?;
    let mut tally = Tally::new(simulation.programme, simulation.until, by_member);
    let mut together = Together::default();
    let mut next = BinaryHeap::new();
    let mut lives = Vec::with_capacity(purchases.members());
    for number in 0..purchases.members() {
        let life = purchases.of_member(number).and_then(|(member, own)| {
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
        bar.inc(u64::from(matches!(event.fact, Some(Fact::Purchase { .. }))));
        together.happens(simulation, (id.clone(), event), &|_, _| Vec::new(), &mut tally)?;
        let following = events.peek();
        next.extend(following.map(|event| Reverse((event.received, event.at, place))));
    }
    together.end(simulation, &mut tally)?;
    Ok(tally)
}

/// Gives how many purchases the member has.
fn one(
    simulation: Simulation<'_>,
    (purchases, end): (&Purchases, Timestamp),
    number: usize,
    tally: &mut Tally<'_>,
) -> Result<u64, Broken> {
    // An id that is no key of the tables was refused with its row.
    let Some((member, own)) = purchases.of_member(number) else {
        return Ok(0);
    };
    let Ok(id) = member.parse() else { return Ok(0) };
    let events = lives::events(purchases, (member, own), (simulation.ticks, end));
    // Nothing comes back in a shop's own orders, so nobody asks for lines.
    simulation.alone(id, events, &|_, _| Vec::new(), tally)?;
    Ok(u64::try_from(own.len()).unwrap_or(u64::MAX))
}
