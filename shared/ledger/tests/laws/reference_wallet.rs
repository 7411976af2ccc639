//! One wallet of the slow model.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use ledger::{Activity, Fact};
use programme::{Amount, Zone};

use crate::support::terms::{Lasts, Terms, Wait};

#[path = "reference_expiry.rs"]
pub(super) mod expiry;
#[path = "reference_limits.rs"]
mod limits;
#[path = "reference_longer.rs"]
mod longer;
#[path = "reference_reserve.rs"]
mod reserve;
#[path = "reference_returns.rs"]
mod returns;

use super::campaigns::factor;
use expiry::{Active, Lot, last_day};
use longer::Lapse;
use reserve::Held;

/// Points of one purchase.
#[derive(Clone)]
struct Parcel {
    cause: String,
    lot: Lot,
    /// The first day on which they can be spent.
    until: Date,
    left: i64,
}

/// One purchase, and what became of it.
#[derive(Clone)]
struct Order {
    id: String,
    decided_on: Date,
    paid: i64,
    currency: String,
    points: i64,
    lot: Lot,
    returned: i64,
    counted: i64,
    returns: usize,
    lines: BTreeMap<String, u32>,
}

impl Order {
    fn new(id: &str, decided_on: Date, (paid, currency): (i64, &str), (points, lot): (i64, Lot)) -> Self {
        Self {
            id: id.to_owned(),
            decided_on,
            paid,
            currency: currency.to_owned(),
            points,
            lot,
            returned: 0,
            counted: 0,
            returns: 0,
            lines: BTreeMap::new(),
        }
    }
}

/// Points spent: from which lot, on which day, and when, counted in activities.
type Spent = (Lot, i64, Date, usize);

#[derive(Clone)]
pub(super) struct Wallet {
    /// As this wallet sees them.
    pub(super) terms: Terms,
    number: u8,
    zone: Zone,
    parcels: Vec<Parcel>,
    orders: Vec<Order>,
    /// What was spent on orders, lot by lot.
    spent_on: BTreeMap<String, Vec<Spent>>,
    /// What of that came back, by order.
    back_on: BTreeMap<String, i64>,
    /// What was spent on each day, less what came back.
    spent_by_day: BTreeMap<Date, i64>,
    /// What went to others on each day.
    sent_by_day: BTreeMap<Date, i64>,
    /// What was granted beside purchases, as orders that nothing was paid for.
    grants: Vec<Order>,
    /// What lapsed in each lot and no return has accounted for.
    lapsed: BTreeMap<Lot, i64>,
    active: Active,
    held: Vec<Held>,
    lapses: Vec<Lapse>,
    /// What of them came back, or counts for nothing any more.
    no_longer_lapsed: BTreeMap<Lot, i64>,
    pub(super) owed: i64,
    /// What returns could not take and nothing has paid since.
    waived: i64,
    /// When that was last, counted in activities, and now.
    waived_at: usize,
    pub(super) clock: usize,
    pub(super) expired: i64,
    pub(super) spent: i64,
    /// From others, less what went to them.
    pub(super) received: i64,
    pub(super) tier: usize,
    /// The last day on which the member was woken.
    woken_on: Date,
}

