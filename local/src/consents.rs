//! `regulars consents`: the evidence of what members agreed to and took back, of one member or of all.

use std::io::{self, BufWriter, Write};

use anstream::print;
use jiff::Timestamp;
use jiff::civil::Date;
use ledger::MemberId;
use messages::Profile;
use programme::{Programme, WordingHash, Zone};
use serde::Serialize;
use store::{Evidence, StoredProfile, Whose};

use crate::cli::{Source, date};
use crate::ledgers::{LedgersError, Opened};
use crate::table::{Row, Table};

pub(crate) const CONSENTS_EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  cargo run -- consents 01001 --data kept
      what member 01001 agreed to and took back in the run kept with --data kept, and what is in force
  cargo run -- consents --export --data kept > consents.csv
      all evidence there is, oldest first
  cargo run -- consents --export --from 2026-01-01 --through 2026-03-31 --json --table regulars-dev-MembersTable-1ABC
      a quarter's out of a deployed table, a line of JSON for each";

/// Whose evidence is told, and how.
#[derive(Debug, Clone, clap::Args)]
pub struct ConsentsOptions {
    /// The member's id, as the shop gave it
    #[arg(required_unless_present = "export", conflicts_with = "export")]
    pub member: Option<MemberId>,

    /// Write out all evidence, oldest first
    #[arg(long)]
    pub export: bool,

    /// Only that of this day or later, such as 2026-01-01, by the programme's zone
    #[arg(long, value_name = "DATE", value_parser = date, requires = "export")]
    pub from: Option<Date>,

    /// Only that up to and with this day
    #[arg(long, value_name = "DATE", value_parser = date, requires = "export")]
    pub through: Option<Date>,

    /// A line of JSON for each
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,

    /// A table with commas, its first row the columns' names; an export is one if nothing else is said
    #[arg(long)]
    pub csv: bool,

    #[command(flatten)]
    pub source: Source,
}

/// Why no evidence is told. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ConsentsError {
    #[error(transparent)]
    Ledgers(#[from] LedgersError),
    #[error("there is no member {0}, and no evidence of one; `regulars consents --export` tells all there is")]
    NoMember(MemberId),
    #[error("the evidence cannot be written to standard output: {0}")]
    Write(io::Error),
    #[error("--from {from} lies after --through {through}, so no day is left; turn them round")]
    NoDays { from: Date, through: Date },
}

/// Tells a member's evidence, or writes out everybody's.
pub async fn run(options: &ConsentsOptions) -> Result<(), ConsentsError> {
    if let (Some(from), Some(through)) = (options.from, options.through)
        && from > through
    {
        return Err(ConsentsError::NoDays { from, through });
    }
    let opened = Opened::open(&options.source).await?;
    let told = told(options, &opened).await;
    opened.close().await;
    told
}

async fn told(options: &ConsentsOptions, opened: &Opened) -> Result<(), ConsentsError> {
    let programme = &opened.programme;
    let Some(member) = &options.member else {
        let evidence = all(options, opened).await?;
        return export(programme, &evidence, options.json, io::stdout().lock());
    };
    let failed = |why| ConsentsError::Ledgers(LedgersError::from(why));
    let evidence = opened.store.evidence_of(member).await.map_err(failed)?;
    let stored = opened.store.profile(member).await.map_err(failed)?;
    if evidence.is_empty() && stored.is_none() {
        return Err(ConsentsError::NoMember(member.clone()));
    }
    if options.json || options.csv {
        return export(programme, &evidence, options.json, io::stdout().lock());
    }
    print!("{}", table(member, stored.as_ref(), &evidence, programme.zone));
    Ok(())
}

