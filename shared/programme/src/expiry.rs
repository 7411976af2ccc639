//! How long points can be spent.

use serde::Deserialize;
use toml::Spanned;

use crate::file::HourOfDay;
use crate::pending::{Period, YearDay};

/// When points lapse and who hears of it before.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expiry {
    /// How long points last, where neither the earn rule nor the member's tier says otherwise.
    #[cfg_attr(feature = "schema", schemars(with = "Lasts"))]
    pub lasts: Spanned<Lasts>,
    /// Points can be spent so many days longer than members are told.
    #[serde(default)]
    pub grace_days: u8,
    /// Points that lapsed no more than so many days ago may be brought back by hand; none may without it.
    pub reinstate_within_days: Option<ReinstateDays>,
    /// How many days before they lapse a member is reminded, each once.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<u16>"))]
    pub remind_days_before: Spanned<Vec<u16>>,
    /// The local hour at which a reminder falls due.
    pub remind_at: HourOfDay,
}

/// A day to ten years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("minimum" = 1, "maximum" = 3660)))]
#[serde(try_from = "u16")]
pub struct ReinstateDays(u16);

impl ReinstateDays {
    pub fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for ReinstateDays {
    type Error = String;
    fn try_from(days: u16) -> Result<Self, String> {
        if (1..=LONGEST_DAYS).contains(&days) {
            Ok(Self(days))
        } else {
            Err(format!(
                "points cannot be brought back within {days} days; write 1 to {LONGEST_DAYS}, or leave it out"
            ))
        }
    }
}

/// How long points last: their last day, counted from the day they were earned on. Where a month has no such day (a
/// 29 February, a 31st), its last day is meant.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "AsWritten")]
pub enum Lasts {
    /// They never lapse.
    Forever,
    /// So many months, or to the end of the period that day is in.
    Months { months: u8, to_end_of: Option<Period> },
    /// So many days, or to the end of the period that day is in.
    Days { days: u16, to_end_of: Option<Period> },
    /// Through the next of these days of the year that is so many days away or more.
    Through { days: Vec<YearDay>, at_least_days: u16 },
    /// As long as the member is active: so many months after they last earned or spent, or were given points by hand, or
    /// to the end of the period that day is in. All such points lapse together.
    Active { months: u8, to_end_of: Option<Period> },
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    untagged,
    expecting = "write \"forever\", or { months = 12, to-end-of = \"month\" }, or another way points last"
)]
enum AsWritten {
    Word(String),
    Table(Table),
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "LastsTable"))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Table {
    /// So many months.
    months: Option<u8>,
    /// So many days.
    days: Option<u16>,
    /// So many months after the member last earned or spent.
    active_months: Option<u8>,
    /// And to the end of the period that day is in.
    to_end_of: Option<Period>,
    /// Through the next of these days of the year, such as "12-31".
    // As text, for which of several shapes was meant is known before a day is read.
    through: Option<Vec<String>>,
    /// A day that is nearer than so many days is not the next.
    at_least_days: Option<u16>,
}

const WAYS: &str = "write \"forever\", { months = 12 } or { days = 90 } or { active-months = 18 }, each perhaps with \
                    to-end-of = \"month\", or { through = [\"06-30\", \"12-31\"] }, perhaps with at-least-days = 90";

impl TryFrom<AsWritten> for Lasts {
    type Error = String;
    fn try_from(written: AsWritten) -> Result<Self, String> {
        let table = match written {
            AsWritten::Word(word) if word == "forever" => return Ok(Self::Forever),
            AsWritten::Word(word) => return Err(format!("{word:?} is no time that points last; {WAYS}")),
            AsWritten::Table(table) => table,
        };
        let Table { to_end_of, .. } = table;
        let lasts = match (table.months, table.days, table.active_months, table.through) {
            (Some(months), None, None, None) => Self::Months { months, to_end_of },
            (None, Some(days), None, None) => Self::Days { days, to_end_of },
            (None, None, Some(months), None) => Self::Active { months, to_end_of },
            (None, None, None, Some(days)) if !days.is_empty() && to_end_of.is_none() => {
                let days = days.into_iter().map(YearDay::try_from);
                let mut days = days.collect::<Result<Vec<_>, _>>()?;
                days.sort_unstable();
                days.dedup();
                let at_least_days = table.at_least_days.unwrap_or_default();
                Self::Through { days, at_least_days }
            }
            _ => {
                return Err(format!(
                    "points last in one way, and here is none, or are several; {WAYS}"
                ));
            }
        };
        match &lasts {
            Self::Through { at_least_days, .. } if *at_least_days > LONGEST_DAYS => Err(format!(
                "points cannot be kept for {at_least_days} days at least; write 0 to {LONGEST_DAYS}"
            )),
            Self::Through { .. } | Self::Forever => Ok(lasts),
            _ if table.at_least_days.is_some() => Err(format!("at-least-days goes with through alone; {WAYS}")),
            Self::Months { months, .. } | Self::Active { months, .. } if !(1..=LONGEST_MONTHS).contains(months) => Err(
                format!("points cannot be kept for {months} months; write 1 to {LONGEST_MONTHS}"),
            ),
            Self::Days { days, .. } if !(1..=LONGEST_DAYS).contains(days) => Err(format!(
                "points cannot be kept for {days} days; write 1 to {LONGEST_DAYS}"
            )),
            _ => Ok(lasts),
        }
    }
}

const LONGEST_MONTHS: u8 = 120;
const LONGEST_DAYS: u16 = 3_660;

impl Lasts {
    /// The fewest days from the day they are earned to their last; none where they never lapse.
    pub fn shortest(&self) -> Option<u16> {
        match self {
            Self::Forever => None,
            Self::Months { months, .. } | Self::Active { months, .. } => {
                // Each twelve months are a year.
                let (years, rest) = (u16::from(months / 12), u16::from(months % 12));
                Some(years * 365 + rest * 28)
            }
            Self::Days { days, .. } => Some(*days),
            Self::Through { at_least_days, .. } => Some(*at_least_days),
        }
    }

    /// No more days than these lie between the day they are earned and their last; none where they never lapse.
    pub fn longest(&self) -> Option<u16> {
        let rounded = |to_end_of: &Option<Period>| to_end_of.map_or(0, Period::longest);
        match self {
            Self::Forever => None,
            Self::Months { months, to_end_of } | Self::Active { months, to_end_of } => {
                let (years, rest) = (u16::from(months / 12), u16::from(months % 12));
                Some(years * 366 + rest * 31 + rounded(to_end_of))
            }
            Self::Days { days, to_end_of } => Some(days + rounded(to_end_of)),
            Self::Through { at_least_days, .. } => Some(at_least_days + 366),
        }
    }
}
