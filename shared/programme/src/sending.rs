//! How evenly messages go, and what they may cost.

use jiff::SignedDuration;
use jiff::civil::Date;
use serde::Deserialize;

use crate::rates::{ByCountry, PerSecond};
use crate::{Purpose, Rate};

/// How messages go, all of them together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Sending {
    /// What waited goes within so many minutes of the instant from which it may, each message at its own, so that they do not
    /// all go at once; where nothing is said, at that instant.
    #[serde(default)]
    pub spread_minutes: SpreadMinutes,
    /// A message is late that is decided so many minutes after it came about, or after it should have gone; where nothing is said,
    /// 180. What becomes of it then its kind says, with when-late.
    #[serde(default)]
    pub late_after_minutes: LateAfterMinutes,
    /// No more parts of SMS go in a second than this, all of them together; where nothing is said, as many as come. What is over
    /// waits for its turn.
    pub sms_parts_per_second: Option<PerSecond>,
    /// The same by how the numbers of a country begin, `+1`, where they are written to from a number of its own: these count apart.
    #[serde(default)]
    pub sms_parts_per_second_by_country: ByCountry,
    /// No more pushes go in a second than this.
    pub pushes_per_second: Option<PerSecond>,
}

/// After how many minutes: 60 to 1440.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("minimum" = 60, "maximum" = 1440)))]
#[serde(try_from = "u16")]
pub struct LateAfterMinutes(u16);

impl LateAfterMinutes {
    pub fn time(self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.0))
    }
}

impl Default for LateAfterMinutes {
    fn default() -> Self {
        Self(180)
    }
}

impl TryFrom<u16> for LateAfterMinutes {
    type Error = String;
    fn try_from(minutes: u16) -> Result<Self, String> {
        // The alarm clock may be some minutes behind on any day.
        let wrong = || format!("a message cannot be late after {minutes} minutes; write 60 to 1440");
        (60..=1440)
            .contains(&minutes)
            .then_some(Self(minutes))
            .ok_or_else(wrong)
    }
}

/// Over how many minutes: 0 to 240.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "maximum" = 240)))]
#[serde(try_from = "u16")]
pub struct SpreadMinutes(u16);

impl SpreadMinutes {
    pub fn seconds(self) -> u32 {
        u32::from(self.0) * 60
    }
}

impl TryFrom<u16> for SpreadMinutes {
    type Error = String;
    fn try_from(minutes: u16) -> Result<Self, String> {
        let wrong = || format!("messages cannot be spread over {minutes} minutes; write 0 to 240");
        (minutes <= 240).then_some(Self(minutes)).ok_or_else(wrong)
    }
}

/// What messages may cost in a time, by the prices of the programme. It is spent before a message goes, so that no more than
/// this is ever owed to a carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MessageBudget {
    pub per: BudgetPer,
    /// In whole units of the currency of the prices.
    pub worth: Rate,
    /// Only messages of this purpose are counted and held back; where nothing is said, all of them.
    pub purpose: Option<Purpose>,
}

/// The time of a budget, of the programme's own days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum BudgetPer {
    Day,
    Month,
}

impl MessageBudget {
    /// The name of what is spent of it on a day: of the day or the month, and of a purpose.
    pub fn name(&self, today: Date) -> String {
        let purpose = self.purpose.map_or("all", Purpose::name);
        match self.per {
            BudgetPer::Day => format!("{today}#{purpose}"),
            BudgetPer::Month => format!("{}#{purpose}", today.strftime("%Y-%m")),
        }
    }

    /// The first day after a day on which there is money again.
    pub fn renewed_after(&self, today: Date) -> Date {
        let next = match self.per {
            BudgetPer::Day => today.tomorrow(),
            BudgetPer::Month => today.last_of_month().tomorrow(),
        };
        next.unwrap_or(Date::MAX)
    }
}