/// What campaigns may add to a purchase in a wallet: each with its multiplier, and the points it grants whatever the rule.
pub(super) struct Bonus {
    pub(super) each: Vec<(usize, Option<&'static str>, i64)>,
}

/// The first day on which points of a day can be spent, looked for day by day.
fn until(wait: &Wait, day: Date) -> Date {
    let later = |days: u16| day.checked_add(i64::from(days).days()).unwrap();
    match wait {
        Wait::Days(days, 0) | Wait::Released(days) => later(*days),
        Wait::Days(days, months) => {
            let mut first = later(*days);
            while first.day() != 1 || (first.month() - 1) % months != 0 {
                first = first.tomorrow().unwrap();
            }
            first
        }
        Wait::On(days) => {
            let mut next = day.tomorrow().unwrap();
            while !days.contains(&(next.month(), next.day())) {
                next = next.tomorrow().unwrap();
            }
            next
        }
    }
}

/// A decimal as a fraction: "1.25" is 125 of 100.
pub(super) fn fraction(text: &str) -> (i128, i128) {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let places = u32::try_from(decimals.len()).unwrap();
    (format!("{whole}{decimals}").parse().unwrap(), 10_i128.pow(places))
}

impl Wallet {
    pub(super) fn new(terms: &Terms, number: u8) -> Self {
        let mut own = terms.clone();
        own.limits.retain(|limit| limit.wallet == number);
        if let (1, Some(second)) = (number, &terms.second) {
            own.lowest = if second.own_lowest { second.lowest } else { terms.lowest };
        }
        Self {
            terms: own,
            number,
            zone: Zone::parse(terms.zone).unwrap(),
            parcels: Vec::new(),
            orders: Vec::new(),
            spent_on: BTreeMap::new(),
            back_on: BTreeMap::new(),
            spent_by_day: BTreeMap::new(),
            sent_by_day: BTreeMap::new(),
            grants: Vec::new(),
            lapsed: BTreeMap::new(),
            active: Active::default(),
            held: Vec::new(),
            lapses: Vec::new(),
            no_longer_lapsed: BTreeMap::new(),
            owed: 0,
            waived: 0,
            waived_at: 0,
            clock: 0,
            expired: 0,
            spent: 0,
            received: 0,
            tier: 0,
            woken_on: Date::MIN,
        }
    }

    pub(super) fn day(&self, instant: Timestamp) -> Date {
        self.zone.rules().to_datetime(instant).date()
    }

    pub(super) fn balance(&mut self, now: Timestamp) -> i64 {
        let today = self.day(now);
        self.let_go_until(now, now);
        self.end_waits(today);
        self.alive(today) - self.owed
    }

    fn can_be_spent(&self, parcel: &Parcel, today: Date) -> bool {
        self.active.end(parcel.lot) >= today && !self.waits(parcel, today)
    }

    fn waits(&self, parcel: &Parcel, today: Date) -> bool {
        parcel.until > today && parcel.until > self.woken_on
    }

    /// Pays what is owed at the end of each wait, up to a day.
    pub(super) fn end_waits(&mut self, today: Date) -> bool {
        let mut ends: Vec<Date> = self.parcels.iter().map(|parcel| parcel.until).collect();
        ends.retain(|end| *end <= today && *end > Date::MIN);
        ends.sort_unstable();
        let mut waited = self.parcels.iter().filter(|parcel| parcel.left > 0);
        let any = waited.any(|parcel| ends.contains(&parcel.until));
        for end in ends {
            self.settle(end);
        }
        for parcel in self.parcels.iter_mut().filter(|parcel| parcel.until <= today) {
            parcel.until = Date::MIN;
        }
        any
    }

    pub(super) fn start(&self, day: Date) -> Timestamp {
        self.zone.rules().to_timestamp(day.into()).unwrap()
    }

    pub(super) fn alive(&self, today: Date) -> i64 {
        let alive = self.parcels.iter().filter(|parcel| self.can_be_spent(parcel, today));
        alive.map(|parcel| parcel.left).sum()
    }

    /// Something happens. Whether points had come back or were waited for by then.
    pub(super) fn begin(&mut self, received: Timestamp) -> bool {
        let today = self.day(received);
        let changed = self.let_go_until(received, received) | self.end_waits(today);
        self.end_stretch(today);
        changed
    }

    /// What is left of a purchase, in what counts for a tier.
    pub(super) fn left(&self, id: &str, basis: &str) -> i64 {
        let Some(order) = self.orders.iter().find(|order| order.id == id) else {
            return 0;
        };
        match basis {
            "points" => order.points - order.counted,
            "spend" if order.currency == "USD" => order.paid - order.returned,
            "spend" | "balance" | "segment" => 0,
            _ => i64::from(order.returns == 0 || order.returned < order.paid),
        }
    }

    /// Spends points; gives the lots they came from, or nothing where they cannot be spent.
    pub(super) fn pay(&mut self, activity: &Activity, points: i64) -> Option<Vec<(Lot, i64)>> {
        let today = self.day(activity.received);
        let more = points > self.balance(activity.received);
        if points <= 0 || more || self.allowed("spend", points, today).is_none() {
            return None;
        }
        let lots = self.draw(today, points);
        self.spent += points;
        *self.spent_by_day.entry(today).or_default() += points;
        Some(lots)
    }

