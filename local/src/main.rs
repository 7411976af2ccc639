//! `regulars`: see `regulars --help`.

use std::process::ExitCode;

use clap::Parser;
use regulars::cli::{Cli, Command};
use regulars::{
    approvals, audit, broadcast, check, consents, coupons, export, liability, play, preview, referrals, registration,
    replies, simulate, sms_parts, statement, switches, why,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

// One thread: the tables have one lock, and handing work between threads costs more than it gains.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match &cli.command {
        None => match play::run(&cli.options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, 1),
        },
        Some(Command::Statement(options)) => match statement::run(options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, 1),
        },
        Some(Command::Why(options)) => match why::run(options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, 1),
        },
        Some(Command::Try(options)) => match why::dry_run(options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, 1),
        },
        Some(Command::Simulate(options)) => match simulate::run(options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, 1),
        },
        Some(Command::Coupons(options)) => match coupons::run(options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, 1),
        },
        Some(Command::Check(options)) => match check::run(options) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::from(1),
            Err(error) => failed(&error, 2),
        },
        Some(Command::Broadcast(options)) => match broadcast::run(options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, 1),
        },
        Some(Command::Approvals(options)) => match approvals::run(options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, 1),
        },
        Some(Command::Registration(options)) => match registration::run(options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, 1),
        },
        Some(Command::Pause(options)) => match switches::pause(options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, 1),
        },
        Some(Command::Resume(options)) => match switches::resume(options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, 1),
        },
        Some(Command::Paused(options)) => match switches::paused(options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, 1),
        },
        Some(Command::Referrals(source)) => match referrals::list(source).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, 1),
        },
        Some(Command::AcceptReferral(options)) => match referrals::accept(options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, 1),
        },
        Some(Command::Preview(options)) => match preview::run(options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, 1),
        },
        Some(Command::Consents(options)) => match consents::run(options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, 1),
        },
        Some(Command::Export(options)) => match export::run(options).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, 1),
        },
        Some(Command::ReadReply) => match replies::run() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error, 1),
        },
        Some(Command::Parts(options)) => match sms_parts::run(options) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::from(1),
            Err(error) => failed(&error, 2),
        },
        Some(Command::Audit(source)) => match audit::run(source).await {
            Ok(audited) if audited.differences.is_empty() => ExitCode::SUCCESS,
            Ok(_) => ExitCode::from(1),
            Err(error) => failed(&error, 2),
        },
        Some(Command::Liability(options)) => match liability::run(options).await {
            Ok(report) if report.damaged.is_empty() => ExitCode::SUCCESS,
            Ok(_) => ExitCode::from(1),
            Err(error) => failed(&error, 2),
        },
    }
}

fn failed(error: &dyn std::error::Error, code: u8) -> ExitCode {
    let style = anstyle::AnsiColor::Red.on_default().bold();
    anstream::eprintln!("{style}error{style:#}: {error}");
    ExitCode::from(code)
}
