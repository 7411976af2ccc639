//! What is reckoned with numbers.

use std::ops::Range;

use super::check::{Checker, Typed};
use super::guards::{self, Fact};
use super::term::{Kind, Term};
use crate::run::reckon;
use crate::tree::{Num, Number, Op};

impl<'s> Checker<'s> {
    pub(crate) fn negated(&mut self, inner: &Term, at: &Range<usize>) -> Typed<'s> {
        match self.term(inner) {
            Typed::Number(Number::Known(known), exact) => match known.negated() {
                Some(known) => Typed::Number(Number::Known(known), exact),
                None => self.too_large(at),
            },
            Typed::Number(number, exact) => Typed::Number(Number::Negated(Box::new(number)), exact),
            Typed::Broken => Typed::Broken,
            other => {
                let what = format!("after - must stand a number; this is {}", other.words());
                self.error(&inner.at, what, "write ! for what is not so");
                Typed::Broken
            }
        }
    }

    fn too_large(&mut self, at: &Range<usize>) -> Typed<'s> {
        self.error(at, "this is larger than can be kept", "write smaller numbers");
        Typed::Broken
    }

    pub(crate) fn reckon(&mut self, op: Op, left: &Term, right: &Term, at: &Range<usize>) -> Typed<'s> {
        let divides = matches!(op, Op::Divide | Op::Remainder);
        let (first, second) = (self.operand(op, left), self.operand(op, right));
        let (Some((first, a)), Some((second, b))) = (first, second) else {
            return Typed::Broken;
        };
        if divides && !self.divides(op, &second, left, right) {
            return Typed::Broken;
        }
        if let (Number::Known(first), Number::Known(second)) = (&first, &second) {
            return match reckon(op, *first, *second) {
                Some(known) => Typed::Number(Number::Known(known), a || b),
                None => self.too_large(at),
            };
        }
        Typed::Number(Number::Sum(op, Box::new((first, second))), a || b)
    }

    fn operand(&mut self, op: Op, term: &Term) -> Option<(Number, bool)> {
        match self.term(term) {
            Typed::Number(number, exact) => Some((number, exact)),
            Typed::Broken => None,
            other => {
                let (sign, mend) = match (op, &other) {
                    (Op::Add, Typed::Text(..)) => ("+", "compare each text alone; texts are not joined"),
                    (Op::Add, _) => ("+", "write a number"),
                    (Op::Subtract, _) => ("-", "write a number"),
                    (Op::Multiply, _) => ("*", "write a number"),
                    (Op::Divide, _) => ("/", "write a number"),
                    (Op::Remainder, _) => ("%", "write a number"),
                };
                let what = format!("on both sides of {sign} must stand numbers; this is {}", other.words());
                self.error(&term.at, what, mend);
                None
            }
        }
    }

    /// Whether a division by that cannot fail.
    fn divides(&mut self, op: Op, divisor: &Number, left: &Term, right: &Term) -> bool {
        if let Number::Known(known) = divisor {
            if known.exact().is_zero() {
                self.error(&right.at, "nothing can be divided by 0", "write another number");
            }
            return !known.exact().is_zero();
        }
        let key = guards::key(self.source, right);
        if self.facts.contains(&Fact::NotZero(key)) {
            return true;
        }
        let bracketed = |term: &Term| match term.kind {
            Kind::Name(_) | Kind::Int(_) | Kind::Decimal(_) | Kind::Call(_) => self.text_at(&term.at).to_owned(),
            _ => format!("({})", self.text_at(&term.at)),
        };
        let (left, divisor) = (bracketed(left), bracketed(right));
        let sign = if op == Op::Divide { "/" } else { "%" };
        self.error(
            &right.at,
            format!("this division fails where {divisor} is 0"),
            format!("write {divisor} != 0 ? {left} {sign} {divisor} : 0"),
        );
        false
    }
}

/// Both as decimals if one is, so that what follows reckons with either in the same way.
pub(crate) fn alike(left: Number, a: bool, right: Number, b: bool) -> (Number, Number) {
    let promote = |number: Number, exact: bool| match number {
        Number::Known(known) if !exact => Number::Known(Num::Exact(known.exact())),
        number if !exact => Number::Promoted(Box::new(number)),
        number => number,
    };
    if a == b {
        (left, right)
    } else {
        (promote(left, a), promote(right, b))
    }
}
