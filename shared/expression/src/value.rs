//! What an expression is evaluated over.

use std::fmt;

use crate::{Decimal, Slot};

/// What a name holds at an evaluation.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    Missing,
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Text(&'a str),
    Texts(&'a dyn Texts),
}

/// A list of texts, however it is kept.
pub trait Texts {
    fn count(&self) -> usize;
    fn text(&self, index: usize) -> Option<&str>;
}

impl<S: AsRef<str>> Texts for Vec<S> {
    fn count(&self) -> usize {
        self.len()
    }

    fn text(&self, index: usize) -> Option<&str> {
        self.get(index).map(AsRef::as_ref)
    }
}

impl<S: AsRef<str>> Texts for &[S] {
    fn count(&self) -> usize {
        self.len()
    }

    fn text(&self, index: usize) -> Option<&str> {
        self.get(index).map(AsRef::as_ref)
    }
}

impl<S: AsRef<str>, const N: usize> Texts for [S; N] {
    fn count(&self) -> usize {
        N
    }

    fn text(&self, index: usize) -> Option<&str> {
        self.get(index).map(AsRef::as_ref)
    }
}

/// Where values come from, each when it is needed. A value of another type than the scope says counts as missing, but a
/// whole number is a number.
pub trait Values {
    fn value(&self, slot: Slot) -> Value<'_>;

    /// How many records the list in that slot has.
    fn lines(&self, slot: Slot) -> usize;

    /// A field, by its position in [`Type::Lines`](crate::Type::Lines), of one of them.
    fn field(&self, slot: Slot, line: usize, field: u16) -> Value<'_>;
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => out.write_str("nothing"),
            Self::Bool(yes) => write!(out, "{yes}"),
            Self::Int(number) => write!(out, "{number}"),
            Self::Decimal(number) => write!(out, "{number}"),
            Self::Text(text) => write!(out, "{text:?}"),
            Self::Texts(texts) => {
                let all = (0..texts.count()).filter_map(|index| texts.text(index));
                write!(out, "{:?}", all.collect::<Vec<_>>())
            }
        }
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}
