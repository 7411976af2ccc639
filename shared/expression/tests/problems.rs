//! What is said of an expression that is wrong, and where.
#![allow(clippy::expect_used, clippy::indexing_slicing)]

mod common;

use common::scope;
use expression::{Problem, Severity, condition, formula};

fn render<T>(source: &str, result: Result<(T, Vec<Problem>), Vec<Problem>>) -> String {
    let (sort, problems) = match result {
        Ok((_, warnings)) => ("right", warnings),
        Err(problems) => ("wrong", problems),
    };
    let all: Vec<String> = problems
        .iter()
        .map(|problem| match problem.severity {
            Severity::Error => problem.render(source),
            Severity::Warning => format!("{}\n(a warning)", problem.render(source)),
        })
        .collect();
    if all.is_empty() {
        format!("{source}\n{sort}")
    } else {
        all.join("\n")
    }
}

fn conditions(sources: &[&str]) -> String {
    let scope = scope();
    let all: Vec<String> = sources
        .iter()
        .map(|source| render(source, condition(source, &scope)))
        .collect();
    all.join("\n\n")
}

#[test]
fn names() {
    insta::assert_snapshot!(conditions(&[
        "member.teir == 'gold'",
        "membr.tier == 'gold'",
        "member.shoesize > 40",
        "weather.rain",
        "activity.lines.exists(l, l.categry == 'tea')",
        "activity.lines.exists(l, l == 'tea')",
        "activity.lines.category == 'tea'",
        "member.tier.name == 'gold'",
        "member.segments.vip",
        "tier == 'gold' && hour > 3",
        "activity.lines.exists(member, member.amount > 3)",
    ]));
}

#[test]
fn types() {
    insta::assert_snapshot!(conditions(&[
        "activity.amount > '20'",
        "member.name == 5",
        "member.employee == 'true'",
        "member.employee > false",
        "activity.amount",
        "'gold'",
        "member.segments",
        "['a']",
        "activity.amount && member.name",
        "!activity.amount",
        "-member.name == 'x'",
        "member.name + 'x' == 'yx'",
        "activity.amount * member.employee > 3",
        "member.segments == 'vip'",
        "activity.lines > 3",
        "member.name == ['a', 'b']",
        "member.employee ? 1 : 'x'",
        "member.name in 'Ada, Bob'",
        "member.name in activity.lines",
        "member.employee in ['a']",
        "activity.points in ['a', 2]",
        "1 < activity.amount < 5",
        "(activity.amount + 1) * (2)",
        "member.employee && ((activity.amount) + (1)).size() > 3",
    ]));
}

#[test]
fn choices() {
    insta::assert_snapshot!(conditions(&[
        "member.tier == 'glod'",
        "'platinum' == member.tier",
        "member.tier in ['gold', 'silber']",
        "member.tier >= 'silver'",
        "activity.lines.exists(l, l.category == 'coffe')",
    ]));
}

#[test]
fn calls() {
    insta::assert_snapshot!(conditions(&[
        "member.name.matches('A.*')",
        "member.name.startWith('A')",
        "startsWith(member.name, 'A')",
        "member.name.startsWith()",
        "member.name.startsWith('A', 'B')",
        "member.name.startsWith(5)",
        "activity.amount.contains('5')",
        "member.segments.contains('vip')",
        "size(activity.amount) > 3",
        "size() > 3",
        "int(activity.amount) > 3",
        "foo(activity.amount)",
        "min(activity.amount) > 3",
        "min(activity.amount, 'x') > 3",
        "activity.lines.sum() > 3",
        "activity.lines.map(l, l.sku).sum() > 3",
        "activity.lines.map(l, l.amount).filter(x, x > 3).size() > 1",
        "activity.lines.exists('coffee')",
        "activity.lines.exists(l.sku, true)",
        "activity.lines.exists(l, l.amount)",
        "activity.lines.exists(l, activity.lines.exists(x, x.sku == l.sku))",
        "activity.amount.exists(x, x > 3)",
        "activity.lines.exists(l, activity.lines.sum() > l.amount)",
    ]));
}

