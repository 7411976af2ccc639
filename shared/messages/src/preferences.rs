//! What a member wants to be sent: of which topics, in which hours, how often and by what.

use std::collections::BTreeSet;

use jiff::Timestamp;
use ledger::ActivityId;
use programme::{Cap, Channel, Hours, Programme, Purpose, Zone, one_of};

use crate::intent::Intent;
use crate::when::Hold;

/// A member's preferences, as they were told last. What they leave out is as the programme has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferences {
    /// When the member said so.
    pub at: Timestamp,
    /// The activity that told of it.
    pub id: ActivityId,
    /// The topics of the programme, by name, of which they want nothing that advertises.
    pub topics_off: BTreeSet<String>,
    /// The hours of their own day in which they want messages.
    pub hours: Option<Hours>,
    /// How many messages that advertise they want at most.
    pub most: Option<Cap>,
    /// The channels that they want to be reached by first, in order, each once.
    pub channels: Vec<Channel>,
}

/// Why preferences cannot be kept. Nothing of them is repeated, which may be anything, but for hours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("topics-off names a topic that the programme does not have; {0}")]
    UnknownTopic(String),
    #[error(
        "nothing goes from {} to {}, which is within the quiet hours from {} to {}; name hours that are not, or none",
        hours.from, hours.to, quiet.from, quiet.to
    )]
    QuietHours { hours: Hours, quiet: Hours },
}

impl Unfit {
    /// A stable name for programs; the text is for people.
    pub const CODE: &'static str = "preferences";

    /// As it is kept beside what was refused: the code, and the sentence.
    pub fn reason(&self) -> String {
        format!("{}: {self}", Self::CODE)
    }
}

impl Preferences {
    /// Whether they can be kept, by the programme that was in effect when they were told.
    pub fn fit(&self, programme: &Programme) -> Result<(), Unfit> {
        let programme = programme.at(self.at);
        let known: Vec<&str> = programme.topics.iter().map(|topic| topic.name.as_str()).collect();
        let mut topics = self.topics_off.iter();
        if let Some(unknown) = topics.find(|off| !known.contains(&off.as_str())) {
            let mend = if known.is_empty() {
                "it has none; leave topics-off out".to_owned()
            } else {
                one_of(unknown, &known)
            };
            return Err(Unfit::UnknownTopic(mend));
        }
        let quiet = programme.quiet_hours;
        let overlap = |hours: &Hours| !quiet.contain(hours.from.time()) || hours.contain(quiet.to.time());
        match self.hours {
            Some(hours) if !overlap(&hours) => Err(Unfit::QuietHours { hours, quiet }),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether these replace others that are known: they were told later. Of two of one instant the order of their activities
    /// says so, so that every delivery ends the same.
    pub(crate) fn replace(&self, known: &Self) -> bool {
        (self.at, &self.id) >= (known.at, &known.id)
    }

    /// Whether the member wants no such message: it advertises, and is of a topic that they left out.
    pub(crate) fn leave_out(&self, programme: &Programme, purpose: Purpose, intent: &Intent) -> bool {
        if purpose != Purpose::Promotional || self.topics_off.is_empty() {
            return false;
        }
        let topic = programme.topic(intent.kind, &intent.cause, intent.facts.campaign.as_deref());
        topic.is_some_and(|topic| self.topics_off.contains(topic.name.as_str()))
    }

    /// What their hours have against a message.
    pub(crate) fn hold(&self, zone: Zone) -> Option<Hold<'static>> {
        self.hours.map(|hours| Hold::Wanted(hours, zone))
    }
}
