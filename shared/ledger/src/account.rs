//! The account: what is true of a member now, and the open page that proves the last of it.

use compact_str::CompactString;
use jiff::Timestamp;
use jiff::civil::Date;
use programme::{Points, Programme, Zone};
use serde::{Deserialize, Serialize};

use crate::codec::{self, Corrupt};
use crate::day::{Day, Month, MonthDay};
use crate::entry::{Draft, Entry, Head, What};
use crate::limits::Counter;
use crate::page::{Page, Span};

/// Points that can be spent through the same day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    pub last_day: Day,
    pub points: Points,
}

/// Points that were earned and cannot be spent before a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The first day on which they can be spent.
    pub until: Day,
    /// The last: the lot they go into.
    pub last_day: Day,
    pub points: Points,
}

/// All that ever happened to a member's points.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub earned: Points,
    /// Less what came back with orders they had been spent on.
    pub spent: Points,
    pub expired: Points,
    /// Taken back with orders that came back.
    pub returned: Points,
}

/// How long the member is active, as far as is known: points may last as long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Active {
    /// Which stretch of activity this is: each has a lot of its own.
    pub(crate) stretch: u16,
    /// Its last day, if nothing more is done; none before anything was.
    pub(crate) until: Option<Day>,
}

/// How far a stream was read for this member.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Which stream: another one (a restored table's) says nothing of this one's places.
    pub source: u32,
    /// The place in it: a decimal number of up to 40 digits.
    pub place: CompactString,
}

impl Mark {
    /// Whether this mark lies at or after a place of the same source. `None` for another source.
    pub fn covers(&self, other: &Self) -> Option<bool> {
        fn number(mark: &Mark) -> (usize, &str) {
            let digits = mark.place.trim_start_matches('0');
            (digits.len(), digits)
        }
        (self.source == other.source).then(|| number(other) <= number(self))
    }
}

/// A member's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub(crate) state: State,
    pub(crate) page: Page,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) zone: CompactString,
    pub(crate) birthday: Option<MonthDay>,
    pub(crate) joined: Day,
    /// By last day, each day once.
    #[serde(deserialize_with = "codec::list")]
    pub(crate) lots: Vec<Lot>,
    /// By first and last day, each pair once.
    pub(crate) pending: Vec<Pending>,
    /// Points taken back that the member no longer had: what comes in pays them first, so there is nothing to spend.
    pub(crate) owed: Points,
    /// Points earned by month, oldest first, as far back as a tier counts them.
    #[serde(deserialize_with = "codec::list")]
    pub(crate) qualifying: Vec<(Month, Points)>,
    pub(crate) active: Active,
    pub(crate) counters: Vec<Counter>,
    pub(crate) tier: u8,
    /// The day on which the tier is reviewed; none for the lowest.
    pub(crate) review: Option<Day>,
    pub(crate) totals: Totals,
    /// Reminders, birthdays and anniversaries up to this second have been booked.
    pub(crate) woken_until: i64,
    /// The second the alarm is set to.
    pub(crate) alarm: i64,
    pub(crate) mark: Mark,
    pub(crate) head: Head,
    /// The open page's own, so that the entries' bytes follow the state as they are.
    pub(crate) span: Span,
}

impl Account {
    /// Points that can be spent at an instant: lots carry their date, so this needs no write at expiry. Below nought
    /// where points are owed.
    pub fn balance(&self, programme: &Programme, now: Timestamp) -> Points {
        let today = Day::at(now, programme.zone.rules());
        // A wait that is over needs no write either. Points that have lapsed since had paid what was owed first.
        let waited = |lapsed: bool| {
            let waited = self.state.pending.iter();
            let waited =
                waited.filter(|pending| pending.until <= today && (self.state.end(pending.last_day) < today) == lapsed);
            Points::sum(waited.map(|pending| pending.points)).unwrap_or_default()
        };
        let owed = self.state.owed.subtract(self.state.owed.min(waited(true)));
        let spendable = self.spendable(today).add(waited(false));
        spendable.and_then(|all| all.subtract(owed?)).unwrap_or_default()
    }

    /// The points of all lots that have not lapsed on a day.
    pub(crate) fn spendable(&self, today: Day) -> Points {
        let lots = self
            .state
            .lots
            .iter()
            .filter(|lot| self.state.end(lot.last_day) >= today);
        // What was earned and what was added by hand fit together, so this part of them fits as well.
        Points::sum(lots.map(|lot| lot.points)).unwrap_or_default()
    }

    /// Points taken back that the member no longer had. Nothing can be spent until they are paid.
    pub fn owed(&self) -> Points {
        self.state.owed
    }

