//! A simulation in one order of time, of members who draw on something that there is only so much of.
//!
//! At each moment the next of any member may follow, so purchases are put in parts once more, by time. In memory are the
//! members, and one part.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use indicatif::ProgressBar;
use jiff::Timestamp;
use ledger::MemberId;
use programme::{Amount, Programme, Trigger};
use simulation::{Event, Simulation, Ticks, Together};

use super::cores::SimulationError;
use super::kept::Kept;
use super::lives;
use super::purchases::instant;
use super::record::Record;
use super::tally::Tally;
use crate::play::people::somebody;

/// Whether members draw on something that there is only so much of.
pub(super) fn share(programme: &Programme) -> bool {
    let campaigns = programme.versions().flat_map(|rules| &rules.campaigns);
    let with_budget = campaigns.filter(|campaign| campaign.budget.is_some());
    // Nothing else happens in a shop's own orders.
    with_budget
        .into_iter()
        .any(|campaign| matches!(campaign.on, Trigger::Purchase | Trigger::SignUp))
}

/// Simulates everybody whose purchases happened before `end`, on one core.
pub(super) fn all<'a>(
    simulation: Simulation<'a>,
    (kept, end): (&Kept, Timestamp),
    by_member: bool,
    bar: &ProgressBar,
) -> Result<Tally<'a>, SimulationError> {
    let mut tally = Tally::new(simulation.programme, simulation.until, by_member);
    // Nothing comes back in a shop's own orders.
    let mut together = Together::without_pages();
    let mut happens = |member: &str, event: Event| {
        // An id that is no key of the tables was refused with its row.
        match member.parse::<MemberId>() {
            Ok(id) if event.at < end => together.happens(simulation, (id, event), &|_, _| Vec::new(), &mut tally),
            _ => Ok(()),
        }
    };
    let mut firsts = Firsts::default();
    let parts = kept.by_time(|record| firsts.add(record))?;
    let mut beside = Beside::of(&firsts, simulation.ticks);
    for part in parts {
        let rows = kept.take(part)?;
        let mut records: Vec<_> = Record::all(&rows).map(|record| (firsts.key(&record), record)).collect();
        records.sort_unstable_by_key(|(key, record)| (*key, record.row));
        for (key, record) in records {
            bar.inc(1);
            while let Some((member, event)) = beside.next(key) {
                happens(member, event)?;
            }
            let amount = Amount::of_minor(record.minor, record.currency);
            if let Some(event) = lives::purchase((record.id, key.0), amount, simulation.ticks) {
                happens(record.member, event)?;
            }
        }
    }
    while let Some((member, event)) = beside.next((Timestamp::MAX, u64::MAX)) {
        happens(member, event)?;
    }
    together.end(simulation, &mut tally)?;
    Ok(tally)
}

/// When something happens, and where the file names its member first: who is named first goes first at one instant.
type Key = (Timestamp, u64);

/// The first purchase of each member, and the first row, which need not be the same.
#[derive(Default)]
struct Firsts {
    by_member: HashMap<Box<str>, (i64, u64)>,
}

impl Firsts {
    fn add(&mut self, record: &Record<'_>) {
        let (at, row) = (record.nanosecond, record.row);
        if let Some(first) = self.by_member.get_mut(record.member) {
            *first = (first.0.min(at), first.1.min(row));
        } else {
            self.by_member.insert(record.member.into(), (at, row));
        }
    }

    fn key(&self, record: &Record<'_>) -> Key {
        let first = self.by_member.get(record.member);
        (instant(record.nanosecond), first.map_or(record.row, |(_, row)| *row))
    }
}

/// What happens beside purchases, of each member the next.
struct Beside<'a> {
    ticks: Ticks,
    /// When, of whom, how many of theirs came before, and when the member buys first.
    next: BinaryHeap<Reverse<(Key, usize, &'a str, Timestamp)>>,
}

impl<'a> Beside<'a> {
    fn of(firsts: &'a Firsts, ticks: Ticks) -> Self {
        let firsts = firsts.by_member.iter();
        let next = firsts.filter_map(|(member, (at, row))| {
            let first = instant(*at);
            let events = lives::beside(&somebody(member), first, ticks);
            Some(Reverse(((events.first()?.at, *row), 0, &**member, first)))
        });
        Self {
            ticks,
            next: next.collect(),
        }
    }

    /// What happens next, if that is no later than a moment.
    fn next(&mut self, (at, row): Key) -> Option<(&'a str, Event)> {
        let Reverse((key, nth, member, first)) = *self.next.peek()?;
        if key > (at, row) {
            return None;
        }
        self.next.pop();
        let mut events = lives::beside(&somebody(member), first, self.ticks)
            .into_iter()
            .skip(nth)
            .peekable();
        let event = events.next()?;
        let following = events
            .peek()
            .map(|event| Reverse(((event.at, key.1), nth + 1, member, first)));
        self.next.extend(following);
        Some((member, event))
    }
}
