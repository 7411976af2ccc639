//! How many points may be earned or spent at most.

use serde::{Deserialize, Serialize};

use crate::Points;

/// The most points that a member may earn, spend, or send in a time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Limit {
    /// The wallet whose points are limited, by name; none is the main one.
    pub wallet: Option<String>,
    /// The tier of the main set whose members it is for, by name, in place of the rule that is for all; none is for all.
    pub tier: Option<String>,
    pub on: Limited,
    pub per: Per,
    pub points: Points,
    /// What becomes of more; where nothing is said, earning is capped and spending refused.
    pub over: Option<Over>,
}

/// What is limited. Points given by hand, or coming back with a return, are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Limited {
    Earn,
    Spend,
    /// What goes to another member or wallet. What comes is not limited.
    Transfer,
}

/// The time that a limit counts in: of the programme's zone, by the day on which an activity arrives, so that what comes
/// late finds nothing open that was closed. What a return takes back is not counted any longer in the time it was earned
/// or spent in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// One purchase, or one redemption.
    Activity,
    Day,
    /// From Monday on.
    Week,
    Month,
    Year,
    /// All the time that a member is one.
    Member,
    /// What a member has, pending points with it: earning goes no further.
    Balance,
}

/// What becomes of what is over a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Over {
    /// As many points as there is room for.
    Cap,
    /// None: the activity is refused, with its reason.
    Reject,
}

impl Limit {
    /// Whether more is capped, and not refused.
    pub fn caps(&self) -> bool {
        self.over.unwrap_or(match self.on {
            Limited::Earn => Over::Cap,
            Limited::Spend | Limited::Transfer => Over::Reject,
        }) == Over::Cap
    }

    /// What makes no sense of it, and the mend.
    pub(crate) fn mistake(&self) -> Option<&'static str> {
        if self.points.get() < 1 {
            return Some("a limit below 1 would forbid it all; write 1 or more, or leave the limit out");
        }
        match self {
            Self {
                on: Limited::Spend | Limited::Transfer,
                over: Some(Over::Cap),
                ..
            } => Some(
                "nobody spends or sends fewer points than they asked for; write over = \"reject\", or leave it out",
            ),
            Self {
                on: Limited::Spend | Limited::Transfer,
                per: Per::Balance,
                ..
            } => Some("spending never raises a balance; write on = \"earn\", or another per"),
            _ => None,
        }
    }
}

impl Per {
    /// As it stands after "points" in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Activity => "at a time",
            Self::Day => "a day",
            Self::Week => "a week",
            Self::Month => "a month",
            Self::Year => "a year",
            Self::Member => "a member, ever,",
            Self::Balance => "in all",
        }
    }
}

impl Limited {
    /// As it stands in "may be earned".
    pub fn words(self) -> &'static str {
        match self {
            Self::Earn => "earned",
            Self::Spend => "spent",
            Self::Transfer => "sent",
        }
    }
}
