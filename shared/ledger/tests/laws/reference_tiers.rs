//! Tiers in the slow model: everything that counted is kept, and looked through whole for every question. What an order
//! that came back leaves is found by living through it all again.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::start_of_window;
use crate::support::terms::{Terms, Valid};

/// How a member stands.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Stand {
    tier: usize,
    review: Option<Date>,
    grace: bool,
    locked: Option<(usize, Date)>,
}

#[derive(Debug, Clone)]
struct Happened {
    /// The day it was decided on.
    today: Date,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    Bought {
        id: String,
        earned_on: Date,
    },
    /// By a clock that may run ahead of what comes next.
    Reviewed,
    Given {
        tier: usize,
        until: Date,
    },
}

#[derive(Clone)]
pub(super) struct Tiers {
    pub(super) terms: Terms,
    joined: Date,
    /// The programme's day on which that arrived.
    since: Date,
    birthday: Option<(i8, i8)>,
    log: Vec<Happened>,
    /// What is left of each purchase, in what counts.
    left: BTreeMap<String, i64>,
    stand: Stand,
    /// What counts now, where that is not what happened.
    pub(super) outside: Option<i64>,
    /// What the tier was reached on, on which day, and how the member stood before, since anything else was decided.
    rises: Vec<(String, Date, Stand)>,
}

impl Tiers {
    pub(super) fn new(terms: &Terms) -> Self {
        Self {
            terms: terms.clone(),
            joined: Date::MIN,
            since: Date::MIN,
            birthday: None,
            log: Vec::new(),
            left: BTreeMap::new(),
            stand: Stand::default(),
            outside: None,
            rises: Vec::new(),
        }
    }

    pub(super) fn join(&mut self, joined: Date, since: Date, birthday: Option<(i8, i8)>) {
        (self.joined, self.since, self.birthday) = (joined, since, birthday);
        self.stand = self.at_first();
    }

    fn at_first(&self) -> Stand {
        Stand {
            review: self.next_review(self.since, 0),
            ..Stand::default()
        }
    }

    pub(super) fn tier(&self) -> usize {
        self.stand.tier
    }

    pub(super) fn joined(&self) -> Date {
        self.joined
    }

    pub(super) fn review(&self) -> Option<Date> {
        self.stand.review
    }

    /// The first day after one that is a day of review.
    fn next_review(&self, day: Date, tier: usize) -> Option<Date> {
        if tier == 0 && !self.terms.at_review {
            return None;
        }
        let months_later = |day: Date, months: i32| day.checked_add(months.months()).unwrap();
        let after_joining = |months: u8| {
            let mut turns = 0;
            loop {
                let next = months_later(self.joined, turns * i32::from(months));
                if next > day {
                    return next;
                }
                turns += 1;
            }
        };
        Some(match &self.terms.valid {
            Valid::Months(months, 0) => months_later(day, i32::from(*months)),
            Valid::Months(months, period) => {
                let mut last = months_later(day.first_of_month(), i32::from(*months)).last_of_month();
                while last.month() % period != 0 {
                    last = last.tomorrow().unwrap().last_of_month();
                }
                last.tomorrow().unwrap()
            }
            Valid::SinceJoined(months) => after_joining(*months),
            Valid::Birthday => match self.birthday {
                None => after_joining(12),
                Some((month, on)) => {
                    let leap = if self.terms.leap_day == "02-28" {
                        (2, 28)
                    } else {
                        (3, 1)
                    };
                    let is = |day: Date| {
                        let kept = (month, on) == (2, 29) && !day.in_leap_year();
                        (day.month(), day.day()) == if kept { leap } else { (month, on) }
                    };
                    let mut next = day.tomorrow().unwrap();
                    while !is(next) {
                        next = next.tomorrow().unwrap();
                    }
                    next
                }
            },
            Valid::On(days) => {
                let mut next = day.tomorrow().unwrap();
                while !days.contains(&(next.month(), next.day())) {
                    next = next.tomorrow().unwrap();
                }
                next
            }
            Valid::Rolling => day.last_of_month().tomorrow().unwrap(),
        })
    }

