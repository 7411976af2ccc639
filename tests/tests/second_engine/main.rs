//! A second, independent engine judges ours: the same events go through the local bundle and through ministack, with
//! the same release binaries, and must come to the same ledgers, messages and texts.
//!
//! Needs `python3`, 3.10 or later with venv; everything else is installed into `target/second-engine-venv`.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod engine;
mod plan;
mod reading;
mod story;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bundle_tests::root;
use jiff::{SignedDuration, Timestamp};
use regulars::engine::{Bundle, Faults, Options, To};
use regulars::wiring::Wiring;
use serde_json::{Value, json};

use self::engine::Engine;
use self::reading::{Reading, Tables};
use self::story::Step;

/// How long the second engine may take for one step.
const STEP: Duration = Duration::from_secs(120);
/// How long it is watched after the last one: whatever it would do twice, it does within that.
const AFTERWARDS: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn both_engines_come_to_the_same() {
    let Some(python) = engine::python() else { return };
    let began = Instant::now();
    let parameters = BTreeMap::from([("PushApplications".to_owned(), plan::push_applications())]);
    let wiring = regulars::template::read(&root().join("template.yaml"), &parameters).expect("the template");
    let binaries = engine::release_binaries(&wiring);
    let built = began.elapsed();

    // The second engine has no clock but the real one.
    let now = Timestamp::from_second(Timestamp::now().as_second()).expect("now");
    let (expected, wake_at) = by_the_bundle(&wiring, &binaries, now).await;

    let mut second = Engine::start(&python).await;
    let plan = plan::plan(&wiring, root(), &binaries);
    second.ask("deploy", plan).await;
    let tables = Tables::new(&second.endpoint, &wiring);
    for (number, (step, expected)) in story::steps(now).iter().zip(&expected).enumerate() {
        match step {
            Step::Events(events) => {
                let bus = &wiring.buses["RegularsBus"].name;
                let entries = events.iter().map(|(kind, detail)| {
                    json!({"EventBusName": bus, "Source": "shop.test", "DetailType": kind, "Detail": detail.to_string()})
                });
                second.ask("put", entries.collect()).await;
            }
            Step::Wake => {
                let call =
                    json!({"function": wiring.functions["WakeMembersFunction"].name, "payload": {"now": wake_at}});
                second.ask("invoke", call).await;
            }
        }
        reaches(&mut second, &tables, now, expected, number).await;
    }
    tokio::time::sleep(AFTERWARDS).await;
    let last = read(&mut second, &tables, now).await;
    let expected = expected.last().expect("a last step");
    assert!(last == *expected, "it went on:\n{}", last.against(expected));
    let waiting = second.ask("waiting", Value::Null).await;
    let idle = waiting
        .as_object()
        .is_some_and(|queues| queues.values().all(|count| *count == 0));
    assert!(idle, "messages lie in the queues: {waiting}\n{}", second.log());
    println!(
        "{} facts alike; build {built:.1?}, all {:.1?}",
        last.len(),
        began.elapsed()
    );
}

/// What the local bundle comes to after each step, and the instant to which it woke its members.
async fn by_the_bundle(wiring: &Wiring, binaries: &std::path::Path, now: Timestamp) -> (Vec<Reading>, Timestamp) {
    let bundle = Bundle::start(Options {
        wiring: wiring.clone(),
        template_dir: root().to_owned(),
        layer_overrides: None,
        binaries: binaries.to_owned(),
        data: None,
        start: now,
        step: SignedDuration::from_hours(1),
        faults: Faults::default(),
        log: None,
    });
    let bundle = bundle.await.expect("the bundle");
    let tables = Tables::new(&bundle.endpoint(), wiring);
    let (mut readings, mut wake_at) = (Vec::new(), now);
    for step in story::steps(now) {
        match step {
            Step::Events(events) => {
                for (kind, detail) in events {
                    let put = bundle.put_event("RegularsBus", "shop.test", kind, detail);
                    put.await.expect("the bus");
                }
            }
            Step::Wake => {
                wake_at = story::reminder(tables.last_day("0001").await);
                let woken = bundle.invoke("WakeMembersFunction", json!({"now": wake_at}));
                woken.await.expect("wake-members");
            }
        }
        bundle.settle().await.expect("quiet");
        let mut reading = tables.read(now).await;
        for published in bundle.published() {
            if let To::Phone(number) = published.target {
                let kind = published.attributes["AWS.SNS.SMS.SMSType"].as_str();
                reading.add_sms(&number, kind, &published.body);
            }
        }
        readings.push(reading);
    }
    assert!(bundle.given_up().is_empty(), "{:?}", bundle.given_up());
    bundle.shutdown().await;
    story::check(&readings);
    (readings, wake_at)
}

async fn read(second: &mut Engine, tables: &Tables, now: Timestamp) -> Reading {
    let mut reading = tables.read(now).await;
    let sent: Vec<[String; 3]> = serde_json::from_value(second.ask("sms", Value::Null).await).expect("the SMS");
    for [number, kind, text] in sent {
        reading.add_sms(&number, &kind, &text);
    }
    reading
}

/// Waits until the second engine has come to what is expected.
async fn reaches(second: &mut Engine, tables: &Tables, now: Timestamp, expected: &Reading, step: usize) {
    let began = Instant::now();
    loop {
        let reading = read(second, tables, now).await;
        if reading == *expected {
            println!("step {step}: {:.1?}", began.elapsed());
            return;
        }
        assert!(
            began.elapsed() < STEP,
            "after step {step} and {STEP:?} the second engine differs:\n{}\n{}",
            reading.against(expected),
            second.log()
        );
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}
