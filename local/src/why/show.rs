//! A story as it is read in a terminal.

use std::fmt::{self, Write};

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use programme::Zone;

use super::told::{Kind, MessageTold, Outcome, RuleTold, Story, Told};
use crate::table::{FAINT, HEADING, WARNING};

const YES: Style = AnsiColor::Green.on_default();
const NO: Style = AnsiColor::Red.on_default();

/// How much is told of each step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// What was decided.
    Brief,
    /// And why, and why not the other.
    Full,
}

/// The story with colours; what prints it drops them where they are not wanted.
pub(super) fn text(story: &Story, zone: Zone, detail: Detail) -> String {
    let mut out = String::new();
    for (place, told) in story.steps.iter().enumerate() {
        // A text takes what is written to it.
        let _ = step(&mut out, (story, told), zone, (detail, place > 0));
    }
    out
}

fn step(out: &mut String, (story, told): (&Story, &Told), zone: Zone, (detail, apart): (Detail, bool)) -> fmt::Result {
    let local = |at: Timestamp| zone.local(at).strftime("%Y-%m-%d %H:%M").to_string();
    if apart {
        writeln!(out)?;
    }
    write!(
        out,
        "{HEADING}{}{HEADING:#} of member {}  {} in {}",
        told.cause,
        story.member,
        local(told.at),
        zone.name()
    )?;
    if local(told.decided) != local(told.at) {
        write!(out, ", arrived {}", local(told.decided))?;
    }
    writeln!(out)?;
    if let Some(nothing) = &told.nothing {
        writeln!(out, "  {nothing}")?;
    }
    for entry in &told.entries {
        writeln!(out, "  {}", entry.says)?;
    }
    if let Some(otherwise) = &told.otherwise {
        writeln!(out, "  {WARNING}{otherwise}{WARNING:#}")?;
    }
    rules(out, told, detail)?;
    if detail == Detail::Full {
        for tier in &told.tiers {
            writeln!(out, "  {tier}")?;
        }
    }
    messages(out, &told.messages)
}

fn rules(out: &mut String, told: &Told, detail: Detail) -> fmt::Result {
    let is_told = |rule: &&RuleTold| match (detail, rule.outcome) {
        (_, Outcome::Counted) | (Detail::Full, Outcome::Not) => true,
        (Detail::Brief, Outcome::Not | Outcome::Elsewhere) => false,
        // At what falls due nearly everything waits for something else.
        (Detail::Full, Outcome::Elsewhere) => told.cause == rule.cause,
    };
    let rules: Vec<&RuleTold> = told.rules.iter().filter(is_told).collect();
    let widest = rules
        .iter()
        .map(|rule| rule.name.chars().count())
        .max()
        .unwrap_or_default();
    let mut kind = None;
    for rule in rules {
        if kind.replace(rule.kind) != Some(rule.kind) {
            let title = match rule.kind {
                Kind::Earn => "by the rules",
                Kind::Campaign => "campaigns",
                Kind::Mission => "missions",
                Kind::Audience => "audience",
            };
            let version = told.version.as_ref().map(|file| format!(" of {file}"));
            writeln!(out, "  {FAINT}{title}{}{FAINT:#}", version.unwrap_or_default())?;
        }
        let (style, mark) = match rule.outcome {
            Outcome::Counted => (YES, '✓'),
            Outcome::Not => (NO, '✗'),
            Outcome::Elsewhere => (FAINT, '·'),
        };
        write!(out, "    {style}{mark}{style:#} {:widest$}  {}", rule.name, rule.says)?;
        if detail == Detail::Full && !rule.because.is_empty() {
            write!(out, ": {}", rule.because)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn messages(out: &mut String, messages: &[MessageTold]) -> fmt::Result {
    if messages.is_empty() {
        return Ok(());
    }
    writeln!(out, "  {FAINT}messages{FAINT:#}")?;
    let widest = messages
        .iter()
        .map(|one| one.key.chars().count())
        .max()
        .unwrap_or_default();
    for message in messages {
        let says = message.says.join(", then ");
        let (style, mark) = match message.state {
            "sent" => (YES, '✓'),
            "suppressed" | "failed" => (NO, '✗'),
            _ => (FAINT, '·'),
        };
        writeln!(out, "    {style}{mark}{style:#} {:widest$}  {says}", message.key)?;
        if let Some(text) = &message.text {
            writeln!(out, "      {:widest$}  {FAINT}{text:?}{FAINT:#}", "")?;
        }
    }
    Ok(())
}
