//! The charts of one programme, each with its figures as a table.

use std::collections::BTreeMap;

use super::super::months::{self, MonthNumber};
use super::super::numbers::{money, signed};
use super::super::report::{Month, Owed, Points, Report, Told};
use super::chart::{Chart, Series, Shape};
use crate::table::thousands;

/// A chart with what it says in words and as a table.
#[derive(Debug)]
pub(super) struct Figure {
    /// Its anchor, and its table's with `-table`.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) about: String,
    pub(super) keys: Vec<Key>,
    pub(super) chart: Chart,
    pub(super) table: Table,
}

/// A colour and what it stands for.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) colour: String,
    pub(super) shape: Shape,
}

/// The first column names its row.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    pub(super) all: Option<Vec<String>>,
}

impl Figure {
    pub(super) fn of(
        (id, title, about): (&str, &str, String),
        months: &[MonthNumber],
        series: Vec<Series>,
        table: Table,
    ) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            about,
            chart: Chart::of(months, &series),
            keys: series.into_iter().map(Key::of).collect(),
            table,
        }
    }

    /// For who cannot see the chart.
    pub(super) fn says(&self) -> String {
        let names: Vec<&str> = self.keys.iter().map(|key| key.name.as_str()).collect();
        format!(
            "{}, by month: {}. {} The figures are in the table below.",
            self.title,
            names.join(", "),
            self.about
        )
    }
}

impl Key {
    fn of(series: Series) -> Self {
        Self {
            name: series.name,
            colour: series.colour,
            shape: series.shape,
        }
    }
}

pub(super) fn series(name: &str, colour: &str, shape: Shape, values: impl Iterator<Item = i64>) -> Series {
    Series {
        name: name.to_owned(),
        colour: format!("var(--{colour})"),
        shape,
        values: values.collect(),
    }
}

pub(super) fn numbers(report: &Report) -> Vec<MonthNumber> {
    report
        .months
        .iter()
        .filter_map(|month| months::number(&month.name))
        .collect()
}

