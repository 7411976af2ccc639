//! What the reader of the file says of a mistake, in words for who writes it.

use std::fmt;

use toml::de::DeValue;

use crate::suggest;

/// A place as it is called.
pub(super) enum Place {
    File,
    /// With its brackets.
    Section(String),
    Key(String),
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => out.write_str("the file"),
            Self::Section(name) | Self::Key(name) => out.write_str(name),
        }
    }
}

/// What the reader says.
pub(super) enum Said<'m> {
    Missing(&'m str),
    UnknownKey(&'m str, Vec<&'m str>),
    UnknownWord(&'m str, Vec<&'m str>),
    /// It is one thing, and another was expected.
    Other(&'m str, &'m str),
    /// A sentence of ours.
    Own(&'m str),
}

/// Takes a message of the reader apart.
pub(super) fn said(message: &str) -> Said<'_> {
    if let Some(key) = message.strip_prefix("missing field `") {
        return Said::Missing(key.trim_end_matches('`'));
    }
    let unknown = |prefix: &str| {
        let rest = message.strip_prefix(prefix)?;
        let (name, known) = rest
            .rsplit_once("`, expected ")
            .or_else(|| rest.rsplit_once("`, there are "))?;
        Some((name, known.split('`').skip(1).step_by(2).collect()))
    };
    if let Some((name, known)) = unknown("unknown field `") {
        return Said::UnknownKey(name, known);
    }
    if let Some((name, known)) = unknown("unknown variant `") {
        return Said::UnknownWord(name, known);
    }
    let other = ["invalid type: ", "invalid value: "];
    let other = other.iter().find_map(|prefix| message.strip_prefix(prefix));
    match other.and_then(|rest| rest.rsplit_once(", expected ")) {
        Some((is, expected)) => Said::Other(is, expected),
        None => Said::Own(message),
    }
}

impl<'m> Said<'m> {
    /// The name that was probably meant.
    pub(super) fn meant(&self) -> Option<&'m str> {
        match self {
            Self::UnknownKey(name, known) | Self::UnknownWord(name, known) => {
                suggest::nearest(name, known.iter().copied())
            }
            _ => None,
        }
    }

    /// What is wrong and what mends it, of what stands at a place in another.
    pub(super) fn sentence(
        &self,
        parent: &Place,
        here: &Place,
        value: Option<&DeValue<'_>>,
        example: Option<&str>,
    ) -> String {
        match self {
            Self::Missing(key) => missing(parent, key, example),
            Self::UnknownKey(key, known) => {
                let mend = match self.meant() {
                    Some(name) => format!("did you mean {name:?}?"),
                    None => format!("write one of: {}", known.join(", ")),
                };
                match (parent, here) {
                    (Place::File, Place::Section(section)) => format!("there is no section {section}; {mend}"),
                    (Place::File, _) => format!("there is no key {key:?} at the top of the file; {mend}"),
                    (parent, _) => format!("{parent} has no key {key:?}; {mend}"),
                }
            }
            Self::UnknownWord(word, known) => {
                let mend = suggest::one_of(word, known);
                if value.is_some_and(DeValue::is_table) {
                    format!("there is no kind of message {word:?}; {mend}")
                } else {
                    format!("{here} cannot be {word:?}; {mend}")
                }
            }
            Self::Other(is, expected) => other((is, expected), here, value, example),
            Self::Own(sentence) if sentence.starts_with("write ") => way(sentence, here, value),
            // A day says itself what it is not, in words for programmers.
            Self::Own(sentence) if sentence.starts_with("parsed date") || sentence.starts_with("failed to parse") => {
                let written = value.and_then(DeValue::as_str).unwrap_or_default();
                format!("{written:?} is no day of the calendar; write it in quotes as in \"1998-01-31\"")
            }
            Self::Own(sentence) => sentence.trim().replace('\n', ", "),
        }
    }
}

