//! Broadcasts: one message to all members of an audience, each at the same hour where they live.

use std::fmt;

use expression::Condition;
use jiff::civil::{Date, DateTime, Time};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::rewards::slug;
use crate::{MessageKind, MessageRule, Programme, Zone};

/// A broadcast's name in the programme file. It is sent once under it: another one has another name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[a-z0-9-]{1,32}$", "examples" = ["winter-sale"])))]
#[serde(try_from = "String", into = "String")]
pub struct BroadcastName(String);

impl BroadcastName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for BroadcastName {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        slug(&name, "broadcast", "winter-sale")?;
        Ok(Self(name))
    }
}

impl std::str::FromStr for BroadcastName {
    type Err = String;
    fn from_str(name: &str) -> Result<Self, String> {
        name.to_owned().try_into()
    }
}

impl From<BroadcastName> for String {
    fn from(name: BroadcastName) -> Self {
        name.0
    }
}

impl fmt::Display for BroadcastName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// One broadcast. An operator starts it by hand.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Broadcast {
    pub name: BroadcastName,
    /// Who gets it, asked when it is started and again when each message goes; where nothing is said, every member.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub audience: Option<Spanned<String>>,
    /// When it goes, by the clocks of where each member lives.
    pub at: LocalTime,
    /// What becomes of members for whom that time was over when it was started.
    #[serde(default)]
    pub past: Past,
    /// How it is sent.
    pub message: MessageRule,
    /// What `audience` says, checked.
    #[serde(skip)]
    pub compiled: Option<Condition>,
}

/// What becomes of members for whom the time of a broadcast was over when it was started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Past {
    /// They do not get it.
    #[default]
    Skip,
    /// They get it at once.
    Send,
    /// They get it when their clocks next show the same time of day.
    NextDay,
}

/// A day and a time of it, wherever somebody lives: `2026-12-01 10:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String"))]
#[cfg_attr(feature = "schema", schemars(extend("examples" = ["2026-12-01 10:00"])))]
#[serde(try_from = "String")]
pub struct LocalTime(DateTime);

impl LocalTime {
    pub fn get(self) -> DateTime {
        self.0
    }
}

impl TryFrom<String> for LocalTime {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        // With seconds or a zone it would be another time than the one that members see.
        let written = text.parse::<DateTime>().ok().filter(|_| text.len() == 16);
        written
            .map(Self)
            .ok_or_else(|| format!("{text:?} is no day and time; write it such as \"2026-12-01 10:00\""))
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {:02}:{:02}", self.0.date(), self.0.hour(), self.0.minute())
    }
}

impl Broadcast {
    /// When it goes to who lives in a zone, where it was started at an instant; none where it does not.
    pub fn due(&self, zone: Zone, started: Timestamp) -> Option<Timestamp> {
        let at = self.at.get();
        let first = instant(zone, at.date(), at.time()).filter(|first| *first >= started);
        first.or_else(|| match self.past {
            Past::Skip => None,
            Past::Send => Some(started),
            Past::NextDay => {
                let today = zone.local(started).date();
                // Where clocks skip a time or repeat it, today's may be over and tomorrow's not the next.
                let days = (0..=2).filter_map(|days| today.checked_add(days.days()).ok());
                let mut times = days.filter_map(|day| instant(zone, day, at.time()));
                times.find(|time| *time >= started)
            }
        })
    }
}

/// When the clocks of a zone show a time. One that they skip is moved on by as much; of one that they repeat, the first.
fn instant(zone: Zone, day: Date, time: Time) -> Option<Timestamp> {
    let shown = day.to_datetime(time).to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Timestamp::from_second(zone.second(shown.timestamp().as_second())?).ok()
}

impl Programme {
    /// The broadcast of a name.
    pub fn broadcast(&self, name: &str) -> Option<&Broadcast> {
        self.broadcasts.iter().find(|broadcast| broadcast.name.as_str() == name)
    }

