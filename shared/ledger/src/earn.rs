//! Purchases: the points they earn, in every wallet that a rule is for.

use std::collections::BTreeMap;

use programme::{Amount, Earn, Limited, Points, Programme, WalletId};

use crate::account::Account;
use crate::activity::{Activity, Refusal};
use crate::day::Day;
use crate::decide::MOST;
use crate::entry::What;
use crate::expiry;
use crate::limits;
use crate::pending;
use crate::spend::{Times, credit, settle};
use crate::tier::{counts_for, upgrade};
use crate::tier_set::{self, Set};

pub(crate) fn purchase(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    amount: Amount,
) -> Result<(), Refusal> {
    match programme.earn(amount.currency(), account.tier()).count() {
        0 => Err(Refusal::Currency(amount.currency().code())),
        1 => earn(programme, account, activity, amount),
        // A rule may refuse what one before it has booked, so this is done to a copy.
        _ => {
            let mut next = account.clone();
            earn(programme, &mut next, activity, amount)?;
            *account = next;
            Ok(())
        }
    }
}

fn earn(programme: &Programme, account: &mut Account, activity: &Activity, amount: Amount) -> Result<(), Refusal> {
    let day = Day::at(activity.at, programme.zone.rules());
    let today = if activity.received == activity.at {
        day
    } else {
        Day::at(activity.received, programme.zone.rules())
    };
    // As they are before it: a rise counts from the next purchase on.
    let tier = account.tier();
    let mut earned = BTreeMap::new();
    for (wallet, rule) in programme.earn(amount.currency(), tier) {
        let points = earn_by(programme, account, activity, amount, (wallet, rule), (day, today))?;
        earned.insert(wallet, points);
    }
    for set in tier_set::sets(programme) {
        let Some(points) = earned.get(&set.wallet()) else {
            continue;
        };
        let counted = counts_for(set, points.get(), amount.minor(), amount.currency());
        count(set, account, activity, counted, (day, today))?;
    }
    Ok(())
}

/// Counts a purchase of a day for the tiers of a set, and raises the tier that it reaches.
fn count(
    set: Set<'_>,
    account: &mut Account,
    activity: &Activity,
    counted: i64,
    (day, today): (Day, Day),
) -> Result<(), Refusal> {
    if counted == 0 {
        return Ok(());
    }
    let window = today.month().minus(set.rules.window_months);
    let fits = account.in_set_mut(set.id()).add_to_month(day.month(), counted, window);
    fits.ok_or(Refusal::Overflow)?;
    upgrade(set, account, (activity.id.as_str(), Times::of(activity)), today)?;
    Ok(())
}

/// The points of one rule, for a purchase of a day that arrives today; gives how many they are.
fn earn_by(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    amount: Amount,
    (wallet, rule): (WalletId, &Earn),
    (day, today): (Day, Day),
) -> Result<Points, Refusal> {
    let tier = programme.tier(account.tier()).ok_or(Refusal::Overflow)?;
    let points = rule.points(amount, tier).ok_or(Refusal::Overflow)?;
    let points = limits::allowed(programme, account, (wallet, Limited::Earn), points, today)?;
    let earned = account.wallet(wallet).totals.earned.add(points);
    let earned = earned.map_err(|_| Refusal::Overflow)?;
    if earned > MOST {
        return Err(Refusal::Overflow);
    }

    let lasts = programme.lasts(Some(rule), wallet, account.tier());
    let last_day = expiry::lot_for(programme, account, lasts, (day, activity.received));
    let (minor, currency) = (amount.minor(), amount.currency());
    let until = rule.pending.as_ref().map(|rule| pending::until(rule, day));
    let waits = |until: &Day| *until > today && !pending::is_over(account, (wallet, *until));
    let until = until.filter(|until| waits(until) && !points.is_zero());
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
    account.book(wallet, activity.id.as_str(), Times::of(activity), &what)?;
    account.wallet_mut(wallet).totals.earned = earned;
    limits::count(programme, account, (wallet, Limited::Earn), points, today);
    if points.is_zero() {
        return Ok(points);
    }
    if let Some(until) = until {
        let waits = account.wallet_mut(wallet).add_pending(until, last_day, points);
        waits.ok_or(Refusal::Overflow)?;
        let at = until.start(programme.zone.rules()).as_second();
        account.state.alarm = account.state.alarm.min(at);
    } else {
        credit(programme, account, activity, (wallet, last_day), today, points)?;
        settle(account, wallet, activity.id.as_str(), Times::of(activity), today)?;
    }
    Ok(points)
}
