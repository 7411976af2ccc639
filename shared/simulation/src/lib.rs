//! A whole programme over a history, in memory, with the decisions that production takes.
//!
//! Pure: the programme, what happens and the time are arguments. It adds nothing of its own to what `ledger` and `messages`
//! decide; it says *when* they are asked, as the alarm clock, the streams and the till do. So a simulation and a run of the
//! functions over the same history end in the same [`normal`] form, and a test holds them to it.
//!
//! Members are simulated one by one, on as many cores as there are, and nothing is kept of one that is done: what is to
//! be known is told to an [`Observer`] as it happens. Only what looks beside a member's account needs an order across
//! members: a transfer, a referral, a campaign's budget, and a reward of which there are only so many. Members of whom such
//! facts tell are simulated together ([`Together`]): their activities in one order of time, and what falls due for each of
//! them before the next activity that concerns them, since nothing that falls due looks beside.

mod event;
mod member;
pub mod normal;
mod observer;
mod shelves;
mod ticks;
mod together;

pub use event::Event;
pub use member::Member;
pub use observer::{Before, Commit, Fate, Observer, Refused, Replied, Told};
pub use shelves::Shelves;
pub use ticks::Ticks;
pub use together::Together;

use jiff::Timestamp;
use ledger::{ActivityId, MemberId, OrderLine};
use programme::Programme;

/// What is simulated, and until when: the last tick at which anything happens.
#[derive(Debug, Clone, Copy)]
pub struct Simulation<'a> {
    pub programme: &'a Programme,
    pub ticks: Ticks,
    pub until: Timestamp,
    /// What is left of rewards, for texts that speak of one: none where there is always enough.
    pub shelves: Option<&'a Shelves>,
}

/// The lines of a member's purchase; a return may name some of them.
pub type Lines<'a> = &'a dyn Fn(&MemberId, &ActivityId) -> Vec<OrderLine>;

/// What cannot be simulated: a ledger that is damaged, and here that is a fault of ours.
pub type Broken = ledger::Corrupt;

impl<'a> Simulation<'a> {
    /// With the programme as it is in effect at an instant, to which everything goes that asks for no other.
    pub(crate) fn at(self, now: Timestamp) -> Self {
        let programme = self.programme.at(now);
        Self { programme, ..self }
    }

    /// With these shelves in sight.
    pub(crate) fn beside(self, shelves: &'a Shelves) -> Self {
        Self {
            shelves: Some(shelves),
            ..self
        }
    }

    /// Simulates a member whose activities look at nobody else's account and at no shelf. The events are in order of time,
    /// each id once.
    pub fn alone(
        self,
        id: MemberId,
        events: impl IntoIterator<Item = Event>,
        lines: Lines<'_>,
        observer: &mut impl Observer,
    ) -> Result<Member, Broken> {
        let mut member = Member::new(id, self.programme);
        for event in events {
            if event.received > self.until {
                break;
            }
            let now = event.received;
            member.catch_up(self, now, observer)?;
            let next = member.happens(self, (event, now), (None, lines, None), observer)?;
            if !next.early.is_empty() {
                member.hold();
                for event in next.early {
                    member.happens(self, (event, now), (None, lines, None), observer)?;
                }
                member.tell_held(self, now, observer);
            }
        }
        member.catch_up(self, self.until, observer)?;
        member.end(observer);
        Ok(member)
    }
}
