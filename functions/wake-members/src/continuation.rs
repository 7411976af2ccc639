//! Leaving the rest of a run to the next: an event on the bus that the function itself is woken by. An operator who
//! resumes something puts one there too.

use std::sync::OnceLock;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use ledger::MemberId;
use programme::{BroadcastName, Switch};
use serde::{Deserialize, Serialize};
use starter::SdkConfig;
use store::{Errand, StoreError};

/// One partition of one alarm index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "index", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Part {
    Members {
        shard: u32,
    },
    Messages {
        shard: u32,
    },
    /// Messages that waited for a switch.
    Paused {
        shard: u32,
        by: Switch,
    },
    /// All that waited for any switch that is resumed: what an operator asks for.
    Resumed,
    /// Members whose alarms are to be set for a version of the programme, from where an earlier run came to.
    Rearm {
        shard: u32,
        version: String,
        after: Option<MemberId>,
    },
    /// Members who are to get a broadcast, from where an earlier run came to.
    Broadcast {
        shard: u32,
        name: BroadcastName,
        after: Option<MemberId>,
    },
    /// All broadcasts that were started: what an operator asks for.
    Broadcasts,
}

impl Part {
    /// The members of a shard after one, for an errand.
    pub(crate) fn of(errand: &Errand, shard: u32, after: Option<MemberId>) -> Self {
        match errand.clone() {
            Errand::Rearm { version } => Self::Rearm { shard, version, after },
            Errand::Broadcast { name } => Self::Broadcast { shard, name, after },
        }
    }
}

/// The bus continuations go on. Few runs need one, so its client is made when it is first used.
pub struct Bus {
    config: SdkConfig,
    client: OnceLock<Client>,
    name: String,
}

/// What a continuation is called on the bus; `template.yaml` has the rule for it.
pub struct Continuation;

impl Continuation {
    pub const SOURCE: &'static str = "regulars.wake-members";
    pub const DETAIL_TYPE: &'static str = "continue";
}

impl Bus {
    pub fn new(config: SdkConfig, name: String) -> Self {
        Self {
            config,
            client: OnceLock::new(),
            name,
        }
    }

    /// Puts the continuation of a part on the bus. A bus answers with success and says in the entry what failed.
    pub(crate) async fn continue_with(&self, part: &Part) -> Result<(), StoreError> {
        let detail = serde_json::to_string(part).map_err(|_| StoreError::Unreachable)?;
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(Continuation::SOURCE)
            .detail_type(Continuation::DETAIL_TYPE)
            .detail(detail)
            .build();
        let client = self.client.get_or_init(|| Client::new(&self.config));
        let put = client
            .put_events()
            .entries(entry)
            .send()
            .await
            .map_err(|_| StoreError::Unreachable)?;
        match put
            .entries
            .unwrap_or_default()
            .into_iter()
            .find_map(|entry| entry.error_code)
        {
            None => Ok(()),
            Some(code) => Err(StoreError::Refused {
                code,
                message: "the bus did not take the continuation".to_owned(),
            }),
        }
    }
}
