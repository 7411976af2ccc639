//! What members reply to SMS: to be left alone, to hear from the shop again, or for help.
//!
//! Woken by a queue behind the topic of two-way SMS. What a reply asks is written to its number, and the profiles of the
//! number's members follow it; a claim of a message goes by the profile's version, so none that is claimed later leaves. An
//! opt-out is confirmed before, since nothing is sent to a number that is stopped; whether the confirmation leaves or not, it
//! stops. Deliveries come more than once and in any order: each reply is kept under the provider's id, and answered at most
//! once. One that cannot be read is reported to the queue, which in the end sets it aside.

mod endpoints;
mod inbound;
mod listed;

use std::sync::Mutex;

use aws_lambda_events::sqs::SqsMessage;
use channels::{PublishError, Sns};
use futures::stream::{self, StreamExt};
use jiff::Timestamp;
use messages::{Number, Phone};
use programme::{Answer, Channel, Programme};
use serde::Deserialize;
use serde_json::Value;
use starter::{BatchResponse, Failure};
use store::{Commit, Reply, Stage, Store, StoreError};

use crate::inbound::Inbound;

/// Numbers worked on at the same time.
const AT_ONCE: usize = 8;
/// A number or a profile that changes faster than we can write is left to the next delivery.
const ATTEMPTS: usize = 16;
/// An answer that SNS has no room for is tried so often, and then left: what was asked holds without it.
const TRIES: usize = 3;

/// A batch of replies, or a tick of the schedule.
#[derive(Debug, Deserialize)]
pub struct Event {
    #[serde(rename = "Records")]
    records: Option<Vec<Value>>,
    now: Option<Timestamp>,
}

/// What the function works with.
pub struct Listener {
    pub store: Store,
    pub programme: Programme,
    pub sns: Sns,
    /// When the last round through the provider's list began, if it has ended: until the next one nothing is read.
    read_through: Mutex<Option<Timestamp>>,
}

impl Listener {
    pub fn new(store: Store, programme: Programme, sns: Sns) -> Self {
        Self {
            store,
            programme,
            sns,
            read_through: Mutex::new(None),
        }
    }

    /// Does what a batch of replies asks, or what a tick of the schedule does.
    pub async fn handle(&self, event: Event) -> Result<BatchResponse, Failure> {
        let now = starter::now(event.now);
        if let Some(records) = event.records {
            return self.replies(records, now).await;
        }
        self.read_list(now).await.map(|()| BatchResponse::default())
    }

    async fn replies(&self, records: Vec<Value>, now: Timestamp) -> Result<BatchResponse, Failure> {
        let mut failed = Vec::new();
        // A number's replies one after the other; different numbers do not wait for each other.
        let mut numbers: Vec<(Phone, Vec<(String, Inbound)>)> = Vec::new();
        for record in records {
            let (id, body) = message(record)?;
            match inbound::read(&body) {
                Ok(None) => {}
                Ok(Some(reply)) => match numbers.iter_mut().find(|(phone, _)| *phone == reply.phone) {
                    Some((_, replies)) => replies.push((id, reply)),
                    None => numbers.push((reply.phone.clone(), vec![(id, reply)])),
                },
                Err(why) => {
                    tracing::warn!(message.id = id, "a reply cannot be read and will be set aside: {why}");
                    failed.push(id);
                }
            }
        }
        let heard = stream::iter(numbers).map(|(_, replies)| self.number(replies, now));
        let heard: Vec<Vec<String>> = heard.buffer_unordered(AT_ONCE).collect().await;
        failed.extend(heard.into_iter().flatten());
        Ok(BatchResponse::of(failed))
    }

    /// A number's replies; gives those that could not be settled.
    async fn number(&self, mut replies: Vec<(String, Inbound)>, now: Timestamp) -> Vec<String> {
        let mut failed = Vec::new();
        replies.sort_by_key(|(_, reply)| reply.at);
        for (id, reply) in replies {
            if let Err(why) = self.hear(&reply, now).await {
                tracing::warn!(
                    message.id = id,
                    "a reply could not be settled and will be tried again: {why}"
                );
                failed.push(id);
            }
        }
        failed
    }

