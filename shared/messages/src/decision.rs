//! The send decision: may this message go, now, and is it still true?
//!
//! The questions are asked in this order, and the first "no" is the recorded reason: still true, still useful, a
//! channel that reaches the member and that they consented to, others that it goes with, the member's preferences, quiet hours,
//! legal hours, caps, whether it is paused, and whether the text fits the channel. "Not now" gives the first instant that suits
//! all of these preferences, hours and caps together, or what has to be resumed before.

use jiff::Timestamp;
use ledger::Account;
use programme::{
    Cap, Channel, MessageRule, OverCap, Programme, Purpose, Rendered, RewardName, SMS_BYTES, Switch, TextError, Zone,
    parts,
};

use crate::contacts::{Contact, counted};
use crate::delay::{Counted, Delay, Waited, for_others, legal, not_now, spread_of};
use crate::intent::Intent;
use crate::profile::{Phone, Profile};
use crate::truth::{Truth, context, next, promised, truth};
use crate::when::Hold;

/// What becomes of a message now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Send(Send),
    Defer {
        until: Timestamp,
        by: Delay,
    },
    /// An operator has paused it.
    Wait {
        paused: Switch,
    },
    Suppress(Reason),
}

/// A message that may go, with every number read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Send {
    pub channel: Channel,
    pub purpose: Purpose,
    pub text: Rendered,
    /// What a carrier counts it as; 0 for a push.
    pub parts: u32,
    /// The reward that its text says is within reach, where there are only so many: whoever sends it has to see that some are
    /// left.
    pub promises: Option<RewardName>,
    /// What the member's profile keeps of it from when it is claimed; none where no cap counts it.
    pub contact: Option<Contact>,
}

/// Why a message does not go at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// What it would say is no longer so.
    NoLongerTrue,
    /// It could not go while it was useful.
    TooLate,
    /// It is late, and of a kind that does not go late.
    Missed,
    /// The member was sent as many as a cap allows, and it does not wait, or not long enough.
    OverCap,
    /// The member has no phone that texts reach, and no device.
    Unreachable,
    /// The member did not agree to such messages on a channel that reaches them.
    NoConsent,
    /// The member agreed, and the number was told to stop since.
    Stopped,
    /// It advertises, and is of a topic that the member left out.
    TopicOff,
    /// The hours in which the member wants messages come too late, or never where others may go.
    OwnHours,
    /// The member was sent as many as they want, for as long as it is of use.
    OwnFrequency,
    /// The rendered text is longer than the channel takes.
    TooLong,
    /// What messages may cost is spent for as long as it is of use.
    OverBudget,
    /// Who carries SMS where the number is from has not approved the text, and no other channel is open.
    Unapproved,
}

impl Reason {
    /// The name used in the tables and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoLongerTrue => "no-longer-true",
            Self::TooLate => "too-late",
            Self::Missed => "missed",
            Self::OverCap => "over-cap",
            Self::Unreachable => "unreachable",
            Self::NoConsent => "no-consent",
            Self::Stopped => "stopped-by-member",
            Self::TopicOff => "topic-off",
            Self::OwnHours => "own-hours",
            Self::OwnFrequency => "own-frequency",
            Self::TooLong => "too-long",
            Self::OverBudget => "over-budget",
            Self::Unapproved => "unapproved",
        }
    }
}

/// The push services take payloads of 4 KB; a text of half that leaves room for both platforms' wrapping.
const PUSH_BYTES: usize = 2048;

/// What a message that may go now goes by.
pub(crate) struct Cleared<'a> {
    pub(crate) channel: Channel,
    pub(crate) purpose: Purpose,
    locale: &'a str,
    truth: Truth<'a>,
    /// Whether a cap counts it.
    is_capped: bool,
}

