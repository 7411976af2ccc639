//! A tier that follows the balance, after an order came back: each rise since anything else was decided is played again with
//! the balance that it was reached on, less the points of orders that came back since. What a review or somebody's hand
//! decided stands.

use std::collections::BTreeMap;

use programme::WalletId;

use crate::account::Account;
use crate::activity::{Activity, Refusal};
use crate::day::Day;
use crate::entry::{Entry, What};
use crate::given;
use crate::spend::Times;
use crate::tier::Standing;
use crate::tier_ahead::expect_review;
use crate::tier_back::since;
use crate::tier_set::Set;

/// Takes the member back to where they would stand without what the latest of the entries took, those from `new` on.
pub(crate) fn balance_back(
    set: Set<'_>,
    account: &mut Account,
    activity: &Activity,
    (entries, new): (&[Entry], usize),
) -> Result<(), Refusal> {
    let story = Story::read(set, account, entries);
    let (with, without) = (story.stands(new), story.stands(entries.len()));
    let now = account.standing(set.id());
    let Some(first) = story.first_short(new) else {
        return Ok(());
    };
    let today = Day::at(activity.received, set.programme.zone.rules());
    // What is left may hold a tier by itself.
    let qualifying = account.counted(set, today);
    let held = without.raised(set, account.who(), qualifying, today);
    let after = held.unwrap_or(without);
    if without == with || after.tier >= now.tier {
        return Ok(());
    }
    let (from, to) = (now.tier, after.tier);
    let what = What::TierLost {
        set: set.id(),
        from,
        to,
        qualifying,
    };
    account.book(WalletId::MAIN, activity.id.as_str(), Times::of(activity), &what)?;
    account.in_set_mut(set.id()).standing = after;
    expect_review(set, account, activity.received);
    given::take_back(set.programme, account, (set.id(), from, to), first, activity)
}

/// A rise that no review and nobody's hand came after: its entry, its day, and the balance that reached it.
struct Rise {
    position: usize,
    on: Day,
    balance: i64,
}

/// What decided on a tier that follows the balance.
struct Story<'a> {
    set: Set<'a>,
    account: &'a Account,
    /// How the member stood when anything else than the balance decided last.
    base: Standing,
    rises: Vec<Rise>,
    /// By purchase: the entry that let its points be spent.
    there: BTreeMap<&'a str, usize>,
    /// By return: its entry, its purchase, and the points of that which could have been spent and are no more.
    taken: Vec<(usize, &'a str, i64)>,
}

impl<'a> Story<'a> {
    fn read(set: Set<'a>, account: &'a Account, entries: &'a [Entry]) -> Self {
        let (zone, who) = (set.programme.zone.rules(), account.who());
        let entered = since(set, account, entries).next();
        let joined = entered.map_or(account.state.joined, |(_, entry)| entry.decided_on(zone));
        let mut story = Self {
            set,
            account,
            base: Standing::on_joining(set, who, joined),
            rises: Vec::new(),
            there: BTreeMap::new(),
            taken: Vec::new(),
        };
        let mut waits: BTreeMap<&str, Day> = BTreeMap::new();
        for (position, entry) in entries.iter().enumerate() {
            if entry.wallet == set.wallet() {
                story.points(&mut waits, position, entry);
            }
        }
        for (position, entry) in since(set, account, entries) {
            if entry.tier_set() == Some(set.id()) {
                story.tiers(position, entry);
            }
        }
        story
    }

    fn points(&mut self, waits: &mut BTreeMap<&'a str, Day>, position: usize, entry: &'a Entry) {
        match &entry.what {
            What::Earned { .. } => {
                self.there.insert(&entry.cause, position);
            }
            What::Pending { until, .. } => {
                waits.insert(&entry.cause, *until);
            }
            What::Released { order, .. } => {
                waits.remove(order.as_str());
                self.there.insert(order.as_str(), position);
            }
            What::Unlocked { until, .. } => {
                let over = waits.iter().filter(|(_, day)| **day == *until);
                self.there.extend(over.map(|(order, _)| (*order, position)));
                waits.retain(|_, day| *day != *until);
            }
            What::Returned(returned) => {
                let taken = returned.moved() + returned.waived.get();
                self.taken.push((position, returned.order.as_str(), taken));
            }
            _ => {}
        }
    }

    fn tiers(&mut self, position: usize, entry: &Entry) {
        let (set, zone, who) = (self.set, self.set.programme.zone.rules(), self.account.who());
        let review = entry
            .cause
            .strip_prefix("review#")
            .and_then(|day| day.split(' ').next()?.parse().ok())
            .map(Day::of);
        match (&entry.what, review) {
            (
                What::TierKept { qualifying, .. }
                | What::TierGrace { qualifying, .. }
                | What::TierChanged { qualifying, .. },
                Some(day),
            ) => {
                self.base = self.stands(position).reviewed(set, who, *qualifying, day);
                self.rises.clear();
            }
            (What::TierGiven { to, until, .. }, _) => {
                let today = entry.decided_on(zone);
                self.base = self.stands(position).given(set, who, today, (*to, *until));
                self.rises.clear();
            }
            (What::TierChanged { qualifying, .. } | What::TierLost { qualifying, .. }, None) => {
                // The end of a wait and of a reservation are dated when they fell due, whenever they were booked.
                let moment = entry.cause.starts_with("unlock#") || entry.cause.starts_with("end#");
                let on = if moment {
                    Day::at(entry.happened(), zone)
                } else {
                    entry.decided_on(zone)
                };
                self.rises.push(Rise {
                    position,
                    on,
                    balance: *qualifying,
                });
            }
            _ => {}
        }
    }

    /// How the member stands, of what came back before an entry.
    fn stands(&self, before: usize) -> Standing {
        let (set, who) = (self.set, self.account.who());
        self.rises.iter().fold(self.base, |standing, rise| {
            let left = rise.balance.saturating_sub(self.taken_of(rise, 0, before));
            standing.raised(set, who, left, rise.on).unwrap_or(standing)
        })
    }

    /// The points that a rise counted and that came back since, from one entry on and before another.
    fn taken_of(&self, rise: &Rise, from: usize, before: usize) -> i64 {
        let since = |at: usize| at > rise.position && (from..before).contains(&at);
        let counted = |order: &str| self.there.get(order).is_some_and(|there| *there <= rise.position);
        let taken = self.taken.iter().filter(|(at, order, _)| since(*at) && counted(order));
        taken.fold(0, |sum, (.., points)| sum.saturating_add(*points))
    }

    /// The day of the first rise that counted what came back from an entry on.
    fn first_short(&self, from: usize) -> Option<Day> {
        let mut short = self
            .rises
            .iter()
            .filter(|rise| self.taken_of(rise, from, usize::MAX) > 0);
        short.next().map(|rise| rise.on)
    }
}
