//! Entries: what happened to an account, each naming its cause, chained by hash.

use compact_str::CompactString;
use jiff::Timestamp;
use jiff::civil::Date;
use programme::{CampaignId, Currency, Points, RewardName, TierSetId, WalletId, Zone};
use serde::{Deserialize, Serialize};

use crate::day::Day;
use crate::ids::{Label, MemberId};
use crate::referral::Referrer;
use crate::returned::Returned;
use crate::wallet::Pending;

/// One entry. Never changed once committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What caused it: an activity's id, or the moment that fell due (`expiry#1998-01-31`).
    pub cause: CompactString,
    /// When it happened, in seconds of Unix time.
    pub at: i64,
    /// When it was decided: later than `at` for an activity that arrived late.
    pub decided: i64,
    /// The wallet whose points it moved; the main one where it moved none.
    pub wallet: WalletId,
    pub what: What,
    /// The first bytes of the chain's hash before this entry: names the first altered entry of a page.
    pub link: [u8; 4],
}

/// What an entry did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    Joined,
    /// `points` went into the lot of `last_day`, `shares` of them by campaigns. `minor` is the amount paid, in the
    /// currency's minor units.
    Earned {
        points: Points,
        last_day: Day,
        minor: i64,
        currency: Currency,
        shares: Vec<Share>,
        progress: Vec<Step>,
    },
    /// Points were spent, from these lots, first expiring first; on this purchase, if on one.
    Redeemed {
        points: Points,
        lots: Vec<(Day, Points)>,
        order: Option<CompactString>,
    },
    /// What was left of a lot lapsed.
    Expired {
        points: Points,
        last_day: Day,
    },
    /// The tier rose, or fell, at its review or at once. Tiers are counted from the lowest, 0; what counts for them is told
    /// in the unit of the programme's basis.
    TierChanged {
        set: TierSetId,
        from: u8,
        to: u8,
        qualifying: i64,
    },
    /// A review kept the tier.
    TierKept {
        set: TierSetId,
        tier: u8,
        qualifying: i64,
    },
    /// A review found the tier lost and let it be until a day.
    TierGrace {
        set: TierSetId,
        tier: u8,
        qualifying: i64,
        until: Day,
    },
    /// A tier was given by hand, and is kept until a day.
    TierGiven {
        set: TierSetId,
        from: u8,
        to: u8,
        until: Day,
        reason: Label,
        actor: Label,
    },
    /// A reminder fell due: so many points of a lot lapse in so many days.
    Reminded {
        points: Points,
        last_day: Day,
        days: u16,
    },
    Birthday,
    Anniversary {
        years: u16,
    },
    /// Points were added by hand, to this one lot, or taken (below nought) from these, first expiring first.
    Adjusted {
        points: Points,
        lots: Vec<(Day, Points)>,
        reason: Label,
        actor: Label,
    },
    Returned(Box<Returned>),
    /// Points of these lots paid what was owed.
    Settled {
        lots: Vec<(Day, Points)>,
    },
    /// Points were earned that can be spent from a day on, and then lie in the lot of `last_day`.
    Pending {
        points: Points,
        last_day: Day,
        minor: i64,
        currency: Currency,
        until: Day,
        shares: Vec<Share>,
        progress: Vec<Step>,
    },
    /// Points whose wait ended with a day are in these lots now.
    Unlocked {
        until: Day,
        lots: Vec<(Day, Points)>,
    },
    /// The wait of a purchase's points ended early: they are in the lot of `last_day`.
    Released {
        order: CompactString,
        points: Points,
        last_day: Day,
    },
    /// Points of these lots are held for a checkout, until a second.
    Reserved {
        points: Points,
        lots: Vec<(Day, Points)>,
        until: i64,
    },
    /// Held points were spent, on this purchase, if on one. They were reserved on `since`.
    Committed {
        reservation: CompactString,
        since: Day,
        points: Points,
        lots: Vec<(Day, Points)>,
        order: Option<CompactString>,
    },
    /// Held points are in their lots again; those of `gone` had lapsed meanwhile.
    LetGo {
        reservation: CompactString,
        lots: Vec<(Day, Points)>,
        gone: Vec<(Day, Points)>,
    },
    /// Points of these lots last longer now: through `last_day`.
    Extended {
        lots: Vec<(Day, Points)>,
        last_day: Day,
        reason: Label,
        actor: Label,
    },
    /// Points that had lapsed in these lots are back, through `last_day`.
    Reinstated {
        points: Points,
        lots: Vec<(Day, Points)>,
        last_day: Day,
        reason: Label,
        actor: Label,
    },
    /// The tier will be lost at its review, in so many days, unless so many points are earned.
    TierAtRisk {
        set: TierSetId,
        tier: u8,
        to: u8,
        missing: i64,
        review: Day,
        days: u16,
    },
    /// A reward was claimed for points of these lots; it can be used through `last_day`.
    Claimed {
        reward: RewardName,
        points: Points,
        lots: Vec<(Day, Points)>,
        last_day: Day,
        code: Option<CompactString>,
    },
    /// A reward was given of itself.
    RewardGiven {
        reward: RewardName,
        last_day: Day,
    },
    /// A reward was handed out, or used.
    Fulfilled {
        claim: CompactString,
    },
    /// A reward came back, and what it had cost: points are in their lots again; those of `gone` had lapsed meanwhile.
    RewardBack {
        claim: CompactString,
        reward: RewardName,
        lots: Vec<(Day, Points)>,
        gone: Vec<(Day, Points)>,
    },
    /// A reward was not used in time. The cause is its claim.
    RewardExpired,
    /// A reminder fell due: a reward lapses in so many days. The cause is its claim, and those days.
    RewardReminded {
        last_day: Day,
        days: u16,
    },
    /// Points of these lots went to another member, or to another wallet of this one.
    Sent {
        points: Points,
        lots: Vec<(Day, Points)>,
        to: Option<MemberId>,
    },
    /// Points came from another member, or from another wallet of this one, into these lots; those of `gone` had lapsed.
    Received {
        points: Points,
        lots: Vec<(Day, Points)>,
        gone: Vec<(Day, Points)>,
        from: Option<MemberId>,
    },
    /// The shop put the member into a segment, or took them out of it.
    Segment {
        segment: Label,
        inside: bool,
    },
    /// The tier was lost with the order it had been reached on.
    TierLost {
        set: TierSetId,
        from: u8,
        to: u8,
        qualifying: i64,
    },
    /// Points of these lots were taken for what returns had waived, when others came back.
    ClawedBack {
        lots: Vec<(Day, Points)>,
    },
    /// Something happened that moved no points of itself: an event of the shop's own, a code, a change of
    /// attributes, a day that campaigns wait for.
    Happened {
        progress: Vec<Step>,
    },
    /// So much of a mission was reached. Its points have an entry of the same cause.
    Milestone {
        mission: CampaignId,
        reach: u32,
        badge: Option<RewardName>,
    },
    /// A milestone is not reached any longer, for an order came back: `of` is the cause of its entry.
    MilestoneLost {
        of: CompactString,
        badge: Option<RewardName>,
    },
    /// A campaign granted points on something that was no purchase, or a mission did on the way. The cause is what set it
    /// off, and the name.
    Granted {
        campaign: CampaignId,
        points: Points,
        last_day: Day,
        /// The first day on which they can be spent, where they wait.
        until: Option<Day>,
    },
    /// A new member said who referred them, and what was found of that one.
    Referred {
        by: MemberId,
        referrer: Referrer,
    },
    /// A purchase made the referral count, and set these campaigns off.
    ReferralMet {
        by: MemberId,
        campaigns: Vec<CampaignId>,
    },
    /// Somebody whom the member referred made it count, which set these campaigns off.
    Referral {
        referee: MemberId,
        campaigns: Vec<CampaignId>,
        progress: Vec<Step>,
        accepted: Option<Accepted>,
    },
    /// The purchase that made a referral count came back: `of` is the cause of the entry that said so.
    ReferralLost {
        of: CompactString,
    },
    /// A cart of so much was left behind. The cause names the activity that told of it last.
    CartLeft {
        minor: i64,
        currency: Currency,
    },
    /// The member was forgotten, and what was left in the wallet lapsed: these lots, and what could not be spent yet.
    Erased {
        lots: Vec<(Day, Points)>,
        pending: Vec<Pending>,
    },
}

