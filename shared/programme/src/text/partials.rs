//! Partials: what several texts of a file have in common, under a name. They are put in when a file is read, so that whatever
//! reads a text sees all of it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;

use super::{LONGEST, Parts};
use crate::mistake::{Mistake, Severity, Source};
use crate::suggest;

/// `[partials]`: each with its name.
pub(super) type Partials = BTreeMap<Spanned<String>, Spanned<String>>;

/// Why nothing is put in: what is wrong, or nothing where that was told of already.
pub(super) type Refused = Option<String>;

/// The partials of a file, each with all that it includes itself.
#[derive(Debug, Default)]
pub(super) struct Whole {
    /// None where something is wrong with it.
    by_name: BTreeMap<String, Option<String>>,
    /// Those that other partials include.
    included: BTreeSet<String>,
    /// What stands for slots that are the same in every text: the voice's.
    slots: Slots,
}

/// What stands for a slot, whoever is told.
pub(super) type Slots = BTreeMap<&'static str, String>;

impl Whole {
    /// Puts partials into each other, and says which cannot be.
    pub(super) fn of(partials: &Partials, slots: Slots, source: Source<'_>, mistakes: &mut Vec<Mistake>) -> Self {
        let mut whole = Self {
            slots,
            ..Self::default()
        };
        for (name, text) in partials {
            if let Err(Some(what)) = whole.resolve(partials, name.get_ref(), &mut Vec::new()) {
                let said = format!("the partial {}: {what}", name.get_ref());
                mistakes.push(source.error(text.span(), said));
            }
        }
        whole
    }

    /// Puts into a partial what it includes; `within` are those that it is included by.
    fn resolve(&mut self, all: &Partials, name: &str, within: &mut Vec<String>) -> Result<String, Refused> {
        if let Some(known) = self.by_name.get(name) {
            return known.clone().ok_or(None);
        }
        let Some((_, text)) = all.iter().find(|(own, _)| own.get_ref() == name) else {
            let known: Vec<&str> = all.keys().map(|name| name.get_ref().as_str()).collect();
            return Err(Some(unknown(name, &known)));
        };
        if let Some(start) = within.iter().position(|other| other == name) {
            let ring: Vec<&str> = within.iter().skip(start).map(String::as_str).chain([name]).collect();
            let ring = ring.join(", which includes ");
            return Err(Some(format!(
                "it goes round without end, {ring}; take one of the includes out"
            )));
        }
        within.push(name.to_owned());
        // As the engine drops a text's last new line.
        let text = text.get_ref().strip_suffix('\n').unwrap_or(text.get_ref());
        let slots = self.slots.clone();
        let found = put_in(text, &slots, |other| {
            self.included.insert(other.to_owned());
            self.resolve(all, other, within)
        });
        within.pop();
        self.by_name.insert(name.to_owned(), found.clone().ok());
        found
    }

    /// A text with the partials that it includes.
    pub(super) fn put_in<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, Refused> {
        let has_slot = || self.slots.keys().any(|slot| text.contains(slot));
        if !text.contains("include") && !has_slot() {
            return Ok(Cow::Borrowed(text));
        }
        let whole = put_in(text, &self.slots, |name| {
            if let Some(partial) = self.by_name.get(name) {
                return partial.clone().ok_or(None);
            }
            let known: Vec<&str> = self.by_name.keys().map(String::as_str).collect();
            Err(Some(unknown(name, &known)))
        });
        whole.map(Cow::Owned)
    }

    /// Texts with what they include, as far as that can be.
    pub(super) fn in_all<K: Ord>(&self, mut kinds: BTreeMap<K, Parts>) -> BTreeMap<K, Parts> {
        for parts in kinds.values_mut() {
            for text in [&mut parts.sms, &mut parts.push_title, &mut parts.push_body] {
                if let Ok(Cow::Owned(whole)) = self.put_in(text.get_ref()) {
                    *text = Spanned::new(text.span(), whole);
                }
            }
        }
        kinds
    }

