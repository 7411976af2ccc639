//! What is wrong with tiers.

use crate::file::File;
use crate::tiers::LONGEST;
use crate::{Basis, Points, Rate, Tiers, Upgrade, Valid};

pub(super) fn check_tiers(file: &File, say: &mut impl FnMut(usize, String)) {
    check_sets(file, say);
    for tiers in std::iter::once(&file.tiers).chain(&file.tier_sets) {
        check_set(tiers, say);
    }
}

/// What several sets say wrong together.
fn check_sets(file: &File, say: &mut impl FnMut(usize, String)) {
    let sets = || std::iter::once(&file.tiers).chain(&file.tier_sets);
    if file.tiers.number != crate::TierSetId::MAIN {
        let what = "the tiers of [tiers] have the number 0; number those of [[tier-sets]] from 1";
        say(file.tiers.levels.span().start, what.to_owned());
    }
    for (index, tiers) in sets().enumerate() {
        let offset = tiers.levels.span().start;
        if sets().take(index).any(|other| other.number == tiers.number) {
            let what = "two sets of tiers have one number; give each its own, [tiers] having 0";
            say(offset, what.to_owned());
        }
        let earlier = || sets().take(index).flat_map(|other| other.levels.get_ref());
        for level in tiers.levels.get_ref() {
            let name = &level.name;
            if earlier().any(|other| &other.name == name) {
                say(
                    offset,
                    format!("two sets have a tier {name:?}; give each tier its own name"),
                );
            }
            if index > 0 && (level.multiplier != Rate::ONE || level.lasts.is_some()) {
                let what = "the tiers of [tiers] alone multiply points and say how long they last; leave it out";
                say(offset, format!("tier {name:?}: {what}"));
            }
        }
    }
}

fn check_set(tiers: &Tiers, say: &mut impl FnMut(usize, String)) {
    let levels = tiers.levels.get_ref();
    let offset = tiers.levels.span().start;
    if !(1..=LONGEST).contains(&tiers.window_months) {
        say(offset, format!("window-months is 1 to {LONGEST}"));
    }
    let upgrade = &tiers.upgrade;
    if *upgrade.get_ref() == Upgrade::AtReview && matches!(tiers.valid.get_ref(), Valid::Months { .. }) {
        let what = "a member of the lowest tier has no day of review, if tiers are kept from the day they were reached; \
                    write valid = { on = [\"01-01\"] }, or another way, or upgrade = \"at-once\"";
        say(upgrade.span().start, what.to_owned());
    }
    if (tiers.basis == Basis::Spend) != tiers.currency.is_some() {
        let what =
            "basis = \"spend\" counts money of one currency; write currency = \"USD\" with it, and with no other basis";
        say(offset, what.to_owned());
    }
    check_notices(tiers, say);
    match levels.first() {
        None => say(
            offset,
            "there is no tier; add [[tiers.levels]] with name, from = 0 and multiplier".to_owned(),
        ),
        Some(first) if first.from != Points::ZERO => {
            let name = &first.name;
            say(
                offset,
                format!(
                    "the lowest tier {name:?} starts at {}; let it start at 0, for every member has a tier",
                    first.from
                ),
            );
        }
        Some(_) => {}
    }
    if levels.len() > usize::from(u8::MAX) {
        say(offset, "there are more than 255 tiers; remove some".to_owned());
    }
    check_segments(tiers, say);
    let by_segment = tiers.basis == Basis::Segment;
    for pair in levels.windows(2) {
        if let [lower, higher] = pair {
            if higher.from <= lower.from && !by_segment {
                say(
                    offset,
                    format!(
                        "tier {:?} (from {}) can never be reached above {:?} (from {}); order the tiers by rising points",
                        higher.name, higher.from, lower.name, lower.from
                    ),
                );
            }
            if levels.iter().filter(|tier| tier.name == higher.name).count() > 1 {
                say(
                    offset,
                    format!("two tiers are called {:?}; give each its own name", higher.name),
                );
            }
        }
    }
}

fn check_notices(tiers: &Tiers, say: &mut impl FnMut(usize, String)) {
    let (offset, days) = (
        tiers.notify_days_before.span().start,
        tiers.notify_days_before.get_ref(),
    );
    let longest = tiers.valid.get_ref().shortest();
    // The review is at the programme's midnight, the notice in the member's day: they may be two days apart.
    if let Some(wrong) = days.iter().find(|days| **days < 3 || **days >= longest) {
        let most = longest.saturating_sub(1);
        say(
            offset,
            format!("{wrong} days before a review nobody can be told in time; write 3 to {most}"),
        );
    }
    if !days.is_sorted_by(|sooner, later| sooner > later) {
        say(
            offset,
            "the days before are not from far to near, each once; write them like [30, 7]".to_owned(),
        );
    }
}

fn check_segments(tiers: &Tiers, say: &mut impl FnMut(usize, String)) {
    let (offset, levels) = (tiers.levels.span().start, tiers.levels.get_ref());
    if tiers.basis != Basis::Segment {
        if levels.iter().any(|level| level.segment.is_some()) {
            say(
                offset,
                "segments decide on tiers with basis = \"segment\" alone; leave segment out".to_owned(),
            );
        }
        return;
    }
    if levels.iter().any(|level| !level.from.is_zero()) {
        say(
            offset,
            "segments decide on the tiers, so they start at no number; leave from out".to_owned(),
        );
    }
    let all_but_lowest = levels.iter().skip(1).all(|level| level.segment.is_some());
    if !all_but_lowest || levels.first().is_some_and(|lowest| lowest.segment.is_some()) {
        let what = "each tier above the lowest has a segment of its own, and the lowest none; write segment = \"vip\"";
        say(offset, what.to_owned());
    }
    if !tiers.notify_days_before.get_ref().is_empty() {
        let what = "nobody can do anything to stay in a segment, so nobody is told before; leave this out";
        say(tiers.notify_days_before.span().start, what.to_owned());
    }
}
