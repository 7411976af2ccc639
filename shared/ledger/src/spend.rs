//! Points in and out of lots: credited, spent, adjusted by hand, lapsed.

use std::cmp::Ordering;

use jiff::Timestamp;
use programme::{Limited, Points, Programme};

use crate::account::Account;
use crate::activity::{Activity, Refusal};
use crate::codec::Corrupt;
use crate::day::Day;
use crate::decide::MOST;
use crate::entry::What;
use crate::expiry;
use crate::ids::{ActivityId, Label};
use crate::limits;
use crate::moments;

/// Puts points into their lot, or has them lapse at once where its last day is over.
pub(crate) fn credit(
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
    let ended = account.state.end(last_day).plus(1).start(programme.zone.rules());
    let what = What::Expired { points, last_day };
    account.book(activity.id.as_str(), ended, activity.received, &what)?;
    account.state.totals.expired = expired;
    Ok(())
}

pub(crate) fn redeem(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    wanted: Points,
    order: Option<&ActivityId>,
) -> Result<(), Refusal> {
    if wanted.get() <= 0 {
        return Err(Refusal::Nothing(wanted));
    }
    // Decided when it arrived: points that have lapsed since it happened are gone.
    let today = Day::at(activity.received, programme.zone.rules());
    let balance = account.balance(programme, activity.received);
    if wanted > balance {
        return Err(Refusal::NotEnough { wanted, balance });
    }
    limits::allowed(programme, account, Limited::Spend, wanted, today)?;
    let spent = account.state.totals.spent.add(wanted).map_err(|_| Refusal::Overflow)?;
    let lots = draw(account, today, wanted);
    let what = What::Redeemed {
        points: wanted,
        lots: lots.clone(),
        order: order.map(|order| order.as_str().into()),
    };
    account.book(activity.id.as_str(), activity.at, activity.received, &what)?;
    account.state.totals.spent = spent;
    take(account, &lots);
    limits::count(programme, account, Limited::Spend, wanted, today);
    let day = Day::at(activity.at, programme.zone.rules());
    expiry::is_active(programme, account, day, activity.received);
    Ok(())
}

/// The lots that so many points come from, first expiring first. The balance was asked before.
pub(crate) fn draw(account: &Account, today: Day, wanted: Points) -> Vec<(Day, Points)> {
    let mut rest = wanted;
    let mut lots = Vec::new();
    for lot in account.first_expiring().filter(|lot| account.end(lot) >= today) {
        let take = lot.points.min(rest);
        rest = rest.subtract(take).unwrap_or_default();
        if !take.is_zero() {
            lots.push((lot.last_day, take));
        }
    }
    lots
}

/// Takes points out of lots they were drawn from; one that is empty goes.
pub(crate) fn take(account: &mut Account, lots: &[(Day, Points)]) {
    for (last_day, take) in lots {
        if let Some(lot) = account.state.lots.iter_mut().find(|lot| lot.last_day == *last_day) {
            lot.points = lot.points.subtract(*take).unwrap_or_default();
        }
    }
    account.state.lots.retain(|lot| !lot.points.is_zero());
}

/// When something happened, and when it was decided.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) at: Timestamp,
    pub(crate) decided: Timestamp,
}

impl Times {
    pub(crate) fn of(activity: &Activity) -> Self {
        Self {
            at: activity.at,
            decided: activity.received,
        }
    }
}

/// What is owed is paid out of the lots before anything can be spent.
pub(crate) fn settle(account: &mut Account, cause: &str, times: Times, today: Day) -> Result<(), Corrupt> {
    let pays = account.state.owed.min(account.spendable(today));
    if pays.is_zero() {
        return Ok(());
    }
    let lots = draw(account, today, pays);
    take(account, &lots);
    account.state.owed = account.state.owed.subtract(pays).unwrap_or_default();
    account.book(cause, times.at, times.decided, &What::Settled { lots })
}

/// Points by hand: added ones are dated like earned ones; taken ones go like spent ones, and never below the lowest
/// balance.
pub(crate) fn adjust(
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
    let (lots, owed) = match points.cmp(&Points::ZERO) {
        Ordering::Equal => return Err(Refusal::NoAdjustment),
        Ordering::Greater => {
            let lasts = programme.lasts(None, account.state.tier);
            let last_day = expiry::lot_for(
                programme,
                account,
                lasts,
                (Day::at(activity.at, zone), activity.received),
            );
            (vec![(last_day, points)], account.state.owed)
        }
        Ordering::Less => {
            let wanted = Points::ZERO.subtract(points).map_err(|_| Refusal::Overflow)?;
            let drawn = wanted.min(account.spendable(today));
            let short = wanted.subtract(drawn).map_err(|_| Refusal::Overflow)?;
            let owed = account.state.owed.add(short).map_err(|_| Refusal::Overflow)?;
            if short > programme.balance.lowest.room(account.state.owed) || owed > MOST {
                let balance = account.balance(programme, activity.received);
                return Err(Refusal::NotEnough { wanted, balance });
            }
            (draw(account, today, drawn), owed)
        }
    };
    let what = What::Adjusted {
        points,
        lots: lots.clone(),
        reason: reason.clone(),
        actor: actor.clone(),
    };
    account.book(activity.id.as_str(), activity.at, activity.received, &what)?;
    account.state.owed = owed;
    if let (true, Some((last_day, _))) = (points > Points::ZERO, lots.first()) {
        credit(programme, account, activity, *last_day, today, points)?;
        settle(account, activity.id.as_str(), Times::of(activity), today)?;
    } else {
        take(account, &lots);
    }
    Ok(())
}
