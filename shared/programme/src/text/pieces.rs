//! Texts in pieces: what nearly every text is made of, taken apart when the programme is read.
//!
//! A simulation renders some millions of texts, and the template engine takes most of a decision's time for one. Whatever is
//! not one of these few pieces is left to the engine, whose words these are: each text is rendered both ways when it is read,
//! and a test compares many more.

use std::fmt::Write;

use jiff::civil::Date;

use super::context::{Context, Name, Said};

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
    /// Takes a text apart; none where it is not made of these pieces alone.
    pub(super) fn read(text: &str) -> Option<Self> {
        // The engine drops a last new line.
        if text.ends_with(['\n', '\r']) {
            return None;
        }
        let mut rest = text;
        let (pieces, end) = pieces(&mut rest)?;
        (end == End::Text).then_some(Self {
            pieces,
            usual: text.len() + 64,
        })
    }

    pub(super) fn render(&self, context: &Context<'_>, locale: &str) -> String {
        let mut out = String::with_capacity(self.usual);
        render(&self.pieces, context, locale, &mut out);
        out
    }
}

/// What ended a run of pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Text,
    Else,
    If,
}

fn pieces(rest: &mut &str) -> Option<(Vec<Piece>, End)> {
    let mut pieces = Vec::new();
    loop {
        let start = ["{{", "{%", "{#"].iter().filter_map(|mark| rest.find(mark)).min();
        let (words, marked) = rest.split_at(start.unwrap_or(rest.len()));
        if !words.is_empty() {
            pieces.push(Piece::Words(words.to_owned()));
        }
        if marked.is_empty() {
            *rest = marked;
            return Some((pieces, End::Text));
        }
        if let Some(inside) = marked.strip_prefix("{{") {
            let (inside, after) = inside.split_once("}}")?;
            *rest = after;
            pieces.push(slot(inside)?);
            continue;
        }
        let (inside, after) = marked.strip_prefix("{%")?.split_once("%}")?;
        *rest = after;
        let words: Vec<&str> = inside.split_ascii_whitespace().collect();
        match words.as_slice() {
            ["if", test @ ..] => {
                let test = self::test(test)?;
                let (then, end) = self::pieces(rest)?;
                let (otherwise, end) = match end {
                    End::Else => self::pieces(rest)?,
                    End::If | End::Text => (Vec::new(), end),
                };
                if end != End::If {
                    return None;
                }
                pieces.push(Piece::If(test, then, otherwise));
            }
            ["else"] => return Some((pieces, End::Else)),
            ["endif"] => return Some((pieces, End::If)),
            _ => return None,
        }
    }
}

fn slot(inside: &str) -> Option<Piece> {
    let Some((name, filter)) = inside.split_once('|') else {
        let name = Name::read(inside.trim())?;
        // Yes and no are the engine's to write.
        return (name != Name::Lapses).then_some(Piece::Plain(name));
    };
    let name = Name::read(name.trim())?;
    match filter.trim() {
        "number" if name.is_number() => Some(Piece::Number(name)),
        "date" if name == Name::Date => Some(Piece::Date(name)),
        _ => None,
    }
}

fn test(words: &[&str]) -> Option<Test> {
    match words {
        [name] => Name::read(name).map(Test::Is),
        [name, "==", number] => {
            let name = Name::read(name).filter(|name| name.is_number())?;
            let digits = number.bytes().all(|byte| byte.is_ascii_digit());
            Some(Test::Equals(name, number.parse().ok().filter(|_| digits)?))
        }
        _ => None,
    }
}

fn render(pieces: &[Piece], context: &Context<'_>, locale: &str, out: &mut String) {
    for piece in pieces {
        match piece {
            Piece::Words(words) => out.push_str(words),
            Piece::Plain(name) => match context.say(*name) {
                Said::Text(text) => out.push_str(text),
                Said::Number(number) => say(out, number),
                Said::Day(day) => say(out, day),
                Said::Whether(_) => {}
            },
            Piece::Number(name) => match context.say(*name) {
                Said::Number(value) => number(value, out),
                Said::Text(_) | Said::Day(_) | Said::Whether(_) => {}
            },
            Piece::Date(name) => match context.say(*name) {
                Said::Day(day) => date(day, locale, out),
                Said::Text(_) | Said::Number(_) | Said::Whether(_) => {}
            },
            Piece::If(test, then, otherwise) => {
                let branch = if holds(*test, context) { then } else { otherwise };
                render(branch, context, locale, out);
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
        },
        Test::Equals(name, number) => context.say(name) == Said::Number(number),
    }
}

/// `1234567` as `1,234,567`; both languages group by three.
pub(super) fn number(value: i64, out: &mut String) {
    if value < 0 {
        out.push('-');
    }
    grouped(value.unsigned_abs(), out);
}

/// With noughts before it up to a width.
fn digits(value: i16, width: u32, out: &mut String) {
    if value < 0 {
        out.push('-');
    }
    let value = value.unsigned_abs();
    for (place, unit) in [(4, 1_000), (3, 100), (2, 10), (1, 1)] {
        if width >= place || value >= unit {
            let digit = u8::try_from(value / unit % 10).unwrap_or_default();
            out.push(char::from(b'0' + digit));
        }
    }
}

/// Digit by digit, since nearly every message tells of two numbers.
fn grouped(value: u64, out: &mut String) {
    let (more, group) = (value / 1_000, value % 1_000);
    if more > 0 {
        grouped(more, out);
        out.push(',');
    }
    for unit in [100, 10, 1] {
        if more > 0 || group >= unit || unit == 1 {
            let digit = u8::try_from(group / unit % 10).unwrap_or_default();
            out.push(char::from(b'0' + digit));
        }
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A day as the locale writes it: `31 January 1998`, `1998年1月31日`.
pub(super) fn date(date: Date, locale: &str, out: &mut String) {
    let (year, month, day) = (date.year(), date.month(), date.day());
    if locale.starts_with("zh") {
        for (number, width, unit) in [(year, 4, "年"), (i16::from(month), 1, "月"), (i16::from(day), 1, "日")] {
            digits(number, width, out);
            out.push_str(unit);
        }
    } else {
        let name = usize::try_from(month - 1).ok().and_then(|place| MONTHS.get(place));
        digits(i16::from(day), 1, out);
        out.push(' ');
        out.push_str(name.copied().unwrap_or_default());
        out.push(' ');
        digits(year, 4, out);
    }
}
