//! Rewards that are given of themselves, and taken back where the tier that brought them goes.

use compact_str::CompactString;
use programme::{Programme, Reward, TierSetId, Trigger, WalletId};

use crate::account::Account;
use crate::activity::Activity;
use crate::budget::Left;
use crate::campaigns;
use crate::codec::Corrupt;
use crate::day::Day;
use crate::entry::What;
use crate::refusal::Refusal;
use crate::rewards::{Claim, come_back, hold, last_day};
use crate::spend::Times;

/// Why a reward is given of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion<'a> {
    /// With what is left of budgets.
    SignUp(&'a [Left]),
    Birthday,
    Anniversary,
    /// From one tier of a set to a higher one.
    Tier(TierSetId, u8, u8),
}

impl Occasion<'_> {
    fn is_for(self, programme: &Programme, reward: &Reward) -> bool {
        use programme::Given;
        let named = reward.tier.as_ref().and_then(|tier| programme.tier_named(tier));
        match (self, reward.given) {
            (Self::Tier(set, from, to), Some(Given::Tier)) => {
                named.is_some_and(|(of, tier)| of == set && from < tier && tier <= to)
            }
            (Self::Tier(..), _) | (_, None) => false,
            (Self::SignUp(_), Some(given)) => given == Given::SignUp,
            (Self::Birthday, Some(given)) => given == Given::Birthday,
            (Self::Anniversary, Some(given)) => given == Given::Anniversary,
        }
    }
}

/// Gives the rewards that are given on an occasion, and what campaigns grant on it, which `cause` names and which falls on a
/// day; gives how many campaigns did.
pub(crate) fn give(
    programme: &Programme,
    account: &mut Account,
    occasion: Occasion<'_>,
    (cause, times): (&str, Times),
    today: Day,
) -> Result<usize, Corrupt> {
    for reward in programme
        .rewards
        .iter()
        .filter(|reward| occasion.is_for(programme, reward))
    {
        let high_enough = |tier: &String| account.has_reached(programme, tier);
        let may = reward.tier.as_ref().is_none_or(high_enough) || matches!(occasion, Occasion::Tier(..));
        let had = reward.per_member.is_some_and(|most| account.had(&reward.name) >= most);
        if !may || had {
            continue;
        }
        let last_day = last_day(reward, today);
        // The shop names it when it is used, so it has no space, as causes of other wallets and sets have.
        let id = CompactString::from(format!("given#{}#{cause}", reward.name).replace(' ', "#"));
        if account.claims().iter().any(|claim| claim.id == id) {
            continue;
        }
        let what = What::RewardGiven {
            reward: reward.name.clone(),
            last_day,
        };
        account.book(WalletId::MAIN, &id, times, what)?;
        account.count_reward(reward);
        let claim = Claim {
            id,
            reward: reward.name.clone(),
            since: today,
            last_day,
            wallet: WalletId::MAIN,
            lots: Vec::new(),
            drawn_at: account.entries(),
            code: None,
        };
        hold(programme, account, claim);
    }
    let (trigger, budgets) = match occasion {
        Occasion::SignUp(budgets) => (Trigger::SignUp, budgets),
        // What comes of itself has no budget.
        Occasion::Birthday => (Trigger::Birthday, &[][..]),
        Occasion::Anniversary => (Trigger::Anniversary, &[][..]),
        Occasion::Tier(..) => return Ok(0),
    };
    let occasion = campaigns::Occasion {
        trigger: &|on| *on == trigger,
        activity: None,
        names: &programme.names.members,
        budgets,
    };
    campaigns::grant(programme, account, &occasion, (cause, times))
}

/// Takes back what was given, on a day or later, with tiers that the member would not have reached, as far as it was not
/// used.
pub(crate) fn take_back(
    programme: &Programme,
    account: &mut Account,
    (set, from, to): (TierSetId, u8, u8),
    since: Day,
    activity: &Activity,
) -> Result<(), Refusal> {
    let lost = |claim: &Claim| {
        let for_tier = |rules: &Programme| {
            let reward = rules.reward(claim.reward.as_str());
            reward.is_some_and(|reward| Occasion::Tier(set, to, from).is_for(rules, reward))
        };
        // What was given before the order was not given for it.
        claim.since >= since && programme.versions().any(for_tier)
    };
    let (lost, kept): (Vec<Claim>, _) = std::mem::take(&mut account.state.claims).into_iter().partition(lost);
    account.state.claims = kept;
    for claim in &lost {
        // A space, which no name of the shop's own has, tells them apart.
        let cause = format!("{} {}", activity.id, claim.id);
        come_back(programme, account, claim, &cause, Times::of(activity))?;
    }
    Ok(())
}
