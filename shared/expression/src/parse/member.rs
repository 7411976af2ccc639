//! Values: names, what is written out, lists, brackets, and what is asked of each.

use std::ops::Range;

use super::grammar::{Grammar, Part};
use super::literal;
use super::scan::Sort;
use super::term::{Call, Kind, Loop, Term};

/// Words that CEL keeps for itself. As the name of a part they are allowed.
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Where these give `None`, a problem has been said.
impl Grammar<'_> {
    /// A value with what is asked of it: parts, calls, places.
    pub(crate) fn member(&mut self) -> Option<Part> {
        let mut part = self.primary()?;
        loop {
            if let Some(point) = self.take(".") {
                let name = self.token(self.next);
                let name = name.filter(|(sort, text, _)| *sort == Sort::Word && !is_keyword(text));
                let Some((_, name, name_at)) = name else {
                    let mend = "write names like activity.amount";
                    return self.say(point, "a name is missing after the point", mend);
                };
                self.next += 1;
                part = match self.take("(") {
                    Some(open) => self.call(Some(part), name, name_at, &open)?,
                    None => select(part, name, name_at.end),
                };
            } else if let Some(open) = self.take("[") {
                self.inner(&open)?;
                let kind = Kind::Foreign("a place in a list", "write in, exists() or all() instead");
                part = Part::new(part.outer.start..self.end(), kind);
            } else {
                return Some(part);
            }
        }
    }

    fn primary(&mut self) -> Option<Part> {
        let (sort, text, at) = self.token(self.next)?;
        self.next += 1;
        match (sort, text) {
            (Sort::Word, _) => self.word(text, at),
            (Sort::Number, _) => self.number(text, at, false),
            (Sort::Text, _) => {
                let bytes = text.starts_with(['b', 'B']);
                let kind = if bytes {
                    Kind::Foreign("a text of bytes", "write it without the b")
                } else {
                    Kind::Text(literal::text(text))
                };
                Some(Part::new(at, kind))
            }
            (Sort::Sign, "(") => {
                let part = self.inner(&at)?;
                let outer = at.start..self.end();
                Some(Part { outer, ..part })
            }
            (Sort::Sign, "[") => {
                let terms = self.list(&at)?.into_iter().map(|part| part.term).collect();
                Some(Part::new(at.start..self.end(), Kind::List(terms)))
            }
            (Sort::Sign, _) => {
                let (_, number, of) = self.token(self.next)?;
                self.next += 1;
                self.number(number, at.start..of.end, true)
            }
        }
    }

    fn word(&mut self, word: &str, at: Range<usize>) -> Option<Part> {
        let kind = match word {
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            "null" => Kind::Foreign("null", "write !has(name) for what is missing"),
            _ if RESERVED.contains(&word) => {
                return self.say(at, "this word is reserved", "use another name");
            }
            _ => match self.take("(") {
                Some(open) => return self.call(None, word, at, &open),
                None => Kind::Name(word.to_owned()),
            },
        };
        Some(Part::new(at, kind))
    }

    fn number(&mut self, written: &str, at: Range<usize>, negative: bool) -> Option<Part> {
        let unsigned = written.ends_with(['u', 'U']);
        let kind = if unsigned && literal::fits_unsigned(written) {
            Kind::Foreign("a number with a u", "write it without the u")
        } else if written.contains('.') {
            let sign = if negative { "-" } else { "" };
            Kind::Decimal(format!("{sign}{written}"))
        } else if let Some(whole) = literal::whole(written, negative) {
            Kind::Int(whole)
        } else {
            return self.say(at, "this number is larger than can be kept", "write a smaller one");
        };
        Some(Part::new(at, kind))
    }

    /// One expression, and the bracket that closes.
    fn inner(&mut self, open: &Range<usize>) -> Option<Part> {
        self.deepen(open)?;
        if let Some(at) = self.take(self.partner(open)) {
            return self.say(at, "there is nothing between these brackets", "leave them out");
        }
        let part = self.expression()?;
        self.close(open)?;
        Some(part)
    }

    /// Any number of expressions, and the bracket that closes.
    fn list(&mut self, open: &Range<usize>) -> Option<Vec<Part>> {
        self.deepen(open)?;
        let mut parts = Vec::new();
        if self.sign() != self.partner(open) {
            parts.push(self.expression()?);
            while self.take(",").is_some() {
                parts.push(self.expression()?);
            }
        }
        self.close(open)?;
        Some(parts)
    }

    fn close(&mut self, open: &Range<usize>) -> Option<()> {
        if self.take(self.partner(open)).is_none() {
            return self.unexpected(Some(open));
        }
        self.depth -= 1;
        Some(())
    }

    pub(crate) fn partner(&self, open: &Range<usize>) -> &'static str {
        if self.text(open) == "(" { ")" } else { "]" }
    }

    /// A call, or what CEL makes a macro of; its bracket has been taken.
    fn call(&mut self, target: Option<Part>, name: &str, name_at: Range<usize>, open: &Range<usize>) -> Option<Part> {
        let args: Vec<Term> = self.list(open)?.into_iter().map(|part| part.term).collect();
        let start = target.as_ref().map_or(name_at.start, |target| target.outer.start);
        let at = start..self.end();
        let target = target.map(|target| target.term);
        let kind = match (name, target, args.len()) {
            ("has", None, 1) => self.has(args)?,
            ("exists" | "all" | "exists_one" | "existsOne" | "filter" | "map", Some(over), 2)
            | ("map", Some(over), 3) => self.each(name, over, args)?,
            (_, target, _) => Kind::Call(Box::new(Call {
                target,
                name: name.to_owned(),
                name_at,
                args,
            })),
        };
        Some(Part::new(at, kind))
    }

    fn has(&mut self, args: Vec<Term>) -> Option<Kind> {
        let name = args.into_iter().next()?;
        let parts = match &name.kind {
            Kind::Name(name) => name.contains('.'),
            kind => matches!(kind, Kind::Select(_)),
        };
        if !parts {
            let mend = "write has(member.birthday)";
            return self.say(name.at, "has() takes a name with a point in it", mend);
        }
        Some(Kind::Has(Box::new(name)))
    }

    fn each(&mut self, name: &str, over: Term, args: Vec<Term>) -> Option<Kind> {
        let mut args = args.into_iter();
        let (first, body, filter) = (args.next()?, args.next_back()?, args.next());
        let variable = match first.kind {
            Kind::Name(name) if !name.contains('.') => name,
            _ => {
                let mend = "write exists(x, …) with a name of your own for x";
                return self.say(first.at, "a plain name for each of the list is missing", mend);
            }
        };
        Some(Kind::Loop(Box::new(Loop {
            name: name.to_owned(),
            over,
            variable,
            filter,
            body,
        })))
    }
}

/// A word that can be no name.
fn is_keyword(word: &str) -> bool {
    ["in", "true", "false", "null"].contains(&word)
}

fn select(of: Part, name: &str, end: usize) -> Part {
    let at = of.outer.start..end;
    let kind = match of.term.kind {
        Kind::Name(path) => Kind::Name(format!("{path}.{name}")),
        _ => Kind::Select(Box::new(of.term)),
    };
    Part::new(at, kind)
}
