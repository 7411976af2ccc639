//! What a function's start costs: CPU time, memory and bytes, beside an empty function and the SDK's default build.
//!
//! `cargo bench -p bundle-tests --bench start [-- RUNS]`. Time is time on a CPU, since the wall's depends on who else
//! uses the machine; runs are interleaved; figures are medians. Only Linux counts this way.

mod binaries;
mod http;
mod https;
mod process;
mod runtime_api;

use std::error::Error;
use std::path::{Path, PathBuf};

use binaries::Binaries;
use https::Https;
use process::{Spent, measure};
use runtime_api::RuntimeApi;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const FUNCTIONS: [&str; 7] = [
    "ingest",
    "compute-points",
    "detect-triggers",
    "wake-members",
    "publish-messages",
    "read-replies",
    "serve-checkout",
];

const RUNS: usize = 20;

/// Start to the first poll, times an empty function's.
const START: f64 = 1.4;
/// Start through the first call over TLS, times the default build's.
const FIRST_CALL: f64 = 1.0 / 8.0;
const MEMORY: f64 = 15.0;
const ZIP: f64 = 4.0;

/// One kind of run, and what its runs spent at each poll.
struct Case<'a> {
    binary: &'a Path,
    tls: bool,
    events: usize,
    runs: Vec<Vec<Spent>>,
}

fn main() -> Outcome<()> {
    // `cargo test --all-targets` starts benchmarks too.
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("start: `cargo bench -p bundle-tests --bench start` measures");
        return Ok(());
    }
    let runs = std::env::args()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(RUNS);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let target = folder.parent().ok_or("there is no target folder")?;
    let binaries = binaries::build(target)?;
    let https = Https::start(&folder)?;
    let api = RuntimeApi::start()?;

    let case = |binary, tls, events| Case {
        binary,
        tls,
        events,
        runs: Vec::new(),
    };
    let mut cases = vec![case(&binaries.empty, false, 0), case(&binaries.default_sdk, true, 1)];
    for binary in &binaries.functions {
        cases.push(case(binary, false, 0));
        cases.push(case(binary, true, 0));
    }
    for _ in 0..runs {
        for case in &mut cases {
            case.run(&api, &https, &folder)?;
        }
    }
    report(&binaries, &cases, runs, &https)
}

impl Case<'_> {
    fn run(&mut self, api: &RuntimeApi, https: &Https, folder: &Path) -> Outcome<()> {
        let answered = https.answered();
        let environment = environment(self.tls, api, https);
        let log = folder.join("start.log");
        let spent = measure(self.binary, &environment, self.events, api, &log)?;
        if self.tls && https.answered() == answered {
            return Err(format!("{} made no call", self.binary.display()).into());
        }
        self.runs.push(spent);
        Ok(())
    }

    /// The median of what was spent at the last poll.
    fn median(&self, figure: impl Fn(&Spent) -> f64) -> f64 {
        median(self.runs.iter().filter_map(|spent| spent.last()).map(figure))
    }

    /// The median of what was spent at the first poll.
    fn first_median(&self, figure: impl Fn(&Spent) -> f64) -> f64 {
        median(self.runs.iter().filter_map(|spent| spent.first()).map(figure))
    }
}

/// What Lambda and the template set, with a service's address in place of AWS.
fn environment(tls: bool, api: &RuntimeApi, https: &Https) -> Vec<(&'static str, String)> {
    let aws = if tls {
        format!("https://localhost:{}", https.port)
    } else {
        // Nobody calls it: over plain HTTP no connection is opened before the first event.
        "http://localhost:9".to_owned()
    };
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../program");
    vec![
        ("AWS_LAMBDA_RUNTIME_API", api.address.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", "start".to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256".to_owned()),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned()),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO".to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "start".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "start".to_owned()),
        ("AWS_SESSION_TOKEN", "start".to_owned()),
        ("AWS_ENDPOINT_URL_DYNAMODB", aws.clone()),
        ("AWS_ENDPOINT_URL_SNS", aws.clone()),
        ("AWS_ENDPOINT_URL_EVENTBRIDGE", aws),
        // Ours takes the first, in place of Amazon's; the SDK's defaults take the second, in place of the system's.
        ("AWS_CA_BUNDLE", https.root.display().to_string()),
        ("SSL_CERT_FILE", https.roots.display().to_string()),
        ("ACTIVITIES_TABLE", "activities".to_owned()),
        ("MEMBERS_TABLE", "members".to_owned()),
        ("MESSAGES_TABLE", "messages".to_owned()),
        ("ALARM_SHARDS", "1".to_owned()),
        ("PROGRAM_DIR", program.to_owned()),
        ("EVENT_BUS", "bus".to_owned()),
    ]
}

