//! What was over before an activity arrives, and nothing says so yet: the end of a wait, of a reservation, of a stretch of
//! activity, the day of a tier's review, the last day of a reward. It is booked first, in order of time, as the alarm clock would have.

use jiff::Timestamp;
use programme::{Programme, TierSetId, WalletId};

use crate::account::Account;
use crate::codec::Corrupt;
use crate::day::Day;
use crate::expiry;
use crate::moments;
use crate::pending;
use crate::reserve;
use crate::reward_moments;
use crate::tier_set;

/// What is over, in the order in which it is booked at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Over {
    Wait(Day, WalletId),
    Stretch,
    Reservation(WalletId, usize),
    Review(TierSetId, Day),
    Reward(usize),
}

/// What was over first.
pub(crate) fn first(programme: &Programme, account: &Account, now: Timestamp) -> Option<Over> {
    if account.is_erased() {
        return None;
    }
    let (home, now) = (programme.zone, now.as_second());
    // Asked before every activity, and nearly always no: then no calendar is needed to see it.
    let start = |day: Day| (day.earliest_second() <= now).then(|| day.start(home).as_second());
    let wait = pending::first_unlock(account);
    let wait = wait.and_then(|(until, wallet)| Some((start(until)?, Over::Wait(until, wallet))));
    let until = account.state.active.until;
    let stretch = until.and_then(|until| Some((start(until.plus(1))?, Over::Stretch)));
    let held = reserve::first_end(account).map(|(until, wallet, place)| (until, Over::Reservation(wallet, place)));
    let reviews = tier_set::sets(programme).filter_map(|set| Some((account.standing(set.id()).review?, set.id())));
    let review = reviews.min();
    let review = review.and_then(|(day, set)| Some((start(day)?, Over::Review(set, day))));
    let reward = reward_moments::first_end(account);
    let reward = reward.and_then(|(last, place)| Some((start(last.plus(1))?, Over::Reward(place))));
    let first = [wait, stretch, held, review, reward].into_iter().flatten().min();
    first.filter(|(at, _)| *at <= now).map(|(_, over)| over)
}

/// Books all of it, each by the rules that were in effect when it was over.
pub(crate) fn book_all(programme: &Programme, account: &mut Account, now: Timestamp) -> Result<(), Corrupt> {
    let mut versions = programme.through(now);
    versions.try_for_each(|(rules, until)| book(rules, account, until, now))
}

fn book(programme: &Programme, account: &mut Account, until: Timestamp, now: Timestamp) -> Result<(), Corrupt> {
    while let Some(over) = first(programme, account, until) {
        match over {
            Over::Wait(until, wallet) => {
                for last_day in pending::unlock(programme, account, (wallet, until), now)? {
                    moments::expect_lot(programme, account, last_day, now);
                }
            }
            Over::Stretch => expiry::end_stretch(programme, account, now)?,
            Over::Reservation(wallet, place) => reserve::end(programme, account, (wallet, place), now)?,
            Over::Reward(place) => reward_moments::end(programme, account, place, now)?,
            Over::Review(set, day) => moments::book_review(programme, account, (set, day), now)?,
        }
    }
    Ok(())
}
