//! The rewards of which there are only so many, and the budgets of campaigns.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ledger::budget::{Left, granted_out_of_budgets, looks_at_budgets};
use ledger::{Activity, Counted, Entry, Fact, Shelf};
use programme::{Campaign, CampaignId, Points, Programme, Reward, RewardName};

/// What is left of each reward, the codes of its coupons, and what is left of budgets.
#[derive(Debug, Clone, Default)]
pub struct Shelves {
    rewards: BTreeMap<RewardName, OnShelf>,
    /// What campaigns have granted of their budgets.
    granted: BTreeMap<CampaignId, i64>,
    /// What was claimed is not known, so there is enough of everything.
    plenty: bool,
}

#[derive(Debug, Clone, Default)]
struct OnShelf {
    counted: Counted,
    codes: Vec<String>,
    /// When the last was taken, and when one came back after that, in turn.
    turned: Vec<Timestamp>,
}

impl Shelves {
    /// For a history that knows of no claims.
    pub(crate) fn plenty() -> Self {
        Self {
            plenty: true,
            ..Self::default()
        }
    }

    /// Adds coupons to the pool of a reward. They go out in the order in which they came in.
    pub fn add_coupons(&mut self, reward: &RewardName, codes: impl IntoIterator<Item = String>) {
        let pool = self.rewards.entry(reward.clone()).or_default();
        pool.codes.extend(codes);
        pool.counted.imported = u64::try_from(pool.codes.len()).unwrap_or(u64::MAX);
    }

    /// So much is left of a campaign's budget.
    pub fn leave_of_budget(&mut self, campaign: &Campaign, left: Points) {
        let budget = campaign.budget.unwrap_or_default();
        let granted = budget.get().saturating_sub(left.get());
        self.granted.insert(campaign.name.id(), granted);
    }

    /// So many are left of a reward; of its coupons the next alone is known.
    pub fn leave_of_reward(&mut self, reward: &Reward, seen: Shelf<'_>) {
        let stock = reward.stock.unwrap_or_default();
        let codes: Vec<String> = seen.code.into_iter().map(str::to_owned).collect();
        let counted = Counted {
            taken: stock.saturating_sub(seen.left),
            given: 0,
            imported: seen.left,
        };
        let turned = Vec::new();
        self.rewards
            .insert(reward.name.clone(), OnShelf { counted, codes, turned });
    }

    /// How many of a reward were taken and did not come back.
    pub fn gone(&self, reward: &Reward) -> u64 {
        self.counted(reward).gone(reward)
    }

    fn counted(&self, reward: &Reward) -> Counted {
        self.rewards
            .get(&reward.name)
            .map_or(Counted::default(), |shelf| shelf.counted)
    }

    /// What the decision sees of a shelf, where it looks at one.
    pub(crate) fn seen(&self, programme: &Programme, fact: &Fact) -> Option<Shelf<'_>> {
        Some(self.of(ledger::looks_at_shelf(programme, fact)?))
    }

    fn of(&self, reward: &Reward) -> Shelf<'_> {
        let counted = self.counted(reward);
        let code = counted.next_coupon(reward).and_then(|place| {
            let codes = &self.rewards.get(&reward.name)?.codes;
            codes.get(usize::try_from(place).ok()?).map(String::as_str)
        });
        let of = counted.of(reward, code.is_some());
        Shelf {
            left: of.saturating_sub(counted.gone(reward)),
            code,
        }
    }

    /// Whether there was nothing left of a reward at an instant, no later than the latest that is known.
    pub(crate) fn was_gone(&self, reward: &Reward, at: Timestamp) -> bool {
        let turned = self.rewards.get(&reward.name).map_or(&[][..], |shelf| &shelf.turned);
        let since = turned.iter().rev().take_while(|turned| **turned > at).count();
        !self.plenty && (self.of(reward).left == 0) != (since % 2 == 1)
    }

    pub(crate) fn take(&mut self, programme: &Programme, fact: &Fact, now: Timestamp) {
        if let Some(reward) = ledger::looks_at_shelf(programme, fact) {
            self.moves(reward, now, |counted| {
                if reward.coupons {
                    counted.given += 1;
                } else {
                    counted.taken += 1;
                }
            });
        }
    }

    pub(crate) fn back(&mut self, programme: &Programme, reward: &RewardName, now: Timestamp) {
        if let Some(reward) = programme.reward(reward.as_str()) {
            self.moves(reward, now, |counted| counted.taken = counted.taken.saturating_sub(1));
        }
    }

    fn moves(&mut self, reward: &Reward, now: Timestamp, change: impl FnOnce(&mut Counted)) {
        let was_gone = self.of(reward).left == 0;
        change(&mut self.rewards.entry(reward.name.clone()).or_default().counted);
        let is_gone = self.of(reward).left == 0;
        let turned = &mut self.rewards.entry(reward.name.clone()).or_default().turned;
        turned.extend((was_gone != is_gone).then_some(now));
    }

    /// What is left of the budgets that an activity may draw on.
    pub(crate) fn budgets(&self, programme: &Programme, activity: &Activity) -> Vec<Left> {
        let looked_at = looks_at_budgets(programme, &activity.fact, activity.at);
        let left = looked_at.filter_map(|campaign| {
            let id = campaign.name.id();
            let granted = self.granted.get(&id).copied().unwrap_or_default();
            Some(Left {
                campaign: id,
                points: Points::new(campaign.budget?.get().saturating_sub(granted).max(0)),
            })
        });
        left.collect()
    }

    /// Draws what entries granted out of budgets.
    pub(crate) fn draw(&mut self, programme: &Programme, entries: &[Entry]) {
        for (campaign, points) in granted_out_of_budgets(programme, entries) {
            *self.granted.entry(campaign.name.id()).or_default() += points.get();
        }
    }
}
