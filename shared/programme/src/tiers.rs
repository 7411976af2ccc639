//! The tiers: from which points on, for how long, and how they are lost.

use std::collections::BTreeMap;
use std::fmt;

use compact_str::{CompactString, format_compact};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::expiry::Lasts;
use crate::file::HourOfDay;
use crate::pending::{Period, YearDay};
use crate::{Currency, Points, Rate};

/// Which set of tiers: its number in the programme file, which stands in every entry and never changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "maximum" = 7)))]
#[serde(try_from = "u8", into = "u8")]
pub struct TierSetId(u8);

impl TierSetId {
    /// Those of `[tiers]`: they alone multiply points and say how long these last.
    pub const MAIN: Self = Self(0);
    /// There are so many at most.
    pub const MOST: u8 = 8;

    pub fn number(self) -> u8 {
        self.0
    }

    /// A name of something of this set: as it is in the main one, and told apart in the others, by a space, which no name
    /// of the shop's own has.
    pub fn own(self, name: CompactString) -> CompactString {
        if self == Self::MAIN {
            name
        } else {
            format_compact!("{name} t{}", self.0)
        }
    }
}

impl TryFrom<u8> for TierSetId {
    type Error = String;
    fn try_from(number: u8) -> Result<Self, String> {
        let most = Self::MOST - 1;
        if number < Self::MOST {
            Ok(Self(number))
        } else {
            Err(format!(
                "a set of tiers cannot have the number {number}; write 1 to {most}"
            ))
        }
    }
}

impl From<TierSetId> for u8 {
    fn from(id: TierSetId) -> Self {
        id.0
    }
}

impl fmt::Display for TierSetId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// The tiers of one set, lowest first.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tiers {
    /// 0 is that of `[tiers]`.
    #[serde(default)]
    pub number: TierSetId,
    /// The wallet whose points count, by name; none is the main one.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub wallet: Option<Spanned<String>>,
    /// What counts.
    #[serde(default)]
    pub basis: Basis,
    /// The currency in which money counts, where it does.
    pub currency: Option<Currency>,
    /// What was earned, spent or done in this month and so many months before it counts for a tier.
    pub window_months: u8,
    /// How long a tier is kept before it is reviewed.
    #[cfg_attr(feature = "schema", schemars(with = "Valid"))]
    pub valid: Spanned<Valid>,
    /// When a tier is reached.
    #[serde(default = "at_once")]
    #[cfg_attr(feature = "schema", schemars(with = "Upgrade"))]
    pub upgrade: Spanned<Upgrade>,
    /// What becomes of a member whom a review finds below their tier.
    #[serde(default)]
    pub downgrade: Downgrade,
    /// For how long they keep it all the same, to reach it again.
    pub grace: Option<Grace>,
    /// How many days before the review a member hears that the tier will be lost, each once.
    #[serde(default = "nobody")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<u16>"))]
    pub notify_days_before: Spanned<Vec<u16>>,
    /// The local hour at which that falls due.
    #[serde(default = "ten")]
    pub notify_at: HourOfDay,
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Tier>"))]
    pub levels: Spanned<Vec<Tier>>,
}

impl Tiers {
    /// Where segments decide, a tier is reached from its own place on.
    pub(crate) fn count_places(&mut self) {
        if self.basis != Basis::Segment {
            return;
        }
        let levels = std::mem::take(self.levels.get_mut());
        let placed = (0..).zip(levels).map(|(place, level)| Tier {
            from: Points::new(place),
            ..level
        });
        *self.levels.get_mut() = placed.collect();
    }
}

/// What counts for a tier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Points earned in the window.
    #[default]
    Points,
    /// Money paid in the window, in whole units of its currency.
    Spend,
    /// Purchases in the window, other than those that came back whole.
    Visits,
    /// Points that can be spent now.
    Balance,
    /// The segments the shop puts the member in: each tier above the lowest has its own.
    Segment,
}

impl Basis {
    /// Whether what counts is kept by month. The others are what they are on the day they are asked for.
    pub fn has_window(self) -> bool {
        matches!(self, Self::Points | Self::Spend | Self::Visits)
    }
}

/// When a tier is reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Upgrade {
    #[default]
    AtOnce,
    /// At the next review. The lowest tier is reviewed, too.
    AtReview,
}

/// What becomes of a member whom a review finds below their tier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Downgrade {
    /// They fall to the tier that they still reach.
    #[default]
    ReEvaluate,
    /// They fall by one tier, if they reach none between.
    OneStep,
    /// They keep it.
    Never,
}

