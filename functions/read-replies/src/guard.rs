//! The guard: an opt-out is counted for what the member was sent before it, and what too many opted out of is paused.

use std::collections::BTreeMap;

use jiff::Timestamp;
use messages::Phone;
use programme::Switch;
use store::{Change, StoreError};

use crate::Listener;

/// Who pauses it.
const GUARD: &str = "guard";

impl Listener {
    /// Counts an opt-out of a number's members, and pauses what too many opted out of. Done again it counts nothing again.
    pub(crate) async fn guard(&self, phone: &Phone, opted_out: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        let programme = self.programme.at(now);
        let Some(guard) = &programme.guard else {
            return Ok(());
        };
        for member in self.store.members_of(phone).await? {
            // The latest message of each: who is sent two opts out of both at once.
            let mut from: BTreeMap<Switch, Timestamp> = BTreeMap::new();
            for message in self.store.messages(&member).await? {
                let (Some(sent), Some(channel), Some(purpose)) = (message.sent_at, message.channel, message.purpose)
                else {
                    continue;
                };
                let of = messages::counts_for(programme, &message.intent, (channel, purpose));
                if let Some(of) = of.filter(|_| messages::is_from(guard, sent, opted_out)) {
                    let latest = from.entry(of).or_insert(sent);
                    *latest = sent.max(*latest);
                }
            }
            if from.is_empty() {
                continue;
            }
            let switches = self.store.switches().await?;
            for (of, sent) in from {
                let Some(cohort) = messages::cohort(programme, guard, of.clone(), sent, switches.resumed_at(&of))
                else {
                    continue;
                };
                let counts = self.store.count_opt_out(&cohort, &member, opted_out).await?;
                let tested = messages::test(guard, counts);
                if tested.is_alarming() {
                    self.pause(cohort.of, messages::reason(guard, counts, tested), now)
                        .await?;
                }
            }
        }
        Ok(())
    }

    async fn pause(&self, switch: Switch, reason: String, now: Timestamp) -> Result<(), StoreError> {
        let change = Change {
            switch,
            paused: true,
            at: now,
            by: GUARD.to_owned(),
            reason,
        };
        let (_, changed) = self.store.switch(&change).await?;
        if changed {
            tracing::error!("{} was paused by the guard: {}", change.switch, change.reason);
        }
        Ok(())
    }
}
