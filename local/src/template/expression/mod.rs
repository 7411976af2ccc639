//! Schedule expressions: `rate(5 minutes)`, `cron(0 10 * * ? *)`, `at(2026-12-01T09:30:00)`.
//!
//! `cron` and `at` are read by the clocks of a zone. Where these jump forward, a time that does not exist is skipped
//! (by `at`: refused); where they go back, a time that is there twice counts once, the first time. `EventBridge`
//! Scheduler does the same, so a schedule every few minutes by `cron` pauses for the repeated hour; one by `rate`
//! does not, which knows no zone: its days have 24 hours.

mod cron;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use self::cron::Cron;

/// A schedule expression and its zone, checked.
#[derive(Debug, Clone)]
pub struct Expression {
    recurrence: Recurrence,
    zone: TimeZone,
}

#[derive(Debug, Clone)]
enum Recurrence {
    Rate(SignedDuration),
    Cron(Box<Cron>),
    At(Timestamp),
}

impl Expression {
    /// Reads an expression; `zone` is an IANA name (`UTC`, `Europe/Berlin`). The error says what is wrong and what
    /// would do.
    pub fn parse(expression: &str, zone: &str) -> Result<Self, String> {
        let zone =
            TimeZone::get(zone).map_err(|_| format!("{zone:?} is not a time zone; one is \"America/New_York\""))?;
        let inner = expression.trim().strip_suffix(')');
        let (name, argument) = inner
            .and_then(|inner| inner.split_once('('))
            .ok_or_else(|| unknown(expression))?;
        let recurrence = match name {
            "rate" => Recurrence::Rate(rate(argument)?),
            "cron" => Recurrence::Cron(Box::new(Cron::parse(argument)?)),
            "at" => Recurrence::At(at(argument, &zone)?),
            _ => return Err(unknown(expression)),
        };
        Ok(Self { recurrence, zone })
    }

    /// The first moment after `after` at which the schedule fires, if there is one.
    ///
    /// A rate fires at `epoch` and at every whole period after it.
    pub fn next_after(&self, after: Timestamp, epoch: Timestamp) -> Option<Timestamp> {
        match &self.recurrence {
            Recurrence::Rate(period) => next_of_rate(*period, after, epoch),
            Recurrence::At(moment) => Some(*moment).filter(|moment| *moment > after),
            Recurrence::Cron(cron) => self.next_of_cron(cron, after),
        }
    }

    fn next_of_cron(&self, cron: &Cron, after: Timestamp) -> Option<Timestamp> {
        let mut clock = self.zone.to_datetime(after);
        loop {
            clock = cron.next_after(clock)?;
            match moment(&self.zone, clock) {
                Some(moment) if moment > after => return Some(moment),
                _ => {}
            }
        }
    }
}

fn unknown(expression: &str) -> String {
    format!("{expression:?} is none of rate(5 minutes), cron(0 10 * * ? *), at(2026-12-01T09:30:00)")
}

/// The moment a clock shows this time, the first if it does twice, none if it never does.
fn moment(zone: &TimeZone, clock: DateTime) -> Option<Timestamp> {
    match zone.to_ambiguous_timestamp(clock).offset() {
        AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
            offset.to_timestamp(clock).ok()
        }
        AmbiguousOffset::Gap { .. } => None,
    }
}

fn rate(argument: &str) -> Result<SignedDuration, String> {
    let wrong = || {
        format!(
            "rate({argument}) takes a whole number from 1 and minutes, hours or days, as in rate(5 minutes), \
             rate(1 day)"
        )
    };
    let (value, unit) = argument.trim().split_once(' ').ok_or_else(wrong)?;
    let value: i64 = value.parse().ok().filter(|value| *value > 0).ok_or_else(wrong)?;
    let seconds = match (value, unit.trim_start()) {
        (1, "minute") | (2.., "minutes") => 60,
        (1, "hour") | (2.., "hours") => 3_600,
        (1, "day") | (2.., "days") => 86_400,
        _ => return Err(wrong()),
    };
    value
        .checked_mul(seconds)
        .map(SignedDuration::from_secs)
        .ok_or_else(wrong)
}

fn next_of_rate(period: SignedDuration, after: Timestamp, epoch: Timestamp) -> Option<Timestamp> {
    if after < epoch {
        return Some(epoch);
    }
    let passed = after.duration_since(epoch).as_secs();
    let periods = passed.checked_div(period.as_secs())?.checked_add(1)?;
    let offset = SignedDuration::from_secs(period.as_secs().checked_mul(periods)?);
    epoch.checked_add(offset).ok()
}

fn at(argument: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    let clock = DateTime::strptime("%Y-%m-%dT%H:%M:%S", argument.trim())
        .map_err(|_| format!("at({argument}) takes a date and time as 2026-12-01T09:30:00"))?;
    moment(zone, clock).ok_or_else(|| format!("at({argument}) never comes: the clocks of the zone jump over it"))
}
