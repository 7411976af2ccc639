//! From the parser's tree, whose places are those of single words and whose loops are taken apart, to one's own.

use std::ops::Range;

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, SelectExpr, SourceInfo, operators};
use cel::parser::Parser;

use super::scan::Token;
use super::term::{Call, Kind, Loop, Term};
use super::{grammar, scan};
use crate::Problem;
use crate::tree::{Op, Order};

struct Reader<'a> {
    source: &'a str,
    tokens: &'a [Token],
    /// Of brackets, inner ones first.
    pairs: &'a [Range<usize>],
    places: SourceInfo,
}

pub(crate) fn read(source: &str) -> Result<Term, Vec<Problem>> {
    let tokens = scan::scan(source)?;
    let pairs = grammar::check(source, &tokens)?;
    let (tree, places) = Parser::new().parse_with_source_info(source).map_err(|errors| {
        let first = errors.errors.first();
        vec![refused(
            source,
            first.map_or((1, 1), |error| error.pos),
            first.map_or("", |error| &error.msg),
        )]
    })?;
    let reader = Reader {
        source,
        tokens: &tokens,
        pairs: &pairs,
        places,
    };
    Ok(reader.term(&tree))
}

/// What the parser alone finds, in our words; it counts lines and columns from 1.
fn refused(source: &str, (line, column): (isize, isize), message: &str) -> Problem {
    let (line, column) = (usize::try_from(line).unwrap_or(1), usize::try_from(column).unwrap_or(1));
    let before: usize = source
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let rest = source.get(before..).unwrap_or_default();
    let (start, length) = rest
        .char_indices()
        .nth(column.saturating_sub(1))
        .map_or((source.len(), 0), |(at, first)| (before + at, first.len_utf8()));
    let at = start..start + length;
    if message.contains("string literal") {
        return Problem::error(at, "this text has a \\ that means nothing").mend("write \\\\ for one \\");
    }
    if message.contains("int literal") {
        return Problem::error(at, "this number is larger than can be kept").mend("write a smaller one");
    }
    if message.contains("reserved") {
        return Problem::error(at, "this word is reserved").mend("use another name");
    }
    if message.contains("simple name") {
        return Problem::error(at, "a plain name for each of the list is missing")
            .mend("write exists(x, …) with a name of your own for x");
    }
    if message.contains("has()") {
        return Problem::error(at, "has() takes a name with a point in it").mend("write has(member.birthday)");
    }
    Problem::error(at, "this cannot be read").mend("put brackets around the parts")
}

