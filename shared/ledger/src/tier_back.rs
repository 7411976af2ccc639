//! The tier after an order came back: the one the member would have, had it never been.
//!
//! What decided on tiers is played again from the entries, by the rules in effect each time, with the order and without it. Where that makes a difference,
//! they stand as they would without it: mostly lower, or with another day of review; higher where the order had brought on
//! a review that a later one would have spared them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use programme::{Basis, WalletId, Zone};

use crate::account::Account;
use crate::activity::Activity;
use crate::day::{Day, Month};
use crate::entry::{Entry, What};
use crate::given;
use crate::order::Earned;
use crate::refusal::Refusal;
use crate::spend::Times;
use crate::tier::{Standing, counts_for, in_units};
use crate::tier_ahead::expect_review;
use crate::tier_set::Set;

/// Takes the member back to where they would stand without so much of an order, in the unit that months are kept in.
pub(crate) fn tier_back(
    set: Set<'_>,
    account: &mut Account,
    activity: &Activity,
    entries: &[Entry],
    (order, lost): (Earned, i64),
) -> Result<(), Refusal> {
    let now = account.standing(set.id());
    if lost == 0 {
        return Ok(());
    }
    let today = Day::at(activity.received, set.programme.zone);
    let mut play = Play::read(set, account, entries);
    let with = play.stands(entries, today);
    *play.left.entry(order.position).or_default() -= lost;
    let without = play.stands(entries, today);
    if without == with {
        return Ok(());
    }
    let qualifying = account.counted(set, today);
    let (id, from, to) = (set.id(), now.tier, without.tier);
    let what = match to.cmp(&from) {
        Ordering::Less => Some(What::TierLost {
            set: id,
            from,
            to,
            qualifying,
        }),
        Ordering::Equal => None,
        Ordering::Greater => Some(What::TierChanged {
            set: id,
            from,
            to,
            qualifying,
        }),
    };
    if let Some(what) = what {
        account.book(WalletId::MAIN, activity.id.as_str(), Times::of(activity), what)?;
    }
    account.in_set_mut(id).standing = without;
    expect_review(set, account, activity.received);
    if to < from {
        given::take_back(set.programme, account, (id, from, to), order.decided, activity)?;
    }
    Ok(())
}

/// The entries that may count in a set, each with its place.
pub(crate) fn since<'a>(
    set: Set<'_>,
    account: &Account,
    entries: &'a [Entry],
) -> impl Iterator<Item = (usize, &'a Entry)> {
    let since = account.in_set(set.id()).since().unwrap_or(u64::MAX);
    entries
        .iter()
        .enumerate()
        .skip(usize::try_from(since).unwrap_or(usize::MAX))
}

/// What decided on a member's tiers.
struct Play<'a> {
    set: Set<'a>,
    account: &'a Account,
    zone: Zone,
    /// What each purchase counts, by its entry, less what came back of it.
    left: BTreeMap<usize, i64>,
}

impl<'a> Play<'a> {
    fn read(set: Set<'a>, account: &'a Account, entries: &[Entry]) -> Self {
        let mut play = Self {
            set,
            account,
            zone: set.programme.zone,
            left: BTreeMap::new(),
        };
        let counts = set.wallet();
        // By purchase: its entry, and what was paid and came back.
        let mut orders: BTreeMap<&str, (usize, i64)> = BTreeMap::new();
        for (position, entry) in since(set, account, entries) {
            match &entry.what {
                What::Earned {
                    points,
                    minor,
                    currency,
                    ..
                }
                | What::Pending {
                    points,
                    minor,
                    currency,
                    ..
                } if entry.wallet == counts => {
                    let counted = counts_for(set, points.get(), *minor, *currency);
                    play.left.insert(position, counted);
                    orders.insert(entry.cause.as_str(), (position, *minor));
                }
                What::Returned(returned) if entry.wallet == counts => {
                    let Some((position, paid)) = orders.get_mut(returned.order.as_str()) else {
                        continue;
                    };
                    *paid -= returned.minor;
                    let left = play.left.entry(*position).or_default();
                    match set.rules.basis {
                        Basis::Points => *left -= returned.taken(),
                        Basis::Spend => *left = (*left - returned.minor).max(0),
                        Basis::Visits if *paid == 0 => *left = 0,
                        Basis::Visits | Basis::Balance | Basis::Segment => {}
                    }
                }
                _ => {}
            }
        }
        play
    }

    /// How the member stands today, by what is left of each purchase. Every review is held on its day: the ledger books
    /// one before whatever comes after it.
    fn stands(&self, entries: &[Entry], today: Day) -> Standing {
        let (set, who) = (self.set, self.account.who());
        let entered = since(set, self.account, entries).next();
        let joined = entered.map_or(today, |(_, entry)| entry.decided_on(self.zone));
        let first = entered.map_or(set, |(_, entry)| set.at(entry.decided()));
        let mut standing = Standing::on_joining(first, who, joined);
        let mut months: BTreeMap<Month, i64> = BTreeMap::new();
        let counted = |set: Set<'_>, months: &BTreeMap<Month, i64>, day: Day| {
            let from = day.month().minus(set.rules.window_months);
            let months = months.range(from..).map(|(_, counted)| *counted);
            in_units(set, months.fold(0, i64::saturating_add))
        };
        let hold = |standing: &mut Standing, months: &BTreeMap<Month, i64>, today: Day| {
            while let Some(day) = standing.review.filter(|day| *day <= today) {
                let set = set.at(day.start(self.zone));
                *standing = standing.reviewed(set, who, counted(set, months, day), day);
            }
        };
        for (position, entry) in since(set, self.account, entries) {
            let (decided, set) = (entry.decided_on(self.zone), set.at(entry.decided()));
            match &entry.what {
                What::Earned { .. } | What::Pending { .. } => {
                    hold(&mut standing, &months, decided);
                    let left = self.left.get(&position).copied().unwrap_or_default();
                    let month = Day::at(entry.happened(), self.zone).month();
                    let sum = months.entry(month).or_default();
                    *sum = sum.saturating_add(left);
                    if left > 0
                        && let Some(raised) = standing.raised(set, who, counted(set, &months, decided), decided)
                    {
                        standing = raised;
                    }
                }
                What::TierGiven { to, until, .. } if entry.tier_set() == Some(set.id()) => {
                    hold(&mut standing, &months, decided);
                    standing = standing.given(set, who, decided, (*to, *until));
                }
                // By a clock that may run ahead of what comes next.
                _ if entry.cause.starts_with("review#") => hold(&mut standing, &months, decided),
                _ => {}
            }
        }
        hold(&mut standing, &months, today);
        standing
    }
}
