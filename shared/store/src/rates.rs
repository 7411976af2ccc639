//! When whoever takes messages takes the next: an instant for each sender, moved on by whoever takes a turn, so that turns follow
//! each other whoever takes them at once.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use jiff::{SignedDuration, Timestamp};

use crate::item::{Damaged, Item, Reader, number, text};
use crate::keys::{PK, SK};
use crate::{Store, StoreError};

const RATES: &str = "#rates";
/// In microseconds since 1970.
const FREE_AT: &str = "free_at";
const WHAT: &str = "the rate's";

impl Store {
    /// Takes the next turn of a sender, which keeps others waiting for so long: its instant, from `from` on. None where that
    /// would be after `latest`, and nobody waits for it then.
    pub async fn take_turn(
        &self,
        sender: &str,
        (from, latest): (Timestamp, Timestamp),
        takes: SignedDuration,
    ) -> Result<Option<Timestamp>, StoreError> {
        let (from, latest) = (from.as_microsecond(), latest.as_microsecond());
        let takes = i64::try_from(takes.as_micros()).unwrap_or(i64::MAX);
        loop {
            // Behind the others, who are many where it matters.
            let behind = self
                .turn(sender, "ADD #free :takes", "#free > :from AND #free <= :latest")
                .expression_attribute_values(":takes", number(takes))
                .expression_attribute_values(":from", number(from))
                .expression_attribute_values(":latest", number(latest))
                .return_values(ReturnValue::UpdatedNew)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            let stands = match behind.send().await {
                Ok(done) => return at(free_at(done.attributes.as_ref())?.map(|free| free - takes)),
                Err(error) => match error.as_service_error() {
                    Some(UpdateItemError::ConditionalCheckFailedException(failed)) => free_at(failed.item())?,
                    _ => return Err(error.into()),
                },
            };
            if stands.is_some_and(|free| free > from) {
                return Ok(None);
            }
            let first = self
                .turn(
                    sender,
                    "SET #free = :next",
                    "attribute_not_exists(#free) OR #free <= :from",
                )
                .expression_attribute_values(":next", number(from.saturating_add(takes)))
                .expression_attribute_values(":from", number(from));
            match first.send().await {
                Ok(_) => return at(Some(from)),
                // Another was faster, and this one is behind them.
                Err(error) => match error.as_service_error() {
                    Some(UpdateItemError::ConditionalCheckFailedException(_)) => {}
                    _ => return Err(error.into()),
                },
            }
        }
    }

    fn turn(&self, sender: &str, update: &str, condition: &str) -> UpdateItemFluentBuilder {
        let item = self.client.update_item().table_name(&self.tables.members);
        item.key(PK, text(RATES))
            .key(SK, text(sender))
            .update_expression(update)
            .condition_expression(condition)
            .expression_attribute_names("#free", FREE_AT)
    }
}

fn free_at(item: Option<&Item>) -> Result<Option<i64>, Damaged> {
    let Some(item) = item else { return Ok(None) };
    Reader { what: WHAT, item }.number(FREE_AT)
}

fn at(micros: Option<i64>) -> Result<Option<Timestamp>, StoreError> {
    let read = micros.map(Timestamp::from_microsecond).transpose();
    Ok(read.map_err(|_| Damaged::new(WHAT, FREE_AT, "is no instant"))?)
}
