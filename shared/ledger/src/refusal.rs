//! Why an activity is refused.

use jiff::Timestamp;
use jiff::civil::Date;
use programme::{Limit, Points, RewardName};

use crate::codec::Corrupt;

/// Why an activity did nothing. The account is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("nobody has signed up under this member id; send the sign-up first, then redrive this")]
    UnknownMember,
    #[error("the member has signed up already")]
    KnownMember,
    #[error("the member was erased, and nothing is booked for them; whoever comes back signs up under another id")]
    Erased,
    #[error("no earn rule is for {0}; add an [[earn]] to the programme, then redrive this")]
    Currency(&'static str),
    #[error("{wanted} points cannot be spent of {balance}")]
    NotEnough { wanted: Points, balance: Points },
    #[error("the programme has no wallet {0:?}; name one of its own, or none for the main one")]
    UnknownWallet(String),
    #[error("points of the wallet {0:?} cannot be spent; they only count")]
    NotSpendable(String),
    #[error("the programme has no tier {0:?}; name one of its own")]
    UnknownTier(String),
    #[error("the member is in that segment already, or not in it; nothing changes")]
    SegmentAlready,
    #[error("the member is in {0} segments, and in no more at once; take them out of some")]
    TooManySegments(usize),
    #[error("{0} is over, so nothing is kept until then; name a day to come, or none for ever")]
    OverAlready(Date),
    #[error("no points that can be spent would lapse before {0}; name a later day")]
    NothingToExtend(Date),
    #[error("the programme brings no lapsed points back; write reinstate-within-days under [expiry]")]
    NotReinstated,
    #[error("{wanted} points cannot be brought back, for {lapsed} have lapsed of late")]
    NotLapsed { wanted: Points, lapsed: Points },
    #[error("points pay for nothing in {0}; add a [[pay]] to the programme for it")]
    PaysNothing(&'static str),
    #[error("points pay none of so small an order, for {least} points are the fewest that are taken")]
    OrderTooSmall { least: Points },
    #[error("the member has no such reservation: it was committed or cancelled, or its time is over; reserve anew")]
    NoReservation,
    #[error("the member has {0} reservations, and no more at once; commit or cancel some")]
    TooManyReservations(usize),
    #[error("the programme lets no points go to others; write [transfers]")]
    NoTransfers,
    #[error("the programme tells nobody of carts; write [carts] with left-after-hours")]
    NoCarts,
    #[error("points of a wallet cannot go to the same; name another member, or another wallet")]
    ToOneself,
    #[error("nobody has signed up under the id of the receiver; send their sign-up first, then redrive this")]
    UnknownReceiver,
    #[error("the receiver's account cannot be read, and the points stay; mend it, then redrive this")]
    ReceiverDamaged,
    #[error("no fewer than {least} points go at a time")]
    TransferTooSmall { least: Points },
    #[error("one of the two joined too lately, and may send and receive from {from} on")]
    JoinedLately { from: Date },
    #[error("the programme has no reward {0}; name one of its own")]
    UnknownReward(RewardName),
    #[error("{0} cannot be claimed today")]
    NotOffered(RewardName),
    #[error("it is for members from the tier {0:?} on")]
    TierTooLow(String),
    #[error("a member may have {reward} {most} times, and has had it as often")]
    HadAlready { reward: RewardName, most: u16 },
    #[error("there is no {0} left")]
    OutOfStock(RewardName),
    #[error("the member has {0} rewards that are not used, and no more at once; fulfil or cancel some")]
    TooManyClaims(usize),
    #[error("the member has no such reward: it was fulfilled, cancelled or refunded, or its last day is over")]
    NoClaim,
    #[error("the reward was not fulfilled; cancel it instead")]
    NotFulfilled,
    #[error("{0} points cannot be spent; spend one or more")]
    Nothing(Points),
    #[error("{} points {} may be {}; {left} more may be", limit.points, limit.per.words(), limit.on.words())]
    Limit { limit: Limit, left: Points },
    #[error("an adjustment of no points changes nothing; add some, or take some with a number below nought")]
    NoAdjustment,
    #[error("this member has no such order; refund an order of theirs, or redrive this once the order has arrived")]
    UnknownOrder,
    #[error("none of the order's points wait: they could be spent at once, can be by now, or came back")]
    NotPending,
    #[error("the order has come back whole already")]
    ReturnedAlready,
    #[error("{asked} cannot be refunded of an order of which {left} is left, in minor units of its currency")]
    MoreThanPaid { asked: i64, left: i64 },
    #[error("the order was paid in {0}; refund it in that")]
    OtherCurrency(&'static str),
    #[error("the order has no line {0:?}; name one of its own, or refund an amount")]
    UnknownLine(String),
    #[error("{asked} of line {line:?} cannot come back, for {left} are left")]
    MoreThanBought { line: String, asked: u32, left: u32 },
    #[error("nothing comes back; refund an amount, or a line, of one or more")]
    NothingBack,
    #[error("it happened at {at}, more than a day after it arrived at {received}")]
    Future { at: Timestamp, received: Timestamp },
    #[error("the programme has no event {0:?}; declare it under [events], then redrive this")]
    UnknownEvent(String),
    #[error("no campaign runs on that code now; send one that is printed today")]
    UnknownCode,
    #[error("the member has had what the code gives, or it is not for them")]
    CodeNotForMember,
    #[error("the programme counts no referrals; write [referral], then redrive this")]
    NoReferrals,
    #[error("the referral was granted before, or the purchase that made it count came back")]
    ReferralOver,
    #[error("the member has brought {most} already in that time; look at it, then accept the referral, or leave it")]
    ReferralReview { most: u16 },
    #[error("it changes nothing: it names none of [attributes], or what is known already")]
    NothingChanged,
    #[error("the field {field:?} is missing; send it, or declare it as one that may be left out")]
    FieldMissing { field: String },
    #[error("the field {field:?} is not {wanted}; send that, then redrive this")]
    FieldWrong { field: String, wanted: String },
    #[error("the points do not fit the account")]
    Overflow,
    #[error("the account's ledger is damaged: {0}")]
    Corrupt(#[from] Corrupt),
}

impl Refusal {
    /// How many points are missing, where that is why.
    pub fn missing(&self) -> Option<Points> {
        match self {
            Self::NotEnough { wanted, balance } => wanted.subtract(*balance).ok(),
            _ => None,
        }
    }

    /// How many more points a limit leaves room for, where that is why.
    pub fn room(&self) -> Option<Points> {
        match self {
            Self::Limit { left, .. } => Some(*left),
            _ => None,
        }
    }

    /// The tier that has to be reached, where that is why.
    pub fn tier(&self) -> Option<&str> {
        match self {
            Self::TierTooLow(tier) => Some(tier),
            _ => None,
        }
    }

    /// How many of a reward a member may have, where that is why.
    pub fn most(&self) -> Option<u16> {
        match self {
            Self::HadAlready { most, .. } => Some(*most),
            _ => None,
        }
    }

    /// As it is kept beside what was refused: the code, and the sentence.
    pub fn reason(&self) -> String {
        format!("{}: {self}", self.code())
    }

    /// A stable name for programs; the text is for people.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownMember => UNKNOWN_MEMBER,
            Self::KnownMember => "known-member",
            Self::Erased => "erased",
            Self::Currency(_) => "currency",
            Self::NotEnough { .. } => "not-enough",
            Self::UnknownWallet(_) => "unknown-wallet",
            Self::NotSpendable(_) => "not-spendable",
            Self::UnknownTier(_) => "unknown-tier",
            Self::SegmentAlready => "segment-already",
            Self::TooManySegments(_) => "too-many-segments",
            Self::OverAlready(_) => "over-already",
            Self::NothingToExtend(_) => "nothing-to-extend",
            Self::NotReinstated => "not-reinstated",
            Self::NotLapsed { .. } => "not-lapsed",
            Self::PaysNothing(_) => "pays-nothing",
            Self::OrderTooSmall { .. } => "order-too-small",
            Self::NoReservation => "no-reservation",
            Self::TooManyReservations(_) => "too-many-reservations",
            Self::NoCarts => "no-carts",
            Self::NoTransfers => "no-transfers",
            Self::ToOneself => "to-oneself",
            Self::UnknownReceiver => "unknown-receiver",
            Self::ReceiverDamaged => "receiver-damaged",
            Self::TransferTooSmall { .. } => "transfer-too-small",
            Self::JoinedLately { .. } => "joined-lately",
            Self::UnknownReward(_) => "unknown-reward",
            Self::NotOffered(_) => "not-offered",
            Self::TierTooLow(_) => "tier-too-low",
            Self::HadAlready { .. } => "had-already",
            Self::OutOfStock(_) => "out-of-stock",
            Self::TooManyClaims(_) => "too-many-claims",
            Self::NoClaim => "no-claim",
            Self::NotFulfilled => "not-fulfilled",
            Self::Nothing(_) => "nothing",
            Self::Limit { .. } => "limit",
            Self::NoAdjustment => "no-adjustment",
            Self::UnknownOrder => "unknown-order",
            Self::NotPending => "not-pending",
            Self::ReturnedAlready => "returned-already",
            Self::MoreThanPaid { .. } => "more-than-paid",
            Self::OtherCurrency(_) => "other-currency",
            Self::UnknownLine(_) => "unknown-line",
            Self::MoreThanBought { .. } => "more-than-bought",
            Self::NothingBack => "nothing-back",
            Self::Future { .. } => "future",
            Self::UnknownEvent(_) => "unknown-event",
            Self::UnknownCode => "unknown-code",
            Self::CodeNotForMember => "code-not-for-member",
            Self::NoReferrals => "no-referrals",
            Self::ReferralOver => "referral-over",
            Self::ReferralReview { .. } => REFERRAL_REVIEW,
            Self::NothingChanged => "nothing-changed",
            Self::FieldMissing { .. } => "field-missing",
            Self::FieldWrong { .. } => "field-wrong",
            Self::Overflow => "overflow",
            Self::Corrupt(_) => "corrupt",
        }
    }
}

/// The code of [`Refusal::UnknownMember`], the one refusal that a later sign-up mends.
pub const UNKNOWN_MEMBER: &str = "unknown-member";

/// The code of [`Refusal::ReferralReview`], which somebody of the shop may overrule.
pub const REFERRAL_REVIEW: &str = "referral-review";
