//! What can be written after `regulars` on the command line.

mod examples;

use std::path::PathBuf;

use clap::Parser;
use jiff::civil::Date;
use ledger::{ActivityId, MemberId};
use programme::RewardName;

use crate::approvals::{APPROVALS_EXAMPLES, ApprovalsOptions};
use crate::broadcast::{BROADCAST_EXAMPLES, BroadcastOptions};
use crate::cli::examples::{
    AUDIT_EXAMPLES, CHECK_EXAMPLES, COUPONS_EXAMPLES, EXAMPLES, LIABILITY_EXAMPLES, PAUSE_EXAMPLES, PAUSED_EXAMPLES,
    REFERRALS_EXAMPLES, RESUME_EXAMPLES, SHORT_EXAMPLES, STATEMENT_EXAMPLES,
};
use crate::consents::{CONSENTS_EXAMPLES, ConsentsOptions};
use crate::export::{EXPORT_EXAMPLES, ExportOptions};
use crate::preview::{PREVIEW_EXAMPLES, PreviewOptions};
use crate::registration::{REGISTRATION_EXAMPLES, RegistrationOptions};
use crate::replies::READ_REPLY_EXAMPLES;
use crate::simulate::options::SIMULATE_EXAMPLES;
pub use crate::simulate::options::SimulateOptions;
use crate::sms_parts::{PARTS_EXAMPLES, PartsOptions};
use crate::why::{TRY_EXAMPLES, TryOptions, WHY_EXAMPLES, WhyOptions};

/// A loyalty programme that runs itself, played on this machine: no account, no cloud, no real phone.
///
/// Plays 18 months of a record shop's orders through the same functions that are deployed to AWS. Each purchase
/// becomes points, and what is worth hearing becomes one well-timed, permitted message, which lands in phones drawn
/// on a local web page. Nothing leaves this machine.
///
/// What will happen: the functions are built with cargo (some minutes the first time); the page's address is printed,
/// so messages can be watched as they arrive; time is virtual, so months pass in minutes; at the end a summary is
/// printed, and the page stays up until Ctrl-C.
#[derive(Debug, Parser)]
#[command(name = "regulars", version, after_long_help = EXAMPLES, after_help = SHORT_EXAMPLES)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,

    #[command(flatten)]
    pub options: Options,
}

