//! Messages: the outbox. What a message becomes is written on condition of what it was.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use jiff::{SignedDuration, Timestamp};
use ledger::MemberId;
use messages::{Contact, Delay, Intent, Send};
use programme::Switch;

use crate::item::{Damaged, instant, number, text};
use crate::keys::{ALARM_AT, ALARM_SHARD};
use crate::members::{ACCOUNT, key};
use crate::message_record::{MessageKey, MessageRecord, State, WHAT};
use crate::profiles::{self, CONTACTS, PROFILE};
use crate::wake::held_shard;
use crate::{Store, StoreError};

/// Send records are kept for so long (China asks for five months), then deleted by the
/// table itself. Deletion is not a clock: nothing waits for it.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 365 * 2);

/// The versions a message was judged by, and what the profile keeps of it.
#[derive(Debug, Clone)]
pub struct Claim {
    pub account_version: u64,
    pub profile_version: u64,
    /// The member's contacts with this one; none where no cap counts it.
    pub contacts: Option<Vec<Contact>>,
}

/// What became of a claim.
#[derive(Debug)]
pub enum Claimed {
    /// It is ours to publish.
    Yes,
    /// The account or the profile has changed since: judge again.
    Stale,
    /// The message is not waiting any more; this is how it stands.
    Taken(Box<MessageRecord>),
}

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
    /// States an intent. One cause gives one message: a repeat changes nothing.
    pub async fn put_intent(&self, intent: &Intent) -> Result<(), StoreError> {
        let mut item = MessageKey::of(intent).item();
        let mut put = |name: &str, value: AttributeValue| item.insert(name.to_owned(), value);
        put("state", text(State::Intent.name()));
        put("kind", text(intent.kind.name()));
        put("cause", text(&intent.cause));
        put("at", text(intent.at));
        put("useful_until", text(intent.useful_until));
        put(
            "expires_at",
            number(intent.at.as_second().saturating_add(KEPT.as_secs())),
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

    /// Claims a message for publishing, on condition that it still waits and that the account and the profile are
    /// those it was judged by. What caps count of it is written with the claim, so no two messages take the same room.
    pub async fn claim(
        &self,
        message: &MessageKey,
        claim: &Claim,
        send: &Send,
        now: Timestamp,
    ) -> Result<Claimed, StoreError> {
        let update = Update::builder()
            .table_name(&self.tables.messages)
            .set_key(Some(message.item()))
            .update_expression(
                "SET #state = :claimed, channel = :channel, purpose = :purpose, parts = :parts, claimed_at = :now ADD attempts :one",
            )
            .condition_expression("#state IN (:intent, :ready)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":claimed", text(State::Claimed.name()))
            .expression_attribute_values(":intent", text(State::Intent.name()))
            .expression_attribute_values(":ready", text(State::Ready.name()))
            .expression_attribute_values(":channel", text(send.channel.name()))
            .expression_attribute_values(":purpose", text(send.purpose.name()))
            .expression_attribute_values(":parts", number(send.parts))
            .expression_attribute_values(":now", text(now))
            .expression_attribute_values(":one", number(1))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let built = |_| StoreError::Unreachable;
        let writes = [
            TransactWriteItem::builder()
                .update(update.build().map_err(built)?)
                .build(),
            self.unchanged(&message.member, ACCOUNT, claim.account_version)?,
            match &claim.contacts {
                None => self.unchanged(&message.member, PROFILE, claim.profile_version)?,
                Some(contacts) => self.contacted(&message.member, claim.profile_version, contacts)?,
            },
        ];
        match self
            .client
            .transact_write_items()
            .set_transact_items(Some(writes.to_vec()))
            .send()
            .await
        {
            Ok(_) => Ok(Claimed::Yes),
            Err(error) => match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
                    let reasons = canceled.cancellation_reasons();
                    let failed = |index: usize| {
                        reasons
                            .get(index)
                            .filter(|reason| reason.code() == Some("ConditionalCheckFailed"))
                    };
                    if let Some(reason) = failed(0) {
                        let stands = reason.item().map(MessageRecord::read).transpose()?;
                        let gone = || Damaged::new(WHAT, "pk", "is gone");
                        return Ok(Claimed::Taken(Box::new(stands.ok_or_else(gone)?)));
                    }
                    if failed(1).or(failed(2)).is_some() {
                        Ok(Claimed::Stale)
                    } else {
                        Err(error.into())
                    }
                }
                _ => Err(error.into()),
            },
        }
    }

    fn unchanged(&self, member: &MemberId, sk: &str, version: u64) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.tables.members)
            .set_key(Some(key(member, sk)))
            .condition_expression("v = :judged")
            .expression_attribute_values(":judged", number(version));
        Ok(TransactWriteItem::builder()
            .condition_check(check.build().map_err(|_| StoreError::Unreachable)?)
            .build())
    }

    /// Counts a message for caps, on condition that the profile is the one it was judged by.
    fn contacted(
        &self,
        member: &MemberId,
        version: u64,
        contacts: &[Contact],
    ) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.tables.members)
            .set_key(Some(key(member, PROFILE)))
            .update_expression("SET #contacts = :contacts, v = :next")
            .condition_expression("v = :judged")
            .expression_attribute_names("#contacts", CONTACTS)
            .expression_attribute_values(":contacts", profiles::contacts(contacts))
            .expression_attribute_values(":next", number(version.saturating_add(1)))
            .expression_attribute_values(":judged", number(version));
        Ok(TransactWriteItem::builder()
            .update(update.build().map_err(|_| StoreError::Unreachable)?)
            .build())
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
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(error.into()),
            },
        }
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

    /// Lets a message go whose time has come, or that is paused no longer: the stream hands it on. False where it waits no longer.
    pub async fn release(&self, message: &MessageKey) -> Result<bool, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.messages)
            .set_key(Some(message.item()))
            .update_expression("SET #state = :ready REMOVE alarm_shard, alarm_at")
            .condition_expression("#state IN (:deferred, :unknown, :paused)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":ready", text(State::Ready.name()))
            .expression_attribute_values(":deferred", text(State::Deferred.name()))
            .expression_attribute_values(":unknown", text(State::Unknown.name()))
            .expression_attribute_values(":paused", text(State::Paused.name()));
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(error.into()),
            },
        }
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
