//! The texts of messages: one template a kind, locale and part, checked when the programme is read so that rendering
//! cannot fail later.
//!
//! The template engine has its built-in functions switched off: with them, a short template can build a gigabyte.
//! What remains is variables, conditions and the filters of `engine`, and `sound` sees to it that nothing else is used.

mod adding;
mod answers;
mod broadcasts;
mod context;
mod costly;
mod digest;
mod engine;
mod file;
mod language;
mod partials;
mod pieces;
mod sound;
#[cfg(test)]
mod tests;
mod told;
mod voice;
mod written;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use minijinja::Environment;
use serde::Deserialize;

use adding::{Adding, LONGEST, known};
pub use answers::Answer;
use answers::Answers;
pub use context::Context;
pub use digest::{MOST_LINES, joined};
use engine::{Languages, engine};
use language::Language;
use pieces::Pieces;
pub use told::Told;
pub(crate) use voice::{Voice, lint as lint_voice};

use crate::mistake::{Mistake, Source};
use crate::thorough;
use crate::{Amount, MessageKind};

/// A language and, where it matters, a region: `en`, `zh-CN`.
pub type Locale = String;

/// A rendered message: the SMS's one text, or a push's title and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub title: String,
    pub body: String,
}

/// A text that could not be rendered. The check renders every text, so this means a damaged programme.
#[derive(Debug, thiserror::Error)]
#[error("the text {name} could not be rendered: {why}")]
pub struct TextError {
    pub name: String,
    pub why: String,
}

/// The texts of a kind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Parts {
    pub(crate) sms: toml::Spanned<String>,
    pub(crate) push_title: toml::Spanned<String>,
    pub(crate) push_body: toml::Spanned<String>,
}

impl Parts {
    fn all(&self) -> [&toml::Spanned<String>; 3] {
        [&self.sms, &self.push_title, &self.push_body]
    }
}

/// The messages' texts of a file.
pub(crate) type Kinds = BTreeMap<toml::Spanned<MessageKind>, Parts>;

/// The broadcasts' texts of a file, by their names.
pub(crate) type OfBroadcasts = BTreeMap<toml::Spanned<String>, Parts>;

/// The texts of a locale, as its file says them, in the voice's tone and with what they include in its place.
pub(crate) struct Written {
    pub(crate) locale: Locale,
    pub(crate) kinds: Kinds,
    broadcasts: OfBroadcasts,
    pub(crate) voice: Voice,
}

impl Written {
    /// All of them: what they are for, by kind and the cause of a broadcast; what that is called, and where the programme says
    /// how it is sent.
    pub(crate) fn all(&self) -> impl Iterator<Item = ((MessageKind, &str), (String, String), &Parts)> {
        let kinds = self.kinds.iter().map(|(kind, parts)| {
            let (kind, name) = (*kind.get_ref(), kind.get_ref().name());
            ((kind, ""), (name.to_owned(), format!("[messages.{name}]")), parts)
        });
        let broadcasts = self.broadcasts.iter().map(|(name, parts)| {
            let name = name.get_ref().as_str();
            let called = (broadcasts::called(name), format!("the message of {name}"));
            ((MessageKind::Broadcast, name), called, parts)
        });
        kinds.chain(broadcasts)
    }
}

/// Files of texts, read.
pub(crate) struct Read {
    /// Whole where there is no mistake.
    pub(crate) texts: Texts,
    /// Those of files in which nothing is of the wrong kind.
    pub(crate) written: Vec<Written>,
    /// What is doubtful in them, and stops nothing.
    pub(crate) doubts: Vec<Mistake>,
    pub(crate) mistakes: Vec<Mistake>,
}

/// All texts, ready to render.
#[derive(Clone)]
pub struct Texts {
    engine: Environment<'static>,
    /// By locale, in the locales' order; none where they were not read.
    by_locale: Vec<(Locale, Option<Spoken>)>,
    answers: Answers,
    default: Locale,
}

