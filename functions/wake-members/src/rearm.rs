//! Alarms for another version of the programme: a member who does nothing would hear late of what it has earlier.
//!
//! A tick that finds another version in effect has all members walked to. What a crash has left over the next tick puts on
//! the bus again. Twice comes to the same.

use futures::stream::{self, StreamExt};
use jiff::Timestamp;
use ledger::MemberId;
use programme::Programme;
use store::{Commit, Errand, StoreError, Stored};

use crate::{AT_ONCE, Wake};

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
            return self.go_on_arming(version).await;
        }
        if let Ok(mut known) = self.armed.lock() {
            *known = Some(version.clone());
        }
        Ok(())
    }

    /// Puts on the bus what is left to walk for a version.
    async fn go_on_arming(&self, version: &str) -> Result<(), StoreError> {
        let armed = self.store.begin_arming(version).await?.unwrap_or_default();
        if armed.walk.open().is_empty() {
            return self.store.set_armed(version).await;
        }
        tracing::info!("alarms are set for another version of the programme");
        let version = version.to_owned();
        self.go_on(&Errand::Rearm { version }, &armed.walk).await
    }

    /// Sets the alarms of members; gives how many were looked at.
    pub(crate) async fn rearm_all(
        &self,
        programme: &Programme,
        members: Vec<MemberId>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let accounts = &self.store.accounts(&members).await?;
        let armed = stream::iter(members).map(|member| async move {
            let read = accounts.get(&member).cloned().transpose();
            self.rearm_one(programme, &member, read.map_err(StoreError::from), now)
                .await
        });
        let armed: Vec<Result<(), StoreError>> = armed.buffer_unordered(AT_ONCE).collect().await;
        armed.into_iter().map(|armed| armed.map(|()| 1)).sum()
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