    /// The points that can be spent at an instant, by the last day on which they can be: how many lapse by when. What is
    /// owed is left aside.
    pub fn lapsing(&self, programme: &Programme, now: Timestamp) -> Vec<(Day, Points)> {
        let today = Day::at(now, programme.zone.rules());
        let lots = self.state.lots.iter().map(|lot| (lot.last_day, lot.points));
        let waited = self.state.pending.iter().filter(|pending| pending.until <= today);
        let all = lots.chain(waited.map(|pending| (pending.last_day, pending.points)));
        let mut days = std::collections::BTreeMap::<Day, Points>::new();
        let ends = all.map(|(day, points)| (self.state.end(day), points));
        for (day, points) in ends.filter(|(day, _)| *day >= today) {
            let sum = days.entry(day).or_default();
            *sum = sum.add(points).unwrap_or_default();
        }
        days.into_iter().collect()
    }

    /// Points that were earned and cannot be spent yet, by the day from which they can be.
    pub fn pending(&self) -> &[Pending] {
        &self.state.pending
    }

    /// The lots in the order in which they lapse.
    pub(crate) fn first_expiring(&self) -> impl Iterator<Item = &Lot> {
        // Only the lot of the member's activity is not where its day would be.
        let lots = self.state.lots.as_slice();
        let dated = lots.partition_point(|lot| lot.last_day.stretch().is_none());
        let (dated, active) = lots.split_at(dated);
        let until = self.state.active.until;
        let sooner = dated.partition_point(|lot| active.is_empty() || Some(lot.last_day) <= until);
        let (sooner, later) = dated.split_at(sooner);
        sooner.iter().chain(active).chain(later)
    }

    /// The points in lots that lapse with a day, as things stand.
    pub fn lapsing_on(&self, last_day: Day) -> Points {
        let lots = self.state.lots.iter().filter(|lot| self.end(lot) == last_day);
        Points::sum(lots.map(|lot| lot.points)).unwrap_or_default()
    }

    /// The last day of a lot as things stand.
    pub fn end(&self, lot: &Lot) -> Day {
        self.state.end(lot.last_day)
    }

    /// All lots, lapsed ones whose expiry is not booked yet among them.
    pub fn lots(&self) -> &[Lot] {
        &self.state.lots
    }

    pub fn totals(&self) -> Totals {
        self.state.totals
    }

    /// Points added by hand less those taken by hand: what the lots hold besides what was earned and is not gone. Not
    /// stored, since it follows.
    pub fn adjusted(&self) -> Points {
        let totals = self.state.totals;
        let lots = self.state.lots.iter().map(|lot| lot.points);
        let pending = self.state.pending.iter().map(|pending| pending.points);
        let all = Points::sum(
            lots.chain(pending)
                .chain([totals.spent, totals.expired, totals.returned]),
        );
        let all = all.and_then(|all| all.subtract(self.state.owed));
        all.and_then(|all| all.subtract(totals.earned)).unwrap_or_default()
    }

    /// The tier's position, counted from the lowest, 0.
    pub fn tier(&self) -> u8 {
        self.state.tier
    }

    /// The day of the next tier review.
    pub fn review(&self) -> Option<Date> {
        self.state.review.map(Day::date)
    }

    pub fn joined(&self) -> Date {
        self.state.joined.date()
    }

    pub fn mark(&self) -> &Mark {
        &self.state.mark
    }

    /// The instant the alarm is set to.
    pub fn alarm(&self) -> Timestamp {
        Timestamp::from_second(self.state.alarm).unwrap_or_default()
    }

    /// The member's zone; the programme's where the stored name is no longer known.
    pub fn zone(&self, programme: &Programme) -> Zone {
        Zone::parse(&self.state.zone).unwrap_or_else(|_| programme.zone.clone())
    }

    /// How many entries the member's ledger has.
    pub fn entries(&self) -> u64 {
        self.page.end()
    }

    /// The open page.
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// The hash over all entries.
    pub fn head(&self) -> Head {
        self.state.head
    }

    /// The entries from a position on, as far as they stand on the open page: all entries of the last commit do.
    pub fn entries_since(&self, position: u64) -> Result<Vec<Entry>, Corrupt> {
        let skip = usize::try_from(position.saturating_sub(self.page.first())).unwrap_or(usize::MAX);
        Ok(self.page.entries()?.into_iter().skip(skip).collect())
    }

    /// Takes the full pages off the open one. They are written out before the commit that drops them, and hold only
    /// entries that were committed before: two writers of one page write the same bytes.
    pub fn close_pages(&mut self) -> Result<Vec<Page>, Corrupt> {
        let mut closed = Vec::new();
        while let Some(page) = self.page.close()? {
            closed.push(page);
        }
        self.state.span = self.page.span;
        Ok(closed)
    }

