//! What an activity does to an account.

use std::cmp::Ordering;

use jiff::Timestamp;
use programme::{Amount, Points, Programme, Zone};

use crate::account::{Account, Mark, State, Totals};
use crate::codec::Corrupt;
use crate::day::{Day, Month, MonthDay};
use crate::entry::{Head, What};
use crate::ids::{ActivityId, Label};
use crate::moments;
use crate::page::Page;

/// Something a member did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    pub id: ActivityId,
    /// When it happened: dates lots and windows.
    pub at: Timestamp,
    /// When it arrived: dates the decision.
    pub received: Timestamp,
    pub fact: Fact,
}

/// What an activity says that concerns the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    SignUp {
        zone: Zone,
        birthday: Option<MonthDay>,
    },
    Purchase {
        amount: Amount,
    },
    Redeem {
        points: Points,
    },
    /// Somebody of the shop adds points by hand, or takes them (below nought). They count for no tier.
    Adjust {
        points: Points,
        reason: Label,
        actor: Label,
    },
}

/// Why an activity did nothing. The account is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("nobody has signed up under this member id; send the sign-up first, then redrive this")]
    UnknownMember,
    #[error("the member has signed up already")]
    KnownMember,
    #[error("no earn rule is for {0}; add an [[earn]] to the programme, then redrive this")]
    Currency(&'static str),
    #[error("{wanted} points cannot be spent of {balance}")]
    NotEnough { wanted: Points, balance: Points },
    #[error("{0} points cannot be spent; spend one or more")]
    Nothing(Points),
    #[error("an adjustment of no points changes nothing; add some, or take some with a number below nought")]
    NoAdjustment,
    #[error("it happened at {at}, more than a day after it arrived at {received}")]
    Future { at: Timestamp, received: Timestamp },
    #[error("the points do not fit the account")]
    Overflow,
    #[error("the account's ledger is damaged: {0}")]
    Corrupt(#[from] Corrupt),
}

impl Refusal {
    /// A stable name for programs; the text is for people.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownMember => UNKNOWN_MEMBER,
            Self::KnownMember => "known-member",
            Self::Currency(_) => "currency",
            Self::NotEnough { .. } => "not-enough",
            Self::Nothing(_) => "nothing",
            Self::NoAdjustment => "no-adjustment",
            Self::Future { .. } => "future",
            Self::Overflow => "overflow",
            Self::Corrupt(_) => "corrupt",
        }
    }
}

/// The code of [`Refusal::UnknownMember`], the one refusal that a later sign-up mends.
pub const UNKNOWN_MEMBER: &str = "unknown-member";

/// The most that may ever be earned, and the most that may be added by hand.
const MOST: Points = Points::new(i64::MAX / 2);

/// A clock may run ahead of ours by so much, and a sign-up arrive so late and still be wished a happy birthday.
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Applies an activity to a member's account: its entries are on the open page afterwards. Each decision checks before it
/// changes anything, so a refusal leaves the account as it was.
pub fn apply(programme: &Programme, account: &mut Option<Account>, activity: &Activity) -> Result<(), Refusal> {
    let (at, received) = (activity.at, activity.received);
    if at.as_second() > received.as_second().saturating_add(DAY_SECONDS) {
        return Err(Refusal::Future { at, received });
    }
    match (&activity.fact, account) {
        (Fact::SignUp { zone, birthday }, none @ None) => {
            *none = Some(join(programme, activity, zone, *birthday)?);
            Ok(())
        }
        (Fact::SignUp { .. }, Some(_)) => Err(Refusal::KnownMember),
        (_, None) => Err(Refusal::UnknownMember),
        (Fact::Purchase { amount }, Some(account)) => earn(programme, account, activity, *amount),
        (Fact::Redeem { points }, Some(account)) => redeem(programme, account, activity, *points),
        (Fact::Adjust { points, reason, actor }, Some(account)) => {
            adjust(programme, account, activity, *points, (reason, actor))
        }
    }
}

