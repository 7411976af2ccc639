//! What entries do to the sums of a wallet and of an order.

use super::{Audit, Finding};
use programme::{Basis, Currency, Points, Programme};

use crate::day::Day;
use crate::entry::{Entry, Share, total};
use crate::returned::Returned;
use crate::tier::counts_for;
use crate::tier_set;
use crate::wallet::Pending;

impl Audit {
    pub(super) fn earned(
        &mut self,
        programme: &Programme,
        entry: &Entry,
        points: Points,
        (minor, currency): (i64, Currency),
    ) {
        if points.get() < 0 {
            self.say(Some(self.position), Finding::Entry("fewer than no points were earned"));
        }
        let sums = self.sums();
        sums.earned = sums.earned.saturating_add(points.get());
        let month = Day::at(entry.happened(), programme.zone).month();
        for set in tier_set::sets(programme).filter(|set| set.wallet() == entry.wallet) {
            let sum = self.months.entry((set.id(), month)).or_default();
            *sum = sum.saturating_add(counts_for(set, points.get(), minor, currency));
        }
        let order = self.order(&entry.cause);
        (order.known, order.month) = (true, Some(month));
        (order.paid, order.points, order.currency) = (minor, points.get(), Some(currency));
    }

    /// What campaigns granted of an entry's points is a part of them.
    pub(super) fn shares(&mut self, points: Points, shares: &[Share]) {
        let granted = Points::sum(shares.iter().map(|share| share.points));
        if granted.is_ok_and(|granted| granted <= points) && shares.iter().all(|share| share.points.get() > 0) {
            return;
        }
        let what = "campaigns granted more of the points than there are";
        self.say(Some(self.position), Finding::Entry(what));
    }

    /// A campaign granted points on something that was no purchase.
    pub(super) fn granted(&mut self, cause: &str, points: Points, (until, last_day): (Option<Day>, Day)) {
        if points.get() <= 0 {
            self.say(Some(self.position), Finding::Entry("a campaign granted no points"));
        }
        let sums = self.sums();
        sums.earned = sums.earned.saturating_add(points.get());
        // A milestone that is not reached any longer gives them back, and a referral that is lost.
        let order = self.order(cause);
        (order.known, order.points) = (true, points.get());
        order.waits = until.map(|until| (until, last_day));
        match until {
            Some(until) => self.wait((until, last_day), points.get()),
            None => self.put(last_day, points.get()),
        }
    }

    pub(super) fn spent(&mut self, points: Points, order: Option<&str>) {
        let sums = self.sums();
        sums.spent = sums.spent.saturating_add(points.get());
        if let Some(order) = order {
            let order = self.order(order);
            order.known = true;
            order.spent = order.spent.saturating_add(points.get());
        }
    }

    /// Points came from others, or went to them (below nought).
    pub(super) fn received(&mut self, points: i64, lots: &[(Day, Points)], gone: &[(Day, Points)]) {
        for (last_day, moved) in lots {
            self.put(*last_day, moved.get().saturating_mul(points.signum()));
        }
        let sums = self.sums();
        sums.received = sums.received.saturating_add(points);
        sums.expired = sums.expired.saturating_add(total(gone));
    }

    /// Pending points come, or go. No wait is ever short.
    pub(super) fn wait(&mut self, waits: (Day, Day), points: i64) {
        let left = self.sums().pending.entry(waits).or_default();
        *left = left.saturating_add(points);
        if *left < 0 && !self.gap {
            let what = "more pending points went than there were";
            self.say(Some(self.position), Finding::Entry(what));
        }
    }

    /// An order came back: never more of it than there was, in money, in points earned and in points spent on it.
    pub(super) fn returned(&mut self, programme: &Programme, returned: &Returned) {
        let order = self.order(&returned.order);
        if order.month.is_some() {
            order.paid = order.paid.saturating_sub(returned.minor);
        }
        order.points = order.points.saturating_sub(returned.taken());
        order.spent = order.spent.saturating_sub(returned.back());
        let (month, waits, currency, whole) = (order.month, order.waits, order.currency, order.paid == 0);
        let more = !order.known || order.paid < 0 || order.points < 0 || order.spent < 0;
        // A whole return leaves nothing behind.
        let rest = order.month.is_some() && order.paid == 0 && (order.points > 0 || order.spent > 0);
        if (more || rest) && !self.gap {
            let what = if rest {
                "points of an order stay that came back whole"
            } else {
                "more came back of an order than there was"
            };
            self.say(Some(self.position), Finding::Entry(what));
        }
        for set in tier_set::sets(programme).filter(|set| set.wallet() == self.wallet) {
            let Some(sum) = month.and_then(|month| self.months.get_mut(&(set.id(), month))) else {
                continue;
            };
            let lost = match set.rules.basis {
                Basis::Points => returned.taken(),
                Basis::Spend if set.rules.currency == currency => returned.minor,
                Basis::Visits if whole => 1,
                Basis::Spend | Basis::Visits | Basis::Balance | Basis::Segment => 0,
            };
            *sum = sum.saturating_sub(lost);
        }
        for (last_day, points) in &returned.restored {
            self.put(*last_day, points.get());
        }
        for (last_day, points) in &returned.lots {
            self.put(*last_day, -points.get());
        }
        if let Some(waits) = waits.filter(|_| !returned.pending.is_zero()) {
            self.wait(waits, -returned.pending.get());
        }
        let sums = self.sums();
        sums.owed = sums.owed.saturating_add(returned.owed.get());
        sums.waived = sums.waived.saturating_add(returned.waived.get());
        let moved = returned.moved().saturating_add(returned.pending.get());
        sums.returned = sums.returned.saturating_add(moved);
        sums.spent = sums.spent.saturating_sub(returned.back());
        sums.expired = sums.expired.saturating_add(total(&returned.gone));
    }

    /// All that was left in a wallet lapsed, and no reward can be used any more.
    pub(super) fn erased(&mut self, lots: &[(Day, Points)], pending: &[Pending]) {
        for (last_day, points) in lots {
            self.put(*last_day, -points.get());
        }
        for waits in pending {
            self.wait((waits.until, waits.last_day), -waits.points.get());
        }
        let waited = pending.iter().map(|waits| waits.points.get());
        let all = waited.fold(total(lots), i64::saturating_add);
        let sums = self.sums();
        sums.expired = sums.expired.saturating_add(all);
        if sums.lots.values().chain(sums.pending.values()).any(|left| *left != 0) && !self.gap {
            let what = "points are left of a member who was erased";
            self.say(Some(self.position), Finding::Entry(what));
        }
        self.rewards.lapse();
    }

    /// Points into a lot, or out of it. No lot is ever short.
    pub(super) fn put(&mut self, day: Day, points: i64) {
        let left = self.sums().lots.entry(day).or_default();
        *left = left.saturating_add(points);
        if *left < 0 && !self.gap {
            let what = "more points left a lot than it had";
            self.say(Some(self.position), Finding::Entry(what));
        }
    }
}
