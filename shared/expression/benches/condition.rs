//! How long one condition of three parts takes, when it holds and when its first part fails, and what reading it costs.

#![allow(clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use expression::{Decimal, Scope, Slot, Type, Value, Values, condition};

struct Purchase {
    amount: Decimal,
    tier: String,
    weekday: &'static str,
}

impl Values for Purchase {
    fn value(&self, slot: Slot) -> Value<'_> {
        match slot.0 {
            0 => Value::Decimal(self.amount),
            1 => Value::Text(&self.tier),
            2 => Value::Text(self.weekday),
            _ => Value::Missing,
        }
    }

    fn lines(&self, _: Slot) -> usize {
        0
    }

    fn field(&self, _: Slot, _: usize, _: u16) -> Value<'_> {
        Value::Missing
    }
}

const SOURCE: &str = "activity.amount > 20.0 && member.tier == 'gold' && local.weekday in ['sat', 'sun']";

fn scope() -> Scope {
    let choice = |all: &[&str]| Type::Choice(all.iter().map(ToString::to_string).collect());
    let mut scope = Scope::new();
    scope.with("activity.amount", Type::Decimal);
    scope.with("member.tier", choice(&["bronze", "silver", "gold"]));
    scope.with(
        "local.weekday",
        choice(&["mon", "tue", "wed", "thu", "fri", "sat", "sun"]),
    );
    scope
}

fn bench(criterion: &mut Criterion) {
    let scope = scope();
    let (three, _) = condition(SOURCE, &scope).unwrap();
    let mut purchase = Purchase {
        amount: Decimal::scaled(2933, 2).unwrap(),
        tier: "gold".to_owned(),
        weekday: "sun",
    };
    assert!(three.holds(&purchase));
    criterion.bench_function("three parts, all hold", |bencher| {
        bencher.iter(|| black_box(&three).holds(black_box(&purchase)));
    });
    let dynamic: &dyn Values = &purchase;
    criterion.bench_function("three parts, values behind a pointer", |bencher| {
        bencher.iter(|| black_box(&three).holds(black_box(dynamic)));
    });
    purchase.amount = Decimal::ZERO;
    criterion.bench_function("three parts, the first fails", |bencher| {
        bencher.iter(|| black_box(&three).holds(black_box(&purchase)));
    });
    criterion.bench_function("reading and checking", |bencher| {
        bencher.iter(|| condition(black_box(SOURCE), &scope).unwrap());
    });
}

criterion_group!(benches, bench);
criterion_main!(benches);
