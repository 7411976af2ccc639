//! What puts a message off: the member's preferences, quiet hours, legal hours and caps together, and how long after them it goes.

use jiff::{SignedDuration, Timestamp};
use programme::{
    Cap, Channel, Collect, Digest, MessageKind, MessageRule, OverCap, Programme, Purpose, WhenLate, Zone, next_of,
};

use crate::decision::{Reason, Verdict};
use crate::intent::Intent;
use crate::preferences::Preferences;
use crate::profile::Profile;
use crate::when::{Hold, first_open};

/// What puts a message off: the first that has something against now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delay {
    /// The member wants no messages at this hour.
    OwnHours,
    /// The member was sent as many as they want in a time.
    OwnFrequency,
    QuietHours,
    /// A broadcast goes at its own time, where the member lives.
    LocalTime,
    /// No text may advertise at this hour where the member's number is from.
    LegalHours,
    /// The member was sent as many as a cap allows.
    Cap,
    /// What messages may cost is spent.
    Budget,
    /// Others go first, at the rate that whoever takes messages takes them.
    Rate,
    /// SNS asked for a pause.
    Throttled,
    /// It goes with others, at their time.
    Digest,
    /// It is late, and goes with others that are.
    Late,
}

/// What a message waited for last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waited {
    pub until: Timestamp,
    pub by: Delay,
}

impl Delay {
    const ALL: [Self; 11] = [
        Self::OwnHours,
        Self::OwnFrequency,
        Self::QuietHours,
        Self::LegalHours,
        Self::Cap,
        Self::Budget,
        Self::Rate,
        Self::Throttled,
        Self::Digest,
        Self::Late,
        Self::LocalTime,
    ];

    /// The one of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// The name used in the tables and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::OwnHours => "own-hours",
            Self::OwnFrequency => "own-frequency",
            Self::QuietHours => "quiet-hours",
            Self::LocalTime => "local-time",
            Self::LegalHours => "legal-hours",
            Self::Cap => "cap",
            Self::Budget => "budget",
            Self::Rate => "rate",
            Self::Throttled => "throttled",
            Self::Digest => "digest",
            Self::Late => "late",
        }
    }
}

/// How long what is late waits for others, and of which minutes they go together.
const LATE_WAIT: (SignedDuration, SignedDuration) = (SignedDuration::from_mins(5), SignedDuration::from_mins(15));

/// Until when a message waits for others that it goes with, if it does; why it never goes, where it is too late by the rule of its
/// kind.
pub(crate) fn for_others(
    programme: &Programme,
    rule: &MessageRule,
    (intent, waited): (&Intent, Option<Waited>),
    zone: Zone,
    now: Timestamp,
) -> Result<Option<Waited>, Reason> {
    if rule.when_late != WhenLate::Send {
        let due = waited.map_or_else(|| intent.came(rule), |waited| waited.until);
        let is_late = now.duration_since(due) > programme.sending.late_after_minutes.time();
        match rule.when_late {
            WhenLate::Skip if is_late => return Err(Reason::Missed),
            WhenLate::Merge if is_late => {
                let (least, minutes) = LATE_WAIT;
                let until = next_of(now.saturating_add(least).unwrap_or(now), minutes);
                let by = Delay::Late;
                return Ok((until <= intent.useful_until).then_some(Waited { until, by }));
            }
            WhenLate::Send | WhenLate::Merge | WhenLate::Skip => {}
        }
    }
    // A broadcast goes at its own hour, whoever lets it go before.
    if intent.kind == MessageKind::Broadcast {
        let (until, by) = (intent.at, Delay::LocalTime);
        return Ok((until > now).then_some(Waited { until, by }));
    }
    let mut digests = programme.digests.iter();
    let waits = |digest: &&Digest| digest.collect != Collect::AtOnce && digest.kinds.contains(&intent.kind);
    let digest = digests.find(waits);
    let until = digest.map(|digest| digest.collect.after(intent.came(rule), zone));
    let until = until.filter(|until| *until > now);
    Ok(until.map(|until| Waited {
        until,
        by: Delay::Digest,
    }))
}

/// The caps that count a message, each with when those went that it counts beside it.
pub(crate) type Counted<'a> = Vec<(&'a Cap, Vec<Timestamp>)>;

/// What the law of a number's place has against a text that advertises: in the profile's zone, or where that is none, in each
/// zone they may live in. `zone` is the one that other hours go by.
pub fn legal<'a>(
    programme: &'a Programme,
    purpose: Purpose,
    channel: Channel,
    profile: &Profile,
    zone: Zone,
) -> impl Iterator<Item = Hold<'a>> + use<'a> {
    let is_bound = channel == Channel::Sms && purpose == Purpose::Promotional;
    let phone = profile.phone.as_ref().filter(|_| is_bound);
    let hours = phone.and_then(|phone| programme.legal_hours(phone.reveal()));
    // The zone that is known already is nearly always the profile's.
    let parsed = |zone: &str| Zone::parse(zone).ok();
    let own = hours.and_then(|_| {
        let is_known = zone.name() == profile.zone;
        is_known.then_some(zone).or_else(|| parsed(&profile.zone))
    });
    hours.into_iter().flat_map(move |hours| {
        let candidates = own.is_none().then(|| hours.zones()).into_iter().flatten();
        own.into_iter()
            .chain(candidates)
            .map(|zone| Hold::Legal(&hours.windows, zone))
    })
}

