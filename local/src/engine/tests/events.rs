use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Bundle, Options, at, options, post, wiring};
use crate::wiring::{Bus, Queue, Retry, Rule, Target, Wiring};

async fn bundle() -> Bundle {
    let queue = Queue {
        name: "events".to_owned(),
        visibility_timeout_seconds: 30,
        redrive: None,
    };
    let rule = Rule {
        id: "BusinessEventsRule".to_owned(),
        bus: Some("RegularsBus".to_owned()),
        pattern: json!({"source": [{"prefix": "shop"}]}),
        target: Target::Queue("EventsQueue".to_owned()),
        dead_letters: None,
        retry: Retry {
            maximum_attempts: 3,
            maximum_age_seconds: 60,
        },
    };
    let bus = Bus {
        name: "regulars-dev".to_owned(),
    };
    let wiring = Wiring {
        queues: BTreeMap::from([("EventsQueue".to_owned(), queue)]),
        buses: BTreeMap::from([("RegularsBus".to_owned(), bus)]),
        rules: vec![rule],
        ..wiring()
    };
    Bundle::start(Options { ..options(wiring) }).await.unwrap()
}

async fn put_events(bundle: &Bundle, entries: Value) -> (u16, Value) {
    let headers = [("x-amz-target", "AWSEvents.PutEvents")];
    let body = json!({"Entries": entries}).to_string();
    let (status, body) = post(&bundle.endpoint(), "/", &headers, &body).await;
    (status, serde_json::from_str(&body).unwrap())
}

fn entry(source: &str, detail: &str) -> Value {
    json!({
        "EventBusName": "arn:aws:events:us-east-1:123456789012:event-bus/regulars-dev",
        "Source": source, "DetailType": "purchase", "Detail": detail,
    })
}

fn queued(bundle: &Bundle) -> Vec<Value> {
    let contents = serde_json::to_value(bundle.inner_queues()).unwrap();
    let messages = contents["EventsQueue"].as_array().unwrap().clone();
    messages
        .iter()
        .map(|message| serde_json::from_str(message["body"].as_str().unwrap()).unwrap())
        .collect()
}

#[tokio::test]
async fn an_event_that_matches_goes_to_the_rules_queue_in_its_envelope() {
    let bundle = bundle().await;
    let detail = json!({"member": "0001"});
    bundle
        .put_event("RegularsBus", "shop.web", "purchase", detail.clone())
        .await
        .unwrap();
    bundle
        .put_event("RegularsBus", "regulars.x", "purchase", detail)
        .await
        .unwrap();
    let queued = queued(&bundle);
    assert_eq!(queued.len(), 1);
    assert_eq!(queued[0]["source"], "shop.web");
    assert_eq!(queued[0]["detail-type"], "purchase");
    assert_eq!(queued[0]["time"], "1997-01-01T00:00:00Z");
    assert_eq!(queued[0]["detail"]["member"], "0001");
    assert_eq!(bundle.now(), at("1997-01-01T00:00:00Z"));
}

#[tokio::test]
async fn entries_are_checked_one_by_one() {
    let bundle = bundle().await;
    let entries = json!([
        entry("shop.web", "{}"),
        entry("shop.web", "[]"),
        entry("", "{}"),
        entry("aws.s3", "{}")
    ]);
    let (status, answer) = put_events(&bundle, entries).await;
    assert_eq!(status, 200);
    assert_eq!(answer["FailedEntryCount"], 3);
    assert!(answer["Entries"][0]["EventId"].is_string());
    assert_eq!(answer["Entries"][1]["ErrorCode"], "MalformedDetail");
    assert_eq!(answer["Entries"][2]["ErrorCode"], "InvalidArgument");
    assert_eq!(answer["Entries"][3]["ErrorCode"], "NotAuthorizedForSourceException");
    assert_eq!(queued(&bundle).len(), 1);
    let eleven: Vec<Value> = (0..11).map(|_| entry("shop.web", "{}")).collect();
    let (status, answer) = put_events(&bundle, json!(eleven)).await;
    assert_eq!((status, &answer["__type"]), (400, &json!("ValidationException")));
}

#[tokio::test]
async fn an_event_for_a_bus_that_is_not_there_is_accepted_and_lost() {
    let bundle = bundle().await;
    let mut lost = entry("shop.web", "{}");
    lost["EventBusName"] = json!("regulars-typo");
    let (_, answer) = put_events(&bundle, json!([lost])).await;
    assert_eq!(answer["FailedEntryCount"], 0);
    assert_eq!(bundle.given_up()[0].place, "regulars-typo");
}