/// All evidence of the days that are asked for, in order of time.
async fn all(options: &ConsentsOptions, opened: &Opened) -> Result<Vec<Evidence>, ConsentsError> {
    let zone = opened.programme.zone;
    let day = |evidence: &Evidence| zone.local(evidence.at).date();
    let is_asked_for = |evidence: &Evidence| {
        options.from.is_none_or(|from| from <= day(evidence))
            && options.through.is_none_or(|through| day(evidence) <= through)
    };
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = opened.store.all_evidence(after).await;
        let (found, next) = page.map_err(LedgersError::from)?;
        all.extend(found.into_iter().filter(is_asked_for));
        after = next;
        if after.is_none() {
            all.sort_by(|one, other| one.order().cmp(&other.order()));
            return Ok(all);
        }
    }
}

/// A consent as it is written out. Nobody's name is, and a phone number only where the evidence is the number's own.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Exported<'a> {
    at: Timestamp,
    member: Option<&'a str>,
    number: Option<&'a str>,
    channel: Option<&'a str>,
    purpose: Option<&'a str>,
    given: Option<bool>,
    source: &'a str,
    place: Option<&'a str>,
    wording: Option<&'a str>,
    wording_locale: Option<&'a str>,
    wording_hash: Option<&'a str>,
    /// The very words, where the programme declares some that have this hash.
    words: Option<&'a str>,
    actor: Option<&'a str>,
    reason: Option<&'a str>,
    asked: Option<&'a str>,
    came_to: Option<&'a str>,
    received: Option<Timestamp>,
    id: &'a str,
}

impl<'a> Exported<'a> {
    fn of(evidence: &'a Evidence, programme: &'a Programme) -> Self {
        let hash: Option<WordingHash> = evidence.wording_hash.as_deref().and_then(|hash| hash.parse().ok());
        let (member, number) = match &evidence.whose {
            Whose::Member(member) => (Some(member.as_str()), None),
            Whose::Number(number) => (None, Some(number.as_str())),
        };
        Self {
            at: evidence.at,
            member,
            number,
            channel: evidence.channel.as_deref(),
            purpose: evidence.purpose.as_deref(),
            given: evidence.granted,
            source: &evidence.source,
            place: evidence.place.as_deref(),
            wording: evidence.wording.as_deref(),
            wording_locale: evidence.wording_locale.as_deref(),
            wording_hash: evidence.wording_hash.as_deref(),
            words: hash.and_then(|hash| programme.words_of(hash)).map(|(.., words)| words),
            actor: evidence.actor.as_deref(),
            reason: evidence.reason.as_deref(),
            asked: evidence.class.as_deref(),
            came_to: evidence.came.as_deref(),
            received: evidence.received,
            id: &evidence.id,
        }
    }
}

/// Writes evidence as a table of commas with a first row of names, or a line of JSON for each.
fn export(programme: &Programme, evidence: &[Evidence], json: bool, out: impl Write) -> Result<(), ConsentsError> {
    let mut out = BufWriter::new(out);
    let rows = evidence.iter().map(|evidence| Exported::of(evidence, programme));
    let written = if json {
        lines(rows, &mut out)
    } else {
        commas(rows, evidence.is_empty(), &mut out)
    };
    match written.and_then(|()| out.flush()) {
        // Who reads has read enough: `| head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(ConsentsError::Write),
    }
}

