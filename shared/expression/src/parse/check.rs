//! The types of an expression, and its lowered form.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::conflict;
use super::guards::{Fact, facts};
use super::lists::Listing;
use super::reckon::alike;
use super::term::{Kind, Term};
use crate::form::Shown;
use crate::tree::{Num, Number, Place, Test, Text};
use crate::{DecimalError, Field, Problem, Scope, Slot, Type};

/// A part of an expression with its type.
pub(crate) enum Typed<'s> {
    Test(Test),
    /// The flag: it may be other than whole.
    Number(Number, bool),
    /// With all that it can be, where that is known.
    Text(Text, Option<&'s [String]>),
    List(Listing<'s>),
    /// Texts or numbers in [].
    Literals,
    /// Something was wrong and has been said.
    Broken,
}

impl Typed<'_> {
    /// As it stands after "this is".
    pub(crate) fn words(&self) -> &'static str {
        match self {
            Self::Test(_) | Self::Broken => "yes or no",
            Self::Number(_, false) => "a whole number",
            Self::Number(_, true) => "a number",
            Self::Text(..) => "a text",
            Self::List(list) => list.words(),
            Self::Literals => "a list",
        }
    }
}

/// A name that a loop declares for each of its list.
pub(crate) enum Variable<'s> {
    Line(String, Slot, &'s [Field]),
    Text(String),
}

impl Variable<'_> {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Line(name, ..) | Self::Text(name) => name,
        }
    }
}

pub(crate) struct Checker<'s> {
    pub(crate) source: &'s str,
    pub(crate) scope: &'s Scope,
    pub(crate) problems: Vec<Problem>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) variables: Vec<Variable<'s>>,
    /// What has been read since it was last taken.
    pub(crate) shown: Vec<Shown>,
    pub(crate) slots: BTreeSet<Slot>,
    pub(crate) domains: BTreeMap<Place, &'s [String]>,
}

impl<'s> Checker<'s> {
    pub(crate) fn new(source: &'s str, scope: &'s Scope) -> Self {
        Self {
            source,
            scope,
            problems: Vec::new(),
            facts: Vec::new(),
            variables: Vec::new(),
            shown: Vec::new(),
            slots: BTreeSet::new(),
            domains: BTreeMap::new(),
        }
    }

    pub(crate) fn error(&mut self, at: &Range<usize>, what: impl Into<String>, mend: impl Into<String>) {
        self.problems.push(Problem::error(at.clone(), what).mend(mend));
    }

    pub(crate) fn warn(&mut self, at: &Range<usize>, what: impl Into<String>, mend: impl Into<String>) {
        self.problems.push(Problem::warning(at.clone(), what).mend(mend));
    }

