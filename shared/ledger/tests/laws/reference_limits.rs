//! Limits in the slow model: everything is counted anew.

use jiff::civil::{Date, Weekday};

use super::Wallet;
use crate::support::terms::Limit;

/// Whether two days are in the same time that a limit counts in.
fn together(per: &str, one: Date, other: Date) -> bool {
    let monday = |day: Date| day.tomorrow().unwrap().nth_weekday(-1, Weekday::Monday).unwrap();
    match per {
        "day" => one == other,
        "week" => monday(one) == monday(other),
        "month" => one.first_of_month() == other.first_of_month(),
        "year" => one.year() == other.year(),
        "member" => true,
        _ => false,
    }
}

impl Wallet {
    /// How many points may be earned or spent, if any may.
    pub(super) fn allowed(&self, on: &str, points: i64, today: Date) -> Option<i64> {
        let limits = self.terms.limits.iter().filter(|limit| limit.on == on);
        let (caps, rejects): (Vec<&Limit>, Vec<&Limit>) = limits.partition(|limit| limit.caps);
        let room = |limit: &&Limit| (limit.points - self.used(limit, today)).max(0);
        let capped = caps.iter().map(room).fold(points, i64::min);
        rejects.iter().all(|limit| capped <= room(limit)).then_some(capped)
    }

    fn used(&self, limit: &Limit, today: Date) -> i64 {
        let counts = |day: Date| together(limit.per, day, today);
        match (limit.on, limit.per) {
            (_, "balance") => {
                let waiting = self.parcels.iter().filter(|parcel| self.waits(parcel, today));
                self.held() + self.alive(today) + waiting.map(|parcel| parcel.left).sum::<i64>() - self.owed
            }
            ("earn", _) => {
                let orders = self.orders.iter().filter(|order| counts(order.decided_on));
                let grants = self.grants.iter().filter(|grant| counts(grant.decided_on));
                orders.chain(grants).map(|order| order.points - order.counted).sum()
            }
            ("transfer", _) => {
                let days = self.sent_by_day.iter().filter(|(day, _)| counts(**day));
                days.map(|(_, points)| points).sum()
            }
            _ => {
                let days = self.spent_by_day.iter().filter(|(day, _)| counts(**day));
                days.map(|(_, points)| points).sum()
            }
        }
    }
}
