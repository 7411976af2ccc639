//! SQS queues: messages, how often each was received, and where those go that nobody could take.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::faults::{Dice, Kind};
use super::invocations::{Ids, Outcome};
use super::quiet::Quiet;
use super::shared::with_now;
use crate::template::pattern;
use crate::wiring::{ACCOUNT, LogicalId, Queue, QueueMapping, REGION, Redrive, Wiring};

/// Receives after which a message of a queue without a redrive policy is let go. SQS would keep trying until its
/// retention ends, days later; virtual time stands still between retries.
const RECEIVES: u32 = 1_000;

/// A message in a queue.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Message {
    id: String,
    body: String,
    sent: Timestamp,
    first_received: Option<Timestamp>,
    receives: u32,
}

/// Something that was given up: a dead letter, a record past its retries, an event that no function took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GivenUp {
    /// Virtual time.
    pub at: Timestamp,
    /// Where it lies now: a queue's or a bucket's logical id, or what would have taken it.
    pub place: String,
    pub reason: String,
    pub content: Value,
}

struct State {
    name: String,
    redrive: Option<Redrive>,
    /// A function reads this queue: what lies in it is work to do.
    polled: bool,
    messages: Mutex<VecDeque<Message>>,
    arrived: Notify,
}

/// All queues of a wiring.
pub(super) struct Queues {
    all: BTreeMap<LogicalId, State>,
    quiet: Arc<Quiet>,
    ids: Arc<Ids>,
    given_up: Arc<Mutex<Vec<GivenUp>>>,
}

impl Queues {
    pub(super) fn new(wiring: &Wiring, quiet: Arc<Quiet>, ids: Arc<Ids>, given_up: Arc<Mutex<Vec<GivenUp>>>) -> Self {
        let state = |(id, queue): (&LogicalId, &Queue)| {
            let polled = wiring.polls.iter().any(|poll| poll.queue == *id);
            let state = State {
                name: queue.name.clone(),
                redrive: queue.redrive.clone(),
                polled,
                messages: Mutex::default(),
                arrived: Notify::new(),
            };
            (id.clone(), state)
        };
        Self {
            all: wiring.queues.iter().map(state).collect(),
            quiet,
            ids,
            given_up,
        }
    }

    /// What lies in the queues, for a checkpoint.
    pub(super) fn contents(&self) -> BTreeMap<LogicalId, Vec<Message>> {
        self.all
            .iter()
            .map(|(id, queue)| (id.clone(), lock(&queue.messages).iter().cloned().collect()))
            .collect()
    }

    /// Puts back what a checkpoint held.
    pub(super) fn restore(&self, contents: BTreeMap<LogicalId, Vec<Message>>) {
        for (id, messages) in contents {
            for message in messages {
                self.put(&id, message);
            }
        }
    }

    /// Sends a message. A queue that is not there takes nothing; the template's check has said so before.
    pub(super) fn send(&self, queue: &str, body: String, now: Timestamp) {
        self.put(
            queue,
            Message {
                id: self.ids.next(),
                body,
                sent: now,
                first_received: None,
                receives: 0,
            },
        );
    }

    /// Sends a message that stands for a failure, and reports it.
    pub(super) fn give_up(&self, queue: &str, reason: &str, content: Value, now: Timestamp) {
        self.send(queue, content.to_string(), now);
        lock(&self.given_up).push(GivenUp {
            at: now,
            place: queue.to_owned(),
            reason: reason.to_owned(),
            content,
        });
    }

    fn put(&self, queue: &str, message: Message) {
        let Some(state) = self.all.get(queue) else {
            return;
        };
        if state.polled {
            self.quiet.add(1);
        }
        lock(&state.messages).push_back(message);
        state.arrived.notify_one();
    }

    /// Reads a queue for its function until the task is dropped.
    pub(super) async fn poll<F, Answer>(
        &self,
        mapping: &QueueMapping,
        dice: &Dice,
        now: impl Fn() -> Timestamp,
        invoke: F,
    ) where
        F: Fn(Bytes) -> Answer,
        Answer: Future<Output = Outcome>,
    {
        let Some(queue) = self.all.get(&mapping.queue) else {
            return;
        };
        loop {
            let batch = take(queue, mapping.batch_size.max(1), now());
            if batch.is_empty() {
                queue.arrived.notified().await;
                continue;
            }
            self.deliver(queue, mapping, batch, dice, now(), &invoke).await;
        }
    }

