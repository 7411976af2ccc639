//! What members want to be sent, through the whole line: topics, hours and how often, whatever goes wrong meanwhile.

use bundle_tests::{Line, SAMPLE_CAP, Start, at, member, phone, sample_with, sign_up};
use futures::future::join_all;
use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp, Zoned};
use messages::{Facts, Intent, Preferences, ProfileChange};
use programme::{Channel, MessageKind, WalletId};
use regulars::engine::Faults;
use serde_json::{Value, json};
use store::{Commit, State};

use crate::audit::regulars;
use crate::broadcast;
use crate::pause::states;
use crate::pause_faults::delivery;
use crate::why::{end, kept};

/// What is a member's own, so that nothing of the programme holds what is held here.
const TOPICS: &str = "[[topics]]
name = \"dates\"
names = { en = \"Birthdays and anniversaries\", zh-CN = \"生日与纪念日\" }
kinds = [\"anniversary\", \"birthday\"]
";

/// Something that advertises and is true for as long as one likes.
fn intent(id: &str, nth: usize, at: Timestamp) -> Intent {
    Intent {
        member: member(id),
        kind: MessageKind::Anniversary,
        cause: format!("anniversary#{nth}").into(),
        wallet: WalletId::MAIN,
        at,
        useful_until: at + SignedDuration::from_hours(24 * 20),
        facts: Facts {
            years: Some(1),
            ..Facts::default()
        },
    }
}

/// A member says what they want.
async fn say(line: &Line, id: &str, nth: usize, at: Timestamp, mut wants: Value) {
    wants["member"] = json!(id);
    wants["id"] = json!(format!("p-{nth}"));
    wants["at"] = json!(at);
    line.put("preferences", wants).await;
}

/// When a member was sent what advertises, by the clocks of where they live.
async fn sent(line: &Line, id: &str) -> Vec<(Zoned, Channel)> {
    let messages = line.messages(id).await.into_iter();
    let advertise = messages.filter(|message| message.intent.kind == MessageKind::Anniversary);
    let sent = advertise.filter_map(|message| {
        let local = message.sent_at?.in_tz("America/New_York").unwrap();
        Some((local, message.channel?))
    });
    let mut sent: Vec<_> = sent.collect();
    sent.sort();
    sent
}

const EACH: usize = 6;

/// What somebody wants, and whether what they were sent is it.
type Wish = (Value, fn(&[(Zoned, Channel)]) -> bool);

fn in_the_evening(sent: &[(Zoned, Channel)]) -> bool {
    sent.iter().all(|(at, _)| (18..20).contains(&at.hour()))
}

fn one_a_day(sent: &[(Zoned, Channel)]) -> bool {
    sent.windows(2).all(|pair| pair[0].0.date() < pair[1].0.date())
}

fn two_a_week(sent: &[(Zoned, Channel)]) -> bool {
    let monday = |at: &Zoned| at.date().tomorrow().unwrap().nth_weekday(-1, Weekday::Monday).unwrap();
    sent.windows(3).all(|three| monday(&three[0].0) < monday(&three[2].0))
}

fn wishes() -> [Wish; 6] {
    let evening = json!({"from": "18:00", "to": "20:00"});
    [
        (json!({"topics-off": ["dates"]}), <[_]>::is_empty),
        (json!({"hours": evening}), in_the_evening),
        (json!({"most": 1, "per": "day"}), one_a_day),
        (json!({"most": 2, "per": "week"}), two_a_week),
        (
            json!({"hours": evening, "most": 2, "per": "week", "channels": ["sms"]}),
            |sent| in_the_evening(sent) && two_a_week(sent) && sent.iter().all(|(_, by)| *by == Channel::Sms),
        ),
        (json!({}), |sent| sent.iter().all(|(_, by)| *by == Channel::Push)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_that_a_member_does_not_want_whatever_goes_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let faults = Faults {
        seed: 35,
        duplicate_percent: 25,
        throttle_percent: 5,
        timeout_percent: 5,
        half_failed_percent: 25,
        ..Faults::default()
    };
    let line = Start {
        faults,
        publishers: 3,
        program: Some(sample_with(folder.path(), SAMPLE_CAP, TOPICS)),
        ..Start::default()
    };
    let line = line.line().await;
    let start = line.bundle.now();
    for (n, (wants, _)) in wishes().into_iter().enumerate() {
        let id = format!("{n:02}");
        let mut detail = sign_up(&id, start);
        detail["device"] = json!({"platform": "GCM", "token": format!("token-{id}")});
        let consent = json!({"channel": "push", "purpose": "promotional", "wording": "Tell me."});
        detail["consents"].as_array_mut().unwrap().push(consent);
        line.put("sign-up", detail).await;
        line.settle().await;
        say(&line, &id, 1, start, wants).await;
    }
    line.settle().await;
    for n in 0..wishes().len() {
        for nth in 0..EACH {
            // A write of ours that is refused or not answered may be asked for again.
            while line
                .store
                .put_intent(&intent(&format!("{n:02}"), nth, start))
                .await
                .is_err()
            {}
        }
    }
    line.settle().await;
    for _ in 0..22 {
        line.advance(24).await;
    }
    let mut unwanted = Vec::new();
    for (n, (wants, holds)) in wishes().into_iter().enumerate() {
        let id = format!("{n:02}");
        let sent = sent(&line, &id).await;
        if !holds(&sent) {
            unwanted.push(format!("member {id} wanted {wants} and was sent {sent:?}"));
            continue;
        }
        let told = line.told(&id).await;
        let of = |state: &str, reason: &str| {
            let of_kind = |(kind, own, why): &&(String, String, String)| {
                kind == "anniversary" && own == state && (reason.is_empty() || why == reason)
            };
            told.iter().filter(of_kind).count()
        };
        let never = of("suppressed", "topic-off");
        // One of which nobody knows whether it left has taken its room.
        let (all, off) = (sent.len() + of("unknown", "") + never, n == 0);
        assert_eq!(
            (all, never),
            (EACH, if off { EACH } else { 0 }),
            "member {id}: {told:?}"
        );
    }
    println!("faults {:?}", line.bundle.faults());
    assert!(unwanted.is_empty(), "{unwanted:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_publishers_at_once_send_no_more_than_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let line = Start {
        program: Some(sample_with(folder.path(), SAMPLE_CAP, TOPICS)),
        ..Start::default()
    };
    let line = line.line().await;
    let start = line.bundle.now();
    line.sign_up("01").await;
    say(&line, "01", 1, start, json!({"most": 1, "per": "day"})).await;
    line.settle().await;
    let welcomed = line.texts().len();
    let mut deliveries = Vec::new();
    for nth in 0..12 {
        let intent = intent("01", nth, start);
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
    let messages = line.messages("01").await;
    let put_off = messages.iter().filter(|message| message.state == State::Deferred);
    let until = put_off.map(|message| (message.deferred_by.clone().unwrap(), message.deferred_until.unwrap()));
    let until: Vec<_> = until.collect();
    // Until the next day begins for the member, and quiet hours are over.
    let (by, first) = ("own-frequency".to_owned(), at("2026-03-03T14:00:00Z"));
    assert_eq!(until, vec![(by, first); 11]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_word_holds_for_what_waits_and_what_cannot_be_kept_is_refused() {
    let (folder, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let program = sample_with(folder.path(), SAMPLE_CAP, TOPICS);
    let line = kept(data.path(), &program).await;
    line.bundle.leap_to(at("2026-06-14T15:00:00Z")).await.unwrap();
    let now = line.bundle.now();
    // Before the sign-up, too: it waits for that.
    say(&line, "02", 1, now, json!({"hours": {"from": "18:00", "to": "20:00"}})).await;
    line.settle().await;
    assert!(line.refused().await[0].1.starts_with("unknown-member: "));
    for id in ["01", "02", "03"] {
        line.sign_up(id).await;
    }
    let before = now - SignedDuration::from_hours(1);
    say(&line, "01", 2, now, json!({"topics-off": ["dates"]})).await;
    line.settle().await;
    say(
        &line,
        "01",
        1,
        before,
        json!({"hours": {"from": "10:00", "to": "12:00"}}),
    )
    .await;
    let wrong = [
        json!({"topics-off": ["dattes"]}),
        json!({"hours": {"from": "22:00", "to": "23:00"}}),
        json!({"hours": {"from": "25:00", "to": "26:00"}}),
    ];
    for (nth, wants) in wrong.into_iter().enumerate() {
        say(&line, "03", nth + 3, now, wants).await;
    }
    line.settle().await;
    let mut reasons: Vec<String> = line.refused().await.into_iter().map(|(_, why)| why).collect();
    reasons.sort();
    assert_eq!(
        reasons,
        [
            "preferences: nothing goes from 22:00 to 23:00, which is within the quiet hours from 21:00 to 09:00; name hours that \
             are not, or none",
            "preferences: the activity's \"hours\" are from no time of day; write hours and minutes such as \"21:00\"",
            "preferences: topics-off names a topic that the programme does not have; did you mean \"dates\"? Write one of: dates",
        ]
    );
    // Over the birthday of all of them.
    line.advance(36).await;
    let birthday = async |id: &str| {
        let states = states(&line, id).await;
        states.into_iter().find(|state| state.starts_with("birthday")).unwrap()
    };
    assert_eq!(birthday("01").await, "birthday suppressed topic-off");
    assert_eq!(birthday("02").await, "birthday sent");
    assert_eq!(birthday("03").await, "birthday sent");
    let now = line.bundle.now();
    for (id, wish, says) in [
        (
            "01",
            "the member wants no offers of dates",
            &["never went: the member wants no offers of the topic dates"][..],
        ),
        (
            "02",
            "the member wants messages from 18:00 to 20:00",
            &[
                "put off until 2026-06-15 18:00 for the member wants messages from 18:00 to 20:00 in America/New_York",
                "sent by SMS at 2026-06-15 18:00",
            ],
        ),
    ] {
        let story = regulars::why::story(&line.store, &line.programme, &member(id), now).await;
        let steps = story.unwrap().0.steps;
        assert!(steps.iter().any(|told| told.nothing.as_deref() == Some(wish)), "{wish}");
        let mut messages = steps.iter().flat_map(|told| &told.messages);
        let told = messages.find(|told| told.key == "birthday#birthday#2026").unwrap();
        let said: Vec<&str> = told.says.iter().map(String::as_str).collect();
        assert!(
            said.iter().zip(says).all(|(said, wanted)| said.starts_with(wanted)),
            "{said:?}"
        );
        assert_eq!(said.len(), says.len(), "{said:?}");
    }
    end(line).await;
    let program = program.display().to_string();
    let arguments = [
        "preview",
        "birthday",
        "--json",
        "--at",
        "2026-06-15T15:00:00Z",
        "--program",
        &program,
    ];
    let (code, shown, errors) = regulars(&arguments, Some(data.path()), None);
    assert_eq!((code, errors.as_str()), (0, ""), "{shown}");
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let of = |id: &str| {
        let mut members = shown["members"].as_array().unwrap().iter();
        let one = members.find(|one| one["member"] == id).unwrap();
        (one["outcome"].clone(), one["reason"].clone(), one["at"].clone())
    };
    assert_eq!(of("01"), (json!("suppressed"), json!("topic-off"), json!(null)));
    assert_eq!(
        of("02"),
        (json!("deferred"), json!("own-hours"), json!("2026-06-15T22:00:00Z"))
    );
}

/// The audience of a broadcast has its say, and each of its members theirs.
#[tokio::test(flavor = "multi_thread")]
async fn a_broadcast_goes_to_whom_it_is_wanted_by() {
    let folder = tempfile::tempdir().unwrap();
    let program = broadcast::with_broadcasts(folder.path(), "");
    let main = program.join("programme.toml");
    let topics = "\n[[topics]]\nname = \"sales\"\nbroadcasts = [\"sale-skip\", \"sale-send\"]\n";
    let with_topics = std::fs::read_to_string(&main).unwrap() + topics;
    std::fs::write(&main, with_topics).unwrap();
    let line = Start {
        at: Some(at("2026-12-01T00:00:00Z")),
        program: Some(program),
        ..Start::default()
    };
    let line = line.line().await;
    let now = line.bundle.now();
    let wishes = [
        json!({"topics-off": ["sales"]}),
        json!({"hours": {"from": "15:00", "to": "17:00"}}),
        json!({"most": 1, "per": "day"}),
    ];
    for (n, wants) in wishes.into_iter().enumerate() {
        let id = format!("0{n}");
        line.sign_up(&id).await;
        say(&line, &id, 1, now, wants).await;
    }
    line.settle().await;
    for name in ["sale-skip", "sale-send"] {
        broadcast::start(&line, name).await;
        line.settle().await;
    }
    line.bundle.advance_to(at("2026-12-01T23:00:00Z")).await.unwrap();
    let off = "broadcast suppressed topic-off".to_owned();
    assert_eq!(states(&line, "00").await, [off.clone(), off, "welcome sent".to_owned()]);
    let sales = broadcast::sales(&line);
    assert_eq!(sales.get(&phone("00")), None);
    assert_eq!(sales[&phone("01")], vec![at("2026-12-01T20:00:00Z"); 2]);
    // The other waits for the next day.
    assert_eq!(sales[&phone("02")], [at("2026-12-01T15:00:00Z")]);
    line.bundle.advance_to(at("2026-12-02T23:00:00Z")).await.unwrap();
    assert_eq!(broadcast::sales(&line)[&phone("02")].len(), 2);
    line.bundle.shutdown().await;
}

/// Preferences are written to a profile as `compute-points` writes them, without waiting for a stream.
pub(crate) async fn told_at_once(line: &Line, id: &str, wanted: &Preferences) {
    let id = member(id);
    loop {
        let stored = line.store.profile(&id).await.unwrap().unwrap();
        let change = ProfileChange::Preferences(Box::new(wanted.clone()));
        let profile = change.apply(Some(stored.profile)).unwrap();
        let put = line
            .store
            .put_profile(&id, &profile, &stored.mark, Some(stored.version));
        if put.await.unwrap() == Commit::Done {
            return;
        }
    }
}
