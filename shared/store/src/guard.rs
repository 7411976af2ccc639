//! What the guard counts: for each cohort how many messages were sent and how many members opted out of them, and each member
//! who did, so that they count once.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use jiff::Timestamp;
use ledger::MemberId;
use messages::{Cohort, Counts};

use crate::item::{Item, Reader, number, text};
use crate::keys::{PK, SK};
use crate::transaction::Transacted;
use crate::{Store, StoreError};

const WHAT: &str = "the guard's";
const GUARD: &str = "#guard#";
/// Another transaction at the same count is over soon.
const ATTEMPTS: usize = 10;

fn partition(cohort: &Cohort) -> String {
    format!("{GUARD}{}", cohort.of)
}

impl Store {
    /// Counts messages that were sent.
    pub async fn count_sent(&self, cohort: &Cohort, sent: u32) -> Result<(), StoreError> {
        let update = self.client.update_item().table_name(&self.tables.members);
        let update = update.key(PK, text(partition(cohort))).key(SK, text(&cohort.since));
        let update = update.update_expression("ADD sent :sent");
        update.expression_attribute_values(":sent", number(sent)).send().await?;
        Ok(())
    }

    /// Counts that a member opted out, once for a cohort; gives what is counted by then.
    pub async fn count_opt_out(&self, cohort: &Cohort, member: &MemberId, at: Timestamp) -> Result<Counts, StoreError> {
        let built = |_| StoreError::Unreachable;
        let known = format!("{}#opt-out#{member}", cohort.since);
        let put = Put::builder().table_name(&self.tables.members);
        let put = put.item(PK, text(partition(cohort))).item(SK, text(known));
        let put = put
            .item("at", text(at))
            .condition_expression("attribute_not_exists(pk)");
        let add = Update::builder().table_name(&self.tables.members);
        let add = add.key(PK, text(partition(cohort))).key(SK, text(&cohort.since));
        let add = add.update_expression("ADD opt_outs :one");
        let add = add.expression_attribute_values(":one", number(1));
        let writes = vec![
            TransactWriteItem::builder().put(put.build().map_err(built)?).build(),
            TransactWriteItem::builder().update(add.build().map_err(built)?).build(),
        ];
        for _ in 0..ATTEMPTS {
            match self.transact(writes.clone()).await? {
                Transacted::Done => return self.counted(cohort).await,
                Transacted::Canceled(unmet) if unmet.contains(&true) => return self.counted(cohort).await,
                Transacted::Canceled(_) => {}
            }
        }
        Err(StoreError::Refused {
            code: "Contended".to_owned(),
            message: format!("{ATTEMPTS} counts of opt-outs were overtaken"),
        })
    }

    /// What is counted of a cohort.
    pub async fn counted(&self, cohort: &Cohort) -> Result<Counts, StoreError> {
        let get = self.client.get_item().table_name(&self.tables.members);
        let get = get.key(PK, text(partition(cohort))).key(SK, text(&cohort.since));
        let item: Item = get.consistent_read(true).send().await?.item.unwrap_or_default();
        let reader = Reader {
            what: WHAT,
            item: &item,
        };
        Ok(Counts {
            sent: reader.number("sent")?.unwrap_or_default(),
            opt_outs: reader.number("opt_outs")?.unwrap_or_default(),
        })
    }
}
