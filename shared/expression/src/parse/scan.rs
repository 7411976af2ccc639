//! The words and signs of a source, of which there are only so many.

use std::ops::Range;

use super::literal::escape;
use crate::Problem;

/// In bytes.
pub(crate) const LONGEST: usize = 2_000;
/// Words and signs.
const MOST: usize = 400;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Word,
    Number,
    Text,
    Sign,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) at: Range<usize>,
    pub(crate) sort: Sort,
}

/// Longest first.
const SIGNS: [&str; 23] = [
    "==", "!=", "<=", ">=", "&&", "||", "(", ")", "[", "]", "{", "}", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":",
    ",",
];

/// What is written in other languages, and what it is here.
const FOREIGN: [(&str, &str); 10] = [
    ("===", "=="),
    ("!==", "!="),
    ("<>", "!="),
    ("=<", "<="),
    ("=>", ">="),
    ("=", "=="),
    ("&", "&&"),
    ("|", "||"),
    ("×", "*"),
    ("÷", "/"),
];

/// All words and signs, or what is none.
pub(crate) fn scan(source: &str) -> Result<Vec<Token>, Vec<Problem>> {
    if source.len() > LONGEST {
        let what = format!("this is {} bytes long, and {LONGEST} is the most", source.len());
        return Err(vec![
            Problem::error(0..source.len(), what).mend("split it into several conditions"),
        ]);
    }
    let mut scanner = Scanner {
        source,
        at: 0,
        tokens: Vec::new(),
        problems: Vec::new(),
    };
    while scanner.at < source.len() {
        scanner.next();
    }
    if let Some(token) = scanner.tokens.get(MOST) {
        let what = format!("there are more than {MOST} words and signs");
        let at = token.at.start..source.len();
        return Err(vec![Problem::error(at, what).mend("split it into several conditions")]);
    }
    if scanner.problems.is_empty() {
        Ok(scanner.tokens)
    } else {
        Err(scanner.problems)
    }
}

struct Scanner<'a> {
    source: &'a str,
    at: usize,
    tokens: Vec<Token>,
    problems: Vec<Problem>,
}

