//! Runs a [`Wiring`] on one machine, in virtual time: the embedded DynamoDB engine with its streams, the bus, the
//! queues, the schedules, an SNS that keeps what it accepts, and each function as processes of its real binary behind
//! the Lambda Runtime API. Everything listens on 127.0.0.1, at ports of the system's choice.
//!
//! Deliveries are at least once, as on AWS, and [`Faults`] makes them worse on demand. What AWS spreads over time
//! (retries, visibility timeouts, batching windows) happens at once here: the clock stands still between two steps.

#![allow(clippy::doc_markdown)] // DynamoDB and EventBridge are names, not code

mod batches;
mod bundle;
mod clock;
mod cpu;
mod endpoints;
mod events;
mod faults;
mod front;
mod interruptions;
mod invocations;
mod journal;
mod operations;
mod opt_outs;
mod permissions;
mod processes;
mod queues;
mod quiet;
mod runtime_api;
mod schedules;
mod shared;
mod sns;
mod spending;
mod state;
mod streams;
mod tables;
#[cfg(test)]
mod tests;
mod topics;
mod units;

use std::io;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

pub use bundle::Bundle;
pub use faults::Faults;
pub use interruptions::{Interruption, Moment, Point};
pub use journal::Carried;
pub use queues::GivenUp;
pub use sns::{Published, To};
pub use units::{UnitCount, UnitKey, Units};

use crate::wiring::Wiring;

/// Who signs as this only looks on: no function spends what it takes, and no fault of the tables strikes it.
pub const ONLOOKER: &str = "regulars";

/// How a bundle is started.
#[derive(Debug)]
pub struct Options {
    pub wiring: Wiring,
    /// Layers are relative to it.
    pub template_dir: PathBuf,
    /// Takes the place of every layer's content.
    pub layer_overrides: Option<PathBuf>,
    /// The folder that holds the function binaries.
    pub binaries: PathBuf,
    /// Where everything is kept and gone on from; in memory without it.
    pub data: Option<PathBuf>,
    /// Virtual time at a first start. A later start goes on from the stored clock.
    pub start: Timestamp,
    /// How far the clock moves at once. A schedule fires at most once in a step.
    pub step: SignedDuration,
    pub faults: Faults,
    /// Where the functions' output is appended; without it only the last lines are kept, to explain errors.
    pub log: Option<PathBuf>,
}

/// Why a bundle does not start or does not go on.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("function {function}: there is no binary {path}; build it with `cargo build -p {binary}`", path = path.display())]
    Binary {
        function: String,
        binary: String,
        path: PathBuf,
    },
    #[error("function {function} cannot be kept running: {reason}")]
    Function { function: String, reason: String },
    #[error("function {function} failed: {kind}: {message}")]
    Invocation {
        function: String,
        kind: String,
        message: String,
    },
    #[error("table {id} cannot be created: {reason}")]
    Table { id: String, reason: String },
    #[error("mapping {mapping} reads {missing}, which the template does not have")]
    Mapping { mapping: String, missing: String },
    #[error("schedule {id}: {reason}")]
    Schedule { id: String, reason: String },
    #[error("the event bus refused the event: {code}: {message}")]
    Event { code: String, message: String },
    #[error("there is no topic {0} in the template")]
    Topic(String),
    #[error("the step of the clock must be longer than nothing")]
    Step,
    #[error("the embedded database failed: {0}")]
    Database(String),
    #[error("{path}: {source}", path = path.display())]
    Data { path: PathBuf, source: io::Error },
    #[error("no port on 127.0.0.1 could be opened: {0}")]
    Listen(io::Error),
}
