//! A simulation on several cores: each takes the next part of the members as it is done with another.

use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::ProgressBar;
use jiff::Timestamp;
use programme::PointsError;
use simulation::{Broken, Simulation};

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

/// Gives how many purchases the member has.
fn one(
    simulation: Simulation<'_>,
    (purchases, end): (&Purchases, Timestamp),
    number: usize,
    tally: &mut Tally<'_>,
) -> Result<u64, Broken> {
    // An id that is no key of the tables was refused with its row.
    let Some((member, own)) = purchases.of(number) else {
        return Ok(0);
    };
    let Ok(id) = member.parse() else { return Ok(0) };
    let events = lives::events(purchases, (member, own), (simulation.ticks, end));
    // Nothing comes back in a shop's own orders, so nobody asks for lines.
    simulation.alone(id, events, &|_, _| Vec::new(), tally)?;
    Ok(u64::try_from(own.len()).unwrap_or(u64::MAX))
}
