//! A preview as it is read in a terminal.

use std::fmt::Write;

use jiff::Timestamp;
use programme::Zone;

use super::Preview;
use super::judged::{Outcome, Previewed, Sent, Summary};
use crate::table::{FAINT, HEADING, WARNING, thousands, width};

/// The whole of it.
pub(super) fn text(preview: &Preview, zone: Zone) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut out, preview, zone);
    out
}

fn write(out: &mut String, preview: &Preview, zone: Zone) -> std::fmt::Result {
    let kind = preview.kind.name();
    let (at, name) = (local(preview.at, zone), zone.name());
    writeln!(
        out,
        "{HEADING}{kind}{HEADING:#}  as of {at} in {name}, times below in each member's own zone"
    )?;
    let rows: Vec<[String; 7]> = preview.members.iter().map(|one| row(preview, one, zone)).collect();
    let names = ["member", "locale", "channel", "to", "parts", "cost", "goes"];
    let widths: Vec<usize> = (0..names.len())
        .map(|nth| {
            let cells = rows.iter().filter_map(|row| row.get(nth)).map(|cell| width(cell));
            cells
                .chain(names.get(nth).map(|name| name.len()))
                .max()
                .unwrap_or_default()
        })
        .collect();
    let line = |cells: &[&str]| {
        let cells = cells.iter().zip(&widths);
        let padded = cells.map(|(cell, wide)| format!("{cell}{}", " ".repeat(wide.saturating_sub(width(cell)))));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    writeln!(out, "\n  {FAINT}{}{FAINT:#}", line(&names))?;
    for (one, row) in preview.members.iter().zip(&rows) {
        writeln!(out, "  {}", line(&row.each_ref().map(String::as_str)))?;
        if let Some(sent) = &one.sent {
            for said in [&sent.title, &sent.text].into_iter().filter(|said| !said.is_empty()) {
                writeln!(out, "    {}", said.replace('\n', "\n    "))?;
            }
        }
    }
    summary(out, preview)
}

fn local(at: Timestamp, zone: Zone) -> String {
    zone.local(at).strftime("%Y-%m-%d %H:%M").to_string()
}

fn row(preview: &Preview, one: &Previewed, programmes: Zone) -> [String; 7] {
    let zone = Zone::parse(&one.zone).unwrap_or(programmes);
    let reason = one.reason.as_deref().unwrap_or_default();
    let goes = match (one.outcome, one.at) {
        (Outcome::Sent, _) => "at once".to_owned(),
        (Outcome::Deferred, Some(at)) => format!("{}, for {reason}", local(at, zone)),
        (Outcome::Deferred, None) => format!("later, for {reason}"),
        (Outcome::Paused, _) => format!("when {reason} is resumed"),
        (Outcome::Suppressed, _) => format!("never, {reason}"),
        (Outcome::Nothing, _) => "there is nothing to tell them".to_owned(),
    };
    let of = |say: &dyn Fn(&Sent) -> String| one.sent.as_ref().map(say).unwrap_or_default();
    let parts = |sent: &Sent| {
        let encoding = sent.encoding.map(|encoding| format!("{} {encoding}", sent.parts));
        encoding.unwrap_or_default()
    };
    let cost = |sent: &Sent| {
        let cost = sent.cost_millionths.filter(|_| preview.currency.is_some());
        cost.map(money).unwrap_or_default()
    };
    [
        one.member.clone(),
        one.locale.clone(),
        of(&|sent| sent.channel.to_owned()),
        of(&|sent| sent.to.clone().unwrap_or_default()),
        of(&parts),
        of(&cost),
        goes,
    ]
}

/// Millionths as a decimal, with no more noughts at its end than money has.
fn money(millionths: u64) -> String {
    let decimal = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
    let kept = decimal.trim_end_matches('0').len();
    let least = decimal.len() - 4;
    decimal.get(..kept.max(least)).unwrap_or(&decimal).to_owned()
}

fn summary(out: &mut String, preview: &Preview) -> std::fmt::Result {
    let Summary {
        shown,
        could_be_told,
        members,
        at_once,
        later,
        paused,
        ref suppressed,
        sms,
        parts,
        most_parts,
        ref most_parts_of,
        ucs2,
        cost_millionths,
        nothing: _,
    } = preview.summary;
    let (told, all) = (thousands(could_be_told), thousands(members));
    writeln!(out, "\n  {shown} shown; of {all} members, {told} could be told so")?;
    let never: usize = suppressed.values().sum();
    let reasons: Vec<String> = suppressed
        .iter()
        .map(|(reason, count)| format!("{reason} {count}"))
        .collect();
    let reasons = if reasons.is_empty() {
        String::new()
    } else {
        format!(" ({})", reasons.join(", "))
    };
    let get = at_once + later;
    writeln!(
        out,
        "  {get} would get it: {at_once} at once, {later} later; {paused} wait for what is paused; {never} never{reasons}"
    )?;
    if sms > 0 {
        let style = if most_parts > 1 { WARNING } else { anstyle::Style::new() };
        let whose = most_parts_of.as_deref().unwrap_or_default();
        writeln!(
            out,
            "  {sms} by SMS, {ucs2} of them as UCS-2, {parts} parts; {style}the most in one: {most_parts}{style:#} ({whose})"
        )?;
    }
    match (cost_millionths, preview.currency) {
        (Some(cost), Some(currency)) => writeln!(out, "  {currency} {} in all", money(cost)),
        _ => writeln!(out, "  [prices] of the programme would say what they cost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_two_places_or_as_many_as_it_needs() {
        let cases = [
            (8_490, "0.00849"),
            (1_500_000, "1.50"),
            (0, "0.00"),
            (1, "0.000001"),
            (12_000_000, "12.00"),
        ];
        for (millionths, text) in cases {
            assert_eq!(money(millionths), text);
        }
    }
}
