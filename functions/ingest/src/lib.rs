//! Business events of the shop become activities.
//!
//! Woken by a queue behind the bus. An event that cannot be an activity is kept whole, with its reason; one that could
//! not be stored is reported to the queue, which delivers it again and in the end sets it aside.

mod event;

use std::collections::BTreeMap;

use aws_lambda_events::sqs::SqsMessage;
use futures::future::join_all;
use jiff::Timestamp;
use starter::{BatchResponse, Failure, Records};
use store::{Arrival, PutActivity, Store, StoreError};

/// Stores a batch of events.
pub async fn handle(store: &Store, batch: Records) -> Result<BatchResponse, Failure> {
    let now = starter::now(batch.now);
    // A member's events keep their order; different members do not wait for each other.
    let mut members: BTreeMap<String, Vec<Message>> = BTreeMap::new();
    for record in batch.records {
        let message = Message::read(record)?;
        let arrival = event::read(&message.body, now);
        let member = arrival
            .as_ref()
            .map(|arrival| arrival.member.to_string())
            .unwrap_or_default();
        members.entry(member).or_default().push(Message {
            arrival: Some(arrival),
            ..message
        });
    }
    let stored = join_all(members.into_values().map(|messages| async move {
        let mut failed = Vec::new();
        for message in messages {
            let id = message.id.clone();
            if let Err(why) = store_one(store, message, now).await {
                tracing::warn!(
                    message.id = id,
                    "a business event could not be stored and will be tried again: {why}"
                );
                failed.push(id);
            }
        }
        failed
    }));
    Ok(BatchResponse::of(stored.await.into_iter().flatten()))
}

struct Message {
    id: String,
    body: String,
    arrival: Option<Result<Arrival, event::Unusable>>,
}

impl Message {
    /// The service makes the message's outer shape, so one without an id or a body is no message of a queue.
    fn read(record: serde_json::Value) -> Result<Self, Failure> {
        let wrong = |why: &str| Failure {
            kind: "NotAQueueMessage",
            why: why.to_owned(),
        };
        let message: SqsMessage = serde_json::from_value(record).map_err(|_| wrong("a record is no SQS message"))?;
        let id = message.message_id.ok_or_else(|| wrong("a message has no messageId"))?;
        Ok(Self {
            id,
            body: message.body.unwrap_or_default(),
            arrival: None,
        })
    }
}

async fn store_one(store: &Store, message: Message, now: Timestamp) -> Result<(), StoreError> {
    let Message { id, body, arrival } = message;
    let Some(arrival) = arrival else { return Ok(()) };
    let unusable = match arrival {
        Ok(arrival) => match store.put_activity(&arrival).await? {
            PutActivity::Stored | PutActivity::Repeat => return Ok(()),
            PutActivity::Other => event::Unusable {
                id: None,
                why: format!(
                    "another {} was stored under the id {}; give this one an id of its own",
                    arrival.kind, arrival.id
                ),
            },
        },
        Err(unusable) => unusable,
    };
    tracing::warn!(message.id = id, "a business event was refused: {}", unusable.why);
    store
        .park_event(unusable.id.as_deref().unwrap_or(&id), &body, &unusable.why, now)
        .await
}
