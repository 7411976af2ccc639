//! The six fields of a cron expression.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use jiff::civil::{Date, DateTime, Time};

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// Minutes, hours, days, months and years that fit.
#[derive(Debug, Clone)]
pub(super) struct Cron {
    minutes: BTreeSet<i16>,
    hours: BTreeSet<i16>,
    days: Days,
    months: BTreeSet<i16>,
    years: BTreeSet<i16>,
}

#[derive(Debug, Clone)]
enum Days {
    OfMonth(BTreeSet<i16>),
    LastOfMonth,
    /// 1 is Sunday.
    OfWeek(BTreeSet<i16>),
}

struct Field {
    name: &'static str,
    range: RangeInclusive<i16>,
    names: &'static [&'static str],
}

impl Cron {
    pub(super) fn parse(argument: &str) -> Result<Self, String> {
        let fields: Vec<&str> = argument.split_whitespace().collect();
        let [minutes, hours, day, month, weekday, year] = fields.as_slice() else {
            return Err(format!(
                "cron({argument}) takes six fields: minutes, hours, day of month, month, day of week, year"
            ));
        };
        let plain = |name, range, text| {
            Field {
                name,
                range,
                names: &[],
            }
            .parse(text)
        };
        let days = match (*day, *weekday) {
            ("?", "?") => {
                return Err(format!(
                    "cron({argument}) has ? for both days; one of them takes values or *"
                ));
            }
            ("L", "?") => Days::LastOfMonth,
            (day, "?") => Days::OfMonth(plain("day of month", 1..=31, day)?),
            ("?", weekday) => Days::OfWeek(
                Field {
                    name: "day of week",
                    range: 1..=7,
                    names: &WEEKDAYS,
                }
                .parse(weekday)?,
            ),
            _ => {
                return Err(format!(
                    "cron({argument}) has both a day of month and a day of week; one of them takes ?"
                ));
            }
        };
        Ok(Self {
            minutes: plain("minutes", 0..=59, minutes)?,
            hours: plain("hours", 0..=23, hours)?,
            days,
            months: Field {
                name: "month",
                range: 1..=12,
                names: &MONTHS,
            }
            .parse(month)?,
            years: plain("year", 1970..=2199, year)?,
        })
    }

    /// The first fitting time on a clock after this one, if there is one.
    pub(super) fn next_after(&self, clock: DateTime) -> Option<DateTime> {
        let start = Time::new(clock.hour(), clock.minute(), 0, 0).ok()?;
        if let Some(time) = self
            .fits(clock.date())
            .then(|| self.times().find(|time| *time > start))
            .flatten()
        {
            return Some(clock.date().to_datetime(time));
        }
        let mut date = clock.date().tomorrow().ok()?;
        while !self.fits(date) {
            date = self.skip(date)?;
        }
        self.times().next().map(|time| date.to_datetime(time))
    }

    fn times(&self) -> impl Iterator<Item = Time> {
        self.hours
            .iter()
            .flat_map(move |hour| self.minutes.iter().filter_map(move |minute| clock_time(*hour, *minute)))
    }

    fn fits(&self, date: Date) -> bool {
        self.years.contains(&date.year())
            && self.months.contains(&i16::from(date.month()))
            && match &self.days {
                Days::OfMonth(days) => days.contains(&i16::from(date.day())),
                Days::LastOfMonth => date.day() == date.days_in_month(),
                Days::OfWeek(days) => days.contains(&i16::from(date.weekday().to_sunday_one_offset())),
            }
    }

    /// A later date with none fitting before it: the next fitting year or month, or the next day.
    fn skip(&self, date: Date) -> Option<Date> {
        if !self.years.contains(&date.year()) {
            let year = self.years.range(date.year()..).next()?;
            return Date::new(*year, 1, 1).ok();
        }
        if !self.months.contains(&i16::from(date.month())) {
            return date.last_of_month().tomorrow().ok();
        }
        date.tomorrow().ok()
    }
}

fn clock_time(hour: i16, minute: i16) -> Option<Time> {
    Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()
}

impl Field {
    /// `*`, values, ranges (`1-5`) and steps (`0/15`, `1-10/3`), separated by commas.
    fn parse(&self, text: &str) -> Result<BTreeSet<i16>, String> {
        let mut values = BTreeSet::new();
        for part in text.split(',') {
            let (base, step) = match part.split_once('/') {
                None => (part, None),
                Some((base, step)) => {
                    let step = step.parse::<i16>().ok().filter(|step| *step > 0);
                    (base, Some(step.ok_or_else(|| self.wrong(part))?))
                }
            };
            let (first, last) = match base.split_once('-') {
                Some((first, last)) => (self.value(first, part)?, self.value(last, part)?),
                None if base == "*" => (*self.range.start(), *self.range.end()),
                None => {
                    let value = self.value(base, part)?;
                    let last = step.map_or(value, |_| *self.range.end());
                    (value, last)
                }
            };
            if first > last {
                return Err(self.wrong(part));
            }
            let step = usize::try_from(step.unwrap_or(1)).map_err(|_| self.wrong(part))?;
            values.extend((first..=last).step_by(step));
        }
        Ok(values)
    }

    fn value(&self, text: &str, part: &str) -> Result<i16, String> {
        let named = self
            .names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(text))
            .and_then(|index| i16::try_from(index).ok()?.checked_add(1));
        named
            .or_else(|| text.parse().ok())
            .filter(|value| self.range.contains(value))
            .ok_or_else(|| self.wrong(part))
    }

    fn wrong(&self, part: &str) -> String {
        let (first, last) = (self.range.start(), self.range.end());
        let names = match self.names {
            [first, .., last] => format!(" or {first} to {last}"),
            _ => String::new(),
        };
        let special = match self.name {
            "day of month" => "; L for the last day; W is not supported",
            "day of week" => "; L and # are not supported",
            _ => "",
        };
        format!(
            "cron: {part:?} is no {}: values from {first} to {last}{names}, *, ranges (first-last), steps (first/step), \
             lists{special}",
            self.name
        )
    }
}
