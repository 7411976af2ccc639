//! What a file of orders does not tell and a ledger must bear: orders that are paid in part with points, rewards that are
//! taken, carts that are filled, and orders that come back. All follow from the orders and the seed, and the run says so.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use programme::{Amount, Currency};

use super::dice::Dice;
use super::orders::Order;
use super::people::SEED;

/// Points a member pays for an order with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment<'a> {
    pub order: &'a Order,
    pub at: Timestamp,
    pub points: i64,
    /// The checkout holds them first, and commits them then.
    pub held: bool,
}

/// A reward a member takes, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed<'a> {
    /// After which they take it; it lends the claim its id.
    pub order: &'a Order,
    pub reward: &'static str,
    pub at: Timestamp,
    /// What is done with it, and when; none is never used.
    pub then: Option<(Then, Timestamp)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    Fulfilled,
    Cancelled,
    /// It was handed out, and came back a day later.
    Refunded,
}

/// An order that comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return<'a> {
    pub order: &'a Order,
    pub at: Timestamp,
    pub part: ReturnedPart,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReturnedPart {
    Whole,
    /// One of the order's items.
    Item,
    /// So much of what was paid: a decimal.
    Amount(String),
}

/// What is in a member's cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled<'a> {
    /// What is in it is, or was, bought with it; it lends the cart its id.
    pub order: &'a Order,
    pub at: Timestamp,
}

/// Of a hundred orders that are not a member's first, so many lay in a cart for a day, and so many for some minutes; after a
/// hundred of all, so many fill a cart with the same again, and leave it.
pub const LAY_FOR_A_DAY: u32 = 2;
pub const LAY_FOR_MINUTES: u32 = 2;
pub const LEAVE_A_CART: u32 = 2;

/// Of a hundred orders, so many are paid in part with points where the member has some, and so many come back; of a
/// hundred such payments, so many are held first.
pub const PAID_WITH_POINTS: u32 = 20;
pub const COME_BACK: u32 = 7;
pub const HELD_FIRST: u32 = 10;
/// After a hundred orders that earned enough for a reward, so many take it.
pub const CLAIM: u32 = 5;
/// The sample programme's rewards that are taken, and the whole units an order must come to for each.
const TAKEN: [(&str, i64); 2] = [("tote-bag", 60), ("download", 20)];
/// No order is paid with fewer points.
const FEWEST_POINTS: i64 = 5;
/// Points leave this long before the order they pay for.
const BEFORE_THE_ORDER: SignedDuration = SignedDuration::from_mins(1);

/// Some orders are paid in part with points: with half of what the member's order before earned at least, if that is a
/// day to a year ago.
pub fn payments(orders: &[Order]) -> Vec<Payment<'_>> {
    let mut before: HashMap<&str, &Order> = HashMap::new();
    let mut payments = Vec::new();
    for order in orders {
        let Some(earlier) = before.insert(&order.member, order) else {
            continue;
        };
        let days = order.at.duration_since(earlier.at).as_hours() / 24;
        let points = whole_units(earlier) / 2;
        if (1..365).contains(&days)
            && points >= FEWEST_POINTS
            && Dice::new(SEED, &order.id, "pays with points").percent(PAID_WITH_POINTS)
        {
            payments.push(Payment {
                order,
                at: order.at.checked_sub(BEFORE_THE_ORDER).unwrap_or(order.at),
                points,
                held: Dice::new(SEED, &order.id, "holds points").percent(HELD_FIRST),
            });
        }
    }
    payments
}

/// Some members take a reward the day after an order that earned enough for it. Most are handed out within two weeks, and
/// a few of those come back; some are cancelled, and some never used.
pub fn claims(orders: &[Order]) -> Vec<Claimed<'_>> {
    let claimed = orders.iter().filter_map(|order| {
        let mut dice = Dice::new(SEED, &order.id, "takes a reward");
        let (reward, _) = TAKEN.into_iter().find(|(_, units)| whole_units(order) >= *units)?;
        if !dice.percent(CLAIM) {
            return None;
        }
        let later =
            |from: Timestamp, days: u32| from.checked_add(SignedDuration::from_hours(24 * i64::from(days))).ok();
        let at = later(order.at, 1)?;
        let (used, refunded) = (later(at, 1 + dice.below(13))?, dice.percent(10));
        let then = match dice.below(10) {
            0 => None,
            1 => Some((Then::Cancelled, used)),
            _ if refunded => Some((Then::Refunded, used)),
            _ => Some((Then::Fulfilled, used)),
        };
        Some(Claimed {
            order,
            reward,
            at,
            then,
        })
    });
    claimed.collect()
}

/// Some orders come back within three weeks: most of them whole, some by an item or by half of what was paid.
pub fn returns(orders: &[Order]) -> Vec<Return<'_>> {
    let comes_back = |order: &&Order| Dice::new(SEED, &order.id, "comes back").percent(COME_BACK);
    let returned = orders.iter().filter(comes_back).filter_map(|order| {
        let mut dice = Dice::new(SEED, &order.id, "how it comes back");
        let days = 2 + i64::from(dice.below(19));
        let part = match dice.below(10) {
            0..=5 => ReturnedPart::Whole,
            6..=8 if order.quantity.is_some_and(|quantity| quantity > 1) => ReturnedPart::Item,
            _ => ReturnedPart::Amount(half(order)?),
        };
        Some(Return {
            order,
            at: order.at.checked_add(SignedDuration::from_hours(24 * days)).ok()?,
            part,
        })
    });
    returned.filter(|back| minor(back.order) > 0).collect()
}

