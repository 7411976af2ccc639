//! What messages have cost in a time: a count for each budget and time, raised before a message goes and never beyond the
//! budget, whoever spends at once.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;

use crate::item::{number, text};
use crate::keys::{PK, SK};
use crate::{Store, StoreError};

const SPENDING: &str = "#spending";
const SPENT: &str = "spent";

impl Store {
    /// Spends so many millionths of what messages may cost in a time, where no more than `most` is spent by then; false where
    /// it would be more.
    pub async fn spend(&self, time: &str, cost: u64, most: u64) -> Result<bool, StoreError> {
        let Some(room) = most.checked_sub(cost) else {
            return Ok(false);
        };
        let update = self.client.update_item().table_name(&self.tables.members);
        let update = update.key(PK, text(SPENDING)).key(SK, text(time));
        let update = update
            .update_expression("ADD #spent :cost")
            .condition_expression("attribute_not_exists(#spent) OR #spent <= :room")
            .expression_attribute_names("#spent", SPENT)
            .expression_attribute_values(":cost", number(cost))
            .expression_attribute_values(":room", number(room));
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(error.into()),
            },
        }
    }

    /// Gives back what was spent on a message that did not go.
    pub async fn give_back(&self, time: &str, cost: u64) -> Result<(), StoreError> {
        let update = self.client.update_item().table_name(&self.tables.members);
        let update = update.key(PK, text(SPENDING)).key(SK, text(time));
        let update = update
            .update_expression("ADD #spent :cost")
            .expression_attribute_names("#spent", SPENT)
            .expression_attribute_values(":cost", number(format!("-{cost}")));
        update.send().await?;
        Ok(())
    }

    /// How many millionths were spent in a time.
    pub async fn spent(&self, time: &str) -> Result<u64, StoreError> {
        let get = self.client.get_item().table_name(&self.tables.members);
        let get = get.key(PK, text(SPENDING)).key(SK, text(time)).consistent_read(true);
        let item = get.send().await?.item.unwrap_or_default();
        let reader = crate::item::Reader {
            what: "the spending's",
            item: &item,
        };
        Ok(reader.number(SPENT)?.unwrap_or_default())
    }
}