impl Reader<'_> {
    fn place(&self, id: u64) -> Range<usize> {
        let (start, stop) = self.places.offset_for(id).unwrap_or((0, 0));
        start as usize..(stop as usize + 1).min(self.source.len())
    }

    fn text(&self, at: Range<usize>) -> &str {
        self.source.get(at).unwrap_or_default()
    }

    /// The word or sign that is so many after the one that starts there.
    fn token(&self, start: usize, ahead: isize) -> Option<&Token> {
        let index = self.tokens.partition_point(|token| token.at.start < start);
        self.tokens.get(index.checked_add_signed(ahead)?)
    }

    /// Widened to both of each bracket that it cuts.
    fn whole(&self, mut at: Range<usize>) -> Range<usize> {
        for pair in self.pairs {
            let (opens, closes) = (at.contains(&pair.start), at.contains(&(pair.end - 1)));
            if opens != closes {
                at = at.start.min(pair.start)..at.end.max(pair.end);
            }
        }
        at
    }

    /// The end of the bracket that opens there.
    fn closing(&self, open: usize) -> usize {
        let pair = self.pairs.iter().find(|pair| pair.start == open);
        pair.map_or(self.source.len(), |pair| pair.end)
    }

    fn term(&self, tree: &IdedExpr) -> Term {
        let at = self.place(tree.id);
        match &tree.expr {
            Expr::Literal(literal) => self.literal(literal, at),
            Expr::Ident(name) => Term {
                at,
                kind: Kind::Name(name.clone()),
            },
            Expr::Select(select) => self.select(select, at),
            Expr::List(list) => Term {
                at: at.start..self.closing(at.start),
                kind: Kind::List(list.elements.iter().map(|element| self.term(element)).collect()),
            },
            Expr::Call(call) => self.call(call, at),
            Expr::Comprehension(parts) => self.comprehension(parts, at),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => Term {
                at,
                kind: Kind::Foreign("a record with {}", "write a list as [\"a\", \"b\"]"),
            },
        }
    }

    fn literal(&self, literal: &LiteralValue, at: Range<usize>) -> Term {
        let kind = match literal {
            LiteralValue::Boolean(yes) => Kind::Bool(*yes.inner()),
            LiteralValue::Int(whole) => Kind::Int(*whole.inner()),
            LiteralValue::Double(_) => Kind::Decimal,
            LiteralValue::String(text) => Kind::Text(text.inner().to_owned()),
            LiteralValue::UInt(_) => Kind::Foreign("a number with a u", "write it without the u"),
            LiteralValue::Bytes(_) => Kind::Foreign("a text of bytes", "write it without the b"),
            LiteralValue::Null => Kind::Foreign("null", "write !has(name) for what is missing"),
        };
        let number = matches!(literal, LiteralValue::Int(_) | LiteralValue::Double(_));
        Term {
            at: if number { self.signed(literal, at) } else { at },
            kind,
        }
    }

    /// A number's place with the sign that the parser has taken into it.
    fn signed(&self, literal: &LiteralValue, at: Range<usize>) -> Range<usize> {
        let negative = match literal {
            LiteralValue::Int(whole) => *whole.inner() < 0,
            LiteralValue::Double(number) => number.inner().is_sign_negative(),
            _ => false,
        };
        let sign = self
            .token(at.start, -1)
            .filter(|token| self.text(token.at.clone()) == "-");
        match sign {
            Some(sign) if negative => sign.at.start..at.end,
            _ => at,
        }
    }

    /// `at` is the point's, or in `has(a.b)` the bracket's.
    fn select(&self, select: &SelectExpr, at: Range<usize>) -> Term {
        let operand = self.term(&select.operand);
        if select.test {
            let inner = operand.at.start
                ..self
                    .token(self.closing(at.start) - 1, 0)
                    .map_or(at.end, |close| close.at.start);
            let named = Term {
                at: inner.start..inner.start + self.text(inner).trim_end().len(),
                kind: path(operand, &select.field),
            };
            let start = self.token(at.start, -1).map_or(at.start, |word| word.at.start);
            return Term {
                at: start..self.closing(at.start),
                kind: Kind::Has(Box::new(named)),
            };
        }
        let end = self.token(at.start, 1).map_or(at.end, |word| word.at.end);
        Term {
            at: self.whole(operand.at.start..end),
            kind: path(operand, &select.field),
        }
    }

    fn call(&self, call: &CallExpr, at: Range<usize>) -> Term {
        let terms: Vec<Term> = call.args.iter().map(|arg| self.term(arg)).collect();
        if let Some(term) = self.operator(call, &at, &terms) {
            return term;
        }
        // `at` is the bracket's that opens.
        let target = call.target.as_deref().map(|target| self.term(target));
        let name_at = self.token(at.start, -1).map_or(at.clone(), |word| word.at.clone());
        let start = target.as_ref().map_or(name_at.start, |target| target.at.start);
        Term {
            at: self.whole(start..self.closing(at.start)),
            kind: Kind::Call(Box::new(Call {
                target,
                name: call.func_name.clone(),
                name_at,
                args: terms,
            })),
        }
    }

    fn operator(&self, call: &CallExpr, at: &Range<usize>, terms: &[Term]) -> Option<Term> {
        let name = call.func_name.as_str();
        let (first, last) = (terms.first()?, terms.last()?);
        let all = self.whole(first.at.start.min(at.start)..last.at.end.max(at.end));
        let two = || Box::new((first.clone(), last.clone()));
        let kind = match (name, terms) {
            (operators::LOGICAL_AND, _) => Kind::All(flat(terms, |kind| match kind {
                Kind::All(terms) => Some(terms),
                _ => None,
            })),
            (operators::LOGICAL_OR, _) => Kind::Any(flat(terms, |kind| match kind {
                Kind::Any(terms) => Some(terms),
                _ => None,
            })),
            (operators::LOGICAL_NOT, _) => Kind::Not(Box::new(first.clone())),
            (operators::NEGATE, _) => Kind::Negated(Box::new(first.clone())),
            (operators::IN, _) => Kind::In(two()),
            (operators::CONDITIONAL, [test, then, other]) => {
                Kind::If(Box::new((test.clone(), then.clone(), other.clone())))
            }
            (operators::INDEX, _) => Kind::Foreign("a place in a list", "write in, exists() or all() instead"),
            _ => match (order(name), op(name)) {
                (Some(order), _) => Kind::Compare(order, two()),
                (_, Some(op)) => Kind::Reckon(op, two()),
                _ => return None,
            },
        };
        Some(Term { at: all, kind })
    }

    /// A loop by the name it was written with; `at` is the bracket's that opens.
    fn comprehension(&self, parts: &ComprehensionExpr, at: Range<usize>) -> Term {
        let over = self.term(&parts.iter_range);
        let name = self.token(at.start, -1).map_or("", |word| self.text(word.at.clone()));
        let place = self.whole(over.at.start..self.closing(at.start));
        let step = match &parts.loop_step.expr {
            Expr::Call(call) => call.args.as_slice(),
            _ => &[],
        };
        let (filter, body) = match (name, step) {
            ("exists" | "all", [_, body]) | ("exists_one" | "existsOne" | "filter", [body, ..]) => (None, Some(body)),
            ("map", [filter, added, _]) => (Some(filter), mapped(added)),
            ("map", [_, list]) => (None, element(list)),
            _ => (None, None),
        };
        let Some(body) = body else {
            let kind = Kind::Foreign("this loop", "write exists(), all(), exists_one(), filter() or map()");
            return Term { at: place, kind };
        };
        let kind = Kind::Loop(Box::new(Loop {
            name: name.to_owned(),
            over,
            variable: parts.iter_var.clone(),
            filter: filter.map(|filter| self.term(filter)),
            body: self.term(body),
        }));
        Term { at: place, kind }
    }
}

