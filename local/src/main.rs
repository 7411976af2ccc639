//! `regulars`: see `regulars --help`.

use std::process::ExitCode;

use clap::Parser;
use regulars::cli::Cli;
use regulars::play;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match play::run(&cli.options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let style = anstyle::AnsiColor::Red.on_default().bold();
            anstream::eprintln!("{style}error{style:#}: {error}");
            ExitCode::FAILURE
        }
    }
}
