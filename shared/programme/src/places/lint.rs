//! Whether what texts say is allowed where they go.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Places;
use super::data::{Demand, Place, Rule, Signature, place, promotional_words};
use super::shape::{SLOT, shapes};
use crate::file::File;
use crate::mistake::{Mistake, Severity, Source};
use crate::text::{self, Parts};
use crate::{Channel, Files, MessageKind, MessageRule, Programme, Purpose};

/// How a programme sends its messages.
struct Sending<'a> {
    /// The programme's name.
    programme: &'a str,
    places: &'a Places,
    /// By kind and cause: of a broadcast its name.
    rule: &'a dyn Fn(MessageKind, &str) -> Option<&'a MessageRule>,
}

/// Adds to what was found in a programme's files what is wrong or doubtful with what its texts say where they go.
pub(crate) fn linted(
    checked: Result<Programme, Vec<Mistake>>,
    files: &Files,
    texts: &text::Read,
) -> Result<Programme, Vec<Mistake>> {
    let (mut told, found) = match &checked {
        Ok(sound) => {
            let sending = Sending {
                programme: &sound.name,
                places: &sound.places,
                rule: &|kind, cause| sound.rule(kind, cause),
            };
            let mut found = lint(files, texts, Some(&sending));
            found.extend(
                sound
                    .approvals
                    .doubts(&texts.written, files, |kind| sound.message(kind)),
            );
            (sound.warnings.clone(), found)
        }
        Err(told) => {
            // Where the main file is not even read, nobody knows where they go.
            let file = toml::from_str::<File>(&files.main);
            let found = file.map_or_else(
                |_| lint(files, texts, None),
                |file| {
                    let rules: BTreeMap<_, _> = file
                        .messages
                        .iter()
                        .map(|(kind, rule)| (*kind.get_ref(), rule))
                        .collect();
                    let broadcast = |name: &str| {
                        let mut all = file.broadcasts.iter().map(toml::Spanned::get_ref);
                        all.find(|one| one.name.as_str() == name).map(|one| &one.message)
                    };
                    let sending = Sending {
                        programme: &file.name,
                        places: &file.places,
                        rule: &|kind, cause| rules.get(&kind).copied().or_else(|| broadcast(cause)),
                    };
                    lint(files, texts, Some(&sending))
                },
            );
            (told.clone(), found)
        }
    };
    told.extend(found);
    let is_wrong = told.iter().any(|mistake| mistake.severity == Severity::Error);
    match checked {
        Ok(mut sound) if !is_wrong => {
            sound.warnings = told;
            Ok(sound)
        }
        Ok(_) | Err(_) => Err(told),
    }
}

/// What is wrong or doubtful with the texts that could be read: what makes them dear, and what they may not say.
fn lint(files: &Files, texts: &text::Read, sending: Option<&Sending<'_>>) -> Vec<Mistake> {
    let (mut dear, mut mistakes) = (Vec::new(), Vec::new());
    for written in &texts.written {
        let locale = written.locale.as_str();
        let name = format!("texts/{locale}.toml");
        let text = files.text(&name).unwrap_or_default();
        let source = Source { name: &name, text };
        for ((kind, cause), (called, under), parts) in written.all() {
            let rule = sending.and_then(|sending| (sending.rule)(kind, cause));
            // What goes by push alone costs no parts.
            let goes_by = |channel| rule.is_none_or(|rule| rule.channels.get_ref().contains(&channel));
            if goes_by(Channel::Sms) {
                dear.extend(texts.texts.doubt(source, (locale, (kind, cause), &called), parts));
            }
            let programme = sending.map_or("", |sending| sending.programme);
            mistakes.extend(text::lint_voice(
                &written.voice,
                (source, &called, programme),
                parts,
                goes_by,
            ));
            if let (Some(rule), Some(sending)) = (rule, sending) {
                let linted = Linted {
                    source,
                    locale,
                    called: &called,
                    under: &under,
                    rule,
                    sending,
                };
                linted.places(parts, &mut mistakes);
                linted.promotional(parts, &mut mistakes);
            }
        }
    }
    let place = |mistake: &Mistake| (mistake.file.clone(), mistake.bytes.start);
    dear.extend(texts.doubts.iter().cloned());
    dear.sort_by_key(place);
    mistakes.sort_by_key(place);
    dear.extend(mistakes);
    dear
}

