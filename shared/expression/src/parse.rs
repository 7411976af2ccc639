//! From a source to what can be evaluated.

mod check;
mod compare;
mod conflict;
mod grammar;
mod guards;
mod lists;
mod literal;
mod member;
mod names;
#[cfg(test)]
mod oracle;
mod reckon;
mod scan;
mod slips;
mod term;

use check::{Checker, Typed};
use term::{Kind, Term};

use crate::form::{Conjunct, Head};
use crate::tree::{Number, Test};
use crate::{Condition, Formula, Problem, Scope, Severity};

/// What is right, with warnings; or all that is wrong, warnings among it. In the order of the source.
pub type Checked<T> = Result<(T, Vec<Problem>), Vec<Problem>>;

/// Reads what must be yes or no.
pub fn condition(source: &str, scope: &Scope) -> Checked<Condition> {
    let mut checker = Checker::new(source, scope);
    let term = grammar::read(source)?;
    let (terms, joined) = match &term.kind {
        Kind::All(terms) => (terms.as_slice(), true),
        _ => (std::slice::from_ref(&term), false),
    };
    let mut shown = Vec::new();
    let tests = if joined {
        checker.parts(terms, true, |checker, _| shown.push(std::mem::take(&mut checker.shown)))
    } else {
        let test = yes_or_no(&mut checker, &term);
        shown.push(std::mem::take(&mut checker.shown));
        vec![test]
    };
    let tests: Option<Vec<Test>> = tests.into_iter().collect();
    checker.conflicts(terms, tests.as_deref().unwrap_or_default(), true);
    let head = head(source, &checker);
    let conjuncts = tests.map(|tests| {
        let parts = terms.iter().zip(tests).zip(shown);
        let conjuncts = parts.map(|((term, test), shown)| Conjunct {
            at: (offset(term.at.start), offset(term.at.end)),
            test,
            shown,
        });
        conjuncts.collect()
    });
    let condition = conjuncts.map(|conjuncts| Condition { head, conjuncts });
    settle(condition, checker.problems)
}

/// Reads what must be a number.
pub fn formula(source: &str, scope: &Scope) -> Checked<Formula> {
    let mut checker = Checker::new(source, scope);
    let term = grammar::read(source)?;
    let number = number(&mut checker, &term);
    let formula = number.map(|number| Formula {
        head: head(source, &checker),
        number,
        shown: std::mem::take(&mut checker.shown),
    });
    settle(formula, checker.problems)
}

fn yes_or_no(checker: &mut Checker<'_>, term: &Term) -> Option<Test> {
    match checker.term(term) {
        Typed::Test(test) => Some(test),
        Typed::Broken => None,
        other => {
            let what = format!("a condition must be yes or no; this is {}", other.words());
            checker.error(&term.at, what, "compare it with something, as in x == y");
            None
        }
    }
}

fn number(checker: &mut Checker<'_>, term: &Term) -> Option<Number> {
    match checker.term(term) {
        Typed::Number(number, _) => Some(number),
        Typed::Broken => None,
        other => {
            let what = format!("a formula must be a number; this is {}", other.words());
            let mend = match other {
                Typed::Test(_) => "write condition ? number : other number",
                Typed::List(_) => "write .size() after the list, or .map(x, x.amount).sum()",
                _ => "write a number, or names that hold one",
            };
            checker.error(&term.at, what, mend);
            None
        }
    }
}

fn head(source: &str, checker: &Checker<'_>) -> Head {
    Head {
        source: source.into(),
        slots: checker.slots.iter().copied().collect(),
    }
}

/// A source is far shorter than an offset can say.
fn offset(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

fn settle<T>(result: Option<T>, mut problems: Vec<Problem>) -> Checked<T> {
    problems.sort_by_key(|problem| (problem.at.start, problem.at.end));
    let fails = problems.iter().any(|problem| problem.severity == Severity::Error);
    match result {
        Some(result) if !fails => Ok((result, problems)),
        _ => Err(problems),
    }
}
