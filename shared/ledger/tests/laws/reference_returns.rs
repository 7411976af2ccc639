//! Returns in the slow model: every order is looked through whole.

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::Part;

use super::{Lot, Wallet};
use crate::support::lines;

impl Wallet {
    pub(in super::super) fn refund(&mut self, received: Timestamp, id: &str, part: &Part) -> bool {
        let today = self.day(received);
        let Some(index) = self.orders.iter().position(|order| order.id == id) else {
            return false;
        };
        let Some(minor) = self.worth(index, part) else {
            return false;
        };
        let order = &mut self.orders[index];
        order.returned += minor;
        order.returns += 1;
        let stays = order.paid - order.returned;
        let share = |points: i64| {
            if stays == 0 {
                0
            } else {
                i64::try_from(i128::from(points) * i128::from(stays) / i128::from(order.paid)).unwrap()
            }
        };
        let spent = self.spent_on.get(id).cloned().unwrap_or_default();
        let all: i64 = spent.iter().map(|(_, points, ..)| points).sum();
        let back = all - share(all) - order.back;
        let counted = order.points - share(order.points) - order.counted;
        let (skip, lot) = (order.back, order.lot);
        order.back += back;
        order.counted += counted;

        // One point at a time, from the last that was drawn.
        let points = spent.iter().rev();
        let mut one_by_one: Vec<(Lot, i64, Date, usize)> = points.copied().collect();
        let mut restored = Vec::new();
        for (count, restores) in [(skip, false), (back, true)] {
            let mut rest = count;
            for (lot, left, day, drawn) in &mut one_by_one {
                let take = rest.min(*left);
                rest -= take;
                *left -= take;
                if restores && take > 0 {
                    restored.push((*lot, take, *drawn));
                    self.spent -= take;
                    *self.spent_by_day.get_mut(day).unwrap() -= take;
                    self.put_back(*lot, (today, today), take);
                }
            }
        }
        self.claw_back(today, id, lot, counted);
        self.settle(today);
        self.pay_waived(restored.into_iter(), today);
        true
    }

    /// Points come back to their lot as of a day, which was found on another.
    pub(super) fn put_back(&mut self, lot: Lot, (today, found): (Date, Date), points: i64) {
        if self.has_lapsed(lot, today) {
            self.lapse(lot, points, found);
            return;
        }
        // Its lot is every parcel of that day.
        let woken_on = self.woken_on;
        let parcel = self
            .parcels
            .iter_mut()
            .find(|parcel| parcel.lot == lot && (parcel.until <= today || parcel.until <= woken_on));
        match parcel {
            Some(parcel) => parcel.left += points,
            // What else was in the lot has moved on.
            None => self.parcels.push(super::Parcel {
                cause: String::new(),
                lot,
                until: Date::MIN,
                left: points,
            }),
        }
    }

    fn claw_back(&mut self, today: Date, id: &str, lot: Lot, counted: i64) {
        let policy = self.terms.claw_back;
        let mut rest = counted;
        let own = self.parcels.iter().position(|parcel| parcel.cause == id).unwrap();
        if self.waits(&self.parcels[own], today) {
            let parcel = &mut self.parcels[own];
            let take = rest.min(parcel.left);
            parcel.left -= take;
            rest -= take;
        }
        if policy == "only-pending" {
            self.waive(rest);
            return;
        }
        if self.has_lapsed(lot, today) {
            let unbooked = self.parcels.iter().filter(|parcel| parcel.lot == lot);
            let lapsed = self.lapsed.entry(lot).or_default();
            let take = rest.min(*lapsed + unbooked.map(|parcel| parcel.left).sum::<i64>());
            *lapsed -= take;
            rest -= take;
            *self.no_longer_lapsed.entry(lot).or_default() += take;
        } else {
            let woken_on = self.woken_on;
            let of_lot =
                |parcel: &&mut super::Parcel| parcel.lot == lot && (parcel.until <= today || parcel.until <= woken_on);
            for parcel in self.parcels.iter_mut().filter(of_lot) {
                let take = rest.min(parcel.left);
                parcel.left -= take;
                rest -= take;
            }
        }
        let others = rest.min(self.alive(today));
        self.draw(today, others);
        rest -= others;
        if policy == "unlimited" {
            let room = self
                .terms
                .lowest
                .map_or(i64::MAX, |lowest| (-lowest - self.owed).max(0));
            self.owed += rest.min(room);
            rest -= rest.min(room);
        }
        self.waive(rest);
    }

    fn waive(&mut self, points: i64) {
        self.waived += points;
        if points > 0 {
            self.waived_at = self.clock;
        }
    }

    /// What a part comes to, or nothing where it cannot be.
    fn worth(&mut self, index: usize, part: &Part) -> Option<i64> {
        let order = &mut self.orders[index];
        let left = order.paid - order.returned;
        if left == 0 && order.returns > 0 {
            return None;
        }
        let mut after = order.lines.clone();
        let minor = match part {
            Part::Whole => return Some(left),
            Part::Amount(amount) if amount.currency().code() != order.currency => return None,
            Part::Amount(amount) => amount.minor(),
            Part::Lines(back) => {
                let mut sum = 0;
                for (name, count) in back {
                    let known = lines(order.paid);
                    let line = known.iter().find(|line| line.line == *name)?;
                    let gone = after.entry(name.as_str().to_owned()).or_default();
                    if *count == 0 || *gone + count > line.quantity {
                        return None;
                    }
                    let cost = |of: u32| line.minor * i64::from(of) / i64::from(line.quantity);
                    sum += cost(*gone + count) - cost(*gone);
                    *gone += count;
                }
                sum
            }
        };
        if minor == 0 || minor > left {
            return None;
        }
        order.lines = after;
        Some(minor)
    }
}
