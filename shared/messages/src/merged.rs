//! Messages of a member that go as one: by a digest, over a cap, or late.
//!
//! What may go together is released together, and whoever is decided first takes up the others that may go then, too, by the
//! same channel and for the same purpose. The one that goes lists all of them, a line each.

use std::borrow::Cow;
use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use ledger::Account;
use programme::{Channel, Collect, Digest, MOST_LINES, OverCap, Programme, RewardName};

use crate::contacts::{Contact, counted, with_contact};
use crate::decision::{Send, cleared, counted_parts, fits, zone};
use crate::delay::{Delay, Waited};
use crate::intent::Intent;
use crate::profile::Profile;
use crate::truth::{digest, line};
use crate::when::Hold;

/// A message, and what it waited for last.
type Waiting = (Intent, Option<Waited>);

/// An intent as it is put into the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    pub intent: Intent,
    /// The keys of those that are told at once with it, and were put before it.
    pub with: Vec<String>,
    /// Where it is told at once with another, which takes it up: until when it waits for that.
    pub waits: Option<Waited>,
}

impl Stated {
    /// By itself.
    pub fn alone(intent: Intent) -> Self {
        Self {
            intent,
            with: Vec::new(),
            waits: None,
        }
    }
}

/// How long what is told at once with another waits for that, before it goes by itself.
const TAKEN_UP_WITHIN: SignedDuration = SignedDuration::from_mins(5);

/// How the intents of one commit are put into the outbox, in the order in which they are: the one that takes up others after
/// those. `intents` are in the order of their turns.
pub fn stated(programme: &Programme, intents: Vec<Intent>, now: Timestamp) -> Vec<Stated> {
    let programme = programme.at(now);
    let at_once = || {
        programme
            .digests
            .iter()
            .filter(|digest| digest.collect == Collect::AtOnce)
    };
    let are_one = |one: &Intent, other: &Intent| at_once().any(|digest| tells(digest, one, other));
    if intents.len() < 2 || at_once().next().is_none() {
        return intents.into_iter().map(Stated::alone).collect();
    }
    let mut left: VecDeque<Intent> = intents.into();
    let mut stated = Vec::with_capacity(left.len());
    while let Some(first) = left.pop_front() {
        let (others, rest): (VecDeque<_>, VecDeque<_>) = left.into_iter().partition(|other| are_one(&first, other));
        left = rest;
        let with = others.iter().map(Intent::key).collect();
        let until = now.saturating_add(TAKEN_UP_WITHIN).unwrap_or(now);
        let by = Delay::Digest;
        stated.extend(others.into_iter().map(|intent| Stated {
            waits: Some(Waited { until, by }),
            ..Stated::alone(intent)
        }));
        stated.push(Stated {
            with,
            ..Stated::alone(first)
        });
    }
    stated
}

/// Whether a digest tells of both in one: of their kinds, and where it waits for nothing else, of one event.
fn tells(digest: &Digest, one: &Intent, other: &Intent) -> bool {
    let of_one_event = || arises_of(&one.cause, &other.cause) || arises_of(&other.cause, &one.cause);
    let are_of_it = digest.kinds.contains(&one.kind) && digest.kinds.contains(&other.kind);
    are_of_it && (digest.collect != Collect::AtOnce || of_one_event())
}

/// Whether a cause is another's, or that of what was given for it, which names it at its end.
fn arises_of(cause: &str, of: &str) -> bool {
    let given = cause.strip_suffix(of);
    given.is_some_and(|given| given.is_empty() || given.ends_with('#'))
}

