//! What falls due for a member, and when: the agenda behind the alarm clock.
//!
//! An alarm is lazy: a change moves it only to an earlier time. One that rings for something that has moved finds
//! nothing due and is set again.

use std::fmt::Write;

use compact_str::{CompactString, format_compact};
use jiff::Timestamp;
use programme::{Points, Programme, TierSetId, WalletId, Zone};

use crate::account::Account;
use crate::agenda::{self, next_moment};
use crate::carts;
use crate::codec::Corrupt;
use crate::day::Day;
use crate::day_moments;
use crate::entry::What;
use crate::expiry;
use crate::given::{self, Occasion};
use crate::person;
use crate::reserve;
use crate::reward_moments;
use crate::spend::Times;
use crate::tier;
use crate::tier_ahead::{self, AtRisk};
use crate::tier_set;

/// What falls due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// Points can be spent from the start of a day on.
    Unlock {
        wallet: WalletId,
        day: Day,
    },
    /// A reservation has been held for as long as it may.
    ReservationEnd {
        wallet: WalletId,
        id: CompactString,
    },
    /// A lot lapsed at the end of its last day, or of the member's activity.
    Expiry {
        wallet: WalletId,
        last_day: Day,
        end: Day,
    },
    /// Points lapse in so many days.
    Reminder {
        wallet: WalletId,
        last_day: Day,
        days: u16,
    },
    /// A reward that the member has can be used no longer.
    RewardExpiry {
        id: CompactString,
    },
    /// A reward that the member has lapses in so many days.
    RewardReminder {
        id: CompactString,
        days: u16,
    },
    /// Nothing was bought for so many hours after a cart was last changed.
    CartLeft {
        id: CompactString,
    },
    TierReview {
        set: TierSetId,
        day: Day,
    },
    /// The review of a day, in so many days, will take the tier unless points are earned.
    TierNotice {
        set: TierSetId,
        day: Day,
        days: u16,
    },
    Birthday {
        day: Day,
    },
    Anniversary {
        day: Day,
        years: u16,
    },
    /// A day of the programme's calendar that sets campaigns off.
    Day {
        name: CompactString,
        day: Day,
    },
}

impl Moment {
    /// The moment's own name, which is the cause of its entry: one moment, one entry.
    pub fn cause(&self) -> CompactString {
        match self {
            Self::Unlock { wallet, day } => wallet.own(dated("unlock", *day)),
            Self::ReservationEnd { id, .. } => reserve::cause(id),
            Self::Expiry { wallet, last_day, end } => wallet.own(match last_day.stretch() {
                None => dated("expiry", *end),
                Some(stretch) => format_compact!("expiry#stretch-{stretch}"),
            }),
            Self::Reminder { wallet, last_day, days } => {
                let mut cause = dated("reminder", *last_day);
                // The commonest of all.
                let _ = write!(cause, "#{days}");
                wallet.own(cause)
            }
            Self::RewardExpiry { id } => id.clone(),
            Self::RewardReminder { id, days } => format_compact!("{id}#{days}"),
            Self::CartLeft { id } => carts::left(id),
            Self::TierReview { set, day } => set.own(dated("review", *day)),
            Self::TierNotice { set, day, days } => set.own(format_compact!("{}#{days}", dated("tier-notice", *day))),
            Self::Birthday { day } => format_compact!("birthday#{}", day.date().year()),
            Self::Anniversary { years, .. } => format_compact!("anniversary#{years}"),
            Self::Day { name, day } => dated(&format_compact!("day#{name}"), *day),
        }
    }

    /// Whether it only tells of something, and changes nothing that is to come.
    fn is_reminder(&self) -> bool {
        match self {
            Self::Reminder { .. } | Self::RewardReminder { .. } | Self::TierNotice { .. } | Self::CartLeft { .. } => {
                true
            }
            Self::Unlock { .. }
            | Self::ReservationEnd { .. }
            | Self::Expiry { .. }
            | Self::RewardExpiry { .. }
            | Self::TierReview { .. }
            | Self::Birthday { .. }
            | Self::Anniversary { .. }
            | Self::Day { .. } => false,
        }
    }
}

