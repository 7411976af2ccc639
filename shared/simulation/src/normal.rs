//! The form in which a simulation and a run over the same history are equal, byte for byte.
//!
//! A member's form is text: every entry of the ledger with all its fields, the link of the chain among them; the hash over
//! all of them and the alarm; every message with its key, its state and reason, its channel, parts and text, and the
//! instants at which it was last put off until and sent; and what was refused, with why. It leaves out what a
//! member's history does not determine: versions, places in streams, ids of messages, and how entries are divided into
//! pages where several activities came in one commit.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::Timestamp;
use ledger::{Account, Entry, MemberId, Refusal};
use messages::Intent;

use crate::member::Member;
use crate::observer::{Commit, Fate, Observer, Told};

/// How a message ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    pub state: String,
    pub reason: Option<String>,
    pub channel: Option<String>,
    pub parts: u32,
    /// Title and body, where it was sent.
    pub text: Option<(String, String)>,
    /// Until when it was last put off.
    pub until: Option<Timestamp>,
    pub sent: Option<Timestamp>,
}

/// A member in normal form, as it is gathered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    pub entries: Vec<Entry>,
    /// The hash over the entries, and the alarm; none where nobody signed up.
    account: Option<String>,
    /// By key.
    pub messages: BTreeMap<String, (Intent, Message)>,
    /// By activity.
    pub refused: BTreeMap<String, String>,
}

impl Form {
    pub fn set_account(&mut self, account: &Account) {
        self.account = Some(format!("head {:?}\nalarm {}", account.head(), account.alarm()));
    }

    /// The form as text, one line for each thing.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for entry in &self.entries {
            let Entry {
                cause,
                at,
                decided,
                wallet,
                what,
                link,
            } = entry;
            let [a, b, c, d] = link;
            let link = format!("{a:02x}{b:02x}{c:02x}{d:02x}");
            let _ = writeln!(
                out,
                "entry {cause} at {at} decided {decided} wallet {wallet} link {link} {what:?}"
            );
        }
        if let Some(account) = &self.account {
            let _ = writeln!(out, "{account}");
        }
        for (key, (intent, message)) in &self.messages {
            let _ = writeln!(
                out,
                "message {key} at {} useful until {} {:?} {message:?}",
                intent.at, intent.useful_until, intent.facts
            );
        }
        for (activity, reason) in &self.refused {
            let _ = writeln!(out, "refused {activity} {reason}");
        }
        out
    }
}

/// Gathers the normal form of every member.
#[derive(Debug, Default)]
pub struct Forms {
    pub members: BTreeMap<MemberId, Form>,
}

impl Forms {
    fn of(&mut self, member: &MemberId) -> &mut Form {
        self.members.entry(member.clone()).or_default()
    }
}

impl Observer for Forms {
    fn committed(&mut self, commit: &Commit<'_>) {
        let form = self.of(commit.member);
        form.entries.extend_from_slice(commit.entries);
        // What came before the sign-up was refused for the want of it, and is tried again.
        if commit.before.is_none() {
            form.refused.clear();
        }
    }

    fn told(&mut self, told: &Told<'_>) {
        let mut message = Message {
            until: told.waited_until,
            ..Message::default()
        };
        match told.fate {
            Fate::Sent(send) => {
                message.state = "sent".to_owned();
                message.channel = Some(send.channel.name().to_owned());
                message.parts = send.parts;
                message.text = Some((send.text.title.clone(), send.text.body.clone()));
                message.sent = Some(told.now);
            }
            Fate::Deferred { until, .. } => {
                message.state = "deferred".to_owned();
                message.until = Some(*until);
            }
            Fate::Suppressed { reason } => {
                message.state = "suppressed".to_owned();
                message.reason = Some((*reason).to_owned());
            }
        }
        let key = told.intent.key();
        self.of(&told.intent.member)
            .messages
            .insert(key, (told.intent.clone(), message));
    }

    fn refused(&mut self, member: &MemberId, activity: &ledger::ActivityId, refusal: &Refusal) {
        self.of(member).refused.insert(activity.to_string(), refusal.reason());
    }

    fn ended(&mut self, member: &Member) {
        if let Some(account) = member.account() {
            self.of(member.id()).set_account(account);
        }
    }
}
