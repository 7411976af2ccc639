//! Messages that waited while something was paused, and may go again.

use jiff::{SignedDuration, Timestamp};
use programme::{Programme, Switch};
use store::{StoreError, Switches};

use crate::{A_RUN, PAGE, Part, Wake};

/// What waited goes with the first runs after a switch is resumed; for so long it is looked for again, whatever kept those.
const LOOKED_FOR: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Where messages may wait that nothing holds any more: a part for each switch that was resumed of late, in each shard.
pub(crate) fn parts(switches: &Switches, shards: u32, now: Timestamp) -> Vec<Part> {
    let of = |by: &Switch| {
        let by = by.clone();
        (0..shards).map(move |shard| Part::Paused { shard, by: by.clone() })
    };
    let of_late = now.saturating_sub(LOOKED_FOR).unwrap_or(Timestamp::MIN);
    switches.resumed_since(of_late).flat_map(of).collect()
}

impl Wake {
    /// Lets what waited for a switch go; false where the rest was left to a continuation. It is looked again at each page
    /// whether it may, since very many may wait, and an operator change their mind.
    ///
    /// A page begins where the last one ended: the index lags behind, and would show the same page again.
    pub(crate) async fn resumed(
        &self,
        programme: &Programme,
        shard: u32,
        by: &Switch,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (mut taken, mut moved, mut after) = (0, 0, None);
        while self.store.switches().await?.is_resumed(by) {
            let (found, last) = self.store.held_messages(by, shard, PAGE, after).await?;
            let (found, released) = self.release(programme, found, now).await?;
            (taken, moved, after) = (taken + found, moved + released, last);
            if after.is_none() {
                return Ok(true);
            }
            if taken >= A_RUN && moved > 0 {
                let rest = Part::Paused { shard, by: by.clone() };
                return self.bus.continue_with(&rest).await.map(|()| false);
            }
        }
        Ok(true)
    }
}
