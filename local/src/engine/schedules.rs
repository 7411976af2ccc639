//! Schedules on the virtual clock.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::EngineError;
use super::shared::{Shared, lock};
use crate::template::expression::Expression;
use crate::wiring::{ACCOUNT, LogicalId, REGION, Schedule, Wiring};

/// How often expired items are swept. DynamoDB deletes them within days, at no stated time.
const SWEEP: SignedDuration = SignedDuration::from_hours(7 * 24);

/// When each schedule is due next, and when the tables were swept last.
pub(super) struct Timer {
    /// Rates count from here.
    pub(super) epoch: Timestamp,
    pub(super) swept: Timestamp,
    schedules: BTreeMap<LogicalId, Next>,
}

struct Next {
    expression: Expression,
    /// Everything up to here has been fired.
    fired: Timestamp,
    /// `None` once it never fires again.
    due: Option<Timestamp>,
}

impl Timer {
    /// `fired` is how far each schedule came in an earlier run; a schedule that is not in it starts at `now`.
    pub(super) fn new(
        wiring: &Wiring,
        epoch: Timestamp,
        now: Timestamp,
        swept: Timestamp,
        fired: &BTreeMap<LogicalId, Timestamp>,
    ) -> Result<Self, EngineError> {
        let mut schedules = BTreeMap::new();
        for schedule in &wiring.schedules {
            let expression =
                Expression::parse(&schedule.expression, &schedule.zone).map_err(|reason| EngineError::Schedule {
                    id: schedule.id.clone(),
                    reason,
                })?;
            let fired = fired.get(&schedule.id).copied().unwrap_or(now);
            let due = expression.next_after(fired, epoch);
            schedules.insert(schedule.id.clone(), Next { expression, fired, due });
        }
        Ok(Self {
            epoch,
            swept,
            schedules,
        })
    }

    /// How far each schedule came, for a checkpoint.
    pub(super) fn fired(&self) -> BTreeMap<LogicalId, Timestamp> {
        self.schedules
            .iter()
            .map(|(id, next)| (id.clone(), next.fired))
            .collect()
    }

    /// The time a schedule stands for if it is due: the latest one, where several were missed.
    fn take_due(&mut self, id: &str, now: Timestamp) -> Option<Timestamp> {
        let next = self.schedules.get_mut(id)?;
        let mut latest = None;
        while let Some(due) = next.due.filter(|due| *due <= now) {
            latest = Some(due);
            next.due = next.expression.next_after(due, self.epoch);
        }
        next.fired = latest.unwrap_or(next.fired);
        latest
    }
}

/// Moves the clock to `to`, step by step; at each step what is due is fired, at most once, and done.
pub(super) async fn advance(shared: &Arc<Shared>, to: Timestamp, step: SignedDuration) -> Result<(), EngineError> {
    loop {
        let now = shared.clock.now();
        if now >= to {
            return Ok(());
        }
        let next = now.checked_add(step).map_or(to, |next| next.min(to));
        shared.clock.set(next);
        sweep(shared, next).await?;
        for schedule in &shared.wiring.schedules {
            let due = lock(&shared.timer).take_due(&schedule.id, next);
            if let Some(due) = due {
                fire(shared, schedule, due);
            }
        }
        settle(shared).await?;
    }
}

/// Waits until nothing is under way.
pub(super) async fn settle(shared: &Arc<Shared>) -> Result<(), EngineError> {
    shared.quiet.wait().await;
    match shared.broken() {
        Some((function, reason)) => Err(EngineError::Function {
            function: function.clone(),
            reason,
        }),
        None => Ok(()),
    }
}

fn fire(shared: &Arc<Shared>, schedule: &Schedule, due: Timestamp) {
    let text = input(schedule, due, &shared.ids.next());
    let dead_letters = schedule.dead_letters.as_ref();
    shared.deliver(&schedule.target, dead_letters, &schedule.id, text);
}

/// A schedule's input with its placeholders replaced.
fn input(schedule: &Schedule, due: Timestamp, execution: &str) -> String {
    let scheduled = due.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let arn = format!("arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{}", schedule.id);
    let Some(input) = &schedule.input else {
        return "{}".to_owned();
    };
    [
        ("<aws.scheduler.scheduled-time>", scheduled.as_str()),
        ("<aws.scheduler.schedule-arn>", &arn),
        ("<aws.scheduler.execution-id>", execution),
        ("<aws.scheduler.attempt-number>", "1"),
    ]
    .into_iter()
    .fold(input.clone(), |input, (name, value)| input.replace(name, value))
}

/// Deletes what has expired, once a virtual week, away from the workers: it reads whole tables.
async fn sweep(shared: &Arc<Shared>, now: Timestamp) -> Result<(), EngineError> {
    if now.duration_since(lock(&shared.timer).swept) < SWEEP || shared.tables.expiring().is_empty() {
        return Ok(());
    }
    lock(&shared.timer).swept = now;
    let sweeping = Arc::clone(shared);
    let swept = tokio::task::spawn_blocking(move || sweeping.tables.sweep()).await;
    match swept {
        Ok(Ok(0)) => {}
        Ok(Ok(_)) => {
            for table in shared.tables.expiring() {
                shared.wake(table);
            }
        }
        Ok(Err(error)) => return Err(EngineError::Database(error.to_string())),
        Err(error) => return Err(EngineError::Database(error.to_string())),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::wiring::{Retry, Target};

    fn schedule(expression: &str) -> Schedule {
        Schedule {
            id: "Wake".to_owned(),
            target: Target::Function("WakeFunction".to_owned()),
            expression: expression.to_owned(),
            zone: "UTC".to_owned(),
            input: Some(r#"{"scheduled_at":"<aws.scheduler.scheduled-time>"}"#.to_owned()),
            dead_letters: None,
            retry: Retry {
                maximum_attempts: 0,
                maximum_age_seconds: 60,
            },
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_schedule_fires_once_for_all_it_missed() {
        let wiring = Wiring {
            schedules: vec![schedule("rate(5 minutes)")],
            ..Wiring::default()
        };
        let start = at("1997-01-01T00:00:00Z");
        let mut timer = Timer::new(&wiring, start, start, start, &BTreeMap::new()).unwrap();
        assert_eq!(timer.take_due("Wake", at("1997-01-01T00:04:00Z")), None);
        assert_eq!(
            timer.take_due("Wake", at("1997-01-02T00:03:00Z")),
            Some(at("1997-01-02T00:00:00Z"))
        );
        assert_eq!(timer.take_due("Wake", at("1997-01-02T00:03:00Z")), None);
        let fired = timer.fired();
        let mut again = Timer::new(&wiring, start, at("1997-06-01T00:00:00Z"), start, &fired).unwrap();
        assert_eq!(
            again.take_due("Wake", at("1997-01-02T00:05:00Z")),
            Some(at("1997-01-02T00:05:00Z"))
        );
    }

    #[test]
    fn the_scheduled_time_stands_in_the_input() {
        let text = input(&schedule("rate(5 minutes)"), at("1997-01-02T00:05:00Z"), "x");
        assert_eq!(text, r#"{"scheduled_at":"1997-01-02T00:05:00Z"}"#);
    }
}
