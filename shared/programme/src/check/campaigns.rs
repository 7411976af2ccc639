//! What is wrong with campaigns, and with what they may ask for.

use expression::Problem;
use toml::Spanned;

use super::wallets::number;

use crate::campaigns::{Campaign, CampaignName, Grant, Trigger};
use crate::fields::Fields;
use crate::file::File;
use crate::mistake::{Mistake, Severity, Source};
use crate::names::{AllNames, TAKEN, TAKEN_OF_LINES, TAKEN_OF_MEMBERS};
use crate::{Pending, Per, Rate};

/// Finds the days of campaigns, and reads the expressions of campaigns, missions, broadcasts and referrals, which are evaluated from then
/// on; gives what is wrong with them.
pub(crate) fn compile(source: Source<'_>, file: &mut File, names: &AllNames) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut say = |written: &Spanned<String>, problems: Vec<Problem>| {
        mistakes.extend(problems.into_iter().map(|problem| place(source, written, problem)));
    };
    for campaign in &mut file.campaigns {
        let campaign = campaign.as_mut();
        campaign.compiled.days = campaign.days.as_ref().map(|names| {
            let days = names.get_ref().iter().filter_map(|name| file.calendar.days(name));
            days.cloned().collect()
        });
        let Some(names) = names.for_trigger(&campaign.on) else {
            continue;
        };
        campaign.compiled.when = read(
            campaign.when.as_ref(),
            |text| expression::condition(text, &names.scope),
            &mut say,
        );
        let points = campaign.points.as_ref().map(|points| {
            let written = match points.get_ref() {
                Grant::Points(points) => points.to_string(),
                Grant::Formula(formula) => formula.clone(),
            };
            Spanned::new(points.span(), written)
        });
        campaign.compiled.points = read(
            points.as_ref(),
            |text| expression::formula(text, &names.scope),
            &mut say,
        );
    }
    for mission in &mut file.missions {
        let mission = mission.as_mut();
        let Some(names) = names.for_trigger(&mission.on) else {
            continue;
        };
        mission.compiled.when = read(
            mission.when.as_ref(),
            |text| expression::condition(text, &names.scope),
            &mut say,
        );
        mission.compiled.counts = read(
            mission.counts.as_ref(),
            |text| expression::formula(text, &names.scope),
            &mut say,
        );
    }
    for broadcast in &mut file.broadcasts {
        let broadcast = broadcast.as_mut();
        broadcast.compiled = read(
            broadcast.audience.as_ref(),
            |text| expression::condition(text, &names.members.scope),
            &mut say,
        );
    }
    if let Some(referral) = &mut file.referral {
        let referral = referral.as_mut();
        referral.compiled = read(
            referral.when.as_ref(),
            |text| expression::condition(text, &names.referred.scope),
            &mut say,
        );
    }
    mistakes
}

/// One expression, if there is one.
fn read<T>(
    written: Option<&Spanned<String>>,
    read: impl FnOnce(&str) -> expression::Checked<T>,
    say: &mut impl FnMut(&Spanned<String>, Vec<Problem>),
) -> Option<T> {
    let written = written?;
    match read(written.get_ref()) {
        Ok((read, warnings)) => {
            say(written, warnings);
            Some(read)
        }
        Err(problems) => {
            say(written, problems);
            None
        }
    }
}

/// A problem of an expression, as a mistake of the file.
fn place(source: Source<'_>, written: &Spanned<String>, problem: Problem) -> Mistake {
    let start = written.span().start;
    let quotes = source.text.get(start..).unwrap_or_default();
    let quotes = quotes.len() - quotes.trim_start_matches(['"', '\'']).len();
    // More than three, where the expression itself begins with a quote.
    let quotes = if quotes > 3 || quotes == 2 { 1 } else { quotes };
    let severity = match problem.severity {
        expression::Severity::Error => Severity::Error,
        expression::Severity::Warning => Severity::Warning,
    };
    let start = start + quotes;
    let bytes = start + problem.at.start..start + problem.at.end;
    Mistake {
        mend: problem.mend,
        ..source.mistake(severity, bytes, problem.what)
    }
}

pub(super) fn check_campaigns(file: &File, say: &mut impl FnMut(usize, String)) {
    check_schema(file, say);
    for (index, campaign) in file.campaigns.iter().enumerate() {
        let (offset, campaign) = (campaign.span().start, campaign.get_ref());
        let before = file.campaigns.iter().take(index).map(|other| &other.get_ref().name);
        check_name((offset, &campaign.name), before, say);
        check_campaign(file, (offset, campaign), say);
    }
}

/// A name is told from those before it, also by the four bytes that stand in entries.
pub(super) fn check_name<'a>(
    (offset, name): (usize, &CampaignName),
    before: impl Iterator<Item = &'a CampaignName>,
    say: &mut impl FnMut(usize, String),
) {
    for other in before {
        if other == name {
            say(offset, format!("there are two called {name}; give one another name"));
        } else if other.id() == name.id() {
            say(
                offset,
                format!("{name} and {other} come to the same four bytes in the ledger; give one of them another name"),
            );
        }
    }
}

