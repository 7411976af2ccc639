//! The send decision, carried out: may the message go, now, and is it still true? Then claim, publish, mark.
//!
//! Woken by the stream of Messages, on intents and on messages whose time has come. What is paused is read before a batch,
//! and a message that it holds waits, unclaimed, until it is resumed. A message is claimed before it is
//! published, on condition of the very account and profile it was judged by. No send API knows an idempotency token, so
//! a crash between publish and mark leaves `unknown`: a promotional message is never sent twice, a transactional one
//! is tried once more after [`RECEIPT_WINDOW`], while it is still useful.

mod publish;
mod spending;

use aws_lambda_events::dynamodb::EventRecord;
use channels::Sns;
use futures::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};
use ledger::MemberId;
use messages::Verdict;
use programme::{Programme, Purpose};
use spending::Spent;
use starter::{BatchResponse, Failure, Records};
use store::{Claim, Claimed, Item, Member, MessageKey, MessageRecord, Outcome, State, Store, StoreError};

/// How long a receipt may take that would tell what became of an unknown message.
pub const RECEIPT_WINDOW: SignedDuration = SignedDuration::from_hours(6);
/// A transactional message is tried so often at most.
const MOST_ATTEMPTS: u32 = 2;
/// Members worked on at the same time.
const AT_ONCE: usize = 8;
/// A member whose account changes faster than we can judge is left to the next delivery.
const JUDGEMENTS: usize = 8;
/// SNS asked us to slow down.
const THROTTLE_PAUSE: SignedDuration = SignedDuration::from_mins(5);

/// What the function works with.
pub struct Publisher {
    pub store: Store,
    pub programme: Programme,
    pub sns: Sns,
}

impl Publisher {
    /// Decides on a batch of the stream's records.
    pub async fn handle(&self, batch: Records) -> Result<BatchResponse, Failure> {
        let now = starter::now(batch.now);
        // Whoever cannot read what is paused sends nothing: the batch is delivered again.
        let programme = self.store.with_switches(&self.programme).await;
        let programme = &*programme.map_err(|why| Failure {
            kind: "Store",
            why: why.to_string(),
        })?;
        let mut members: Vec<Vec<(String, Item)>> = Vec::new();
        for value in batch.records {
            let (sequence, item) = read(value)?;
            let same = |known: &&mut Vec<(String, Item)>| {
                known
                    .first()
                    .is_some_and(|(_, first)| first.get("pk") == item.get("pk"))
            };
            match members.iter_mut().find(same) {
                Some(messages) => messages.push((sequence, item)),
                None => members.push(vec![(sequence, item)]),
            }
        }
        // All at once, since few need a second look. One that cannot be read is read again by itself.
        let ids: Vec<MemberId> = members.iter().filter_map(|messages| member_of(messages)).collect();
        let mut known = self.store.members(&ids).await.unwrap_or_default();
        let members = members.into_iter().map(|messages| {
            let member = member_of(&messages).and_then(|id| known.remove(&id));
            (messages, member.and_then(Result::ok))
        });
        let failed = stream::iter(members.collect::<Vec<_>>())
            .map(|(messages, member)| self.member(programme, messages, member, now))
            .buffer_unordered(AT_ONCE);
        let failed: Vec<Option<String>> = failed.collect().await;
        // The stream is delivered again from the lowest; what is settled already is left alone then.
        Ok(BatchResponse::of(
            failed
                .into_iter()
                .flatten()
                .min_by_key(|sequence| (sequence.len(), sequence.clone())),
        ))
    }

    /// A member's messages, in order; gives the first that could not be settled. The first is judged by what was read
    /// of the member before, the others by what they find.
    async fn member(
        &self,
        programme: &Programme,
        messages: Vec<(String, Item)>,
        mut member: Option<Member>,
        now: Timestamp,
    ) -> Option<String> {
        for (sequence, item) in messages {
            if let Err(why) = self.message(programme, &item, member.take(), now).await {
                tracing::warn!(
                    record.sequence = sequence,
                    "a message could not be settled and will be tried again: {why}"
                );
                return Some(sequence);
            }
        }
        None
    }

