//! The form in which a simulation and a run over the same history are equal, byte for byte.
//!
//! A member's form is text: every entry of the ledger with all its fields, the link of the chain among them; the hash over
//! all of them and the alarm; every message with its key, its state and reason, its channel, parts and text, and the
//! instants at which it was last put off until and sent; what was refused, with why; the consents in force and those that are
//! withheld; and what was replied, what that came to and how it was answered, of who was not forgotten. It leaves out what a
//! member's history does not determine: versions, places in streams, ids of messages, and how entries are divided into
//! pages where several activities came in one commit.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use jiff::Timestamp;
use ledger::{Account, Entry, MemberId, UNKNOWN_MEMBER};
use messages::{Intent, Profile};
use programme::{Channel, Purpose};

use crate::member::Member;
use crate::observer::{Commit, Fate, Observer, Refused, Replied, Told};

/// How a message ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    pub state: String,
    pub reason: Option<String>,
    pub channel: Option<String>,
    pub parts: u32,
    /// Title and body, where it was sent.
    pub text: Option<(String, String)>,
    /// The key of the one that it went with.
    pub into: Option<String>,
    /// Until when it was last put off.
    pub until: Option<Timestamp>,
    pub sent: Option<Timestamp>,
}

/// A reply, and what it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub at: Timestamp,
    pub asked: String,
    pub came: String,
}

/// A member in normal form, as it is gathered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    pub entries: Vec<Entry>,
    /// The hash over the entries, and the alarm; none where nobody signed up.
    account: Option<String>,
    /// In force, and withheld; none where nobody signed up.
    consents: Option<String>,
    /// By key.
    pub messages: BTreeMap<String, (Intent, Message)>,
    /// By activity.
    pub refused: BTreeMap<String, String>,
    /// Those that asked anything, by id.
    pub replies: BTreeMap<String, Reply>,
    /// What replies were answered with, and when: no language, since a number's first member has it.
    pub answers: Vec<(Timestamp, String)>,
}

impl Form {
    pub fn set_account(&mut self, account: &Account) {
        self.account = Some(format!("head {:?}\nalarm {}", account.head(), account.alarm()));
    }

    pub fn set_consents(&mut self, profile: &Profile) {
        let of = |consents: &BTreeSet<(Channel, Purpose)>| {
            let names = consents.iter();
            let names = names.map(|(channel, purpose)| format!(" {}/{}", channel.name(), purpose.name()));
            names.collect::<String>()
        };
        let (in_force, withheld) = (of(&profile.consents), of(&profile.withheld));
        self.consents = Some(format!("consents{in_force}, withheld{withheld}"));
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
        if let Some(consents) = &self.consents {
            let _ = writeln!(out, "{consents}");
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
        for (id, Reply { at, asked, came }) in &self.replies {
            let _ = writeln!(out, "{id} at {at} asked {asked}, came to {came}");
        }
        for (at, answer) in &self.answers {
            let _ = writeln!(out, "answered {answer} at {at}");
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
            form.refused.retain(|_, why| !why.starts_with(UNKNOWN_MEMBER));
        }
    }

    fn told(&mut self, told: &Told<'_>) {
        let mut message = Message {
            until: told.waited.map(|waited| waited.until),
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
            Fate::Merged { into } => {
                message.state = "merged".to_owned();
                message.into = Some(into.clone());
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

    fn refused(&mut self, member: &MemberId, activity: &ledger::ActivityId, why: Refused<'_>) {
        self.of(member).refused.insert(activity.to_string(), why.reason());
    }

    fn replied(&mut self, replied: &Replied<'_>) {
        // What asks nothing is not kept.
        if replied.asked == messages::Reply::Other {
            return;
        }
        let form = self.of(replied.member);
        let reply = Reply {
            at: replied.now,
            asked: replied.asked.name().to_owned(),
            came: replied.came.name().to_owned(),
        };
        form.replies.insert(replied.id.to_string(), reply);
        let answer = replied.answer.map(|answer| (replied.now, answer.name().to_owned()));
        form.answers.extend(answer);
    }

    fn ended(&mut self, member: &Member) {
        if let Some(account) = member.account() {
            self.of(member.id()).set_account(account);
        }
        let form = self.of(member.id());
        if let Some(profile) = member.profile() {
            form.set_consents(profile);
        } else {
            // Replies are a number's, and it is nobody's any more.
            form.replies.clear();
            form.answers.clear();
        }
    }
}
