//! Who is in an audience: a condition on members, asked at any time and of nothing that they do.

use expression::{Clause, Condition};
use jiff::Timestamp;
use programme::Programme;

use crate::account::Account;
use crate::campaigns::Occasion;
use crate::seen::Seen;
use crate::spend::Times;

/// Whether a member is in an audience at an instant; where nothing is said of it, everybody is who was not erased.
pub fn is_in_audience(programme: &Programme, account: &Account, audience: Option<&Condition>, now: Timestamp) -> bool {
    !account.is_erased()
        && audience.is_none_or(|audience| as_seen(programme, account, now, |seen| audience.holds(seen)))
}

/// What each part of an audience's condition comes to for a member at an instant.
pub fn explain_audience<'p>(
    programme: &Programme,
    account: &Account,
    audience: &'p Condition,
    now: Timestamp,
) -> Vec<Clause<'p>> {
    as_seen(programme, account, now, |seen| audience.explain(seen))
}

fn as_seen<T>(programme: &Programme, account: &Account, now: Timestamp, ask: impl FnOnce(&Seen<'_>) -> T) -> T {
    let programme = programme.at(now);
    let occasion = Occasion {
        trigger: &|_| false,
        activity: None,
        names: &programme.names.members,
        budgets: &[],
    };
    let times = Times { at: now, decided: now };
    let local = account.zone(programme).local(now);
    ask(&Seen::new(programme, account, &occasion, (local, times), None))
}
