//! Tiers: how a member stands, what raises them, and what a review decides. All of it follows from what counted when, so
//! that it can be played again without an order that came back.

use jiff::civil::Date;
use programme::{Basis, Downgrade, Programme, Upgrade, Valid, WalletId};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::codec::Corrupt;
use crate::day::{Day, Month, MonthDay};
use crate::entry::What;
use crate::given::{self, Occasion};
use crate::spend::Times;
use crate::tier_ahead::{expect_review, outcome};
use crate::tier_set::{self, Set};

/// How a member stands. Tiers are counted from the lowest, 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Standing {
    pub(crate) tier: u8,
    /// The day of the next review.
    pub(crate) review: Option<Day>,
    /// The last review found the tier lost and let it be, until the next.
    pub(crate) grace: bool,
    /// A tier that was given by hand.
    pub(crate) lock: Option<Lock>,
}

/// A member does not fall below a tier before a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lock {
    pub(crate) tier: u8,
    pub(crate) until: Day,
}

/// What of a member decides on the days of reviews.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Who {
    pub(crate) joined: Day,
    pub(crate) birthday: Option<MonthDay>,
}

impl Standing {
    /// How a member stands who joins today.
    pub(crate) fn on_joining(set: Set<'_>, who: Who, today: Day) -> Self {
        Self {
            review: next_review(set, who, today, 0),
            ..Self::default()
        }
    }

    /// The tier that so much reaches now, where that is higher; it is kept from today on.
    pub(crate) fn raised(self, set: Set<'_>, who: Who, counted: i64, today: Day) -> Option<Self> {
        if *set.rules.upgrade.get_ref() == Upgrade::AtReview {
            return None;
        }
        let reached = tier_for(set, counted);
        (reached > self.tier).then(|| self.risen(set, who, today, reached))
    }

    /// A higher tier, kept from today on.
    pub(crate) fn risen(self, set: Set<'_>, who: Who, today: Day, tier: u8) -> Self {
        Self {
            tier,
            review: next_review(set, who, today, tier),
            grace: false,
            lock: self.lock,
        }
    }

    /// What the review of a day makes of it, where so much counts.
    pub(crate) fn reviewed(self, set: Set<'_>, who: Who, counted: i64, day: Day) -> Self {
        let rules = set.rules;
        let lock = self.lock.filter(|lock| lock.until > day);
        let reached = tier_for(set, counted).max(lock.map_or(0, |lock| lock.tier));
        let tier = match (reached < self.tier, rules.downgrade) {
            (true, Downgrade::ReEvaluate) => reached,
            (true, Downgrade::OneStep) => reached.max(self.tier.saturating_sub(1)),
            (true, Downgrade::Never) => self.tier,
            (false, _) => match rules.upgrade.get_ref() {
                Upgrade::AtReview => reached,
                Upgrade::AtOnce => self.tier,
            },
        };
        if let Some(grace) = rules.grace.filter(|_| tier < self.tier && !self.grace) {
            let last = day.plus(i32::from(grace.days.get()));
            let last = grace
                .to_end_of
                .map_or(last, |period| last.month().last_day_after(0, period.months()));
            return Self {
                review: Some(last.plus(1)),
                grace: true,
                lock,
                ..self
            };
        }
        let next = next_review(set, who, day, tier);
        let review = match (lock.filter(|lock| lock.tier == tier), rules.upgrade.get_ref()) {
            (Some(lock), Upgrade::AtOnce) => (lock.until < Day::FOREVER).then_some(lock.until),
            (Some(lock), Upgrade::AtReview) => next.map(|next| next.min(lock.until)),
            (None, _) => next,
        };
        Self {
            tier,
            review,
            grace: false,
            lock,
        }
    }

    /// A tier given by hand today and kept until a day, which reviews it. Nobody is worse off for it: a tier that the
    /// member had stays as long as it would have, and where reviews raise, they are held.
    pub(crate) fn given(self, set: Set<'_>, who: Who, today: Day, (tier, until): (u8, Day)) -> Self {
        let review = match set.rules.upgrade.get_ref() {
            Upgrade::AtReview => next_review(set, who, today, tier).map_or(until, |next| next.min(until)),
            Upgrade::AtOnce if tier == self.tier => self.review.map_or(until, |own| own.max(until)),
            Upgrade::AtOnce => until,
        };
        Self {
            tier,
            review: (review < Day::FOREVER).then_some(review),
            grace: false,
            lock: Some(Lock { tier, until }),
        }
    }
}

/// The highest tier that so much reaches.
pub(crate) fn tier_for(set: Set<'_>, counted: i64) -> u8 {
    let levels = set.rules.levels.get_ref();
    let reached = levels.iter().take_while(|tier| tier.from.get() <= counted).count();
    u8::try_from(reached.saturating_sub(1)).unwrap_or(u8::MAX)
}

