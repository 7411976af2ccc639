//! Days and months as small numbers, the way the account keeps them.

use std::fmt;

use compact_str::CompactString;
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, Time};
use programme::Zone;
use serde::{Deserialize, Serialize};

/// A day of the civil calendar: days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(i32);

/// A month of the civil calendar: months since January of year 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Month(i32);

/// The calendar ends with the year 9999; nothing is kept or decided for later.
const LAST: Day = Day(2_932_896);
/// It begins with the year -9999.
const FIRST: Day = Day(-4_371_587);
/// The lots of a member's activity, one for each stretch of it, come after all days.
const FIRST_STRETCH: i32 = i32::MAX - 65_535;
const DAY_SECONDS: i64 = 24 * 60 * 60;
/// No zone is farther from UTC.
const FARTHEST_SECONDS: i64 = 26 * 60 * 60;

impl Day {
    /// The last day of points that never lapse.
    pub const FOREVER: Self = LAST;
    /// Before all days on which anything happens.
    pub(crate) const FIRST: Self = FIRST;

    /// Stands for the last day of points that last as long as the member is active: which day that is, the account says.
    pub(crate) fn while_active(stretch: u16) -> Self {
        Self(FIRST_STRETCH + i32::from(stretch))
    }

    /// The stretch of activity that it stands for, if it is no day.
    pub fn stretch(self) -> Option<u16> {
        u16::try_from(self.0.checked_sub(FIRST_STRETCH)?).ok()
    }

    pub fn of(date: Date) -> Self {
        Self::from_civil(i32::from(date.year()), i32::from(date.month()), i32::from(date.day()))
    }

    /// The day an instant falls on, in a zone.
    pub fn at(instant: Timestamp, zone: Zone) -> Self {
        let second = instant.as_second() - i64::from(instant.subsec_nanosecond() < 0);
        Self::of_second(second + i64::from(zone.offset(instant)))
    }

    /// The day that a second of Unix time falls on, where clocks show that.
    pub(crate) fn of_second(second: i64) -> Self {
        Self(i32::try_from(second.div_euclid(DAY_SECONDS)).unwrap_or_default())
    }

    pub fn date(self) -> Date {
        let (year, month, day) = self.civil();
        let date = i16::try_from(year)
            .ok()
            .zip(i8::try_from(month).ok())
            .zip(i8::try_from(day).ok())
            .and_then(|((year, month), day)| Date::new(year, month, day).ok());
        date.unwrap_or(Date::MAX)
    }

    /// Adds it as `1998-01-31`, without a format to be read: the causes of moments are made of it.
    pub(crate) fn write(self, out: &mut CompactString) {
        let (year, month, day) = self.civil();
        let digit = |number: i32| u8::try_from(number % 10).map_or(b'-', |digit| b'0' + digit);
        let years = [year / 1_000, year / 100, year / 10, year].map(digit);
        let [[month, of_month], [day, of_day]] = [month, day].map(|number| [number / 10, number].map(digit));
        let [a, b, c, d] = years;
        let text = [a, b, c, d, b'-', month, of_month, b'-', day, of_day];
        match std::str::from_utf8(&text) {
            Ok(text) if (0..=9_999).contains(&year) => out.push_str(text),
            _ => out.push_str(&self.date().to_string()),
        }
    }

    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Whether a zone has it: where the date line moved, a day was left out.
    pub(crate) fn exists(self, zone: Zone) -> bool {
        let noon = self.time(Time::constant(12, 0, 0, 0), zone);
        Self::at(noon, zone) == self
    }

    /// Days from this day to another.
    pub fn until(self, other: Self) -> i32 {
        other.0.saturating_sub(self.0)
    }

    /// The day so many months later; the last of the month where the day is missing there.
    pub fn plus_months(self, months: u8) -> Self {
        self.date()
            .checked_add(i32::from(months).months())
            .map_or(LAST, Self::of)
    }

    /// The same, by any number of months.
    pub(crate) fn plus_many_months(self, months: i32) -> Self {
        self.date().checked_add(months.months()).map_or(LAST, Self::of)
    }

