//! The texts that a member's reply is answered with: `[replies]` of a file of texts. Where a file has none, members get ours.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::context::{Context, Name};
use super::{Adding, Locale, Text, TextError, Texts, Told, missing, sample};

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
    pub(super) fn get(&self, answer: Answer) -> Option<&toml::Spanned<String>> {
        match answer {
            Answer::Stopped => self.stopped.as_ref(),
            Answer::Resumed => self.resumed.as_ref(),
            Answer::Help => self.help.as_ref(),
            Answer::Question => self.question.as_ref(),
        }
    }
}

/// The texts of the answers, by locale.
pub(super) type Answers = BTreeMap<(Locale, Answer), Text>;

/// Adds a locale's answers: the file's own, and ours for the others.
pub(super) fn add(adding: &mut Adding<'_>, replies: &Replies, answers: &mut Answers) {
    for answer in Answer::ALL {
        let own = replies.get(answer);
        let text = own.map_or_else(|| answer.ours(adding.locale), |own| own.get_ref().as_str());
        let called = format!("replies {}", answer.name());
        let place = own.map_or(0..0, toml::Spanned::span);
        if let Some(text) = adding.add(&called, &[Name::Programme.as_str()], (text, place)) {
            answers.insert((adding.locale.to_owned(), answer), text);
        }
    }
}

impl Texts {
    /// The SMS that answers a reply, in a locale that [`Texts::locale_for`] gave.
    pub fn answer(&self, answer: Answer, locale: &str, programme: &str) -> Result<String, TextError> {
        let text = self.answers.get(&(locale.to_owned(), answer));
        let found = text.and_then(|text| Some((text, self.of(locale)?)));
        let (text, spoken) = found.ok_or_else(|| missing(format!("{locale}/replies/{}", answer.name())))?;
        let context = Context {
            programme,
            ..sample(0, "")
        };
        let told = Told::new(self, (locale, &spoken.language), (None, text));
        told.render(&context).map(|told| told.body)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::MessageKind;
    use crate::mistake::Mistake;

    fn file(replies: &str) -> String {
        let of_the_ledger = MessageKind::ALL.iter().filter(|kind| kind.is_of_the_ledger());
        let kinds = of_the_ledger.map(|kind| {
            format!(
                "[{}]\nsms = \"s\"\npush-title = \"t\"\npush-body = \"b\"\n",
                kind.name()
            )
        });
        kinds.chain([replies.to_owned()]).collect()
    }

    fn texts(locale: &str, replies: &str) -> Result<Texts, Vec<Mistake>> {
        let read = Texts::read(&[(locale.to_owned(), file(replies))]);
        if read.mistakes.is_empty() {
            Ok(read.texts)
        } else {
            Err(read.mistakes)
        }
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