/// A moment of a kind on a day. Every wait that ends has one, so no format is read for it.
fn dated(kind: &str, day: Day) -> CompactString {
    let mut cause = CompactString::from(kind);
    cause.push('#');
    day.write(&mut cause);
    cause
}

/// A moment and its instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub at: Timestamp,
    pub moment: Moment,
}

/// Whether a lot's last day is over, today or as the alarm clock has seen it: its expiry is booked once.
pub(crate) fn has_lapsed(programme: &Programme, account: &Account, last_day: Day, today: Day) -> bool {
    let last_day = account.state.end(last_day);
    let tomorrow = last_day.plus(1);
    let seen = account.state.woken_until;
    last_day < today || (tomorrow.earliest_second() <= seen && tomorrow.start(programme.zone).as_second() <= seen)
}

/// Sets the alarm to the next moment, or to the first that points earned from now on could bring where that is earlier:
/// then a purchase need not move it, and each move costs two writes of the index.
pub(crate) fn set_alarm(programme: &Programme, account: &mut Account, now: Timestamp) {
    set_alarm_to(programme, account, next_moment(programme, account), now);
}

fn set_alarm_to(programme: &Programme, account: &mut Account, next: Timestamp, now: Timestamp) {
    account.state.alarm = next.as_second();
    let today = Day::at(now, programme.zone);
    let mut before = None;
    for lasts in programme.all_lasts(account.tier()) {
        // Most rules leave it to the programme.
        if before.replace(lasts).is_some_and(|before| std::ptr::eq(before, lasts)) {
            continue;
        }
        expect_end(programme, account, expiry::earliest_end(programme, lasts, today), now);
    }
}

/// Sets the alarm for a new lot, where its first moment comes before all others.
pub(crate) fn expect_lot(programme: &Programme, account: &mut Account, last_day: Day, received: Timestamp) {
    let end = account.state.end(last_day);
    expect_end(programme, account, end, received);
}

/// Nothing was due before the alarm, so what has passed by now is only of what is new: a reminder that a late purchase
/// brings too late.
pub(crate) fn pass(account: &mut Account, received: Timestamp) {
    if received.as_second() < account.state.alarm {
        account.state.woken_until = account.state.woken_until.max(received.as_second());
    }
}

fn expect_end(programme: &Programme, account: &mut Account, last_day: Day, received: Timestamp) {
    pass(account, received);
    let days = programme.expiry.remind_days_before.get_ref();
    let farthest = days.iter().copied().max().map_or(0, i32::from);
    // Nearly every lot comes long after what the alarm stands for, which needs no calendar to be seen.
    let farthest = farthest + i32::from(programme.expiry.grace_days);
    if account.state.alarm <= last_day.plus(-farthest).earliest_second() || last_day >= Day::FOREVER {
        return;
    }
    let expiry = last_day.plus(1).start(programme.zone);
    let zone = account.zone(programme);
    let first = reminders(programme, account, zone, last_day)
        .map(|(_, at)| at)
        .fold(expiry, Timestamp::min);
    account.state.alarm = account.state.alarm.min(first.as_second());
}

/// Whether a moment that is booked once, by its time, is still to come.
pub(crate) fn to_come(account: &Account, at: Timestamp) -> bool {
    at.as_second() > account.state.woken_until
}

/// The last day that members are told of, of points that can be spent a little longer.
pub fn told_last_day(programme: &Programme, last_day: Day) -> Day {
    last_day.plus(-i32::from(programme.expiry.grace_days))
}

/// The reminders of points of a last day that are still to come: how many days before, and when.
fn reminders(
    programme: &Programme,
    account: &Account,
    zone: Zone,
    last_day: Day,
) -> impl Iterator<Item = (u16, Timestamp)> {
    let at = move |day: Day| day.time(programme.expiry.remind_at.time(), zone);
    agenda::reminder_days(programme, last_day)
        .map(move |(days, day)| (days, at(day)))
        .filter(|(_, at)| person::to_come_there(account, *at))
}

