//! Expressions that are ready: checked, lowered, and with what is needed to say why they held.

use crate::run::Frame;
use crate::tree::{Number, Place, Test};
use crate::{Decimal, Slot, Values};

/// Where an expression comes from and what it reads.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Head {
    pub(crate) source: Box<str>,
    pub(crate) slots: Vec<Slot>,
}

/// A name to be shown with its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shown {
    pub(crate) name: Box<str>,
    pub(crate) place: Place,
}

/// One of the parts that must all hold.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Conjunct {
    /// In bytes of the source.
    pub(crate) at: (u16, u16),
    pub(crate) test: Test,
    pub(crate) shown: Vec<Shown>,
}

/// What is yes or no of the values. It holds when every part that `&&` joins is true; a part that reads a missing value
/// or a number that does not fit is not.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub(crate) head: Head,
    pub(crate) conjuncts: Vec<Conjunct>,
}

/// A number made of the values.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    pub(crate) head: Head,
    pub(crate) number: Number,
    pub(crate) shown: Vec<Shown>,
}

/// A part of a condition, and how it came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause<'a> {
    /// As it was written.
    pub source: &'a str,
    pub held: bool,
    /// The names that it reads, each with its value as a text; `nothing` where it is missing.
    pub values: Vec<(&'a str, String)>,
}

impl Condition {
    pub fn holds<V: Values + ?Sized>(&self, values: &V) -> bool {
        let frame = Frame::new(values);
        let mut conjuncts = self.conjuncts.iter();
        conjuncts.all(|conjunct| frame.test(&conjunct.test) == Some(true))
    }

    /// As it was written.
    pub fn source(&self) -> &str {
        &self.head.source
    }

    /// All that it reads, once each, in order.
    pub fn slots(&self) -> &[Slot] {
        &self.head.slots
    }

    /// Each part that `&&` joins, all of them evaluated.
    pub fn explain<V: Values + ?Sized>(&self, values: &V) -> Vec<Clause<'_>> {
        let frame = Frame::new(values);
        let clauses = self.conjuncts.iter().map(|conjunct| {
            let (start, end) = conjunct.at;
            let source = self.head.source.get(usize::from(start)..usize::from(end));
            Clause {
                source: source.unwrap_or_default(),
                held: frame.test(&conjunct.test) == Some(true),
                values: show(&conjunct.shown, frame),
            }
        });
        clauses.collect()
    }
}

impl Formula {
    /// `None` where a value is missing or the number does not fit.
    pub fn number<V: Values + ?Sized>(&self, values: &V) -> Option<Decimal> {
        Frame::new(values).number(&self.number).map(crate::tree::Num::exact)
    }

    pub fn source(&self) -> &str {
        &self.head.source
    }

    /// All that it reads, once each, in order.
    pub fn slots(&self) -> &[Slot] {
        &self.head.slots
    }

    /// The names that it reads, each with its value as a text.
    pub fn explain<V: Values + ?Sized>(&self, values: &V) -> Vec<(&str, String)> {
        show(&self.shown, Frame::new(values))
    }
}

fn show<'a, V: Values + ?Sized>(shown: &'a [Shown], frame: Frame<'_, V>) -> Vec<(&'a str, String)> {
    let pairs = shown.iter().map(|shown| {
        let value = frame.value(shown.place);
        let text = match shown.place {
            Place::Lines(_) => format!("{value} lines"),
            _ => value.to_string(),
        };
        (&*shown.name, text)
    });
    pairs.collect()
}