/// The texts of a locale.
#[derive(Debug, Clone)]
struct Spoken {
    language: Arc<Language>,
    kinds: BTreeMap<MessageKind, Ready>,
    /// By their names.
    broadcasts: BTreeMap<String, Ready>,
    /// What tells of several things at once.
    digest: digest::Ready,
}

/// The texts of a kind.
#[derive(Debug, Clone, Default)]
struct Ready {
    sms: Text,
    push_title: Text,
    push_body: Text,
}

/// A text that is sound.
#[derive(Debug, Clone, Default)]
struct Text {
    /// What the engine knows it by.
    template: String,
    /// None where the engine has to render it.
    pieces: Option<Pieces>,
    speaks_of_next_reward: bool,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Texts")
            .field("by_locale", &self.by_locale)
            .finish_non_exhaustive()
    }
}

impl Texts {
    /// Texts of which only the locales are known; none can be rendered.
    pub(crate) fn unread(locales: Vec<Locale>) -> Self {
        Self {
            engine: Environment::empty(),
            by_locale: locales.into_iter().map(|locale| (locale, None)).collect(),
            answers: Answers::new(),
            default: Locale::new(),
        }
    }

    /// Reads the texts by locale, and checks all that could keep one from being rendered.
    pub(crate) fn read(files: &[(Locale, String)]) -> Read {
        let (mut mistakes, mut doubts) = (Vec::new(), Vec::new());
        let (mut by_locale, mut written) = (Vec::new(), Vec::new());
        let languages = Arc::new(languages(files, &mut mistakes));
        let mut engine = engine(&languages);
        let mut answers = Answers::new();
        for (locale, text) in files {
            let name = format!("texts/{locale}.toml");
            let source = Source { name: &name, text };
            let mut read = match toml::from_str::<file::File>(text) {
                Ok(file) => thorough::Read::sound(file),
                Err(_) => thorough::read(source, thorough::TEXTS),
            };
            mistakes.extend(read.mistakes.iter().cloned());
            let Some(language) = languages.get(locale) else {
                continue;
            };
            let mut adding = Adding {
                engine: &mut engine,
                source,
                locale,
                language,
                partials: partials::Whole::default(),
                mistakes: Vec::new(),
            };
            let mut spoken = Spoken {
                language: Arc::clone(language),
                kinds: BTreeMap::new(),
                broadcasts: BTreeMap::new(),
                digest: digest::Ready::default(),
            };
            if let Some(file) = read.value.take() {
                let (kinds, others) = voice::in_tone(file.kinds, &file.voice, source, &mut adding.mistakes);
                adding.partials(&file.partials, &file.voice);
                if !read.is_broken() {
                    spoken.kinds = adding.kinds(&kinds);
                }
                spoken.broadcasts = broadcasts::add(&mut adding, &file.broadcasts);
                spoken.digest = digest::add(&mut adding, &file.digest);
                adding.others(&others);
                answers::add(&mut adding, &file.replies, &mut answers);
                if read.mistakes.is_empty() {
                    let replies = Answer::ALL.iter().filter_map(|answer| file.replies.get(*answer));
                    let others = others.iter().map(|other| &other.text);
                    let messages = kinds.values().chain(file.broadcasts.values());
                    let texts = messages.flat_map(Parts::all).chain(replies).chain(others);
                    let texts = texts.chain(file.digest.all());
                    let texts = texts.map(|text| text.get_ref().as_str());
                    doubts.extend(adding.partials.unused(&file.partials, source, texts));
                    written.push(Written {
                        locale: locale.clone(),
                        kinds: adding.partials.in_all(kinds),
                        broadcasts: adding.partials.in_all(file.broadcasts),
                        voice: file.voice,
                    });
                }
            }
            let found = adding.mistakes.into_iter();
            mistakes.extend(found.filter(|mistake| read.is_own(mistake)));
            by_locale.push((locale.clone(), Some(spoken)));
        }
        let texts = Self {
            engine,
            by_locale,
            answers,
            default: Locale::new(),
        };
        Read {
            texts,
            written,
            doubts,
            mistakes,
        }
    }