fn report(binaries: &Binaries, cases: &[Case], runs: usize, https: &Https) -> Outcome<()> {
    let [empty, default_sdk, functions @ ..] = cases else {
        return Err("nothing was measured".into());
    };
    let named = || FUNCTIONS.into_iter().zip(functions.chunks(2));
    println!("\nFunctions' start, medians of {runs} interleaved runs; time is time on a CPU, of all threads.");

    let base = empty.median(milliseconds);
    head(
        "Start to the first poll",
        "ms",
        &format!("of {base:.2} ms, an empty lambda_runtime handler"),
    );
    for (name, cases) in named() {
        let [plain, _] = cases else { continue };
        let own = plain.median(milliseconds);
        row(name, own, &format!("{:.2}", own / base), "1.40", own / base <= START);
    }
    println!("  Services are at plain HTTP addresses here: no connection is opened before the first event.");

    let base = default_sdk.median(milliseconds);
    head(
        "Start through the first call over TLS",
        "ms",
        &format!("of {base:.2} ms, the SDK's default build"),
    );
    for (name, cases) in named() {
        let [_, tls] = cases else { continue };
        let own = tls.median(milliseconds);
        let share = format!("1/{:.1}", base / own);
        row(name, own, &share, "1/8", own / base <= FIRST_CALL);
    }
    println!(
        "  Ours connect before the first poll (publish-messages to two services); the default build, which trusts {} \
         authorities, has spent {:.2} ms by its first poll and calls in its first event.",
        https.roots_count,
        default_sdk.first_median(milliseconds),
    );

    head("Peak memory", "MB", "first poll / after the first call");
    for (name, cases) in named() {
        let [plain, tls] = cases else { continue };
        let (before, after) = (plain.median(megabytes), tls.median(megabytes));
        row(
            name,
            after,
            &format!("{before:.1} / {after:.1}"),
            "15 MB",
            after <= MEMORY,
        );
    }
    println!(
        "  An empty handler has {:.1}, the SDK's default build {:.1} / {:.1}.",
        empty.median(megabytes),
        default_sdk.first_median(megabytes),
        default_sdk.median(megabytes),
    );

    head("Zip", "MB", "deflated at level 9");
    for (name, binary) in FUNCTIONS.iter().zip(&binaries.functions) {
        let size = zip_megabytes(binary)?;
        row(name, size, "", "4 MB", size <= ZIP);
    }
    println!(
        "  An empty handler has {:.2}, the SDK's default build {:.2}.",
        zip_megabytes(&binaries.empty)?,
        zip_megabytes(&binaries.default_sdk)?,
    );
    Ok(())
}

fn head(title: &str, unit: &str, note: &str) {
    println!("\n{title}, {unit} ({note})");
}

fn row(name: &str, figure: f64, relation: &str, target: &str, passes: bool) {
    let verdict = if passes { "pass" } else { "MISS" };
    println!("  {name:<18}{figure:>8.2}  {relation:>12}  at most {target:<6}  {verdict}");
}

fn milliseconds(spent: &Spent) -> f64 {
    spent.cpu.as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "a process has less than 2^53 bytes")]
fn megabytes(spent: &Spent) -> f64 {
    spent.memory as f64 / 1e6
}

#[expect(clippy::cast_precision_loss, reason = "a zip has less than 2^53 bytes")]
fn zip_megabytes(binary: &Path) -> Outcome<f64> {
    Ok(binaries::zip_size(binary)? as f64 / 1e6)
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    let upper = figures.get(figures.len() / 2);
    let lower = figures.get(figures.len().saturating_sub(1) / 2);
    upper
        .zip(lower)
        .map_or(f64::NAN, |(upper, lower)| f64::midpoint(*upper, *lower))
}
