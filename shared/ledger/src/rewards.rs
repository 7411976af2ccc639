//! Rewards: claimed for points or given of themselves, then fulfilled, cancelled, refunded or lapsed.
//!
//! A claim spends its points at once. A cancel or a refund brings them back to the very lots they were drawn from; a
//! reward that lapses unused brings back nothing.

use compact_str::CompactString;
use jiff::Timestamp;
use jiff::civil::Date;
use programme::{Limited, Points, Programme, Reward, RewardName, WalletId};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::activity::{Activity, Past, Shelf};
use crate::codec::Corrupt;
use crate::day::Day;
use crate::entry::{What, total};
use crate::expiry;
use crate::ids::ActivityId;
use crate::limits;
use crate::order::history;
use crate::refusal::Refusal;
use crate::reward_moments;
use crate::spend::{Times, can_be_spent, claw_back_waived, draw, drawn_before_waived, put_back, settle};

/// An account holds no more claims of the member's own than these at once, so that its size is bounded. Those that were
/// given are bounded by the programme: each lapses, or is given so often at the most.
const MOST_CLAIMS: usize = 20;

/// A reward that a member has and has not used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The activity that claimed it, or `given#` with its name and what it was given for.
    pub id: CompactString,
    pub reward: RewardName,
    /// The day it was claimed on, which a limit on spending counts.
    pub(crate) since: Day,
    /// The last day on which it can be used; [`Day::FOREVER`] where it does not lapse.
    pub last_day: Day,
    pub(crate) wallet: WalletId,
    /// The lots its points came from, and the entry that drew them.
    pub(crate) lots: Vec<(Day, Points)>,
    pub(crate) drawn_at: u64,
    /// The coupon's code.
    pub code: Option<CompactString>,
}

/// How many of a reward a member has had, where the programme says how many they may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Had {
    reward: RewardName,
    times: u16,
}

impl Claim {
    /// The last day on which it can be used; none where it does not lapse.
    pub fn lapses_after(&self) -> Option<Date> {
        (self.last_day < Day::FOREVER).then(|| self.last_day.date())
    }

    /// The wallet that its points came from.
    pub fn wallet(&self) -> WalletId {
        self.wallet
    }

    /// Whether it was given of itself.
    pub(crate) fn is_given(&self) -> bool {
        self.id.starts_with("given#")
    }

    /// Whether it is what a decision may leave behind.
    pub(crate) fn is_sound(&self) -> bool {
        self.lots.iter().all(|(_, points)| points.get() > 0)
    }
}

impl Account {
    /// The rewards that the member has and has not used, in the order in which they came.
    pub fn claims(&self) -> &[Claim] {
        &self.state.claims
    }

    /// Whether the member has a tier, or a higher one of its set.
    pub(crate) fn has_reached(&self, programme: &Programme, tier: &str) -> bool {
        let named = programme.tier_named(tier);
        named.is_some_and(|(set, place)| self.tier_in(set) >= place)
    }

    /// The member's tiers, one of each set.
    fn tier_names<'a>(&'a self, programme: &'a Programme) -> impl Iterator<Item = &'a str> {
        programme.tier_sets().filter_map(|tiers| {
            let place = usize::from(self.tier_in(tiers.number));
            Some(tiers.levels.get_ref().get(place)?.name.as_str())
        })
    }

    pub(crate) fn had(&self, reward: &RewardName) -> u16 {
        let mut had = self.state.had.iter();
        had.find(|had| had.reward == *reward).map_or(0, |had| had.times)
    }

    pub(crate) fn count_reward(&mut self, reward: &Reward) {
        if reward.per_member.is_none() {
            return;
        }
        match self.state.had.iter_mut().find(|had| had.reward == reward.name) {
            Some(had) => had.times = had.times.saturating_add(1),
            None => self.state.had.push(Had {
                reward: reward.name.clone(),
                times: 1,
            }),
        }
    }

    fn uncount_reward(&mut self, reward: &RewardName) {
        for had in self.state.had.iter_mut().filter(|had| had.reward == *reward) {
            had.times = had.times.saturating_sub(1);
        }
        self.state.had.retain(|had| had.times > 0);
    }

    fn find_claim(&self, id: &ActivityId) -> Result<usize, Refusal> {
        let place = self.state.claims.iter().position(|claim| claim.id == id.as_str());
        place.ok_or(Refusal::NoClaim)
    }

