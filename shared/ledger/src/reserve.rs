//! Points held for a checkout: reserved, then committed, or let go by a cancel or by the time they were held for.
//!
//! What is held can be committed to the last second, also after its last day: it was promised. What is let go then comes
//! back to its lot, or lapses where that has lapsed meanwhile.

use compact_str::{CompactString, format_compact};
use jiff::Timestamp;
use programme::{Limited, Points, Programme, WalletId};

use crate::account::Account;
use crate::activity::Activity;
use crate::codec::Corrupt;
use crate::day::Day;
use crate::entry::{What, total};
use crate::expiry;
use crate::ids::ActivityId;
use crate::limits;
use crate::refusal::Refusal;
use crate::spend::{Times, can_be_spent, claw_back_waived, draw, drawn_before_waived, put_back, settle};
use crate::tier;
use crate::wallet::Reservation;

/// An account holds no more reservations than these at once, so that its size is bounded.
const MOST_RESERVATIONS: usize = 20;

/// What a checkout wants to hold.
pub(crate) struct Wanted<'a> {
    pub(crate) wallet: WalletId,
    pub(crate) points: Points,
    pub(crate) order: Option<&'a ActivityId>,
    pub(crate) minutes: Option<u16>,
}

pub(crate) fn reserve(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    wanted: &Wanted<'_>,
) -> Result<(), Refusal> {
    let (wallet, points) = (wanted.wallet, wanted.points);
    let today = Day::at(activity.received, programme.zone);
    can_be_spent(programme, account, (wallet, points), (activity.received, today))?;
    if account.reservations() >= MOST_RESERVATIONS {
        return Err(Refusal::TooManyReservations(MOST_RESERVATIONS));
    }
    let most = programme.reservations.hold_minutes.get();
    let minutes = wanted.minutes.unwrap_or(most).min(most);
    let until = activity.received.as_second() + i64::from(minutes) * 60;
    let reservation = Reservation {
        id: activity.id.as_str().into(),
        since: today,
        until,
        lots: draw(account, wallet, today, points),
        drawn_at: account.entries(),
        order: wanted.order.map(|order| order.as_str().into()),
    };
    let what = What::Reserved {
        points,
        lots: reservation.lots.clone(),
        until,
    };
    account.book(wallet, activity.id.as_str(), Times::of(activity), what)?;
    let own = account.wallet_mut(wallet);
    own.take(&reservation.lots);
    own.reserved.push(reservation);
    limits::count(programme, account, (wallet, Limited::Spend), points, today);
    account.state.alarm = account.state.alarm.min(until);
    Ok(())
}

/// The held points are spent.
pub(crate) fn commit(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    id: &ActivityId,
) -> Result<(), Refusal> {
    let (wallet, place) = find(account, id)?;
    let reservation = account
        .wallet(wallet)
        .reserved
        .get(place)
        .ok_or(Refusal::NoReservation)?
        .clone();
    let points = Points::new(total(&reservation.lots));
    let spent = account.wallet(wallet).totals.spent.add(points);
    let spent = spent.map_err(|_| Refusal::Overflow)?;
    let what = What::Committed {
        reservation: reservation.id,
        since: reservation.since,
        points,
        lots: reservation.lots,
        order: reservation.order,
    };
    account.book(wallet, activity.id.as_str(), Times::of(activity), what)?;
    let own = account.wallet_mut(wallet);
    own.totals.spent = spent;
    own.reserved.remove(place);
    let day = Day::at(activity.at, programme.zone);
    expiry::is_active(programme, account, day, activity.received);
    Ok(())
}

/// The held points are let go.
pub(crate) fn cancel(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    id: &ActivityId,
) -> Result<(), Refusal> {
    let (wallet, place) = find(account, id)?;
    let now = activity.received;
    let_go(
        programme,
        account,
        (wallet, place),
        activity.id.as_str(),
        Times::of(activity),
        now,
    )?;
    Ok(())
}

fn find(account: &Account, id: &ActivityId) -> Result<(WalletId, usize), Refusal> {
    let of = |wallet: WalletId| {
        let mut reserved = account.wallet(wallet).reserved.iter();
        Some((wallet, reserved.position(|reservation| reservation.id == id.as_str())?))
    };
    account.wallets().find_map(of).ok_or(Refusal::NoReservation)
}

/// The reservation that ends first: when, its wallet and its place there.
pub(crate) fn first_end(account: &Account) -> Option<(i64, WalletId, usize)> {
    let ends = account.wallets().flat_map(|wallet| {
        let reserved = account.wallet(wallet).reserved.iter().enumerate();
        reserved.map(move |(place, reservation)| (reservation.until, wallet, place))
    });
    ends.min()
}

/// Ends a reservation whose time is over.
pub(crate) fn end(
    programme: &Programme,
    account: &mut Account,
    (wallet, place): (WalletId, usize),
    decided: Timestamp,
) -> Result<(), Corrupt> {
    let Some(reservation) = account.wallet(wallet).reserved.get(place) else {
        return Ok(());
    };
    let at = Timestamp::from_second(reservation.until).unwrap_or(decided);
    let cause = cause(&reservation.id);
    let_go(programme, account, (wallet, place), &cause, Times { at, decided }, at)
}

/// The cause of the end of a reservation.
pub(crate) fn cause(id: &str) -> CompactString {
    format_compact!("end#{id}")
}

/// Lets the points of a reservation go: they are in their lots again, as far as these have not lapsed by `when`.
pub(crate) fn let_go(
    programme: &Programme,
    account: &mut Account,
    (wallet, place): (WalletId, usize),
    cause: &str,
    times: Times,
    when: Timestamp,
) -> Result<(), Corrupt> {
    let today = Day::at(when, programme.zone);
    let reservation = account.wallet_mut(wallet).reserved.remove(place);
    let all = Points::new(total(&reservation.lots));
    let (lots, gone) = put_back(programme, account, (wallet, &reservation.lots), today, times.decided)?;
    let came_back = drawn_before_waived(account, wallet, reservation.drawn_at, Points::new(total(&lots)));
    limits::uncount(account, (wallet, Limited::Spend), all, reservation.since);
    let what = What::LetGo {
        reservation: reservation.id,
        lots,
        gone,
    };
    account.book(wallet, cause, times, what)?;
    settle(account, wallet, cause, times, today)?;
    claw_back_waived(programme, account, (wallet, came_back), (cause, times), today)?;
    tier::follow(programme, account, (cause, times), today)
}
