//! An account from one version of the programme to the next.
//!
//! The alarm is set by the rules in effect, so other rules may have something to say before it rings: an earlier reminder,
//! a day that sets a new campaign off. What would have fallen due before they were in effect is none of theirs.

use jiff::Timestamp;
use programme::Programme;

use crate::account::Account;
use crate::agenda::next_moment;
use crate::moments;

/// Moves the alarm to the first moment of rules that the account has not heard of and that are in effect from a second on,
/// where that comes before it. Gives whether they have any moment before it, be it one that is none of theirs any more.
pub(crate) fn arm(programme: &Programme, account: &mut Account, from: i64) -> bool {
    let concerns = next_moment(programme, account).as_second() < account.state.alarm;
    // By the rules before, nothing was due before the alarm.
    if from <= account.state.alarm {
        account.state.woken_until = account.state.woken_until.max(from - 1);
    }
    if concerns {
        let next = next_moment(programme, account).as_second();
        account.state.alarm = account.state.alarm.min(next);
    }
    concerns
}

/// Whether a version took effect since anything was last looked at for the account.
pub(crate) fn is_new(programme: &Programme, account: &Account) -> bool {
    let from = programme.version.from;
    from.is_some_and(|from| from.as_second() > account.state.woken_until)
}

/// Arms an account for the versions that took effect since it was last woken.
pub(crate) fn enter(programme: &Programme, account: &mut Account, now: Timestamp) {
    let mut entered = false;
    for (rules, until) in programme.through(now) {
        let Some(from) = rules.version.from.filter(|_| is_new(rules, account)) else {
            continue;
        };
        arm(rules, account, from.as_second());
        entered = true;
        // It rings while these rules are in effect, and is set anew then.
        if account.state.alarm <= until.as_second() {
            return;
        }
    }
    if entered {
        moments::pass(account, now);
    }
}

/// Arms an account for the programme as it is in effect now, after it was changed; gives whether the member is concerned.
/// For who is not, nothing need be stored.
///
/// A version with an instant of its own is in effect from that on, and one that was put in the place of another without
/// saying so from now on.
pub fn rearm(programme: &Programme, account: &mut Account, now: Timestamp) -> bool {
    let (alarm, now_second) = (account.state.alarm, now.as_second());
    // It rings, and is set anew then.
    if alarm <= now_second {
        return false;
    }
    enter(programme, account, now);
    let earlier = account.state.alarm < alarm;
    if account.state.alarm <= now_second {
        return earlier;
    }
    arm(programme.at(now), account, now_second + 1) || earlier
}