/// One text in one language.
struct Linted<'a, 's> {
    source: Source<'a>,
    locale: &'a str,
    /// How the message is called, and where the programme says how it is sent.
    called: &'a str,
    under: &'a str,
    rule: &'a MessageRule,
    sending: &'a Sending<'s>,
}

impl Linted<'_, '_> {
    fn goes_by(&self, channel: Channel) -> bool {
        self.rule.channels.get_ref().contains(&channel)
    }

    /// The rules of the places where the language is read.
    fn places(&self, parts: &Parts, mistakes: &mut Vec<Mistake>) {
        if !self.goes_by(Channel::Sms) {
            return;
        }
        let places = self.sending.places.in_force().into_iter().filter_map(place);
        let is_read = |place: &&Place| place.locales.iter().any(|own| own.eq_ignore_ascii_case(self.locale));
        let shapes = shapes(parts.sms.get_ref(), self.sending.programme);
        let ways = Ways {
            shapes: &shapes,
            advertises: self.rule.purpose == Purpose::Promotional,
        };
        for place in places.filter(is_read) {
            for rule in &place.rules {
                if let Some(broken) = ways.broken(place, &rule.demand) {
                    let at = at(self.source, &parts.sms, &broken.word);
                    mistakes.push(self.source.error(at, self.sentence(place, rule, &broken)));
                }
            }
        }
    }

    fn sentence(&self, place: &Place, rule: &Rule, broken: &Broken) -> String {
        let (called, under) = (self.called, self.under);
        let note = rule.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
        let source = format!("{}{note}", place.source(rule));
        let elsewhere = if broken.elsewhere {
            format!(", or tell it by push alone, with channels = [\"push\"] under {under}")
        } else {
            String::new()
        };
        let (what, mend) = (&broken.what, &broken.mend);
        format!("{called} sms, in {}: {what} ({source}); {mend}{elsewhere}", place.name)
    }

    /// Words that advertise, in what claims not to.
    fn promotional(&self, parts: &Parts, mistakes: &mut Vec<Mistake>) {
        if self.rule.purpose == Purpose::Promotional {
            return;
        }
        let (called, under) = (self.called, self.under);
        let texts = [
            ("sms", &parts.sms, Channel::Sms),
            ("push-title", &parts.push_title, Channel::Push),
            ("push-body", &parts.push_body, Channel::Push),
        ];
        for (part, text, channel) in texts {
            // The programme's own name advertises nothing.
            let shapes = shapes(text.get_ref(), "");
            let mut words = promotional_words(self.locale).iter();
            let found = words.find_map(|word| shapes.iter().find_map(|shape| spoken(shape, word)));
            if let Some(word) = found.filter(|_| self.goes_by(channel)) {
                let what = format!(
                    "{called} {part}: {word:?} advertises, and the message is transactional, so that it goes at any hour and to \
                     members who agreed to no advertising; leave it out, or write purpose = \"promotional\" under \
                     {under}"
                );
                mistakes.push(
                    self.source
                        .mistake(Severity::Warning, at(self.source, text, &word), what),
                );
            }
        }
    }
}

/// Where a word stands in a text, or all of the text where it is put together from several places.
pub(crate) fn at(source: Source<'_>, text: &toml::Spanned<String>, word: &str) -> Range<usize> {
    let span = text.span();
    let written = source.text.get(span.clone()).unwrap_or_default();
    match written.find(word).filter(|_| !word.is_empty()) {
        Some(start) => span.start + start..span.start + start + word.len(),
        None => span,
    }
}

