//! What is told, for people and for programs alike.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

/// A member's story, or the part of it that was asked for.
#[derive(Debug, Serialize)]
pub struct Story {
    pub member: String,
    /// The member's own, in which times are told.
    pub zone: String,
    pub steps: Vec<Told>,
}

/// What one activity did, or the alarm clock at an instant.
#[derive(Debug, Serialize)]
pub struct Told {
    /// The activity's id, or `alarm clock`.
    pub cause: String,
    /// When it happened, and when it arrived and was decided.
    pub at: Timestamp,
    pub decided: Timestamp,
    /// Why it did nothing, or did nothing to the points.
    pub nothing: Option<String>,
    /// The file of the version of the programme that it fell under, where there are several.
    pub version: Option<String>,
    /// What would be decided now, where that is not what the ledger says.
    pub otherwise: Option<String>,
    pub entries: Vec<EntryTold>,
    pub rules: Vec<RuleTold>,
    /// How far the member is, where no tier moved.
    pub tiers: Vec<String>,
    pub messages: Vec<MessageTold>,
}

impl Told {
    /// Of what did nothing to the points: why, or what it did instead.
    pub(super) fn nothing(cause: String, (at, decided): (Timestamp, Timestamp), says: String) -> Self {
        Self {
            cause,
            at,
            decided,
            nothing: Some(says),
            version: None,
            otherwise: None,
            entries: Vec::new(),
            rules: Vec::new(),
            tiers: Vec::new(),
            messages: Vec::new(),
        }
    }
}

/// An entry of the ledger.
#[derive(Debug, Serialize)]
pub struct EntryTold {
    pub number: u64,
    pub cause: String,
    pub what: &'static str,
    /// What it did to the points that can be spent, less what is owed.
    pub points: i64,
    pub says: String,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Earn,
    Campaign,
    Mission,
    /// Of a broadcast.
    Audience,
}

/// How it came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Counted,
    Not,
    /// It is about something else.
    Elsewhere,
}

/// A rule that was asked.
#[derive(Debug, Serialize)]
pub struct RuleTold {
    pub kind: Kind,
    pub name: String,
    /// What asked it: the activity, or the moment that fell due.
    pub cause: String,
    pub outcome: Outcome,
    pub points: Option<i64>,
    /// Why not, as a word for programs.
    pub reason: Option<&'static str>,
    pub says: String,
    /// Which parts of its condition held, where all did.
    pub because: String,
    pub clauses: Vec<ClauseTold>,
}

/// A part of a condition.
#[derive(Debug, Serialize)]
pub struct ClauseTold {
    pub source: String,
    pub held: bool,
    pub values: BTreeMap<String, String>,
}

/// A message, and what became of it.
#[derive(Debug, Serialize)]
pub struct MessageTold {
    pub key: String,
    pub state: &'static str,
    pub channel: Option<&'static str>,
    pub reason: Option<String>,
    pub says: Vec<String>,
    /// What it said, where that can be told for certain.
    pub text: Option<String>,
}
