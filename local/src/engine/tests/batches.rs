use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use serde_json::{Value, json};

use super::at;
use crate::engine::batches::{Abandoned, Record, Rules, deliver, failures};
use crate::engine::invocations::{Failure, Outcome};

fn records(count: i64) -> Vec<Arc<Record>> {
    (0..count)
        .map(|number| {
            Arc::new(Record {
                number,
                sequence: format!("s{number}"),
                created: at("1997-01-01T00:00:00Z"),
                json: json!({"n": number}).to_string(),
            })
        })
        .collect()
}

fn rules() -> Rules {
    Rules {
        bisect: true,
        reports_failures: true,
        maximum_retries: Some(2),
        maximum_age_seconds: None,
    }
}

fn broken() -> Outcome {
    Err(Failure::new("Broken", "it broke"))
}

#[allow(clippy::unnecessary_wraps)] // a function's outcome, like the others
fn named(name: &str) -> Outcome {
    Ok(Bytes::from(
        json!({"batchItemFailures": [{"itemIdentifier": name}]}).to_string(),
    ))
}

/// Delivers records to a function that answers as `answer` says, and tells which records each call had.
async fn run(count: i64, rules: &Rules, answer: impl Fn(&[i64]) -> Outcome) -> (Vec<Vec<i64>>, Vec<Abandoned>) {
    let calls = Mutex::new(Vec::new());
    let abandoned = deliver(
        records(count),
        rules,
        || at("1997-01-01T01:00:00Z"),
        |payload| {
            let payload: Value = serde_json::from_slice(&payload).unwrap();
            assert_eq!(payload["now"], "1997-01-01T01:00:00Z");
            let records = payload["Records"].as_array().unwrap();
            let numbers: Vec<i64> = records.iter().map(|r| r["n"].as_i64().unwrap()).collect();
            let outcome = answer(&numbers);
            calls.lock().unwrap().push(numbers);
            async move { outcome }
        },
    )
    .await;
    (calls.into_inner().unwrap(), abandoned)
}

#[tokio::test]
async fn a_batch_that_succeeds_is_delivered_once() {
    for answer in [
        "",
        "null",
        "{}",
        r#"{"batchItemFailures":null}"#,
        r#"{"batchItemFailures":[]}"#,
    ] {
        let (calls, abandoned) = run(3, &rules(), |_| Ok(Bytes::from(answer))).await;
        assert_eq!(calls, [vec![0, 1, 2]], "{answer}");
        assert!(abandoned.is_empty());
    }
}

#[tokio::test]
async fn a_named_failure_is_the_checkpoint() {
    let failed = Mutex::new(false);
    let (calls, abandoned) = run(4, &rules(), |_| {
        if std::mem::replace(&mut *failed.lock().unwrap(), true) {
            return Ok(Bytes::new());
        }
        let both = json!({"batchItemFailures": [{"itemIdentifier": "s3"}, {"itemIdentifier": "s2"}]});
        Ok(Bytes::from(both.to_string()))
    })
    .await;
    assert_eq!(calls, [vec![0, 1, 2, 3], vec![2, 3]]);
    assert!(abandoned.is_empty());
}

#[tokio::test]
async fn an_error_is_narrowed_down_to_the_record_that_causes_it() {
    let (calls, abandoned) = run(4, &rules(), |numbers| {
        if numbers.contains(&2) {
            broken()
        } else {
            Ok(Bytes::new())
        }
    })
    .await;
    assert_eq!(
        calls,
        [
            vec![0, 1, 2, 3],
            vec![0, 1],
            vec![2, 3],
            vec![2],
            vec![2],
            vec![2],
            vec![3]
        ]
    );
    assert_eq!(abandoned.len(), 1);
    assert_eq!(abandoned[0].records[0].number, 2);
    assert_eq!(abandoned[0].condition, "RetryAttemptsExhausted");
    assert_eq!(abandoned[0].invocations, 3);
    assert_eq!(abandoned[0].failure.as_ref().unwrap().kind, "Broken");
}

#[tokio::test]
async fn a_record_that_always_fails_by_name_is_given_up_alone() {
    let (calls, abandoned) = run(4, &rules(), |numbers| {
        if numbers.contains(&2) {
            named("s2")
        } else {
            Ok(Bytes::new())
        }
    })
    .await;
    assert_eq!(calls.first(), Some(&vec![0, 1, 2, 3]));
    assert_eq!(calls.last(), Some(&vec![3]));
    assert_eq!(abandoned.len(), 1);
    assert_eq!(abandoned[0].records.len(), 1);
    assert_eq!(abandoned[0].records[0].number, 2);
    assert!(abandoned[0].failure.is_none());
}

#[tokio::test]
async fn an_identifier_that_names_nothing_fails_the_whole_batch() {
    let rules = Rules {
        bisect: false,
        maximum_retries: Some(1),
        ..rules()
    };
    for answer in [
        json!({"batchItemFailures": [{"itemIdentifier": "elsewhere"}]}),
        json!({"batchItemFailures": [{"itemIdentifier": ""}]}),
        json!({"batchItemFailures": [{"itemIdentifier": null}]}),
        json!({"batchItemFailures": [{"id": "s1"}]}),
        json!({"failures": []}),
    ] {
        let (calls, abandoned) = run(2, &rules, |_| Ok(Bytes::from(answer.to_string()))).await;
        assert_eq!(calls, [vec![0, 1], vec![0, 1]], "{answer}");
        assert_eq!(abandoned[0].records.len(), 2);
    }
}

#[tokio::test]
async fn answers_count_only_where_the_mapping_says_so() {
    let rules = Rules {
        reports_failures: false,
        ..rules()
    };
    let (calls, _) = run(2, &rules, |_| named("s0")).await;
    assert_eq!(calls.len(), 1);
}

#[tokio::test]
async fn records_past_their_age_are_not_delivered() {
    let rules = Rules {
        maximum_age_seconds: Some(60),
        ..rules()
    };
    let (calls, abandoned) = run(2, &rules, |_| Ok(Bytes::new())).await;
    assert!(calls.is_empty());
    assert_eq!(abandoned[0].condition, "RecordAgeExceeded");
    assert_eq!(abandoned[0].records.len(), 2);
}

#[test]
fn failures_are_read_as_lambda_reads_them() {
    assert_eq!(failures(b"null"), Some(vec![]));
    assert_eq!(
        failures(br#"{"batchItemFailures":[{"itemIdentifier":"a"}]}"#),
        Some(vec!["a".to_owned()])
    );
    assert_eq!(failures(br#""done""#), None);
    assert_eq!(failures(b"not json"), None);
}
