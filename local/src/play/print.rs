//! The summary as it is read in a terminal.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::summary::{Points, ReadWrite, Replies, States, Summary};
use crate::table::{FAINT, HEADING, Row, Table, WARNING, thousands};

const BAR: Style = AnsiColor::Cyan.on_default();

/// A tier's bar at a share of 100 %, in characters.
const BAR_WIDTH: u64 = 32;

/// The summary as text with colours; what prints it drops them where they are not wanted.
pub(super) fn text(summary: &Summary, zone: &TimeZone) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut out, summary, zone);
    out
}

fn write(out: &mut String, summary: &Summary, zone: &TimeZone) -> fmt::Result {
    let day = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%-d %B %Y").to_string();
    let (from, to) = (day(summary.from), day(last_instant(summary.to)));
    writeln!(out, "\n{HEADING}{}{HEADING:#}  {from} to {to}", summary.programme)?;

    let counts = [
        ("Members", summary.members),
        ("Purchases", summary.purchases),
        ("Activities stored", summary.activities),
    ];
    let parts = ("SMS parts", summary.sms_parts);
    counted(
        out,
        "",
        counts.into_iter().chain(points(&summary.points)).chain([parts]),
    )?;
    for (name, wallet) in &summary.other_wallets {
        counted(out, &format!("Wallet {name}"), points(wallet).into_iter())?;
    }
    tiers(out, summary)?;
    lapsing(out, summary)?;
    rewards(out, summary)?;
    messages(out, summary)?;
    units(out, summary)?;
    notes(out, summary)
}

