//! Reading properties: what is honoured, what changes nothing here, and a refusal of everything else.

use std::ops::RangeInclusive;
use std::str::FromStr;

use serde_json::Value;

use super::context::Context;
use super::fault::Fault;
use super::node::{Content, Node};
use super::resources::Kind;
use crate::wiring::LogicalId;

/// The keys a mapping may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keys {
    /// Read, and acted on.
    pub(super) honoured: &'static [&'static str],
    /// Accepted: a local run does the same with and without.
    pub(super) harmless: &'static [&'static str],
}

/// The honoured properties of a resource or of a part of one, without functions.
#[derive(Debug)]
pub(super) struct Properties<'a> {
    context: &'a Context<'a>,
    pub(super) subject: String,
    pub(super) line: usize,
    entries: Vec<(String, Node)>,
}

impl<'a> Properties<'a> {
    /// Checks the keys and resolves the honoured values; harmless ones are not looked at.
    pub(super) fn read(
        context: &'a Context<'a>,
        subject: &str,
        line: usize,
        written: &[(String, Node)],
        keys: Keys,
    ) -> Result<Self, Fault> {
        let mut entries = Vec::new();
        for (key, value) in written {
            if keys.honoured.contains(&key.as_str()) {
                let value = context
                    .resolve(value)
                    .map_err(|fault| fault.within(&format!("{subject}: {key}")))?;
                entries.extend(value.map(|value| (key.clone(), value)));
            } else if !keys.harmless.contains(&key.as_str()) {
                let known = [keys.honoured, keys.harmless].concat().join(", ");
                let what = format!("property {key}");
                return Err(Fault::unsupported(value.line, subject, what, known));
            }
        }
        Ok(Self {
            context,
            subject: subject.to_owned(),
            line,
            entries,
        })
    }

    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entries
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    pub(super) fn required(&self, key: &str) -> Result<&Node, Fault> {
        self.get(key)
            .ok_or_else(|| Fault::invalid(self.line, &self.subject, format!("has no {key}")))
    }

    /// The line of a property, or of the whole where it has no such property.
    pub(super) fn line_of(&self, key: &str) -> usize {
        self.get(key).map_or(self.line, |node| node.line)
    }

    pub(super) fn invalid(&self, key: &str, problem: &str) -> Fault {
        let subject = format!("{}: {key}", self.subject);
        Fault::invalid(self.line_of(key), &subject, problem)
    }

    pub(super) fn unsupported(&self, key: &str, what: &str, supported: &str) -> Fault {
        let subject = format!("{}: {key}", self.subject);
        Fault::unsupported(self.line_of(key), &subject, what, supported)
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<String>, Fault> {
        match self.get(key) {
            None => Ok(None),
            Some(node) => match node.scalar() {
                Some(text) => Ok(Some(text)),
                None => Err(self.invalid(key, &format!("takes text, not {}", node.kind()))),
            },
        }
    }

    pub(super) fn required_text(&self, key: &str) -> Result<String, Fault> {
        self.required(key)?;
        Ok(self.text(key)?.unwrap_or_default())
    }

    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, Fault> {
        match self.text(key)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(self.invalid(key, &format!("takes true or false, not {other:?}"))),
        }
    }

    /// A whole number within the limits of AWS.
    pub(super) fn number<T: FromStr + PartialOrd + std::fmt::Display>(
        &self,
        key: &str,
        limits: RangeInclusive<T>,
    ) -> Result<Option<T>, Fault> {
        let Some(text) = self.text(key)? else {
            return Ok(None);
        };
        let number = text.parse().ok().filter(|number| limits.contains(number));
        if number.is_none() {
            let (low, high) = (limits.start(), limits.end());
            let problem = format!("takes a whole number from {low} to {high}, not {text:?}");
            return Err(self.invalid(key, &problem));
        }
        Ok(number)
    }

    /// One of a few words; anything else is unsupported.
    pub(super) fn word<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Result<Option<T>, Fault> {
        let Some(text) = self.text(key)? else {
            return Ok(None);
        };
        let meaning = words.iter().find(|(word, _)| *word == text);
        if meaning.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            return Err(self.unsupported(key, &text, &known.join(", ")));
        }
        Ok(meaning.map(|(_, value)| *value))
    }

    pub(super) fn list(&self, key: &str) -> Result<&[Node], Fault> {
        match self.get(key) {
            None => Ok(&[]),
            Some(node) => node
                .items()
                .ok_or_else(|| self.invalid(key, &format!("takes a list, not {}", node.kind()))),
        }
    }

    pub(super) fn entries(&self, key: &str) -> Result<&[(String, Node)], Fault> {
        match self.get(key) {
            None => Ok(&[]),
            Some(node) => node
                .entries()
                .ok_or_else(|| self.invalid(key, &format!("takes a mapping, not {}", node.kind()))),
        }
    }

    pub(super) fn child(&self, key: &str, keys: Keys) -> Result<Option<Properties<'a>>, Fault> {
        if self.get(key).is_none() {
            return Ok(None);
        }
        let subject = format!("{}: {key}", self.subject);
        let line = self.line_of(key);
        Properties::read(self.context, &subject, line, self.entries(key)?, keys).map(Some)
    }

    /// The mappings in a list, each with these keys.
    pub(super) fn children(&self, key: &str, keys: Keys) -> Result<Vec<Properties<'a>>, Fault> {
        let subject = format!("{}: {key}", self.subject);
        self.list(key)?
            .iter()
            .map(|item| match item.entries() {
                Some(entries) => Properties::read(self.context, &subject, item.line, entries, keys),
                None => Err(Fault::invalid(item.line, &subject, "takes mappings")),
            })
            .collect()
    }

    /// The resource of these kinds that the property points at.
    pub(super) fn resource(&self, key: &str, kinds: &[Kind]) -> Result<Option<(Kind, LogicalId)>, Fault> {
        match self.text(key)? {
            None => Ok(None),
            Some(text) => self
                .context
                .find(kinds, &text, self.line_of(key))
                .map_err(|fault| fault.within(&format!("{}: {key}", self.subject)))
                .map(Some),
        }
    }

    pub(super) fn required_resource(&self, key: &str, kinds: &[Kind]) -> Result<(Kind, LogicalId), Fault> {
        self.required(key)?;
        self.resource(key, kinds)?
            .ok_or_else(|| self.invalid(key, "points at nothing"))
    }

    /// JSON that is written either as YAML or as JSON in a text.
    pub(super) fn json(&self, key: &str) -> Result<Option<Value>, Fault> {
        match self.get(key) {
            None => Ok(None),
            Some(Node {
                content: Content::Text(text),
                ..
            }) => serde_json::from_str(text)
                .map(Some)
                .map_err(|error| self.invalid(key, &format!("is not JSON: {error}"))),
            Some(node) => Ok(Some(node.json())),
        }
    }
}
