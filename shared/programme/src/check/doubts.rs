//! What can be meant so, and hardly is.

use std::collections::BTreeMap;
use std::ops::Range;

use super::calendar;
use super::caps;
use super::digests;
use super::places::Places;
use super::referral;
use super::topics;
use super::wallets::number;
use crate::campaigns::Grant;
use crate::file::File;
use crate::limits::{Limit, Limited, Per};
use crate::{Basis, Rate, Texts, suggest};

/// Says what is doubtful, each with its place.
pub(super) fn doubts(places: &Places<'_>, file: &File, texts: &Texts, say: &mut impl FnMut(Range<usize>, String)) {
    if file.quiet_hours.from == file.quiet_hours.to {
        let hour = file.quiet_hours.from;
        say(
            places.of(&["quiet-hours"]),
            format!(
                "quiet hours from {hour} to {hour} are none, so that messages go at night, too; write for example \
                 from = \"21:00\" and to = \"09:00\""
            ),
        );
    }
    limits(places, file, say);
    budgets(places, file, say);
    tiers(places, file, say);
    names(places, file, texts, say);
    calendar::doubts(places, file, say);
    referral::doubts(places, file, say);
    caps::doubts(places, file, say);
    digests::doubts(places, file, say);
    topics::doubts(places, file, say);
}

/// Whether each time of one kind lies within one of the other.
fn lies_within(shorter: Per, longer: Per) -> bool {
    match (shorter, longer) {
        (_, Per::Activity | Per::Balance) | (Per::Balance | Per::Member, _) => false,
        (Per::Activity, _) | (_, Per::Member) => true,
        (Per::Day, longer) => longer != Per::Day,
        (Per::Month, longer) => longer == Per::Year,
        (Per::Week | Per::Year, _) => false,
    }
}

/// A limit that another one, over a longer time, always comes before.
fn limits(places: &Places<'_>, file: &File, say: &mut impl FnMut(Range<usize>, String)) {
    let of = |limit: &Limit| (number(file, limit.wallet.as_deref()), limit.on, limit.tier.clone());
    for limit in &file.limits {
        let (at, limit) = (limit.span(), limit.get_ref());
        let mut others = file.limits.iter().map(toml::Spanned::get_ref);
        let before = others
            .find(|other| of(other) == of(limit) && lies_within(limit.per, other.per) && other.points <= limit.points);
        if let Some(other) = before {
            let (points, per, done) = (limit.points, limit.per.words(), limit.on.words());
            let (fewer, longer) = (other.points, other.per.words());
            say(
                places.whole(at.start),
                format!(
                    "the limit of {points} points {per} is never reached, for no more than {fewer} points {longer} may be \
                     {done}; lower this one, raise the other, or leave this one out"
                ),
            );
        }
    }
}

/// A budget that is used up before the first has got all of it.
fn budgets(places: &Places<'_>, file: &File, say: &mut impl FnMut(Range<usize>, String)) {
    for campaign in &file.campaigns {
        let (at, campaign) = (campaign.span(), campaign.get_ref());
        let points = campaign.points.as_ref().map(toml::Spanned::get_ref);
        let (Some(budget), Some(Grant::Points(points))) = (campaign.budget, points) else {
            continue;
        };
        if budget.get() > 0 && budget.get() < *points {
            let name = &campaign.name;
            say(
                places.whole(at.start),
                format!(
                    "nobody gets the {points} points of {name}, for its budget is {budget}; raise the budget, or lower the points"
                ),
            );
        }
    }
}

