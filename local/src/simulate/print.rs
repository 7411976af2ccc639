//! What a simulation came to, as it is read in a terminal.

use std::fmt::{self, Write};

use super::Simulated;
use super::against::{Against, Difference};
use super::numbers::{money, short, signed};
use super::report::{Report, Sent};
use crate::play::print::replies;
use crate::table::{FAINT, HEADING, Row, Table, WARNING, thousands};

/// The report as text with colours; what prints it drops them where they are not wanted.
pub(super) fn text(simulated: &Simulated) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut out, simulated);
    out
}

fn write(out: &mut String, simulated: &Simulated) -> fmt::Result {
    let report = &simulated.report;
    heading(out, simulated)?;
    points(out, report)?;
    tiers(out, report)?;
    messages(out, report)?;
    replies(out, &report.replies)?;
    months(out, report)?;
    lapsing(out, report)?;
    sums(out, report, simulated.against.as_ref())?;
    if let Some(against) = &simulated.against {
        differences(out, against)?;
    }
    notes(out, simulated)
}

fn heading(out: &mut String, simulated: &Simulated) -> fmt::Result {
    let report = &simulated.report;
    writeln!(
        out,
        "{HEADING}{}{HEADING:#}  {} members, {} purchases, simulated in {:.1} s on {} core{}",
        report.programme,
        thousands(report.members),
        thousands(report.purchases),
        simulated.seconds,
        simulated.cores,
        if simulated.cores == 1 { "" } else { "s" }
    )
}

fn points(out: &mut String, report: &Report) -> fmt::Result {
    let mut table = Table::new(out);
    table.columns = vec!["issued", "returned", "spent", "lapsed", "pending", "outstanding"];
    let cells = |points: &super::report::Points| {
        [
            points.issued,
            points.returned,
            points.spent,
            points.expired,
            points.pending,
            points.outstanding,
        ]
        .map(signed)
    };
    let months = report.months.iter();
    table
        .rows
        .extend(months.map(|month| Row::new(&month.name, cells(&month.points))));
    table.rows.push(Row {
        apart: true,
        ..Row::new("all", cells(&report.points))
    });
    table.write("Points")
}

fn tiers(out: &mut String, report: &Report) -> fmt::Result {
    let names = report
        .months
        .first()
        .map(|month| month.tiers.as_slice())
        .unwrap_or_default();
    let mut table = Table::new(out);
    let head: Vec<String> = names.iter().map(|(name, _)| name.clone()).collect();
    table.rows.push(Row {
        cells: head,
        ..Row::new("", [])
    });
    table.rows.extend(report.months.iter().map(|month| Row {
        cells: month.tiers.iter().map(|(_, count)| signed(*count)).collect(),
        ..Row::new(&month.name, [])
    }));
    table.write("Members by tier, at each month's end")
}

fn messages(out: &mut String, report: &Report) -> fmt::Result {
    let mut table = Table::new(out);
    table.columns = vec!["channel", "messages", "SMS parts", "most in one", "as UCS-2", "cost"];
    let row = |name: &str, channel: Option<&str>, sent: &Sent| {
        let [messages, parts, cost] = cells(report, sent);
        let (most, ucs2) = (thousands(u64::from(sent.most_parts)), thousands(sent.ucs2));
        let none = String::new;
        let [parts, most, ucs2, cost] = match channel {
            Some("sms" | "") => [parts, most, ucs2, cost],
            Some(_) => [none(), none(), none(), cost],
            None => [none(), none(), none(), none()],
        };
        let channel = channel.unwrap_or("suppressed").to_owned();
        Row::new(name, [channel, messages, parts, most, ucs2, cost])
    };
    let by_kind = report.by_kind();
    table
        .rows
        .extend(by_kind.iter().map(|((kind, channel), sent)| row(kind, *channel, sent)));
    table.rows.push(Row {
        apart: true,
        ..row("all that were sent", Some(""), &report.messages.all)
    });
    table.write("Messages")
}

fn months(out: &mut String, report: &Report) -> fmt::Result {
    let mut table = Table::new(out);
    table.columns = vec!["messages", "SMS parts", "cost"];
    let months = report.months.iter();
    table
        .rows
        .extend(months.map(|month| Row::new(&month.name, cells(report, &month.messages))));
    table.write("Messages by month")
}

