//! Points the slow way: each wallet is a list of what was earned on which day, looked through whole for every question.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use ledger::{Activity, Fact, Label};
use programme::{TierSetId, WalletId};

use crate::support::terms::{Rule, Terms};

#[path = "reference_campaigns.rs"]
mod campaigns;
#[path = "reference_missions.rs"]
mod missions;
#[path = "reference_referral.rs"]
mod referral;
#[path = "reference_rewards.rs"]
mod rewards;
#[path = "reference_tiers.rs"]
mod tiers;
#[path = "reference_wallet.rs"]
mod wallet;

use campaigns::Got;
use missions::{Reached, Step};
use referral::Referrals;
use rewards::Rewards;
use tiers::Tiers;
use wallet::Wallet;
use wallet::expiry::Lot;

/// All wallets of a member, in step with each other: they share the money of orders, the tier and the clock of activity.
#[derive(Clone)]
pub(crate) struct Slow {
    terms: Terms,
    joined: bool,
    /// The member's own.
    zone: TimeZone,
    wallets: Vec<Wallet>,
    /// By the set's number.
    sets: Vec<Tiers>,
    rewards: Rewards,
    segments: std::collections::BTreeSet<String>,
    got: Vec<Got>,
    steps: Vec<Step>,
    reached: Vec<Reached>,
    /// By mission.
    badges: std::collections::BTreeSet<usize>,
    referrals: Referrals,
    /// The day up to which time has passed.
    until: Date,
}

fn start_of_window(day: Date, months: u8) -> Date {
    day.first_of_month().checked_sub(i32::from(months).months()).unwrap()
}

impl Slow {
    pub(crate) fn new(terms: &Terms) -> Self {
        Self {
            terms: terms.clone(),
            joined: false,
            zone: TimeZone::UTC,
            wallets: terms.wallets().map(|number| Wallet::new(terms, number)).collect(),
            sets: (0..terms.sets()).map(|set| Tiers::new(&terms.as_set(set))).collect(),
            rewards: Rewards::new(terms),
            segments: std::collections::BTreeSet::new(),
            got: Vec::new(),
            steps: Vec::new(),
            reached: Vec::new(),
            badges: std::collections::BTreeSet::new(),
            referrals: Referrals::default(),
            until: Date::MIN,
        }
    }

    /// Purchases earn by other rules from now on.
    pub(crate) fn earn_by(&mut self, rules: &[Rule]) {
        let wallets = self.wallets.iter_mut().map(|wallet| &mut wallet.terms);
        let sets = self.sets.iter_mut().map(|set| &mut set.terms);
        for terms in wallets.chain(sets).chain([&mut self.terms]) {
            terms.earn = rules.to_vec();
        }
    }

    fn of(&mut self, wallet: WalletId) -> &mut Wallet {
        &mut self.wallets[usize::from(wallet.number())]
    }

    pub(crate) fn balance(&self, wallet: WalletId, now: Timestamp) -> i64 {
        // Asking books nothing.
        self.clone().of(wallet).balance(now)
    }

    /// Points that were spent and that lapsed.
    pub(crate) fn gone(&mut self, wallet: WalletId) -> (i64, i64) {
        let own = self.of(wallet);
        (own.spent, own.expired)
    }

    /// Points that came from others, less those that went to them.
    pub(crate) fn received(&mut self, wallet: WalletId) -> i64 {
        self.of(wallet).received
    }

    /// Which tier the review of a day will find, if it takes the one the member has, and the points that are missing.
    pub(crate) fn at_risk(&self, set: TierSetId, day: Date) -> Option<(usize, i64)> {
        self.sets[usize::from(set.number())].at_risk(day)
    }

    pub(crate) fn tier(&self, set: TierSetId) -> usize {
        self.sets[usize::from(set.number())].tier()
    }

    pub(crate) fn review(&self, set: TierSetId) -> Option<Date> {
        self.sets[usize::from(set.number())].review()
    }

    /// The missions whose badges the member has.
    pub(crate) fn badges(&self) -> Vec<String> {
        self.badges.iter().map(|place| format!("b{place}")).collect()
    }