/// Decides on a message and by what it waited for last, as its member's account and profile stand at `now`. No text speaks of
/// rewards that are `gone`.
pub fn decide(
    programme: &Programme,
    (intent, waited): (&Intent, Option<Waited>),
    (account, profile): (&Account, &Profile),
    gone: &[RewardName],
    now: Timestamp,
) -> Result<Verdict, TextError> {
    let programme = programme.at(now);
    let cleared = match cleared(programme, (intent, waited), account, profile, now) {
        Ok(cleared) => cleared,
        Err(verdict) => return Ok(verdict),
    };
    let (channel, locale, purpose) = (cleared.channel, cleared.locale, cleared.purpose);
    let told = programme.texts.message(intent.text(), channel, locale)?;
    let next = next(programme, &told, (account, gone), now);
    let context = context(programme, intent, account, profile, (&cleared.truth, next, locale), now);
    let text = told.render(&context)?;
    if !fits(channel, &text) {
        return Ok(Verdict::Suppress(Reason::TooLong));
    }
    Ok(Verdict::Send(Send {
        channel,
        purpose,
        parts: counted_parts(channel, &text),
        text,
        promises: promised(next),
        contact: cleared.is_capped.then(|| Contact::of(intent, (channel, purpose), now)),
    }))
}

/// Whether a message may go now, whatever its text is, by the version in effect.
#[expect(clippy::result_large_err, reason = "the verdict is handed on as it is")]
pub(crate) fn cleared<'a>(
    programme: &'a Programme,
    (intent, waited): (&Intent, Option<Waited>),
    account: &'a Account,
    profile: &Profile,
    now: Timestamp,
) -> Result<Cleared<'a>, Verdict> {
    let Some(rule) = programme.rule(intent.kind, &intent.cause) else {
        return Err(Verdict::Suppress(Reason::NoLongerTrue));
    };
    let zone = zone(programme, account, profile);
    let locale = programme.texts.locale_for(&profile.locale);
    let Some(truth) = truth(programme, intent, account, zone, now) else {
        return Err(Verdict::Suppress(Reason::NoLongerTrue));
    };
    if now > intent.useful_until {
        return Err(Verdict::Suppress(Reason::TooLate));
    }
    let others = for_others(programme, rule, (intent, waited), zone, now).map_err(Verdict::Suppress)?;
    let own = profile.preferences.as_deref();
    let caps = |channel: Channel| {
        let caps = programme.caps.iter().chain(own.and_then(|own| own.most.as_ref()));
        let caps = caps.filter(|cap| cap.counts(intent.kind, rule.purpose, channel));
        caps.map(|cap| (cap, counted(cap, &profile.contacts, intent))).collect()
    };
    let passes = |channel: Channel| {
        let phone = profile.phone.as_ref().filter(|_| channel == Channel::Sms);
        phone.is_none_or(|phone| programme.is_let_pass(intent.kind, locale, phone.reveal()))
    };
    let is_full = |(cap, counted): &(&Cap, Vec<Timestamp>)| Hold::Cap(cap, counted, zone).opens(now) != Some(now);
    let (channel, caps) = channel(rule, profile, passes, caps, is_full).map_err(Verdict::Suppress)?;
    if own.is_some_and(|own| own.leave_out(programme, rule.purpose, intent)) {
        return Err(Verdict::Suppress(Reason::TopicOff));
    }
    let quiet = Hold::Quiet(programme.quiet_hours, zone);
    let legal: Vec<Hold<'_>> = legal(programme, rule.purpose, channel, profile, zone).collect();
    let later = || spread_of(programme, intent);
    let holds = (others, own, quiet, legal.as_slice());
    if let Some(verdict) = not_now(holds, &caps, zone, (now, later), intent.useful_until) {
        return Err(verdict);
    }
    // The channel is not chosen anew: a pause changes when a message goes, never how. The text is not asked for before,
    // since a faulty one may be why it is paused.
    if let Some(paused) = programme.paused.holds(intent.kind, &intent.cause, channel) {
        return Err(Verdict::Wait { paused });
    }
    Ok(Cleared {
        channel,
        purpose: rule.purpose,
        locale,
        truth,
        is_capped: !caps.is_empty(),
    })
}

