//! What is owed, as it is read in a terminal.

use std::fmt::{self, Write};

use jiff::tz::TimeZone;
use programme::Points;

use super::{InWallet, Report};
use crate::cli::By;
use crate::table::{FAINT, HEADING, Row, Table, WARNING, thousands};

/// The report as text with colours; what prints it drops them where they are not wanted.
pub(super) fn text(report: &Report, zone: &TimeZone, by: By) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut out, report, zone, by);
    out
}

fn write(out: &mut String, report: &Report, zone: &TimeZone, by: By) -> fmt::Result {
    let at = report.at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    let member = report.member.as_ref();
    let member = member.map_or(String::new(), |member| format!(", member {member}"));
    writeln!(out, "{HEADING}{}{member}{HEADING:#}  {at}", report.programme)?;
    for wallet in &report.wallets {
        sums(out, report, wallet)?;
        coming(out, report, wallet, by)?;
    }
    damaged(out, report)
}

fn sums(out: &mut String, report: &Report, wallet: &InWallet) -> fmt::Result {
    let what_for = if wallet.spendable {
        "can be spent"
    } else {
        "only counts"
    };
    let mut table = Table::new(out);
    if report.member.is_none() {
        let members = [thousands(wallet.members)];
        table.rows.push(Row::new("Members with points", members));
    }
    table.rows.extend([
        Row {
            after: format!("{FAINT}{what_for}{FAINT:#}"),
            ..Row::new("Outstanding", [shown(wallet.outstanding)])
        },
        Row::new("Reserved", [shown(wallet.reserved)]),
        Row::new("Pending", [shown(wallet.pending)]),
        Row::new("Owed by members", [shown(wallet.owed)]),
    ]);
    if wallet.title == wallet.name {
        table.write(&format!("Wallet {}", wallet.name))
    } else {
        table.write(&format!("Wallet {}, {}", wallet.name, wallet.title))
    }
}

fn coming(out: &mut String, report: &Report, wallet: &InWallet, by: By) -> fmt::Result {
    let mut table = Table::new(out);
    table.columns = vec!["lapsing", "unlocking"];
    for row in &wallet.coming {
        let when = row.when.as_deref().unwrap_or_default();
        table.rows.push(Row::new(when, [row.lapsing, row.unlocking].map(shown)));
    }
    let sum = report.through.map_or("all".to_owned(), |day| format!("through {day}"));
    table.rows.push(Row {
        apart: !wallet.coming.is_empty(),
        ..Row::new(&sum, [wallet.sum.lapsing, wallet.sum.unlocking].map(shown))
    });
    let each = match by {
        By::Month => "month",
        By::Day => "day",
    };
    table.write(&format!("{} by {each}", wallet.name))
}

fn damaged(out: &mut String, report: &Report) -> fmt::Result {
    if report.damaged.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{WARNING}These accounts cannot be read{WARNING:#} and are in no sum; `regulars audit` tells more:"
    )?;
    for unread in &report.damaged {
        writeln!(out, "member {}, {}", unread.member, unread.why)?;
    }
    Ok(())
}

/// No sum here is below nought.
fn shown(points: Points) -> String {
    thousands(points.get().unsigned_abs())
}
