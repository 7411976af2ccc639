//! Tiers: how a member stands, what raises them, and what a review decides. All of it follows from what counted when, so
//! that it can be played again without an order that came back.

use jiff::Timestamp;
use jiff::civil::Date;
use programme::{Basis, Downgrade, Points, Programme, Upgrade, Valid, WalletId, Zone};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::codec::Corrupt;
use crate::day::{Day, Month, MonthDay};
use crate::entry::What;
use crate::moments::{self, Due, Moment};
use crate::rewards::{self, Occasion};
use crate::spend::Times;

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
    pub(crate) fn on_joining(programme: &Programme, who: Who, today: Day) -> Self {
        Self {
            review: next_review(programme, who, today, 0),
            ..Self::default()
        }
    }

    /// The tier that so much reaches now, where that is higher; it is kept from today on.
    pub(crate) fn raised(self, programme: &Programme, who: Who, counted: i64, today: Day) -> Option<Self> {
        if *programme.tiers.upgrade.get_ref() == Upgrade::AtReview {
            return None;
        }
        let reached = tier_for(programme, counted);
        (reached > self.tier).then(|| self.risen(programme, who, today, reached))
    }

    /// A higher tier, kept from today on.
    pub(crate) fn risen(self, programme: &Programme, who: Who, today: Day, tier: u8) -> Self {
        Self {
            tier,
            review: next_review(programme, who, today, tier),
            grace: false,
            lock: self.lock,
        }
    }

    /// What the review of a day makes of it, where so much counts.
    pub(crate) fn reviewed(self, programme: &Programme, who: Who, counted: i64, day: Day) -> Self {
        let rules = &programme.tiers;
        let lock = self.lock.filter(|lock| lock.until > day);
        let reached = tier_for(programme, counted).max(lock.map_or(0, |lock| lock.tier));
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
        let review = match lock.filter(|lock| lock.tier == tier) {
            Some(lock) => (lock.until < Day::FOREVER).then_some(lock.until),
            None => next_review(programme, who, day, tier),
        };
        Self {
            tier,
            review,
            grace: false,
            lock,
        }
    }

    /// A tier given by hand, kept until a day, which reviews it.
    pub(crate) fn given(tier: u8, until: Day) -> Self {
        Self {
            tier,
            review: (until < Day::FOREVER).then_some(until),
            grace: false,
            lock: Some(Lock { tier, until }),
        }
    }
}

/// The highest tier that so much reaches.
pub(crate) fn tier_for(programme: &Programme, counted: i64) -> u8 {
    let levels = programme.tiers.levels.get_ref();
    let reached = levels.iter().take_while(|tier| tier.from.get() <= counted).count();
    u8::try_from(reached.saturating_sub(1)).unwrap_or(u8::MAX)
}

