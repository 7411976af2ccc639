//! A brand's voice: who speaks, in which tone, with how many emoji, and which words it never says. `[voice]` of a file of texts,
//! since a voice is one of a language.

use std::collections::BTreeMap;

use icu_properties::CodePointSetData;
use icu_properties::props::EmojiPresentation;
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use toml::Spanned;

use super::{Kinds, Parts};
use crate::mistake::{Mistake, Source};
use crate::places::{at, shapes, spoken};
use crate::{Channel, MessageKind, suggest};

/// `[voice]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Voice {
    /// Who speaks: `{{ persona }}`.
    pub(super) persona: Option<Spanned<String>>,
    /// How they take their leave: `{{ sign_off }}`.
    pub(super) sign_off: Option<Spanned<String>>,
    /// Which of a text's tones is taken, where it has several.
    pub(super) tone: Option<Spanned<String>>,
    #[serde(default)]
    emoji: Policy,
    /// How many emoji a message has at most that has them sparingly.
    most_emoji: Option<u8>,
    /// Words that are never said.
    #[serde(default)]
    avoid: Vec<String>,
}

/// How many emoji a text may have, by channel.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(from = "PolicyAsWritten")]
struct Policy {
    sms: Emoji,
    push: Emoji,
}

/// How many emoji a text may have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Emoji {
    None,
    Sparing,
    #[default]
    Free,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "write \"none\", \"sparing\" or \"free\", or { sms = \"none\", push = \"sparing\" }"
)]
enum PolicyAsWritten {
    All(Emoji),
    ByChannel(ByChannel),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByChannel {
    #[serde(default)]
    sms: Emoji,
    #[serde(default)]
    push: Emoji,
}

impl From<PolicyAsWritten> for Policy {
    fn from(written: PolicyAsWritten) -> Self {
        match written {
            PolicyAsWritten::All(all) => Self { sms: all, push: all },
            PolicyAsWritten::ByChannel(ByChannel { sms, push }) => Self { sms, push },
        }
    }
}

impl Voice {
    /// How many emoji a text may have that goes by a channel; none where it may have any number.
    fn most(&self, channel: Channel) -> Option<usize> {
        let emoji = match channel {
            Channel::Sms => self.emoji.sms,
            Channel::Push => self.emoji.push,
        };
        match emoji {
            Emoji::None => Some(0),
            Emoji::Sparing => Some(usize::from(self.most_emoji.unwrap_or(1))),
            Emoji::Free => None,
        }
    }

    /// What stands in every text for a slot, whoever is told: it is put in when the file is read.
    pub(super) fn slots(&self, source: Source<'_>, mistakes: &mut Vec<Mistake>) -> BTreeMap<&'static str, String> {
        let own = [("persona", &self.persona), ("sign_off", &self.sign_off)];
        let own = own.into_iter().filter_map(|(slot, said)| Some((slot, said.as_ref()?)));
        let mut slots = BTreeMap::new();
        for (slot, said) in own {
            let text = said.get_ref();
            if text.trim().is_empty() || ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark)) {
                let what = format!("the voice's {slot} is to be words alone; write them, or leave it out");
                mistakes.push(source.error(said.span(), what));
            }
            slots.insert(slot, text.clone());
        }
        slots
    }
}

/// A text as it is written: one, or one in each of several tones.
#[derive(Debug)]
pub(super) enum AsWritten {
    One(String),
    InTones(BTreeMap<Spanned<String>, Spanned<String>>),
}

/// By hand, since an untagged enum would lose where each tone stands.
impl<'de> Deserialize<'de> for AsWritten {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = AsWritten;
            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("a string")
            }
            fn visit_str<E>(self, text: &str) -> Result<AsWritten, E> {
                Ok(AsWritten::One(text.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut tones: A) -> Result<AsWritten, A::Error> {
                let mut all = BTreeMap::new();
                while let Some((tone, text)) = tones.next_entry()? {
                    all.insert(tone, text);
                }
                Ok(AsWritten::InTones(all))
            }
        }
        from.deserialize_any(Either)
    }
}

/// The texts of a kind as they are written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PartsAsWritten {
    sms: Spanned<AsWritten>,
    push_title: Spanned<AsWritten>,
    push_body: Spanned<AsWritten>,
}

/// A text in a tone that the voice does not take now: it is checked all the same.
pub(super) struct Other {
    pub(super) kind: MessageKind,
    /// How it is called in a mistake.
    pub(super) called: String,
    pub(super) text: Spanned<String>,
}

