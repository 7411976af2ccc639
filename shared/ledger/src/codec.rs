//! The stored form of accounts and pages: a version, a checksum, the state, then the entries' bytes.
//!
//! Total: every sequence of bytes is either what was written or [`Corrupt`].

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The one form written today. A later form gets its own number and this one keeps being read.
const VERSION: u8 = 1;
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
    #[error("it has grown past what can be stored")]
    TooLong,
}

pub(crate) fn seal(state: &impl Serialize, tail: &[u8]) -> Result<Vec<u8>, Corrupt> {
    let mut blob = Vec::with_capacity(256 + tail.len());
    blob.extend_from_slice(&[VERSION, 0, 0, 0, 0]);
    let mut blob = postcard::to_extend(state, blob).map_err(|_| Corrupt::TooLong)?;
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
