//! Points in and out of lots: credited, spent, adjusted by hand, lapsed.

use std::cmp::Ordering;

use jiff::Timestamp;
use programme::{ClawBack, Limited, Points, Programme, WalletId};

use crate::account::Account;
use crate::activity::Activity;
use crate::codec::Corrupt;
use crate::day::Day;
use crate::decide::MOST;
use crate::entry::{What, total};
use crate::expiry;
use crate::ids::{ActivityId, Label};
use crate::limits;
use crate::moments;
use crate::pending;
use crate::refusal::Refusal;
use crate::wallet::Waived;

/// Points come in that were earned or granted: into their lot, where they pay what is owed, or to wait until a day.
pub(crate) fn come_in(
    programme: &Programme,
    account: &mut Account,
    (cause, times): (&str, Times),
    (wallet, last_day, until): (WalletId, Day, Option<Day>),
    (today, points): (Day, Points),
) -> Result<(), Corrupt> {
    if let Some(until) = until {
        return pending::wait(programme, account, (wallet, until), last_day, points).ok_or(Corrupt::TooLong);
    }
    credit(programme, account, (cause, times), (wallet, last_day), today, points)?;
    settle(account, wallet, cause, times, today)
}

/// Puts points into their lot, or has them lapse at once where its last day is over.
fn credit(
    programme: &Programme,
    account: &mut Account,
    (cause, times): (&str, Times),
    (wallet, last_day): (WalletId, Day),
    today: Day,
    points: Points,
) -> Result<(), Corrupt> {
    // All sums of the account are parts of what was earned and added by hand, and twice the most of each fits.
    if moments::has_lapsed(programme, account, last_day, today) {
        lapse(programme, account, (cause, times), (wallet, last_day), points)?;
    } else if account
        .wallet_mut(wallet)
        .add_to_lot(last_day, points)
        .ok_or(Corrupt::TooLong)?
    {
        moments::expect_lot(programme, account, last_day, times.decided);
    }
    Ok(())
}

/// Points that arrive after the alarm clock has passed the end of their last day: they were earned and have lapsed.
fn lapse(
    programme: &Programme,
    account: &mut Account,
    (cause, times): (&str, Times),
    (wallet, last_day): (WalletId, Day),
    points: Points,
) -> Result<(), Corrupt> {
    let totals = account.wallet(wallet).totals;
    let expired = totals.expired.add(points).map_err(|_| Corrupt::TooLong)?;
    let ended = account.state.end(last_day).plus(1).start(programme.zone);
    let what = What::Expired { points, last_day };
    let times = Times { at: ended, ..times };
    account.book(wallet, cause, times, what)?;
    account.wallet_mut(wallet).totals.expired = expired;
    Ok(())
}

pub(crate) fn redeem(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    (wallet, wanted): (WalletId, Points),
    order: Option<&ActivityId>,
) -> Result<(), Refusal> {
    // Decided when it arrived: points that have lapsed since it happened are gone.
    let today = Day::at(activity.received, programme.zone);
    can_be_spent(programme, account, (wallet, wanted), (activity.received, today))?;
    let spent = account.wallet(wallet).totals.spent.add(wanted);
    let spent = spent.map_err(|_| Refusal::Overflow)?;
    let lots = draw(account, wallet, today, wanted);
    let what = What::Redeemed {
        points: wanted,
        lots: lots.clone(),
        order: order.map(|order| order.as_str().into()),
    };
    account.book(wallet, activity.id.as_str(), Times::of(activity), what)?;
    let own = account.wallet_mut(wallet);
    own.totals.spent = spent;
    own.take(&lots);
    limits::count(programme, account, (wallet, Limited::Spend), wanted, today);
    let day = Day::at(activity.at, programme.zone);
    expiry::is_active(programme, account, day, activity.received);
    Ok(())
}

/// Whether so many points may be spent, or held to be.
pub(crate) fn can_be_spent(
    programme: &Programme,
    account: &Account,
    (wallet, wanted): (WalletId, Points),
    (now, today): (Timestamp, Day),
) -> Result<(), Refusal> {
    can_be_moved(programme, account, (wallet, wanted), (Limited::Spend, now, today))
}

/// Whether so many points may go, for a purpose that may be limited.
pub(crate) fn can_be_moved(
    programme: &Programme,
    account: &Account,
    (wallet, wanted): (WalletId, Points),
    (purpose, now, today): (Limited, Timestamp, Day),
) -> Result<(), Refusal> {
    if let Some(rules) = programme.wallet(wallet).filter(|rules| !rules.spendable) {
        return Err(Refusal::NotSpendable(rules.name.clone()));
    }
    if wanted.get() <= 0 {
        return Err(Refusal::Nothing(wanted));
    }
    let balance = account.balance(wallet, programme, now);
    if wanted > balance {
        return Err(Refusal::NotEnough { wanted, balance });
    }
    limits::allowed(programme, account, (wallet, purpose), wanted, today).map(|_| ())
}

