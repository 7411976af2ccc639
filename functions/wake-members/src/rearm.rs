//! Alarms for another version of the programme: a member who does nothing would hear late of what it has earlier.
//!
//! A tick that finds another version in effect puts an event on the bus for each shard. Each is walked from where it came
//! to, so many members a run; and what a crash has left over the next tick puts on the bus again. Twice comes to the same.

use futures::stream::{self, StreamExt};
use jiff::Timestamp;
use ledger::MemberId;
use programme::Programme;
use store::{Checkpoint, Commit, StoreError, Stored, Walked};

use crate::{A_RUN, AT_ONCE, PAGE, Part, Wake};

impl Wake {
    /// Sees to it that all alarms are set for the version in effect, or are about to be. The first of all runs finds nobody
    /// whose alarm was set for another.
    pub(crate) async fn arm(&self, programme: &Programme, now: Timestamp) -> Result<(), StoreError> {
        let version = &programme.at(now).version.fingerprint;
        if self.armed.lock().is_ok_and(|known| known.as_ref() == Some(version)) {
            return Ok(());
        }
        let found = self.store.armed().await?;
        let is_first = found.is_none() && self.store.watermark().await?.is_none();
        if is_first {
            self.store.set_armed(version).await?;
        } else if !found.is_some_and(|armed| armed.is_for(version)) {
            return self.go_on(version).await;
        }
        if let Ok(mut known) = self.armed.lock() {
            *known = Some(version.clone());
        }
        Ok(())
    }

    /// Puts on the bus what is left to walk for a version.
    async fn go_on(&self, version: &str) -> Result<(), StoreError> {
        let armed = self.store.begin_arming(version).await?.unwrap_or_default();
        let open = armed.open();
        if open.is_empty() {
            return self.store.set_armed(version).await;
        }
        tracing::info!(
            shards = open.len(),
            "alarms are set for another version of the programme"
        );
        for (shard, after) in open {
            let version = version.to_owned();
            self.bus.continue_with(&Part::Rearm { shard, version, after }).await?;
        }
        Ok(())
    }

    /// Walks a shard from where an earlier run came to; false where the rest was left to a continuation.
    ///
    /// Those come first whose alarm is set farthest ahead. Who is written meanwhile moves to an earlier time, and is met
    /// there; or is woken, and set anew by that.
    pub(crate) async fn rearm(
        &self,
        programme: &Programme,
        (shard, version): (u32, &str),
        began: Option<Checkpoint>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        // Another version is in effect meanwhile, or this function is not the one that put it there: a tick sees to it.
        if programme.at(now).version.fingerprint != version {
            return Ok(true);
        }
        let (mut taken, mut after) = (0, began.clone());
        loop {
            let (found, last) = self.store.members_by_alarm(shard, now, PAGE, after.as_ref()).await?;
            taken += found.len();
            self.rearm_all(programme, found, now).await?;
            after = last;
            if after.is_none() || taken >= A_RUN {
                break;
            }
        }
        let walked = after.clone().map_or(Walked::Done, Walked::To);
        let noted = self
            .store
            .note_walked(version, (shard, began.as_ref()), &walked)
            .await?;
        let Some(armed) = noted else {
            return Ok(true);
        };
        if after.is_some() {
            let version = version.to_owned();
            self.bus.continue_with(&Part::Rearm { shard, version, after }).await?;
            return Ok(false);
        }
        if armed.open().is_empty() {
            self.store.set_armed(version).await?;
        }
        Ok(true)
    }

    async fn rearm_all(&self, programme: &Programme, members: Vec<MemberId>, now: Timestamp) -> Result<(), StoreError> {
        let accounts = &self.store.accounts(&members).await?;
        let armed = stream::iter(members).map(|member| async move {
            let read = accounts.get(&member).cloned().transpose();
            self.rearm_one(programme, &member, read.map_err(StoreError::from), now)
                .await
        });
        let armed: Vec<Result<(), StoreError>> = armed.buffer_unordered(AT_ONCE).collect().await;
        armed.into_iter().collect()
    }

    /// Sets the alarm of a member whose account was `read`, and writes nothing where that changes nothing.
    async fn rearm_one(
        &self,
        programme: &Programme,
        member: &MemberId,
        mut read: Result<Option<Stored>, StoreError>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        loop {
            let stored = match read {
                Ok(stored) => stored,
                // Whoever wakes it says so.
                Err(StoreError::Damaged(_)) => return Ok(()),
                Err(other) => return Err(other),
            };
            let Some(Stored { mut account, version }) = stored else {
                return Ok(());
            };
            if !ledger::rearm(programme, &mut account, now)
                || self.store.commit(member, &account, Some(version), &[]).await? == Commit::Done
            {
                return Ok(());
            }
            // Whoever was faster may be one that knows the old rules alone.
            read = self.store.account(member).await;
        }
    }
}
