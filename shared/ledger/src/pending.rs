//! Points that wait before they can be spent: until a day, or until their order is released.

use jiff::Timestamp;
use jiff::civil::Date;
use programme::{Pending, Points, Programme};

use crate::account::Account;
use crate::activity::{Activity, Past, Refusal};
use crate::codec::Corrupt;
use crate::day::Day;
use crate::entry::What;
use crate::ids::ActivityId;
use crate::moments::{self, Moment};
use crate::order::{Order, history};
use crate::spend::{Times, settle};

/// The first day on which points that were earned on a day can be spent.
pub(crate) fn until(rule: &Pending, day: Day) -> Day {
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

/// Whether a wait is over whose end is not booked.
pub(crate) fn is_over(programme: &Programme, account: &Account, now: Timestamp) -> bool {
    let first = account.state.pending.first();
    first.is_some_and(|pending| pending.until <= Day::at(now, programme.zone.rules()))
}

/// Books the end of every wait that is over, each at its own midnight.
pub(crate) fn unlock_all(programme: &Programme, account: &mut Account, now: Timestamp) -> Result<(), Corrupt> {
    while is_over(programme, account, now) {
        let Some(until) = account.state.pending.first().map(|pending| pending.until) else {
            break;
        };
        for last_day in unlock(programme, account, until, now)? {
            moments::expect_lot(programme, account, last_day, now);
        }
    }
    Ok(())
}

/// Books the end of the waits of a day; gives the lots that are new.
pub(crate) fn unlock(
    programme: &Programme,
    account: &mut Account,
    until: Day,
    decided: Timestamp,
) -> Result<Vec<Day>, Corrupt> {
    let ended = account.state.pending.iter().filter(|pending| pending.until == until);
    let lots: Vec<(Day, Points)> = ended.map(|pending| (pending.last_day, pending.points)).collect();
    account.state.pending.retain(|pending| pending.until != until);
    let mut new = Vec::new();
    for &(last_day, points) in &lots {
        if account.add_to_lot(last_day, points).ok_or(Corrupt::TooLong)? {
            new.push(last_day);
        }
    }
    let cause = Moment::Unlock { day: until }.cause();
    let at = until.start(programme.zone.rules());
    account.book(&cause, at, decided, &What::Unlocked { until, lots })?;
    settle(account, &cause, Times { at, decided }, until)?;
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
    let order = Order::find(&entries, order, programme.zone.rules()).ok_or(Refusal::UnknownOrder)?;
    let waits = Points::new(order.points - order.taken);
    let until = order.waits_until.ok_or(Refusal::NotPending)?;
    let points = account.take_pending(until, order.last_day, waits);
    if points.is_zero() {
        return Err(Refusal::NotPending);
    }
    let what = What::Released {
        order: order.id.into(),
        points,
        last_day: order.last_day,
    };
    let cause = activity.id.as_str();
    account.book(cause, activity.at, activity.received, &what)?;
    if account.add_to_lot(order.last_day, points).ok_or(Refusal::Overflow)? {
        moments::expect_lot(programme, account, order.last_day, activity.received);
    }
    let today = Day::at(activity.received, programme.zone.rules());
    settle(account, cause, Times::of(activity), today)?;
    Ok(())
}