    /// The rewards that are not used: ids and last days.
    pub(crate) fn unused(&self) -> Vec<(String, Date)> {
        self.rewards.unused()
    }

    /// Those of them that can still be used on a day.
    pub(crate) fn unused_on(&self, today: Date) -> Vec<(String, Date)> {
        let unused = self.rewards.unused().into_iter();
        unused.filter(|(_, last_day)| *last_day >= today).collect()
    }

    fn counting(&self) -> &Wallet {
        &self.wallets[usize::from(self.terms.counts())]
    }

    /// Takes an activity; whether it was accepted. One that is not has changed nothing.
    pub(crate) fn take(&mut self, activity: &Activity) -> bool {
        let before = self.clone();
        for wallet in &mut self.wallets {
            wallet.clock += 1;
        }
        let accepted = self.decide(activity);
        if accepted {
            self.tell_tier();
        } else {
            *self = before;
        }
        accepted
    }

    fn decide(&mut self, activity: &Activity) -> bool {
        if activity.at > activity.received + jiff::SignedDuration::from_hours(24) {
            return false;
        }
        self.pass_days(activity.received);
        let mut changed = false;
        for wallet in &mut self.wallets {
            changed |= wallet.begin(activity.received);
        }
        let today = self.counting().day(activity.received);
        if self.joined {
            if changed {
                self.follow("", today);
            }
            self.hold_reviews(today);
        }
        let tier = self.sets[0].tier();
        let accepted = self.decide_now(activity);
        let (raised, cause) = ((tier, self.sets[0].tier()), activity.id.as_str());
        match activity.fact {
            Fact::SignUp { .. } if accepted => {
                self.rewards.give("sign-up", cause, (0, 0), today);
                self.grant("sign-up", activity);
                self.follow(cause, today);
            }
            Fact::Purchase { .. } | Fact::SetTier { .. } if accepted => {
                self.rewards.give("tier", cause, raised, today);
            }
            Fact::Refund { .. } if accepted => {
                let since = self.balance_back(activity, today);
                self.rewards.take_back(tier, self.sets[0].tier(), since);
                self.follow(activity.id.as_str(), today);
            }
            _ if accepted => self.follow(activity.id.as_str(), today),
            _ => {}
        }
        if let (true, Fact::Purchase { .. }) = (accepted, &activity.fact) {
            self.follow(activity.id.as_str(), today);
        }
        accepted
    }

    /// Lives through the days up to now, where the tier follows what can be spent on each.
    fn pass_days(&mut self, now: Timestamp) {
        let today = self.counting().day(now);
        let outside = |tiers: &Tiers| ["balance", "segment"].contains(&tiers.terms.basis);
        if !self.sets.iter().any(outside) || !self.joined {
            self.until = today;
            return;
        }
        while self.until < today {
            let next = self.until.tomorrow().unwrap();
            let start = self.counting().start(next);
            let before = start - jiff::SignedDuration::from_secs(1);
            let until = self.until;
            self.each_that_changes(until, |wallet| wallet.let_go_until(before, now));
            self.until = next;
            self.each_that_changes(next, |wallet| wallet.end_waits(next));
            for wallet in &mut self.wallets {
                wallet.end_stretch(next);
            }
            self.each_that_changes(next, |wallet| wallet.let_go_until(start, now));
            self.hold_reviews(next);
        }
    }

    /// Does something to every wallet, and lets the tier follow where that let points go or come.
    fn each_that_changes(&mut self, day: Date, mut change: impl FnMut(&mut Wallet) -> bool) {
        let mut changed = false;
        for wallet in &mut self.wallets {
            changed |= change(wallet);
        }
        if changed {
            self.follow("", day);
        }
    }

    /// What counts for the tiers of a set now, where that is not what happened in a window.
    fn outside(&self, set: usize, day: Date) -> Option<i64> {
        let terms = &self.sets[set].terms;
        match terms.basis {
            "balance" => {
                let own = &self.wallets[usize::from(terms.counts())];
                Some(own.alive(day) - own.owed)
            }
            "segment" => {
                let place = (1..terms.levels.len())
                    .rev()
                    .find(|place| self.segments.contains(&format!("s{place}")));
                Some(i64::try_from(place.unwrap_or(0)).unwrap())
            }
            _ => None,
        }
    }

