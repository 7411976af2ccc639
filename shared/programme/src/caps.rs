//! How many messages a member gets at most.

use serde::Deserialize;

use crate::{Channel, MessageKind, Purpose};

/// The most messages that a member gets in a time, whatever makes them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Cap {
    /// No more than so many.
    pub most: MostMessages,
    /// The time they are counted in.
    pub per: CapPer,
    /// The purpose of the messages that are counted and held back; where nothing is said, those that advertise.
    #[serde(default = "promotional")]
    pub purpose: Purpose,
    /// Only those that go by this channel; where nothing is said, all of them.
    pub channel: Option<Channel>,
    /// Only those of these kinds; where nothing is said, of every kind.
    #[serde(default)]
    pub kinds: Vec<MessageKind>,
    /// What becomes of one more.
    #[serde(default)]
    pub over: OverCap,
}

fn promotional() -> Purpose {
    Purpose::Promotional
}

/// How many messages: 1 to 50.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("minimum" = 1, "maximum" = 50)))]
#[serde(try_from = "u8")]
pub struct MostMessages(u8);

impl MostMessages {
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

impl TryFrom<u8> for MostMessages {
    type Error = String;
    fn try_from(most: u8) -> Result<Self, String> {
        // What was sent is kept in the member's profile, and more than this would make it long.
        if (1..=50).contains(&most) {
            Ok(Self(most))
        } else {
            Err(format!(
                "a cap of {most} messages cannot be kept; write 1 to 50, or pause the messages that nobody shall get"
            ))
        }
    }
}

/// The time that messages are counted in. Calendar times are of the member's own zone; rolling ones end now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CapPer {
    Day,
    /// From Monday on.
    Week,
    Month,
    /// The hours that end now.
    Hours(RollingHours),
    /// The days of 24 hours that end now.
    Days(RollingDays),
}

/// How many hours: 1 to 720.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("minimum" = 1, "maximum" = 720)))]
#[serde(try_from = "u16")]
pub struct RollingHours(u16);

/// How many days: 1 to 92.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("minimum" = 1, "maximum" = 92)))]
#[serde(try_from = "u16")]
pub struct RollingDays(u16);

impl TryFrom<u16> for RollingHours {
    type Error = String;
    fn try_from(hours: u16) -> Result<Self, String> {
        let wrong = || format!("{hours} hours are no time for a cap; write 1 to 720, or days");
        (1..=720).contains(&hours).then_some(Self(hours)).ok_or_else(wrong)
    }
}

impl TryFrom<u16> for RollingDays {
    type Error = String;
    fn try_from(days: u16) -> Result<Self, String> {
        let wrong = || format!("{days} days are no time for a cap; write 1 to 92");
        (1..=92).contains(&days).then_some(Self(days)).ok_or_else(wrong)
    }
}

impl CapPer {
    /// How many seconds a rolling time has; none for one of the calendar.
    pub fn rolling_seconds(self) -> Option<i64> {
        match self {
            Self::Day | Self::Week | Self::Month => None,
            Self::Hours(RollingHours(hours)) => Some(i64::from(hours) * 3_600),
            Self::Days(RollingDays(days)) => Some(i64::from(days) * 24 * 3_600),
        }
    }
}

/// What becomes of a message that is over a cap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OverCap {
    /// It waits until there is room, if it is useful still by then.
    #[default]
    Wait,
    /// It goes by the next of its channels that is open and has room; where none is, it waits.
    SwitchChannel,
    /// It waits until there is room, and goes as one with all that have waited for the same room.
    Digest,
    /// It never goes.
    Drop,
}

impl Cap {
    /// A member's own, on all that advertises: so many in a time, and one more waits.
    pub fn own(most: MostMessages, per: CapPer) -> Self {
        Self {
            most,
            per,
            purpose: Purpose::Promotional,
            channel: None,
            kinds: Vec::new(),
            over: OverCap::Wait,
        }
    }

    /// Whether messages of a kind and purpose that go by a channel are counted.
    pub fn counts(&self, kind: MessageKind, purpose: Purpose, channel: Channel) -> bool {
        self.purpose == purpose
            && self.channel.is_none_or(|own| own == channel)
            && (self.kinds.is_empty() || self.kinds.contains(&kind))
    }
}