    /// What counts on a day of the first so many things that happened, by what is left of each.
    fn counted(&self, left: &BTreeMap<String, i64>, before: usize, day: Date) -> i64 {
        if let Some(outside) = self.outside {
            return outside;
        }
        let start = start_of_window(day, self.terms.window);
        let bought = self.log[..before].iter().filter_map(|happened| match &happened.what {
            What::Bought { id, earned_on } if *earned_on >= start => Some(left[id]),
            _ => None,
        });
        let sum: i64 = bought.sum();
        if self.terms.basis == "spend" { sum / 100 } else { sum }
    }

    fn tier_of(&self, counted: i64) -> usize {
        let reached = self.terms.levels.iter().filter(|(from, _)| *from <= counted).count();
        reached.max(1) - 1
    }

    fn reviewed(&self, stand: Stand, counted: i64, day: Date) -> Stand {
        let locked = stand.locked.filter(|(_, until)| *until > day);
        let mut reached = self.tier_of(counted);
        if let Some((tier, _)) = locked {
            reached = reached.max(tier);
        }
        let tier = if reached >= stand.tier {
            if self.terms.at_review { reached } else { stand.tier }
        } else {
            match self.terms.downgrade {
                "never" => stand.tier,
                "one-step" => reached.max(stand.tier - 1),
                _ => reached,
            }
        };
        if let Some((days, period)) = self.terms.grace
            && tier < stand.tier
            && !stand.grace
        {
            let mut last = day.checked_add(i64::from(days).days()).unwrap();
            if period > 0 {
                last = last.last_of_month();
                while last.month() % period != 0 {
                    last = last.tomorrow().unwrap().last_of_month();
                }
            }
            let review = Some(last.tomorrow().unwrap());
            let grace = true;
            return Stand {
                review,
                grace,
                locked,
                ..stand
            };
        }
        let review = match locked {
            Some((of, until)) if of == tier && !self.terms.at_review => (until < Date::MAX).then_some(until),
            Some((of, until)) if of == tier => self.next_review(day, tier).map(|next| next.min(until)),
            _ => self.next_review(day, tier),
        };
        Stand {
            tier,
            review,
            grace: false,
            locked,
        }
    }

    /// The tier that is reached at once, on a day.
    fn raise(&self, stand: &mut Stand, counted: i64, today: Date) {
        let reached = self.tier_of(counted);
        if reached > stand.tier && !self.terms.at_review {
            stand.tier = reached;
            stand.review = self.next_review(today, reached);
            stand.grace = false;
        }
    }

    fn give_to(&self, stand: &mut Stand, (tier, until): (usize, Date), today: Date) {
        // Nobody is worse off for it: a tier that they had stays as long as it would have, and reviews raise.
        let mut review = until;
        if self.terms.at_review {
            review = review.min(self.next_review(today, tier).unwrap());
        } else if stand.tier == tier {
            review = review.max(stand.review.unwrap_or(until));
        }
        stand.tier = tier;
        stand.review = (review < Date::MAX).then_some(review);
        stand.grace = false;
        stand.locked = Some((tier, until));
    }

    /// A purchase that counts so much.
    pub(super) fn bought(&mut self, id: &str, earned_on: Date, today: Date, counts: i64) {
        let id = id.to_owned();
        self.left.insert(id.clone(), counts);
        let what = What::Bought { id, earned_on };
        self.log.push(Happened { today, what });
        if counts > 0 {
            let mut stand = self.stand;
            self.raise(&mut stand, self.counted(&self.left, self.log.len(), today), today);
            self.stand = stand;
        }
    }

