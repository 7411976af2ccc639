//! Which messages a question means: newest first, a page at a time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::message::PageMessage;

/// A question for messages. Each part narrows it; none asks for all.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    /// A member id, or the last digits of a number.
    member: String,
    kind: String,
    channel: String,
    /// `sent`, `waiting` or `withheld`.
    fate: String,
    /// Where the page before ended: its `older`.
    before: String,
    limit: Option<usize>,
}

/// A page of messages.
#[derive(Debug, Serialize)]
pub(super) struct Listed<'a> {
    messages: Vec<&'a PageMessage>,
    /// What to ask `before` for the next page; none where this is the last.
    older: Option<String>,
    /// How many messages the question means on all pages.
    total: usize,
    /// How many members those are to.
    members: usize,
}

const LIMIT: usize = 24;
const MOST: usize = 200;

/// Lists what is wanted of messages sorted by time and id. An error is one sentence for the one who asked.
pub(super) fn list<'a>(messages: &'a [PageMessage], wanted: &Wanted) -> Result<Listed<'a>, String> {
    let fate = Fate::named(&wanted.fate)?;
    let before = cursor(&wanted.before)?;
    let whose = Whose::of(messages, wanted.member.trim());
    let meant = |message: &&PageMessage| {
        fate.is_none_or(|fate| fate == Fate::of(message))
            && (wanted.kind.is_empty() || wanted.kind == message.kind)
            && (wanted.channel.is_empty() || Some(&wanted.channel) == message.channel.as_ref())
            && whose.is_meant(message)
    };
    let all: Vec<_> = messages.iter().filter(meant).collect();
    let mut members: Vec<_> = all.iter().map(|message| &message.member).collect();
    members.sort();
    members.dedup();
    let end = before.map_or(all.len(), |before| {
        all.partition_point(|message| message.place() < before)
    });
    let limit = wanted.limit.unwrap_or(LIMIT).clamp(1, MOST);
    let start = end.saturating_sub(limit);
    let page: Vec<_> = all.get(start..end).unwrap_or_default().iter().rev().copied().collect();
    let last = page.last().filter(|_| start > 0);
    let older = last.map(|message| format!("{}~{}", message.at, message.id));
    Ok(Listed {
        messages: page,
        older,
        total: all.len(),
        members: members.len(),
    })
}

/// What became of a message, as the page sorts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Sent,
    Waiting,
    Withheld,
}

impl Fate {
    fn named(name: &str) -> Result<Option<Self>, String> {
        match name {
            "" => Ok(None),
            "sent" => Ok(Some(Self::Sent)),
            "waiting" => Ok(Some(Self::Waiting)),
            "withheld" => Ok(Some(Self::Withheld)),
            other => Err(format!("{other:?} is no fate; ask for sent, waiting or withheld")),
        }
    }

    fn of(message: &PageMessage) -> Self {
        match message.state.as_str() {
            "sent" => Self::Sent,
            "suppressed" | "merged" | "failed" | "unknown" => Self::Withheld,
            _ => Self::Waiting,
        }
    }
}

/// A member id where one is meant exactly, else the last digits of numbers.
enum Whose<'a> {
    Anyone,
    Member(&'a str),
    NumberEnding(String),
    Nobody,
}

impl<'a> Whose<'a> {
    fn of(messages: &[PageMessage], text: &'a str) -> Self {
        if text.is_empty() {
            return Self::Anyone;
        }
        if messages.iter().any(|message| message.member == text) {
            return Self::Member(text);
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        // A page that hides numbers can only tell them apart by the digits it shows.
        match digits.get(digits.len().saturating_sub(4)..) {
            Some(last) if last.len() >= 2 => Self::NumberEnding(last.to_owned()),
            _ => Self::Nobody,
        }
    }

    fn is_meant(&self, message: &PageMessage) -> bool {
        match self {
            Self::Anyone => true,
            Self::Member(member) => message.member == *member,
            Self::NumberEnding(digits) => message.phone_masked.ends_with(digits.as_str()),
            Self::Nobody => false,
        }
    }
}

fn cursor(text: &str) -> Result<Option<(Timestamp, &str)>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let place = text.split_once('~').and_then(|(at, id)| Some((at.parse().ok()?, id)));
    place
        .map(Some)
        .ok_or_else(|| format!("{text:?} is no place in the list; ask before what `older` said"))
}