/// Some orders lay in a cart before, longer or not so long; and some members fill one a few weeks after an order, and leave it.
pub fn carts(orders: &[Order]) -> Vec<Filled<'_>> {
    let mut joined: HashMap<&str, Timestamp> = HashMap::new();
    let filled = orders.iter().filter_map(|order| {
        let joined = *joined.entry(&order.member).or_insert(order.at);
        let mut dice = Dice::new(SEED, &order.id, "fills a cart");
        let drawn = dice.below(100);
        let (a_day, minutes) = (LAY_FOR_A_DAY, LAY_FOR_A_DAY + LAY_FOR_MINUTES);
        let minutes_later = if drawn < a_day {
            -60 * 26
        } else if (a_day..minutes).contains(&drawn) {
            -40
        } else if (minutes..minutes + LEAVE_A_CART).contains(&drawn) {
            60 * 24 * (8 + i64::from(dice.below(30)))
        } else {
            return None;
        };
        let at = order.at.checked_add(SignedDuration::from_mins(minutes_later)).ok()?;
        // Nobody who is no member yet has a cart.
        (at >= joined).then_some(Filled { order, at })
    });
    filled.filter(|filled| minor(filled.order) > 0).collect()
}

fn amount(order: &Order) -> Option<Amount> {
    Amount::parse(&order.amount, order.currency.parse::<Currency>().ok()?).ok()
}

/// What was paid, in minor units.
fn minor(order: &Order) -> i64 {
    amount(order).map_or(0, Amount::minor)
}

fn whole_units(order: &Order) -> i64 {
    let exponent = amount(order).map_or(0, |amount| amount.currency().exponent());
    minor(order) / 10_i64.pow(exponent)
}

/// Half of what was paid, at least the smallest coin.
fn half(order: &Order) -> Option<String> {
    let amount = amount(order)?;
    let half = Amount::of_minor((amount.minor() / 2).max(1), amount.currency())?;
    Some(half.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use jiff::tz::TimeZone;
    use std::path::Path;

    fn sample() -> Vec<Order> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/cdnow-sample-orders.csv");
        let today = "2026-01-01T00:00:00Z".parse().unwrap();
        super::super::orders::read(&path, &TimeZone::UTC, today).unwrap().orders
    }

    #[test]
    fn some_orders_come_back_after_they_were_made_in_each_way() {
        let orders = sample();
        let returns = returns(&orders);
        assert!((300..700).contains(&returns.len()), "{}", returns.len());
        let ways = |way: fn(&ReturnedPart) -> bool| returns.iter().filter(|back| way(&back.part)).count();
        assert!(ways(|part| *part == ReturnedPart::Whole) > 100);
        assert!(ways(|part| *part == ReturnedPart::Item) > 30);
        assert!(ways(|part| matches!(part, ReturnedPart::Amount(_))) > 30);
        for back in &returns {
            let days = back.at.duration_since(back.order.at).as_hours() / 24;
            assert!((2..=20).contains(&days) && minor(back.order) > 0, "{back:?}");
        }
    }

    #[test]
    fn points_pay_for_orders_of_members_who_have_earned_some() {
        let orders = sample();
        let payments = payments(&orders);
        assert!((300..1_500).contains(&payments.len()), "{}", payments.len());
        let held = payments.iter().filter(|payment| payment.held).count();
        assert!((20..150).contains(&held), "{held}");
        for payment in &payments {
            let mut earlier = orders.iter().filter(|order| order.member == payment.order.member);
            assert!(earlier.any(|order| order.at < payment.at && whole_units(order) / 2 == payment.points));
            assert!(payment.points >= FEWEST_POINTS && payment.at < payment.order.at);
        }
    }

    #[test]
    fn rewards_are_taken_after_orders_that_earned_enough_and_end_in_each_way() {
        let orders = sample();
        let claims = claims(&orders);
        assert!((150..350).contains(&claims.len()), "{}", claims.len());
        let ends = |end: Option<Then>| {
            claims
                .iter()
                .filter(|claim| claim.then.map(|(then, _)| then) == end)
                .count()
        };
        for end in [None, Some(Then::Fulfilled), Some(Then::Cancelled), Some(Then::Refunded)] {
            assert!(ends(end) > 5, "{end:?}: {}", ends(end));
        }
        for (reward, units) in TAKEN {
            let of_it = claims.iter().filter(|claim| claim.reward == reward);
            assert!(of_it.clone().count() > 10, "{reward}");
            assert!(
                of_it
                    .clone()
                    .all(|claim| whole_units(claim.order) >= units && claim.at > claim.order.at)
            );
        }
    }

    #[test]
    fn some_carts_are_bought_a_day_later_some_at_once_and_some_never() {
        let orders = sample();
        let carts = carts(&orders);
        let before = |at_least: i64, at_most: i64| {
            let minutes = carts.iter().map(|cart| cart.order.at.duration_since(cart.at).as_mins());
            minutes.filter(|minutes| (at_least..=at_most).contains(minutes)).count()
        };
        let (a_day, minutes, never) = (before(1_560, 1_560), before(40, 40), before(-60_000, -1));
        assert!(
            (50..130).contains(&a_day) && (50..130).contains(&minutes),
            "{a_day}, {minutes}"
        );
        assert!((90..190).contains(&never), "{never}");
        assert_eq!(carts.len(), a_day + minutes + never);
        for cart in &carts {
            let mut earlier = orders.iter().filter(|order| order.member == cart.order.member);
            assert!(
                earlier.any(|order| order.at <= cart.at),
                "before the member was one: {cart:?}"
            );
        }
    }

    #[test]
    fn half_is_never_nothing() {
        let mut order = sample().swap_remove(0);
        for (paid, expected) in [("29.33", "14.66"), ("0.01", "0.01"), ("0.00", "0.01")] {
            paid.clone_into(&mut order.amount);
            assert_eq!(half(&order).unwrap(), expected);
        }
    }
}
