//! The texts that tell of several things at once: `[digest]` of a file of texts. Where a file has none, members get ours.
//!
//! Each thing has a line in it: that of its kind, else the title that its push would have.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::context::Name;
use super::{Adding, Text, TextError, Texts, Told, missing};
use crate::{Channel, MessageKind};

/// `[digest]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Digest {
    sms: Option<toml::Spanned<String>>,
    push_title: Option<toml::Spanned<String>>,
    push_body: Option<toml::Spanned<String>>,
    /// The lines of kinds.
    #[serde(default)]
    lines: BTreeMap<toml::Spanned<MessageKind>, toml::Spanned<String>>,
}

/// The texts of a locale.
#[derive(Debug, Clone, Default)]
pub(super) struct Ready {
    told: super::Ready,
    lines: BTreeMap<MessageKind, Text>,
}

/// No more things than these are told at once: far fewer than would fill the longest text.
pub const MOST_LINES: usize = 10;

fn is_chinese(locale: &str) -> bool {
    locale.split('-').next() == Some("zh")
}

fn ours(part: &str, locale: &str) -> &'static str {
    match (part, is_chinese(locale)) {
        ("sms", false) => {
            "{{ programme }}: {{ lines }}. You have {{ balance|number }} to spend. Reply STOP to opt out."
        }
        ("push-title", false) => "{{ count }} things to tell, {{ name }}",
        (_, false) => "{{ lines }}\nYou have {{ balance|number }} to spend.",
        ("sms", true) => "【{{ programme }}】会员您好，{{ lines }}。现有{{ balance|number }}积分可用。拒收请回复R",
        ("push-title", true) => "{{ name }}，您有{{ count }}条会员消息",
        (_, true) => "{{ lines }}\n现有{{ balance|number }}积分可用。",
    }
}

/// The line of a kind whose push says in its body what must not be lost: a code, or a day. English stands for all languages that
/// we have no words in, so it has no plural of theirs.
fn our_line(kind: MessageKind, locale: &str) -> Option<&'static str> {
    match (kind, is_chinese(locale)) {
        (MessageKind::RewardReady, false) => Some(
            "{{ reward }} is yours{% if code %}, code {{ code }}{% endif %}{% if lapses %}, through {{ date|date }}{% endif %}",
        ),
        (MessageKind::RewardReady, true) => Some(
            "{{ reward }}已到账{% if code %}，兑换码{{ code }}{% endif %}{% if lapses %}，{{ date|date }}前有效{% endif %}",
        ),
        (MessageKind::RewardExpiring, false) => {
            Some("{{ reward }} is still yours{% if code %}, code {{ code }}{% endif %}, through {{ date|date }}")
        }
        (MessageKind::RewardExpiring, true) => {
            Some("{{ reward }}尚未使用{% if code %}，兑换码{{ code }}{% endif %}，{{ date|date }}前有效")
        }
        (MessageKind::TierAtRisk, false) => Some(
            "{{ points|number }} {% if points == 1 %}point{% else %}points{% endif %} more before {{ date|date }} to stay a {{ tier }}",
        ),
        (MessageKind::TierAtRisk, true) => Some("{{ date|date }}前再得{{ points|number }}积分，可保留{{ tier }}等级"),
        (MessageKind::PointsPending, false) => Some(
            "+{{ points|number }} {% if points == 1 %}point{% else %}points{% endif %}, yours to spend from {{ date|date }}",
        ),
        (MessageKind::PointsPending, true) => Some("+{{ points|number }}积分，{{ date|date }}起可用"),
        (
            MessageKind::Welcome
            | MessageKind::PointsEarned
            | MessageKind::PointsUnlocked
            | MessageKind::PointsExpiring
            | MessageKind::PointsExpired
            | MessageKind::PointsReturned
            | MessageKind::PointsReceived
            | MessageKind::TierUpgraded
            | MessageKind::CartLeft
            | MessageKind::Birthday
            | MessageKind::Anniversary
            | MessageKind::Broadcast,
            _,
        ) => None,
    }
}

impl Digest {
    /// The file's own texts.
    pub(super) fn all(&self) -> impl Iterator<Item = &toml::Spanned<String>> {
        let told = [&self.sms, &self.push_title, &self.push_body].into_iter().flatten();
        told.chain(self.lines.values())
    }
}

/// Adds a locale's: the file's own, and ours for what it does not say.
pub(super) fn add(adding: &mut Adding<'_>, digest: &Digest) -> Ready {
    let known = Name::ALWAYS.iter().chain(&[Name::Lines, Name::Count]);
    let known: Vec<&str> = known.map(|name| name.as_str()).collect();
    let mut part = |part: &str, own: &Option<toml::Spanned<String>>| {
        let text = own
            .as_ref()
            .map_or_else(|| ours(part, adding.locale), |own| own.get_ref().as_str());
        let place = own.as_ref().map_or(0..0, toml::Spanned::span);
        adding
            .add(&format!("digest {part}"), &known, (text, place))
            .unwrap_or_default()
    };
    let told = super::Ready {
        sms: part("sms", &digest.sms),
        push_title: part("push-title", &digest.push_title),
        push_body: part("push-body", &digest.push_body),
    };
    let mut lines = BTreeMap::new();
    for kind in MessageKind::ALL {
        let own = digest.lines.iter().find(|(of, _)| *of.get_ref() == kind);
        let own = own.map(|(_, line)| (line.get_ref().as_str(), line.span()));
        let text = own.or_else(|| Some((our_line(kind, adding.locale)?, 0..0)));
        let called = format!("digest line {}", kind.name());
        let added = text.and_then(|text| adding.add(&called, &super::known(kind), text));
        lines.extend(added.map(|line| (kind, line)));
    }
    Ready { told, lines }
}

