use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use tokio::net::TcpListener;

use super::{post, request};
use crate::engine::invocations::{Failure, Function};
use crate::engine::runtime_api::{Slot, serve};

const ROOT: &str = "/2018-06-01/runtime";

async fn slot(timeout: Duration) -> (Arc<Function>, Arc<Slot>, String) {
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:x".to_owned();
    let function = Arc::new(Function::new(arn, timeout));
    let slot = Arc::new(Slot::new(Arc::clone(&function)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(serve(listener, Arc::clone(&slot)));
    (function, slot, address)
}

fn invoke(function: &Arc<Function>, id: &str) -> tokio::task::JoinHandle<Result<Bytes, Failure>> {
    let (function, id) = (Arc::clone(function), id.to_owned());
    tokio::spawn(async move { function.invoke(id, Bytes::from("{\"a\":1}")).await })
}

async fn next(address: &str) -> (u16, String) {
    request("GET", address, &format!("{ROOT}/invocation/next"), &[], "").await
}

#[tokio::test]
async fn an_invocation_is_fetched_and_answered() {
    let (function, slot, address) = slot(Duration::from_secs(3)).await;
    let answer = invoke(&function, "one");
    assert_eq!(next(&address).await, (200, "{\"a\":1}".to_owned()));
    let path = format!("{ROOT}/invocation/one/response");
    assert_eq!(post(&address, &path, &[], "{}").await.0, 202);
    assert_eq!(answer.await.unwrap(), Ok(Bytes::from("{}")));
    assert_eq!(post(&address, &path, &[], "{}").await.0, 400);
    assert_eq!(slot.take_start(), (true, None));
}

#[tokio::test]
async fn an_error_is_the_invocations_failure() {
    let (function, _, address) = slot(Duration::from_secs(3)).await;
    let answer = invoke(&function, "one");
    next(&address).await;
    let body = r#"{"errorType":"Broken","errorMessage":"it broke"}"#;
    post(&address, &format!("{ROOT}/invocation/one/error"), &[], body).await;
    assert_eq!(answer.await.unwrap(), Err(Failure::new("Broken", "it broke")));
    post(&address, &format!("{ROOT}/init/error"), &[], body).await;
}

#[tokio::test]
async fn a_process_that_dies_or_dawdles_fails_its_invocation() {
    let (function, slot, address) = slot(Duration::from_secs(3)).await;
    let answer = invoke(&function, "one");
    next(&address).await;
    assert!(!slot.fail_overdue(Instant::now()));
    assert!(slot.fail_overdue(Instant::now() + Duration::from_secs(4)));
    let failure = answer.await.unwrap().unwrap_err();
    assert_eq!(failure.kind, "Sandbox.Timedout");
    assert!(failure.message.ends_with("Task timed out after 3.00 seconds"));
    let answer = invoke(&function, "two");
    next(&address).await;
    slot.fail_current(Failure::new("Runtime.ExitError", "exit status: 1"));
    assert_eq!(answer.await.unwrap().unwrap_err().kind, "Runtime.ExitError");
}
