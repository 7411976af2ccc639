//! A second ledger, written for the tests alone: a member's deeds, folded day by day.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// The numbers of `program/`, written here once more.
const TIERS: [(i64, i64); 3] = [(0, 100), (150, 125), (500, 150)];
/// The day after the last one played.
pub(crate) const END: Date = date(1998, 7, 1);

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) earned: i64,
    pub(crate) spent: i64,
    pub(crate) expired: i64,
    pub(crate) returned: i64,
    pub(crate) outstanding: i64,
    /// By the month in which they lapse.
    pub(crate) lapsing: BTreeMap<i32, i64>,
    pub(crate) tier: usize,
}

/// What a member does, on a day.
#[derive(Debug, Clone)]
pub(crate) enum Did {
    Buy {
        order: String,
        cents: i64,
    },
    Pay {
        order: String,
        points: i64,
    },
    /// A reward, with its price in each tier.
    Claim {
        id: String,
        prices: [i64; 3],
    },
    /// It comes back, cancelled or refunded.
    GiveBack {
        id: String,
    },
    Return {
        order: String,
        cents: i64,
    },
}

/// Months since year 0, to compare months.
fn month(day: Date) -> i32 {
    i32::from(day.year()) * 12 + i32::from(day.month())
}

/// An order, and what is left of it.
struct Order {
    /// When it was among the member's deeds.
    at: usize,
    day: Date,
    cents: i64,
    left: i64,
    points: i64,
    /// Points that count for a tier still.
    counts: i64,
    /// Points spent on it that have not come back, by the month of their lot, in the order in which they were drawn.
    paid: Vec<(i32, i64)>,
    back: i64,
}

/// How a tier was come by: when, on which day, on how many points, and the tier and review before; none for a review.
struct Rise {
    tier: usize,
    at: usize,
    day: Date,
    counted: i64,
    before: Option<(usize, Option<Date>)>,
}

/// Points of an order that no longer count: since when, of which order.
struct Take {
    at: usize,
    order: usize,
    earned: Date,
    points: i64,
}

/// A member, folded deed by deed.
#[derive(Default)]
pub(crate) struct Fold {
    orders: BTreeMap<String, Order>,
    payments: BTreeMap<String, Vec<(i32, i64)>>,
    claims: BTreeMap<String, Vec<(i32, i64)>>,
    /// Points that can be spent, by the month they were earned in.
    lots: BTreeMap<i32, i64>,
    /// Points of each lot that lapsed and that no return took.
    lapsed: BTreeMap<i32, i64>,
    rises: Vec<Rise>,
    takes: Vec<Take>,
    tier: usize,
    review: Option<Date>,
    came_to: Expected,
}

impl Fold {
    pub(crate) fn of(deeds: &[(Date, Did)]) -> Expected {
        let mut fold = Self::default();
        for (at, (day, deed)) in deeds.iter().enumerate() {
            // What fell due before a deed comes before it.
            fold.until(*day, 2 * at);
            match deed {
                Did::Buy { order, cents } => fold.buy(2 * at + 1, *day, order, *cents),
                Did::Pay { order, points } => fold.pay(order, *points),
                Did::Claim { id, prices } => fold.claim(id, *prices),
                Did::GiveBack { id } => fold.give_back(*day, id),
                Did::Return { order, cents } => fold.back(2 * at + 1, *day, order, *cents),
            }
        }
        fold.until(END, 2 * deeds.len());
        let mut came_to = fold.came_to;
        came_to.outstanding = fold.lots.values().sum();
        let left = fold.lots.into_iter().filter(|(_, points)| *points > 0);
        came_to.lapsing = left.map(|(earned, points)| (earned + 12, points)).collect();
        came_to.tier = fold.tier;
        came_to
    }

    /// The points of the window up to a day.
    fn counted(&self, day: Date) -> i64 {
        let orders = self.orders.values();
        let counted = orders.filter(|order| (month(day) - 12..=month(day)).contains(&month(order.day)));
        counted.map(|order| order.counts).sum()
    }

    /// The tier that they reach.
    fn reached(&self, day: Date) -> usize {
        let points = self.counted(day);
        TIERS.iter().rposition(|(from, _)| *from <= points).unwrap()
    }

    /// What falls due up to a day: lots lapse after the last day of their month a year later; tiers are reviewed.
    fn until(&mut self, day: Date, at: usize) {
        let live = self.lots.split_off(&(month(day) - 12));
        for (earned, points) in std::mem::replace(&mut self.lots, live) {
            *self.lapsed.entry(earned).or_default() += points;
            self.came_to.expired += points;
        }
        while let Some(due) = self.review.filter(|due| *due <= day) {
            self.tier = self.reached(due).min(self.tier);
            self.review = (self.tier > 0).then(|| due.checked_add(12.months()).unwrap());
            self.rises = vec![Rise {
                tier: self.tier,
                at,
                day: due,
                counted: self.counted(due),
                before: None,
            }];
        }
    }

    fn buy(&mut self, at: usize, day: Date, id: &str, cents: i64) {
        let points = cents * TIERS[self.tier].1 / 10_000;
        self.came_to.earned += points;
        *self.lots.entry(month(day)).or_default() += points;
        let paid = self.payments.remove(id).unwrap_or_default();
        let order = Order {
            at,
            day,
            cents,
            left: cents,
            points,
            counts: points,
            paid,
            back: 0,
        };
        self.orders.insert(id.to_owned(), order);
        let now = self.reached(day);
        if points > 0 && now > self.tier {
            self.rises.push(Rise {
                tier: now,
                at,
                day,
                counted: self.counted(day),
                before: Some((self.tier, self.review)),
            });
            (self.tier, self.review) = (now, Some(day.checked_add(12.months()).unwrap()));
        }
    }

