//! Claims: a message is somebody's to publish, on condition of all that it was judged by.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{ConditionCheck, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use jiff::Timestamp;
use ledger::MemberId;
use messages::{Contact, Send};
use programme::RewardName;

use crate::item::{Damaged, number, text, texts};
use crate::members::{ACCOUNT, key};
use crate::message_record::{MessageKey, MessageRecord, State, WHAT};
use crate::profiles::{self, CONTACTS, PROFILE};
use crate::transaction::Transacted;
use crate::{Store, StoreError};

/// The versions a message was judged by, and what the profile keeps of it.
#[derive(Debug, Clone)]
pub struct Claim {
    pub account_version: u64,
    pub profile_version: u64,
    /// The member's contacts with this one; none where no cap counts it.
    pub contacts: Option<Vec<Contact>>,
    /// The keys of the member's messages that go as one with it.
    pub merged: Vec<MessageKey>,
    /// Rewards of which there was nothing left, so that its text speaks of none of them.
    pub gone: Vec<RewardName>,
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

impl Store {
    /// Claims a message for publishing, on condition that it still waits and that the account and the profile are
    /// those it was judged by. What caps count of it is written with the claim, so no two messages take the same room, and
    /// so is that others go with it, so that each of them goes once.
    pub async fn claim(
        &self,
        message: &MessageKey,
        claim: &Claim,
        send: &Send,
        now: Timestamp,
    ) -> Result<Claimed, StoreError> {
        let merges: Vec<&str> = claim.merged.iter().map(|one| one.sort.as_str()).collect();
        let gone: Vec<&str> = claim.gone.iter().map(RewardName::as_str).collect();
        let lists = [("merges", ":merges", merges), ("gone", ":gone", gone)];
        let (kept, none): (Vec<_>, Vec<_>) = lists.into_iter().partition(|(_, _, list)| !list.is_empty());
        let mut set =
            "SET #state = :claimed, channel = :channel, purpose = :purpose, parts = :parts, claimed_at = :now"
                .to_owned();
        set.extend(kept.iter().map(|(name, value, _)| format!(", {name} = {value}")));
        let none: Vec<&str> = none.iter().map(|(name, ..)| *name).collect();
        if !none.is_empty() {
            set += &format!(" REMOVE {}", none.join(", "));
        }
        set.push_str(" ADD attempts :one");
        let mut update = Update::builder()
            .table_name(&self.tables.messages)
            .set_key(Some(message.item()))
            .update_expression(set)
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
        for (_, value, list) in kept {
            update = update.expression_attribute_values(value, texts(list));
        }
        let built = |_| StoreError::Unreachable;
        let mut writes = vec![
            TransactWriteItem::builder()
                .update(update.build().map_err(built)?)
                .build(),
            self.unchanged(&message.member, ACCOUNT, claim.account_version)?,
            match &claim.contacts {
                None => self.unchanged(&message.member, PROFILE, claim.profile_version)?,
                Some(contacts) => self.contacted(&message.member, claim.profile_version, contacts)?,
            },
        ];
        for one in &claim.merged {
            writes.push(self.taken_up(one, message)?);
        }
        match self
            .client
            .transact_write_items()
            .set_transact_items(Some(writes))
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
                    let has_changed = (1..reasons.len()).any(|index| failed(index).is_some());
                    if has_changed {
                        Ok(Claimed::Stale)
                    } else {
                        Err(error.into())
                    }
                }
                _ => Err(error.into()),
            },
        }
    }

    /// Goes as one with another, on condition that it still waits.
    fn taken_up(&self, message: &MessageKey, into: &MessageKey) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.tables.messages)
            .set_key(Some(message.item()))
            .update_expression("SET #state = :merged, #into = :into REMOVE alarm_shard, alarm_at")
            .condition_expression("#state IN (:intent, :ready, :deferred)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#into", "into")
            .expression_attribute_values(":merged", text(State::Merged.name()))
            .expression_attribute_values(":into", text(&into.sort))
            .expression_attribute_values(":intent", text(State::Intent.name()))
            .expression_attribute_values(":ready", text(State::Ready.name()))
            .expression_attribute_values(":deferred", text(State::Deferred.name()));
        Ok(TransactWriteItem::builder()
            .update(update.build().map_err(|_| StoreError::Unreachable)?)
            .build())
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

    /// Lets a message go that another had taken up and could not be sent with. False where it did not, or does no longer, and
    /// where the other does not wait to be decided again: a delivery that comes late frees nothing that went with it.
    pub async fn set_free(&self, message: &MessageKey, from: &MessageKey) -> Result<bool, StoreError> {
        let built = |_| StoreError::Unreachable;
        let waits = ConditionCheck::builder()
            .table_name(&self.tables.messages)
            .set_key(Some(from.item()))
            .condition_expression("#state = :ready")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":ready", text(State::Ready.name()));
        let free = Update::builder()
            .table_name(&self.tables.messages)
            .set_key(Some(message.item()))
            .update_expression("SET #state = :ready REMOVE #into")
            .condition_expression("#state = :merged AND #into = :from")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#into", "into")
            .expression_attribute_values(":ready", text(State::Ready.name()))
            .expression_attribute_values(":merged", text(State::Merged.name()))
            .expression_attribute_values(":from", text(&from.sort));
        let writes = vec![
            TransactWriteItem::builder()
                .condition_check(waits.build().map_err(built)?)
                .build(),
            TransactWriteItem::builder()
                .update(free.build().map_err(built)?)
                .build(),
        ];
        match self.transact(writes).await? {
            Transacted::Done => Ok(true),
            Transacted::Canceled(unmet) if unmet.contains(&true) => Ok(false),
            // Another was at the same messages: they are looked at again with the next delivery.
            Transacted::Canceled(_) => Err(StoreError::Unreachable),
        }
    }
}
