//! Activities become points: the new activities of a member are folded into the account, in one commit.
//!
//! Woken by the stream of Activities, in batches. What is refused stays where it is, with its reason beside it, and
//! stops nobody; what could not be stored is delivered again. Of a member who was erased nothing is left but the ledger.

mod fold;
mod person;
mod receiver;
mod record;
mod referrer;

use std::borrow::Cow;

use futures::future::join_all;
use ledger::MemberId;
use programme::Programme;
use starter::{BatchResponse, Failure, Records};
use store::Store;

use crate::record::Record;

/// Folds a batch of the stream's records into the accounts.
pub async fn handle(store: &Store, programme: &Programme, batch: Records) -> Result<BatchResponse, Failure> {
    let now = starter::now(batch.now);
    let programme = &*switched(store, programme).await?;
    let mut members: Vec<(MemberId, Vec<Record>)> = Vec::new();
    let mut failed: Vec<String> = Vec::new();
    for value in batch.records {
        let record = Record::read(value)?;
        // Decided at the till, in one transaction with its commit; or there is nothing left of it to decide.
        if store::is_answered(&record.item) || store::is_erased(&record.item) {
            continue;
        }
        match record.member(programme, now) {
            Ok(member) => match members.iter_mut().find(|(known, _)| *known == member) {
                Some((_, records)) => records.push(record),
                None => members.push((member, vec![record])),
            },
            Err(why) => {
                tracing::warn!(record.sequence = record.sequence, "an activity was refused: {why}");
                if let Err(why) = store.refuse(&record.item, &why).await {
                    tracing::warn!(
                        record.sequence = record.sequence,
                        "its reason could not be stored: {why}"
                    );
                    failed.push(record.sequence);
                }
            }
        }
    }
    // Those who reach for one shelf, or send to one member, would only overtake each other: one after the other.
    let (in_turn, at_once): (Vec<_>, Vec<_>) = members.iter().partition(|(_, records)| fold::looks_beside(records));
    let folded = at_once.into_iter().map(|member| fold_one(store, programme, member));
    failed.extend(join_all(folded).await.into_iter().flatten());
    for member in in_turn {
        failed.extend(fold_one(store, programme, member).await);
    }
    // The stream is delivered again from the lowest; what is done already is recognised then.
    Ok(BatchResponse::of(
        failed
            .into_iter()
            .min_by_key(|sequence| (sequence.len(), sequence.clone())),
    ))
}

/// The programme with what is paused now. Points are computed whatever is, and without campaigns there is nothing to ask.
async fn switched<'p>(store: &Store, programme: &'p Programme) -> Result<Cow<'p, Programme>, Failure> {
    if !programme.ever_has_campaigns() {
        return Ok(Cow::Borrowed(programme));
    }
    // Whoever cannot read what is paused grants nothing: the batch is delivered again.
    store.with_switches(programme).await.map_err(|why| Failure {
        kind: "Store",
        why: why.to_string(),
    })
}

/// Folds a member's records; gives the place of the first where they could not be stored.
async fn fold_one(store: &Store, programme: &Programme, (member, records): &(MemberId, Vec<Record>)) -> Option<String> {
    let why = fold::member(store, programme, member, records).await.err()?;
    let first = &records.first()?.sequence;
    tracing::warn!(
        record.sequence = first,
        "a member's activities could not be stored and will be tried again: {why}"
    );
    Some(first.clone())
}