#[test]
fn not_of_cel() {
    insta::assert_snapshot!(conditions(&[
        "activity.points == 5u",
        "member.name == b'a'",
        "member.name == null",
        "{'a': 1} == activity.points",
        "activity.lines[0].amount > 3",
        "activity.amount > 1e3",
        "activity.amount > .5",
        "activity.amount > 0.1234567891",
        "activity.amount > 99999999999999999999999999999999.5",
        "activity.points > 99999999999999999999",
        "activity.points == 9223372036854775807 + 1",
        "activity.points == 10x",
        "member.name == 'a\\q'",
        "if == 3",
        "has(member)",
        "!-activity.points == 3",
    ]));
}

#[test]
fn missing_values() {
    insta::assert_snapshot!(conditions(&[
        "member.age > 18",
        "member.age > 18 && has(member.age)",
        "has(member.age) || member.age > 18",
        "has(member.city) && member.age > 18",
        "has(member.name) && member.age > 18 && member.city == 'x'",
        "activity.lines.exists(l, l.discount > 1)",
        "!(has(member.age) && local.hour > 3) || member.age > 18",
    ]));
}

#[test]
fn divisions() {
    insta::assert_snapshot!(conditions(&[
        "activity.amount / activity.points > 3",
        "activity.amount / 0 > 3",
        "activity.points % 0.0 > 3",
        "activity.points != 0 && activity.amount / activity.points > 3",
        "activity.points == 0 || activity.amount / activity.points > 3",
        "activity.points > 0 ? activity.amount / activity.points > 3 : false",
        "0 < activity.points && activity.amount / activity.points > 3",
        "activity.points >= 0 && activity.amount / activity.points > 3",
        "activity.points - 1 != 0 && activity.amount / (activity.points - 1) > 3",
        "local.hour != 0 && activity.amount / (activity.points+1) > 3",
        "(activity.points != 0 || local.hour > 3) && activity.amount / activity.points > 3",
        "!(activity.points == 0 || local.hour > 3) && activity.amount / activity.points > 3",
        "!(activity.points == 0 && local.hour > 3) && activity.amount % activity.points > 3",
        "activity.points != 0 && local.hour > 3 || activity.amount / activity.points > 3",
    ]));
}

#[test]
fn never_and_always() {
    insta::assert_snapshot!(conditions(&[
        "false",
        "true && member.employee",
        "1 > 2 || member.employee",
        "member.tier == 'gold' && local.hour > 3 && member.tier == 'silver'",
        "member.tier == 'gold' && member.tier != 'gold'",
        "member.tier in ['gold', 'silver'] && member.tier == 'bronze'",
        "member.tier != 'gold' && member.tier != 'silver' && member.tier != 'bronze'",
        "member.tier != 'gold' || member.tier != 'silver'",
        "local.hour > 5 && local.hour < 3",
        "local.hour > 5 && local.hour < 6",
        "activity.amount > 5 && activity.amount < 6",
        "activity.amount >= 5 && activity.amount <= 5 && activity.amount != 5",
        "local.hour < 5 || local.hour >= 5",
        "local.hour == 5 && local.hour == 6",
        "local.hour == 5.5 && member.employee",
        "member.employee && !member.employee",
        "!has(member.age) && has(member.age)",
        "activity.lines.exists(l, l.sku == 'a' && l.sku == 'b')",
        "member.name in []",
        "true ? member.employee : false",
    ]));
}

