//! Whether a text can be rendered whatever it is given: told from how it is written, since no samples reach every branch.
//!
//! Texts have words, slots, conditions and the filters below. Whatever else the template engine knows could fail, or grow
//! without end, when a message is to go.

use minijinja::Value;
use minijinja::machinery::ast::{BinOpKind, CallArg, CompareOpKind, Expr, Filter, Stmt, UnaryOpKind};

use super::SAMPLES;
use super::context::{Name, Said};
use super::language::{self, Language, PLURALS};
use crate::suggest;

/// What an expression comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Text,
    /// A whole number of so many bits at most.
    Number(u32),
    Day,
    Whether,
    Money,
    /// One or the other: it can be written and asked for, and nothing else.
    Any,
}

/// The engine reckons in so many bits.
const MOST_BITS: u32 = 126;
/// Filters take so many.
const FILTER_BITS: u32 = 63;

pub(super) const FILTERS: [&str; 4] = ["number", "date", "money", "plural"];

/// What could go wrong in a text of a language.
pub(super) fn check(statements: &[Stmt<'_>], language: &Language) -> Result<(), String> {
    statements.iter().try_for_each(|one| statement(one, language))
}

fn statement(statement: &Stmt<'_>, language: &Language) -> Result<(), String> {
    let other = match statement {
        Stmt::Template(template) => return check(&template.children, language),
        Stmt::EmitRaw(_) => return Ok(()),
        Stmt::EmitExpr(emitted) => return expression(&emitted.expr, language).map(|_| ()),
        Stmt::IfCond(branch) => {
            expression(&branch.expr, language)?;
            check(&branch.true_body, language)?;
            return check(&branch.false_body, language);
        }
        Stmt::ForLoop(_) => {
            return Err(
                "{% for %} goes through a list, and nothing that a text speaks of is one, so it could only grow without bound; \
                 take the loop out"
                    .to_owned(),
            );
        }
        Stmt::WithBlock(_) => "with",
        Stmt::Set(_) | Stmt::SetBlock(_) => "set",
        Stmt::AutoEscape(_) => "autoescape",
        Stmt::FilterBlock(_) => "filter",
        Stmt::Do(_) => "do",
    };
    Err(format!(
        "{{% {other} %}} is nothing that a text may do; it has words, {{{{ }}}}, {{% if %}} and {{% include %}}"
    ))
}

fn expression(of: &Expr<'_>, language: &Language) -> Result<Type, String> {
    let plain = |what: &str| {
        let said = format!("a text cannot use {what}; write names such as {{{{ points }}}}, numbers and words");
        Err(said)
    };
    Ok(match of {
        // One that nobody knows is told of by who knows all names.
        Expr::Var(name) => Name::read(name.id).map_or(Type::Any, named),
        Expr::Const(written) => return constant(&written.value),
        Expr::UnaryOp(of) => match (&of.op, expression(&of.expr, language)?) {
            (UnaryOpKind::Not, _) => Type::Whether,
            (UnaryOpKind::Neg, number @ Type::Number(_)) => number,
            (UnaryOpKind::Neg, _) => return Err("only a number can be negative; leave the - out".to_owned()),
        },
        Expr::BinOp(of) => {
            if matches!(of.op, BinOpKind::In) {
                return plain("in");
            }
            let sides = (expression(&of.left, language)?, expression(&of.right, language)?);
            return reckon(of.op, sides);
        }
        Expr::Compare(of) => {
            expression(&of.expr, language)?;
            for compared in &of.ops {
                if matches!(compared.op, CompareOpKind::In | CompareOpKind::NotIn) {
                    return plain("in");
                }
                expression(&compared.expr, language)?;
            }
            Type::Whether
        }
        Expr::IfExpr(of) => {
            expression(&of.test_expr, language)?;
            let Some(otherwise) = &of.false_expr else {
                return Err("a {{ … if … }} has no else; write {{ … if … else … }}".to_owned());
            };
            joined(expression(&of.true_expr, language)?, expression(otherwise, language)?)
        }
        Expr::Filter(of) => return filter(of, language),
        Expr::Test(_) => return plain("is"),
        Expr::Slice(_) | Expr::GetAttr(_) | Expr::GetItem(_) => return plain("a part of a value"),
        Expr::Call(_) | Expr::List(_) | Expr::Tuple(_) | Expr::Map(_) => {
            return plain(&format!("a {}", of.description()));
        }
    })
}

fn named(name: Name) -> Type {
    SAMPLES.first().map_or(Type::Any, |sample| match sample.say(name) {
        Said::Text(_) => Type::Text,
        Said::Number(_) => Type::Number(FILTER_BITS),
        Said::Day(_) => Type::Day,
        Said::Whether(_) => Type::Whether,
        Said::Money(_) => Type::Money,
    })
}

fn constant(value: &Value) -> Result<Type, String> {
    if value.as_str().is_some() {
        return Ok(Type::Text);
    }
    if let Ok(whether) = bool::try_from(value.clone()) {
        let _: bool = whether;
        return Ok(Type::Whether);
    }
    match i64::try_from(value.clone()) {
        Ok(number) => Ok(Type::Number(u64::BITS - number.unsigned_abs().leading_zeros())),
        Err(_) => Err(format!(
            "{value} is neither a whole number nor words; write one of these"
        )),
    }
}

fn joined(one: Type, other: Type) -> Type {
    match (one, other) {
        (Type::Number(one), Type::Number(other)) => Type::Number(one.max(other)),
        (one, other) if one == other => one,
        _ => Type::Any,
    }
}

fn reckon(operator: BinOpKind, (left, right): (Type, Type)) -> Result<Type, String> {
    match operator {
        BinOpKind::ScAnd | BinOpKind::ScOr => Ok(joined(left, right)),
        BinOpKind::Eq | BinOpKind::Ne | BinOpKind::Lt | BinOpKind::Lte | BinOpKind::Gt | BinOpKind::Gte => {
            Ok(Type::Whether)
        }
        BinOpKind::Concat => Ok(Type::Text),
        BinOpKind::Add | BinOpKind::Sub | BinOpKind::Mul => {
            let (Type::Number(left), Type::Number(right)) = (left, right) else {
                let what =
                    "only numbers are reckoned with; write words one after the other, without a sign between them";
                return Err(what.to_owned());
            };
            let bits = match operator {
                BinOpKind::Mul => left.saturating_add(right),
                _ => left.max(right).saturating_add(1),
            };
            if bits > MOST_BITS {
                return Err("it reckons with numbers that grow too large; reckon less".to_owned());
            }
            Ok(Type::Number(bits))
        }
        BinOpKind::Div | BinOpKind::FloorDiv | BinOpKind::Rem | BinOpKind::Pow | BinOpKind::In => {
            Err("a text reckons with +, - and * alone, for nothing else can always be done; leave it out".to_owned())
        }
    }
}

fn filter(filter: &Filter<'_>, language: &Language) -> Result<Type, String> {
    let name = filter.name;
    if !FILTERS.contains(&name) {
        let [most @ .., last] = FILTERS;
        let mend = match suggest::nearest(name, FILTERS) {
            Some(meant) => format!("did you mean {meant}?"),
            None => format!("what may follow a | is {} or {last}", most.join(", ")),
        };
        return Err(format!("filter {name} is unknown; {mend}"));
    }
    let of = match &filter.expr {
        Some(of) => expression(of, language)?,
        None => Type::Any,
    };
    let is_number = matches!(of, Type::Number(bits) if bits <= FILTER_BITS);
    let (fits, takes) = match name {
        "date" => (of == Type::Day, "a day, such as date"),
        "money" => (of == Type::Money, "an amount of money, such as amount"),
        _ => (is_number, "a number, such as points"),
    };
    if !fits {
        return Err(format!("the filter {name} takes {takes}; leave | {name} out"));
    }
    if name == "plural" {
        forms(filter, language)?;
    } else if !filter.args.is_empty() {
        return Err(format!("the filter {name} takes nothing in ( ); write | {name} alone"));
    }
    Ok(Type::Text)
}

/// The forms of a plural, by their names: each that the language has, and no other.
fn forms(filter: &Filter<'_>, language: &Language) -> Result<(), String> {
    let needed = language.plurals();
    let is_needed = |name: &str| needed.iter().any(|(plural, _)| language::name(*plural) == name);
    let form = |name: &str| format!("{name}=\"…\"");
    let all = || {
        let plurals = PLURALS.map(language::name).into_iter();
        plurals
            .filter(|name| is_needed(name))
            .map(form)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut given: Vec<&str> = Vec::new();
    for argument in &filter.args {
        match argument {
            CallArg::Kwarg(name, Expr::Const(form)) if form.value.as_str().is_some() => given.push(name),
            _ => {
                return Err(format!(
                    "plural takes words by the names of plurals; write plural({})",
                    all()
                ));
            }
        }
    }
    if let Some(name) = given.iter().find(|name| !is_needed(name)) {
        let what = if PLURALS.map(language::name).contains(name) {
            "no number takes in this language"
        } else {
            "no language has"
        };
        return Err(format!("plural has {name}, which {what}; write plural({})", all()));
    }
    let missing = needed.iter().map(|(plural, number)| (language::name(*plural), *number));
    let mut missing = missing.filter(|(name, _)| !given.contains(name));
    match missing.next() {
        Some((name, number)) => Err(format!(
            "plural has no {name}, which {number} takes in this language; write plural({})",
            all()
        )),
        None => Ok(()),
    }
}
