//! What compares one thing with another.

use std::ops::Range;

use super::check::{Checker, Typed};
use super::lists::Listing;
use super::names::nearest;
use super::term::{Kind, Term};
use crate::run::compare;
use crate::tree::{Number, Order, Over, Test, Text};

impl<'s> Checker<'s> {
    pub(crate) fn compare(&mut self, order: Order, left: &Term, right: &Term, at: &Range<usize>) -> Typed<'s> {
        let equality = matches!(order, Order::Equal | Order::Unequal);
        match (self.term(left), self.term(right)) {
            (Typed::Number(first, _), Typed::Number(second, _)) => Typed::Test(numbers(order, first, second)),
            (Typed::Text(first, a), Typed::Text(second, b)) => {
                if equality {
                    self.chosen(a, &second, right);
                    self.chosen(b, &first, left);
                } else if let Some(choices) = a.or(b) {
                    let name = self.text_at(if a.is_some() { &left.at } else { &right.at });
                    let what = format!("{name} is one of {}, which have no order here", list(choices));
                    self.error(at, what, format!("write {name} in [\"…\", \"…\"]"));
                    return Typed::Broken;
                }
                Typed::Test(texts(order, first, second))
            }
            (Typed::Test(first), Typed::Test(second)) if equality => Typed::Test(same(order, first, second)),
            (Typed::Broken, _) | (_, Typed::Broken) => Typed::Broken,
            (first, second) => {
                self.unlike(&first, &second, (left, right), at);
                Typed::Broken
            }
        }
    }

    fn unlike(&mut self, first: &Typed<'_>, second: &Typed<'_>, (left, right): (&Term, &Term), at: &Range<usize>) {
        let what = format!("this compares {} with {}", first.words(), second.words());
        let bare = |term: &Term| self.text_at(&term.at).trim_matches(['"', '\'']).to_owned();
        let mend = match (first, second) {
            (Typed::Number(..), Typed::Text(Text::Known(_), _)) => format!("write {} without quotes", bare(right)),
            (Typed::Text(Text::Known(_), _), Typed::Number(..)) => format!("write {} without quotes", bare(left)),
            (Typed::Text(..), Typed::Number(Number::Known(_), _)) => format!("write \"{}\"", bare(right)),
            (Typed::Number(Number::Known(_), _), Typed::Text(..)) => format!("write \"{}\"", bare(left)),
            (Typed::Test(_), Typed::Text(..)) => format!("write {}, or !{} for the opposite", bare(left), bare(left)),
            (Typed::Test(_), Typed::Number(..)) | (Typed::Number(..), Typed::Test(_)) => {
                "write a < b && b < c where both must hold".to_owned()
            }
            (Typed::Test(_), Typed::Test(_)) => "yes and no have no order; write ==, or && and ||".to_owned(),
            (Typed::List(_), Typed::List(_)) => "write exists() or all()".to_owned(),
            (Typed::List(_), Typed::Number(..)) | (Typed::Number(..), Typed::List(_)) => {
                "write .size() after the list for how many there are".to_owned()
            }
            (Typed::List(_), Typed::Text(..)) => format!("write {} in {}", self.text_at(&right.at), bare(left)),
            (Typed::Text(..), Typed::Literals) => "write in for one of a list".to_owned(),
            _ => "write the same kind on both sides".to_owned(),
        };
        self.error(at, what, mend);
    }

    /// Whether a text is one that the other side can be.
    fn chosen(&mut self, choices: Option<&[String]>, text: &Text, term: &Term) {
        let (Some(choices), Text::Known(text)) = (choices, text) else {
            return;
        };
        if choices.iter().any(|choice| **choice == **text) {
            return;
        }
        if choices.is_empty() {
            let what = format!("{text:?} is not there, for nothing is declared that this can be");
            self.error(&term.at, what, "declare it first");
            return;
        }
        let what = format!("{text:?} is none of what this can be: {}", list(choices));
        let near = nearest(text, choices.iter().map(String::as_str));
        let mend = near.map_or_else(
            || "write one of them".to_owned(),
            |near| format!("did you mean {near:?}?"),
        );
        self.error(&term.at, what, mend);
    }

    /// `left in right`.
    pub(crate) fn within(&mut self, left: &Term, right: &Term) -> Typed<'s> {
        let first = self.term(left);
        if let Kind::List(elements) = &right.kind {
            return self.one_of(first, left, elements, right);
        }
        match (first, self.term(right)) {
            (Typed::Broken, _) | (_, Typed::Broken) => Typed::Broken,
            (
                Typed::Text(text, _),
                Typed::List(
                    list @ Listing {
                        over: Over::Texts(place),
                        filter: None,
                        mapped: None,
                        ..
                    },
                ),
            ) => {
                self.chosen(list.choices(), &text, left);
                Typed::Test(Test::Among(text, place))
            }
            (first, Typed::List(list)) => {
                let what = format!("{} cannot be in {}", first.words(), list.words());
                self.error(&left.at, what, "write exists() after the list");
                Typed::Broken
            }
            (Typed::Text(..), Typed::Text(..)) => {
                let (part, whole) = (self.text_at(&left.at), self.text_at(&right.at));
                self.error(
                    &right.at,
                    "after in must stand a list; this is a text",
                    format!("write {whole}.contains({part})"),
                );
                Typed::Broken
            }
            (_, second) => {
                let what = format!("after in must stand a list; this is {}", second.words());
                self.error(&right.at, what, "write a list as [\"a\", \"b\"]");
                Typed::Broken
            }
        }
    }

    fn one_of(&mut self, first: Typed<'s>, left: &Term, elements: &[Term], right: &Term) -> Typed<'s> {
        if elements.is_empty() {
            self.warn(&right.at, "nothing is in an empty list", "write what it may be");
        }
        let (mut texts, mut numbers, mut broken) = (Vec::new(), Vec::new(), false);
        for element in elements {
            match (&first, self.term(element)) {
                (Typed::Text(_, choices), Typed::Text(text, _)) => {
                    self.chosen(*choices, &text, element);
                    texts.push(text);
                }
                (Typed::Number(..), Typed::Number(number, _)) => numbers.push(number),
                (Typed::Broken, _) | (_, Typed::Broken) => broken = true,
                (first, second) => {
                    broken = true;
                    if matches!(first, Typed::Text(..) | Typed::Number(..)) {
                        self.unlike(first, &second, (left, element), &element.at);
                    }
                }
            }
        }
        match first {
            _ if broken => self.not_listed(&first, left),
            Typed::Text(text, _) => Typed::Test(Test::OneOfTexts(text, texts)),
            Typed::Number(number, _) => Typed::Test(Test::OneOfNumbers(number, numbers)),
            first => self.not_listed(&first, left),
        }
    }

    fn not_listed(&mut self, first: &Typed<'_>, left: &Term) -> Typed<'s> {
        if !matches!(first, Typed::Text(..) | Typed::Number(..) | Typed::Broken) {
            let what = format!("before in must stand a text or a number; this is {}", first.words());
            self.error(&left.at, what, "write one name before it");
        }
        Typed::Broken
    }
}

fn list(choices: &[String]) -> String {
    choices
        .iter()
        .map(|choice| format!("{choice:?}"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn numbers(order: Order, left: Number, right: Number) -> Test {
    match (left, right) {
        (Number::Known(left), Number::Known(right)) => Test::Known(order.holds(compare(left, right))),
        (left, right) => Test::Numbers(order, left, right),
    }
}

fn texts(order: Order, left: Text, right: Text) -> Test {
    match (left, right) {
        (Text::Known(left), Text::Known(right)) => Test::Known(order.holds(left.cmp(&right))),
        (left, right) => Test::Texts(order, left, right),
    }
}

/// `x == true` is x, so that what is said of x is seen in it.
fn same(order: Order, left: Test, right: Test) -> Test {
    let equal = order == Order::Equal;
    match (left, right) {
        (Test::Known(known), other) | (other, Test::Known(known)) if known == equal => other,
        (Test::Known(_), other) | (other, Test::Known(_)) => super::check::not(other),
        (left, right) if equal => Test::Same(Box::new((left, right))),
        (left, right) => super::check::not(Test::Same(Box::new((left, right)))),
    }
}
