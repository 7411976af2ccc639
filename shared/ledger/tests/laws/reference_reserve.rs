//! Reservations in the slow model.

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::Activity;

use super::{Lot, Wallet};

/// Points that are held.
#[derive(Clone)]
pub(super) struct Held {
    id: String,
    since: Date,
    until: Timestamp,
    order: Option<String>,
    lots: Vec<(Lot, i64)>,
    drawn: usize,
}

impl Wallet {
    pub(in super::super) fn reservations(&self) -> usize {
        self.held.len()
    }

    pub(super) fn held(&self) -> i64 {
        let lots = self.held.iter().flat_map(|held| &held.lots);
        lots.map(|(_, points)| points).sum()
    }

    pub(in super::super) fn reserve(
        &mut self,
        activity: &Activity,
        points: i64,
        order: Option<&str>,
        minutes: u16,
    ) -> bool {
        let today = self.day(activity.received);
        let more = points > self.balance(activity.received);
        if points <= 0 || more || self.allowed("spend", points, today).is_none() {
            return false;
        }
        let lots = self.draw(today, points);
        *self.spent_by_day.entry(today).or_default() += points;
        let second = activity.received.as_second() + i64::from(minutes.min(3_030)) * 60;
        self.held.push(Held {
            id: activity.id.to_string(),
            since: today,
            until: Timestamp::from_second(second).unwrap(),
            order: order.map(str::to_owned),
            lots,
            drawn: self.clock,
        });
        true
    }

    fn take_held(&mut self, id: &str) -> Option<Held> {
        let place = self.held.iter().position(|held| held.id == id)?;
        Some(self.held.remove(place))
    }

    pub(in super::super) fn commit(&mut self, id: &str) -> bool {
        let Some(held) = self.take_held(id) else {
            return false;
        };
        self.spent += held.lots.iter().map(|(_, points)| points).sum::<i64>();
        if let Some(order) = held.order {
            let (since, drawn) = (held.since, held.drawn);
            let lots = held.lots.into_iter().map(|(lot, points)| (lot, points, since, drawn));
            self.spent_on.entry(order).or_default().extend(lots);
        }
        true
    }

    pub(in super::super) fn cancel(&mut self, id: &str, now: Timestamp) -> bool {
        let Some(held) = self.take_held(id) else {
            return false;
        };
        self.let_go(&held, now, now);
        true
    }

    fn let_go(&mut self, held: &Held, when: Timestamp, found: Timestamp) {
        let (today, found) = (self.day(when), self.day(found));
        for (lot, points) in &held.lots {
            *self.spent_by_day.get_mut(&held.since).unwrap() -= points;
            self.put_back(*lot, (today, found), *points);
        }
        self.settle(today);
        self.pay_waived(held.lots.iter().map(|(lot, points)| (*lot, *points, held.drawn)), today);
    }

    /// Lets go what is held no longer, each at its own time, which is found at another.
    pub(in super::super) fn let_go_until(&mut self, now: Timestamp, found: Timestamp) -> bool {
        let mut any = false;
        loop {
            let over = self.held.iter().filter(|held| held.until <= now);
            let Some(first) = over.min_by_key(|held| held.until).cloned() else {
                return any;
            };
            let day = self.day(first.until);
            any = true;
            self.end_waits(day);
            self.end_stretch(day);
            self.take_held(&first.id);
            self.let_go(&first, first.until, found);
        }
    }
}
