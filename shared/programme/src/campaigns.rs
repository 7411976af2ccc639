//! Campaigns: what is granted beside the points of an `[[earn]]`, to whom, when and how often.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use expression::{Condition, Formula};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::calendar::{Calendar, Days, LONGEST_WAIT};
use crate::rewards::slug;
use crate::{Hours, Lasts, Pending, Per, Points, Programme, Rate, TimeOfDay};

/// A campaign's name in the programme file. It never changes: entries know the campaign by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[a-z0-9-]{1,32}$", "examples" = ["double-points"])))]
#[serde(try_from = "String")]
pub struct CampaignName(String);

impl CampaignName {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// FNV-1a of the name.
    pub fn id(&self) -> CampaignId {
        let hash = self.0.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        CampaignId(hash.to_be_bytes())
    }
}

impl TryFrom<String> for CampaignName {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        slug(&name, "campaign", "double-points")?;
        Ok(Self(name))
    }
}

impl fmt::Display for CampaignName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// A campaign as entries know it: four bytes that follow from its name. No two of a programme have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CampaignId([u8; 4]);

impl fmt::Display for CampaignId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

/// One campaign.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Campaign {
    pub name: CampaignName,
    /// What members call it, by locale. Without any, they are told of the points alone.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// What sets it off.
    #[serde(default)]
    pub on: Trigger,
    /// The first and the last day of the member's on which it runs.
    pub from: Option<Date>,
    pub through: Option<Date>,
    /// The names of the days under `[calendar]` on which alone it runs; none is every day.
    #[cfg_attr(feature = "schema", schemars(with = "Option<DayNames>"))]
    pub days: Option<Spanned<DayNames>>,
    /// The hours of those days, in which it runs; may wrap midnight.
    pub hours: Option<Hours>,
    /// The local hour at which a day sets it off.
    pub at: Option<TimeOfDay>,
    /// Who and what it is for.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub when: Option<Spanned<String>>,
    /// What the points of a purchase are multiplied by, beside the tier.
    pub multiply: Option<Rate>,
    /// Points: so many, or a formula.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Grant>"))]
    pub points: Option<Spanned<Grant>>,
    /// The wallet they go into, by name; none is the main one.
    pub wallet: Option<String>,
    /// How long points last that are granted on anything but a purchase. Those on a purchase last as long as its own.
    pub lasts: Option<Lasts>,
    /// How long they wait before they can be spent.
    pub pending: Option<Pending>,
    /// A member gets it so often in each time, by when it happened; without `per`, ever.
    pub times: Option<u16>,
    pub per: Option<Per>,
    /// Not again within so many hours.
    pub cooldown_hours: Option<u32>,
    /// It grants no more than so many points, to all members together. What comes back is not granted anew.
    pub budget: Option<Points>,
    /// Of the campaigns of one group, a member gets one.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub group: Option<Spanned<String>>,
    /// What `days`, `when` and `points` say, checked.
    #[serde(skip)]
    pub compiled: Compiled,
}

/// The days and the expressions of a campaign, as they are evaluated.
#[derive(Debug, Clone, Default)]
pub struct Compiled {
    pub(crate) days: Option<Vec<Arc<Days>>>,
    pub when: Option<Condition>,
    pub points: Option<Formula>,
}

/// What sets a campaign off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    #[default]
    Purchase,
    SignUp,
    Birthday,
    /// Of the day on which the member joined.
    Anniversary,
    /// An event of the shop's own, by its name under `[events]`.
    Event(String),
    /// The member is put into a segment.
    Segment(String),
    /// The member sends a code in, from a poster or a receipt; small and large letters are the same.
    Code(String),
    /// A day of the member's comes, by its name under `[calendar]`; each day once, and to who was a member by then.
    Day(String),
    /// Somebody whom the member referred makes the purchase that `[referral]` asks for.
    Referral,
    /// The member makes that purchase, having been referred.
    Referred,
}

impl Trigger {
    /// Whether it is one side of a referral.
    pub fn is_referral(&self) -> bool {
        matches!(self, Self::Referral | Self::Referred)
    }
}

impl Trigger {
    /// Whether it comes to a member of itself, and not by what somebody does.
    pub fn comes_of_itself(&self) -> bool {
        match self {
            Self::Birthday | Self::Anniversary | Self::Day(_) => true,
            Self::Purchase
            | Self::SignUp
            | Self::Event(_)
            | Self::Segment(_)
            | Self::Code(_)
            | Self::Referral
            | Self::Referred => false,
        }
    }
}

/// One name under `[calendar]`, or several.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    untagged,
    expecting = "write a name of [calendar] such as \"member-day\", or a list of them"
)]
pub enum DayNames {
    One(String),
    Several(Vec<String>),
}

impl DayNames {
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let names = match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        };
        names.iter().map(String::as_str)
    }
}

/// Points that are granted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    untagged,
    expecting = "write a number of points such as 50, or a formula in quotes such as \"activity.amount / 10\""
)]
pub enum Grant {
    Points(i64),
    Formula(String),
}

