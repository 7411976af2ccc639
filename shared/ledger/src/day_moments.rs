//! Days of the programme's calendar that set campaigns off, in the member's zone.

use jiff::Timestamp;
use programme::{DayTrigger, Programme, Trigger, Zone};

use crate::account::Account;
use crate::agenda::Horizon;
use crate::campaigns::{self, Occasion};
use crate::codec::Corrupt;
use crate::day::Day;
use crate::moments::{Due, Moment};
use crate::person::to_come_there;
use crate::spend::Times;

/// The next day of each name on which a campaign waits for it. One that was slept through comes late, and each by itself.
pub(crate) fn agenda(programme: &Programme, account: &Account, zone: Zone, horizon: &mut Horizon) {
    for trigger in &programme.day_triggers {
        let mut first = None;
        for (at, day) in ahead(programme, account, zone, trigger) {
            // A day that a zone lacks comes with the next: each has its own entry, at one instant.
            if *first.get_or_insert(at) != at {
                break;
            }
            let name = trigger.name.as_str().into();
            let moment = Moment::Day { name, day };
            horizon.add(Due { at, moment });
        }
    }
}

/// The day, in a zone, up to which moments are booked.
fn woken_on(account: &Account, zone: Zone) -> Day {
    let until = Timestamp::from_second(account.state.woken_until).unwrap_or_default();
    Day::at(until, zone)
}

/// The days of a name that are still to come.
fn ahead(
    programme: &Programme,
    account: &Account,
    zone: Zone,
    trigger: &DayTrigger,
) -> impl Iterator<Item = (Timestamp, Day)> {
    // The day before may come with this one, where the zone lacks it.
    let since = woken_on(account, zone).plus(-1).date();
    let days = trigger.days_from(since, &programme.campaigns).map(Day::of);
    let due = days.map(move |day| (day.time(trigger.at.time(), zone), day));
    due.filter(|(at, _)| to_come_there(account, *at))
}

/// The first of these days, where the alarm is set to a later one: it was set before the programme had the campaign.
pub(crate) fn before_alarm(programme: &Programme, account: &Account) -> Option<Timestamp> {
    if account.is_erased() {
        return None;
    }
    let alarm = account.state.alarm;
    // Asked before every activity: most days are so far away that no zone is needed to see it.
    let since = Day::of_second(account.state.woken_until).plus(-2).date();
    let near = |trigger: &DayTrigger| {
        let first = trigger.days_from(since, &programme.campaigns).next();
        first.is_some_and(|first| Day::of(first).earliest_second() < alarm)
    };
    if !programme.day_triggers.iter().any(near) {
        return None;
    }
    let zone = account.zone(programme);
    let triggers = programme.day_triggers.iter();
    let first = triggers.filter_map(|trigger| ahead(programme, account, zone, trigger).next());
    let first = first.map(|(at, _)| at).min()?;
    (first.as_second() < alarm).then_some(first)
}

/// Grants what campaigns grant on a day; gives how many did.
pub(crate) fn grant(
    programme: &Programme,
    account: &mut Account,
    name: &str,
    (cause, times): (&str, Times),
) -> Result<usize, Corrupt> {
    let occasion = Occasion {
        trigger: &|on| matches!(on, Trigger::Day(day) if day == name),
        activity: None,
        names: &programme.names.members,
        // What comes of itself has no budget.
        budgets: &[],
    };
    campaigns::grant(programme, account, &occasion, (cause, times))
}
