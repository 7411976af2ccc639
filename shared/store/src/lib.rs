//! The three tables, and the only place that knows their keys and items.
//!
//! A concrete type over the AWS SDK: where it points, at AWS or at the engine of the local bundle, is an endpoint.
//! What is written is decided elsewhere; here it is made conditional, so that a repeat is harmless.

mod activities;
mod answered;
mod armed;
mod arrival;
mod broadcasts;
mod budgets;
mod consents;
mod error;
mod evidence;
mod following;
mod guard;
mod item;
mod ledgers;
mod many;
mod members;
mod message_claims;
mod message_record;
mod messages_table;
mod numbers;
mod person;
mod preferences;
mod profiles;
mod rates;
mod recorded;
mod referrals;
mod spending;
mod stock;
mod switches;
mod transaction;
mod wake;
mod walk;

pub use activities::{PutActivity, changes_an_account, refusal};
pub use answered::{Decided, Known, Verdict, is_answered};
pub use armed::Armed;
pub use arrival::Arrival;
pub use broadcasts::Started;
pub use budgets::{Drawn, OfBudget};
pub use consents::Consent;
pub use error::StoreError;
pub use evidence::{Evidence, Whose, came};
pub use following::Listing;
pub use item::{Damaged, Item};
pub use ledgers::{Ledger, Ledgers};
pub use many::Member;
pub use members::{Beside, Commit, Receiver, Stored};
pub use message_claims::{Claim, Claimed};
pub use message_record::{MessageKey, MessageRecord, State};
pub use messages_table::Outcome;
pub use numbers::{ByReply, Reply, Stage, StoredNumber};
pub use person::is_erased;
pub use profiles::StoredProfile;
pub use recorded::{Incoming, Recorded};
pub use referrals::Waiting;
pub use stock::{Moved, OnShelf};
pub use switches::{Change, Switches};
pub use walk::{Errand, Walk, Walked};

use aws_sdk_dynamodb::Client;

/// Attribute names that are shared by tables and indexes.
pub(crate) mod keys {
    pub(crate) const PK: &str = "pk";
    pub(crate) const SK: &str = "sk";
    /// The sparse index on what falls due, of Members and of Messages.
    pub(crate) const ALARMS: &str = "alarms";
    /// The index on all members of a shard, in the order of their ids.
    pub(crate) const ROSTER: &str = "roster";
    pub(crate) const ALARM_SHARD: &str = "alarm_shard";
    pub(crate) const ALARM_AT: &str = "alarm_at";
}

/// The names of the tables a function uses. A function that does not use a table leaves its name empty, and has no
/// permission on it either.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    pub activities: String,
    pub members: String,
    pub messages: String,
}

/// The tables.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    tables: Tables,
    shards: u32,
}

impl Store {
    /// `shards` is how many partitions the alarm index has, at least one.
    pub fn new(client: Client, tables: Tables, shards: u32) -> Self {
        Self {
            client,
            tables,
            shards: shards.max(1),
        }
    }

    pub fn shards(&self) -> u32 {
        self.shards
    }

    /// Opens the connection with the cheapest read there is, so that the first event does not wait for it.
    pub async fn connect(&self) -> Result<(), StoreError> {
        let table = [&self.tables.members, &self.tables.activities, &self.tables.messages]
            .into_iter()
            .find(|name| !name.is_empty());
        let Some(table) = table else { return Ok(()) };
        let nobody = || item::text("#connect");
        self.client
            .get_item()
            .table_name(table)
            .key(keys::PK, nobody())
            .key(keys::SK, nobody())
            .send()
            .await?;
        Ok(())
    }

    /// The index partition of a member.
    fn shard(&self, member: &str) -> String {
        // FNV-1a: any fixed spread will do, and it must never change.
        let hash = member.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        shard_name(u32::try_from(hash % u64::from(self.shards)).unwrap_or_default())
    }
}

fn shard_name(shard: u32) -> String {
    format!("shard#{shard}")
}