    pub(crate) fn text_at(&self, at: &Range<usize>) -> &'s str {
        self.source.get(at.clone()).unwrap_or_default()
    }

    pub(crate) fn term(&mut self, term: &Term) -> Typed<'s> {
        match &term.kind {
            Kind::Bool(yes) => Typed::Test(Test::Known(*yes)),
            Kind::Int(whole) => Typed::Number(Number::Known(Num::Whole(*whole)), false),
            Kind::Decimal(text) => self.decimal(text, &term.at),
            Kind::Text(text) => Typed::Text(Text::Known(text.as_str().into()), None),
            Kind::Name(name) => self.name(name, &term.at),
            Kind::Select(of) if matches!(of.kind, Kind::Foreign(..) | Kind::Select(_)) => self.term(of),
            Kind::Select(_) => {
                self.error(
                    &term.at,
                    "only a name has parts",
                    "write a name such as activity.amount",
                );
                Typed::Broken
            }
            Kind::Has(name) => self.has(name, &term.at),
            Kind::List(_) => Typed::Literals,
            Kind::Not(inner) => match self.test(inner, "after !") {
                Some(test) => Typed::Test(not(test)),
                None => Typed::Broken,
            },
            Kind::Negated(inner) => self.negated(inner, &term.at),
            Kind::All(terms) => self.joined(terms, true),
            Kind::Any(terms) => self.joined(terms, false),
            Kind::Compare(order, both) => self.compare(*order, &both.0, &both.1, &term.at),
            Kind::In(both) => self.within(&both.0, &both.1),
            Kind::Reckon(op, both) => self.reckon(*op, &both.0, &both.1, &term.at),
            Kind::If(parts) => self.choose(&parts.0, &parts.1, &parts.2, &term.at),
            Kind::Call(call) => self.call(call, &term.at),
            Kind::Loop(each) => self.each(each, &term.at),
            Kind::Foreign(what, mend) => {
                self.error(&term.at, format!("{what} is not used here"), *mend);
                Typed::Broken
            }
        }
    }

    /// What must be yes or no.
    pub(crate) fn test(&mut self, term: &Term, place: &str) -> Option<Test> {
        match self.term(term) {
            Typed::Test(test) => Some(test),
            Typed::Broken => None,
            other => {
                let what = format!("{place} must stand yes or no; this is {}", other.words());
                self.error(&term.at, what, "compare it with something, as in x == y");
                None
            }
        }
    }

    /// With what is known from other parts.
    pub(crate) fn knowing<T>(&mut self, facts: Vec<Fact>, check: impl FnOnce(&mut Self) -> T) -> T {
        let known = self.facts.len();
        self.facts.extend(facts);
        let result = check(self);
        self.facts.truncate(known);
        result
    }

    fn decimal(&mut self, text: &str, at: &Range<usize>) -> Typed<'s> {
        let error = match text.parse() {
            Ok(exact) => return Typed::Number(Number::Known(Num::Exact(exact)), true),
            Err(error) => error,
        };
        match error {
            DecimalError::TooFine => self.error(at, "numbers have at most nine decimals", "write fewer"),
            DecimalError::TooLarge => self.error(at, "this is larger than can be kept", "write a smaller number"),
            DecimalError::Malformed => {
                let what = format!("{text} is not how numbers are written");
                self.error(at, what, "write digits with a point, as 0.5");
            }
        }
        Typed::Broken
    }

    fn has(&mut self, name: &Term, at: &Range<usize>) -> Typed<'s> {
        let Kind::Name(text) = &name.kind else {
            self.error(at, "has() asks for a name", "write has(member.birthday)");
            return Typed::Broken;
        };
        let Some(found) = self.find(text, &name.at) else {
            return Typed::Broken;
        };
        if !found.field.optional && !matches!(found.field.of, Type::Texts | Type::Choices(_) | Type::Lines(_)) {
            self.warn(at, format!("{text} is always there"), "leave it out");
        }
        Typed::Test(Test::Has(found.place))
    }

    /// What `&&` or `||` joins.
    fn joined(&mut self, terms: &[Term], all: bool) -> Typed<'s> {
        let tests = self.parts(terms, all, |_, _| {});
        let Some(tests) = tests.into_iter().collect::<Option<Vec<Test>>>() else {
            return Typed::Broken;
        };
        self.conflicts(terms, &tests, all);
        Typed::Test(if all { Test::All(tests) } else { Test::Any(tests) })
    }

    /// Each part, with what is known from those before it.
    pub(crate) fn parts(
        &mut self,
        terms: &[Term],
        all: bool,
        mut after: impl FnMut(&mut Self, &Term),
    ) -> Vec<Option<Test>> {
        let known = self.facts.len();
        let mut tests = Vec::new();
        for term in terms {
            let test = self.test(
                term,
                if all {
                    "on both sides of &&"
                } else {
                    "on both sides of ||"
                },
            );
            tests.push(test);
            self.facts.extend(facts(self.source, term, all));
            after(self, term);
        }
        self.facts.truncate(known);
        tests
    }

    /// What parts make of each other: never, always, or nothing.
    pub(crate) fn conflicts(&mut self, terms: &[Term], tests: &[Test], all: bool) {
        let mut said = false;
        for (term, test) in terms.iter().zip(tests) {
            if let Test::Known(yes) = test {
                said = true;
                self.constant(&term.at, *yes);
            }
        }
        let domains = &self.domains;
        let of: Vec<&Test> = tests.iter().collect();
        let Some((index, other)) = conflict::find(&of, all, &|place| domains.get(&place).copied()) else {
            return;
        };
        let Some(term) = terms.get(index).filter(|_| !said) else {
            return;
        };
        if other == Some(index) {
            return self.constant(&term.at, !all);
        }
        let other = other.and_then(|other| terms.get(other));
        let with = other.map_or("what stands before it", |other| self.text_at(&other.at));
        let (what, mend) = if all {
            (
                format!("this can never hold together with {with}"),
                "take one of them out, or write || for either",
            )
        } else {
            (
                format!("this or {with} always holds"),
                "leave the condition out, or write && for both",
            )
        };
        self.warn(&term.at, what, mend);
    }

    /// What holds whatever the values are.
    pub(crate) fn constant(&mut self, at: &Range<usize>, yes: bool) {
        if yes {
            self.warn(at, "this always holds", "leave it out");
        } else {
            self.warn(at, "this can never hold", "compare a name, or leave it out");
        }
    }

    fn choose(&mut self, test: &Term, then: &Term, other: &Term, at: &Range<usize>) -> Typed<'s> {
        let tested = self.test(test, "before ?");
        if let Some(Test::Known(yes)) = &tested {
            self.constant(&test.at, *yes);
        }
        let first = self.knowing(facts(self.source, test, true), |checker| checker.term(then));
        let second = self.knowing(facts(self.source, test, false), |checker| checker.term(other));
        match (tested, first, second) {
            (Some(test), Typed::Test(first), Typed::Test(second)) => {
                Typed::Test(Test::If(Box::new((test, first, second))))
            }
            (Some(test), Typed::Number(first, a), Typed::Number(second, b)) => {
                let (first, second) = alike(first, a, second, b);
                Typed::Number(Number::If(Box::new((test, first, second))), a || b)
            }
            (Some(test), Typed::Text(first, a), Typed::Text(second, b)) => {
                let choices = if a == b { a } else { None };
                Typed::Text(Text::If(Box::new((test, first, second))), choices)
            }
            (None, ..) | (_, Typed::Broken, _) | (_, _, Typed::Broken) => Typed::Broken,
            (_, first, second) => {
                let what = format!(
                    "of both sides of : one is {} and one is {}",
                    first.words(),
                    second.words()
                );
                self.error(at, what, "write the same kind on both");
                Typed::Broken
            }
        }
    }
}

pub(crate) fn not(test: Test) -> Test {
    match test {
        Test::Known(yes) => Test::Known(!yes),
        Test::Not(test) => *test,
        test => Test::Not(Box::new(test)),
    }
}
