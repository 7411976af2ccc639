//! Points that wait before they can be spent: until a day, or until their order is released.

use jiff::Timestamp;
use jiff::civil::Date;
use programme::{Pending, Points, Programme, WalletId};

use crate::account::Account;
use crate::activity::{Activity, Past};
use crate::codec::Corrupt;
use crate::day::Day;
use crate::entry::What;
use crate::ids::ActivityId;
use crate::moments::{self, Moment};
use crate::order::{Order, history};
use crate::refusal::Refusal;
use crate::spend::{Times, settle};
use crate::tier;

/// Whether the wait until a day was ended already, by a clock ahead of the one that speaks now: each ends once.
fn is_over(account: &Account, (wallet, until): (WalletId, Day)) -> bool {
    account.wallet(wallet).unlocked >= Some(until)
}

/// The first day on which points that were earned on a day can be spent.
fn until(rule: &Pending, day: Day) -> Day {
    match rule {
        Pending::After { days, round_up_to } => {
            let first = day.plus(i32::from(*days));
            round_up_to.map_or(first, |period| first.begins_or_next(period.months()))
        }
        Pending::On(days) => {
            let date = day.date();
            let of_year = |year: i16| {
                let days = days
                    .iter()
                    .filter_map(move |day| Date::new(year, day.month, day.day).ok());
                days.map(Day::of)
            };
            let next_year = date.year().saturating_add(1);
            let mut next = of_year(date.year()).chain(of_year(next_year));
            next.find(|next| *next > day).unwrap_or(day)
        }
        Pending::Released { within_days } => day.plus(i32::from(*within_days)),
    }
}

/// The day until which points wait that are earned on a day and arrive today; none can be spent at once. A wait that was
/// ended already begins no more.
pub(crate) fn waits_until(
    account: &Account,
    wallet: WalletId,
    rule: Option<&Pending>,
    (day, today): (Day, Day),
) -> Option<Day> {
    let until = rule.map(|rule| until(rule, day))?;
    (until > today && !is_over(account, (wallet, until))).then_some(until)
}

/// Points of a lot wait until a day, and the alarm clock ends that.
pub(crate) fn wait(
    programme: &Programme,
    account: &mut Account,
    (wallet, until): (WalletId, Day),
    last_day: Day,
    points: Points,
) -> Option<()> {
    account.wallet_mut(wallet).add_pending(until, last_day, points)?;
    let at = until.start(programme.zone).as_second();
    account.state.alarm = account.state.alarm.min(at);
    Some(())
}

/// The first day on which points that wait can be spent, and their wallet.
pub(crate) fn first_unlock(account: &Account) -> Option<(Day, WalletId)> {
    let wallets = account.wallets();
    let firsts = wallets.filter_map(|wallet| Some((account.wallet(wallet).pending.first()?.until, wallet)));
    firsts.min()
}

/// Books the end of the waits of a day; gives the lots that are new.
pub(crate) fn unlock(
    programme: &Programme,
    account: &mut Account,
    (wallet, until): (WalletId, Day),
    decided: Timestamp,
) -> Result<Vec<Day>, Corrupt> {
    let own = account.wallet_mut(wallet);
    let ended = own.pending.iter().filter(|pending| pending.until == until);
    let lots: Vec<(Day, Points)> = ended.map(|pending| (pending.last_day, pending.points)).collect();
    own.pending.retain(|pending| pending.until != until);
    own.unlocked = own.unlocked.max(Some(until));
    let mut new = Vec::new();
    for &(last_day, points) in &lots {
        if own.add_to_lot(last_day, points).ok_or(Corrupt::TooLong)? {
            new.push(last_day);
        }
    }
    let cause = Moment::Unlock { wallet, day: until }.cause();
    let at = until.start(programme.zone);
    let times = Times { at, decided };
    account.book(wallet, &cause, times, What::Unlocked { until, lots })?;
    settle(account, wallet, &cause, times, until)?;
    tier::follow(programme, account, (&cause, times), until)?;
    Ok(new)
}

/// Ends the wait of an order's points early.
pub(crate) fn release(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    order: &ActivityId,
    past: Past<'_>,
) -> Result<(), Refusal> {
    let entries = history(past.pages, account)?;
    let order = Order::find(&entries, order.as_str(), programme.zone).ok_or(Refusal::UnknownOrder)?;
    let today = Day::at(activity.received, programme.zone);
    let mut waited = false;
    for (&wallet, part) in &order.parts {
        let Some((earned, until)) = part.earned.and_then(|earned| Some((earned, earned.waits_until?))) else {
            continue;
        };
        let (last_day, waits) = (earned.last_day, Points::new(earned.points - part.taken));
        let points = account.wallet_mut(wallet).take_pending(until, last_day, waits);
        if points.is_zero() {
            continue;
        }
        waited = true;
        let what = What::Released {
            order: order.id.into(),
            points,
            last_day,
        };
        let cause = activity.id.as_str();
        account.book(wallet, cause, Times::of(activity), what)?;
        let own = account.wallet_mut(wallet);
        if own.add_to_lot(last_day, points).ok_or(Refusal::Overflow)? {
            moments::expect_lot(programme, account, last_day, activity.received);
        }
        settle(account, wallet, cause, Times::of(activity), today)?;
    }
    if waited { Ok(()) } else { Err(Refusal::NotPending) }
}
