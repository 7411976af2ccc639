//! What is wrong between versions of a programme: accounts and entries know wallets and tiers by their numbers and places,
//! and campaigns by four bytes of their names, whichever version wrote them.

use jiff::Timestamp;

use super::places::Places;
use super::wallets::number;
use super::wordings::check_unchanged;
use crate::campaigns::CampaignName;
use crate::file::File;
use crate::mistake::{Mistake, Source};
use crate::{Tiers, Upgrade};

/// A version's main file.
pub(super) type Written<'a> = (Source<'a>, &'a File);

/// What several versions say wrong together: the newest's file comes first.
pub(crate) fn check_versions(files: &[Written<'_>]) -> Vec<Mistake> {
    let of_time = check_times(files);
    if !of_time.is_empty() {
        return of_time;
    }
    let mut files = files.to_vec();
    files.sort_by_key(starts);
    let mut mistakes = Vec::new();
    for (index, newer) in files.iter().enumerate() {
        let older: Vec<&Written<'_>> = files.iter().take(index).rev().collect();
        check_after(newer, &older, &mut mistakes);
    }
    mistakes
}

fn starts((_, file): &Written<'_>) -> Option<Timestamp> {
    let from = file.effective_from.as_ref()?;
    from.get_ref().instant(file.zone)
}

/// Each version but the oldest says from when it is in effect, and the main file is the newest.
fn check_times(files: &[Written<'_>]) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut always: Option<&str> = None;
    for (index, version) in files.iter().enumerate() {
        let (source, file) = version;
        let Some(from) = &file.effective_from else {
            let said = match always {
                _ if index == 0 && files.len() > 1 => {
                    "there are earlier versions, and nothing says from when on this one is in effect; write for example \
                     effective-from = \"2026-12-01\""
                        .to_owned()
                }
                Some(other) => format!(
                    "neither this version nor {other} says from when on it is in effect, and the oldest alone need not; \
                     write for example effective-from = \"2026-12-01\""
                ),
                None => {
                    always = Some(source.name);
                    continue;
                }
            };
            mistakes.push(source.error(0..0, said));
            continue;
        };
        let mut say = |said: String| mistakes.push(source.error(from.span(), said));
        let start = starts(version);
        let mut before = files.iter().take(index);
        if let Some((other, _)) = before.find(|other| starts(other) == start) {
            say(format!(
                "{} is in effect from {} on as well; give each version a day of its own",
                other.name,
                from.get_ref()
            ));
        } else if index > 0 && files.first().is_some_and(|newest| starts(newest) < start) {
            say(format!(
                "this earlier version would be in effect from {} on, after the newest; let programme.toml be the one with the \
                 latest day",
                from.get_ref()
            ));
        } else if files.len() == 1 {
            say(format!(
                "nothing says which rules hold before {}; put the programme as it was until then into \
                 earlier/NAME/programme.toml, or leave effective-from out",
                from.get_ref()
            ));
        } else if index > 0 && files.iter().all(|other| starts(other) >= start) {
            say(format!(
                "this is the oldest version, and nothing says which rules hold before {}; leave effective-from out",
                from.get_ref()
            ));
        }
    }
    mistakes
}

/// Says what a version must not have changed of those before it, the latest of which comes first.
fn check_after((source, file): &Written<'_>, older: &[&Written<'_>], mistakes: &mut Vec<Mistake>) {
    let places = Places::new(*source);
    let Some((before, latest)) = older.first() else {
        return;
    };
    if latest.zone != file.zone {
        let said = format!(
            "the zone was {:?} in {}, and the days that are kept in accounts are days of it; leave it as it was",
            latest.zone.name(),
            before.name
        );
        mistakes.push(source.error(places.of(&["zone"]), said));
    }
    let mut say = |offset: usize, what: String| mistakes.push(source.error(places.whole(offset), what));
    check_wallets(file, (before.name, latest), &mut say);
    for tiers in std::iter::once(&file.tiers).chain(&file.tier_sets) {
        // A set may have been left out for a while; its number is its own all the same.
        let mut others = older.iter().flat_map(|(source, file)| {
            let sets = std::iter::once(&file.tiers).chain(&file.tier_sets);
            sets.map(move |other| (source.name, *file, other))
        });
        if let Some((name, other_file, other)) = others.find(|(.., other)| other.number == tiers.number) {
            check_set((file, tiers), (name, other_file, other), &mut say);
            check_levels(tiers, (name, other), &mut say);
        }
    }
    check_names(file, older, &mut say);
    check_missions(file, older, &mut say);
    check_unchanged(file, older, &mut say);
}

fn check_wallets(file: &File, (before, older): (&str, &File), say: &mut impl FnMut(usize, String)) {
    let (offset, wallets) = (file.wallets.span().start, file.wallets.get_ref());
    for wallet in older.wallets.get_ref() {
        let (name, own) = (&wallet.name, wallet.number);
        if let Some(other) = wallets.iter().find(|other| &other.name == name && other.number != own) {
            let now = other.number;
            say(
                offset,
                format!(
                    "the wallet {name:?} had the number {own} in {before}, by which accounts know it, and has {now} here; \
                     write number = {own}"
                ),
            );
        } else if !wallets.iter().any(|other| other.number == own) {
            say(
                offset,
                format!(
                    "the wallet {name:?} of {before} is gone, and members may have points in it; keep it, with number = {own}"
                ),
            );
        }
    }
}

/// What is kept of members in a set of tiers must mean the same.
fn check_set(
    (file, tiers): (&File, &Tiers),
    (before, older_file, older): (&str, &File, &Tiers),
    say: &mut impl FnMut(usize, String),
) {
    let offset = tiers.levels.span().start;
    let wallet = |file: &File, tiers: &Tiers| number(file, tiers.wallet.as_ref().map(|name| name.get_ref().as_str()));
    let same = tiers.basis == older.basis
        && tiers.currency == older.currency
        && wallet(file, tiers) == wallet(older_file, older);
    if !same {
        say(
            offset,
            format!(
                "what counts for these tiers was something else in {before}, and what has counted so far is kept; leave \
                 basis, currency and wallet as they were, or add [[tier-sets]] with a number of their own"
            ),
        );
    }
    if (*older.upgrade.get_ref(), *tiers.upgrade.get_ref()) == (Upgrade::AtOnce, Upgrade::AtReview) {
        say(
            tiers.upgrade.span().start,
            format!(
                "tiers were reached at once in {before}, so members of the lowest have no review that could raise them; \
                 write upgrade = \"at-once\""
            ),
        );
    }
}

/// Accounts know a tier by its place in its set.
fn check_levels(tiers: &Tiers, (before, older): (&str, &Tiers), say: &mut impl FnMut(usize, String)) {
    let offset = tiers.levels.span().start;
    let (levels, others) = (tiers.levels.get_ref(), older.levels.get_ref());
    let moved = levels.iter().enumerate().find_map(|(place, level)| {
        let was = others.iter().position(|other| other.name == level.name)?;
        (was != place).then_some((level, place + 1, was + 1))
    });
    if let Some((level, place, was)) = moved {
        let name = &level.name;
        say(
            offset,
            format!(
                "the tier {name:?} was number {was} in {before}, by which accounts know it, and is number {place} here; keep \
                 the tiers in their places and add new ones above the highest"
            ),
        );
    } else if let Some(gone) = others.get(levels.len()) {
        let name = &gone.name;
        say(
            offset,
            format!("the tier {name:?} of {before} is gone, and members may have it; keep it, or give it another name"),
        );
    }
}

/// The names of campaigns and missions, each with its place and whether it is a mission's.
fn names(file: &File) -> impl Iterator<Item = (usize, &CampaignName, bool)> {
    let campaigns = file.campaigns.iter();
    let campaigns = campaigns.map(|campaign| (campaign.span().start, &campaign.get_ref().name, false));
    let missions = file.missions.iter();
    campaigns.chain(missions.map(|mission| (mission.span().start, &mission.get_ref().name, true)))
}

/// Entries know a campaign, or a mission, by four bytes of its name.
fn check_names(file: &File, older: &[&Written<'_>], say: &mut impl FnMut(usize, String)) {
    for (at, name, is_mission) in names(file) {
        let mut others = older.iter().flat_map(|(source, file)| {
            let names = names(file);
            names.map(move |(_, name, is_mission)| (source.name, name, is_mission))
        });
        let same = others
            .find(|(_, other, of_mission)| other.id() == name.id() && (*other, *of_mission) != (name, is_mission));
        let Some((before, other, of_mission)) = same else {
            continue;
        };
        let was = if of_mission { "mission" } else { "campaign" };
        say(
            at,
            format!(
                "the ledger would know {name} by the same four bytes as the {was} {other} of {before}; give it another name"
            ),
        );
    }
}

/// How far members are in a mission is kept by its periods.
fn check_missions(file: &File, older: &[&Written<'_>], say: &mut impl FnMut(usize, String)) {
    for mission in &file.missions {
        let (at, mission) = (mission.span().start, mission.get_ref());
        let others = older.iter().flat_map(|(source, file)| {
            let missions = file.missions.iter();
            missions.map(move |other| (source.name, other.get_ref()))
        });
        let same = others.into_iter().find(|(_, other)| other.name == mission.name);
        if let Some((before, other)) = same
            && (other.each, other.streak, other.counts.is_some())
                != (mission.each, mission.streak, mission.counts.is_some())
        {
            let name = &mission.name;
            say(
                at,
                format!(
                    "{name} was counted in another way in {before}, and how far members are is kept; leave each, streak and \
                     counts as they were, or give it another name"
                ),
            );
        }
    }
}
