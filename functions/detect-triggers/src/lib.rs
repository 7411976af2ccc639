//! New ledger entries become intents: what a member should be told. No other function states one.
//!
//! Woken by the stream of Members, on accounts alone.

use aws_lambda_events::dynamodb::EventRecord;
use futures::future::join_all;
use ledger::MemberId;
use messages::Intent;
use programme::Programme;
use starter::{BatchResponse, Failure, Records};
use store::{Damaged, Item, Store, Stored};

/// States the intents of a batch of the stream's records.
pub async fn handle(store: &Store, programme: &Programme, batch: Records) -> Result<BatchResponse, Failure> {
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
    let stated = records.into_iter().map(|(sequence, record)| async move {
        let why = match intents(programme, record) {
            Err(why) => why.to_string(),
            Ok(intents) => {
                let put = join_all(intents.iter().map(|intent| store.put_intent(intent))).await;
                put.into_iter().find_map(Result::err)?.to_string()
            }
        };
        tracing::warn!(
            record.sequence = sequence,
            "an account's news could not be stated and will be tried again: {why}"
        );
        Some(sequence)
    });
    let failed = join_all(stated).await.into_iter().flatten();
    // The stream is delivered again from the lowest; what is stated already changes nothing then.
    Ok(BatchResponse::of(
        failed.min_by_key(|sequence| (sequence.len(), sequence.clone())),
    ))
}

/// What the entries that a record added make worth telling. A commit adds to the open page, so all of them are there.
fn intents(programme: &Programme, record: EventRecord) -> Result<Vec<Intent>, Damaged> {
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
    Ok(messages::intents(programme, &member, &entries))
}
