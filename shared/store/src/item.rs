//! Reading and writing attributes. Reading is total: an item another writer damaged is an error with its place.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

/// An item as DynamoDB gives it.
pub type Item = HashMap<String, AttributeValue>;

/// An item that is not what was written. The text names the attribute and never its content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {attribute:?} {why}")]
pub struct Damaged {
    /// The kind of item: "the account's".
    pub what: &'static str,
    pub attribute: String,
    pub why: String,
    /// It is sound, and another version of the bundle wrote it.
    pub of_another_version: bool,
}

impl Damaged {
    /// The ledger of an account does not walk.
    pub fn of_account(why: ledger::Corrupt) -> Self {
        Self {
            of_another_version: matches!(why, ledger::Corrupt::Version(_)),
            ..Self::new("the account's", "b", format!("is damaged: {why}"))
        }
    }

    pub(crate) fn new(what: &'static str, attribute: &str, why: impl ToString) -> Self {
        Self {
            what,
            attribute: attribute.to_owned(),
            why: why.to_string(),
            of_another_version: false,
        }
    }
}

/// An item being read.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) what: &'static str,
    pub(crate) item: &'a Item,
}

impl<'a> Reader<'a> {
    pub(crate) fn optional(self, name: &str) -> Result<Option<&'a str>, Damaged> {
        let Some(value) = self.item.get(name) else {
            return Ok(None);
        };
        value
            .as_s()
            .map(|text| Some(text.as_str()))
            .map_err(|_| Damaged::new(self.what, name, "is no text"))
    }

    pub(crate) fn text(self, name: &str) -> Result<&'a str, Damaged> {
        self.optional(name)?
            .ok_or_else(|| Damaged::new(self.what, name, "is missing"))
    }

    /// A text that is read into a type of its own.
    pub(crate) fn parsed<T>(self, name: &str) -> Result<T, Damaged>
    where
        T: std::str::FromStr<Err: ToString>,
    {
        self.text(name)?
            .parse()
            .map_err(|why: T::Err| Damaged::new(self.what, name, format!("cannot be read: {}", why.to_string())))
    }

    pub(crate) fn optional_parsed<T>(self, name: &str) -> Result<Option<T>, Damaged>
    where
        T: std::str::FromStr<Err: ToString>,
    {
        self.optional(name)?.map(|_| self.parsed(name)).transpose()
    }

    /// A whole number; a text of digits is taken too, since a shop may write either.
    pub(crate) fn number<T: std::str::FromStr>(self, name: &str) -> Result<Option<T>, Damaged> {
        let text = match self.item.get(name) {
            None => return Ok(None),
            Some(AttributeValue::N(text) | AttributeValue::S(text)) => text,
            Some(_) => return Err(Damaged::new(self.what, name, "is no number")),
        };
        text.parse()
            .map(Some)
            .map_err(|_| Damaged::new(self.what, name, "is no whole number that fits"))
    }

    /// A list of texts; an empty one where there is none.
    pub(crate) fn texts(self, name: &str) -> Result<Vec<String>, Damaged> {
        let wrong = || Damaged::new(self.what, name, "is no list of texts");
        let Some(value) = self.item.get(name) else {
            return Ok(Vec::new());
        };
        let list = value.as_l().map_err(|_| wrong())?;
        let texts = list.iter().map(|text| text.as_s().cloned().map_err(|_| wrong()));
        texts.collect()
    }

    pub(crate) fn bytes(self, name: &str) -> Result<&'a [u8], Damaged> {
        let value = self
            .item
            .get(name)
            .ok_or_else(|| Damaged::new(self.what, name, "is missing"))?;
        value
            .as_b()
            .map(AsRef::as_ref)
            .map_err(|_| Damaged::new(self.what, name, "is no binary"))
    }
}

pub(crate) fn text(value: impl ToString) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

pub(crate) fn texts<'a>(values: impl IntoIterator<Item = &'a str>) -> AttributeValue {
    AttributeValue::L(values.into_iter().map(text).collect())
}

pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// An instant as the index sorts it: whole seconds, always the same width.
pub(crate) fn instant(at: Timestamp) -> AttributeValue {
    text(Timestamp::from_second(at.as_second()).unwrap_or(at))
}