/// The lots that so many points come from, first expiring first. The balance was asked before.
pub(crate) fn draw(account: &Account, wallet: WalletId, today: Day, wanted: Points) -> Vec<(Day, Points)> {
    let mut rest = wanted;
    let mut lots = Vec::new();
    let lapsing = account.first_expiring(wallet);
    for lot in lapsing.filter(|lot| account.end(lot) >= today) {
        let take = lot.points.min(rest);
        rest = rest.subtract(take).unwrap_or_default();
        if !take.is_zero() {
            lots.push((lot.last_day, take));
        }
    }
    lots
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

/// Points by lot: last day and points.
pub(crate) type Lots = Vec<(Day, Points)>;

/// Puts points back into the lots they were drawn from; gives those, and the ones whose lot has lapsed meanwhile.
pub(crate) fn put_back(
    programme: &Programme,
    account: &mut Account,
    (wallet, lots): (WalletId, &[(Day, Points)]),
    today: Day,
    decided: Timestamp,
) -> Result<(Lots, Lots), Corrupt> {
    let lapsed = |(last_day, _): &(Day, Points)| moments::has_lapsed(programme, account, *last_day, today);
    let (gone, back): (Lots, Lots) = lots.iter().copied().partition(lapsed);
    for &(last_day, points) in &back {
        let own = account.wallet_mut(wallet);
        if own.add_to_lot(last_day, points).ok_or(Corrupt::TooLong)? {
            moments::expect_lot(programme, account, last_day, decided);
        }
    }
    let totals = &mut account.wallet_mut(wallet).totals;
    // What lapses was earned, and the sum of all that was earned fits.
    totals.expired = totals.expired.add(Points::new(total(&gone))).unwrap_or_default();
    Ok((back, gone))
}

/// What is owed is paid out of the lots before anything can be spent.
pub(crate) fn settle(
    account: &mut Account,
    wallet: WalletId,
    cause: &str,
    times: Times,
    today: Day,
) -> Result<(), Corrupt> {
    let owed = account.wallet(wallet).owed;
    if owed.is_zero() {
        return Ok(());
    }
    let pays = owed.min(account.spendable(wallet, today));
    if pays.is_zero() {
        return Ok(());
    }
    let lots = draw(account, wallet, today, pays);
    let own = account.wallet_mut(wallet);
    own.take(&lots);
    own.owed = owed.subtract(pays).unwrap_or_default();
    account.book(wallet, cause, times, What::Settled { lots })
}

/// Of points that came back, those that were drawn before returns waived any.
pub(crate) fn drawn_before_waived(account: &Account, wallet: WalletId, drawn_at: u64, points: Points) -> Points {
    if account.wallet(wallet).waived.is_some_and(|waived| drawn_at < waived.at) {
        points
    } else {
        Points::ZERO
    }
}

/// So many points came back that were spent or held when returns waived some for the want of them. They pay those: or else
/// holding points while an order goes back would make points.
pub(crate) fn claw_back_waived(
    programme: &Programme,
    account: &mut Account,
    (wallet, came_back): (WalletId, Points),
    (cause, times): (&str, Times),
    today: Day,
) -> Result<(), Corrupt> {
    let Some(waived) = account.wallet(wallet).waived else {
        return Ok(());
    };
    if programme.returns.claw_back == ClawBack::OnlyPending {
        return Ok(());
    }
    let pays = waived.points.min(came_back).min(account.spendable(wallet, today));
    if pays.is_zero() {
        return Ok(());
    }
    let lots = draw(account, wallet, today, pays);
    let own = account.wallet_mut(wallet);
    own.take(&lots);
    let points = waived.points.subtract(pays).unwrap_or_default();
    own.waived = (!points.is_zero()).then_some(Waived { points, ..waived });
    own.totals.returned = own.totals.returned.add(pays).map_err(|_| Corrupt::TooLong)?;
    account.book(wallet, cause, times, What::ClawedBack { lots })
}

/// Points by hand: added ones are dated like earned ones; taken ones go like spent ones, and never below the lowest
/// balance.
pub(crate) fn adjust(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    (wallet, points): (WalletId, Points),
    (reason, actor): (&Label, &Label),
) -> Result<(), Refusal> {
    let zone = programme.zone;
    let today = Day::at(activity.received, zone);
    let own = account.wallet(wallet);
    let already_owed = own.owed;
    let adjusted = own.adjusted().add(points).map_err(|_| Refusal::Overflow)?;
    if adjusted > MOST {
        return Err(Refusal::Overflow);
    }
    let (lots, owed) = match points.cmp(&Points::ZERO) {
        Ordering::Equal => return Err(Refusal::NoAdjustment),
        Ordering::Greater => {
            let lasts = programme.lasts(None, wallet, account.tier());
            let last_day = expiry::lot_for(
                programme,
                account,
                lasts,
                (Day::at(activity.at, zone), activity.received),
            );
            (vec![(last_day, points)], already_owed)
        }
        Ordering::Less => {
            let wanted = Points::ZERO.subtract(points).map_err(|_| Refusal::Overflow)?;
            let drawn = wanted.min(account.spendable(wallet, today));
            let short = wanted.subtract(drawn).map_err(|_| Refusal::Overflow)?;
            let owed = already_owed.add(short).map_err(|_| Refusal::Overflow)?;
            if short > programme.lowest(wallet).room(already_owed) || owed > MOST {
                let balance = account.balance(wallet, programme, activity.received);
                return Err(Refusal::NotEnough { wanted, balance });
            }
            (draw(account, wallet, today, drawn), owed)
        }
    };
    let what = What::Adjusted {
        points,
        lots: lots.clone(),
        reason: reason.clone(),
        actor: actor.clone(),
    };
    account.book(wallet, activity.id.as_str(), Times::of(activity), what)?;
    account.wallet_mut(wallet).owed = owed;
    if let (true, Some((last_day, _))) = (points > Points::ZERO, lots.first()) {
        let cause = (activity.id.as_str(), Times::of(activity));
        come_in(programme, account, cause, (wallet, *last_day, None), (today, points))?;
    } else {
        account.wallet_mut(wallet).take(&lots);
    }
    Ok(())
}
