//! A message as it stands in the table: the record of one that was considered.

use jiff::Timestamp;
use ledger::MemberId;
use messages::{Delay, Facts, Intent, Waited};
use programme::{Channel, MessageKind, Purpose, TierSetId, WalletId};

use crate::item::{Damaged, Item, Reader};
use crate::keys::{PK, SK};
use crate::members::key;

pub(crate) const WHAT: &str = "the message's";

/// A message's place in the table: its member, and its kind and cause.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageKey {
    pub member: MemberId,
    pub sort: String,
}

/// Where a message is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Stated, not yet decided.
    Intent,
    /// Deferred once, and now its time has come.
    Ready,
    Deferred,
    /// It waits for an operator to resume what they have paused.
    Paused,
    /// It went, or goes, as one with another, which lists it.
    Merged,
    Suppressed,
    /// About to be published, or crashed while it was.
    Claimed,
    Sent,
    Failed,
    /// It was claimed and nobody knows whether it left.
    Unknown,
}

impl State {
    const ALL: [Self; 10] = [
        Self::Intent,
        Self::Ready,
        Self::Deferred,
        Self::Paused,
        Self::Merged,
        Self::Suppressed,
        Self::Claimed,
        Self::Sent,
        Self::Failed,
        Self::Unknown,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Ready => "ready",
            Self::Deferred => "deferred",
            Self::Paused => "paused",
            Self::Merged => "merged",
            Self::Suppressed => "suppressed",
            Self::Claimed => "claimed",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// A message as it stands in the table.
#[derive(Debug, Clone)]
pub struct MessageRecord {
    pub intent: Intent,
    pub state: State,
    /// How often it was claimed.
    pub attempts: u32,
    /// Until when it last waited for a better time, if it ever did.
    pub deferred_until: Option<Timestamp>,
    /// What put it off then.
    pub deferred_by: Option<String>,
    pub channel: Option<Channel>,
    pub purpose: Option<Purpose>,
    pub parts: u32,
    /// Why it is suppressed, failed or unknown.
    pub reason: Option<String>,
    pub message_id: Option<String>,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// The keys of the member's messages that were let go with it, and of those that it took up when it was last claimed.
    pub with: Vec<String>,
    pub merges: Vec<String>,
    /// The key of the one that took it up.
    pub into: Option<String>,
    /// Rewards of which there was nothing left when it was claimed, by their names.
    pub gone: Vec<String>,
}

fn tier_set(reader: Reader<'_>) -> Result<Option<TierSetId>, Damaged> {
    let number: Option<u8> = reader.number("set")?;
    let set = number.map(TierSetId::try_from).transpose();
    set.map_err(|why| Damaged::new(WHAT, "set", why))
}

fn wallet(reader: Reader<'_>) -> Result<WalletId, Damaged> {
    let number = reader.number("wallet")?.unwrap_or_default();
    WalletId::new(number)
        .ok_or_else(|| Damaged::new(WHAT, "wallet", format!("is {number}, and there is no such number")))
}

impl MessageKey {
    pub fn of(intent: &Intent) -> Self {
        Self {
            member: intent.member.clone(),
            sort: intent.key(),
        }
    }

    /// Reads the key of a message, as an index or a stream shows it.
    pub fn read(item: &Item) -> Result<Self, Damaged> {
        let reader = Reader { what: WHAT, item };
        Ok(Self {
            member: reader.parsed(PK)?,
            sort: reader.text(SK)?.to_owned(),
        })
    }

    pub(crate) fn item(&self) -> Item {
        key(&self.member, &self.sort)
    }
}

impl MessageRecord {
    /// What it waited for last. Whoever tries once more what may have left does so when they should, so that it is not late.
    pub fn waited(&self, now: Timestamp) -> Option<Waited> {
        let by = self.deferred_by.as_deref().and_then(Delay::from_name);
        let until = if self.attempts > 0 {
            Some(now)
        } else {
            self.deferred_until
        };
        let by = by.or((self.attempts > 0).then_some(Delay::Throttled))?;
        until.map(|until| Waited { until, by })
    }

    /// Whether another may take it up.
    pub fn waits(&self) -> bool {
        match self.state {
            State::Intent | State::Ready | State::Deferred => true,
            State::Paused
            | State::Merged
            | State::Suppressed
            | State::Claimed
            | State::Sent
            | State::Failed
            | State::Unknown => false,
        }
    }

    /// Reads a message, as stored or as a stream shows it.
    pub fn read(item: &Item) -> Result<Self, Damaged> {
        let reader = Reader { what: WHAT, item };
        let state = reader.text("state")?;
        let kind = reader.text("kind")?;
        let named = |name: &str, value: &str| {
            Damaged::new(WHAT, name, format!("is {value:?}, which this version does not know"))
        };
        let intent = Intent {
            member: reader.parsed(PK)?,
            kind: MessageKind::from_name(kind).ok_or_else(|| named("kind", kind))?,
            cause: reader.text("cause")?.into(),
            wallet: wallet(reader)?,
            at: reader.parsed("at")?,
            useful_until: reader.parsed("useful_until")?,
            facts: Facts {
                points: reader.number("points")?,
                day: reader.optional_parsed("day")?,
                tier: reader.number("tier")?,
                years: reader.number("years")?,
                set: tier_set(reader)?,
                claim: reader.optional("claim")?.map(str::to_owned),
                campaign: reader.optional("campaign")?.map(str::to_owned),
            },
        };
        Ok(Self {
            intent,
            state: State::ALL
                .into_iter()
                .find(|known| known.name() == state)
                .ok_or_else(|| named("state", state))?,
            attempts: reader.number("attempts")?.unwrap_or_default(),
            deferred_until: reader.optional_parsed("deferred_until")?,
            deferred_by: reader.optional("deferred_by")?.map(str::to_owned),
            channel: reader.optional("channel")?.and_then(Channel::from_name),
            purpose: reader.optional("purpose")?.and_then(Purpose::from_name),
            parts: reader.number("parts")?.unwrap_or_default(),
            reason: reader.optional("reason")?.map(str::to_owned),
            message_id: reader.optional("message_id")?.map(str::to_owned),
            sent_at: reader.optional_parsed("sent_at")?,
            with: reader.texts("with")?,
            merges: reader.texts("merges")?,
            into: reader.optional("into")?.map(str::to_owned),
            gone: reader.texts("gone")?,
        })
    }
}