/// How what is granted by several campaigns adds up.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Stacking {
    pub multipliers: Multipliers,
    /// All multipliers of campaigns together are no more than this.
    pub most: Option<Rate>,
}

/// How several multipliers on one purchase stack.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Multipliers {
    /// Each adds what it would add alone: 2 and 3 make 4.
    #[default]
    Add,
    /// 2 and 3 make 6.
    Multiply,
}

/// Which campaign of a group a member gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Pick {
    /// The first in the file whose condition holds.
    First,
    /// The one that grants most; of equals the first in the file.
    Best,
}

impl Programme {
    /// What members call a campaign or a mission in a locale, by its name; none where it has no name for them.
    pub fn campaign_title(&self, name: &str, locale: &str) -> Option<&str> {
        let campaigns = self.versions().flat_map(|rules| &rules.campaigns);
        let campaigns = campaigns.map(|one| (&one.name, &one.names));
        let missions = self.versions().flat_map(|rules| &rules.missions);
        let missions = missions.map(|one| (&one.name, &one.names));
        let mut both = campaigns.chain(missions);
        let (_, names) = both.find(|(known, _)| known.as_str() == name)?;
        let first = || names.values().next();
        names.get(locale).or_else(first).map(String::as_str)
    }

    /// The name of a campaign or a mission of an entry, where members have one for it.
    pub fn told_campaign(&self, id: CampaignId) -> Option<&CampaignName> {
        let campaign = self.campaign(id).map(|one| (&one.name, &one.names));
        let mission = || self.mission(id).map(|one| (&one.name, &one.names));
        let (name, names) = campaign.or_else(mission)?;
        (!names.is_empty()).then_some(name)
    }
}

impl Campaign {
    /// Whether it runs at a local time of the member's.
    pub fn runs_at(&self, local: jiff::civil::DateTime) -> bool {
        self.runs_on(local.date()) && self.hours.is_none_or(|hours| hours.contain(local.time()))
    }

    /// Whether it runs on a day of the member's.
    pub fn runs_on(&self, day: Date) -> bool {
        let mut named = self.compiled.days.iter().flatten();
        self.from.is_none_or(|from| from <= day)
            && self.through.is_none_or(|through| day <= through)
            && (self.compiled.days.is_none() || named.any(|days| days.contains(day)))
    }

    /// The local hour at which a day sets it off.
    pub fn hour(&self) -> TimeOfDay {
        self.at.unwrap_or(TimeOfDay::full_hour(10))
    }

    /// Whether it may run on a day anywhere: a member's own day is no more than one away from it.
    pub fn may_run_near(&self, day: Date) -> bool {
        let (yesterday, tomorrow) = (day.yesterday().unwrap_or(day), day.tomorrow().unwrap_or(day));
        self.from.is_none_or(|from| from <= tomorrow) && self.through.is_none_or(|through| yesterday <= through)
    }

    /// Whether it is counted how often a member gets it.
    pub fn is_counted(&self) -> bool {
        self.times.is_some() || self.cooldown_hours.is_some()
    }
}

/// A day that sets campaigns off, all of them at one hour.
#[derive(Debug, Clone)]
pub struct DayTrigger {
    /// Its name under `[calendar]`.
    pub name: String,
    pub at: TimeOfDay,
    days: Arc<Days>,
    /// When the first of the campaigns begins, and the last ends.
    from: Date,
    through: Date,
}

impl DayTrigger {
    /// The days that set any of the campaigns off, each once.
    pub(crate) fn of(campaigns: &[Campaign], calendar: &Calendar) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for campaign in campaigns {
            let Trigger::Day(name) = &campaign.on else { continue };
            let from = campaign.from.unwrap_or(Date::MIN);
            let through = campaign.through.unwrap_or(Date::MAX);
            if let Some(known) = all.iter_mut().find(|known| known.name == *name) {
                known.from = known.from.min(from);
                known.through = known.through.max(through);
            } else if let Some(days) = calendar.days(name) {
                all.push(Self {
                    name: name.clone(),
                    at: campaign.hour(),
                    days: Arc::clone(days),
                    from,
                    through,
                });
            }
        }
        all
    }

    /// Its days from a date on, on which any of these campaigns runs.
    pub fn days_from(&self, date: Date, campaigns: &[Campaign]) -> impl Iterator<Item = Date> {
        let next = |after: Date| self.days.next(after).filter(|day| *day <= self.through);
        let all = std::iter::successors(next(date.max(self.from)), move |day| next(day.tomorrow().ok()?));
        let own = |campaign: &&Campaign| matches!(&campaign.on, Trigger::Day(name) if *name == self.name);
        // Days on which none runs for a lifetime are no days to wait for.
        let all = all.take_while(move |day| day.year() - date.max(self.from).year() <= LONGEST_WAIT);
        all.filter(move |day| campaigns.iter().filter(own).any(|campaign| campaign.runs_on(*day)))
    }
}
