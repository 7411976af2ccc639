//! Random choices that come out the same for the same seed.

/// The seed of a test that faults are random in: `FAULT_SEED`, or one that is the same each time.
pub fn seed() -> u64 {
    said().unwrap_or(1997)
}

/// `FAULT_SEED`, which every test with faults runs by where it is set: to look for what one seed in a hundred finds.
pub(crate) fn said() -> Option<u64> {
    std::env::var("FAULT_SEED").ok().and_then(|seed| seed.parse().ok())
}

/// The numbers of a seed.
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 up to, and without, `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    pub fn one_of<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).expect("a place")]
    }
}
