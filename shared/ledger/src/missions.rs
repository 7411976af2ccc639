//! Missions: how far a member is, and what is granted on the way.

use jiff::civil::DateTime;
use programme::{CampaignId, Each, Milestone, Mission, Programme, WalletId, Zone};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::campaigns::{Occasion, grant_points};
use crate::codec::Corrupt;
use crate::day::Day;
use crate::entry::{Step, What};
use crate::limits;
use crate::seen::Seen;
use crate::spend::Times;

/// What one counts.
pub(crate) const MILLION: i64 = 1_000_000;

/// How far a member is in a mission: in the latest period that it began anew in, or in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Under {
    pub(crate) mission: CampaignId,
    /// The first day of the period in which it began.
    pub(crate) since: Day,
    /// The first day of the latest period in which anything was done.
    pub(crate) last: Day,
    /// In millionths; of a streak, periods.
    pub(crate) progress: i64,
    /// The farthest milestone that was reached.
    pub(crate) reached: u32,
}

impl Under {
    pub(crate) fn has_reached(&self, reach: u32) -> bool {
        self.progress >= i64::from(reach) * MILLION
    }
}

/// Why something counts for no mission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotCounted {
    /// It is about something else.
    Elsewhere,
    /// It does not run on this day of the member's.
    Day,
    /// It comes late, for a period that is over.
    Late,
    /// Its condition does not hold.
    Condition,
    /// What it counts is nothing here.
    Nothing,
}

/// What an occasion counts for missions, by the account as it is before it.
pub(crate) fn progress(programme: &Programme, account: &Account, occasion: &Occasion<'_>, times: Times) -> Vec<Step> {
    let mut progress = Vec::new();
    for mission in programme.missions.iter().filter(|one| (occasion.trigger)(&one.on)) {
        if let Ok(by) = counts(programme, account, occasion, times, mission) {
            let mission = mission.name.id();
            progress.push(Step { mission, by });
        }
    }
    progress
}

/// How much an occasion counts for a mission that is about it.
pub(crate) fn counts(
    programme: &Programme,
    account: &Account,
    occasion: &Occasion<'_>,
    times: Times,
    mission: &Mission,
) -> Result<i64, NotCounted> {
    let local = account.zone(programme).rules().to_datetime(times.at);
    let under = account.under(mission.name.id());
    if under.is_some_and(|under| period(mission, local) < under.last) {
        return Err(NotCounted::Late);
    }
    if !mission.runs_at(local) {
        return Err(NotCounted::Day);
    }
    let seen = Seen::new(programme, account, occasion, (local, times), None);
    if mission.compiled.when.as_ref().is_some_and(|when| !when.holds(&seen)) {
        return Err(NotCounted::Condition);
    }
    let by = match &mission.compiled.counts {
        None => Some(MILLION),
        Some(counts) => counts.number(&seen).and_then(millionths),
    };
    by.filter(|by| *by > 0).ok_or(NotCounted::Nothing)
}

fn millionths(number: expression::Decimal) -> Option<i64> {
    i64::try_from(number.billionths() / 1_000).ok()
}

/// The first day of the period that a local time lies in.
pub(crate) fn period(mission: &Mission, local: DateTime) -> Day {
    limits::since(mission.period(), Day::of(local.date())).unwrap_or(Day::FIRST)
}

/// How far a member is after so much more was done in a period. None was done in a later one before.
pub(crate) fn further(mission: &Mission, zone: Zone, before: Option<Under>, (start, by): (Day, i64)) -> Under {
    let new = Under {
        mission: mission.name.id(),
        since: start,
        last: start,
        progress: 0,
        reached: 0,
    };
    let Some(each) = mission.streak else {
        let under = before.filter(|under| under.since >= start).unwrap_or(new);
        let progress = under.progress.saturating_add(by);
        return Under { progress, ..under };
    };
    let in_a_row = |under: &Under| periods_between(each, zone, under.last, start) <= i32::from(mission.grace) + 1;
    let under = before.filter(in_a_row).unwrap_or(new);
    if under.progress > 0 && under.last == start {
        return under;
    }
    Under {
        last: start,
        progress: under.progress.saturating_add(MILLION),
        ..under
    }
}