    async fn hear(&self, inbound: &Inbound, now: Timestamp) -> Result<(), StoreError> {
        let asked = replies::read(&inbound.text);
        if asked == replies::Reply::Other {
            return Ok(());
        }
        let reply = Reply {
            source: "reply",
            id: inbound.id.clone(),
            at: inbound.at,
            received: now,
            class: asked.name(),
        };
        let (phone, mut taken_back) = (&inbound.phone, None);
        for _ in 0..ATTEMPTS {
            let stage = self.store.reply(phone, &reply.id).await?;
            if stage == Some(Stage::Done) {
                return Ok(());
            }
            let before = self.store.number(phone).await?;
            let heard = before.number.hears(asked, reply.at, now);
            let heard = self
                .as_listed(phone, (&before.number, heard), &mut taken_back, now)
                .await?;
            // Where it was begun, its answer may have left.
            let answer = heard.answer.filter(|_| stage.is_none());
            let mut begins = stage.is_none().then_some((&reply, heard.came.name()));
            let (mut stands, mut version) = (before.number, before.version);
            if answer == Some(Answer::Stopped) {
                let confirming = Number {
                    confirming: true,
                    ..stands.clone()
                };
                if self
                    .store
                    .put_number(phone, &confirming, version, begins.take())
                    .await?
                    == Commit::Conflict
                {
                    continue;
                }
                self.answer(inbound, Answer::Stopped, now).await?;
                (stands, version) = (confirming, Some(version.map_or(1, |version| version + 1)));
            }
            if (heard.number != stands || begins.is_some())
                && self.store.put_number(phone, &heard.number, version, begins).await? == Commit::Conflict
            {
                continue;
            }
            self.store.follow(phone, &reply).await?;
            if asked == replies::Reply::OptOut {
                for member in self.store.members_of(phone).await? {
                    let opted_out = (Channel::Sms, reply.at.unwrap_or(now));
                    self.store.guard(&self.programme, &member, opted_out, now).await?;
                }
            }
            if let Some(answer) = answer.filter(|answer| *answer != Answer::Stopped) {
                self.answer(inbound, answer, now).await?;
            }
            return self.store.reply_is_done(phone, &reply.id).await;
        }
        Err(contended())
    }

    /// Sends an answer, in the language of the number's first member. One that SNS does not take is left.
    async fn answer(&self, to: &Inbound, answer: Answer, now: Timestamp) -> Result<(), StoreError> {
        let programme = self.programme.at(now);
        let locale = self.locale(&to.phone).await?;
        let locale = programme.texts.locale_for(&locale);
        let text = match programme.texts.answer(answer, locale, &programme.name) {
            Ok(text) => text,
            Err(why) => {
                tracing::error!("{why}");
                return Ok(());
            }
        };
        for _ in 0..TRIES {
            match self.sns.answer_sms(&to.phone, &text, to.to.as_deref()).await {
                Ok(_) => return Ok(()),
                Err(PublishError::Throttled) => {}
                Err(why) => {
                    tracing::warn!("an answer to a reply may not have left: {why}");
                    return Ok(());
                }
            }
        }
        tracing::warn!("an answer to a reply did not leave: {}", PublishError::Throttled);
        Ok(())
    }

    async fn locale(&self, phone: &Phone) -> Result<String, StoreError> {
        for member in self.store.members_of(phone).await? {
            if let Some(stored) = self.store.profile(&member).await? {
                return Ok(stored.profile.locale);
            }
        }
        Ok(String::new())
    }
}

fn contended() -> StoreError {
    StoreError::Refused {
        code: "Contended".to_owned(),
        message: "the number or a profile kept changing".to_owned(),
    }
}

/// The service makes the message's outer shape, so one without an id is no message of a queue.
fn message(record: serde_json::Value) -> Result<(String, String), Failure> {
    let wrong = |why: &str| Failure {
        kind: "NotAQueueMessage",
        why: why.to_owned(),
    };
    let message: SqsMessage = serde_json::from_value(record).map_err(|_| wrong("a record is no SQS message"))?;
    let id = message.message_id.ok_or_else(|| wrong("a message has no messageId"))?;
    Ok((id, message.body.unwrap_or_default()))
}
