//! Messages that waited while something was paused, and may go again.

use programme::Switch;
use store::{StoreError, Switches};

use crate::{PAGE, Part, Wake};

/// Where messages may wait that nothing holds any more: a part for each switch that was resumed, in each shard.
pub(crate) fn parts(switches: &Switches, shards: u32) -> Vec<Part> {
    let of = |by: &Switch| {
        let by = by.clone();
        (0..shards).map(move |shard| Part::Paused { shard, by: by.clone() })
    };
    switches.resumed().flat_map(of).collect()
}

impl Wake {
    /// Lets a page of a part go; how many were found, and moved. It is looked again at each page whether it may, since
    /// many may wait, and an operator change their mind.
    pub(crate) async fn resumed(&self, shard: u32, by: &Switch) -> Result<(usize, usize), StoreError> {
        if !self.store.switches().await?.is_resumed(by) {
            return Ok((0, 0));
        }
        self.release(self.store.held_messages(by, shard, PAGE).await?).await
    }
}
