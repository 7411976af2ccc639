//! What puts a message off: quiet hours, legal hours and caps together, and how long after them it goes.

use jiff::{SignedDuration, Timestamp};
use programme::{Cap, Channel, OverCap, Programme, Purpose, Zone};

use crate::contacts::Contact;
use crate::decision::{Reason, Verdict};
use crate::intent::Intent;
use crate::profile::Profile;
use crate::when::{Hold, first_open};

/// What puts a message off: the first that has something against now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delay {
    QuietHours,
    /// No text may advertise at this hour where the member's number is from.
    LegalHours,
    /// The member was sent as many as a cap allows.
    Cap,
    /// What messages may cost is spent.
    Budget,
    /// SNS asked for a pause.
    Throttled,
}

impl Delay {
    /// The name used in the tables and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::QuietHours => "quiet-hours",
            Self::LegalHours => "legal-hours",
            Self::Cap => "cap",
            Self::Budget => "budget",
            Self::Throttled => "throttled",
        }
    }
}

/// The caps that have no room now.
pub(crate) fn full<'a>(
    caps: impl Iterator<Item = (&'a Cap, Vec<Contact>)>,
    zone: Zone,
    now: Timestamp,
) -> Vec<&'a Cap> {
    let full = caps.filter(|(cap, counted)| Hold::Cap(cap, counted, zone).opens(now) != Some(now));
    full.map(|(cap, _)| cap).collect()
}

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

/// What hours and caps have against now, if anything.
pub(crate) fn not_now(
    (quiet, legal): (Hold<'_>, &[Hold<'_>]),
    caps: &[(&Cap, Vec<Contact>)],
    zone: Zone,
    (now, later): (Timestamp, SignedDuration),
    useful_until: Timestamp,
) -> Option<Verdict> {
    let is_closed = |hold: &Hold<'_>| hold.opens(now) != Some(now);
    let open = quiet.opens(now);
    // Nearly every message has quiet hours alone against it, and most not even these.
    if legal.is_empty() && caps.is_empty() {
        match open {
            Some(until) if until == now => return None,
            Some(until) if until <= useful_until && later.is_zero() => {
                let by = Delay::QuietHours;
                return Some(Verdict::Defer { until, by });
            }
            _ => {}
        }
    }
    let closed = if open == Some(now) {
        legal.iter().any(is_closed).then_some(Delay::LegalHours)
    } else {
        Some(Delay::QuietHours)
    };
    let is_full = |(cap, counted): &&(&Cap, Vec<Contact>)| is_closed(&Hold::Cap(cap, counted, zone));
    let full: Vec<&Cap> = caps.iter().filter(is_full).map(|(cap, _)| *cap).collect();
    if full.iter().any(|cap| cap.over == OverCap::Drop) {
        return Some(Verdict::Suppress(Reason::OverCap));
    }
    let by = match (closed, full.is_empty()) {
        (Some(by), _) => by,
        (None, false) => Delay::Cap,
        (None, true) => return None,
    };
    let mut of_hours = vec![quiet];
    of_hours.extend_from_slice(legal);
    let caps = caps.iter().map(|(cap, counted)| Hold::Cap(cap, counted, zone));
    let all: Vec<Hold<'_>> = of_hours.iter().copied().chain(caps).collect();
    Some(match first_open(&all, now, useful_until) {
        Some(until) => Verdict::Defer {
            until: spread(&all, until, later, useful_until),
            by,
        },
        // Without caps it would have gone in time.
        None if first_open(&of_hours, now, useful_until).is_some() => Verdict::Suppress(Reason::OverCap),
        None => Verdict::Suppress(Reason::TooLate),
    })
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
