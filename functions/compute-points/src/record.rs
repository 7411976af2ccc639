//! One record of the activities' stream.

use aws_lambda_events::dynamodb::EventRecord;
use jiff::Timestamp;
use ledger::{Mark, MemberId};
use messages::ProfileChange;
use programme::Programme;
use starter::Failure;
use store::{Damaged, Item, Recorded};

pub(crate) struct Record {
    pub(crate) sequence: String,
    pub(crate) mark: Mark,
    /// The item was new; a changed one may have been worked on before.
    pub(crate) inserted: bool,
    pub(crate) item: Item,
    pub(crate) activity: Result<Recorded, Damaged>,
}

impl Record {
    pub(crate) fn read(value: serde_json::Value) -> Result<Self, Failure> {
        let wrong = |why: &str| Failure {
            kind: "NotAStreamRecord",
            why: why.to_owned(),
        };
        let record: EventRecord =
            serde_json::from_value(value).map_err(|_| wrong("a record is no DynamoDB stream record"))?;
        let sequence = record
            .change
            .sequence_number
            .ok_or_else(|| wrong("a record has no sequence number"))?;
        let source = record.event_source_arn.unwrap_or_default();
        let item: Item = record.change.new_image.into();
        let activity = Recorded::read(&item);
        let mark = Mark {
            source: source_number(&source),
            place: sequence.as_str().into(),
        };
        Ok(Self {
            sequence,
            mark,
            inserted: record.event_name == "INSERT",
            item,
            activity,
        })
    }

    /// Whose activity it is, or why it is none that can be worked on.
    pub(crate) fn member(&self, programme: &Programme, now: Timestamp) -> Result<MemberId, String> {
        let activity = self.activity.as_ref().map_err(|why| format!("damaged: {why}"))?;
        if let Some(refusal) = activity.ahead_of(now) {
            return Err(refusal.reason());
        }
        for consent in &activity.incoming.consents {
            consent.shown(programme, "").map_err(|why| format!("wording: {why}"))?;
        }
        if let Some(ProfileChange::Preferences(preferences)) = &activity.incoming.profile {
            preferences.fit(programme).map_err(|why| why.reason())?;
        }
        Ok(activity.member.clone())
    }
}

/// Tells one stream from another in four bytes. FNV-1a; a restored table's stream gets another number.
fn source_number(arn: &str) -> u32 {
    arn.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}
