//! The send decision: may this message go, now, and is it still true?
//!
//! The questions are asked in this order, and the first "no" is the recorded reason: still true, still useful, a
//! channel that reaches the member and that they consented to, quiet hours, legal hours, caps, whether it is paused, and whether the
//! text fits the channel. "Not now" gives the first instant that suits all of these hours and caps together, or what has to be
//! resumed before.

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::{Account, Claim, Day};
use programme::{
    Cap, Channel, Context, MessageKind, MessageRule, OverCap, Programme, Purpose, Rendered, SMS_BYTES, Switch,
    TextError, Zone, parts,
};

use crate::contacts::{Contact, counted};
use crate::delay::{Delay, full, legal, not_now, spread_of};
use crate::intent::Intent;
use crate::profile::Profile;
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
    /// The member was sent as many as a cap allows, and it does not wait, or not long enough.
    OverCap,
    /// The member has no phone and no device.
    Unreachable,
    /// The member did not agree to such messages on a channel that reaches them.
    NoConsent,
    /// The rendered text is longer than the channel takes.
    TooLong,
    /// What messages may cost is spent for as long as it is of use.
    OverBudget,
}

impl Reason {
    /// The name used in the tables and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoLongerTrue => "no-longer-true",
            Self::TooLate => "too-late",
            Self::OverCap => "over-cap",
            Self::Unreachable => "unreachable",
            Self::NoConsent => "no-consent",
            Self::TooLong => "too-long",
            Self::OverBudget => "over-budget",
        }
    }
}

/// The push services take payloads of 4 KB; a text of half that leaves room for both platforms' wrapping.
const PUSH_BYTES: usize = 2048;

/// Decides on a message, as its member's account and profile stand at `now`.
pub fn decide(
    programme: &Programme,
    intent: &Intent,
    account: &Account,
    profile: &Profile,
    now: Timestamp,
) -> Result<Verdict, TextError> {
    let programme = programme.at(now);
    let Some(rule) = programme.message(intent.kind) else {
        return Ok(Verdict::Suppress(Reason::NoLongerTrue));
    };
    let zone = zone(programme, account, profile);
    let locale = programme.texts.locale_for(&profile.locale);
    let Some(truth) = truth(programme, intent, account, zone, now) else {
        return Ok(Verdict::Suppress(Reason::NoLongerTrue));
    };
    if now > intent.useful_until {
        return Ok(Verdict::Suppress(Reason::TooLate));
    }
    let caps = |channel: Channel| {
        let caps = programme
            .caps
            .iter()
            .filter(move |cap| cap.counts(intent.kind, rule.purpose, channel));
        caps.map(|cap| (cap, counted(cap, &profile.contacts, &intent.key())))
    };
    let channel = match channel(rule, profile, |channel| full(caps(channel), zone, now)) {
        Ok(channel) => channel,
        Err(reason) => return Ok(Verdict::Suppress(reason)),
    };
    let caps: Vec<(&Cap, Vec<Contact>)> = caps(channel).collect();
    let quiet = Hold::Quiet(programme.quiet_hours, zone);
    let legal: Vec<Hold<'_>> = legal(programme, rule.purpose, channel, profile, zone).collect();
    let later = spread_of(programme, intent);
    if let Some(verdict) = not_now((quiet, &legal), &caps, zone, (now, later), intent.useful_until) {
        return Ok(verdict);
    }
    // The channel is not chosen anew: a pause changes when a message goes, never how. The text is not asked for before,
    // since a faulty one may be why it is paused.
    if let Some(paused) = programme.paused.holds(intent.kind, channel) {
        return Ok(Verdict::Wait { paused });
    }
    let context = context(programme, intent, account, profile, (&truth, locale, channel), now);
    let (text, parts, longest) = match channel {
        Channel::Sms => {
            let text = programme.texts.sms(intent.kind, locale, &context)?;
            let parts = parts(&text.body).parts;
            (text, parts, SMS_BYTES)
        }
        Channel::Push => (programme.texts.push(intent.kind, locale, &context)?, 0, PUSH_BYTES),
    };
    if text.title.len() + text.body.len() > longest {
        return Ok(Verdict::Suppress(Reason::TooLong));
    }
    Ok(Verdict::Send(Send {
        channel,
        purpose: rule.purpose,
        text,
        parts,
        contact: (!caps.is_empty()).then(|| Contact::of(intent, (channel, rule.purpose), now)),
    }))
}

/// The profile's zone, which is nearly always the account's and known there.
fn zone(programme: &Programme, account: &Account, profile: &Profile) -> Zone {
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
    /// The member has no phone, or no device.
    Unreachable,
    /// The member did not agree to such messages on it.
    NoConsent,
}

/// The channels of a message in the programme's order, and whether each is open: the first that is carries it.
pub fn ways<'a>(
    wanted: &'a [Channel],
    purpose: Purpose,
    profile: &'a Profile,
) -> impl Iterator<Item = (Channel, Way)> + 'a {
    let way = move |channel: Channel| {
        let reaches = match channel {
            Channel::Sms => profile.phone.is_some(),
            Channel::Push => profile.device.is_some(),
        };
        if !reaches {
            Way::Unreachable
        } else if profile.consents.contains(&(channel, purpose)) {
            Way::Open
        } else {
            Way::NoConsent
        }
    };
    wanted.iter().map(move |channel| (*channel, way(*channel)))
}

