//! A tier that follows the balance, after an order came back: what the balance had reached on that order goes with it, as
//! far as what is left does not hold it. What was decided otherwise since, by a review or by hand, stands.

use std::collections::BTreeMap;

use programme::WalletId;

use crate::account::Account;
use crate::activity::Activity;
use crate::day::Day;
use crate::entry::{Entry, What};
use crate::given;
use crate::refusal::Refusal;
use crate::spend::Times;
use crate::tier::{Standing, tier_for};
use crate::tier_ahead::expect_review;
use crate::tier_back::since;
use crate::tier_set::Set;

/// A rise that nothing was decided on since: what brought it, on which day, and how the member stood before.
struct Rise<'a> {
    cause: &'a str,
    on: Day,
    before: Standing,
}

pub(crate) fn balance_back(
    set: Set<'_>,
    account: &mut Account,
    activity: &Activity,
    (entries, order): (&[Entry], &str),
) -> Result<(), Refusal> {
    let rises = rises(set, account, entries);
    let Some(rise) = rises.last().filter(|rise| rise.cause == order) else {
        return Ok(());
    };
    let today = Day::at(activity.received, set.programme.zone);
    let qualifying = account.counted(set, today);
    let now = account.standing(set.id());
    let after = rise.left(set, account, tier_for(set, qualifying));
    if after.tier >= now.tier {
        return Ok(());
    }
    let (from, to, rise_on) = (now.tier, after.tier, rise.on);
    let what = What::TierLost {
        set: set.id(),
        from,
        to,
        qualifying,
    };
    account.book(WalletId::MAIN, activity.id.as_str(), Times::of(activity), what)?;
    account.in_set_mut(set.id()).standing = after;
    expect_review(set, account, activity.received);
    given::take_back(set.programme, account, (set.id(), from, to), rise_on, activity)
}

impl Rise<'_> {
    /// How the member stands where the balance that is left reaches a tier.
    fn left(&self, set: Set<'_>, account: &Account, reached: u8) -> Standing {
        if reached <= self.before.tier {
            self.before
        } else {
            let set = set.at(self.on.start(set.programme.zone));
            self.before.risen(set, account.who(), self.on, reached)
        }
    }
}

/// The rises since anything else was decided, the last one last.
fn rises<'a>(set: Set<'_>, account: &Account, entries: &'a [Entry]) -> Vec<Rise<'a>> {
    let (zone, who) = (set.programme.zone, account.who());
    let entered = since(set, account, entries).next();
    let joined = entered.map_or(account.state.joined, |(_, entry)| entry.decided_on(zone));
    let on = |day: Day| set.at(day.start(zone));
    let mut standing = Standing::on_joining(on(joined), who, joined);
    let mut rises: Vec<Rise<'_>> = Vec::new();
    let mut returns: BTreeMap<&str, &str> = BTreeMap::new();
    let of_another = |entry: &&Entry| entry.tier_set().is_some_and(|of| of != set.id());
    for entry in since(set, account, entries)
        .map(|(_, entry)| entry)
        .filter(|entry| !of_another(entry))
    {
        let review = entry
            .cause
            .strip_prefix("review#")
            .and_then(|day| day.split(' ').next()?.parse().ok())
            .map(Day::of);
        match &entry.what {
            What::Returned(returned) => {
                returns.insert(&entry.cause, &returned.order);
            }
            What::TierKept { qualifying, .. }
            | What::TierGrace { qualifying, .. }
            | What::TierChanged { qualifying, .. }
                if review.is_some() =>
            {
                rises.clear();
                let day = review.unwrap_or(joined);
                standing = standing.reviewed(on(day), who, *qualifying, day);
            }
            What::TierGiven { to, until, .. } => {
                rises.clear();
                let today = entry.decided_on(zone);
                standing = standing.given(set.at(entry.decided()), who, today, (*to, *until));
            }
            What::TierChanged { to, .. } => {
                // The end of a wait and of a reservation are dated when they fell due, whenever they were booked.
                let moment = entry.cause.starts_with("unlock#") || entry.cause.starts_with("end#");
                let day = if moment {
                    Day::at(entry.happened(), zone)
                } else {
                    entry.decided_on(zone)
                };
                rises.push(Rise {
                    cause: &entry.cause,
                    on: day,
                    before: standing,
                });
                standing = standing.risen(on(day), who, day, *to);
            }
            What::TierLost { to, .. } => {
                let order = returns.get(entry.cause.as_str()).copied();
                let Some(rise) = rises.last().filter(|rise| Some(rise.cause) == order) else {
                    continue;
                };
                standing = rise.left(set, account, *to);
                if standing == rise.before {
                    rises.pop();
                }
            }
            _ => {}
        }
    }
    rises
}
