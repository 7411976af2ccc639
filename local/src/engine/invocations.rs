//! Invocations on their way to a function, and what comes of them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};

/// Why an invocation failed: the error type and message as Lambda reports them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) kind: String,
    pub(super) message: String,
}

impl Failure {
    pub(super) fn new(kind: &str, message: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            message: message.into(),
        }
    }
}

pub(super) type Outcome = Result<Bytes, Failure>;

/// A payload for a function, and the way back for the answer.
pub(super) struct Invocation {
    pub(super) id: String,
    pub(super) payload: Bytes,
    pub(super) answer: oneshot::Sender<Outcome>,
}

/// One function: its invocations wait here until one of its processes asks for the next.
pub(super) struct Function {
    pub(super) arn: String,
    pub(super) timeout: Duration,
    sender: mpsc::UnboundedSender<Invocation>,
    receiver: AsyncMutex<mpsc::UnboundedReceiver<Invocation>>,
    /// Set once its processes cannot be kept running: every invocation fails with it from then on.
    broken: OnceLock<Failure>,
    recent: Mutex<std::collections::VecDeque<String>>,
}

/// Lines of output kept per function, to explain a crash.
const LINES: usize = 40;

impl Function {
    pub(super) fn new(arn: String, timeout: Duration) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        Self {
            arn,
            timeout,
            sender,
            receiver: AsyncMutex::new(receiver),
            broken: OnceLock::new(),
            recent: Mutex::default(),
        }
    }

    /// Runs the function on a payload and waits for its answer.
    pub(super) async fn invoke(&self, id: String, payload: Bytes) -> Outcome {
        if let Some(failure) = self.broken.get() {
            return Err(failure.clone());
        }
        let (answer, outcome) = oneshot::channel();
        let invocation = Invocation { id, payload, answer };
        let stopped = || Failure::new("Runtime.Stopped", "the bundle was shut down");
        self.sender.send(invocation).map_err(|_| stopped())?;
        // Broken in between: nobody may come for it any more.
        if self.broken.get().is_some() {
            self.fail_waiting().await;
        }
        outcome.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// The next invocation; a process waits here for as long as it takes.
    pub(super) async fn next(&self) -> Option<Invocation> {
        self.receiver.lock().await.recv().await
    }

    pub(super) fn broken(&self) -> Option<&Failure> {
        self.broken.get()
    }

    /// Gives the function up.
    pub(super) async fn break_with(&self, failure: Failure) {
        let _ = self.broken.set(failure);
        self.fail_waiting().await;
    }

    async fn fail_waiting(&self) {
        let Some(failure) = self.broken.get() else {
            return;
        };
        // A process that waits for work holds the lock; it takes what comes, and the lock is free again.
        let mut receiver = self.receiver.lock().await;
        while let Ok(invocation) = receiver.try_recv() {
            let _ = invocation.answer.send(Err(failure.clone()));
        }
    }

    pub(super) fn remember_line(&self, line: &str) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() == LINES {
            recent.pop_front();
        }
        recent.push_back(line.to_owned());
    }

    /// The last lines of its processes' output.
    pub(super) fn recent_lines(&self) -> String {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.iter().cloned().collect::<Vec<_>>().join("\n")
    }
}

/// Gives out identifiers in the form of UUIDs: the same ones for the same run in memory, others after a restart.
#[derive(Debug)]
pub(super) struct Ids {
    start: u64,
    next: AtomicU64,
}

impl Ids {
    pub(super) fn new(start: u64) -> Arc<Self> {
        Arc::new(Self {
            start,
            next: AtomicU64::new(1),
        })
    }

    pub(super) fn next(&self) -> String {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        format!(
            "{:08x}-{:04x}-4000-8000-{next:012x}",
            (self.start >> 16) & 0xffff_ffff,
            self.start & 0xffff,
        )
    }
}
