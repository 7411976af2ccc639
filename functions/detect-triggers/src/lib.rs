//! New ledger entries become intents: what a member should be told. No other function states one.
//!
//! Woken by the stream of Members, on accounts alone.

use std::collections::BTreeMap;

use aws_lambda_events::dynamodb::EventRecord;
use futures::future::join_all;
use jiff::Timestamp;
use ledger::MemberId;
use messages::Stated;
use programme::Programme;
use starter::{BatchResponse, Failure, Records};
use store::{Damaged, Item, Store, Stored};

/// States the intents of a batch of the stream's records.
pub async fn handle(store: &Store, programme: &Programme, batch: Records) -> Result<BatchResponse, Failure> {
    let now = starter::now(batch.now);
    let mut records = Vec::with_capacity(batch.records.len());
    for value in batch.records {
        let wrong = |why: &str| Failure {
            kind: "NotAStreamRecord",
            why: why.to_owned(),
        };
        let record: EventRecord =
            serde_json::from_value(value).map_err(|_| wrong("a record is no DynamoDB stream record"))?;
        let sequence = record
            .change
            .sequence_number
            .clone()
            .ok_or_else(|| wrong("a record has no sequence number"))?;
        records.push((sequence, record));
    }
    let mut failed = Vec::new();
    let mut could_not = |sequence: String, why: String| {
        tracing::warn!(
            record.sequence = sequence,
            "an account's news could not be stated and will be tried again: {why}"
        );
        failed.push(sequence);
    };
    let mut members: BTreeMap<MemberId, Vec<(String, Stated)>> = BTreeMap::new();
    for (sequence, record) in records {
        match stated(programme, record, now) {
            Err(why) => could_not(sequence, why.to_string()),
            Ok(stated) => {
                for one in stated {
                    let known = members.entry(one.intent.member.clone()).or_default();
                    known.push((sequence.clone(), one));
                }
            }
        }
    }
    // A member's one after the other, for they are decided in the order in which they are stated.
    let stated = members.into_values().map(|stated| async move {
        for (sequence, one) in stated {
            if let Err(why) = store.put_stated(&one).await {
                return Some((sequence, why.to_string()));
            }
        }
        None
    });
    for (sequence, why) in join_all(stated).await.into_iter().flatten() {
        could_not(sequence, why);
    }
    // The stream is delivered again from the lowest; what is stated already changes nothing then.
    Ok(BatchResponse::of(
        failed
            .into_iter()
            .min_by_key(|sequence| (sequence.len(), sequence.clone())),
    ))
}

/// What the entries that a record added make worth telling. A commit adds to the open page, so all of them are there.
fn stated(programme: &Programme, record: EventRecord, now: Timestamp) -> Result<Vec<Stated>, Damaged> {
    let (old, new): (Item, Item) = (record.change.old_image.into(), record.change.new_image.into());
    // Taken out of the alarm index, or mended since: no entry came with it.
    if [&old, &new].into_iter().any(Stored::is_silenced) {
        return Ok(Vec::new());
    }
    let member: MemberId = Stored::member(&new)?;
    let known = if old.is_empty() {
        0
    } else {
        Stored::read(&old)?.account.entries()
    };
    let entries = Stored::read(&new)?
        .account
        .entries_since(known)
        .map_err(Damaged::of_account)?;
    let intents = messages::intents(programme, &member, &entries);
    Ok(messages::stated(programme, intents, now))
}
