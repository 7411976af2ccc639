//! From words and signs to a tree, by the grammar of CEL: its precedence, its associativity, and its macros as what they
//! are. A source has few words and is hardly nested, so that what recurses here or later never overflows the stack.

use std::ops::Range;

use super::scan::{self, Sort, Token};
use super::term::{Kind, Term};
use crate::Problem;
use crate::tree::{Op, Order};

/// Brackets and conditional parts inside one another.
const DEEPEST: usize = 32;

pub(crate) struct Grammar<'a> {
    pub(crate) source: &'a str,
    pub(crate) tokens: &'a [Token],
    /// The token at hand.
    pub(crate) next: usize,
    pub(crate) depth: usize,
    pub(crate) problems: Vec<Problem>,
}

/// A term, and its place with the brackets around it.
pub(crate) struct Part {
    pub(crate) term: Term,
    pub(crate) outer: Range<usize>,
}

impl Part {
    pub(crate) fn new(at: Range<usize>, kind: Kind) -> Self {
        let outer = at.clone();
        let term = Term { at, kind };
        Self { term, outer }
    }
}

/// What joins two values.
#[derive(Clone, Copy)]
enum Joint {
    Any,
    All,
    Compare(Order),
    In,
    Reckon(Op),
}

/// What a source means, or the first that is wrong with it.
pub(crate) fn read(source: &str) -> Result<Term, Vec<Problem>> {
    let tokens = scan::scan(source)?;
    let mut grammar = Grammar {
        source,
        tokens: &tokens,
        next: 0,
        depth: 0,
        problems: Vec::new(),
    };
    match grammar.all() {
        Some(term) if grammar.problems.is_empty() => Ok(term),
        _ => Err(grammar.problems),
    }
}

