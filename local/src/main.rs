//! `regulars`: see `regulars --help`.

use std::process::ExitCode;

use clap::Parser;
use regulars::cli::Cli;
use regulars::play;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

// One thread: the tables have one lock, and handing work between threads costs more than it gains.
#[tokio::main(flavor = "current_thread")]
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
