//! What is known at a place of an expression from what stands before it: that a name is there, or that a number is not
//! zero. Only what is plain from the text is known.

use super::term::{Kind, Term};
use crate::run::compare;
use crate::tree::{Num, Order};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fact {
    Has(String),
    NotZero(String),
}

/// A part of the source without its blanks, to be found again.
pub(crate) fn key(source: &str, term: &Term) -> String {
    let text = source.get(term.at.clone()).unwrap_or_default();
    text.chars().filter(|char| !char.is_ascii_whitespace()).collect()
}

/// What is known where the term is true, or where it is not.
pub(crate) fn facts(source: &str, term: &Term, holds: bool) -> Vec<Fact> {
    match &term.kind {
        Kind::Not(term) => facts(source, term, !holds),
        Kind::All(terms) if holds => all(source, terms, holds),
        Kind::Any(terms) if !holds => all(source, terms, holds),
        Kind::Has(name) if holds => match &name.kind {
            Kind::Name(name) => vec![Fact::Has(name.clone())],
            _ => Vec::new(),
        },
        Kind::Compare(order, both) => {
            let order = if holds { *order } else { inverse(*order) };
            let (term, order, number) = match (literal(&both.0), literal(&both.1)) {
                (None, Some(number)) => (&both.0, order, number),
                (Some(number), None) => (&both.1, mirrored(order), number),
                _ => return Vec::new(),
            };
            if excludes_zero(order, number) {
                vec![Fact::NotZero(key(source, term))]
            } else {
                Vec::new()
            }
        }
        _ => Vec::new(),
    }
}

fn all(source: &str, terms: &[Term], holds: bool) -> Vec<Fact> {
    terms.iter().flat_map(|term| facts(source, term, holds)).collect()
}

/// A number that stands there as it is.
pub(crate) fn literal(term: &Term) -> Option<Num> {
    match &term.kind {
        Kind::Int(whole) => Some(Num::Whole(*whole)),
        Kind::Decimal(text) => text.parse().ok().map(Num::Exact),
        Kind::Negated(term) => literal(term)?.negated(),
        _ => None,
    }
}

/// Whether what stands in that order to the number cannot be zero.
fn excludes_zero(order: Order, number: Num) -> bool {
    // Zero itself would have to stand in that order to it.
    !order.holds(compare(Num::Whole(0), number))
}

pub(crate) fn inverse(order: Order) -> Order {
    match order {
        Order::Equal => Order::Unequal,
        Order::Unequal => Order::Equal,
        Order::Less => Order::AtLeast,
        Order::AtMost => Order::More,
        Order::More => Order::AtMost,
        Order::AtLeast => Order::Less,
    }
}

/// With the sides changed.
pub(crate) fn mirrored(order: Order) -> Order {
    match order {
        Order::Less => Order::More,
        Order::AtMost => Order::AtLeast,
        Order::More => Order::Less,
        Order::AtLeast => Order::AtMost,
        same => same,
    }
}