    /// Points go to another; gives their lots, or nothing where they cannot.
    pub(super) fn send(&mut self, activity: &Activity, points: i64) -> Option<Vec<(Lot, i64)>> {
        let today = self.day(activity.received);
        let more = points > self.balance(activity.received);
        if points <= 0 || more || self.allowed("transfer", points, today).is_none() {
            return None;
        }
        self.received -= points;
        *self.sent_by_day.entry(today).or_default() += points;
        Some(self.draw(today, points))
    }

    /// Points come from another.
    pub(super) fn receive(&mut self, lots: &[(Lot, i64)], now: Timestamp) {
        let today = self.day(now);
        for (lot, points) in lots {
            self.received += points;
            self.put_back(*lot, (today, today), *points);
        }
        self.settle(today);
    }

    /// What was paid on a day comes back.
    pub(super) fn paid_back(&mut self, lots: &[(Lot, i64)], (since, drawn): (Date, usize), now: Timestamp) {
        let today = self.day(now);
        for (lot, points) in lots {
            self.spent -= points;
            *self.spent_by_day.get_mut(&since).unwrap() -= points;
            self.put_back(*lot, (today, today), *points);
        }
        self.settle(today);
        self.pay_waived(lots.iter().map(|(lot, points)| (*lot, *points, drawn)), today);
    }

    pub(super) fn redeem(&mut self, activity: &Activity, points: i64, order: Option<&str>) -> bool {
        let Some(lots) = self.pay(activity, points) else {
            return false;
        };
        let today = self.day(activity.received);
        if let Some(order) = order {
            let drawn = self.clock;
            let lots = lots.into_iter().map(|(lot, points)| (lot, points, today, drawn));
            self.spent_on.entry(order.to_owned()).or_default().extend(lots);
        }
        true
    }

    pub(super) fn release(&mut self, received: Timestamp, order: &str) -> bool {
        let today = self.day(received);
        let Some(parcel) = self.parcels.iter().position(|parcel| parcel.cause == order) else {
            return false;
        };
        if !self.waits(&self.parcels[parcel], today) || self.parcels[parcel].left == 0 {
            return false;
        }
        self.parcels[parcel].until = Date::MIN;
        self.settle(today);
        true
    }

    pub(super) fn adjust(&mut self, activity: &Activity, points: i64) -> bool {
        let today = self.day(activity.received);
        match points {
            ..0 => {
                let short = (-points - self.alive(today)).max(0);
                if short > 0 && self.terms.lowest.is_some_and(|lowest| self.owed + short > -lowest) {
                    return false;
                }
                self.draw(today, -points - short);
                self.owed += short;
                true
            }
            0 => false,
            1.. => {
                let lasts = self.lasts(None);
                self.put(activity, points, Date::MIN, &lasts);
                self.settle(today);
                true
            }
        }
    }

    /// The rule for a purchase, and where it stands.
    fn rule(&self, code: &str) -> Option<usize> {
        let rule = |tier: Option<usize>| {
            let mut rules = self.terms.earn.iter();
            rules.position(|rule| (rule.wallet, rule.currency, rule.tier) == (self.number, code, tier))
        };
        rule(Some(self.tier)).or(rule(None))
    }

    /// The points of a purchase by its rule and with the multipliers of campaigns, if there is a rule.
    pub(super) fn base(&self, activity: &Activity, multipliers: &[&str]) -> Option<i64> {
        let Fact::Purchase { amount } = activity.fact else {
            return None;
        };
        let rule = &self.terms.earn[self.rule(amount.currency().code())?];
        let (rate, rate_of) = fraction(rule.rate);
        let (by, by_of) = fraction(if rule.multiplied {
            self.terms.levels.get(self.tier).unwrap().1
        } else {
            "1"
        });
        let stacking = &self.terms.stacking;
        let (factor, factor_of) = factor(multipliers, stacking.multiply, stacking.most);
        let unit = 10_i128.pow(amount.currency().exponent());
        let (exact, of) = (
            i128::from(amount.minor()) * rate * by * factor,
            unit * rate_of * by_of * factor_of,
        );
        let rounded = match rule.round {
            "up" => (exact + of - 1) / of,
            "nearest" => (2 * exact + of) / (2 * of),
            _ => exact / of,
        };
        Some(i64::try_from(rounded).unwrap())
    }