fn join(
    programme: &Programme,
    activity: &Activity,
    zone: &Zone,
    birthday: Option<MonthDay>,
) -> Result<Account, Refusal> {
    let state = State {
        zone: zone.name().into(),
        birthday,
        joined: Day::at(activity.at, zone.rules()),
        lots: Vec::new(),
        qualifying: Vec::new(),
        tier: 0,
        review: None,
        totals: Totals::default(),
        // A member of many years who is signed up today has no anniversaries to catch up on.
        woken_until: activity.at.as_second().max(activity.received.as_second() - DAY_SECONDS),
        alarm: i64::MAX,
        mark: Mark::default(),
        head: Head::default(),
        span: crate::page::Span::default(),
    };
    let mut account = Account {
        state,
        page: Page::default(),
    };
    account.book(activity.id.as_str(), activity.at, activity.received, &What::Joined)?;
    moments::set_alarm(programme, &mut account, activity.received);
    Ok(account)
}

fn earn(programme: &Programme, account: &mut Account, activity: &Activity, amount: Amount) -> Result<(), Refusal> {
    let rule = programme
        .earn(amount.currency())
        .ok_or(Refusal::Currency(amount.currency().code()))?;
    let tier = programme.tier(account.state.tier).ok_or(Refusal::Overflow)?;
    let points = rule
        .points_per_unit
        .points(amount, tier.multiplier)
        .ok_or(Refusal::Overflow)?;
    let earned = account.state.totals.earned.add(points).map_err(|_| Refusal::Overflow)?;
    if earned > MOST {
        return Err(Refusal::Overflow);
    }

    let day = Day::at(activity.at, programme.zone.rules());
    let month = day.month();
    let last_day = month.last_day_after(programme.expiry.kept_months());
    let what = What::Earned {
        points,
        last_day,
        minor: amount.minor(),
        currency: amount.currency(),
    };
    account.book(activity.id.as_str(), activity.at, activity.received, &what)?;
    account.state.totals.earned = earned;
    if points.is_zero() {
        return Ok(());
    }
    let (today, this_month) = if activity.received == activity.at {
        (day, month)
    } else {
        let today = Day::at(activity.received, programme.zone.rules());
        (today, today.month())
    };
    credit(programme, account, activity, last_day, today, points)?;
    let window = this_month.minus(programme.tiers.window_months);
    // A review that is overdue still asks for the months before its own day.
    let overdue = account.state.review.filter(|review| *review < today);
    let oldest = overdue.map_or(window, |review| review.month().minus(programme.tiers.window_months));
    account.add_to_month(month, points, oldest).ok_or(Refusal::Overflow)?;
    upgrade(programme, account, activity, today, window)
}

/// Puts points into their lot, or has them lapse at once where its last day is over.
fn credit(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    last_day: Day,
    today: Day,
    points: Points,
) -> Result<(), Refusal> {
    // All sums of the account are parts of what was earned and added by hand, and twice the most of each fits.
    if moments::has_lapsed(programme, account, last_day, today) {
        lapse(programme, account, activity, last_day, points)?;
    } else if account.add_to_lot(last_day, points).ok_or(Refusal::Overflow)? {
        moments::expect_lot(programme, account, last_day, activity.received);
    }
    Ok(())
}

/// Points that arrive after the alarm clock has passed the end of their last day: they were earned and have lapsed.
fn lapse(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    last_day: Day,
    points: Points,
) -> Result<(), Refusal> {
    let totals = account.state.totals;
    let expired = totals.expired.add(points).map_err(|_| Refusal::Overflow)?;
    let ended = last_day.plus(1).start(programme.zone.rules());
    let what = What::Expired { points, last_day };
    account.book(activity.id.as_str(), ended, activity.received, &what)?;
    account.state.totals.expired = expired;
    Ok(())
}

/// A tier is reached at once, on the points of the window as it stands today.
fn upgrade(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    today: Day,
    window: Month,
) -> Result<(), Refusal> {
    let qualifying = account.qualifying(window);
    let reached = tier_for(programme, qualifying);
    let from = account.state.tier;
    if reached <= from {
        return Ok(());
    }
    let what = What::TierChanged {
        from,
        to: reached,
        qualifying,
    };
    account.book(activity.id.as_str(), activity.at, activity.received, &what)?;
    account.state.tier = reached;
    let review = today.plus_months(programme.tiers.review_months);
    account.state.review = Some(review);
    account.state.alarm = account
        .state
        .alarm
        .min(review.start(programme.zone.rules()).as_second());
    Ok(())
}

