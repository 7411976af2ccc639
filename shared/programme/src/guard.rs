//! The guard: what pauses itself where too many members opt out of it.

use std::fmt;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::Deserialize;

/// When opt-outs from what advertises are too many. What is sent by a broadcast, a campaign or a kind of message is counted
/// in each time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Guard {
    /// The share of messages that members usually answer by opting out.
    pub usual_opt_outs: Share,
    /// The share from which on it shall be paused.
    pub alarming_opt_outs: Share,
    /// How often it may be paused in such a time although opt-outs are as usual, at the most.
    #[serde(default = "one_percent")]
    pub false_alarm: Share,
    /// An opt-out is one from the messages that a member was sent in the hours before.
    #[serde(default)]
    pub within_hours: WithinHours,
    /// The time that is counted anew, of the programme's own days.
    #[serde(default)]
    pub per: GuardPer,
}

fn one_percent() -> Share {
    Share(10_000)
}

/// A part of a whole: `0.5%`. More than nothing and less than all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String"))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = r"^[0-9]{1,2}(\.[0-9]{1,4})?%$", "examples" = ["0.5%"])))]
#[serde(try_from = "String")]
pub struct Share(u32);

impl Share {
    /// So many millionths of the whole.
    pub fn millionths(self) -> u32 {
        self.0
    }
}

impl TryFrom<String> for Share {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let read = || {
            let (whole, fraction) = text
                .strip_suffix('%')
                .map(|number| number.split_once('.').unwrap_or((number, "0")))?;
            let digits =
                |part: &str, most| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
            if !digits(whole, 2) || !digits(fraction, 4) {
                return None;
            }
            let millionths = format!("{whole}{fraction:0<4}").parse().ok()?;
            (millionths > 0).then_some(Self(millionths))
        };
        let wrong = || format!("{text:?} is no share; write one between 0 and 100 per cent, such as \"0.5%\"");
        read().ok_or_else(wrong)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0 / 10_000, self.0 % 10_000);
        if fraction == 0 {
            return write!(out, "{whole}%");
        }
        write!(out, "{whole}.{}%", format!("{fraction:04}").trim_end_matches('0'))
    }
}

/// How many hours: 1 to 720.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("minimum" = 1, "maximum" = 720)))]
#[serde(try_from = "u16")]
pub struct WithinHours(u16);

impl WithinHours {
    pub fn get(self) -> u16 {
        self.0
    }
}

impl Default for WithinHours {
    fn default() -> Self {
        Self(72)
    }
}

impl TryFrom<u16> for WithinHours {
    type Error = String;
    fn try_from(hours: u16) -> Result<Self, String> {
        let wrong = || format!("nobody answers a message within {hours} hours of it; write 1 to 720");
        (1..=720).contains(&hours).then_some(Self(hours)).ok_or_else(wrong)
    }
}

/// The time in which messages and opt-outs are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum GuardPer {
    Day,
    /// From Monday on.
    #[default]
    Week,
    Month,
}

impl GuardPer {
    /// The first day of the time that a day is in.
    pub fn begin(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => {
                let since = i64::from(day.weekday().since(Weekday::Monday));
                day.checked_sub(since.days()).unwrap_or(day)
            }
            Self::Month => day.first_of_month(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_share_is_read_as_it_is_written() {
        for (text, millionths) in [
            ("0.5%", 5_000),
            ("2%", 20_000),
            ("99.9999%", 999_999),
            ("0.0001%", 1),
            ("12.34%", 123_400),
        ] {
            let share = Share::try_from(text.to_owned()).unwrap();
            assert_eq!((share.millionths(), share.to_string().as_str()), (millionths, text));
        }
        for wrong in [
            "", "%", "0%", "0.0%", "100%", "0.5", "0.00001%", "-1%", "1,5%", ".5%", "5.%",
        ] {
            assert!(Share::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_time_begins_on_its_first_day() {
        let of = |per: GuardPer| per.begin(date(2026, 12, 3));
        assert_eq!(of(GuardPer::Day), date(2026, 12, 3));
        assert_eq!(of(GuardPer::Week), date(2026, 11, 30));
        assert_eq!(of(GuardPer::Month), date(2026, 12, 1));
        assert_eq!(GuardPer::Week.begin(date(2026, 11, 30)), date(2026, 11, 30));
    }
}
