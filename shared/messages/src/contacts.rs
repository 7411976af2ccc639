//! What a member was sent of late, as far as caps ask for it.

use jiff::Timestamp;
use programme::{Cap, Channel, MessageKind, Programme, Purpose};

use crate::intent::Intent;
use crate::preferences::Preferences;

/// A message that a member was sent, or that was claimed for sending and may have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// When it was claimed.
    pub at: Timestamp,
    pub channel: Channel,
    pub purpose: Purpose,
    pub kind: MessageKind,
    /// The message's key.
    pub key: String,
}

impl Contact {
    pub(crate) fn of(intent: &Intent, (channel, purpose): (Channel, Purpose), at: Timestamp) -> Self {
        Self {
            at,
            channel,
            purpose,
            kind: intent.kind,
            key: intent.key(),
        }
    }

    fn is_counted(&self, cap: &Cap) -> bool {
        cap.counts(self.kind, self.purpose, self.channel)
    }
}

/// When those went that a cap counts beside a message, in their order: one that is sent once more is one.
pub(crate) fn counted(cap: &Cap, contacts: &[Contact], beside: &Intent) -> Vec<Timestamp> {
    let counted = contacts
        .iter()
        .filter(|one| one.is_counted(cap) && !beside.has_key(&one.key));
    counted.map(|one| one.at).collect()
}

/// The contacts with one more, the latest last, as far as any cap, or the member's own, may ask for them again.
pub fn with_contact(
    (programme, preferences): (&Programme, Option<&Preferences>),
    mut all: Vec<Contact>,
    new: Contact,
) -> Vec<Contact> {
    all.retain(|known| known.key != new.key);
    let place = all.partition_point(|known| known.at <= new.at);
    all.insert(place, new);
    // A cap is full or not by the last so many that it counts.
    let mut asked_for = vec![false; all.len()];
    // Those of a version that comes, or that was, may ask, too.
    let caps = programme.versions().flat_map(|version| &version.caps);
    let own = preferences.and_then(|own| own.most.as_ref());
    for cap in caps.chain(own) {
        let counted = all
            .iter()
            .zip(&mut asked_for)
            .rev()
            .filter(|(one, _)| one.is_counted(cap));
        for (_, asked_for) in counted.take(cap.most.get()) {
            *asked_for = true;
        }
    }
    let mut asked_for = asked_for.into_iter();
    all.retain(|_| asked_for.next().unwrap_or_default());
    all
}
