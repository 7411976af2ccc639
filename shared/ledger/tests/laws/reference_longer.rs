//! Points that last longer, in the slow model.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use ledger::Activity;

use super::{Lot, Wallet};

/// Points that lapsed in a lot on a day.
#[derive(Clone, Copy)]
pub(super) struct Lapse {
    pub(super) lot: Lot,
    pub(super) on: Date,
    pub(super) points: i64,
}

impl Wallet {
    pub(in super::super) fn extend(&mut self, received: Timestamp, through: Date) -> bool {
        let today = self.day(received);
        let through = self.told_through(through);
        let short = |lot: Lot| matches!(lot, Lot::Through(day) if day < through);
        let mut short_ones = Vec::new();
        for index in 0..self.parcels.len() {
            let parcel = &self.parcels[index];
            let alive = !self.waits(parcel, today) && !self.has_lapsed(parcel.lot, today);
            if alive && short(parcel.lot) {
                short_ones.push(index);
            }
        }
        let points: i64 = short_ones.iter().map(|index| self.parcels[*index].left).sum();
        if points == 0 || through < today {
            return false;
        }
        // Only lots that still hold something are there to be moved.
        let full = |wallet: &Self, lot: Lot| {
            let of_lot = short_ones.iter().map(|index| &wallet.parcels[*index]);
            of_lot.filter(|parcel| parcel.lot == lot).any(|parcel| parcel.left > 0)
        };
        let lots: Vec<Lot> = short_ones.iter().map(|index| self.parcels[*index].lot).collect();
        let moves: Vec<bool> = lots.iter().map(|lot| full(self, *lot)).collect();
        for ((index, moves), from) in short_ones.into_iter().zip(moves).zip(lots) {
            if moves {
                self.parcels[index].lot = Lot::Through(through);
                let cause = self.parcels[index].cause.clone();
                let mut all = self.orders.iter_mut().chain(&mut self.grants);
                if let Some(order) = all.find(|order| order.id == cause) {
                    assert_eq!(order.lot, from);
                    order.lot = Lot::Through(through);
                }
            }
        }
        true
    }

    pub(in super::super) fn reinstate(&mut self, activity: &Activity, wanted: Option<i64>) -> bool {
        let Some(within) = self.terms.reinstate else {
            return false;
        };
        let today = self.day(activity.received);
        let since = today.checked_sub(i64::from(within).days()).unwrap();
        let mut gone = self.no_longer_lapsed.clone();
        let mut left = Vec::new();
        for lapse in self.lapses.iter().rev() {
            let gone = gone.entry(lapse.lot).or_default();
            let taken = lapse.points.min(*gone);
            *gone -= taken;
            if lapse.on >= since {
                left.push((lapse.lot, lapse.points - taken));
            }
        }
        let all: i64 = left.iter().map(|(_, points)| points).sum();
        let points = wanted.unwrap_or(all);
        if points <= 0 || points > all {
            return false;
        }
        let mut rest = points;
        for (lot, points) in left {
            let take = rest.min(points);
            rest -= take;
            *self.lapsed.entry(lot).or_default() -= take;
            *self.no_longer_lapsed.entry(lot).or_default() += take;
        }
        self.expired -= points;
        let lasts = self.lasts(None);
        let mut as_of_now = activity.clone();
        as_of_now.at = activity.received;
        self.put(&as_of_now, points, Date::MIN, &lasts);
        self.settle(today);
        true
    }
}