/// What a digest says of several things, as one text.
pub fn joined(lines: &[String], channel: Channel, locale: &str) -> String {
    lines.join(match channel {
        Channel::Push => "\n",
        Channel::Sms if is_chinese(locale) => "；",
        Channel::Sms => "; ",
    })
}

impl Texts {
    /// What tells of several things on a channel, in a locale that [`Texts::locale_for`] gave: `lines`, which [`joined`] gives,
    /// and their `count`.
    pub fn digest<'a>(&'a self, channel: Channel, locale: &'a str) -> Result<Told<'a>, TextError> {
        let spoken = self.of(locale).ok_or_else(|| missing(format!("{locale}/digest")))?;
        let of = (locale, spoken.language.as_ref());
        Ok(Told::of_channel(self, of, &spoken.digest.told, channel))
    }

    /// What a digest says of a message, by its kind and cause, in a locale that [`Texts::locale_for`] gave.
    pub fn line<'a>(&'a self, of: (MessageKind, &str), locale: &'a str) -> Result<Told<'a>, TextError> {
        let (language, ready) = self.ready(of, locale)?;
        let own = self.of(locale).and_then(|spoken| spoken.digest.lines.get(&of.0));
        let line = own.unwrap_or(&ready.push_title);
        Ok(Told::new(self, (locale, language), (None, line)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::text::{Context, Locale, sample};
    use crate::{Mistake, Rendered};

    fn texts(locale: &str, digest: &str) -> Result<Texts, Vec<Mistake>> {
        let of_the_ledger = MessageKind::ALL.iter().filter(|kind| kind.is_of_the_ledger());
        let kinds = of_the_ledger.map(|kind| {
            let name = kind.name();
            format!("[{name}]\nsms = \"s\"\npush-title = \"t\"\npush-body = \"b\"\n")
        });
        let file: String = kinds.chain([digest.to_owned()]).collect();
        let read = Texts::read(&[(Locale::from(locale), file)]);
        if read.mistakes.is_empty() {
            Ok(read.texts)
        } else {
            Err(read.mistakes)
        }
    }

    fn told(texts: &Texts, channel: Channel, locale: &str, lines: &[&str]) -> Rendered {
        let owned: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        let context = Context {
            programme: "Paper Moon",
            balance: 1_234,
            lines: &joined(&owned, channel, locale),
            count: i64::try_from(lines.len()).unwrap(),
            ..sample(0, "Ann")
        };
        texts.digest(channel, locale).unwrap().render(&context).unwrap()
    }

    #[test]
    fn a_digest_lists_all_of_its_lines() {
        let lines = ["+20 points", "You are now a Collector"];
        let english = texts("en", "").unwrap();
        let sms = told(&english, Channel::Sms, "en", &lines);
        assert_eq!(
            sms.body,
            "Paper Moon: +20 points; You are now a Collector. You have 1,234 to spend. Reply STOP to opt out."
        );
        let push = told(&english, Channel::Push, "en", &lines);
        assert_eq!(push.title, "2 things to tell, Ann");
        assert_eq!(
            push.body,
            "+20 points\nYou are now a Collector\nYou have 1,234 to spend."
        );
        let chinese = texts("zh-CN", "").unwrap();
        let sms = told(&chinese, Channel::Sms, "zh-CN", &["+20 积分", "+5 积分"]);
        assert_eq!(
            sms.body,
            "【Paper Moon】会员您好，+20 积分；+5 积分。现有1,234积分可用。拒收请回复R"
        );
    }

    #[test]
    fn a_file_says_its_own_digest_and_is_checked() {
        let own = texts("en", "[digest]\nsms = \"{{ count }}: <{{ lines }}>\"").unwrap();
        let sms = told(&own, Channel::Sms, "en", &["a", "b"]);
        assert_eq!(sms.body, "2: <a; b>");
        let lines = "[digest.lines]\nwelcome = \"Hello, {{ name }}\"";
        let own = texts("en", lines).unwrap();
        let line = |kind| {
            let told = own.line((kind, ""), "en").unwrap();
            told.render(&sample(7, "Ann")).unwrap().body
        };
        assert_eq!(line(MessageKind::Welcome), "Hello, Ann");
        // Nothing that a member needs is lost, and what has no line is told by its title.
        assert_eq!(
            line(MessageKind::RewardReady),
            "Ann is yours, code Ann, through 29 February 2028"
        );
        assert_eq!(line(MessageKind::Birthday), "t");
        for (wrong, what) in [
            ("[digest]\nsms = \"{{ points }}\"", "there is no {{ points }} here"),
            ("[digest]\nsms = \"\"", "the text is empty"),
            ("[digest]\nsmss = \"x\"", "smss"),
            (
                "[digest.lines]\nwelcome = \"{{ code }}\"",
                "there is no {{ code }} here",
            ),
        ] {
            let mistakes = texts("en", wrong).unwrap_err();
            assert!(
                mistakes.iter().any(|mistake| mistake.to_string().contains(what)),
                "{mistakes:?}"
            );
        }
    }
}