/// What else there is to do than to play.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Derive every account again from its entries, and check the chain that ties them together
    ///
    /// Each ledger entry carries the hash of all before it, and everything an account says of points and tier follows
    /// from its entries. Each difference is told with its member and entry; the exit code is 1 if there is any, and 2
    /// if the audit could not be done.
    #[command(after_help = AUDIT_EXAMPLES)]
    Audit(Source),
    /// Tell a member's ledger point by point: what was earned, from which lots it was spent, and what lapses when
    #[command(after_help = STATEMENT_EXAMPLES)]
    Statement(StatementOptions),
    /// Tell why: which rule did what to a member, with which values, and why the others did not
    ///
    /// The member's activities are decided once more, by the same code and in the order in which the ledger has them, and
    /// compared with it entry by entry. Where today's programme would decide otherwise, that is told. For each message it
    /// is told what became of it: sent by which channel and why not by another, put off, or never sent, and why.
    #[command(after_help = WHY_EXAMPLES)]
    Why(WhyOptions),
    /// Tell what an event would do to its member, and what follows from it, without doing it
    ///
    /// The event happens in memory, to the member as they are in the tables, by the same decisions as in production; then time
    /// goes on for some days. Every entry, tier and message that comes of it is told, with what each rule made of it, and what
    /// falls due in those days. Nothing is written. A sign-up, or a list that begins with one, happens to a new member.
    #[command(after_help = TRY_EXAMPLES)]
    Try(TryOptions),
    /// Tell what the programme owes its members in each wallet, and when it lapses
    ///
    /// For each wallet: how many members have points; the points outstanding, which can be spent, or only count where the
    /// programme says so; those reserved for a checkout; those pending, which cannot be spent yet; and what members owe
    /// whose balance is below nought. Then, by month, how many lapse and how many pending ones unlock, by the programme's
    /// own days; points that last while a member is active lapse when they will if nothing more is done. Outstanding less
    /// owed is the sum of all balances, and the months add up to what is outstanding and pending, to the point.
    ///
    /// All is told as of now; for a kept run, as of the time it has come to. An account that cannot be read is named and
    /// is in no sum; the exit code is 1 if there is any, and 2 if nothing could be told.
    #[command(after_help = LIABILITY_EXAMPLES)]
    Liability(LiabilityOptions),
    /// Say what is wrong with a programme: every mistake at once, each with its line and what mends it
    ///
    /// Reads programme.toml and texts/ of the folder, as a run or a deploy does, and starts nothing. An error stops the
    /// programme from being used; a warning is what can be meant so and hardly is. The exit code is 0 if the programme can
    /// be used, 1 if there are errors (with --strict, warnings too), and 2 if the folder cannot be read.
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckOptions),
    /// List the texts that are looked at before they go by SMS to mainland China, and what their provider says of each
    ///
    /// A programme with an approvals.toml in its folder goes by it: to a number of mainland China, a text goes by SMS once it is
    /// approved there by the provider that [places] names, and as long as it is the very text that was; else by another channel,
    /// or not at all. What is missing is printed as it is to be added to the file, with the hash of the text.
    #[command(after_help = APPROVALS_EXAMPLES)]
    Approvals(ApprovalsOptions),
    /// Tell what carriers in the United States ask before a ten-digit number may text, as far as the programme says it
    ///
    /// What is filled in when such a number (10DLC) is registered: use case, what members agree to, keywords and their answers,
    /// sample messages. And what reviewers would miss in it, with what mends it.
    #[command(after_help = REGISTRATION_EXAMPLES)]
    Registration(RegistrationOptions),
    /// Tell what a programme would come to over a history, in seconds: points, tiers, messages and what they cost
    ///
    /// Nothing is started: the decisions are those of the functions, taken in memory, and what comes of them is what a run
    /// over the same orders comes to. Without --orders that is the sample with the payments, returns and rewards that a run
    /// makes up. A shop's own orders are taken as they are, any number of them, in any order of rows; what is more than a
    /// million or so is put by member on disk meanwhile, in a temporary file (TMPDIR) about as large as theirs.
    #[command(after_help = SIMULATE_EXAMPLES)]
    Simulate(SimulateOptions),
    /// Fill a reward's pool of coupons, or tell how many are left in it
    ///
    /// A code is given to one claim and never again, and one that is known already is left out, so the same file can be
    /// added twice.
    #[command(after_help = COUPONS_EXAMPLES)]
    Coupons(CouponsOptions),
    /// Tell what a broadcast would come to, and with --yes start it: one message to all members of an audience
    ///
    /// It goes at the same hour of the clocks where each member lives. Who gets it is asked of the members as they are: how many,
    /// by which channel, in how many parts, at what cost; how many do not, and why. Once it is started its messages wait for
    /// their time, and each is decided on when it goes, like any other: is the member in the audience still, did they agree, is
    /// it a quiet hour. One that was started is never started again; how far it is is told.
    #[command(after_help = BROADCAST_EXAMPLES)]
    Broadcast(BroadcastOptions),
    /// Stop all messages and campaigns, one campaign, broadcast or channel, or one kind of message, within seconds
    ///
    /// Messages that would have gone wait, and go once when it is resumed, if they are useful still; none goes by another
    /// channel meanwhile. A campaign grants nothing while it is paused, and nothing of that later. Points of purchases are
    /// computed whatever is paused, and what checkouts ask is answered.
    #[command(after_help = PAUSE_EXAMPLES)]
    Pause(SwitchOptions),
    /// Let go on what was paused: what waited is sent, each message once
    #[command(after_help = RESUME_EXAMPLES)]
    Resume(ResumeOptions),
    /// Tell what is paused, since when, by whom and why
    #[command(after_help = PAUSED_EXAMPLES)]
    Paused(PausedOptions),
    /// Tell which referrals wait for somebody to look at them: those over review-over of the programme
    #[command(after_help = REFERRALS_EXAMPLES)]
    Referrals(ReviewSource),
    /// Let a referral count that waits: what referrals bring is granted for it
    ///
    /// One that is left alone stays where it is, and brings nothing.
    #[command(after_help = REFERRALS_EXAMPLES)]
    AcceptReferral(AcceptReferralOptions),
    /// Tell what a member agreed to and took back, when, where and in which words; or write everybody's evidence out
    ///
    /// Every consent given or withdrawn is kept as it came, whoever told of it (a sign-up, a consent, a reply, somebody of the
    /// shop, the provider), and never changed. An export has no names, and phone numbers only of what numbers themselves asked.
    #[command(after_help = CONSENTS_EXAMPLES)]
    Consents(ConsentsOptions),
    /// Write out all that is kept of a member, as JSON: for a member who asks what that is
    ///
    /// The profile, what the account says, the ledger, consents and replies with their evidence, activities and messages, as they
    /// stand in the tables. To have a member forgotten, send an `erasure` event; what is kept all the same is what this writes
    /// after it.
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(ExportOptions),
    /// Tell what members' replies ask: reads them from standard input, one a line, and prints a word for each
    ///
    /// `opt-out`: no more messages. `unsure`: perhaps; promotional ones stop, and the member is asked once. `other`: nothing of
    /// the kind, START and HELP among it. The words it goes by stand in shared/replies/words/, English and Chinese.
    #[command(after_help = READ_REPLY_EXAMPLES)]
    ReadReply,
    /// Show what members would be sent of a kind of message: text, channel, parts, cost, and when it would go or why not
    ///
    /// Each message is stated as things stand with the member: of the points that lapse next, the tier they have, what was booked
    /// last. Whether it may go, when first and how is decided by the code that decides in production, with the programme in the
    /// folder, so a text can be seen before it is deployed. What [[message-budgets]] have left is not looked at, and a device is
    /// taken to be one that can be pushed to. Nothing is written. Names stand in the texts; of a phone the last digits are shown.
    #[command(after_help = PREVIEW_EXAMPLES)]
    Preview(PreviewOptions),
    /// Count the parts that texts are as SMS, and say what makes them dear
    ///
    /// Reads JSON strings from standard input, one on each line, and prints a line of JSON for each: GSM-7 with 160 septets in a
    /// part (153 in each of several), or UCS-2 with 70 units (67), and how many parts. For UCS-2 it names the first characters
    /// that make it so, each with its place and what could be written instead, and the whole text in plain characters where that
    /// takes fewer parts. A line that is no JSON string is told as such, and the exit code is 1 once the others are done.
    #[command(after_help = PARTS_EXAMPLES)]
    Parts(PartsOptions),
}

