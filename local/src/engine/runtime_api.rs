//! The Lambda Runtime API, one listener for each function process.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot};

use super::invocations::{Failure, Function, Outcome};

/// The answer to an invocation may be 6 MB; nothing here is larger.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// A process's place: the invocation it works on, and a way to have it killed.
pub(super) struct Slot {
    pub(super) function: Arc<Function>,
    current: Mutex<Option<Current>>,
    /// The process's number while it runs.
    pub(super) process: Mutex<Option<u32>>,
    /// How many requests the process made in the invocation it works on.
    requests: AtomicU32,
    /// Set at the process's first request for work: it has started.
    started: Mutex<bool>,
    /// What the process said before it could start.
    init_failure: Mutex<Option<Failure>>,
    pub(super) kill: Notify,
}

struct Current {
    id: String,
    deadline: Instant,
    answer: oneshot::Sender<Outcome>,
}

impl Slot {
    pub(super) fn new(function: Arc<Function>) -> Self {
        Self {
            function,
            current: Mutex::default(),
            process: Mutex::default(),
            requests: AtomicU32::new(0),
            started: Mutex::default(),
            init_failure: Mutex::default(),
            kill: Notify::new(),
        }
    }

    fn take(&self, only: impl FnOnce(&Current) -> bool) -> Option<Current> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().is_some_and(only) {
            return current.take();
        }
        None
    }

    /// Which request of its invocation the process makes, counted from one.
    pub(super) fn next_request(&self) -> u32 {
        self.requests.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Fails the invocation under way, if any.
    pub(super) fn fail_current(&self, failure: Failure) {
        if let Some(current) = self.take(|_| true) {
            let _ = current.answer.send(Err(failure));
        }
    }

    /// Fails the invocation under way if its time is up. Answers whether it was.
    pub(super) fn fail_overdue(&self, now: Instant) -> bool {
        let Some(current) = self.take(|current| current.deadline <= now) else {
            return false;
        };
        let message = format!(
            "{} Task timed out after {:.2} seconds",
            current.id,
            self.function.timeout.as_secs_f64()
        );
        let _ = current.answer.send(Err(Failure::new("Sandbox.Timedout", message)));
        true
    }

    /// Whether a process got as far as asking for work, and what it said if it did not; forgotten by asking.
    pub(super) fn take_start(&self) -> (bool, Option<Failure>) {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        let mut failure = self.init_failure.lock().unwrap_or_else(PoisonError::into_inner);
        (std::mem::take(&mut *started), failure.take())
    }
}

/// Serves the API for one slot until the task is dropped.
pub(super) async fn serve(listener: TcpListener, slot: Arc<Slot>) {
    let root = "/2018-06-01/runtime";
    let app = Router::new()
        .route(&format!("{root}/invocation/next"), get(next))
        .route(&format!("{root}/invocation/{{id}}/response"), post(respond))
        .route(&format!("{root}/invocation/{{id}}/error"), post(fail))
        .route(&format!("{root}/init/error"), post(fail_init))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(slot);
    if let Err(error) = axum::serve(listener, app).await {
        tracing::error!(%error, "the Runtime API stopped");
    }
}

async fn next(State(slot): State<Arc<Slot>>) -> Response<Body> {
    *slot.started.lock().unwrap_or_else(PoisonError::into_inner) = true;
    slot.fail_current(Failure::new(
        "Runtime.NoResponse",
        "the process asked for the next invocation before it answered the last",
    ));
    let Some(invocation) = slot.function.next().await else {
        return plain(StatusCode::GONE);
    };
    let timeout = slot.function.timeout;
    let deadline_ms = deadline_ms(timeout);
    let response = Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", &invocation.id)
        .header("lambda-runtime-deadline-ms", deadline_ms.to_string())
        .header("lambda-runtime-invoked-function-arn", slot.function.arn.as_str())
        .header("lambda-runtime-trace-id", trace_id(&invocation.id))
        .body(Body::from(invocation.payload));
    slot.requests.store(0, Ordering::Relaxed);
    // From here to the answer nothing waits: a process that dies finds its invocation in the slot.
    *slot.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(Current {
        id: invocation.id,
        deadline: Instant::now() + timeout,
        answer: invocation.answer,
    });
    response.unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR))
}

/// A deadline as the API states it: real time, since the processes' clocks are real.
#[allow(clippy::disallowed_methods)]
fn deadline_ms(timeout: Duration) -> u128 {
    (SystemTime::now() + timeout)
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis())
}

async fn respond(State(slot): State<Arc<Slot>>, Path(id): Path<String>, body: Bytes) -> Response<Body> {
    answer(&slot, &id, Ok(body))
}

async fn fail(State(slot): State<Arc<Slot>>, Path(id): Path<String>, body: Bytes) -> Response<Body> {
    answer(&slot, &id, Err(failure(&body)))
}

async fn fail_init(State(slot): State<Arc<Slot>>, body: Bytes) -> Response<Body> {
    *slot.init_failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure(&body));
    plain(StatusCode::ACCEPTED)
}

fn answer(slot: &Slot, id: &str, outcome: Outcome) -> Response<Body> {
    match slot.take(|current| current.id == id) {
        Some(current) => {
            let _ = current.answer.send(outcome);
            plain(StatusCode::ACCEPTED)
        }
        None => plain(StatusCode::BAD_REQUEST),
    }
}

fn failure(body: &[u8]) -> Failure {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    Failure::new(text("errorType"), text("errorMessage"))
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::from("{}"));
    *response.status_mut() = status;
    response
}

/// An X-Ray header of the right shape, made of the request's id.
fn trace_id(id: &str) -> String {
    let hex: VecDeque<char> = id.chars().filter(char::is_ascii_hexdigit).collect();
    let digits = |count: usize| hex.iter().rev().take(count).rev().collect::<String>();
    format!("Root=1-{:08x}-{};Parent={};Sampled=0", 0, digits(24), digits(16))
}
