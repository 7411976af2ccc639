//! What the tables would be used for, counted as DynamoDB counts: an estimate from what happens, where a run measures.

use simulation::{Commit, Fate, Told};

/// Write units of 1 KB, and read units of 4 KB.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(super) activities_write: u64,
    pub(super) members_write: u64,
    pub(super) messages_write: u64,
    pub(super) read: u64,
}

/// What is assumed, in words.
pub(super) const ASSUMED: &str = "each activity, account, page and message fits one write unit (1 KB); a moved alarm is \
    two more, the claim of a message six; a commit reads the account, a sign-up the profile and its number as well, a decision \
    on a message the account and the profile. No invocation, no queue and no log is in it, nor what is looked up once a batch, nor what replies take.";

/// On demand, in millionths of a US dollar for a million units (us-east-1).
const WRITE_MILLION: u64 = 625_000;
const READ_MILLION: u64 = 125_000;

impl Usage {
    pub(super) fn committed(&mut self, commit: &Commit<'_>) {
        if !commit.woken {
            self.activities_write += 1;
        }
        let moved = match commit.before {
            // Both indexes get an entry, and the profile and its consents are kept.
            None => 4,
            Some(before) if before.alarm != commit.account.alarm() => 2,
            Some(_) => 0,
        };
        self.members_write += 1 + moved + u64::try_from(commit.closed).unwrap_or_default();
        self.read += if commit.before.is_none() { 3 } else { 1 };
    }

    pub(super) fn told(&mut self, told: &Told<'_>) {
        // Stated once; released from the index, where it waited.
        self.messages_write += if told.waited.is_none() { 1 } else { 2 };
        self.decided();
        match told.fate {
            // Put off, with a place in the index; or marked in the transaction of the one that it went with.
            Fate::Deferred { .. } | Fate::Merged { .. } => self.messages_write += 2,
            Fate::Suppressed { .. } => self.suppressed(),
            Fate::Sent(_) => self.sent(),
        }
    }

    /// A member was walked to.
    pub(crate) fn walked(&mut self) {
        self.read += 1;
    }

    /// A message was stated; where it waits, it gets a place in the index, and is released from it.
    pub(crate) fn stated(&mut self, waits: bool) {
        self.messages_write += if waits { 4 } else { 1 };
    }

    /// A message was put off, with a place in the index, and released from it.
    pub(crate) fn put_off(&mut self) {
        self.messages_write += 4;
    }

    /// A message was decided on, by the account and the profile.
    pub(crate) fn decided(&mut self) {
        self.read += 2;
    }

    pub(crate) fn suppressed(&mut self) {
        self.messages_write += 1;
    }

    /// The claim is a transaction over the message, the account and the profile; then it is marked.
    pub(crate) fn sent(&mut self) {
        self.messages_write += 3;
        self.members_write += 4;
    }

    pub(super) fn add(&mut self, more: Self) {
        self.activities_write += more.activities_write;
        self.members_write += more.members_write;
        self.messages_write += more.messages_write;
        self.read += more.read;
    }

    pub(crate) fn read(self) -> u64 {
        self.read
    }

    pub(crate) fn write(self) -> u64 {
        self.activities_write + self.members_write + self.messages_write
    }

    /// Millionths of a US dollar.
    pub(crate) fn cost(self) -> u128 {
        let of = |units: u64, million: u64| u128::from(units) * u128::from(million) / 1_000_000;
        of(self.write(), WRITE_MILLION) + of(self.read, READ_MILLION)
    }
}
