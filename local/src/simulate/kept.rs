//! A shop's own orders, of any number: put by member in parts, one of which a core reads at a time.
//!
//! A member's rows may stand anywhere in the file, and an order that stands twice as well. So the rows are parted twice: by
//! the order's id, to take each order once, and then by member. Memory grows with the rows of one part, however many there
//! are; a member's rows are all in one.

use std::collections::HashMap;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::ProgressBar;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::parts::{KeepError, Layout, Part, Room};
use super::purchases::{Purchases, instant, nanosecond};
use super::record::Record;
use super::{PURCHASES, SimulateError, bar};
use crate::play::orders::{self, LeftOut, Refused, Row};

/// All orders of a file.
#[derive(Debug)]
pub(super) struct Kept {
    room: Mutex<Room>,
    parts: Vec<Part>,
    pub(super) left_out: LeftOut,
    pub(super) counts: Counts,
}

/// What is known of all orders once they were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    first: i64,
    last: i64,
    pub(super) purchases: u64,
    /// At the end of what is simulated, or later.
    pub(super) after: u64,
    /// Before it, on a day without a time.
    pub(super) times_made_up: u64,
}

/// How many refused rows are quoted.
const QUOTED: usize = 5;

impl Kept {
    /// Reads a file as a run does. What happens before `end`, or all of it, is going to be simulated.
    pub(super) fn read(
        path: &Path,
        (zone, today): (&TimeZone, Timestamp),
        end: Option<Timestamp>,
        layout: Option<Layout>,
    ) -> Result<Self, SimulateError> {
        let file = orders::open(path)?;
        let bytes = file.metadata().map_or(0, |metadata| metadata.len());
        let mut by_id = Reading::new(layout.unwrap_or_else(|| Layout::of(bytes)));
        let read = bar("reading", bytes, "{binary_bytes}");
        let file = (path, read.wrap_read(file));
        let mut left_out = orders::each(file, (zone, today), QUOTED, |row, line| {
            by_id.take(row, line)?;
            // Whether an order stands twice is not known yet.
            Ok::<_, SimulateError>(None)
        })?;
        read.finish_and_clear();
        let sorted = bar("sorting", by_id.rows, PURCHASES);
        let twice = |record: &Record<'_>, first| Refused::twice(path, (record.id, record.line), first);
        let kept = by_id.by_member(end, &mut left_out, twice, &sorted);
        sorted.finish_and_clear();
        let (room, parts, counts) = kept?;
        Ok(Self {
            room: Mutex::new(room),
            parts,
            left_out,
            counts,
        })
    }

    pub(super) fn parts(&self) -> usize {
        self.parts.len()
    }

    /// The purchases of the members of a part.
    pub(super) fn part(&self, number: usize) -> Result<Purchases, KeepError> {
        let rows = self.parts.get(number).map(|part| self.rows(part)).transpose()?;
        Ok(Purchases::in_rows(&rows.unwrap_or_default()))
    }

    /// All rows in parts by time, the earliest first. `see` is told of each before.
    pub(super) fn by_time(&self, mut see: impl FnMut(&Record<'_>)) -> Result<Vec<Part>, KeepError> {
        let mut by_time = vec![Part::default(); self.parts.len()];
        let Counts { first, last, .. } = self.counts;
        let parts = i128::try_from(by_time.len()).unwrap_or(1);
        let mut bytes = Vec::new();
        for part in &self.parts {
            for record in Record::all(&self.rows(part)?) {
                see(&record);
                let nth = i128::from(record.nanosecond - first) * parts / (i128::from(last - first) + 1);
                record.write(&mut bytes);
                if let Some(part) = usize::try_from(nth).ok().and_then(|nth| by_time.get_mut(nth)) {
                    self.room().put(part, &bytes)?;
                }
            }
        }
        Ok(by_time)
    }

    /// All rows of a part, which is over then.
    pub(super) fn take(&self, part: Part) -> Result<Vec<u8>, KeepError> {
        self.room().take(part)
    }

    fn rows(&self, part: &Part) -> Result<Vec<u8>, KeepError> {
        self.room().read(part)
    }

    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn new() -> Self {
        Self {
            first: i64::MAX,
            last: 0,
            purchases: 0,
            after: 0,
            times_made_up: 0,
        }
    }

    fn add(&mut self, record: &Record<'_>, end: Option<i64>) {
        self.first = self.first.min(record.nanosecond);
        self.last = self.last.max(record.nanosecond);
        self.purchases += 1;
        if end.is_some_and(|end| record.nanosecond >= end) {
            self.after += 1;
        } else {
            self.times_made_up += u64::from(record.time_made_up);
        }
    }

    pub(super) fn first(&self) -> Timestamp {
        instant(self.first)
    }

    pub(super) fn last(&self) -> Timestamp {
        instant(self.last)
    }
}

/// Rows as they are read, in parts by the order's id.
struct Reading {
    room: Room,
    parts: Vec<Part>,
    rows: u64,
    record: Vec<u8>,
}

impl Reading {
    fn new(layout: Layout) -> Self {
        Self {
            parts: vec![Part::default(); layout.parts],
            room: Room::new(layout),
            rows: 0,
            record: Vec::new(),
        }
    }

    fn take(&mut self, row: Row<'_>, line: u64) -> Result<(), KeepError> {
        let record = Record {
            row: self.rows,
            line,
            nanosecond: nanosecond(row.at),
            minor: row.amount.minor(),
            currency: row.amount.currency(),
            time_made_up: row.time_made_up,
            id: row.id,
            member: row.member,
        };
        self.rows += 1;
        record.write(&mut self.record);
        match part_of(&mut self.parts, row.id) {
            Some(part) => self.room.put(part, &self.record),
            None => Ok(()),
        }
    }

