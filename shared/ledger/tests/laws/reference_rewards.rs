//! Rewards in the slow model: every claim is kept with what it cost, whatever became of it.

use jiff::civil::Date;
use ledger::Activity;
use programme::RewardName;

use super::wallet::Wallet;
use super::wallet::expiry::{Lot, last_day};
use crate::support::terms::{Reward, Terms};

#[derive(Clone, PartialEq)]
enum State {
    Open,
    Fulfilled,
    Over,
}

#[derive(Clone)]
struct Claim {
    id: String,
    reward: usize,
    since: Date,
    last_day: Date,
    lots: Vec<(Lot, i64)>,
    drawn: usize,
    state: State,
    /// It counts as one that the member had, and as one that is taken from the stock.
    counts: bool,
}

#[derive(Clone)]
pub(super) struct Rewards {
    terms: Vec<Reward>,
    claims: Vec<Claim>,
}

fn number(name: &RewardName) -> usize {
    name.as_str().trim_start_matches('r').parse().unwrap()
}

impl Rewards {
    pub(super) fn new(terms: &Terms) -> Self {
        Self {
            terms: terms.rewards.clone(),
            claims: Vec::new(),
        }
    }

    fn had(&self, reward: usize) -> usize {
        let had = self
            .claims
            .iter()
            .filter(|claim| claim.reward == reward && claim.counts);
        had.count()
    }

    fn open(&self) -> impl Iterator<Item = &Claim> {
        self.claims.iter().filter(|claim| claim.state == State::Open)
    }

    /// What the member has and has not used: ids and last days.
    pub(super) fn unused(&self) -> Vec<(String, Date)> {
        self.open().map(|claim| (claim.id.clone(), claim.last_day)).collect()
    }

    /// What was not used by a day is over.
    pub(super) fn end(&mut self, today: Date) {
        for claim in &mut self.claims {
            if claim.state == State::Open && claim.last_day < today {
                claim.state = State::Over;
            }
        }
    }

    /// The wallet and the price of a reward that can be claimed, if it can.
    fn offer(&self, reward: usize, tier: usize) -> Option<(usize, i64)> {
        let own = self.terms.get(reward)?;
        let open = self.open().filter(|claim| !claim.id.starts_with("given"));
        let (had, open) = (self.had(reward), open.count());
        let many = own.per_member.is_some_and(|most| had >= most) || own.stock.is_some_and(|stock| had >= stock);
        if own.given.is_some() || own.tier.is_some_and(|least| tier < least) || many || open >= 20 {
            return None;
        }
        let dearer = own.tier_points.filter(|(of, _)| *of == tier);
        Some((usize::from(own.wallet), dearer.map_or(own.points, |(_, points)| points)))
    }

    pub(super) fn claim(
        &mut self,
        wallets: &mut [Wallet],
        activity: &Activity,
        reward: &RewardName,
        tier: usize,
    ) -> bool {
        let reward = number(reward);
        let Some((wallet, price)) = self.offer(reward, tier) else {
            return false;
        };
        let today = wallets[0].day(activity.received);
        let mut lots = Vec::new();
        if price > 0 {
            let Some(paid) = wallets[wallet].pay(activity, price) else {
                return false;
            };
            lots = paid;
        }
        self.keep(activity.id.as_str(), (reward, today), (lots, wallets[wallet].clock));
        true
    }

    fn keep(&mut self, id: &str, (reward, today): (usize, Date), (lots, drawn): (Vec<(Lot, i64)>, usize)) {
        let lasts = self.terms[reward].lasts.as_ref();
        self.claims.push(Claim {
            id: id.to_owned(),
            reward,
            since: today,
            last_day: lasts.map_or(Date::MAX, |lasts| last_day(lasts, today)),
            lots,
            drawn,
            state: State::Open,
            counts: true,
        });
    }

    pub(super) fn fulfil(&mut self, id: &str) -> bool {
        let mut open = self.claims.iter_mut().filter(|claim| claim.state == State::Open);
        let found = open.find(|claim| claim.id == id);
        found.map(|claim| claim.state = State::Fulfilled).is_some()
    }

    /// Cancels a reward, or refunds one that was fulfilled.
    pub(super) fn back(&mut self, wallets: &mut [Wallet], activity: &Activity, id: &str, fulfilled: bool) -> bool {
        let wanted = if fulfilled { State::Fulfilled } else { State::Open };
        let mut found = self.claims.iter_mut().filter(|claim| claim.state == wanted);
        let Some(claim) = found.find(|claim| claim.id == id && !(fulfilled && id.starts_with("given"))) else {
            return false;
        };
        claim.state = State::Over;
        claim.counts = false;
        let wallet = usize::from(self.terms[claim.reward].wallet);
        if !claim.lots.is_empty() {
            wallets[wallet].paid_back(&claim.lots, (claim.since, claim.drawn), activity.received);
        }
        true
    }

    /// Gives what is given on joining, or on rising from one tier to a higher one.
    pub(super) fn give(&mut self, occasion: &str, cause: &str, (from, to): (usize, usize), day: Date) {
        for reward in 0..self.terms.len() {
            let own = &self.terms[reward];
            let due = own.given == Some(occasion)
                && match (occasion, own.tier) {
                    ("tier", Some(tier)) => from < tier && tier <= to,
                    (_, least) => least.is_none_or(|least| to >= least),
                };
            let many = own.per_member.is_some_and(|most| self.had(reward) >= most);
            if due && !many {
                self.keep(&format!("given#r{reward}#{cause}"), (reward, day), (Vec::new(), 0));
            }
        }
    }

    /// Takes back what was given with tiers that the member would not have reached.
    pub(super) fn take_back(&mut self, from: usize, to: usize, since: Date) {
        for claim in &mut self.claims {
            let own = &self.terms[claim.reward];
            let with_tier = own.given == Some("tier") && own.tier.is_some_and(|tier| to < tier && tier <= from);
            if with_tier && claim.since >= since && claim.state == State::Open {
                claim.state = State::Over;
                claim.counts = false;
            }
        }
    }
}
