//! Random expressions: they come to what the interpreter of CEL makes of them, and nothing panics, whatever is read.
//! `EXPRESSION_SEED` and `EXPRESSION_CASES` choose other cases and more of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;
mod runner;
mod sources;

use std::cell::Cell;
use std::time::{Duration, Instant};

use common::{Purchase, scope};
use expression::{Problem, condition, formula};
use proptest::prelude::*;
use runner::check;
use sources::{Given, cel_bool, cel_int, conditions, given, mangled, plain_scope, shop_conditions, wholes};

#[test]
fn a_condition_is_what_cel_makes_of_it() {
    let (scope, compared) = (plain_scope(), Cell::new(0));
    check(
        "conditions",
        &(conditions(), given()),
        |(source, given): (String, Given)| {
            let Ok((condition, _)) = condition(&source, &scope) else {
                return;
            };
            // Where the interpreter fails, a part of another order may have decided here.
            if let Some(expected) = cel_bool(&source, &given) {
                assert_eq!(condition.holds(&given), expected, "{source} of {given:?}");
                compared.set(compared.get() + 1);
            }
        },
    );
    println!("compared: {}", compared.get());
    assert!(compared.get() > 400, "only {} were compared", compared.get());
}

#[test]
fn a_formula_is_what_cel_makes_of_it() {
    let (scope, compared) = (plain_scope(), Cell::new(0));
    check("formulas", &(wholes(), given()), |(source, given): (String, Given)| {
        let Ok((formula, _)) = formula(&source, &scope) else {
            return;
        };
        if let Some(expected) = cel_int(&source, &given) {
            let number = formula.number(&given).map(|number| number.to_string());
            assert_eq!(number, Some(expected.to_string()), "{source} of {given:?}");
            compared.set(compared.get() + 1);
        }
    });
    println!("compared: {}", compared.get());
    assert!(compared.get() > 400, "only {} were compared", compared.get());
}

/// Where a problem is, is in the source, between characters.
fn placed<T>(source: &str, result: Result<(T, Vec<Problem>), Vec<Problem>>) -> Option<T> {
    let (value, problems) = match result {
        Ok((value, warnings)) => (Some(value), warnings),
        Err(problems) => {
            assert!(!problems.is_empty(), "{source:?} is wrong for no reason");
            (None, problems)
        }
    };
    for problem in problems {
        assert!(source.get(problem.at.clone()).is_some(), "{source:?}: {problem:?}");
        problem.render(source);
    }
    value
}

/// Reads a source in every way and evaluates what is right.
fn read(source: &str) -> bool {
    let (scope, purchase, start) = (scope(), Purchase::new(), Instant::now());
    let mut right = false;
    if let Some(condition) = placed(source, condition(source, &scope)) {
        let held = condition.holds(&purchase);
        let clauses = condition.explain(&purchase);
        assert_eq!(held, clauses.iter().all(|clause| clause.held), "{source:?}");
        right = true;
    }
    if let Some(formula) = placed(source, formula(source, &scope)) {
        formula.number(&purchase);
        formula.explain(&purchase);
        right = true;
    }
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{source:?} took {:?}",
        start.elapsed()
    );
    right
}

#[test]
fn no_text_makes_it_panic() {
    check("any text", &any::<String>(), |source: String| {
        read(&source);
    });
    check(
        "signs",
        &"[a-c0-9().,?:!&|=<>+*/% \"'\\[\\]{}é-]{0,60}",
        |source: String| {
            read(&source);
        },
    );
    check("mangled", &mangled(), |source: String| {
        read(&source);
    });
}

#[test]
fn what_is_right_is_evaluated_without_a_panic() {
    let right = Cell::new(0);
    check("the shop's conditions", &shop_conditions(), |source: String| {
        if read(&source) {
            right.set(right.get() + 1);
        }
    });
    println!("right: {}", right.get());
    assert!(right.get() > 500, "only {} were right", right.get());
}

#[test]
fn nothing_within_the_limits_is_slow_or_overflows_the_stack() {
    let terms = |term: &str, with: &str, times: usize| vec![term; times].join(with);
    let sources = [
        format!("{}local.hour > 3{}", "(".repeat(32), ")".repeat(32)),
        format!("{}local.hour > 3{}", "!(".repeat(32), ")".repeat(32)),
        format!("{}member.employee", "!".repeat(390)),
        format!("local.hour > {}", terms("1", "+", 190)),
        format!("local.hour > {}", terms("1", " - -", 120)),
        format!("{} > 3", terms("x", ".", 190)),
        terms("member.employee", "||", 100),
        terms("true", "==", 190),
        format!("{}true", "true?true:".repeat(90)),
        format!("{}true{}", "true?".repeat(32), ":true".repeat(32)),
        format!("local.hour in [{}]", terms("1", ",", 190)),
        format!("min({}) > 3", terms("local.hour", ",", 130)),
        format!("{}1{} > 3", "min(2,".repeat(31), ")".repeat(31)),
        format!("activity.lines{}.size() > 3", ".filter(l,true)".repeat(50)),
        "(".repeat(2_000),
        "[".repeat(2_000),
        "!".repeat(2_000),
        "-".repeat(2_000),
        "a?".repeat(1_000),
        "a.".repeat(1_000),
    ];
    for source in sources {
        // A quarter of a thread's usual stack.
        let thread = std::thread::Builder::new().stack_size(512 * 1024);
        thread.spawn(move || read(&source)).unwrap().join().unwrap();
    }
}
