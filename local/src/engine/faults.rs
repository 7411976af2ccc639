//! Misbehaviour on demand, the same for the same seed.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What goes wrong, and how often. The default is nothing. The calls of [`super::ONLOOKER`] to DynamoDB are spared.
///
/// Each decision is a function of the seed, the kind of fault and how many decisions of that kind came before, so one
/// seed gives one sequence per kind. Which call meets which decision still depends on how processes interleave.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    pub seed: u64,
    /// Business events that the bus delivers twice.
    pub duplicate_percent: u8,
    /// DynamoDB and SNS calls that are refused as throttled, before anything was done.
    pub throttle_percent: u8,
    /// DynamoDB writes and SNS publishes that are done, then answered with an internal error.
    pub timeout_percent: u8,
    /// Publishes after which the publishing process is killed before it has the answer.
    pub crash_after_publish_percent: u8,
    /// Requests before and after which the process that makes them is killed, whatever they are.
    pub kill_percent: u8,
    /// Batches that succeeded and are delivered once more.
    pub half_failed_percent: u8,
    /// Phone numbers on SNS's own list from the start: it accepts what is sent to them and delivers nothing.
    pub opted_out: Vec<String>,
    /// It refuses what is sent to them.
    pub refuse_opted_out: bool,
    /// SMS parts after which SNS accepts and delivers nothing more.
    pub spend_limit_parts: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Duplicate,
    Throttle,
    Timeout,
    CrashAfterPublish,
    HalfFailed,
    OptedOut,
    SpendLimit,
    Kill,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Duplicate => "duplicate",
            Kind::Throttle => "throttle",
            Kind::Timeout => "timeout",
            Kind::CrashAfterPublish => "crash after publish",
            Kind::HalfFailed => "half failed",
            Kind::OptedOut => "opted out",
            Kind::SpendLimit => "spend limit",
            Kind::Kill => "kill",
        }
    }
}

/// Throws for each decision, and counts what it did.
#[derive(Debug)]
pub(super) struct Dice {
    faults: Faults,
    /// Per kind: decisions made, and faults among them.
    counts: Mutex<BTreeMap<Kind, (u64, u64)>>,
}

impl Dice {
    pub(super) fn new(faults: Faults) -> Self {
        Self {
            faults,
            counts: Mutex::default(),
        }
    }

    pub(super) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Whether this call is one that goes wrong.
    pub(super) fn throw(&self, kind: Kind) -> bool {
        let percent = match kind {
            Kind::Duplicate => self.faults.duplicate_percent,
            Kind::Throttle => self.faults.throttle_percent,
            Kind::Timeout => self.faults.timeout_percent,
            Kind::CrashAfterPublish => self.faults.crash_after_publish_percent,
            Kind::HalfFailed => self.faults.half_failed_percent,
            Kind::Kill => self.faults.kill_percent,
            Kind::OptedOut | Kind::SpendLimit => 0,
        };
        if percent == 0 {
            return false;
        }
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let (thrown, hit) = counts.entry(kind).or_default();
        let draw = mix(self.faults.seed ^ mix(kind as u64 + 1) ^ *thrown) % 100;
        *thrown += 1;
        let goes_wrong = draw < u64::from(percent);
        *hit += u64::from(goes_wrong);
        goes_wrong
    }

    /// Counts a fault that no throw decides (a listed number, a spent limit).
    pub(super) fn count(&self, kind: Kind) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.entry(kind).or_default().1 += 1;
    }

    /// How often each kind struck so far.
    pub(super) fn counts(&self) -> BTreeMap<String, u64> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts
            .iter()
            .map(|(kind, (_, hit))| (kind.name().to_owned(), *hit))
            .collect()
    }
}

/// `SplitMix64`'s finalizer: every bit of the input moves half of the output's.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sequence(seed: u64, percent: u8) -> Vec<bool> {
        let dice = Dice::new(Faults {
            seed,
            throttle_percent: percent,
            ..Faults::default()
        });
        (0..10_000).map(|_| dice.throw(Kind::Throttle)).collect()
    }

    #[test]
    fn one_seed_gives_one_sequence() {
        assert_eq!(sequence(7, 20), sequence(7, 20));
        assert_ne!(sequence(7, 20), sequence(8, 20));
    }

    #[test]
    fn strikes_as_often_as_asked() {
        let hits = sequence(1, 20).into_iter().filter(|hit| *hit).count();
        assert!((1_850..2_150).contains(&hits), "{hits}");
        assert!(sequence(1, 0).into_iter().all(|hit| !hit));
        assert!(sequence(1, 100).into_iter().all(|hit| hit));
    }

    #[test]
    fn counts_what_struck() {
        let dice = Dice::new(Faults {
            timeout_percent: 100,
            ..Faults::default()
        });
        dice.throw(Kind::Timeout);
        dice.throw(Kind::Timeout);
        dice.throw(Kind::Throttle);
        dice.count(Kind::OptedOut);
        let counts = dice.counts();
        assert_eq!(counts.get("timeout"), Some(&2));
        assert_eq!(counts.get("opted out"), Some(&1));
        assert_eq!(counts.get("throttle"), None);
    }
}
