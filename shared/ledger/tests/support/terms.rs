//! Random programmes.

pub(crate) mod campaigns;
mod limits;
pub(crate) mod missions;
mod referral;
mod rewards;
mod sets;
mod toml;
mod ways;

use campaigns::{Campaign, Stacking};
pub(crate) use limits::Limit;
pub(crate) use rewards::Reward;
pub(crate) use sets::SetTerms;
pub(crate) use ways::{Lasts, Valid, Wait};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

use campaigns::campaigns;
use limits::limits;
use missions::{Mission, missions};
pub(crate) use referral::Referral;
use referral::referral;
use rewards::rewards;
use sets::{second_set, starts};
use ways::{lasts, valid, wait};

/// What differs between the random programmes.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    pub(crate) zone: &'static str,
    pub(crate) earn: Vec<Rule>,
    /// What the second wallet is, where there is one.
    pub(crate) second: Option<Second>,
    pub(crate) lasts: Lasts,
    /// How long points of each currency last, and those earned in each tier, where that is not as for all.
    pub(crate) rule_lasts: Vec<Option<Lasts>>,
    pub(crate) tier_lasts: Vec<Option<Lasts>>,
    /// Within how many days lapsed points may come back.
    pub(crate) reinstate: Option<u16>,
    pub(crate) grace_days: u8,
    pub(crate) reminders: Vec<u16>,
    pub(crate) limits: Vec<Limit>,
    pub(crate) window: u8,
    pub(crate) valid: Valid,
    pub(crate) at_review: bool,
    pub(crate) downgrade: &'static str,
    /// So many days, and to the end of a period of so many months, or none.
    pub(crate) grace: Option<(u16, i8)>,
    pub(crate) basis: &'static str,
    /// How many days before a review that takes a tier the member hears of it.
    pub(crate) notices: Vec<u16>,
    /// Points and multiplier of each tier.
    pub(crate) levels: Vec<(i64, &'static str)>,
    pub(crate) claw_back: &'static str,
    /// How low a balance may go; none is any.
    pub(crate) lowest: Option<i64>,
    pub(crate) rewards: Vec<Reward>,
    pub(crate) campaigns: Vec<Campaign>,
    pub(crate) stacking: Stacking,
    pub(crate) missions: Vec<Mission>,
    pub(crate) referral: Option<Referral>,
    /// The fewest points that may go, and for how many days a member must have been one; none where none may.
    pub(crate) transfers: Option<(i64, u16)>,
    /// A second set of tiers, which counts the first wallet.
    pub(crate) second_set: Option<Box<SetTerms>>,
    /// Whether these are the terms of that set.
    pub(crate) is_second_set: bool,
    pub(crate) leap_day: &'static str,
    /// Hours of reminders, birthdays and anniversaries.
    pub(crate) hours: [u8; 3],
}

/// Points for one unit of a currency, and how long those wait.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// 0, or 1 for the second.
    pub(crate) wallet: u8,
    pub(crate) currency: &'static str,
    pub(crate) rate: &'static str,
    pub(crate) wait: Option<Wait>,
    pub(crate) multiplied: bool,
    pub(crate) round: &'static str,
    /// The tier whose members it is for; none is for all.
    pub(crate) tier: Option<usize>,
}

/// The second wallet.
#[derive(Debug, Clone)]
pub(crate) struct Second {
    pub(crate) lasts: Option<Lasts>,
    /// How low its balance may go: as for all, or as low as this; none is any.
    pub(crate) own_lowest: bool,
    pub(crate) lowest: Option<i64>,
    pub(crate) spendable: bool,
    /// Its points, and not the first's, count for the tiers.
    pub(crate) counts: bool,
}

fn second() -> impl Strategy<Value = Option<Second>> {
    let lowest = (any::<bool>(), select(&[Some(0), Some(-150), None][..]));
    let second = (
        option::of(lasts()),
        lowest,
        prop_oneof![4 => Just(true), 1 => Just(false)],
        any::<bool>(),
    );
    let second = second.prop_map(|(lasts, (own_lowest, lowest), spendable, counts)| Second {
        // A member has one clock of activity.
        lasts: lasts.filter(|lasts| !lasts.is_active()),
        own_lowest,
        lowest,
        spendable,
        counts,
    });
    option::of(second)
}

const RATES: [&str; 7] = ["1", "0.5", "0.333333", "2", "10", "1.25", "0"];
const MULTIPLIERS: [&str; 5] = ["1", "1.25", "1.5", "3", "0.75"];

