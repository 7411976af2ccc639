//! The send decision: may this message go, now, and is it still true?
//!
//! The questions are asked in this order, and the first "no" is the recorded reason: still true, still useful, a
//! channel that reaches the member and that they consented to, quiet hours, whether it is paused, and whether the text
//! fits the channel. "Not now" gives the instant from which it may go, or what has to be resumed before.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};
use ledger::{Account, Claim, Day};
use programme::{
    Channel, Context, Hours, MessageKind, Programme, Purpose, Rendered, SMS_BYTES, Switch, TextError, Zone, parts,
};

use crate::intent::Intent;
use crate::profile::Profile;

/// What becomes of a message now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Send(Send),
    Defer {
        until: Timestamp,
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
}

/// Why a message does not go at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// What it would say is no longer so.
    NoLongerTrue,
    /// It could not go while it was useful.
    TooLate,
    /// The member has no phone and no device.
    Unreachable,
    /// The member did not agree to such messages on a channel that reaches them.
    NoConsent,
    /// The rendered text is longer than the channel takes.
    TooLong,
}

impl Reason {
    /// The name used in the tables and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoLongerTrue => "no-longer-true",
            Self::TooLate => "too-late",
            Self::Unreachable => "unreachable",
            Self::NoConsent => "no-consent",
            Self::TooLong => "too-long",
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
    let channel = match channel(rule.channels.get_ref(), rule.purpose, profile) {
        Ok(channel) => channel,
        Err(reason) => return Ok(Verdict::Suppress(reason)),
    };
    if let Some(until) = quiet_until(programme.quiet_hours, zone, now) {
        return Ok(if until > intent.useful_until {
            Verdict::Suppress(Reason::TooLate)
        } else {
            Verdict::Defer { until }
        });
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

/// The first channel that reaches the member and that they agreed to.
fn channel(wanted: &[Channel], purpose: Purpose, profile: &Profile) -> Result<Channel, Reason> {
    let mut reason = Reason::Unreachable;
    for (channel, way) in ways(wanted, purpose, profile) {
        match way {
            Way::Open => return Ok(channel),
            Way::NoConsent => reason = Reason::NoConsent,
            Way::Unreachable => {}
        }
    }
    Err(reason)
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

/// Within quiet hours, the instant of their end; `None` outside them.
///
/// A change of clocks may end them too, by leaping over their end or back before their start; where it repeats the end,
/// the next to come counts.
pub fn quiet_until(quiet: Hours, zone: Zone, now: Timestamp) -> Option<Timestamp> {
    let (from, to) = (quiet.from.time(), quiet.to.time());
    if !quiet.contain(zone.time(now)) {
        return None;
    }
    let local = zone.local(now);
    let ends_tomorrow = from > to && local.time() >= from;
    let day = if ends_tomorrow {
        local.date().checked_add(1.day()).ok()?
    } else {
        local.date()
    };
    let end = Offset::from_seconds(zone.offset(now))
        .ok()?
        .to_timestamp(day.to_datetime(to))
        .ok()?;
    if zone.keeps_time(now, end) {
        return Some(end);
    }
    let ambiguous = zone.rules().to_ambiguous_timestamp(day.to_datetime(to));
    let ends = [ambiguous.earlier().ok(), ambiguous.later().ok()].into_iter().flatten();
    let change = zone.rules().following(now).next().map(|change| change.timestamp());
    // A skipped end resolves to another local time, which may still be quiet.
    let outside = |instant: &Timestamp| *instant > now && !quiet.contain(zone.time(*instant));
    ends.chain(change).filter(outside).min()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use jiff::SignedDuration;

    fn quiet(from: &str, to: &str) -> Hours {
        Hours {
            from: from.to_owned().try_into().unwrap(),
            to: to.to_owned().try_into().unwrap(),
        }
    }

    /// The end by trying every minute, for two days around both changes of clocks and a plain day.
    #[test]
    fn quiet_hours_end_at_the_first_minute_outside_them() {
        let mut compared = 0;
        for zone in [
            "America/New_York",
            "Europe/London",
            "Asia/Shanghai",
            "Asia/Kolkata",
            "Australia/Lord_Howe",
            "UTC",
        ] {
            let zone = Zone::parse(zone).unwrap();
            for hours in [
                quiet("21:00", "09:00"),
                quiet("01:30", "02:30"),
                quiet("00:00", "08:00"),
                quiet("22:00", "01:15"),
                quiet("12:00", "12:00"),
            ] {
                for start in [
                    "1997-04-05T00:00:00Z",
                    "1997-10-25T00:00:00Z",
                    "1998-07-01T00:00:00Z",
                    "1998-03-28T00:00:00Z",
                ] {
                    let start: Timestamp = start.parse().unwrap();
                    let minute = |n: i64| start + SignedDuration::from_mins(n);
                    for n in (0..2880).step_by(17) {
                        let computed = quiet_until(hours, zone, minute(n));
                        let tried = (n..n + 2880)
                            .map(minute)
                            .find(|now| quiet_until(hours, zone, *now).is_none());
                        assert_eq!(
                            computed.unwrap_or(minute(n)),
                            tried.expect("an end"),
                            "{} {hours:?} at {}",
                            zone.name(),
                            minute(n)
                        );
                        compared += 1;
                    }
                }
            }
        }
        println!("{compared} instants compared with trying every minute");
    }
}
