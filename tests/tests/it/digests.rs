//! Messages that go as one through the whole line: collected, over a cap, and late after an outage.

use aws_sdk_dynamodb::types::AttributeValue;
use bundle_tests::{Line, Start, at, member, sample_with};
use jiff::{SignedDuration, Timestamp};
use messages::{Delay, Facts, Intent, Send};
use programme::{Channel, MessageKind, Purpose, Rendered, WalletId};
use regulars::engine::Faults;
use store::{Claim, Claimed, MessageKey, MessageRecord, Outcome, State};

const DAILY: &str = "[[digests]]
kinds = [\"points-earned\", \"tier-upgraded\"]
collect = { until = \"18:00\" }

[birthday]
";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_collected_goes_as_one_that_lists_all_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let line = Start {
        program: Some(sample_with(folder.path(), "[birthday]\n", DAILY)),
        ..Start::default()
    }
    .line()
    .await;
    line.sign_up("01").await;
    let welcomed = line.texts().len();
    for (order, amount) in [("a", "20.00"), ("b", "200.00"), ("c", "5.00")] {
        line.purchase("01", order, amount).await;
        line.advance(1).await;
    }
    assert_eq!(line.texts().len(), welcomed, "nothing goes before six");
    let waits = line.messages("01").await;
    let six = at("2026-03-02T23:00:00Z");
    let waits: Vec<&MessageRecord> = waits.iter().filter(|one| one.state == State::Deferred).collect();
    assert_eq!(waits.len(), 4);
    for one in waits {
        assert_eq!(one.deferred_by.as_deref(), Some("digest"));
        assert_eq!(one.deferred_until, Some(six));
    }
    // A return meanwhile: what is no longer true is left out.
    let refund = serde_json::json!({"member": "01", "refund": "r", "order": "c", "at": line.bundle.now(),
        "amount": "5.00", "currency": "USD"});
    line.put("refund", refund).await;
    line.settle().await;
    line.advance(8).await;
    let texts = line.texts();
    let digest = texts
        .iter()
        .find(|text| text.contains("You are now a Collector"))
        .expect("a digest");
    // Twenty, two hundred, and the tier that they led to.
    for said in ["+20 points", "+200 points"] {
        assert!(digest.contains(said), "{digest}");
    }
    assert!(!digest.contains("+6"), "{digest}");
    let about = |text: &&String| text.contains("+20 points") || text.contains("+200 points");
    assert_eq!(texts.iter().filter(about).count(), 1, "{texts:#?}");
    let mut states: Vec<(String, String)> = Vec::new();
    for one in line.messages("01").await {
        if ["points-earned", "tier-upgraded"].contains(&one.intent.kind.name()) {
            states.push((one.state.name().to_owned(), one.reason.unwrap_or_default()));
        }
    }
    states.sort();
    let is = |state: &str, reason: &str| (state.to_owned(), reason.to_owned());
    assert_eq!(
        states,
        [
            is("merged", ""),
            is("merged", ""),
            is("sent", ""),
            is("suppressed", "no-longer-true")
        ]
    );
}

/// One in a week; what is over it goes together.
const CAP: &str = "[[caps]]
most = 1
per = { days = 7 }
over = \"digest\"

[messages.birthday]
";

fn intent(id: &str, years: u16, at: Timestamp) -> Intent {
    Intent {
        member: member(id),
        kind: MessageKind::Anniversary,
        cause: format!("anniversary#{years}").into(),
        wallet: WalletId::MAIN,
        at,
        useful_until: at + SignedDuration::from_hours(24 * 30),
        facts: Facts {
            years: Some(years),
            ..Facts::default()
        },
    }
}

const MEMBERS: usize = 12;
/// The first goes by itself, the others wait for the week's end.
const EACH: u16 = 6;

/// Whatever goes wrong, each cause is told once: in one message of its own, or as one line of one digest.
#[tokio::test(flavor = "multi_thread")]
async fn over_a_cap_each_cause_is_told_once_whatever_goes_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let faults = Faults {
        seed: 11,
        duplicate_percent: 25,
        throttle_percent: 10,
        half_failed_percent: 25,
        ..Faults::default()
    };
    let line = Start {
        faults,
        program: Some(sample_with(folder.path(), "[messages.birthday]\n", CAP)),
        ..Start::default()
    }
    .line()
    .await;
    for n in 0..MEMBERS {
        line.sign_up(&format!("{n:02}")).await;
    }
    let start = line.bundle.now();
    for n in 0..MEMBERS {
        for years in 1..=EACH {
            let one = intent(&format!("{n:02}"), years + 10, start);
            // Our own calls are throttled, too.
            while line.store.put_intent(&one).await.is_err() {}
        }
    }
    line.settle().await;
    for _ in 0..20 {
        line.advance(24).await;
    }
    let texts: Vec<String> = line.texts();
    let (mut told, mut sends) = (0, 0);
    for n in 0..MEMBERS {
        let records = line.messages(&format!("{n:02}")).await;
        let ours: Vec<&MessageRecord> = records
            .iter()
            .filter(|one| one.intent.kind == MessageKind::Anniversary)
            .collect();
        let count = |states: &[State]| ours.iter().filter(|one| states.contains(&one.state)).count();
        // One whose mark was throttled too often left all the same. What SNS throttled may wait for another week.
        let went = count(&[State::Sent, State::Unknown]);
        assert!((1..=3).contains(&went), "{ours:#?}");
        assert_eq!(count(&[State::Merged]), usize::from(EACH) - went, "{ours:#?}");
        sends += went;
        for one in &ours {
            if one.state == State::Merged {
                let into = one.into.clone().expect("a key");
                let leader = ours.iter().find(|other| other.intent.key() == into).expect("a leader");
                assert!([State::Sent, State::Unknown].contains(&leader.state), "{leader:?}");
                assert!(leader.merges.contains(&one.intent.key()));
            }
        }
    }
    // Each number of years stands once in what a member was sent.
    let phones = line.bundle.published();
    for years in 11..=10 + EACH {
        let said = format!("{years} years together");
        let of = |text: &String| text.matches(&said).count();
        told += phones.iter().map(|one| of(&one.body)).sum::<usize>();
    }
    let causes = MEMBERS * usize::from(EACH);
    println!(
        "{causes} causes, {sends} sends, {told} told, {} texts; faults {:?}",
        texts.len(),
        line.bundle.faults()
    );
    assert_eq!(told, causes);
    // Nearly all go as the first and one digest.
    assert!(sends.abs_diff(2 * MEMBERS) <= 2, "{sends}");
}

