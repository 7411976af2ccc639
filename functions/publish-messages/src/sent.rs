//! What the guard counts of a batch: one write for each name under which something was sent, after the batch.
//!
//! What a process that dies has sent and not counted is missing there. That makes opt-outs seem somewhat more, never fewer.

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::Timestamp;
use messages::{Cohort, Intent};
use programme::{Programme, Purpose};
use store::{Store, Switches};

/// What a batch has sent.
pub(crate) struct Sent<'a> {
    programme: &'a Programme,
    switches: &'a Switches,
    counts: Mutex<BTreeMap<Cohort, u32>>,
}

impl<'a> Sent<'a> {
    pub(crate) fn new(programme: &'a Programme, switches: &'a Switches) -> Self {
        Self {
            programme,
            switches,
            counts: Mutex::new(BTreeMap::new()),
        }
    }

    /// A message was sent.
    pub(crate) fn add(&self, intent: &Intent, purpose: Purpose, now: Timestamp) {
        let Some(guard) = &self.programme.guard else {
            return;
        };
        let Some(of) = messages::counts_for(self.programme, intent, purpose) else {
            return;
        };
        let resumed = self.switches.resumed_at(&of);
        let cohort = messages::cohort(self.programme, guard, of, now, resumed);
        if let (Some(cohort), Ok(mut counts)) = (cohort, self.counts.lock()) {
            let count = counts.entry(cohort).or_default();
            *count = count.saturating_add(1);
        }
    }

    /// Writes the counts. Messages are not sent again for it: where one cannot be written, it is missing.
    pub(crate) async fn count(&self, store: &Store) {
        let counts = self.counts.lock().map(|mut counts| std::mem::take(&mut *counts));
        for (cohort, sent) in counts.unwrap_or_default() {
            if let Err(why) = store.count_sent(&cohort, sent).await {
                tracing::warn!("{sent} messages of {} are not in the guard's count: {why}", cohort.of);
            }
        }
    }
}