    /// The day itself where a period of so many months, counted from January, begins with it; else the first day of the
    /// next period.
    pub(crate) fn begins_or_next(self, months: i8) -> Self {
        let (year, month, day) = self.civil();
        let months = i32::from(months.max(1));
        let begun = (month - 1) / months * months;
        if day == 1 && month - 1 == begun {
            return self;
        }
        let next = year * 12 + begun + months;
        Self::from_civil(next.div_euclid(12), next.rem_euclid(12) + 1, 1).clamp(FIRST, LAST)
    }

    /// The Monday of its week.
    pub(crate) fn monday(self) -> Self {
        // The first day of Unix time was a Thursday.
        Self(self.0.saturating_sub((self.0.saturating_add(3)).rem_euclid(7)))
    }

    pub(crate) fn year(self) -> i16 {
        i16::try_from(self.civil().0).unwrap_or(i16::MAX)
    }

    /// Year, month and day of the month.
    pub(crate) fn parts(self) -> (i16, MonthDay) {
        let (year, month, day) = self.civil();
        let part = |number: i32| i8::try_from(number).unwrap_or(i8::MAX);
        let (month, day) = (part(month), part(day));
        (i16::try_from(year).unwrap_or(i16::MAX), MonthDay { month, day })
    }

    /// The same day of another year; the 28th of February for the 29th, where that has none.
    pub(crate) fn in_year(self, year: i16) -> Self {
        let (_, month, day) = self.civil();
        let found = Self::from_civil(i32::from(year), month, day);
        if found.civil().1 == month {
            found
        } else {
            found.plus(-1)
        }
    }

    pub fn month(self) -> Month {
        let (year, month, _) = self.civil();
        Month(year * 12 + month - 1)
    }

    /// The first instant of the day in a zone.
    pub fn start(self, zone: Zone) -> Timestamp {
        self.time(Time::midnight(), zone)
    }

    /// A second of Unix time before which the day starts in no zone.
    pub(crate) fn earliest_second(self) -> i64 {
        i64::from(self.0) * DAY_SECONDS - FARTHEST_SECONDS
    }

    /// A local time of the day. A time that a change of clocks skips is moved on by as much; one that it repeats is
    /// the first of the two.
    pub fn time(self, time: Time, zone: Zone) -> Timestamp {
        let [hour, minute, second] = [time.hour(), time.minute(), time.second()].map(i64::from);
        let local = i64::from(self.0) * DAY_SECONDS + (hour * 60 + minute) * 60 + second;
        let second = zone.second(local);
        let at = second.and_then(|second| Timestamp::from_second(second).ok());
        at.unwrap_or(Timestamp::MAX)
    }

    /// Year, month and day of the Gregorian calendar. Each purchase asks for them several times, and this costs a
    /// twentieth of a checked addition to a [`Date`]. The algorithm is that of C. Neri and L. Schneider, "Euclidean affine
    /// functions and their application to calendar algorithms" (2023): years begin in March, so that the leap day is the
    /// last of its year, and each step is a product and a shift.
    fn civil(self) -> (i32, i32, i32) {
        let days = self.clamp(FIRST, LAST).0 + MARCH_BEFORE;
        let quarters = 4 * days.cast_unsigned() + 3;
        let (century, of_century) = (quarters / 146_097, quarters % 146_097 / 4);
        let product = 2_939_745 * u64::from(4 * of_century + 3);
        let (year_of_century, rest) = ((product >> 32), (product & u64::from(u32::MAX)));
        let day_of_year = rest / 2_939_745 / 4;
        let month_and_day = 2_141 * day_of_year + 197_913;
        let (month, day) = (month_and_day >> 16, (month_and_day & 0xffff) / 2_141 + 1);
        let is_after_new_year = day_of_year >= 306;
        let year = 100 * u64::from(century) + year_of_century + u64::from(is_after_new_year);
        let month = if is_after_new_year { month - 12 } else { month };
        let part = |number: u64| i32::try_from(number).unwrap_or_default();
        (part(year) - YEARS_BEFORE, part(month), part(day))
    }

    /// The inverse of [`Day::civil`], for years of the calendar.
    fn from_civil(year: i32, month: i32, day: i32) -> Self {
        let is_after_new_year = month <= 2;
        let year = (year + YEARS_BEFORE - i32::from(is_after_new_year)).cast_unsigned();
        let month = if is_after_new_year { month + 12 } else { month };
        let century = year / 100;
        let before_year = 1_461 * year / 4 - century + century / 4;
        let before_month = (979 * month - 2_919) / 32;
        Self(before_year.cast_signed() + before_month + day - 1 - MARCH_BEFORE)
    }
}

