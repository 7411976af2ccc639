//! What is told of a simulation while it goes on.

use jiff::Timestamp;
use ledger::{Account, ActivityId, Entry, MemberId, Refusal, Totals};
use messages::{Delay, Intent, Profile, Send};
use programme::{Points, WalletId};

use crate::member::Member;

/// Listens to a simulation. Nothing is kept that an observer does not keep.
pub trait Observer {
    /// A commit of an account, and the entries it added.
    fn committed(&mut self, commit: &Commit<'_>) {
        let _ = commit;
    }

    /// A decision on a message: it goes, it never will, or it waits.
    fn told(&mut self, told: &Told<'_>) {
        let _ = told;
    }

    /// An activity was refused. One that came before its sign-up is tried again after that.
    fn refused(&mut self, member: &MemberId, activity: &ActivityId, refusal: &Refusal) {
        let _ = (member, activity, refusal);
    }

    /// A member's history is over.
    fn ended(&mut self, member: &Member) {
        let _ = member;
    }
}

/// What one write of an account did.
#[derive(Debug)]
pub struct Commit<'a> {
    pub member: &'a MemberId,
    pub now: Timestamp,
    pub account: &'a Account,
    pub entries: &'a [Entry],
    /// How many pages it closed.
    pub closed: usize,
    /// What it found; none for a new account.
    pub before: Option<Before>,
    /// The alarm clock wrote it, and no activity.
    pub woken: bool,
}

/// What a commit found, as far as it is needed to say what changed. The points are those of the main wallet.
#[derive(Debug, Clone, Copy)]
pub struct Before {
    pub alarm: Timestamp,
    pub totals: Totals,
    pub pending: Points,
}

impl Before {
    pub fn of(account: &Account) -> Self {
        let pending = account.pending(WalletId::MAIN).iter();
        Self {
            alarm: account.alarm(),
            totals: account.totals(WalletId::MAIN),
            // The points of a member all fit together.
            pending: Points::sum(pending.map(|pending| pending.points)).unwrap_or_default(),
        }
    }
}

/// What became of a message at an instant.
#[derive(Debug)]
pub struct Told<'a> {
    pub intent: &'a Intent,
    pub now: Timestamp,
    pub fate: &'a Fate,
    /// Until when it had waited, if it had.
    pub waited_until: Option<Timestamp>,
    pub profile: Option<&'a Profile>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    Sent(Send),
    Deferred { until: Timestamp, by: Delay },
    Suppressed { reason: &'static str },
}