    /// The tiers follow what counts now.
    fn follow(&mut self, cause: &str, day: Date) {
        for set in 0..self.sets.len() {
            let Some(counted) = self.outside(set, day) else {
                continue;
            };
            let before = self.sets[set].tier();
            self.sets[set].outside = Some(counted);
            self.sets[set].follow(cause, day);
            self.tell_tier();
            if set == 0 {
                self.rewards.give("tier", cause, (before, self.sets[0].tier()), day);
            }
        }
    }

    /// A tier that an order had brought by the balance goes with it, where the balance does not hold it.
    ///
    /// Gives the day since which rewards may have come with it: that of the order, or of the rise by the balance.
    fn balance_back(&mut self, activity: &Activity, today: Date) -> Date {
        let Fact::Refund { order, .. } = &activity.fact else {
            return today;
        };
        let bought = self.counting().decided_on(order.as_str());
        let since = self.sets[0].last_rise().or(bought).unwrap_or(today);
        for set in 0..self.sets.len() {
            if self.sets[set].terms.basis == "balance" {
                self.sets[set].outside = self.outside(set, today);
                self.sets[set].balance_back(order.as_str());
            }
        }
        self.tell_tier();
        since
    }

    /// What the reviews raise comes with its rewards; what was not used in time is over.
    fn hold_reviews(&mut self, today: Date) {
        for set in 0..self.sets.len() {
            // Each with what could be spent on its day, of what is there.
            while let Some(day) = self.sets[set].review().filter(|day| *day <= today) {
                self.sets[set].outside = self.outside(set, day);
                let (from, to) = self.sets[set].hold(day, today);
                if set == 0 {
                    self.rewards.end(day.yesterday().unwrap());
                    self.rewards.give("tier", &format!("review#{day}"), (from, to), day);
                }
            }
        }
        self.rewards.end(today);
        self.tell_tier();
    }

