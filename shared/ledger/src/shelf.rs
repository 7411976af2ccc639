//! What is left of the rewards of which there are only so many, and what an activity changes of it.

use programme::{Programme, Reward, RewardName};

use crate::account::Account;
use crate::activity::{Activity, Fact};
use crate::codec::Corrupt;

/// What a shelf has counted: of a stock, what was taken and did not come back; of a pool, the coupons that were given out
/// and that came in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    pub taken: u64,
    pub given: u64,
    pub imported: u64,
}

impl Counted {
    /// How many of a reward are gone.
    pub fn gone(self, reward: &Reward) -> u64 {
        if reward.coupons { self.given } else { self.taken }
    }

    /// The number of the coupon that comes next, where a reward has coupons and one is left.
    pub fn next_coupon(self, reward: &Reward) -> Option<u64> {
        (reward.coupons && self.given < self.imported).then_some(self.given)
    }

    /// How many there are in all. A coupon whose code is missing cannot be given out.
    pub fn of(self, reward: &Reward, has_code: bool) -> u64 {
        match (reward.stock, reward.coupons) {
            (_, true) if !has_code => self.given,
            (_, true) => self.imported,
            (stock, false) => stock.unwrap_or_default(),
        }
    }
}

/// The reward whose shelf an activity looks at.
pub fn looks_at_shelf<'a>(programme: &'a Programme, fact: &Fact) -> Option<&'a Reward> {
    let Fact::Claim { reward } = fact else {
        return None;
    };
    let reward = programme.reward(reward.as_str());
    reward.filter(|reward| reward.is_limited())
}

/// The reward of a stock that an accepted activity brings back, `account` being what it left behind. A code that was
/// given out stays out.
pub fn back_on_shelf(
    programme: &Programme,
    account: &Account,
    activity: &Activity,
) -> Result<Option<RewardName>, Corrupt> {
    let (Fact::CancelReward { .. } | Fact::RefundReward { .. }) = activity.fact else {
        return Ok(None);
    };
    let programme = programme.at(activity.received);
    let back = account.reward_back(&activity.id)?;
    let has_stock = |name: &RewardName| {
        let reward = programme.reward(name.as_str());
        reward.is_some_and(|reward| reward.stock.is_some())
    };
    Ok(back.filter(has_stock))
}
