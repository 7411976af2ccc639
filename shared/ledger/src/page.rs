//! Pages of the ledger: the open one lives in the account, closed ones are items of their own.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::chain::{self, Head};
use crate::codec::{self, Corrupt};
use crate::entry::Entry;

/// How many entries a closed page holds. With twelve, an account with its open page stays within one write unit
/// (1 KB), and a closed page costs a twelfth of a unit a commit.
pub const ENTRIES_PER_PAGE: usize = 12;

/// Nearly every entry is shorter, in bytes.
const USUAL_ENTRY: usize = 64;

/// A run of entries and the hash before the first of them. The entries stay encoded until somebody reads them: a commit
/// only appends.
#[derive(Debug, Clone, Default)]
pub struct Page {
    pub(crate) span: Span,
    pub(crate) bytes: Vec<u8>,
    /// The last entries, those that were appended here: they need not be read again.
    appended: Vec<Entry>,
    /// Where the first [`ENTRIES_PER_PAGE`] end, and the hash after them, where all of them were.
    full: Option<(usize, Head)>,
}

/// What was appended here is no part of it.
impl PartialEq for Page {
    fn eq(&self, other: &Self) -> bool {
        (self.span, &self.bytes) == (other.span, &other.bytes)
    }
}

impl Eq for Page {}

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

    /// All entries, where they were appended here.
    fn written(&self) -> Option<&[Entry]> {
        (self.appended.len() == self.span.count as usize).then_some(&self.appended)
    }

    /// The last entries, so many, of those that were appended here.
    pub(crate) fn last(&self, count: u64) -> Option<&[Entry]> {
        let before = self.appended.len().checked_sub(usize::try_from(count).ok()?)?;
        self.appended.get(before..)
    }

    /// The entries, without the chain being checked: for what is asked before each message, and proves nothing.
    pub(crate) fn unproved(&self) -> Result<Cow<'_, [Entry]>, Corrupt> {
        if let Some(written) = self.written() {
            return Ok(Cow::Borrowed(written));
        }
        let (mut entries, mut bytes) = (Vec::new(), self.bytes.as_slice());
        while !bytes.is_empty() {
            let (entry, rest) = postcard::take_from_bytes(bytes).map_err(|_| Corrupt::Entry(entries.len()))?;
            entries.push(entry);
            bytes = rest;
        }
        Ok(Cow::Owned(entries))
    }

    /// Appends an entry that is linked to the head before it; gives the new head.
    pub(crate) fn append(&mut self, entry: Entry, head: Head) -> Result<Head, Corrupt> {
        let count = self.span.count.checked_add(1).ok_or(Corrupt::TooLong)?;
        let start = self.bytes.len();
        codec::write(&entry, &mut self.bytes)?;
        self.span.count = count;
        self.appended.push(entry);
        let head = head.after(self.bytes.get(start..).unwrap_or_default());
        if self.appended.len() == ENTRIES_PER_PAGE && self.written().is_some() {
            self.full = Some((self.bytes.len(), head));
        }
        Ok(head)
    }

    /// Takes the first full page off the open one, where it holds at least that many entries.
    pub(crate) fn close(&mut self) -> Result<Option<Self>, Corrupt> {
        let full = u32::try_from(ENTRIES_PER_PAGE).unwrap_or(u32::MAX);
        if self.span.count < full {
            return Ok(None);
        }
        let (cut, before) = match self.full.take() {
            Some(known) => known,
            None => chain::measure(&self.bytes, self.span.before, ENTRIES_PER_PAGE)?,
        };
        let closed = Self {
            span: Span {
                count: full,
                ..self.span
            },
            bytes: self.bytes.drain(..cut).collect(),
            ..Self::default()
        };
        self.span = Span {
            first: self.span.first + u64::from(full),
            count: self.span.count - full,
            before,
        };
        let left = self.appended.len().min(self.span.count as usize);
        self.appended.drain(..self.appended.len() - left);
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
        Ok(Self {
            span,
            bytes,
            ..Self::default()
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::entry::What;

    fn entry(number: i64, head: Head) -> Entry {
        Entry {
            cause: format!("event#{number}").into(),
            at: number,
            decided: number,
            wallet: programme::WalletId::MAIN,
            what: What::Joined,
            link: head.link(),
        }
    }

    /// Written here from the first entry on, or from a later one.
    #[test]
    fn a_page_that_was_written_here_closes_like_one_that_was_read() {
        for read_before in 0..40 {
            let (mut page, mut head) = (Page::default(), Head::default());
            let mut closed = Vec::new();
            for number in 0..40 {
                if number == read_before {
                    page = Page::open(page.span, &page.bytes).unwrap();
                }
                // Some commits add several entries.
                if number % 5 > 0 {
                    closed.extend(page.close().unwrap());
                }
                head = page.append(entry(number, head), head).unwrap();
                let added = page.last(1).unwrap();
                assert_eq!(added.first().unwrap().at, number);
                assert_eq!(page.unproved().map(Cow::into_owned), page.entries());
            }
            assert_eq!(page.head(), Ok(head));
            let mut next = 0;
            for full in closed.iter().chain([&page]) {
                for entry in full.entries().unwrap() {
                    assert_eq!(entry.at, next, "read before {read_before}");
                    next += 1;
                }
            }
            assert_eq!(next, 40, "read before {read_before}");
        }
    }
}