/// The highest tier that so many qualifying points reach.
pub(crate) fn tier_for(programme: &Programme, qualifying: Points) -> u8 {
    let levels = programme.tiers.levels.get_ref();
    let reached = levels.iter().take_while(|tier| tier.from <= qualifying).count();
    u8::try_from(reached.saturating_sub(1)).unwrap_or(u8::MAX)
}

fn redeem(programme: &Programme, account: &mut Account, activity: &Activity, wanted: Points) -> Result<(), Refusal> {
    if wanted.get() <= 0 {
        return Err(Refusal::Nothing(wanted));
    }
    // Decided when it arrived: points that have lapsed since it happened are gone.
    let today = Day::at(activity.received, programme.zone.rules());
    let balance = account.balance(programme, activity.received);
    if wanted > balance {
        return Err(Refusal::NotEnough { wanted, balance });
    }
    let spent = account.state.totals.spent.add(wanted).map_err(|_| Refusal::Overflow)?;
    let lots = draw(account, today, wanted)?;
    let what = What::Redeemed {
        points: wanted,
        lots: lots.clone(),
    };
    account.book(activity.id.as_str(), activity.at, activity.received, &what)?;
    account.state.totals.spent = spent;
    take(account, &lots)
}

/// The lots that so many points come from, first expiring first. The balance was asked before.
fn draw(account: &Account, today: Day, wanted: Points) -> Result<Vec<(Day, Points)>, Refusal> {
    let mut rest = wanted;
    let mut lots = Vec::new();
    for lot in account.state.lots.iter().filter(|lot| lot.last_day >= today) {
        let take = lot.points.min(rest);
        rest = rest.subtract(take).map_err(|_| Refusal::Overflow)?;
        if !take.is_zero() {
            lots.push((lot.last_day, take));
        }
    }
    Ok(lots)
}

/// Takes points out of lots; one that is empty goes.
fn take(account: &mut Account, lots: &[(Day, Points)]) -> Result<(), Refusal> {
    for (last_day, take) in lots {
        if let Some(lot) = account.state.lots.iter_mut().find(|lot| lot.last_day == *last_day) {
            lot.points = lot.points.subtract(*take).map_err(|_| Refusal::Overflow)?;
        }
    }
    account.state.lots.retain(|lot| !lot.points.is_zero());
    Ok(())
}

/// Points by hand: added ones are dated like earned ones; taken ones go like spent ones, and never below nought.
fn adjust(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    points: Points,
    (reason, actor): (&Label, &Label),
) -> Result<(), Refusal> {
    let zone = programme.zone.rules();
    let today = Day::at(activity.received, zone);
    let adjusted = account.adjusted().add(points).map_err(|_| Refusal::Overflow)?;
    if adjusted > MOST {
        return Err(Refusal::Overflow);
    }
    let wanted = Points::ZERO.subtract(points).map_err(|_| Refusal::Overflow)?;
    let last_day = Day::at(activity.at, zone)
        .month()
        .last_day_after(programme.expiry.kept_months());
    let lots = match points.cmp(&Points::ZERO) {
        Ordering::Equal => return Err(Refusal::NoAdjustment),
        Ordering::Greater => vec![(last_day, points)],
        Ordering::Less => {
            let balance = account.balance(programme, activity.received);
            if wanted > balance {
                return Err(Refusal::NotEnough { wanted, balance });
            }
            draw(account, today, wanted)?
        }
    };
    let what = What::Adjusted {
        points,
        lots: lots.clone(),
        reason: reason.clone(),
        actor: actor.clone(),
    };
    account.book(activity.id.as_str(), activity.at, activity.received, &what)?;
    if points > Points::ZERO {
        credit(programme, account, activity, last_day, today, points)
    } else {
        take(account, &lots)
    }
}
