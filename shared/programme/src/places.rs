//! The rules of places for texts to phones: in which hours they may advertise, and what they may say. They are data, one file
//! a place in `places/`, each rule with its source.

mod data;
mod lint;
mod shape;
#[cfg(test)]
mod tests;
mod windows;

use serde::{Deserialize, Serialize};

pub use data::LegalHours;
pub(crate) use lint::{at, linted, spoken};
pub(crate) use shape::shapes;
pub use windows::Windows;

use crate::suggest;

/// What a programme says of the places that it sends to. A place that it does not name has its rules all the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Places {
    /// By whom texts reach mainland China; where nothing is said, what all providers have in common is checked.
    pub cn: Option<ChinaProvider>,
    /// Where in the United States members live; where nothing is said, the hours of all states together.
    pub us: Option<UnitedStates>,
}

/// Who carries texts in mainland China.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ChinaProvider {
    Aliyun,
    Huawei,
    Tencent,
    Volcengine,
}

impl ChinaProvider {
    /// The name used in the files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aliyun => "aliyun",
            Self::Huawei => "huawei",
            Self::Tencent => "tencent",
            Self::Volcengine => "volcengine",
        }
    }
}

/// Where in the United States members live.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct UnitedStates {
    /// By their two letters; none is all of them.
    pub states: Vec<State>,
}

/// A state by its two letters.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[A-Z]{2}$")))]
#[serde(try_from = "String")]
pub struct State(String);

impl TryFrom<String> for State {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let known: Vec<&str> = data::states().collect();
        if known.contains(&text.as_str()) {
            return Ok(Self(text));
        }
        let upper = text.to_uppercase();
        let mend = if known.contains(&upper.as_str()) {
            format!("write {upper:?}")
        } else {
            suggest::one_of(&upper, &known)
        };
        Err(format!("{text:?} is no state of the United States; {mend}"))
    }
}

impl Places {
    /// The files that are in force.
    fn in_force(&self) -> [&'static str; 5] {
        let cn = match self.cn {
            None => "cn",
            Some(ChinaProvider::Aliyun) => "cn-aliyun",
            Some(ChinaProvider::Huawei) => "cn-huawei",
            Some(ChinaProvider::Tencent) => "cn-tencent",
            Some(ChinaProvider::Volcengine) => "cn-volcengine",
        };
        [cn, "us", "eu", "gb", "elsewhere"]
    }

    /// Whether a language is read in mainland China.
    pub(crate) fn are_read_in_china(&self, locale: &str) -> bool {
        let [china, ..] = self.in_force();
        let locales = data::place(china)
            .map(|place| place.locales.as_slice())
            .unwrap_or_default();
        locales.iter().any(|own| own.eq_ignore_ascii_case(locale))
    }

    fn is_in(&self, state: &str) -> bool {
        let named = self.us.as_ref().map(|us| us.states.as_slice()).unwrap_or_default();
        named.is_empty() || named.iter().any(|named| named.0 == state)
    }

    /// The hours of each place in force.
    pub(crate) fn legal_hours(&self) -> Vec<LegalHours> {
        let places = self.in_force().into_iter().filter_map(data::place);
        places
            .map(|place| place.legal_hours(|state| self.is_in(state)))
            .collect()
    }
}