    fn decide_now(&mut self, activity: &Activity) -> bool {
        match &activity.fact {
            Fact::SignUp { zone, birthday, .. } => {
                if self.joined {
                    return false;
                }
                self.joined = true;
                self.zone = zone.rules().clone();
                let joined = zone.rules().to_datetime(activity.at).date();
                let since = self.counting().day(activity.received);
                for tiers in &mut self.sets {
                    tiers.join(joined, since, birthday.map(|day| (day.month, day.day)));
                }
                self.was_referred(activity);
                true
            }
            _ if !self.joined => false,
            Fact::Purchase { amount } => {
                let code = amount.currency().code();
                let known = self.terms.earn.iter().any(|rule| rule.currency == code);
                if !known {
                    return false;
                }
                let steps = self.counts(activity);
                let meets = self.meets(activity);
                let bonuses = self.bonuses(activity);
                let (mut got, mut earned) = (Vec::new(), true);
                for (wallet, bonus) in self.wallets.iter_mut().zip(&bonuses) {
                    match wallet.earn(activity, *amount, bonus) {
                        Some(more) => got.extend(more),
                        None => earned = false,
                    }
                }
                got.sort_unstable();
                got.dedup();
                self.got_on(activity, &got);
                for set in 0..self.sets.len() {
                    let terms = self.sets[set].terms.clone();
                    let mut rules = terms.earn.iter();
                    let counts = rules.any(|rule| (rule.wallet, rule.currency) == (terms.counts(), code));
                    let own = &self.wallets[usize::from(terms.counts())];
                    if earned && (counts || own.left(activity.id.as_str(), "points") > 0) {
                        let (own, id) = (&self.wallets[usize::from(terms.counts())], activity.id.as_str());
                        let (on, today) = (own.day(activity.at), own.day(activity.received));
                        let left = own.left(id, terms.basis);
                        self.sets[set].bought(id, on, today, left);
                    }
                }
                if earned {
                    // With the tier that it may have brought.
                    self.tell_tier();
                    self.go_on(activity, steps);
                    if let Some(chosen) = meets {
                        self.met(activity, &chosen);
                    }
                }
                earned
            }
            Fact::Event { .. } => {
                let steps = self.counts(activity);
                self.go_on(activity, steps);
                self.grant("event", activity);
                true
            }
            Fact::Referral { accepted, .. } => self.brings(activity, accepted.as_ref()),
            Fact::ReferralLost { of } => self.loses(activity, of.as_str()),
            // It moves no points, whatever becomes of it.
            Fact::Cart { .. } => true,
            // No attributes are declared, so nothing changes; and the last two have laws of their own (person.rs).
            Fact::Attributes | Fact::Personalisation { .. } | Fact::Changed(_) | Fact::Erasure => false,
            Fact::Code { .. } => self.knows_code(activity, &self.zone.clone()) && self.grant("code", activity),
            Fact::Redeem { points, wallet, order } => {
                let Some(named) = self.named(wallet.as_ref()) else {
                    return false;
                };
                let spendable = self.terms.second.as_ref().is_none_or(|second| second.spendable);
                let may = spendable || named == 0;
                let order = order.as_ref().map(ledger::ActivityId::as_str);
                let spent = may && self.wallets[named].redeem(activity, points.get(), order);
                self.keep_active(activity);
                spent
            }
            Fact::Reserve {
                points,
                wallet,
                order,
                minutes,
            } => {
                let Some(named) = self.named(wallet.as_ref()) else {
                    return false;
                };
                let spendable = self.terms.second.as_ref().is_none_or(|second| second.spendable);
                let open: usize = self.wallets.iter().map(Wallet::reservations).sum();
                let order = order.as_ref().map(ledger::ActivityId::as_str);
                let own = &mut self.wallets[named];
                (spendable || named == 0) && open < 20 && own.reserve(activity, points.get(), order, minutes.unwrap())
            }
            Fact::Segment { segment, inside } => {
                let name = segment.as_str().to_owned();
                if !*inside {
                    return self.segments.remove(&name);
                }
                let changed = self.segments.len() < 20 && self.segments.insert(name);
                if changed && segment.as_str() == "s1" {
                    self.grant("segment", activity);
                }
                changed
            }
            Fact::Transfer {
                points,
                wallet,
                to,
                to_wallet,
            } => {
                let (from, into) = (self.named(wallet.as_ref()), self.named(to_wallet.as_ref()));
                let (Some(from), Some(into)) = (from, into) else {
                    return false;
                };
                let spendable = from == 0 || self.terms.second.as_ref().is_none_or(|second| second.spendable);
                if !spendable || !self.may_transfer(activity.received, points.get()) || (to.is_none() && from == into) {
                    return false;
                }
                let Some(lots) = self.wallets[from].send(activity, points.get()) else {
                    return false;
                };
                self.keep_active(activity);
                if to.is_none() {
                    self.wallets[into].receive(&lots, activity.received);
                }
                true
            }
            Fact::Receive { wallet, lots, .. } => {
                if !self.may_transfer(activity.received, i64::MAX) {
                    return false;
                }
                self.keep_active(activity);
                let lots = lots
                    .iter()
                    .map(|(day, points)| (Lot::Through(day.date()), points.get()));
                let lots: Vec<(Lot, i64)> = lots.collect();
                self.of(*wallet).receive(&lots, activity.received);
                true
            }
            Fact::Claim { reward } => {
                let tier = self.sets[0].tier();
                let claimed = self.rewards.claim(&mut self.wallets, activity, reward, tier);
                self.keep_active(activity);
                claimed
            }
            Fact::Fulfil { claim } => self.rewards.fulfil(claim.as_str()),
            Fact::CancelReward { claim } => self.rewards.back(&mut self.wallets, activity, claim.as_str(), false),
            Fact::RefundReward { claim } => self.rewards.back(&mut self.wallets, activity, claim.as_str(), true),
            Fact::Commit { reservation } => {
                let mut each = self.wallets.iter_mut();
                let committed = each.any(|wallet| wallet.commit(reservation.as_str()));
                self.keep_active(activity);
                committed
            }
            Fact::Cancel { reservation } => {
                let now = activity.received;
                let mut each = self.wallets.iter_mut();
                each.any(|wallet| wallet.cancel(reservation.as_str(), now))
            }
            // All of a part, or nothing of it, can come back; so what one wallet says of it all say.
            Fact::Refund { order, part } => {
                let paid = self.wallets.iter().any(|wallet| wallet.paid_for(order.as_str()));
                let each = self.wallets.iter_mut();
                let said: Vec<bool> = each
                    .map(|wallet| wallet.refund(activity.received, order.as_str(), part, paid))
                    .collect();
                assert!(said.iter().all(|one| *one == said[0]), "{activity:?}");
                if said[0] {
                    self.missions_back(activity, order.as_str());
                    self.referral_back(activity, order.as_str());
                }
                for set in 0..self.sets.len() {
                    if said[0] {
                        let terms = self.sets[set].terms.clone();
                        let own = &self.wallets[usize::from(terms.counts())];
                        let (left, today) = (own.left(order.as_str(), terms.basis), own.day(activity.received));
                        self.sets[set].came_back(order.as_str(), left, today);
                    }
                }
                said[0]
            }
            Fact::SetTier { tier, until, .. } => {
                let today = self.counting().day(activity.received);
                self.sets
                    .iter_mut()
                    .any(|tiers| tiers.give(tier.as_str(), *until, today))
            }
            Fact::Extend { wallet, through, .. } => {
                let named = self.named(wallet.as_ref());
                named.is_some_and(|named| self.wallets[named].extend(activity.received, *through))
            }
            Fact::Reinstate { points, wallet, .. } => {
                let Some(named) = self.named(wallet.as_ref()) else {
                    return false;
                };
                let points = points.map(programme::Points::get);
                let back = self.wallets[named].reinstate(activity, points);
                self.keep_active_on(activity.received);
                back
            }
            Fact::Release { order } => {
                // Each of them, whatever the others say.
                let each = self.wallets.iter_mut();
                let waited: Vec<bool> = each
                    .map(|wallet| wallet.release(activity.received, order.as_str()))
                    .collect();
                waited.contains(&true)
            }
            Fact::Adjust { points, wallet, .. } => {
                let Some(named) = self.named(wallet.as_ref()) else {
                    return false;
                };
                let adjusted = self.wallets[named].adjust(activity, points.get());
                if points.get() > 0 {
                    self.keep_active(activity);
                }
                adjusted
            }
        }
    }

