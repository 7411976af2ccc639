//! Walking to all members, for what concerns each of them: an event on the bus for each shard, so many members a run, and a
//! checkpoint after each.

use jiff::Timestamp;
use ledger::MemberId;
use programme::Programme;
use store::{Errand, StoreError, Walk, Walked};

use crate::{A_RUN, PAGE, Part, Wake};

impl Wake {
    /// Puts on the bus what is left to walk.
    pub(crate) async fn go_on(&self, errand: &Errand, walk: &Walk) -> Result<(), StoreError> {
        for (shard, after) in walk.open() {
            self.bus.continue_with(&Part::of(errand, shard, after)).await?;
        }
        Ok(())
    }

    /// Walks a shard from where an earlier run came to; false where the rest was left to a continuation. Where the errand is
    /// none any more, or is held, nothing is done: a tick sees to it.
    pub(crate) async fn walk(
        &self,
        programme: &Programme,
        errand: &Errand,
        (shard, began): (u32, Option<MemberId>),
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let started = match errand {
            // Another version is in effect meanwhile, or this function is not the one that put it there.
            Errand::Rearm { version } if programme.at(now).version.fingerprint != *version => return Ok(true),
            Errand::Rearm { .. } => None,
            Errand::Broadcast { name } => match self.startable(programme, name, now).await? {
                None => return Ok(true),
                started => started,
            },
        };
        let (mut taken, mut met, mut after) = (0, 0, began.clone());
        loop {
            let (found, last) = self.store.roster(shard, PAGE, after.as_ref()).await?;
            taken += found.len();
            met += match &started {
                None => self.rearm_all(programme, found, now).await?,
                // Very many may be walked to, and an operator change their mind.
                Some((broadcast, _)) if self.is_held(broadcast).await? => return Ok(true),
                Some((broadcast, started)) => self.state_all(programme, (broadcast, started.at), found, now).await?,
            };
            after = last;
            if after.is_none() || taken >= A_RUN {
                break;
            }
        }
        let walked = after.clone().map_or(Walked::Done, Walked::To);
        let noted = self.store.note_walked(errand, (shard, began.as_ref()), &walked, met);
        let Some(walk) = noted.await? else {
            return Ok(true);
        };
        if after.is_some() {
            let rest = Part::of(errand, shard, after);
            return self.bus.continue_with(&rest).await.map(|()| false);
        }
        if walk.open().is_empty() {
            match errand {
                Errand::Rearm { version } => self.store.set_armed(version).await?,
                Errand::Broadcast { name } => self.finish(name, now).await?,
            }
        }
        Ok(true)
    }
}
