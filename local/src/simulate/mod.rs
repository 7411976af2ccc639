//! `regulars simulate`: a programme over a history, in memory, with the decisions that the functions take.

mod against;
mod by_time;
mod cores;
pub mod history;
mod html;
mod kept;
mod lives;
mod months;
mod numbers;
pub(crate) mod options;
mod parts;
mod print;
mod purchases;
mod record;
mod report;
mod source;
mod tally;
mod usage;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use programme::{LoadError, PointsError, Programme};
use serde::Serialize;

pub use against::{Against, Difference};
pub use cores::SimulationError;
pub(crate) use numbers::rounded;
pub use parts::KeepError;
pub use report::Report;
pub(crate) use usage::Usage;

use self::source::Source;
use crate::cli::SimulateOptions;
use crate::play::PlayError;
use crate::play::summary::{MadeUp, OrderNotes};

/// Why nothing can be simulated. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    #[error(transparent)]
    Play(#[from] PlayError),
    #[error(transparent)]
    Programme(#[from] LoadError),
    #[error(transparent)]
    Keep(#[from] KeepError),
    #[error(transparent)]
    Simulation(#[from] SimulationError),
    #[error(transparent)]
    Points(#[from] PointsError),
    #[error("the report cannot be made into JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the report cannot be made into a page: {0}")]
    Page(#[from] askama::Error),
    #[error("the report cannot be written to {0}: {1}; name a file in a folder that exists")]
    Write(PathBuf, io::Error),
}

/// All that is told.
#[derive(Debug, Serialize)]
pub struct Simulated {
    #[serde(flatten)]
    pub report: Report,
    pub against: Option<Against>,
    pub orders: OrderNotes,
    pub made_up: MadeUp,
    /// On so many cores, in so many seconds, reading aside.
    pub cores: usize,
    pub seconds: f64,
}

/// Simulates, and tells what it comes to.
pub fn run(options: &SimulateOptions) -> Result<(), SimulateError> {
    let simulated = simulate(&Source::read(options)?, options)?;
    if let Some(file) = &options.html {
        let page = html::page(&simulated)?;
        std::fs::write(file, page).map_err(|why| SimulateError::Write(file.clone(), why))?;
    }
    if options.json {
        anstream::println!("{}", serde_json::to_string_pretty(&simulated)?);
    } else {
        anstream::print!("{}", print::text(&simulated));
        if let Some(file) = &options.html {
            anstream::println!("The same with charts is in {}.", file.display());
        }
    }
    Ok(())
}

fn simulate(source: &Source, options: &SimulateOptions) -> Result<Simulated, SimulateError> {
    let other = match &options.against {
        Some(folder) => Some(Programme::load_linted(folder)?),
        None => options.against_impersonal.then(|| source.programme().impersonal()),
    };
    let cores = options.cores.map_or_else(
        || std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        usize::from,
    );
    let cores = source.cores(cores);
    let began = Instant::now();
    let by_member = other.is_some();
    let tally = source.simulate(
        source.programme(),
        cores,
        by_member,
        &bar("simulating", source.purchases(), PURCHASES),
    )?;
    let seconds = began.elapsed().as_secs_f64();
    let span = source.span();
    let report = Report::of(source.programme(), &tally, span)?;
    let against = match &other {
        None => None,
        Some(other) => {
            let others = source.simulate(other, cores, true, &bar("against", source.purchases(), PURCHASES))?;
            let theirs = Report::of(other, &others, span)?;
            Some(Against::of((source.programme(), &tally), (other, &others), theirs))
        }
    };
    Ok(Simulated {
        report,
        against,
        orders: source.notes(),
        made_up: source.made_up(),
        cores,
        seconds,
    })
}

const PURCHASES: &str = "{human_pos} purchases";

/// How far something of a known length is, and in what it is counted.
fn bar(doing: &str, length: u64, counted: &str) -> ProgressBar {
    if length == 0 || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = format!("  {doing:10} {{bar:32.cyan/dim}} {{percent:>3}} %  {counted}");
    let bar = ProgressBar::new(length);
    bar.with_style(ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar()))
}
