//! A shop's names and the values of one purchase.
#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(clippy::expect_used, clippy::indexing_slicing)]

use expression::{Decimal, Field, Scope, Slot, Type, Value, Values};

pub(crate) fn scope() -> Scope {
    let choice = |all: &[&str]| Type::Choice(all.iter().map(ToString::to_string).collect());
    let mut scope = Scope::new();
    scope.with("activity.amount", Type::Decimal);
    scope.with("activity.points", Type::Int);
    scope.with("activity.channel", choice(&["store", "web", "app"]));
    scope.with(
        "activity.lines",
        Type::Lines(vec![
            Field::new("sku", Type::Text),
            Field::new("category", choice(&["coffee", "tea", "cake"])),
            Field::new("amount", Type::Decimal),
            Field::new("quantity", Type::Int),
            Field::optional("discount", Type::Decimal),
            Field::new("tags", Type::Texts),
        ]),
    );
    scope.with("member.tier", choice(&["bronze", "silver", "gold"]));
    scope.with("member.name", Type::Text);
    scope.with("member.segments", Type::Texts);
    scope.with("member.employee", Type::Bool);
    scope.with_optional("member.age", Type::Int);
    scope.with_optional("member.city", Type::Text);
    scope.with(
        "local.weekday",
        choice(&["mon", "tue", "wed", "thu", "fri", "sat", "sun"]),
    );
    scope.with("local.hour", Type::Int);
    scope
}

pub(crate) const LINES: Slot = Slot(3);

pub(crate) struct Line {
    pub(crate) sku: &'static str,
    pub(crate) category: &'static str,
    pub(crate) amount: Decimal,
    pub(crate) quantity: i64,
    pub(crate) discount: Option<Decimal>,
    pub(crate) tags: Vec<&'static str>,
}

pub(crate) struct Purchase {
    pub(crate) amount: Decimal,
    pub(crate) points: i64,
    pub(crate) segments: Vec<&'static str>,
    pub(crate) age: Option<i64>,
    pub(crate) lines: Vec<Line>,
}

impl Purchase {
    pub(crate) fn new() -> Self {
        let line = |sku, category, cents, quantity| Line {
            sku,
            category,
            amount: Decimal::scaled(cents, 2).expect("fits"),
            quantity,
            discount: None,
            tags: vec!["new"],
        };
        let mut lines = vec![
            line("c-1", "coffee", 1250, 2),
            line("k-7", "cake", 480, 1),
            line("c-2", "coffee", 1203, 3),
        ];
        lines[1].discount = Some(Decimal::scaled(50, 2).expect("fits"));
        Self {
            amount: Decimal::scaled(2933, 2).expect("fits"),
            points: 29,
            segments: vec!["vip", "early"],
            age: None,
            lines,
        }
    }
}

impl Values for Purchase {
    fn value(&self, slot: Slot) -> Value<'_> {
        match slot.0 {
            0 => Value::Decimal(self.amount),
            1 => Value::Int(self.points),
            2 => Value::Text("web"),
            4 => Value::Text("gold"),
            5 => Value::Text("Ada Ünlü"),
            6 => Value::Texts(&self.segments),
            7 => Value::Bool(false),
            8 => self.age.map_or(Value::Missing, Value::Int),
            10 => Value::Text("sat"),
            11 => Value::Int(17),
            _ => Value::Missing,
        }
    }

    fn lines(&self, slot: Slot) -> usize {
        if slot == LINES { self.lines.len() } else { 0 }
    }

    fn field(&self, _: Slot, line: usize, field: u16) -> Value<'_> {
        let Some(line) = self.lines.get(line) else {
            return Value::Missing;
        };
        match field {
            0 => Value::Text(line.sku),
            1 => Value::Text(line.category),
            2 => Value::Decimal(line.amount),
            3 => Value::Int(line.quantity),
            4 => line.discount.map_or(Value::Missing, Value::Decimal),
            5 => Value::Texts(&line.tags),
            _ => Value::Missing,
        }
    }
}
