//! What is not even written as such a file is: a quote, a bracket or a comma that is missing.

use std::ops::Range;

use toml::de::Error;

use crate::mistake::{Mistake, Source};

/// The slips of a file.
pub(super) struct Slips {
    pub(super) mistakes: Vec<Mistake>,
    /// Where a list or a table does not end, all that comes after seems to be in it.
    pub(super) run_on: bool,
}

/// The first slip of each line, as far as they can be told apart.
pub(super) fn slips(source: Source<'_>, errors: &[Error]) -> Slips {
    let mut slips = Slips {
        mistakes: Vec::new(),
        run_on: false,
    };
    for error in errors {
        let span = error.span().unwrap_or_default();
        let said = sentence(error.message(), source.text.get(span.clone()).unwrap_or_default());
        let mistake = source.error(seen(source, span), said);
        if slips.mistakes.last().is_none_or(|last| last.line != mistake.line) {
            slips.mistakes.push(mistake);
        }
        let run_on = ["missing comma", "unclosed array", "unclosed inline table"];
        if run_on.iter().any(|slip| error.message().starts_with(slip)) {
            slips.run_on = true;
            break;
        }
    }
    slips
}

/// A place that can be underlined: where nothing is, what comes before it.
fn seen(source: Source<'_>, span: Range<usize>) -> Range<usize> {
    let before = source.text.get(..span.start).unwrap_or_default();
    match before.chars().next_back() {
        Some(last) if span.is_empty() && last != '\n' => span.start - last.len_utf8()..span.start,
        _ => span,
    }
}

fn sentence(message: &str, written: &str) -> String {
    let message = message.trim().replace('\n', ", ");
    let is = |start: &str| message.starts_with(start);
    let said = if is("string values must be quoted") && written.trim().is_empty() {
        "there is no value after the =; write one, or leave the line out"
    } else if is("string values must be quoted") && written.starts_with(['“', '”', '„', '«', '‘', '’']) {
        "these are not the quotes that are meant; write straight ones, as in \"text\""
    } else if is("string values must be quoted") {
        "this is neither a number nor text in quotes; write text in quotes, as in \"text\""
    } else if is("invalid basic string") || is("invalid literal string") {
        "the text has no end on its line; write a quote after it"
    } else if is("invalid unquoted key") || is("key with no value") {
        "this is not a key and its value; write it as in name = \"text\""
    } else if is("duplicate key") {
        return format!("{written:?} is here a second time; keep one of the two");
    } else if is("unclosed table") {
        "the name of the section has no end; write ] after it"
    } else if is("unclosed array of tables") {
        "the name of the section has no end; write ]] after it"
    } else if is("missing comma") {
        "what is before this has no end; write ] after a list and } after a table, or a comma between two values"
    } else if is("unclosed array") {
        "the list has no end; write ] after it"
    } else if is("unclosed inline table") {
        "the table has no end; write } after it"
    } else if is("unexpected key or value") {
        "there is more on the line than a key and its value; put it on a line of its own, or put all of a value in quotes"
    } else if is("unexpected leading zero") {
        "the number starts with 0; leave the 0 out"
    } else {
        return message;
    };
    said.to_owned()
}
