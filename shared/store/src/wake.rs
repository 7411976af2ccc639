//! The alarm index: who is due, without a scan.
//!
//! A partition of the index holds, in order of time, only what has an alarm: a query for "until now" reads what is due
//! and nothing else. Who was woken leaves it by that very commit, so it needs no bookkeeping, an outage of any length is
//! caught up by the next query, and an index that lags shows its entry to the next run.

use aws_sdk_dynamodb::operation::query::QueryOutput;
use jiff::Timestamp;
use ledger::MemberId;
use programme::Switch;

use crate::item::{Item, Reader, instant, text};
use crate::keys::{ALARM_AT, ALARM_SHARD, ALARMS, PK, SK};
use crate::message_record::MessageKey;
use crate::{Store, StoreError, shard_name};

const WATERMARK: &str = "watermark";

impl Store {
    /// Up to `limit` members of a shard whose alarm has rung, the earliest first.
    pub async fn due_members(&self, shard: u32, now: Timestamp, limit: i32) -> Result<Vec<MemberId>, StoreError> {
        let found = self.due(&self.tables.members, shard, now, limit).await?;
        let items = found.items.unwrap_or_default();
        let members = items.iter().map(|item| {
            Reader {
                what: "the alarm's",
                item,
            }
            .parsed(PK)
        });
        Ok(members.collect::<Result<_, _>>()?)
    }

    /// Up to `limit` deferred messages of a shard whose time has come, the earliest first.
    pub async fn due_messages(&self, shard: u32, now: Timestamp, limit: i32) -> Result<Vec<MessageKey>, StoreError> {
        let found = self.due(&self.tables.messages, shard, now, limit).await?;
        let items = found.items.unwrap_or_default();
        Ok(items.iter().map(MessageKey::read).collect::<Result<_, _>>()?)
    }

    /// Up to `limit` messages of a shard that wait for a switch, those that have waited longest first, and where the next
    /// page begins, if there is one. `after` is where this one does.
    pub async fn held_messages(
        &self,
        by: &Switch,
        shard: u32,
        limit: i32,
        after: Option<Item>,
    ) -> Result<(Vec<MessageKey>, Option<Item>), StoreError> {
        let query = self.client.query().table_name(&self.tables.messages).index_name(ALARMS);
        let query = query
            .key_condition_expression("#shard = :shard")
            .expression_attribute_names("#shard", ALARM_SHARD)
            .expression_attribute_values(":shard", text(held_shard(by, &shard_name(shard))))
            .set_exclusive_start_key(after);
        let found = query.limit(limit).send().await?;
        let items = found.items.unwrap_or_default();
        let messages = items.iter().map(MessageKey::read).collect::<Result<_, _>>()?;
        Ok((messages, found.last_evaluated_key))
    }

    async fn due(&self, table: &str, shard: u32, now: Timestamp, limit: i32) -> Result<QueryOutput, StoreError> {
        let query = self.client.query().table_name(table).index_name(ALARMS);
        let query = query
            .key_condition_expression("#shard = :shard AND #at <= :now")
            .expression_attribute_names("#shard", ALARM_SHARD)
            .expression_attribute_names("#at", ALARM_AT)
            .expression_attribute_values(":shard", text(shard_name(shard)))
            .expression_attribute_values(":now", instant(now));
        Ok(query.limit(limit).send().await?)
    }

    /// The earliest alarm of any member or deferred message; none where nothing is to come.
    pub async fn next_alarm(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut earliest: Option<Timestamp> = None;
        for table in [&self.tables.members, &self.tables.messages] {
            for shard in 0..self.shards {
                let found = self.due(table, shard, Timestamp::MAX, 1).await?;
                let what = "the alarm's";
                for item in &found.items.unwrap_or_default() {
                    let at = Reader { what, item }.parsed(ALARM_AT)?;
                    earliest = Some(earliest.map_or(at, |earliest| earliest.min(at)));
                }
            }
        }
        Ok(earliest)
    }

    /// The instant up to which everybody who was due had been woken; none before the first run.
    pub async fn watermark(&self) -> Result<Option<Timestamp>, StoreError> {
        let get = self.client.get_item().table_name(&self.tables.members);
        let found = get.key(PK, text("#wake")).key(SK, text(WATERMARK)).send().await?;
        let Some(item) = found.item else { return Ok(None) };
        Ok(Some(
            Reader {
                what: "the watermark's",
                item: &item,
            }
            .parsed("until")?,
        ))
    }

    /// Moves the watermark on.
    pub async fn set_watermark(&self, until: Timestamp) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.tables.members);
        put.item(PK, text("#wake"))
            .item(SK, text(WATERMARK))
            .item("until", text(until))
            .send()
            .await?;
        Ok(())
    }
}

/// The index partition of messages that wait for a switch: no clock looks into it.
pub(crate) fn held_shard(by: &Switch, shard: &str) -> String {
    format!("paused#{by}#{shard}")
}
