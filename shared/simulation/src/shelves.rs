//! The rewards of which there are only so many.

use std::collections::BTreeMap;

use ledger::{Counted, Fact, Shelf};
use programme::{Programme, Reward, RewardName};

/// What is left of each reward, and the codes of its coupons.
#[derive(Debug, Clone, Default)]
pub struct Shelves {
    shelves: BTreeMap<RewardName, OnShelf>,
}

#[derive(Debug, Clone, Default)]
struct OnShelf {
    counted: Counted,
    codes: Vec<String>,
}

impl Shelves {
    /// Adds coupons to the pool of a reward. They go out in the order in which they came in.
    pub fn add_coupons(&mut self, reward: &RewardName, codes: impl IntoIterator<Item = String>) {
        let pool = self.shelves.entry(reward.clone()).or_default();
        pool.codes.extend(codes);
        pool.counted.imported = u64::try_from(pool.codes.len()).unwrap_or(u64::MAX);
    }

    /// How many of a reward were taken and did not come back.
    pub fn gone(&self, reward: &Reward) -> u64 {
        self.counted(reward).gone(reward)
    }

    fn counted(&self, reward: &Reward) -> Counted {
        self.shelves
            .get(&reward.name)
            .map_or(Counted::default(), |shelf| shelf.counted)
    }

    /// What the decision sees of a shelf, where it looks at one.
    pub(crate) fn seen(&self, programme: &Programme, fact: &Fact) -> Option<Shelf<'_>> {
        let reward = ledger::looks_at_shelf(programme, fact)?;
        let counted = self.counted(reward);
        let code = counted.next_coupon(reward).and_then(|place| {
            let codes = &self.shelves.get(&reward.name)?.codes;
            codes.get(usize::try_from(place).ok()?).map(String::as_str)
        });
        let of = counted.of(reward, code.is_some());
        Some(Shelf {
            left: of.saturating_sub(counted.gone(reward)),
            code,
        })
    }

    pub(crate) fn take(&mut self, programme: &Programme, fact: &Fact) {
        if let Some(reward) = ledger::looks_at_shelf(programme, fact) {
            let counted = &mut self.shelves.entry(reward.name.clone()).or_default().counted;
            if reward.coupons {
                counted.given += 1;
            } else {
                counted.taken += 1;
            }
        }
    }

    pub(crate) fn back(&mut self, reward: RewardName) {
        let counted = &mut self.shelves.entry(reward).or_default().counted;
        counted.taken = counted.taken.saturating_sub(1);
    }
}
