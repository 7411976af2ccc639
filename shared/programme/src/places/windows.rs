//! Hours of each day of the week.

use jiff::civil::{DateTime, Time, Weekday};
use serde::Deserialize;

use crate::TimeOfDay;
use crate::names::WEEKDAYS;

/// From when to before when something is allowed on each day of the week, if at all on that day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Windows([Option<(Time, Time)>; 7]);

/// Hours as they are written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Written {
    /// None is every day.
    #[serde(default)]
    days: Vec<String>,
    from: TimeOfDay,
    to: TimeOfDay,
}

fn place(day: Weekday) -> usize {
    usize::try_from(day.to_monday_zero_offset()).unwrap_or_default()
}

impl Windows {
    /// On no day at all.
    pub const NEVER: Self = Self([None; 7]);

    /// Of each day from Monday on.
    pub fn new(days: [Option<(Time, Time)>; 7]) -> Self {
        Self(days)
    }

    pub(super) fn read(written: &[Written]) -> Self {
        let mut days = [None; 7];
        for (day, name) in days.iter_mut().zip(WEEKDAYS) {
            let mut own = written
                .iter()
                .filter(|hours| hours.days.is_empty() || hours.days.iter().any(|own| own == name));
            *day = own.next().map(|hours| (hours.from.time(), hours.to.time()));
        }
        Self(days)
    }

    pub fn on(&self, day: Weekday) -> Option<(Time, Time)> {
        self.0.get(place(day)).copied().flatten()
    }

    /// What both allow.
    pub fn and(self, other: Self) -> Self {
        let mut days = other.0;
        for (own, day) in self.0.iter().zip(&mut days) {
            let both = own
                .zip(*day)
                .map(|(own, other)| (own.0.max(other.0), own.1.min(other.1)));
            *day = both.filter(|(from, to)| from < to);
        }
        Self(days)
    }

    /// Whether a local time is allowed.
    pub fn contain(&self, local: DateTime) -> bool {
        let (date, time) = (local.date(), local.time());
        self.on(date.weekday())
            .is_some_and(|(from, to)| from <= time && time < to)
    }
}