/// Somebody of the shop accepted a referral that waited for that: who, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    pub reason: Label,
    pub actor: Label,
}

/// How much of a mission was done, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub mission: CampaignId,
    pub by: i64,
}

/// What a campaign granted of an entry's points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub campaign: CampaignId,
    pub points: Points,
}

/// The points of several lots. A member's points all fit together, so a part of them does.
pub(crate) fn total(lots: &[(Day, Points)]) -> i64 {
    lots.iter().fold(0, |sum, (_, points)| sum.saturating_add(points.get()))
}

impl Entry {
    pub fn happened(&self) -> Timestamp {
        Timestamp::from_second(self.at).unwrap_or_default()
    }

    /// When it was decided.
    pub(crate) fn decided(&self) -> Timestamp {
        Timestamp::from_second(self.decided).unwrap_or_default()
    }

    /// The set of tiers that it is about.
    pub fn tier_set(&self) -> Option<TierSetId> {
        match &self.what {
            What::TierChanged { set, .. }
            | What::TierKept { set, .. }
            | What::TierGrace { set, .. }
            | What::TierGiven { set, .. }
            | What::TierAtRisk { set, .. }
            | What::TierLost { set, .. } => Some(*set),
            _ => None,
        }
    }

    /// Points that came back, or in, and whose lots had lapsed by then.
    pub(crate) fn gone(&self) -> &[(Day, Points)] {
        match &self.what {
            What::LetGo { gone, .. } | What::RewardBack { gone, .. } | What::Received { gone, .. } => gone,
            What::Returned(returned) => &returned.gone,
            _ => &[],
        }
    }