/// The first channel that reaches the member and that they agreed to; one whose caps are full leaves the word to the next,
/// where they say so, if that has room.
fn channel<'a>(
    rule: &MessageRule,
    profile: &Profile,
    full: impl Fn(Channel) -> Vec<&'a Cap>,
) -> Result<Channel, Reason> {
    let mut reason = Reason::Unreachable;
    let mut first = None;
    for (channel, way) in ways(rule.channels.get_ref(), rule.purpose, profile) {
        match way {
            Way::Open => {
                let full = full(channel);
                if full.is_empty() {
                    return Ok(channel);
                }
                first = first.or(Some(channel));
                if full.iter().any(|cap| cap.over != OverCap::SwitchChannel) {
                    break;
                }
            }
            Way::NoConsent => reason = Reason::NoConsent,
            Way::Unreachable => {}
        }
    }
    first.ok_or(reason)
}

/// What a message is about, read again from the account.
struct Truth<'a> {
    points: i64,
    date: Date,
    today: Day,
    claim: Option<&'a Claim>,
}

/// What a message is about; `None` where it is no longer true.
fn truth<'a>(
    programme: &Programme,
    intent: &Intent,
    account: &'a Account,
    zone: Zone,
    now: Timestamp,
) -> Option<Truth<'a>> {
    let today = Day::at(now, programme.zone);
    let (wallet, set) = (intent.wallet, intent.facts.set.unwrap_or_default());
    let mut points = intent.facts.points.unwrap_or_default();
    let mut date = intent.facts.day.unwrap_or(Date::constant(1970, 1, 1));
    match intent.kind {
        MessageKind::PointsExpiring => {
            let last_day = Day::of(date);
            points = account.lapsing_on(wallet, last_day).get();
            let told = ledger::told_last_day(programme, last_day);
            if points == 0 || told < today {
                return None;
            }
            date = told.date();
        }
        // Of an order that came back meanwhile, what stays.
        MessageKind::PointsEarned => {
            points -= account.taken_back(wallet, &intent.cause).unwrap_or_default();
            if points <= 0 {
                return None;
            }
        }
        // All that wait for that day: some of them may have come back since, or need not wait any longer.
        MessageKind::PointsPending => {
            let waiting = account.pending(wallet).iter();
            let day = Day::of(date);
            let of_day = waiting.filter(|pending| pending.until == day);
            points = of_day.map(|pending| pending.points.get()).sum();
            if points == 0 {
                return None;
            }
        }
        MessageKind::TierAtRisk => {
            let risk = ledger::at_risk(programme, account, set).filter(|risk| risk.review.date() == date)?;
            if risk.review <= today {
                return None;
            }
            points = risk.missing;
        }
        MessageKind::TierUpgraded if intent.facts.tier? > account.tier_in(set) => return None,
        // A birthday is over at the member's midnight.
        MessageKind::Birthday if Day::at(now, zone) != Day::at(intent.at, zone) => return None,
        // Used, given back or lapsed meanwhile.
        MessageKind::RewardReady | MessageKind::RewardExpiring if claim(intent, account).is_none() => return None,
        MessageKind::Welcome
        | MessageKind::RewardReady
        | MessageKind::RewardExpiring
        | MessageKind::PointsUnlocked
        | MessageKind::TierUpgraded
        | MessageKind::PointsExpired
        | MessageKind::PointsReturned
        | MessageKind::PointsReceived
        | MessageKind::Birthday
        | MessageKind::Anniversary => {}
    }
    let claim = claim(intent, account);
    Some(Truth {
        points,
        date,
        today,
        claim,
    })
}

/// What the text may say.
fn context<'a>(
    programme: &'a Programme,
    intent: &Intent,
    account: &Account,
    profile: &'a Profile,
    (truth, locale, channel): (&Truth<'a>, &str, Channel),
    now: Timestamp,
) -> Context<'a> {
    let (wallet, set) = (intent.wallet, intent.facts.set.unwrap_or_default());
    let Truth {
        points,
        date,
        today,
        claim,
    } = *truth;
    let campaign = intent.facts.campaign.as_deref();
    let campaign_title = campaign.and_then(|name| programme.campaign_title(name, locale));
    let asked = programme.texts.speak_of_next_reward(intent.kind, locale, channel);
    let next = asked.then(|| ledger::next_reward(programme, account, now)).flatten();
    Context {
        name: &profile.name,
        programme: &programme.name,
        balance: account.balance(wallet, programme, now).get(),
        wallet: programme.wallet_name(wallet, locale),
        tier: programme.tier_name(set, account.tier_in(set), locale),
        points,
        date,
        days: i64::from(today.until(Day::of(date))),
        years: i64::from(intent.facts.years.unwrap_or_default()),
        campaign: campaign_title.unwrap_or_default(),
        reward: claim.map_or("", |claim| programme.reward_title(claim.reward.as_str(), locale)),
        code: claim.and_then(|claim| claim.code.as_deref()).unwrap_or_default(),
        lapses: claim.is_some_and(|claim| claim.lapses_after().is_some()),
        next_reward: next.map_or("", |(reward, _)| reward.title(locale)),
        missing: next.map_or(0, |(_, missing)| missing.get()),
    }
}

/// The reward that a message is about, if the member has it still.
fn claim<'a>(intent: &Intent, account: &'a Account) -> Option<&'a Claim> {
    let id = intent.facts.claim.as_deref()?;
    account.claims().iter().find(|claim| claim.id == id)
}