    async fn deliver<F, Answer>(
        &self,
        queue: &State,
        mapping: &QueueMapping,
        batch: Vec<Message>,
        dice: &Dice,
        now: Timestamp,
        invoke: &F,
    ) where
        F: Fn(Bytes) -> Answer,
        Answer: Future<Output = Outcome>,
    {
        let taken = batch.len();
        // Messages that no filter lets through are deleted.
        let batch: Vec<(Message, Value)> = batch
            .into_iter()
            .map(|message| {
                let record = self.record(&queue.name, &message);
                (message, record)
            })
            .filter(|(message, record)| passes(&mapping.filters, message, record))
            .collect();
        if !batch.is_empty() {
            let records: Vec<&Value> = batch.iter().map(|(_, record)| record).collect();
            let payload = with_now(now, &json!({ "Records": records }).to_string());
            let mut outcome = invoke(payload.clone()).await;
            if outcome.is_ok() && dice.throw(Kind::HalfFailed) {
                outcome = invoke(payload).await;
            }
            let ids = batch.iter().map(|(message, _)| message.id.as_str());
            let failed = failed(&outcome, mapping.reports_failures, ids);
            for ((message, _), failed) in batch.into_iter().zip(failed) {
                if failed {
                    self.retry(queue, message, now, &outcome);
                }
            }
        }
        self.quiet.done(taken);
    }

    /// Puts a failed message back, or into the dead letter queue once it was received too often. Visibility timeouts
    /// are not waited for.
    fn retry(&self, queue: &State, message: Message, now: Timestamp, outcome: &Outcome) {
        let reason = match outcome {
            Ok(_) => "the function named it in batchItemFailures".to_owned(),
            Err(failure) => format!("{}: {}", failure.kind, failure.message),
        };
        let content = serde_json::from_str(&message.body).unwrap_or_else(|_| json!(message.body.clone()));
        let given_up = |place: &str, reason: String, content: Value| GivenUp {
            at: now,
            place: place.to_owned(),
            reason,
            content,
        };
        match &queue.redrive {
            Some(redrive) if message.receives >= redrive.max_receives => {
                let reason = format!("received {} times; last: {reason}", message.receives);
                lock(&self.given_up).push(given_up(&redrive.queue, reason, content));
                self.put(&redrive.queue, Message { receives: 0, ..message });
            }
            None if message.receives >= RECEIVES => {
                let reason = format!("received {} times; last: {reason}", message.receives);
                lock(&self.given_up).push(given_up(&queue.name, reason, content));
            }
            _ => {
                self.quiet.add(1);
                lock(&queue.messages).push_back(message);
            }
        }
    }

    fn record(&self, name: &str, message: &Message) -> Value {
        let millis = |at: Timestamp| at.as_millisecond().to_string();
        json!({
            "messageId": message.id,
            "receiptHandle": self.ids.next(),
            "body": message.body,
            "attributes": {
                "ApproximateReceiveCount": message.receives.to_string(),
                "SentTimestamp": millis(message.sent),
                "SenderId": ACCOUNT,
                "ApproximateFirstReceiveTimestamp": millis(message.first_received.unwrap_or(message.sent)),
            },
            "messageAttributes": {},
            "md5OfBody": "",
            "eventSource": "aws:sqs",
            "eventSourceARN": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"),
            "awsRegion": REGION,
        })
    }
}

fn take(queue: &State, most: usize, now: Timestamp) -> Vec<Message> {
    let mut messages = lock(&queue.messages);
    let count = messages.len().min(most);
    messages
        .drain(..count)
        .map(|mut message| {
            message.receives += 1;
            message.first_received.get_or_insert(now);
            message
        })
        .collect()
}

/// A message's body is matched as JSON where it is JSON.
fn passes(filters: &[Value], message: &Message, record: &Value) -> bool {
    if filters.is_empty() {
        return true;
    }
    let mut record = record.clone();
    if let (Ok(body), Some(record)) = (serde_json::from_str::<Value>(&message.body), record.as_object_mut()) {
        record.insert("body".to_owned(), body);
    }
    filters.iter().any(|filter| pattern::matches(filter, &record))
}

/// Which messages of a batch failed. An identifier that names none of them fails the whole batch, as on AWS.
fn failed<'a>(outcome: &Outcome, reports: bool, ids: impl Iterator<Item = &'a str>) -> Vec<bool> {
    let ids: Vec<&str> = ids.collect();
    let Ok(answer) = outcome else {
        return vec![true; ids.len()];
    };
    match (reports, super::batches::failures(answer)) {
        (false, _) => vec![false; ids.len()],
        (true, None) => vec![true; ids.len()],
        (true, Some(named)) if named.iter().any(|name| !ids.contains(&name.as_str())) => {
            vec![true; ids.len()]
        }
        (true, Some(named)) => ids.iter().map(|id| named.iter().any(|name| name == id)).collect(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
