//! What a member has in a wallet.

use compact_str::CompactString;
use programme::Points;
use serde::{Deserialize, Serialize};

use crate::codec;
use crate::day::Day;
use crate::limits::Counter;

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

/// Points that are held for a checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// The activity that reserved them.
    pub id: CompactString,
    /// The day they were reserved on, which a limit on spending counts.
    pub(crate) since: Day,
    /// The second from which they are held no longer.
    pub until: i64,
    /// The lots they came from, and the entry that drew them.
    pub lots: Vec<(Day, Points)>,
    pub(crate) drawn_at: u64,
    /// The purchase that is to be paid with them.
    pub(crate) order: Option<CompactString>,
}

/// Points that returns could not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Waived {
    pub(crate) points: Points,
    /// The entry that waived last.
    pub(crate) at: u64,
}

/// All that ever happened to a member's points of a wallet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub earned: Points,
    /// Less what came back with orders they had been spent on.
    pub spent: Points,
    pub expired: Points,
    /// Taken back with orders that came back.
    pub returned: Points,
    /// What came from other members and wallets, less what went to them.
    pub received: Points,
}

impl Totals {
    pub(crate) const NONE: Self = Self {
        earned: Points::ZERO,
        spent: Points::ZERO,
        expired: Points::ZERO,
        returned: Points::ZERO,
        received: Points::ZERO,
    };
}

/// The points of one wallet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wallet {
    /// By last day, each day once.
    #[serde(deserialize_with = "codec::list")]
    pub(crate) lots: Vec<Lot>,
    /// By first and last day, each pair once.
    pub(crate) pending: Vec<Pending>,
    /// The latest day whose waits were ended: by a clock that may run ahead of the next one.
    pub(crate) unlocked: Option<Day>,
    /// In the order in which they were reserved.
    pub(crate) reserved: Vec<Reservation>,
    /// Points taken back that the member no longer had: what comes in pays them first, so there is nothing to spend.
    pub(crate) owed: Points,
    /// Points that returns could not take, since they were spent or held then. What was drawn before the entry that waived
    /// last pays them, if it comes back.
    pub(crate) waived: Option<Waived>,
    pub(crate) counters: Vec<Counter>,
    pub(crate) totals: Totals,
}

impl Wallet {
    /// A wallet that nothing was ever in.
    pub(crate) const EMPTY: Self = Self {
        lots: Vec::new(),
        pending: Vec::new(),
        unlocked: None,
        reserved: Vec::new(),
        owed: Points::ZERO,
        waived: None,
        counters: Vec::new(),
        totals: Totals::NONE,
    };

    /// Whether it is what a decision may leave behind.
    pub(crate) fn is_sound(&self) -> bool {
        let waits = |pending: &Pending| (pending.until, pending.last_day);
        let points = self.lots.iter().map(|lot| lot.points);
        let points = points.chain(self.pending.iter().map(|pending| pending.points));
        let points = points.chain(self.held());
        self.lots.is_sorted_by(|a, b| a.last_day < b.last_day)
            && self.pending.is_sorted_by(|a, b| waits(a) < waits(b))
            && points.chain([self.owed, self.waived()]).all(|points| points.get() >= 0)
    }

    /// The points that are held, lot by lot.
    fn held(&self) -> impl Iterator<Item = Points> {
        let lots = self.reserved.iter().flat_map(|reservation| &reservation.lots);
        lots.map(|(_, points)| *points)
    }

    /// The points that returns waived and that nothing has paid since.
    pub(crate) fn waived(&self) -> Points {
        self.waived.map_or(Points::ZERO, |waived| waived.points)
    }

    /// All points that are held.
    pub(crate) fn reserved(&self) -> Points {
        Points::sum(self.held()).unwrap_or_default()
    }

    /// The lots whose last day is a day, in order of it, and those of the member's activity.
    pub(crate) fn dated_and_active(&self) -> (&[Lot], &[Lot]) {
        let dated = self.lots.partition_point(|lot| lot.last_day.stretch().is_none());
        self.lots.split_at(dated)
    }

    /// Whether there is a lot of a day.
    pub(crate) fn has_lot(&self, last_day: Day) -> bool {
        self.lots.iter().any(|lot| lot.last_day == last_day)
    }

    /// Adds points to the lot of a day; true where the lot is new.
    pub(crate) fn add_to_lot(&mut self, last_day: Day, points: Points) -> Option<bool> {
        match self.lots.binary_search_by_key(&last_day, |lot| lot.last_day) {
            Ok(index) => {
                let lot = self.lots.get_mut(index)?;
                lot.points = lot.points.add(points).ok()?;
                Some(false)
            }
            Err(index) => {
                self.lots.insert(index, Lot { last_day, points });
                Some(true)
            }
        }
    }

    /// Takes points out of lots they were drawn from; one that is empty goes.
    pub(crate) fn take(&mut self, lots: &[(Day, Points)]) {
        for (last_day, take) in lots {
            if let Some(lot) = self.lots.iter_mut().find(|lot| lot.last_day == *last_day) {
                lot.points = lot.points.subtract(*take).unwrap_or_default();
            }
        }
        self.lots.retain(|lot| !lot.points.is_zero());
    }

    /// Adds points that cannot be spent before a day.
    pub(crate) fn add_pending(&mut self, until: Day, last_day: Day, points: Points) -> Option<()> {
        let waits = |pending: &Pending| (pending.until, pending.last_day);
        match self.pending.binary_search_by_key(&(until, last_day), waits) {
            Ok(index) => {
                let pending = self.pending.get_mut(index)?;
                pending.points = pending.points.add(points).ok()?;
            }
            Err(index) => self.pending.insert(
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
        let mut found = self.pending.iter_mut();
        let found = found.find(|pending| (pending.until, pending.last_day) == (until, last_day));
        let Some(pending) = found else {
            return Points::ZERO;
        };
        let taken = wanted.min(pending.points);
        pending.points = pending.points.subtract(taken).unwrap_or_default();
        self.pending.retain(|pending| !pending.points.is_zero());
        taken
    }

    /// Points added by hand less those taken by hand: what the wallet holds besides what was earned and is not gone. Not
    /// stored, since it follows.
    pub(crate) fn adjusted(&self) -> Points {
        let totals = self.totals;
        let lots = self.lots.iter().map(|lot| lot.points);
        let pending = self.pending.iter().map(|pending| pending.points);
        let gone = [totals.spent, totals.expired, totals.returned];
        let all = Points::sum(lots.chain(pending).chain(self.held()).chain(gone));
        let all = all.and_then(|all| all.subtract(self.owed));
        let all = all.and_then(|all| all.subtract(totals.earned));
        all.and_then(|all| all.subtract(totals.received)).unwrap_or_default()
    }
}
