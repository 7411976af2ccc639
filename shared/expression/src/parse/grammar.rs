//! Whether words and signs follow each other as they may. What a parser says of a mistake lists all it had expected; here
//! it is known what was meant.

use std::ops::Range;

use super::scan::{Kind, Token};
use crate::Problem;

/// Brackets and conditional parts inside one another.
const DEEPEST: usize = 32;

/// An open bracket, or the `?` of a conditional that waits for its `:`.
struct Open<'a> {
    sign: &'a str,
    at: Range<usize>,
}

pub(crate) struct Grammar<'a> {
    source: &'a str,
    tokens: &'a [Token],
    open: Vec<Open<'a>>,
    problems: Vec<Problem>,
    /// Each bracket's start and its partner's end, inner ones first.
    pairs: Vec<Range<usize>>,
}

/// The pairs of brackets, inner ones first; or all that is out of place.
pub(crate) fn check(source: &str, tokens: &[Token]) -> Result<Vec<Range<usize>>, Vec<Problem>> {
    let mut grammar = Grammar {
        source,
        tokens,
        open: Vec::new(),
        problems: Vec::new(),
        pairs: Vec::new(),
    };
    grammar.run();
    if grammar.problems.is_empty() {
        Ok(grammar.pairs)
    } else {
        Err(grammar.problems)
    }
}

