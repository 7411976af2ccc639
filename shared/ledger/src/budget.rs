//! Budgets: the most that a campaign grants to all members together.
//!
//! What was granted is counted in [`PARTS`] parts, so that many members may be granted something at once. How much each
//! part may come to follows from the budget and from all the parts as they were read ([`most`]), and whoever draws writes
//! on condition that a part stays below that. So no more is ever granted than the budget says, and the last points of it
//! are granted too, from as many parts as it takes ([`draw`]).

use jiff::Timestamp;
use jiff::tz::TimeZone;
use programme::{Campaign, CampaignId, Points, Programme, Trigger};

use crate::activity::Fact;
use crate::campaigns::sets_off;
use crate::entry::{Entry, What};
use crate::ids::MemberId;

/// Into so many parts each budget is counted.
pub const PARTS: usize = 16;

/// What each part of a budget has granted.
pub type Granted = [u64; PARTS];

/// What is left of a campaign's budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    pub campaign: CampaignId,
    pub points: Points,
}

/// What is drawn from one part of a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    pub part: usize,
    pub points: u64,
    /// The part may have granted no more than this before.
    pub before: u64,
}

/// What each part may come to at the most: together just the budget, or what they have come to where that is more.
///
/// The parts below a common level may rise to it, as water does. A part that rises so moves neither the level nor what
/// another part may come to, so what follows from an old reading is never more than what follows from a new one.
pub fn most(budget: u64, granted: &Granted) -> Granted {
    let filled = |level: u64| granted.iter().map(|part| u128::from(*part.max(&level))).sum::<u128>();
    let (mut level, mut above) = (0, budget.saturating_add(1));
    while above - level > 1 {
        let middle = level + (above - level) / 2;
        if filled(middle) <= u128::from(budget) {
            level = middle;
        } else {
            above = middle;
        }
    }
    let mut rest = u128::from(budget).saturating_sub(filled(level));
    granted.map(|part| {
        if part > level || rest == 0 {
            return part.max(level);
        }
        rest -= 1;
        level + 1
    })
}

/// How much of a budget is left.
pub fn left(budget: u64, granted: &Granted) -> u64 {
    budget.saturating_sub(granted.iter().fold(0, |sum, part| sum.saturating_add(*part)))
}

/// Where points are drawn from that are left: the member's own part if it has them, else the next ones, too.
pub fn draw(budget: u64, granted: &Granted, member: &MemberId, points: u64) -> Vec<Draw> {
    let most = most(budget, granted);
    let first = usize::from(
        member
            .as_str()
            .bytes()
            .fold(7, |hash: u8, byte| hash.wrapping_mul(31) ^ byte),
    ) % PARTS;
    let mut wanted = points;
    let mut draws = Vec::with_capacity(1);
    let parts = granted.iter().zip(&most).enumerate();
    for (part, (granted, most)) in parts.cycle().skip(first).take(PARTS) {
        let points = wanted.min(most.saturating_sub(*granted));
        if points > 0 {
            let before = most - points;
            draws.push(Draw { part, points, before });
        }
        wanted -= points;
        if wanted == 0 {
            break;
        }
    }
    draws
}

/// The campaigns with a budget that something may set off that happened at an instant. [`crate::apply`] wants to know what
/// is left of each.
pub fn looks_at_budgets<'a>(
    programme: &'a Programme,
    fact: &Fact,
    at: Timestamp,
) -> impl Iterator<Item = &'a Campaign> {
    let is_near = move |campaign: &Campaign| campaign.may_run_near(TimeZone::UTC.to_datetime(at).date());
    // A purchase may make a referral count as well.
    let may_set_off =
        |on: &Trigger| sets_off(fact, on) || (*on == Trigger::Referred && matches!(fact, Fact::Purchase { .. }));
    with_budget(programme.at(at)).filter(move |campaign| may_set_off(&campaign.on) && is_near(campaign))
}

fn with_budget(programme: &Programme) -> impl Iterator<Item = &Campaign> {
    let campaigns = programme.campaigns.iter();
    campaigns.filter(|campaign| campaign.budget.is_some())
}

