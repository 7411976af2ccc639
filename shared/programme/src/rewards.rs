//! Rewards: what points are given for, and what members are given of itself.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Lasts, Points};

/// Which reward: its name in the programme file, which stands in every entry about it and never changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[a-z0-9-]{1,32}$", "examples" = ["tote-bag"])))]
#[serde(try_from = "String", into = "String")]
pub struct RewardName(String);

impl RewardName {
    /// No name is longer.
    pub const LONGEST: usize = 32;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RewardName {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        slug(&name, "reward", "tote-bag")?;
        Ok(Self(name))
    }
}

/// Names that stand in entries, or make ids there, are short and plain.
pub(crate) fn slug(name: &str, of: &str, such_as: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (1..=RewardName::LONGEST).contains(&name.len()) && name.chars().all(plain) {
        Ok(())
    } else {
        let longest = RewardName::LONGEST;
        Err(format!(
            "{name:?} cannot name a {of}; write 1 to {longest} small letters, digits and hyphens, such as {such_as:?}"
        ))
    }
}

impl std::str::FromStr for RewardName {
    type Err = String;
    fn from_str(name: &str) -> Result<Self, String> {
        Self::try_from(name.to_owned())
    }
}

impl From<RewardName> for String {
    fn from(name: RewardName) -> Self {
        name.0
    }
}

impl fmt::Display for RewardName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// One reward.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Reward {
    pub name: RewardName,
    /// What members call it, by locale; its name where there is none.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// What it costs,
    #[serde(default)]
    pub points: Points,
    /// of which wallet, by name; none is the main one.
    pub wallet: Option<String>,
    /// What it costs members of some tiers, by the tier's name.
    #[serde(default)]
    pub tier_points: BTreeMap<String, Points>,
    /// The lowest tier it is for, by name.
    pub tier: Option<String>,
    /// The first and the last day on which it can be claimed.
    pub from: Option<Date>,
    pub through: Option<Date>,
    /// A member can claim, or be given, so many ever.
    pub per_member: Option<u16>,
    /// There are so many ever, less those that come back.
    pub stock: Option<u64>,
    /// A claim that leaves fewer than these is warned of in the log.
    #[serde(default = "ten")]
    pub low_stock: u64,
    /// Each comes with a code out of a pool.
    #[serde(default)]
    pub coupons: bool,
    /// How long a member has to use it.
    pub lasts: Option<Lasts>,
    /// How many days before it lapses a member is reminded, each once.
    #[serde(default)]
    pub remind_days_before: Vec<u16>,
    /// Whether the member hears of it when it is theirs.
    #[serde(default = "crate::wallets::yes")]
    pub told: bool,
    /// It is given of itself, and cannot be claimed.
    pub given: Option<Given>,
}

fn ten() -> u64 {
    10
}

/// When a reward is given that nobody claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Given {
    /// When a member joins.
    SignUp,
    Birthday,
    /// On the day a member joined, each year.
    Anniversary,
    /// When a member rises to the reward's tier.
    Tier,
}

impl Reward {
    /// What it costs a member of these tiers, one of each set: the least that any of them pays.
    pub fn price<'a>(&self, tiers: impl Iterator<Item = &'a str>) -> Points {
        let own = tiers.filter_map(|tier| self.tier_points.get(tier).copied());
        own.min().unwrap_or(self.points)
    }

    /// What members call it in a locale.
    pub fn title(&self, locale: &str) -> &str {
        self.names.get(locale).map_or(self.name.as_str(), String::as_str)
    }

    /// Whether there are only so many.
    pub fn is_limited(&self) -> bool {
        self.coupons || self.stock.is_some()
    }
}