/// What the member's preferences, hours, caps and others that it goes with have against now, if anything. The member's own is
/// the last of the caps.
pub(crate) fn not_now(
    (others, own, quiet, legal): (Option<Waited>, Option<&Preferences>, Hold<'_>, &[Hold<'_>]),
    caps: &[(&Cap, Vec<Timestamp>)],
    zone: Zone,
    (now, later): (Timestamp, impl FnOnce() -> SignedDuration),
    useful_until: Timestamp,
) -> Option<Verdict> {
    let is_closed = |hold: &Hold<'_>| hold.opens(now) != Some(now);
    let open = quiet.opens(now);
    // Nearly every message has quiet hours alone against it, and most not even these.
    if others.is_none() && own.is_none() && legal.is_empty() && caps.is_empty() {
        match open {
            Some(until) if until == now => return None,
            Some(until) if until <= useful_until => {
                let until = spread(&[quiet], until, later(), useful_until);
                let by = Delay::QuietHours;
                return Some(Verdict::Defer { until, by });
            }
            _ => {}
        }
    }
    let wanted = own.and_then(|own| own.hold(zone));
    let own_cap = own.and_then(|own| own.most.as_ref());
    let is_own = |cap: &Cap| own_cap.is_some_and(|own| std::ptr::eq(own, cap));
    let is_full = |(cap, counted): &&(&Cap, Vec<Timestamp>)| is_closed(&Hold::Cap(cap, counted, zone));
    let full: Vec<&Cap> = caps.iter().filter(is_full).map(|(cap, _)| *cap).collect();
    if full.iter().any(|cap| cap.over == OverCap::Drop) {
        return Some(Verdict::Suppress(Reason::OverCap));
    }
    let by = if let Some(others) = others {
        others.by
    } else if wanted.as_ref().is_some_and(is_closed) {
        Delay::OwnHours
    } else if full.iter().any(|cap| is_own(cap)) {
        Delay::OwnFrequency
    } else if open != Some(now) {
        Delay::QuietHours
    } else if legal.iter().any(is_closed) {
        Delay::LegalHours
    } else if full.is_empty() {
        return None;
    } else {
        Delay::Cap
    };
    // What nobody can change comes first, and what the member could last.
    let mut holds = vec![quiet];
    holds.extend_from_slice(legal);
    holds.extend(others.map(|others| Hold::NotBefore(others.until)));
    let of_programme = holds.len();
    holds.extend(wanted);
    let of_hours = holds.len();
    let of_others = caps.iter().take_while(|(cap, _)| !is_own(cap)).count();
    holds.extend(caps.iter().map(|(cap, counted)| Hold::Cap(cap, counted, zone)));
    if let Some(until) = first_open(&holds, now, useful_until) {
        let until = spread(&holds, until, later(), useful_until);
        return Some(Verdict::Defer { until, by });
    }
    let is_never = |(some, _): &(usize, Reason)| {
        let some = holds.get(..*some).unwrap_or_default();
        first_open(some, now, useful_until).is_none()
    };
    let reasons = [
        (of_programme, Reason::TooLate),
        (of_hours, Reason::OwnHours),
        (of_hours + of_others, Reason::OverCap),
    ];
    let reason = reasons.into_iter().find(is_never);
    Some(Verdict::Suppress(
        reason.map_or(Reason::OwnFrequency, |(_, reason)| reason),
    ))
}

/// How long after the instant from which it may go a message goes that waited: each one's own, so that what waits for one
/// morning does not all go at once.
pub(crate) fn spread_of(programme: &Programme, intent: &Intent) -> SignedDuration {
    let over = programme.sending.spread_minutes.seconds();
    if over == 0 {
        return SignedDuration::ZERO;
    }
    let key = intent.key();
    // FNV-1a.
    let bytes = intent.member.as_str().bytes().chain(key.bytes());
    let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    SignedDuration::from_secs(i64::from(hash % over))
}

/// Somewhat later, where that suits everything still.
fn spread(holds: &[Hold<'_>], until: Timestamp, later: SignedDuration, useful_until: Timestamp) -> Timestamp {
    let spread = until.saturating_add(later).unwrap_or(until);
    if spread > until && first_open(holds, spread, useful_until) == Some(spread) {
        spread
    } else {
        until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Else a message would have waited for nothing that is known, and be taken for a late one.
    #[test]
    fn each_delay_is_found_by_its_name() {
        let next = |delay: Option<Delay>| match delay {
            None => Some(Delay::OwnHours),
            Some(Delay::OwnHours) => Some(Delay::OwnFrequency),
            Some(Delay::OwnFrequency) => Some(Delay::QuietHours),
            Some(Delay::QuietHours) => Some(Delay::LocalTime),
            Some(Delay::LocalTime) => Some(Delay::LegalHours),
            Some(Delay::LegalHours) => Some(Delay::Cap),
            Some(Delay::Cap) => Some(Delay::Budget),
            Some(Delay::Budget) => Some(Delay::Rate),
            Some(Delay::Rate) => Some(Delay::Throttled),
            Some(Delay::Throttled) => Some(Delay::Digest),
            Some(Delay::Digest) => Some(Delay::Late),
            Some(Delay::Late) => None,
        };
        let mut delay = next(None);
        while let Some(known) = delay {
            assert_eq!(Delay::from_name(known.name()), Some(known));
            delay = next(delay);
        }
    }
}
