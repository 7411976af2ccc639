//! `regulars approvals`: which texts a provider has let pass, and which it has to.

use std::fmt::Write;
use std::path::PathBuf;

use anstream::{print, println};
use programme::{ApprovalState, Approved, Files, Programme};
use serde::Serialize;

use crate::check::CheckError;
use crate::project;

/// Which programme, and how it is told.
#[derive(Debug, Clone, clap::Args)]
pub struct ApprovalsOptions {
    /// The programme's folder [default: program/]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,

    /// Print the same as JSON, for programs
    #[arg(long)]
    pub json: bool,
}

pub(crate) const APPROVALS_EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  cargo run -- approvals
      the texts of the programme in program/, and what is to be added to its approvals.toml
  cargo run -- approvals my-program/ --json
      of another one, for a program";

/// What is told.
#[derive(Debug, Serialize)]
struct Told<'a> {
    /// Whether the programme has an approvals.toml, and goes by it.
    is_kept: bool,
    approvals: Vec<&'a Approved>,
}

/// Prints the list.
pub fn run(options: &ApprovalsOptions) -> Result<(), CheckError> {
    let folder = options.folder.clone().unwrap_or_else(project::programme_dir);
    let mut files = Files::read(&folder)?;
    let is_kept = files.approvals.is_some();
    // Without the file nothing is approved, and the list says what would be asked for.
    files.approvals.get_or_insert_default();
    let programme = Programme::of(&files).map_err(|mistakes| programme::LoadError::Mistakes { folder, mistakes })?;
    let approvals: Vec<&Approved> = programme.approvals.all().collect();
    if options.json {
        println!("{}", serde_json::to_string_pretty(&Told { is_kept, approvals })?);
    } else {
        print!("{}", text(is_kept, &approvals));
    }
    Ok(())
}

fn text(is_kept: bool, approvals: &[&Approved]) -> String {
    let mut out = String::new();
    if approvals.is_empty() {
        out += "No text is looked at before: [places] names no provider in mainland China, or no language is read there.\n";
        return out;
    }
    for approved in approvals {
        let Approved {
            text,
            locale,
            state,
            hash,
            ..
        } = approved;
        let template = approved.template.as_deref().unwrap_or("-");
        let (text, state, provider) = (text.name(), state.name(), approved.provider.name());
        out += format!("  {text:22}  {locale:8}  {provider:10}  {state:9}  {hash}  {template}\n").as_str();
    }
    if !is_kept {
        out += "\nThe programme has no approvals.toml, so all of them go. With one, only those that it says are approved.\n";
    }
    let open = |approved: &&&Approved| matches!(approved.state, ApprovalState::Missing | ApprovalState::Changed);
    let mut open = approvals.iter().filter(open).peekable();
    if open.peek().is_some() {
        out += "\nTo be added to approvals.toml, with the provider's id and state (submitted, approved or rejected):\n";
    }
    for Approved {
        text,
        locale,
        provider,
        hash,
        ..
    } in open
    {
        // Writing to a string does not fail.
        let _ = write!(
            out,
            "\n[[approvals]]\ntext = \"{}\"\nlocale = \"{locale}\"\nprovider = \"{}\"\ntemplate = \"\"\nstate = \"submitted\"\nhash = \"{hash}\"\n",
            text.name(),
            provider.name()
        );
    }
    out
}
