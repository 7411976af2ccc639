//! Random sources, and what the interpreter of CEL makes of them.
#![allow(clippy::expect_used)]

use cel::{Context, Program};
use expression::{Scope, Slot, Type, Value, Values};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::runner::mangle;

/// The values of plain names, for both.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    wholes: [i64; 2],
    bools: [bool; 2],
    texts: [String; 2],
    list: Vec<String>,
}

pub(crate) fn plain_scope() -> Scope {
    let mut scope = Scope::new();
    for name in ["i", "j"] {
        scope.with(name, Type::Int);
    }
    for name in ["p", "q"] {
        scope.with(name, Type::Bool);
    }
    for name in ["s", "t"] {
        scope.with(name, Type::Text);
    }
    scope.with("xs", Type::Texts);
    scope
}

impl Values for Given {
    fn value(&self, slot: Slot) -> Value<'_> {
        let index = usize::from(slot.0);
        let whole = self.wholes.get(index).copied().map(Value::Int);
        let text = self.texts.get(index.wrapping_sub(4)).map(|text| Value::Text(text));
        let bool = self.bools.get(index.wrapping_sub(2)).copied().map(Value::Bool);
        whole.or(bool).or(text).unwrap_or(Value::Texts(&self.list))
    }

    fn lines(&self, _: Slot) -> usize {
        0
    }

    fn field(&self, _: Slot, _: usize, _: u16) -> Value<'_> {
        Value::Missing
    }
}

pub(crate) fn given() -> impl Strategy<Value = Given> {
    let whole = prop_oneof![4 => -9..9_i64, 1 => Just(i64::MAX), 1 => Just(i64::MIN)];
    let text = || "[abé]{0,3}";
    let two = (
        whole.clone(),
        whole,
        any::<[bool; 2]>(),
        text(),
        text(),
        vec(text(), 0..4),
    );
    two.prop_map(|(i, j, bools, s, t, list)| Given {
        wholes: [i, j],
        bools,
        texts: [s, t],
        list,
    })
}

fn run(source: &str, given: &Given) -> Option<cel::Value> {
    let program = Program::compile(source).expect("CEL reads it");
    let mut context = Context::default();
    let wholes = ["i", "j"].into_iter().zip(given.wholes);
    let bools = ["p", "q"].into_iter().zip(given.bools);
    let texts = ["s", "t"].into_iter().zip(given.texts.clone());
    wholes.for_each(|(name, value)| context.add_variable_from_value(name, value));
    bools.for_each(|(name, value)| context.add_variable_from_value(name, value));
    texts.for_each(|(name, value)| context.add_variable_from_value(name, value));
    context.add_variable_from_value("xs", given.list.clone());
    program.execute(&context).ok()
}

pub(crate) fn cel_bool(source: &str, given: &Given) -> Option<bool> {
    match run(source, given)? {
        cel::Value::Bool(yes) => Some(yes),
        other => panic!("{source} is {other:?}"),
    }
}

pub(crate) fn cel_int(source: &str, given: &Given) -> Option<i64> {
    match run(source, given)? {
        cel::Value::Int(whole) => Some(whole),
        other => panic!("{source} is {other:?}"),
    }
}

type Source = BoxedStrategy<String>;

/// Sources of each type, of one depth.
#[derive(Clone)]
struct Layer {
    wholes: Source,
    bools: Source,
    texts: Source,
}

fn leaves() -> Layer {
    let whole = prop_oneof![
        Just("i".to_owned()),
        Just("j".to_owned()),
        Just("9223372036854775807".to_owned()),
        Just("size(s)".to_owned()),
        Just("xs.size()".to_owned()),
        Just("xs.filter(x, x.startsWith(t)).size()".to_owned()),
        (-9..9_i64).prop_map(|number| number.to_string()),
    ];
    let text = prop_oneof![
        Just("s".to_owned()),
        Just("t".to_owned()),
        "[abé]{0,3}".prop_map(|text| format!("\"{text}\"")),
    ];
    Layer {
        wholes: whole.boxed(),
        bools: "p|q|true|false".boxed(),
        texts: text.boxed(),
    }
}

