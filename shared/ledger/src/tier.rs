//! Tiers: how a member stands, what raises them, and what a review decides. All of it follows from what counted when, so
//! that it can be played again without an order that came back.

use jiff::Timestamp;
use jiff::civil::Date;
use programme::{Basis, Downgrade, Points, Programme, TierSetId, Tiers, Upgrade, Valid, WalletId, Zone};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::codec::{self, Corrupt};
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

/// The tiers of one set, and the programme they are of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Set<'a> {
    pub(crate) programme: &'a Programme,
    pub(crate) rules: &'a Tiers,
}

impl Set<'_> {
    pub(crate) fn id(self) -> TierSetId {
        self.rules.number
    }

    /// The wallet whose points count.
    pub(crate) fn wallet(self) -> WalletId {
        self.programme.qualifying_wallet(self.rules)
    }
}

/// All sets of a programme.
pub(crate) fn sets(programme: &Programme) -> impl Iterator<Item = Set<'_>> {
    programme.tier_sets().map(move |rules| Set { programme, rules })
}

/// One set, if the programme has it still.
pub(crate) fn set(programme: &Programme, id: TierSetId) -> Option<Set<'_>> {
    programme.tier_set(id).map(|rules| Set { programme, rules })
}

/// A member in a set of tiers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InSet {
    pub(crate) standing: Standing,
    /// What counts by month, oldest first, as far back as it does: points, minor units of money, or purchases.
    #[serde(deserialize_with = "codec::list")]
    pub(crate) months: Vec<(Month, i64)>,
}

impl InSet {
    pub(crate) const NEW: Self = Self {
        standing: Standing {
            tier: 0,
            review: None,
            grace: false,
            lock: None,
        },
        months: Vec::new(),
    };

    /// Adds what counts for a tier to its month; a new month drops those before the oldest that a tier counts.
    pub(crate) fn add_to_month(&mut self, month: Month, counted: i64, oldest: Month) -> Option<()> {
        let months = &mut self.months;
        match months.binary_search_by_key(&month, |(month, _)| *month) {
            Ok(index) => {
                let (_, sum) = months.get_mut(index)?;
                *sum = sum.checked_add(counted)?;
            }
            Err(index) => {
                months.insert(index, (month, counted));
                months.retain(|(month, _)| *month >= oldest);
            }
        }
        Some(())
    }

    /// Takes what counts no more out of its month, where that still counts.
    pub(crate) fn take_from_month(&mut self, month: Month, counted: i64) {
        let months = &mut self.months;
        if let Ok(index) = months.binary_search_by_key(&month, |(month, _)| *month)
            && let Some((_, sum)) = months.get_mut(index)
        {
            *sum = sum.saturating_sub(counted);
            if *sum <= 0 {
                months.remove(index);
            }
        }
    }
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
        let review = match lock.filter(|lock| lock.tier == tier) {
            Some(lock) => (lock.until < Day::FOREVER).then_some(lock.until),
            None => next_review(set, who, day, tier),
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

/// A member is in the lowest tier of each set that they were in none of: of all on joining, and later of those that the
/// programme has added.
pub(crate) fn enter_new_sets(programme: &Programme, account: &mut Account, today: Day, received: Timestamp) {
    for set in sets(programme) {
        enter(set, account, today, received);
    }
}

/// A member is in the lowest tier of a set, if they were in none of it.
pub(crate) fn enter(set: Set<'_>, account: &mut Account, today: Day, received: Timestamp) {
    if account.state.tiers.len() <= usize::from(set.id().number()) {
        let who = account.who();
        account.in_set_mut(set.id()).standing = Standing::on_joining(set, who, today);
        expect_review(set, account, received);
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
    account.book(WalletId::MAIN, cause, times, &what)?;
    account.in_set_mut(set.id()).standing = raised;
    expect_review(set, account, times.decided);
    let occasion = Occasion::Tier(set.id(), before.tier, raised.tier);
    rewards::give(set.programme, account, occasion, (cause, times), today)
}

/// Raises the tiers that follow the balance or the segments, after whatever may have changed them.
pub(crate) fn follow(
    programme: &Programme,
    account: &mut Account,
    cause: (&str, Times),
    today: Day,
) -> Result<(), Corrupt> {
    for set in sets(programme).filter(|set| !set.rules.basis.has_window()) {
        upgrade(set, account, cause, today)?;
    }
    Ok(())
}

/// What a review will find, as things stand, and what counts then.
fn outcome(set: Set<'_>, account: &Account, day: Day) -> (Standing, i64) {
    let counted = account.counted(set, day);
    let standing = account.standing(set.id());
    (standing.reviewed(set, account.who(), counted, day), counted)
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
pub fn at_risk(programme: &Programme, account: &Account, id: TierSetId) -> Option<AtRisk> {
    let set = self::set(programme, id)?;
    // Nobody earns a segment.
    if set.rules.basis == Basis::Segment {
        return None;
    }
    let Standing { review, tier: now, .. } = account.standing(id);
    let review = review?;
    let (after, counted) = outcome(set, account, review);
    let tier = set.rules.levels.get_ref().get(usize::from(now))?;
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

/// How far a member is from the next tier of a set at an instant; none where the programme has no such set.
pub fn progress(programme: &Programme, account: &Account, id: TierSetId, now: Timestamp) -> Option<Progress> {
    let set = self::set(programme, id)?;
    let today = Day::at(now, programme.zone.rules());
    let counted = account.counted(set, today);
    let standing = account.standing(id);
    let above = standing.tier.saturating_add(1);
    let next = set.rules.levels.get_ref().get(usize::from(above));
    let missing = |from: Points| from.get().saturating_sub(counted).max(0);
    Some(Progress {
        qualifying: counted,
        next: next
            .filter(|_| set.rules.basis != Basis::Segment)
            .map(|tier| (above, missing(tier.from))),
        projected: standing
            .review
            .map_or(standing.tier, |day| outcome(set, account, day).0.tier),
    })
}

/// The notices before a review that are still to come.
pub(crate) fn notices<'a>(
    set: Set<'a>,
    account: &'a Account,
    zone: &'a Zone,
    review: Day,
) -> impl Iterator<Item = Due> + use<'a> {
    let days = set.rules.notify_days_before.get_ref().iter();
    let due = days.map(move |&days| Due {
        at: review
            .plus(-i32::from(days))
            .time(set.rules.notify_at.time(), zone.rules()),
        moment: Moment::TierNotice {
            set: set.id(),
            day: review,
            days,
        },
    });
    due.filter(|due| moments::to_come(account, due.at))
}

/// Sets the alarm for a review that is new, or for its first notice, where that comes before all else.
pub(crate) fn expect_review(set: Set<'_>, account: &mut Account, received: Timestamp) {
    let Some(review) = account.standing(set.id()).review else {
        return;
    };
    moments::pass(account, received);
    let zone = account.zone(set.programme);
    let at = notices(set, account, &zone, review).map(|due| due.at);
    let first = at.fold(review.start(set.programme.zone.rules()), Timestamp::min);
    account.state.alarm = account.state.alarm.min(first.as_second());
}
