//! Activities: what members do, and what is done for them.

use jiff::Timestamp;
use jiff::civil::Date;
use programme::{Amount, Points, RewardName, WalletId, Zone};

use crate::budget::Left;
use crate::day::{Day, MonthDay};
use crate::entry::Accepted;
use crate::ids::{ActivityId, Label, MemberId};
use crate::page::Page;
use crate::person::Changed;
use crate::referral::Referrer;
use crate::said::{OrderLine, Said};

/// Something a member did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    pub id: ActivityId,
    /// When it happened: dates lots and windows.
    pub at: Timestamp,
    /// When it arrived: dates the decision.
    pub received: Timestamp,
    pub fact: Fact,
    /// What else it says, which conditions may ask for.
    pub said: Said,
}

/// What an activity says that concerns the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    SignUp {
        zone: Zone,
        birthday: Option<MonthDay>,
        /// Who referred the member, as the member says.
        referrer: Option<MemberId>,
    },
    Purchase {
        amount: Amount,
    },
    /// What is in the member's cart now comes to so much; nothing, where it is empty.
    Cart {
        amount: Amount,
    },
    /// An event of the shop's own.
    Event {
        event: Label,
    },
    /// The member sends a code in.
    Code {
        code: Label,
    },
    /// What is known of the member changes.
    Attributes,
    /// The member lives elsewhere, or their birthday was another.
    Changed(Changed),
    /// The member is forgotten.
    Erasure,
    /// The member lets what is known of them tell them apart from others, or no longer does.
    Personalisation {
        granted: bool,
    },
    Redeem {
        points: Points,
        /// By its name in the programme; none is the main one.
        wallet: Option<Label>,
        /// The purchase that is paid with them, whole or in part: they come back with it.
        order: Option<ActivityId>,
    },
    /// Somebody whom the member referred made a purchase that counts: [`crate::for_referrer`] makes it.
    Referral {
        referee: MemberId,
        /// Somebody of the shop looked at it.
        accepted: Option<Accepted>,
    },
    /// That purchase came back whole.
    ReferralLost {
        of: ActivityId,
    },
    /// Points are held for a checkout.
    Reserve {
        points: Points,
        wallet: Option<Label>,
        /// The purchase that is to be paid with them, whole or in part.
        order: Option<ActivityId>,
        /// For how long; at most as long as the programme says.
        minutes: Option<u16>,
    },
    /// The points of a reservation are spent.
    Commit {
        reservation: ActivityId,
    },
    /// The points of a reservation are let go.
    Cancel {
        reservation: ActivityId,
    },
    /// Points go to another member, or to another wallet of this one. Wallets are told by name; none is the main one.
    Transfer {
        points: Points,
        wallet: Option<Label>,
        /// None is the member.
        to: Option<MemberId>,
        to_wallet: Option<Label>,
    },
    /// Points come from another member: the other half of their [`Fact::Transfer`], which [`crate::receipt`] makes.
    Receive {
        from: MemberId,
        wallet: WalletId,
        lots: Vec<(Day, Points)>,
    },
    /// The member takes a reward for its points.
    Claim {
        reward: RewardName,
    },
    /// A reward that the member has was handed out, or used.
    Fulfil {
        claim: ActivityId,
    },
    /// The member gives a reward back that was not fulfilled.
    CancelReward {
        claim: ActivityId,
    },
    /// The member gives a reward back that was fulfilled.
    RefundReward {
        claim: ActivityId,
    },
    /// The points of a purchase need not wait any longer: it will not come back.
    Release {
        order: ActivityId,
    },
    /// A purchase comes back, whole or in part.
    Refund {
        order: ActivityId,
        part: Part,
    },
    /// Somebody of the shop gives the member a tier, by its name, which no review takes before a day, or ever.
    SetTier {
        tier: Label,
        until: Option<Date>,
        reason: Label,
        actor: Label,
    },
    /// The shop puts the member into a segment, or takes them out of it.
    Segment {
        segment: Label,
        inside: bool,
    },
    /// Somebody of the shop lets the points last longer that can be spent now and would lapse before a day.
    Extend {
        wallet: Option<Label>,
        through: Date,
        reason: Label,
        actor: Label,
    },
    /// Somebody of the shop brings points back that have lapsed of late: so many, or all.
    Reinstate {
        points: Option<Points>,
        wallet: Option<Label>,
        reason: Label,
        actor: Label,
    },
    /// Somebody of the shop adds points by hand, or takes them (below nought). They count for no tier.
    Adjust {
        points: Points,
        /// By its name in the programme; none is the main one.
        wallet: Option<Label>,
        reason: Label,
        actor: Label,
    },
}

/// How much of a purchase comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// All that has not come back before.
    Whole,
    /// So much of what was paid.
    Amount(Amount),
    /// So many of some of its lines.
    Lines(Vec<(Label, u32)>),
}

/// What an activity looks back at, besides the account. Nothing, but where [`Fact::looks_back`] says so.
#[derive(Debug, Clone, Copy, Default)]
pub struct Past<'a> {
    /// The member's closed pages.
    pub pages: &'a [Page],
    /// The lines of the purchase, if it named any.
    pub lines: &'a [OrderLine],
    /// What is left of the reward that is claimed, where there are only so many.
    pub shelf: Option<Shelf<'a>>,
    /// What is left of the budgets of [`crate::budget::looks_at_budgets`]. A budget that is not there is used up.
    pub budgets: &'a [Left],
    /// Of a sign-up: what is found of who referred the member.
    pub referrer: Option<Referrer>,
}

/// What is left of a reward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shelf<'a> {
    pub left: u64,
    /// The code of the coupon that comes next.
    pub code: Option<&'a str>,
}

impl Fact {
    /// Whether the past decides: [`crate::apply`] wants the member's closed pages then, and the lines of
    /// [`Fact::looks_back_at`].
    pub fn looks_back(&self) -> bool {
        self.looks_back_at().is_some()
            || matches!(
                self,
                Self::Reinstate { .. } | Self::RefundReward { .. } | Self::Referral { .. } | Self::ReferralLost { .. }
            )
    }

    /// Whether it may change more than the member's account, or is decided by more: a reward's shelf, or another account.
    pub fn looks_beside(&self) -> bool {
        matches!(
            self,
            Self::Claim { .. }
                | Self::CancelReward { .. }
                | Self::RefundReward { .. }
                | Self::Transfer { .. }
                | Self::SignUp { referrer: Some(_), .. }
        )
    }

    /// The purchase whose past decides.
    pub fn looks_back_at(&self) -> Option<&ActivityId> {
        match self {
            Self::Refund { order, .. } | Self::Release { order } => Some(order),
            Self::SignUp { .. }
            | Self::Purchase { .. }
            | Self::Cart { .. }
            | Self::Event { .. }
            | Self::Referral { .. }
            | Self::ReferralLost { .. }
            | Self::Code { .. }
            | Self::Attributes
            | Self::Changed(_)
            | Self::Erasure
            | Self::Personalisation { .. }
            | Self::Redeem { .. }
            | Self::Reserve { .. }
            | Self::Commit { .. }
            | Self::Cancel { .. }
            | Self::Claim { .. }
            | Self::Transfer { .. }
            | Self::Receive { .. }
            | Self::Fulfil { .. }
            | Self::CancelReward { .. }
            | Self::RefundReward { .. }
            | Self::SetTier { .. }
            | Self::Segment { .. }
            | Self::Extend { .. }
            | Self::Reinstate { .. }
            | Self::Adjust { .. } => None,
        }
    }
}
