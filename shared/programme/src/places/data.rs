//! The files of places, read once.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::windows::{Windows, Written};
use crate::zone::Zone;

/// A place, or a place by one provider.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Place {
    pub(super) name: String,
    /// How its phone numbers begin.
    pub(super) numbers: Vec<String>,
    /// The zones that somebody may live in who has such a number.
    pub(super) zones: Vec<String>,
    /// The languages that members read there.
    #[serde(default)]
    pub(super) locales: Vec<String>,
    #[serde(default)]
    pub(super) states: Vec<String>,
    /// Where it stands that each text is looked at before the first of it goes; none where it is not.
    pub(super) approves: Option<String>,
    pub(super) sources: BTreeMap<String, Source>,
    pub(super) rules: Vec<Rule>,
}

/// Where a rule was read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Source {
    document: String,
    date: String,
    url: Option<String>,
}

/// One rule of a place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Rule {
    pub(super) demand: Demand,
    pub(super) source: String,
    /// Where sources disagree or say nothing.
    pub(super) note: Option<String>,
}

/// What a rule demands.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Demand {
    /// The hours in which texts may advertise.
    Hours(Vec<Written>),
    /// The same, in one of the place's states.
    StateHours {
        state: String,
        hours: Vec<Written>,
    },
    /// What advertises says how to be left alone.
    #[serde(rename_all = "kebab-case")]
    OptOut {
        any_of: Vec<String>,
        at_the_end: bool,
        /// Words of other ways out, where there may be no other.
        #[serde(default)]
        instead_of: Vec<String>,
    },
    Signature(Signature),
    /// What advertises says the same to everybody.
    NoVariables,
    NoLinkInAVariable,
    /// Two variables have words between them.
    VariablesApart,
    /// It has words of its own.
    NotAllVariable,
    /// What advertises says that it is for members.
    SaysMember(Vec<String>),
    /// What nobody may speak of, and the words that reveal it.
    Words {
        category: String,
        reveal: Vec<String>,
    },
    Symbols(Vec<String>),
    /// In characters.
    Longest(usize),
}

/// Who puts the sender's name in 【】.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Signature {
    /// The provider: the text has no such brackets.
    ByPlatform,
    /// The text begins with it, and has no other.
    First,
    /// If there is one, the text begins with it.
    FirstOrNone,
}

/// When texts that advertise may go to numbers of a place.
#[derive(Debug, Clone)]
pub struct LegalHours {
    pub place: &'static str,
    pub windows: Windows,
    /// Whether each text is looked at before the first of it goes.
    pub(crate) approves: bool,
    numbers: &'static [String],
    zones: &'static [String],
}

impl LegalHours {
    /// How many digits of a number are this place's; none where it is another's.
    pub(crate) fn fit(&self, phone: &str) -> Option<usize> {
        // Each text that advertises asks for all prefixes, and nearly all differ in their first digit.
        let first = phone.as_bytes().get(1);
        let is_near = |prefix: &&String| prefix.len() < 2 || prefix.as_bytes().get(1) == first;
        let near = self.numbers.iter().filter(is_near);
        let fitting = near.filter(|prefix| phone.starts_with(prefix.as_str()));
        fitting.map(String::len).max()
    }

    /// The zones that somebody may live in of whom no zone is known.
    pub fn zones(&self) -> impl Iterator<Item = Zone> {
        self.zones.iter().filter_map(|zone| Zone::parse(zone).ok())
    }
}

impl Place {
    /// The hours that all of its rules allow, where it is in some of its states.
    pub(super) fn legal_hours(&'static self, is_in: impl Fn(&str) -> bool) -> LegalHours {
        LegalHours {
            place: &self.name,
            windows: self.windows(is_in),
            approves: self.approves.is_some(),
            numbers: &self.numbers,
            zones: &self.zones,
        }
    }

    pub(super) fn windows(&self, is_in: impl Fn(&str) -> bool) -> Windows {
        let all = self.rules.iter().filter_map(|rule| match &rule.demand {
            Demand::Hours(hours) => Some(Windows::read(hours)),
            Demand::StateHours { state, hours } => is_in(state).then(|| Windows::read(hours)),
            _ => None,
        });
        // Of what has no hours nobody knows that any is right.
        all.reduce(Windows::and).unwrap_or(Windows::NEVER)
    }

    /// A rule's source, in a sentence.
    pub(super) fn source(&self, rule: &Rule) -> String {
        let Some(Source { document, date, url }) = self.sources.get(&rule.source) else {
            return rule.source.clone();
        };
        let url = url.as_ref().map(|url| format!(", {url}")).unwrap_or_default();
        format!("{document}, {date}{url}")
    }
}

/// The files, by name.
pub(super) const FILES: [(&str, &str); 9] = [
    ("cn", include_str!("../../places/cn.toml")),
    ("cn-aliyun", include_str!("../../places/cn-aliyun.toml")),
    ("cn-huawei", include_str!("../../places/cn-huawei.toml")),
    ("cn-tencent", include_str!("../../places/cn-tencent.toml")),
    ("cn-volcengine", include_str!("../../places/cn-volcengine.toml")),
    ("us", include_str!("../../places/us.toml")),
    ("eu", include_str!("../../places/eu.toml")),
    ("gb", include_str!("../../places/gb.toml")),
    ("elsewhere", include_str!("../../places/elsewhere.toml")),
];

/// A place by its file's name, which is read once: of China's, a programme needs one. A test sees to it that each can be read.
pub(super) fn place(name: &str) -> Option<&'static Place> {
    static READ: [OnceLock<Option<Place>>; FILES.len()] = [const { OnceLock::new() }; FILES.len()];
    let mut files = FILES.iter().zip(&READ);
    let ((_, text), read) = files.find(|((own, _), _)| *own == name)?;
    read.get_or_init(|| toml::from_str(text).ok()).as_ref()
}

/// The states of the United States.
pub(super) fn states() -> impl Iterator<Item = &'static str> {
    let us = place("us").into_iter();
    us.flat_map(|us| us.states.iter().map(String::as_str))
}

/// Words that advertise, by language.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Promotional {
    words: BTreeMap<String, Vec<String>>,
}

/// Words that advertise in a locale's language.
pub(super) fn promotional_words(locale: &str) -> &'static [String] {
    static READ: OnceLock<Promotional> = OnceLock::new();
    let read = READ.get_or_init(|| toml::from_str(include_str!("../../places/promotional.toml")).unwrap_or_default());
    let language = locale.split('-').next().unwrap_or_default();
    read.words.get(language).map(Vec::as_slice).unwrap_or_default()
}