    /// Pays with points, where there are so many; the soonest to lapse go first.
    fn pay(&mut self, order: &str, points: i64) {
        if points > self.lots.values().sum::<i64>() {
            return;
        }
        self.came_to.spent += points;
        self.payments.insert(order.to_owned(), draw(&mut self.lots, points));
    }

    fn claim(&mut self, id: &str, prices: [i64; 3]) {
        let price = prices[self.tier];
        if price > self.lots.values().sum::<i64>() {
            return;
        }
        self.came_to.spent += price;
        self.claims.insert(id.to_owned(), draw(&mut self.lots, price));
    }

    fn give_back(&mut self, day: Date, id: &str) {
        for (earned, points) in self.claims.remove(id).unwrap_or_default() {
            self.came_to.spent -= points;
            if earned + 12 < month(day) {
                self.came_to.expired += points;
                *self.lapsed.entry(earned).or_default() += points;
            } else {
                *self.lots.entry(earned).or_default() += points;
            }
        }
    }

    fn back(&mut self, now: usize, day: Date, id: &str, cents: i64) {
        let order = self.orders.get_mut(id).unwrap();
        order.left -= cents;
        let stays = |points: i64| {
            if order.left == 0 {
                0
            } else {
                points * order.left / order.cents
            }
        };
        let spent: i64 = order.paid.iter().map(|(_, points)| points).sum();
        let mut back = spent - stays(spent + order.back);
        let counted = order.counts - stays(order.points);
        // Points that were drawn last come back first; a lot that has lapsed keeps them.
        order.back += back;
        while back > 0 {
            let (earned, points) = order.paid.last_mut().unwrap();
            let some = back.min(*points);
            self.came_to.spent -= some;
            if *earned + 12 < month(day) {
                self.came_to.expired += some;
                *self.lapsed.entry(*earned).or_default() += some;
            } else {
                *self.lots.entry(*earned).or_default() += some;
            }
            back -= some;
            *points -= some;
            if *points == 0 {
                order.paid.pop();
            }
        }
        // Taken back: from the order's own lot, from what lapsed of it, from the others; the rest is let go.
        let (own, at, bought) = (month(order.day), order.at, order.day);
        let mut rest = counted;
        if own + 12 < month(day) {
            let lapsed = self.lapsed.entry(own).or_default();
            let some = rest.min(*lapsed);
            *lapsed -= some;
            rest -= some;
        } else {
            let lot = self.lots.entry(own).or_default();
            let some = rest.min(*lot);
            *lot -= some;
            rest -= some;
            self.came_to.returned += some;
        }
        let others = rest.min(self.lots.values().sum());
        draw(&mut self.lots, others);
        self.came_to.returned += others;
        if counted > 0 {
            let take = Take {
                at: now,
                order: at,
                earned: bought,
                points: counted,
            };
            self.fall(day, take, id);
        }
    }

    /// The best tier of: what was counted at a rise without what was taken of it since, and what the points left would
    /// have reached in the window of any month since.
    fn deserved(&self, rise: &Rise, day: Date) -> usize {
        let of_it = self
            .takes
            .iter()
            .filter(|take| take.at > rise.at && take.order <= rise.at && month(take.earned) >= month(rise.day) - 12);
        let left = rise.counted - of_it.map(|take| take.points).sum::<i64>();
        let own = TIERS.iter().rposition(|(from, _)| *from <= left.max(0)).unwrap();
        let mut best = own.max(self.reached(day));
        let mut then = rise.day.first_of_month();
        while then < day.first_of_month() {
            best = best.max(self.reached(then.last_of_month()));
            then = then.checked_add(1.month()).unwrap();
        }
        best
    }

    /// Takes tiers back that without this return would have stood and with it do not.
    fn fall(&mut self, day: Date, take: Take, id: &str) {
        let before: Vec<usize> = self.rises.iter().map(|rise| self.deserved(rise, day)).collect();
        self.orders.get_mut(id).unwrap().counts -= take.points;
        self.takes.push(take);
        while let Some(rise) = self.rises.last().filter(|rise| rise.tier > 0) {
            let best = self.deserved(rise, day);
            if best >= rise.tier || before[self.rises.len() - 1] < rise.tier {
                return;
            }
            match rise.before {
                Some((lower, review)) if lower >= best => {
                    (self.tier, self.review) = (lower, review);
                    self.rises.pop();
                }
                _ => {
                    self.tier = best;
                    self.review = self.review.filter(|_| best > 0);
                    self.rises.last_mut().unwrap().tier = best;
                    return;
                }
            }
        }
    }
}

/// Draws points that are there; gives the lots they came from.
fn draw(lots: &mut BTreeMap<i32, i64>, points: i64) -> Vec<(i32, i64)> {
    let mut rest = points;
    let mut drawn = Vec::new();
    for (earned, left) in lots.iter_mut() {
        let some = rest.min(*left);
        *left -= some;
        rest -= some;
        if some > 0 {
            drawn.push((*earned, some));
        }
    }
    assert_eq!(rest, 0);
    drawn
}
