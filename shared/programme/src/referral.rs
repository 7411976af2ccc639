//! Referrals: what has to happen until it counts that a member was referred by another, and how long what is granted for
//! it waits. What is granted, and how often, campaigns and missions say.

use expression::Condition;
use serde::Deserialize;
use toml::Spanned;

use crate::campaigns::Trigger;
use crate::{Pending, Per};

/// When a referral counts.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Referral {
    /// Which purchase of the member who was referred makes it count; the first of them does, and none after it.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub when: Option<Spanned<String>>,
    /// No more than so many days after the sign-up; none is whenever.
    pub within_days: Option<u16>,
    /// What is granted for it waits so many days, in which that purchase may come back.
    #[cfg_attr(feature = "schema", schemars(with = "u16"))]
    pub return_days: Spanned<u16>,
    /// Who brings more waits for a person to look at it.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Often>"))]
    pub review_over: Option<Spanned<Often>>,
    /// What `when` says, checked.
    #[serde(skip)]
    pub compiled: Option<Condition>,
}

/// So often in each time, by the member's own days; without `per`, ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Often {
    pub times: u16,
    pub per: Option<Per>,
}

impl Referral {
    /// How long points wait that something grants which referrals set off, unless it says so itself.
    pub fn wait(&self, on: &Trigger) -> Option<Pending> {
        on.is_referral().then(|| Pending::After {
            days: *self.return_days.get_ref(),
            round_up_to: None,
        })
    }
}
