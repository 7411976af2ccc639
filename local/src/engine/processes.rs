//! Function processes: started with Lambda's environment, watched, and started again when they end.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use super::EngineError;
use super::invocations::Failure;
use super::runtime_api::{self, Slot};
use crate::wiring::{self, ACCOUNT, REGION};

/// How often a process's deadline is looked at. Lambda's timeouts are whole seconds.
const WATCH: Duration = Duration::from_millis(100);

/// Starts in a row that come to nothing before a function is given up.
const FRUITLESS_STARTS: u32 = 3;

/// Where the functions' output goes.
pub(super) type Log = Arc<Mutex<File>>;

/// What a function's processes are started from.
pub(super) struct Program {
    pub(super) binary: PathBuf,
    pub(super) name: String,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) log: Option<Log>,
}

impl Program {
    pub(super) fn new(
        id: &str,
        function: &wiring::Function,
        binaries: &Path,
        layers: &Layers<'_>,
        endpoint: &str,
        log: Option<Log>,
    ) -> Result<Self, EngineError> {
        let binary = binaries.join(&function.binary);
        if !binary.is_file() {
            return Err(EngineError::Binary {
                function: id.to_owned(),
                binary: function.binary.clone(),
                path: binary,
            });
        }
        let mut environment: BTreeMap<String, String> = function
            .environment
            .iter()
            .map(|(name, value)| (name.clone(), layers.resolve(function, value)))
            .collect();
        let memory = function.memory_megabytes.to_string();
        let group = format!("/aws/lambda/{}", function.name);
        for (name, value) in [
            ("AWS_LAMBDA_FUNCTION_NAME", function.name.as_str()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", &group),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "local"),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("AWS_REGION", REGION),
            ("AWS_DEFAULT_REGION", REGION),
            // Tells the tables who spends the units; nothing here is signed for real.
            ("AWS_ACCESS_KEY_ID", &function.binary),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            // What is called directly takes the time from the call.
            ("VIRTUAL_TIME", "1"),
            ("AWS_ENDPOINT_URL_DYNAMODB", endpoint),
            ("AWS_ENDPOINT_URL_SNS", endpoint),
            ("AWS_ENDPOINT_URL_EVENTBRIDGE", endpoint),
            // The crypto library gathers CPU jitter for some 50 ms at a start otherwise.
            ("AWS_LC_SYS_NO_JITTER_ENTROPY", "1"),
        ] {
            environment.insert(name.to_owned(), value.to_owned());
        }
        Ok(Self {
            binary,
            name: function.name.clone(),
            environment,
            log,
        })
    }

    fn spawn(&self, runtime_api: &str, token: &str) -> std::io::Result<Child> {
        Command::new(&self.binary)
            .env_clear()
            .envs(&self.environment)
            .env("AWS_LAMBDA_RUNTIME_API", runtime_api)
            // Tells SNS which process published.
            .env("AWS_SESSION_TOKEN", token)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
    }
}

/// Where the content of layers lies.
pub(super) struct Layers<'a> {
    pub(super) template_dir: &'a Path,
    pub(super) overridden: Option<&'a Path>,
}

impl Layers<'_> {
    /// A variable's value with `/opt` replaced by the folder whose content Lambda would show there.
    fn resolve(&self, function: &wiring::Function, value: &str) -> String {
        let rest = match value.strip_prefix("/opt") {
            Some("") => "",
            Some(rest) if rest.starts_with('/') => rest.trim_start_matches('/'),
            _ => return value.to_owned(),
        };
        let folders: Vec<PathBuf> = match self.overridden {
            Some(folder) => vec![folder.to_owned()],
            None => function
                .layers
                .iter()
                .map(|layer| self.template_dir.join(layer))
                .collect(),
        };
        // Later layers lie over earlier ones.
        let found = folders.iter().rev().find(|folder| folder.join(rest).exists());
        let Some(folder) = found.or(folders.first()) else {
            return value.to_owned();
        };
        let path = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
        let path = if rest.is_empty() { path } else { path.join(rest) };
        path.to_string_lossy().into_owned()
    }
}

/// Keeps one process of a function running until the task is dropped; the process dies with it.
pub(super) async fn supervise(program: Arc<Program>, slot: Arc<Slot>, listener: TcpListener, token: String) {
    let Ok(address) = listener.local_addr() else {
        return;
    };
    let address = address.to_string();
    let serving = runtime_api::serve(listener, Arc::clone(&slot));
    let watching = async {
        let mut fruitless = 0;
        loop {
            let ended = run_once(&program, &slot, &address, &token).await;
            let (started, said) = slot.take_start();
            let mut message = ended.clone();
            if let Some(line) = slot.function.recent_lines().lines().last() {
                message = format!("{message}; its last line: {line}");
            }
            slot.fail_current(Failure::new("Runtime.ExitError", message));
            fruitless = if started { 0 } else { fruitless + 1 };
            if fruitless == FRUITLESS_STARTS {
                let failure = said.unwrap_or_else(|| Failure::new("Runtime.ExitError", ended));
                let message = format!(
                    "{} does not start: {}\n{}",
                    program.binary.display(),
                    failure.message,
                    slot.function.recent_lines()
                );
                slot.function
                    .break_with(Failure::new(&failure.kind, message.trim_end()))
                    .await;
                return std::future::pending::<()>().await;
            }
        }
    };
    tokio::join!(serving, watching);
}

/// Starts the process and waits for its end. Answers how it ended.
async fn run_once(program: &Program, slot: &Slot, address: &str, token: &str) -> String {
    let mut child = match program.spawn(address, token) {
        Ok(child) => child,
        Err(error) => return format!("{}: {error}", program.binary.display()),
    };
    *slot.process.lock().unwrap_or_else(PoisonError::into_inner) = child.id();
    let output = child.stdout.take();
    let errors = child.stderr.take();
    let lines = async { tokio::join!(copy_lines(program, slot, output), copy_lines(program, slot, errors)) };
    let ended = wait(&mut child, slot);
    // The pipes close when the process ends.
    let (ended, _) = tokio::join!(ended, lines);
    *slot.process.lock().unwrap_or_else(PoisonError::into_inner) = None;
    ended
}

async fn wait(child: &mut Child, slot: &Slot) -> String {
    let mut watch = tokio::time::interval(WATCH);
    watch.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            ended = child.wait() => return match ended {
                Ok(status) => format!("Runtime exited with error: {status}"),
                Err(error) => format!("Runtime lost: {error}"),
            },
            _ = watch.tick() => {
                if slot.fail_overdue(Instant::now()) {
                    let _ = child.start_kill();
                }
            }
            () = slot.kill.notified() => {
                let _ = child.start_kill();
            }
        }
    }
}

async fn copy_lines(program: &Program, slot: &Slot, from: Option<impl AsyncRead + Unpin>) {
    let Some(from) = from else { return };
    let mut lines = BufReader::new(from).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(log) = &program.log {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = writeln!(log, "{} {line}", program.name);
        }
        slot.function.remember_line(&line);
    }
}

/// The ARN of a function.
pub(super) fn arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}
