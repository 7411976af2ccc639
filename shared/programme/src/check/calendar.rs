//! What is wrong with the days that campaigns name.

use std::ops::Range;

use jiff::civil::Date;

use super::places::Places;
use crate::calendar::Days;
use crate::campaigns::{Campaign, Trigger};
use crate::file::File;
use crate::suggest;

pub(super) fn check_days(file: &File, say: &mut impl FnMut(usize, String)) {
    for (index, campaign) in file.campaigns.iter().enumerate() {
        let (offset, campaign) = (campaign.span().start, campaign.get_ref());
        check_names(file, campaign, say);
        let name = &campaign.name;
        let Trigger::Day(day) = &campaign.on else {
            if let Some(at) = campaign.at {
                let what = format!(
                    "at = \"{at}\" is the hour at which a day sets a campaign off, and {name} is set off by something \
                     else; leave it out, or write hours"
                );
                say(offset, what);
            }
            continue;
        };
        if file.calendar.days(day).is_none() {
            say(offset, unknown(file, day));
        }
        if campaign.from.is_none() {
            // Members who were not woken for long would be given it for all days since.
            let what = format!("nothing says from which day on {name} is granted; write from = \"2027-01-01\"");
            say(offset, what);
        }
        if campaign.hours.is_some() {
            let what = format!("{name} is granted at one hour of its day; leave hours out, or write at = \"10:00\"");
            say(offset, what);
        }
        let before = file.campaigns.iter().take(index).map(toml::Spanned::get_ref);
        let mut same = before.filter(|other| other.on == campaign.on);
        if let Some(other) = same.find(|other| other.hour() != campaign.hour()) {
            let (at, other_at, other) = (campaign.hour(), other.hour(), &other.name);
            let what = format!(
                "{day} sets {other} off at {other_at} and {name} at {at}; write the same at for both, or give the day a \
                 second name under [calendar]"
            );
            say(offset, what);
        }
    }
}

fn unknown(file: &File, name: &str) -> String {
    let known: Vec<&str> = file.calendar.names().collect();
    if known.is_empty() {
        format!("there is no day {name:?}; name it under [calendar], such as {name} = {{ monthly = 18 }}")
    } else {
        format!(
            "there is no day {name:?} under [calendar]; {}",
            suggest::one_of(name, &known)
        )
    }
}

fn check_names(file: &File, campaign: &Campaign, say: &mut impl FnMut(usize, String)) {
    let Some(names) = &campaign.days else { return };
    let (offset, names) = (names.span().start, names.get_ref());
    if names.iter().next().is_none() {
        let what = format!(
            "{} would run on no day; write a name of [calendar], or leave days out for every day",
            campaign.name
        );
        say(offset, what);
    }
    for name in names.iter().filter(|name| file.calendar.days(name).is_none()) {
        say(offset, unknown(file, name));
    }
}

/// Campaigns that no day of theirs sets off, or lets run.
pub(super) fn doubts(places: &Places<'_>, file: &File, say: &mut impl FnMut(Range<usize>, String)) {
    for campaign in &file.campaigns {
        let (start, campaign) = (campaign.span().start, campaign.get_ref());
        let days = campaign.days.iter().flat_map(|names| names.get_ref().iter());
        let on = match &campaign.on {
            Trigger::Day(name) => Some(name.as_str()),
            _ => None,
        };
        // What is not known is told elsewhere.
        let never = |name: &&str| file.calendar.days(name).is_some_and(|days| !comes(days, campaign));
        if let Some(name) = days.chain(on).find(never) {
            let bound = match (campaign.from, campaign.through) {
                (Some(from), Some(through)) => format!("from {from} through {through}"),
                (Some(from), None) => format!("from {from} on"),
                (None, Some(through)) => format!("through {through}"),
                (None, None) => "at all".to_owned(),
            };
            let what = format!(
                "{name} does not come {bound}, in which {} runs; write other days, or let it run longer",
                campaign.name
            );
            say(places.whole(start), what);
        }
    }
}

/// Whether any of the days comes in the time in which a campaign runs.
fn comes(days: &Days, campaign: &Campaign) -> bool {
    let first = match campaign.from {
        Some(from) => days.next(from),
        None => days.first(),
    };
    first.is_some_and(|first| first <= campaign.through.unwrap_or(Date::MAX))
}
