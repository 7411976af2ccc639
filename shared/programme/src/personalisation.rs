//! Members who asked that nothing that is known of them tells them apart from others.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::text::Locale;

/// The name by which consents, accounts and exports know of it. No attribute of the shop's own can have it.
pub const PERSONALISATION: &str = "personalisation";

/// What texts say of members whose name they may not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Personalisation {
    /// What stands in the place of the name, by locale; "member" or “会员” where nothing is said.
    pub names: BTreeMap<Locale, String>,
}

impl Personalisation {
    /// What stands in the place of a member's name in a locale's texts.
    pub fn name(&self, locale: &str) -> &str {
        match self.names.get(locale) {
            Some(name) => name,
            None if locale.split('-').next() == Some("zh") => "会员",
            None => "member",
        }
    }
}
