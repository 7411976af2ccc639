//! What a broadcast would come to, and how far one is, as it is read in a terminal.

use jiff::Timestamp;
use programme::{Broadcast, Channel, Past, Programme, Zone};
use store::Started;

use super::estimate::Estimate;
use crate::simulate::rounded;
use crate::table::{Row, Table, thousands};

pub(super) fn estimate(programme: &Programme, broadcast: &Broadcast, estimate: &Estimate) -> String {
    let mut out = String::new();
    let currency = programme.prices.as_ref().map(|prices| prices.currency.code());
    let money = |cost: u64| currency.map_or_else(String::new, |code| format!("{code} {}", rounded(u128::from(cost))));
    let mut table = Table::new(&mut out);
    table.columns = vec!["members", "SMS parts", "cost"];
    let mut row = |name: &str, count: u64| {
        let cells = [thousands(count), String::new(), String::new()];
        table.rows.push(Row::new(name, cells));
    };
    row("all", estimate.members);
    row("in the audience", estimate.audience);
    if estimate.past > 0 {
        row("  whose time is over", estimate.past);
    }
    for (reason, count) in &estimate.never {
        row(&format!("  not at all: {reason}"), *count);
    }
    if estimate.damaged > 0 {
        row("  cannot be read", estimate.damaged);
    }
    for (channel, by) in &estimate.by {
        let (name, parts) = match channel {
            Channel::Sms => ("  by SMS", thousands(by.parts)),
            Channel::Push => ("  by push", String::new()),
        };
        let cells = [thousands(by.messages), parts, money(by.cost)];
        table.rows.push(Row::new(name, cells));
    }
    let mut sent = Row::new(
        "messages",
        [thousands(estimate.messages()), String::new(), money(estimate.cost())],
    );
    sent.apart = true;
    table.rows.push(sent);
    let title = format!("Broadcast {}", broadcast.name);
    // A text takes what is written to it.
    table.write(&title).unwrap_or_default();
    let past = match broadcast.past {
        Past::Skip => "who lives where that is over does not get it",
        Past::Send => "who lives where that is over gets it at once",
        Past::NextDay => "who lives where that is over gets it at that hour of their next day",
    };
    out.push_str(&format!(
        "\nIt goes at {} where each member lives; {past}.\n",
        broadcast.at
    ));
    if let Some((first, last)) = estimate.span {
        let (zone, first, last) = (
            programme.zone.name(),
            at(first, programme.zone),
            at(last, programme.zone),
        );
        out.push_str(&format!("The first goes at {first}, the last at {last} ({zone}).\n"));
    }
    for (by, count) in &estimate.later {
        out.push_str(&format!("{} of them go later, put off by {by}.\n", thousands(*count)));
    }
    if currency.is_none() {
        out.push_str("The programme has no [prices], so messages cost nothing here.\n");
    }
    let (read, write) = (estimate.usage.read(), estimate.usage.write());
    let usd = rounded(estimate.usage.cost());
    out.push_str(&format!(
        "On AWS: {} read units and {} write units, USD {usd}.\n",
        thousands(read),
        thousands(write)
    ));
    out
}

pub(super) fn progress(started: &Started, is_held: bool, zone: Zone) -> String {
    let (name, by) = (&started.name, &started.by);
    let begun = at(started.at, zone);
    let count = thousands(started.stated);
    let far = match started.done {
        Some(done) => format!(
            "Everybody was asked by {}: {count} messages were stated.",
            at(done, zone)
        ),
        None if is_held => format!("It is paused: {count} messages are stated by now."),
        None if started.walk.has_begun() => format!("It is under way: {count} messages are stated by now."),
        None => "It has not begun; the alarm clock's next round begins it.".to_owned(),
    };
    format!("{name} was started at {begun} by {by}. {far} It is sent once; another one has another name.\n")
}

fn at(at: Timestamp, zone: Zone) -> String {
    zone.rules().to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string()
}
