//! What a simulation came to, as one HTML page that needs nothing beside it: no script, no font, no other file.

mod chart;
mod compare;
mod figures;
mod kinds;
mod scale;

use askama::Template;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Simulated;
use super::numbers::{change, money, signed};
use super::report::{Owed, Report};
use crate::table::thousands;

use self::chart::Shape;
use self::compare::Compared;
use self::figures::Figure;
use self::kinds::{Kind, Meter};

/// All that the page says, ready to be written.
#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    simulated: &'a Simulated,
    report: &'a Report,
    from: String,
    to: String,
    tiles: Vec<Tile>,
    points: Vec<Figure>,
    tiers: Vec<Figure>,
    messages: Vec<Figure>,
    kinds: Vec<Kind>,
    wallets: Vec<Wallet>,
    suppressed: Vec<Meter>,
    refused: Vec<Meter>,
    compared: Option<Compared>,
}

/// A headline figure.
struct Tile {
    name: &'static str,
    value: String,
    note: String,
}

/// What is owed in a wallet.
struct Wallet {
    id: String,
    name: String,
    sums: [(&'static str, String); 5],
    figure: Option<Figure>,
}

const LOOK: &str = concat!(include_str!("../../look.css"), include_str!("report.css"));

/// The page. What cannot be written of it is an error of the template, and there is none that is not found by a test.
pub(super) fn page(simulated: &Simulated) -> Result<String, askama::Error> {
    let report = &simulated.report;
    let against = simulated.against.as_ref();
    let page = Page {
        simulated,
        report,
        from: day(report.from, &report.zone),
        to: day(before(report.to), &report.zone),
        tiles: tiles(report, against.map(|against| &against.report)),
        points: vec![figures::flows(report), figures::outstanding(report)],
        tiers: vec![figures::tiers(report)],
        messages: vec![figures::messages(report)],
        kinds: kinds::kinds(report),
        wallets: (1..).zip(&report.liability).map(Wallet::of).collect(),
        suppressed: kinds::meters(&report.messages.suppressed),
        refused: kinds::meters(&report.refused),
        compared: against.map(|against| compare::compared(report, against)),
    };
    page.render()
}

impl Page<'_> {
    #[expect(
        clippy::unused_self,
        clippy::trivially_copy_pass_by_ref,
        reason = "as the template calls it"
    )]
    fn count(&self, count: &u64) -> String {
        thousands(*count)
    }

    fn priced(&self) -> bool {
        self.report.currency().is_some()
    }
}

impl Wallet {
    fn of((nth, (name, owed)): (usize, (&String, &Owed))) -> Self {
        Self {
            id: format!("owed-{nth}"),
            name: name.clone(),
            sums: [
                ("Members with points", thousands(owed.members)),
                ("Outstanding", signed(owed.outstanding)),
                ("Reserved", signed(owed.reserved)),
                ("Pending", signed(owed.pending)),
                ("Owed by members", signed(owed.by_members)),
            ],
            figure: figures::lapsing(&format!("lapsing-{nth}"), owed),
        }
    }
}

/// With what the other programme comes to, where there is one.
fn tiles(report: &Report, other: Option<&Report>) -> Vec<Tile> {
    let noted = |name, of: fn(&Report) -> i64, note: &str| {
        let change = other.map(|other| change(i128::from(of(report)) - i128::from(of(other))));
        Tile {
            name,
            value: signed(of(report)),
            note: change.map_or_else(|| note.to_owned(), beside),
        }
    };
    let count = |name, of| noted(name, of, "");
    let cost = |name, currency, note: &str, of: fn(&Report) -> (Option<&str>, &str)| Tile {
        name,
        value: money(Some(currency), of(report).1),
        note: other.map_or_else(
            || note.to_owned(),
            |other| beside(compare::cost(name, [of(report), of(other)]).change),
        ),
    };
    let plain = |name, count: u64| Tile {
        name,
        value: thousands(count),
        note: String::new(),
    };
    let owed = report.liability.values().map(|owed| owed.members).max();
    let owed = format!("owed to {} members", thousands(owed.unwrap_or_default()));
    let mut tiles = vec![
        plain("Members", report.members),
        plain("Purchases", report.purchases),
        count("Points issued", |report| report.points.issued),
        count("Points spent", |report| report.points.spent),
        count("Points lapsed", |report| report.points.expired),
        noted("Points outstanding", |report| report.points.outstanding, &owed),
        count("Messages sent", |report| counted(report.messages.all.messages)),
        count("SMS parts", |report| counted(report.messages.all.parts)),
    ];
    if let Some(currency) = report.currency() {
        let of: fn(&Report) -> (Option<&str>, &str) = |report| (report.currency(), &report.messages.all.cost);
        tiles.push(cost("Cost of messages", currency, "", of));
    }
    tiles.push(cost("Cost of AWS tables", "USD", "estimated", |report| {
        (Some("USD"), &report.aws.cost)
    }));
    tiles
}

/// A difference to the other programme, as a tile notes it.
fn beside(change: String) -> String {
    match change.as_str() {
        "" => change,
        "0" | "0.00" => "as the other".to_owned(),
        _ => format!("{change} vs. the other"),
    }
}

fn counted(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The instant before: a span ends with the midnight of the day after its last.
fn before(end: Timestamp) -> Timestamp {
    Timestamp::from_second(end.as_second().saturating_sub(1)).unwrap_or(end)
}

/// As `31 January 1997`, by the programme's own days.
fn day(at: Timestamp, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let date: Date = at.to_zoned(zone).date();
    let month = i32::from(date.year()) * 12 + i32::from(date.month()) - 1;
    format!("{} {}", date.day(), super::months::spoken(month))
}

#[cfg(test)]
mod tests;
