//! What an activity says beside what every one of its kind does: fields of the shop's own, and the lines of a purchase.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use compact_str::CompactString;
use ledger::{OrderLine, Said};
use programme::Amount;
use serde::Deserialize;
use serde_json::Value;

use super::{WHAT, amount, json, label, paid};
use crate::item::{Damaged, Item, Reader};
use crate::keys::{PK, SK};

/// The fields of an item as text, whatever they are kept as; lists and objects are none.
pub(super) fn fields(item: &Item) -> Vec<(CompactString, CompactString)> {
    let known = [PK, SK, "kind", "at", "received", "refused", "answer", "lines"];
    let own = item.iter().filter(|(name, _)| !known.contains(&name.as_str()));
    let text = own.filter_map(|(name, value)| {
        let text = match value {
            AttributeValue::S(text) | AttributeValue::N(text) => text.as_str(),
            AttributeValue::Bool(true) => "true",
            AttributeValue::Bool(false) => "false",
            _ => return None,
        };
        Some((name.into(), text.into()))
    });
    text.collect()
}

/// What an activity without lines says.
pub(super) fn said_in(item: &Item) -> Said {
    Said {
        fields: fields(item),
        lines: Vec::new(),
    }
}

/// A field of a line as text; nothing for what is none.
fn as_text(value: Value) -> Option<CompactString> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string().into()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// One line as a purchase names it: so many of a thing, and what they cost together.
#[derive(Deserialize)]
struct GivenLine {
    line: String,
    quantity: u32,
    amount: String,
    #[serde(flatten)]
    fields: BTreeMap<String, Value>,
}

/// The lines of a purchase's item.
pub(crate) fn order_lines(item: &Item) -> Result<Vec<OrderLine>, Damaged> {
    let reader = Reader { what: WHAT, item };
    lines(reader, paid(reader)?)
}

pub(super) fn lines(reader: Reader<'_>, paid: Amount) -> Result<Vec<OrderLine>, Damaged> {
    let given: Vec<GivenLine> = json(reader, "lines")?.unwrap_or_default();
    let wrong = |why: String| Damaged::new(WHAT, "lines", why);
    let (mut lines, mut names, mut sum) = (Vec::with_capacity(given.len()), BTreeSet::new(), 0_i64);
    for line in given {
        let name = label(&line.line, "lines")?;
        let cost = amount(&line.amount, paid.currency(), "lines")?.minor();
        if line.quantity == 0 {
            return Err(wrong(format!("have none of {:?}; leave it out", name.as_str())));
        }
        if !names.insert(name.clone()) {
            return Err(wrong(format!("name {:?} twice; add the two up", name.as_str())));
        }
        sum = sum.saturating_add(cost);
        lines.push(OrderLine {
            line: name,
            quantity: line.quantity,
            minor: cost,
            fields: line
                .fields
                .into_iter()
                .filter_map(|(name, value)| Some((name.into(), as_text(value)?)))
                .collect(),
        });
    }
    if sum > paid.minor() {
        return Err(wrong(
            "cost more than the purchase; state what was paid for each".to_owned(),
        ));
    }
    Ok(lines)
}
