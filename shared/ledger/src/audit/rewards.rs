//! What entries say of rewards: each is paid from its lots, used once at most, and brings back what it cost or nothing.

use std::collections::BTreeMap;

use super::{Audit, Finding};
use programme::{Points, WalletId};

use crate::account::Account;
use crate::day::Day;
use crate::entry::{Entry, What, total};

/// The wallet and the lots that a reward was paid from.
pub(super) type Cost = (WalletId, Vec<(Day, Points)>);

/// What each reward cost, by its claim: those the member has, and those that were used.
#[derive(Default)]
pub(super) struct Rewards {
    open: BTreeMap<String, Cost>,
    fulfilled: BTreeMap<String, Cost>,
}

impl Rewards {
    /// None can be used any more.
    pub(super) fn lapse(&mut self) {
        self.open.clear();
    }
}

impl Audit {
    /// Gives the kind of the entry, of which a cause has one.
    pub(super) fn reward(&mut self, entry: &Entry) -> u8 {
        let (wrong, kind) = match &entry.what {
            What::Claimed { points, lots, .. } => {
                let cost = (entry.wallet, lots.clone());
                self.rewards.open.insert(entry.cause.to_string(), cost);
                self.spent(*points, None);
                for (last_day, points) in lots {
                    self.put(*last_day, -points.get());
                }
                let odd = total(lots) != points.get() || lots.iter().any(|(_, points)| points.get() <= 0);
                (odd.then_some("the lots do not add up to what the reward cost"), 2)
            }
            What::RewardGiven { .. } => {
                let cost = (WalletId::MAIN, Vec::new());
                self.rewards.open.insert(entry.cause.to_string(), cost);
                (None, 18)
            }
            What::Fulfilled { claim } => match self.rewards.open.remove(claim.as_str()) {
                Some(cost) => {
                    self.rewards.fulfilled.insert(claim.to_string(), cost);
                    (None, 19)
                }
                None => (Some("a reward was fulfilled that the member did not have"), 19),
            },
            What::RewardExpired => {
                let had = self.rewards.open.remove(entry.cause.as_str()).is_some();
                ((!had).then_some("a reward lapsed that the member did not have"), 3)
            }
            What::RewardBack { claim, lots, gone, .. } => (self.reward_back(entry.wallet, claim, lots, gone), 20),
            _ => (None, 5),
        };
        if let Some(what) = wrong.filter(|_| !self.gap) {
            self.say(Some(self.position), Finding::Entry(what));
        }
        kind
    }

    fn reward_back(
        &mut self,
        wallet: WalletId,
        claim: &str,
        lots: &[(Day, Points)],
        gone: &[(Day, Points)],
    ) -> Option<&'static str> {
        let open = self.rewards.open.remove(claim);
        let cost = open.or_else(|| self.rewards.fulfilled.remove(claim));
        for (last_day, points) in lots {
            self.put(*last_day, points.get());
        }
        let back = total(lots).saturating_add(total(gone));
        let sums = self.sums();
        sums.spent = sums.spent.saturating_sub(back);
        sums.expired = sums.expired.saturating_add(total(gone));
        let mut all: Vec<_> = lots.iter().chain(gone).copied().collect();
        all.sort_unstable();
        let Some(mut cost) = cost else {
            return Some("a reward came back that the member did not have");
        };
        cost.1.sort_unstable();
        (cost != (wallet, all)).then_some("what came back of a reward is not what it cost")
    }

    pub(super) fn hold_rewards_against(&mut self, account: &Account) {
        let open = std::mem::take(&mut self.rewards.open);
        let stored = account.claims().iter();
        let stored: BTreeMap<String, Cost> = stored
            .map(|claim| (claim.id.to_string(), (claim.wallet, claim.lots.clone())))
            .collect();
        if open != stored {
            self.say(None, Finding::Rewards);
        }
    }
}
