//! CEL's own parser reads what this reader reads, and in the same way; what only CEL's reads is left out on purpose.
#![allow(clippy::expect_used)]

mod brackets;
#[path = "../../tests/runner/mod.rs"]
mod runner;
mod sources;

use std::cell::Cell;

use cel::parser::Parser;
use proptest::strategy::Strategy;

use super::grammar::read;
use super::term::{Kind, Term};
use crate::Problem;
use brackets::{of_cel, of_term};
use sources::{expressions, literals, mangled, soup};

#[derive(Default)]
struct Seen {
    read: Cell<usize>,
    refused: Cell<usize>,
    left_out: Cell<usize>,
}

impl Seen {
    fn compare(&self, source: &str) {
        let one_more = |count: &Cell<usize>| count.set(count.get() + 1);
        match (read(source), Parser::new().parse(source)) {
            (Ok(term), Ok(tree)) => {
                assert_eq!(of_term(&term), of_cel(&tree), "{source:?}");
                each(&term, &|part| placed(source, part));
                one_more(&self.read);
            }
            (Ok(term), Err(errors)) => panic!("{source:?} was read as {}: {errors}", of_term(&term)),
            (Err(problems), Ok(_)) => {
                assert!(is_left_out(source, &problems), "{source:?}: {problems:?}");
                one_more(&self.left_out);
            }
            (Err(_), Err(_)) => one_more(&self.refused),
        }
    }

    fn all(law: &str, sources: &impl Strategy<Value = String>) -> Self {
        let seen = Self::default();
        runner::check(law, sources, |source| seen.compare(&source));
        let (read, refused, left_out) = (seen.read.get(), seen.refused.get(), seen.left_out.get());
        println!("read: {read}, refused by both: {refused}, left out: {left_out}");
        seen
    }
}

/// Where a part stands, the same part is read.
fn placed(source: &str, part: &Term) {
    let text = source.get(part.at.clone()).expect("between characters");
    let again = read(text).unwrap_or_else(|problems| panic!("{source:?} at {:?}: {problems:?}", part.at));
    assert_eq!(of_term(&again), of_term(part), "{source:?} at {:?}", part.at);
}

fn each(term: &Term, visit: &impl Fn(&Term)) {
    visit(term);
    let all = |terms: &[&Term]| terms.iter().for_each(|term| each(term, visit));
    match &term.kind {
        Kind::Has(one) | Kind::Not(one) | Kind::Negated(one) | Kind::Select(one) => all(&[one]),
        Kind::List(terms) | Kind::All(terms) | Kind::Any(terms) => all(&terms.iter().collect::<Vec<_>>()),
        Kind::Compare(_, both) | Kind::In(both) | Kind::Reckon(_, both) => all(&[&both.0, &both.1]),
        Kind::If(parts) => all(&[&parts.0, &parts.1, &parts.2]),
        Kind::Call(call) => all(&call.target.iter().chain(&call.args).collect::<Vec<_>>()),
        Kind::Loop(of) => all(&[&of.over, &of.body].into_iter().chain(&of.filter).collect::<Vec<_>>()),
        Kind::Bool(_) | Kind::Int(_) | Kind::Decimal(_) | Kind::Text(_) | Kind::Name(_) | Kind::Foreign(..) => {}
    }
}

/// Whether what is refused first is one of what CEL has and this has not: records, numbers with an exponent or without a
/// digit before the point or with a word stuck to them, names that start with a point, a list's comma at its end; or more
/// words and signs than are read.
fn is_left_out(source: &str, problems: &[Problem]) -> bool {
    let Some(problem) = problems.first() else {
        return false;
    };
    let text = source.get(problem.at.clone()).unwrap_or_default();
    let before = before(source.get(..problem.at.start).unwrap_or_default());
    match problem.what.as_str() {
        "there are no {} here" | "{ cannot stand here" | "something is missing before ." => true,
        "something is missing before ]" => before.ends_with(','),
        "something is missing before ," => before.ends_with('['),
        what if what.starts_with("there are more than") => true,
        what if what.ends_with("is not how numbers are written") => {
            text.starts_with('.') || text.contains(['e', 'E']) || text.ends_with("in")
        }
        _ => false,
    }
}

/// Without blanks and comments at the end.
fn before(source: &str) -> &str {
    let left = source.trim_end();
    let line = left.rfind('\n').map_or(0, |end| end + 1);
    match left.get(line..).and_then(|line| line.find("//")) {
        Some(comment) => before(left.get(..line + comment).unwrap_or_default()),
        None => left,
    }
}

#[test]
fn what_is_well_formed_means_the_same() {
    let seen = Seen::all("well-formed", &expressions());
    assert!(seen.read.get() > 900, "only {} were read", seen.read.get());
    assert_eq!(seen.refused.get(), 0);
}

#[test]
fn what_is_mangled_is_read_by_both_or_by_none() {
    let seen = Seen::all("mangled", &mangled());
    assert!(seen.read.get() > 100, "only {} were read", seen.read.get());
    assert!(seen.refused.get() > 100, "only {} were refused", seen.refused.get());
}

#[test]
fn any_words_and_signs_are_read_by_both_or_by_none() {
    let seen = Seen::all("words and signs", &soup());
    assert!(seen.read.get() > 20, "only {} were read", seen.read.get());
}

#[test]
fn texts_and_numbers_are_the_same() {
    let seen = Seen::all("texts and numbers", &literals());
    assert!(seen.read.get() > 200, "only {} were read", seen.read.get());
    assert!(seen.refused.get() > 200, "only {} were refused", seen.refused.get());
}

/// What chance hardly finds.
#[test]
fn corners_are_read_by_both_or_by_none() {
    let seen = Seen::default();
    let nested = |open: &str, close: &str, times: usize| format!("{}a{}", open.repeat(times), close.repeat(times));
    for source in sources::CORNERS {
        seen.compare(source);
    }
    for name in sources::NAMES.split_whitespace() {
        seen.compare(name);
        seen.compare(&format!("{name}(a, b)"));
        seen.compare(&format!("a.{name} == b.{name}(c)"));
    }
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("!(", ")"),
        ("f(a, ", ")"),
        ("a[", "]"),
        ("x.all(y, ", ")"),
    ] {
        seen.compare(&nested(open, close, 32));
        seen.compare(&nested(open, close, 32)[1..]);
    }
    for (long, times) in [
        ("!", 150),
        ("-", 150),
        ("a ? b : ", 80),
        ("a + ", 150),
        ("a.", 150),
        ("a && b || ", 90),
    ] {
        seen.compare(&format!("{}a", long.repeat(times)));
        seen.compare(&long.repeat(times));
    }
    assert!(seen.read.get() > 60, "only {} were read", seen.read.get());
}