impl<'a> Grammar<'a> {
    fn text(&self, index: usize) -> &'a str {
        let token = self.tokens.get(index);
        token
            .and_then(|token| self.source.get(token.at.clone()))
            .unwrap_or_default()
    }

    fn say(&mut self, at: Range<usize>, what: impl Into<String>, mend: &str) {
        self.problems.push(Problem::error(at, what).mend(mend));
    }

    fn run(&mut self) {
        if self.tokens.is_empty() {
            return self.say(
                0..self.source.len(),
                "there is nothing here",
                "write a condition or a number",
            );
        }
        // Whether a value comes next, and not what joins one to another.
        let mut wants_value = true;
        for (index, token) in self.tokens.iter().enumerate() {
            wants_value = if wants_value {
                self.value(index, token)
            } else {
                self.joint(index, token)
            };
            if self.open.len() > DEEPEST {
                let what = format!("this is nested more than {DEEPEST} deep");
                return self.say(token.at.clone(), what, "split it into several conditions");
            }
            // What follows the first mistakes of order is only their shadow.
            if self.problems.len() > 1 || (self.text(index) == "{" && !self.problems.is_empty()) {
                break;
            }
        }
        let last = self.tokens.len().saturating_sub(1);
        if wants_value && self.problems.is_empty() {
            let at = self.tokens.last().map_or(0..0, |token| token.at.clone());
            let what = format!("something is missing after {}", self.text(last));
            self.say(at, what, "write a name or a value after it");
        }
        while let Some(open) = self.open.pop() {
            self.unclosed(&open);
        }
    }

    fn unclosed(&mut self, open: &Open<'_>) {
        let at = open.at.clone();
        match open.sign {
            "?" => self.say(at, "this ? has no :", "write condition ? value : other value"),
            "[" => self.say(at, "this [ is not closed", "add the ] that is missing"),
            _ => self.say(at, "this ( is not closed", "add the ) that is missing"),
        }
    }

    /// At a place where a value should start; returns whether one still should.
    fn value(&mut self, index: usize, token: &Token) -> bool {
        let sign = self.text(index);
        match (token.kind, sign) {
            (Kind::Word, "not") => {
                self.say(
                    token.at.clone(),
                    "there is no word \"not\" here",
                    "write ! before the condition",
                );
                true
            }
            (Kind::Word, "if" | "when" | "where")
                if self.tokens.get(index + 1).is_some_and(|next| next.kind == Kind::Word) =>
            {
                let what = format!("there is no word {sign:?} here");
                self.say(
                    token.at.clone(),
                    what,
                    "write condition ? value : other value, or the condition alone",
                );
                true
            }
            (Kind::Word, "in") => self.missing_before(index, token),
            (Kind::Word | Kind::Number | Kind::Text, _) => false,
            (Kind::Sign, "!" | "-") => true,
            (Kind::Sign, "(" | "[") => {
                let at = token.at.clone();
                self.open.push(Open { sign, at });
                true
            }
            (Kind::Sign, ")" | "]") if index > 0 && ["(", "["].contains(&self.text(index - 1)) => {
                let empty_group = sign == ")" && !self.is_call(index - 1);
                if empty_group {
                    self.say(
                        token.at.clone(),
                        "there is nothing between these brackets",
                        "leave them out",
                    );
                }
                self.close(sign, token);
                false
            }
            (Kind::Sign, "{") => {
                self.say(
                    token.at.clone(),
                    "there are no {} here",
                    "write a list as [\"a\", \"b\"]",
                );
                true
            }
            (Kind::Sign, _) => self.missing_before(index, token),
        }
    }

    /// Whether the bracket there is a call's.
    fn is_call(&self, index: usize) -> bool {
        let before = index.checked_sub(1).and_then(|before| self.tokens.get(before));
        before.is_some_and(|before| before.kind == Kind::Word)
    }

    fn missing_before(&mut self, index: usize, token: &Token) -> bool {
        let what = format!("something is missing before {}", self.text(index));
        self.say(token.at.clone(), what, "write a name or a value before it");
        // So that the bracket is not said to be open as well.
        if [")", "]"].contains(&self.text(index)) {
            self.close(self.text(index), token);
            return false;
        }
        true
    }

    /// At a place where a value has ended; returns whether one should start.
    fn joint(&mut self, index: usize, token: &Token) -> bool {
        let sign = self.text(index);
        match (token.kind, sign) {
            (Kind::Sign, "?") => {
                let at = token.at.clone();
                self.open.push(Open { sign, at });
                true
            }
            (Kind::Sign, ":") => self.colon(token),
            (Kind::Sign, ",") => {
                self.drop_conditionals();
                if self.open.is_empty() {
                    self.say(
                        token.at.clone(),
                        "this comma joins nothing",
                        "write && where both must hold",
                    );
                }
                true
            }
            (Kind::Sign, "(") if !self.is_call(index) => {
                self.say(
                    token.at.clone(),
                    "an operator is missing before this (",
                    "write && where both must hold",
                );
                self.open.push(Open {
                    sign,
                    at: token.at.clone(),
                });
                true
            }
            (Kind::Sign, "(" | "[") => {
                self.open.push(Open {
                    sign,
                    at: token.at.clone(),
                });
                true
            }
            (Kind::Sign, ")" | "]") => {
                self.close(sign, token);
                false
            }
            (Kind::Sign, "!" | "{" | "}") => {
                let what = format!("{sign} cannot stand here");
                self.say(token.at.clone(), what, "write && or || where another condition starts");
                true
            }
            (Kind::Sign, ".") => {
                let named = self.tokens.get(index + 1).is_some_and(|next| next.kind == Kind::Word);
                if !named {
                    self.say(
                        token.at.clone(),
                        "a name is missing after the point",
                        "write names like activity.amount",
                    );
                }
                named
            }
            (Kind::Sign, _) | (Kind::Word, "in") => true,
            _ => self.word(index, token),
        }
    }

    /// A value right after another.
    fn word(&mut self, index: usize, token: &Token) -> bool {
        let word = self.text(index);
        let lower = word.to_ascii_lowercase();
        let right = match lower.as_str() {
            _ if token.kind != Kind::Word => None,
            "and" => Some("&&"),
            "or" => Some("||"),
            "is" | "eq" | "equals" => Some("=="),
            "not" | "isnt" | "ne" => Some("!="),
            "mod" => Some("%"),
            "then" => Some("?"),
            "else" => Some(":"),
            "contains" | "like" => Some(".contains(\"…\") after the name"),
            "in" => Some("in"),
            _ => None,
        };
        if let Some(right) = right {
            let what = format!("there is no word {word:?} here");
            self.say(token.at.clone(), what, &format!("write {right}"));
            return true;
        }
        let what = format!("an operator is missing before {word}");
        self.say(
            token.at.clone(),
            what,
            "write && where both must hold, or == to compare",
        );
        false
    }

    fn colon(&mut self, token: &Token) -> bool {
        if self.open.last().is_some_and(|open| open.sign == "?") {
            self.open.pop();
        } else {
            self.say(
                token.at.clone(),
                "this : has no ?",
                "write condition ? value : other value",
            );
        }
        true
    }

    fn drop_conditionals(&mut self) {
        while let Some(open) = self.open.pop_if(|open| open.sign == "?") {
            self.unclosed(&open);
        }
    }

    fn close(&mut self, sign: &str, token: &Token) {
        self.drop_conditionals();
        let partner = if sign == ")" { "(" } else { "[" };
        if let Some(open) = self.open.pop_if(|open| open.sign == partner) {
            self.pairs.push(open.at.start..token.at.end);
        } else if let Some(open) = self.open.pop() {
            let right = if open.sign == "(" { ")" } else { "]" };
            let what = format!("this {sign} cannot close a {}", open.sign);
            self.say(token.at.clone(), what, &format!("write {right}"));
        } else {
            let mend = format!("leave it out, or add the {partner} that is missing");
            self.say(token.at.clone(), format!("this {sign} closes nothing"), &mend);
        }
    }
}
