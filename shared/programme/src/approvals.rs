//! Approvals of texts: some who carry SMS let none go whose text they have not looked at before. `approvals.toml` of the
//! programme's folder says what they have let pass; a programme without that file leaves it to them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::files::APPROVALS;
use crate::mistake::{Mistake, Severity, Source};
use crate::places::ChinaProvider;
use crate::text::{self, Locale};
use crate::versions::fingerprint;
use crate::{Channel, MessageKind, MessageRule, Places, suggest};

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    approvals: Vec<Spanned<Approval>>,
}

/// What a provider was asked to let pass, and what it said.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Approval {
    text: MessageKind,
    locale: Locale,
    provider: ChinaProvider,
    /// What the provider calls it.
    template: String,
    state: ApprovalState,
    /// Of the text that was looked at.
    hash: String,
}

/// What becomes of a text at a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApprovalState {
    /// Nobody has asked the provider.
    #[serde(skip_deserializing)]
    Missing,
    Submitted,
    Approved,
    Rejected,
    /// The text is not the one that was looked at.
    #[serde(skip_deserializing)]
    Changed,
}

impl ApprovalState {
    /// The name used in the file and in lists.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Submitted => "submitted",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Changed => "changed",
        }
    }
}

/// A text by SMS, and what its provider says of it.
#[derive(Debug, Clone, Serialize)]
pub struct Approved {
    pub text: MessageKind,
    pub locale: Locale,
    pub provider: ChinaProvider,
    pub template: Option<String>,
    pub state: ApprovalState,
    /// Of the text as it is now.
    pub hash: String,
    /// The languages of the place have it, so that it is asked for.
    #[serde(skip)]
    pub(crate) is_read_there: bool,
}

/// The approvals of a programme.
#[derive(Debug, Clone, Default)]
pub struct Approvals {
    by_text: BTreeMap<(MessageKind, Locale), Approved>,
    /// Whether the programme goes by them.
    is_kept: bool,
}

impl Approvals {
    /// Reads the file against the texts as they are; what is wrong with it is added.
    pub(crate) fn read(
        file: Option<&str>,
        places: &Places,
        written: &[text::Written],
        mistakes: &mut Vec<Mistake>,
    ) -> Self {
        let (Some(text), Some(provider)) = (file, places.cn) else {
            return Self::default();
        };
        let source = Source { name: APPROVALS, text };
        let file: File = toml::from_str(text).unwrap_or_else(|why| {
            let said = format!(
                "{}; write [[approvals]] as `regulars approvals` prints them",
                why.message()
            );
            mistakes.push(source.error(why.span().unwrap_or_default(), said));
            File::default()
        });
        let mut by_text = BTreeMap::new();
        for written in written {
            for (kind, parts) in &written.kinds {
                let approved = Approved {
                    text: *kind.get_ref(),
                    locale: written.locale.clone(),
                    provider,
                    template: None,
                    state: ApprovalState::Missing,
                    hash: fingerprint(parts.sms.get_ref()),
                    is_read_there: places.are_read_in_china(&written.locale),
                };
                by_text.insert((approved.text, approved.locale.clone()), approved);
            }
        }
        for approval in file.approvals {
            let (span, approval) = (approval.span(), approval.into_inner());
            let known: Vec<&str> = written.iter().map(|written| written.locale.as_str()).collect();
            let Some(approved) = by_text.get_mut(&(approval.text, approval.locale.clone())) else {
                let mend = suggest::one_of(&approval.locale, &known);
                let what = format!("there are no texts in {:?}; {mend}", approval.locale);
                mistakes.push(source.error(span, what));
                continue;
            };
            // Another provider's says nothing of this one.
            if approval.provider != provider {
                continue;
            }
            if approved.template.is_some() {
                let (text, locale) = (approval.text.name(), &approval.locale);
                let what = format!("{text} in {locale} stands here twice; keep the later one");
                mistakes.push(source.error(span, what));
            }
            approved.state = match approval.state {
                ApprovalState::Approved if approval.hash != approved.hash => ApprovalState::Changed,
                state => state,
            };
            approved.template = Some(approval.template);
        }
        Self { by_text, is_kept: true }
    }

    /// Each text by SMS that a provider looks at, and what it says of it.
    pub fn all(&self) -> impl Iterator<Item = &Approved> {
        let asked = |approved: &&Approved| approved.is_read_there || approved.template.is_some();
        self.by_text.values().filter(asked)
    }

    /// Whether the programme goes by them.
    pub(crate) fn are_kept(&self) -> bool {
        self.is_kept
    }

    /// Whether a text may go where texts are looked at before.
    pub(crate) fn let_pass(&self, kind: MessageKind, locale: &str) -> bool {
        // Nearly no programme keeps them, and every message asks.
        if !self.is_kept {
            return true;
        }
        let found = self.by_text.get(&(kind, locale.to_owned()));
        found.is_some_and(|approved| approved.state == ApprovalState::Approved)
    }

    /// Warns of texts by SMS that do not go.
    pub(crate) fn doubts<'a>(
        &self,
        written: &[text::Written],
        files: &crate::Files,
        rule: impl Fn(MessageKind) -> Option<&'a MessageRule>,
    ) -> Vec<Mistake> {
        let mut doubts = Vec::new();
        for approved in self.all().filter(|approved| approved.is_read_there) {
            let goes = rule(approved.text).is_some_and(|rule| rule.channels.get_ref().contains(&Channel::Sms));
            let why = match approved.state {
                ApprovalState::Approved => continue,
                ApprovalState::Missing => "nobody has asked for it",
                ApprovalState::Submitted => "it is being looked at",
                ApprovalState::Rejected => "it was refused",
                ApprovalState::Changed => "the text is not the one that was approved",
            };
            let mut own = written.iter().filter(|written| written.locale == approved.locale);
            let kinds = own.next().map(|written| &written.kinds);
            let parts = kinds.and_then(|kinds| kinds.iter().find(|(kind, _)| *kind.get_ref() == approved.text));
            let Some((_, parts)) = parts.filter(|_| goes) else {
                continue;
            };
            let name = format!("texts/{}.toml", approved.locale);
            let text = files.text(&name).unwrap_or_default();
            let (kind, provider, hash) = (approved.text.name(), approved.provider.name(), &approved.hash);
            let what = format!(
                "{kind} sms does not go to mainland China by SMS, for {provider} has not approved it: {why}; add it to \
                 {APPROVALS} with hash = \"{hash}\" once it is (`regulars approvals` prints all)"
            );
            doubts.push(Source { name: &name, text }.mistake(Severity::Warning, parts.sms.span(), what));
        }
        doubts
    }
}
