//! The ledger of consents: what is kept as evidence, that it is never changed, and how it is told and written out.

use std::path::{Path, PathBuf};

use bundle_tests::{Line, SAMPLE_DIGEST, Start, inbound, member, phone, purchase, sample_with, sign_up};
use jiff::{SignedDuration, Timestamp};
use programme::{Cited, Retentions, Scope, Shown, WordingHash};
use regulars::engine::Faults;
use serde_json::{Value, json};
use store::{Evidence, Whose};

use crate::audit::regulars;

use crate::replies::{DUE, in_force, reply};

const OFFERS: &str = "Text me offers. Reply STOP to opt out.";
const WORDINGS: &str = r#"
[[wordings]]
name = "sms-2026"
purpose = "promotional"
texts = { en = "Text me offers. Reply STOP to opt out.", zh-CN = "同意接收优惠短信，退订回复TD" }

[[wordings]]
name = "account"
texts = { en = "Tell me about my points." }

[prices]
"#;

fn programme(folder: &Path) -> PathBuf {
    sample_with(folder, "\n[prices]\n", WORDINGS)
}

/// A member who agreed at a till, in words that are declared.
fn at_a_till(id: &str, at: Timestamp) -> Value {
    let mut detail = sign_up(id, at);
    detail["place"] = json!("till 4");
    detail["consents"] = json!([
        {"channel": "sms", "purpose": "transactional", "wording": "account"},
        {"channel": "sms", "purpose": "promotional", "wording": "sms-2026", "locale": "zh-CN", "place": "app"},
    ]);
    detail
}

fn consent(id: &str, n: &str, at: Timestamp, granted: bool) -> Value {
    json!({"member": id, "id": n, "at": at, "channel": "sms", "purpose": "promotional", "granted": granted})
}

async fn evidence(line: &Line, id: &str) -> Vec<Evidence> {
    line.store.evidence_of(&member(id)).await.unwrap()
}

