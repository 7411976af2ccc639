//! Made-up choices that come out the same in every run and on every machine.

use serde::{Deserialize, Serialize};

/// A stream of numbers that follows from a seed, the one a choice is for, and what is chosen. Each choice has dice
/// of its own, so a new kind of choice changes none of the others.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64, whom: &str, what: &str) -> Self {
        let mut hash = Fingerprint::new();
        hash.add(&seed.to_le_bytes());
        hash.add(whom.as_bytes());
        hash.add(&[0]);
        hash.add(what.as_bytes());
        Self(hash.value())
    }

    /// The next number, by the mixing that is known as `SplitMix64`.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, and without, `end`.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        let scaled = (u128::from(self.next()) * u128::from(end)) >> 64;
        u32::try_from(scaled).unwrap_or(0)
    }

    /// True in so many of a hundred cases.
    pub(crate) fn percent(&mut self, share: u32) -> bool {
        self.below(100) < share
    }

    /// One of several, each as likely.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let end = u32::try_from(from.len()).unwrap_or(u32::MAX);
        from.get(self.below(end) as usize)
    }
}

/// A 64-bit FNV-1a hash: the same on every machine and in every build, which the standard library's is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    pub(crate) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    pub(crate) fn value(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throws_follow_from_seed_and_name_alone() {
        let throw = |seed, whom, what| Dice::new(seed, whom, what).next();
        assert_eq!(throw(1, "0001", "zone"), throw(1, "0001", "zone"));
        assert_ne!(throw(1, "0001", "zone"), throw(2, "0001", "zone"));
        assert_ne!(throw(1, "0001", "zone"), throw(1, "0001", "name"));
        assert_ne!(throw(1, "0001", "zone"), throw(1, "000", "1zone"));
    }

    #[test]
    fn shares_come_out_about_right() {
        let hits = (0..10_000)
            .filter(|n| Dice::new(7, &n.to_string(), "share").percent(15))
            .count();
        assert!((1_350..1_650).contains(&hits), "{hits} of 10,000 at 15 %");
    }
}