/// What entries granted out of budgets, by campaign.
pub fn granted_out_of_budgets<'a>(programme: &'a Programme, entries: &[Entry]) -> Vec<(&'a Campaign, Points)> {
    let mut all: Vec<(&Campaign, Points)> = Vec::new();
    for entry in entries {
        for campaign in with_budget(programme.at(entry.happened())) {
            let granted = granted_by(entry, campaign.name.id());
            if granted == 0 {
                continue;
            }
            match all.iter_mut().find(|(known, _)| known.name == campaign.name) {
                Some((_, points)) => *points = Points::new(points.get().saturating_add(granted)),
                None => all.push((campaign, Points::new(granted))),
            }
        }
    }
    all
}

/// The points that an entry says a campaign granted.
fn granted_by(entry: &Entry, id: CampaignId) -> i64 {
    if let What::Granted { campaign, points, .. } = &entry.what {
        return if *campaign == id { points.get() } else { 0 };
    }
    let shares = entry.shares().iter().filter(|share| share.campaign == id);
    shares.map(|share| share.points.get()).fold(0, i64::saturating_add)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn sum(parts: &Granted) -> u64 {
        parts.iter().sum()
    }

    #[test]
    fn the_parts_of_a_new_budget_come_to_just_it() {
        for budget in [0, 1, 15, 16, 17, 1_000, u64::MAX / 16] {
            let most = most(budget, &[0; PARTS]);
            assert_eq!(sum(&most), budget);
            assert!(most.iter().max().unwrap() - most.iter().min().unwrap() <= 1, "{most:?}");
        }
    }

    #[test]
    fn a_budget_that_was_cut_leaves_what_is_left_of_it_and_no_more() {
        let mut granted = [0; PARTS];
        granted[3] = 90;
        // 100 of a thousand were granted by one part and a bit, and then it was cut to 120.
        granted[4] = 10;
        let most = most(120, &granted);
        assert_eq!(sum(&most), 120);
        assert_eq!((most[3], left(120, &granted)), (90, 20));
        assert_eq!(sum(&super::most(50, &granted)), 100);
        assert!(draw(50, &granted, &"m".parse().unwrap(), 0).is_empty());
        assert_eq!(left(50, &granted), 0);
    }

    /// Many writers with old readings, each on the condition that [`draw`] gave it.
    #[test]
    fn writers_with_old_readings_grant_the_budget_and_not_a_point_more() {
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = move |below: u64| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % below
        };
        let mut whole = 0;
        for case in 0..2_000 {
            let mut granted: Granted = [0; PARTS];
            let mut budget = next(2_000);
            let mut readings = vec![granted; 4];
            let mut overtaken = 0;
            while overtaken < 200 {
                if next(100) == 0 {
                    // The budget is edited; who worked by the old one is done by then.
                    budget = next(2_000).max(sum(&granted));
                    readings.fill(granted);
                }
                let writer = usize::try_from(next(4)).unwrap();
                if next(3) == 0 {
                    readings[writer] = granted;
                    continue;
                }
                let reading = readings[writer];
                let points = (1 + next(60)).min(left(budget, &reading));
                let member = format!("m{}", next(50)).parse().unwrap();
                let draws = draw(budget, &reading, &member, points);
                assert_eq!(draws.iter().map(|draw| draw.points).sum::<u64>(), points);
                let met = draws.iter().all(|draw| granted[draw.part] <= draw.before);
                if met && points > 0 {
                    for draw in draws {
                        granted[draw.part] += draw.points;
                    }
                } else {
                    overtaken += 1;
                }
                assert!(sum(&granted) <= budget, "case {case}: {granted:?} of {budget}");
            }
            // Whoever reads again gets the rest.
            let rest = left(budget, &granted);
            for draw in draw(budget, &granted, &"last".parse().unwrap(), rest) {
                assert!(granted[draw.part] <= draw.before);
                granted[draw.part] += draw.points;
            }
            assert_eq!(sum(&granted), budget, "case {case}");
            whole += budget;
        }
        assert!(whole > 0);
    }
}
