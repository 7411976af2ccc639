//! Activities: append-only facts about members. A shop may write them too, so what is read here is checked again.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use jiff::Timestamp;
use ledger::{ActivityId, MemberId, OrderLine};
use programme::PERSONALISATION;

use crate::answered::ANSWER;
use crate::arrival::Arrival;
use crate::item::{Item, text};
use crate::keys::{PK, SK};
use crate::person::is_erased;
use crate::recorded;
use crate::{Store, StoreError};

/// The reason an activity was refused. Only items without it are worked on.
pub(crate) const REFUSED: &str = "refused";

/// What became of an activity that was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutActivity {
    Stored,
    /// The very same activity was stored before.
    Repeat,
    /// Another activity was stored under this id.
    Other,
}

/// Why an item of Activities was refused, if it was: an activity, or an event that could not become one.
pub fn refusal(item: &Item) -> Option<&str> {
    item.get(REFUSED)?.as_s().ok().map(String::as_str)
}

/// Whether an activity that was not refused changed an account that was there: a sign-up makes one, and a consent to messages
/// and preferences change none.
pub fn changes_an_account(item: &Item) -> bool {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str);
    match text("kind") {
        None | Some("sign-up" | "preferences") => false,
        Some("consent") => text("purpose") == Some(PERSONALISATION),
        Some(_) => true,
    }
}

impl Store {
    /// Stores an activity once.
    pub async fn put_activity(&self, arrival: &Arrival) -> Result<PutActivity, StoreError> {
        let item = arrival.item();
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.activities)
            .set_item(Some(item.clone()))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match put {
            Ok(_) => Ok(PutActivity::Stored),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    // Of a member who was forgotten nothing is kept that could tell.
                    let same = |stored| is_erased(stored) || same_activity(stored, &item);
                    let same = failed.item().is_some_and(same);
                    Ok(if same { PutActivity::Repeat } else { PutActivity::Other })
                }
                _ => Err(error.into()),
            },
        }
    }

    /// The same, for a transaction.
    pub(crate) fn activity_put(&self, arrival: &Arrival) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.tables.activities)
            .set_item(Some(arrival.item()))
            .condition_expression("attribute_not_exists(pk)");
        let put = put.build().map_err(|_| StoreError::Unreachable)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Keeps a business event that cannot be an activity, whole and with its reason, where it can be found by day.
    pub async fn park_event(&self, id: &str, event: &str, reason: &str, received: Timestamp) -> Result<(), StoreError> {
        let day = received.strftime("%Y-%m-%d").to_string();
        self.client
            .put_item()
            .table_name(&self.tables.activities)
            .item(PK, text(format!("refused#{day}")))
            .item(SK, text(id))
            .item("event", text(event))
            .item(REFUSED, text(reason))
            .item("received", text(received))
            .send()
            .await?;
        Ok(())
    }

    /// Sends a member's activities that were refused under a code through again.
    pub async fn redrive(&self, member: &MemberId, code: &str) -> Result<(), StoreError> {
        let mut start = None;
        loop {
            let query = self.client.query().table_name(&self.tables.activities);
            let found = query
                .key_condition_expression("pk = :member")
                // What somebody at the till was told stays so.
                .filter_expression("begins_with(refused, :code) AND attribute_not_exists(answer)")
                .projection_expression("pk, sk")
                .expression_attribute_values(":member", text(member))
                .expression_attribute_values(":code", text(code))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await?;
            for key in found.items.unwrap_or_default() {
                let update = self
                    .client
                    .update_item()
                    .table_name(&self.tables.activities)
                    .set_key(Some(key));
                update.update_expression("REMOVE refused").send().await?;
            }
            start = found.last_evaluated_key;
            if start.is_none() {
                return Ok(());
            }
        }
    }

    /// The lines of a member's purchase; none where it named none, or is not known.
    pub async fn order_lines(&self, member: &MemberId, order: &ActivityId) -> Result<Vec<OrderLine>, StoreError> {
        let found = self
            .client
            .get_item()
            .table_name(&self.tables.activities)
            .key(PK, text(member))
            .key(SK, text(order))
            // A part may come back a moment after it was bought.
            .consistent_read(true)
            .send()
            .await?;
        Ok(found
            .item
            .as_ref()
            .map(recorded::order_lines)
            .transpose()?
            .unwrap_or_default())
    }

    /// All activities of a member, as they are stored, for a report.
    pub async fn activities(&self, member: &MemberId) -> Result<Vec<Item>, StoreError> {
        let (mut activities, mut start) = (Vec::new(), None);
        loop {
            let query = self.client.query().table_name(&self.tables.activities);
            let found = query
                .key_condition_expression("pk = :member")
                .expression_attribute_values(":member", text(member))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await?;
            activities.extend(found.items.unwrap_or_default());
            start = found.last_evaluated_key;
            if start.is_none() {
                return Ok(activities);
            }
        }
    }

    /// Writes beside an activity why it was refused: a code and, for people, a sentence. Removing the attribute sends
    /// it through again. One that is gone has no use for a reason.
    pub async fn refuse(&self, item: &Item, reason: &str) -> Result<(), StoreError> {
        let refused = self
            .client
            .update_item()
            .table_name(&self.tables.activities)
            .set_key(Some(key_of(item)))
            .update_expression(REFUSE)
            .condition_expression(IS_THERE)
            .expression_attribute_values(":reason", text(reason))
            .send()
            .await;
        match refused {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(error.into()),
            },
        }
    }

    /// The same, for a transaction.
    pub(crate) fn refusal(&self, item: &Item, reason: &str) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.tables.activities)
            .set_key(Some(key_of(item)))
            .update_expression(REFUSE)
            .condition_expression(IS_THERE)
            .expression_attribute_values(":reason", text(reason));
        let update = update.build().map_err(|_| StoreError::Unreachable)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

const REFUSE: &str = "SET refused = :reason";
const IS_THERE: &str = "attribute_exists(pk)";

pub(crate) fn key_of(item: &Item) -> Item {
    let mut key = item.clone();
    key.retain(|name, _| name == PK || name == SK);
    key
}

/// The same but for when it arrived and what was noted since.
fn same_activity(stored: &Item, put: &Item) -> bool {
    let own = |item: &Item| {
        let mut own = item.clone();
        own.retain(|name, _| name != "received" && name != REFUSED && name != ANSWER);
        own
    };
    own(stored) == own(put)
}
