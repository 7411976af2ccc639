//! The texts that a member's reply is answered with: `[replies]` of a file of texts. Where a file has none, members get ours.

use std::collections::BTreeMap;

use minijinja::Environment;
use serde::Deserialize;
use serde::de::value::StringDeserializer;
use serde::de::{IntoDeserializer, MapAccess, Visitor};

use super::context::{Context, Name};
use super::{Kinds, Locale, Text, TextError, Texts, add_part, sample};
use crate::MessageKind;
use crate::mistake::{Mistake, Source};

/// What a reply is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// That no more messages come.
    Stopped,
    /// That messages come again.
    Resumed,
    /// What this number is, and how to stop it.
    Help,
    /// Whether no more messages should come; those that advertise are stopped already.
    Question,
}

impl Answer {
    pub(super) const ALL: [Self; 4] = [Self::Stopped, Self::Resumed, Self::Help, Self::Question];

    /// The name used in the files of texts and in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Resumed => "resumed",
            Self::Help => "help",
            Self::Question => "question",
        }
    }

    /// What a member is answered whose programme says nothing else.
    fn ours(self, locale: &str) -> &'static str {
        let chinese = locale.split('-').next() == Some("zh");
        match (self, chinese) {
            (Self::Stopped, false) => {
                "{{ programme }}: You are unsubscribed and get no more texts from us. Reply START to get them again."
            }
            (Self::Resumed, false) => "{{ programme }}: You get our texts again. Reply STOP to opt out, HELP for help.",
            (Self::Help, false) => {
                "{{ programme }}: Texts about your membership and your points. Reply STOP to opt out."
            }
            (Self::Question, false) => {
                "{{ programme }}: We send you no more offers. Reply STOP to get no texts at all, START to get all again."
            }
            (Self::Stopped, true) => "【{{ programme }}】您已退订，不会再收到我们的短信。如需恢复请回复订阅",
            (Self::Resumed, true) => "【{{ programme }}】您已恢复接收短信。退订回复TD，帮助回复HELP",
            (Self::Help, true) => "【{{ programme }}】这里发送会员与积分短信。退订回复TD",
            (Self::Question, true) => "【{{ programme }}】已停发营销短信。全部退订请回复TD，恢复接收请回复订阅",
        }
    }
}

/// `[replies]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Replies {
    stopped: Option<toml::Spanned<String>>,
    resumed: Option<toml::Spanned<String>>,
    help: Option<toml::Spanned<String>>,
    question: Option<toml::Spanned<String>>,
}

impl Replies {
    fn get(&self, answer: Answer) -> Option<&toml::Spanned<String>> {
        match answer {
            Answer::Stopped => self.stopped.as_ref(),
            Answer::Resumed => self.resumed.as_ref(),
            Answer::Help => self.help.as_ref(),
            Answer::Question => self.question.as_ref(),
        }
    }
}

/// A file of texts.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) kinds: Kinds,
    pub(super) replies: Replies,
}

/// What a section is about.
enum Section {
    Kind(MessageKind),
    Replies,
}

impl<'de> Deserialize<'de> for Section {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        if name == "replies" {
            return Ok(Self::Replies);
        }
        let name: StringDeserializer<D::Error> = name.into_deserializer();
        MessageKind::deserialize(name).map(Self::Kind)
    }
}

/// By hand, since `flatten` would lose where each text stands.
impl<'de> Deserialize<'de> for File {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Sections;
        impl<'de> Visitor<'de> for Sections {
            type Value = File;
            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("a map")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut sections: A) -> Result<File, A::Error> {
                let mut file = File::default();
                while let Some(section) = sections.next_key::<toml::Spanned<Section>>()? {
                    let span = section.span();
                    match section.into_inner() {
                        Section::Replies => file.replies = sections.next_value()?,
                        Section::Kind(kind) => {
                            file.kinds
                                .insert(toml::Spanned::new(span, kind), sections.next_value()?);
                        }
                    }
                }
                Ok(file)
            }
        }
        from.deserialize_map(Sections)
    }
}

