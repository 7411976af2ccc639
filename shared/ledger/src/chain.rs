//! The chain that ties entries together: each carries the first bytes of the hash over all before it.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::codec::Corrupt;
use crate::entry::Entry;

/// The hash over all entries so far: SHA-256 of the hash before and the entry's bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Head([u8; 32]);

impl Head {
    pub(crate) fn link(self) -> [u8; 4] {
        let [a, b, c, d, ..] = self.0;
        [a, b, c, d]
    }

    #[must_use]
    pub(crate) fn after(self, entry: &[u8]) -> Self {
        // Hashed in one piece where it fits the array, which saves a quarter of the time.
        let mut both = [0; 128];
        let (before, after) = both.split_at_mut(self.0.len());
        if let Some(after) = after.get_mut(..entry.len()) {
            before.copy_from_slice(&self.0);
            after.copy_from_slice(entry);
            let length = self.0.len() + entry.len();
            return Self(Sha256::digest(both.get(..length).unwrap_or_default()).into());
        }
        Self(Sha256::new().chain_update(self.0).chain_update(entry).finalize().into())
    }
}

// As one run of bytes: serde would write and read an array byte by byte.
impl Serialize for Head {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Head {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = <&[u8]>::deserialize(deserializer)?;
        bytes.try_into().map(Self).map_err(D::Error::custom)
    }
}

/// Walks encoded entries and checks the chain from `head`; gives the entries and the head after them.
pub(crate) fn walk(mut bytes: &[u8], mut head: Head) -> Result<(Vec<Entry>, Head), Corrupt> {
    let mut entries = Vec::with_capacity(16);
    while !bytes.is_empty() {
        let (entry, rest, after) = take(bytes, head, entries.len())?;
        (bytes, head) = (rest, after);
        entries.push(entry);
    }
    Ok((entries, head))
}

/// How many bytes the first `count` entries take, and the head after them.
pub(crate) fn measure(bytes: &[u8], mut head: Head, count: usize) -> Result<(usize, Head), Corrupt> {
    let mut rest = bytes;
    for position in 0..count {
        (_, rest, head) = take(rest, head, position)?;
    }
    Ok((bytes.len() - rest.len(), head))
}

fn take(bytes: &[u8], head: Head, position: usize) -> Result<(Entry, &[u8], Head), Corrupt> {
    let (entry, rest) = postcard::take_from_bytes::<Entry>(bytes).map_err(|_| Corrupt::Entry(position))?;
    if entry.link != head.link() {
        return Err(Corrupt::Chain(position));
    }
    let own = bytes.get(..bytes.len() - rest.len()).unwrap_or(bytes);
    Ok((entry, rest, head.after(own)))
}