    async fn message(
        &self,
        programme: &Programme,
        item: &Item,
        mut member: Option<Member>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let record = MessageRecord::read(item)?;
        let key = MessageKey::read(item)?;
        for _ in 0..JUDGEMENTS {
            let read = match member.take() {
                Some(read) => read,
                None => self.store.member(&key.member).await?,
            };
            let (Some(account), Some(mut profile)) = (read.account, read.profile) else {
                return self
                    .settle(
                        &key,
                        &Outcome::Suppressed {
                            reason: "unknown-member",
                        },
                        now,
                    )
                    .await;
            };
            // A device that this deployment can send nothing to leaves the word to the next channel.
            profile.profile.device = profile.profile.device.filter(|device| self.sns.serves(device.platform));
            let verdict = messages::decide(programme, &record.intent, &account.account, &profile.profile, now);
            let send = match verdict {
                Ok(Verdict::Send(send)) => send,
                Ok(Verdict::Defer { until, by }) => {
                    return self.settle(&key, &Outcome::Deferred { until, by }, now).await;
                }
                Ok(Verdict::Wait { paused }) => {
                    return self.settle(&key, &Outcome::Paused { by: paused, at: now }, now).await;
                }
                Ok(Verdict::Suppress(reason)) => {
                    return self
                        .settle(&key, &Outcome::Suppressed { reason: reason.name() }, now)
                        .await;
                }
                Err(why) => {
                    tracing::error!("{why}");
                    return self.settle(&key, &Outcome::Suppressed { reason: "text" }, now).await;
                }
            };
            let Some(target) = self.target(&send, &key.member, profile.clone()).await? else {
                return self
                    .settle(&key, &Outcome::Suppressed { reason: "unreachable" }, now)
                    .await;
            };
            let contacts = send.contact.clone().map(|contact| {
                let known = &profile.profile.contacts;
                messages::with_contact(programme.at(now), known, contact)
            });
            let claim = Claim {
                account_version: account.version,
                profile_version: target.profile_version,
                contacts,
            };
            let budgeted = (&send, &profile.profile);
            let until = record.intent.useful_until;
            let spent = match Spent::on(&self.store, programme.at(now), budgeted, (now, until)).await? {
                Ok(spent) => spent,
                Err(outcome) => return self.settle(&key, &outcome, now).await,
            };
            match self.store.claim(&key, &claim, &send, now).await? {
                Claimed::Stale => spent.give_back(&self.store).await?,
                Claimed::Taken(stands) => {
                    spent.give_back(&self.store).await?;
                    return self.taken(&key, &stands, now).await;
                }
                Claimed::Yes => {
                    let lifetime = record.intent.useful_until.duration_since(now);
                    let outcome = self.publish(&target, &send, lifetime, record.attempts + 1, now).await;
                    self.store.mark(&key, &[State::Claimed], &outcome).await?;
                    // It certainly did not leave.
                    if matches!(outcome, Outcome::Deferred { .. } | Outcome::Failed { .. }) {
                        spent.give_back(&self.store).await?;
                    }
                    return Ok(());
                }
            }
        }
        Err(StoreError::Refused {
            code: "Contended".to_owned(),
            message: "the account kept changing".to_owned(),
        })
    }

    /// Writes a verdict that needs no claim. One that finds the message settled already changes nothing; one that finds
    /// it claimed is the delivery after a publisher died.
    async fn settle(&self, key: &MessageKey, outcome: &Outcome, now: Timestamp) -> Result<(), StoreError> {
        if self.store.mark(key, &[State::Intent, State::Ready], outcome).await? {
            return Ok(());
        }
        match self.store.message(key).await? {
            Some(stands) => self.taken(key, &stands, now).await,
            None => Ok(()),
        }
    }

    /// The message does not wait any more. One found claimed is from a delivery that died: a stream hands a member's
    /// records to one invocation at a time.
    async fn taken(&self, key: &MessageKey, stands: &MessageRecord, now: Timestamp) -> Result<(), StoreError> {
        if stands.state != State::Claimed {
            return Ok(());
        }
        tracing::warn!("a message was found claimed: whether it left is unknown");
        let again = again(stands.purpose, stands.attempts, now);
        self.store
            .mark(key, &[State::Claimed], &Outcome::Unknown { again })
            .await
            .map(|_| ())
    }
}

/// When an unknown message may be tried again, if ever.
fn again(purpose: Option<Purpose>, attempts: u32, now: Timestamp) -> Option<Timestamp> {
    match purpose {
        Some(Purpose::Transactional) if attempts < MOST_ATTEMPTS => now.checked_add(RECEIPT_WINDOW).ok(),
        _ => None,
    }
}

/// Whose messages these are.
fn member_of(messages: &[(String, Item)]) -> Option<MemberId> {
    let (_, item) = messages.first()?;
    Some(MessageKey::read(item).ok()?.member)
}

fn read(value: serde_json::Value) -> Result<(String, Item), Failure> {
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
    Ok((sequence, record.change.new_image.into()))
}
