//! Returns: a purchase that comes back, whole or in part, takes the points it earned with it and brings back those that
//! were spent on it.
//!
//! What stays of its points, earned or spent, is the share of the money that stays paid, rounded down. So any sequence of
//! parts that adds up to the whole ends where one whole return ends: at nothing.

use std::collections::BTreeMap;

use programme::{Basis, CampaignId, ClawBack, Limited, Points, Programme, WalletId};

use crate::account::Account;
use crate::activity::{Activity, Part, Past};
use crate::day::Day;
use crate::entry::{Entry, What, total};
use crate::ids::{ActivityId, Label};
use crate::limits;
use crate::missions_back::missions_back;
use crate::moments;
use crate::order::{Earned, InWallet, Money, Order, Spent, history, money};
use crate::referral;
use crate::refusal::Refusal;
use crate::returned::Returned;
use crate::spend::{Lots, Times, claw_back_waived, draw, drawn_before_waived, settle};
use crate::tier_back::tier_back;
use crate::tier_balance::balance_back;
use crate::tier_set::{self, Set};
use crate::wallet::Waived;

pub(crate) fn refund(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    (order, how_much): (&ActivityId, &Part),
    past: Past<'_>,
) -> Result<(), Refusal> {
    let entries = history(past.pages, account)?;
    let order = Order::find(&entries, order.as_str(), programme.zone).ok_or(Refusal::UnknownOrder)?;
    let (minor, lines) = order.worth(how_much, past.lines)?;
    let today = Day::at(activity.received, programme.zone);
    let back = Back {
        order: &order,
        minor,
        lines,
        today,
    };

    // Everything is done to a copy: a sum that does not fit leaves the account as it was.
    let mut next = account.clone();
    for (wallet, part) in &order.parts {
        let cause = (activity.id.as_str(), Times::of(activity));
        back.in_wallet(programme, &mut next, cause, (*wallet, part))?;
    }
    let mut money = money(&entries);
    if let Some(own) = money.get_mut(order.id) {
        (own.left, own.gone) = (back.stays(), back.stays() == 0);
        missions_back(programme, &mut next, activity, (&entries, order.id), &money)?;
        if is_gone(&money, order.id) && order.is_left() {
            purchase_back(programme, &mut next, (&entries, order.id), &money);
            referral::order_back(programme, &mut next, activity, (&entries, order.id), &money)?;
        }
    }
    for set in tier_set::sets(programme) {
        let counts = order.parts.get(&set.wallet());
        let since = account.in_set(set.id()).since();
        let counted = counts.and_then(|part| Some((part, part.earned?)));
        if let Some((part, earned)) =
            counted.filter(|(_, earned)| since.is_some_and(|since| earned.position as u64 >= since))
        {
            let lost = back.lost(set, part);
            next.in_set_mut(set.id()).take_from_month(earned.month, lost);
            tier_back(set, &mut next, activity, &entries, (earned, lost))?;
        }
        if set.rules.basis == Basis::Balance {
            balance_back(set, &mut next, activity, (&entries, order.id))?;
        }
    }
    *account = next;
    Ok(())
}

fn is_gone(money: &BTreeMap<&str, Money>, order: &str) -> bool {
    money.get(order).is_some_and(|own| own.gone)
}

/// An order that came back whole is no purchase any longer: neither is it counted as one, nor what campaigns granted on it.
fn purchase_back(
    programme: &Programme,
    account: &mut Account,
    (entries, order): (&[Entry], &str),
    money: &BTreeMap<&str, Money>,
) {
    account.state.purchases = account.state.purchases.saturating_sub(1);
    let lost = entries.iter().filter(|entry| entry.cause == order);
    let lost: Vec<CampaignId> = lost.flat_map(Entry::shares).map(|share| share.campaign).collect();
    if !lost.is_empty() {
        let stays = |entry: &Entry| !is_gone(money, &entry.cause);
        account.got_back(programme, &lost, entries, stays);
    }
}

/// What it is called that something granted is taken back: what comes after the space names who granted it.
pub(crate) fn cause_of_loss(activity: &Activity, of: &str) -> String {
    let own = of.rsplit_once(' ').map_or(of, |(_, own)| own);
    format!("{} {own}", activity.id)
}

