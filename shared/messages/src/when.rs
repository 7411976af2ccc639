//! When a message may go: the first instant that all of its constraints allow.
//!
//! Each constraint says for itself from which instant on it has nothing against it. Asked one after the other, each from
//! where the others have led, they come to the first instant that suits all of them: none of them ever skips an instant
//! that it allows, so none that all of them allow is skipped. No time is tried out, so a month ahead costs what an hour does.

use jiff::Timestamp;
use jiff::civil::{DateTime, Weekday};
use jiff::{SignedDuration, ToSpan};
use programme::{Cap, CapPer, Hours, Windows, Zone};

/// What may hold a message back for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold<'a> {
    /// The programme's quiet hours, where the clocks of a zone show them.
    Quiet(Hours, Zone),
    /// The hours of the day in which a member wants messages, where the clocks of a zone show them.
    Wanted(Hours, Zone),
    /// The hours of each weekday in which a text may advertise by law, where the clocks of a zone show them.
    Legal(&'a Windows, Zone),
    /// A cap, with when the messages went that it counts, in order, and the zone whose calendar it counts by.
    Cap(&'a Cap, &'a [Timestamp], Zone),
    /// It goes with others, at an instant.
    NotBefore(Timestamp),
}

impl Hold<'_> {
    /// The first instant from one on that it has nothing against; none where there is no such.
    pub fn opens(&self, from: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Quiet(hours, zone) => outside(*hours, *zone, from),
            // All other hours of the day are as quiet.
            Self::Wanted(Hours { from: begin, to: end }, zone) => {
                let others = Hours { from: *end, to: *begin };
                outside(others, *zone, from)
            }
            Self::Legal(windows, zone) => legal_from(windows, *zone, from),
            Self::Cap(cap, counted, zone) => has_room(cap, counted, *zone, from),
            Self::NotBefore(at) => Some(from.max(*at)),
        }
    }
}