/// Books everything that has fallen due, each by the rules that were in effect then, and sets the alarm again. Gives how
/// many moments were booked.
///
/// After an outage, of several reminders of one lot only the last is booked, and none of a lot that has lapsed since:
/// an old reminder would be untrue.
pub fn wake(programme: &Programme, account: &mut Account, now: Timestamp) -> Result<usize, Corrupt> {
    wake_told(programme, account, now, &mut |_, _| {})
}

/// The same, and tells of each moment before it is booked, with the account as it is then.
pub fn wake_told(
    programme: &Programme,
    account: &mut Account,
    now: Timestamp,
    told: &mut dyn FnMut(&Account, &Due),
) -> Result<usize, Corrupt> {
    let mut booked = 0;
    let mut next = Timestamp::MAX;
    for (rules, until) in programme.through(now) {
        let (more, first) = book_due(rules, account, until, (programme.at(now), now), told)?;
        booked += more;
        account.state.woken_until = account.state.woken_until.max(until.as_second());
        next = first;
    }
    set_alarm_to(programme.at(now), account, next, now);
    Ok(booked)
}

/// Books what has fallen due until an instant; gives how much that was, and what comes next. What came after that, by the
/// rules of now, may overtake it.
fn book_due(
    programme: &Programme,
    account: &mut Account,
    until: Timestamp,
    (rules_now, now): (&Programme, Timestamp),
    told: &mut dyn FnMut(&Account, &Due),
) -> Result<(usize, Timestamp), Corrupt> {
    let mut booked = 0;
    loop {
        let (mut due, next) = agenda::due(programme, account, until);
        if until < now && !due.is_empty() {
            let (later, _) = agenda::due(rules_now, account, now);
            due.extend(later.into_iter().filter(|due| due.at > until));
        }
        // One instant at a time: what it books may bring the next (next year's birthday, the tier's next review).
        let Some(instant) = due.first().map(|first| first.at) else {
            return Ok((booked, next));
        };
        for (index, due_now) in due.iter().enumerate().take_while(|(_, due)| due.at == instant) {
            let stale = due
                .get(index + 1..)
                .unwrap_or_default()
                .iter()
                .any(|later| overtakes(&later.moment, &due_now.moment));
            if !stale {
                told(account, due_now);
                booked += usize::from(book(programme, account, due_now, now)?);
            }
        }
        account.state.woken_until = account.state.woken_until.max(instant.as_second());
        // What is only told of changes nothing that is to come.
        let is_known = due.iter().all(|due| due.at == instant && due.moment.is_reminder());
        let next = if is_known {
            next
        } else {
            next_moment(programme, account)
        };
        if next > until {
            return Ok((booked, next));
        }
    }
}

fn overtakes(later: &Moment, earlier: &Moment) -> bool {
    match (later, earlier) {
        (
            Moment::Expiry {
                wallet: of,
                end: lapsed,
                ..
            }
            | Moment::Reminder {
                wallet: of,
                last_day: lapsed,
                ..
            },
            Moment::Reminder { wallet, last_day, .. },
        ) => (of, lapsed) == (wallet, last_day),
        (
            Moment::RewardExpiry { id: lapsed } | Moment::RewardReminder { id: lapsed, .. },
            Moment::RewardReminder { id, .. },
        ) => lapsed == id,
        (
            Moment::TierReview { set: of, day: review }
            | Moment::TierNotice {
                set: of, day: review, ..
            },
            Moment::TierNotice { set, day, .. },
        ) => (of, review) == (set, day),
        _ => false,
    }
}

