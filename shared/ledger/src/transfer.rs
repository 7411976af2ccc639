//! Points that go to another member, or to another wallet of the same: they keep their last days.
//!
//! A transfer to another member is two activities, one for each account, which are committed together or not at all.

use jiff::civil::Date;
use programme::{Limited, Points, Programme, Transfers, WalletId};

use crate::account::Account;
use crate::activity::{Activity, Fact, Past};
use crate::day::Day;
use crate::decide::{MOST, apply};
use crate::entry::{What, total};
use crate::expiry;
use crate::ids::{ActivityId, Label, MemberId};
use crate::limits;
use crate::page::Page;
use crate::refusal::Refusal;
use crate::said::Said;
use crate::spend::{Lots, Times, can_be_moved, draw, put_back, settle};

/// What is to go, and where to: another member, or none for another wallet of the same.
pub(crate) struct Sending<'a> {
    pub(crate) points: Points,
    pub(crate) wallet: WalletId,
    pub(crate) to: Option<&'a MemberId>,
    pub(crate) to_wallet: WalletId,
}

pub(crate) fn transfer(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    sending: &Sending<'_>,
) -> Result<(), Refusal> {
    let Sending { points, wallet, .. } = *sending;
    if sending.to.is_none() && wallet == sending.to_wallet {
        return Err(Refusal::ToOneself);
    }
    let rules = allowed(programme, account, activity)?;
    let today = Day::at(activity.received, programme.zone);
    let purpose = (Limited::Transfer, activity.received, today);
    can_be_moved(programme, account, (wallet, points), purpose)?;
    if points < rules.least_points {
        let least = rules.least_points;
        return Err(Refusal::TransferTooSmall { least });
    }
    let totals = account.wallet(wallet).totals;
    let received = totals.received.subtract(points).map_err(|_| Refusal::Overflow)?;
    let lots = draw(account, wallet, today, points);
    // Done to a copy: the other wallet may have no room.
    let mut next = account.clone();
    let what = What::Sent {
        points,
        lots: lots.clone(),
        to: sending.to.cloned(),
    };
    next.book(wallet, activity.id.as_str(), Times::of(activity), what)?;
    let own = next.wallet_mut(wallet);
    own.totals.received = received;
    own.take(&lots);
    limits::count(programme, &mut next, (wallet, Limited::Transfer), points, today);
    let day = Day::at(activity.at, programme.zone);
    expiry::is_active(programme, &mut next, day, activity.received);
    if sending.to.is_none() {
        put(programme, &mut next, activity, (sending.to_wallet, None), lots)?;
    }
    *account = next;
    Ok(())
}

/// Whether the programme lets points of this member go, or come.
fn allowed<'a>(programme: &'a Programme, account: &Account, activity: &Activity) -> Result<&'a Transfers, Refusal> {
    let rules = programme.transfers.as_ref().ok_or(Refusal::NoTransfers)?;
    // Both days are the member's own.
    let today = Day::at(activity.received, account.zone(programme));
    let from = account.state.joined.plus(i32::from(rules.joined_days_ago));
    if today < from {
        let from: Date = from.date();
        return Err(Refusal::JoinedLately { from });
    }
    Ok(rules)
}

/// What a transfer that `giver` has booked brings to the other member.
pub fn receipt(programme: &Programme, giver: (&MemberId, &Account), activity: &Activity) -> Option<Activity> {
    let (member, account) = giver;
    let Fact::Transfer { to_wallet, .. } = &activity.fact else {
        return None;
    };
    let entries = account.page.entries().ok()?;
    let mut own = entries
        .into_iter()
        .rev()
        .filter(|entry| entry.cause == activity.id.as_str());
    // What it did to a tier may follow it.
    let lots = own.find_map(|entry| match entry.what {
        What::Sent { lots, .. } => Some(lots),
        _ => None,
    })?;
    let programme = programme.at(activity.received);
    let wallet = programme.wallet_named(to_wallet.as_ref().map(Label::as_str))?;
    Some(Activity {
        id: ActivityId::received(member, &activity.id),
        at: activity.at,
        received: activity.received,
        fact: Fact::Receive {
            from: member.clone(),
            wallet,
            lots,
        },
        said: Said::default(),
    })
}

/// Points come in from another member.
pub(crate) fn receive(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    (wallet, from): (WalletId, &MemberId),
    lots: &[(Day, Points)],
) -> Result<(), Refusal> {
    allowed(programme, account, activity)?;
    let mut next = account.clone();
    put(programme, &mut next, activity, (wallet, Some(from)), lots.to_vec())?;
    *account = next;
    Ok(())
}

fn put(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    (wallet, from): (WalletId, Option<&MemberId>),
    mut lots: Lots,
) -> Result<(), Refusal> {
    let points = Points::new(total(&lots));
    let received = account.wallet(wallet).totals.received.add(points);
    let received = received.map_err(|_| Refusal::Overflow)?;
    if received > MOST {
        return Err(Refusal::Overflow);
    }
    let zone = programme.zone;
    expiry::is_active(programme, account, Day::at(activity.at, zone), activity.received);
    // What lasted while the giver was active lasts while this member is.
    for (last_day, _) in lots.iter_mut().filter(|(last_day, _)| last_day.stretch().is_some()) {
        *last_day = Day::while_active(account.state.active.stretch);
    }
    let today = Day::at(activity.received, zone);
    let (lots, gone) = put_back(programme, account, (wallet, &lots), today, activity.received)?;
    account.wallet_mut(wallet).totals.received = received;
    let (cause, times) = (activity.id.as_str(), Times::of(activity));
    let what = What::Received {
        points,
        lots,
        gone,
        from: from.cloned(),
    };
    account.book(wallet, cause, times, what)?;
    settle(account, wallet, cause, times, today)?;
    Ok(())
}

/// The other half of a transfer that `giver` has booked, in the receiver's account; gives the pages that this closes. An
/// error says why the receiver cannot have it; then the giver keeps it.
pub fn hand_over(
    programme: &Programme,
    giver: (&MemberId, &Account),
    activity: &Activity,
    receiver: &mut Account,
) -> Result<Vec<Page>, Refusal> {
    let receipt = receipt(programme, giver, activity).ok_or(Refusal::Overflow)?;
    let closed = receiver.close_pages().map_err(|_| Refusal::ReceiverDamaged)?;
    let mut after = Some(receiver.clone());
    apply(programme, &mut after, &receipt, Past::default()).map_err(|refusal| match refusal {
        Refusal::Corrupt(_) => Refusal::ReceiverDamaged,
        Refusal::Erased => Refusal::UnknownReceiver,
        other => other,
    })?;
    *receiver = after.ok_or(Refusal::UnknownReceiver)?;
    Ok(closed)
}