/// Sums of days begin with March of this year before the first, so that they are not below nought; the calendar repeats
/// after 400 years.
const YEARS_BEFORE: i32 = 30 * 400;
const MARCH_BEFORE: i32 = 30 * 146_097 + 719_468;

/// As `1998-01-31`, or a word where no day is set.
impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.stretch() {
            Some(_) => out.pad("while active"),
            None if *self >= Self::FOREVER => out.pad("no end"),
            None => self.date().fmt(out),
        }
    }
}

/// As `1998-01`.
impl fmt::Display for Month {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

impl Month {
    pub fn minus(self, months: u8) -> Self {
        Self(self.0.saturating_sub(i32::from(months)))
    }

    /// Months from this one to another.
    pub(crate) fn until(self, other: Self) -> i32 {
        other.0.saturating_sub(self.0)
    }

    /// January of its year.
    pub(crate) fn january(self) -> Self {
        Self(self.0.saturating_sub(self.0.rem_euclid(12)))
    }

    pub(crate) fn first_day(self) -> Day {
        let (year, month) = (self.0.div_euclid(12), self.0.rem_euclid(12) + 1);
        Day::from_civil(year.clamp(-9_999, 9_999), month, 1)
    }

    /// The last day of the period that the month so many months later is in; periods of so many months begin in January.
    pub fn last_day_after(self, months: u8, period: i8) -> Day {
        let (month, period) = (self.0.saturating_add(i32::from(months)), i32::from(period.max(1)));
        let next = month.saturating_add(period - month.rem_euclid(period));
        let (year, month) = (next.div_euclid(12), next.rem_euclid(12) + 1);
        Day::from_civil(year.clamp(-9_999, 10_000), month, 1).plus(-1).min(LAST)
    }
}

/// A day of every year: a birthday without its year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn days_and_months_agree_with_the_calendar() {
        let (mut date, mut day) = (Date::MIN, FIRST);
        loop {
            assert_eq!((day.date(), Day::of(date)), (date, day));
            let mut written = CompactString::default();
            day.write(&mut written);
            assert_eq!(written, date.to_string());
            if date.year() > 1_600 && date.year() < 2_100 {
                let years = [date.year() + 1, date.year() + 4, date.year() - 3];
                for year in years {
                    let same = Date::new(year, date.month(), date.day()).or_else(|_| Date::new(year, 2, 28));
                    assert_eq!(day.in_year(year).date(), same.unwrap());
                }
            }
            if date.day() == 1 {
                let month = i32::from(date.year()) * 12 + i32::from(date.month()) - 1;
                assert_eq!(day.month(), Month(month), "{date}");
                assert_eq!(day.month().last_day_after(0, 1).date(), date.last_of_month(), "{date}");
            }
            let Ok(tomorrow) = date.tomorrow() else { break };
            (date, day) = (tomorrow, day.plus(1));
        }
        assert_eq!((date, day), (Date::MAX, LAST));
        assert_eq!(LAST.month().last_day_after(13, 1), LAST);
        assert_eq!((Day(i32::MIN).date(), Day(i32::MAX).date()), (Date::MIN, Date::MAX));
    }

    #[test]
    fn an_instant_falls_on_the_day_that_local_clocks_show() {
        let half_a_second_before: Timestamp = "1969-12-31T23:59:59.5Z".parse().unwrap();
        assert_eq!(Day::at(half_a_second_before, Zone::parse("UTC").unwrap()), Day(-1));
        for zone in ["Pacific/Apia", "America/Havana", "Asia/Kathmandu", "UTC"] {
            let zone = Zone::parse(zone).unwrap();
            let mut instant: Timestamp = "1969-12-31T11:59:59.999999999Z".parse().unwrap();
            let last: Timestamp = "2040-01-01T00:00:00Z".parse().unwrap();
            while instant < last {
                let date = zone.rules().to_datetime(instant).date();
                assert_eq!(Day::at(instant, zone).date(), date, "{instant}");
                instant += jiff::SignedDuration::from_mins(287);
            }
        }
    }
}
