//! Caps, budgets and spreading through the whole line: whoever reaches for the room, with everything
//! going wrong.

use bundle_tests::{Line, Start, member, sample_with, sign_up};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use messages::{Facts, Intent};
use programme::{MessageKind, WalletId};
use regulars::engine::Faults;
use serde_json::json;
use store::State;

use crate::pause_faults::delivery;

/// Two in seven days, and one a day.
const CAPS: &str = "[[caps]]
most = 2
per = { days = 7 }

[[caps]]
most = 1
per = \"day\"

[messages.birthday]
priority = 5
";

/// Something that is true for as long as one likes.
fn intent(id: &str, kind: MessageKind, cause: String, at: Timestamp, days: i64) -> Intent {
    Intent {
        member: member(id),
        kind,
        cause: cause.into(),
        wallet: WalletId::MAIN,
        at,
        useful_until: at + SignedDuration::from_hours(24 * days),
        facts: Facts {
            years: Some(1),
            ..Facts::default()
        },
    }
}

/// When the member was sent what advertises, in order.
async fn sent(line: &Line, id: &str) -> Vec<Timestamp> {
    let messages = line.store.messages(&member(id)).await.unwrap();
    let promotional = messages
        .into_iter()
        .filter(|message| message.intent.kind == MessageKind::Anniversary);
    let mut sent: Vec<Timestamp> = promotional.filter_map(|message| message.sent_at).collect();
    sent.sort();
    sent
}

const MEMBERS: usize = 6;
const EACH: usize = 9;