    pub(super) fn give(&mut self, tier: &str, until: Option<Date>, today: Date) -> bool {
        let known = (0..self.terms.levels.len()).find(|index| format!("{}{index}", self.terms.prefix()) == tier);
        let (Some(tier), until) = (known, until.unwrap_or(Date::MAX)) else {
            return false;
        };
        if until <= today {
            return false;
        }
        let what = What::Given { tier, until };
        self.log.push(Happened { today, what });
        let mut stand = self.stand;
        self.give_to(&mut stand, (tier, until), today);
        self.stand = stand;
        self.rises.clear();
        true
    }

    /// Holds the review of a day; gives the tiers before and after it.
    pub(super) fn hold(&mut self, day: Date, today: Date) -> (usize, usize) {
        let counted = self.counted(&self.left, self.log.len(), day);
        let before = self.stand.tier;
        self.rises.clear();
        self.stand = self.reviewed(self.stand, counted, day);
        let what = What::Reviewed;
        self.log.push(Happened { today, what });
        (before, self.stand.tier)
    }

    /// The tier is reached at once that counts now.
    pub(super) fn follow(&mut self, cause: &str, today: Date) {
        let mut stand = self.stand;
        self.raise(&mut stand, self.outside.unwrap(), today);
        if stand.tier > self.stand.tier {
            self.rises.push((cause.to_owned(), today, self.stand));
        }
        self.stand = stand;
    }

    /// The day of the last rise that nothing was decided on since.
    pub(super) fn last_rise(&self) -> Option<Date> {
        self.rises.last().map(|(_, on, _)| *on)
    }

    /// The tier that was reached on an order goes with it, as far as what counts now does not hold it.
    pub(super) fn balance_back(&mut self, order: &str) {
        let Some((_, on, before)) = self.rises.last().cloned().filter(|(cause, ..)| cause == order) else {
            return;
        };
        let tier = self.tier_of(self.outside.unwrap()).max(before.tier);
        if tier >= self.stand.tier {
            return;
        }
        if tier == before.tier {
            self.stand = before;
            self.rises.pop();
        } else {
            self.stand = Stand {
                tier,
                review: self.next_review(on, tier),
                grace: false,
                locked: before.locked,
            };
        }
    }

    /// Which tier the review of a day will find, if it takes the one the member has, and what is missing.
    pub(super) fn at_risk(&self, day: Date) -> Option<(usize, i64)> {
        let counted = self.counted(&self.left, self.log.len(), day);
        let to = self.reviewed(self.stand, counted, day).tier;
        (to < self.stand.tier).then(|| (to, self.terms.levels[self.stand.tier].0 - counted))
    }

    /// So much is left of a purchase.
    pub(super) fn came_back(&mut self, id: &str, counts: i64, today: Date) {
        let Some(before) = self.left.get(id).copied() else {
            return;
        };
        if before == counts {
            return;
        }
        let with = self.again(today);
        self.left.insert(id.to_owned(), counts);
        let without = self.again(today);
        if without != with {
            self.stand = without;
        }
    }

    /// How the member would stand, by what is left of each purchase.
    fn again(&self, today: Date) -> Stand {
        let mut stand = self.at_first();
        for (place, happened) in self.log.iter().enumerate() {
            self.review_until(&mut stand, happened.today, place);
            match &happened.what {
                What::Bought { id, .. } if self.left[id] > 0 => {
                    let counted = self.counted(&self.left, place + 1, happened.today);
                    self.raise(&mut stand, counted, happened.today);
                }
                What::Given { tier, until } => self.give_to(&mut stand, (*tier, *until), happened.today),
                What::Bought { .. } | What::Reviewed => {}
            }
        }
        self.review_until(&mut stand, today, self.log.len());
        stand
    }

    fn review_until(&self, stand: &mut Stand, today: Date, place: usize) {
        while let Some(day) = stand.review.filter(|day| *day <= today) {
            *stand = self.reviewed(*stand, self.counted(&self.left, place, day), day);
        }
    }
}