/// Takes back what was granted under a cause, as an order that nothing was paid for.
pub(crate) fn grant_back(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    (entries, of): (&[Entry], &str),
) -> Result<(), Refusal> {
    let (cause, times) = (cause_of_loss(activity, of), Times::of(activity));
    // With what this activity has booked so far: points that lapsed are accounted for once.
    let mut all = entries.to_vec();
    all.extend(account.entries_since(entries.len() as u64)?);
    let Some(granted) = Order::find(&all, of, programme.zone) else {
        return Ok(());
    };
    let back = Back::whole(&granted, activity, programme);
    for (wallet, part) in &granted.parts {
        back.in_wallet(programme, account, (&cause, times), (*wallet, part))?;
    }
    Ok(())
}

/// So much of an order comes back, today.
struct Back<'a> {
    order: &'a Order<'a>,
    minor: i64,
    lines: Vec<(Label, u32)>,
    today: Day,
}

impl<'a> Back<'a> {
    /// All of it.
    fn whole(order: &'a Order<'a>, activity: &Activity, programme: &Programme) -> Self {
        Self {
            order,
            minor: order.left(),
            lines: Vec::new(),
            today: Day::at(activity.received, programme.zone),
        }
    }

    /// What stays paid.
    fn stays(&self) -> i64 {
        self.order.left() - self.minor
    }

    /// The points of the order in a wallet that no longer count.
    fn counted(&self, part: &InWallet) -> i64 {
        let earned = part.earned.map_or(0, |earned| earned.points);
        earned - part.taken - self.order.share(earned, self.stays())
    }

    /// What of the order counts no more for a tier.
    fn lost(&self, set: Set<'_>, part: &InWallet) -> i64 {
        match set.rules.basis {
            Basis::Points => self.counted(part),
            Basis::Spend if self.order.currency == set.rules.currency => self.minor,
            Basis::Visits if self.stays() == 0 => 1,
            Basis::Spend | Basis::Visits | Basis::Balance | Basis::Segment => 0,
        }
    }

    fn in_wallet(
        &self,
        programme: &Programme,
        account: &mut Account,
        (cause, times): (&str, Times),
        (wallet, part): (WalletId, &InWallet),
    ) -> Result<(), Refusal> {
        let (restored, gone, came_back) = self.restore(programme, account, times, (wallet, part))?;
        let mut returned = Returned {
            order: self.order.id.into(),
            last_day: part.earned.map(|earned| earned.last_day),
            minor: self.minor,
            lines: self.lines.clone(),
            restored,
            gone,
            pending: Points::ZERO,
            lots: Vec::new(),
            lapsed: Points::ZERO,
            owed: Points::ZERO,
            waived: Points::ZERO,
        };
        if let Some(earned) = part.earned {
            let counted = Points::new(self.counted(part));
            self.claw_back(programme, account, (wallet, part, earned), counted, &mut returned)?;
            limits::uncount(account, (wallet, Limited::Earn), counted, earned.decided);
        }
        account.book(wallet, cause, times, What::Returned(Box::new(returned)))?;
        settle(account, wallet, cause, times, self.today)?;
        claw_back_waived(programme, account, (wallet, came_back), (cause, times), self.today)?;
        Ok(())
    }

