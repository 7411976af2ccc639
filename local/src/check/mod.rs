//! `regulars check`: what is wrong with a programme, all at once and each in its line.

mod schema;
mod show;

use std::path::{Path, PathBuf};

use anstream::{print, println};
use programme::{Files, LoadError, Mistake, Programme, Severity};
use serde::Serialize;

use crate::cli::CheckOptions;
use crate::project;
pub use schema::schema;
pub use show::shown;

/// Why nothing can be told of a programme. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    #[error("there is no folder {0}; name the folder that holds programme.toml and texts/")]
    NoFolder(String),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error("the mistakes cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// A mistake as programs read it.
#[derive(Debug, Serialize)]
struct ForPrograms<'a> {
    severity: Severity,
    file: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    what: &'a str,
    mend: Option<&'a str>,
}

/// Checks a programme and prints what is wrong; whether it may be used.
pub fn run(options: &CheckOptions) -> Result<bool, CheckError> {
    if options.schema {
        println!("{}", serde_json::to_string_pretty(&schema())?);
        return Ok(true);
    }
    let folder = options.folder.clone().unwrap_or_else(project::programme_dir);
    let name = named(&folder);
    if !folder.is_dir() {
        return Err(CheckError::NoFolder(name));
    }
    let files = Files::read(&folder)?;
    let checked = Programme::of(&files);
    let mistakes = match &checked {
        Ok(programme) => &programme.warnings,
        Err(mistakes) => mistakes,
    };
    if options.json {
        let list: Vec<_> = mistakes.iter().map(|mistake| for_programs(&name, mistake)).collect();
        println!("{}", serde_json::to_string_pretty(&list)?);
    } else {
        // The colours go where nobody sees them.
        print!("{}", shown(&name, &files, mistakes, true));
        println!("{}", last_line(&name, checked.as_ref().ok(), mistakes));
    }
    Ok(checked.is_ok() && (mistakes.is_empty() || !options.strict))
}

/// A folder as it is written in a sentence.
fn named(folder: &Path) -> String {
    let name = folder.display().to_string();
    if name.ends_with('/') { name } else { format!("{name}/") }
}

fn for_programs<'a>(folder: &str, mistake: &'a Mistake) -> ForPrograms<'a> {
    ForPrograms {
        severity: mistake.severity,
        file: format!("{folder}{}", mistake.file),
        line: mistake.line,
        column: mistake.column,
        end_line: mistake.end_line,
        end_column: mistake.end_column,
        what: &mistake.what,
        mend: mistake.mend.as_deref(),
    }
}

fn count(number: usize, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

/// What there is in all.
fn last_line(folder: &str, programme: Option<&Programme>, mistakes: &[Mistake]) -> String {
    let of = |severity| mistakes.iter().filter(|mistake| mistake.severity == severity).count();
    let warnings = count(of(Severity::Warning), "warning", "warnings");
    let Some(programme) = programme else {
        let errors = count(of(Severity::Error), "error", "errors");
        return match of(Severity::Warning) {
            0 => format!("{errors} in {folder}"),
            _ => format!("{errors}, {warnings} in {folder}"),
        };
    };
    let tiers = programme.tier_sets().map(|tiers| tiers.levels.get_ref().len()).sum();
    let kinds = programme::MessageKind::ALL
        .into_iter()
        .filter(|kind| kind.is_of_the_ledger());
    let more = [
        (programme.campaigns.len(), "campaign", "campaigns"),
        (programme.missions.len(), "mission", "missions"),
        (programme.broadcasts.len(), "broadcast", "broadcasts"),
    ];
    let more = more.into_iter().filter(|(number, ..)| *number > 0);
    let more: String = more
        .map(|(number, one, many)| format!("{}, ", count(number, one, many)))
        .collect();
    let mut sound = format!(
        "{}, {}, {}, {}, {more}{} in {}",
        count(programme.currencies().len(), "currency", "currencies"),
        count(programme.wallets.len(), "wallet", "wallets"),
        count(tiers, "tier", "tiers"),
        count(programme.rewards.len(), "reward", "rewards"),
        count(kinds.count(), "message", "messages"),
        count(programme.texts.locales().count(), "language", "languages"),
    );
    let versions = programme.versions().count();
    if versions > 1 {
        sound = format!("{versions} versions, the newest with {sound}");
    }
    match mistakes.len() {
        0 => format!("{folder} is sound: {sound}"),
        _ => format!("{folder} can be used, with {warnings}: {sound}"),
    }
}

/// Tells of what is doubtful in a programme that is used, for who does not check it.
pub fn warn(programme: &Programme, folder: &Path) {
    let style = anstyle::AnsiColor::Yellow.on_default().bold();
    for mistake in &programme.warnings {
        let file: PathBuf = folder.join(&mistake.file);
        let (line, what) = (mistake.line, &mistake.what);
        anstream::eprintln!("{style}warning{style:#}: {}:{line}: {what}", file.display());
    }
}
