//! The template as it is written: YAML values with their lines, and `CloudFormation`'s functions recognised in both of
//! their spellings (`!Sub x` and `{Fn::Sub: x}`).

use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use serde_saphyr::{Spanned, Tagged, UserMessageFormatter};

use super::fault::{Fault, Problem};

/// A value and its line: of its key in a mapping, its own otherwise.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) content: Content,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Null,
    Flag(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
    /// A function of `CloudFormation`, named without `!` and `Fn::`.
    Call {
        name: String,
        argument: Box<Node>,
    },
}

impl Node {
    pub(super) fn text(line: usize, text: impl Into<String>) -> Self {
        Self {
            line,
            content: Content::Text(text.into()),
        }
    }

    /// The text of a scalar, as `CloudFormation` turns numbers and flags into text.
    pub(super) fn scalar(&self) -> Option<String> {
        match &self.content {
            Content::Text(text) => Some(text.clone()),
            Content::Number(number) => Some(number.to_string()),
            Content::Flag(flag) => Some(flag.to_string()),
            _ => None,
        }
    }

    pub(super) fn entries(&self) -> Option<&[(String, Node)]> {
        match &self.content {
            Content::Map(entries) => Some(entries),
            _ => None,
        }
    }

    pub(super) fn items(&self) -> Option<&[Node]> {
        match &self.content {
            Content::List(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entries()?
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// The value as JSON. A function that is left, which no resolved value has, is null.
    pub(super) fn json(&self) -> Value {
        match &self.content {
            Content::Null | Content::Call { .. } => Value::Null,
            Content::Flag(flag) => Value::Bool(*flag),
            Content::Number(number) => Value::Number(number.clone()),
            Content::Text(text) => Value::String(text.clone()),
            Content::List(items) => items.iter().map(Node::json).collect(),
            Content::Map(entries) => entries.iter().map(|(key, value)| (key.clone(), value.json())).collect(),
        }
    }

    /// What a person calls this kind of value, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match &self.content {
            Content::Null => "nothing",
            Content::Flag(_) => "true or false",
            Content::Number(_) => "a number",
            Content::Text(_) => "text",
            Content::List(_) => "a list",
            Content::Map(_) => "a mapping",
            Content::Call { .. } => "a function",
        }
    }
}

pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    let options = serde_saphyr::options! { with_snippet: false };
    let raw: Raw = serde_saphyr::from_str_with_options(text, options).map_err(|error| Fault {
        line: error.location().map_or(0, |location| line(location.line())),
        problem: Problem::Syntax(error.render_with_formatter(&UserMessageFormatter)),
    })?;
    node(raw, text)
}

fn line(line: u64) -> usize {
    usize::try_from(line).unwrap_or_default()
}

/// What the YAML reader yields, before functions are recognised.
struct Raw {
    line: usize,
    source: Option<Range<usize>>,
    tag: Option<String>,
    value: RawValue,
}

enum RawValue {
    Scalar(Content),
    List(Vec<Raw>),
    Map(Vec<(Spanned<String>, Raw)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Spanned {
            value: Tagged(value, tag),
            referenced,
            defined,
        } = Spanned::<Tagged<RawValue>>::deserialize(deserializer)?;
        let span = defined.span();
        let source = span.byte_offset().zip(span.byte_len()).and_then(|(start, length)| {
            let start = usize::try_from(start).ok()?;
            Some(start..start.checked_add(usize::try_from(length).ok()?)?)
        });
        Ok(Self {
            line: line(referenced.line()),
            source,
            tag: tag.filter(|tag| !tag.starts_with("tag:yaml.org,2002:")),
            value,
        })
    }
}

impl<'de> Deserialize<'de> for RawValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = RawValue;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value of a template")
    }

    fn visit_bool<E>(self, value: bool) -> Result<RawValue, E> {
        Ok(RawValue::Scalar(Content::Flag(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<RawValue, E> {
        Ok(RawValue::Scalar(Content::Number(value.into())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<RawValue, E> {
        Ok(RawValue::Scalar(Content::Number(value.into())))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<RawValue, E> {
        let number =
            Number::from_f64(value).ok_or_else(|| E::custom("infinity and NaN are no numbers in a template"))?;
        Ok(RawValue::Scalar(Content::Number(number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<RawValue, E> {
        Ok(RawValue::Scalar(Content::Text(value.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<RawValue, E> {
        Ok(RawValue::Scalar(Content::Null))
    }

    fn visit_none<E>(self) -> Result<RawValue, E> {
        Ok(RawValue::Scalar(Content::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<RawValue, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(RawValue::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<RawValue, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(RawValue::Map(entries))
    }
}

fn node(raw: Raw, source: &str) -> Result<Node, Fault> {
    let written = raw.source.and_then(|range| source.get(range));
    let content = match raw.value {
        RawValue::Scalar(content) => {
            if raw.tag.is_none() {
                unambiguous(&content, written.map(str::trim), raw.line)?;
            }
            content
        }
        RawValue::List(items) => Content::List(
            items
                .into_iter()
                .map(|item| node(item, source))
                .collect::<Result<_, _>>()?,
        ),
        RawValue::Map(entries) => map(entries, source)?,
    };
    let plain = Node {
        line: raw.line,
        content,
    };
    Ok(match raw.tag {
        None => plain,
        Some(tag) => Node {
            line: plain.line,
            content: Content::Call {
                name: tag.trim_start_matches('!').to_owned(),
                argument: Box::new(plain),
            },
        },
    })
}

fn map(entries: Vec<(Spanned<String>, Raw)>, source: &str) -> Result<Content, Fault> {
    let mut nodes = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let mut value = node(value, source)?;
        value.line = line(key.referenced.line());
        nodes.push((key.value, value));
    }
    let call = |key: &str| (key == "Ref" || key.starts_with("Fn::")).then(|| key.to_owned());
    let Some(name) = nodes.iter().find_map(|(key, _)| call(key)) else {
        return Ok(Content::Map(nodes));
    };
    match <[(String, Node); 1]>::try_from(nodes) {
        Ok([(_, argument)]) => Ok(Content::Call {
            name: name.trim_start_matches("Fn::").to_owned(),
            argument: Box::new(argument),
        }),
        Err(nodes) => Err(Fault::invalid(
            nodes.first().map_or(0, |(_, value)| value.line),
            &name,
            "stands beside other keys; a function is the only key of its mapping",
        )),
    }
}

/// Refuses a scalar that readers of YAML 1.1 and 1.2 take for different values (`yes`, `012`, `1e3`): what runs here
/// would not be what deploys.
fn unambiguous(content: &Content, written: Option<&str>, line: usize) -> Result<(), Fault> {
    let Some(written) = written else {
        return Ok(());
    };
    let same = match content {
        Content::Flag(flag) => written.to_ascii_lowercase() == flag.to_string(),
        Content::Number(number) => written == number.to_string(),
        _ => true,
    };
    if same {
        return Ok(());
    }
    Err(Fault {
        line,
        problem: Problem::Syntax(format!(
            "`{written}` is read differently by different readers; put it in quotes if it is text, or write it plainly \
             (true, false, 12, 0.5)"
        )),
    })
}