/// The milestones that were reached with what was done last.
pub(crate) fn newly_reached(mission: &Mission, under: Under) -> impl Iterator<Item = &Milestone> {
    let milestones = mission.milestones.get_ref().iter();
    milestones.filter(move |milestone| milestone.reach > under.reached && under.has_reached(milestone.reach))
}

/// How many periods after one that begins on a day the one begins that begins on another.
fn periods_between(each: Each, zone: Zone, one: Day, other: Day) -> i32 {
    match each {
        // Where a calendar leaves a day out, the days around it follow each other.
        Each::Day if one.until(other) == 2 && !one.plus(1).exists(zone) => 1,
        Each::Day => one.until(other),
        Each::Week => one.until(other) / 7,
        Each::Month => one.month().until(other.month()),
        Each::Year => one.month().until(other.month()) / 12,
    }
}

/// Moves missions on, and grants what is reached.
pub(crate) fn advance(
    programme: &Programme,
    account: &mut Account,
    progress: &[Step],
    (cause, times): (&str, Times),
) -> Result<(), Corrupt> {
    for step in progress {
        let Some(mission) = programme.mission(step.mission) else {
            continue;
        };
        let zone = account.zone(programme);
        let start = period(mission, zone.local(times.at));
        let before = account.under(step.mission).copied();
        let mut under = further(mission, zone, before, (start, step.by));
        let due: Vec<&Milestone> = newly_reached(mission, under).collect();
        for milestone in due {
            under.reached = milestone.reach;
            reach(programme, account, (mission, milestone), (cause, times))?;
        }
        account.set_under(under);
    }
    Ok(())
}

fn reach(
    programme: &Programme,
    account: &mut Account,
    (mission, milestone): (&Mission, &Milestone),
    (cause, times): (&str, Times),
) -> Result<(), Corrupt> {
    // A space, which no name of the shop's own has, tells it from what set it off.
    let cause = format!("{cause} {}#{}", mission.name, milestone.reach);
    let id = mission.name.id();
    let badge = milestone.badge.clone();
    let badge = badge.filter(|badge| !account.state.badges.contains(badge));
    let what = What::Milestone {
        mission: id,
        reach: milestone.reach,
        badge: badge.clone(),
    };
    account.book(WalletId::MAIN, &cause, times, what)?;
    account.state.badges.extend(badge);
    let wallet = programme.milestone_wallet(milestone);
    let wait = programme.referral_wait(&mission.on);
    let grant = (id, wallet, milestone.points);
    grant_points(
        programme,
        account,
        grant,
        (milestone.lasts.as_ref(), wait.as_ref()),
        (&cause, times),
    )
}

impl Account {
    pub(crate) fn under(&self, mission: CampaignId) -> Option<&Under> {
        let missions = &self.state.missions;
        let place = missions.binary_search_by_key(&mission, |under| under.mission).ok()?;
        missions.get(place)
    }

    pub(crate) fn set_under(&mut self, under: Under) {
        let missions = &mut self.state.missions;
        match missions.binary_search_by_key(&under.mission, |under| under.mission) {
            Ok(place) => missions.splice(place..=place, [under]).for_each(drop),
            Err(place) => missions.insert(place, under),
        }
    }

    /// How much of a mission is done in its latest period, in millionths; of a streak, periods in a row.
    pub fn done(&self, mission: CampaignId) -> i64 {
        self.under(mission).map_or(0, |under| under.progress)
    }

    /// The badges that the member has, in the order in which they came.
    pub fn badges(&self) -> &[programme::RewardName] {
        &self.state.badges
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn periods_are_counted_over_the_ends_of_months_and_years() {
        let day = |text: &str| Day::of(text.parse().unwrap());
        let between = |each, one, other| periods_between(each, Zone::parse("UTC").unwrap(), day(one), day(other));
        assert_eq!(between(Each::Month, "1997-12-01", "1998-01-01"), 1);
        assert_eq!(between(Each::Year, "1996-01-01", "1998-01-01"), 2);
        assert_eq!(between(Each::Week, "1996-12-30", "1997-01-06"), 1);
        assert_eq!(between(Each::Day, "1996-02-28", "1996-03-01"), 2);
    }
}
