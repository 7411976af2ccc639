//! What is wrong with rewards.

use super::wallets::number;
use crate::file::File;
use crate::suggest;
use crate::{Given, Lasts, Points, Reward};

pub(super) fn check_rewards(file: &File, say: &mut impl FnMut(usize, String)) {
    for (index, reward) in file.rewards.iter().enumerate() {
        let (offset, reward) = (reward.span().start, reward.get_ref());
        let name = &reward.name;
        let mut say = |what: String| say(offset, format!("reward {name}: {what}"));
        if file
            .rewards
            .iter()
            .take(index)
            .any(|other| &other.get_ref().name == name)
        {
            say("there are two of this name; give each its own".to_owned());
        }
        check_price(file, reward, &mut say);
        if let (Some(from), Some(through)) = (reward.from, reward.through)
            && from > through
        {
            say(format!(
                "it can be claimed from {from}, and only through {through}; exchange the two"
            ));
        }
        if reward.per_member == Some(0) || reward.stock == Some(0) {
            say("nobody can have it; write 1 or more, or leave the reward out".to_owned());
        }
        if reward.coupons && reward.stock.is_some() {
            say("there are as many as there are coupons in the pool; leave stock out".to_owned());
        }
        check_given(file, reward, &mut say);
        check_lasts(reward, &mut say);
    }
}

fn check_price(file: &File, reward: &Reward, say: &mut impl FnMut(String)) {
    let wallets = file.wallets.get_ref().iter();
    let known: Vec<&str> = wallets.map(|wallet| wallet.name.as_str()).collect();
    match number(file, reward.wallet.as_deref()) {
        None => {
            let name = reward.wallet.as_deref().unwrap_or_default();
            say(format!(
                "there is no wallet {name:?}; {}",
                suggest::one_of(name, &known)
            ));
        }
        Some(number) => {
            let mut wallets = file.wallets.get_ref().iter();
            if wallets.any(|wallet| wallet.number == number && !wallet.spendable) && reward.given.is_none() {
                say("points of its wallet cannot be spent; name another".to_owned());
            }
        }
    }
    if reward
        .tier_points
        .values()
        .chain([&reward.points])
        .any(|points| *points < Points::ZERO)
    {
        say("it costs less than nothing; write 0 or more points".to_owned());
    }
    let sets = std::iter::once(&file.tiers).chain(&file.tier_sets);
    let levels: Vec<_> = sets.flat_map(|tiers| tiers.levels.get_ref()).collect();
    for tier in reward.tier_points.keys().chain(&reward.tier) {
        if !levels.iter().any(|level| &level.name == tier) {
            let known: Vec<&str> = levels.iter().map(|level| level.name.as_str()).collect();
            say(format!("there is no tier {tier:?}; {}", suggest::one_of(tier, &known)));
        }
    }
}

fn check_given(file: &File, reward: &Reward, say: &mut impl FnMut(String)) {
    let Some(given) = reward.given else {
        return;
    };
    let costs = !reward.points.is_zero() || !reward.tier_points.is_empty();
    if costs || reward.is_limited() || reward.from.is_some() || reward.through.is_some() {
        let what = "it is given of itself; leave out points, stock, coupons, from and through, or given";
        say(what.to_owned());
    }
    if given == Given::Tier && reward.tier.is_none() {
        say("it is given with a tier; say with which: tier = \"Gold\"".to_owned());
    }
    let sets = std::iter::once(&file.tiers).chain(&file.tier_sets);
    let mut lowest = sets.filter_map(|tiers| tiers.levels.get_ref().first());
    if given == Given::Tier && lowest.any(|level| Some(&level.name) == reward.tier.as_ref()) {
        say(
            "nobody reaches the lowest tier, so it is never given; write given = \"sign-up\", or another tier"
                .to_owned(),
        );
    }
    if reward.lasts.as_ref().and_then(Lasts::longest).is_none() && reward.per_member.is_none() {
        let what = "a member who never uses it would be given ever more; say how long it lasts, or per-member = 1";
        say(what.to_owned());
    }
}

fn check_lasts(reward: &Reward, say: &mut impl FnMut(String)) {
    let days = &reward.remind_days_before;
    let longest = match &reward.lasts {
        Some(Lasts::Active { .. }) => {
            say("active-months is for points; write { days = 30 }, or another way".to_owned());
            return;
        }
        lasts => lasts.as_ref().and_then(Lasts::longest),
    };
    match longest {
        None if !days.is_empty() => {
            say("it never lapses, so nobody is reminded; leave remind-days-before out".to_owned());
        }
        None => {}
        Some(longest) => {
            if let Some(wrong) = days.iter().find(|days| **days == 0 || **days >= longest) {
                let most = longest.saturating_sub(1);
                say(format!(
                    "a reminder {wrong} days before it lapses can never come; write 1 to {most}"
                ));
            }
        }
    }
    if !days.is_sorted_by(|sooner, later| sooner > later) {
        say("the days before are not from far to near, each once; write them like [30, 7]".to_owned());
    }
}
