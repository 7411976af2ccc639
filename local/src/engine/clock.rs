//! Virtual time: one clock that the driver moves and everything reads.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// The bundle's clock, in microseconds since the epoch. It stands still between two moves.
#[derive(Debug)]
pub(super) struct VirtualClock {
    micros: AtomicI64,
}

impl VirtualClock {
    pub(super) fn new(start: Timestamp) -> Self {
        Self {
            micros: AtomicI64::new(start.as_microsecond()),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.micros.load(Ordering::SeqCst)).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    pub(super) fn set(&self, now: Timestamp) {
        self.micros.store(now.as_microsecond(), Ordering::SeqCst);
    }
}

/// The engine stamps stream records and judges expiry by this clock. It knows no time before 1970.
impl dynoxide::storage_backend::Clock for VirtualClock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.micros.load(Ordering::SeqCst) / 1_000_000).unwrap_or(0)
    }

    #[allow(clippy::cast_precision_loss)] // a double holds microseconds exactly for 285 years
    fn now_unix_secs_f64(&self) -> f64 {
        self.micros.load(Ordering::SeqCst).max(0) as f64 / 1_000_000.0
    }
}
