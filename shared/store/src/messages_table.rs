//! Messages: the outbox. What a message becomes is written on condition of what it was.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use ledger::MemberId;
use messages::{Delay, Intent, Stated, Waited};
use programme::Switch;

use crate::item::{instant, number, text, texts};
use crate::keys::{ALARM_AT, ALARM_SHARD};
use crate::message_record::{MessageKey, MessageRecord, State};
use crate::wake::held_shard;
use crate::{Store, StoreError};

/// Send records are kept for so long from when the message could last go, which the law asks for less of
/// (`programme::Retentions`), then deleted by the table itself. Deletion is not a clock: nothing waits for it.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 365 * 2);

/// What became of a message that was claimed, or of one that was not.
#[derive(Debug, Clone)]
pub enum Outcome {
    Sent {
        message_id: String,
        at: Timestamp,
    },
    Failed {
        reason: String,
    },
    /// Nobody knows whether it left; it may be tried again from an instant on, if ever.
    Unknown {
        again: Option<Timestamp>,
    },
    /// It certainly did not leave, and may go again from an instant on.
    Deferred {
        until: Timestamp,
        by: Delay,
    },
    /// It waits until what holds it is resumed, and for nothing else: no instant wakes it.
    Paused {
        by: Switch,
        at: Timestamp,
    },
    Suppressed {
        reason: &'static str,
    },
}

impl Store {
    /// States an intent by itself.
    pub async fn put_intent(&self, intent: &Intent) -> Result<(), StoreError> {
        self.put_stated(&Stated::alone(intent.clone())).await
    }

    /// States an intent that waits from the first: nobody decides on it before an instant.
    pub async fn put_waiting(&self, intent: &Intent, until: Timestamp, by: Delay) -> Result<(), StoreError> {
        let waits = Some(Waited { until, by });
        let stated = Stated {
            waits,
            ..Stated::alone(intent.clone())
        };
        self.put_stated(&stated).await
    }

