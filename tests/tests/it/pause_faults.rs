//! The kill switch with everything going wrong: crashes, late deliveries, switches that cannot be read, and very many.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use bundle_tests::{Line, Start, member, purchase, seed, sign_up};
use jiff::SignedDuration;
use programme::{MessageKind, WalletId};
use regulars::engine::Faults;
use serde_json::{Value, json};

use crate::pause::{states, switch, word};

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_claimed_before_a_pause_is_not_held_and_a_late_delivery_sends_none() {
    let line = Start::default().line().await;
    switch(&line, "programme", true).await;
    line.sign_up("01").await;
    assert_eq!(states(&line, "01").await, ["welcome paused"]);
    // As if it had been claimed before the pause, and its publisher had died.
    let name = line.bundle.table_name("MessagesTable").unwrap();
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let claim = line.client.update_item().table_name(&name).key("pk", text("01"));
    let claim = claim
        .key("sk", text("welcome#sign-up"))
        .update_expression("SET #state = :claimed, purpose = :purpose, attempts = :one REMOVE alarm_shard, alarm_at");
    let claim = claim
        .expression_attribute_names("#state", "state")
        .expression_attribute_values(":claimed", text("claimed"))
        .expression_attribute_values(":purpose", text("transactional"))
        .expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
    claim.send().await.unwrap();
    let delivery = delivery(&line, "01", "welcome#sign-up").await;
    let deliver = async || {
        let answer = line.bundle.invoke("PublishMessagesFunction", delivery.clone()).await;
        assert_eq!(answer.unwrap()["batchItemFailures"], json!([]));
    };
    deliver().await;
    assert_eq!(states(&line, "01").await, ["welcome unknown crashed-while-sending"]);
    // It is tried once more when a receipt would have come, and waits then.
    line.advance(7).await;
    assert_eq!(states(&line, "01").await, ["welcome paused crashed-while-sending"]);
    deliver().await;
    switch(&line, "programme", false).await;
    // Resumed and not released yet: the release alone hands it on.
    deliver().await;
    assert!(line.texts().is_empty());
    word(&line).await;
    for _ in 0..3 {
        deliver().await;
    }
    assert_eq!(line.texts().len(), 1);
}

/// A delivery of a message as the stream would make it, whatever became of it since.
pub(crate) async fn delivery(line: &Line, pk: &str, sk: &str) -> Value {
    let name = line.bundle.table_name("MessagesTable").unwrap();
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let get = line.client.get_item().table_name(name);
    let get = get.key("pk", text(pk)).key("sk", text(sk)).send().await.unwrap();
    let image: BTreeMap<String, Value> = get
        .item
        .expect("a message")
        .into_iter()
        .map(|(name, value)| match value {
            AttributeValue::S(text) => (name, json!({"S": text})),
            AttributeValue::N(number) => (name, json!({"N": number})),
            other => panic!("{other:?}"),
        })
        .collect();
    let mut delivery: Value =
        serde_json::from_str(include_str!("../../../events/publish-messages/intent.json")).unwrap();
    delivery["Records"][0]["dynamodb"]["NewImage"] = json!(image);
    delivery
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_read_the_switches_sends_nothing() {
    let line = Start::default().line().await;
    let table = line.bundle.table_name("MembersTable").unwrap();
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let damaged = line.client.put_item().table_name(&table);
    let damaged = damaged.item("pk", text("#switches")).item("sk", text("paused"));
    damaged.item("latest", text("nonsense")).send().await.unwrap();
    line.sign_up("01").await;
    assert!(line.texts().is_empty());
    assert!(!line.bundle.given_up().is_empty(), "the batch was taken for done");
    assert_eq!(states(&line, "01").await, ["welcome intent"]);
}

const MEMBERS: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn faults_while_it_is_paused_and_resumed_lose_and_double_nothing() {
    let seed = seed();
    let faults = Faults {
        seed,
        duplicate_percent: 20,
        throttle_percent: 5,
        half_failed_percent: 25,
        ..Faults::default()
    };
    let line = Start {
        faults,
        ..Start::default()
    }
    .line()
    .await;
    let now = line.bundle.now();
    let switches = ["programme", "channel sms", "message points-earned", "message welcome"];
    for n in 0..MEMBERS {
        line.put("sign-up", sign_up(&format!("{n:02}"), now)).await;
    }
    for round in 0..6 {
        let switch_of = switches[round % switches.len()];
        switch(&line, switch_of, true).await;
        for n in 0..MEMBERS {
            let order = format!("o-{round}-{n}");
            line.put(
                "purchase",
                purchase(&format!("{n:02}"), &order, "7.00", now + SignedDuration::from_secs(60)),
            )
            .await;
        }
        // Some rounds are half done when it is resumed, and paused again, and resumed.
        if round % 2 == 0 {
            line.settle().await;
        }
        for paused in [false, true, false] {
            switch(&line, switch_of, paused).await;
            let resumed = json!({"index": "resumed"});
            let put = line
                .bundle
                .put_event("RegularsBus", "regulars.operator", "resumed", resumed);
            put.await.unwrap();
        }
        line.settle().await;
    }
    // Stray ones go with the alarm clock.
    line.advance(2).await;
    let mut wanted = 0;
    for n in 0..MEMBERS {
        let id = format!("{n:02}");
        let told = line.told(&id).await;
        assert_eq!(told.len(), 7, "member {id}, seed {seed}: {told:?}");
        assert!(
            told.iter().all(|(_, state, _)| state == "sent"),
            "member {id}, seed {seed}: {told:?}"
        );
        wanted += told.len();
    }
    assert_eq!(line.texts().len(), wanted, "seed {seed}");
    println!(
        "seed {seed}: {wanted} messages, each once; faults {:?}",
        line.bundle.faults()
    );
}

/// More than one run of the alarm clock may let go.
const MANY: usize = 2_100;

#[tokio::test(flavor = "multi_thread")]
async fn very_many_that_waited_go_run_after_run() {
    let line = Start::default().line().await;
    let now = line.bundle.now();
    for n in 0..20 {
        line.put("sign-up", sign_up(&format!("{n:02}"), now)).await;
    }
    line.settle().await;
    let welcomed = line.texts().len();
    switch(&line, "channel sms", true).await;
    for n in 0..MANY {
        let intent = messages::Intent {
            member: member(&format!("{:02}", n % 20)),
            kind: MessageKind::PointsEarned,
            cause: format!("purchase#o-{n}").into(),
            wallet: WalletId::MAIN,
            at: now,
            useful_until: now + SignedDuration::from_hours(48),
            facts: messages::Facts {
                points: Some(3),
                ..messages::Facts::default()
            },
        };
        line.store.put_intent(&intent).await.unwrap();
    }
    line.settle().await;
    assert_eq!(line.texts().len(), welcomed);
    switch(&line, "channel sms", false).await;
    word(&line).await;
    assert_eq!(line.texts().len() - welcomed, MANY);
}
