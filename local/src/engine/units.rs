//! What the tables' use would cost: capacity units by function, table, operation and kind of item.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// The tally of every DynamoDB call so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Units {
    pub rows: BTreeMap<UnitKey, UnitCount>,
}

/// What is counted apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UnitKey {
    /// The binary that called, from its credential.
    pub function: String,
    /// The table's logical id.
    pub table: String,
    pub operation: String,
    /// The sort key up to its first `#`; `(id)` for a bare identifier; the kinds of a transaction joined with `+`;
    /// `index NAME` for a query of an index.
    pub item: String,
    /// Whether this was a put that only makes new items (its condition has `attribute_not_exists`).
    pub created: bool,
}

/// Units are DynamoDB's: 4 KB strongly read or 1 KB written. Half a unit is an eventually consistent read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitCount {
    pub calls: u64,
    pub read_halves: u64,
    pub write: u64,
}

/// What one call spent on one table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spent {
    /// The deployed name.
    pub(super) table: String,
    pub(super) item: String,
    pub(super) created: bool,
    pub(super) read: f64,
    pub(super) write: f64,
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    units: Mutex<Units>,
}

impl Tally {
    pub(super) fn new(units: Units) -> Self {
        Self {
            units: Mutex::new(units),
        }
    }

    pub(super) fn add(&self, function: &str, table: &str, operation: &str, spent: Spent) {
        let key = UnitKey {
            function: function.to_owned(),
            table: table.to_owned(),
            operation: operation.to_owned(),
            item: spent.item,
            created: spent.created,
        };
        let mut units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
        let count = units.rows.entry(key).or_default();
        count.calls += 1;
        count.read_halves += whole(spent.read * 2.0);
        count.write += whole(spent.write);
    }

    pub(super) fn units(&self) -> Units {
        self.units.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // small, whole and never negative
fn whole(units: f64) -> u64 {
    units.max(0.0).round() as u64
}

/// What kind of item a sort key names. A key without `#` is a kind of its own (`account`) unless it has a digit: then
/// it is an identifier, and a row for each would be no tally.
pub(super) fn item_kind(sort_key: &str) -> String {
    match sort_key.split_once('#') {
        Some((kind, _)) => kind.to_owned(),
        None if sort_key.bytes().any(|byte| byte.is_ascii_digit()) => "(id)".to_owned(),
        None => sort_key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_named_by_its_kind() {
        assert_eq!(item_kind("page#12"), "page");
        assert_eq!(item_kind("account"), "account");
        assert_eq!(item_kind("cdnow-00001"), "(id)");
    }
}