    /// The reward that an activity brought back to the shop, if it did.
    pub fn reward_back(&self, activity: &ActivityId) -> Result<Option<RewardName>, Corrupt> {
        let entries = self.page.entries()?;
        let mut back = entries.into_iter().filter(|entry| entry.cause == activity.as_str());
        Ok(back.find_map(|entry| match entry.what {
            What::RewardBack { reward, .. } => Some(reward),
            _ => None,
        }))
    }
}

/// Whether a member can claim a reward now, and what it costs them. What is on the shelf is asked where it is known.
pub fn can_be_claimed(
    programme: &Programme,
    account: &Account,
    reward: &Reward,
    shelf: Option<Shelf<'_>>,
    now: Timestamp,
) -> Result<Points, Refusal> {
    let programme = programme.at(now);
    let today = Day::at(now, programme.zone);
    let name = || reward.name.clone();
    let after = reward.from.is_some_and(|from| today < Day::of(from));
    let over = reward.through.is_some_and(|through| today > Day::of(through));
    if reward.given.is_some() || after || over {
        return Err(Refusal::NotOffered(name()));
    }
    if let Some(tier) = &reward.tier
        && !account.has_reached(programme, tier)
    {
        return Err(Refusal::TierTooLow(tier.clone()));
    }
    if let Some(most) = reward.per_member.filter(|most| account.had(&reward.name) >= *most) {
        return Err(Refusal::HadAlready { reward: name(), most });
    }
    if shelf.is_some_and(|shelf| shelf.left == 0) {
        return Err(Refusal::OutOfStock(name()));
    }
    let price = reward.price(account.tier_names(programme));
    if !price.is_zero() {
        let wallet = programme.reward_wallet(reward);
        can_be_spent(programme, account, (wallet, price), (now, today))?;
    }
    let own = account.claims().iter().filter(|claim| !claim.is_given());
    if own.count() >= MOST_CLAIMS {
        return Err(Refusal::TooManyClaims(MOST_CLAIMS));
    }
    Ok(price)
}

/// The reward that lies nearest above the balance: all that keeps the member from it is so many points. Nothing is left of
/// those that are `gone`.
pub fn next_reward<'a>(
    programme: &'a Programme,
    account: &Account,
    gone: &[RewardName],
    now: Timestamp,
) -> Option<(&'a Reward, Points)> {
    let programme = programme.at(now);
    let missing = |reward: &'a Reward| {
        let shelf = gone.contains(&reward.name).then_some(Shelf { left: 0, code: None });
        match can_be_claimed(programme, account, reward, shelf, now) {
            Err(Refusal::NotEnough { wanted, balance }) => Some((reward, wanted.subtract(balance).ok()?)),
            _ => None,
        }
    };
    let nearest = programme.rewards.iter().filter_map(missing);
    nearest.min_by_key(|(_, missing)| *missing)
}

/// The member takes a reward for its points.
pub(crate) fn claim(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    name: &RewardName,
    past: Past<'_>,
) -> Result<(), Refusal> {
    let unknown = || Refusal::UnknownReward(name.clone());
    let reward = programme.reward(name.as_str()).ok_or_else(unknown)?;
    let nothing_known = Shelf { left: 0, code: None };
    let shelf = reward.is_limited().then(|| past.shelf.unwrap_or(nothing_known));
    let points = can_be_claimed(programme, account, reward, shelf, activity.received)?;
    let wallet = programme.reward_wallet(reward);
    let spent = account.wallet(wallet).totals.spent.add(points);
    let spent = spent.map_err(|_| Refusal::Overflow)?;
    let today = Day::at(activity.received, programme.zone);
    let claim = Claim {
        id: activity.id.as_str().into(),
        reward: reward.name.clone(),
        since: today,
        last_day: last_day(reward, today),
        wallet,
        lots: draw(account, wallet, today, points),
        drawn_at: account.entries(),
        code: shelf.and_then(|shelf| shelf.code).map(CompactString::from),
    };
    let what = What::Claimed {
        reward: claim.reward.clone(),
        points,
        lots: claim.lots.clone(),
        last_day: claim.last_day,
        code: claim.code.clone(),
    };
    account.book(wallet, activity.id.as_str(), Times::of(activity), what)?;
    let own = account.wallet_mut(wallet);
    own.totals.spent = spent;
    own.take(&claim.lots);
    limits::count(programme, account, (wallet, Limited::Spend), points, today);
    account.count_reward(reward);
    hold(programme, account, claim);
    let day = Day::at(activity.at, programme.zone);
    expiry::is_active(programme, account, day, activity.received);
    Ok(())
}

