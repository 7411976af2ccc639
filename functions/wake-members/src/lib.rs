//! The alarm clock: wakes the members whose next moment is due, and lets messages go that were deferred, or paused and
//! are so no longer.
//!
//! Woken every few minutes. What fell due for a member becomes entries, in one commit that also sets the alarm again;
//! `detect-triggers` speaks of it. When more is due than one run may take, the rest is left to a continuation event on
//! the bus, one for each part of the index. So are alarms set for another version of the programme, once one is in effect,
//! and so are the messages of a broadcast stated, once an operator has started it.

mod broadcasts;
mod continuation;
mod rearm;
mod resumed;
mod walk;

pub use continuation::{Bus, Continuation, Part};

use futures::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};
use ledger::MemberId;
use programme::Programme;
use serde::Deserialize;
use starter::Failure;
use std::collections::BTreeMap;
use std::sync::Mutex;
use store::{Commit, Errand, MessageKey, Store, StoreError, Stored};

/// What the function works with.
pub struct Wake {
    pub store: Store,
    pub programme: Programme,
    pub bus: Bus,
    /// The watermark as last stored, so that an idle run writes nothing.
    watermark: Mutex<Option<Timestamp>>,
    /// The version that all alarms are known to be set for, so that a run asks the table but once.
    armed: Mutex<Option<String>>,
}

/// A tick of the schedule, a continuation of an earlier run, or an operator's word that something is resumed or started.
#[derive(Debug, Deserialize)]
pub struct Event {
    /// The bus wraps what comes by it.
    pub detail: Option<Part>,
    pub now: Option<Timestamp>,
}

/// So many are asked for at once, and so many of them worked on at the same time.
const PAGE: i32 = 100;
const AT_ONCE: usize = 8;
/// A run takes at most so many of one part; the rest is continued. With 8 at once and some 10 ms each, a run stays far
/// below its timeout.
const A_RUN: usize = 2_000;
/// A message knows of so many that were let go with it; the rest goes after them.
const MOST_OTHERS: usize = 20;
/// An idle programme moves its watermark so often.
const WATERMARK_EVERY: SignedDuration = SignedDuration::from_hours(6);

impl Wake {
    pub fn new(store: Store, programme: Programme, bus: Bus) -> Self {
        Self {
            store,
            programme,
            bus,
            watermark: Mutex::new(None),
            armed: Mutex::new(None),
        }
    }

    /// Does what is due: everything on a tick, one part on a continuation.
    pub async fn handle(&self, event: Event) -> Result<(), Failure> {
        let now = starter::now(event.now);
        let failure = |why: StoreError| Failure {
            kind: "Store",
            why: why.to_string(),
        };
        // Whoever cannot read what is paused grants nothing and lets nothing go.
        let switches = self.store.switches().await.map_err(failure)?;
        let programme = &*switches.of(&self.programme);
        let shards = self.store.shards();
        let resumed = resumed::parts(&switches, shards, now);
        match event.detail {
            Some(Part::Resumed) => {
                self.all(programme, resumed, now).await.map_err(failure)?;
                return self.go_on_with_broadcasts(programme, now).await.map_err(failure);
            }
            Some(Part::Broadcasts) => return self.go_on_with_broadcasts(programme, now).await.map_err(failure),
            Some(part) => return self.run(programme, part, now).await.map(|_| ()).map_err(failure),
            None => {}
        }
        // What fell due is booked before messages go that have waited: they speak of what is true by then. A failure of
        // the one does not keep the other from its turn.
        let members = (0..shards).map(|shard| Part::Members { shard });
        let messages = (0..shards).map(|shard| Part::Messages { shard }).chain(resumed);
        let members = self.all(programme, members.collect(), now).await;
        let messages = self.all(programme, messages.collect(), now).await;
        // Nobody waits for a walk: whoever is due is woken and told first.
        let armed = self.arm(programme, now).await;
        let broadcasts = self.go_on_with_broadcasts(programme, now).await;
        if members.map_err(failure)? & messages.map_err(failure)? {
            self.move_watermark(now).await.map_err(failure)?;
        }
        armed.and(broadcasts).map_err(failure)
    }

    /// Works through several parts; false where something was left to do.
    async fn all(&self, programme: &Programme, parts: Vec<Part>, now: Timestamp) -> Result<bool, StoreError> {
        let runs = stream::iter(parts)
            .map(|part| self.run(programme, part, now))
            .buffer_unordered(AT_ONCE);
        let done: Vec<Result<bool, StoreError>> = runs.collect().await;
        done.into_iter().try_fold(true, |all, done| Ok(all & done?))
    }

    /// Works through one part of the index; false where the rest was left to a continuation, or somebody to the next run.
    async fn run(&self, programme: &Programme, part: Part, now: Timestamp) -> Result<bool, StoreError> {
        let (mut taken, mut all) = (0, true);
        loop {
            let (found, moved) = match &part {
                Part::Members { shard } => {
                    let (found, moved, failed) = self.members(programme, *shard, now).await?;
                    all &= failed == 0;
                    (found, moved)
                }
                Part::Messages { shard } => {
                    let due = self.store.due_messages(*shard, now, PAGE).await?;
                    self.release(programme.at(now), due, now).await?
                }
                Part::Paused { shard, by } => return self.resumed(programme.at(now), *shard, by, now).await,
                Part::Rearm { shard, version, after } => {
                    let version = version.clone();
                    let errand = &Errand::Rearm { version };
                    return self.walk(programme, errand, (*shard, after.clone()), now).await;
                }
                Part::Broadcast { shard, name, after } => {
                    let name = name.clone();
                    let errand = &Errand::Broadcast { name };
                    return self.walk(programme, errand, (*shard, after.clone()), now).await;
                }
                // Were taken apart before.
                Part::Resumed | Part::Broadcasts => return Ok(all),
            };
            taken += found;
            // An index lags behind its table: what it still shows was done already, and the next run looks again.
            if moved == 0 || found < usize::try_from(PAGE).unwrap_or_default() {
                return Ok(all);
            }
            if taken >= A_RUN {
                return self.bus.continue_with(&part).await.map(|()| false);
            }
        }
    }

