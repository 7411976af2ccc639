//! EventBridge: events checked as `PutEvents` checks them, matched against the rules, and handed to their targets.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::faults::Kind;
use super::permissions::{self, Need};
use super::queues::GivenUp;
use super::shared::{Shared, lock};
use crate::template::pattern;
use crate::wiring::{ACCOUNT, REGION};

/// Entries in one request, and the size of all of them.
const ENTRIES: usize = 10;
const REQUEST_SIZE: usize = 1024 * 1024;

/// One entry of a `PutEvents` request.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Entry {
    pub(super) event_bus_name: Option<String>,
    pub(super) source: String,
    pub(super) detail_type: String,
    pub(super) detail: String,
    pub(super) resources: Vec<String>,
    #[serde(skip)]
    pub(super) time: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    entries: Vec<Entry>,
}

/// Why one entry was refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EntryError {
    pub(super) code: &'static str,
    pub(super) message: String,
}

/// Answers a `PutEvents` request: the body, or the whole request's refusal.
pub(super) fn put_events(shared: &Arc<Shared>, body: &[u8]) -> Result<String, String> {
    let request: Request = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let count = request.entries.len();
    if count == 0 || count > ENTRIES {
        return Err(format!(
            "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length \
             between 1 and {ENTRIES}; it has {count}"
        ));
    }
    let size: usize = request.entries.iter().map(Entry::size).sum();
    if size > REQUEST_SIZE {
        return Err("Total size of the entries in the request is over the limit.".to_owned());
    }
    let mut failed = 0;
    let answers: Vec<Value> = request
        .entries
        .iter()
        .map(|entry| match put(shared, entry) {
            Ok(id) => json!({ "EventId": id }),
            Err(error) => {
                failed += 1;
                json!({"ErrorCode": error.code, "ErrorMessage": error.message})
            }
        })
        .collect();
    Ok(json!({"FailedEntryCount": failed, "Entries": answers}).to_string())
}

/// What a `PutEvents` request needs to be allowed; one that cannot be read needs nothing and is refused for that.
pub(super) fn needs(body: &[u8]) -> Vec<Need> {
    let entries = serde_json::from_slice(body).map_or_else(|_| Vec::new(), |request: Request| request.entries);
    permissions::events(entries.iter().map(|entry| entry.event_bus_name.as_deref()))
}

/// Puts one event on its bus and answers its id.
pub(super) fn put(shared: &Arc<Shared>, entry: &Entry) -> Result<String, EntryError> {
    let detail = entry.check()?;
    let id = shared.ids.next();
    let now = shared.clock.now();
    let envelope = json!({
        "version": "0",
        "id": id,
        "detail-type": entry.detail_type,
        "source": entry.source,
        "account": ACCOUNT,
        "time": entry.time.unwrap_or(now).strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": REGION,
        "resources": entry.resources,
        "detail": detail,
    });
    let Some(bus) = bus(shared, entry.event_bus_name.as_deref()) else {
        // AWS accepts it and loses it. Here at least somebody is told.
        lock(&shared.given_up).push(GivenUp {
            at: now,
            place: entry.event_bus_name.clone().unwrap_or_default(),
            reason: "there is no such bus; the event is lost".to_owned(),
            content: envelope,
        });
        return Ok(id);
    };
    let copies = if shared.dice.throw(Kind::Duplicate) { 2 } else { 1 };
    let text = envelope.to_string();
    for rule in &shared.wiring.rules {
        if rule.bus != bus || !pattern::matches(&rule.pattern, &envelope) {
            continue;
        }
        for _ in 0..copies {
            let dead_letters = rule.dead_letters.as_ref();
            shared.deliver(&rule.target, dead_letters, &rule.id, text.clone());
        }
    }
    Ok(id)
}

impl Entry {
    fn size(&self) -> usize {
        let resources: usize = self.resources.iter().map(String::len).sum();
        self.source.len() + self.detail_type.len() + self.detail.len() + resources
    }

    fn check(&self) -> Result<Value, EntryError> {
        let invalid = |message: &str| {
            Err(EntryError {
                code: "InvalidArgument",
                message: message.to_owned(),
            })
        };
        if self.source.is_empty() {
            return invalid("Parameter Source is not valid. Reason: Source is a required argument.");
        }
        if self.detail_type.is_empty() {
            return invalid("Parameter DetailType is not valid. Reason: DetailType is a required argument.");
        }
        if self.detail_type.len() > 128 {
            return invalid("Parameter DetailType is not valid. Reason: DetailType is longer than 128 characters.");
        }
        if self.detail.is_empty() {
            return invalid("Parameter Detail is not valid. Reason: Detail is a required argument.");
        }
        if self.source.starts_with("aws.") {
            return Err(EntryError {
                code: "NotAuthorizedForSourceException",
                message: "Not authorized for the source.".to_owned(),
            });
        }
        match serde_json::from_str(&self.detail) {
            Ok(detail @ Value::Object(_)) => Ok(detail),
            _ => Err(EntryError {
                code: "MalformedDetail",
                message: "Detail is malformed.".to_owned(),
            }),
        }
    }
}

/// A bus as rules name it: the default one, or one by its logical id.
type Bus = Option<String>;

/// Finds a bus by its name or ARN. `None` is one that is not there.
fn bus(shared: &Shared, name: Option<&str>) -> Option<Bus> {
    let name = match name {
        None | Some("" | "default") => return Some(None),
        Some(name) => name.rsplit_once(":event-bus/").map_or(name, |(_, name)| name),
    };
    if name == "default" {
        return Some(None);
    }
    let found = shared.wiring.buses.iter().find(|(_, bus)| bus.name == name)?;
    Some(Some(found.0.clone()))
}
