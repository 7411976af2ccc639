//! Missions after an order came back: as far as the member would be without it.

use std::collections::{BTreeMap, BTreeSet};

use programme::{CampaignId, Mission, Programme, RewardName, WalletId};

use crate::account::Account;
use crate::activity::Activity;
use crate::entry::{Entry, What};
use crate::missions::{Under, further, period};
use crate::order::Money;
use crate::refusal::Refusal;
use crate::returns::{cause_of_loss, grant_back};
use crate::spend::Times;

/// Plays the missions that an order counted for again, and takes back what is not reached any longer.
///
/// A milestone stays as long as the run that it was reached in (a period, or periods in a row) still reaches it.
pub(crate) fn missions_back(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    (entries, order): (&[Entry], &str),
    money: &BTreeMap<&str, Money>,
) -> Result<(), Refusal> {
    let counted = entries.iter().filter(|entry| entry.cause == order);
    let missions: BTreeSet<CampaignId> = counted
        .flat_map(Entry::progress)
        .map(|progress| progress.mission)
        .collect();
    for mission in missions {
        let Some(mission) = programme.mission(mission) else {
            continue;
        };
        let runs = runs(programme, account, mission, entries, money);
        let mut latest = runs.last().copied();
        for (milestone, reach, badge) in held(entries, mission.name.id()) {
            let local = account.zone(programme).local(milestone.happened());
            let day = period(mission, local);
            let run = runs.iter().rfind(|run| run.since <= day && day <= run.last);
            if !run.is_some_and(|run| run.has_reached(reach)) {
                lose(programme, account, activity, (entries, &milestone.cause), badge)?;
            } else if let Some(latest) = latest.as_mut().filter(|latest| latest.since <= day) {
                latest.reached = latest.reached.max(reach);
            }
        }
        match latest {
            Some(under) => account.set_under(under),
            None => account
                .state
                .missions
                .retain(|under| under.mission != mission.name.id()),
        }
    }
    Ok(())
}

/// The runs of a mission as they would have been, oldest first.
fn runs(
    programme: &Programme,
    account: &Account,
    mission: &Mission,
    entries: &[Entry],
    money: &BTreeMap<&str, Money>,
) -> Vec<Under> {
    let (id, zone) = (mission.name.id(), account.zone(programme));
    let mut runs: Vec<Under> = Vec::new();
    for entry in entries {
        let Some(progress) = entry.progress().iter().find(|progress| progress.mission == id) else {
            continue;
        };
        let by = left(mission, progress.by, money.get(entry.cause.as_str()));
        if by <= 0 {
            continue;
        }
        let local = zone.local(entry.happened());
        let under = further(mission, zone, runs.last().copied(), (period(mission, local), by));
        match runs.last_mut().filter(|run| run.since == under.since) {
            Some(run) => *run = under,
            None => runs.push(under),
        }
    }
    runs
}

/// What is left of what a purchase did for a mission: the share of the money that stays paid where it counts how much was
/// bought, and all of it until it comes back whole where it counts how often.
fn left(mission: &Mission, by: i64, money: Option<&Money>) -> i64 {
    match money {
        Some(money) if money.gone => 0,
        Some(money) if mission.counts.is_some() => {
            let share = i128::from(by) * i128::from(money.left) / i128::from(money.paid.max(1));
            i64::try_from(share).unwrap_or(by)
        }
        _ => by,
    }
}

/// The milestones of a mission that were not lost before: entry, reach, and the badge that came with it.
fn held(entries: &[Entry], mission: CampaignId) -> Vec<(&Entry, u32, Option<&RewardName>)> {
    let mut held: Vec<(&Entry, u32, Option<&RewardName>)> = Vec::new();
    for entry in entries {
        match &entry.what {
            What::Milestone {
                mission: of,
                reach,
                badge,
            } if *of == mission => held.push((entry, *reach, badge.as_ref())),
            What::MilestoneLost { of, .. } => held.retain(|(entry, ..)| entry.cause != of.as_str()),
            _ => {}
        }
    }
    held
}

fn lose(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    (entries, of): (&[Entry], &str),
    badge: Option<&RewardName>,
) -> Result<(), Refusal> {
    let (cause, times) = (cause_of_loss(activity, of), Times::of(activity));
    let what = What::MilestoneLost {
        of: of.into(),
        badge: badge.cloned(),
    };
    account.book(WalletId::MAIN, &cause, times, what)?;
    account.state.badges.retain(|known| Some(known) != badge);
    grant_back(programme, account, activity, (entries, of))
}
