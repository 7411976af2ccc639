//! Giving a file's texts to the engine: each is checked, so that none can fail when it is to go.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use minijinja::Environment;
use minijinja::machinery::parse;

use super::context::Name;
use super::engine::{unreadable, values};
use super::language::Language;
use super::pieces::Pieces;
use super::voice::{self, Voice};
use super::{Kinds, Parts, Ready, SAMPLES, Text, partials, sound};
use crate::mistake::{Mistake, Source};
use crate::{MessageKind, suggest};

/// The longest text that is stored: far over what any carrier takes.
pub(super) const LONGEST: usize = 2048;

/// A file of texts whose texts are given to the engine.
pub(super) struct Adding<'a> {
    pub(super) engine: &'a mut Environment<'static>,
    pub(super) source: Source<'a>,
    pub(super) locale: &'a str,
    pub(super) language: &'a Language,
    pub(super) partials: partials::Whole,
    pub(super) mistakes: Vec<Mistake>,
}

impl Adding<'_> {
    /// The partials, each of which has to be a text of its own.
    pub(super) fn partials(&mut self, partials: &partials::Partials, voice: &Voice) {
        let slots = voice.slots(self.source, &mut self.mistakes);
        let whole = partials::Whole::of(partials, slots, self.source, &mut self.mistakes);
        let known = Name::ALL.map(Name::as_str);
        let mut wrong = Vec::new();
        for (name, text) in whole.sound() {
            let place = partials.iter().find(|(own, _)| own.get_ref() == name);
            let place = place.map_or(0..0, |(_, text)| text.span());
            if self
                .add(&format!("the partial {name}"), &known, (text, place))
                .is_none()
            {
                wrong.push(name.to_owned());
            }
        }
        self.partials = whole.without(&wrong);
    }

    /// The texts of each kind.
    pub(super) fn kinds(&mut self, kinds: &Kinds) -> BTreeMap<MessageKind, Ready> {
        let mut ready = BTreeMap::new();
        for kind in MessageKind::ALL.into_iter().filter(|kind| kind.is_of_the_ledger()) {
            let Some((_, parts)) = kinds.iter().find(|(key, _)| *key.get_ref() == kind) else {
                let name = kind.name();
                let what = format!("there is no text for {name}; add [{name}] with sms, push-title and push-body");
                self.mistakes.push(self.source.error(0..0, what));
                continue;
            };
            ready.insert(kind, self.parts((kind, kind.name()), parts));
        }
        ready
    }

    /// Texts in tones that are not the voice's: none is rendered until it is.
    pub(super) fn others(&mut self, others: &[voice::Other]) {
        for other in others {
            let known = known(other.kind);
            self.add(&other.called, &known, (other.text.get_ref(), other.text.span()));
        }
    }

    pub(super) fn parts(&mut self, (kind, of): (MessageKind, &str), parts: &Parts) -> Ready {
        let known = known(kind);
        let mut part = |part: &str, text: &toml::Spanned<String>| {
            let called = format!("{of} {part}");
            let added = self.add(&called, &known, (text.get_ref(), text.span()));
            added.unwrap_or_default()
        };
        Ready {
            sms: part("sms", &parts.sms),
            push_title: part("push-title", &parts.push_title),
            push_body: part("push-body", &parts.push_body),
        }
    }

    /// Adds a text, which may use the names that are known, or says what is wrong with it.
    pub(super) fn add(&mut self, called: &str, known: &[&str], (text, place): (&str, Range<usize>)) -> Option<Text> {
        let name = format!("{}/{called}", self.locale);
        let whole = self.partials.put_in(text).map(Cow::into_owned);
        match whole.and_then(|whole| self.text(name, known, &whole).map_err(Some)) {
            Ok(text) => Some(text),
            Err(what) => {
                let said = what.map(|what| self.source.error(place, format!("{called}: {what}")));
                self.mistakes.extend(said);
                None
            }
        }
    }

    /// Adds a text where nothing is wrong with it.
    pub(super) fn text(&mut self, name: String, known: &[&str], text: &str) -> Result<Text, String> {
        if text.trim().is_empty() {
            return Err("the text is empty; write what the member should read".to_owned());
        }
        if text.len() > LONGEST {
            return Err(format!("the text has {} bytes; keep it under {LONGEST}", text.len()));
        }
        let added = self.engine.add_template_owned(name.clone(), text.to_owned());
        added.map_err(|why| unreadable(&why))?;
        let template = self.engine.get_template(&name).map_err(|why| unreadable(&why))?;
        let used = template.undeclared_variables(false);
        let mut unknown: Vec<&String> = used.iter().filter(|used| !known.contains(&used.as_str())).collect();
        unknown.sort();
        if let Some(used) = unknown.first() {
            return Err(not_here(used, known));
        }
        let read = parse(text, &name, minijinja::syntax::SyntaxConfig::default()).map_err(|why| unreadable(&why))?;
        sound::check(std::slice::from_ref(&read), self.language)?;
        let mut pieces = Pieces::of(&read, text);
        for sample in SAMPLES {
            let rendered = template
                .render(values(&sample, self.locale))
                .map_err(|why| unreadable(&why))?;
            if rendered.len() > LONGEST {
                return Err(format!(
                    "it renders to {} bytes; keep it under {LONGEST}",
                    rendered.len()
                ));
            }
            pieces = pieces.filter(|pieces| pieces.render(&sample, self.language) == rendered);
        }
        let next = [Name::NextReward, Name::Missing];
        Ok(Text {
            template: name,
            pieces,
            speaks_of_next_reward: next.iter().any(|name| used.contains(name.as_str())),
        })
    }
}

/// The names that texts of a kind may use.
pub(super) fn known(kind: MessageKind) -> Vec<&'static str> {
    let known = Name::ALWAYS.iter().chain(Name::of_kind(kind));
    known.map(|name| name.as_str()).collect()
}

/// What is said of a name that a text may not use.
fn not_here(used: &str, known: &[&str]) -> String {
    let meant = suggest::nearest(used, known.iter().copied());
    let meant = meant.map_or_else(
        || "this text may use: ".to_owned(),
        |name| format!("did you mean {{{{ {name} }}}}? It may use: "),
    );
    format!("there is no {{{{ {used} }}}} here; {meant}{}", known.join(", "))
}
