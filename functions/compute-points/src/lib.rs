//! Activities become points: the new activities of a member are folded into the account, in one commit.
//!
//! Woken by the stream of Activities, in batches. What is refused stays where it is, with its reason beside it, and
//! stops nobody; what could not be stored is delivered again.

mod fold;
mod receiver;
mod record;

use futures::future::join_all;
use ledger::MemberId;
use programme::Programme;
use starter::{BatchResponse, Failure, Records};
use store::Store;

use crate::record::Record;

/// Folds a batch of the stream's records into the accounts.
pub async fn handle(store: &Store, programme: &Programme, batch: Records) -> Result<BatchResponse, Failure> {
    let mut members: Vec<(MemberId, Vec<Record>)> = Vec::new();
    let mut failed: Vec<String> = Vec::new();
    for value in batch.records {
        let record = Record::read(value)?;
        // Decided at the till, in one transaction with its commit.
        if store::is_answered(&record.item) {
            continue;
        }
        match record.activity {
            Ok(ref activity) => {
                let member = activity.member.clone();
                match members.iter_mut().find(|(known, _)| *known == member) {
                    Some((_, records)) => records.push(record),
                    None => members.push((member, vec![record])),
                }
            }
            Err(ref why) => {
                tracing::warn!(record.sequence = record.sequence, "an activity was refused: {why}");
                if let Err(why) = store.refuse(&record.item, &format!("damaged: {why}")).await {
                    tracing::warn!(
                        record.sequence = record.sequence,
                        "its reason could not be stored: {why}"
                    );
                    failed.push(record.sequence);
                }
            }
        }
    }
    let folded = members.iter().map(|(member, records)| async move {
        let why = fold::member(store, programme, member, records).await.err()?;
        let first = &records.first()?.sequence;
        tracing::warn!(
            record.sequence = first,
            "a member's activities could not be stored and will be tried again: {why}"
        );
        Some(first.clone())
    });
    failed.extend(join_all(folded).await.into_iter().flatten());
    // The stream is delivered again from the lowest; what is done already is recognised then.
    Ok(BatchResponse::of(
        failed
            .into_iter()
            .min_by_key(|sequence| (sequence.len(), sequence.clone())),
    ))
}
