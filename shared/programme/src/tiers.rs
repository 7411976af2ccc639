//! The tiers: from which points on, for how long, and how they are lost.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::expiry::Lasts;
use crate::file::HourOfDay;
use crate::{Points, Rate};

/// The tiers, lowest first.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tiers {
    /// The wallet whose points count, by name; none is the main one.
    pub wallet: Option<Spanned<String>>,
    /// Points earned in this month and so many months before it count for a tier.
    pub window_months: u8,
    /// A tier once reached is kept for so many months, then reviewed.
    pub review_months: u8,
    /// How many days before the review a member hears that the tier will be lost, each once.
    #[serde(default = "nobody")]
    pub notify_days_before: Spanned<Vec<u16>>,
    /// The local hour at which that falls due.
    #[serde(default = "ten")]
    pub notify_at: HourOfDay,
    pub levels: Spanned<Vec<Tier>>,
}

fn nobody() -> Spanned<Vec<u16>> {
    Spanned::new(0..0, Vec::new())
}

fn ten() -> HourOfDay {
    HourOfDay::full_hour(10)
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tier {
    pub name: String,
    /// Its name in other languages, by locale.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// The qualifying points from which it is reached.
    pub from: Points,
    /// The factor on points earned while in it.
    pub multiplier: Rate,
    /// How long points earned while in it last.
    pub lasts: Option<Lasts>,
}