#[test]
fn syntax() {
    insta::assert_snapshot!(conditions(&[
        "",
        "   ",
        "member.tier = 'gold'",
        "member.tier === 'gold'",
        "member.tier <> 'gold'",
        "member.employee and local.hour > 3",
        "member.employee AND local.hour > 3 OR local.hour < 2",
        "not member.employee",
        "member.employee & local.hour > 3",
        "member.employee | local.hour > 3",
        "member.tier == 'gold",
        "member.tier == “gold”",
        "(member.employee",
        "member.employee)",
        "(member.employee]",
        "member.tier in ['gold', 'silver'",
        "member.employee &&",
        "&& member.employee",
        "member.employee && || member.employee",
        "member.employee local.hour > 3",
        "local.hour >",
        "()",
        "member.tier in []]",
        "local.hour > 3 # late",
        "member. == 3",
        "member.employee ? true",
        "member.employee : true",
        "(member.employee ? true)",
        "local.hour > 3, local.hour < 5",
        "café == 3",
        "member.tier is 'gold'",
        "if member.employee then true",
        "3 (4)",
        "member.employee !",
        "local.hour ≥ 3",
        "member.employee;",
        "@x",
    ]));
}

#[test]
fn brackets_and_escapes() {
    insta::assert_snapshot!(conditions(&[
        "member.employee ? member.employee ? true : false : true",
        "member.employee ? (member.employee ? true : false) : true",
        "-!member.employee",
        "member.tier in ['gold', ]",
        "(local.hour, 3)",
        "min(local.hour, 3",
        "min(local.hour 3) > 2",
        "activity.lines[].amount > 3",
        "member.true == 3",
        "true(3)",
        "not(member.employee)",
        "member.name not in ['a']",
        "local.hour in {1, 2}",
        "local.hour IN [1, 2]",
        "(member.employee && )",
        "[member.employee)",
        "activity.lines[0].sku.size() == activity.lines[0].amount.x",
        "local.hour == 99999999999999999999u",
        "local.hour == -9223372036854775808 || local.hour == 0x1F",
        "member.name == 'a\\x4' || member.name == '\\u00e' || member.name == '\\ud800' || member.name == '\\477'",
        "member.name == rb'a'",
        "a ? b",
        "member.employee == then",
    ]));
}

#[test]
fn formulas_and_lines() {
    let scope = scope();
    let mut all: Vec<String> = [
        "member.employee",
        "member.name",
        "activity.lines",
        "activity.amount / local.hour",
        "member.age * 2",
    ]
    .iter()
    .map(|source| render(source, formula(source, &scope)))
    .collect();
    for source in [
        "activity.lines.exists(l, l.categry == 'tea')",
        "activity.lines.exists(l, l == 'tea')",
        "activity.lines.exists(l, activity.lines.exists(m, m.sku == l.sku))",
        "activity.lines.exists(l, l.discount > 1)",
    ] {
        all.push(render(source, condition(source, &scope)));
    }
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn every_problem_of_an_expression_is_said() {
    insta::assert_snapshot!(conditions(&[
        "member.teir == 'gold' && activity.amount > '20' || member.age > 3 && activity.amount / local.hour > 2",
        "member.tier == 'a' &&\n  é == 3 &&\n  x | y",
        "member.tier == 'a' &&\n  member.x == 3 &&\n  !activity.amount",
    ]));
}

#[test]
fn what_is_too_much() {
    let scope = scope();
    let first = |source: &str| {
        let problems = condition(source, &scope).expect_err("too much");
        format!("{:?} {} {:?}", problems[0].at, problems[0].what, problems[0].mend)
    };
    let long = format!("member.name == '{}'", "x".repeat(2_000));
    let wide = vec!["local.hour > 3"; 120].join(" && ");
    let deep = format!("{}member.employee{}", "(".repeat(900), ")".repeat(900));
    let chain = format!("{} local.hour > 3", "local.hour > 3 ? true : ".repeat(60));
    let deeper = format!("{}member.employee{}", "(".repeat(40), ")".repeat(40));
    insta::assert_snapshot!(
        [long, wide, deep, deeper, chain]
            .map(|source| first(&source))
            .join("\n")
    );
}
