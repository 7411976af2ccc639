//! What a commit added, read without walking the page again.

use crate::account::Account;
use crate::codec::Corrupt;
use crate::entry::Entry;

/// Where a member's ledger ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct End {
    first: u64,
    bytes: usize,
}

impl Account {
    /// Where the ledger ends now.
    pub fn end_of_ledger(&self) -> End {
        End {
            first: self.page.first(),
            bytes: self.page.bytes.len(),
        }
    }

    /// The entries since, of an account that closed no page meanwhile. Their chain is not checked: whoever has just written
    /// them needs no proof.
    pub fn added_since(&self, end: End) -> Result<Vec<Entry>, Corrupt> {
        match self.page.bytes.get(end.bytes..) {
            Some(bytes) if end.first == self.page.first() => Self::read(bytes),
            _ => Err(Corrupt::Count),
        }
    }

    /// The entries of the open page, without its chain being checked: for what is asked before each message, and proves
    /// nothing.
    pub(crate) fn open_entries(&self) -> Result<Vec<Entry>, Corrupt> {
        Self::read(&self.page.bytes)
    }

    fn read(mut bytes: &[u8]) -> Result<Vec<Entry>, Corrupt> {
        let mut entries = Vec::new();
        while !bytes.is_empty() {
            let (entry, rest) = postcard::take_from_bytes(bytes).map_err(|_| Corrupt::Entry(entries.len()))?;
            entries.push(entry);
            bytes = rest;
        }
        Ok(entries)
    }
}