fn lapsing(out: &mut String, report: &Report) -> fmt::Result {
    for (wallet, owed) in &report.liability {
        let mut table = Table::new(out);
        table.rows.extend([
            Row::new("outstanding", [signed(owed.outstanding)]),
            Row::new("reserved", [signed(owed.reserved)]),
            Row::new("pending", [signed(owed.pending)]),
            Row::new("owed by members", [signed(owed.by_members)]),
        ]);
        let lapsing = owed.lapsing.iter();
        table
            .rows
            .extend(lapsing.map(|(month, points)| Row::new(&format!("lapsing {month}"), [signed(*points)])));
        table.write(&format!("Owed to members, wallet {wallet}"))?;
    }
    Ok(())
}

/// Both programmes side by side, or the one.
fn sums(out: &mut String, report: &Report, against: Option<&Against>) -> fmt::Result {
    let both: Vec<&Report> = std::iter::once(report)
        .chain(against.map(|against| &against.report))
        .collect();
    let row = |name: &str, of: &dyn Fn(&Report) -> String| Row {
        cells: both.iter().map(|report| of(report)).collect(),
        ..Row::new(name, [])
    };
    let mut table = Table::new(out);
    table.columns = if against.is_some() {
        vec!["this", "against"]
    } else {
        Vec::new()
    };
    table.rows.extend([
        row("points issued", &|report| signed(report.points.issued)),
        row("points spent", &|report| signed(report.points.spent)),
        row("points lapsed", &|report| signed(report.points.expired)),
        row("points outstanding", &|report| signed(report.points.outstanding)),
        row("points pending", &|report| signed(report.points.pending)),
        row("messages sent", &|report| thousands(report.messages.all.messages)),
        row("SMS parts", &|report| thousands(report.messages.all.parts)),
        row("cost of messages", &|report| {
            money(report.currency(), &report.messages.all.cost)
        }),
        row("write units", &|report| thousands(report.aws.write_units)),
        row("read units", &|report| thousands(report.aws.read_units)),
        row("cost of units, USD", &|report| short(&report.aws.cost)),
    ]);
    table.write("In all")
}

fn differences(out: &mut String, against: &Against) -> fmt::Result {
    for (title, count, named) in [
        ("Gain", against.gaining, &against.gain_most),
        ("Lose", against.losing, &against.lose_most),
    ] {
        let mut table = Table::new(out);
        table.columns = vec!["points", "against", "change"];
        table.rows.extend(named.iter().map(difference));
        table.write(&format!("{title}: {} members", thousands(count)))?;
    }
    Ok(())
}

fn difference(one: &Difference) -> Row {
    let change = one.points - one.against;
    let after = if one.tier == one.tier_against {
        one.tier.clone()
    } else {
        format!("{}, against {}", one.tier, one.tier_against)
    };
    Row {
        after: format!("{FAINT}{after}{FAINT:#}"),
        ..Row::new(
            &one.member,
            [signed(one.points), signed(one.against), format!("{change:+}")],
        )
    }
}

fn notes(out: &mut String, simulated: &Simulated) -> fmt::Result {
    let (report, orders) = (&simulated.report, &simulated.orders);
    writeln!(out)?;
    for (code, count) in &report.refused {
        let were = if *count == 1 { "activity was" } else { "activities were" };
        writeln!(out, "{WARNING}{} {were} refused: {code}.{WARNING:#}", thousands(*count))?;
    }
    if orders.refused > 0 {
        writeln!(
            out,
            "{WARNING}{} rows are left out, first:{WARNING:#}",
            thousands(orders.refused)
        )?;
        for refused in &orders.first_refused {
            writeln!(out, "  {refused}")?;
        }
    }
    if report.messages.currency.is_none() {
        writeln!(out, "The programme has no [prices], so messages cost nothing here.")?;
    }
    writeln!(
        out,
        "{FAINT}{} Units are an estimate: {}{FAINT:#}",
        simulated.made_up.statement, report.aws.assumed
    )
}

fn cells(report: &Report, sent: &Sent) -> [String; 3] {
    [
        thousands(sent.messages),
        thousands(sent.parts),
        money(report.currency(), &sent.cost),
    ]
}
