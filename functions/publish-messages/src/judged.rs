//! What becomes of a message, by what is known of its member and, where its text promises a reward, by what is left of that.

use jiff::Timestamp;
use ledger::Account;
use messages::{Profile, Send, Verdict};
use programme::{Programme, RewardName};
use store::{MessageKey, MessageRecord, Outcome, StoreError};

use crate::Publisher;

/// What was found.
pub(crate) enum Judged {
    Goes(Box<Goes>),
    /// It does not go, or not now.
    Settled(Outcome),
}

/// What goes.
pub(crate) struct Goes {
    pub(crate) send: Send,
    /// The keys of those that go as one with it.
    pub(crate) merged: Vec<MessageKey>,
    /// Rewards of which there is nothing left.
    pub(crate) gone: Vec<RewardName>,
}

impl Publisher {
    /// Judges a message, and once more for each reward that its text promised and of which there is nothing left.
    pub(crate) async fn judge(
        &self,
        programme: &Programme,
        (key, record): (&MessageKey, &MessageRecord),
        (account, profile): (&Account, &Profile),
        now: Timestamp,
    ) -> Result<Judged, StoreError> {
        let waiting = (&record.intent, record.waited(now));
        let mut gone = Vec::new();
        loop {
            let send = match messages::decide(programme, waiting, (account, profile), &gone, now) {
                Ok(Verdict::Send(send)) => send,
                Ok(Verdict::Defer { until, by }) => return Ok(Judged::Settled(Outcome::Deferred { until, by })),
                Ok(Verdict::Wait { paused }) => {
                    return Ok(Judged::Settled(Outcome::Paused { by: paused, at: now }));
                }
                Ok(Verdict::Suppress(reason)) => return Ok(Judged::Settled(suppressed(reason.name()))),
                Err(why) => {
                    tracing::error!("{why}");
                    return Ok(Judged::Settled(suppressed("text")));
                }
            };
            let member = (account, profile, gone.as_slice());
            let (send, merged) = self.with_others(programme, (key, record, send), member, now).await?;
            match self.promised_in_vain(programme.at(now), &send).await? {
                Some(reward) => gone.push(reward),
                None => return Ok(Judged::Goes(Box::new(Goes { send, merged, gone }))),
            }
        }
    }

    /// The reward that a text promises, where there is nothing left of it.
    async fn promised_in_vain(&self, programme: &Programme, send: &Send) -> Result<Option<RewardName>, StoreError> {
        let promised = send.promises.as_ref();
        let Some(reward) = promised.and_then(|name| programme.reward(name.as_str())) else {
            return Ok(None);
        };
        let left = self.store.on_shelf(reward).await?.left();
        Ok((left == 0).then(|| reward.name.clone()))
    }
}

pub(crate) fn suppressed(reason: &'static str) -> Outcome {
    Outcome::Suppressed { reason }
}
