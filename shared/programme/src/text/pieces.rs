//! Texts in pieces: what nearly every text is made of, taken apart when the programme is read.
//!
//! A simulation renders some millions of texts, and the template engine takes most of a decision's time for one. Whatever is
//! not one of these few pieces is left to the engine, whose words these are: each text is rendered both ways when it is read,
//! and a test compares many more.

use std::fmt::Write;

use icu_plurals::PluralCategory;
use minijinja::Value;
use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, Filter, Stmt};

use super::context::{Context, Name, Said};
use super::engine::plain;
use super::language::{self, Language, PLURALS};

/// A text, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pieces {
    pieces: Vec<Piece>,
    /// What a rendered text hardly ever goes over, in bytes.
    usual: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Words(String),
    /// `{{ name }}`
    Plain(Name),
    /// `{{ points|number }}`
    Number(Name),
    /// `{{ date|date }}`
    Date(Name),
    /// `{{ amount|money }}`
    Money(Name),
    /// `{{ points|plural(one="point", other="points") }}`
    Plural(Name, Vec<(PluralCategory, String)>),
    /// `{% if … %}…{% else %}…{% endif %}`
    If(Test, Vec<Piece>, Vec<Piece>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    /// `next_reward`: there is something.
    Is(Name),
    /// `points == 1`
    Equals(Name, i64),
}

impl Pieces {
    /// Takes a text apart as the engine read it; none where it is not made of these pieces alone.
    pub(super) fn of(read: &Stmt<'_>, text: &str) -> Option<Self> {
        let Stmt::Template(template) = read else { return None };
        Some(Self {
            pieces: pieces(&template.children)?,
            usual: text.len() + 64,
        })
    }

    pub(super) fn render(&self, context: &Context<'_>, language: &Language) -> String {
        let mut out = String::with_capacity(self.usual);
        render(&self.pieces, context, language, &mut out);
        out
    }
}

fn pieces(statements: &[Stmt<'_>]) -> Option<Vec<Piece>> {
    let pieces = statements.iter().map(|statement| match statement {
        Stmt::EmitRaw(words) => Some(Piece::Words(words.raw.to_owned())),
        Stmt::EmitExpr(slot) => self::slot(&slot.expr),
        Stmt::IfCond(branch) => Some(Piece::If(
            test(&branch.expr)?,
            self::pieces(&branch.true_body)?,
            self::pieces(&branch.false_body)?,
        )),
        _ => None,
    });
    pieces.collect()
}

fn slot(expression: &Expr<'_>) -> Option<Piece> {
    match expression {
        // Yes and no are the engine's to write.
        Expr::Var(name) => Name::read(name.id)
            .filter(|name| *name != Name::Lapses)
            .map(Piece::Plain),
        Expr::Filter(filter) => filtered(filter),
        _ => None,
    }
}

fn filtered(filter: &Filter<'_>) -> Option<Piece> {
    let Some(Expr::Var(name)) = &filter.expr else {
        return None;
    };
    let name = Name::read(name.id)?;
    match filter.name {
        "number" if name.is_number() && filter.args.is_empty() => Some(Piece::Number(name)),
        "date" if name == Name::Date && filter.args.is_empty() => Some(Piece::Date(name)),
        "money" if name == Name::Amount && filter.args.is_empty() => Some(Piece::Money(name)),
        "plural" if name.is_number() => {
            let forms = filter.args.iter().map(|argument| match argument {
                CallArg::Kwarg(plural, Expr::Const(form)) => {
                    let known = PLURALS.into_iter().find(|known| language::name(*known) == *plural);
                    Some((known?, form.value.as_str()?.to_owned()))
                }
                _ => None,
            });
            Some(Piece::Plural(name, forms.collect::<Option<_>>()?))
        }
        _ => None,
    }
}

fn test(expression: &Expr<'_>) -> Option<Test> {
    match expression {
        Expr::Var(name) => Name::read(name.id).map(Test::Is),
        Expr::BinOp(compared) if matches!(compared.op, BinOpKind::Eq) => {
            let (Expr::Var(name), Expr::Const(number)) = (&compared.left, &compared.right) else {
                return None;
            };
            let name = Name::read(name.id).filter(|name| name.is_number())?;
            Some(Test::Equals(name, whole(&number.value)?))
        }
        _ => None,
    }
}

/// A whole number that is written as one, and not as a fraction or a yes.
fn whole(value: &Value) -> Option<i64> {
    value.is_integer().then(|| i64::try_from(value.clone()).ok()).flatten()
}

fn render(pieces: &[Piece], context: &Context<'_>, language: &Language, out: &mut String) {
    for piece in pieces {
        match piece {
            Piece::Words(words) => out.push_str(words),
            Piece::Plain(name) => match context.say(*name) {
                Said::Text(text) => out.push_str(text),
                Said::Number(number) => say(out, number),
                Said::Day(day) => say(out, day),
                Said::Money(amount) => out.push_str(&amount.map(plain).unwrap_or_default()),
                Said::Whether(_) => {}
            },
            Piece::Number(name) => match context.say(*name) {
                Said::Number(value) => language.number(value, out),
                Said::Text(_) | Said::Day(_) | Said::Whether(_) | Said::Money(_) => {}
            },
            Piece::Date(name) => match context.say(*name) {
                Said::Day(day) => language.day(day, out),
                Said::Text(_) | Said::Number(_) | Said::Whether(_) | Said::Money(_) => {}
            },
            Piece::Money(name) => {
                if let Said::Money(Some(amount)) = context.say(*name) {
                    language.money(amount, out);
                }
            }
            Piece::Plural(name, forms) => {
                if let Said::Number(value) = context.say(*name) {
                    let plural = language.plural(value);
                    let form = forms.iter().find(|(known, _)| *known == plural);
                    out.push_str(form.map_or("", |(_, form)| form));
                }
            }
            Piece::If(test, then, otherwise) => {
                let branch = if holds(*test, context) { then } else { otherwise };
                render(branch, context, language, out);
            }
        }
    }
}

/// Writing to a text cannot fail.
fn say(out: &mut String, said: impl std::fmt::Display) {
    let _ = write!(out, "{said}");
}

fn holds(test: Test, context: &Context<'_>) -> bool {
    match test {
        Test::Is(name) => match context.say(name) {
            Said::Text(said) => !said.is_empty(),
            Said::Number(number) => number != 0,
            Said::Day(_) => true,
            Said::Whether(whether) => whether,
            Said::Money(amount) => amount.is_some(),
        },
        Test::Equals(name, number) => context.say(name) == Said::Number(number),
    }
}