pub(crate) fn last_day(reward: &Reward, today: Day) -> Day {
    let last_day = reward.lasts.as_ref().and_then(|lasts| expiry::last_day(lasts, today));
    last_day.unwrap_or(Day::FOREVER)
}

/// Keeps a claim, and sets the alarm for it where that comes before all else.
pub(crate) fn hold(programme: &Programme, account: &mut Account, claim: Claim) {
    let mut due = Vec::new();
    reward_moments::of_claim(programme, account, &claim, &mut due);
    let first = due.iter().map(|due| due.at.as_second()).min();
    account.state.alarm = account.state.alarm.min(first.unwrap_or(i64::MAX));
    account.state.claims.push(claim);
}

/// The member has been given the reward, or has used it.
pub(crate) fn fulfil(account: &mut Account, activity: &Activity, id: &ActivityId) -> Result<(), Refusal> {
    let place = account.find_claim(id)?;
    let claim = account.state.claims.remove(place);
    let what = What::Fulfilled { claim: claim.id };
    account.book(WalletId::MAIN, activity.id.as_str(), Times::of(activity), what)?;
    Ok(())
}

/// The member does not want it after all: its points come back.
pub(crate) fn cancel_reward(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    id: &ActivityId,
) -> Result<(), Refusal> {
    let place = account.find_claim(id)?;
    let claim = account.state.claims.remove(place);
    come_back(programme, account, &claim, activity.id.as_str(), Times::of(activity))
}

/// A reward that was fulfilled comes back, and its points with it.
pub(crate) fn refund_reward(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    id: &ActivityId,
    past: Past<'_>,
) -> Result<(), Refusal> {
    if account.find_claim(id).is_ok() {
        return Err(Refusal::NotFulfilled);
    }
    let (mut found, mut fulfilled) = (None, false);
    for (position, entry) in (0..).zip(history(past.pages, account)?) {
        let since = entry.decided_on(programme.zone);
        match entry.what {
            What::Claimed {
                reward,
                lots,
                last_day,
                code,
                ..
            } if entry.cause == id.as_str() => {
                found = Some(Claim {
                    id: id.as_str().into(),
                    reward,
                    since,
                    last_day,
                    wallet: entry.wallet,
                    lots,
                    drawn_at: position,
                    code,
                });
            }
            What::Fulfilled { claim } if claim == id.as_str() => fulfilled = true,
            What::RewardBack { claim, .. } if claim == id.as_str() => fulfilled = false,
            _ => {}
        }
    }
    let claim = found.filter(|_| fulfilled).ok_or(Refusal::NoClaim)?;
    come_back(programme, account, &claim, activity.id.as_str(), Times::of(activity))
}

pub(crate) fn come_back(
    programme: &Programme,
    account: &mut Account,
    claim: &Claim,
    cause: &str,
    times: Times,
) -> Result<(), Refusal> {
    let wallet = claim.wallet;
    let today = Day::at(times.decided, programme.zone);
    let all = Points::new(total(&claim.lots));
    let (lots, gone) = put_back(programme, account, (wallet, &claim.lots), today, times.decided)?;
    let came_back = drawn_before_waived(account, wallet, claim.drawn_at, Points::new(total(&lots)));
    let totals = &mut account.wallet_mut(wallet).totals;
    totals.spent = totals.spent.subtract(all).map_err(|_| Refusal::Overflow)?;
    limits::uncount(account, (wallet, Limited::Spend), all, claim.since);
    account.uncount_reward(&claim.reward);
    let what = What::RewardBack {
        claim: claim.id.clone(),
        reward: claim.reward.clone(),
        lots,
        gone,
    };
    account.book(wallet, cause, times, what)?;
    settle(account, wallet, cause, times, today)?;
    claw_back_waived(programme, account, (wallet, came_back), (cause, times), today)?;
    Ok(())
}