/// Without the sample's cap.
const ROOM: &str = "[[caps]]
most = 50
per = \"month\"

[messages.anniversary]
";

async fn outage(when_late: &str) -> Line {
    let folder = tempfile::tempdir().unwrap();
    let (text, by) = ("[messages.anniversary]\n", format!("{ROOM}when-late = {when_late:?}\n"));
    let line = Start {
        at: Some(at("2026-03-02T15:00:00Z")),
        program: Some(sample_with(folder.path(), text, &by)),
        ..Start::default()
    }
    .line()
    .await;
    line.sign_up("01").await;
    // What came about yesterday and nobody decided on until now.
    let yesterday = line.bundle.now() - SignedDuration::from_hours(20);
    for years in 1..=4 {
        let one = intent("01", years + 10, yesterday);
        let useful_until = yesterday + SignedDuration::from_hours(48);
        line.store.put_intent(&Intent { useful_until, ..one }).await.unwrap();
    }
    line.settle().await;
    line.advance(3).await;
    line
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_outage_each_kind_goes_late_as_one_or_not_at_all() {
    for (when, states, said) in [
        ("send", vec![("sent", ""); 4], 4),
        (
            "merge",
            vec![("merged", ""), ("merged", ""), ("merged", ""), ("sent", "")],
            1,
        ),
        ("skip", vec![("suppressed", "missed"); 4], 0),
    ] {
        let line = outage(when).await;
        let mut found: Vec<(String, String)> = Vec::new();
        for (kind, state, reason) in line.told("01").await {
            if kind == "anniversary" {
                found.push((state, reason));
            }
        }
        found.sort();
        let states: Vec<(String, String)> = states
            .into_iter()
            .map(|(state, reason)| (state.to_owned(), reason.to_owned()))
            .collect();
        assert_eq!(found, states, "{when}");
        let about = |text: &&String| text.contains("years together");
        assert_eq!(line.texts().iter().filter(about).count(), said, "{when}");
    }
}

/// A delivery that comes again, after the message went together with what it had taken up, lets nothing of that go once more.
#[tokio::test(flavor = "multi_thread")]
async fn a_late_delivery_frees_nothing_that_went() {
    let line = Start {
        without_streams: true,
        ..Start::default()
    }
    .line()
    .await;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    for sk in ["account", "profile"] {
        let put = line
            .client
            .put_item()
            .table_name(line.bundle.table_name("MembersTable").unwrap());
        let put = put.item("pk", text("01")).item("sk", text(sk));
        put.item("v", AttributeValue::N("1".to_owned())).send().await.unwrap();
    }
    let (start, later) = (line.bundle.now(), at("2027-01-01T00:00:00Z"));
    let [first, other] = [11, 12].map(|years| intent("01", years, start));
    for intent in [&first, &other] {
        line.store.put_intent(intent).await.unwrap();
    }
    let [first, other] = [&first, &other].map(MessageKey::of);
    let claim = Claim {
        account_version: 1,
        profile_version: 1,
        contacts: None,
        merged: vec![other.clone()],
        gone: Vec::new(),
    };
    let body = Rendered {
        title: String::new(),
        body: "both".to_owned(),
    };
    let send = Send {
        channel: Channel::Sms,
        purpose: Purpose::Promotional,
        text: body,
        parts: 1,
        promises: None,
        contact: None,
    };
    let claims = async || {
        let claimed = line.store.claim(&first, &claim, &send, start).await.unwrap();
        assert!(matches!(claimed, Claimed::Yes), "{claimed:?}");
        let taken = line.store.message(&other).await.unwrap().unwrap();
        assert_eq!((taken.state, taken.into), (State::Merged, Some(first.sort.clone())));
    };
    let mark = async |outcome| assert!(line.store.mark(&first, &[State::Claimed], &outcome).await.unwrap());
    claims().await;
    mark(Outcome::Deferred {
        until: start,
        by: Delay::Throttled,
    })
    .await;
    // It waits to be decided again, and lets go what it had taken up; then both go.
    assert!(line.store.release(&first, &[], later).await.unwrap());
    assert!(line.store.set_free(&other, &first).await.unwrap());
    claims().await;
    mark(Outcome::Sent {
        message_id: "m-1".to_owned(),
        at: start,
    })
    .await;
    assert!(!line.store.set_free(&other, &first).await.unwrap());
    let taken = line.store.message(&other).await.unwrap().unwrap();
    assert_eq!(taken.state, State::Merged);
}