impl Scanner<'_> {
    fn rest(&self) -> &str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn next(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return;
        };
        if first.is_ascii_whitespace() {
            self.at += 1;
        } else if rest.starts_with("//") {
            self.at += rest.find('\n').unwrap_or(rest.len());
        } else if let Some(prefix) = quoted(rest) {
            self.text(prefix);
        } else if first.is_ascii_alphabetic() || first == '_' {
            let length = run(rest, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
            self.push(Sort::Word, length);
        } else if first.is_ascii_digit() || (first == '.' && rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit)) {
            let length = number(rest);
            self.number(length);
        } else {
            self.sign(first);
        }
    }

    fn push(&mut self, sort: Sort, length: usize) {
        let at = self.at..self.at + length;
        self.at = at.end;
        self.tokens.push(Token { at, sort });
    }

    fn number(&mut self, length: usize) {
        let at = self.at..self.at + length;
        let text = self.source.get(at.clone()).unwrap_or_default();
        if !is_number(text) {
            let problem = Problem::error(at, format!("{text} is not how numbers are written"));
            self.problems.push(problem.mend("write digits, with a point as in 0.5"));
        }
        self.push(Sort::Number, length);
    }

    fn sign(&mut self, first: char) {
        let rest = self.rest();
        let foreign = FOREIGN.iter().find(|(sign, _)| rest.starts_with(sign));
        let known = SIGNS.iter().find(|sign| rest.starts_with(**sign));
        match (foreign, known) {
            // `&&` starts with `&`: the longer one is meant.
            (Some((sign, _)), Some(known)) if known.len() >= sign.len() => self.push(Sort::Sign, known.len()),
            (Some((sign, right)), _) => {
                let at = self.at..self.at + sign.len();
                self.at = at.end;
                let problem = Problem::error(at, format!("there is no {sign} here"));
                self.problems.push(problem.mend(format!("write {right}")));
            }
            (None, Some(known)) => self.push(Sort::Sign, known.len()),
            (None, None) if first == '.' => self.push(Sort::Sign, 1),
            (None, None) => self.stray(first),
        }
    }

    fn stray(&mut self, first: char) {
        let at = self.at..self.at + first.len_utf8();
        self.at = at.end;
        let problem = match first {
            '“' | '”' | '„' | '‘' | '’' | '«' | '»' => {
                Problem::error(at, format!("{first} is no quote that ends or starts a text")).mend("write \"")
            }
            '`' => Problem::error(at, "names are not quoted").mend("write the name as it is"),
            '≠' => Problem::error(at, "there is no ≠ here").mend("write !="),
            '≤' => Problem::error(at, "there is no ≤ here").mend("write <="),
            '≥' => Problem::error(at, "there is no ≥ here").mend("write >="),
            _ if first.is_alphabetic() => {
                Problem::error(at, format!("{first} is in no name")).mend("put a text into quotes")
            }
            _ => Problem::error(at, format!("{first:?} means nothing here")).mend("leave it out"),
        };
        self.problems.push(problem);
    }

    /// A text whose quote comes after a prefix of so many bytes, such as the r of a raw one.
    fn text(&mut self, prefix: usize) {
        let rest = self.rest();
        let before = rest.get(..prefix).unwrap_or_default();
        let (raw, bytes) = (before.contains(['r', 'R']), before.contains(['b', 'B']));
        let body = rest.get(prefix..).unwrap_or_default();
        let quote = match body.get(..3) {
            Some(three @ ("\"\"\"" | "'''")) => three,
            _ => body.get(..1).unwrap_or_default(),
        };
        let mut at = quote.len();
        let mut escapes = Vec::new();
        loop {
            let left = body.get(at..).unwrap_or_default();
            let Some(next) = left.chars().next() else {
                break;
            };
            if left.starts_with(quote) {
                let length = prefix + at + quote.len();
                self.problems.append(&mut escapes);
                return self.push(Sort::Text, length);
            }
            if quote.len() == 1 && ['\n', '\r'].contains(&next) {
                break;
            }
            let second = left.chars().nth(1).filter(|_| next == '\\' && !raw);
            let Some(second) = second else {
                at += next.len_utf8();
                continue;
            };
            // Of bytes there are no characters of more than one.
            let char = escape(left).filter(|_| !(bytes && ['u', 'U'].contains(&second)));
            if char.is_none() {
                escapes.push(meaningless(self.at + prefix + at, second));
            }
            at += char.map_or(1 + second.len_utf8(), |(_, length)| length);
        }
        let place = self.at..self.at + prefix + at;
        let problem = Problem::error(place, "the text that starts here does not end");
        let problem = problem.mend(format!("close it with {quote}"));
        self.problems.push(problem);
        self.push(Sort::Text, prefix + at);
    }
}

/// The length of what stands before the quote, if a text starts here.
fn quoted(rest: &str) -> Option<usize> {
    let bytes = usize::from(rest.starts_with(['b', 'B']));
    let raw = usize::from(rest.get(bytes..).unwrap_or_default().starts_with(['r', 'R']));
    let quote = rest.as_bytes().get(bytes + raw)?;
    b"\"'".contains(quote).then_some(bytes + raw)
}

/// A \ with what follows it, where that makes no character.
fn meaningless(place: usize, second: char) -> Problem {
    let takes = match second {
        'x' | 'X' => "takes two hexadecimal digits",
        'u' => "takes the four hexadecimal digits of a character",
        'U' => "takes the eight hexadecimal digits of a character",
        '0'..='3' => "takes two more digits up to 7",
        _ => "means nothing in a text",
    };
    let problem = Problem::error(place..place + 1, format!("\\{second} {takes}"));
    problem.mend("write \\\\ for one \\")
}

fn run(rest: &str, of: impl Fn(u8) -> bool) -> usize {
    rest.bytes().take_while(|byte| of(*byte)).count()
}

/// Digits, perhaps with a point between; or hexadecimal ones. A u is refused later, with what it means.
fn is_number(text: &str) -> bool {
    let plain = text.strip_suffix(['u', 'U']).unwrap_or(text);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match (plain.strip_prefix("0x"), text.split_once('.')) {
        (Some(hex), _) => !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        (None, Some((whole, fraction))) => digits(whole) && digits(fraction),
        (None, None) => digits(plain),
    }
}

/// The length of a number with all that is stuck to it, so that `10x` or `1e3` is one mistake.
fn number(rest: &str) -> usize {
    let mut length = 0;
    let bytes = rest.as_bytes();
    while let Some(byte) = bytes.get(length) {
        let point = *byte == b'.' && bytes.get(length + 1).is_some_and(u8::is_ascii_digit);
        if !(point || byte.is_ascii_alphanumeric() || *byte == b'_') {
            break;
        }
        length += 1;
    }
    length
}
