//! One rule by which days come.

use icu_calendar::Date as LunarDate;
use icu_calendar::types::Month;
use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

use crate::YearDay;

/// Days that come by a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) comes: Comes,
    /// So many days later; earlier, below 0.
    pub(super) later: i16,
    pub(super) lasts: i16,
}

/// When something comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Comes {
    /// On days of each month.
    Monthly(Vec<i8>),
    Weekly(Vec<Weekday>),
    Yearly(Vec<YearDay>),
    /// On the so-manyeth of a weekday in a month, or in each; below 0 counted from its end.
    Nth {
        month: Option<i8>,
        nth: i8,
        weekday: Weekday,
    },
    Lunar(Vec<LunarDay>),
    /// So many days after Easter Sunday.
    Easter(i16),
    On(Vec<Date>),
}

/// A day of the Chinese calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LunarDay {
    pub(super) month: u8,
    pub(super) day: u8,
}

/// No rule moves or prolongs a day by more than these.
pub(super) const MOST_DAYS: i16 = 366;

impl Rule {
    /// Shows its days in a year, in any order, perhaps one of them twice.
    pub(super) fn in_year(&self, year: i16, see: &mut impl FnMut(Date)) {
        // Moved and prolonged, it may end in the third year after its own, or begin in the second before it.
        for own in year.saturating_sub(3)..=year.saturating_add(2) {
            self.comes.in_year(own, &mut |date| {
                let days = i32::from(self.later)..i32::from(self.later) + i32::from(self.lasts);
                let days = days.filter_map(|later| date.checked_add(later.days()).ok());
                days.filter(|date| date.year() == year).for_each(&mut *see);
            });
        }
    }

    /// No day of it comes later.
    pub(super) fn last_year(&self) -> i16 {
        match &self.comes {
            Comes::On(dates) => dates
                .iter()
                .max()
                .map_or(i16::MIN, |date| date.year().saturating_add(3)),
            _ => 9_999,
        }
    }

    /// Where it does not come every year, the year of its first day, or one before.
    pub(super) fn first_year(&self) -> i16 {
        match &self.comes {
            Comes::On(dates) => dates
                .iter()
                .min()
                .map_or(i16::MAX, |date| date.year().saturating_sub(2)),
            _ => -9_999,
        }
    }
}

impl Comes {
    fn in_year(&self, year: i16, see: &mut impl FnMut(Date)) {
        let first = |month| Date::new(year, month, 1).ok();
        match self {
            Self::Monthly(days) => {
                for month in (1..=12).filter_map(first) {
                    let day = |day: &i8| Date::new(year, month.month(), (*day).min(month.days_in_month())).ok();
                    days.iter().filter_map(day).for_each(&mut *see);
                }
            }
            Self::Weekly(weekdays) => {
                for weekday in weekdays {
                    let first = first(1).and_then(|first| first.nth_weekday_of_month(1, *weekday).ok());
                    let weeks = first.into_iter().flat_map(|first| first.series(Span::new().weeks(1)));
                    weeks.take_while(|date| date.year() == year).for_each(&mut *see);
                }
            }
            Self::Yearly(days) => {
                let day = |day: &YearDay| Date::new(year, day.month, day.day).ok();
                days.iter().filter_map(day).for_each(see);
            }
            Self::Nth { month, nth, weekday } => {
                let months = (1..=12).filter(|own| month.is_none_or(|month| month == *own));
                let days = months.filter_map(first);
                // A fifth that a month lacks does not come in it.
                let days = days.filter_map(|first| first.nth_weekday_of_month(*nth, *weekday).ok());
                days.for_each(see);
            }
            Self::Lunar(days) => days.iter().filter_map(|day| day.in_year(year)).for_each(see),
            Self::Easter(later) => {
                let easter = computus::gregorian(i32::from(year)).ok();
                let day = easter.and_then(|easter| {
                    let (month, day) = (i8::try_from(easter.month).ok()?, i8::try_from(easter.day).ok()?);
                    let sunday = Date::new(year, month, day).ok()?;
                    sunday.checked_add(i32::from(*later).days()).ok()
                });
                day.into_iter().for_each(see);
            }
            Self::On(dates) => dates.iter().filter(|date| date.year() == year).copied().for_each(see),
        }
    }
}

impl LunarDay {
    /// The day in the lunar year that begins in a year of ours: of the month itself, and not of a leap month after it.
    fn in_year(self, year: i16) -> Option<Date> {
        let own = |day| LunarDate::try_new_chinese_traditional(i32::from(year), Month::new(self.month), day).ok();
        // Lunar months have 29 or 30 days.
        let date = own(self.day).or_else(|| own(29).filter(|_| self.day == 30))?;
        let first = LunarDate::try_new_gregorian(1970, 1, 1).ok()?;
        let days = date.to_rata_die().since(first.to_rata_die());
        Date::constant(1970, 1, 1)
            .checked_add(Span::new().try_days(days).ok()?)
            .ok()
    }
}