fn check_campaign(file: &File, (offset, campaign): (usize, &Campaign), say: &mut impl FnMut(usize, String)) {
    let name = &campaign.name;
    let purchase = campaign.on == Trigger::Purchase;
    let mut wrong = |what: String| say(offset, what);
    if campaign.multiply.is_none() && campaign.points.is_none() {
        wrong(format!("{name} grants nothing; write multiply = \"2\", or points = 50"));
    }
    if let Some(factor) = campaign.multiply {
        if !purchase {
            wrong(format!(
                "{name} multiplies points, and only purchases earn any; write points = 50 instead"
            ));
        } else if factor <= Rate::ONE {
            wrong(format!(
                "multiply = \"{factor}\" adds nothing; write more than 1, such as \"2\""
            ));
        }
    }
    if let (Some(from), Some(through)) = (campaign.from, campaign.through)
        && from > through
    {
        wrong(format!(
            "{name} ends on {through} before it begins on {from}; swap the two, or mend one of them"
        ));
    }
    if campaign.hours.is_some_and(|hours| hours.from == hours.to) {
        wrong(format!(
            "the hours of {name} begin and end at the same time; leave them out for the whole day"
        ));
    }
    if number(file, campaign.wallet.as_deref()).is_none() {
        let wallet = campaign.wallet.as_deref().unwrap_or_default();
        wrong(format!(
            "there is no wallet {wallet:?}; name one of [[wallets]], or none for the main one"
        ));
    }
    if purchase && (campaign.lasts.is_some() || campaign.pending.is_some()) {
        wrong(format!(
            "what {name} grants on a purchase lasts and waits as its other points do; leave lasts and pending to the [[earn]]"
        ));
    }
    if matches!(campaign.pending, Some(Pending::Released { .. })) {
        wrong(format!(
            "nothing releases the points of {name}; write pending = {{ days = 14 }}"
        ));
    }
    match campaign.budget {
        Some(budget) if budget.get() < 1 => wrong(format!(
            "{name} grants nothing with a budget of {budget} points; write 1 or more, or leave it out"
        )),
        Some(_) if campaign.on.comes_of_itself() => wrong(format!(
            "a budget is for who comes first, and what sets {name} off comes to every member of itself; leave the budget \
             out, and say with when who gets it"
        )),
        _ => {}
    }
    match (campaign.times, campaign.per) {
        (Some(0), _) => wrong(format!(
            "nobody ever gets {name} with times = 0; write 1 or more, or leave it out"
        )),
        (None, Some(_)) => wrong("per says in which time something is counted; write times = 1 with it".to_owned()),
        (_, Some(Per::Activity | Per::Balance)) => {
            wrong("a campaign is counted per \"day\", \"week\", \"month\", \"year\" or \"member\"".to_owned());
        }
        _ => {}
    }
    match &campaign.on {
        Trigger::Code(code) if code.trim().is_empty() || code.len() > 64 => {
            wrong("a code has 1 to 64 characters; write what is printed, such as \"SUMMER\"".to_owned());
        }
        _ => {}
    }
    check_event(file, (offset, &campaign.on), say);
    if let Some(group) = &campaign.group
        && !file.campaign_groups.contains_key(group.get_ref())
    {
        let (offset, group) = (group.span().start, group.get_ref());
        let what = format!(
            "nothing says which campaign of {group:?} a member gets; write {group} = \"best\" or \"first\" under \
             [campaign-groups]"
        );
        say(offset, what);
    }
    if let Some(points) = &campaign.points
        && let Grant::Points(number) = points.get_ref()
        && *number < 1
    {
        say(
            points.span().start,
            format!("{number} points are no grant; write 1 or more"),
        );
    }
}

/// An event that something waits for is declared.
pub(super) fn check_event(file: &File, (offset, on): (usize, &Trigger), say: &mut impl FnMut(usize, String)) {
    let Trigger::Event(event) = on else { return };
    if file.events.keys().any(|known| known.get_ref() == event) {
        return;
    }
    let known: Vec<&str> = file.events.keys().map(|known| known.get_ref().as_str()).collect();
    let known = if known.is_empty() {
        "none is declared yet".to_owned()
    } else {
        format!("there are {}", known.join(", "))
    };
    say(
        offset,
        format!("there is no event {event:?} ({known}); declare it with [events.{event}]"),
    );
}

/// Fields of the shop's own have names of their own.
fn check_schema(file: &File, say: &mut impl FnMut(usize, String)) {
    let mut check = |offset: usize, fields: &Fields, taken: &[&str]| {
        for name in fields.keys().filter(|name| taken.contains(&name.as_str())) {
            let name = name.as_str();
            say(
                offset,
                format!("{name:?} is known of itself and need not be declared; leave it out, or give it another name"),
            );
        }
    };
    if let Some(attributes) = &file.attributes {
        check(attributes.span().start, attributes.get_ref(), &TAKEN_OF_MEMBERS);
    }
    if let Some(purchases) = &file.purchases {
        let offset = purchases.span().start;
        check(offset, &purchases.get_ref().fields, &TAKEN);
        check(offset, &purchases.get_ref().lines, &TAKEN_OF_LINES);
    }
}