#[tokio::test(flavor = "multi_thread")]
async fn no_member_gets_more_than_a_cap_allows_whatever_goes_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let faults = Faults {
        seed: 7,
        duplicate_percent: 25,
        throttle_percent: 5,
        timeout_percent: 5,
        half_failed_percent: 25,
        ..Faults::default()
    };
    let line = Start {
        faults,
        program: Some(sample_with(folder.path(), "[messages.birthday]\n", CAPS)),
        ..Start::default()
    }
    .line()
    .await;
    let start = line.bundle.now();
    for n in 0..MEMBERS {
        line.put("sign-up", sign_up(&format!("{n:02}"), start)).await;
    }
    line.settle().await;
    for n in 0..MEMBERS {
        for nth in 0..EACH {
            let id = format!("{n:02}");
            let intent = intent(&id, MessageKind::Anniversary, format!("anniversary#{nth}"), start, 20);
            line.store.put_intent(&intent).await.unwrap();
        }
    }
    line.settle().await;
    for _ in 0..25 {
        line.advance(24).await;
    }
    let week = SignedDuration::from_hours(24 * 7);
    let (mut messages, mut never) = (0, 0);
    for n in 0..MEMBERS {
        let id = format!("{n:02}");
        let sent = sent(&line, &id).await;
        for (place, first) in sent.iter().enumerate() {
            let in_time = sent.iter().skip(place).filter(|at| at.duration_since(*first) < week);
            assert!(in_time.count() <= 2, "member {id}: {sent:?}");
        }
        let told = line.told(&id).await;
        // A welcome may be unknown too, and is under no cap.
        let unknown = told
            .iter()
            .filter(|(kind, state, _)| (kind.as_str(), state.as_str()) == ("anniversary", "unknown"))
            .count();
        // Twice a week for three weeks. One of which nobody knows whether it left has taken its room.
        assert_eq!(sent.len() + unknown, 6, "member {id}: {told:?}");
        messages += sent.len();
        for message in line.store.messages(&member(&id)).await.unwrap() {
            if message.state == State::Suppressed {
                assert_eq!(message.reason.as_deref(), Some("over-cap"));
                never += 1;
            }
        }
    }
    println!(
        "{} causes, {messages} sent, {never} never; faults {:?}",
        MEMBERS * EACH,
        line.bundle.faults()
    );
    assert!(never >= MEMBERS * (EACH - 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_publishers_at_once_take_no_room_twice() {
    let folder = tempfile::tempdir().unwrap();
    let line = Start {
        program: Some(sample_with(folder.path(), "[messages.birthday]\n", CAPS)),
        ..Start::default()
    }
    .line()
    .await;
    let start = line.bundle.now();
    line.sign_up("01").await;
    let welcomed = line.texts().len();
    let mut deliveries = Vec::new();
    for nth in 0..12 {
        let intent = intent("01", MessageKind::Anniversary, format!("anniversary#{nth}"), start, 20);
        line.store.put_intent(&intent).await.unwrap();
        deliveries.push(delivery(&line, "01", &intent.key()).await);
    }
    // Each twice, all at once, and beside the stream's own.
    let all = deliveries.iter().chain(&deliveries);
    let invoked = all.map(|delivery| line.bundle.invoke("PublishMessagesFunction", delivery.clone()));
    for answer in join_all(invoked).await {
        let _ = answer.unwrap();
    }
    line.settle().await;
    for delivery in &deliveries {
        let answer = line.bundle.invoke("PublishMessagesFunction", delivery.clone()).await;
        assert_eq!(answer.unwrap()["batchItemFailures"], json!([]));
    }
    line.settle().await;
    assert_eq!(line.texts().len() - welcomed, 1);
    assert_eq!(sent(&line, "01").await.len(), 1);
    let messages = line.store.messages(&member("01")).await.unwrap();
    let put_off = messages.iter().filter(|message| message.state == State::Deferred);
    // Until the next day begins for the member, and quiet hours are over.
    let until = put_off.map(|message| (message.deferred_by.clone().unwrap(), message.deferred_until.unwrap()));
    let until: Vec<_> = until.collect();
    let (by, first) = ("cap".to_owned(), "2026-03-03T14:00:00Z".parse().unwrap());
    assert_eq!(until, vec![(by, first); 11]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_highest_priority_takes_the_room() {
    let folder = tempfile::tempdir().unwrap();
    let line = Start {
        at: Some("2026-03-03T05:30:00Z".parse().unwrap()),
        program: Some(sample_with(folder.path(), "[messages.birthday]\n", CAPS)),
        ..Start::default()
    }
    .line()
    .await;
    let start = line.bundle.now();
    line.sign_up("01").await;
    // At night, so that all of them wait for the morning; it is a birthday there.
    let morning = "2026-03-03T10:00:00Z".parse().unwrap();
    for (kind, cause) in [
        (MessageKind::Anniversary, "anniversary#1"),
        (MessageKind::Birthday, "birthday#2026"),
    ] {
        let intent = intent("01", kind, cause.to_owned(), morning, 3);
        line.store.put_intent(&intent).await.unwrap();
    }
    line.settle().await;
    assert!(line.told("01").await.iter().all(|(_, state, _)| state == "deferred"));
    line.advance(16).await;
    let state = async |wanted: MessageKind| {
        let messages = line.store.messages(&member("01")).await.unwrap();
        let one = messages
            .into_iter()
            .find(|message| message.intent.kind == wanted)
            .unwrap();
        (one.state, one.deferred_by)
    };
    assert_eq!(state(MessageKind::Birthday).await.0, State::Sent, "since {start}");
    assert_eq!(
        state(MessageKind::Anniversary).await,
        (State::Deferred, Some("cap".to_owned()))
    );
}

/// Prices of the sample: a part to the United States costs 0.00849, a welcome has one. Three of them may go in a month.
const BUDGET: &str = "[[message-budgets]]
per = \"month\"
worth = \"0.026\"

[[message-budgets]]
per = \"day\"
worth = \"0.02\"
purpose = \"promotional\"

[prices]
";

#[tokio::test(flavor = "multi_thread")]
async fn no_more_is_spent_than_messages_may_cost() {
    let folder = tempfile::tempdir().unwrap();
    let faults = Faults {
        seed: 3,
        duplicate_percent: 20,
        throttle_percent: 5,
        half_failed_percent: 20,
        ..Faults::default()
    };
    let line = Start {
        faults,
        at: Some("2026-03-30T15:00:00Z".parse().unwrap()),
        program: Some(sample_with(folder.path(), "[prices]\n", BUDGET)),
        ..Start::default()
    }
    .line()
    .await;
    let start = line.bundle.now();
    for n in 0..MEMBERS {
        line.put("sign-up", sign_up(&format!("{n:02}"), start)).await;
    }
    line.settle().await;
    // What SNS throttled goes within the hour.
    line.advance(2).await;
    let spent = line.store.spent("2026-03#all").await.unwrap();
    assert!(spent <= 26_000, "{spent}");
    let states = async || {
        let mut states = Vec::new();
        for n in 0..MEMBERS {
            for message in line.messages(&format!("{n:02}")).await {
                states.push((message.state, message.deferred_by));
            }
        }
        states
    };
    let waits = (State::Deferred, Some("budget".to_owned()));
    let now = states().await;
    assert_eq!(line.texts().len(), 3, "{now:?}");
    assert_eq!(
        now.iter().filter(|state| **state == waits).count(),
        MEMBERS - 3,
        "{now:?}"
    );
    // The next month begins in time for three of those that wait; quiet hours come first.
    line.advance(48).await;
    assert_eq!(line.texts().len(), MEMBERS, "{:?}", states().await);
    assert_eq!(line.store.spent("2026-04#all").await.unwrap(), 3 * 8_490);
}

/// What waits for one morning goes spread over it, each message at its own time.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_morning_goes_over_an_hour() {
    let folder = tempfile::tempdir().unwrap();
    let sending = "[sending]\nspread-minutes = 180\n\n[prices]\n";
    let line = Start {
        at: Some("2026-03-03T04:00:00Z".parse().unwrap()),
        program: Some(sample_with(folder.path(), "[prices]\n", sending)),
        ..Start::default()
    }
    .line()
    .await;
    let start = line.bundle.now();
    for n in 0..24 {
        line.put("sign-up", sign_up(&format!("{n:02}"), start)).await;
    }
    line.settle().await;
    let mut until = Vec::new();
    for n in 0..24 {
        for message in line.messages(&format!("{n:02}")).await {
            until.push(message.deferred_until.unwrap());
        }
    }
    until.sort();
    until.dedup();
    let (first, last) = (until[0], until[until.len() - 1]);
    // Quiet hours end at nine.
    let nine: Timestamp = "2026-03-03T14:00:00Z".parse().unwrap();
    let end = nine + SignedDuration::from_hours(3);
    assert!(nine <= first && last < end && until.len() > 20, "{until:?}");
    line.advance(14).await;
    assert_eq!(line.texts().len(), 24);
}
