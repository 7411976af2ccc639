//! Birthdays and anniversaries: what falls due once a year, in the member's zone.

use jiff::{Timestamp, ToSpan};
use programme::{Programme, Zone};

use crate::account::Account;
use crate::day::Day;
use crate::moments::{Due, Moment, to_come};

pub(crate) fn birthday(programme: &Programme, account: &Account, zone: Zone) -> Option<Due> {
    let birthday = account.state.birthday?;
    let year = this_year(account, zone)?;
    (0..=1).find_map(|later| {
        let year = year.checked_add(later)?;
        let date = birthday
            .in_year(year)
            .or_else(|| programme.birthday.leap_day.in_year(year))?;
        let day = Day::of(date);
        let at = day.time(programme.birthday.at.time(), zone);
        to_come(account, at).then_some(Due {
            at,
            moment: Moment::Birthday { day },
        })
    })
}

pub(crate) fn anniversary(programme: &Programme, account: &Account, zone: Zone) -> Option<Due> {
    let joined = account.state.joined.date();
    let year = this_year(account, zone)?;
    (0..=1).find_map(|later| {
        let years = u16::try_from(year.checked_add(later)?.checked_sub(joined.year())?)
            .ok()
            .filter(|years| *years > 0)?;
        // A member who joined on 29 February keeps it on the 28th.
        let day = Day::of(joined.checked_add(i32::from(years).years()).ok()?);
        let at = day.time(programme.anniversary.at.time(), zone);
        to_come(account, at).then_some(Due {
            at,
            moment: Moment::Anniversary { day, years },
        })
    })
}

/// The year, in the member's zone, of the instant up to which moments are booked.
fn this_year(account: &Account, zone: Zone) -> Option<i16> {
    let until = Timestamp::from_second(account.state.woken_until).ok()?;
    Some(zone.local(until).year())
}