/// What breaks a rule.
pub(super) struct Broken {
    /// The word that does, as it is written; empty where something is missing, or all of it does.
    pub(super) word: String,
    pub(super) what: String,
    mend: String,
    /// Whether it may be said on another channel.
    elsewhere: bool,
}

impl Broken {
    fn of(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            word: String::new(),
            what: what.into(),
            mend: mend.into(),
            elsewhere: false,
        }
    }

    fn at(self, word: impl Into<String>) -> Self {
        Self {
            word: word.into(),
            ..self
        }
    }

    fn or_elsewhere(self) -> Self {
        Self {
            elsewhere: true,
            ..self
        }
    }
}

/// A text in all ways in which it may turn out.
pub(super) struct Ways<'a> {
    pub(super) shapes: &'a [String],
    pub(super) advertises: bool,
}

impl Ways<'_> {
    fn any(&self, is: impl Fn(&str) -> bool) -> bool {
        self.shapes.iter().any(|shape| is(shape))
    }

    /// The first of some words that it says.
    fn says(&self, words: &[String]) -> Option<String> {
        let mut words = words.iter();
        words.find_map(|word| self.shapes.iter().find_map(|shape| spoken(shape, word)))
    }

    /// How it breaks a rule, if it does.
    pub(super) fn broken(&self, place: &Place, demand: &Demand) -> Option<Broken> {
        match demand {
            Demand::OptOut {
                any_of,
                at_the_end,
                instead_of,
            } => self.opt_out(any_of, *at_the_end, instead_of),
            Demand::Signature(signature) => self.signature(*signature),
            Demand::NoVariables => {
                let broken = self.advertises && self.any(|shape| shape.contains(SLOT));
                let what = "it advertises and has a {{ }} beside {{ programme }}, and must say the same to everybody";
                broken.then(|| Broken::of(what, "write fixed words instead").or_elsewhere())
            }
            Demand::NoLinkInAVariable => self.any(links).then(|| {
                let mend = "write all of the link without {{ }}, or leave it out";
                Broken::of("a link is the same for everybody", mend)
            }),
            Demand::VariablesApart => self
                .any(touch)
                .then(|| Broken::of("two {{ }} stand next to each other", "write words between them")),
            Demand::NotAllVariable => self.any(|shape| !has_own_words(place, shape)).then(|| {
                let mend = "say in words of its own what it is about";
                Broken::of("there is nothing in it but variables", mend)
            }),
            Demand::SaysMember(words) => {
                let says = |shape: &str| words.iter().any(|word| shape.contains(word.as_str()));
                let broken = self.advertises && self.any(|shape| !says(shape));
                let mend = format!("address them as {}", words.first()?);
                broken.then(|| Broken::of("it advertises and does not say that it is for members", mend))
            }
            Demand::Words { category, reveal } => {
                let word = self.says(reveal)?;
                let what = format!("{word:?} speaks of what may not be sent: {category}");
                Some(Broken::of(what, "leave it out").at(word).or_elsewhere())
            }
            Demand::Symbols(symbols) => {
                let symbol = symbols
                    .iter()
                    .find(|symbol| self.any(|shape| shape.contains(symbol.as_str())))?;
                let what = format!("the sign {symbol} may not be sent");
                Some(Broken::of(what, "write it in words").at(symbol))
            }
            Demand::Longest(most) => {
                let what = format!("it is longer than {most} characters, which is the most");
                let broken = self.any(|shape| shape.chars().count() > *most);
                broken.then(|| Broken::of(what, "shorten it"))
            }
            Demand::Hours(_) | Demand::StateHours { .. } => None,
        }
    }

    fn opt_out(&self, any_of: &[String], at_the_end: bool, instead_of: &[String]) -> Option<Broken> {
        let copy = any_of.first().filter(|_| self.advertises)?;
        let has = |shape: &str, copy: &str| {
            if at_the_end {
                shape.trim_end().ends_with(copy)
            } else {
                shape.contains(copy)
            }
        };
        if self.any(|shape| !any_of.iter().any(|copy| has(shape, copy))) {
            let (all, place) = (any_of.join(" or "), if at_the_end { "at its end" } else { "in it" });
            let what = format!("it advertises and does not say how to be left alone: {all} {place}");
            return Some(Broken::of(what, format!("write {copy} {place}")));
        }
        let word = self.says(instead_of)?;
        let what = format!("{word} is another way out than {copy}, the only one there");
        Some(Broken::of(what, "leave it out").at(word))
    }

    fn signature(&self, signature: Signature) -> Option<Broken> {
        let brackets = |shape: &str| shape.matches(['【', '】']).count();
        let is_first = |shape: &str| {
            let name = shape.strip_prefix('【').and_then(|rest| rest.split_once('】'));
            name.is_some_and(|(name, _)| !name.trim().is_empty()) && brackets(shape) == 2
        };
        let broken = self.any(|shape| match signature {
            Signature::ByPlatform => brackets(shape) > 0,
            Signature::First => !is_first(shape),
            Signature::FirstOrNone => brackets(shape) > 0 && !is_first(shape),
        });
        let (what, mend) = match signature {
            Signature::ByPlatform => (
                "the provider puts the sender's name in 【】 before the text, which has no such brackets itself",
                "leave 【】 and what is in it out, or write other brackets",
            ),
            Signature::First | Signature::FirstOrNone => (
                "the sender's name stands in 【】 at the beginning, and there are no such brackets after it",
                "begin with 【{{ programme }}】, and write other brackets elsewhere",
            ),
        };
        broken.then(|| Broken::of(what, mend))
    }
}

