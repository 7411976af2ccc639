//! What a shop tells of its members and their activities beside what every activity says: declared, so that conditions on
//! it can be checked before anything runs, and what does not keep to it is refused with its reason.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

/// Fields by name.
pub type Fields = BTreeMap<FieldName, FieldType>;

/// The name of a field or an attribute, as conditions write it after a dot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[a-z][a-z0-9_]{0,31}$")))]
#[serde(try_from = "String")]
pub struct FieldName(String);

impl FieldName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for FieldName {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
        if begins && name.len() <= 32 && name.chars().all(plain) {
            Ok(Self(name))
        } else {
            Err(format!(
                "{name:?} cannot name a field; write 1 to 32 small letters, digits and underscores, such as \"store_id\""
            ))
        }
    }
}

/// What a field may hold. Activities carry text; this is how it is read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "Written"))]
#[serde(try_from = "Written")]
pub struct FieldType {
    pub holds: Holds,
    /// Whether it may be left out.
    pub optional: bool,
}

/// See [`FieldType`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    Text,
    WholeNumber,
    Number,
    YesOrNo,
    /// One of these texts.
    OneOf(Vec<String>),
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "FieldTypeAsWritten"))]
#[serde(
    untagged,
    expecting = "write \"text\", \"whole-number\", \"number\", \"yes-or-no\", or a list of texts such as [\"vinyl\", \"cd\"]"
)]
enum Written {
    Word(String),
    Choices(Vec<String>),
}

impl TryFrom<Written> for FieldType {
    type Error = String;
    fn try_from(written: Written) -> Result<Self, String> {
        let word = match written {
            Written::Choices(choices) if choices.iter().all(|choice| choice == "?") => {
                return Err("a list without a text allows nothing; write what the field may be".to_owned());
            }
            Written::Choices(mut choices) => {
                let optional = choices.iter().any(|choice| choice == "?");
                choices.retain(|choice| choice != "?");
                let holds = Holds::OneOf(choices);
                return Ok(Self { holds, optional });
            }
            Written::Word(word) => word,
        };
        let (name, optional) = match word.strip_suffix('?') {
            Some(name) => (name, true),
            None => (word.as_str(), false),
        };
        let holds = match name {
            "text" => Holds::Text,
            "whole-number" => Holds::WholeNumber,
            "number" => Holds::Number,
            "yes-or-no" => Holds::YesOrNo,
            _ => {
                return Err(format!(
                    "{word:?} is no type; write \"text\", \"whole-number\", \"number\", \"yes-or-no\", or a list of texts; \
                     with a question mark, as in \"text?\", where it may be left out"
                ));
            }
        };
        Ok(Self { holds, optional })
    }
}

impl FieldType {
    /// Whether a text can be read as this.
    pub fn accepts(&self, text: &str) -> bool {
        match &self.holds {
            Holds::Text => true,
            Holds::WholeNumber => text.parse::<i64>().is_ok(),
            Holds::Number => text.parse::<expression::Decimal>().is_ok(),
            Holds::YesOrNo => yes_or_no(text).is_some(),
            Holds::OneOf(choices) => choices.iter().any(|choice| choice == text),
        }
    }
}

/// `true` and `false` as JSON has them, and as people write them.
pub fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "true" | "yes" => Some(true),
        "false" | "no" => Some(false),
        _ => None,
    }
}

impl fmt::Display for Holds {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => out.write_str("a text"),
            Self::WholeNumber => out.write_str("a whole number"),
            Self::Number => out.write_str("a number"),
            Self::YesOrNo => out.write_str("yes or no"),
            Self::OneOf(choices) => write!(out, "one of {}", choices.join(", ")),
        }
    }
}

/// What purchases say beside amount and currency.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Purchases {
    pub fields: Fields,
    /// What each line says beside its name, quantity and amount.
    pub lines: Fields,
}
