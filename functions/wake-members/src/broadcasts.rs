//! Broadcasts: each member of the audience has one message stated, which waits for its time where they live.
//!
//! An operator has noted that one is started. All members are walked to, and what a crash or a pause has left over a tick, or
//! the word that it is resumed, puts on the bus again. A message is stated on condition that there is none, so that a member
//! who is walked to twice gets one.

use futures::stream::{self, StreamExt};
use jiff::Timestamp;
use ledger::MemberId;
use messages::Delay;
use programme::{Broadcast, BroadcastName, Programme};
use store::{Errand, Started, StoreError};

use crate::{AT_ONCE, Wake};

impl Wake {
    /// Puts on the bus what is left of the broadcasts that were started.
    pub(crate) async fn go_on_with_broadcasts(&self, programme: &Programme, now: Timestamp) -> Result<(), StoreError> {
        let programme = programme.at(now);
        if programme.broadcasts.is_empty() {
            return Ok(());
        }
        for name in self.store.open_broadcasts().await? {
            if programme.broadcast(name.as_str()).is_none() {
                tracing::warn!("the broadcast {name} was started, and the programme has it no longer or not yet");
                continue;
            }
            if programme.paused.stops_broadcast(&name) {
                continue;
            }
            let Some(started) = self.store.begin_broadcast(&name).await? else {
                continue;
            };
            if started.walk.open().is_empty() {
                self.finish(&name, now).await?;
                continue;
            }
            self.go_on(&Errand::Broadcast { name }, &started.walk).await?;
        }
        Ok(())
    }

    /// A broadcast whose members may be walked to.
    pub(crate) async fn startable<'p>(
        &self,
        programme: &'p Programme,
        name: &BroadcastName,
        now: Timestamp,
    ) -> Result<Option<(&'p Broadcast, Started)>, StoreError> {
        let Some(broadcast) = programme.at(now).broadcast(name.as_str()) else {
            return Ok(None);
        };
        let started = self.store.broadcast(name).await?;
        Ok(started.map(|started| (broadcast, started)))
    }

    /// Whether an operator holds it, or everything.
    pub(crate) async fn is_held(&self, broadcast: &Broadcast) -> Result<bool, StoreError> {
        let paused = self.store.switches().await?.paused();
        Ok(paused.stops_broadcast(&broadcast.name))
    }

    /// States the messages of members; gives how many of them are to get one.
    pub(crate) async fn state_all(
        &self,
        programme: &Programme,
        (broadcast, since): (&Broadcast, Timestamp),
        members: Vec<MemberId>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let accounts = &self.store.accounts(&members).await?;
        let stated = stream::iter(members).map(|member| async move {
            // Whoever wakes a damaged one says so; an index may show one that is gone.
            let Some(Ok(stored)) = accounts.get(&member) else {
                return Ok(0);
            };
            let of = (&member, &stored.account);
            let Some((intent, until)) = messages::broadcast(programme, broadcast, of, since, now) else {
                return Ok(0);
            };
            if until <= now {
                self.store.put_intent(&intent).await?;
            } else {
                self.store.put_waiting(&intent, until, Delay::LocalTime).await?;
            }
            Ok(1)
        });
        let stated: Vec<Result<u64, StoreError>> = stated.buffer_unordered(AT_ONCE).collect().await;
        stated.into_iter().sum()
    }

    /// Everybody was walked to.
    pub(crate) async fn finish(&self, name: &BroadcastName, now: Timestamp) -> Result<(), StoreError> {
        self.store.finish_broadcast(name, now).await?;
        tracing::info!("the broadcast {name} is stated for everybody in its audience");
        Ok(())
    }
}
