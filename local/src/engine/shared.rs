//! What all parts of a running bundle share.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use axum::body::Bytes;
use jiff::Timestamp;
use serde_json::Value;
use tokio::task::JoinSet;

use super::clock::VirtualClock;
use super::faults::Dice;
use super::interruptions::Interruption;
use super::invocations::{Function, Ids, Outcome};
use super::journal::Journal;
use super::opt_outs::OptOut;
use super::queues::{GivenUp, Queues};
use super::quiet::Quiet;
use super::runtime_api::Slot;
use super::schedules::Timer;
use super::sns::Sns;
use super::state::Store;
use super::streams::Stream;
use super::tables::Tables;
use super::units::Tally;
use crate::wiring::{LogicalId, Target, Wiring};

/// Asynchronous invocations are tried three times in all, as by Lambda.
const ASYNCHRONOUS_TRIES: u32 = 3;

pub(super) struct Shared {
    pub(super) wiring: Wiring,
    pub(super) clock: Arc<VirtualClock>,
    pub(super) quiet: Arc<Quiet>,
    pub(super) ids: Arc<Ids>,
    pub(super) dice: Dice,
    pub(super) tables: Tables,
    pub(super) tally: Tally,
    pub(super) sns: Sns,
    pub(super) queues: Queues,
    pub(super) streams: Vec<Arc<Stream>>,
    pub(super) timer: Mutex<Timer>,
    pub(super) functions: BTreeMap<LogicalId, Arc<Function>>,
    /// The processes' slots by the session token that each was given.
    pub(super) slots: Mutex<BTreeMap<String, Arc<Slot>>>,
    pub(super) interruption: Mutex<Weak<Interruption>>,
    pub(super) journal: Journal,
    pub(super) given_up: Arc<Mutex<Vec<GivenUp>>>,
    pub(super) store: Option<Store>,
    pub(super) calls: AtomicU64,
    tasks: Mutex<JoinSet<()>>,
}

/// The parts that a bundle is put together from.
pub(super) struct Parts {
    pub(super) wiring: Wiring,
    pub(super) clock: Arc<VirtualClock>,
    pub(super) quiet: Arc<Quiet>,
    pub(super) ids: Arc<Ids>,
    pub(super) dice: Dice,
    pub(super) tables: Tables,
    pub(super) tally: Tally,
    pub(super) sns: Sns,
    pub(super) queues: Queues,
    pub(super) streams: Vec<Arc<Stream>>,
    pub(super) timer: Timer,
    pub(super) functions: BTreeMap<LogicalId, Arc<Function>>,
    pub(super) given_up: Arc<Mutex<Vec<GivenUp>>>,
    pub(super) store: Option<Store>,
}

impl Shared {
    pub(super) fn new(parts: Parts) -> Arc<Self> {
        Arc::new(Self {
            wiring: parts.wiring,
            clock: parts.clock,
            quiet: parts.quiet,
            ids: parts.ids,
            dice: parts.dice,
            tables: parts.tables,
            tally: parts.tally,
            sns: parts.sns,
            queues: parts.queues,
            streams: parts.streams,
            timer: Mutex::new(parts.timer),
            functions: parts.functions,
            slots: Mutex::default(),
            interruption: Mutex::default(),
            journal: Journal::default(),
            given_up: parts.given_up,
            store: parts.store,
            calls: AtomicU64::new(0),
            tasks: Mutex::default(),
        })
    }

    /// Puts a number on SNS's list of those who opted out, or takes it off.
    pub(super) fn opt_out(&self, change: &OptOut) {
        self.sns.opt_outs.change(change);
        if let Some(store) = &self.store {
            store.append_opt_out(change);
        }
    }

    /// Runs a task that ends with the bundle at the latest.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = lock(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    /// Ends all tasks, and the processes with them.
    pub(super) fn stop(&self) {
        lock(&self.tasks).abort_all();
    }

    /// Ends all tasks and waits for their ends.
    pub(super) async fn stop_and_wait(&self) {
        let mut tasks = std::mem::take(&mut *lock(&self.tasks));
        tasks.shutdown().await;
    }

    /// Runs a function once and waits for its answer.
    pub(super) async fn invoke(&self, function: &str, payload: Bytes) -> Outcome {
        self.calls.fetch_add(1, Ordering::Relaxed);
        match self.functions.get(function) {
            Some(found) => found.invoke(self.ids.next(), payload).await,
            None => Err(super::invocations::Failure::new(
                "ResourceNotFoundException",
                format!("there is no function {function}"),
            )),
        }
    }

    /// Hands a JSON text to a target: a queue, or a function asynchronously.
    pub(super) fn deliver(
        self: &Arc<Self>,
        target: &Target,
        dead_letters: Option<&LogicalId>,
        source: &str,
        text: String,
    ) {
        match target {
            Target::Queue(queue) => self.queues.send(queue, text, self.clock.now()),
            Target::Function(function) => {
                self.quiet.add(1);
                let shared = Arc::clone(self);
                let (function, source) = (function.clone(), source.to_owned());
                let dead_letters = dead_letters.cloned();
                self.spawn(async move {
                    shared
                        .invoke_later(&function, dead_letters.as_ref(), &source, &text)
                        .await;
                    shared.quiet.done(1);
                });
            }
        }
    }

    async fn invoke_later(&self, function: &str, dead_letters: Option<&LogicalId>, source: &str, text: &str) {
        let mut tries = 0;
        loop {
            let payload = with_now(self.clock.now(), text);
            let Err(failure) = self.invoke(function, payload).await else {
                return;
            };
            tries += 1;
            if tries < ASYNCHRONOUS_TRIES {
                continue;
            }
            let reason = format!(
                "{source}: {function} failed {tries} times; last: {}: {}",
                failure.kind, failure.message
            );
            let content = serde_json::from_str(text).unwrap_or(Value::Null);
            let now = self.clock.now();
            match dead_letters {
                Some(queue) => self.queues.give_up(queue, &reason, content, now),
                None => lock(&self.given_up).push(GivenUp {
                    at: now,
                    place: function.to_owned(),
                    reason,
                    content,
                }),
            }
            return;
        }
    }

    /// Tells the readers of a table's stream that something was written.
    pub(super) fn wake(&self, table: &str) {
        for stream in &self.streams {
            if stream.table == table {
                stream.wake(&self.quiet);
            }
        }
    }

    /// The first function whose processes cannot be kept running, and why.
    pub(super) fn broken(&self) -> Option<(&LogicalId, String)> {
        self.functions.iter().find_map(|(id, function)| {
            let failure = function.broken()?;
            Some((id, format!("{}: {}", failure.kind, failure.message)))
        })
    }
}

/// A JSON object's text with the virtual time as a first key.
pub(super) fn with_now(now: Timestamp, object: &str) -> Bytes {
    let object = object.trim_start();
    let Some(rest) = object.strip_prefix('{') else {
        return Bytes::from(object.to_owned());
    };
    let comma = if rest.trim_start().starts_with('}') { "" } else { "," };
    Bytes::from(format!("{{\"now\":\"{now}\"{comma}{rest}"))
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn now_is_added_to_any_object() {
        let now: Timestamp = "1997-01-01T15:00:00Z".parse().unwrap();
        assert_eq!(with_now(now, r#"{"a":1}"#), r#"{"now":"1997-01-01T15:00:00Z","a":1}"#);
        assert_eq!(with_now(now, "{ }"), r#"{"now":"1997-01-01T15:00:00Z" }"#);
        assert_eq!(with_now(now, "[1]"), "[1]");
    }
}
