//! The texts of messages: one template a kind, locale and part, checked when the programme is read so that rendering
//! cannot fail later.
//!
//! The template engine has its built-in functions switched off: with them, a short template can build a gigabyte.
//! What remains is variables, conditions and the two filters below, within a fuel limit.

mod answers;
mod context;
mod costly;
mod pieces;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::civil::Date;
use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value};
use serde::Deserialize;

pub use answers::Answer;
use answers::Answers;
pub use context::Context;
use context::{Name, Said};
use pieces::Pieces;

use crate::mistake::{Mistake, Source};
use crate::{Channel, MessageKind};
use crate::{suggest, thorough};

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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Parts {
    pub(crate) sms: toml::Spanned<String>,
    pub(crate) push_title: toml::Spanned<String>,
    pub(crate) push_body: toml::Spanned<String>,
}

/// The messages' texts of a file.
pub(crate) type Kinds = BTreeMap<toml::Spanned<MessageKind>, Parts>;

/// The messages' texts of a file that can be read; none of another.
pub(crate) fn kinds(text: &str) -> Kinds {
    toml::from_str::<answers::File>(text).map_or_else(|_| Kinds::new(), |file| file.kinds)
}

/// What is doubtful in the SMS of a kind.
type Doubts = Vec<(MessageKind, Mistake)>;