/// Books the review of a day.
pub(crate) fn book_review(
    programme: &Programme,
    account: &mut Account,
    (id, day): (TierSetId, Day),
    decided: Timestamp,
) -> Result<(), Corrupt> {
    let Some(set) = tier_set::one(programme, id) else {
        return Ok(());
    };
    let what = tier::review(set, account, day);
    let times = Times {
        at: day.start(programme.zone),
        decided,
    };
    let cause = Moment::TierReview { set: id, day }.cause();
    let change = match what {
        What::TierChanged { from, to, .. } => Some((from, to)),
        _ => None,
    };
    account.book(WalletId::MAIN, &cause, times, what)?;
    tier_ahead::expect_review(set, account, decided);
    if let Some((from, to)) = change {
        given::give(programme, account, Occasion::Tier(id, from, to), (&cause, times), day)?;
    }
    Ok(())
}

fn book(programme: &Programme, account: &mut Account, due: &Due, now: Timestamp) -> Result<bool, Corrupt> {
    let mut of = WalletId::MAIN;
    let what = match due.moment.clone() {
        Moment::Unlock { wallet, day } => {
            crate::pending::unlock(programme, account, (wallet, day), now)?;
            return Ok(true);
        }
        Moment::ReservationEnd { wallet, id } => {
            let mut reserved = account.wallet(wallet).reserved.iter();
            let Some(place) = reserved.position(|held| held.id == id) else {
                return Ok(false);
            };
            reserve::end(programme, account, (wallet, place), now)?;
            return Ok(true);
        }
        Moment::Expiry { last_day, .. } if last_day.stretch() == Some(account.state.active.stretch) => {
            expiry::end_stretch(programme, account, now)?;
            return Ok(true);
        }
        Moment::Expiry { wallet, last_day, .. } => {
            // The stretch of activity was ended with the lot of another wallet.
            if !account.wallet(wallet).has_lot(last_day) {
                return Ok(false);
            }
            of = wallet;
            expiry::lapse_lot(account, wallet, last_day)
        }
        Moment::Reminder { wallet, last_day, days } => match account.lapsing_on(wallet, last_day) {
            Points::ZERO => return Ok(false),
            points => {
                of = wallet;
                What::Reminded { points, last_day, days }
            }
        },
        Moment::RewardExpiry { id } => {
            let Some(place) = account.claims().iter().position(|claim| claim.id == id) else {
                return Ok(false);
            };
            reward_moments::end(programme, account, place, now)?;
            return Ok(true);
        }
        Moment::RewardReminder { id, days } => match reward_moments::reminded(account, &id, days) {
            Some(what) => what,
            None => return Ok(false),
        },
        Moment::CartLeft { id } => match carts::booked(account, &id) {
            Some(what) => what,
            None => return Ok(false),
        },
        Moment::TierReview { set, day } => {
            book_review(programme, account, (set, day), now)?;
            return Ok(true);
        }
        Moment::TierNotice { set, day, days } => match tier_ahead::at_risk(programme, account, set) {
            Some(AtRisk { review, to, missing }) if review == day => What::TierAtRisk {
                set,
                tier: account.tier_in(set),
                to,
                missing,
                review,
                days,
            },
            _ => return Ok(false),
        },
        Moment::Birthday { day } => {
            person::had_birthday(account, day);
            What::Birthday
        }
        Moment::Day { .. } => What::Happened { progress: Vec::new() },
        Moment::Anniversary { years, .. } => What::Anniversary { years },
    };
    let times = Times {
        at: due.at,
        decided: now,
    };
    let cause = due.moment.cause();
    account.book(of, &cause, times, what)?;
    let granted = match &due.moment {
        Moment::Birthday { day } => given::give(programme, account, Occasion::Birthday, (&cause, times), *day)?,
        Moment::Anniversary { day, .. } => {
            given::give(programme, account, Occasion::Anniversary, (&cause, times), *day)?
        }
        Moment::Day { name, .. } => day_moments::grant(programme, account, name, (&cause, times))?,
        _ => 0,
    };
    if granted > 0 {
        // It may reach a tier.
        let today = Day::at(now, programme.zone);
        tier::follow(programme, account, (&cause, times), today)?;
    }
    Ok(true)
}