/// The day on which a tier is reviewed that is kept from a day on. The lowest has nothing to lose, and is reviewed only
/// where reviews raise.
fn next_review(programme: &Programme, who: Who, day: Day, tier: u8) -> Option<Day> {
    if tier == 0 && *programme.tiers.upgrade.get_ref() == Upgrade::AtOnce {
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
    Some(match programme.tiers.valid.get_ref() {
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
                let leap = || programme.birthday.leap_day.in_year(year);
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
    pub(crate) fn counted(&self, programme: &Programme, day: Day) -> i64 {
        match programme.tiers.basis {
            Basis::Points | Basis::Spend | Basis::Visits => {
                self.in_window(programme, day.month().minus(programme.tiers.window_months))
            }
            Basis::Balance => {
                let wallet = programme.qualifying_wallet();
                let owed = self.wallet(wallet).owed.get();
                self.spendable(wallet, day).get().saturating_sub(owed)
            }
            Basis::Segment => self.tier_by_segment(programme),
        }
    }

    /// What counts in the months from one on.
    fn in_window(&self, programme: &Programme, from: Month) -> i64 {
        let months = self.state.qualifying.iter().filter(|(month, _)| *month >= from);
        let sum = months.fold(0_i64, |sum, (_, counted)| sum.saturating_add(*counted));
        in_units(programme, sum)
    }
}

/// What the months of an account add up to, in the unit that tiers are told in: money is kept in minor units.
pub(crate) fn in_units(programme: &Programme, sum: i64) -> i64 {
    match programme.tiers.basis {
        Basis::Points | Basis::Visits | Basis::Balance | Basis::Segment => sum,
        Basis::Spend => sum / 10_i64.pow(programme.tiers.currency.map_or(0, programme::Currency::exponent)),
    }
}

/// What a purchase counts for a tier: its points, what was paid in the currency that counts, or one.
pub(crate) fn counts_for(programme: &Programme, points: i64, minor: i64, currency: programme::Currency) -> i64 {
    match programme.tiers.basis {
        Basis::Points => points,
        Basis::Spend if programme.tiers.currency == Some(currency) => minor,
        Basis::Visits => 1,
        Basis::Spend | Basis::Balance | Basis::Segment => 0,
    }
}

/// A tier is reached on what counts in the window as it stands today.
pub(crate) fn upgrade(
    programme: &Programme,
    account: &mut Account,
    (cause, times): (&str, Times),
    today: Day,
) -> Result<(), Corrupt> {
    let counted = account.counted(programme, today);
    let before = account.state.standing;
    let Some(raised) = before.raised(programme, account.who(), counted, today) else {
        return Ok(());
    };
    let what = What::TierChanged {
        from: before.tier,
        to: raised.tier,
        qualifying: counted,
    };
    account.book(WalletId::MAIN, cause, times, &what)?;
    account.state.standing = raised;
    expect_review(programme, account, times.decided);
    let occasion = Occasion::Tier(before.tier, raised.tier);
    rewards::give(programme, account, occasion, (cause, times), today)
}

/// Raises a tier that follows the balance or the segments, after whatever may have changed them.
pub(crate) fn follow(
    programme: &Programme,
    account: &mut Account,
    cause: (&str, Times),
    today: Day,
) -> Result<(), Corrupt> {
    if programme.tiers.basis.has_window() {
        return Ok(());
    }
    upgrade(programme, account, cause, today)
}

/// What a review will find, as things stand, and what counts then.
fn outcome(programme: &Programme, account: &Account, day: Day) -> (Standing, i64) {
    let counted = account.counted(programme, day);
    let standing = account.state.standing;
    (standing.reviewed(programme, account.who(), counted, day), counted)
}

/// Reviews the tier; gives what its entry says.
pub(crate) fn review(programme: &Programme, account: &mut Account, day: Day) -> What {
    let before = account.state.standing;
    let (after, counted) = outcome(programme, account, day);
    account.state.standing = after;
    let (tier, qualifying) = (after.tier, counted);
    match after.review {
        Some(until) if after.grace => What::TierGrace {
            tier,
            qualifying,
            until,
        },
        _ if tier == before.tier => What::TierKept { tier, qualifying },
        _ => What::TierChanged {
            from: before.tier,
            to: tier,
            qualifying,
        },
    }
}

/// A tier that its review will take, as things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtRisk {
    /// The day of the review.
    pub review: Day,
    /// The tier the member will fall to.
    pub to: u8,
    /// What would keep the tier, if it is added before, in the unit the tiers are told in.
    pub missing: i64,
}

/// Whether a member will lose their tier at its review, as things stand. A grace that the review gives first is left
/// aside: it is the time in which to mend it.
pub fn at_risk(programme: &Programme, account: &Account) -> Option<AtRisk> {
    // Nobody earns a segment.
    if programme.tiers.basis == Basis::Segment {
        return None;
    }
    let review = account.state.standing.review?;
    let now = account.state.standing.tier;
    let (after, counted) = outcome(programme, account, review);
    let tier = programme.tier(now)?;
    let missing = tier.from.get().saturating_sub(counted);
    (after.tier < now).then_some(AtRisk {
        review,
        to: after.tier,
        missing,
    })
}

/// How far a member is from the next tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What counts today, in the unit the tiers are told in.
    pub qualifying: i64,
    /// The next tier and what is still missing; none in the highest.
    pub next: Option<(u8, i64)>,
    /// The tier in which the next review will find the member, as things stand; theirs where there is none.
    pub projected: u8,
}

/// How far a member is from the next tier at an instant.
pub fn progress(programme: &Programme, account: &Account, now: Timestamp) -> Progress {
    let today = Day::at(now, programme.zone.rules());
    let counted = account.counted(programme, today);
    let standing = account.state.standing;
    let above = standing.tier.saturating_add(1);
    let next = programme.tiers.levels.get_ref().get(usize::from(above));
    let missing = |from: Points| from.get().saturating_sub(counted).max(0);
    Progress {
        qualifying: counted,
        next: next
            .filter(|_| programme.tiers.basis != Basis::Segment)
            .map(|tier| (above, missing(tier.from))),
        projected: standing
            .review
            .map_or(standing.tier, |day| outcome(programme, account, day).0.tier),
    }
}

/// The notices before a review that are still to come.
pub(crate) fn notices<'a>(
    programme: &'a Programme,
    account: &'a Account,
    zone: &'a Zone,
    review: Day,
) -> impl Iterator<Item = Due> + use<'a> {
    let days = programme.tiers.notify_days_before.get_ref().iter();
    let due = days.map(move |&days| Due {
        at: review
            .plus(-i32::from(days))
            .time(programme.tiers.notify_at.time(), zone.rules()),
        moment: Moment::TierNotice { day: review, days },
    });
    due.filter(|due| moments::to_come(account, due.at))
}

/// Sets the alarm for a review that is new, or for its first notice, where that comes before all else.
pub(crate) fn expect_review(programme: &Programme, account: &mut Account, received: Timestamp) {
    let Some(review) = account.state.standing.review else {
        return;
    };
    moments::pass(account, received);
    let zone = account.zone(programme);
    let at = notices(programme, account, &zone, review).map(|due| due.at);
    let first = at.fold(review.start(programme.zone.rules()), Timestamp::min);
    account.state.alarm = account.state.alarm.min(first.as_second());
}
