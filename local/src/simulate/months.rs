//! Which month an instant belongs to.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A month of the programme's zone, counted from the year 0.
pub(super) type MonthNumber = i32;

/// Finds months. What is booked at midnight, on the dot, belongs to the day that ended: points whose last day was the
/// last of January lapse in January.
#[derive(Debug, Clone)]
pub(super) struct Months {
    zone: TimeZone,
    /// The month found last, and the seconds after its start up to its end: most questions are about the same.
    last: (i64, i64, MonthNumber),
}

impl Months {
    pub(super) fn new(zone: TimeZone) -> Self {
        Self { zone, last: (0, 0, 0) }
    }

    pub(super) fn of(&mut self, at: Timestamp) -> MonthNumber {
        let second = at.as_second();
        let (after, until, month) = self.last;
        if after < second && second <= until {
            return month;
        }
        let before = Timestamp::from_second(second.saturating_sub(1)).unwrap_or(at);
        let date = self.zone.to_datetime(before).date();
        let start = |first: Date| {
            self.zone
                .to_timestamp(first.into())
                .map_or(second, Timestamp::as_second)
        };
        let month = i32::from(date.year()) * 12 + i32::from(date.month()) - 1;
        let next = date.last_of_month().tomorrow().map_or(second, start);
        self.last = (start(date.first_of_month()), next, month);
        month
    }
}

/// As `1998-07`.
pub(super) fn name(month: MonthNumber) -> String {
    format!("{:04}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1)
}

const NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// As `July 1998`.
pub(super) fn spoken(month: MonthNumber) -> String {
    format!("{} {}", in_words(month), month.div_euclid(12))
}

/// As `Jul` and `1998`.
pub(super) fn short(month: MonthNumber) -> (&'static str, String) {
    let name = in_words(month);
    (name.get(..3).unwrap_or(name), month.div_euclid(12).to_string())
}

fn in_words(month: MonthNumber) -> &'static str {
    let nth = usize::try_from(month.rem_euclid(12)).unwrap_or_default();
    NAMES.get(nth).copied().unwrap_or_default()
}

/// The month that is written as `1998-07`.
pub(super) fn number(name: &str) -> Option<MonthNumber> {
    let (year, month) = name.rsplit_once('-')?;
    let (year, month): (i32, i32) = (year.parse().ok()?, month.parse().ok()?);
    (1..=12).contains(&month).then_some(year * 12 + month - 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn midnight_belongs_to_the_day_that_ended() {
        let mut months = Months::new(TimeZone::get("America/New_York").unwrap());
        for (at, month) in [
            ("1998-01-31T23:00:00-05:00", "1998-01"),
            ("1998-02-01T00:00:00-05:00", "1998-01"),
            ("1998-02-01T00:00:01-05:00", "1998-02"),
            ("1997-12-31T12:00:00-05:00", "1997-12"),
            ("1998-02-01T00:00:00-05:00", "1998-01"),
        ] {
            assert_eq!(name(months.of(at.parse().unwrap())), month, "{at}");
        }
    }

    #[test]
    fn a_name_is_read_as_it_is_written() {
        for month in [0, 1998 * 12 + 6, 2026 * 12 + 11] {
            assert_eq!(number(&name(month)), Some(month));
        }
        assert_eq!([number("never"), number("1998-13"), number("1998-00")], [None; 3]);
        assert_eq!(spoken(1998 * 12 + 6), "July 1998");
        assert_eq!(short(1998 * 12 + 11), ("Dec", "1998".to_owned()));
    }
}