/// How long a tier is kept before it is reviewed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "ValidAsWritten")]
pub enum Valid {
    /// So many months from the day it was reached or kept, or to the end of the period that day is in.
    Months { months: u8, to_end_of: Option<Period> },
    /// To the next anniversary of joining that is so many months, or a multiple of them, after it.
    SinceJoined { months: u8 },
    /// To the next birthday, or anniversary of joining where none is known.
    ToBirthday,
    /// To the next of these days of the year.
    On(Vec<YearDay>),
    /// To the end of the month: a tier is kept only as long as the window carries it.
    Rolling,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "write { months = 12 }, or another way a tier is kept")]
enum ValidAsWritten {
    Word(String),
    Table(ValidTable),
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ValidTable {
    months: Option<u8>,
    to_end_of: Option<Period>,
    months_since_joined: Option<u8>,
    on: Option<Vec<String>>,
}

const WAYS: &str = "write { months = 12 }, perhaps with to-end-of = \"month\", { months-since-joined = 12 }, \"birthday\", \
                    { on = [\"01-01\"] } or \"rolling\"";

impl TryFrom<ValidAsWritten> for Valid {
    type Error = String;
    fn try_from(written: ValidAsWritten) -> Result<Self, String> {
        let table = match written {
            ValidAsWritten::Word(word) if word == "rolling" => return Ok(Self::Rolling),
            ValidAsWritten::Word(word) if word == "birthday" => return Ok(Self::ToBirthday),
            ValidAsWritten::Word(word) => return Err(format!("{word:?} is no time that a tier is kept; {WAYS}")),
            ValidAsWritten::Table(table) => table,
        };
        let to_end_of = table.to_end_of;
        let valid = match (table.months, table.months_since_joined, table.on) {
            (Some(months), None, None) => Self::Months { months, to_end_of },
            (None, Some(months), None) if to_end_of.is_none() => Self::SinceJoined { months },
            (None, None, Some(days)) if !days.is_empty() && to_end_of.is_none() => {
                let days = days.into_iter().map(YearDay::try_from);
                let mut days = days.collect::<Result<Vec<_>, _>>()?;
                days.sort_unstable();
                days.dedup();
                Self::On(days)
            }
            _ => {
                return Err(format!(
                    "a tier is kept in one way, and here is none, or are several; {WAYS}"
                ));
            }
        };
        match valid {
            Self::Months { months, .. } | Self::SinceJoined { months } if !(1..=LONGEST).contains(&months) => Err(
                format!("a tier cannot be kept for {months} months; write 1 to {LONGEST}"),
            ),
            valid => Ok(valid),
        }
    }
}

/// The most months that a tier is kept, and that count for one.
pub(crate) const LONGEST: u8 = 36;

impl Valid {
    /// The fewest days that a tier may be kept, but for the first time.
    pub(crate) fn shortest(&self) -> u16 {
        match self {
            Self::Months { months, .. } | Self::SinceJoined { months } => u16::from(*months) * 28,
            Self::ToBirthday => 365,
            Self::On(days) => {
                // In a common year, and over its end.
                let in_year = |day: &YearDay| Date::new(2027, day.month, day.day).map_or(1, Date::day_of_year);
                let places: Vec<i16> = days.iter().map(in_year).collect();
                let next = places.iter().skip(1).copied();
                let next = next.chain(places.first().map(|first| first + 365));
                let gaps = places.iter().zip(next).map(|(day, next)| next - day);
                gaps.min().and_then(|gap| u16::try_from(gap).ok()).unwrap_or(1)
            }
            Self::Rolling => 28,
        }
    }
}

/// How long a tier is kept that a review found lost: so many days, or to the end of the period that day is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Grace {
    pub days: GraceDays,
    pub to_end_of: Option<Period>,
}

/// A day to a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("minimum" = 1, "maximum" = 366)))]
#[serde(try_from = "u16")]
pub struct GraceDays(u16);

impl GraceDays {
    pub fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for GraceDays {
    type Error = String;
    fn try_from(days: u16) -> Result<Self, String> {
        if (1..=366).contains(&days) {
            Ok(Self(days))
        } else {
            Err(format!(
                "a grace of {days} days cannot be; write 1 to 366, or leave it out"
            ))
        }
    }
}

fn at_once() -> Spanned<Upgrade> {
    Spanned::new(0..0, Upgrade::AtOnce)
}

fn nobody() -> Spanned<Vec<u16>> {
    Spanned::new(0..0, Vec::new())
}

fn one() -> Rate {
    Rate::ONE
}

fn ten() -> HourOfDay {
    HourOfDay::full_hour(10)
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tier {
    pub name: String,
    /// Its name in other languages, by locale.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// From how many points, units of money or purchases on it is reached; its place, where segments decide.
    #[serde(default)]
    pub from: Points,
    /// The segment whose members have it, where segments decide.
    pub segment: Option<String>,
    /// The factor on points earned while in it.
    #[serde(default = "one")]
    pub multiplier: Rate,
    /// How long points earned while in it last.
    pub lasts: Option<Lasts>,
}