    /// Whether the programme lets so many points go, or come, of a member who joined when this one did.
    fn may_transfer(&self, now: Timestamp, points: i64) -> bool {
        let today = self.zone.to_datetime(now).date();
        self.terms.transfers.is_some_and(|(least, days)| {
            points >= least && today >= self.sets[0].joined().checked_add(i64::from(days).days()).unwrap()
        })
    }

    fn named(&self, name: Option<&Label>) -> Option<usize> {
        match (name, &self.terms.second) {
            (None, _) => Some(0),
            (Some(_), second) => second.as_ref().map(|_| 1),
        }
    }

    /// What is done with one wallet keeps the points of all of them.
    fn keep_active(&mut self, activity: &Activity) {
        self.keep_active_on(activity.at);
    }

    fn keep_active_on(&mut self, at: Timestamp) {
        for wallet in &mut self.wallets {
            wallet.keep_active(at);
        }
    }

    /// The tier decides on what is earned next.
    fn tell_tier(&mut self) {
        for wallet in &mut self.wallets {
            wallet.tier = self.sets[0].tier();
        }
    }

    pub(crate) fn wake(&mut self, now: Timestamp) {
        self.pass_days(now);
        let today = self.counting().day(now);
        self.each_that_changes(today, |wallet| wallet.let_go_until(now, now) | wallet.end_waits(today));
        // A day of review that a return has brought back may lie before the last day of what lapses now.
        self.hold_reviews(today);
        for wallet in &mut self.wallets {
            wallet.wake(now);
        }
        self.hold_reviews(today);
    }
}
