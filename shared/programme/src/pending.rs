//! How long earned points wait before they can be spent.

use serde::Deserialize;

/// When points that were earned can be spent. Whatever the rule, a release that names the order ends the wait, and a
/// return before its end touches nothing that can be spent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "AsWritten")]
pub enum Pending {
    /// So many days after the purchase, or at the first day of a period from then on.
    After { days: u16, round_up_to: Option<Period> },
    /// On the next of these days of the year.
    On(Vec<YearDay>),
    /// When a release names the order; at the latest so many days after the purchase.
    Released { within_days: u16 },
}

/// A period of the calendar; each begins on the first of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    Month,
    Quarter,
    HalfYear,
    Year,
}

/// A day of every year, such as `07-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[0-9]{1,2}-[0-9]{1,2}$", "examples" = ["07-01"])))]
#[serde(try_from = "String")]
pub struct YearDay {
    pub month: i8,
    pub day: i8,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct AsWritten {
    /// So many days.
    days: Option<u16>,
    /// And to the next first day of such a period.
    round_up_to: Option<Period>,
    /// Until the next of these days of the year.
    on: Option<Vec<YearDay>>,
    /// Until a release names the order, and no longer than so many days.
    released_within_days: Option<u16>,
}

impl TryFrom<AsWritten> for Pending {
    type Error = String;
    fn try_from(written: AsWritten) -> Result<Self, String> {
        match written {
            AsWritten {
                days: Some(days),
                round_up_to,
                on: None,
                released_within_days: None,
            } => Ok(Self::After { days, round_up_to }),
            AsWritten {
                days: None,
                round_up_to: None,
                on: Some(mut on),
                released_within_days: None,
            } if !on.is_empty() => {
                on.sort_unstable();
                on.dedup();
                Ok(Self::On(on))
            }
            AsWritten {
                days: None,
                round_up_to: None,
                on: None,
                released_within_days: Some(within_days),
            } => Ok(Self::Released { within_days }),
            _ => Err(
                "points wait in one way, and here is none, or are several; write { days = 14 }, perhaps with round-up-to = \"month\", or \
                      { on = [\"01-01\"] }, or { released-within-days = 60 }"
                    .to_owned(),
            ),
        }
    }
}

impl TryFrom<String> for YearDay {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no day of every year; write month and day such as \"07-01\"");
        let (month, day) = text.split_once('-').ok_or_else(wrong)?;
        let number = |part: &str| part.parse::<i8>().map_err(|_| wrong());
        let (month, day) = (number(month)?, number(day)?);
        // A common year, so that 29 February is none.
        jiff::civil::Date::new(2027, month, day).map_err(|_| wrong())?;
        Ok(Self { month, day })
    }
}

impl Period {
    /// How many months it has.
    pub fn months(self) -> i8 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::HalfYear => 6,
            Self::Year => 12,
        }
    }

    /// No more days than these are in it.
    pub fn longest(self) -> u16 {
        u16::try_from(self.months()).unwrap_or_default() * 31
    }
}

impl Pending {
    /// The longest it can last, in days.
    pub fn longest(&self) -> u16 {
        match self {
            Self::After { days, round_up_to } => days.saturating_add(round_up_to.map_or(0, Period::longest)),
            Self::On(days) => {
                // In a leap year, from each to the next, and from the last to the first of the next year.
                let of_year = |day: &YearDay| {
                    let date = jiff::civil::Date::new(2028, day.month, day.day).ok();
                    date.map_or(0, |date| u16::try_from(date.day_of_year()).unwrap_or_default())
                };
                let first = days.first().map_or(0, of_year) + 366;
                let next = days.iter().skip(1).map(of_year).chain([first]);
                let waits = days.iter().map(of_year).zip(next).map(|(from, to)| to - from);
                waits.max().unwrap_or_default()
            }
            Self::Released { within_days } => *within_days,
        }
    }
}
