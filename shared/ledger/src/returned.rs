//! What the entry of a return says.

use compact_str::CompactString;
use programme::Points;
use serde::{Deserialize, Serialize};

use crate::day::Day;
use crate::entry::total;
use crate::ids::Label;

/// A purchase came back, whole or in part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// The purchase's activity.
    pub order: CompactString,
    /// The lot that its points were earned into, where it earned any in this wallet.
    pub last_day: Option<Day>,
    /// What was paid and comes back, in minor units of the purchase's currency.
    pub minor: i64,
    /// The lines that came back, and how many of each.
    pub lines: Vec<(Label, u32)>,
    /// Points that had been spent on it are in their lots again; those of `gone` had lapsed meanwhile.
    pub restored: Vec<(Day, Points)>,
    pub gone: Vec<(Day, Points)>,
    /// Points were taken back: before they could be spent,
    pub pending: Points,
    /// out of these lots,
    pub lots: Vec<(Day, Points)>,
    /// by lapsing before they could be,
    pub lapsed: Points,
    /// as points owed,
    pub owed: Points,
    /// or not at all.
    pub waived: Points,
}

impl Returned {
    /// The points of the order that no longer count, whatever became of them.
    pub fn taken(&self) -> i64 {
        self.moved() + self.pending.get() + self.lapsed.get() + self.waived.get()
    }

    /// The points that the member could have spent and lost by it.
    pub fn moved(&self) -> i64 {
        total(&self.lots) + self.owed.get()
    }

    /// The points spent on the order that came back.
    pub fn back(&self) -> i64 {
        total(&self.restored) + total(&self.gone)
    }

    /// How it changed the balance.
    pub fn change(&self) -> i64 {
        total(&self.restored) - self.moved()
    }
}
