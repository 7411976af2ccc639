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