pub(super) fn head(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

pub(super) fn flows(report: &Report) -> Figure {
    let of = |name: &str, colour: &str, shape: Shape, read: fn(&Points) -> i64| {
        series(
            name,
            colour,
            shape,
            report.months.iter().map(|month| read(&month.points)),
        )
    };
    let all = vec![
        of("Issued", "issued", Shape::Up, |points| points.issued),
        of("Spent", "spent", Shape::Down, |points| points.spent),
        of("Lapsed", "lapsed", Shape::Down, |points| points.expired),
        of("Returned", "returned", Shape::Down, |points| points.returned),
    ];
    let cells = |points: &Points| {
        [points.issued, points.returned, points.spent, points.expired]
            .map(signed)
            .to_vec()
    };
    let about = format!(
        "{} issued; {} spent, {} lapsed, {} taken by returns.",
        signed(report.points.issued),
        signed(report.points.spent),
        signed(report.points.expired),
        signed(report.points.returned)
    );
    let table = Table {
        head: head(&["Month", "Issued", "Returned", "Spent", "Lapsed"]),
        rows: by_month(report, |month| cells(&month.points)),
        all: Some(row("All", cells(&report.points))),
    };
    Figure::of(("points", "Points in and out", about), &numbers(report), all, table)
}

pub(super) fn outstanding(report: &Report) -> Figure {
    let read = |read: fn(&Points) -> i64| report.months.iter().map(move |month| read(&month.points));
    let mut all = vec![series(
        "Outstanding",
        "issued",
        Shape::Area,
        read(|points| points.outstanding),
    )];
    if read(|points| points.pending).any(|pending| pending != 0) {
        all.push(series("Pending", "spent", Shape::Dashed, read(|points| points.pending)));
    }
    let most = report.months.iter().max_by_key(|month| month.points.outstanding);
    let most = most.map_or_else(String::new, |month| {
        format!(
            "{} at the end; the most were {} in {}.",
            signed(report.points.outstanding),
            signed(month.points.outstanding),
            in_words(&month.name)
        )
    });
    let table = Table {
        head: head(&["Month", "Outstanding", "Pending"]),
        rows: by_month(report, |month| {
            [month.points.outstanding, month.points.pending].map(signed).to_vec()
        }),
        all: None,
    };
    let words = ("outstanding", "Points outstanding at each month's end", most);
    Figure::of(words, &numbers(report), all, table)
}

pub(super) fn tiers(report: &Report) -> Figure {
    let tiers = report
        .months
        .last()
        .map(|month| month.tiers.as_slice())
        .unwrap_or_default();
    let all = (0..).zip(tiers).map(|(nth, (name, _))| {
        let values = report
            .months
            .iter()
            .map(move |month| month.tiers.get(nth).map_or(0, |(_, count)| *count));
        Series {
            name: name.clone(),
            colour: ramp(nth, tiers.len()),
            shape: Shape::Up,
            values: values.collect(),
        }
    });
    let at_the_end = tiers.iter().map(|(name, count)| format!("{} {name}", signed(*count)));
    let about = format!("At the end: {}.", at_the_end.collect::<Vec<_>>().join(", "));
    let names = std::iter::once("Month".to_owned()).chain(tiers.iter().map(|(name, _)| name.clone()));
    let table = Table {
        head: names.collect(),
        rows: by_month(report, |month| {
            month.tiers.iter().map(|(_, count)| signed(*count)).collect()
        }),
        all: None,
    };
    let words = ("tiers", "Members by tier at each month's end", about);
    Figure::of(words, &numbers(report), all.collect(), table)
}

pub(super) fn messages(report: &Report) -> Figure {
    let sent = |channel: &str, month: &Month, read: fn(&Told) -> u64| -> u64 {
        let all = report.messages.by.iter();
        let all = all.filter(|told| told.month == month.name && told.channel == Some(channel));
        all.map(read).sum()
    };
    let of = |name: &str, channel: &str| {
        let values = report
            .months
            .iter()
            .map(|month| sent(channel, month, |told| told.sent.messages));
        series(
            name,
            channel,
            Shape::Up,
            values.map(|count| i64::try_from(count).unwrap_or(i64::MAX)),
        )
    };
    let priced = report.currency().is_some();
    let mut names = head(&["Month", "Messages", "SMS", "SMS parts", "Push"]);
    names.extend(priced.then(|| "Cost".to_owned()));
    let rows = by_month(report, |month| {
        let mut cells = vec![
            thousands(month.messages.messages),
            thousands(sent("sms", month, |told| told.sent.messages)),
            thousands(month.messages.parts),
            thousands(sent("push", month, |told| told.sent.messages)),
        ];
        cells.extend(priced.then(|| money(report.currency(), &month.messages.cost)));
        cells
    });
    let all = &report.messages.all;
    let cost = if priced {
        format!(", {}", money(report.currency(), &all.cost))
    } else {
        String::new()
    };
    let about = format!(
        "{} messages, {} SMS parts{cost}.",
        thousands(all.messages),
        thousands(all.parts)
    );
    let table = Table {
        head: names,
        rows,
        all: None,
    };
    let series = vec![of("SMS", "sms"), of("Push", "push")];
    Figure::of(("messages", "Messages sent", about), &numbers(report), series, table)
}

/// So many months ahead are drawn; the table has them all.
const AHEAD: usize = 120;

/// What is outstanding in a wallet, by the month in which it lapses; nothing if no point does.
pub(super) fn lapsing(id: &str, owed: &Owed) -> Option<Figure> {
    let by_month: BTreeMap<MonthNumber, i64> = owed
        .lapsing
        .iter()
        .filter_map(|(name, points)| Some((months::number(name)?, *points)))
        .collect();
    let (first, last) = (*by_month.first_key_value()?.0, *by_month.last_key_value()?.0);
    let ahead: Vec<MonthNumber> = (first..=last).take(AHEAD).collect();
    let later: i64 = by_month
        .iter()
        .filter(|(month, _)| !ahead.contains(month))
        .map(|(_, points)| points)
        .sum();
    let never = owed.lapsing.get("never").copied().unwrap_or_default();
    let mut about = format!("{} are outstanding.", signed(owed.outstanding));
    if never != 0 {
        about.push_str(&format!(" {} never lapse.", signed(never)));
    }
    if later != 0 {
        about.push_str(&format!(" {} lapse later than is drawn.", signed(later)));
    }
    let values = ahead
        .iter()
        .map(|month| by_month.get(month).copied().unwrap_or_default());
    let lapsing = series("Lapsing", "lapsed", Shape::Up, values);
    let table = Table {
        head: head(&["Month", "Lapsing"]),
        rows: owed
            .lapsing
            .iter()
            .map(|(name, points)| row(&in_words(name), vec![signed(*points)]))
            .collect(),
        all: None,
    };
    let title = "When they lapse if nothing more happens";
    Some(Figure::of((id, title, about), &ahead, vec![lapsing], table))
}

fn by_month(report: &Report, cells: impl Fn(&Month) -> Vec<String>) -> Vec<Vec<String>> {
    let rows = report
        .months
        .iter()
        .map(|month| row(&in_words(&month.name), cells(month)));
    rows.collect()
}

fn row(name: &str, cells: Vec<String>) -> Vec<String> {
    std::iter::once(name.to_owned()).chain(cells).collect()
}

pub(super) fn in_words(month: &str) -> String {
    months::number(month).map_or_else(|| month.to_owned(), months::spoken)
}

/// The palette's colours of tiers, as many as there are.
const TIERS: usize = 5;

/// A tier's colour: from the palette's first to its last, mixed where there are more tiers than colours.
fn ramp(nth: usize, of: usize) -> String {
    let place = if of < 2 {
        200
    } else {
        nth * (TIERS - 1) * 100 / (of - 1)
    };
    let (tier, share) = (place / 100 + 1, place % 100);
    if share == 0 {
        format!("var(--tier-{tier})")
    } else {
        format!(
            "color-mix(in oklab, var(--tier-{}) {share}%, var(--tier-{tier}))",
            tier + 1
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tier_has_a_colour_of_its_own() {
        for of in 1..=12 {
            let colours: std::collections::BTreeSet<String> = (0..of).map(|nth| ramp(nth, of)).collect();
            assert_eq!(colours.len(), of);
        }
        assert_eq!(
            [ramp(0, 3), ramp(1, 3), ramp(2, 3)],
            [1, 3, 5].map(|tier| format!("var(--tier-{tier})"))
        );
        assert_eq!(ramp(1, 4), "color-mix(in oklab, var(--tier-3) 33%, var(--tier-2))");
    }

    #[test]
    fn what_lapses_far_ahead_or_never_is_told_beside_the_chart() {
        let mut owed = Owed {
            outstanding: 60,
            ..Owed::default()
        };
        assert!(lapsing("a", &owed).is_none());
        owed.lapsing.insert("never".to_owned(), 10);
        assert!(lapsing("a", &owed).is_none());
        owed.lapsing
            .extend([("1998-07".to_owned(), 20), ("9999-12".to_owned(), 30)]);
        let figure = lapsing("a", &owed);
        let about = figure.as_ref().map(|figure| figure.about.as_str());
        assert_eq!(
            about,
            Some("60 are outstanding. 10 never lapse. 30 lapse later than is drawn.")
        );
        assert_eq!(
            figure.map(|figure| (figure.chart.columns.len(), figure.table.rows.len())),
            Some((AHEAD, 3))
        );
    }
}