    /// A purchase: in a wallet that no rule is for, it is an order that earned nothing, but for campaigns. Gives the
    /// campaigns that granted any, or nothing where a limit refuses.
    pub(super) fn earn(&mut self, activity: &Activity, amount: Amount, bonus: &Bonus) -> Option<Vec<usize>> {
        let (code, minor) = (amount.currency().code(), amount.minor());
        let rule = self.rule(code);
        let today = self.day(activity.received);
        let (mut ends, mut lasts) = (Date::MIN, self.lasts(None));
        if let Some(index) = rule {
            lasts = self.lasts(Some(index));
            let wait = self.terms.earn[index].wait.as_ref();
            ends = wait.map_or(Date::MIN, |wait| until(wait, self.day(activity.at)));
        }
        let (points, got) = self.with_bonus(activity, bonus, today)?;
        let lot = self.put(activity, points, ends, &lasts);
        let order = Order::new(activity.id.as_str(), today, (minor, code), (points, lot));
        self.orders.push(order);
        self.settle(today);
        Some(got)
    }

    /// The points that a purchase earns as far as limits let it, and which campaigns grant any of them.
    fn with_bonus(&self, activity: &Activity, bonus: &Bonus, today: Date) -> Option<(i64, Vec<usize>)> {
        let base = self.base(activity, &[]);
        let (mut factors, mut sum, mut shares) = (Vec::new(), base.unwrap_or(0), Vec::new());
        for (place, multiply, _) in &bonus.each {
            if let (Some(by), Some(_)) = (multiply, base) {
                factors.push(*by);
                let after = self.base(activity, &factors).unwrap();
                shares.push((*place, after - sum));
                sum = after;
            }
        }
        shares.extend(bonus.each.iter().map(|(place, _, flat)| (*place, *flat)));
        let total = base.unwrap_or(0) + shares.iter().map(|(_, points)| points).sum::<i64>();
        let allowed = if base.is_some() || total > 0 {
            self.allowed("earn", total, today)?
        } else {
            0
        };
        let mut room = allowed - base.unwrap_or(0);
        let mut got = Vec::new();
        for (place, points) in shares {
            if points > 0 && room > 0 {
                got.push(place);
            }
            room -= points;
        }
        Some((allowed, got))
    }

    /// A campaign or a mission grants points on something, under a cause of their own; gives how many a limit lets it.
    pub(super) fn grant(
        &mut self,
        (activity, cause): (&Activity, &str),
        points: i64,
        (lasts, wait): (&Option<Lasts>, &Option<Wait>),
    ) -> i64 {
        let today = self.day(activity.received);
        let points = self.allowed("earn", points, today).unwrap_or(0);
        if points == 0 {
            return 0;
        }
        let lasts = lasts.clone().unwrap_or_else(|| self.lasts(None));
        let ends = wait
            .as_ref()
            .map_or(Date::MIN, |wait| until(wait, self.day(activity.at)));
        let lot = self.put_for((activity, cause), points, ends, &lasts);
        self.grants.push(Order::new(cause, today, (0, ""), (points, lot)));
        self.settle(today);
        points
    }

    /// What is left of so much that a purchase counts, where the money of it counts, or else the purchase as a whole.
    pub(super) fn left_of(&self, id: &str, by: i64, money: bool) -> i64 {
        let order = self.orders.iter().find(|order| order.id == id).unwrap();
        match self.stays(id) {
            false => 0,
            true if money => {
                let left = i128::from(order.paid - order.returned);
                i64::try_from(i128::from(by) * left / i128::from(order.paid.max(1))).unwrap()
            }
            true => by,
        }
    }

    /// Purchases that did not come back whole.
    pub(super) fn purchases(&self) -> usize {
        self.orders.iter().filter(|order| self.stays(&order.id)).count()
    }

