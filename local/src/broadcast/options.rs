//! What can be written after `regulars broadcast`.

use programme::BroadcastName;

use crate::cli::Source;

/// Which broadcast, and whether it is started.
#[derive(Debug, Clone, clap::Args)]
pub struct BroadcastOptions {
    /// Its name under [[broadcasts]] of the programme
    pub name: BroadcastName,

    /// Start it; without this nothing is sent, and it is only told what it would come to
    #[arg(long, requires = "by")]
    pub yes: bool,

    /// Who starts it
    #[arg(long, value_name = "WHO")]
    pub by: Option<String>,

    /// The bus of the deployed programme: it begins within seconds, instead of with the alarm clock's next round
    #[arg(long, value_name = "NAME", conflicts_with = "data")]
    pub bus: Option<String>,

    #[command(flatten)]
    pub source: Source,
}

pub(crate) const BROADCAST_EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  cargo run -- broadcast winter-sale --table regulars-prod-members
      how many members it would reach by which channel, and what that costs; it reads the whole table once
  cargo run -- broadcast winter-sale --yes --by dana --table regulars-prod-members --bus regulars-prod
      the same, and it is started
  cargo run -- broadcast winter-sale --table regulars-prod-members
      once it is started: how far it is
  cargo run -- pause broadcast winter-sale --reason 'wrong price' --by dana --table regulars-prod-members
      nothing of it leaves any more, until it is resumed";
