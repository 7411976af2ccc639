//! Batches of records, and the answer that says which failed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A batch from a stream or a queue. Records stay raw: one that cannot be read must not fail the others.
#[derive(Debug, Deserialize)]
pub struct Records {
    #[serde(rename = "Records")]
    pub records: Vec<Value>,
    pub now: Option<Timestamp>,
}

/// The records that failed, by sequence number (streams) or message id (queues). Lambda takes the lowest of a stream as
/// the place from which it delivers again, so one is enough there.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct BatchResponse {
    #[serde(rename = "batchItemFailures")]
    pub failures: Vec<Failed>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Failed {
    #[serde(rename = "itemIdentifier")]
    pub id: String,
}

impl BatchResponse {
    pub fn of(ids: impl IntoIterator<Item = String>) -> Self {
        Self {
            failures: ids.into_iter().map(|id| Failed { id }).collect(),
        }
    }
}

/// A whole invocation failed: it will be tried again. The text must name no person.
#[derive(Debug)]
pub struct Failure {
    /// A stable name, which shows in metrics.
    pub kind: &'static str,
    pub why: String,
}