/// Whether two variables have nothing between them.
fn touch(shape: &str) -> bool {
    let mut letters = shape.chars().filter(|letter| !letter.is_whitespace());
    let mut last = ' ';
    letters.any(|letter| std::mem::replace(&mut last, letter) == SLOT && letter == SLOT)
}

/// Whether a part of a link is a variable.
fn links(shape: &str) -> bool {
    let ends = |letter: char| letter.is_whitespace() || (letter > '\u{2e80}' && letter != SLOT);
    let mut tokens = shape.split(ends);
    tokens.any(|token| token.contains(SLOT) && ["://", "www.", ".com", ".cn"].iter().any(|mark| token.contains(mark)))
}

/// Whether a text has words beside variables, the sender's name and the way out.
fn has_own_words(place: &Place, shape: &str) -> bool {
    let mut rest = match shape.strip_prefix('【').and_then(|rest| rest.split_once('】')) {
        Some((_, rest)) => rest.to_owned(),
        None => shape.to_owned(),
    };
    for rule in &place.rules {
        if let Demand::OptOut { any_of, .. } = &rule.demand {
            for copy in any_of {
                rest = rest.replace(copy.as_str(), "");
            }
        }
    }
    rest.chars().any(char::is_alphabetic)
}

/// A word as a text says it: in any letters, and in Chinese with spaces within.
pub(crate) fn spoken(shape: &str, word: &str) -> Option<String> {
    if !word.is_ascii() {
        let plain: String = shape.to_uppercase().split_whitespace().collect();
        return plain.contains(&word.to_uppercase()).then(|| word.to_owned());
    }
    let (lower, word) = (shape.to_ascii_lowercase(), word.to_ascii_lowercase());
    let ends = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
    let is_whole = |start: usize| {
        let before = lower.get(..start).and_then(|before| before.chars().next_back());
        let after = lower.get(start + word.len()..).and_then(|after| after.chars().next());
        ends(before) && ends(after)
    };
    // "20% off" begins with a number.
    let begins_with_sign = !word.starts_with(char::is_alphanumeric);
    let mut places = lower.match_indices(&word).map(|(start, _)| start);
    let start = places.find(|start| begins_with_sign || is_whole(*start))?;
    shape.get(start..start + word.len()).map(str::to_owned)
}
