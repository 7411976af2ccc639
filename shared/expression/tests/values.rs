//! What expressions come to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;

use common::{Purchase, scope};
use expression::{condition, formula};

fn holds(source: &str) -> bool {
    let (condition, _) = condition(source, &scope()).unwrap_or_else(|problems| panic!("{source}: {problems:#?}"));
    condition.holds(&Purchase::new())
}

fn number(source: &str) -> String {
    let (formula, _) = formula(source, &scope()).unwrap_or_else(|problems| panic!("{source}: {problems:#?}"));
    let number = formula.number(&Purchase::new());
    number.map_or_else(|| "none".to_owned(), |number| number.to_string())
}

#[test]
fn conditions() {
    for (source, expected) in [
        (
            "activity.amount > 20.0 && member.tier == 'gold' && local.weekday in ['sat', 'sun']",
            true,
        ),
        ("activity.amount > 20", true),
        ("20 < activity.amount", true),
        ("activity.amount == 29.33", true),
        ("activity.points == 29.0", true),
        ("activity.amount >= 29.330000001", false),
        ("member.tier != \"gold\"", false),
        ("member.tier in ['silver', 'gold']", true),
        ("!(member.tier in ['silver', 'bronze'])", true),
        ("activity.points in [1, 29]", true),
        ("activity.amount in [1, 29.33]", true),
        ("'vip' in member.segments", true),
        ("'late' in member.segments", false),
        ("member.name.startsWith('Ada')", true),
        ("member.name.endsWith('lü') && member.name.contains(' ')", true),
        ("size(member.name) == 8 && member.name.size() == 8", true),
        ("member.name < 'B'", true),
        ("member.employee", false),
        ("!member.employee", true),
        ("member.employee == false", true),
        ("member.employee || local.hour >= 17", true),
        ("member.employee ? false : local.hour == 17", true),
        ("has(member.age)", false),
        ("has(member.age) && member.age > 18", false),
        ("!has(member.age) || member.age > 18", true),
        ("has(member.age) ? member.age > 18 : true", true),
        ("size(member.segments) == 2 && has(member.segments)", true),
        ("member.segments.exists(s, s.startsWith('ea'))", true),
        ("member.segments.all(s, s.size() > 3)", false),
        (
            "activity.lines.exists(l, l.category == 'coffee' && l.amount > 12.1)",
            true,
        ),
        ("activity.lines.all(l, l.quantity > 0)", true),
        ("activity.lines.exists_one(l, l.category == 'cake')", true),
        ("activity.lines.exists_one(l, l.category == 'coffee')", false),
        ("activity.lines.filter(l, l.category == 'coffee').size() == 2", true),
        (
            "activity.lines.filter(l, l.category == 'coffee').all(x, x.sku.startsWith('c-'))",
            true,
        ),
        ("activity.lines.size() == 3", true),
        ("activity.lines.exists(l, 'new' in l.tags)", true),
        (
            "activity.lines.exists(l, l.tags.exists(t, t == 'new' && l.quantity == 3))",
            true,
        ),
        ("activity.lines.exists(l, has(l.discount) && l.discount == 0.5)", true),
        ("activity.lines.map(l, l.amount).sum() == activity.amount", true),
        ("min(activity.points, 30, 5.5) == 5.5", true),
        ("activity.points / 2 == 14 && activity.points % 2 == 1", true),
        ("activity.points != 0 && 58 / activity.points == 2", true),
        // What does not fit is not said, and what is not said does not hold.
        ("activity.points * 9223372036854775807 > 0", false),
        ("!(activity.points * 9223372036854775807 > 0)", false),
        ("!(activity.points * 9223372036854775807 > 0 || local.hour == 3)", false),
        ("!(activity.points * 9223372036854775807 > 0 && local.hour == 3)", true),
        (
            "activity.points * 9223372036854775807 in [1, 2] || 'x' == member.name",
            false,
        ),
        ("activity.points * 9223372036854775807 > 0 || local.hour == 17", true),
    ] {
        assert_eq!(holds(source), expected, "{source}");
    }
}

#[test]
fn formulas() {
    for (source, expected) in [
        ("1", "1"),
        ("-1.50", "-1.5"),
        ("- 1.50", "-1.5"),
        ("-(activity.points)", "-29"),
        ("0.1 + 0.2", "0.3"),
        ("activity.amount * 1.25", "36.6625"),
        ("7 / 2", "3"),
        ("-7 / 2", "-3"),
        ("-7 % 2", "-1"),
        ("7 / 2.0", "3.5"),
        ("2 / 3.0", "0.666666666"),
        ("activity.points / 2 * 1.5", "21"),
        ("(member.employee ? 1.5 : 1) / 2", "0.5"),
        ("min(1, 2.5) / 2", "0.5"),
        ("max(activity.points, 3) - 1", "28"),
        ("member.tier == 'gold' ? 2 * activity.amount : activity.amount", "58.66"),
        ("activity.lines.map(l, l.amount * l.quantity).sum()", "65.89"),
        (
            "activity.lines.filter(l, l.category == 'coffee').map(l, l.quantity).sum()",
            "5",
        ),
        ("activity.lines.map(l, l.category == 'cake', l.quantity).sum()", "1"),
        (
            "activity.lines.filter(l, has(l.discount)).map(l, l.discount).sum()",
            "0.5",
        ),
        ("has(member.age) ? member.age : 0", "0"),
        ("activity.points * 9223372036854775807", "none"),
        ("1 + 2 * 3 - 4", "3"),
        ("(1 + 2) * (3 - 4)", "-3"),
    ] {
        assert_eq!(number(source), expected, "{source}");
    }
}

#[test]
fn a_condition_explains_each_of_its_parts() {
    let source = "activity.amount > 20 && (member.employee || activity.lines.size() > 5) && has(member.age)";
    let (condition, _) = condition(source, &scope()).unwrap();
    let explained: Vec<String> = condition
        .explain(&Purchase::new())
        .iter()
        .map(|clause| format!("{} | {} | {:?}", clause.source, clause.held, clause.values))
        .collect();
    insta::assert_snapshot!(explained.join("\n"), @r#"
    activity.amount > 20 | true | [("activity.amount", "29.33")]
    member.employee || activity.lines.size() > 5 | false | [("member.employee", "false"), ("activity.lines", "3 lines")]
    has(member.age) | false | [("member.age", "nothing")]
    "#);
    assert_eq!(condition.source(), source);
    let slots: Vec<u16> = condition.slots().iter().map(|slot| slot.0).collect();
    assert_eq!(slots, [0, 3, 7, 8]);
}
