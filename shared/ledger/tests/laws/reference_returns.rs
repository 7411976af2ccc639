//! Returns in the slow model: every order is looked through whole.

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::Part;

use super::{Lot, Wallet};
use crate::support::lines;

impl Wallet {
    /// Whether points were spent on an order that did not come back.
    pub(in super::super) fn paid_for(&self, id: &str) -> bool {
        self.spent_on
            .get(id)
            .is_some_and(|spent| spent.iter().any(|(_, points, ..)| *points > 0))
    }

    /// `paid` says whether points of any wallet were spent on it that did not come back.
    pub(in super::super) fn refund(&mut self, received: Timestamp, id: &str, part: &Part, paid: bool) -> bool {
        let today = self.day(received);
        let Some(index) = self.orders.iter().position(|order| order.id == id) else {
            if !paid || !matches!(part, Part::Whole) {
                return false;
            }
            let all = self
                .spent_on
                .get(id)
                .map_or(0, |spent| spent.iter().map(|(_, points, ..)| points).sum());
            let restored = self.bring_back(id, all, today);
            self.settle(today);
            self.pay_waived(restored.into_iter(), today);
            return true;
        };
        let Some(minor) = self.worth(index, part, paid) else {
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
        let open: i64 = self
            .spent_on
            .get(id)
            .map_or(0, |spent| spent.iter().map(|(_, points, ..)| points).sum());
        let back = open - share(open + self.back_on.get(id).copied().unwrap_or_default());
        let counted = order.points - share(order.points) - order.counted;
        let lot = order.lot;
        order.counted += counted;
        let restored = self.bring_back(id, back, today);
        self.claw_back(today, id, lot, counted);
        self.settle(today);
        self.pay_waived(restored.into_iter(), today);
        true
    }

    /// Takes back what was granted under a cause.
    pub(in super::super) fn take_back(&mut self, cause: &str, received: Timestamp) {
        let today = self.day(received);
        let Some(grant) = self.grants.iter_mut().find(|grant| grant.id == cause) else {
            return;
        };
        let (lot, points) = (grant.lot, grant.points);
        grant.counted = points;
        self.claw_back(today, cause, lot, points);
        self.settle(today);
    }

    /// So many points that were spent on an order come back, from the last that was drawn.
    fn bring_back(&mut self, id: &str, points: i64, today: Date) -> Vec<(Lot, i64, usize)> {
        *self.back_on.entry(id.to_owned()).or_default() += points;
        let (mut rest, mut restored) = (points, Vec::new());
        let mut spent = self.spent_on.remove(id).unwrap_or_default();
        for (lot, left, day, drawn) in spent.iter_mut().rev() {
            let take = rest.min(*left);
            rest -= take;
            *left -= take;
            if take > 0 {
                restored.push((*lot, take, *drawn));
                self.spent -= take;
                *self.spent_by_day.get_mut(day).unwrap() -= take;
                self.put_back(*lot, (today, today), take);
            }
        }
        self.spent_on.insert(id.to_owned(), spent);
        restored
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
    fn worth(&mut self, index: usize, part: &Part, paid: bool) -> Option<i64> {
        let order = &mut self.orders[index];
        let left = order.paid - order.returned;
        if left == 0 && order.returns > 0 {
            return (paid && matches!(part, Part::Whole)).then_some(0);
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
