//! How long records are kept at the least: `retention.toml`, each class with its source.

use jiff::SignedDuration;
use serde::Deserialize;

/// What the law says of one class of records.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Retention {
    /// When its time begins to run.
    pub from: KeptFrom,
    months: u8,
    /// Where that stands.
    pub source: String,
}

/// When the time begins to run for which a record is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeptFrom {
    Sent,
    /// When the member has left. Nothing knows of that beforehand, so such records have no end.
    EndOfRelation,
}

/// The classes of records.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Retentions {
    pub send_records: Retention,
    pub consents: Retention,
}

impl Retention {
    /// The longest that so many months can be.
    pub fn at_least(&self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.months) * 31 * 24)
    }
}

impl Retentions {
    /// What is known here of the law.
    pub fn read() -> Result<Self, toml::de::Error> {
        toml::from_str(include_str!("../retention.toml"))
    }
}
