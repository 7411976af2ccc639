//! What happens to a member.

use jiff::Timestamp;
use ledger::budget::looks_at_budgets;
use ledger::{Activity, ActivityId, Fact, Said};
use messages::{ProfileChange, Reply};
use programme::Programme;

/// Something that happened to a member, as the Activities table keeps it, or a reply that came from the member's number.
#[derive(Debug, Clone)]
pub struct Event {
    /// Unique among the member's events.
    pub id: ActivityId,
    /// When it happened.
    pub at: Timestamp,
    /// When it arrived: a tick.
    pub received: Timestamp,
    /// What it says of the account, if anything.
    pub fact: Option<Fact>,
    /// What else it says, which conditions may ask for.
    pub said: Said,
    /// What it says of the profile, if anything.
    pub profile: Option<ProfileChange>,
    /// What it asks of the member's number, where it is a reply to an SMS. It counts from when it arrived, since nobody says
    /// when it was sent. A number's replies are events of each of its members.
    pub reply: Option<Reply>,
}

impl Event {
    /// Whether it may change more than the member's account.
    pub fn looks_beside(&self, programme: &Programme) -> bool {
        let fact = self.fact.as_ref();
        fact.is_some_and(|fact| fact.looks_beside() || looks_at_budgets(programme, fact, self.at).next().is_some())
    }

    /// What another member's activity makes.
    pub(crate) fn of(activity: Activity) -> Self {
        Self {
            id: activity.id,
            at: activity.at,
            received: activity.received,
            fact: Some(activity.fact),
            said: activity.said,
            profile: None,
            reply: None,
        }
    }

    /// What concerns the account, if anything does.
    pub(crate) fn into_activity(self) -> Option<Activity> {
        Some(Activity {
            id: self.id,
            at: self.at,
            received: self.received,
            fact: self.fact?,
            said: self.said,
        })
    }
}