    /// Moves the read mark on.
    pub fn set_mark(&mut self, mark: Mark) {
        self.state.mark = mark;
    }

    /// The stored form.
    pub fn encode(&self) -> Result<Vec<u8>, Corrupt> {
        codec::seal(&self.state, &self.page.bytes)
    }

    /// Reads the stored form. Total: anything else is refused as corrupt.
    pub fn decode(blob: &[u8]) -> Result<Self, Corrupt> {
        let (state, bytes) = codec::open::<State>(blob)?;
        let rising =
            state.lots.is_sorted_by(|a, b| a.last_day < b.last_day) && state.qualifying.is_sorted_by(|a, b| a.0 < b.0);
        let waits = |pending: &Pending| (pending.until, pending.last_day);
        let rising = rising && state.pending.is_sorted_by(|a, b| waits(a) < waits(b));
        let points = state.lots.iter().map(|lot| lot.points);
        let points = points.chain(state.pending.iter().map(|pending| pending.points));
        if !rising || points.chain([state.owed]).any(|points| points.get() < 0) {
            return Err(Corrupt::State);
        }
        let page = Page::open(state.span, bytes)?;
        Ok(Self { state, page })
    }

    /// Appends an entry to the open page.
    pub(crate) fn book(&mut self, cause: &str, at: Timestamp, decided: Timestamp, what: &What) -> Result<(), Corrupt> {
        let entry = Draft {
            cause,
            at: at.as_second(),
            decided: decided.as_second(),
            what,
            link: self.state.head.link(),
        };
        self.state.head = self.page.append(&entry, self.state.head)?;
        self.state.span = self.page.span;
        Ok(())
    }

    /// Adds points to the lot of a day; true where the lot is new.
    pub(crate) fn add_to_lot(&mut self, last_day: Day, points: Points) -> Option<bool> {
        match self.state.lots.binary_search_by_key(&last_day, |lot| lot.last_day) {
            Ok(index) => {
                let lot = self.state.lots.get_mut(index)?;
                lot.points = lot.points.add(points).ok()?;
                Some(false)
            }
            Err(index) => {
                self.state.lots.insert(index, Lot { last_day, points });
                Some(true)
            }
        }
    }

    /// Adds points that cannot be spent before a day.
    pub(crate) fn add_pending(&mut self, until: Day, last_day: Day, points: Points) -> Option<()> {
        let waits = |pending: &Pending| (pending.until, pending.last_day);
        match self.state.pending.binary_search_by_key(&(until, last_day), waits) {
            Ok(index) => {
                let pending = self.state.pending.get_mut(index)?;
                pending.points = pending.points.add(points).ok()?;
            }
            Err(index) => self.state.pending.insert(
                index,
                Pending {
                    until,
                    last_day,
                    points,
                },
            ),
        }
        Some(())
    }

    /// Takes pending points away, as far as there are so many; gives those that were.
    pub(crate) fn take_pending(&mut self, until: Day, last_day: Day, wanted: Points) -> Points {
        let mut found = self.state.pending.iter_mut();
        let found = found.find(|pending| (pending.until, pending.last_day) == (until, last_day));
        let Some(pending) = found else {
            return Points::ZERO;
        };
        let taken = wanted.min(pending.points);
        pending.points = pending.points.subtract(taken).unwrap_or_default();
        self.state.pending.retain(|pending| !pending.points.is_zero());
        taken
    }

    /// Adds points to the month they were earned in; a new month drops those before the oldest that a tier counts.
    pub(crate) fn add_to_month(&mut self, month: Month, points: Points, oldest: Month) -> Option<()> {
        let months = &mut self.state.qualifying;
        match months.binary_search_by_key(&month, |(month, _)| *month) {
            Ok(index) => {
                let (_, sum) = months.get_mut(index)?;
                *sum = sum.add(points).ok()?;
            }
            Err(index) => {
                months.insert(index, (month, points));
                months.retain(|(month, _)| *month >= oldest);
            }
        }
        Some(())
    }

    /// Takes points out of the month they were earned in, where it still counts.
    pub(crate) fn take_from_month(&mut self, month: Month, points: Points) -> Option<()> {
        let months = &mut self.state.qualifying;
        if let Ok(index) = months.binary_search_by_key(&month, |(month, _)| *month) {
            let (_, sum) = months.get_mut(index)?;
            *sum = sum.subtract(points).ok()?;
            if sum.is_zero() {
                months.remove(index);
            }
        }
        Some(())
    }

    /// Points earned in the months a tier counts, as seen from a month.
    pub(crate) fn qualifying(&self, from: Month) -> Points {
        Points::sum(
            self.state
                .qualifying
                .iter()
                .filter(|(month, _)| *month >= from)
                .map(|(_, points)| *points),
        )
        .unwrap_or_default()
    }
}
