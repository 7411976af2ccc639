//! How fast messages go: no faster than whoever takes them takes them, however many publishers there are.
//!
//! Each message takes a turn of its sender. A turn that comes soon is waited for; where there are too many for that, the message is
//! put off to a turn of those that wait, in order, so that the alarm clock lets no more go at a time than can go in it.

use jiff::{SignedDuration, Timestamp};
use messages::{Delay, Profile, Send};
use programme::Programme;
use store::{MessageRecord, StoreError};

use crate::Publisher;

/// A batch waits for turns for so long at the most: well within the function's timeout, and no lane stands still for longer.
pub(crate) const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(40);

/// The time of a batch: what its event says, which then stands still, or the system's clock.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    said: Option<Timestamp>,
    /// Until when turns are waited for.
    latest: Timestamp,
}

/// When a message may go.
pub(crate) enum Turn {
    /// Now.
    Now,
    /// Now, after some waiting.
    Waited,
    /// The alarm clock lets it go then.
    Later(Timestamp),
    /// Not while it is useful.
    TooLate,
}

impl Clock {
    pub(crate) fn new(said: Option<Timestamp>) -> Self {
        let now = starter::now(said);
        let latest = now.saturating_add(LONGEST_WAIT).unwrap_or(now);
        Self { said, latest }
    }

    pub(crate) fn now(self) -> Timestamp {
        starter::now(self.said)
    }
}

impl Publisher {
    /// Takes a message's turn, and waits for it.
    pub(crate) async fn turn(
        &self,
        programme: &Programme,
        (send, profile): (&Send, &Profile),
        record: &MessageRecord,
        clock: Clock,
    ) -> Result<Turn, StoreError> {
        let phone = profile.phone.as_ref().map(messages::Phone::reveal);
        let Some(rate) = programme.sending.rate(send.channel, phone) else {
            return Ok(Turn::Now);
        };
        let now = clock.now();
        let had_turn = record.deferred_by.as_deref() == Some(Delay::Rate.name())
            && record.deferred_until.is_some_and(|until| until <= now);
        // Where time stands still, what the alarm clock lets go has come one after the other already.
        if had_turn && clock.said.is_some() {
            return Ok(Turn::Now);
        }
        let takes = rate.takes(send.parts.max(1));
        if let Some(at) = self.store.take_turn(&rate.sender, (now, clock.latest), takes).await? {
            let wait = at.duration_since(now);
            let Some(wait) = std::time::Duration::try_from(wait).ok().filter(|wait| !wait.is_zero()) else {
                return Ok(Turn::Now);
            };
            if clock.said.is_some() {
                return Ok(Turn::Now);
            }
            tokio::time::sleep(wait).await;
            return Ok(Turn::Waited);
        }
        // It has its turn among those that wait, and is the next when the alarm clock looks again.
        if had_turn {
            return Ok(Turn::Later(whole_second(clock.latest)));
        }
        let waiting = format!("{}#waiting", rate.sender);
        let times = (clock.latest, record.intent.useful_until);
        let later = self.store.take_turn(&waiting, times, takes).await?;
        Ok(later.map_or(Turn::TooLate, |at| Turn::Later(whole_second(at))))
    }
}

/// Rounded up: the alarm clock knows whole seconds.
fn whole_second(at: Timestamp) -> Timestamp {
    let seconds = at.as_second() + i64::from(at.subsec_nanosecond() > 0);
    Timestamp::from_second(seconds).unwrap_or(at)
}
