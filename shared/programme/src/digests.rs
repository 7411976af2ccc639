//! Which messages of a member go as one.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::{HourOfDay, MessageKind, Zone};

/// Messages of a member that wait for each other and go as one, which lists them all.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Digest {
    /// The kinds of the messages, which all have one purpose.
    pub kinds: Vec<MessageKind>,
    /// How long they wait for others.
    pub collect: Collect,
}

/// How long messages wait for others to go with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Collect {
    /// Not at all: what one purchase or other event leads to goes at once, as one.
    AtOnce,
    /// Until the member's clock next shows a time.
    Until(HourOfDay),
    /// Until so many minutes are over that are counted from midnight, UTC: what comes at 10:07 and at 10:20 goes at 10:30, where
    /// these are 30.
    Minutes(CollectMinutes),
}

/// How many minutes: 5 to 720.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("minimum" = 5, "maximum" = 720)))]
#[serde(try_from = "u16")]
pub struct CollectMinutes(u16);

impl TryFrom<u16> for CollectMinutes {
    type Error = String;
    fn try_from(minutes: u16) -> Result<Self, String> {
        let wrong =
            || format!("messages cannot be collected for {minutes} minutes; write 5 to 720, or until = \"18:00\"");
        (5..=720).contains(&minutes).then_some(Self(minutes)).ok_or_else(wrong)
    }
}

impl Collect {
    /// When a message goes that came at an instant.
    pub fn after(self, came: Timestamp, zone: Zone) -> Timestamp {
        match self {
            Self::AtOnce => came,
            Self::Until(hour) => {
                let today = zone.local(came).date();
                let next = [Some(today), today.tomorrow().ok()].into_iter().flatten();
                let mut next = next.map(|day| at(day, hour, zone));
                next.find(|at| *at > came).unwrap_or(came)
            }
            Self::Minutes(CollectMinutes(minutes)) => next_of(came, SignedDuration::from_mins(i64::from(minutes))),
        }
    }

    /// How many hours it may be at the most until one goes; a day may have 25.
    pub fn most_hours(self) -> u16 {
        match self {
            Self::AtOnce => 1,
            Self::Until(_) => 25,
            Self::Minutes(CollectMinutes(minutes)) => minutes.div_ceil(60),
        }
    }
}

/// The next instant that is a multiple of a time from midnight, UTC.
pub fn next_of(after: Timestamp, time: SignedDuration) -> Timestamp {
    let time = time.as_secs().max(1);
    let next = (after.as_second().div_euclid(time) + 1).saturating_mul(time);
    Timestamp::from_second(next).unwrap_or(after)
}

fn at(day: Date, hour: HourOfDay, zone: Zone) -> Timestamp {
    let local = day.to_datetime(hour.time());
    // A time that the clocks leap over is the one they leap to.
    let zoned = local.to_zoned(zone.rules().clone());
    zoned.map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_comes_goes_at_the_next_such_time_of_the_member() {
        let until = Collect::Until("18:00".to_owned().try_into().unwrap());
        let zone = Zone::parse("America/New_York").unwrap();
        for (came, goes) in [
            ("2026-03-02T10:00:00Z", "2026-03-02T23:00:00Z"),
            ("2026-03-02T23:00:00Z", "2026-03-03T23:00:00Z"),
            ("2026-03-07T23:00:01Z", "2026-03-08T22:00:00Z"),
        ] {
            let goes: Timestamp = goes.parse().unwrap();
            assert_eq!(until.after(came.parse().unwrap(), zone), goes, "{came}");
        }
    }

    #[test]
    fn what_comes_within_the_same_minutes_goes_together() {
        let half = Collect::Minutes(30.try_into().unwrap());
        let goes: Timestamp = "2026-03-02T10:30:00Z".parse().unwrap();
        for came in ["2026-03-02T10:00:00Z", "2026-03-02T10:07:00Z", "2026-03-02T10:29:59Z"] {
            assert_eq!(half.after(came.parse().unwrap(), Zone::parse("UTC").unwrap()), goes);
        }
        assert!(half.after(goes, Zone::parse("UTC").unwrap()) > goes);
    }
}
