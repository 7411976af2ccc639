//! An expression as it was written, each part with its place.

use std::ops::Range;

use crate::tree::{Op, Order};

#[derive(Debug)]
pub(crate) struct Term {
    /// In bytes of the source.
    pub(crate) at: Range<usize>,
    pub(crate) kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Bool(bool),
    Int(i64),
    /// As it was written, to be read exactly.
    Decimal(String),
    Text(String),
    /// With its points.
    Name(String),
    /// A part of what is no name.
    Select(Box<Term>),
    Has(Box<Term>),
    List(Vec<Term>),
    Not(Box<Term>),
    Negated(Box<Term>),
    All(Vec<Term>),
    Any(Vec<Term>),
    Compare(Order, Box<(Term, Term)>),
    In(Box<(Term, Term)>),
    Reckon(Op, Box<(Term, Term)>),
    If(Box<(Term, Term, Term)>),
    Call(Box<Call>),
    Loop(Box<Loop>),
    /// What CEL has and this has not: what it is, and what to write.
    Foreign(&'static str, &'static str),
}

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) target: Option<Term>,
    pub(crate) name: String,
    pub(crate) name_at: Range<usize>,
    pub(crate) args: Vec<Term>,
}

/// A list with something for each of it.
#[derive(Debug)]
pub(crate) struct Loop {
    pub(crate) name: String,
    pub(crate) over: Term,
    pub(crate) variable: String,
    /// Of a `map` with three parts.
    pub(crate) filter: Option<Term>,
    pub(crate) body: Term,
}