/// The texts in the voice's tone, and those in other tones.
pub(super) fn in_tone(
    written: BTreeMap<Spanned<MessageKind>, PartsAsWritten>,
    voice: &Voice,
    source: Source<'_>,
    mistakes: &mut Vec<Mistake>,
) -> (Kinds, Vec<Other>) {
    let mut others = Vec::new();
    let kinds = written.into_iter().map(|(kind, parts)| {
        let own = *kind.get_ref();
        let mut pick = |part: &str, text: Spanned<AsWritten>| {
            let span = text.span();
            let tones = match text.into_inner() {
                AsWritten::One(text) => return Spanned::new(span, text),
                AsWritten::InTones(tones) => tones,
            };
            let (mut picked, mut known) = (None, Vec::new());
            let tone = voice.tone.as_ref().map(|tone| tone.get_ref().as_str());
            for (name, text) in tones {
                let is_own = Some(name.get_ref().as_str()) == tone;
                known.push(name.get_ref().clone());
                if is_own {
                    picked = Some(text);
                } else {
                    let called = format!("{} {part} ({})", own.name(), name.get_ref());
                    others.push(Other {
                        kind: own,
                        called,
                        text,
                    });
                }
            }
            picked.unwrap_or_else(|| {
                let what = format!("{} {part}: {}", own.name(), untold(tone, &known));
                mistakes.push(source.error(span.clone(), what));
                // Not to be told of a second time.
                Spanned::new(span, "…".to_owned())
            })
        };
        let parts = Parts {
            sms: pick("sms", parts.sms),
            push_title: pick("push-title", parts.push_title),
            push_body: pick("push-body", parts.push_body),
        };
        (kind, parts)
    });
    let kinds = kinds.collect();
    (kinds, others)
}

/// What is said of a text in tones, of which none is the voice's.
fn untold(tone: Option<&str>, known: &[String]) -> String {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    if let Some(tone) = tone {
        let mend = suggest::one_of(tone, &known);
        return format!("it is in several tones, and {tone:?}, which [voice] takes, is none of them; {mend}");
    }
    let first = known.first().copied().unwrap_or("warm");
    format!("it is in several tones, and nothing says which is taken; add [voice] with tone = {first:?}")
}

/// How many emoji a text shows, and the first of them: one of several characters, as a family or a flag is, counts once.
fn emoji(text: &str) -> (usize, Option<char>) {
    let shown = CodePointSetData::new::<EmojiPresentation>();
    let (mut count, mut first, mut last) = (0, None, None);
    // Whether what stood last is counted, or part of what is.
    let mut is_counted = false;
    let (mut is_joined, mut half_flag) = (false, false);
    for letter in text.chars() {
        match letter {
            JOINER => is_joined = true,
            '\u{1f3fb}'..='\u{1f3ff}' if last.is_some() => {}
            AS_EMOJI if is_counted => {}
            AS_EMOJI => {
                count += 1;
                first = first.or(last);
                is_counted = true;
            }
            _ => {
                let is_flag = ('\u{1f1e6}'..='\u{1f1ff}').contains(&letter);
                is_counted = is_joined || (is_flag && half_flag);
                half_flag = is_flag && !half_flag;
                is_joined = false;
                last = Some(letter);
                if !is_counted && shown.contains(letter) {
                    count += 1;
                    first = first.or(last);
                    is_counted = true;
                }
            }
        }
    }
    (count, first)
}

const JOINER: char = '\u{200d}';
/// Makes an emoji of a sign that is plain without it.
const AS_EMOJI: char = '\u{fe0f}';

/// What a kind's texts say that the voice does not.
pub(crate) fn lint(
    voice: &Voice,
    (source, called, programme): (Source<'_>, &str, &str),
    parts: &Parts,
    goes_by: impl Fn(Channel) -> bool,
) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let texts = [
        ("sms", &parts.sms, Channel::Sms),
        ("push-title", &parts.push_title, Channel::Push),
        ("push-body", &parts.push_body, Channel::Push),
    ];
    for (part, text, channel) in texts.into_iter().filter(|(_, _, channel)| goes_by(*channel)) {
        let mut say = |word: &str, what: String| {
            let said = format!("{called} {part}: {what}");
            mistakes.push(source.error(at(source, text, word), said));
        };
        let shapes = shapes(text.get_ref(), programme);
        if let Some(most) = voice.most(channel) {
            let found = shapes.iter().map(|shape| emoji(shape)).max_by_key(|(count, _)| *count);
            if let Some((count, Some(first))) = found.filter(|(count, _)| *count > most) {
                let what = match most {
                    0 => {
                        let by = match channel {
                            Channel::Sms => "an SMS",
                            Channel::Push => "a push",
                        };
                        format!("the voice has no emoji in {by}, and this has {count}; leave them out")
                    }
                    _ => format!("the voice has {most} emoji in a text at most, and this has {count}; leave some out"),
                };
                say(&first.to_string(), what);
            }
        }
        for word in &voice.avoid {
            if let Some(found) = shapes.iter().find_map(|shape| spoken(shape, word)) {
                let what = format!("the voice never says {word:?}; say it in other words, or take it out of avoid");
                say(&found, what);
            }
        }
    }
    mistakes
}

#[cfg(test)]
mod tests {
    use super::emoji;

    #[test]
    fn emoji_count_as_they_are_seen() {
        for (text, count) in [
            ("plain © ™ ❤ ☀ 1 # *", 0),
            ("🎉", 1),
            ("🎉🎉 ☀️", 3),
            ("👩‍👩‍👧‍👦 and 👍🏽", 2),
            ("👩‍❤️‍👩", 1),
            ("🇨🇳🇺🇸", 2),
            ("1️⃣ ❤️", 2),
            ("积分🎵到账", 1),
        ] {
            assert_eq!(emoji(text).0, count, "{text}");
        }
        assert_eq!(emoji("x ☀️ 🎉").1, Some('☀'));
    }
}
