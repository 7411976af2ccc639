//! Days that the operator gives a name to, under `[calendar]`: when campaigns run, and what sets them off.
//!
//! ```toml
//! [calendar]
//! member-day = { monthly = 18 }
//! weekend = { weekly = ["saturday", "sunday"] }
//! singles-day = { yearly = "11-11" }
//! black-friday = { month = 11, nth = 4, weekday = "thursday", days-after = 1 }
//! new-years-eve = { lunar = "spring-festival", days-before = 1 }
//! golden-week = { yearly = "10-01", lasts-days = 7 }
//! good-friday = { easter = -2 }
//! openings = ["2027-03-01", "2027-09-15"]
//! holidays = [{ yearly = "01-01" }, { lunar = "mid-autumn" }, "2027-04-05"]
//! ```
//!
//! A day that a month lacks is its last day: the 31st of each month is 30 April, too, and the 30th of a lunar month of 29
//! days its 29th. Leap months of the Chinese calendar have none of its days: each comes once a year.

mod rule;
mod written;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use crate::rewards::slug;
use rule::Rule;

/// The name of a day, or of several, under `[calendar]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct DayName(String);

impl DayName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for DayName {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        slug(&name, "day", "member-day")?;
        Ok(Self(name))
    }
}

/// All days that have names.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "BTreeMap<Spanned<DayName>, Days>")]
pub struct Calendar {
    /// By name.
    days: Vec<(Spanned<DayName>, Arc<Days>)>,
}

impl From<BTreeMap<Spanned<DayName>, Days>> for Calendar {
    fn from(written: BTreeMap<Spanned<DayName>, Days>) -> Self {
        let days = written.into_iter();
        Self {
            days: days.map(|(name, days)| (name, Arc::new(days))).collect(),
        }
    }
}

impl Calendar {
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.days.iter().map(|(name, _)| name.get_ref().as_str())
    }

    /// The days of a name.
    pub fn days(&self, name: &str) -> Option<&Arc<Days>> {
        let place = self
            .days
            .binary_search_by(|(known, _)| known.get_ref().as_str().cmp(name));
        place.ok().and_then(|place| self.days.get(place)).map(|(_, days)| days)
    }

    /// Whether a date is one of the days of a name.
    pub fn contains(&self, name: &str, date: Date) -> bool {
        self.days(name).is_some_and(|days| days.contains(date))
    }

    /// The first day of a name on a date or after it.
    pub fn next(&self, name: &str, after: Date) -> Option<Date> {
        self.days(name)?.next(after)
    }

    /// The names that a date has.
    pub fn names_of(&self, date: Date) -> impl Iterator<Item = &str> {
        let days = self.days.iter().filter(move |(_, days)| days.contains(date));
        days.map(|(name, _)| name.get_ref().as_str())
    }
}

/// The days of one name.
#[derive(Debug)]
pub struct Days {
    rules: Vec<Rule>,
    /// What the rules come to, year by year, each worked out when it is first asked for: a purchase asks for one bit.
    years: Box<[OnceLock<Year>]>,
}

/// The years that are kept. Others are worked out each time.
const FIRST_YEAR: i16 = 1990;
const KEPT_YEARS: usize = 120;

/// What comes at all comes within so many years: the 29th of February on a given weekday, over a year such as 2100.
pub(crate) const LONGEST_WAIT: i16 = 41;

impl Days {
    fn new(rules: Vec<Rule>) -> Self {
        Self {
            rules,
            years: std::iter::repeat_with(OnceLock::new).take(KEPT_YEARS).collect(),
        }
    }

    pub fn contains(&self, date: Date) -> bool {
        self.in_year(date.year()).has(place(date))
    }

    /// The first day on a date or after it.
    pub fn next(&self, after: Date) -> Option<Date> {
        let last = self.rules.iter().map(Rule::last_year).max()?;
        let last = last.min(after.year().saturating_add(LONGEST_WAIT));
        (after.year()..=last).find_map(|year| {
            let from = if year == after.year() { place(after) } else { 0 };
            let day = i64::try_from(self.in_year(year).next(from)?).ok()?;
            let first = Date::new(year, 1, 1).ok()?;
            first.checked_add(jiff::Span::new().days(day)).ok()
        })
    }

    /// The first day of all, where there is one.
    pub(crate) fn first(&self) -> Option<Date> {
        let first = self.rules.iter().map(Rule::first_year).min()?;
        self.next(Date::new(first, 1, 1).ok()?)
    }

    fn in_year(&self, year: i16) -> Year {
        let kept = usize::try_from(i32::from(year) - i32::from(FIRST_YEAR)).ok();
        match kept.and_then(|place| self.years.get(place)) {
            Some(kept) => *kept.get_or_init(|| self.work_out(year)),
            None => self.work_out(year),
        }
    }

    fn work_out(&self, year: i16) -> Year {
        let mut days = Year::default();
        for rule in &self.rules {
            rule.in_year(year, &mut |date| days.add(place(date)));
        }
        days
    }
}

/// A day's place in its year, from 0.
fn place(date: Date) -> usize {
    usize::try_from(date.day_of_year() - 1).unwrap_or_default()
}

/// The days of a year, a bit each.
#[derive(Debug, Clone, Copy, Default)]
struct Year([u64; 6]);

impl Year {
    fn add(&mut self, day: usize) {
        if let Some(bits) = self.0.get_mut(day / 64) {
            *bits |= 1 << (day % 64);
        }
    }

    fn has(self, day: usize) -> bool {
        self.0.get(day / 64).is_some_and(|bits| bits >> (day % 64) & 1 == 1)
    }

    /// The first day from a place on.
    fn next(self, from: usize) -> Option<usize> {
        let later = self.0.iter().enumerate().skip(from / 64);
        let mut left = later.map(|(index, bits)| {
            let skipped = if index == from / 64 { from % 64 } else { 0 };
            (index, bits >> skipped << skipped)
        });
        let (index, bits) = left.find(|(_, bits)| *bits != 0)?;
        Some(index * 64 + usize::try_from(bits.trailing_zeros()).ok()?)
    }
}