    /// States an intent. One cause gives one message: a repeat changes nothing.
    pub async fn put_stated(&self, stated: &Stated) -> Result<(), StoreError> {
        let intent = &stated.intent;
        let key = MessageKey::of(intent);
        let mut item = key.item();
        let mut put = |name: &str, value: AttributeValue| item.insert(name.to_owned(), value);
        let (state, waits) = match stated.waits {
            None => (State::Intent, Vec::new()),
            Some(Waited { until, by }) => self.marks(&key, &Outcome::Deferred { until, by }),
        };
        put("state", text(state.name()));
        for (name, value) in waits {
            put(name, value);
        }
        if !stated.with.is_empty() {
            put("with", texts(stated.with.iter().map(String::as_str)));
        }
        put("kind", text(intent.kind.name()));
        put("cause", text(&intent.cause));
        put("at", text(intent.at));
        put("useful_until", text(intent.useful_until));
        put(
            "expires_at",
            number(intent.useful_until.as_second().saturating_add(KEPT.as_secs())),
        );
        let facts = &intent.facts;
        let optional = [
            (
                "wallet",
                Some(intent.wallet.number()).filter(|wallet| *wallet > 0).map(number),
            ),
            ("points", facts.points.map(number)),
            ("day", facts.day.map(text)),
            ("tier", facts.tier.map(number)),
            ("years", facts.years.map(number)),
            ("set", facts.set.map(|set| number(set.number()))),
            ("claim", facts.claim.as_ref().map(text)),
            ("campaign", facts.campaign.as_ref().map(text)),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                put(name, value);
            }
        }
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.messages)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)");
        match put.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(error.into()),
            },
        }
    }

    /// Marks what became of a message, on condition that it stands in one of the states `from`; false where it does not.
    pub async fn mark(&self, message: &MessageKey, from: &[State], outcome: &Outcome) -> Result<bool, StoreError> {
        let (state, set) = self.marks(message, outcome);
        let names: Vec<String> = (0..from.len()).map(|index| format!(":from{index}")).collect();
        let mut expression = String::from("SET #state = :state");
        for (name, _) in &set {
            expression.extend([", ", name, " = :", name]);
        }
        if !set.iter().any(|(name, _)| *name == ALARM_AT) {
            expression.push_str(" REMOVE alarm_shard, alarm_at");
        }
        let mut update = self
            .client
            .update_item()
            .table_name(&self.tables.messages)
            .set_key(Some(message.item()))
            .update_expression(expression)
            .condition_expression(format!("#state IN ({})", names.join(", ")))
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":state", text(state.name()));
        for (name, value) in set {
            update = update.expression_attribute_values(format!(":{name}"), value);
        }
        for (name, state) in names.into_iter().zip(from) {
            update = update.expression_attribute_values(name, text(state.name()));
        }
        conditional(update.send().await)
    }

    fn marks(&self, message: &MessageKey, outcome: &Outcome) -> (State, Vec<(&'static str, AttributeValue)>) {
        let alarm = |at: Timestamp| {
            [
                (ALARM_AT, instant(at)),
                (ALARM_SHARD, text(self.shard(message.member.as_str()))),
            ]
        };
        match outcome {
            Outcome::Sent { message_id, at } => (
                State::Sent,
                vec![("message_id", text(message_id)), ("sent_at", text(at))],
            ),
            Outcome::Failed { reason } => (State::Failed, vec![("reason", text(reason))]),
            Outcome::Suppressed { reason } => (State::Suppressed, vec![("reason", text(reason))]),
            Outcome::Unknown { again } => {
                let mut set = vec![("reason", text("crashed-while-sending"))];
                set.extend(again.map(alarm).into_iter().flatten());
                (State::Unknown, set)
            }
            Outcome::Deferred { until, by } => {
                let mut set = vec![("deferred_until", text(until)), ("deferred_by", text(by.name()))];
                set.extend(alarm(*until));
                (State::Deferred, set)
            }
            Outcome::Paused { by, at } => {
                let shard = self.shard(message.member.as_str());
                let set = vec![(ALARM_AT, instant(*at)), (ALARM_SHARD, text(held_shard(by, &shard)))];
                (State::Paused, set)
            }
        }
    }

    /// Lets a message go whose time has come, or that is paused no longer: the stream hands it on. `with` are the keys of the
    /// member's others that are let go with it. False where it waits no longer, or for another time than an index that lags still
    /// shows.
    pub async fn release(&self, message: &MessageKey, with: &[&str], now: Timestamp) -> Result<bool, StoreError> {
        let expression = if with.is_empty() {
            "SET #state = :ready REMOVE alarm_shard, alarm_at, #with"
        } else {
            "SET #state = :ready, #with = :with REMOVE alarm_shard, alarm_at"
        };
        let mut update = self
            .client
            .update_item()
            .table_name(&self.tables.messages)
            .set_key(Some(message.item()))
            .update_expression(expression)
            .condition_expression("#state = :paused OR (#state IN (:deferred, :unknown) AND alarm_at <= :now)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#with", "with")
            .expression_attribute_values(":ready", text(State::Ready.name()))
            .expression_attribute_values(":deferred", text(State::Deferred.name()))
            .expression_attribute_values(":unknown", text(State::Unknown.name()))
            .expression_attribute_values(":paused", text(State::Paused.name()))
            .expression_attribute_values(":now", instant(now));
        if !with.is_empty() {
            update = update.expression_attribute_values(":with", texts(with.iter().copied()));
        }
        conditional(update.send().await)
    }

    /// A message as it stands now.
    pub async fn message(&self, message: &MessageKey) -> Result<Option<MessageRecord>, StoreError> {
        let get = self.client.get_item().table_name(&self.tables.messages);
        let found = get.set_key(Some(message.item())).consistent_read(true).send().await?;
        Ok(found.item.as_ref().map(MessageRecord::read).transpose()?)
    }

    /// All messages of a member, for a report.
    pub async fn messages(&self, member: &MemberId) -> Result<Vec<MessageRecord>, StoreError> {
        let mut messages = Vec::new();
        let mut start = None;
        loop {
            let query = self
                .client
                .query()
                .table_name(&self.tables.messages)
                .key_condition_expression("pk = :member");
            let found = query
                .expression_attribute_values(":member", text(member))
                .set_exclusive_start_key(start)
                .send()
                .await?;
            for item in found.items.unwrap_or_default() {
                messages.push(MessageRecord::read(&item)?);
            }
            start = found.last_evaluated_key;
            if start.is_none() {
                return Ok(messages);
            }
        }
    }
}

/// Whether an update's condition held.
fn conditional<T>(updated: Result<T, SdkError<UpdateItemError>>) -> Result<bool, StoreError> {
    match updated {
        Ok(_) => Ok(true),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(error.into()),
        },
    }
}
