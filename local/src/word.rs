//! An operator's word to the alarm clock, on the bus: it does at once what its next round would do.

use std::fmt::Write;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;

use crate::ledgers;

/// What a word is called on the bus; `template.yaml` has the rule for it.
const SOURCE: &str = "regulars.operator";

/// What an operator has done.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Word {
    Resumed,
    Started,
}

impl Word {
    fn detail_type(self) -> &'static str {
        match self {
            Self::Resumed => "resumed",
            Self::Started => "started",
        }
    }

    fn detail(self) -> &'static str {
        match self {
            Self::Resumed => r#"{"index":"resumed"}"#,
            Self::Started => r#"{"index":"broadcasts"}"#,
        }
    }
}

/// Why a bus did not take a word. What was done is done.
#[derive(Debug, thiserror::Error)]
#[error("the bus {bus} did not take the word: {why}; the alarm clock's next round finds it")]
pub struct WordError {
    bus: String,
    why: String,
}

/// Tells the alarm clock.
pub(crate) async fn tell(bus: &str, word: Word) -> Result<(), WordError> {
    let failed = |why: String| WordError {
        bus: bus.to_owned(),
        why,
    };
    let config = ledgers::aws("EVENTBRIDGE").map_err(|why| failed(why.to_string()))?;
    let entry = PutEventsRequestEntry::builder()
        .event_bus_name(bus)
        .source(SOURCE)
        .detail_type(word.detail_type())
        .detail(word.detail())
        .build();
    let put = Client::new(&config).put_events().entries(entry).send().await;
    let put = put.map_err(|why| {
        let mut text = why.to_string();
        if let Some(source) = std::error::Error::source(&why) {
            // A text takes what is written to it.
            write!(text, ": {source}").unwrap_or_default();
        }
        failed(text)
    })?;
    // A bus answers with success and says in the entry what failed.
    let mut entries = put.entries.unwrap_or_default().into_iter();
    match entries.find_map(|entry| entry.error_code) {
        None => Ok(()),
        Some(code) => Err(failed(code)),
    }
}
