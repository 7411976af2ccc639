//! What an activity says beside what every one of its kind does.

use compact_str::CompactString;
use programme::{FieldName, Fields};

use crate::ids::Label;
use crate::refusal::Refusal;

/// Fields of the shop's own, and the lines of a purchase.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// By name, as text. The programme says how each is read; those it does not declare are left aside.
    pub fields: Vec<(CompactString, CompactString)>,
    pub lines: Vec<OrderLine>,
}

/// A line of a purchase: so many of a thing, and what they cost together, in the purchase's minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLine {
    pub line: Label,
    pub quantity: u32,
    pub minor: i64,
    /// By name, as text, like [`Said::fields`].
    pub fields: Vec<(CompactString, CompactString)>,
}

/// The text of a field.
pub(crate) fn field<'a>(fields: &'a [(CompactString, CompactString)], name: &str) -> Option<&'a str> {
    let mut fields = fields.iter();
    let (_, text) = fields.find(|(known, _)| known == name)?;
    Some(text)
}

/// Whether fields are what is declared: all that must be there, each of its type.
pub(crate) fn check(fields: &[(CompactString, CompactString)], declared: &Fields) -> Result<(), Refusal> {
    for (name, wanted) in declared {
        match field(fields, name.as_str()) {
            Some(text) if !wanted.accepts(text) => {
                let (field, wanted) = (name_of(name), wanted.holds.to_string());
                return Err(Refusal::FieldWrong { field, wanted });
            }
            None if !wanted.optional => {
                let field = name_of(name);
                return Err(Refusal::FieldMissing { field });
            }
            _ => {}
        }
    }
    Ok(())
}

fn name_of(name: &FieldName) -> String {
    name.as_str().to_owned()
}