/// The texts of the answers, by locale.
pub(super) type Answers = BTreeMap<(Locale, Answer), Text>;

/// Adds a locale's answers: the file's own, and ours for the others.
pub(super) fn add(
    engine: &mut Environment<'static>,
    source: Source<'_>,
    locale: &str,
    replies: &Replies,
    answers: &mut Answers,
) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for answer in Answer::ALL {
        let own = replies.get(answer);
        let text = own.map_or_else(|| answer.ours(locale), |own| own.get_ref().as_str());
        let name = format!("{locale}/replies/{}", answer.name());
        match add_part(engine, name, locale, &[Name::Programme.as_str()], text) {
            Ok(text) => {
                answers.insert((locale.to_owned(), answer), text);
            }
            Err(what) => {
                let place = own.map_or(0..0, toml::Spanned::span);
                mistakes.push(source.error(place, format!("replies {}: {what}", answer.name())));
            }
        }
    }
    mistakes
}

impl Texts {
    /// The SMS that answers a reply, in a locale that [`Texts::locale_for`] gave.
    pub fn answer(&self, answer: Answer, locale: &str, programme: &str) -> Result<String, TextError> {
        let text = self.answers.get(&(locale.to_owned(), answer));
        let text = text.ok_or_else(|| TextError {
            name: format!("{locale}/replies/{}", answer.name()),
            why: "there is no such text".to_owned(),
        })?;
        let context = Context {
            programme,
            ..sample(0, "")
        };
        self.render(text, locale, &context)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn file(replies: &str) -> String {
        let kinds = MessageKind::ALL.iter().map(|kind| {
            format!(
                "[{}]\nsms = \"s\"\npush-title = \"t\"\npush-body = \"b\"\n",
                kind.name()
            )
        });
        kinds.chain([replies.to_owned()]).collect()
    }

    fn texts(locale: &str, replies: &str) -> Result<Texts, Vec<Mistake>> {
        Texts::parse(&[(locale.to_owned(), file(replies))]).map(|(texts, _)| texts)
    }

    #[test]
    fn a_file_without_replies_answers_with_ours_in_its_language() {
        for (locale, begins) in [
            ("en", "Paper Moon: You are"),
            ("zh-CN", "【Paper Moon】您已退订"),
            ("fr", "Paper Moon: You"),
        ] {
            let texts = texts(locale, "").unwrap();
            let text = texts.answer(Answer::Stopped, locale, "Paper Moon").unwrap();
            assert!(text.starts_with(begins), "{text}");
        }
        for answer in Answer::ALL {
            for (locale, limit) in [("en", 160), ("zh-CN", 70)] {
                let text = texts(locale, "")
                    .unwrap()
                    .answer(answer, locale, "Paper Moon Records")
                    .unwrap();
                assert!(text.chars().count() <= limit, "{text} is more than a part");
            }
        }
    }

    #[test]
    fn a_file_says_what_it_wants_said_and_is_checked() {
        let own = texts("en", "[replies]\nhelp = \"Ask {{ programme }}.\"").unwrap();
        assert_eq!(own.answer(Answer::Help, "en", "us").unwrap(), "Ask us.");
        assert!(own.answer(Answer::Resumed, "en", "us").unwrap().starts_with("us: You"));
        for (wrong, what) in [
            ("[replies]\nhelp = \"{{ name }}\"", "there is no {{ name }} here"),
            ("[replies]\nhelp = \"\"", "the text is empty"),
            ("[replies]\nstoped = \"x\"", "stoped"),
            ("[reply]\nhelp = \"x\"", "reply"),
        ] {
            let mistakes = texts("en", wrong).unwrap_err();
            assert!(
                mistakes.iter().any(|mistake| mistake.to_string().contains(what)),
                "{mistakes:?}"
            );
        }
    }
}
