use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::json;

use super::{Bundle, Options, Timestamp, at, call, options, wiring};
use crate::engine::EngineError;
use crate::wiring::{Bucket, Function, OnFailure, StreamMapping, Wiring};

fn function(binary: &str) -> Function {
    Function {
        name: format!("regulars-{binary}"),
        binary: binary.to_owned(),
        environment: BTreeMap::new(),
        layers: Vec::new(),
        permissions: None,
        timeout_seconds: 3,
        memory_megabytes: 128,
    }
}

fn mapping() -> StreamMapping {
    StreamMapping {
        id: "MembersStream".to_owned(),
        table: "MembersTable".to_owned(),
        function: "BrokenFunction".to_owned(),
        batch_size: 10,
        batching_window_seconds: 0,
        parallelization: 1,
        bisect: true,
        maximum_retries: Some(1),
        maximum_age_seconds: None,
        reports_failures: true,
        filters: vec![json!({"eventName": ["INSERT"]})],
        on_failure: Some(OnFailure::Bucket("FailedRecordsBucket".to_owned())),
        from_the_beginning: true,
    }
}

/// A wiring whose one function is a script that ends at once.
fn broken(folder: &Path) -> Wiring {
    let path = folder.join("broken");
    fs::write(&path, "#!/bin/sh\necho no such luck >&2\nexit 3\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let bucket = Bucket {
        name: "failed-records".to_owned(),
    };
    Wiring {
        functions: BTreeMap::from([("BrokenFunction".to_owned(), function("broken"))]),
        buckets: BTreeMap::from([("FailedRecordsBucket".to_owned(), bucket)]),
        streams: vec![mapping()],
        ..wiring()
    }
}

#[tokio::test]
async fn a_missing_binary_is_named_with_its_mend() {
    let wiring = Wiring {
        functions: BTreeMap::from([("IngestFunction".to_owned(), function("no-such-binary"))]),
        ..wiring()
    };
    let error = Bundle::start(options(wiring)).await.err().unwrap();
    assert!(matches!(error, EngineError::Binary { .. }));
    assert!(error.to_string().contains("cargo build -p no-such-binary"));
}

#[tokio::test]
async fn a_function_that_does_not_start_is_given_up_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let bundle = Bundle::start(Options {
        binaries: folder.path().to_owned(),
        data: Some(data.clone()),
        ..options(broken(folder.path()))
    })
    .await
    .unwrap();
    let item = json!({"pk": {"S": "0001"}, "sk": {"S": "account"}});
    call(&bundle, "PutItem", json!({"TableName": "members", "Item": item})).await;
    let error = bundle.settle().await.unwrap_err();
    assert!(matches!(error, EngineError::Function { .. }));
    assert!(error.to_string().contains("no such luck"), "{error}");

    let given_up = bundle.given_up();
    assert_eq!(given_up.len(), 1);
    assert_eq!(given_up[0].place, "FailedRecordsBucket");
    let record = &given_up[0].content["payload"]["Records"][0];
    assert_eq!(record["eventName"], "INSERT");
    assert_eq!(record["dynamodb"]["NewImage"]["pk"]["S"], "0001");
    assert_eq!(record["dynamodb"]["SequenceNumber"].as_str().unwrap().len(), 21);
    let context = &given_up[0].content["requestContext"];
    assert_eq!(context["condition"], "RetryAttemptsExhausted");
    assert_eq!(context["approximateInvokeCount"], 2);
    let objects = data.join("buckets/failed-records/aws/lambda/MembersStream");
    assert!(objects.is_dir());
    bundle.shutdown().await;
}

#[tokio::test]
async fn a_later_start_goes_on_from_the_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let start = |start: Timestamp| {
        Bundle::start(Options {
            data: Some(folder.path().to_owned()),
            start,
            ..options(wiring())
        })
    };
    let first = start(at("1997-01-01T00:00:00Z")).await.unwrap();
    assert_eq!(first.note(), None);
    let item = json!({"pk": {"S": "0001"}, "sk": {"S": "account"}});
    call(&first, "PutItem", json!({"TableName": "members", "Item": item})).await;
    first.advance_to(at("1997-02-01T12:00:00Z")).await.unwrap();
    first.checkpoint(&json!({"line": 7})).await.unwrap();
    let units = first.units();
    first.advance_to(at("1997-03-01T00:00:00Z")).await.unwrap();
    first.shutdown().await;

    let second = start(at("2020-01-01T00:00:00Z")).await.unwrap();
    assert_eq!(second.now(), at("1997-02-01T12:00:00Z"));
    assert_eq!(second.note(), Some(json!({"line": 7})));
    assert_eq!(second.units(), units);
    let key = json!({"pk": {"S": "0001"}, "sk": {"S": "account"}});
    let (_, answer) = call(&second, "GetItem", json!({"TableName": "members", "Key": key})).await;
    assert_eq!(answer["Item"]["sk"]["S"], "account");
}

#[tokio::test]
async fn the_clock_does_not_go_back_or_stand_still() {
    let bundle = Bundle::start(options(wiring())).await.unwrap();
    bundle.advance_to(at("1997-01-03T00:00:00Z")).await.unwrap();
    bundle.advance_to(at("1997-01-02T00:00:00Z")).await.unwrap();
    assert_eq!(bundle.now(), at("1997-01-03T00:00:00Z"));
    let step = jiff::SignedDuration::ZERO;
    let refused = Bundle::start(Options {
        step,
        ..options(wiring())
    })
    .await;
    assert!(matches!(refused.err(), Some(EngineError::Step)));
}
