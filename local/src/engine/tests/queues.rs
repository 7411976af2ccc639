use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use serde_json::{Value, json};

use super::at;
use crate::engine::faults::{Dice, Faults};
use crate::engine::invocations::{Failure, Ids, Outcome};
use crate::engine::queues::{GivenUp, Queues};
use crate::engine::quiet::Quiet;
use crate::wiring::{Queue, QueueMapping, Redrive, Wiring};

struct Case {
    queues: Queues,
    quiet: Arc<Quiet>,
    given_up: Arc<Mutex<Vec<GivenUp>>>,
    mapping: QueueMapping,
}

fn case(reports_failures: bool, filters: Vec<Value>) -> Case {
    let queue = |name: &str, redrive| Queue {
        name: name.to_owned(),
        visibility_timeout_seconds: 30,
        redrive,
    };
    let redrive = Redrive {
        queue: "DeadLettersQueue".to_owned(),
        max_receives: 3,
    };
    let mapping = QueueMapping {
        id: "Poll".to_owned(),
        queue: "EventsQueue".to_owned(),
        function: "IngestFunction".to_owned(),
        batch_size: 10,
        batching_window_seconds: 0,
        reports_failures,
        filters,
    };
    let wiring = Wiring {
        queues: BTreeMap::from([
            ("EventsQueue".to_owned(), queue("events", Some(redrive))),
            ("DeadLettersQueue".to_owned(), queue("dead", None)),
        ]),
        polls: vec![mapping.clone()],
        ..Wiring::default()
    };
    let (quiet, given_up) = (Arc::new(Quiet::default()), Arc::default());
    Case {
        queues: Queues::new(&wiring, Arc::clone(&quiet), Ids::new(0), Arc::clone(&given_up)),
        quiet,
        given_up,
        mapping,
    }
}

/// Polls until the queue is quiet, and answers the bodies of each call.
async fn run(case: &Case, answer: impl Fn(&Value) -> Outcome) -> Vec<Vec<String>> {
    let calls = Mutex::new(Vec::new());
    let dice = Dice::new(Faults::default());
    let poll = case.queues.poll(
        &case.mapping,
        &dice,
        || at("1997-01-01T00:00:00Z"),
        |payload| {
            let payload: Value = serde_json::from_slice(&payload).unwrap();
            let records = payload["Records"].as_array().unwrap();
            let bodies = records.iter().map(|record| record["body"].as_str().unwrap().to_owned());
            calls.lock().unwrap().push(bodies.collect::<Vec<_>>());
            let outcome = answer(&payload);
            async move { outcome }
        },
    );
    tokio::select! {
        () = poll => {}
        () = case.quiet.wait() => {}
        () = tokio::time::sleep(Duration::from_secs(5)) => panic!("never quiet"),
    }
    calls.into_inner().unwrap()
}

#[tokio::test]
async fn messages_come_in_batches_of_the_event_shape() {
    let case = case(true, Vec::new());
    for number in 0..12 {
        case.queues
            .send("EventsQueue", number.to_string(), at("1997-01-01T00:00:00Z"));
    }
    let calls = run(&case, |payload| {
        let record = &payload["Records"][0];
        assert_eq!(payload["now"], "1997-01-01T00:00:00Z");
        assert_eq!(record["eventSource"], "aws:sqs");
        assert_eq!(record["eventSourceARN"], "arn:aws:sqs:us-east-1:123456789012:events");
        assert_eq!(record["attributes"]["ApproximateReceiveCount"], "1");
        Ok(Bytes::new())
    })
    .await;
    assert_eq!(calls.iter().map(Vec::len).collect::<Vec<_>>(), [10, 2]);
    assert!(case.given_up.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_named_message_is_received_again_until_it_is_a_dead_letter() {
    let case = case(true, Vec::new());
    case.queues
        .send("EventsQueue", "good".to_owned(), at("1997-01-01T00:00:00Z"));
    case.queues
        .send("EventsQueue", r#"{"bad":1}"#.to_owned(), at("1997-01-01T00:00:00Z"));
    let calls = run(&case, |payload| {
        let records = payload["Records"].as_array().unwrap();
        let bad = records.iter().filter(|record| record["body"] != "good");
        let failures: Vec<Value> = bad
            .map(|record| json!({"itemIdentifier": record["messageId"]}))
            .collect();
        Ok(Bytes::from(json!({"batchItemFailures": failures}).to_string()))
    })
    .await;
    assert_eq!(
        calls,
        [vec!["good", r#"{"bad":1}"#], vec![r#"{"bad":1}"#], vec![r#"{"bad":1}"#]]
    );
    let given_up = case.given_up.lock().unwrap();
    assert_eq!(given_up.len(), 1);
    assert_eq!(given_up[0].place, "DeadLettersQueue");
    assert_eq!(given_up[0].content, json!({"bad": 1}));
    assert!(given_up[0].reason.starts_with("received 3 times"));
}

#[tokio::test]
async fn an_error_or_an_unknown_name_fails_the_batch() {
    for outcome in [
        Err(Failure::new("Broken", "it broke")),
        Ok(Bytes::from(
            json!({"batchItemFailures": [{"itemIdentifier": "nobody"}]}).to_string(),
        )),
    ] {
        let case = case(true, Vec::new());
        for number in 0..2 {
            case.queues
                .send("EventsQueue", number.to_string(), at("1997-01-01T00:00:00Z"));
        }
        let calls = run(&case, |_| outcome.clone()).await;
        assert_eq!(calls.len(), 3);
        assert_eq!(case.given_up.lock().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn what_no_filter_lets_through_is_deleted() {
    let case = case(true, vec![json!({"body": {"kind": ["wanted"]}})]);
    for body in [r#"{"kind":"wanted"}"#, r#"{"kind":"other"}"#, "no json"] {
        case.queues
            .send("EventsQueue", body.to_owned(), at("1997-01-01T00:00:00Z"));
    }
    let calls = run(&case, |_| Ok(Bytes::new())).await;
    assert_eq!(calls, [vec![r#"{"kind":"wanted"}"#]]);
}
