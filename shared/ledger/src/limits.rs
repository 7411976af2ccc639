//! Limits on what is earned and spent: exact, since the counters are in the commit that they allow.

use programme::{Limit, Limited, Per, Points, Programme, WalletId};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::day::Day;
use crate::refusal::Refusal;

/// What was earned or spent in the latest time that a limit counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counter {
    pub(crate) on: Limited,
    pub(crate) per: Per,
    /// The first day of that time.
    pub(crate) since: Day,
    pub(crate) points: Points,
}

/// The first day of the time that a day counts in; none for a limit that keeps no count.
pub(crate) fn since(per: Per, day: Day) -> Option<Day> {
    match per {
        Per::Day => Some(day),
        Per::Week => Some(day.monday()),
        Per::Month => Some(day.month().first_day()),
        Per::Year => Some(day.month().january().first_day()),
        Per::Member => Some(Day::FIRST),
        Per::Activity | Per::Balance => None,
    }
}

/// How many points a limit leaves room for on a day.
fn room(account: &Account, wallet: WalletId, limit: &Limit, today: Day) -> Points {
    let own = account.wallet(wallet);
    let used = match limit.per {
        Per::Activity => Points::ZERO,
        Per::Balance => {
            let pending = own.pending.iter().map(|pending| pending.points);
            let has = Points::sum(pending.chain([own.reserved(), account.spendable(wallet, today)]));
            // What is owed is paid out of what comes.
            has.and_then(|has| has.subtract(own.owed)).unwrap_or_default()
        }
        Per::Day | Per::Week | Per::Month | Per::Year | Per::Member => {
            let mut counters = own.counters.iter();
            let counter = counters.find(|counter| (counter.on, counter.per) == (limit.on, limit.per));
            let counter = counter.filter(|counter| Some(counter.since) >= since(limit.per, today));
            counter.map_or(Points::ZERO, |counter| counter.points)
        }
    };
    limit.points.subtract(used).unwrap_or_default().max(Points::ZERO)
}

/// As many points as may be earned, or spent: fewer where a limit caps them. Caps go first, so that what they leave may
/// still be within a limit that refuses.
pub(crate) fn allowed(
    programme: &Programme,
    account: &Account,
    (wallet, on): (WalletId, Limited),
    points: Points,
    today: Day,
) -> Result<Points, Refusal> {
    let tier = account.tier();
    let limits = || programme.limits_for(wallet, tier).filter(|limit| limit.on == on);
    let caps = limits().filter(|limit| limit.caps());
    let points = caps.fold(points, |points, limit| points.min(room(account, wallet, limit, today)));
    for limit in limits().filter(|limit| !limit.caps()) {
        let left = room(account, wallet, limit, today);
        if points > left {
            let limit = limit.clone();
            return Err(Refusal::Limit { limit, left });
        }
    }
    Ok(points)
}

/// How many points may still be spent at once on a day, whatever the balance.
pub(crate) fn room_to_spend(programme: &Programme, account: &Account, wallet: WalletId, today: Day) -> Points {
    let limits = programme.limits_for(wallet, account.tier());
    let limits = limits.filter(|limit| limit.on == Limited::Spend);
    limits.fold(Points::new(i64::MAX), |least, limit| {
        least.min(room(account, wallet, limit, today))
    })
}

/// Counts points that were earned or spent on a day.
pub(crate) fn count(
    programme: &Programme,
    account: &mut Account,
    (wallet, on): (WalletId, Limited),
    points: Points,
    today: Day,
) {
    // Also what only members of another tier are limited in: it may be theirs before that time is over.
    let limits = || programme.limits(wallet).filter(|limit| limit.on == on);
    for (index, limit) in limits().enumerate() {
        if limits().take(index).any(|other| other.per == limit.per) {
            continue;
        }
        let Some(since) = since(limit.per, today) else {
            continue;
        };
        let own = account.wallet_mut(wallet);
        let mut counters = own.counters.iter_mut();
        match counters.find(|counter| (counter.on, counter.per) == (on, limit.per)) {
            // A clock that runs behind does not open a time that is over.
            Some(counter) if counter.since >= since => {
                counter.points = counter.points.add(points).unwrap_or(counter.points);
            }
            Some(counter) => (counter.since, counter.points) = (since, points),
            None => own.counters.push(Counter {
                on,
                per: limit.per,
                since,
                points,
            }),
        }
    }
}

/// Counts points no longer that came back, by the day on which they were earned or spent.
pub(crate) fn uncount(account: &mut Account, (wallet, on): (WalletId, Limited), points: Points, day: Day) {
    for counter in &mut account.wallet_mut(wallet).counters {
        if counter.on == on && Some(counter.since) == since(counter.per, day) {
            counter.points = counter.points.subtract(points).unwrap_or_default().max(Points::ZERO);
        }
    }
}
