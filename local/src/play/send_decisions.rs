//! What it costs to decide on a message, and to send it where it may go.

use std::time::Duration;

use serde::Serialize;

use super::summary::{MEMBERS, MESSAGES, halves, ratio};
use crate::engine::{UnitKey, Units};

/// The function that decides on messages and sends them.
pub const PUBLISHER: &str = "publish-messages";

/// What all of its decisions came to. One that waited and went was decided more than once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct SendDecisions {
    pub count: u64,
    /// Units for each.
    pub members: Each,
    pub messages: Each,
    /// CPU time of the function's processes for each, its share of their starts among it; none where the system does not say.
    pub cpu_microseconds: Option<u64>,
}

/// Units for each decision.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Each {
    pub read: f64,
    pub write: f64,
}

/// The CPU time that a function took for decisions, of which an earlier run on the same data may have made some.
#[derive(Debug, Clone, Copy, Default)]
pub struct CpuTime {
    pub time: Option<Duration>,
    /// How many had been made before.
    pub after: u64,
}

impl SendDecisions {
    pub(super) fn new(units: &Units, cpu: CpuTime) -> Self {
        let count = count(units);
        let each = |table: &str| {
            let own = units.rows.iter().filter(|(key, _)| is_of(key, table));
            let (read, write) = own.fold((0, 0), |(read, write), (_, units)| {
                (read + units.read_halves, write + units.write)
            });
            Each {
                read: halves(read) / ratio(count.max(1), 1),
                write: ratio(write, count),
            }
        };
        let since = count.saturating_sub(cpu.after);
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX).checked_div(since);
        Self {
            count,
            members: each(MEMBERS),
            messages: each(MESSAGES),
            cpu_microseconds: cpu.time.and_then(micros),
        }
    }
}

/// How many decisions were made: each ends in one mark of its message.
pub(super) fn count(units: &Units) -> u64 {
    let marks = units.rows.iter();
    let marks = marks.filter(|(key, _)| is_of(key, MESSAGES) && key.operation == "UpdateItem");
    marks.map(|(_, units)| units.calls).sum()
}

fn is_of(key: &UnitKey, table: &str) -> bool {
    key.function == PUBLISHER && key.table == table
}
