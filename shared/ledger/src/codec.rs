//! The stored form of accounts and pages: a version, a checksum, the state, then the entries' bytes.
//!
//! Total: every sequence of bytes is either what was written or [`Corrupt`].

use std::fmt;
use std::marker::PhantomData;

use postcard::ser_flavors::Flavor;
use serde::de::{DeserializeOwned, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// The one form written today. A later form gets its own number and this one keeps being read. (Form 1 knew of no returns,
/// form 2 of no wallets, form 3 of no rewards, form 5 of no campaigns, form 6 of no referrals, form 7 of no carts, form 8 of
/// no changes of a zone and a birthday; none was written by a release.)
const VERSION: u8 = 9;
/// Version and checksum.
const PREFIX: usize = 5;

/// A stored blob that is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Corrupt {
    #[error("it is too short to be one")]
    Short,
    #[error("it is of form {0}, which this version does not know; deploy the version that wrote it")]
    Version(u8),
    #[error("its checksum does not match: it was damaged or changed by another writer")]
    Checksum,
    #[error("its state cannot be read")]
    State,
    #[error("entry {0} of its page cannot be read")]
    Entry(usize),
    #[error("entry {0} of its page does not follow the one before: an entry was altered, removed or added")]
    Chain(usize),
    #[error("its page has more or fewer entries than it says")]
    Count,
    #[error("page {0} is missing")]
    Missing(u64),
    #[error("it has grown past what can be stored")]
    TooLong,
}

/// Appends to a `Vec`. Nearly everything written is a number of one to five bytes, for which a loop costs a third of
/// the copy that postcard's own flavours call.
struct Appended<'a>(&'a mut Vec<u8>);

impl Flavor for Appended<'_> {
    type Output = ();

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        if bytes.len() > SHORT {
            self.0.extend_from_slice(bytes);
        } else {
            for &byte in bytes {
                self.0.push(byte);
            }
        }
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// The longest run of bytes that is written in a loop: a number's.
const SHORT: usize = 10;
/// What nearly every state fits in.
const USUAL: usize = 512;

/// Appends a value's bytes.
pub(crate) fn write(value: &impl Serialize, bytes: &mut Vec<u8>) -> Result<(), Corrupt> {
    postcard::serialize_with_flavor(value, Appended(bytes)).map_err(|_| Corrupt::TooLong)
}

pub(crate) fn seal(state: &impl Serialize, tail: &[u8]) -> Result<Vec<u8>, Corrupt> {
    let mut blob = Vec::with_capacity(PREFIX + USUAL + tail.len());
    blob.extend_from_slice(&[VERSION, 0, 0, 0, 0]);
    write(state, &mut blob)?;
    blob.extend_from_slice(tail);
    let checksum = crc32fast::hash(blob.get(PREFIX..).unwrap_or_default());
    if let Some(place) = blob.get_mut(1..PREFIX) {
        place.copy_from_slice(&checksum.to_le_bytes());
    }
    Ok(blob)
}

/// Reads the state; gives what follows it.
pub(crate) fn open<T: DeserializeOwned>(blob: &[u8]) -> Result<(T, &[u8]), Corrupt> {
    let (&version, rest) = blob.split_first().ok_or(Corrupt::Short)?;
    if version != VERSION {
        return Err(Corrupt::Version(version));
    }
    let (checksum, content) = rest.split_first_chunk::<4>().ok_or(Corrupt::Short)?;
    if crc32fast::hash(content) != u32::from_le_bytes(*checksum) {
        return Err(Corrupt::Checksum);
    }
    postcard::take_from_bytes(content).map_err(|_| Corrupt::State)
}

/// Reads a list, with room for one more: most decisions that change a list's length add one to it.
pub(crate) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_seq(List(PhantomData))
}

struct List<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
    type Value = Vec<T>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
        // The length is what the bytes say, which may be anything.
        let length = items.size_hint().unwrap_or_default().min(LONGEST_ASSUMED);
        let mut list = Vec::with_capacity(length + 1);
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(list)
    }
}

const LONGEST_ASSUMED: usize = 64;