    /// The first row of each order, in parts by member. The other rows of an order are left out.
    fn by_member(
        mut self,
        end: Option<Timestamp>,
        left_out: &mut LeftOut,
        twice: impl Fn(&Record<'_>, u64) -> Refused,
        bar: &ProgressBar,
    ) -> Result<(Room, Vec<Part>, Counts), KeepError> {
        let end = end.map(nanosecond);
        let mut counts = Counts::new();
        let mut by_member = vec![Part::default(); self.parts.len()];
        for part in self.parts {
            let rows = self.room.take(part)?;
            let mut first_lines = HashMap::new();
            let (mut taken, mut again) = (0, Vec::new());
            for record in Record::all(&rows) {
                taken += 1;
                match first_lines.entry(record.id) {
                    Entry::Occupied(first) => again.push((record, *first.get())),
                    Entry::Vacant(free) => {
                        free.insert(record.line);
                        counts.add(&record, end);
                        record.write(&mut self.record);
                        if let Some(part) = part_of(&mut by_member, record.member) {
                            self.room.put(part, &self.record)?;
                        }
                    }
                }
            }
            left_out.count += u64::try_from(again.len()).unwrap_or_default();
            let quoted = again.iter().take(QUOTED);
            left_out
                .first
                .extend(quoted.map(|(record, first)| twice(record, *first)));
            bar.inc(taken);
        }
        left_out.first.sort_by_key(|refused| refused.line);
        left_out.first.truncate(QUOTED);
        Ok((self.room, by_member, counts))
    }
}

/// Always the same one for the same text.
fn part_of<'a>(parts: &'a mut [Part], text: &str) -> Option<&'a mut Part> {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let nth = hasher.finish().checked_rem(u64::try_from(parts.len()).ok()?)?;
    parts.get_mut(usize::try_from(nth).ok()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::play::PlayError;
    use crate::play::orders::OrdersError;

    fn read(rows: &str, parts: usize) -> Result<Kept, SimulateError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.csv");
        let header = "order_id,member_id,ordered_at,amount,currency";
        std::fs::write(&path, format!("{header}\n{rows}")).unwrap();
        let (today, end) = ("2026-01-01T00:00:00Z", "1997-03-01T00:00:00Z");
        let layout = Layout {
            parts,
            block: 100,
            in_memory: 0,
            ..Layout::of(0)
        };
        let end = Some(end.parse().unwrap());
        Kept::read(&path, (&TimeZone::UTC, today.parse().unwrap()), end, Some(layout))
    }

    /// Members with their orders.
    fn told(purchases: &Purchases) -> Vec<String> {
        let all = (0..purchases.members()).filter_map(|number| purchases.of(number));
        all.map(|(member, own)| {
            let ids: Vec<_> = own.iter().map(|own| purchases.id(own)).collect();
            format!("{member}: {}", ids.join(" "))
        })
        .collect()
    }

    #[test]
    fn rows_may_stand_in_any_order_and_an_order_counts_once_in_however_many_parts() {
        for parts in [1, 2, 7, 300] {
            let kept = read(
                "c,two,1997-03-01T10:00:00Z,3.00,USD\na,one,1997-02-01T10:00:00Z,1.00,USD\n\
                 b,one,1997-01-01T10:00:00Z,2,USD\na,two,1997-01-05T10:00:00Z,9.00,USD\nd,one,never,1.00,USD\n\
                 e,one,1997-01-01T10:00:00Z,4.00,JPY\nf,one,1997-01-01T10:00:00Z,400,JPY\ng,three,1997-01-09,1,USD\n\
                 b,three,1999-01-01,1,USD\nc,two,1997-03-01T10:00:00Z,3.00,USD\nf,six,1997-03-01T10:00:00Z,3.00,USD\n",
                parts,
            )
            .unwrap();
            let members = ["two: c", "one: b f a", "three: g"];
            let mut by_part: Vec<_> = (0..kept.parts())
                .flat_map(|part| told(&kept.part(part).unwrap()))
                .collect();
            by_part.sort_by_key(|told| members.iter().position(|member| member == told));
            assert_eq!(by_part, members);

            let first = kept.left_out.first.iter();
            let first: Vec<_> = first
                .map(|refused| (refused.line, refused.column, refused.why.as_str()))
                .collect();
            let twice = |order: &str, line| format!("{order:?} stands on line {line} already; an order counts once");
            let [a, b, c] = [twice("a", 3), twice("b", 4), twice("c", 2)];
            let never = "\"never\" is no day such as 1997-01-31 and no instant such as 1997-01-31T14:30:00-05:00";
            let decimals = "\"4.00\" has more decimals than JPY has (0)";
            assert_eq!(
                first,
                [
                    (5, "order_id", a.as_str()),
                    (6, "ordered_at", never),
                    (7, "amount", decimals),
                    (10, "order_id", &b),
                    (11, "order_id", &c)
                ]
            );
            assert_eq!(kept.left_out.count, 6);
            let counts = kept.counts;
            assert_eq!((counts.purchases, counts.after, counts.times_made_up), (5, 1, 1));
            let span = [counts.first(), counts.last()].map(|at| at.to_string());
            assert_eq!(span, ["1997-01-01T10:00:00Z", "1997-03-01T10:00:00Z"]);
        }
    }

    #[test]
    fn a_file_without_orders_is_refused() {
        let refused = |rows| match read(rows, 3).unwrap_err() {
            SimulateError::Play(PlayError::Orders(why)) => why,
            other => panic!("{other}"),
        };
        assert!(matches!(refused(""), OrdersError::NoRows { .. }));
        assert!(matches!(
            refused("a,b,c,d,e\n"),
            OrdersError::AllRefused { count: 1, .. }
        ));
    }
}
