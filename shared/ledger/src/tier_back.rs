//! The tier after an order came back: lost where it was reached, or kept at a review, on points that no longer count.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use programme::{Points, Programme, WalletId};

use crate::account::Account;
use crate::activity::{Activity, Refusal};
use crate::day::{Day, Month};
use crate::entry::{Entry, What};
use crate::order::Earned;
use crate::spend::Times;
use crate::tier::{expect_review, tier_for};

/// Takes the member back to the tier that the points that still count would have kept or reached. A tier in which the
/// order had no part stays as it is.
pub(crate) fn tier_back(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    entries: &[Entry],
    order: Earned,
    counted: Points,
) -> Result<(), Refusal> {
    let from = account.state.tier;
    if from == 0 || counted.is_zero() {
        return Ok(());
    }
    let zone = programme.zone.rules();
    let now = Day::at(activity.received, zone).month();
    let before = Standing::read(programme, entries, now);
    let mut after = before.clone();
    after.take(Take {
        at: entries.len(),
        order: order.position,
        month: order.month,
        points: counted.get(),
    });
    let mut steps = steps(programme, entries, zone);
    let (mut to, mut review) = (from, account.state.review);
    while let Some(step) = steps.pop() {
        let deserved = after.deserved(programme, &step);
        if deserved >= step.tier || before.deserved(programme, &step) < step.tier {
            break;
        }
        match step.before {
            Some((lower, before)) if lower >= deserved => (to, review) = (lower, before),
            _ => {
                to = deserved;
                break;
            }
        }
    }
    if to >= from {
        return Ok(());
    }
    let qualifying = account.qualifying(now.minus(programme.tiers.window_months));
    let what = What::TierLost { from, to, qualifying };
    account.book(WalletId::MAIN, activity.id.as_str(), Times::of(activity), &what)?;
    account.state.tier = to;
    account.state.review = review.filter(|_| to > 0);
    if let Some(review) = account.state.review {
        // A review whose day has passed asks for months that newer ones have pushed out.
        after.restore(account, review.month().min(now).minus(programme.tiers.window_months));
    }
    expect_review(programme, account, activity.received);
    Ok(())
}

/// How the member came by a tier.
struct Step {
    tier: u8,
    /// Which entry says so, its month, and the points that counted then, from which month on.
    position: usize,
    since: Month,
    qualifying: i64,
    window: Month,
    /// For a tier that was reached: the one before, and its review. None for one that a review decided.
    before: Option<(u8, Option<Day>)>,
}

/// The steps by which the member came to the tier they have, oldest first.
fn steps(programme: &Programme, entries: &[Entry], zone: &TimeZone) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (position, entry) in entries.iter().enumerate() {
        let step = |tier: u8, second: i64, qualifying: Points, before| {
            let instant = jiff::Timestamp::from_second(second).unwrap_or_default();
            let since = Day::at(instant, zone).month();
            Step {
                tier,
                position,
                since,
                qualifying: qualifying.get(),
                window: since.minus(programme.tiers.window_months),
                before,
            }
        };
        match &entry.what {
            What::TierChanged {
                from,
                to,
                qualifying,
                review,
            } if to > from => steps.push(step(*to, entry.decided, *qualifying, Some((*from, *review)))),
            What::TierChanged {
                to: tier, qualifying, ..
            }
            | What::TierKept { tier, qualifying } => {
                steps.clear();
                steps.push(step(*tier, entry.at, *qualifying, None));
            }
            What::TierLost { to, .. } => {
                let lost = |step: &Step| step.before.is_some_and(|(lower, _)| lower >= *to);
                while steps.last().is_some_and(lost) {
                    steps.pop();
                }
                // Lost in part: what is left was deserved when it was reached.
                if let Some(step) = steps.last_mut() {
                    step.tier = step.tier.min(*to);
                }
            }
            _ => {}
        }
    }
    steps
}

/// Points that no longer count: which entry took them, and which earned them in which month.
#[derive(Clone, Copy)]
struct Take {
    at: usize,
    order: usize,
    month: Month,
    points: i64,
}

/// The points that count for a tier, and those that once did.
#[derive(Clone)]
struct Standing {
    now: Month,
    months: BTreeMap<Month, i64>,
    takes: Vec<Take>,
}

impl Standing {
    fn read(programme: &Programme, entries: &[Entry], now: Month) -> Self {
        let mut standing = Self {
            now,
            months: BTreeMap::new(),
            takes: Vec::new(),
        };
        let mut orders = BTreeMap::new();
        let counts = programme.qualifying_wallet();
        let of_wallet = entries.iter().enumerate().filter(|(_, entry)| entry.wallet == counts);
        for (at, entry) in of_wallet {
            match &entry.what {
                What::Earned { points, .. } | What::Pending { points, .. } => {
                    let month = Day::at(entry.happened(), programme.zone.rules()).month();
                    orders.insert(entry.cause.as_str(), (at, month));
                    *standing.months.entry(month).or_default() += points.get();
                }
                What::Returned(returned) => {
                    if let Some(&(order, month)) = orders.get(returned.order.as_str()) {
                        let points = returned.taken();
                        standing.take(Take {
                            at,
                            order,
                            month,
                            points,
                        });
                    }
                }
                _ => {}
            }
        }
        standing
    }

    fn take(&mut self, take: Take) {
        *self.months.entry(take.month).or_default() -= take.points;
        self.takes.push(take);
    }

    /// Gives the account all months from one on, also those that it no longer holds.
    fn restore(&self, account: &mut Account, oldest: Month) {
        let months = self.months.range(oldest..).filter(|(_, points)| **points > 0);
        account.state.qualifying = months.map(|(month, points)| (*month, Points::new(*points))).collect();
    }

    /// The highest tier that the points reach at a step, less what of them was taken since; or at the end of any month
    /// from then on, or now, in the window then.
    fn deserved(&self, programme: &Programme, step: &Step) -> u8 {
        let reached = |points: i64| tier_for(programme, Points::new(points));
        let in_it = |take: &&Take| take.order < step.position && take.at > step.position && take.month >= step.window;
        let taken: i64 = self.takes.iter().filter(in_it).map(|take| take.points).sum();
        let window = |end: Month| end.minus(programme.tiers.window_months);
        // The clock that reviewed a tier may run ahead of this one.
        let later = self.months.range(step.since.min(self.now)..).map(|(month, _)| *month);
        let ends = later.chain([step.since]).filter(|end| *end < self.now);
        let then = ends.map(|end| reached(self.months.range(window(end)..=end).map(|(_, points)| *points).sum()));
        let today = self.months.range(window(self.now)..).map(|(_, points)| *points).sum();
        then.fold(reached(step.qualifying - taken).max(reached(today)), u8::max)
    }
}
