//! The second engine as a process, with the Python environment and the binaries it needs.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bundle_tests::root;
use regulars::wiring::{ACCOUNT, Wiring};
use serde_json::{Map, Value};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};

/// How long the engine may take to start, or for one request.
const ANSWER: Duration = Duration::from_secs(120);
/// How long it may take to stop; then it is killed.
const STOP: Duration = Duration::from_secs(10);
/// How many of the log's last lines a failure shows.
const SHOWN: usize = 60;

/// A Python with the engine installed; none, with the reason printed, where this machine has no Python to begin with.
pub(crate) fn python() -> Option<PathBuf> {
    let check = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10) and 'Python is older than 3.10')";
    let missing = match Command::new("python3").args(["-c", check]).output() {
        Ok(checked) if checked.status.success() => None,
        Ok(checked) => Some(String::from_utf8_lossy(&checked.stderr).trim().to_owned()),
        Err(why) => Some(format!("python3: {why}")),
    };
    if let Some(missing) = missing {
        let said = format!("SKIPPED: no second engine judges: it needs python3, 3.10 or later with venv: {missing}\n");
        // Past the test's captured output, which nobody sees of a test that passes.
        std::io::stderr().write_all(said.as_bytes()).expect("a terminal");
        return None;
    }
    let venv = target().join("second-engine-venv");
    let requirements = scripts().join("requirements.txt");
    let (wanted, installed) = (
        fs::read(&requirements).expect("requirements"),
        venv.join("installed.txt"),
    );
    if fs::read(&installed).ok().as_ref() != Some(&wanted) {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv));
        run(Command::new(venv.join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check", "--no-input", "-r"])
            .arg(&requirements));
        fs::write(&installed, &wanted).expect("a note of what is installed");
    }
    Some(venv.join("bin/python"))
}

/// The folder with the functions, built here as a deploy builds them, but for what optimises them whole: it takes minutes,
/// and changes nothing that is judged.
pub(crate) fn release_binaries(wiring: &Wiring) -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .args(["build", "--release", "--quiet", "--target-dir"])
        .arg(target());
    for function in wiring.functions.values() {
        cargo.args(["--bin", &function.binary]);
    }
    run(cargo.current_dir(root()));
    target().join("release")
}

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("the target folder")
}

fn scripts() -> PathBuf {
    root().join("tests/second_engine")
}

fn run(command: &mut Command) {
    let done = command.stdin(Stdio::null()).output();
    let done = done.unwrap_or_else(|why| panic!("{command:?}: {why}"));
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?} failed, {}:\n{errors}", done.status);
}

/// The running engine, by the script that started it. It ends with this.
pub(crate) struct Engine {
    pub(crate) endpoint: String,
    script: Child,
    requests: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
    folder: TempDir,
}

impl Engine {
    pub(crate) async fn start(python: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let log = File::create(folder.path().join("engine.log")).expect("a log");
        let mut script = tokio::process::Command::new(python)
            .arg(scripts().join("engine.py"))
            .arg(folder.path())
            .env("MINISTACK_ACCOUNT_ID", ACCOUNT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the engine's script");
        let answers = BufReader::new(script.stdout.take().expect("its output")).lines();
        let mut engine = Self {
            endpoint: String::new(),
            requests: script.stdin.take(),
            script,
            answers,
            folder,
        };
        let endpoint = engine.answer("start").await;
        engine.endpoint = endpoint.as_str().expect("an address").to_owned();
        engine
    }

    /// Has the script do something:
    /// - `deploy`: sets up a plan;
    /// - `put`: puts these entries on the bus;
    /// - `invoke`: calls a `function` with a `payload`;
    /// - `sms`: answers what went to phones;
    /// - `waiting`: answers how many messages lie in each queue.
    pub(crate) async fn ask(&mut self, what: &str, argument: Value) -> Value {
        let line = format!("{}\n", Value::from(Map::from_iter([(what.to_owned(), argument)])));
        if let Some(requests) = &mut self.requests {
            // A script that has ended is told of by its missing answer.
            let _ = requests.write_all(line.as_bytes()).await;
        }
        self.answer(what).await
    }

    async fn answer(&mut self, what: &str) -> Value {
        let line = match tokio::time::timeout(ANSWER, self.answers.next_line()).await {
            Ok(line) => line.expect("an answer").unwrap_or_default(),
            Err(_) => panic!("{what}: no answer within {ANSWER:?}\n{}", self.log()),
        };
        let answer: Value = serde_json::from_str(&line).unwrap_or_default();
        match answer.get("done") {
            Some(done) => done.clone(),
            None => panic!("{what}: {line}\n{}", self.log()),
        }
    }

    /// The end of the engine's log.
    pub(crate) fn log(&self) -> String {
        let log = fs::read(self.folder.path().join("engine.log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        let last = lines.get(lines.len().saturating_sub(SHOWN)..).unwrap_or_default();
        format!("the end of the engine's log:\n{}", last.join("\n"))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // The script stops the engine at the end of its input.
        self.requests = None;
        let began = Instant::now();
        while began.elapsed() < STOP {
            if !matches!(self.script.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.script.start_kill();
    }
}