    /// How a message is sent: as its kind is, or as the broadcast that is its cause. None where the programme has no such
    /// message any longer.
    pub fn rule(&self, kind: MessageKind, cause: &str) -> Option<&MessageRule> {
        match kind {
            MessageKind::Broadcast => self.broadcast(cause).map(|broadcast| &broadcast.message),
            _ => self.message(kind),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn broadcast(at: &str, past: &str) -> Broadcast {
        let text = format!(
            "name = \"sale\"\nat = {at:?}\npast = {past:?}\n\
             message = {{ purpose = \"promotional\", channels = [\"sms\"], useful-hours = 24 }}"
        );
        toml::from_str(&text).unwrap()
    }

    fn due(at: &str, past: &str, zone: &str, started: &str) -> String {
        let due = broadcast(at, past).due(Zone::parse(zone).unwrap(), started.parse().unwrap());
        due.map_or("never".to_owned(), |due| due.to_string())
    }

    #[test]
    fn each_zone_has_its_own_ten_o_clock() {
        let of = |zone| due("2026-12-01 10:00", "skip", zone, "2026-11-30T12:00:00Z");
        assert_eq!(of("Asia/Shanghai"), "2026-12-01T02:00:00Z");
        assert_eq!(of("Europe/London"), "2026-12-01T10:00:00Z");
        assert_eq!(of("America/New_York"), "2026-12-01T15:00:00Z");
        assert_eq!(of("Pacific/Kiritimati"), "2026-11-30T20:00:00Z");
    }

    #[test]
    fn where_the_time_was_over_the_rule_says_what_becomes_of_it() {
        // It is 17:00 in Shanghai, and four in the morning in New York.
        let of = |past, zone| due("2026-12-01 10:00", past, zone, "2026-12-01T09:00:00Z");
        assert_eq!(of("skip", "Asia/Shanghai"), "never");
        assert_eq!(of("send", "Asia/Shanghai"), "2026-12-01T09:00:00Z");
        assert_eq!(of("next-day", "Asia/Shanghai"), "2026-12-02T02:00:00Z");
        for past in ["skip", "send", "next-day"] {
            assert_eq!(of(past, "America/New_York"), "2026-12-01T15:00:00Z");
        }
        // A week late, it goes on the day that is next.
        let late = due("2026-12-01 10:00", "next-day", "Asia/Shanghai", "2026-12-08T01:00:00Z");
        assert_eq!(late, "2026-12-08T02:00:00Z");
        // Started at the very time, it is not over.
        assert_eq!(
            due("2026-12-01 10:00", "skip", "UTC", "2026-12-01T10:00:00Z"),
            "2026-12-01T10:00:00Z"
        );
    }

    #[test]
    fn clocks_that_change_lose_and_double_nobody() {
        // At two they leap to three, so that half past two is half past three.
        let of = |past, started| due("2026-03-08 02:30", past, "America/New_York", started);
        assert_eq!(of("skip", "2026-03-08T05:00:00Z"), "2026-03-08T07:30:00Z");
        assert_eq!(of("next-day", "2026-03-08T07:31:00Z"), "2026-03-09T06:30:00Z");
        // At two they go back to one: the first half past one.
        let of = |past, started| due("2026-11-01 01:30", past, "America/New_York", started);
        assert_eq!(of("skip", "2026-11-01T00:00:00Z"), "2026-11-01T05:30:00Z");
        assert_eq!(of("next-day", "2026-11-01T05:31:00Z"), "2026-11-02T06:30:00Z");
    }

    #[test]
    fn a_day_and_a_time_are_written_as_a_clock_shows_them() {
        let read = |text: &str| LocalTime::try_from(text.to_owned());
        assert_eq!(read("2026-12-01 10:00").unwrap().to_string(), "2026-12-01 10:00");
        assert_eq!(read("2026-12-01T10:00").unwrap().to_string(), "2026-12-01 10:00");
        for wrong in ["2026-12-01", "2026-12-01 10:00:30", "2026-02-30 10:00", "10:00", "soon"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
