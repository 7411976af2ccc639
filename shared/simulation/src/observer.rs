//! What is told of a simulation while it goes on.

use jiff::Timestamp;
use ledger::{Account, ActivityId, Entry, MemberId, Refusal, Totals};
use messages::{Came, Delay, Intent, Profile, Reply, Send, Unfit, Waited};
use programme::{Answer, Points, WalletId};

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
    fn refused(&mut self, member: &MemberId, activity: &ActivityId, why: Refused<'_>) {
        let _ = (member, activity, why);
    }

    /// A reply came from a member's number. Members who share one are told of each.
    fn replied(&mut self, replied: &Replied<'_>) {
        let _ = replied;
    }

    /// A member's history is over.
    fn ended(&mut self, member: &Member) {
        let _ = member;
    }
}

/// Why an activity was refused.
#[derive(Debug, Clone, Copy)]
pub enum Refused<'a> {
    /// By the ledger.
    Booking(&'a Refusal),
    /// What a member wants to be sent cannot be kept.
    Preferences(&'a Unfit),
}

impl Refused<'_> {
    /// A stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Booking(refusal) => refusal.code(),
            Self::Preferences(_) => Unfit::CODE,
        }
    }

    /// As it is kept beside what was refused.
    pub fn reason(&self) -> String {
        match self {
            Self::Booking(refusal) => refusal.reason(),
            Self::Preferences(unfit) => unfit.reason(),
        }
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
    /// What it had waited for, if it had.
    pub waited: Option<Waited>,
    pub profile: Option<&'a Profile>,
}

/// What a reply asked of its number, and what it came to. The answer is no message: nothing decides whether it may go.
#[derive(Debug)]
pub struct Replied<'a> {
    pub member: &'a MemberId,
    pub id: &'a ActivityId,
    pub now: Timestamp,
    pub asked: Reply,
    pub came: Came,
    pub answer: Option<Answer>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    Sent(Send),
    Deferred {
        until: Timestamp,
        by: Delay,
    },
    /// It went as one with another.
    Merged {
        into: String,
    },
    Suppressed {
        reason: &'static str,
    },
}
