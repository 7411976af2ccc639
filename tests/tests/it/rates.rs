//! How fast messages go: in parts a second, however many publishers there are; and what is over waits its turn, in order.

use std::time::{Duration, Instant};

use bundle_tests::{Line, PUBLISHER, Start, at, member, sample_with, sign_up};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use messages::{Facts, Intent};
use programme::{MessageKind, WalletId};
use serde_json::{Value, json};
use store::{MessageRecord, State};

use crate::pause_faults::delivery;

async fn line(sending: &str, start: Start) -> (tempfile::TempDir, Line) {
    let folder = tempfile::tempdir().unwrap();
    let sending = format!("[sending]\n{sending}\n\n[prices]\n");
    let start = Start {
        program: Some(sample_with(folder.path(), "[prices]\n", &sending)),
        ..start
    };
    (folder, start.line().await)
}

fn intent(id: &str, cause: &str, at: Timestamp) -> Intent {
    Intent {
        member: member(id),
        kind: MessageKind::PointsEarned,
        cause: cause.into(),
        wallet: WalletId::MAIN,
        at,
        useful_until: at + SignedDuration::from_hours(48),
        facts: Facts {
            points: Some(3),
            ..Facts::default()
        },
    }
}

fn id(n: usize) -> String {
    format!("{n:02}")
}

const MANY: usize = 60;
const PER_SECOND: usize = 20;

/// A zone in which it is day now, whenever this runs.
fn where_it_is_day() -> &'static str {
    let now = Timestamp::now();
    let is_day = |zone: &&str| (11..19).contains(&now.in_tz(zone).unwrap().hour());
    let zones = [
        "America/New_York",
        "Asia/Shanghai",
        "Europe/London",
        "Pacific/Auckland",
        "America/Los_Angeles",
        "Asia/Kolkata",
    ];
    zones.into_iter().find(is_day).expect("a zone in which it is day")
}

/// Four publishers at once by the system's clock: at no time have more gone than may have by then.
#[tokio::test(flavor = "multi_thread")]
async fn many_publishers_keep_to_one_rate() {
    let start = Start {
        publishers: 4,
        by_hand: true,
        ..Start::default()
    };
    let (_folder, line) = line(&format!("sms-parts-per-second = {PER_SECOND}"), start).await;
    for n in 0..MANY {
        let mut detail = sign_up(&id(n), line.bundle.now());
        detail["zone"] = json!(where_it_is_day());
        line.put("sign-up", detail).await;
    }
    line.settle().await;
    let mut records = Vec::new();
    for n in 0..MANY {
        let stated = intent(&id(n), "purchase#o-1", Timestamp::now());
        line.store.put_intent(&stated).await.unwrap();
        let one = delivery(&line, &id(n), &stated.key()).await;
        records.push(one["Records"][0].clone());
    }
    let batches = records
        .chunks(15)
        .map(|batch| json!({"Records": batch, "now": Value::Null}));
    let invoked = batches.map(|batch| line.bundle.invoke(PUBLISHER, batch));
    let began = Instant::now();
    let watch = async {
        let mut arrived = Vec::new();
        while arrived.len() < MANY && began.elapsed() < Duration::from_secs(30) {
            let new = line.texts().len() - arrived.len();
            arrived.extend(std::iter::repeat_n(began.elapsed(), new));
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        arrived
    };
    let (answers, arrived) = futures::join!(join_all(invoked), watch);
    for answer in answers {
        assert_eq!(answer.unwrap()["batchItemFailures"], json!([]));
    }
    assert_eq!(arrived.len(), MANY);
    // Counted from the start, since on a busy machine what leaves late comes close to the next.
    let turn = Duration::from_secs(1) / u32::try_from(PER_SECOND).unwrap();
    for (nth, at) in (0..).zip(&arrived) {
        assert!(*at >= turn * nth, "the {nth}th, {at:?}: {arrived:?}");
    }
    println!("{MANY} parts at {PER_SECOND} a second took {:?}", arrived[MANY - 1]);
    // A turn is one write, or two where nobody waits; more only where another is faster just then.
    let units = line.bundle.units().rows.into_iter();
    let turns = units.filter(|(key, _)| key.function == "publish-messages" && key.item == "sms");
    let turns: u64 = turns.map(|(_, units)| units.write).sum();
    println!("{turns} write units for {MANY} turns");
    assert!(turns <= 3 * MANY as u64 && turns >= MANY as u64, "{turns}");
}

async fn messages(line: &Line, many: usize) -> Vec<MessageRecord> {
    let mut all = Vec::new();
    for n in 0..many {
        let records = line.messages(&id(n)).await;
        all.extend(
            records
                .into_iter()
                .filter(|record| record.intent.kind == MessageKind::PointsEarned),
        );
    }
    all
}

/// What is over has the seconds after, one after the other, until it is night; and goes in the morning what that leaves.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_waits_its_turn_in_order() {
    let start = Start {
        // The alarm clock looks every five minutes from here on.
        at: Some(at("2026-03-02T22:59:59Z")),
        ..Start::default()
    };
    let rates = "sms-parts-per-second = 50\nsms-parts-per-second-by-country = { \"+1\" = 1 }";
    let (_folder, line) = line(rates, start).await;
    for n in 0..MANY {
        line.put("sign-up", sign_up(&id(n), line.bundle.now())).await;
    }
    line.settle().await;
    // All of them are welcomed first.
    line.advance(1).await;
    assert_eq!(line.texts().len(), MANY);
    // Quiet hours begin at nine in the evening, when it is two in the morning there.
    line.bundle.leap_to(at("2026-03-03T01:58:30Z")).await.unwrap();
    let now = line.bundle.now();
    for round in 0..2 {
        for n in 0..MANY {
            line.store
                .put_intent(&intent(&id(n), &format!("purchase#o-{round}"), now))
                .await
                .unwrap();
        }
    }
    line.settle().await;
    let all = messages(&line, MANY).await;
    let sent = all.iter().filter(|message| message.state == State::Sent).count();
    // Forty seconds are waited for.
    assert_eq!(sent, 41);
    let mut until: Vec<(Timestamp, &str)> = all
        .iter()
        .filter(|message| message.state == State::Deferred)
        .map(|message| (message.deferred_until.unwrap(), message.deferred_by.as_deref().unwrap()))
        .collect();
    until.sort();
    let night = at("2026-03-03T02:00:00Z");
    let own: Vec<Timestamp> = until
        .iter()
        .filter(|(_, by)| *by == "rate")
        .map(|(at, _)| *at)
        .collect();
    let second = |n: usize| now + SignedDuration::from_secs(40 + i64::try_from(n).unwrap());
    assert_eq!(own, (0..50).map(second).collect::<Vec<_>>(), "until {night}");
    let morning: Vec<&str> = until.iter().filter(|(at, _)| *at > night).map(|(_, by)| *by).collect();
    assert_eq!(morning, vec!["quiet-hours"; 2 * MANY - 41 - 50]);
    line.bundle.leap_to(night - SignedDuration::from_secs(1)).await.unwrap();
    let sent = async || line.texts().len() - MANY;
    assert_eq!(sent().await, 91);
    // Those of the morning are too many for forty seconds no more.
    line.advance(16).await;
    assert_eq!(sent().await, 2 * MANY);
}