/// By whom each of a member's consents was told, and whether it was given.
async fn sources(line: &Line, id: &str) -> Vec<(String, Option<bool>)> {
    let evidence = evidence(line, id).await.into_iter();
    evidence.map(|one| (one.source, one.granted)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_consent_is_kept_with_where_when_and_the_words_that_were_shown() {
    let folder = tempfile::tempdir().unwrap();
    let line = Start {
        program: Some(programme(folder.path())),
        ..Start::default()
    }
    .line()
    .await;
    line.put("sign-up", at_a_till("01", line.bundle.now())).await;
    line.settle().await;
    line.advance(1).await;
    let mut noted = consent("01", "c-1", line.bundle.now(), false);
    noted["actor"] = json!("dana");
    noted["reason"] = json!("said so on the phone");
    line.put("consent", noted).await;
    line.settle().await;
    line.advance(1).await;
    // A hash alone tells which of the declared it is.
    let mut again = consent("01", "c-2", line.bundle.now(), true);
    again["wording-hash"] = json!(WordingHash::of(OFFERS).to_string());
    line.put("consent", again).await;
    line.settle().await;
    line.advance(1).await;
    reply(&line, &phone("01"), "STOP", "i-1").await;

    let told: Vec<_> = evidence(&line, "01").await;
    let hash = |words: &str| Some(WordingHash::of(words).to_string());
    let shown: Vec<_> = told
        .iter()
        .map(|one| {
            (
                one.source.as_str(),
                one.granted,
                one.wording.as_deref(),
                one.place.as_deref(),
            )
        })
        .collect();
    let kept = [
        ("sign-up", Some(true), Some("account"), Some("till 4")),
        ("sign-up", Some(true), Some("sms-2026"), Some("app")),
        ("operator", Some(false), None, None),
        ("consent", Some(true), Some("sms-2026"), None),
        ("reply", Some(false), None, None),
        ("reply", Some(false), None, None),
    ];
    assert_eq!(shown, kept, "{:?}", line.refused().await);
    assert_eq!(told[0].wording_hash, hash("Tell me about my points."));
    assert_eq!(told[1].wording_hash, hash("同意接收优惠短信，退订回复TD"));
    assert_eq!(told[3].wording_hash, hash(OFFERS));
    assert_eq!(
        (told[2].actor.as_deref(), told[2].reason.as_deref()),
        (Some("dana"), Some("said so on the phone"))
    );
    assert!(
        told.iter()
            .all(|one| one.received.is_some() && one.channel.as_deref() == Some("sms"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_in_words_that_nobody_shows_is_refused_and_a_withdrawal_never_is() {
    let folder = tempfile::tempdir().unwrap();
    let line = Start {
        program: Some(programme(folder.path())),
        ..Start::default()
    }
    .line()
    .await;
    let now = line.bundle.now();
    line.put("sign-up", at_a_till("01", now)).await;
    let wrong = [
        ("c-1", "wording", json!("sms-2062")),
        ("c-2", "wording-hash", json!("5")),
        ("c-3", "place", json!("")),
        ("c-4", "actor", json!("dana")),
    ];
    for (id, name, value) in wrong {
        let mut detail = consent("01", id, now, true);
        detail[name] = value;
        line.put("consent", detail).await;
    }
    let mut withdrawn = consent("01", "c-5", now, false);
    withdrawn["wording"] = json!("No more, please.");
    line.put("consent", withdrawn).await;
    // Who signs up in such words is no member until that is mended.
    let mut unknown = at_a_till("02", now);
    unknown["consents"][1]["wording"] = json!("sms-2062");
    line.put("sign-up", unknown).await;
    line.settle().await;

    assert_eq!(in_force(&line, "01").await, [DUE].into());
    assert_eq!(evidence(&line, "01").await.len(), 3);
    assert!(line.store.profile(&member("02")).await.unwrap().is_none());
    assert!(line.store.account(&member("02")).await.unwrap().is_none());
    let refused = line.refused().await;
    let why: Vec<&str> = refused.iter().map(|(_, why)| why.as_str()).collect();
    for mend in [
        "wording: its wording is none that the programme declares; did you mean \"sms-2026\"?",
        "write its 64 hexadecimal digits",
        "\"place\" cannot be used",
        "say why it was noted",
    ] {
        assert!(why.iter().any(|why| why.contains(mend)), "{mend}: {why:#?}");
    }
    assert_eq!(why.len(), 5, "{why:#?}");
}

/// An upgrade's text has the member's name.
async fn upgraded(line: &Line, id: &str) -> String {
    line.purchase(id, &format!("o-{id}"), "200.00").await;
    let mut texts = line.texts().into_iter().filter(|text| text.contains("Congratulations"));
    texts.next_back().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_personalised_has_no_name_and_the_same_programme() {
    // What is told at once with other things has no name.
    let folder = tempfile::tempdir().unwrap();
    let line = Start {
        program: Some(sample_with(folder.path(), SAMPLE_DIGEST, "")),
        ..Start::default()
    }
    .line()
    .await;
    for id in ["01", "02", "03"] {
        line.sign_up(id).await;
    }
    let now = line.bundle.now();
    let about = |id: &str, n: &str, granted| {
        json!({"member": id, "id": n, "at": now, "purpose": "personalisation",
        "granted": granted, "wording": "Show me the same as everybody.", "place": "app"})
    };
    line.put("consent", about("01", "c-1", false)).await;
    line.put("consent", about("02", "c-1", false)).await;
    // Before its member signs up, it waits.
    line.put("consent", about("04", "c-1", false)).await;
    let mut by_sms = about("03", "c-1", false);
    by_sms["channel"] = json!("sms");
    line.put("consent", by_sms).await;
    line.settle().await;
    line.sign_up("04").await;
    line.put("consent", about("02", "c-2", true)).await;
    line.settle().await;
    for (id, name) in [("01", "member"), ("02", "Name-02"), ("03", "Name-03"), ("04", "member")] {
        let text = upgraded(&line, id).await;
        assert!(
            text.contains(&format!("Congratulations, {name}!")),
            "member {id}: {text}"
        );
    }
    let accounts = [line.account("01").await, line.account("03").await];
    assert_eq!(accounts[0].tier(), accounts[1].tier());
    assert_eq!(
        accounts.map(|account| account.is_personalised(&line.programme)),
        [false, true]
    );
    let told = evidence(&line, "02").await;
    let about: Vec<_> = told
        .iter()
        .filter(|one| one.purpose.as_deref() == Some("personalisation"))
        .collect();
    assert_eq!(
        about.iter().map(|one| one.granted).collect::<Vec<_>>(),
        [Some(false), Some(true)]
    );
    assert!(
        about
            .iter()
            .all(|one| one.channel.is_none() && one.wording_hash.is_some() && one.place.is_some())
    );
    assert_eq!(evidence(&line, "04").await.len(), 3);
    let refused = line.refused().await;
    assert!(
        refused.len() == 1 && refused[0].1.contains("personalisation is by none; leave it out"),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_is_never_changed_whoever_writes_it_again() {
    let line = Start {
        faults: Faults {
            seed: 3,
            duplicate_percent: 50,
            half_failed_percent: 50,
            ..Faults::default()
        },
        ..Start::default()
    }
    .line()
    .await;
    line.sign_up("01").await;
    line.advance(1).await;
    reply(&line, &phone("01"), "STOP", "i-1").await;
    let before = evidence(&line, "01").await;
    assert_eq!(before.len(), 4);
    let first = store::Consent {
        id: before[0].id.clone(),
        at: before[0].at,
        received: line.bundle.now(),
        scope: Scope::Messages(DUE.0, DUE.1),
        granted: false,
        cited: Cited::default(),
        place: None,
        by: None,
    };
    line.store
        .keep_consent(&member("01"), &first, &Shown::default())
        .await
        .unwrap();
    // A shop that writes the table itself, and changes what it wrote.
    let update = line
        .client
        .update_item()
        .table_name(line.bundle.table_name("ActivitiesTable").unwrap());
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let update = update.key("pk", text("01")).key("sk", text("sign-up"));
    let consents = json!([{"channel": "sms", "purpose": "promotional", "wording": "Other words."}]).to_string();
    let update = update
        .update_expression("SET consents = :other")
        .expression_attribute_values(":other", text(&consents));
    update.send().await.unwrap();
    line.settle().await;
    assert_eq!(evidence(&line, "01").await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_s_is_told_and_everybody_s_written_out_in_one_order() {
    let folder = tempfile::tempdir().unwrap();
    let program = programme(folder.path());
    let data = folder.path().join("kept");
    let line = Start {
        data: Some(data.clone()),
        program: Some(program.clone()),
        ..Start::default()
    }
    .line()
    .await;
    for id in ["02", "01"] {
        line.put("sign-up", at_a_till(id, line.bundle.now())).await;
    }
    line.settle().await;
    line.advance(24).await;
    reply(&line, &phone("01"), "STOP", "i-1").await;
    let stranger = inbound("+12125550177", "退订", "i-2").to_string();
    line.bundle.publish_to_topic("RepliesTopic", &stranger).await.unwrap();
    line.settle().await;
    line.bundle.checkpoint(&json!({})).await.unwrap();
    line.bundle.shutdown().await;

    let program = program.to_str().unwrap();
    let run = |arguments: &[&str]| {
        let (code, said, errors) = regulars(
            &[&["consents", "--program", program], arguments].concat(),
            Some(&data),
            None,
        );
        assert_eq!((code, errors.as_str()), (0, ""));
        said
    };
    let table = run(&["01"]);
    for told in [
        "Consents of 01",
        "sms-2026",
        "till 4",
        "withdrawn",
        "in force now: nothing; withheld",
    ] {
        assert!(table.contains(told), "{told}: {table}");
    }
    let lines = run(&["--export", "--json"]);
    let rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let whose: Vec<_> = rows
        .iter()
        .map(|row| row["member"].as_str().or(row["number"].as_str()).unwrap())
        .collect();
    assert_eq!(
        whose,
        ["01", "01", "02", "02", "01", "01", "+12125550101", "+12125550177"]
    );
    assert_eq!(rows[1]["words"], "同意接收优惠短信，退订回复TD");
    assert_eq!(
        (&rows[7]["given"], &rows[7]["asked"]),
        (&json!(false), &json!("opt-out"))
    );
    assert!(!lines.contains("Name-0"), "no names");
    let first_day = run(&["--export", "--through", "2026-03-02"]);
    assert_eq!(first_day.lines().count(), 5, "{first_day}");
    assert!(
        first_day.starts_with("at,member,number,channel,purpose,given,source,place,wording,"),
        "{first_day}"
    );
    let later = run(&["--export", "--csv", "--from", "2026-03-03"]);
    assert_eq!(later.lines().count(), 5, "{later}");
    let (code, _, errors) = regulars(&["consents", "99"], Some(&data), None);
    assert!(code == 1 && errors.contains("there is no member 99"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_deleted_before_the_law_allows_it() {
    let line = Start::default().line().await;
    line.sign_up("01").await;
    // A purchase of long ago, told of today: its message goes today.
    let now = line.bundle.now();
    let long_ago = now - SignedDuration::from_hours(24 * 700);
    line.put("purchase", purchase("01", "o-1", "20.00", long_ago)).await;
    line.settle().await;
    line.advance(1).await;
    reply(&line, &phone("01"), "STOP", "i-1").await;
    let law = Retentions::read().unwrap();
    let (mut records, mut kept_for_ever) = (0, 0);
    for table in ["MembersTable", "MessagesTable", "ActivitiesTable"] {
        let scan = line.client.scan().table_name(line.bundle.table_name(table).unwrap());
        for item in scan.send().await.unwrap().items() {
            let text = |name: &str| {
                item.get(name)
                    .map_or("", |value| value.as_s().map_or("", String::as_str))
            };
            if table != "MessagesTable" {
                assert!(!item.contains_key("expires_at"), "{table}: {}", text("sk"));
                kept_for_ever += 1;
                continue;
            }
            let expires: i64 = item["expires_at"].as_n().unwrap().parse().unwrap();
            let least = (now + law.send_records.at_least()).as_second();
            assert!(
                expires >= least,
                "{} is deleted {} s too soon",
                text("sk"),
                least - expires
            );
            records += 1;
        }
    }
    println!(
        "{records} send records, none deleted within {}; {kept_for_ever} items without an end",
        law.send_records.at_least()
    );
    assert!(records >= 2 && kept_for_ever >= 8);
    assert_eq!(law.consents.from, programme::KeptFrom::EndOfRelation);
    assert_eq!(sources(&line, "01").await.len(), 4);
    let all = line.store.all_evidence(None).await.unwrap().0;
    assert!(
        all.iter()
            .any(|one| matches!(&one.whose, Whose::Number(number) if *number == phone("01")))
    );
}