    /// How many were found, woken, and could not be.
    async fn members(
        &self,
        programme: &Programme,
        shard: u32,
        now: Timestamp,
    ) -> Result<(usize, usize, usize), StoreError> {
        let due = self.store.due_members(shard, now, PAGE).await?;
        let found = due.len();
        let accounts = &self.store.accounts(&due).await?;
        let woken = stream::iter(due).map(|member| async move {
            let read = accounts.get(&member).cloned().transpose();
            self.wake(programme, &member, read.map_err(StoreError::from), now).await
        });
        let woken: Vec<Result<bool, StoreError>> = woken.buffer_unordered(AT_ONCE).collect().await;
        // One member's failure stops nobody: that member is due still, and comes again with the next run.
        let (mut moved, mut failed) = (0, 0);
        for woken in woken {
            match woken {
                Ok(woken) => moved += usize::from(woken),
                Err(why) => {
                    failed += 1;
                    tracing::warn!("a member could not be woken and will be tried again: {why}");
                }
            }
        }
        Ok((found, moved, failed))
    }

    /// Books what is due for a member whose account was `read`; false where another writer did.
    async fn wake(
        &self,
        programme: &Programme,
        member: &MemberId,
        mut read: Result<Option<Stored>, StoreError>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        loop {
            let stored = match read {
                Ok(stored) => stored,
                // The alarm of a sound one rings again once a version is deployed that reads it.
                Err(StoreError::Damaged(why)) if !why.of_another_version => {
                    tracing::error!("a member's account is damaged and was taken out of the alarm index: {why}");
                    return self.store.silence(member, &why).await.map(|()| true);
                }
                Err(other) => return Err(other),
            };
            let Some(stored) = stored.filter(|stored| stored.account.alarm() <= now) else {
                return Ok(false);
            };
            let mut account = stored.account;
            let woken = account
                .close_pages()
                .and_then(|closed| ledger::wake(programme, &mut account, now).map(|_| closed));
            let closed = match woken {
                Ok(closed) => closed,
                Err(why) => {
                    let why = store::Damaged::of_account(why);
                    tracing::error!("a member's ledger is damaged and was taken out of the alarm index: {why}");
                    return self.store.silence(member, &why).await.map(|()| true);
                }
            };
            if self
                .store
                .commit(member, &account, Some(stored.version), &closed)
                .await?
                == Commit::Done
            {
                return Ok(true);
            }
            read = self.store.account(member).await;
        }
    }

    /// Lets messages go, those of a member one after the other in the order of their turns; how many there were, and how many
    /// waited still.
    async fn release(
        &self,
        programme: &Programme,
        due: Vec<MessageKey>,
        now: Timestamp,
    ) -> Result<(usize, usize), StoreError> {
        let found = due.len();
        let mut members: BTreeMap<MemberId, Vec<MessageKey>> = BTreeMap::new();
        for message in due {
            members.entry(message.member.clone()).or_default().push(message);
        }
        let released = stream::iter(members.into_values()).map(|mut messages| async move {
            messages.sort_by_cached_key(|message| messages::turn(programme, &message.sort));
            let mut moved = 0;
            for message in &messages {
                let with = others(programme, &messages, message);
                moved += usize::from(self.store.release(message, &with, now).await?);
            }
            Ok(moved)
        });
        let released: Vec<Result<usize, StoreError>> = released.buffer_unordered(AT_ONCE).collect().await;
        let moved = released.into_iter().sum::<Result<usize, _>>()?;
        Ok((found, moved))
    }

    /// Keeps the instant up to which everybody was woken: it tells how long an outage was.
    async fn move_watermark(&self, now: Timestamp) -> Result<(), StoreError> {
        let known = self.watermark.lock().map_or(None, |known| *known);
        let stored = match known {
            Some(stored) => Some(stored),
            None => self.store.watermark().await?,
        };
        let late = stored.map_or(SignedDuration::ZERO, |stored| now.duration_since(stored));
        if stored.is_some() && late > WATERMARK_EVERY * 2 {
            tracing::warn!(
                outage.minutes = late.as_mins(),
                "members had not been woken for a while; all that was due is caught up"
            );
        }
        if stored.is_none() || late >= WATERMARK_EVERY {
            self.store.set_watermark(now).await?;
            if let Ok(mut known) = self.watermark.lock() {
                *known = Some(now);
            }
        } else if let Ok(mut known) = self.watermark.lock() {
            *known = stored;
        }
        Ok(())
    }
}

/// The keys of a member's other messages that are let go with one, where the programme lets any go as one.
fn others<'a>(programme: &Programme, messages: &'a [MessageKey], message: &MessageKey) -> Vec<&'a str> {
    let others = messages.iter().filter(|other| programme.merges() && *other != message);
    others.take(MOST_OTHERS).map(|other| other.sort.as_str()).collect()
}
