//! What can be written after `regulars simulate`.

use std::path::PathBuf;

use jiff::civil::Date;

use crate::cli::date;

/// What is simulated, and how it is told.
#[derive(Debug, Clone, clap::Args)]
pub struct SimulateOptions {
    /// These orders, as for a run [default: the sample in data/]
    #[arg(long, value_name = "FILE.csv")]
    pub orders: Option<PathBuf>,

    /// By the programme in this folder [default: program/]
    #[arg(long, value_name = "DIR")]
    pub program: Option<PathBuf>,

    /// Beside it, by the programme in this folder: both sums, and the members who gain and lose most
    #[arg(long, value_name = "DIR")]
    pub against: Option<PathBuf>,

    /// Beside it, by the same programme if nobody were personalised: what it would cost if everybody withdrew that consent
    #[arg(long, conflicts_with = "against")]
    pub against_impersonal: bool,

    /// Up to the end of this day, such as 1997-03-31 [default: the day of the last order]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub until: Option<Date>,

    /// Also write a report with charts to this file: one page that needs no other and can be mailed
    #[arg(long, value_name = "FILE.html")]
    pub html: Option<PathBuf>,

    /// Print the same as JSON, for programs
    #[arg(long)]
    pub json: bool,

    /// On so many cores [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub cores: Option<u16>,
}

pub(crate) const SIMULATE_EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  cargo run -- simulate
      the sample by the programme in program/
  cargo run -- simulate --program my-program/ --against program/
      the same by your own rules, beside those of program/: who gains, who loses
  cargo run -- simulate --program my-program/ --against program/ --html report.html
      that with charts, for a browser
  cargo run -- simulate --against-impersonal
      what names, attributes and segments bring: the same without them
  cargo run --release -- simulate --orders my-orders.csv --json
      your own orders, as JSON; a release build simulates some ten times as fast";
