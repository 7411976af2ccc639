//! The send decision, carried out: may the message go, now, and is it still true? Then claim, publish, mark.
//!
//! Woken by the stream of Messages, on intents and on messages whose time has come. What is paused is read before a batch,
//! and a message that it holds waits, unclaimed, until it is resumed. A message is claimed before it is
//! published, on condition of the very account and profile it was judged by. No send API knows an idempotency token, so
//! a crash between publish and mark leaves `unknown`: a promotional message is never sent twice, a transactional one
//! is tried once more after [`RECEIPT_WINDOW`], while it is still useful.

mod judged;
mod merged;
mod publish;
mod rate;
mod sent;
mod spending;

use aws_lambda_events::dynamodb::EventRecord;
use channels::Sns;
use futures::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};
use judged::{Goes, Judged, suppressed};
use ledger::MemberId;
use messages::{Delay, Verdict};
use programme::{Programme, Purpose};
use rate::{Clock, Turn};
use sent::Sent;
use spending::Spent;
use starter::{BatchResponse, Failure, Records};
use store::{
    Claim, Claimed, Item, Member, MessageKey, MessageRecord, Outcome, State, Store, StoreError, StoredProfile,
};

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
        let clock = Clock::new(batch.now);
        // Whoever cannot read what is paused sends nothing: the batch is delivered again.
        let switches = self.store.switches().await.map_err(|why| Failure {
            kind: "Store",
            why: why.to_string(),
        })?;
        let programme = &*switches.of(&self.programme);
        let tally = &Sent::new(programme.at(clock.now()), &switches);
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
            .map(|(messages, member)| self.member((programme, tally), messages, member, clock))
            .buffer_unordered(AT_ONCE);
        let failed: Vec<Option<String>> = failed.collect().await;
        tally.count(&self.store).await;
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
        of: (&Programme, &Sent<'_>),
        messages: Vec<(String, Item)>,
        mut member: Option<Member>,
        clock: Clock,
    ) -> Option<String> {
        for (sequence, item) in messages {
            if let Err(why) = self.message(of, &item, member.take(), clock).await {
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
        (programme, tally): (&Programme, &Sent<'_>),
        item: &Item,
        mut member: Option<Member>,
        clock: Clock,
    ) -> Result<(), StoreError> {
        let record = MessageRecord::read(item)?;
        let key = MessageKey::read(item)?;
        self.set_free(&key, &record).await?;
        let mut has_turn = false;
        for _ in 0..JUDGEMENTS {
            let now = clock.now();
            let read = match member.take() {
                Some(read) => read,
                None => self.store.member(&key.member).await?,
            };
            let (Some(account), Some(mut profile)) = (read.account, read.profile) else {
                return self.settle(&key, &suppressed("unknown-member"), now).await;
            };
            // A device that this deployment can send nothing to leaves the word to the next channel.
            profile.profile.device = profile.profile.device.filter(|device| self.sns.serves(device.platform));
            let known = (&account.account, &profile.profile);
            let goes = match self.judge(programme, (&key, &record), known, now).await? {
                Judged::Goes(goes) => *goes,
                Judged::Settled(outcome) => return self.settle(&key, &outcome, now).await,
            };
            if !has_turn {
                has_turn = true;
                let turn = self.turn(programme.at(now), (&goes.send, &profile.profile), &record, clock);
                match turn.await? {
                    Turn::Now => {}
                    // Judged anew, as of now: it may be night.
                    Turn::Waited => continue,
                    Turn::Later(at) => {
                        let waiting = (&record.intent, record.waited(now));
                        let then = messages::decide(programme, waiting, known, &goes.gone, at);
                        return self.settle(&key, &put_off(then.ok(), at), now).await;
                    }
                    Turn::TooLate => {
                        let too_late = suppressed(messages::Reason::TooLate.name());
                        return self.settle(&key, &too_late, now).await;
                    }
                }
            }
            let judged_by = (account.version, profile);
            if self
                .send((programme, tally), (&key, &record), goes, judged_by, now)
                .await?
            {
                return Ok(());
            }
        }
        Err(StoreError::Refused {
            code: "Contended".to_owned(),
            message: "the account kept changing".to_owned(),
        })
    }

    /// Claims what may go, on condition of what it was judged by, and publishes it. Tells whether it is done with: if not, the
    /// account or the profile has changed since, and it is judged anew.
    async fn send(
        &self,
        (programme, tally): (&Programme, &Sent<'_>),
        (key, record): (&MessageKey, &MessageRecord),
        goes: Goes,
        (account_version, profile): (u64, StoredProfile),
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Goes { send, merged, gone } = goes;
        let Some(target) = self.target(&send, &key.member, profile.clone()).await? else {
            self.settle(key, &suppressed("unreachable"), now).await?;
            return Ok(true);
        };
        let profile = profile.profile;
        let until = record.intent.useful_until;
        let spent = match Spent::on(&self.store, programme.at(now), (&send, &profile), (now, until)).await? {
            Ok(spent) => spent,
            Err(outcome) => {
                self.settle(key, &outcome, now).await?;
                return Ok(true);
            }
        };
        let contacts = send.contact.clone().map(|contact| {
            let asked_by = (programme.at(now), profile.preferences.as_deref());
            messages::with_contact(asked_by, profile.contacts, contact)
        });
        let claim = Claim {
            account_version,
            profile_version: target.profile_version,
            contacts,
            merged,
            gone,
        };
        match self.store.claim(key, &claim, &send, now).await? {
            Claimed::Stale => {
                spent.give_back(&self.store).await?;
                return Ok(false);
            }
            Claimed::Taken(stands) => {
                spent.give_back(&self.store).await?;
                self.taken(key, &stands, now).await?;
            }
            Claimed::Yes => {
                let (lifetime, attempt) = (until.duration_since(now), record.attempts + 1);
                let outcome = self
                    .publish(&key.member, (&target, &send), lifetime, attempt, now)
                    .await;
                let is_marked = self.store.mark(key, &[State::Claimed], &outcome).await?;
                if is_marked && matches!(outcome, Outcome::Sent { .. }) {
                    tally.add(&record.intent, send.purpose, now);
                }
                // It certainly did not leave.
                if matches!(outcome, Outcome::Deferred { .. } | Outcome::Failed { .. }) {
                    spent.give_back(&self.store).await?;
                }
            }
        }
        Ok(true)
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

/// What becomes of a message whose turn comes later, by what is decided of it as of then: its hours may be over by then, or its
/// use.
fn put_off(then: Option<Verdict>, at: Timestamp) -> Outcome {
    match then {
        Some(Verdict::Defer { until, by }) => Outcome::Deferred { until, by },
        Some(Verdict::Suppress(reason)) => Outcome::Suppressed { reason: reason.name() },
        // What is held then, or cannot be said, is found so when it is let go.
        Some(Verdict::Send(_) | Verdict::Wait { .. }) | None => Outcome::Deferred {
            until: at,
            by: Delay::Rate,
        },
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