fn tiers(places: &Places<'_>, file: &File, say: &mut impl FnMut(Range<usize>, String)) {
    for tiers in std::iter::once(&file.tiers).chain(&file.tier_sets) {
        let wallet = number(file, tiers.wallet.as_ref().map(|name| name.get_ref().as_str()));
        let most = file.limits.iter().map(toml::Spanned::get_ref).filter_map(|limit| {
            let counts = limit.on == Limited::Earn && limit.tier.is_none();
            let months = i64::from(tiers.window_months) + 1;
            let times = match limit.per {
                _ if !counts || number(file, limit.wallet.as_deref()) != wallet => return None,
                Per::Month => months,
                // The window may lie over the end of one more year.
                Per::Year => months / 12 + 2,
                Per::Member => 1,
                Per::Activity | Per::Day | Per::Week | Per::Balance => return None,
            };
            limit.points.get().checked_mul(times)
        });
        let most = most.min().filter(|_| tiers.basis == Basis::Points);
        let mut best = Rate::ONE;
        for (place, level) in tiers.levels.get_ref().iter().enumerate() {
            let (name, from) = (&level.name, level.from);
            let at = || places.level(tiers, name);
            if let Some(most) = most.filter(|most| *most < from.get()) {
                say(
                    at(),
                    format!(
                        "nobody reaches the tier {name:?}, from {from} points on, for the limits let members earn {most} at \
                         the most in the months that count; lower its from, or raise the limits"
                    ),
                );
            }
            if place > 0 && level.multiplier < best {
                say(
                    at(),
                    format!(
                        "members of {name:?} earn points more slowly than those of a lower tier; raise its multiplier"
                    ),
                );
            }
            best = if place == 0 {
                level.multiplier
            } else {
                best.max(level.multiplier)
            };
        }
    }
}

/// Names in languages that no text is in, and languages of texts that a name is missing in.
fn names(places: &Places<'_>, file: &File, texts: &Texts, say: &mut impl FnMut(Range<usize>, String)) {
    let known: Vec<&str> = texts.locales().collect();
    let sets = std::iter::once(&file.tiers).chain(&file.tier_sets);
    let levels = sets.flat_map(|tiers| {
        tiers
            .levels
            .get_ref()
            .iter()
            .map(move |level| (places.level(tiers, &level.name), &level.names))
    });
    let rewards = file.rewards.iter();
    let rewards = rewards.map(|reward| (places.whole(reward.span().start), &reward.get_ref().names));
    let campaigns = file.campaigns.iter();
    let campaigns = campaigns.map(|one| (places.whole(one.span().start), &one.get_ref().names));
    let missions = file.missions.iter();
    let missions = missions.map(|one| (places.whole(one.span().start), &one.get_ref().names));
    let topics = file.topics.iter();
    let topics = topics.map(|one| (places.whole(one.span().start), &one.get_ref().names));
    for (at, names) in levels.chain(rewards).chain(campaigns).chain(missions).chain(topics) {
        for locale in names.keys().filter(|locale| !known.contains(&locale.as_str())) {
            let mend = suggest::one_of(locale, &known);
            say(
                at.clone(),
                format!("nobody reads the name in {locale:?}, for there is no texts/{locale}.toml; {mend}"),
            );
        }
    }
    let mut missing = |at: usize, names: &BTreeMap<String, String>, read: &str| {
        let missing = known.iter().filter(|locale| !names.contains_key(**locale));
        for locale in missing.filter(|_| !names.is_empty()) {
            say(
                places.whole(at),
                format!(
                    "members who read {locale} read {read:?}, for it has no name in that language; add to its names: {locale} = \"…\""
                ),
            );
        }
    };
    for reward in &file.rewards {
        let own = reward.get_ref();
        missing(reward.span().start, &own.names, own.name.as_str());
    }
    for topic in &file.topics {
        let own = topic.get_ref();
        missing(topic.span().start, &own.names, own.name.as_str());
    }
    let campaigns = file
        .campaigns
        .iter()
        .map(|one| (one.span().start, &one.get_ref().names));
    let missions = file.missions.iter().map(|one| (one.span().start, &one.get_ref().names));
    for (at, names) in campaigns.chain(missions) {
        // Members read the first of its names where it has none in their language.
        missing(at, names, names.values().next().map_or("", String::as_str));
    }
}