/// What a carrier counts a text as; 0 for a push.
pub(crate) fn counted_parts(channel: Channel, text: &Rendered) -> u32 {
    match channel {
        Channel::Sms => parts(&text.body).parts,
        Channel::Push => 0,
    }
}

/// Whether a channel takes a text of that length.
pub(crate) fn fits(channel: Channel, text: &Rendered) -> bool {
    let longest = match channel {
        Channel::Sms => SMS_BYTES,
        Channel::Push => PUSH_BYTES,
    };
    text.title.len() + text.body.len() <= longest
}

/// The profile's zone, which is nearly always the account's and known there.
pub(crate) fn zone(programme: &Programme, account: &Account, profile: &Profile) -> Zone {
    let own = account.zone(programme);
    if own.name() == profile.zone {
        return own;
    }
    Zone::parse(&profile.zone).unwrap_or(programme.zone)
}

/// Whether a channel is open to messages of a purpose for a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Open,
    /// The member has no phone that texts reach, or no device.
    Unreachable,
    /// The member did not agree to such messages on it.
    NoConsent,
    /// The member agreed to them, and the number was told to stop since.
    Stopped,
}

/// The channels of a message, those that the member prefers before the others, which are in the programme's order; and whether
/// each is open: the first that is carries it.
pub fn ways<'a>(
    wanted: &'a [Channel],
    purpose: Purpose,
    profile: &'a Profile,
) -> impl Iterator<Item = (Channel, Way)> + 'a {
    let way = move |channel: Channel| {
        let reaches = match channel {
            Channel::Sms => profile.phone.as_ref().is_some_and(Phone::gets_texts),
            Channel::Push => profile.device.is_some(),
        };
        if !reaches {
            Way::Unreachable
        } else if profile.consents.contains(&(channel, purpose)) {
            Way::Open
        } else if profile.withheld.contains(&(channel, purpose)) {
            Way::Stopped
        } else {
            Way::NoConsent
        }
    };
    let preferred = profile.preferences.as_deref().map_or(&[][..], |own| &own.channels);
    let first = preferred.iter().filter(|channel| wanted.contains(channel));
    let others = wanted.iter().filter(|channel| !preferred.contains(channel));
    first.chain(others).map(move |channel| (*channel, way(*channel)))
}

/// The first channel that reaches the member, that they agreed to and that lets the text pass; one whose caps are full leaves the word to the next,
/// where they say so, if that has room.
fn channel<'a>(
    rule: &MessageRule,
    profile: &Profile,
    passes: impl Fn(Channel) -> bool,
    caps: impl Fn(Channel) -> Counted<'a>,
    is_full: impl Fn(&(&'a Cap, Vec<Timestamp>)) -> bool,
) -> Result<(Channel, Counted<'a>), Reason> {
    let mut reason = Reason::Unreachable;
    let mut first = None;
    for (channel, way) in ways(rule.channels.get_ref(), rule.purpose, profile) {
        match way {
            Way::Open if !passes(channel) => reason = Reason::Unapproved,
            Way::Open => {
                let caps = caps(channel);
                let mut full = caps.iter().filter(|cap| is_full(cap)).peekable();
                if full.peek().is_none() {
                    drop(full);
                    return Ok((channel, caps));
                }
                let leaves = full.all(|(cap, _)| cap.over == OverCap::SwitchChannel);
                first = first.or(Some((channel, caps)));
                if !leaves {
                    break;
                }
            }
            Way::NoConsent | Way::Stopped if reason == Reason::Unapproved => {}
            Way::Stopped => reason = Reason::Stopped,
            Way::NoConsent if reason == Reason::Stopped => {}
            Way::NoConsent => reason = Reason::NoConsent,
            Way::Unreachable => {}
        }
    }
    first.ok_or(reason)
}
