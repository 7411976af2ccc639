//! Names given by the shop. They become keys, so they are kept short and printable.

use std::fmt;
use std::str::FromStr;

use compact_str::{CompactString, format_compact};
use serde::{Deserialize, Serialize};

/// Why a text is no identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an identifier has 1 to 128 visible ASCII characters, and this one has {0}; send the shop's own short id")]
pub struct IdError(String);

/// The longest of what a shop gives, with the kind before it.
const LONGEST: usize = 128;
/// The longest that is read: what is done with a reward that was given names its whole id within its own, and that names
/// what it was given for, which may be another member's transfer.
const LONGEST_READ: usize = 512;

fn check(text: &str, forbidden: &[char], longest: usize) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError("none".to_owned()));
    }
    if text.len() > longest {
        return Err(IdError(format!("{} bytes", text.len())));
    }
    if let Some(odd) = text.chars().find(|c| !c.is_ascii_graphic() || forbidden.contains(c)) {
        return Err(IdError(format!("the character {odd:?}")));
    }
    Ok(())
}

/// A member, by the shop's own id. `#` is kept for keys of the tables' own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MemberId(CompactString);

/// An activity's own id, unique within its member: `purchase#cdnow-00001`. It is the cause of what it does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActivityId(CompactString);

/// Who did something by hand, or why: a name or a code of the shop's own, in one line. A ledger keeps it for ever, so it
/// names no member.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Label(String);

/// Why a text is no label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write 1 to 64 characters in one line, such as a code or a staff number")]
pub struct LabelError;

impl Label {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Label {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for Label {
    type Err = LabelError;
    fn from_str(text: &str) -> Result<Self, LabelError> {
        let text = text.trim();
        let length = text.chars().count();
        if (1..=64).contains(&length) && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(LabelError)
        }
    }
}

impl ActivityId {
    /// The id of an activity of a kind, by the shop's own.
    pub fn of(kind: &str, own: &str) -> Result<Self, IdError> {
        let whole = format_compact!("{kind}#{own}");
        // A reward that was given has a long id of ours.
        let longest = if own.starts_with("given#") {
            LONGEST_READ
        } else {
            LONGEST
        };
        check(own, &[], longest)?;
        check(&whole, &[], longest).map(|()| Self(whole))
    }

    /// What another member's transfer is called in the receiver's ledger.
    pub(crate) fn received(from: &MemberId, transfer: &Self) -> Self {
        Self(format_compact!("received#{from}#{transfer}"))
    }

    /// What it is called in the referrer's ledger that a purchase of a member whom they referred makes it count.
    pub(crate) fn referral(referee: &MemberId, purchase: &Self) -> Self {
        Self(format_compact!("referral#{referee}#{}", purchase.own()))
    }

    /// And that this purchase came back.
    pub(crate) fn referral_lost(referee: &MemberId, purchase: &Self) -> Self {
        Self(format_compact!("referral-lost#{referee}#{}", purchase.own()))
    }

    /// The shop's own id, without the kind before it.
    fn own(&self) -> &str {
        self.0.split_once('#').map_or(&self.0, |(_, own)| own)
    }
}

impl MemberId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ActivityId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MemberId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        check(text, &['#'], LONGEST).map(|()| Self(text.into()))
    }
}

impl FromStr for ActivityId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        check(text, &[], LONGEST_READ).map(|()| Self(text.into()))
    }
}

impl fmt::Display for MemberId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl fmt::Display for ActivityId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}