pub(crate) fn terms(zones: &'static [&'static str]) -> impl Strategy<Value = Terms> {
    // Dollars and perhaps yen, in the first wallet, the second, or both.
    let rule = |wallet: u8, currency: &'static str| {
        let round = select(&["down", "down", "nearest", "up"][..]);
        (select(&RATES[..]), wait(), any::<bool>(), round).prop_map(move |(rate, wait, multiplied, round)| Rule {
            wallet,
            currency,
            rate,
            wait,
            multiplied,
            round,
            tier: None,
        })
    };
    let first = (rule(0, "USD"), option::of(rule(0, "JPY")));
    let other = (option::weighted(0.8, rule(1, "USD")), option::of(rule(1, "JPY")));
    let earn = (first, other, second()).prop_map(|((dollar, yen), (second_dollar, second_yen), mut second)| {
        if second_dollar.is_none() && second_yen.is_none() {
            second = None;
        }
        let others = [second_dollar, second_yen].into_iter().flatten();
        let others = others.filter(|_| second.is_some());
        let rules: Vec<Rule> = [Some(dollar), yen].into_iter().flatten().chain(others).collect();
        (rules, second)
    });
    let reminders = vec(1..=90_u16, 0..4);
    let levels = (
        select(&MULTIPLIERS[..]),
        vec((1..400_i64, select(&MULTIPLIERS[..])), 0..4),
    );
    let grace = option::of((1..=100_u16, select(&[0_i8, 0, 1, 3][..])));
    let ways = (
        select(&["re-evaluate", "re-evaluate", "one-step", "never"][..]),
        select(
            &[
                "points", "points", "points", "spend", "visits", "balance", "balance", "segment",
            ][..],
        ),
    );
    let dates = (
        (
            lasts(),
            vec(option::of(lasts()), 4),
            vec(option::weighted(0.3, lasts()), 5),
        ),
        (reminders, option::of(1..=700_u16), select(&[0_u8, 0, 0, 3, 30][..])),
        1..=14_u8,
        ((valid(), any::<bool>(), grace, ways), vec(3..=90_u16, 0..3)),
    );
    let returns = select(
        &[
            ("only-pending", Some(0)),
            ("within-balance", Some(0)),
            ("within-balance", Some(-150)),
            ("unlimited", Some(-150)),
            ("unlimited", None),
            ("unlimited", None),
        ][..],
    );
    let rest = (
        select(&["02-28", "03-01"][..]),
        [0..24_u8, 0..24, 0..24],
        (
            returns,
            limits(),
            rewards(),
            option::weighted(0.8, (0..20_i64, prop_oneof![Just(0_u16), 0..100_u16])),
            second_set(),
            option::weighted(0.3, (0..5_usize, select(&RATES[..]))),
            (campaigns(), missions(), referral()),
        ),
    );
    (select(zones), earn, dates, levels, rest).prop_map(
        |(
            zone,
            (mut earn, second),
            (
                all_lasts,
                (mut reminders, reinstate, grace_days),
                window,
                ((valid, at_review, grace, (downgrade, basis)), mut notices),
            ),
            (lowest, steps),
            (leap_day, hours, (returns, mut limits, mut rewards, transfers, second_set, for_tier, campaigns)),
        )| {
            let (lasts, rule_lasts, tier_lasts) = all_lasts;
            // A member has one clock of activity.
            let own = |given: Vec<Option<Lasts>>| -> Vec<_> {
                let not_active = |given: Option<Lasts>| given.filter(|given| !given.is_active());
                given.into_iter().map(not_active).collect()
            };
            let (mut rule_lasts, mut tier_lasts) = (own(rule_lasts), own(tier_lasts));
            rule_lasts.truncate(earn.len());
            tier_lasts.truncate(steps.len() + 1);
            limits.retain(|limit| limit.wallet == 0 || second.is_some());
            let of_wallet = second.as_ref().and_then(|second| second.lasts.as_ref());
            let own = rule_lasts.iter().chain(&tier_lasts).flatten().chain(of_wallet);
            let all: Vec<u16> = own.chain([&lasts]).map(Lasts::shortest).collect();
            let shortest = *all.iter().min().unwrap();
            let longest = all
                .iter()
                .copied()
                .filter(|days| *days < u16::MAX)
                .max()
                .unwrap_or_default();
            if let Some((of, rate)) = for_tier {
                let mut own = earn[0].clone();
                (own.tier, own.rate) = (Some(of.min(steps.len())), rate);
                earn.push(own);
            }
            for rule in &mut earn {
                rule.wait = rule.wait.take().filter(|wait| wait.longest() < shortest);
            }
            reminders.retain(|days| *days < longest);
            reminders.sort_unstable_by(|a, b| b.cmp(a));
            reminders.dedup();
            notices.retain(|days| *days < valid.shortest());
            notices.sort_unstable_by(|a, b| b.cmp(a));
            notices.dedup();
            if basis == "segment" {
                notices.clear();
            }
            let multipliers = std::iter::once(lowest).chain(steps.iter().map(|(_, multiplier)| *multiplier));
            let starts = starts(basis, steps.iter().map(|(step, _)| *step));
            let levels: Vec<_> = starts.into_iter().zip(multipliers).collect();
            for reward in &mut rewards {
                reward.within(levels.len(), second.as_ref());
            }
            let ((mut campaigns, stacking), mut missions, referral) = campaigns;
            let referral = referral.filter(|referral| referral.return_days < shortest);
            for mission in &mut missions {
                mission.within(1 + u8::from(second.is_some()), referral.as_ref());
            }
            for campaign in &mut campaigns {
                campaign.within(
                    levels.len(),
                    1 + u8::from(second.is_some()),
                    shortest,
                    referral.as_ref(),
                );
            }
            Terms {
                zone,
                earn,
                second,
                lasts,
                rule_lasts,
                tier_lasts,
                reinstate,
                grace_days,
                reminders,
                limits,
                window,
                at_review: at_review && !matches!(valid, Valid::Months(..)),
                valid,
                downgrade,
                grace,
                basis,
                notices,
                levels,
                claw_back: returns.0,
                lowest: returns.1,
                rewards,
                campaigns,
                stacking,
                missions,
                referral,
                transfers,
                second_set,
                is_second_set: false,
                leap_day,
                hours,
            }
        },
    )
}
