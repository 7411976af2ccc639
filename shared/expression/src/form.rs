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

/// A condition about one line of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct LineCondition(pub(crate) Condition);

/// A number made of the values.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    pub(crate) head: Head,
    pub(crate) number: Number,
    pub(crate) shown: Vec<Shown>,
}

/// A number made of one line of a list and what is around it.
#[derive(Debug, Clone, PartialEq)]
pub struct LineFormula(pub(crate) Formula);

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
        self.holds_in(Frame::new(values))
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
        self.explain_in(Frame::new(values))
    }

    fn holds_in<V: Values + ?Sized>(&self, frame: Frame<'_, V>) -> bool {
        let mut conjuncts = self.conjuncts.iter();
        conjuncts.all(|conjunct| frame.test(&conjunct.test) == Some(true))
    }

    fn explain_in<V: Values + ?Sized>(&self, frame: Frame<'_, V>) -> Vec<Clause<'_>> {
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

impl LineCondition {
    /// Whether it holds for the line of that number, from 0.
    pub fn holds<V: Values + ?Sized>(&self, values: &V, line: usize) -> bool {
        self.0.holds_in(at_line(values, line))
    }

    pub fn source(&self) -> &str {
        self.0.source()
    }

    pub fn slots(&self) -> &[Slot] {
        self.0.slots()
    }

    pub fn explain<V: Values + ?Sized>(&self, values: &V, line: usize) -> Vec<Clause<'_>> {
        self.0.explain_in(at_line(values, line))
    }
}

impl Formula {
    /// `None` where a value is missing or the number does not fit.
    pub fn number<V: Values + ?Sized>(&self, values: &V) -> Option<Decimal> {
        self.number_in(Frame::new(values))
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

    fn number_in<V: Values + ?Sized>(&self, frame: Frame<'_, V>) -> Option<Decimal> {
        frame.number(&self.number).map(crate::tree::Num::exact)
    }
}

impl LineFormula {
    /// The number of the line of that number, from 0.
    pub fn number<V: Values + ?Sized>(&self, values: &V, line: usize) -> Option<Decimal> {
        self.0.number_in(at_line(values, line))
    }

    pub fn source(&self) -> &str {
        self.0.source()
    }

    pub fn slots(&self) -> &[Slot] {
        self.0.slots()
    }

    pub fn explain<V: Values + ?Sized>(&self, values: &V, line: usize) -> Vec<(&str, String)> {
        show(&self.0.shown, at_line(values, line))
    }
}

fn at_line<V: Values + ?Sized>(values: &V, line: usize) -> Frame<'_, V> {
    Frame {
        line,
        ..Frame::new(values)
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
