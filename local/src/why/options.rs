//! What can be written after `regulars why` and `regulars try`.

use std::path::PathBuf;

use ledger::MemberId;

use crate::cli::{Beside, Source};

/// Whose story is told, and what of it.
#[derive(Debug, Clone, clap::Args)]
pub struct WhyOptions {
    /// The member's id, as the shop gave it
    pub member: MemberId,

    /// One activity (purchase#o-17, or o-17), one message (points-earned#purchase#o-17) or one thing that fell due
    /// (birthday#1998) [default: everything, briefly]
    #[arg(value_name = "ACTIVITY|MESSAGE")]
    pub about: Option<String>,

    /// Print the same as JSON, for programs
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub source: Source,

    #[command(flatten)]
    pub beside: Beside,
}

pub const WHY_EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  cargo run -- why 0002 --data run/
      all that happened to member 0002, briefly, in a run that was kept with --data run/
  cargo run -- why 0002 o-17 --data run/
      why the purchase o-17 earned what it did, and why each campaign and mission did or did not count
  cargo run -- why 0002 tier-upgraded#purchase#o-17 --data run/
      what became of that message, and why
  cargo run -- why 0002 --json --table regulars-prod-members --activities regulars-prod-activities \\
      --messages regulars-prod-messages
      the same of a deployed programme, for a program";

/// What is tried, and for how long.
#[derive(Debug, Clone, clap::Args)]
pub struct TryOptions {
    /// The event, or a list of several: {"kind": "purchase", "detail": {"member": "0002", ...}}, or as the bus hands it on,
    /// with detail-type; - reads it from standard input. Without "at" it happens now
    #[arg(value_name = "EVENT.json")]
    pub event: PathBuf,

    /// Go on for so many days, and tell what falls due in them
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u16).range(0..=3660))]
    pub days: u16,

    /// Print the same as JSON, for programs
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub source: Source,

    /// The Activities table on AWS
    #[arg(long, value_name = "NAME", requires = "table", required_unless_present = "data")]
    pub activities: Option<String>,
}

pub const TRY_EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  cargo run -- try event.json --data run/
      what the event in event.json would do to its member, in a run that was kept with --data run/
  cargo run -- try event.json --days 400 --program my-program/ --data run/
      the same under your own rules, and what falls due in more than a year after it
  cargo run -- try event.json --table regulars-prod-members --activities regulars-prod-activities
      in a deployed programme
  echo '{\"kind\": \"purchase\", \"detail\": {\"member\": \"0002\", \"order\": \"o-17\", \"amount\": \"20.00\", \
\"currency\": \"USD\"}}' |
    cargo run -- try - --data run/
      without a file";