    /// The claim of the reward that it is about.
    pub fn claim(&self) -> Option<&str> {
        match &self.what {
            What::Claimed { .. } | What::RewardGiven { .. } | What::RewardExpired => Some(&self.cause),
            What::RewardReminded { .. } => self.cause.rsplit_once('#').map(|(claim, _)| claim),
            What::Fulfilled { claim } | What::RewardBack { claim, .. } => Some(claim),
            _ => None,
        }
    }

    /// The day on which it was decided, in a zone.
    pub(crate) fn decided_on(&self, zone: Zone) -> Day {
        Day::at(self.decided(), zone)
    }

    /// What campaigns granted of the points of a purchase.
    pub fn shares(&self) -> &[Share] {
        match &self.what {
            What::Earned { shares, .. } | What::Pending { shares, .. } => shares,
            _ => &[],
        }
    }

    /// What was done of missions.
    pub fn progress(&self) -> &[Step] {
        match &self.what {
            What::Earned { progress, .. }
            | What::Pending { progress, .. }
            | What::Happened { progress }
            | What::Referral { progress, .. } => progress,
            _ => &[],
        }
    }

    /// The campaigns that a referral set off.
    pub(crate) fn set_off(&self) -> &[CampaignId] {
        match &self.what {
            What::ReferralMet { campaigns, .. } | What::Referral { campaigns, .. } => campaigns,
            _ => &[],
        }
    }

    /// How the entry changed the sum of the wallet's lots, less what is owed. Points that wait or are held are in no lot.
    pub fn change(&self) -> i64 {
        match &self.what {
            What::Earned { points, .. }
            | What::Granted {
                points, until: None, ..
            }
            | What::Adjusted { points, .. }
            | What::Reinstated { points, .. }
            | What::Released { points, .. } => points.get(),
            What::Redeemed { points, .. }
            | What::Reserved { points, .. }
            | What::Claimed { points, .. }
            | What::Sent { points, .. }
            | What::Expired { points, .. } => -points.get(),
            What::Returned(returned) => returned.change(),
            What::Unlocked { lots, .. }
            | What::LetGo { lots, .. }
            | What::RewardBack { lots, .. }
            | What::Received { lots, .. } => total(lots),
            What::ClawedBack { lots } | What::Erased { lots, .. } => -total(lots),
            What::Joined
            | What::Happened { .. }
            | What::Milestone { .. }
            | What::MilestoneLost { .. }
            | What::Granted { until: Some(_), .. }
            | What::Referred { .. }
            | What::ReferralMet { .. }
            | What::Referral { .. }
            | What::ReferralLost { .. }
            | What::Committed { .. }
            | What::RewardGiven { .. }
            | What::Fulfilled { .. }
            | What::Segment { .. }
            | What::RewardExpired
            | What::RewardReminded { .. }
            | What::Extended { .. }
            | What::Pending { .. }
            | What::Settled { .. }
            | What::TierChanged { .. }
            | What::TierKept { .. }
            | What::TierGrace { .. }
            | What::TierGiven { .. }
            | What::TierLost { .. }
            | What::TierAtRisk { .. }
            | What::Reminded { .. }
            | What::CartLeft { .. }
            | What::Birthday
            | What::Anniversary { .. } => 0,
        }
    }

    /// The day that the entry is about: the last of its lot or reward, the first on which pending points can be spent, or a
    /// tier's review.
    pub fn day(&self) -> Option<Date> {
        match &self.what {
            What::Pending { until, .. } | What::Granted { until: Some(until), .. } | What::TierGrace { until, .. } => {
                Some(until.date())
            }
            What::TierAtRisk { review, .. } => Some(review.date()),
            What::Earned { last_day, .. }
            | What::Granted { last_day, .. }
            | What::Expired { last_day, .. }
            | What::Reminded { last_day, .. }
            | What::Claimed { last_day, .. }
            | What::RewardGiven { last_day, .. }
            | What::RewardReminded { last_day, .. } => (*last_day < Day::FOREVER).then(|| last_day.date()),
            _ => None,
        }
    }
}
