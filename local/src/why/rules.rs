//! Rules in plain sentences: what a purchase earned, which campaigns and missions counted, and why the others did not.

use expression::Clause;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use ledger::{Account, Advanced, Earned, Explanation, NotCounted, OfCampaign, OfMission, WhyNot};
use programme::{Broadcast, Campaign, Limited, Mission, Per, Points, Programme, Trigger, WalletId};

use super::told::{ClauseTold, Kind, Outcome, RuleTold};

/// What one counts.
const MILLION: i64 = 1_000_000;

/// Everything that was asked because of a cause.
pub(super) fn rules(programme: &Programme, cause: &str, paid: Option<&str>, why: &Explanation<'_>) -> Vec<RuleTold> {
    let earned = why.earned.iter().filter_map(|one| earned(programme, cause, paid, one));
    let campaigns = why.campaigns.iter().map(|one| campaign(cause, one));
    let missions = why.missions.iter().map(|one| mission(cause, one));
    earned.chain(campaigns).chain(missions).collect()
}

/// Whether a member was in the audience of a broadcast at an instant; none where all members are.
pub(super) fn audience(
    programme: &Programme,
    broadcast: &Broadcast,
    account: &Account,
    at: Timestamp,
) -> Option<RuleTold> {
    let clauses = ledger::explain_audience(programme, account, broadcast.compiled.as_ref()?, at);
    let (outcome, reason, says) = if clauses.iter().all(|clause| clause.held) {
        (Outcome::Counted, None, "in the audience".to_owned())
    } else {
        (Outcome::Not, Some("condition"), failed(&clauses))
    };
    Some(RuleTold {
        kind: Kind::Audience,
        name: broadcast.name.to_string(),
        cause: broadcast.name.to_string(),
        outcome,
        points: None,
        reason,
        says,
        because: held(outcome, &clauses),
        clauses: clauses.iter().map(clause).collect(),
    })
}

fn earned(programme: &Programme, cause: &str, paid: Option<&str>, one: &Earned<'_>) -> Option<RuleTold> {
    let rule = one.rule?;
    let mut says = format!("{} a unit", many(&rule.points_per_unit.to_string(), "point", "points"));
    if rule.tier_multiplies {
        says += &format!(", times {} for {}", one.tier.multiplier, one.tier.name);
    }
    says += &format!(": {} -> {}", paid.unwrap_or_default(), one.base);
    if one.points < one.wanted {
        let wallet = one.wallet;
        let limits = programme.limits(wallet).filter(|limit| limit.on == Limited::Earn);
        let limits: Vec<String> = limits
            .map(|limit| format!("{} {}", limit.points, per(limit.per)))
            .collect();
        says += &format!(
            "; with what campaigns grant {}, of which a limit ({}) left {}",
            one.wanted,
            limits.join(", "),
            one.points
        );
    }
    let mut name = rule.currency.code().to_owned();
    if one.wallet != WalletId::MAIN {
        name += &format!(" {}", programme.wallet_name(one.wallet, ""));
    }
    if let Some(tier) = &rule.tier {
        name += &format!(" {tier}");
    }
    Some(RuleTold {
        kind: Kind::Earn,
        name,
        cause: cause.to_owned(),
        outcome: Outcome::Counted,
        points: Some(one.base.get()),
        reason: None,
        says,
        because: String::new(),
        clauses: Vec::new(),
    })
}

fn campaign(cause: &str, one: &OfCampaign<'_>) -> RuleTold {
    let campaign = one.campaign;
    let (outcome, reason, says) = match one.granted {
        Ok(points) => {
            let mut says = many(&points.to_string(), "point", "points") + &values(&one.read);
            if let Some(budget) = campaign.budget.filter(|_| one.left == Some(points)) {
                says += &format!(", the last of its budget of {budget}");
            }
            (Outcome::Counted, None, says)
        }
        Err(WhyNot::Elsewhere) => (Outcome::Elsewhere, Some("elsewhere"), waits_for(&campaign.on)),
        Err(why) => {
            let (reason, says) = not_granted(campaign, one.local, why, &one.clauses);
            (Outcome::Not, Some(reason), says)
        }
    };
    RuleTold {
        kind: Kind::Campaign,
        name: campaign.name.to_string(),
        cause: cause.to_owned(),
        outcome,
        points: one.granted.ok().map(Points::get),
        reason,
        says,
        because: held(outcome, &one.clauses),
        clauses: one.clauses.iter().map(clause).collect(),
    }
}