/// What is missing in a place, with an example of it.
pub(super) fn missing(place: &Place, key: &str, example: Option<&str>) -> String {
    match (place, example) {
        (Place::File, Some("{}")) => {
            format!("the section [{key}] is missing; add one for each kind, such as [{key}.welcome]")
        }
        (Place::File, Some(example)) if example.starts_with('{') => {
            let keys = example.trim_matches(['{', '}', ' ']);
            format!("the section [{key}] is missing; add it, such as: [{key}] with {keys}")
        }
        (Place::File, Some(example)) if example.starts_with("[{") => {
            let keys = example.trim_matches(['[', ']', '{', '}', ' ']);
            format!("the section [[{key}]] is missing; add it, such as: [[{key}]] with {keys}")
        }
        (Place::File, Some(example)) => {
            format!("{key:?} is missing; add a line at the top of the file, such as: {key} = {example}")
        }
        (place, Some(example)) => format!("{place} lacks {key:?}; add to it, such as: {key} = {example}"),
        (place, None) => format!("{place} lacks {key:?}; add it"),
    }
}

/// What may stand in a table that is one of several shapes, of which the reader says only that it is none.
const WAYS: [(&str, &[&str]); 2] = [
    (
        "lasts",
        &[
            "months",
            "days",
            "active-months",
            "to-end-of",
            "through",
            "at-least-days",
        ],
    ),
    ("valid", &["months", "to-end-of", "months-since-joined", "on"]),
];

/// What has none of the shapes that it may have.
fn way(mend: &str, here: &Place, value: Option<&DeValue<'_>>) -> String {
    let Place::Key(name) = here else {
        return format!("{here} is not understood; {mend}");
    };
    let ways = WAYS.iter().find(|(key, _)| key == name);
    let known = ways.map_or([].as_slice(), |(_, known)| known);
    let keys = value
        .and_then(DeValue::as_table)
        .into_iter()
        .flat_map(|table| table.keys());
    let mut keys = keys.map(|key| key.get_ref().as_ref());
    match keys.find(|key| !known.is_empty() && !known.contains(key)) {
        Some(key) => format!("{here} has no key {key:?}; {}", suggest::one_of(key, known)),
        None => format!("{here} is not understood; {mend}"),
    }
}

/// One thing where another was expected.
fn other((is, expected): (&str, &str), here: &Place, value: Option<&DeValue<'_>>, example: Option<&str>) -> String {
    let wanted = wanted(expected);
    if let (Place::Section(section), LIST) = (here, wanted) {
        return format!("there may be several of {section}, so it has two brackets; write [{section}]");
    }
    let bare = is.split('`').nth(1);
    let mend = match (value, bare, example) {
        (Some(DeValue::Datetime(date)), ..) if expected.contains("string") => format!("write it in quotes: \"{date}\""),
        (_, Some(bare), _) if wanted == TEXT => format!("write it in quotes: \"{bare}\""),
        (Some(DeValue::String(text)), ..) if text.parse::<i64>().is_ok() => format!("write it without quotes: {text}"),
        (Some(DeValue::Table(_)), ..) if wanted == LIST => "write it in brackets: [ ]".to_owned(),
        (_, _, None) if wanted == TABLE => "write it in braces, as in { en = \"…\" }".to_owned(),
        (_, _, Some(example)) if !example.starts_with("[{") => format!("write for example: {example}"),
        _ => format!("write {wanted}"),
    };
    format!("{here} is {}, and must be {wanted}; {mend}", kind(is, value))
}

const TEXT: &str = "text in quotes";
const LIST: &str = "a list";
const TABLE: &str = "keys and values in braces";

fn wanted(expected: &str) -> &str {
    match expected {
        "a string" | "a borrowed string" => TEXT,
        "i8" => "a whole number from -128 to 127",
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "i64" | "i32" => "a whole number",
        "a date string" => "a day in quotes",
        "a boolean" => "true or false",
        "a sequence" => LIST,
        expected if expected.starts_with("struct ") || expected == "a map" => TABLE,
        expected => expected,
    }
}

/// What something is, as it is written.
fn kind(is: &str, value: Option<&DeValue<'_>>) -> String {
    match value {
        Some(DeValue::Datetime(_)) => "a date without quotes".to_owned(),
        Some(DeValue::Table(_)) => "a section of keys and values".to_owned(),
        Some(DeValue::Array(_)) => "a list".to_owned(),
        Some(DeValue::String(text)) => format!("the text {text:?}"),
        Some(DeValue::Boolean(yes)) => format!("{yes}, without quotes"),
        _ => match is.split('`').nth(1) {
            Some(number) => format!("the number {number}"),
            None => is.to_owned(),
        },
    }
}