/// Where these give `None`, a problem has been said, and what follows would only be its shadow.
impl<'a> Grammar<'a> {
    pub(crate) fn text(&self, at: &Range<usize>) -> &'a str {
        self.source.get(at.clone()).unwrap_or_default()
    }

    pub(crate) fn token(&self, index: usize) -> Option<(Sort, &'a str, Range<usize>)> {
        let token = self.tokens.get(index)?;
        Some((token.sort, self.text(&token.at), token.at.clone()))
    }

    /// The sign at hand, or nothing.
    pub(crate) fn sign(&self) -> &'a str {
        match self.token(self.next) {
            Some((Sort::Sign, sign, _)) => sign,
            _ => "",
        }
    }

    /// Takes that sign, if it is at hand.
    pub(crate) fn take(&mut self, sign: &str) -> Option<Range<usize>> {
        let (_, _, at) = self.token(self.next).filter(|_| self.sign() == sign)?;
        self.next += 1;
        Some(at)
    }

    /// Where what has been taken ends.
    pub(crate) fn end(&self) -> usize {
        let last = self.next.checked_sub(1).and_then(|last| self.tokens.get(last));
        last.map_or(0, |token| token.at.end)
    }

    pub(crate) fn say<T>(&mut self, at: Range<usize>, what: impl Into<String>, mend: &str) -> Option<T> {
        self.problems.push(Problem::error(at, what).mend(mend));
        None
    }

    pub(crate) fn deepen(&mut self, at: &Range<usize>) -> Option<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let what = format!("this is nested more than {DEEPEST} deep");
            return self.say(at.clone(), what, "split it into several conditions");
        }
        Some(())
    }

    fn all(&mut self) -> Option<Term> {
        if self.tokens.is_empty() {
            let mend = "write a condition or a number";
            return self.say(0..self.source.len(), "there is nothing here", mend);
        }
        let part = self.expression()?;
        if self.next < self.tokens.len() {
            return self.unexpected(None);
        }
        Some(part.term)
    }

    /// `a ? b : c`, where c alone may be another such without brackets.
    pub(crate) fn expression(&mut self) -> Option<Part> {
        let test = self.joined(0)?;
        let Some(question) = self.take("?") else {
            return Some(test);
        };
        self.deepen(&question)?;
        let then = self.joined(0)?;
        if let Some(at) = self.take("?") {
            return self.say(at, "one ? stands inside another", "put the inner one into brackets");
        }
        if self.take(":").is_none() {
            return self.say(question, "this ? has no :", "write condition ? value : other value");
        }
        self.depth -= 1;
        let other = self.expression()?;
        let at = test.outer.start..other.outer.end;
        let parts = Box::new((test.term, then.term, other.term));
        Some(Part::new(at, Kind::If(parts)))
    }

    /// Values that are joined at least so tightly.
    pub(crate) fn joined(&mut self, least: u8) -> Option<Part> {
        let mut left = self.unary()?;
        loop {
            let Some((tightness, joint)) = self.joint() else {
                if self.slipped()? {
                    // For its mistakes alone.
                    self.joined(0)?;
                    continue;
                }
                return Some(left);
            };
            if tightness < least {
                return Some(left);
            }
            self.next += 1;
            let right = self.joined(tightness + 1)?;
            left = join(joint, left, right);
        }
    }

    fn joint(&self) -> Option<(u8, Joint)> {
        let (_, text, _) = self.token(self.next).filter(|(sort, ..)| *sort != Sort::Text)?;
        Some(match text {
            "||" => (0, Joint::Any),
            "&&" => (1, Joint::All),
            "==" => (2, Joint::Compare(Order::Equal)),
            "!=" => (2, Joint::Compare(Order::Unequal)),
            "<" => (2, Joint::Compare(Order::Less)),
            "<=" => (2, Joint::Compare(Order::AtMost)),
            ">" => (2, Joint::Compare(Order::More)),
            ">=" => (2, Joint::Compare(Order::AtLeast)),
            "in" => (2, Joint::In),
            "+" => (3, Joint::Reckon(Op::Add)),
            "-" => (3, Joint::Reckon(Op::Subtract)),
            "*" => (4, Joint::Reckon(Op::Multiply)),
            "/" => (4, Joint::Reckon(Op::Divide)),
            "%" => (4, Joint::Reckon(Op::Remainder)),
            _ => return None,
        })
    }

    /// Two signs of a kind take each other back.
    fn unary(&mut self) -> Option<Part> {
        self.wanted()?;
        let (start, sign) = (self.next, self.sign());
        if !["!", "-"].contains(&sign) || self.signed() {
            return self.member();
        }
        let (_, _, first) = self.token(start)?;
        while self.sign() == sign {
            self.next += 1;
        }
        let odd = (self.next - start) % 2 == 1;
        self.wanted()?;
        if let (Some((_, other, at)), false) = (self.token(self.next), self.signed())
            && ["!", "-"].contains(&other)
        {
            let what = format!("{other} cannot stand right after {sign}");
            return self.say(at, what, &format!("write {sign}({other}…)"));
        }
        let mut part = self.member()?;
        let outer = first.start..part.outer.end;
        if odd {
            let inner = Box::new(part.term);
            let kind = if sign == "!" {
                Kind::Not(inner)
            } else {
                Kind::Negated(inner)
            };
            return Some(Part::new(outer, kind));
        }
        part.outer = outer;
        Some(part)
    }

    /// Whether a number with its sign is at hand.
    pub(crate) fn signed(&self) -> bool {
        let number = self.token(self.next + 1);
        let signs = number.is_some_and(|(sort, text, _)| sort == Sort::Number && !text.ends_with(['u', 'U']));
        self.sign() == "-" && signs
    }
}

fn join(joint: Joint, left: Part, right: Part) -> Part {
    let at = left.outer.start..right.outer.end;
    let kind = match joint {
        Joint::Any => Kind::Any(chain(left, right, false)),
        Joint::All => Kind::All(chain(left, right, true)),
        Joint::Compare(order) => Kind::Compare(order, Box::new((left.term, right.term))),
        Joint::In => Kind::In(Box::new((left.term, right.term))),
        Joint::Reckon(op) => Kind::Reckon(op, Box::new((left.term, right.term))),
    };
    Part::new(at, kind)
}

/// What `&&` or `||` joins, however it is put into brackets.
fn chain(left: Part, right: Part, all: bool) -> Vec<Term> {
    let mut terms = Vec::new();
    for part in [left, right] {
        match (part.term.kind, all) {
            (Kind::All(mut same), true) | (Kind::Any(mut same), false) => terms.append(&mut same),
            (kind, _) => terms.push(Term { kind, ..part.term }),
        }
    }
    terms
}
