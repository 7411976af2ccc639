//! The day on which points lapse, and the lot of points that last as long as the member is active.

use jiff::Timestamp;
use jiff::civil::Date;
use programme::{Lasts, Points, Programme, WalletId};

use crate::account::{Account, State};
use crate::codec::Corrupt;
use crate::day::Day;
use crate::entry::What;
use crate::moments::{self, Moment};
use crate::spend::Times;

/// The lot for points earned on a day, or given by hand: its last day, or the lot of the member's activity, which goes on
/// with this.
pub(crate) fn lot_for(
    programme: &Programme,
    account: &mut Account,
    lasts: &Lasts,
    (day, received): (Day, Timestamp),
) -> Day {
    is_active(programme, account, day, received);
    match last_day_of_points(programme, lasts, day) {
        Some(last_day) => last_day,
        None => Day::while_active(account.state.active.stretch),
    }
}

/// The last day of points earned on a day, with the days of grace; none for those that last as long as the member is
/// active.
fn last_day_of_points(programme: &Programme, lasts: &Lasts, day: Day) -> Option<Day> {
    last_day(lasts, day).map(|last_day| with_grace(programme, last_day))
}

/// The day through which points can be spent of which members are told that they lapse after `told`.
pub(crate) fn with_grace(programme: &Programme, told: Day) -> Day {
    if told >= Day::FOREVER {
        return told;
    }
    told.plus(i32::from(programme.expiry.grace_days))
}

/// The last day of what is earned on a day; none for what lasts as long as the member is active.
pub(crate) fn last_day(lasts: &Lasts, day: Day) -> Option<Day> {
    match lasts {
        Lasts::Forever => Some(Day::FOREVER),
        Lasts::Months {
            months,
            to_end_of: Some(period),
        } => Some(day.month().last_day_after(*months, period.months())),
        Lasts::Months {
            months,
            to_end_of: None,
        } => Some(day.plus_months(*months)),
        Lasts::Days { days, to_end_of } => {
            let last = day.plus(i32::from(*days));
            Some(to_end_of.map_or(last, |period| last.month().last_day_after(0, period.months())))
        }
        Lasts::Through { days, at_least_days } => {
            let first = day.plus(i32::from(*at_least_days));
            let year = first.date().year();
            let on = |year: i16| {
                days.iter()
                    .filter_map(move |day| Date::new(year, day.month, day.day).ok())
            };
            let next = on(year)
                .chain(on(year.saturating_add(1)))
                .map(Day::of)
                .find(|next| *next >= first);
            Some(next.unwrap_or(Day::FOREVER))
        }
        Lasts::Active { .. } => None,
    }
}

/// The last day of points earned on a day, if nothing more is done after it.
pub(crate) fn earliest_end(programme: &Programme, lasts: &Lasts, day: Day) -> Day {
    last_day_of_points(programme, lasts, day)
        .or(active_until(programme, lasts, day))
        .unwrap_or(Day::FOREVER)
}

/// The last day of a member's activity, where something was done on a day.
fn active_until(programme: &Programme, lasts: &Lasts, day: Day) -> Option<Day> {
    let Lasts::Active { months, to_end_of } = lasts else {
        return None;
    };
    let last = day.plus_months(*months);
    let last = to_end_of.map_or(last, |period| day.month().last_day_after(*months, period.months()));
    Some(with_grace(programme, last))
}

/// The member earned or spent something on a day, or was given some: the points that last as long as they are active last
/// on from there.
pub(crate) fn is_active(programme: &Programme, account: &mut Account, day: Day, received: Timestamp) {
    let until = active_until(programme, programme.expiry.lasts.get_ref(), day);
    if until <= account.state.active.until {
        return;
    }
    account.state.active.until = until;
    let last_day = Day::while_active(account.state.active.stretch);
    // A reminder of the new end may come before the old one.
    if account.state.wallets.iter().any(|wallet| wallet.has_lot(last_day)) {
        moments::expect_lot(programme, account, last_day, received);
    }
}

impl State {
    /// The last day of a lot as things stand: its own, or the last of the member's activity. A stretch of activity that
    /// is over ended long ago.
    pub(crate) fn end(&self, last_day: Day) -> Day {
        match last_day.stretch() {
            None => last_day,
            Some(stretch) if stretch == self.active.stretch => self.active.until.unwrap_or(Day::FIRST),
            Some(_) => Day::FIRST,
        }
    }
}

/// Ends the stretch of activity: what is left of its lots lapses.
pub(crate) fn end_stretch(programme: &Programme, account: &mut Account, decided: Timestamp) -> Result<(), Corrupt> {
    let active = account.state.active;
    let last_day = Day::while_active(active.stretch);
    if let Some(end) = active.until {
        let at = end.plus(1).start(programme.zone);
        for wallet in account.wallets() {
            if account.wallet(wallet).has_lot(last_day) {
                let what = lapse_lot(account, wallet, last_day);
                let cause = Moment::Expiry { wallet, last_day, end }.cause();
                account.book(wallet, &cause, Times { at, decided }, what)?;
            }
        }
    }
    account.state.active.until = None;
    account.state.active.stretch = active.stretch.saturating_add(1);
    Ok(())
}

/// Takes a lot away that has lapsed; gives what its entry says.
pub(crate) fn lapse_lot(account: &mut Account, wallet: WalletId, last_day: Day) -> What {
    let own = account.wallet_mut(wallet);
    let lot = own.lots.iter().find(|lot| lot.last_day == last_day);
    let points = lot.map_or(Points::ZERO, |lot| lot.points);
    own.lots.retain(|lot| lot.last_day != last_day);
    // What lapses was earned, and the sum of all that was earned fits.
    own.totals.expired = own.totals.expired.add(points).unwrap_or_default();
    What::Expired { points, last_day }
}