/// All texts, ready to render.
#[derive(Clone)]
pub struct Texts {
    engine: Environment<'static>,
    /// By locale, in the locales' order.
    by_locale: Vec<(Locale, BTreeMap<MessageKind, Ready>)>,
    answers: Answers,
    default: Locale,
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
            by_locale: locales.into_iter().map(|locale| (locale, BTreeMap::new())).collect(),
            answers: Answers::new(),
            default: Locale::new(),
        }
    }

    /// Reads and checks the texts by locale; gives them with what is doubtful in their SMS, or all that is wrong.
    pub(crate) fn parse(files: &[(Locale, String)]) -> Result<(Self, Doubts), Vec<Mistake>> {
        let mut engine = Environment::new();
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        engine.set_fuel(Some(10_000));
        engine.add_filter("number", number);
        engine.add_filter("date", date);
        let (mut mistakes, mut doubts, mut texts) = (Vec::new(), Doubts::new(), Vec::new());
        let mut answers = Answers::new();
        for (locale, text) in files {
            let name = format!("texts/{locale}.toml");
            let source = Source { name: &name, text };
            let mut ready = BTreeMap::new();
            let read = match toml::from_str::<answers::File>(text) {
                Ok(file) => thorough::Read::sound(file),
                Err(_) => thorough::read(source, thorough::TEXTS),
            };
            mistakes.extend(read.mistakes.iter().cloned());
            for kind in MessageKind::ALL.into_iter().filter(|_| !read.is_broken()) {
                let Some(file) = &read.value else { continue };
                match file.kinds.iter().find(|(key, _)| *key.get_ref() == kind) {
                    None => mistakes.push(source.error(
                        0..0,
                        format!(
                            "there is no text for {0}; add [{0}] with sms, push-title and push-body",
                            kind.name()
                        ),
                    )),
                    Some((_, parts)) => {
                        let mut found = Vec::new();
                        let texts = add(&mut engine, source, (locale, kind), parts, &mut found);
                        let doubt = costly::doubt(&engine, &texts.sms.template, source, (locale, kind), &parts.sms);
                        doubts.extend(doubt.filter(|doubt| read.is_own(doubt)).map(|doubt| (kind, doubt)));
                        ready.insert(kind, texts);
                        mistakes.extend(found.into_iter().filter(|mistake| read.is_own(mistake)));
                    }
                }
            }
            if let Some(file) = &read.value {
                let found = answers::add(&mut engine, source, locale, &file.replies, &mut answers);
                mistakes.extend(found.into_iter().filter(|mistake| read.is_own(mistake)));
            }
            texts.push((locale.clone(), ready));
        }
        if mistakes.is_empty() {
            let texts = Self {
                engine,
                by_locale: texts,
                answers,
                default: Locale::new(),
            };
            Ok((texts, doubts))
        } else {
            mistakes.extend(doubts.into_iter().map(|(_, doubt)| doubt));
            Err(mistakes)
        }
    }

    pub(crate) fn fall_back_to(&mut self, locale: Locale) {
        self.default = locale;
    }

    /// The locales that have texts.
    pub fn locales(&self) -> impl Iterator<Item = &str> {
        self.by_locale.iter().map(|(locale, _)| locale.as_str())
    }

    /// The locale whose texts a member gets: their own, else one of their language, else the programme's default.
    pub fn locale_for(&self, wanted: &str) -> &str {
        fn language(locale: &str) -> &str {
            locale.split('-').next().unwrap_or_default()
        }
        self.locales()
            .find(|locale| *locale == wanted)
            .or_else(|| self.locales().find(|locale| language(locale) == language(wanted)))
            .unwrap_or(&self.default)
    }

    /// Whether what a member is sent by a channel speaks of the next reward, which takes some working out.
    pub fn speak_of_next_reward(&self, kind: MessageKind, locale: &str, channel: Channel) -> bool {
        let ready = self.ready(kind, locale);
        ready.is_some_and(|ready| match channel {
            Channel::Sms => ready.sms.speaks_of_next_reward,
            Channel::Push => ready.push_title.speaks_of_next_reward || ready.push_body.speaks_of_next_reward,
        })
    }

    /// The SMS of a kind, in a locale that [`Texts::locale_for`] gave.
    pub fn sms(&self, kind: MessageKind, locale: &str, context: &Context<'_>) -> Result<Rendered, TextError> {
        let ready = self.ready(kind, locale).ok_or_else(|| missing(kind, locale))?;
        Ok(Rendered {
            title: String::new(),
            body: self.render(&ready.sms, locale, context)?,
        })
    }

    /// The push notification of a kind, in a locale that [`Texts::locale_for`] gave.
    pub fn push(&self, kind: MessageKind, locale: &str, context: &Context<'_>) -> Result<Rendered, TextError> {
        let ready = self.ready(kind, locale).ok_or_else(|| missing(kind, locale))?;
        Ok(Rendered {
            title: self.render(&ready.push_title, locale, context)?,
            body: self.render(&ready.push_body, locale, context)?,
        })
    }

    fn ready(&self, kind: MessageKind, locale: &str) -> Option<&Ready> {
        let (_, texts) = self.by_locale.iter().find(|(own, _)| own == locale)?;
        texts.get(&kind)
    }

    fn render(&self, text: &Text, locale: &str, context: &Context<'_>) -> Result<String, TextError> {
        if let Some(pieces) = &text.pieces {
            return Ok(pieces.render(context, locale));
        }
        let template = self.engine.get_template(&text.template);
        let rendered = template.and_then(|template| template.render(values(context, locale)));
        rendered.map_err(|why| TextError {
            name: text.template.clone(),
            why: why.to_string(),
        })
    }
}

fn missing(kind: MessageKind, locale: &str) -> TextError {
    TextError {
        name: template_name(locale, kind, "sms"),
        why: "there is no such text".to_owned(),
    }
}

/// The longest text that is stored: far over what any carrier takes.
const LONGEST: usize = 2048;

fn add(
    engine: &mut Environment<'static>,
    source: Source<'_>,
    (locale, kind): (&str, MessageKind),
    parts: &Parts,
    mistakes: &mut Vec<Mistake>,
) -> Ready {
    let mut part = |part: &str, text: &toml::Spanned<String>| {
        let name = template_name(locale, kind, part);
        let known = Name::ALWAYS.iter().chain(Name::of_kind(kind)).map(|name| name.as_str());
        let added = add_part(engine, name, locale, &known.collect::<Vec<_>>(), text.get_ref());
        added.unwrap_or_else(|what| {
            mistakes.push(source.error(text.span(), format!("{} {part}: {what}", kind.name())));
            Text::default()
        })
    };
    Ready {
        sms: part("sms", &parts.sms),
        push_title: part("push-title", &parts.push_title),
        push_body: part("push-body", &parts.push_body),
    }
}

