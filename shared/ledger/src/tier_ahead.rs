//! What is ahead of a member's tier: what its review will find, what the next one takes, and when to say so.

use jiff::Timestamp;
use programme::{Basis, Points, Programme, TierSetId, Zone};

use crate::account::Account;
use crate::day::Day;
use crate::moments::{self, Due, Moment};
use crate::person::to_come_there;
use crate::tier::Standing;
use crate::tier_set::{self, Set};

/// What a review will find, as things stand, and what counts then.
pub(crate) fn outcome(set: Set<'_>, account: &Account, day: Day) -> (Standing, i64) {
    let counted = account.counted(set, day);
    let standing = account.standing(set.id());
    (standing.reviewed(set, account.who(), counted, day), counted)
}

/// A tier that its review will take, as things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtRisk {
    /// The day of the review.
    pub review: Day,
    /// The tier the member will fall to.
    pub to: u8,
    /// What would keep the tier, if it is added before, in the unit the tiers are told in.
    pub missing: i64,
}

/// Whether a member will lose their tier at its review, as things stand. A grace that the review gives first is left
/// aside: it is the time in which to mend it.
pub fn at_risk(programme: &Programme, account: &Account, id: TierSetId) -> Option<AtRisk> {
    let set = tier_set::one(programme, id)?;
    // Nobody earns a segment.
    if set.rules.basis == Basis::Segment {
        return None;
    }
    let Standing { review, tier: now, .. } = account.standing(id);
    let review = review?;
    let (after, counted) = outcome(set, account, review);
    let tier = set.rules.levels.get_ref().get(usize::from(now))?;
    let missing = tier.from.get().saturating_sub(counted);
    (after.tier < now).then_some(AtRisk {
        review,
        to: after.tier,
        missing,
    })
}

/// How far a member is from the next tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What counts today, in the unit the tiers are told in.
    pub qualifying: i64,
    /// The next tier and what is still missing; none in the highest.
    pub next: Option<(u8, i64)>,
    /// The tier in which the next review will find the member, as things stand; theirs where there is none.
    pub projected: u8,
}

/// How far a member is from the next tier of a set at an instant; none where the programme has no such set.
pub fn progress(programme: &Programme, account: &Account, id: TierSetId, now: Timestamp) -> Option<Progress> {
    let set = tier_set::one(programme.at(now), id)?;
    let today = Day::at(now, programme.zone);
    let counted = account.counted(set, today);
    let standing = account.standing(id);
    let above = standing.tier.saturating_add(1);
    let next = set.rules.levels.get_ref().get(usize::from(above));
    let missing = |from: Points| from.get().saturating_sub(counted).max(0);
    Some(Progress {
        qualifying: counted,
        next: next
            .filter(|_| set.rules.basis != Basis::Segment)
            .map(|tier| (above, missing(tier.from))),
        projected: standing
            .review
            .map_or(standing.tier, |day| outcome(set, account, day).0.tier),
    })
}

/// The notices before a review that are still to come.
pub(crate) fn notices<'a>(
    set: Set<'a>,
    account: &'a Account,
    zone: Zone,
    review: Day,
) -> impl Iterator<Item = Due> + use<'a> {
    let days = set.rules.notify_days_before.get_ref().iter();
    let due = days.map(move |&days| Due {
        at: review.plus(-i32::from(days)).time(set.rules.notify_at.time(), zone),
        moment: Moment::TierNotice {
            set: set.id(),
            day: review,
            days,
        },
    });
    due.filter(|due| to_come_there(account, due.at))
}

/// Sets the alarm for a review that is new, or for its first notice, where that comes before all else.
pub(crate) fn expect_review(set: Set<'_>, account: &mut Account, received: Timestamp) {
    let Some(review) = account.standing(set.id()).review else {
        return;
    };
    moments::pass(account, received);
    let zone = account.zone(set.programme);
    let at = notices(set, account, zone, review).map(|due| due.at);
    let first = at.fold(review.start(set.programme.zone), Timestamp::min);
    account.state.alarm = account.state.alarm.min(first.as_second());
}