    /// Puts points that were spent on the order back into their lots; gives those, the ones whose lot has lapsed, and how
    /// many of the former pay what was waived.
    ///
    /// What was drawn last comes back first: it keeps longest.
    fn restore(
        &self,
        programme: &Programme,
        account: &mut Account,
        times: Times,
        (wallet, part): (WalletId, &InWallet),
    ) -> Result<(Lots, Lots, Points), Refusal> {
        let open = part.spent.iter().map(|spent| spent.points.get()).sum::<i64>();
        let mut rest = open - self.order.share(open + part.back, self.stays());
        let (mut restored, mut gone, mut pays) = (Lots::new(), Lots::new(), Points::ZERO);
        for &Spent {
            last_day,
            points,
            day,
            drawn_at,
        } in part.spent.iter().rev()
        {
            let points = Points::new(points.get().min(rest));
            rest -= points.get();
            if points.get() <= 0 {
                continue;
            }
            limits::uncount(account, (wallet, Limited::Spend), points, day);
            if moments::has_lapsed(programme, account, last_day, self.today) {
                gone.push((last_day, points));
            } else {
                restored.push((last_day, points));
                let early = drawn_before_waived(account, wallet, drawn_at, points);
                pays = pays.add(early).map_err(|_| Refusal::Overflow)?;
                let own = account.wallet_mut(wallet);
                if own.add_to_lot(last_day, points).ok_or(Refusal::Overflow)? {
                    moments::expect_lot(programme, account, last_day, times.decided);
                }
            }
        }
        let back = Points::new(total(&restored) + total(&gone));
        let totals = &mut account.wallet_mut(wallet).totals;
        totals.spent = totals.spent.subtract(back).map_err(|_| Refusal::Overflow)?;
        totals.expired = totals
            .expired
            .add(Points::new(total(&gone)))
            .map_err(|_| Refusal::Overflow)?;
        Ok((restored, gone, pays))
    }

    /// Takes points back: before they can be spent, if they still wait; out of the lot they went into, or not where they
    /// have lapsed with it; then out of the others, first expiring first; then as points owed, as far down as a balance
    /// may go; and no further.
    fn claw_back(
        &self,
        programme: &Programme,
        account: &mut Account,
        (wallet, part, earned): (WalletId, &InWallet, Earned),
        counted: Points,
        returned: &mut Returned,
    ) -> Result<(), Refusal> {
        let less = |points: Points, taken: Points| points.subtract(taken).map_err(|_| Refusal::Overflow);
        let policy = programme.returns.claw_back;
        if let Some(until) = earned.waits_until.filter(|until| *until > self.today) {
            let own = account.wallet_mut(wallet);
            returned.pending = own.take_pending(until, earned.last_day, counted);
        }
        let mut rest = less(counted, returned.pending)?;
        if policy != ClawBack::OnlyPending {
            let lots = account.lots(wallet);
            let held = lots.iter().find(|lot| lot.last_day == earned.last_day);
            let held = held.map_or(Points::ZERO, |lot| lot.points);
            if moments::has_lapsed(programme, account, earned.last_day, self.today) {
                // Its expiry may not be booked yet; and what was spent on the order may have come back only to lapse.
                let gone = returned.gone.iter().filter(|(day, _)| *day == earned.last_day);
                let gone = gone.map(|(_, points)| *points);
                let lapsed =
                    Points::sum(gone.chain([held, Points::new(part.lapsed)])).map_err(|_| Refusal::Overflow)?;
                returned.lapsed = rest.min(lapsed);
                rest = less(rest, returned.lapsed)?;
            } else {
                let own = rest.min(held);
                rest = less(rest, own)?;
                if !own.is_zero() {
                    returned.lots.push((earned.last_day, own));
                    account.wallet_mut(wallet).take(&returned.lots);
                }
            }
            let others = rest.min(account.spendable(wallet, self.today));
            rest = less(rest, others)?;
            let others = draw(account, wallet, self.today, others);
            account.wallet_mut(wallet).take(&others);
            returned.lots.extend(others);
        }
        if policy == ClawBack::Unlimited {
            let owed = account.wallet(wallet).owed;
            returned.owed = rest.min(programme.lowest(wallet).room(owed));
            rest = less(rest, returned.owed)?;
            let owed = owed.add(returned.owed).map_err(|_| Refusal::Overflow)?;
            account.wallet_mut(wallet).owed = owed;
        }
        returned.waived = rest;
        if !rest.is_zero() {
            let (before, at) = (account.wallet(wallet).waived(), account.entries());
            let points = before.add(rest).map_err(|_| Refusal::Overflow)?;
            account.wallet_mut(wallet).waived = Some(Waived { points, at });
        }
        let moved = Points::new(returned.moved() + returned.pending.get());
        let totals = &mut account.wallet_mut(wallet).totals;
        totals.returned = totals.returned.add(moved).map_err(|_| Refusal::Overflow)?;
        Ok(())
    }
}
