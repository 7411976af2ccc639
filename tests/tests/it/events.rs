//! The events of `events/`, fed to the real binaries: each function and trigger has one that runs.

use programme::WalletId;
use std::path::Path;

use bundle_tests::{Start, at, member, root};
use serde_json::{Value, json};

fn event(path: &str) -> Value {
    let text = std::fs::read_to_string(root().join("events").join(path)).expect(path);
    serde_json::from_str(&text).expect(path)
}

/// No record failed.
fn all_well(answer: &Value, path: &str) {
    assert_eq!(answer["batchItemFailures"], json!([]), "{path}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_events_of_the_line_run_one_after_the_other() {
    let line = Start {
        at: Some(at("1997-01-02T16:00:00Z")),
        ..Start::default()
    }
    .line()
    .await;
    for path in [
        "sign-up",
        "purchase",
        "repeat",
        "redeem",
        "reserve",
        "commit",
        "cancel",
        "claim",
        "fulfil",
        "cancel-reward",
        "refund-reward",
        "transfer",
        "refund",
        "release",
        "adjust",
        "set-tier",
        "segment",
        "extend",
        "reinstate",
        "consent",
        "preferences",
        "cart",
        "unknown",
        "malformed",
    ]
    .map(|case| format!("ingest/{case}.json"))
    {
        all_well(
            &line
                .bundle
                .invoke("IngestFunction", event(&path))
                .await
                .expect("an answer"),
            &path,
        );
        line.settle().await;
    }
    assert!(line.account("0001").await.totals(WalletId::MAIN).earned.get() > 0);
    assert!(line.refused().await.len() >= 10, "{:?}", line.refused().await);
    let profile = line
        .store
        .profile(&member("0001"))
        .await
        .expect("the table")
        .expect("a profile");
    assert!(profile.profile.preferences.is_some_and(|own| own.most.is_some()));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_functions_own_events_run() {
    let line = Start {
        at: Some(at("1997-01-02T16:00:00Z")),
        ..Start::default()
    }
    .line()
    .await;
    for case in ["sign-up", "purchase", "repeat", "damaged"] {
        let path = format!("compute-points/{case}.json");
        // Refusals are noted beside the activity, which must be there.
        let event = event(&path);
        let table = line.bundle.table_name("ActivitiesTable").expect("a table");
        for record in event["Records"].as_array().expect("records") {
            let image = &record["dynamodb"]["NewImage"];
            let put = line.client.put_item().table_name(&table).set_item(Some(item(image)));
            put.send().await.expect("the activity");
        }
        all_well(
            &line
                .bundle
                .invoke("ComputePointsFunction", event)
                .await
                .expect("an answer"),
            &path,
        );
        line.settle().await;
    }
    let account = line.account("0001").await;
    assert!(account.totals(WalletId::MAIN).earned.get() > 0);

    let path = "detect-triggers/account.json";
    all_well(
        &line
            .bundle
            .invoke("DetectTriggersFunction", event(path))
            .await
            .expect("an answer"),
        path,
    );
    line.settle().await;
    assert!(
        !line.messages("0042").await.is_empty(),
        "the account's entries are worth telling"
    );

    let path = "publish-messages/intent.json";
    all_well(
        &line
            .bundle
            .invoke("PublishMessagesFunction", event(path))
            .await
            .expect("an answer"),
        path,
    );
    for (case, accepted) in [
        ("quote", true),
        ("reserve", true),
        ("commit", true),
        ("cancel", false),
        ("redeem", true),
        ("rewards", true),
        ("claim", false),
        ("fulfil", false),
        ("cancel-reward", false),
    ] {
        let path = format!("serve-checkout/{case}.json");
        let answer = line.bundle.invoke("ServeCheckoutFunction", event(&path)).await;
        assert_eq!(answer.expect("an answer")["accepted"], accepted, "{path}");
    }
    for path in [
        "wake-members/schedule.json",
        "wake-members/continue.json",
        "wake-members/resumed.json",
        "wake-members/rearm.json",
        "wake-members/broadcast.json",
    ] {
        line.bundle
            .invoke("WakeMembersFunction", event(path))
            .await
            .expect(path);
    }
    for case in ["opt-out", "opt-in", "help", "unsure", "rcs", "malformed"] {
        let path = format!("read-replies/{case}.json");
        let answer = line.bundle.invoke("ReadRepliesFunction", event(&path)).await;
        let failed = answer.expect("an answer")["batchItemFailures"].clone();
        // What cannot be read goes to the queue again; what came with it is done.
        let malformed = json!([{"itemIdentifier": "5c2ee6a0-1b4e-4f7f-9a3d-0e6b6a920007"}]);
        assert_eq!(
            failed,
            if case == "malformed" { malformed } else { json!([]) },
            "{path}"
        );
    }
    assert!(
        line.store
            .account(&member("nobody"))
            .await
            .expect("the table")
            .is_none()
    );
}

/// An item of a stream's JSON, of texts and numbers alone.
fn item(image: &Value) -> store::Item {
    use aws_sdk_dynamodb::types::AttributeValue::{N, S};
    let fields = image.as_object().expect("an image").iter();
    fields
        .map(|(name, value)| {
            let value = value["S"]
                .as_str()
                .map(|text| S(text.to_owned()))
                .or_else(|| value["N"].as_str().map(|text| N(text.to_owned())));
            (
                name.clone(),
                value.unwrap_or_else(|| panic!("{name} is neither text nor number")),
            )
        })
        .collect()
}

/// The account in `events/detect-triggers/` is what the ledger writes today. `BLESS=1` writes it anew.
#[test]
fn the_account_event_is_what_the_ledger_writes() {
    let path = root().join("events/detect-triggers/account.json");
    let event = account_event();
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        std::fs::write(
            &path,
            format!("{}\n", serde_json::to_string_pretty(&event).expect("JSON")),
        )
        .expect("the file");
    }
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_default()).unwrap_or_default();
    assert_eq!(
        written,
        event,
        "run this test with BLESS=1 and look at the change of {}",
        path.display()
    );
}

