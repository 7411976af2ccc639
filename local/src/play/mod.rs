//! `regulars` without a subcommand: plays a shop's history through the whole bundle on this machine.

mod agreed;
mod binaries;
pub(crate) mod dice;
pub(crate) mod facts;
pub mod habits;
mod header;
mod names;
pub mod orders;
pub mod people;
pub(crate) mod player;
pub(crate) mod print;
mod reader;
pub mod replies;
pub mod send_decisions;
pub(crate) mod setting;
pub mod summary;
pub mod timeline;
mod watch;

use std::io;
use std::path::PathBuf;
use std::time::Instant;

use anstream::{print, println};
use jiff::SignedDuration;

use self::facts::Survey;
use self::player::Player;
use self::reader::{Reader, Reading};
use self::setting::Setting;
use self::watch::Watch;
use crate::check;
use crate::cli::Options;
use crate::engine::{self, Bundle, EngineError, Faults};
use crate::page::{self, PageError, PageState, Phase};
use crate::project::ProjectError;

/// Why a run does not start or does not go on. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    #[error("stopped before the end, and nothing is kept; with --data DIR a run can be gone on from")]
    Stopped,
    #[error("stopped before the end; the same command goes on from the last full day")]
    Paused,
    #[error(transparent)]
    Project(#[from] ProjectError),
    #[error(transparent)]
    Orders(#[from] orders::OrdersError),
    #[error("--until {until} is before the first order, of {first}; name a later day")]
    TooEarly {
        until: jiff::civil::Date,
        first: jiff::civil::Date,
    },
    #[error("the data folder was played from other orders; name another with --data DIR, or the same --orders")]
    OtherHistory,
    #[error("the data folder {0} cannot be made: {1}")]
    Data(PathBuf, io::Error),
    #[error("the report cannot be written to {0}: {1}; name a file in a folder that exists")]
    Report(PathBuf, io::Error),
    #[error(transparent)]
    Page(#[from] PageError),
    #[error(transparent)]
    Build(#[from] binaries::BuildError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Facts(#[from] facts::FactsError),
}

/// How far the clock moves at once, where anything may be due.
pub(crate) const STEP: SignedDuration = SignedDuration::from_hours(1);

/// Plays a whole run: builds, starts, plays, sums up, and keeps the page up until Ctrl-C.
pub async fn run(options: &Options) -> Result<(), PlayError> {
    let setting = Setting::read(options)?;
    check::warn(&setting.project.programme, &setting.project.programme_dir);
    let (listener, address) = page::bind(options.port).await?;
    let page = PageState::new(setting.shown());
    let server = tokio::spawn(page::serve(listener, page.clone()));
    println!("{}", setting.announcement());
    println!("Page: http://{address}\n");

    let binaries = binaries::build(&setting.project.template_dir, &setting.functions()).await?;
    let began = Instant::now();
    let bundle = Bundle::start(engine::Options {
        wiring: setting.project.wiring.clone(),
        template_dir: setting.project.template_dir.clone(),
        layer_overrides: options.program.clone(),
        binaries,
        data: options.data.clone(),
        start: setting.start,
        step: STEP,
        faults: Faults::default(),
        log: options.data.as_ref().map(|data| data.join("functions.log")),
    })
    .await?;
    let ended = tokio::select! {
        reading = play(&setting, &bundle, &page, began) => Some(reading),
        _ = tokio::signal::ctrl_c() => None,
    };
    bundle.shutdown().await;
    let Some(reading) = ended else {
        return Err(if options.data.is_some() {
            PlayError::Paused
        } else {
            PlayError::Stopped
        });
    };
    tell(options, &setting, &page, &reading?)?;
    if !options.exit {
        println!("\nThe page stays up at http://{address} until Ctrl-C.");
        // Without the signal there is nothing to wait for.
        let _ = tokio::signal::ctrl_c().await;
    }
    server.abort();
    Ok(())
}

async fn play(setting: &Setting, bundle: &Bundle, page: &PageState, began: Instant) -> Result<Reading, PlayError> {
    let survey = Survey::of(bundle, setting.project.alarm_shards())?;
    let reader = Reader {
        bundle,
        people: &setting.people,
        survey: &survey,
        programme: &setting.project.programme,
        happenings: &setting.happenings,
        tiers: setting.tiers(),
        functions: setting.functions(),
        from: setting.start,
        orders: setting.notes.clone(),
        made_up: setting.made_up(),
        began,
        decided_before: send_decisions::count(&bundle.units()),
    };
    if setting.habits {
        survey.fill_pools(&setting.project.programme).await?;
    }
    let zone = setting.zone();
    let player = Player {
        bundle,
        survey: &survey,
        happenings: &setting.happenings,
        ticks: setting.ticks(),
        end: setting.end,
        programme: &setting.project.programme,
        zone,
    };
    let in_all = setting.purchases();
    let mut watch = Watch::new(&reader, page.clone(), zone, (setting.start, setting.end), in_all);
    let position = player.play(&mut watch).await?;
    watch.end();
    reader.read(bundle.now(), position.purchases).await
}

/// Shows, prints and writes what a run came to.
fn tell(options: &Options, setting: &Setting, page: &PageState, reading: &Reading) -> Result<(), PlayError> {
    reading.show(page);
    page.update(|shown| shown.phase = Phase::Finished);
    print!("{}", print::text(&reading.summary, setting.zone()));
    let Some(path) = &options.report else {
        return Ok(());
    };
    let failed = |why| PlayError::Report(path.clone(), why);
    let mut report = serde_json::to_string_pretty(&reading.report()).map_err(|why| failed(why.into()))?;
    report.push('\n');
    std::fs::write(path, report).map_err(failed)?;
    println!("The report is in {}.", path.display());
    Ok(())
}
