//! Missions in the slow model: everything that counts is kept, and every run is looked for anew.

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::{Activity, Fact};

use super::Slow;
use super::campaigns::first_of;
use crate::support::terms::Referral;
use crate::support::terms::missions::Mission;

/// Something that counts for a mission: millionths.
#[derive(Clone)]
pub(super) struct Step {
    mission: usize,
    at: Timestamp,
    by: i64,
    /// The purchase or referral it was done with.
    order: Option<String>,
}

/// A milestone that is reached.
#[derive(Clone)]
pub(super) struct Reached {
    mission: usize,
    milestone: usize,
    at: Timestamp,
    cause: String,
    badge: bool,
}

/// Periods in a row, or one: the first days of the first and the last, and how much was done.
struct Run {
    since: Date,
    last: Date,
    done: i64,
}

impl Slow {
    fn own_day(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    fn start(&self, mission: &Mission, at: Timestamp) -> Date {
        first_of(mission.streak.or(mission.each).unwrap_or("member"), self.own_day(at))
    }

    /// Whether one period comes so soon after another that they are in a row.
    fn in_a_row(&self, mission: &Mission, last: Date, next: Date) -> bool {
        let period = mission.streak.unwrap();
        // Day by day, as the member's calendar has them.
        let (mut day, mut passed) = (last, 0);
        while day < next {
            day = day.tomorrow().unwrap();
            let begins = first_of(period, day) == day;
            let there = period != "day"
                || self
                    .zone
                    .to_timestamp(day.at(12, 0, 0, 0))
                    .is_ok_and(|at| self.own_day(at) == day);
            passed += usize::from(begins && there);
            if passed > usize::from(mission.grace) + 1 {
                return false;
            }
        }
        true
    }

    /// The runs of a mission, oldest first.
    fn runs(&self, place: usize) -> Vec<Run> {
        let mission = &self.terms.missions[place];
        let mut runs: Vec<Run> = Vec::new();
        for step in self.steps.iter().filter(|step| step.mission == place) {
            let by = match &step.order {
                Some(order) if order.starts_with("referral#") => step.by * i64::from(self.stands(order)),
                Some(order) => self.wallets[0].left_of(order, step.by, mission.sums),
                None => step.by,
            };
            if by <= 0 {
                continue;
            }
            let start = self.start(mission, step.at);
            let latest = runs.last_mut();
            match latest {
                Some(run) if mission.streak.is_none() && run.since == start => run.done += by,
                Some(run) if mission.streak.is_some() && run.last == start => {}
                Some(run) if mission.streak.is_some() && self.in_a_row(mission, run.last, start) => {
                    run.last = start;
                    run.done += 1_000_000;
                }
                _ => runs.push(Run {
                    since: start,
                    last: start,
                    done: if mission.streak.is_some() { 1_000_000 } else { by },
                }),
            }
        }
        runs
    }

    /// What an activity counts for each mission, before it changes anything.
    pub(super) fn counts(&self, activity: &Activity) -> Vec<Step> {
        let on = match activity.fact {
            Fact::Purchase { .. } => "purchase",
            Fact::Referral { .. } => "referral",
            _ => "event",
        };
        let (number, of) = Self::number(activity);
        let mut steps = Vec::new();
        for (place, mission) in self.terms.missions.iter().enumerate() {
            let latest = self.runs(place).last().map(|run| run.last);
            let late = latest.is_some_and(|last| self.start(mission, activity.at) < last);
            let holds = mission.at_least.is_none_or(|least| number >= i128::from(least) * of);
            let by = if mission.sums {
                number * 1_000_000 / of
            } else {
                1_000_000
            };
            if mission.on == on && !late && holds && by > 0 {
                steps.push(Step {
                    mission: place,
                    at: activity.at,
                    by: i64::try_from(by).unwrap(),
                    order: (on != "event").then(|| activity.id.to_string()),
                });
            }
        }
        steps
    }

    /// Adds what counts, and grants what is reached by it.
    pub(super) fn go_on(&mut self, activity: &Activity, steps: Vec<Step>) {
        for step in steps {
            let place = step.mission;
            self.steps.push(step);
            let runs = self.runs(place);
            let Some(run) = runs.last() else { continue };
            let mission = self.terms.missions[place].clone();
            for (number, milestone) in mission.milestones.iter().enumerate() {
                // What a nearer milestone was reached in stays reached.
                let mut reached = self.reached.iter().filter(|reached| reached.mission == place);
                let had = reached.any(|reached| {
                    let start = self.start(&mission, reached.at);
                    reached.milestone >= number && run.since <= start
                });
                if had || run.done < i64::from(milestone.reach) * 1_000_000 {
                    continue;
                }
                let name = format!("m{place}#{}", milestone.reach);
                let cause = format!("{} {name}", activity.id);
                let badge = milestone.badge && self.badges.insert(place);
                self.reached.push(Reached {
                    mission: place,
                    milestone: number,
                    at: activity.at,
                    cause: cause.clone(),
                    badge,
                });
                let wait = self.terms.referral.as_ref().filter(|_| mission.on == "referral");
                let wait = wait.map(Referral::wait);
                let own = &mut self.wallets[usize::from(milestone.wallet)];
                if own.grant((activity, &cause), milestone.points, (&milestone.lasts, &wait)) > 0 {
                    self.keep_active(activity);
                }
            }
        }
    }

    /// Takes back what is not reached any longer without an order.
    pub(super) fn missions_back(&mut self, activity: &Activity, order: &str) {
        let today = activity.received;
        for place in 0..self.terms.missions.len() {
            let mut steps = self.steps.iter();
            if !steps.any(|step| step.mission == place && step.order.as_deref() == Some(order)) {
                continue;
            }
            let (mission, runs) = (self.terms.missions[place].clone(), self.runs(place));
            let own = self.reached.iter().filter(|reached| reached.mission == place);
            for reached in own.cloned().collect::<Vec<_>>() {
                let start = self.start(&mission, reached.at);
                let reach = mission.milestones[reached.milestone].reach;
                let stands =
                    |run: &Run| run.since <= start && start <= run.last && run.done >= i64::from(reach) * 1_000_000;
                if runs.iter().any(stands) {
                    continue;
                }
                self.reached.retain(|other| other.cause != reached.cause);
                if reached.badge {
                    self.badges.remove(&place);
                }
                let wallet = usize::from(mission.milestones[reached.milestone].wallet);
                self.wallets[wallet].take_back(&reached.cause, today);
            }
        }
    }
}
