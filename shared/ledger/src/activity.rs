//! Activities, and why one is refused.

use jiff::Timestamp;
use programme::{Amount, Points, Zone};

use crate::codec::Corrupt;
use crate::day::MonthDay;
use crate::ids::{ActivityId, Label};

/// Something a member did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    pub id: ActivityId,
    /// When it happened: dates lots and windows.
    pub at: Timestamp,
    /// When it arrived: dates the decision.
    pub received: Timestamp,
    pub fact: Fact,
}

/// What an activity says that concerns the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    SignUp {
        zone: Zone,
        birthday: Option<MonthDay>,
    },
    Purchase {
        amount: Amount,
    },
    Redeem {
        points: Points,
    },
    /// Somebody of the shop adds points by hand, or takes them (below nought). They count for no tier.
    Adjust {
        points: Points,
        reason: Label,
        actor: Label,
    },
}

/// Why an activity did nothing. The account is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("nobody has signed up under this member id; send the sign-up first, then redrive this")]
    UnknownMember,
    #[error("the member has signed up already")]
    KnownMember,
    #[error("no earn rule is for {0}; add an [[earn]] to the programme, then redrive this")]
    Currency(&'static str),
    #[error("{wanted} points cannot be spent of {balance}")]
    NotEnough { wanted: Points, balance: Points },
    #[error("{0} points cannot be spent; spend one or more")]
    Nothing(Points),
    #[error("an adjustment of no points changes nothing; add some, or take some with a number below nought")]
    NoAdjustment,
    #[error("it happened at {at}, more than a day after it arrived at {received}")]
    Future { at: Timestamp, received: Timestamp },
    #[error("the points do not fit the account")]
    Overflow,
    #[error("the account's ledger is damaged: {0}")]
    Corrupt(#[from] Corrupt),
}

impl Refusal {
    /// A stable name for programs; the text is for people.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownMember => UNKNOWN_MEMBER,
            Self::KnownMember => "known-member",
            Self::Currency(_) => "currency",
            Self::NotEnough { .. } => "not-enough",
            Self::Nothing(_) => "nothing",
            Self::NoAdjustment => "no-adjustment",
            Self::Future { .. } => "future",
            Self::Overflow => "overflow",
            Self::Corrupt(_) => "corrupt",
        }
    }
}

/// The code of [`Refusal::UnknownMember`], the one refusal that a later sign-up mends.
pub const UNKNOWN_MEMBER: &str = "unknown-member";