/// Which referral is accepted, and who says why.
#[derive(Debug, Clone, clap::Args)]
pub struct AcceptReferralOptions {
    /// Who brought the friend
    pub member: MemberId,

    /// The referral's id, as `regulars referrals` tells it
    pub referral: ActivityId,

    /// Why, for the member's ledger
    #[arg(long, value_name = "TEXT")]
    pub reason: String,

    /// Who does it
    #[arg(long, value_name = "WHO")]
    pub by: String,

    #[command(flatten)]
    pub source: ReviewSource,
}

/// Where the activities are.
#[derive(Debug, Clone, clap::Args)]
pub struct ReviewSource {
    /// The folder in which a run was kept; what is accepted goes through when that goes on
    #[arg(
        long,
        value_name = "DIR",
        required_unless_present = "activities",
        conflicts_with = "activities"
    )]
    pub data: Option<PathBuf>,

    /// The Activities table on AWS; region and credentials are those of the environment
    #[arg(long, value_name = "NAME")]
    pub activities: Option<String>,

    /// The programme: its folder [default: program/]
    #[arg(long, value_name = "DIR")]
    pub program: Option<PathBuf>,
}

/// What is switched, and who says why.
#[derive(Debug, Clone, clap::Args)]
pub struct SwitchOptions {
    #[arg(value_enum)]
    pub what: What,

    /// The campaign's or broadcast's name in the programme, the channel (sms or push), or the kind of message, such as points-earned
    pub name: Option<String>,

    /// Why, for whoever finds it so
    #[arg(long, value_name = "TEXT")]
    pub reason: String,

    /// Who does it
    #[arg(long, value_name = "WHO")]
    pub by: String,

    #[command(flatten)]
    pub source: Source,
}

/// What is resumed, and how the alarm clock hears of it.
#[derive(Debug, Clone, clap::Args)]
pub struct ResumeOptions {
    #[command(flatten)]
    pub switch: SwitchOptions,

    /// The bus of the deployed programme: what waited goes within seconds, instead of with the alarm clock's next round
    #[arg(long, value_name = "NAME", conflicts_with = "data")]
    pub bus: Option<String>,
}

/// What is told of the switches.
#[derive(Debug, Clone, clap::Args)]
pub struct PausedOptions {
    /// Every pause and resumption there ever was
    #[arg(long)]
    pub history: bool,

    #[command(flatten)]
    pub source: Source,
}

/// What can be paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum What {
    Programme,
    Campaign,
    Broadcast,
    Channel,
    Message,
}

