//! What the guard counts: for each cohort how many messages were sent and how many members opted out of them, and each member
//! who did, so that they count once.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use jiff::Timestamp;
use ledger::MemberId;
use messages::{Cohort, Counts};
use programme::{Channel, Programme, Switch};

use crate::item::{Item, Reader, number, text};
use crate::keys::{PK, SK};
use crate::switches::Change;
use crate::transaction::Transacted;
use crate::{Store, StoreError};

const WHAT: &str = "the guard's";
const GUARD: &str = "#guard#";
/// Who pauses what too many opt out of.
const BY: &str = "guard";
/// Another transaction at the same count is over soon.
const ATTEMPTS: usize = 10;

fn partition(cohort: &Cohort) -> String {
    format!("{GUARD}{}", cohort.of)
}

impl Store {
    /// Counts that a member opted out of a channel's advertising, for what they were sent by it before, and pauses what too many
    /// opted out of. Done again it counts nothing again.
    pub async fn guard(
        &self,
        programme: &Programme,
        member: &MemberId,
        (channel, opted_out): (Channel, Timestamp),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let programme = programme.at(now);
        let Some(guard) = &programme.guard else {
            return Ok(());
        };
        // The latest message of each: who is sent two opts out of both at once.
        let mut from: BTreeMap<Switch, Timestamp> = BTreeMap::new();
        for message in self.messages(member).await? {
            let (Some(sent), Some(by), Some(purpose)) = (message.sent_at, message.channel, message.purpose) else {
                continue;
            };
            let of = messages::counts_for(programme, &message.intent, purpose);
            let is_from = by == channel && messages::is_from(guard, sent, opted_out);
            if let Some(of) = of.filter(|_| is_from) {
                let latest = from.entry(of).or_insert(sent);
                *latest = sent.max(*latest);
            }
        }
        if from.is_empty() {
            return Ok(());
        }
        let switches = self.switches().await?;
        for (of, sent) in from {
            let resumed = switches.resumed_at(&of);
            let Some(cohort) = messages::cohort(programme, guard, of, sent, resumed) else {
                continue;
            };
            let counts = self.count_opt_out(&cohort, member, opted_out).await?;
            let tested = messages::test(guard, counts);
            if tested.is_alarming() {
                let reason = messages::reason(guard, counts, tested);
                self.pause_by_guard(cohort.of, reason, now).await?;
            }
        }
        Ok(())
    }

    async fn pause_by_guard(&self, switch: Switch, reason: String, now: Timestamp) -> Result<(), StoreError> {
        let change = Change {
            switch,
            paused: true,
            at: now,
            by: BY.to_owned(),
            reason,
        };
        let (_, changed) = self.switch(&change).await?;
        if changed {
            tracing::error!("{} was paused by the guard: {}", change.switch, change.reason);
        }
        Ok(())
    }

    /// Counts messages that were sent.
    pub async fn count_sent(&self, cohort: &Cohort, sent: u32) -> Result<(), StoreError> {
        let update = self.client.update_item().table_name(&self.tables.members);
        let update = update.key(PK, text(partition(cohort))).key(SK, text(&cohort.since));
        let update = update.update_expression("ADD sent :sent");
        update.expression_attribute_values(":sent", number(sent)).send().await?;
        Ok(())
    }

    /// Counts that a member opted out, once for a cohort; gives what is counted by then.
    async fn count_opt_out(&self, cohort: &Cohort, member: &MemberId, at: Timestamp) -> Result<Counts, StoreError> {
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