fn lines<'a>(rows: impl Iterator<Item = Exported<'a>>, out: &mut impl Write) -> io::Result<()> {
    for row in rows {
        serde_json::to_writer(&mut *out, &row)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn commas<'a>(rows: impl Iterator<Item = Exported<'a>>, none: bool, out: &mut impl Write) -> io::Result<()> {
    if none {
        return out.write_all(NAMES.as_bytes());
    }
    let mut writer = csv::Writer::from_writer(out);
    for row in rows {
        writer.serialize(row).map_err(io::Error::other)?;
    }
    writer.flush()
}

/// The first row, which the writer makes itself of the first consent.
const NAMES: &str = "at,member,number,channel,purpose,given,source,place,wording,wording-locale,wording-hash,words,actor,\
                     reason,asked,came-to,received,id\n";

fn table(member: &MemberId, stored: Option<&StoredProfile>, evidence: &[Evidence], zone: Zone) -> String {
    let mut out = String::new();
    let mut table = Table::new(&mut out);
    table.columns = vec!["channel", "purpose", "", "by", "place", "wording", "hash"];
    for one in evidence {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let by = one.actor.clone().unwrap_or_else(|| one.source.clone());
        let hash = text(&one.wording_hash).get(..12).map(|hash| format!("{hash}…"));
        let cells = [
            text(&one.channel),
            text(&one.purpose),
            one.granted
                .map_or("", |given| if given { "given" } else { "withdrawn" })
                .to_owned(),
            by,
            text(&one.place),
            shortened(one.wording.as_deref().unwrap_or_default()),
            hash.unwrap_or_default(),
        ];
        let at = zone.local(one.at).strftime("%Y-%m-%d %H:%M").to_string();
        table.rows.push(Row::new(&at, cells));
    }
    // A text takes what is written to it.
    table.write(&format!("Consents of {member}")).unwrap_or_default();
    let profile = stored.map(|stored| &stored.profile);
    out += &format!("\n  in force now: {}\n", profile.map_or_else(String::new, in_force));
    out
}

fn in_force(profile: &Profile) -> String {
    let named = |consents: &std::collections::BTreeSet<_>| {
        let names = consents
            .iter()
            .map(|(channel, purpose): &(programme::Channel, programme::Purpose)| {
                format!("{} {}", channel.name(), purpose.name())
            });
        names.collect::<Vec<_>>().join(", ")
    };
    match (profile.consents.is_empty(), profile.withheld.is_empty()) {
        (true, true) => "nothing".to_owned(),
        (false, true) => named(&profile.consents),
        (true, false) => format!(
            "nothing; withheld, since the number is stopped: {}",
            named(&profile.withheld)
        ),
        (false, false) => format!(
            "{}; withheld, since the number is stopped: {}",
            named(&profile.consents),
            named(&profile.withheld)
        ),
    }
}

/// Words that would make the table too wide are cut; an export has them whole.
fn shortened(words: &str) -> String {
    const LONGEST: usize = 32;
    if words.chars().count() <= LONGEST {
        return words.to_owned();
    }
    let kept: String = words.chars().take(LONGEST).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn evidence(words: &str) -> Evidence {
        let text = |text: &str| Some(text.to_owned());
        Evidence {
            whose: Whose::Member("m-1".parse().unwrap()),
            at: "2026-03-02T15:00:00Z".parse().unwrap(),
            id: "sign-up~0".to_owned(),
            received: None,
            channel: text("sms"),
            purpose: text("promotional"),
            granted: Some(true),
            source: "sign-up".to_owned(),
            place: text("till 4"),
            wording: text(words),
            wording_hash: text(&WordingHash::of(words).to_string()),
            wording_locale: None,
            actor: None,
            reason: None,
            class: None,
            came: None,
        }
    }

    fn exported(evidence: &[Evidence], json: bool) -> String {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../program");
        let programme = Programme::load(&folder).unwrap();
        let mut out = Vec::new();
        export(&programme, evidence, json, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn whatever_was_said_comes_back_out_of_the_table() {
        let words = "Text me, \"please\"\nin two lines; 积分";
        let table = exported(&[evidence(words)], false);
        assert!(table.starts_with(NAMES), "{table}");
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let row = reader.records().next().unwrap().unwrap();
        assert_eq!((row.get(8), row.get(10).map(str::len)), (Some(words), Some(64)));
        assert_eq!(exported(&[], false), NAMES);
        let json: serde_json::Value = serde_json::from_str(&exported(&[evidence(words)], true)).unwrap();
        assert_eq!(json["wording"], words);
        assert_eq!(json["place"], "till 4");
    }
}
