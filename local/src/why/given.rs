//! Events as somebody writes them into a file.

use std::io::Read;
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Map, Value};
use store::{Arrival, Recorded};

/// Why events cannot be tried. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    #[error("cannot read {path}: {why}")]
    Read { path: String, why: std::io::Error },
    #[error("{path} is no JSON: {why}")]
    Json { path: String, why: serde_json::Error },
    #[error(
        "{path} holds no event; write {{\"kind\": \"purchase\", \"detail\": {{\"member\": ...}}}}, or a list of such"
    )]
    NoEvent { path: String },
    #[error("an event of {path} cannot be an activity: {why}")]
    Wrong { path: String, why: String },
}

/// The events of a file, in its order, as they would arrive now.
pub(super) fn events(path: &Path, now: Timestamp) -> Result<Vec<(Arrival, Recorded)>, EventError> {
    let name = path.display().to_string();
    let read = |why| EventError::Read {
        path: name.clone(),
        why,
    };
    let text = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(read)?;
        text
    } else {
        std::fs::read_to_string(path).map_err(read)?
    };
    let value: Value = serde_json::from_str(&text).map_err(|why| EventError::Json {
        path: name.clone(),
        why,
    })?;
    let mut given = Vec::new();
    find(&value, &mut given);
    if given.is_empty() {
        return Err(EventError::NoEvent { path: name });
    }
    let events = given.into_iter().map(|(kind, mut detail)| {
        detail.entry("at").or_insert_with(|| now.to_string().into());
        let arrival = Arrival::from_fields(&kind, &detail, now)?;
        let recorded = arrival.check().map_err(|why| why.to_string())?;
        if let Some(refusal) = recorded.ahead_of(now) {
            return Err(refusal.reason());
        }
        Ok((arrival, recorded))
    });
    let events: Result<_, String> = events.collect();
    events.map_err(|why| EventError::Wrong { path: name, why })
}

/// Events in a list, in the records of a queue, or by themselves.
fn find(value: &Value, found: &mut Vec<(String, Map<String, Value>)>) {
    if let Value::Array(all) = value {
        for one in all {
            find(one, found);
        }
        return;
    }
    if let Some(Value::Array(records)) = value.get("Records") {
        let bodies = records.iter().filter_map(|record| record.get("body")?.as_str());
        let bodies = bodies.filter_map(|body| serde_json::from_str::<Value>(body).ok());
        for body in bodies {
            find(&body, found);
        }
        return;
    }
    let kind = ["kind", "detail-type"]
        .into_iter()
        .find_map(|name| value.get(name)?.as_str());
    if let (Some(kind), Some(Value::Object(detail))) = (kind, value.get("detail")) {
        found.push((kind.to_owned(), detail.clone()));
    }
}
