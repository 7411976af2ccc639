//! What can be written after `regulars why`.

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
