//! What can be written after `regulars preview`.

use jiff::Timestamp;
use ledger::MemberId;
use programme::{MessageKind, one_of};

use crate::cli::Source;

/// Which message is shown, of whom, and how.
#[derive(Debug, Clone, clap::Args)]
pub struct PreviewOptions {
    /// The kind of message, as under [messages] of the programme: points-earned, points-expiring, welcome ...
    #[arg(value_parser = kind)]
    pub kind: MessageKind,

    /// So many members, chosen at random among those who could be told so
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub sample: u16,

    /// Another choice of members for each number; the same number chooses the same members
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// These members instead
    #[arg(long, value_name = "ID,...", value_delimiter = ',', conflicts_with_all = ["sample", "seed"])]
    pub members: Vec<MemberId>,

    /// As if all of them had this locale
    #[arg(long, value_name = "LOCALE")]
    pub locale: Option<String>,

    /// As if it was then, such as 1998-07-01T02:00:00Z [default: now; for a kept run, the time it has come to]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub at: Option<Timestamp>,

    /// Print the same as JSON, for programs
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub source: Source,
}

fn kind(name: &str) -> Result<MessageKind, String> {
    let known = MessageKind::ALL.map(MessageKind::name);
    MessageKind::from_name(name).ok_or_else(|| format!("there is no such kind of message; {}", one_of(name, &known)))
}

fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .map_err(|_| "no instant; write day, time and offset, such as 1998-07-01T02:00:00Z".to_owned())
}

pub(crate) const PREVIEW_EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  cargo run -- preview points-expiring --data run/
      what ten members of a run that was kept with --data run/ would be told of the points that lapse next
  cargo run -- preview birthday --members 0002,0017 --program my-program/ --data run/
      the same two members under your own texts, before anything is deployed
  cargo run -- preview points-earned --locale zh-CN --sample 100 --data run/
      a hundred of them as if they all read Chinese: the summary tells the most parts and what they cost
  cargo run -- preview anniversary --json --table regulars-prod-members
      of a deployed programme, for a program; the walk reads the whole table once, and nothing is written";
