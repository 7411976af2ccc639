//! Tiers: reached at once, reviewed, and told of before they are lost.

use jiff::Timestamp;
use programme::{Points, Programme, WalletId, Zone};

use crate::account::Account;
use crate::activity::{Activity, Refusal};
use crate::day::{Day, Month};
use crate::entry::What;
use crate::moments::{self, Due, Moment};
use crate::spend::Times;

/// A tier is reached at once, on the points of the window as it stands today.
pub(crate) fn upgrade(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    today: Day,
    window: Month,
) -> Result<(), Refusal> {
    let qualifying = account.qualifying(window);
    let reached = tier_for(programme, qualifying);
    let from = account.state.tier;
    if reached <= from {
        return Ok(());
    }
    let what = What::TierChanged {
        from,
        to: reached,
        qualifying,
        review: account.state.review,
    };
    account.book(WalletId::MAIN, activity.id.as_str(), Times::of(activity), &what)?;
    account.state.tier = reached;
    let review = today.plus_months(programme.tiers.review_months);
    account.state.review = Some(review);
    expect_review(programme, account, activity.received);
    Ok(())
}

/// The highest tier that so many qualifying points reach.
pub(crate) fn tier_for(programme: &Programme, qualifying: Points) -> u8 {
    let levels = programme.tiers.levels.get_ref();
    let reached = levels.iter().take_while(|tier| tier.from <= qualifying).count();
    u8::try_from(reached.saturating_sub(1)).unwrap_or(u8::MAX)
}

/// What becomes of a tier at its review, and the points that count then.
fn outcome(programme: &Programme, account: &Account, review: Day) -> (u8, Points) {
    let qualifying = account.qualifying(review.month().minus(programme.tiers.window_months));
    let tier = account.state.tier;
    (tier_for(programme, qualifying).min(tier), qualifying)
}

/// A review keeps the tier that the points still reach, or lets the member fall to the one they do reach.
pub(crate) fn review(programme: &Programme, account: &mut Account, day: Day) -> What {
    let (from, (to, qualifying)) = (account.state.tier, outcome(programme, account, day));
    account.state.tier = to;
    account.state.review = (to > 0).then(|| day.plus_months(programme.tiers.review_months));
    if to == from {
        What::TierKept { tier: to, qualifying }
    } else {
        What::TierChanged {
            from,
            to,
            qualifying,
            review: Some(day),
        }
    }
}

/// A tier that its review will take, as things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtRisk {
    /// The day of the review.
    pub review: Day,
    /// The tier the member will fall to.
    pub to: u8,
    /// The points that would keep the tier, if they are earned before.
    pub missing: Points,
}

/// Whether a member will lose their tier at its review, as things stand.
pub fn at_risk(programme: &Programme, account: &Account) -> Option<AtRisk> {
    let review = account.state.review?;
    let (to, qualifying) = outcome(programme, account, review);
    let tier = programme.tier(account.state.tier)?;
    let missing = tier.from.subtract(qualifying).unwrap_or_default();
    (to < account.state.tier).then_some(AtRisk { review, to, missing })
}

/// How far a member is from the next tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The points that count today.
    pub qualifying: Points,
    /// The next tier and the points still missing; none in the highest.
    pub next: Option<(u8, Points)>,
}

/// How far a member is from the next tier at an instant.
pub fn progress(programme: &Programme, account: &Account, now: Timestamp) -> Progress {
    let month = Day::at(now, programme.zone.rules()).month();
    let qualifying = account.qualifying(month.minus(programme.tiers.window_months));
    let above = account.state.tier.saturating_add(1);
    let next = programme.tiers.levels.get_ref().get(usize::from(above));
    let missing = |from: Points| from.subtract(qualifying).unwrap_or_default().max(Points::ZERO);
    Progress {
        qualifying,
        next: next.map(|tier| (above, missing(tier.from))),
    }
}

/// The notices before a review that are still to come.
pub(crate) fn notices<'a>(
    programme: &'a Programme,
    account: &'a Account,
    zone: &'a Zone,
    review: Day,
) -> impl Iterator<Item = Due> + use<'a> {
    let days = programme.tiers.notify_days_before.get_ref().iter();
    let due = days.map(move |&days| Due {
        at: review
            .plus(-i32::from(days))
            .time(programme.tiers.notify_at.time(), zone.rules()),
        moment: Moment::TierNotice { day: review, days },
    });
    due.filter(|due| moments::to_come(account, due.at))
}

/// Sets the alarm for a review that is new, or for its first notice, where that comes before all else.
pub(crate) fn expect_review(programme: &Programme, account: &mut Account, received: Timestamp) {
    let Some(review) = account.state.review else {
        return;
    };
    moments::pass(account, received);
    let zone = account.zone(programme);
    let at = notices(programme, account, &zone, review).map(|due| due.at);
    let first = at.fold(review.start(programme.zone.rules()), Timestamp::min);
    account.state.alarm = account.state.alarm.min(first.as_second());
}