/// The day on which a tier is reviewed that is kept from a day on. The lowest has nothing to lose, and is reviewed only
/// where reviews raise.
fn next_review(set: Set<'_>, who: Who, day: Day, tier: u8) -> Option<Day> {
    if tier == 0 && *set.rules.upgrade.get_ref() == Upgrade::AtOnce {
        return None;
    }
    let anniversary = |months: u8| {
        let months = i32::from(months.max(1));
        let (joined, now) = (who.joined.month(), day.month());
        let passed = joined.until(now).div_euclid(months).max(0);
        let of = |turn: i32| who.joined.plus_many_months(turn.saturating_mul(months));
        (passed..passed + 2)
            .map(of)
            .find(|next| *next > day)
            .unwrap_or(day.plus(1))
    };
    Some(match set.rules.valid.get_ref() {
        Valid::Months {
            months,
            to_end_of: None,
        } => day.plus_months(*months),
        Valid::Months {
            months,
            to_end_of: Some(period),
        } => day.month().last_day_after(*months, period.months()).plus(1),
        Valid::SinceJoined { months } => anniversary(*months),
        Valid::ToBirthday => match who.birthday {
            Some(birthday) => next_of(day, |year| {
                let leap = || set.programme.birthday.leap_day.in_year(year);
                birthday.in_year(year).or_else(leap).into_iter().map(Day::of).min()
            }),
            None => anniversary(12),
        },
        Valid::On(days) => next_of(day, |year| {
            let days = days.iter().filter_map(|day| Date::new(year, day.month, day.day).ok());
            days.map(Day::of).find(|next| *next > day)
        }),
        Valid::Rolling => day.month().last_day_after(0, 1).plus(1),
    })
}

/// The next day that is found in a year, in this one or the next.
fn next_of(day: Day, in_year: impl Fn(i16) -> Option<Day>) -> Day {
    let year = day.date().year();
    let found = (year..=year.saturating_add(1)).filter_map(in_year);
    found.into_iter().find(|next| *next > day).unwrap_or(day.plus(1))
}

impl Account {
    pub(crate) fn who(&self) -> Who {
        Who {
            joined: self.state.joined,
            birthday: self.state.birthday,
        }
    }

    /// What counts on a day: in its window, or as things stand.
    pub(crate) fn counted(&self, set: Set<'_>, day: Day) -> i64 {
        match set.rules.basis {
            Basis::Points | Basis::Spend | Basis::Visits => {
                self.in_window(set, day.month().minus(set.rules.window_months))
            }
            Basis::Balance => {
                let wallet = set.wallet();
                let owed = self.wallet(wallet).owed.get();
                self.spendable(wallet, day).get().saturating_sub(owed)
            }
            Basis::Segment => self.tier_by_segment(set),
        }
    }

    /// What counts in the months from one on.
    fn in_window(&self, set: Set<'_>, from: Month) -> i64 {
        let months = self.in_set(set.id()).months.iter().filter(|(month, _)| *month >= from);
        let sum = months.fold(0_i64, |sum, (_, counted)| sum.saturating_add(*counted));
        in_units(set, sum)
    }
}

/// What the months of an account add up to, in the unit that tiers are told in: money is kept in minor units.
pub(crate) fn in_units(set: Set<'_>, sum: i64) -> i64 {
    match set.rules.basis {
        Basis::Points | Basis::Visits | Basis::Balance | Basis::Segment => sum,
        Basis::Spend => sum / 10_i64.pow(set.rules.currency.map_or(0, programme::Currency::exponent)),
    }
}

/// What a purchase counts for a tier: its points, what was paid in the currency that counts, or one.
pub(crate) fn counts_for(set: Set<'_>, points: i64, minor: i64, currency: programme::Currency) -> i64 {
    match set.rules.basis {
        Basis::Points => points,
        Basis::Spend if set.rules.currency == Some(currency) => minor,
        Basis::Visits => 1,
        Basis::Spend | Basis::Balance | Basis::Segment => 0,
    }
}

/// A tier is reached on what counts in the window as it stands today.
pub(crate) fn upgrade(
    set: Set<'_>,
    account: &mut Account,
    (cause, times): (&str, Times),
    today: Day,
) -> Result<(), Corrupt> {
    let counted = account.counted(set, today);
    let before = account.standing(set.id());
    let Some(raised) = before.raised(set, account.who(), counted, today) else {
        return Ok(());
    };
    let what = What::TierChanged {
        set: set.id(),
        from: before.tier,
        to: raised.tier,
        qualifying: counted,
    };
    account.book(WalletId::MAIN, cause, times, what)?;
    account.in_set_mut(set.id()).standing = raised;
    expect_review(set, account, times.decided);
    let occasion = Occasion::Tier(set.id(), before.tier, raised.tier);
    given::give(set.programme, account, occasion, (cause, times), today)?;
    Ok(())
}

/// Raises the tiers that follow the balance or the segments, after whatever may have changed them.
pub(crate) fn follow(
    programme: &Programme,
    account: &mut Account,
    cause: (&str, Times),
    today: Day,
) -> Result<(), Corrupt> {
    for set in tier_set::sets(programme).filter(|set| !set.rules.basis.has_window()) {
        upgrade(set, account, cause, today)?;
    }
    Ok(())
}

/// Reviews the tier; gives what its entry says.
pub(crate) fn review(set: Set<'_>, account: &mut Account, day: Day) -> What {
    let id = set.id();
    let before = account.standing(id);
    let (after, counted) = outcome(set, account, day);
    account.in_set_mut(id).standing = after;
    let (tier, qualifying) = (after.tier, counted);
    match after.review {
        Some(until) if after.grace => What::TierGrace {
            set: id,
            tier,
            qualifying,
            until,
        },
        _ if tier == before.tier => What::TierKept {
            set: id,
            tier,
            qualifying,
        },
        _ => What::TierChanged {
            set: id,
            from: before.tier,
            to: tier,
            qualifying,
        },
    }
}
