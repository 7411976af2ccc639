//! How long points last in the slow model.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::Wallet;
use super::longer::Lapse;
use crate::support::terms::Lasts;

/// What lapses together: points with the same last day, or those of one stretch of activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Lot {
    Through(Date),
    Stretch(u32),
}

/// The stretch of activity the member is in, and its last day if nothing more is done.
#[derive(Clone, Copy, Default)]
pub(super) struct Active {
    pub(super) stretch: u32,
    pub(super) until: Option<Date>,
}

impl Active {
    pub(super) fn end(self, lot: Lot) -> Date {
        match lot {
            Lot::Through(day) => day,
            Lot::Stretch(stretch) if stretch == self.stretch => self.until.unwrap(),
            Lot::Stretch(_) => Date::MIN,
        }
    }
}

/// The last day of points of a day, or of an activity on it.
pub(in super::super) fn last_day(lasts: &Lasts, day: Date) -> Date {
    let (last, period) = match lasts {
        Lasts::Forever => return Date::MAX,
        Lasts::Through(days, least) => {
            let mut day = day.checked_add(i64::from(*least).days()).unwrap();
            while !days.contains(&(day.month(), day.day())) {
                day = day.tomorrow().unwrap();
            }
            return day;
        }
        Lasts::Months(months, period) | Lasts::Active(months, period) => {
            (day.checked_add(i32::from(*months).months()).unwrap(), *period)
        }
        Lasts::Days(days, period) => (day.checked_add(i64::from(*days).days()).unwrap(), *period),
    };
    if period == 0 {
        return last;
    }
    let mut last = last.last_of_month();
    while last.month() % period != 0 {
        last = last.tomorrow().unwrap().last_of_month();
    }
    last
}

impl Wallet {
    pub(super) fn lasts(&self, rule: Option<usize>) -> Lasts {
        let of_rule = rule.and_then(|rule| self.terms.rule_lasts.get(rule).cloned().flatten());
        let second = self.terms.second.as_ref().filter(|_| self.number == 1);
        let of_wallet = second.and_then(|second| second.lasts.clone());
        let of_tier = self.terms.tier_lasts.get(self.tier).cloned().flatten();
        of_rule.or(of_wallet).or(of_tier).unwrap_or(self.terms.lasts.clone())
    }

    pub(in super::super) fn keep_active(&mut self, at: Timestamp) {
        let day = self.day(at);
        self.is_active(day);
    }

    pub(super) fn is_active(&mut self, day: Date) {
        if let Lasts::Active(..) = self.terms.lasts {
            let until = self.told_through(last_day(&self.terms.lasts, day));
            self.active.until = self.active.until.max(Some(until));
        }
    }

    pub(in super::super) fn end_stretch(&mut self, today: Date) {
        if self.active.until.is_some_and(|until| until < today) {
            let lot = Lot::Stretch(self.active.stretch);
            let left = self.parcels.iter_mut().filter(|parcel| parcel.lot == lot);
            let left = left.map(|parcel| std::mem::take(&mut parcel.left)).sum();
            self.lapse(lot, left, self.day_after(lot));
            self.active.stretch += 1;
            self.active.until = None;
        }
    }

    pub(super) fn has_lapsed(&self, lot: Lot, today: Date) -> bool {
        let end = self.active.end(lot);
        end < today || end < self.woken_on
    }

    /// The day on which a lot has lapsed.
    pub(super) fn day_after(&self, lot: Lot) -> Date {
        self.active.end(lot).tomorrow().unwrap_or(Date::MAX)
    }

    pub(super) fn lapse(&mut self, lot: Lot, points: i64, on: Date) {
        self.lapses.push(Lapse { lot, on, points });
        self.expired += points;
        *self.lapsed.entry(lot).or_default() += points;
    }
}
