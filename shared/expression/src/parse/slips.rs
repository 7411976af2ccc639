//! What is said where a word or sign stands that cannot stand there. A parser usually lists all it had expected; here it
//! is known what was meant.

use std::ops::Range;

use super::grammar::Grammar;
use super::scan::Sort;

impl Grammar<'_> {
    /// At a place where a value should start: skips what does not start one, as long as that is a single mistake.
    pub(crate) fn wanted(&mut self) -> Option<()> {
        loop {
            let Some((sort, text, at)) = self.token(self.next) else {
                return self.missing_after();
            };
            match (sort, text) {
                (Sort::Word, "in") => {}
                (Sort::Word, _) if !self.foreign(text) => return Some(()),
                (Sort::Number | Sort::Text, _) | (Sort::Sign, "!" | "-" | "(" | "[") => return Some(()),
                _ => {}
            }
            match (sort, text) {
                (Sort::Word, "not") => self.say(at, "there is no word \"not\" here", "write ! before the condition"),
                (Sort::Word, word) if word != "in" => {
                    let mend = "write condition ? value : other value, or the condition alone";
                    self.say(at, format!("there is no word {word:?} here"), mend)
                }
                (_, "{") => return self.say(at, "there are no {} here", "write a list as [\"a\", \"b\"]"),
                _ => {
                    let what = format!("something is missing before {text}");
                    self.say(at, what, "write a name or a value before it")
                }
            }
            .or_else(|| self.goes_on())?;
            if [")", "]"].contains(&text) {
                return None;
            }
            self.next += 1;
        }
    }

    /// Whether the word at hand is of another language, by what follows it: as a name it could not stand before that.
    fn foreign(&self, word: &str) -> bool {
        let (sort, next, _) = match self.token(self.next + 1) {
            Some(next) if ["not", "if", "when", "where"].contains(&word) => next,
            _ => return false,
        };
        match sort {
            Sort::Word => next != "in",
            Sort::Number | Sort::Text => word == "not",
            Sort::Sign => word == "not" && next == "!",
        }
    }

    fn missing_after(&mut self) -> Option<()> {
        let (_, text, at) = self.token(self.tokens.len().saturating_sub(1))?;
        if self.problems.is_empty() {
            let what = format!("something is missing after {text}");
            return self.say(at, what, "write a name or a value after it");
        }
        None
    }

    /// After a first mistake others are looked for, after a second none.
    fn goes_on(&self) -> Option<()> {
        (self.problems.len() < 2).then_some(())
    }

    /// Where a value has ended: whether what follows should have been an operator. What stands for one is skipped.
    pub(crate) fn slipped(&mut self) -> Option<bool> {
        let Some((sort, text, at)) = self.token(self.next) else {
            return Some(false);
        };
        let join = "write && where both must hold";
        let said: Option<()> = match (sort, text) {
            (Sort::Sign, "(") => self.say(at, "an operator is missing before this (", join),
            (Sort::Sign, "!" | "{" | "}") => {
                let what = format!("{text} cannot stand here");
                self.say(at, what, "write && or || where another condition starts")
            }
            (Sort::Sign, _) => return Some(false),
            (Sort::Word, "not") if self.token(self.next + 1).is_some_and(|(_, next, _)| next == "in") => {
                self.next += 2;
                self.say(at, "there is no word \"not\" here", "write !(name in list)")
            }
            (Sort::Word, word) if let Some(right) = right(word) => {
                self.next += 1;
                self.say(at, format!("there is no word {word:?} here"), &format!("write {right}"))
            }
            _ => {
                let what = format!("an operator is missing before {text}");
                self.say(at, what, "write && where both must hold, or == to compare")
            }
        };
        said.or_else(|| self.goes_on().filter(|()| !["{", "}"].contains(&text)))?;
        Some(true)
    }

    /// Where an expression has ended, inside that bracket or in none, and what should close it is not there.
    pub(crate) fn unexpected<T>(&mut self, open: Option<&Range<usize>>) -> Option<T> {
        let Some((_, text, at)) = self.token(self.next) else {
            let open = open?;
            let (sign, close) = (self.text(open), self.partner(open));
            let what = format!("this {sign} is not closed");
            return self.say(open.clone(), what, &format!("add the {close} that is missing"));
        };
        match (text, open) {
            (",", _) => self.say(at, "this comma joins nothing", "write && where both must hold"),
            (":", _) => self.say(at, "this : has no ?", "write condition ? value : other value"),
            (_, Some(open)) => {
                let what = format!("this {text} cannot close a {}", self.text(open));
                let mend = format!("write {}", self.partner(open));
                self.say(at, what, &mend)
            }
            (_, None) => {
                let partner = if text == ")" { "(" } else { "[" };
                let mend = format!("leave it out, or add the {partner} that is missing");
                self.say(at, format!("this {text} closes nothing"), &mend)
            }
        }
    }
}

/// What a word between two values is here.
fn right(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "and" => "&&",
        "or" => "||",
        "is" | "eq" | "equals" => "==",
        "not" | "isnt" | "ne" => "!=",
        "mod" => "%",
        "then" => "?",
        "else" => ":",
        "contains" | "like" => ".contains(\"…\") after the name",
        "in" => "in",
        _ => return None,
    })
}
