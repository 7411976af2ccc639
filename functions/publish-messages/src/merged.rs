//! Messages that go as one: who may be taken up, and what becomes of them where it did not leave.

use jiff::Timestamp;
use ledger::Account;
use messages::{Intent, Profile, Send, Waited, merge};
use programme::{Programme, RewardName};
use store::{MessageKey, MessageRecord, StoreError};

use crate::Publisher;

impl Publisher {
    /// Lets those go that a message had taken up when it was claimed before, and did not leave with. Each of them goes once all
    /// the same: with this one again, or by itself.
    pub(crate) async fn set_free(&self, key: &MessageKey, record: &MessageRecord) -> Result<(), StoreError> {
        for sort in &record.merges {
            self.store.set_free(&beside(key, sort), key).await?;
        }
        Ok(())
    }

    /// A message that goes, with those that go as one with it: what goes, and the keys of the others.
    pub(crate) async fn with_others(
        &self,
        programme: &Programme,
        (key, record, send): (&MessageKey, &MessageRecord, Send),
        member: (&Account, &Profile, &[RewardName]),
        now: Timestamp,
    ) -> Result<(Send, Vec<MessageKey>), StoreError> {
        let (keys, others) = self.others(key, record, now).await?;
        if others.is_empty() {
            return Ok((send, Vec::new()));
        }
        let first = (record.intent.clone(), record.waited(now));
        let (send, taken) = merge(programme, (&first, send), &others, member, now);
        let taken = taken.into_iter().filter_map(|place| keys.get(place).cloned());
        Ok((send, taken.collect()))
    }

    /// What was let go with a message, or was taken up by it before, and waits still.
    async fn others(
        &self,
        key: &MessageKey,
        record: &MessageRecord,
        now: Timestamp,
    ) -> Result<(Vec<MessageKey>, Vec<(Intent, Option<Waited>)>), StoreError> {
        let mut found = (Vec::new(), Vec::new());
        let with = record.with.iter().filter(|sort| !record.merges.contains(sort));
        for sort in record.merges.iter().chain(with) {
            let other = beside(key, sort);
            if let Some(stands) = self.store.message(&other).await?.filter(MessageRecord::waits) {
                let waited = stands.waited(now);
                found.0.push(other);
                found.1.push((stands.intent, waited));
            }
        }
        Ok(found)
    }
}

/// Another message of the same member.
fn beside(key: &MessageKey, sort: &str) -> MessageKey {
    MessageKey {
        member: key.member.clone(),
        sort: sort.to_owned(),
    }
}
