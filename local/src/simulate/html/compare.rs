//! Two programmes beside each other.

use std::collections::BTreeMap;

use super::super::against::{Against, Difference};
use super::super::months::{self, MonthNumber};
use super::super::numbers::{change, money, short, signed};
use super::super::report::{Month, Report, decimal, millionths};
use super::chart::{Series, Shape, percent};
use super::counted;
use super::figures::{Figure, Table, head, in_words, series};
use crate::table::thousands;

/// What is told of the other programme.
#[derive(Debug)]
pub(super) struct Compared {
    pub(super) sums: Vec<Sum>,
    pub(super) figures: Vec<Figure>,
    pub(super) sides: [Side; 2],
    /// How many members gain, lose, and stay as they are.
    pub(super) members: [Share; 3],
}

/// A figure of both programmes.
#[derive(Debug)]
pub(super) struct Sum {
    pub(super) name: String,
    pub(super) this: String,
    pub(super) against: String,
    pub(super) change: String,
    pub(super) percent: String,
}

/// Those who gain most, or lose most.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) title: String,
    pub(super) id: &'static str,
    pub(super) rows: Vec<Moved>,
}

#[derive(Debug)]
pub(super) struct Moved {
    pub(super) member: String,
    pub(super) points: String,
    pub(super) against: String,
    pub(super) change: String,
    /// Of the largest change on this side.
    pub(super) share: String,
    pub(super) tier: String,
}

#[derive(Debug)]
pub(super) struct Share {
    pub(super) name: &'static str,
    pub(super) colour: &'static str,
    pub(super) count: String,
    pub(super) x: String,
    pub(super) width: String,
}

const ISSUED: (&str, &str) = ("issued-by-both", "Points issued");
const OUTSTANDING: (&str, &str) = ("outstanding-by-both", "Points outstanding at each month's end");
const MESSAGES: (&str, &str) = ("messages-by-both", "Messages sent");

pub(super) fn compared(report: &Report, against: &Against) -> Compared {
    let other = &against.report;
    Compared {
        sums: sums(report, other),
        figures: vec![
            both(ISSUED, report, other, |month| month.points.issued, false),
            both(OUTSTANDING, report, other, |month| month.points.outstanding, true),
            both(MESSAGES, report, other, |month| counted(month.messages.messages), false),
        ],
        sides: [
            side("gain", "gain", against.gaining, &against.gain_most),
            side("lose", "lose", against.losing, &against.lose_most),
        ],
        members: members(report.members, against),
    }
}

fn sums(report: &Report, other: &Report) -> Vec<Sum> {
    let counted = |name: &str, of: fn(&Report) -> i128| sum(name, of(report), of(other));
    let mut sums = vec![
        counted("Points issued", |report| report.points.issued.into()),
        counted("Points spent", |report| report.points.spent.into()),
        counted("Points lapsed", |report| report.points.expired.into()),
        counted("Points returned", |report| report.points.returned.into()),
        counted("Points outstanding", |report| report.points.outstanding.into()),
        counted("Points pending", |report| report.points.pending.into()),
        counted("Messages sent", |report| report.messages.all.messages.into()),
        counted("SMS parts", |report| report.messages.all.parts.into()),
    ];
    sums.extend(tiers(report, other));
    if report.currency().is_some() || other.currency().is_some() {
        sums.push(cost(
            "Cost of messages",
            [report, other].map(|report| (report.currency(), report.messages.all.cost.as_str())),
        ));
    }
    sums.push(cost(
        "Cost of tables",
        [report, other].map(|report| (Some("USD"), report.aws.cost.as_str())),
    ));
    sums
}

fn sum(name: &str, this: i128, against: i128) -> Sum {
    let written = |count: i128| i64::try_from(count).map_or_else(|_| count.to_string(), signed);
    Sum {
        name: name.to_owned(),
        this: written(this),
        against: written(against),
        change: change(this - against),
        percent: in_percent(this, against),
    }
}

/// Members in each tier at the end, highest first: those that either programme has.
fn tiers(report: &Report, other: &Report) -> Vec<Sum> {
    let at_the_end = |report: &Report| {
        report
            .months
            .last()
            .map(|month| month.tiers.clone())
            .unwrap_or_default()
    };
    let (ours, theirs) = (at_the_end(report), at_the_end(other));
    let of = |tiers: &[(String, i64)], name: &str| -> i128 {
        tiers
            .iter()
            .filter(|(tier, _)| tier == name)
            .map(|(_, count)| i128::from(*count))
            .sum()
    };
    let only_theirs = theirs
        .iter()
        .filter(|(name, _)| !ours.iter().any(|(tier, _)| tier == name));
    let names = only_theirs.rev().chain(ours.iter().rev()).map(|(name, _)| name);
    let sums = names.map(|name| sum(&format!("Members in {name}"), of(&ours, name), of(&theirs, name)));
    sums.collect()
}

/// What is in two currencies cannot be taken from each other.
pub(super) fn cost(name: &str, [(currency, this), (other, against)]: [(Option<&str>, &str); 2]) -> Sum {
    let of = |cost: &str| i128::try_from(millionths(cost)).unwrap_or(i128::MAX);
    let difference = of(this) - of(against);
    let comparable = currency == other;
    let sign = match difference {
        ..0 => "-",
        0 => "",
        1.. => "+",
    };
    let size = decimal(difference.unsigned_abs());
    Sum {
        name: name.to_owned(),
        this: money(currency, this),
        against: money(other, against),
        change: if comparable {
            format!("{sign}{}", short(&size))
        } else {
            String::new()
        },
        percent: if comparable {
            in_percent(of(this), of(against))
        } else {
            String::new()
        },
    }
}

