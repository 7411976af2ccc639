//! Returns: a purchase that comes back, whole or in part, takes the points it earned with it and brings back those that
//! were spent on it.
//!
//! What stays of its points, earned or spent, is the share of the money that stays paid, rounded down. So any sequence of
//! parts that adds up to the whole ends where one whole return ends: at nothing.

use programme::{ClawBack, Limited, Points, Programme};

use crate::account::Account;
use crate::activity::{Activity, Part, Past, Refusal};
use crate::day::Day;
use crate::entry::{Returned, What, total};
use crate::ids::ActivityId;
use crate::limits;
use crate::moments;
use crate::order::{Order, history};
use crate::spend::{Times, draw, settle, take};
use crate::tier_back::tier_back;

pub(crate) fn refund(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    (order, how_much): (&ActivityId, &Part),
    past: Past<'_>,
) -> Result<(), Refusal> {
    let entries = history(past.pages, account)?;
    let order = Order::find(&entries, order, programme.zone.rules()).ok_or(Refusal::UnknownOrder)?;
    let (minor, lines) = order.worth(how_much, past.lines)?;
    let stays = order.left() - minor;
    let today = Day::at(activity.received, programme.zone.rules());

    // Everything is done to a copy: a sum that does not fit leaves the account as it was.
    let mut next = account.clone();
    let (restored, gone) = restore(programme, &mut next, activity, today, &order, stays)?;
    let counted = Points::new(order.points - order.taken - order.share(order.points, stays));
    let mut returned = Returned {
        order: order.id.into(),
        last_day: order.last_day,
        minor,
        lines,
        restored,
        gone,
        pending: Points::ZERO,
        lots: Vec::new(),
        lapsed: Points::ZERO,
        owed: Points::ZERO,
        waived: Points::ZERO,
    };
    claw_back(programme, &mut next, today, &order, counted, &mut returned)?;
    limits::uncount(&mut next, Limited::Earn, counted, order.decided);
    next.take_from_month(order.month, counted).ok_or(Refusal::Overflow)?;
    let what = What::Returned(Box::new(returned));
    next.book(activity.id.as_str(), activity.at, activity.received, &what)?;
    settle(&mut next, activity.id.as_str(), Times::of(activity), today)?;
    tier_back(programme, &mut next, activity, &entries, &order, counted)?;
    *account = next;
    Ok(())
}

/// Points by lot: last day and points.
type Lots = Vec<(Day, Points)>;

/// Puts points that were spent on the order back into their lots; gives those, and the ones whose lot has lapsed.
///
/// What was drawn last comes back first: it keeps longest.
fn restore(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    today: Day,
    order: &Order<'_>,
    stays: i64,
) -> Result<(Lots, Lots), Refusal> {
    let spent = order.spent.iter().map(|(_, points, _)| points.get()).sum::<i64>();
    let mut skip = order.back;
    let mut rest = spent - order.share(spent, stays) - order.back;
    let (mut restored, mut gone) = (Lots::new(), Lots::new());
    for &(last_day, points, spent_on) in order.spent.iter().rev() {
        let free = points.get() - skip.min(points.get());
        skip -= points.get() - free;
        let points = Points::new(free.min(rest));
        rest -= points.get();
        if points.get() <= 0 {
            continue;
        }
        limits::uncount(account, Limited::Spend, points, spent_on);
        if moments::has_lapsed(programme, account, last_day, today) {
            gone.push((last_day, points));
        } else {
            restored.push((last_day, points));
            if account.add_to_lot(last_day, points).ok_or(Refusal::Overflow)? {
                moments::expect_lot(programme, account, last_day, activity.received);
            }
        }
    }
    let back = Points::new(total(&restored) + total(&gone));
    let totals = &mut account.state.totals;
    totals.spent = totals.spent.subtract(back).map_err(|_| Refusal::Overflow)?;
    totals.expired = totals
        .expired
        .add(Points::new(total(&gone)))
        .map_err(|_| Refusal::Overflow)?;
    Ok((restored, gone))
}

/// Takes points back: before they can be spent, if they still wait; out of the lot they went into, or not where they have lapsed with it; then out of the others,
/// first expiring first; then as points owed, as far down as a balance may go; and no further.
fn claw_back(
    programme: &Programme,
    account: &mut Account,
    today: Day,
    order: &Order<'_>,
    counted: Points,
    returned: &mut Returned,
) -> Result<(), Refusal> {
    let less = |points: Points, taken: Points| points.subtract(taken).map_err(|_| Refusal::Overflow);
    let policy = programme.returns.claw_back;
    if let Some(until) = order.waits_until.filter(|until| *until > today) {
        returned.pending = account.take_pending(until, order.last_day, counted);
    }
    let mut rest = less(counted, returned.pending)?;
    if policy != ClawBack::OnlyPending {
        let held = account.lots().iter().find(|lot| lot.last_day == order.last_day);
        let held = held.map_or(Points::ZERO, |lot| lot.points);
        if moments::has_lapsed(programme, account, order.last_day, today) {
            // Its expiry may not be booked yet; and what was spent on the order may have come back only to lapse.
            let gone = returned.gone.iter().filter(|(day, _)| *day == order.last_day);
            let gone = gone.map(|(_, points)| *points);
            let lapsed = Points::sum(gone.chain([held, Points::new(order.lapsed)])).map_err(|_| Refusal::Overflow)?;
            returned.lapsed = rest.min(lapsed);
            rest = less(rest, returned.lapsed)?;
        } else {
            let own = rest.min(held);
            rest = less(rest, own)?;
            if !own.is_zero() {
                returned.lots.push((order.last_day, own));
                take(account, &returned.lots);
            }
        }
        let others = rest.min(account.spendable(today));
        rest = less(rest, others)?;
        let others = draw(account, today, others);
        take(account, &others);
        returned.lots.extend(others);
    }
    if policy == ClawBack::Unlimited {
        returned.owed = rest.min(programme.balance.lowest.room(account.state.owed));
        rest = less(rest, returned.owed)?;
        account.state.owed = account.state.owed.add(returned.owed).map_err(|_| Refusal::Overflow)?;
    }
    returned.waived = rest;
    let moved = Points::new(returned.moved() + returned.pending.get());
    let totals = &mut account.state.totals;
    totals.returned = totals.returned.add(moved).map_err(|_| Refusal::Overflow)?;
    Ok(())
}
