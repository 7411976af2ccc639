//! Points that last longer than the programme says: extended before they lapse, reinstated after.

use std::collections::BTreeMap;

use jiff::civil::Date;
use programme::{Points, Programme, WalletId, Zone};

use crate::account::Account;
use crate::activity::{Activity, Past};
use crate::day::Day;
use crate::entry::{Entry, What, total};
use crate::expiry;
use crate::ids::Label;
use crate::moments;
use crate::order::history;
use crate::refusal::Refusal;
use crate::spend::{Times, come_in};

/// Points that can be spent now and would lapse before a day last through it. Those of an active member follow their
/// activity, and are left alone; so are points that still wait.
pub(crate) fn extend(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    (wallet, through): (WalletId, Date),
    (reason, actor): (&Label, &Label),
) -> Result<(), Refusal> {
    let today = Day::at(activity.received, programme.zone);
    let last_day = expiry::with_grace(programme, Day::of(through));
    let ends_before =
        |day: Day| day.stretch().is_none() && day < last_day && !moments::has_lapsed(programme, account, day, today);
    let lots = account.lots(wallet).iter().filter(|lot| ends_before(lot.last_day));
    let lots: Vec<(Day, Points)> = lots.map(|lot| (lot.last_day, lot.points)).collect();
    if lots.is_empty() || last_day < today {
        return Err(Refusal::NothingToExtend(through));
    }
    let points = Points::new(total(&lots));
    let what = What::Extended {
        lots: lots.clone(),
        last_day,
        reason: reason.clone(),
        actor: actor.clone(),
    };
    account.book(wallet, activity.id.as_str(), Times::of(activity), what)?;
    let own = account.wallet_mut(wallet);
    own.take(&lots);
    if own.add_to_lot(last_day, points).ok_or(Refusal::Overflow)? {
        moments::expect_lot(programme, account, last_day, activity.received);
    }
    Ok(())
}

/// Points that lapsed within the programme's days come back, those that lapsed last first. They last as points that are
/// given by hand do.
pub(crate) fn reinstate(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    (wallet, wanted): (WalletId, Option<Points>),
    (reason, actor): (&Label, &Label),
    past: Past<'_>,
) -> Result<(), Refusal> {
    let within = programme.expiry.reinstate_within_days.ok_or(Refusal::NotReinstated)?;
    let zone = programme.zone;
    let today = Day::at(activity.received, zone);
    let since = today.plus(-i32::from(within.get()));
    let entries = history(past.pages, account)?;
    let lapsed = lapsed_since(&entries, wallet, zone, since);
    let all = Points::new(total(&lapsed));
    let points = wanted.unwrap_or(all);
    if points.get() <= 0 || points > all {
        return Err(Refusal::NotLapsed {
            wanted: points,
            lapsed: all,
        });
    }
    let mut rest = points;
    let mut lots = Vec::new();
    for &(last_day, left) in &lapsed {
        let take = left.min(rest);
        rest = rest.subtract(take).unwrap_or_default();
        if !take.is_zero() {
            lots.push((last_day, take));
        }
    }
    let lasts = programme.lasts(None, wallet, account.tier());
    let last_day = expiry::lot_for(programme, account, lasts, (today, activity.received));
    let what = What::Reinstated {
        points,
        lots,
        last_day,
        reason: reason.clone(),
        actor: actor.clone(),
    };
    account.book(wallet, activity.id.as_str(), Times::of(activity), what)?;
    let totals = &mut account.wallet_mut(wallet).totals;
    totals.expired = totals.expired.subtract(points).map_err(|_| Refusal::Overflow)?;
    let cause = (activity.id.as_str(), Times::of(activity));
    come_in(programme, account, cause, (wallet, last_day, None), (today, points))?;
    Ok(())
}

/// What lapsed in each lot of a wallet since a day and is not back yet; what lapsed last comes first.
fn lapsed_since(entries: &[Entry], wallet: WalletId, zone: Zone, since: Day) -> Vec<(Day, Points)> {
    // When, in which lot, and how much: a lot lapses more than once where points come back to it late.
    let mut lapsed: Vec<(Day, Day, i64)> = Vec::new();
    let mut back: BTreeMap<Day, i64> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.wallet == wallet) {
        let found = |(day, points): &(Day, Points)| (entry.decided_on(zone), *day, points.get());
        lapsed.extend(entry.gone().iter().map(found));
        match &entry.what {
            What::Expired { points, last_day } => {
                lapsed.push((Day::at(entry.happened(), zone), *last_day, points.get()));
            }
            What::Returned(returned) => {
                // What an order that came back found lapsed counts for nothing any more.
                if let Some(day) = returned.last_day {
                    *back.entry(day).or_default() += returned.lapsed.get();
                }
            }
            What::Reinstated { lots, .. } => {
                for (day, points) in lots {
                    *back.entry(*day).or_default() += points.get();
                }
            }
            _ => {}
        }
    }
    let mut left = Vec::new();
    for (on, day, points) in lapsed.into_iter().rev() {
        let gone = back.entry(day).or_default();
        let taken = points.min(*gone);
        *gone -= taken;
        if on >= since && points > taken {
            left.push((day, Points::new(points - taken)));
        }
    }
    left
}