fn not_granted(
    campaign: &Campaign,
    local: DateTime,
    why: WhyNot<'_>,
    clauses: &[Clause<'_>],
) -> (&'static str, String) {
    match why {
        WhyNot::Elsewhere => ("elsewhere", waits_for(&campaign.on)),
        WhyNot::Paused => ("paused", "was paused".to_owned()),
        WhyNot::Day => ("day", runs(campaign.from, campaign.through, campaign, local.date())),
        WhyNot::Hour => {
            let hours = campaign.hours.map(|hours| format!("{} to {}", hours.from, hours.to));
            let says = format!(
                "runs from {}, and it was {}",
                hours.unwrap_or_default(),
                local.strftime("%H:%M")
            );
            ("hour", says)
        }
        WhyNot::Times => {
            let most = many(&campaign.times.unwrap_or_default().to_string(), "time", "times");
            let per = per(campaign.per.unwrap_or(Per::Member));
            (
                "times",
                format!("was granted as often as a member may get it: {most} {per}"),
            )
        }
        WhyNot::Cooldown => {
            let hours = many(
                &campaign.cooldown_hours.unwrap_or_default().to_string(),
                "hour",
                "hours",
            );
            ("cooldown", format!("was granted less than {hours} before"))
        }
        WhyNot::Budget => {
            let budget = campaign.budget.unwrap_or_default();
            ("budget", format!("its budget of {budget} was used up"))
        }
        WhyNot::Condition => ("condition", failed(clauses)),
        WhyNot::Beaten(by) => {
            let group = campaign.group.as_ref().map_or("", |group| group.get_ref().as_str());
            (
                "beaten",
                format!("of the group {group} a member gets one, and that is {by}"),
            )
        }
    }
}

fn mission(cause: &str, one: &OfMission<'_>) -> RuleTold {
    let mission = one.mission;
    let (outcome, reason, says) = match &one.counted {
        Ok(counted) => (Outcome::Counted, None, advanced(mission, counted)),
        Err(why) => {
            let (reason, says) = not_counted(one, *why);
            let outcome = if *why == NotCounted::Elsewhere {
                Outcome::Elsewhere
            } else {
                Outcome::Not
            };
            (outcome, Some(reason), says)
        }
    };
    RuleTold {
        kind: Kind::Mission,
        name: mission.name.to_string(),
        cause: cause.to_owned(),
        outcome,
        points: None,
        reason,
        says,
        because: held(outcome, &one.clauses),
        clauses: one.clauses.iter().map(clause).collect(),
    }
}

fn not_counted(one: &OfMission<'_>, why: NotCounted) -> (&'static str, String) {
    let mission = one.mission;
    match why {
        NotCounted::Elsewhere => ("elsewhere", waits_for(&mission.on)),
        NotCounted::Day => {
            let says = match (mission.from, mission.through) {
                (Some(from), Some(through)) => format!("counts from {from} through {through}"),
                (Some(from), None) => format!("counts from {from} on"),
                (None, Some(through)) => format!("counted through {through}"),
                (None, None) => "does not count on this day".to_owned(),
            };
            ("day", says)
        }
        NotCounted::Late => ("late", "came late, for a period that was over".to_owned()),
        NotCounted::Condition => ("condition", failed(&one.clauses)),
        NotCounted::Nothing => ("nothing", format!("counts nothing here{}", values(&one.read))),
    }
}

/// `1 of 2 -> 2 of 2; milestone 2: 15 points`.
fn advanced(mission: &Mission, counted: &Advanced<'_>) -> String {
    let milestones = mission.milestones.get_ref();
    let next = milestones
        .iter()
        .find(|one| i64::from(one.reach) * MILLION > counted.before);
    let of = next.or(milestones.last()).map_or(0, |one| one.reach);
    let mut says = format!("{} of {of} -> {} of {of}", whole(counted.before), whole(counted.after));
    if counted.before == counted.after {
        says = format!("{} of {of}, as before in this period", whole(counted.after));
    }
    for milestone in &counted.reached {
        says += &format!("; milestone {}", milestone.reach);
        let points = many(&milestone.points.to_string(), "point", "points");
        let points = (!milestone.points.is_zero()).then_some(points);
        let badge = milestone.badge.as_ref().map(|badge| format!("badge {badge}"));
        let brings: Vec<String> = points.into_iter().chain(badge).collect();
        says += &format!(": {}", brings.join(", "));
    }
    says
}

/// Millionths as a decimal.
fn whole(millionths: i64) -> String {
    let (whole, rest) = (millionths / MILLION, millionths % MILLION);
    if rest == 0 {
        return whole.to_string();
    }
    let rest = format!("{rest:06}");
    format!("{whole}.{}", rest.trim_end_matches('0'))
}

fn clause(clause: &Clause<'_>) -> ClauseTold {
    let values = clause.values.iter();
    ClauseTold {
        source: clause.source.to_owned(),
        held: clause.held,
        values: values
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
    }
}

/// What an expression read.
fn values(values: &[(&str, String)]) -> String {
    let each = values.iter().map(|(name, value)| match value.as_str() {
        "nothing" => format!("{name} was not said"),
        value => format!("{name} was {value}"),
    });
    let each = each.collect::<Vec<_>>().join(", ");
    if each.is_empty() { each } else { format!(" ({each})") }
}

fn held(outcome: Outcome, clauses: &[Clause<'_>]) -> String {
    if outcome != Outcome::Counted {
        return String::new();
    }
    let each = clauses
        .iter()
        .map(|clause| format!("{} held{}", clause.source, values(&clause.values)));
    each.collect::<Vec<_>>().join("; ")
}

fn failed(clauses: &[Clause<'_>]) -> String {
    let failed = clauses.iter().filter(|clause| !clause.held);
    let each = failed.map(|clause| format!("{} did not hold{}", clause.source, values(&clause.values)));
    let each = each.collect::<Vec<_>>().join("; ");
    let others = clauses.iter().filter(|clause| clause.held);
    let others = others.map(|clause| format!("; {} held", clause.source));
    each + &others.collect::<String>()
}

fn waits_for(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Purchase => "waits for a purchase".to_owned(),
        Trigger::SignUp => "waits for a sign-up".to_owned(),
        Trigger::Birthday => "waits for a birthday".to_owned(),
        Trigger::Anniversary => "waits for an anniversary".to_owned(),
        Trigger::Event(name) => format!("waits for the event {name}"),
        Trigger::Segment(name) => format!("waits for the segment {name}"),
        Trigger::Code(code) => format!("waits for the code {code}"),
        Trigger::Day(name) => format!("waits for the day {name}"),
        Trigger::Referral => "waits for a friend's purchase that counts".to_owned(),
        Trigger::Referred => "waits for a purchase that makes a referral count".to_owned(),
    }
}

/// On which days a campaign runs, where this is none of them.
fn runs(from: Option<Date>, through: Option<Date>, campaign: &Campaign, day: Date) -> String {
    match (from, through) {
        (Some(from), _) if day < from => format!("runs from {from} on, and it was {day}"),
        (_, Some(through)) if through < day => format!("ran through {through}, and it was {day}"),
        _ => {
            let names = campaign
                .days
                .as_ref()
                .map(|days| days.get_ref().iter().collect::<Vec<_>>());
            format!(
                "runs on {} alone, and it was {day}",
                names.unwrap_or_default().join(", ")
            )
        }
    }
}

fn per(per: Per) -> &'static str {
    match per {
        Per::Activity => "an activity",
        Per::Day => "a day",
        Per::Week => "a week",
        Per::Month => "a month",
        Per::Year => "a year",
        Per::Member => "in all",
        Per::Balance => "in the balance",
    }
}

/// A number and its noun.
pub(super) fn many(number: &str, one: &str, more: &str) -> String {
    format!("{number} {}", if number == "1" { one } else { more })
}
