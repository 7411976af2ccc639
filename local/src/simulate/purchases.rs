//! A shop's own orders, of any number: some fifty bytes each, by member and time.
//!
//! A member's rows may stand anywhere in the file, so they are all read before the first member is simulated. Nothing else
//! grows with them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use programme::{Amount, Currency};

use crate::play::orders::{self, LeftOut, OrdersError, Row};

/// A purchase.
#[derive(Debug, Clone, Copy)]
pub(super) struct Purchase {
    nanosecond: i64,
    minor: i64,
    /// Where the order's id begins among all, and how long it is: eight bits of it.
    id: u64,
    member: u32,
    currency: Currency,
    pub(super) time_made_up: bool,
}

/// All purchases of a file.
#[derive(Debug)]
pub(super) struct Purchases {
    ids: Vec<u8>,
    all: Vec<Purchase>,
    /// By number.
    members: Vec<Box<str>>,
    /// Where the purchases of each member begin, in the order of their numbers, and where the last end.
    starts: Vec<usize>,
    pub(super) left_out: LeftOut,
}

/// How many refused rows are quoted.
const QUOTED: usize = 5;

impl Purchases {
    /// Reads a file as a run does.
    pub(super) fn read(path: &Path, zone: &TimeZone, today: Timestamp) -> Result<Self, OrdersError> {
        let mut reading = Reading::default();
        let left_out = orders::each(path, (zone, today), QUOTED, |row, _| reading.take(row))?;
        let Reading {
            ids, mut all, members, ..
        } = reading;
        let mut names = vec![Box::default(); members.len()];
        for (name, number) in members {
            if let Some(place) = names.get_mut(number as usize) {
                *place = name;
            }
        }
        // Ids lie in the file's order: at the same instant, as in a run.
        all.sort_unstable_by_key(|purchase| (purchase.member, purchase.nanosecond, purchase.id));
        let mut starts = Vec::with_capacity(names.len() + 1);
        let mut last = None;
        for (place, purchase) in all.iter().enumerate() {
            if last != Some(purchase.member) {
                starts.push(place);
                last = Some(purchase.member);
            }
        }
        starts.push(all.len());
        Ok(Self {
            ids,
            all,
            members: names,
            starts,
            left_out,
        })
    }

    pub(super) fn members(&self) -> usize {
        self.members.len()
    }

    /// A member by number, and their purchases by time.
    pub(super) fn of(&self, number: usize) -> Option<(&str, &[Purchase])> {
        let (from, to) = (*self.starts.get(number)?, *self.starts.get(number + 1)?);
        Some((self.members.get(number)?, self.all.get(from..to)?))
    }

    pub(super) fn all(&self) -> &[Purchase] {
        &self.all
    }

    /// The order's id, as the shop gave it.
    pub(super) fn id(&self, purchase: &Purchase) -> &str {
        text(&self.ids, purchase.id)
    }
}

impl Purchase {
    pub(super) fn at(&self) -> Timestamp {
        Timestamp::from_nanosecond(i128::from(self.nanosecond)).unwrap_or_default()
    }

    pub(super) fn amount(&self) -> Option<Amount> {
        Amount::of_minor(self.minor, self.currency)
    }
}

/// The longest id has 128 characters.
const LENGTH_BITS: u32 = 8;

fn text(ids: &[u8], id: u64) -> &str {
    let (from, length) = (id >> LENGTH_BITS, id & ((1 << LENGTH_BITS) - 1));
    let from = usize::try_from(from).unwrap_or(usize::MAX);
    let bytes = ids.get(from..).and_then(|ids| ids.get(..usize::try_from(length).ok()?));
    std::str::from_utf8(bytes.unwrap_or_default()).unwrap_or_default()
}

/// What was read so far.
#[derive(Default)]
struct Reading {
    ids: Vec<u8>,
    all: Vec<Purchase>,
    members: HashMap<Box<str>, u32>,
    /// The first purchase of each id, by the id's hash.
    seen: HashMap<u64, u64>,
    hasher: RandomState,
}

impl Reading {
    fn take(&mut self, row: Row<'_>) -> Result<(), Option<u64>> {
        let start = u64::try_from(self.ids.len()).unwrap_or(u64::MAX);
        let length = u64::try_from(row.id.len()).unwrap_or_default();
        let id = start << LENGTH_BITS | length;
        match self.seen.entry(self.hasher.hash_one(row.id)) {
            Entry::Occupied(first) if text(&self.ids, *first.get()) == row.id => return Err(None),
            // Two ids of one hash are both taken; the second would be taken twice.
            Entry::Occupied(_) => {}
            Entry::Vacant(free) => {
                free.insert(id);
            }
        }
        self.ids.extend_from_slice(row.id.as_bytes());
        let known = self.members.get(row.member).copied();
        let member = known.unwrap_or_else(|| {
            let next = u32::try_from(self.members.len()).unwrap_or(u32::MAX);
            self.members.insert(row.member.into(), next);
            next
        });
        self.all.push(Purchase {
            nanosecond: i64::try_from(row.at.as_nanosecond()).unwrap_or(i64::MAX),
            minor: row.amount.minor(),
            id,
            member,
            currency: row.amount.currency(),
            time_made_up: row.time_made_up,
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(rows: &str) -> Result<Purchases, OrdersError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.csv");
        let header = "order_id,member_id,ordered_at,amount,currency";
        std::fs::write(&path, format!("{header}\n{rows}")).unwrap();
        Purchases::read(&path, &TimeZone::UTC, "2026-01-01T00:00:00Z".parse().unwrap())
    }

    #[test]
    fn rows_may_stand_in_any_order_and_an_order_counts_once() {
        let purchases = read(
            "c,two,1997-03-01T10:00:00Z,3.00,USD\na,one,1997-02-01T10:00:00Z,1.00,USD\n\
             b,one,1997-01-01T10:00:00Z,2,USD\na,two,1997-01-05T10:00:00Z,9.00,USD\nd,one,never,1.00,USD\n\
             e,one,1997-01-01T10:00:00Z,4.00,JPY\nf,one,1997-01-01T10:00:00Z,400,JPY\n",
        )
        .unwrap();
        let told = |number| {
            let (member, own) = purchases.of(number).unwrap();
            let ids: Vec<_> = own.iter().map(|own| purchases.id(own).to_owned()).collect();
            (member.to_owned(), ids.join(" "))
        };
        assert_eq!(purchases.members(), 2);
        assert_eq!(told(0), ("two".to_owned(), "c".to_owned()));
        assert_eq!(told(1), ("one".to_owned(), "b f a".to_owned()));
        assert!(purchases.of(2).is_none());
        let first = purchases.left_out.first.iter().map(|refused| refused.column);
        assert_eq!(first.collect::<Vec<_>>(), ["order_id", "ordered_at", "amount"]);
        assert_eq!(purchases.left_out.count, 3);
    }

    #[test]
    fn a_purchase_takes_thirty_two_bytes() {
        assert_eq!(size_of::<Purchase>(), 32);
    }

    #[test]
    fn a_file_without_orders_is_refused() {
        assert!(matches!(read(""), Err(OrdersError::NoRows { .. })));
        assert!(matches!(
            read("a,b,c,d,e\n"),
            Err(OrdersError::AllRefused { count: 1, .. })
        ));
    }
}
