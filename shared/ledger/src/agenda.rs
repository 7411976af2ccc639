//! What is or will next be due for a member: looked for as far ahead as somebody asks.

use jiff::Timestamp;
use programme::{Programme, WalletId, Zone};

use crate::account::Account;
use crate::carts;
use crate::day::Day;
use crate::day_moments;
use crate::moments::{Due, Moment, told_last_day};
use crate::person::to_come_there;
use crate::reward_moments;
use crate::tier_ahead;
use crate::tier_set;
use crate::wallet::Lot;
use crate::yearly;

/// Everything that is or will next be due for a member, in order of time: the ends of waits, each lot's expiry and the
/// reminders still to come, those of rewards, the tier review, the next birthday, the next anniversary, and the next of each day
/// that sets campaigns off.
pub fn agenda(programme: &Programme, account: &Account) -> Vec<Due> {
    gathered(programme, account, Horizon::new(i64::MAX)).0
}

/// What is due by now, in order of time, and the earliest instant after it at which anything may be.
pub(crate) fn due(programme: &Programme, account: &Account, now: Timestamp) -> (Vec<Due>, Timestamp) {
    gathered(programme, account, Horizon::new(now.as_second()))
}

/// The earliest instant at which anything may be due.
pub fn next_moment(programme: &Programme, account: &Account) -> Timestamp {
    gathered(programme, account, Horizon::new(i64::MIN)).1
}

/// How far ahead is looked. What lies behind it needs no calendar to be seen to.
pub(crate) struct Horizon {
    /// What is due by then is found.
    until: i64,
    found: Vec<Due>,
    /// The first that is due after that: nobody asks for more.
    next: i64,
}

impl Horizon {
    fn new(until: i64) -> Self {
        Self {
            until,
            found: Vec::new(),
            next: i64::MAX,
        }
    }

    pub(crate) fn reaches(&self, day: Day) -> bool {
        day.earliest_second() <= self.next
    }

    pub(crate) fn add(&mut self, due: Due) {
        let second = due.at.as_second();
        if second <= self.until {
            self.found.push(due);
        } else {
            self.next = self.next.min(second);
        }
    }
}

/// What is due until the horizon's end, and what comes next.
fn gathered(programme: &Programme, account: &Account, mut horizon: Horizon) -> (Vec<Due>, Timestamp) {
    if account.is_erased() {
        return (Vec::new(), Timestamp::MAX);
    }
    let zone = account.zone(programme);
    let home = programme.zone;
    for wallet in account.wallets() {
        of_wallet(programme, account, zone, wallet, &mut horizon);
    }
    for set in tier_set::sets(programme) {
        if let Some(day) = account.standing(set.id()).review {
            if horizon.reaches(day) {
                let moment = Moment::TierReview { set: set.id(), day };
                let at = day.start(home);
                horizon.add(Due { at, moment });
            }
            for notice in tier_ahead::notices(set, account, zone, day) {
                horizon.add(notice);
            }
        }
    }
    reward_moments::agenda(programme, account, &mut horizon);
    if let Some(left) = carts::due(programme, account) {
        horizon.add(left);
    }
    yearly::agenda(programme, account, zone, &mut horizon);
    day_moments::agenda(programme, account, zone, &mut horizon);
    let mut agenda = horizon.found;
    // A stable sort keeps an expiry before the review of the same midnight.
    agenda.sort_by_key(|due| due.at);
    (agenda, Timestamp::from_second(horizon.next).unwrap_or(Timestamp::MAX))
}

/// What is or will next be due for the points of a wallet.
fn of_wallet(programme: &Programme, account: &Account, zone: Zone, wallet: WalletId, horizon: &mut Horizon) {
    let home = programme.zone;
    let own = account.wallet(wallet);
    let (dated, active) = own.dated_and_active();
    for lot in dated {
        // They come in the order in which they lapse.
        if !of_lot(programme, account, zone, (wallet, lot), horizon) {
            break;
        }
    }
    for lot in active {
        of_lot(programme, account, zone, (wallet, lot), horizon);
    }
    let mut last = None;
    for day in own.pending.iter().map(|pending| pending.until) {
        if !horizon.reaches(day) {
            break;
        }
        // By day: those of one come one after the other.
        if last.replace(day) != Some(day) {
            let at = day.start(home);
            let moment = Moment::Unlock { wallet, day };
            horizon.add(Due { at, moment });
        }
    }
    for held in &own.reserved {
        let at = Timestamp::from_second(held.until).unwrap_or_default();
        let id = held.id.clone();
        let moment = Moment::ReservationEnd { wallet, id };
        horizon.add(Due { at, moment });
    }
}

/// What is or will next be due for a lot; gives whether the horizon reaches the first of it.
fn of_lot(
    programme: &Programme,
    account: &Account,
    zone: Zone,
    (wallet, lot): (WalletId, &Lot),
    horizon: &mut Horizon,
) -> bool {
    let (last_day, end) = (lot.last_day, account.end(lot));
    let reminders = programme.expiry.remind_days_before.get_ref();
    let first_reminder = reminders.iter().copied().max().map_or(0, i32::from);
    let first = told_last_day(programme, end).plus(-first_reminder);
    if end >= Day::FOREVER || !horizon.reaches(first) {
        return false;
    }
    let after = end.plus(1);
    if horizon.reaches(after) {
        let moment = Moment::Expiry { wallet, last_day, end };
        let at = after.start(programme.zone);
        horizon.add(Due { at, moment });
    }
    // One reminder tells of all that lapses on a day.
    if end != last_day && account.wallet(wallet).has_lot(end) {
        return true;
    }
    for (days, day) in reminder_days(programme, end) {
        if horizon.reaches(day) {
            let at = day.time(programme.expiry.remind_at.time(), zone);
            let last_day = end;
            let moment = Moment::Reminder { wallet, last_day, days };
            if to_come_there(account, at) {
                horizon.add(Due { at, moment });
            }
        }
    }
    true
}

/// The days on which points of a last day are reminded of: how many days before, and when that is.
pub(crate) fn reminder_days(programme: &Programme, last_day: Day) -> impl Iterator<Item = (u16, Day)> {
    let told = told_last_day(programme, last_day);
    let days = programme.expiry.remind_days_before.get_ref().iter();
    days.map(move |&days| (days, told.plus(-i32::from(days))))
}