fn deeper(under: &Layer) -> Layer {
    let Layer { wholes, bools, texts } = under.clone();
    let two_wholes = (wholes.clone(), wholes.clone());
    let two_texts = (texts.clone(), texts.clone());
    let two_bools = (bools.clone(), bools.clone());
    let whole = prop_oneof![
        2 => wholes.clone(),
        3 => (two_wholes.clone(), "[-+*]").prop_map(|((a, b), op)| format!("({a} {op} {b})")),
        1 => (two_wholes.clone(), "[/%]").prop_map(|((a, b), op)| format!("({b} != 0 ? {a} {op} {b} : {a})")),
        1 => (wholes.clone(), "[/%]", 1..9).prop_map(|(a, op, b)| format!("({a} {op} -{b})")),
        1 => (bools.clone(), two_wholes.clone()).prop_map(|(test, (a, b))| format!("({test} ? {a} : {b})")),
        1 => wholes.clone().prop_map(|a| format!("-({a})")),
        1 => texts.clone().prop_map(|text| format!("size({text})")),
    ];
    let bool = prop_oneof![
        2 => bools.clone(),
        4 => (two_wholes.clone(), "==|!=|<|<=|>|>=").prop_map(|((a, b), op)| format!("({a} {op} {b})")),
        3 => (two_bools.clone(), "&&|\\|\\||==|!=").prop_map(|((a, b), op)| format!("({a} {op} {b})")),
        2 => (two_bools.clone(), bools.clone(), "&&|\\|\\|").prop_map(|((a, b), c, op)| format!("{a} {op} {b} {op} {c}"))
            .prop_map(|source| format!("({source})")),
        1 => bools.clone().prop_map(|a| format!("!{a}")),
        2 => (two_texts.clone(), "==|!=|<|<=|>|>=").prop_map(|((a, b), op)| format!("({a} {op} {b})")),
        1 => (two_texts.clone(), "startsWith|endsWith|contains").prop_map(|((a, b), call)| format!("{a}.{call}({b})")),
        1 => (texts.clone(), vec(texts.clone(), 1..4)).prop_map(|(a, list)| format!("({a} in [{}])", list.join(", "))),
        1 => (wholes.clone(), vec(wholes.clone(), 1..4)).prop_map(|(a, list)| format!("({a} in [{}])", list.join(", "))),
        1 => texts.clone().prop_map(|a| format!("({a} in xs)")),
        1 => (two_texts.clone(), "exists|all|exists_one").prop_map(|((a, _), call)| format!("xs.{call}(x, x == {a} || x < s)")),
        1 => (bools.clone(), two_bools).prop_map(|(test, (a, b))| format!("({test} ? {a} : {b})")),
    ];
    let text = prop_oneof![
        3 => texts,
        1 => (bools, two_texts).prop_map(|(test, (a, b))| format!("({test} ? {a} : {b})")),
    ];
    Layer {
        wholes: whole.boxed(),
        bools: bool.boxed(),
        texts: text.boxed(),
    }
}

fn layers() -> Layer {
    deeper(&deeper(&deeper(&leaves())))
}

pub(crate) fn conditions() -> Source {
    layers().bools
}

pub(crate) fn wholes() -> Source {
    layers().wholes
}

const SHOP: [&str; 14] = [
    "activity.amount > 20",
    "activity.amount * 1.25 <= activity.points",
    "member.tier == 'gold'",
    "local.weekday in ['sat', 'sun']",
    "has(member.age) && member.age > 18",
    "activity.lines.exists(l, l.category == 'coffee' && l.amount > 3.5)",
    "activity.lines.filter(l, has(l.discount)).map(l, l.discount).sum() < 5",
    "activity.lines.all(l, 'new' in l.tags || l.tags.exists(t, t == l.sku))",
    "'vip' in member.segments",
    "(activity.points != 0 ? activity.amount / activity.points : 0) > 1",
    "activity.points * 9223372036854775807 > 4",
    "member.name.startsWith('A')",
    "size(member.name) % 2 == 1",
    "max(activity.amount, 3, local.hour) > 10",
];

pub(crate) fn shop_conditions() -> Source {
    let one = prop::sample::select(&SHOP[..]).prop_map(str::to_owned);
    let not = |source: String| format!("!({source})");
    let part = prop_oneof![3 => one.clone(), 1 => one.prop_map(not)];
    let joined = (vec(part, 1..6), "&&|\\|\\|").prop_map(|(parts, op)| parts.join(&format!(" {op} ")));
    joined.boxed()
}

/// With characters gone, doubled, changed or put between.
pub(crate) fn mangled() -> Source {
    let change = (
        any::<prop::sample::Index>(),
        0..4,
        "[a-z0-9().,?:!&|=<>+*/%\"'\\[\\]é\\\\ -]",
    );
    let changed = (shop_conditions(), vec(change, 1..4)).prop_map(|(source, changes)| {
        let changes = changes.into_iter();
        let changes = changes.map(|(index, sort, with)| (index, sort, with.chars().next().unwrap_or(' ')));
        mangle(&source, changes.collect())
    });
    changed.boxed()
}
