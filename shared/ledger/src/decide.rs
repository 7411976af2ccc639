//! What an activity does to an account.

use programme::{Amount, Limited, Points, Programme, Zone};

use crate::account::{Account, Active, Mark, State, Totals};
use crate::activity::{Activity, Fact, Past, Refusal};
use crate::day::{Day, Month, MonthDay};
use crate::entry::{Head, What};
use crate::expiry;
use crate::limits;
use crate::moments;
use crate::page::Page;
use crate::pending;
use crate::returns::refund;
use crate::spend::{Times, adjust, credit, redeem, settle};

/// The most that may ever be earned, and the most that may be added by hand.
pub(crate) const MOST: Points = Points::new(i64::MAX / 2);

/// A clock may run ahead of ours by so much, and a sign-up arrive so late and still be wished a happy birthday.
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Applies an activity to a member's account: its entries are on the open page afterwards. Each decision checks before it
/// changes anything, so a refusal leaves the account as it was.
pub fn apply(
    programme: &Programme,
    account: &mut Option<Account>,
    activity: &Activity,
    past: Past<'_>,
) -> Result<(), Refusal> {
    let (at, received) = (activity.at, activity.received);
    if at.as_second() > received.as_second().saturating_add(DAY_SECONDS) {
        return Err(Refusal::Future { at, received });
    }
    match account {
        // A wait that is over is booked first, and so is a stretch of activity, before this begins the next. A refusal must leave the account as it was, so this is done to a copy.
        Some(stored)
            if pending::is_over(programme, stored, received) || expiry::is_over(programme, stored, received) =>
        {
            let mut next = stored.clone();
            pending::unlock_all(programme, &mut next, received)?;
            if expiry::is_over(programme, &next, received) {
                expiry::end_stretch(programme, &mut next, received)?;
            }
            let mut next = Some(next);
            decide(programme, &mut next, activity, past)?;
            *account = next;
            Ok(())
        }
        _ => decide(programme, account, activity, past),
    }
}

fn decide(
    programme: &Programme,
    account: &mut Option<Account>,
    activity: &Activity,
    past: Past<'_>,
) -> Result<(), Refusal> {
    match (&activity.fact, account) {
        (Fact::SignUp { zone, birthday }, none @ None) => {
            *none = Some(join(programme, activity, zone, *birthday)?);
            Ok(())
        }
        (Fact::SignUp { .. }, Some(_)) => Err(Refusal::KnownMember),
        (_, None) => Err(Refusal::UnknownMember),
        (Fact::Purchase { amount }, Some(account)) => earn(programme, account, activity, *amount),
        (Fact::Redeem { points, order }, Some(account)) => {
            redeem(programme, account, activity, *points, order.as_ref())
        }
        (Fact::Release { order }, Some(account)) => pending::release(programme, account, activity, order, past),
        (Fact::Refund { order, part }, Some(account)) => refund(programme, account, activity, (order, part), past),
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
        pending: Vec::new(),
        active: Active::default(),
        counters: Vec::new(),
        owed: Points::ZERO,
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
    let day = Day::at(activity.at, programme.zone.rules());
    let month = day.month();
    let (today, this_month) = if activity.received == activity.at {
        (day, month)
    } else {
        let today = Day::at(activity.received, programme.zone.rules());
        (today, today.month())
    };
    let points = limits::allowed(programme, account, Limited::Earn, points, today)?;
    let earned = account.state.totals.earned.add(points).map_err(|_| Refusal::Overflow)?;
    if earned > MOST {
        return Err(Refusal::Overflow);
    }

    let lasts = programme.lasts(Some(rule), account.state.tier);
    let last_day = expiry::lot_for(programme, account, lasts, (day, activity.received));
    let (minor, currency) = (amount.minor(), amount.currency());
    let until = rule.pending.as_ref().map(|rule| pending::until(rule, day));
    let until = until.filter(|until| *until > today && !points.is_zero());
    let what = match until {
        Some(until) => What::Pending {
            points,
            last_day,
            minor,
            currency,
            until,
        },
        None => What::Earned {
            points,
            last_day,
            minor,
            currency,
        },
    };
    account.book(activity.id.as_str(), activity.at, activity.received, &what)?;
    account.state.totals.earned = earned;
    limits::count(programme, account, Limited::Earn, points, today);
    if points.is_zero() {
        return Ok(());
    }
    if let Some(until) = until {
        account.add_pending(until, last_day, points).ok_or(Refusal::Overflow)?;
        let at = until.start(programme.zone.rules()).as_second();
        account.state.alarm = account.state.alarm.min(at);
    } else {
        credit(programme, account, activity, last_day, today, points)?;
        settle(account, activity.id.as_str(), Times::of(activity), today)?;
    }
    let window = this_month.minus(programme.tiers.window_months);
    // A review that is overdue still asks for the months before its own day.
    let overdue = account.state.review.filter(|review| *review < today);
    let oldest = overdue.map_or(window, |review| review.month().minus(programme.tiers.window_months));
    account.add_to_month(month, points, oldest).ok_or(Refusal::Overflow)?;
    upgrade(programme, account, activity, today, window)
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
        review: account.state.review,
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