fn add_part(
    engine: &mut Environment<'static>,
    name: String,
    locale: &str,
    known: &[&str],
    text: &str,
) -> Result<Text, String> {
    if text.trim().is_empty() {
        return Err("the text is empty; write what the member should read".to_owned());
    }
    if text.len() > LONGEST {
        return Err(format!("the text has {} bytes; keep it under {LONGEST}", text.len()));
    }
    engine
        .add_template_owned(name.clone(), text.to_owned())
        .map_err(|why| unreadable(&why))?;
    let template = engine.get_template(&name).map_err(|why| unreadable(&why))?;
    let used = template.undeclared_variables(false);
    let mut unknown: Vec<&String> = used.iter().filter(|used| !known.contains(&used.as_str())).collect();
    unknown.sort();
    if let Some(used) = unknown.first() {
        let meant = suggest::nearest(used, known.iter().copied());
        let meant = meant.map_or_else(
            || "this text may use: ".to_owned(),
            |name| format!("did you mean {{{{ {name} }}}}? It may use: "),
        );
        return Err(format!(
            "there is no {{{{ {used} }}}} here; {meant}{}",
            known.join(", ")
        ));
    }
    let mut pieces = Pieces::read(text);
    for sample in SAMPLES {
        let rendered = template
            .render(values(&sample, locale))
            .map_err(|why| unreadable(&why))?;
        if rendered.len() > LONGEST {
            return Err(format!(
                "it renders to {} bytes; keep it under {LONGEST}",
                rendered.len()
            ));
        }
        pieces = pieces.filter(|pieces| pieces.render(&sample, locale) == rendered);
    }
    let next = [Name::NextReward, Name::Missing];
    Ok(Text {
        template: name,
        pieces,
        speaks_of_next_reward: next.iter().any(|name| used.contains(name.as_str())),
    })
}

/// What is wrong with a text that cannot be read or rendered.
fn unreadable(why: &minijinja::Error) -> String {
    let what = why.detail().map_or_else(|| why.kind().to_string(), str::to_owned);
    match why.kind() {
        ErrorKind::UnknownFilter => format!("{what}; what may follow a | is number or date"),
        ErrorKind::SyntaxError => {
            format!("it cannot be read, {what}; close each {{{{ with }}}}, and each {{% if … %}} with {{% endif %}}")
        }
        _ => what,
    }
}

fn template_name(locale: &str, kind: MessageKind, part: &str) -> String {
    format!("{locale}/{}/{part}", kind.name())
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
        next_reward: name,
        missing: count,
    }
}

/// The same, for the engine. The locale is for the filters; no text may use it.
fn values(context: &Context<'_>, locale: &str) -> Value {
    let said = Name::ALL.map(|name| {
        let value = match context.say(name) {
            Said::Text(text) => Value::from(text),
            Said::Number(number) => Value::from(number),
            Said::Day(day) => Value::from(day.to_string()),
            Said::Whether(whether) => Value::from(whether),
        };
        (name.as_str(), value)
    });
    let all = said.into_iter().chain([("locale", Value::from(locale))]);
    Value::from_object(all.collect::<BTreeMap<_, _>>())
}

fn number(value: i64) -> String {
    let mut out = String::new();
    pieces::number(value, &mut out);
    out
}

fn date(state: &minijinja::State<'_, '_>, value: &str) -> Result<String, minijinja::Error> {
    let wrong = |_| minijinja::Error::new(ErrorKind::InvalidOperation, "the date filter takes a date");
    let day: Date = value.parse().map_err(wrong)?;
    let locale = state.lookup("locale");
    let locale = locale.as_ref().and_then(Value::as_str).unwrap_or_default();
    let mut out = String::new();
    pieces::date(day, locale, &mut out);
    Ok(out)
}
