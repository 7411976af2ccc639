//! What an account knows of the member as a person: where they live and their birthday, which may change, and that they were
//! forgotten, which is for good.

use jiff::Timestamp;
use programme::{Points, Programme, WalletId, Zone};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::activity::Activity;
use crate::carts::Carts;
use crate::codec::Corrupt;
use crate::day::{Day, MonthDay};
use crate::entry::{What, total};
use crate::moments;
use crate::refusal::Refusal;
use crate::reserve;
use crate::spend::{Lots, Times};

/// What is kept of changes, so that no moment of the member's own calendar falls due twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    /// The latest milliseconds at which a zone and a birthday were told: what was told before came too late.
    zone_told: i64,
    birthday_told: i64,
    /// Moments by the member's clocks up to this second were booked by the clocks of where they lived before.
    there_until: i64,
    /// The latest year whose birthday was booked.
    birthday_year: i16,
}

impl Known {
    /// Nothing was changed yet.
    pub(crate) const NONE: Self = Self {
        zone_told: 0,
        birthday_told: 0,
        there_until: 0,
        birthday_year: 0,
    };
}

/// The member lives elsewhere, or their birthday was another; none where it is as it was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    pub zone: Option<Zone>,
    /// No birthday, where it is not to be known any more.
    pub birthday: Option<Option<MonthDay>>,
}

pub(crate) fn change(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    changed: &Changed,
) -> Result<(), Corrupt> {
    let what = What::Happened { progress: Vec::new() };
    account.book(WalletId::MAIN, activity.id.as_str(), Times::of(activity), what)?;
    moments::pass(account, activity.received);
    let told = activity.at.as_millisecond();
    if let Some(zone) = changed.zone.filter(|_| told > account.state.known.zone_told) {
        account.state.known.zone_told = told;
        move_to(programme, account, zone);
    }
    if let Some(birthday) = changed.birthday.filter(|_| told > account.state.known.birthday_told) {
        account.state.known.birthday_told = told;
        account.state.birthday = birthday;
    }
    moments::set_alarm(programme, account, activity.received);
    Ok(())
}

/// From now on moments go by the clocks of another zone. Where these are behind, they show once more what those before have
/// shown, and nothing of that falls due again. (Where they are ahead, what they skip of one day falls out.)
fn move_to(programme: &Programme, account: &mut Account, zone: Zone) {
    let before = account.zone(programme);
    let until = there_until(account);
    let local = Timestamp::from_second(until).map(|at| until + i64::from(before.offset(at)));
    let there = local.ok().and_then(|local| zone.second(local));
    account.state.known.there_until = there.unwrap_or(until);
    account.lives_in(zone);
}

/// The second up to which moments by the member's clocks have been booked.
fn there_until(account: &Account) -> i64 {
    account.state.woken_until.max(account.state.known.there_until)
}

/// Whether a moment by the member's clocks is still to come.
pub(crate) fn to_come_there(account: &Account, at: Timestamp) -> bool {
    at.as_second() > there_until(account)
}

/// Whether the birthday of a year is still to come: each year has one, however often the day is changed.
pub(crate) fn has_no_birthday_yet(account: &Account, day: Day) -> bool {
    day.date().year() > account.state.known.birthday_year
}

pub(crate) fn had_birthday(account: &mut Account, day: Day) {
    account.state.known.birthday_year = day.date().year();
}

impl Account {
    /// The member's birthday, where it is known.
    pub fn birthday(&self) -> Option<MonthDay> {
        self.state.birthday
    }

    /// What the shop told of the member: names and values.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        let attributes = self.state.attributes.iter();
        attributes.map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Whether the member was forgotten: the ledger stays, and nothing happens in it any more.
    pub fn is_erased(&self) -> bool {
        self.state.is_erased
    }
}

/// Forgets the member. What they have left lapses, and nothing comes of anything any more; the entries stay, for they prove what
/// the programme owed and paid, under an id that says nothing once the shop has forgotten whose it was.
pub(crate) fn erase(programme: &Programme, account: &mut Account, activity: &Activity) -> Result<(), Refusal> {
    for wallet in account.wallets() {
        while let Some(held) = account.wallet(wallet).reserved.first() {
            let cause = reserve::cause(&held.id);
            let times = Times::of(activity);
            reserve::let_go(programme, account, (wallet, 0), &cause, times, activity.received)?;
        }
    }
    for wallet in account.wallets() {
        lapse_all(account, wallet, activity)?;
    }
    let home = programme.zone;
    account.lives_in(home);
    let state = &mut account.state;
    state.birthday = None;
    state.claims = Vec::new();
    state.had = Vec::new();
    state.segments = Vec::new();
    state.attributes = Vec::new();
    state.fired = Vec::new();
    state.missions = Vec::new();
    state.badges = Vec::new();
    state.carts = Carts::default();
    state.is_erased = true;
    state.alarm = Timestamp::MAX.as_second();
    Ok(())
}

/// What is left in a wallet lapses, whether it can be spent yet or not.
fn lapse_all(account: &mut Account, wallet: WalletId, activity: &Activity) -> Result<(), Refusal> {
    let own = account.wallet_mut(wallet);
    let lots: Lots = own.lots.drain(..).map(|lot| (lot.last_day, lot.points)).collect();
    let pending: Vec<_> = own.pending.drain(..).collect();
    let waited = Points::sum(pending.iter().map(|pending| pending.points));
    let all = waited.and_then(|waited| waited.add(Points::new(total(&lots))));
    let expired = all.and_then(|all| own.totals.expired.add(all));
    own.totals.expired = expired.map_err(|_| Refusal::Overflow)?;
    let what = What::Erased { lots, pending };
    Ok(account.book(wallet, activity.id.as_str(), Times::of(activity), what)?)
}