/// The first instant from one on that nothing holds a message back, if that comes by `until`.
pub fn first_open(holds: &[Hold<'_>], from: Timestamp, until: Timestamp) -> Option<Timestamp> {
    let mut at = from;
    let mut agreed = 0;
    while agreed < holds.len() {
        for hold in holds {
            let open = hold.opens(at).filter(|open| *open <= until)?;
            agreed = if open == at { agreed + 1 } else { 1 };
            at = open;
            if agreed >= holds.len() {
                break;
            }
        }
    }
    (at <= until).then_some(at)
}

/// Within quiet hours, the instant of their end; `None` outside them.
///
/// A change of clocks may end them too, by leaping over their end or back before their start; where it repeats the end,
/// the next to come counts.
pub fn quiet_until(quiet: Hours, zone: Zone, now: Timestamp) -> Option<Timestamp> {
    if !quiet.contain(zone.time(now)) {
        return None;
    }
    end_of(quiet, zone, now)
}

/// The first instant from one on that is not within quiet hours.
fn outside(quiet: Hours, zone: Zone, from: Timestamp) -> Option<Timestamp> {
    if quiet.contain(zone.time(from)) {
        end_of(quiet, zone, from)
    } else {
        Some(from)
    }
}

/// The end of quiet hours that an instant is within.
fn end_of(quiet: Hours, zone: Zone, now: Timestamp) -> Option<Timestamp> {
    let (from, to) = (quiet.from.time(), quiet.to.time());
    let local = zone.local(now);
    let ends_tomorrow = from > to && local.time() >= from;
    let day = if ends_tomorrow {
        local.date().checked_add(1.day()).ok()?
    } else {
        local.date()
    };
    let end = jiff::tz::Offset::from_seconds(zone.offset(now))
        .ok()?
        .to_timestamp(day.to_datetime(to))
        .ok()?;
    if zone.keeps_time(now, end) {
        return Some(end);
    }
    // Where the clocks leap over all hours that are not quiet, it is the next day's.
    let days = [Some(day), day.tomorrow().ok()].into_iter().flatten();
    let mut ends = days.filter_map(|day| end_at_change(quiet, zone, day.to_datetime(to), now));
    ends.next()
}

/// The same by the end on one day, where clocks change before it.
fn end_at_change(quiet: Hours, zone: Zone, end: DateTime, now: Timestamp) -> Option<Timestamp> {
    let ambiguous = zone.rules().to_ambiguous_timestamp(end);
    let ends = [ambiguous.earlier().ok(), ambiguous.later().ok()].into_iter().flatten();
    let change = zone.rules().following(now).next().map(|change| change.timestamp());
    // A skipped end resolves to another local time, which may still be quiet.
    let outside = |instant: &Timestamp| *instant > now && !quiet.contain(zone.time(*instant));
    ends.chain(change).filter(outside).min()
}

/// The first instant from one on at which the clocks of a zone show a time of some windows; none where they have no time.
///
/// Between two changes of clocks it is the same as on a calendar; at a change, what they leap to is looked at anew.
fn legal_from(windows: &Windows, zone: Zone, from: Timestamp) -> Option<Timestamp> {
    let mut at = from;
    // A week has all the windows there are, and no clocks change more often than this in it.
    for _ in 0..8 {
        let local = zone.local(at);
        let next = next_in(windows, local)?;
        let offset = jiff::tz::Offset::from_seconds(zone.offset(at)).ok()?;
        let open = at.max(offset.to_timestamp(next).ok()?);
        if open == at || zone.keeps_time(at, open) {
            return Some(open);
        }
        match zone.rules().following(at).next().map(|change| change.timestamp()) {
            Some(change) if change <= open => at = change,
            Some(_) | None => return Some(open),
        }
    }
    None
}

/// The first local time from one on that windows have, on a calendar on which no clocks change.
fn next_in(windows: &Windows, local: DateTime) -> Option<DateTime> {
    if windows.contain(local) {
        return Some(local);
    }
    // On the same weekday of the next week at the latest.
    let days = (0..=7).filter_map(|days| local.date().checked_add(days.days()).ok());
    let mut starts = days.filter_map(|date| Some(date.to_datetime(windows.on(date.weekday())?.0)));
    starts.find(|start| *start >= local)
}

/// The first instant from one on at which a cap has room for one more.
fn has_room(cap: &Cap, counted: &[Timestamp], zone: Zone, from: Timestamp) -> Option<Timestamp> {
    // With so many in the time, it is full as long as the first of them is in it.
    let Some(first) = counted
        .len()
        .checked_sub(cap.most.get())
        .and_then(|over| counted.get(over))
    else {
        return Some(from);
    };
    let leaves = match cap.per.rolling_seconds() {
        Some(seconds) => first.checked_add(SignedDuration::from_secs(seconds)).ok()?,
        None => period_end(cap.per, zone, *first)?,
    };
    Some(from.max(leaves))
}

/// The instant at which the day, week or month of an instant is over where the clocks of a zone show it.
fn period_end(per: CapPer, zone: Zone, at: Timestamp) -> Option<Timestamp> {
    let date = zone.local(at).date();
    let next = match per {
        CapPer::Week => date.nth_weekday(1, Weekday::Monday).ok()?,
        CapPer::Month => date.last_of_month().tomorrow().ok()?,
        CapPer::Day | CapPer::Hours(_) | CapPer::Days(_) => date.tomorrow().ok()?,
    };
    begins(next.into(), zone)
}

/// The first instant at which the clocks of a zone show a midnight, or what they leap to over it.
fn begins(midnight: DateTime, zone: Zone) -> Option<Timestamp> {
    let local = midnight.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second();
    Timestamp::from_second(zone.second(local)?).ok()
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
                // In spring, clocks leap over all that is not quiet.
                quiet("02:00", "01:30"),
                quiet("03:00", "02:00"),
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