/// With one place: by how much the first is more than the second.
fn in_percent(this: i128, against: i128) -> String {
    if this == against || against == 0 {
        return String::new();
    }
    let tenths = (this - against) * 1_000 / against.abs();
    let sign = if this < against { "-" } else { "+" };
    let size = tenths.unsigned_abs();
    format!(
        "{sign}{}.{} %",
        thousands(u64::try_from(size / 10).unwrap_or(u64::MAX)),
        size % 10
    )
}

/// A number of both, month by month. What stands at a month's end goes on where nothing happens.
fn both((id, title): (&str, &str), report: &Report, other: &Report, read: fn(&Month) -> i64, stands: bool) -> Figure {
    let of = |report: &Report| -> BTreeMap<MonthNumber, i64> {
        let months = report.months.iter();
        months
            .filter_map(|month| Some((months::number(&month.name)?, read(month))))
            .collect()
    };
    let (ours, theirs) = (of(report), of(other));
    let firsts = [&ours, &theirs].into_iter().filter_map(|one| one.keys().next());
    let lasts = [&ours, &theirs].into_iter().filter_map(|one| one.keys().next_back());
    let months: Vec<MonthNumber> = match (firsts.min(), lasts.max()) {
        (Some(first), Some(last)) => (*first..=*last).collect(),
        _ => Vec::new(),
    };
    let values = |one: &BTreeMap<MonthNumber, i64>| -> Vec<i64> {
        let mut before = 0;
        let values = months.iter().map(|month| {
            let value = one.get(month).copied().unwrap_or(if stands { before } else { 0 });
            before = value;
            value
        });
        values.collect()
    };
    let (ours, theirs) = (values(&ours), values(&theirs));
    let rows = months
        .iter()
        .zip(ours.iter().zip(&theirs))
        .map(|(month, (this, against))| {
            let difference = i128::from(*this) - i128::from(*against);
            vec![
                months::spoken(*month),
                signed(*this),
                signed(*against),
                change(difference),
            ]
        });
    let table = Table {
        head: head(&["Month", "This", "Against", "Change"]),
        rows: rows.collect(),
        all: None,
    };
    let about = match (months.last(), ours.last(), theirs.last()) {
        (Some(month), Some(this), Some(against)) if stands => {
            format!(
                "In {}: {}, against {}.",
                in_words(&months::name(*month)),
                signed(*this),
                signed(*against)
            )
        }
        _ => format!(
            "In all: {}, against {}.",
            signed(ours.iter().sum()),
            signed(theirs.iter().sum())
        ),
    };
    let line = |name: &str, colour: &str, shape: Shape, values: Vec<i64>| -> Series {
        series(name, colour, shape, values.into_iter())
    };
    let all = vec![
        line("This", "issued", Shape::Line, ours),
        line("Against", "spent", Shape::Dashed, theirs),
    ];
    Figure::of((id, title, about), &months, all, table)
}

fn side(id: &'static str, doing: &str, count: u64, named: &[Difference]) -> Side {
    let most = named
        .iter()
        .map(|one| (one.points - one.against).unsigned_abs())
        .max()
        .unwrap_or_default();
    let moved = |one: &Difference| {
        let difference = i128::from(one.points) - i128::from(one.against);
        Moved {
            member: one.member.clone(),
            points: signed(one.points),
            against: signed(one.against),
            change: change(difference),
            share: percent(difference.abs(), most.into()),
            tier: if one.tier == one.tier_against {
                one.tier.clone()
            } else {
                format!("{}, against {}", one.tier, one.tier_against)
            },
        }
    };
    Side {
        title: match count {
            0 => format!("No members {doing}"),
            1 => format!("1 member {doing}s"),
            _ => format!("{} members {doing}", thousands(count)),
        },
        id,
        rows: named.iter().map(moved).collect(),
    }
}

fn members(all: u64, against: &Against) -> [Share; 3] {
    let same = all.saturating_sub(against.gaining + against.losing);
    let whole = i128::from(against.gaining + against.losing + same);
    let share = |name, colour, before: u64, count: u64| Share {
        name,
        colour,
        count: thousands(count),
        x: percent(before.into(), whole),
        width: percent(count.into(), whole),
    };
    [
        share("gain", "var(--gain)", 0, against.gaining),
        share("stay as they are", "var(--same)", against.gaining, same),
        share("lose", "var(--lose)", against.gaining + same, against.losing),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_in_percent_where_there_is_something_to_compare() {
        let cases = [
            (110, 100, "+10.0 %"),
            (90, 100, "-10.0 %"),
            (5, 0, ""),
            (7, 7, ""),
            (-50, -100, "+50.0 %"),
        ];
        for (this, against, text) in cases {
            assert_eq!(in_percent(this, against), text, "{this} {against}");
        }
    }

    #[test]
    fn costs_in_two_currencies_are_not_compared() {
        let sum = cost("Cost", [(Some("USD"), "3.000000"), (Some("USD"), "2.500000")]);
        assert_eq!((sum.change.as_str(), sum.percent.as_str()), ("+0.50", "+20.0 %"));
        let sum = cost("Cost", [(Some("USD"), "3.000000"), (None, "0.000000")]);
        assert_eq!(
            (sum.this.as_str(), sum.against.as_str(), sum.change.as_str()),
            ("USD 3.00", "", "")
        );
    }
}