    /// The partials that are whole.
    pub(super) fn sound(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.by_name.iter();
        all.filter_map(|(name, text)| Some((name.as_str(), text.as_deref()?)))
    }

    /// The same where some are known to be wrong.
    pub(super) fn without(mut self, wrong: &[String]) -> Self {
        self.by_name.extend(wrong.iter().map(|name| (name.clone(), None)));
        self
    }

    /// Warns of partials that nothing includes.
    pub(super) fn unused<'t>(
        &self,
        partials: &Partials,
        source: Source<'_>,
        texts: impl Iterator<Item = &'t str>,
    ) -> Vec<Mistake> {
        let mut used = self.included.clone();
        for text in texts.filter(|text| text.contains("include")) {
            // What is wrong with it is told of where it is read.
            let _ = put_in(text, &self.slots, |name| {
                used.insert(name.to_owned());
                Ok(String::new())
            });
        }
        let unused = partials.keys().filter(|name| !used.contains(name.get_ref()));
        let said = |name: &Spanned<String>| {
            let own = name.get_ref();
            let what =
                format!("no text includes the partial {own}; write {{% include \"{own}\" %}} in one, or take it out");
            source.mistake(Severity::Warning, name.span(), what)
        };
        unused.map(said).collect()
    }
}

fn unknown(name: &str, known: &[&str]) -> String {
    let mend = if known.is_empty() {
        format!("add [partials] with {name} = \"…\"")
    } else {
        suggest::one_of(name, known)
    };
    format!("there is no partial {name:?}; {mend}")
}

/// A text in which what `find` gives stands for each `{% include "name" %}`, and what the slots say for them.
fn put_in(text: &str, slots: &Slots, mut find: impl FnMut(&str) -> Result<String, Refused>) -> Result<String, Refused> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(start) = ["{%", "{#", "{{"].iter().filter_map(|mark| rest.find(mark)).min() {
        let (words, marked) = rest.split_at(start);
        out.push_str(words);
        let end = match marked.get(..2) {
            Some("{{") => "}}",
            Some("{%") => "%}",
            _ => "#}",
        };
        let length = marked.find(end).map_or(marked.len(), |at| at + end.len());
        let (tag, after) = marked.split_at(length);
        rest = after;
        let found = match Tag::read(tag)? {
            Tag::Include(name) => Some(find(name)?),
            Tag::Slot(name) => slots.get(name).cloned(),
            Tag::Other => None,
        };
        if let Some(found) = found {
            if tag.get(2..3) == Some("-") {
                out.truncate(out.trim_end().len());
            }
            out.push_str(&found);
            if tag.len() > 5 && tag.get(tag.len() - 3..tag.len() - 2) == Some("-") {
                rest = rest.trim_start();
            }
        } else {
            out.push_str(tag);
        }
        if out.len() > LONGEST {
            let what = format!("with what it includes it has more than {LONGEST} bytes; include less");
            return Err(Some(what));
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// What stands in braces.
enum Tag<'a> {
    /// `{% include "name" %}`
    Include(&'a str),
    /// `{{ name }}`
    Slot(&'a str),
    Other,
}

impl<'a> Tag<'a> {
    fn read(tag: &'a str) -> Result<Self, Refused> {
        let bare = |inside: &'a str| inside.trim_matches(['-', '+']).trim();
        if let Some(inside) = tag.strip_prefix("{{").and_then(|tag| tag.strip_suffix("}}")) {
            return Ok(Self::Slot(bare(inside)));
        }
        let inside = tag.strip_prefix("{%").and_then(|tag| tag.strip_suffix("%}"));
        let Some(name) = inside.and_then(|inside| bare(inside).strip_prefix("include")) else {
            return Ok(Self::Other);
        };
        let name = name.trim();
        let quoted = |quote: char| name.strip_prefix(quote)?.strip_suffix(quote);
        let found = quoted('"').or_else(|| quoted('\''));
        let found = found.filter(|name| !name.contains(['"', '\'']));
        found.map(Self::Include).ok_or_else(|| {
            Some("include takes the name of a partial in quotes; write {% include 'signature' %}".to_owned())
        })
    }
}
