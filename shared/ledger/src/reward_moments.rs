//! What falls due for the rewards that a member has: reminders, and the end of their last day.

use jiff::Timestamp;
use programme::{Programme, WalletId};

use crate::account::Account;
use crate::agenda::Horizon;
use crate::codec::Corrupt;
use crate::day::Day;
use crate::entry::What;
use crate::moments::{Due, Moment};
use crate::person::to_come_there;
use crate::rewards::Claim;
use crate::spend::Times;

/// What will be due for the rewards a member has.
pub(crate) fn agenda(programme: &Programme, account: &Account, horizon: &mut Horizon) {
    let mut due = Vec::new();
    for claim in &account.state.claims {
        of_claim(programme, account, claim, &mut due);
    }
    for due in due {
        horizon.add(due);
    }
}

pub(crate) fn of_claim(programme: &Programme, account: &Account, claim: &Claim, agenda: &mut Vec<Due>) {
    if claim.last_day >= Day::FOREVER {
        return;
    }
    agenda.push(Due {
        at: claim.last_day.plus(1).start(programme.zone),
        moment: Moment::RewardExpiry { id: claim.id.clone() },
    });
    let reward = programme.reward(claim.reward.as_str());
    let days = reward.map_or(&[][..], |reward| &reward.remind_days_before);
    if days.is_empty() {
        return;
    }
    let zone = account.zone(programme);
    // Nobody is reminded of what has only just come.
    let first = claim.since.plus(2);
    let days = days
        .iter()
        .filter(|days| claim.last_day.plus(-i32::from(**days)) >= first);
    let due = days.map(|&days| Due {
        at: claim
            .last_day
            .plus(-i32::from(days))
            .time(programme.expiry.remind_at.time(), zone),
        moment: Moment::RewardReminder {
            id: claim.id.clone(),
            days,
        },
    });
    agenda.extend(due.filter(|due| to_come_there(account, due.at)));
}

/// The reward that lapses first: its last day and its place.
pub(crate) fn first_end(account: &Account) -> Option<(Day, usize)> {
    let ends = account.state.claims.iter().enumerate();
    let ends = ends.filter(|(_, claim)| claim.last_day < Day::FOREVER);
    ends.map(|(place, claim)| (claim.last_day, place)).min()
}

/// A reward was not used in time.
pub(crate) fn end(
    programme: &Programme,
    account: &mut Account,
    place: usize,
    decided: Timestamp,
) -> Result<(), Corrupt> {
    if place >= account.state.claims.len() {
        return Ok(());
    }
    let claim = account.state.claims.remove(place);
    let at = claim.last_day.plus(1).start(programme.zone);
    account.book(WalletId::MAIN, &claim.id, Times { at, decided }, What::RewardExpired)
}

/// What the reminder of a reward says; none where the member has it no longer.
pub(crate) fn reminded(account: &Account, id: &str, days: u16) -> Option<What> {
    let claim = account.state.claims.iter().find(|claim| claim.id == id)?;
    let last_day = claim.last_day;
    Some(What::RewardReminded { last_day, days })
}