/// What a `map` adds to its result.
fn mapped(added: &IdedExpr) -> Option<&IdedExpr> {
    match &added.expr {
        Expr::Call(call) => element(call.args.last()?),
        _ => None,
    }
}

fn element(list: &IdedExpr) -> Option<&IdedExpr> {
    match &list.expr {
        Expr::List(list) => list.elements.first(),
        _ => None,
    }
}

fn path(operand: Term, field: &str) -> Kind {
    match operand.kind {
        Kind::Name(name) => Kind::Name(format!("{name}.{field}")),
        foreign @ Kind::Foreign(..) => foreign,
        _ => Kind::Select,
    }
}

/// The parts of parts of the same kind, since the parser makes a balanced tree of a chain.
fn flat(terms: &[Term], same: impl Fn(&Kind) -> Option<&Vec<Term>>) -> Vec<Term> {
    let parts = terms.iter().flat_map(|term| match same(&term.kind) {
        Some(parts) => parts.clone(),
        None => vec![term.clone()],
    });
    parts.collect()
}

fn order(name: &str) -> Option<Order> {
    Some(match name {
        operators::EQUALS => Order::Equal,
        operators::NOT_EQUALS => Order::Unequal,
        operators::LESS => Order::Less,
        operators::LESS_EQUALS => Order::AtMost,
        operators::GREATER => Order::More,
        operators::GREATER_EQUALS => Order::AtLeast,
        _ => return None,
    })
}

fn op(name: &str) -> Option<Op> {
    Some(match name {
        operators::ADD => Op::Add,
        operators::SUBSTRACT => Op::Subtract,
        operators::MULTIPLY => Op::Multiply,
        operators::DIVIDE => Op::Divide,
        operators::MODULO => Op::Remainder,
        _ => return None,
    })
}
