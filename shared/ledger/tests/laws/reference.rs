//! Points the slow way: a list of what was earned on which day, looked through whole for every question.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use ledger::{Activity, Fact};
use programme::Zone;

use crate::support::random::Terms;

/// Points of one purchase.
struct Parcel {
    earned_on: Date,
    last_day: Date,
    earned: i64,
    left: i64,
}

pub(crate) struct Slow {
    terms: Terms,
    zone: Zone,
    joined: bool,
    parcels: Vec<Parcel>,
    pub(crate) expired: i64,
    pub(crate) spent: i64,
    pub(crate) tier: usize,
    pub(crate) review: Option<Date>,
    /// The last day on which the member was woken.
    woken_on: Date,
}

fn start_of_window(day: Date, months: u8) -> Date {
    day.first_of_month().checked_sub(i32::from(months).months()).unwrap()
}

/// A decimal as a fraction: "1.25" is 125 of 100.
fn fraction(text: &str) -> (i128, i128) {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let places = u32::try_from(decimals.len()).unwrap();
    (format!("{whole}{decimals}").parse().unwrap(), 10_i128.pow(places))
}

impl Slow {
    pub(crate) fn new(terms: &Terms) -> Self {
        Self {
            terms: terms.clone(),
            zone: Zone::parse(terms.zone).unwrap(),
            joined: false,
            parcels: Vec::new(),
            expired: 0,
            spent: 0,
            tier: 0,
            review: None,
            woken_on: Date::MIN,
        }
    }

    fn day(&self, instant: Timestamp) -> Date {
        self.zone.rules().to_datetime(instant).date()
    }

    pub(crate) fn balance(&self, now: Timestamp) -> i64 {
        let today = self.day(now);
        let alive = self.parcels.iter().filter(|parcel| parcel.last_day >= today);
        alive.map(|parcel| parcel.left).sum()
    }

    /// Takes an activity; whether it was accepted.
    pub(crate) fn take(&mut self, activity: &Activity) -> bool {
        if activity.at > activity.received + jiff::SignedDuration::from_hours(24) {
            return false;
        }
        match &activity.fact {
            Fact::SignUp { .. } => !std::mem::replace(&mut self.joined, true),
            _ if !self.joined => false,
            Fact::Purchase { amount } => {
                let code = amount.currency().code();
                let places = amount.currency().exponent();
                self.earn(activity.at, activity.received, code, amount.minor(), places)
            }
            Fact::Redeem { points } => {
                let paid = self.spend(activity.received, points.get());
                self.spent += if paid { points.get() } else { 0 };
                paid
            }
            Fact::Adjust { points, .. } if points.get() < 0 => self.spend(activity.received, -points.get()),
            Fact::Adjust { points, .. } if points.get() > 0 => {
                self.put(activity.at, activity.received, points.get(), 0);
                true
            }
            Fact::Adjust { .. } => false,
        }
    }

    fn earn(&mut self, at: Timestamp, received: Timestamp, code: &str, minor: i64, places: u32) -> bool {
        let Some((_, rate)) = self.terms.earn.iter().find(|(currency, _)| *currency == code) else {
            return false;
        };
        let (rate, rate_of) = fraction(rate);
        let (factor, factor_of) = fraction(self.terms.levels.get(self.tier).unwrap().1);
        let points = i128::from(minor) * rate * factor / (10_i128.pow(places) * rate_of * factor_of);
        let points = i64::try_from(points).unwrap();

        self.put(at, received, points, points);
        let today = self.day(received);
        let reached = self.reached(today);
        if reached > self.tier {
            self.tier = reached;
            self.review = Some(self.next_review(today));
        }
        true
    }

    /// Puts points into a parcel of their own, of which so many count for a tier.
    fn put(&mut self, at: Timestamp, received: Timestamp, points: i64, earned: i64) {
        let (earned_on, today) = (self.day(at), self.day(received));
        let kept = i32::from(self.terms.months).months();
        let last_day = earned_on.first_of_month().checked_add(kept).unwrap().last_of_month();
        let lapsed = last_day < today || last_day < self.woken_on;
        if lapsed {
            self.expired += points;
        }
        self.parcels.push(Parcel {
            earned_on,
            last_day,
            earned,
            left: if lapsed { 0 } else { points },
        });
    }

    /// The tier that the points of the window before a day reach.
    fn reached(&self, day: Date) -> usize {
        let start = start_of_window(day, self.terms.window);
        let counted = self.parcels.iter().filter(|parcel| parcel.earned_on >= start);
        let points: i64 = counted.map(|parcel| parcel.earned).sum();
        self.terms.levels.iter().filter(|(from, _)| *from <= points).count() - 1
    }

    fn next_review(&self, day: Date) -> Date {
        day.checked_add(i32::from(self.terms.review).months()).unwrap()
    }

    fn spend(&mut self, received: Timestamp, points: i64) -> bool {
        if points <= 0 || points > self.balance(received) {
            return false;
        }
        let today = self.day(received);
        self.parcels.sort_by_key(|parcel| parcel.last_day);
        let mut rest = points;
        for parcel in self.parcels.iter_mut().filter(|parcel| parcel.last_day >= today) {
            let take = parcel.left.min(rest);
            parcel.left -= take;
            rest -= take;
        }
        true
    }

    pub(crate) fn wake(&mut self, now: Timestamp) {
        let today = self.day(now);
        self.woken_on = self.woken_on.max(today);
        for parcel in self.parcels.iter_mut().filter(|parcel| parcel.last_day < today) {
            self.expired += parcel.left;
            parcel.left = 0;
        }
        while let Some(day) = self.review.filter(|day| *day <= today) {
            self.tier = self.tier.min(self.reached(day));
            self.review = (self.tier > 0).then(|| self.next_review(day));
        }
    }
}