fn points(points: &Points) -> [(&'static str, u64); 6] {
    [
        ("Points earned", points.earned),
        ("Points spent", points.spent),
        ("Points lapsed", points.expired),
        ("Points taken back", points.returned),
        ("Points pending", points.pending),
        ("Points outstanding", points.outstanding),
    ]
}

fn counted(out: &mut String, heading: &str, counts: impl Iterator<Item = (&'static str, u64)>) -> fmt::Result {
    let mut table = Table::new(out);
    // Many a programme has no points that wait.
    for (name, count) in counts.filter(|(name, count)| *name != "Points pending" || *count > 0) {
        table.rows.push(Row::new(name, [thousands(count)]));
    }
    table.write(heading)
}

/// A run ends at a midnight; the day it ended is the one before.
fn last_instant(end: Timestamp) -> Timestamp {
    end.checked_sub(jiff::SignedDuration::from_nanos(1)).unwrap_or(end)
}

fn tiers(out: &mut String, summary: &Summary) -> fmt::Result {
    let all = summary.tiers.iter().map(|(_, count)| count).sum::<u64>().max(1);
    let mut table = Table::new(out);
    for (name, count) in &summary.tiers {
        let permille = count * 1_000 / all;
        let length = usize::try_from((count * BAR_WIDTH).div_ceil(all)).unwrap_or(0);
        let share = format!("{}.{} %", permille / 10, permille % 10);
        let bar = format!("{BAR}{}{BAR:#}", "█".repeat(length));
        table.rows.push(Row {
            after: bar,
            ..Row::new(name, [thousands(*count), share])
        });
    }
    table.write("Tiers")
}

fn rewards(out: &mut String, summary: &Summary) -> fmt::Result {
    if summary.rewards.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(out);
    table.columns = vec!["taken*", "not used"];
    for (name, counts) in &summary.rewards {
        let taken = counts.taken.map(thousands).unwrap_or_default();
        table.rows.push(Row::new(name, [taken, thousands(counts.unused)]));
    }
    table.write("Rewards")?;
    writeln!(
        out,
        "  {FAINT}* of those of which there are only so many, less what came back{FAINT:#}"
    )
}

/// What is owed to members, by the month in which it lapses unless it is spent.
fn lapsing(out: &mut String, summary: &Summary) -> fmt::Result {
    let most = summary
        .points
        .lapsing
        .values()
        .copied()
        .max()
        .unwrap_or_default()
        .max(1);
    let mut table = Table::new(out);
    for (month, count) in &summary.points.lapsing {
        let length = usize::try_from((count * BAR_WIDTH).div_ceil(most)).unwrap_or(0);
        let bar = format!("{BAR}{}{BAR:#}", "█".repeat(length));
        table.rows.push(Row {
            after: bar,
            ..Row::new(month, [thousands(*count)])
        });
    }
    if table.rows.is_empty() {
        return Ok(());
    }
    table.write("Outstanding points lapse in")
}

fn messages(out: &mut String, summary: &Summary) -> fmt::Result {
    let messages = &summary.messages;
    let mut table = Table::new(out);
    table.columns = vec![
        "sent",
        "merged",
        "waiting",
        "suppressed",
        "failed",
        "unknown",
        "deferred*",
    ];
    let cells = |states: &States| {
        [
            states.sent,
            states.merged,
            states.waiting,
            states.suppressed,
            states.failed,
            states.unknown,
            states.deferred,
        ]
        .map(thousands)
    };
    table.rows.extend(
        messages
            .by_kind
            .iter()
            .map(|(kind, states)| Row::new(kind, cells(states))),
    );
    for (nth, (channel, states)) in messages.by_channel.iter().enumerate() {
        let name = if channel == "none" {
            "no channel".to_owned()
        } else {
            format!("by {channel}")
        };
        table.rows.push(Row {
            apart: nth == 0,
            ..Row::new(&name, cells(states))
        });
    }
    table.rows.push(Row {
        apart: true,
        ..Row::new("all", cells(&messages.all))
    });
    table.write("Messages")?;
    writeln!(
        out,
        "  {FAINT}* waited for a better time; also counted where they ended{FAINT:#}"
    )?;
    reasons(out, "Put off by", &messages.deferred_by)?;
    reasons(out, "Suppressed because", &messages.suppressed_by_reason)?;
    replies(out, &summary.replies)
}

/// What members replied to SMS, and what that came to.
pub(crate) fn replies(out: &mut String, replies: &Replies) -> fmt::Result {
    if replies.all == 0 {
        return Ok(());
    }
    let mut table = Table::new(out);
    for (came, count) in &replies.came {
        table.rows.push(Row::new(came, [thousands(*count)]));
    }
    table.rows.push(Row {
        apart: true,
        ..Row::new("all", [thousands(replies.all)])
    });
    table
        .rows
        .push(Row::new("members who replied", [thousands(replies.members)]));
    table.rows.push(Row::new("answers sent*", [thousands(replies.answers)]));
    table.write("Replies to SMS came to")?;
    writeln!(out, "  {FAINT}* at once, and not among the messages{FAINT:#}")
}

fn reasons(out: &mut String, title: &str, counts: &BTreeMap<String, u64>) -> fmt::Result {
    if counts.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(out);
    for (reason, count) in counts {
        table.rows.push(Row::new(reason, [thousands(*count)]));
    }
    table.write(title)
}

fn units(out: &mut String, summary: &Summary) -> fmt::Result {
    let units = &summary.units;
    let mut table = Table::new(out);
    table.columns = vec!["read", "write"];
    let cells = |spent: &ReadWrite| [thousands(whole(spent.read)), thousands(spent.write)];
    for (name, spent) in [
        ("Activities", &units.activities),
        ("Members", &units.members),
        ("Messages", &units.messages),
    ] {
        table.rows.push(Row::new(name, cells(spent)));
    }
    table.rows.push(Row {
        apart: true,
        ..Row::new("all", cells(&units.total))
    });
    // What is no purchase changes accounts as well, and a cart or a return takes more: the average of all tells most.
    let per_activity = [String::new(), format!("{:.2}", units.members_write_per_activity)];
    table.rows.push(Row {
        apart: true,
        ..Row::new("Members, per activity", per_activity)
    });
    let decisions = &summary.send_decisions;
    let each = [
        decisions.members.read + decisions.messages.read,
        decisions.members.write + decisions.messages.write,
    ];
    table.rows.push(Row {
        apart: true,
        ..Row::new("a message decided*", each.map(|each| format!("{each:.2}")))
    });
    table.write("Capacity units of DynamoDB")?;
    let count = thousands(decisions.count);
    let cpu = decisions.cpu_microseconds.map_or_else(String::new, |each| {
        format!(", each in {}.{:02} ms of CPU time", each / 1_000, each % 1_000 / 10)
    });
    writeln!(
        out,
        "  {FAINT}* {count} decisions of publish-messages{cpu}; one that waited was decided again{FAINT:#}"
    )
}

fn notes(out: &mut String, summary: &Summary) -> fmt::Result {
    let orders = &summary.orders;
    writeln!(out)?;
    writeln!(out, "{}", summary.made_up.statement)?;
    if orders.times_made_up > 0 {
        let count = thousands(orders.times_made_up);
        writeln!(
            out,
            "{count} orders name a day and no time; a time between 09:00 and 21:59 follows from each id."
        )?;
    }
    if orders.left_out > 0 {
        writeln!(
            out,
            "{} orders lie after the last day played.",
            thousands(orders.left_out)
        )?;
    }
    if orders.refused > 0 {
        let count = thousands(orders.refused);
        writeln!(
            out,
            "{WARNING}{count} rows of {} were left out{WARNING:#}, first:",
            orders.file
        )?;
        for refused in &orders.first_refused {
            writeln!(out, "  {refused}")?;
        }
    }
    if summary.refused.count > 0 {
        let count = thousands(summary.refused.count);
        writeln!(
            out,
            "{WARNING}{count} activities were refused{WARNING:#} and are kept with their reason, first:"
        )?;
        for reason in &summary.refused.first {
            writeln!(out, "  {reason}")?;
        }
    }
    if summary.given_up > 0 {
        let count = thousands(summary.given_up);
        writeln!(
            out,
            "{WARNING}{count} records were given up{WARNING:#} and are kept whole, each with its reason."
        )?;
    }
    writeln!(out, "Played in {}.", wall(summary.wall_seconds))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a count of units: never negative, far below 2^53
fn whole(units: f64) -> u64 {
    units.round() as u64
}

fn wall(seconds: f64) -> String {
    let whole = whole(seconds);
    if whole >= 60 {
        format!("{} min {:02} s", whole / 60, whole % 60)
    } else {
        format!("{seconds:.1} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::play::summary::tests::example;
    use crate::table::width;

    #[test]
    fn the_text_names_the_totals_and_lines_up() {
        let text = anstream::adapter::strip_str(&text(&example(), &TimeZone::UTC)).to_string();
        assert!(
            text.contains("Paper Moon Records  1 January 1997 to 1 July 1998"),
            "{text}"
        );
        assert!(text.contains("6,919"), "{text}");
        assert!(text.contains("members who replied          8"), "{text}");
        let august: Vec<_> = text
            .lines()
            .find(|line| line.trim_start().starts_with("1998-08"))
            .into_iter()
            .flat_map(str::split_whitespace)
            .take(2)
            .collect();
        assert_eq!(august, ["1998-08", "100,000"], "{text}");
        assert!(
            text.contains("4 rows of data/orders.csv were left out, first:"),
            "{text}"
        );
        assert!(text.contains("Played in 3 min 12 s."), "{text}");
        let rows: Vec<_> = text
            .lines()
            .skip_while(|line| !line.starts_with("Messages"))
            .take(3)
            .collect();
        let ends = rows.iter().map(|row| width(row.trim_end())).collect::<Vec<_>>();
        assert!(ends.windows(2).all(|pair| pair.first() == pair.last()), "{rows:#?}");
    }
}
