//! Broadcasts that operators have started: one item each, which also keeps how far the walk has come that states their
//! messages.
//!
//! While it is walked, the item stands in a partition of its own of the index `alarms`: whoever looks for what was left
//! reads that, and nothing where there is none.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use jiff::Timestamp;
use programme::BroadcastName;

use crate::item::{Damaged, Item, Reader, instant, text};
use crate::keys::{ALARM_AT, ALARM_SHARD, ALARMS, PK, SK};
use crate::walk::{Errand, Walk, done};
use crate::{Store, StoreError};

const WHAT: &str = "the broadcast's";
pub(crate) const BROADCAST: &str = "#broadcast#";
pub(crate) const STARTED: &str = "started";
/// The partition of those that are not walked to their end.
const OPEN: &str = "broadcasts";
/// More than these are not under way at once.
const MOST_OPEN: i32 = 100;

/// A broadcast that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    pub name: BroadcastName,
    pub at: Timestamp,
    pub by: String,
    /// How far its walk has come.
    pub walk: Walk,
    /// How many messages the walk has stated.
    pub stated: u64,
    /// When everybody had been walked to.
    pub done: Option<Timestamp>,
}

impl Started {
    fn read(item: &Item) -> Result<Self, Damaged> {
        let reader = Reader { what: WHAT, item };
        let key = reader.text(PK)?;
        let name = key.strip_prefix(BROADCAST).unwrap_or(key);
        Ok(Self {
            name: name.parse().map_err(|why| Damaged::new(WHAT, PK, why))?,
            at: reader.parsed("at")?,
            by: reader.text("by")?.to_owned(),
            walk: Walk::read(item)?,
            stated: reader.number("met")?.unwrap_or_default(),
            done: reader.optional_parsed("done")?,
        })
    }
}

fn errand(name: &BroadcastName) -> Errand {
    Errand::Broadcast { name: name.clone() }
}

impl Store {
    /// Notes that a broadcast is started; false where it was before.
    pub async fn start_broadcast(&self, name: &BroadcastName, at: Timestamp, by: &str) -> Result<bool, StoreError> {
        let (pk, sk) = errand(name).key();
        let put = self.client.put_item().table_name(&self.tables.members);
        let put = put.item(PK, text(pk)).item(SK, text(sk));
        let put = put.item("at", text(at)).item("by", text(by));
        let put = put.item(ALARM_SHARD, text(OPEN)).item(ALARM_AT, instant(at));
        match put.condition_expression("attribute_not_exists(pk)").send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(error.into()),
            },
        }
    }

    /// A broadcast as it was started; none where nobody has.
    pub async fn broadcast(&self, name: &BroadcastName) -> Result<Option<Started>, StoreError> {
        let (pk, sk) = errand(name).key();
        let get = self.client.get_item().table_name(&self.tables.members);
        let found = get
            .key(PK, text(pk))
            .key(SK, text(sk))
            .consistent_read(true)
            .send()
            .await?;
        Ok(found.item.as_ref().map(Started::read).transpose()?)
    }

    /// The broadcasts that are not walked to their end, the first that was started first.
    pub async fn open_broadcasts(&self) -> Result<Vec<BroadcastName>, StoreError> {
        let query = self.client.query().table_name(&self.tables.members).index_name(ALARMS);
        let query = query
            .key_condition_expression("#shard = :open")
            .expression_attribute_names("#shard", ALARM_SHARD)
            .expression_attribute_values(":open", text(OPEN));
        let found = query.limit(MOST_OPEN).send().await?;
        let items = found.items.unwrap_or_default();
        let names = items.iter().map(|item| {
            let key = Reader { what: WHAT, item }.text(PK)?;
            let name = key.strip_prefix(BROADCAST).unwrap_or(key);
            name.parse().map_err(|why| Damaged::new(WHAT, PK, why))
        });
        Ok(names.collect::<Result<_, Damaged>>()?)
    }

    /// Begins to walk to everybody for a broadcast, unless that was begun before; gives it as it stands.
    pub async fn begin_broadcast(&self, name: &BroadcastName) -> Result<Option<Started>, StoreError> {
        let update = self
            .update_errand(&errand(name))
            .update_expression("SET walked = :start")
            .condition_expression("attribute_exists(pk) AND attribute_not_exists(walked)");
        let update = update.expression_attribute_values(":start", self.walk_from_start());
        done(update.send().await)?;
        self.broadcast(name).await
    }

    /// Notes that everybody was walked to.
    pub async fn finish_broadcast(&self, name: &BroadcastName, now: Timestamp) -> Result<(), StoreError> {
        let update = self
            .update_errand(&errand(name))
            .update_expression("SET done = if_not_exists(done, :now) REMOVE alarm_shard, alarm_at")
            .condition_expression("attribute_exists(pk)");
        let update = update.expression_attribute_values(":now", text(now));
        done(update.send().await).map(|_| ())
    }
}