fn account_event() -> Value {
    use ledger::{Activity, Fact, Past, apply};
    let programme = programme::Programme::load(&root().join("program")).expect("the programme");
    let when = at("1997-01-02T15:00:00Z");
    let zone = programme::Zone::parse("America/New_York").expect("a zone");
    let join = Activity {
        id: "sign-up".parse().expect("an id"),
        at: when,
        received: when,
        fact: Fact::SignUp {
            zone,
            birthday: None,
            referrer: None,
        },
        said: ledger::Said::default(),
    };
    let mut account = None;
    apply(&programme, &mut account, &join, Past::default()).expect("a new account");
    let joined = account.clone().expect("an account");
    let amount = programme::Amount::parse("180.00", "USD".parse().expect("a currency")).expect("an amount");
    let buy = Activity {
        id: "purchase#cdnow-00042".parse().expect("an id"),
        at: when,
        received: when,
        fact: Fact::Purchase { amount },
        said: ledger::Said::default(),
    };
    apply(&programme, &mut account, &buy, Past::default()).expect("a purchase");
    let bought = account.expect("an account");
    let image = |account: &ledger::Account, version: u32| {
        json!({"pk": {"S": "0042"}, "sk": {"S": "account"}, "v": {"N": version.to_string()},
            "b": {"B": base64(&account.encode().expect("an account"))},
            "alarm_shard": {"S": "shard#0"}, "alarm_at": {"S": account.alarm().to_string()}})
    };
    json!({"Records": [{
        "eventID": "c4ca4238a0b923820dcc509a6f75849b", "eventName": "MODIFY", "eventVersion": "1.1",
        "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 852_217_200,
            "Keys": {"pk": {"S": "0042"}, "sk": {"S": "account"}},
            "OldImage": image(&joined, 1), "NewImage": image(&bought, 2),
            "SequenceNumber": "4421584500000000017450439093", "SizeBytes": 512, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/regulars-dev-MembersTable-1A2B3C4D5E6F/stream/1997-01-01T00:00:00.000"}]})
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * place) & 63) as usize] as char;
            text.push(if place <= chunk.len() { letter } else { '=' });
        }
    }
    text
}

#[test]
fn every_function_has_an_event() {
    for function in std::fs::read_dir(root().join("functions"))
        .expect("functions")
        .flatten()
    {
        let events = root().join("events").join(function.file_name());
        let any = |folder: &Path| std::fs::read_dir(folder).is_ok_and(|mut files| files.next().is_some());
        assert!(any(&events), "{} has no event", function.path().display());
    }
}
