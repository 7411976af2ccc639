//! What is wrong with missions.

use super::campaigns::{check_event, check_name};
use super::wallets::number;
use crate::campaigns::Trigger;
use crate::file::File;
use crate::missions::{Milestone, Mission};

/// More milestones than these are no way that anybody sees the end of.
const MOST_MILESTONES: usize = 20;

pub(super) fn check_missions(file: &File, say: &mut impl FnMut(usize, String)) {
    for (index, mission) in file.missions.iter().enumerate() {
        let (offset, mission) = (mission.span().start, mission.get_ref());
        let campaigns = file.campaigns.iter().map(|campaign| &campaign.get_ref().name);
        let before = file.missions.iter().take(index).map(|other| &other.get_ref().name);
        check_name((offset, &mission.name), campaigns.chain(before), say);
        check_event(file, (offset, &mission.on), say);
        check_mission((offset, mission), say);
        check_milestones(file, mission, say);
    }
}

fn check_mission((offset, mission): (usize, &Mission), say: &mut impl FnMut(usize, String)) {
    let name = &mission.name;
    if !matches!(mission.on, Trigger::Purchase | Trigger::Event(_) | Trigger::Referral) {
        say(
            offset,
            format!(
                "{name} waits for what is done once; write on = \"purchase\", \"referral\", or {{ event = \"...\" }}"
            ),
        );
    }
    if mission.streak.is_some() && mission.each.is_some() {
        say(
            offset,
            format!("{name} cannot begin anew each time and go on in a row; write each or streak"),
        );
    }
    if mission.streak.is_some() && mission.counts.is_some() {
        say(
            offset,
            format!("a streak counts periods, and not how much is done in them; leave counts of {name} out"),
        );
    }
    if mission.grace > 0 && mission.streak.is_none() {
        say(
            offset,
            "only a streak can be missed; leave grace out, or write streak = \"month\"".to_owned(),
        );
    }
    if let (Some(from), Some(through)) = (mission.from, mission.through)
        && from > through
    {
        say(
            offset,
            format!("{name} ends on {through} before it begins on {from}; swap the two, or mend one of them"),
        );
    }
}

fn check_milestones(file: &File, mission: &Mission, say: &mut impl FnMut(usize, String)) {
    let (name, offset, milestones) = (
        &mission.name,
        mission.milestones.span().start,
        mission.milestones.get_ref(),
    );
    if milestones.is_empty() {
        say(
            offset,
            format!("nothing is granted for {name}; add a [[missions.milestones]] with reach = 3 and points = 50"),
        );
    }
    if milestones.len() > MOST_MILESTONES {
        say(
            offset,
            format!(
                "{name} has {} milestones; write {MOST_MILESTONES} at the most",
                milestones.len()
            ),
        );
    }
    let reaches = |milestone: &Milestone| milestone.reach;
    if !milestones.is_sorted_by(|a, b| reaches(a) < reaches(b))
        || milestones.iter().any(|milestone| milestone.reach == 0)
    {
        say(
            offset,
            format!("the milestones of {name} do not go up from 1; order them by reach, each once"),
        );
    }
    for milestone in milestones {
        let reach = milestone.reach;
        if milestone.points.get() < 0 || (milestone.points.is_zero() && milestone.badge.is_none()) {
            say(
                offset,
                format!("whoever reaches {reach} of {name} gets nothing; write points = 50, or a badge"),
            );
        }
        if let Some(badge) = milestone
            .badge
            .as_ref()
            .filter(|badge| !file.badges.contains_key(badge.as_str()))
        {
            say(
                offset,
                format!("there is no badge {badge}; declare it with [badges.{badge}] and what members call it"),
            );
        }
        if number(file, milestone.wallet.as_deref()).is_none() {
            let wallet = milestone.wallet.as_deref().unwrap_or_default();
            say(
                offset,
                format!("there is no wallet {wallet:?}; name one of [[wallets]], or none for the main one"),
            );
        }
    }
}