    /// Whether a purchase did not come back whole.
    pub(super) fn stays(&self, id: &str) -> bool {
        let order = self.orders.iter().find(|order| order.id == id).unwrap();
        order.returns == 0 || order.returned < order.paid
    }

    /// Points can be spent a little longer than is told.
    pub(super) fn told_through(&self, day: Date) -> Date {
        let grace = i64::from(self.terms.grace_days);
        if day == Date::MAX {
            day
        } else {
            day.checked_add(grace.days()).unwrap()
        }
    }

    /// Puts points into a parcel of their own; gives its lot.
    fn put(&mut self, activity: &Activity, points: i64, until: Date, lasts: &Lasts) -> Lot {
        self.put_for((activity, activity.id.as_str()), points, until, lasts)
    }

    fn put_for(&mut self, (activity, cause): (&Activity, &str), points: i64, until: Date, lasts: &Lasts) -> Lot {
        let (earned_on, today) = (self.day(activity.at), self.day(activity.received));
        self.is_active(earned_on);
        let lot = match lasts {
            Lasts::Active(..) => Lot::Stretch(self.active.stretch),
            lasts => Lot::Through(self.told_through(last_day(lasts, earned_on))),
        };
        let lapsed = self.has_lapsed(lot, today);
        if lapsed {
            self.lapse(lot, points, self.day_after(lot));
        }
        self.parcels.push(Parcel {
            cause: cause.to_owned(),
            lot,
            until: if until > today { until } else { Date::MIN },
            left: if lapsed { 0 } else { points },
        });
        lot
    }

    /// Draws points that are there; gives the lots they came from.
    fn draw(&mut self, today: Date, points: i64) -> Vec<(Lot, i64)> {
        let active = self.active;
        self.parcels.sort_by_key(|parcel| (active.end(parcel.lot), parcel.lot));
        let mut rest = points;
        let mut lots: Vec<(Lot, i64)> = Vec::new();
        let woken_on = self.woken_on;
        let waits = |parcel: &Parcel| parcel.until > today && parcel.until > woken_on;
        let spent = |parcel: &&mut Parcel| active.end(parcel.lot) >= today && !waits(parcel);
        for parcel in self.parcels.iter_mut().filter(spent) {
            let take = parcel.left.min(rest);
            parcel.left -= take;
            rest -= take;
            match lots.last_mut() {
                Some((lot, points)) if *lot == parcel.lot => *points += take,
                _ => lots.push((parcel.lot, take)),
            }
        }
        assert_eq!(rest, 0, "more was drawn than there was");
        lots
    }

    pub(super) fn decided_on(&self, id: &str) -> Option<Date> {
        let order = self.orders.iter().find(|order| order.id == id);
        order.map(|order| order.decided_on)
    }

    fn settle(&mut self, today: Date) {
        let pays = self.owed.min(self.alive(today));
        self.draw(today, pays);
        self.owed -= pays;
    }

    /// These came back: as far as they can be spent, those that were drawn before pay what returns waived.
    fn pay_waived(&mut self, lots: impl Iterator<Item = (Lot, i64, usize)>, today: Date) {
        if self.terms.claw_back == "only-pending" {
            return;
        }
        let alive = lots.filter(|(lot, _, drawn)| *drawn < self.waived_at && !self.has_lapsed(*lot, today));
        let came_back: i64 = alive.map(|(_, points, _)| points).sum();
        let pays = self.waived.min(came_back).min(self.alive(today));
        self.draw(today, pays);
        self.waived -= pays;
    }

    pub(super) fn wake(&mut self, now: Timestamp) {
        let today = self.day(now);
        self.let_go_until(now, now);
        self.end_waits(today);
        self.woken_on = self.woken_on.max(today);
        let active = self.active;
        self.parcels.sort_by_key(|parcel| (active.end(parcel.lot), parcel.lot));
        for index in 0..self.parcels.len() {
            let parcel = &mut self.parcels[index];
            if active.end(parcel.lot) < today {
                let (lot, left) = (parcel.lot, std::mem::take(&mut parcel.left));
                self.lapse(lot, left, self.day_after(lot));
            }
        }
        self.end_stretch(today);
    }
}
