//! Missions: something to be done several times, or so many periods in a row, and what is granted on the way.

use std::collections::BTreeMap;

use expression::{Condition, Formula};
use jiff::civil::{Date, DateTime};
use serde::Deserialize;
use toml::Spanned;

use crate::campaigns::{CampaignName, Trigger};
use crate::{Lasts, Per, Points, RewardName};

/// One mission.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Mission {
    /// Missions and campaigns have no name in common.
    pub name: CampaignName,
    /// What members call it, by locale. Without any, they are told of the points alone.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// What is to be done: a purchase, an event of the shop's own, or a referral.
    #[serde(default)]
    pub on: Trigger,
    /// The first and the last day of the member's on which it counts.
    pub from: Option<Date>,
    pub through: Option<Date>,
    /// Which of them count.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub when: Option<Spanned<String>>,
    /// How much each counts: a formula; without one, each counts one.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub counts: Option<Spanned<String>>,
    /// It begins anew with each of these, by the member's own calendar; without it, it is there once.
    pub each: Option<Each>,
    /// It is to be done in so many of these in a row.
    pub streak: Option<Each>,
    /// So many of them may be missed in between, each time.
    #[serde(default)]
    pub grace: u8,
    /// What is granted on the way, from the nearest to the farthest.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Milestone>"))]
    pub milestones: Spanned<Vec<Milestone>>,
    /// What `when` and `counts` say, checked.
    #[serde(skip)]
    pub compiled: MissionCompiled,
}

/// The expressions of a mission, as they are evaluated.
#[derive(Debug, Clone, Default)]
pub struct MissionCompiled {
    pub when: Option<Condition>,
    pub counts: Option<Formula>,
}

/// A period of the member's own calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Each {
    Day,
    /// From Monday on.
    Week,
    Month,
    Year,
}

impl Each {
    /// As limits call it.
    pub fn per(self) -> Per {
        match self {
            Self::Day => Per::Day,
            Self::Week => Per::Week,
            Self::Month => Per::Month,
            Self::Year => Per::Year,
        }
    }
}

/// A part of the way, and what it brings.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Milestone {
    /// So much is to be done; of a streak, so many periods in a row.
    pub reach: u32,
    #[serde(default)]
    pub points: Points,
    /// The wallet they go into, by name; none is the main one.
    pub wallet: Option<String>,
    pub lasts: Option<Lasts>,
    pub badge: Option<RewardName>,
}

impl Mission {
    /// Whether what happens at a local time of the member's may count.
    pub fn runs_at(&self, local: DateTime) -> bool {
        let day = local.date();
        self.from.is_none_or(|from| from <= day) && self.through.is_none_or(|through| day <= through)
    }

    /// The period that it counts in.
    pub fn period(&self) -> Per {
        self.streak.or(self.each).map_or(Per::Member, Each::per)
    }
}