/// Takes up what may go with a message that goes. Gives what goes then, and the places of those taken up among the `others`;
/// none where it goes alone.
pub fn merge(
    programme: &Programme,
    (first, send): (&Waiting, Send),
    others: &[Waiting],
    (account, profile, gone): (&Account, &Profile, &[RewardName]),
    now: Timestamp,
) -> (Send, Vec<usize>) {
    let version = programme.at(now);
    // Who looks at texts before they go has not seen one that lists others.
    let phone = profile.phone.as_ref().filter(|_| send.channel == Channel::Sms);
    if phone.is_some_and(|phone| !version.is_let_pass_unseen(phone.reveal())) {
        return (send, Vec::new());
    }
    let contacts = send.contact.clone();
    let asked_by = (version, profile.preferences.as_deref());
    let contacts = contacts.map(|own| with_contact(asked_by, profile.contacts.clone(), own));
    // The room that this one has taken already, where it is tried once more, is the room that the others go in, too.
    let is_own = |contact: &Contact| first.0.has_key(&contact.key);
    let mut without = Cow::Borrowed(profile);
    if profile.contacts.iter().any(is_own) {
        without.to_mut().contacts.retain(|contact| !is_own(contact));
    }
    let seen = Seen {
        programme: version,
        first,
        send: &send,
        contacts: contacts.as_deref().unwrap_or(&profile.contacts),
        profile: &without,
        account,
        now,
    };
    let (mut merged, mut taken) = (Vec::new(), Vec::new());
    for (place, other) in others.iter().enumerate() {
        if merged.len() + 1 < MOST_LINES && seen.goes_too(other) {
            merged.push(&other.0);
            taken.push(place);
        }
    }
    // What there is no room for goes by itself.
    while !taken.is_empty() {
        if let Some(one) = as_one(programme, (&first.0, &send), &merged, (account, profile, gone), now) {
            return (one, taken);
        }
        merged.pop();
        taken.pop();
    }
    (send, taken)
}

/// What goes for a message and others together; none where one of them is not true, or the channel does not take so long a text.
pub fn as_one(
    programme: &Programme,
    (first, alone): (&Intent, &Send),
    merged: &[&Intent],
    member: (&Account, &Profile, &[RewardName]),
    now: Timestamp,
) -> Option<Send> {
    let (version, channel) = (programme.at(now), alone.channel);
    let locale = version.texts.locale_for(&member.1.locale);
    let lines = std::iter::once(&first).chain(merged);
    let lines = lines.map(|intent| line(version, intent, member, locale, now));
    let (lines, of_lines): (Vec<String>, Vec<Option<RewardName>>) = lines.collect::<Option<_>>()?;
    let (text, promises) = digest(version, (first, channel), &lines, member, locale, now)?;
    let contact = alone.contact.clone();
    fits(channel, &text).then(|| Send {
        parts: counted_parts(channel, &text),
        // All of them mean the same.
        promises: of_lines.into_iter().flatten().next().or(promises),
        text,
        contact,
        ..*alone
    })
}

/// What others are asked by whether they go with a message.
struct Seen<'a> {
    /// The version in effect.
    programme: &'a Programme,
    first: &'a Waiting,
    send: &'a Send,
    /// The member's, once this one has gone.
    contacts: &'a [Contact],
    account: &'a Account,
    /// As it was before this one.
    profile: &'a Profile,
    now: Timestamp,
}

impl Seen<'_> {
    fn goes_too(&self, (other, waited): &Waiting) -> bool {
        let Ok(theirs) = cleared(self.programme, (other, *waited), self.account, self.profile, self.now) else {
            return false;
        };
        let goes_the_same_way = theirs.channel == self.send.channel && theirs.purpose == self.send.purpose;
        goes_the_same_way && (self.in_a_digest(other) || self.is_late(*waited) || self.over_a_cap(other))
    }

    fn in_a_digest(&self, other: &Intent) -> bool {
        let mut digests = self.programme.digests.iter();
        digests.any(|digest| tells(digest, &self.first.0, other))
    }

    fn is_late(&self, waited: Option<Waited>) -> bool {
        let is_late = |waited: Option<Waited>| waited.is_some_and(|waited| waited.by == Delay::Late);
        is_late(waited) && is_late(self.first.1)
    }

    /// Whether it would have to wait for a cap that collects, once the first has gone.
    fn over_a_cap(&self, other: &Intent) -> bool {
        let zone = zone(self.programme, self.account, self.profile);
        let (purpose, channel) = (self.send.purpose, self.send.channel);
        let mut caps = self.programme.caps.iter();
        caps.any(|cap| {
            let counts = |intent: &Intent| cap.counts(intent.kind, purpose, channel);
            cap.over == OverCap::Digest && counts(&self.first.0) && counts(other) && {
                let counted = counted(cap, self.contacts, other);
                Hold::Cap(cap, &counted, zone).opens(self.now) != Some(self.now)
            }
        })
    }
}
