//! Leaving the rest of a run to the next: an event on the bus that the function itself is woken by.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use serde::{Deserialize, Serialize};
use store::StoreError;

/// One partition of one alarm index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "index", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Part {
    Members { shard: u32 },
    Messages { shard: u32 },
}

/// The name of the bus continuations go on.
pub struct Bus {
    client: Client,
    name: String,
}

/// What a continuation is called on the bus; `template.yaml` has the rule for it.
pub struct Continuation;

impl Continuation {
    pub const SOURCE: &'static str = "regulars.wake-members";
    pub const DETAIL_TYPE: &'static str = "continue";
}

impl Bus {
    pub fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// Puts the continuation of a part on the bus. A bus answers with success and says in the entry what failed.
    pub(crate) async fn continue_with(&self, part: Part) -> Result<(), StoreError> {
        let detail = serde_json::to_string(&part).map_err(|_| StoreError::Unreachable)?;
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(Continuation::SOURCE)
            .detail_type(Continuation::DETAIL_TYPE)
            .detail(detail)
            .build();
        let put = self
            .client
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