/// Which programme is checked, and how it is told.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct CheckOptions {
    /// The programme's folder: programme.toml and texts/ [default: program/]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,

    /// Let warnings fail, too
    #[arg(long)]
    pub strict: bool,

    /// Print the same as JSON, for programs
    #[arg(long)]
    pub json: bool,

    /// Print the JSON Schema of programme.toml instead, with which an editor completes and checks it as it is typed
    #[arg(long, conflicts_with_all = ["folder", "strict", "json"])]
    pub schema: bool,
}

/// Which pool, and what goes into it.
#[derive(Debug, Clone, clap::Args)]
pub struct CouponsOptions {
    /// The reward's name in the programme, one with coupons = true
    pub reward: RewardName,

    /// Add the codes of this file, one in each line
    #[arg(long, value_name = "FILE.txt", conflicts_with = "generate")]
    pub import: Option<PathBuf>,

    /// Add so many new codes, such as 7K2M-Q9XD-3HFB
    #[arg(long, value_name = "N")]
    pub generate: Option<u32>,

    #[command(flatten)]
    pub source: Source,
}

/// Whose points are told, and how.
#[derive(Debug, Clone, clap::Args)]
pub struct LiabilityOptions {
    /// What is owed to this member alone
    #[arg(long, value_name = "ID")]
    pub member: Option<MemberId>,

    /// How the points are told that lapse and unlock
    #[arg(long, value_enum, default_value_t = By::Month)]
    pub by: By,

    /// Only what lapses or unlocks up to and with this day, such as 1997-03-31, and its sum
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub through: Option<Date>,

    /// Print the same as JSON, for programs
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub source: Source,
}

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum By {
    Month,
    Day,
}

/// Whose statement is told.
#[derive(Debug, Clone, clap::Args)]
pub struct StatementOptions {
    /// The member's id, as the shop gave it
    pub member: MemberId,

    #[command(flatten)]
    pub source: Source,
}

/// Where the ledgers are.
#[derive(Debug, Clone, clap::Args)]
pub struct Source {
    /// The folder in which a run was kept
    #[arg(
        long,
        value_name = "DIR",
        required_unless_present = "table",
        conflicts_with = "table"
    )]
    pub data: Option<PathBuf>,

    /// The Members table on AWS; region and credentials are those of the environment
    #[arg(long, value_name = "NAME")]
    pub table: Option<String>,

    /// The programme the ledgers were written by: its folder [default: program/]
    #[arg(long, value_name = "DIR")]
    pub program: Option<PathBuf>,
}

/// The tables beside the ledgers. A kept run has them.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Beside {
    /// The Activities table on AWS
    #[arg(long, value_name = "NAME", requires = "table", required_unless_present = "data")]
    pub activities: Option<String>,

    /// The Messages table on AWS
    #[arg(long, value_name = "NAME", requires = "table", required_unless_present = "data")]
    pub messages: Option<String>,
}

/// How the programme is played.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Leave when the summary is printed, instead of keeping the page up
    #[arg(long)]
    pub exit: bool,

    /// Also write the summary to this file, as JSON
    #[arg(long, value_name = "FILE.json")]
    pub report: Option<PathBuf>,

    /// Play these orders [default: the sample in data/]
    #[arg(long, value_name = "FILE.csv")]
    pub orders: Option<PathBuf>,

    /// Play by the programme in this folder: programme.toml and texts/ [default: program/]
    #[arg(long, value_name = "DIR")]
    pub program: Option<PathBuf>,

    /// Stop at the end of this day of virtual time, such as 1997-03-31 [default: the day of the last order]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub until: Option<Date>,

    /// Keep the tables, the queues and the messages in this folder, and go on from them at the next start [default:
    /// all is kept in memory, and gone at the end]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// The page's port on 127.0.0.1; 0 takes any free one
    #[arg(long, value_name = "N", default_value_t = 8420)]
    pub port: u16,
}

pub(crate) fn date(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| "not a day of the calendar; write it as 1997-03-31".to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
        let cli = Cli::try_parse_from(["regulars"]).unwrap();
        assert!(!cli.options.exit);
        assert_eq!(cli.options.port, 8420);
    }

    #[test]
    fn a_wrong_day_is_explained() {
        let refused = Cli::try_parse_from(["regulars", "--until", "1997-02-30"]).unwrap_err();
        assert!(refused.to_string().contains("write it as 1997-03-31"), "{refused}");
    }
}
