//! Pages of the ledger: the open one lives in the account, closed ones are items of their own.

use serde::{Deserialize, Serialize};

use crate::chain::{self, Head};
use crate::codec::{self, Corrupt};
use crate::entry::{Draft, Entry};

/// How many entries a closed page holds. With twelve, an account with its open page stays within one write unit
/// (1 KB), and a closed page costs a twelfth of a unit a commit.
pub const ENTRIES_PER_PAGE: usize = 12;

/// Nearly every entry is shorter, in bytes.
const USUAL_ENTRY: usize = 64;

/// A run of entries and the hash before the first of them. The entries stay encoded until somebody reads them: a commit
/// only appends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    pub(crate) span: Span,
    pub(crate) bytes: Vec<u8>,
}

/// Where in the member's ledger a page stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Span {
    first: u64,
    count: u32,
    before: Head,
}

impl Page {
    /// The page's number, counted from 0. A closed page starts at a multiple of [`ENTRIES_PER_PAGE`].
    pub fn number(&self) -> u64 {
        self.span.first / ENTRIES_PER_PAGE as u64
    }

    /// Position of the first entry in the whole ledger of the member.
    pub fn first(&self) -> u64 {
        self.span.first
    }

    /// Position after the last entry.
    pub fn end(&self) -> u64 {
        self.span.first + u64::from(self.span.count)
    }

    /// The entries, with their chain and their number checked.
    pub fn entries(&self) -> Result<Vec<Entry>, Corrupt> {
        self.walked().map(|(entries, _)| entries)
    }

    /// The hash after the last entry, with the chain checked.
    pub fn head(&self) -> Result<Head, Corrupt> {
        self.walked().map(|(_, head)| head)
    }

    fn walked(&self) -> Result<(Vec<Entry>, Head), Corrupt> {
        let (entries, head) = chain::walk(&self.bytes, self.span.before)?;
        if entries.len() == self.span.count as usize {
            Ok((entries, head))
        } else {
            Err(Corrupt::Count)
        }
    }

    /// The hash before the first entry.
    pub fn before(&self) -> Head {
        self.span.before
    }

    /// Appends an entry that is linked to the head before it; gives the new head.
    pub(crate) fn append(&mut self, entry: &Draft<'_>, head: Head) -> Result<Head, Corrupt> {
        let count = self.span.count.checked_add(1).ok_or(Corrupt::TooLong)?;
        let start = self.bytes.len();
        codec::write(entry, &mut self.bytes)?;
        self.span.count = count;
        Ok(head.after(self.bytes.get(start..).unwrap_or_default()))
    }

    /// Takes the first full page off the open one, where it holds at least that many entries.
    pub(crate) fn close(&mut self) -> Result<Option<Self>, Corrupt> {
        let full = u32::try_from(ENTRIES_PER_PAGE).unwrap_or(u32::MAX);
        if self.span.count < full {
            return Ok(None);
        }
        let (cut, before) = chain::measure(&self.bytes, self.span.before, ENTRIES_PER_PAGE)?;
        let rest = self.bytes.split_off(cut);
        let span = Span {
            first: self.span.first + u64::from(full),
            count: self.span.count - full,
            before,
        };
        let mut closed = std::mem::replace(self, Self { span, bytes: rest });
        closed.span.count = full;
        Ok(Some(closed))
    }

    /// Whether an entry of this cause stands on the page.
    pub fn mentions(&self, cause: &str) -> Result<bool, Corrupt> {
        Ok(self.entries()?.iter().any(|entry| entry.cause == cause))
    }

    /// The stored form of a closed page.
    pub fn encode(&self) -> Result<Vec<u8>, Corrupt> {
        codec::seal(&self.span, &self.bytes)
    }

    /// Reads a stored page. Total: anything else is refused as corrupt.
    pub fn decode(blob: &[u8]) -> Result<Self, Corrupt> {
        let (span, bytes) = codec::open::<Span>(blob)?;
        Self::open(span, bytes)
    }

    /// A page as it was stored, with room for what a commit usually adds.
    pub(crate) fn open(span: Span, stored: &[u8]) -> Result<Self, Corrupt> {
        if span.first.checked_add(u64::from(span.count)).is_none() {
            return Err(Corrupt::Count);
        }
        let mut bytes = Vec::with_capacity(stored.len() + USUAL_ENTRY);
        bytes.extend_from_slice(stored);
        Ok(Self { span, bytes })
    }
}
