//! Days and months as small numbers, the way the account keeps them.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// A day of the civil calendar: days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(i32);

/// A month of the civil calendar: months since January of year 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Month(i32);

const EPOCH: Date = Date::constant(1970, 1, 1);
/// The calendar ends in 9999; nothing is kept or decided for later.
const LAST: Date = Date::MAX;

impl Day {
    pub fn of(date: Date) -> Self {
        Self((date - EPOCH).get_days())
    }

    /// The day an instant falls on, in a zone.
    pub fn at(instant: Timestamp, zone: &TimeZone) -> Self {
        Self::of(zone.to_datetime(instant).date())
    }

    pub fn date(self) -> Date {
        EPOCH
            .checked_add(self.0.days())
            .unwrap_or(if self.0 < 0 { Date::MIN } else { LAST })
    }

    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Days from this day to another.
    pub fn until(self, other: Self) -> i32 {
        other.0.saturating_sub(self.0)
    }

    /// The day so many months later; the last of the month where the day is missing there.
    pub fn plus_months(self, months: u8) -> Self {
        Self::of(self.date().checked_add(i32::from(months).months()).unwrap_or(LAST))
    }

    pub fn month(self) -> Month {
        let date = self.date();
        Month(i32::from(date.year()) * 12 + i32::from(date.month()) - 1)
    }

    /// The first instant of the day in a zone.
    pub fn start(self, zone: &TimeZone) -> Timestamp {
        self.time(Time::midnight(), zone)
    }

    /// A local time of the day. A time that a change of clocks skips is moved on by as much; one that it repeats is
    /// the first of the two.
    pub fn time(self, time: Time, zone: &TimeZone) -> Timestamp {
        zone.to_timestamp(self.date().to_datetime(time))
            .unwrap_or(Timestamp::MAX)
    }
}

impl Month {
    pub fn minus(self, months: u8) -> Self {
        Self(self.0 - i32::from(months))
    }

    /// The last day of the month so many months later.
    pub fn last_day_after(self, months: u8) -> Day {
        let number = self.0 + i32::from(months);
        let (year, month) = (number.div_euclid(12), number.rem_euclid(12) + 1);
        let first = i16::try_from(year)
            .ok()
            .zip(i8::try_from(month).ok())
            .and_then(|(year, month)| Date::new(year, month, 1).ok());
        Day::of(first.map_or(LAST, Date::last_of_month))
    }
}

/// A day of every year: a birthday without its year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthDay {
    pub month: i8,
    pub day: i8,
}

impl MonthDay {
    pub fn of(date: Date) -> Self {
        Self {
            month: date.month(),
            day: date.day(),
        }
    }

    /// The day in a year. A 29 February of a common year is `None`: the programme says where it goes.
    pub fn in_year(self, year: i16) -> Option<Date> {
        Date::new(year, self.month, self.day).ok()
    }
}
