//! Starts a function: settings, clients, the runtime, and the shapes every event has in common.
//!
//! A function's `main` reads its settings, makes its clients once, opens their connections, and hands its handler to
//! [`run`]. Nothing is made in a handler.

mod aws;
mod batch;
mod log;
mod settings;

pub use aws::{Aws, connects};
pub use aws_types::SdkConfig;
pub use batch::{BatchResponse, Failure, Records};
pub use settings::{Settings, SettingsError};

use std::future::Future;
use std::process::ExitCode;

use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Polls for events and hands each to the handler, until the environment ends.
pub async fn run<E, A, H, F>(handler: H) -> Result<(), lambda_runtime::Error>
where
    E: DeserializeOwned,
    A: Serialize,
    H: Fn(E) -> F,
    F: Future<Output = Result<A, Failure>>,
{
    lambda_runtime::run(service_fn(|event: LambdaEvent<E>| handler(event.payload))).await
}

/// Starts the log and runs `serve` on this thread; says in one line why a function could not start.
pub fn start<F>(serve: impl FnOnce() -> F) -> ExitCode
where
    F: Future<Output = Result<(), lambda_runtime::Error>>,
{
    log::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    // Boxed where it is made: each move of so large a future would touch as many pages of the stack.
    let served = runtime
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(Box::pin(serve())));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            tracing::error!("the function could not start: {why}");
            ExitCode::FAILURE
        }
    }
}

/// The time an event is handled at: what the event says, else the system's clock.
///
/// On AWS the outer shape of an event is made by the service, which never says: nobody can send us another time. (What is
/// called directly takes no word for it there.) The local bundle does say, so that a year runs in minutes.
pub fn now(said: Option<Timestamp>) -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    said.unwrap_or_else(Timestamp::now)
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self {
            error_type: failure.kind.to_owned(),
            error_message: failure.why,
        }
    }
}