    /// What is doubtful in the SMS of a kind and a cause, as the file of a locale says it.
    pub(crate) fn doubt(
        &self,
        source: Source<'_>,
        (locale, of, called): (&str, (MessageKind, &str), &str),
        parts: &Parts,
    ) -> Option<Mistake> {
        let (_, ready) = self.ready(of, locale).ok()?;
        costly::doubt(&self.engine, &ready.sms.template, source, (locale, called), &parts.sms)
    }

    pub(crate) fn fall_back_to(&mut self, locale: Locale) {
        self.default = locale;
    }

    /// The locale whose texts members get whose language has none.
    pub(crate) fn fallback(&self) -> &str {
        &self.default
    }

    /// The locales that have texts.
    pub fn locales(&self) -> impl Iterator<Item = &str> {
        self.by_locale.iter().map(|(locale, _)| locale.as_str())
    }

    /// The locale whose texts a member gets: their own; else what is left of it with less at its end, as `zh` is of `zh-TW`;
    /// else the first of the same language; else the programme's default.
    pub fn locale_for(&self, wanted: &str) -> &str {
        let is = |locale: &&str, wanted: &str| {
            let same = |(a, b): (u8, u8)| a.eq_ignore_ascii_case(&b) || (a, b) == (b'-', b'_');
            locale.len() == wanted.len() && locale.bytes().zip(wanted.bytes()).all(same)
        };
        let language = |locale: &str| locale.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        let mut chain = std::iter::successors(Some(wanted), |wanted| wanted.get(..wanted.rfind(['-', '_'])?));
        chain
            .find_map(|wanted| self.locales().find(|locale| is(locale, wanted)))
            .or_else(|| self.locales().find(|locale| language(locale) == language(wanted)))
            .unwrap_or(&self.default)
    }

    fn of(&self, locale: &str) -> Option<&Spoken> {
        let (_, spoken) = self.by_locale.iter().find(|(own, _)| own == locale)?;
        spoken.as_ref()
    }

    /// Those of a kind, or of the broadcast that is the cause.
    fn ready(&self, (kind, cause): (MessageKind, &str), locale: &str) -> Result<(&Language, &Ready), TextError> {
        let is_broadcast = kind == MessageKind::Broadcast;
        let found = self.of(locale).and_then(|spoken| {
            let ready = if is_broadcast {
                spoken.broadcasts.get(cause)
            } else {
                spoken.kinds.get(&kind)
            };
            Some((spoken.language.as_ref(), ready?))
        });
        found.ok_or_else(|| {
            let called = if is_broadcast {
                broadcasts::called(cause)
            } else {
                kind.name().to_owned()
            };
            missing(format!("{locale}/{called} sms"))
        })
    }
}

fn missing(name: String) -> TextError {
    let why = "there is no such text".to_owned();
    TextError { name, why }
}

/// The languages of files of texts. One that is none is told of, and read on as if it was English.
fn languages(files: &[(Locale, String)], mistakes: &mut Vec<Mistake>) -> Languages {
    let mut languages = Languages::new();
    for (locale, text) in files {
        let name = format!("texts/{locale}.toml");
        let language = Language::of(locale).or_else(|why| {
            mistakes.push(Source { name: &name, text }.error(0..0, why));
            Language::english()
        });
        languages.extend(language.ok().map(|language| (locale.clone(), Arc::new(language))));
    }
    languages
}

/// The ends of what a text may meet: the plural cases, the largest numbers, a long name.
const SAMPLES: [Context<'static>; 3] = [
    sample(0, ""),
    sample(1, "O"),
    sample(
        i64::MAX,
        "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
    ),
];

const fn sample(count: i64, name: &'static str) -> Context<'static> {
    Context {
        name,
        programme: name,
        balance: count,
        wallet: name,
        tier: name,
        points: count,
        date: Date::constant(2028, 2, 29),
        days: count,
        years: count,
        campaign: name,
        reward: name,
        code: name,
        lapses: count > 0,
        amount: Some(Amount::of_cents(count)),
        next_reward: name,
        missing: count,
        lines: name,
        count,
    }
}
