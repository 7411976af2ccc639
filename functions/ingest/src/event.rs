//! From a business event on the bus to an activity, or to the reason why not.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use store::Arrival;

/// An event that cannot be an activity.
#[derive(Debug)]
pub(crate) struct Unusable {
    /// The event's own id, where it has one.
    pub(crate) id: Option<String>,
    pub(crate) why: String,
}

/// What EventBridge wraps around an event, as far as it is used.
#[derive(Deserialize)]
struct Envelope {
    id: String,
    #[serde(rename = "detail-type")]
    detail_type: String,
    detail: Map<String, Value>,
}

pub(crate) fn read(body: &str, received: Timestamp) -> Result<Arrival, Unusable> {
    let envelope: Envelope = serde_json::from_str(body).map_err(|why| {
        let why = format!(
            "it is no event of the bus: at line {}, column {}",
            why.line(),
            why.column()
        );
        Unusable { id: None, why }
    })?;
    let unusable = |why: String| Unusable {
        id: Some(envelope.id.clone()),
        why,
    };
    let kind = envelope.detail_type.as_str();
    let arrival = Arrival::from_fields(kind, &envelope.detail, received).map_err(unusable)?;
    // Not stored under its id: whoever sends it again with its time set right needs that.
    if ledger::is_ahead(arrival.at, received) {
        let refusal = ledger::Refusal::Future {
            at: arrival.at,
            received,
        };
        return Err(unusable(refusal.reason()));
    }
    Ok(arrival)
}
