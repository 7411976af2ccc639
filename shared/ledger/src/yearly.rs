//! Birthdays and anniversaries: what falls due once a year, in the member's zone.

use jiff::Timestamp;
use programme::{Programme, Zone};

use crate::account::Account;
use crate::agenda::Horizon;
use crate::day::{Day, MonthDay};
use crate::moments::{Due, Moment};
use crate::person::{has_no_birthday_yet, to_come_there};

/// The next birthday and the next anniversary.
pub(crate) fn agenda(programme: &Programme, account: &Account, zone: Zone, horizon: &mut Horizon) {
    // Two days before the day, in the member's zone, of the instant up to which moments are booked: a 29th of February may
    // be moved to a day beside it.
    let until = Timestamp::from_second(account.state.woken_until).unwrap_or_default();
    let (year, day_of_year) = Day::at(until, zone).plus(-2).parts();
    // What was earlier in that year comes in the next.
    let years = |of: MonthDay| {
        let first = year.saturating_add(i16::from(of < day_of_year));
        first..=first.saturating_add(1)
    };
    for year in account.state.birthday.into_iter().flat_map(years) {
        let Some(day) = birthday(programme, account, year).filter(|day| horizon.reaches(*day)) else {
            break;
        };
        let at = day.time(programme.birthday.at.time(), zone);
        if to_come_there(account, at) && has_no_birthday_yet(account, day) {
            let moment = Moment::Birthday { day };
            horizon.add(Due { at, moment });
            break;
        }
    }
    let (_, joined) = account.state.joined.parts();
    for (day, number) in years(joined).filter_map(|year| anniversary(account, year)) {
        if !horizon.reaches(day) {
            break;
        }
        let at = day.time(programme.anniversary.at.time(), zone);
        if to_come_there(account, at) {
            let moment = Moment::Anniversary { day, years: number };
            horizon.add(Due { at, moment });
            break;
        }
    }
}

fn birthday(programme: &Programme, account: &Account, year: i16) -> Option<Day> {
    let date = account.state.birthday?.in_year(year);
    date.or_else(|| programme.birthday.leap_day.in_year(year)).map(Day::of)
}

/// The day in a year, and how many it makes. A member who joined on 29 February keeps it on the 28th.
fn anniversary(account: &Account, year: i16) -> Option<(Day, u16)> {
    let joined = account.state.joined;
    let years = u16::try_from(year.checked_sub(joined.year())?).ok()?;
    (years > 0).then(|| (joined.in_year(year), years))
}
