//! One batch of stream records and its retries: partial failures, bisection, and what is given up in the end.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::Arc;

use axum::body::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::invocations::{Failure, Outcome};
use super::shared::with_now;

/// Retries after which a batch of a mapping without limits is let go. Lambda would retry until the stream drops the
/// records, a day later; virtual time stands still between retries.
const RETRIES: u32 = 1_000;

/// A stream record as a function gets it.
#[derive(Debug)]
pub(super) struct Record {
    /// The engine's own number; grows within a table.
    pub(super) number: i64,
    /// The number as functions see and name it.
    pub(super) sequence: String,
    pub(super) created: Timestamp,
    /// The record as JSON text, as it stands in a payload.
    pub(super) json: String,
}

/// How a mapping treats failures.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) bisect: bool,
    pub(super) reports_failures: bool,
    pub(super) maximum_retries: Option<u32>,
    pub(super) maximum_age_seconds: Option<u32>,
}

/// Records whose function failed for good.
#[derive(Debug)]
pub(super) struct Abandoned {
    pub(super) records: Vec<Arc<Record>>,
    pub(super) condition: &'static str,
    pub(super) invocations: u32,
    /// The last error; none when partial failures ran out of retries.
    pub(super) failure: Option<Failure>,
}

struct Part {
    records: Vec<Arc<Record>>,
    tries: u32,
}

/// Delivers a batch until each record was taken or given up, in order. Splitting a batch is no retry.
pub(super) async fn deliver<F, Answer>(
    records: Vec<Arc<Record>>,
    rules: &Rules,
    now: impl Fn() -> Timestamp,
    invoke: F,
) -> Vec<Abandoned>
where
    F: Fn(Bytes) -> Answer,
    Answer: Future<Output = Outcome>,
{
    let mut abandoned = Vec::new();
    let mut parts = VecDeque::from([Part { records, tries: 0 }]);
    while let Some(mut part) = parts.pop_front() {
        let (old, fresh) = by_age(part.records, rules, now());
        if !old.is_empty() {
            abandoned.push(Abandoned {
                records: old,
                condition: "RecordAgeExceeded",
                invocations: part.tries,
                failure: None,
            });
        }
        part.records = fresh;
        if part.records.is_empty() {
            continue;
        }
        let outcome = invoke(payload(&part.records, now())).await;
        let (first, failure) = match verdict(&outcome, &part.records, rules.reports_failures) {
            Verdict::Done => continue,
            Verdict::From(first) => (first, None),
            Verdict::All => (0, outcome.err()),
        };
        let rest = part.records.split_off(first);
        if rules.bisect && first > 0 {
            parts.push_front(Part {
                records: rest,
                tries: part.tries,
            });
        } else if rules.bisect && rest.len() > 1 {
            // Nothing lies before the failed record to be split off, or no record was named: in halves.
            let mut head = rest;
            let tail = head.split_off(head.len() / 2);
            for records in [tail, head] {
                parts.push_front(Part {
                    records,
                    tries: part.tries,
                });
            }
        } else if part.tries >= rules.maximum_retries.unwrap_or(RETRIES) {
            abandoned.push(Abandoned {
                records: rest,
                condition: "RetryAttemptsExhausted",
                invocations: part.tries + 1,
                failure,
            });
        } else {
            parts.push_front(Part {
                records: rest,
                tries: part.tries + 1,
            });
        }
    }
    abandoned
}

fn by_age(records: Vec<Arc<Record>>, rules: &Rules, now: Timestamp) -> (Vec<Arc<Record>>, Vec<Arc<Record>>) {
    let Some(age) = rules.maximum_age_seconds else {
        return (Vec::new(), records);
    };
    let age = SignedDuration::from_secs(i64::from(age));
    records
        .into_iter()
        .partition(|record| now.duration_since(record.created) > age)
}

fn payload(records: &[Arc<Record>], now: Timestamp) -> Bytes {
    let length: usize = records.iter().map(|record| record.json.len() + 1).sum();
    let mut text = String::with_capacity(length + 80);
    text.push_str("{\"Records\":[");
    for (index, record) in records.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&record.json);
    }
    text.push_str("]}");
    with_now(now, &text)
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Done,
    /// The records from this one on are to be delivered again.
    From(usize),
    All,
}

fn verdict(outcome: &Outcome, records: &[Arc<Record>], reports: bool) -> Verdict {
    let Ok(answer) = outcome else {
        return Verdict::All;
    };
    if !reports {
        return Verdict::Done;
    }
    let Some(named) = failures(answer) else {
        return Verdict::All;
    };
    if named.is_empty() {
        return Verdict::Done;
    }
    let places: Option<Vec<usize>> = named
        .iter()
        .map(|name| records.iter().position(|record| record.sequence == *name))
        .collect();
    match places.and_then(|places| places.into_iter().min()) {
        Some(first) => Verdict::From(first),
        None => Verdict::All,
    }
}

/// The identifiers in an answer's `batchItemFailures`; `None` where the answer means that the whole batch failed.
///
/// An empty answer, `null` or a missing, null or empty list is a success. An empty or missing identifier, or an answer
/// of another shape, fails the whole batch.
pub(super) fn failures(answer: &[u8]) -> Option<Vec<String>> {
    if answer.is_empty() {
        return Some(Vec::new());
    }
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let named = match &answer {
        Value::Null => return Some(Vec::new()),
        Value::Object(answer) => match answer.get("batchItemFailures") {
            None if answer.is_empty() => return Some(Vec::new()),
            Some(Value::Null) => return Some(Vec::new()),
            Some(Value::Array(named)) => named,
            _ => return None,
        },
        _ => return None,
    };
    named
        .iter()
        .map(|item| {
            let id = item.get("itemIdentifier")?.as_str()?;
            (!id.is_empty()).then(|| id.to_owned())
        })
        .collect()
}
