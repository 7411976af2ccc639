//! Purchases in memory, by member and time: some fifty bytes each.

use std::collections::HashMap;

use jiff::Timestamp;
use programme::{Amount, Currency};

use super::record::Record;

/// A purchase.
#[derive(Debug, Clone, Copy)]
pub(super) struct Purchase {
    nanosecond: i64,
    minor: i64,
    /// Its place in the file.
    row: u64,
    /// Where the order's id begins among all, and how long it is: ten bits of it.
    id: u64,
    member: u32,
    currency: Currency,
}

/// All purchases of some members.
#[derive(Debug)]
pub(super) struct Purchases {
    ids: Vec<u8>,
    all: Vec<Purchase>,
    /// By number.
    members: Vec<Box<str>>,
    /// Where the purchases of each member begin, in the order of their numbers, and where the last end.
    starts: Vec<usize>,
}

impl Purchases {
    pub(super) fn in_rows(rows: &[u8]) -> Self {
        let mut reading = Reading::default();
        Record::all(rows).for_each(|record| reading.take(&record));
        reading.sorted()
    }

    pub(super) fn members(&self) -> usize {
        self.members.len()
    }

    /// A member by number, and their purchases by time.
    pub(super) fn of(&self, number: usize) -> Option<(&str, &[Purchase])> {
        let (from, to) = (*self.starts.get(number)?, *self.starts.get(number + 1)?);
        Some((self.members.get(number)?, self.all.get(from..to)?))
    }

    /// The order's id, as the shop gave it.
    pub(super) fn id(&self, purchase: &Purchase) -> &str {
        let (from, length) = (purchase.id >> LENGTH_BITS, purchase.id & ((1 << LENGTH_BITS) - 1));
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let ids = self.ids.get(from..).unwrap_or_default();
        let id = usize::try_from(length).ok().and_then(|length| ids.get(..length));
        std::str::from_utf8(id.unwrap_or_default()).unwrap_or_default()
    }
}

impl Purchase {
    pub(super) fn at(&self) -> Timestamp {
        instant(self.nanosecond)
    }

    pub(super) fn amount(&self) -> Option<Amount> {
        Amount::of_minor(self.minor, self.currency)
    }
}

/// As purchases keep it; orders are history, and the year 2262 is not.
pub(super) fn nanosecond(at: Timestamp) -> i64 {
    i64::try_from(at.as_nanosecond()).unwrap_or(i64::MAX)
}

pub(super) fn instant(nanosecond: i64) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(nanosecond)).unwrap_or_default()
}

/// The longest id has 512 characters.
const LENGTH_BITS: u32 = 10;

/// What was read so far.
#[derive(Default)]
struct Reading {
    ids: Vec<u8>,
    all: Vec<Purchase>,
    members: HashMap<Box<str>, u32>,
}

impl Reading {
    fn take(&mut self, record: &Record<'_>) {
        let start = u64::try_from(self.ids.len()).unwrap_or(u64::MAX);
        let length = u64::try_from(record.id.len()).unwrap_or_default();
        self.ids.extend_from_slice(record.id.as_bytes());
        let known = self.members.get(record.member).copied();
        let member = known.unwrap_or_else(|| {
            let next = u32::try_from(self.members.len()).unwrap_or(u32::MAX);
            self.members.insert(record.member.into(), next);
            next
        });
        self.all.push(Purchase {
            nanosecond: record.nanosecond,
            minor: record.minor,
            row: record.row,
            id: start << LENGTH_BITS | length,
            member,
            currency: record.currency,
        });
    }

    /// At the same instant in the file's order, as in a run.
    fn sorted(self) -> Purchases {
        let Self { ids, mut all, members } = self;
        let mut names = vec![Box::default(); members.len()];
        for (name, number) in members {
            if let Some(place) = names.get_mut(number as usize) {
                *place = name;
            }
        }
        all.sort_unstable_by_key(|purchase| (purchase.member, purchase.nanosecond, purchase.row));
        let mut starts = Vec::with_capacity(names.len() + 1);
        let mut last = None;
        for (place, purchase) in all.iter().enumerate() {
            if last != Some(purchase.member) {
                starts.push(place);
                last = Some(purchase.member);
            }
        }
        starts.push(all.len());
        Purchases {
            ids,
            all,
            members: names,
            starts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purchase_takes_forty_bytes_beside_its_id() {
        assert_eq!(size_of::<Purchase>(), 40);
    }
}
