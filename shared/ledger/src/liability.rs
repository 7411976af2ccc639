//! What a programme owes its members in a wallet: summed over their accounts, and by when it lapses.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use programme::{Points, PointsError, Programme, WalletId};

use crate::account::Account;
use crate::day::{Day, Month};

/// The points of a wallet that members have at an instant, each account as its balance is computed then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Liability {
    /// Members who have any: outstanding, reserved or pending.
    pub members: u64,
    /// What can be spent, or counts: less what is owed, the sum of all balances.
    pub outstanding: Points,
    /// Held by reservations, and in no balance.
    pub reserved: Points,
    /// Earned, and not to be spent yet.
    pub pending: Points,
    /// What members owe whose balance is below nought.
    pub owed: Points,
    /// What is outstanding, by the last day on which it can be spent.
    lapsing: BTreeMap<Day, Points>,
    /// What is pending, by the first.
    unlocking: BTreeMap<Day, Points>,
}

/// When points lapse or unlock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    Month(Month),
    Day(Day),
    Never,
}

/// What becomes of points in a month, or on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coming {
    /// Those whose last day it is, or lies in it.
    pub lapsing: Points,
    /// Pending ones that can be spent from it on.
    pub unlocking: Points,
}

impl Liability {
    /// Adds a member's points. After an error it is no sum of anything.
    pub fn add(
        &mut self,
        account: &Account,
        wallet: WalletId,
        programme: &Programme,
        now: Timestamp,
    ) -> Result<(), PointsError> {
        let then = account.as_of(programme, now);
        let owed = then.owed(wallet);
        let outstanding = then.balance(wallet, programme, now).add(owed)?;
        let reserved = then.wallet(wallet).reserved();
        let pending = Points::sum(then.pending(wallet).iter().map(|pending| pending.points))?;
        for (last_day, points) in then.lapsing(wallet, programme, now) {
            add_to(self.lapsing.entry(last_day).or_default(), points)?;
        }
        for pending in then.pending(wallet) {
            add_to(self.unlocking.entry(pending.until).or_default(), pending.points)?;
        }
        self.members += u64::from([outstanding, reserved, pending].iter().any(|points| !points.is_zero()));
        add_to(&mut self.outstanding, outstanding)?;
        add_to(&mut self.reserved, reserved)?;
        add_to(&mut self.pending, pending)?;
        add_to(&mut self.owed, owed)
    }

    /// Adds what other members have. After an error it is no sum of anything.
    pub fn join(&mut self, other: &Self) -> Result<(), PointsError> {
        self.members += other.members;
        for (day, points) in &other.lapsing {
            add_to(self.lapsing.entry(*day).or_default(), *points)?;
        }
        for (day, points) in &other.unlocking {
            add_to(self.unlocking.entry(*day).or_default(), *points)?;
        }
        add_to(&mut self.outstanding, other.outstanding)?;
        add_to(&mut self.reserved, other.reserved)?;
        add_to(&mut self.pending, other.pending)?;
        add_to(&mut self.owed, other.owed)
    }

    /// What lapses and what unlocks, in the order of time: by [`When::month`] or [`When::day`]. With a last day, what
    /// does so up to and with it.
    pub fn coming(&self, when: fn(Day) -> When, through: Option<Day>) -> Result<BTreeMap<When, Coming>, PointsError> {
        let asked = |day: Day| through.is_none_or(|through| day <= through && day < Day::FOREVER);
        let mut coming = BTreeMap::<When, Coming>::new();
        for (day, points) in self.lapsing.iter().filter(|(day, _)| asked(**day)) {
            add_to(&mut coming.entry(when(*day)).or_default().lapsing, *points)?;
        }
        for (day, points) in self.unlocking.iter().filter(|(day, _)| asked(**day)) {
            add_to(&mut coming.entry(when(*day)).or_default().unlocking, *points)?;
        }
        Ok(coming)
    }
}

impl Coming {
    /// The sum of many.
    pub fn sum<'a>(all: impl IntoIterator<Item = &'a Self>) -> Result<Self, PointsError> {
        let mut sum = Self::default();
        for coming in all {
            add_to(&mut sum.lapsing, coming.lapsing)?;
            add_to(&mut sum.unlocking, coming.unlocking)?;
        }
        Ok(sum)
    }
}

fn add_to(sum: &mut Points, points: Points) -> Result<(), PointsError> {
    *sum = sum.add(points)?;
    Ok(())
}

impl When {
    pub fn month(day: Day) -> Self {
        if day < Day::FOREVER {
            Self::Month(day.month())
        } else {
            Self::Never
        }
    }

    pub fn day(day: Day) -> Self {
        if day < Day::FOREVER {
            Self::Day(day)
        } else {
            Self::Never
        }
    }
}

/// As `1998-07`, `1998-07-31` or `never`.
impl fmt::Display for When {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Month(month) => month.fmt(out),
            Self::Day(day) => day.fmt(out),
            Self::Never => out.pad("never"),
        }
    }
}
