//! What members reply to SMS, through the whole line: the topic, its queue, `read-replies`, and what is sent afterwards.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use bundle_tests::{Line, SAMPLE_CAP, Start, at, inbound, member, phone, purchase, sample_with, sign_up};
use messages::{Facts, Intent};
use programme::{Channel, MessageKind, Purpose, WalletId};
use regulars::engine::{Faults, To};
use serde_json::json;

pub(crate) const DUE: (Channel, Purpose) = (Channel::Sms, Purpose::Transactional);
pub(crate) const ADVERT: (Channel, Purpose) = (Channel::Sms, Purpose::Promotional);

/// A reply, as the provider publishes it.
pub(crate) async fn reply(line: &Line, number: &str, text: &str, id: &str) {
    let message = inbound(number, text, id).to_string();
    line.bundle.publish_to_topic("RepliesTopic", &message).await.unwrap();
    line.settle().await;
}

/// What was sent to a number, oldest first.
fn sent_to(line: &Line, number: &str) -> Vec<String> {
    let published = line.bundle.published().into_iter();
    let to_it = published.filter(|one| matches!(&one.target, To::Phone(phone) if phone == number));
    to_it.map(|one| one.body).collect()
}

pub(crate) async fn in_force(line: &Line, id: &str) -> BTreeSet<(Channel, Purpose)> {
    line.store.profile(&member(id)).await.unwrap().unwrap().profile.consents
}

/// The evidence that replies left with a member: purpose and whether it is granted, in order of time.
async fn evidence(line: &Line, id: &str) -> Vec<(String, bool)> {
    let query = line
        .client
        .query()
        .table_name(line.bundle.table_name("MembersTable").unwrap());
    let query = query
        .key_condition_expression("pk = :member AND begins_with(sk, :consent)")
        .expression_attribute_values(":member", AttributeValue::S(id.to_owned()))
        .expression_attribute_values(":consent", AttributeValue::S("consent#".to_owned()));
    let items = query.send().await.unwrap().items.unwrap_or_default();
    let by_reply = items
        .into_iter()
        .filter(|item| item["source"].as_s().unwrap() == "reply");
    by_reply
        .map(|item| {
            assert!(!item.contains_key("wording") && item.contains_key("inbound_message_id"));
            (
                item["purpose"].as_s().unwrap().clone(),
                *item["granted"].as_bool().unwrap(),
            )
        })
        .collect()
}

/// A message that stays true, to be sent when it may.
async fn intend(line: &Line, id: &str, nth: u32) {
    let now = line.bundle.now();
    let intent = Intent {
        member: member(id),
        kind: MessageKind::Anniversary,
        cause: format!("anniversary#{nth}").as_str().into(),
        wallet: WalletId::MAIN,
        at: now,
        useful_until: now + jiff::SignedDuration::from_hours(24 * 20),
        facts: Facts {
            years: Some(1),
            ..Facts::default()
        },
    };
    line.store.put_intent(&intent).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_when_a_member_opts_out_is_never_sent() {
    // Half past midnight for the member: what is decided waits for the morning.
    let line = Start {
        at: Some(at("2026-03-03T05:30:00Z")),
        ..Start::default()
    }
    .line()
    .await;
    line.sign_up("01").await;
    line.purchase("01", "o-1", "20.00").await;
    intend(&line, "01", 1).await;
    line.settle().await;
    let told = line.told("01").await;
    assert!(
        told.len() >= 3 && told.iter().all(|(_, state, _)| state == "deferred"),
        "{told:?}"
    );
    reply(&line, &phone("01"), "Stop, please.", "i-1").await;
    line.advance(40).await;
    line.purchase("01", "o-2", "20.00").await;
    let sent = sent_to(&line, &phone("01"));
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!(sent[0].contains("You are unsubscribed"), "{sent:?}");
    let told = line.told("01").await;
    let wanted = |(_, state, reason): &(String, String, String)| state == "suppressed" && reason == "stopped-by-member";
    assert!(told.len() >= 4 && told.iter().all(wanted), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_is_confirmed_once_however_often_it_comes() {
    let line = Start::default().line().await;
    line.sign_up("01").await;
    let before = sent_to(&line, &phone("01")).len();
    for id in ["i-1", "i-1", "i-2", "i-1"] {
        reply(&line, &phone("01"), "STOP", id).await;
        line.advance(1).await;
    }
    // RCS leaves out the plus; and nothing is sent to who is stopped, help neither.
    reply(&line, phone("01").trim_start_matches('+'), "STOP", "i-3").await;
    reply(&line, &phone("01"), "HELP", "i-4").await;
    assert_eq!(sent_to(&line, &phone("01")).len(), before + 1);
    let taken = ["promotional", "transactional"].map(|purpose| (purpose.to_owned(), false));
    assert_eq!(evidence(&line, "01").await, taken);
    assert!(in_force(&line, "01").await.is_empty());
    // From the number that was written to.
    let published = line.bundle.published();
    let from = published.last().unwrap().attributes.get("AWS.MM.SMS.OriginationNumber");
    assert_eq!(from.map(String::as_str), Some(regulars::play::replies::OURS));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_in_gives_back_what_was_taken_and_no_more_and_not_too_soon() {
    let line = Start::default().line().await;
    line.sign_up("01").await;
    reply(&line, &phone("01"), "STOP", "i-1").await;
    let withdrawn = json!({"member": "01", "id": "c-1", "at": line.bundle.now(), "channel": "sms",
        "purpose": "promotional", "granted": false, "wording": "No offers."});
    line.put("consent", withdrawn).await;
    line.settle().await;
    line.advance(1).await;
    reply(&line, &phone("01"), "START", "i-2").await;
    assert_eq!(
        in_force(&line, "01").await,
        BTreeSet::from([DUE]),
        "{:?}",
        line.refused().await
    );
    assert!(
        sent_to(&line, &phone("01"))
            .last()
            .unwrap()
            .contains("You get our texts again")
    );
    // Within thirty days the provider would not take it back either.
    line.advance(1).await;
    reply(&line, &phone("01"), "STOP", "i-3").await;
    line.advance(24 * 20).await;
    let sent = sent_to(&line, &phone("01")).len();
    reply(&line, &phone("01"), "START", "i-4").await;
    assert!(in_force(&line, "01").await.is_empty());
    assert_eq!(sent_to(&line, &phone("01")).len(), sent);
    line.advance(24 * 11).await;
    reply(&line, &phone("01"), "START", "i-5").await;
    assert_eq!(in_force(&line, "01").await, BTreeSet::from([DUE]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_in_without_an_opt_out_changes_nothing() {
    let line = Start::default().line().await;
    let mut detail = sign_up("01", line.bundle.now());
    detail["consents"] = json!([{"channel": "sms", "purpose": "transactional", "wording": "Text me."}]);
    line.put("sign-up", detail).await;
    line.settle().await;
    let sent = line.texts().len();
    reply(&line, &phone("01"), "START", "i-1").await;
    assert_eq!(in_force(&line, "01").await, BTreeSet::from([DUE]));
    assert_eq!(line.texts().len(), sent);
    assert!(evidence(&line, "01").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_stops_what_advertises_and_is_asked_about_once() {
    let line = Start::default().line().await;
    line.sign_up("01").await;
    let before = sent_to(&line, &phone("01")).len();
    for (nth, text) in ["how do I unsubscribe?", "too many messages"].into_iter().enumerate() {
        reply(&line, &phone("01"), text, &format!("i-{nth}")).await;
    }
    assert_eq!(sent_to(&line, &phone("01")).len(), before + 1);
    assert!(sent_to(&line, &phone("01")).last().unwrap().contains("no more offers"));
    assert_eq!(in_force(&line, "01").await, BTreeSet::from([DUE]));
    line.advance(1).await;
    reply(&line, &phone("01"), "STOP", "i-9").await;
    assert!(in_force(&line, "01").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_is_answered_in_their_language_and_a_stranger_in_the_programmes() {
    let line = Start::default().line().await;
    let mut detail = sign_up("01", line.bundle.now());
    detail["locale"] = json!("zh-CN");
    line.put("sign-up", detail).await;
    line.settle().await;
    reply(&line, &phone("01"), "退订", "i-1").await;
    let last = sent_to(&line, &phone("01")).pop().unwrap();
    assert!(
        last.starts_with(&format!("【{}】您已退订", line.programme.name)),
        "{last}"
    );
    // Nobody signed up with this number; what was asked from it holds for whoever does.
    let unknown = phone("02");
    reply(&line, &unknown, "STOP", "i-2").await;
    assert!(sent_to(&line, &unknown)[0].contains("You are unsubscribed"));
    line.sign_up("02").await;
    line.purchase("02", "o-1", "20.00").await;
    assert_eq!(sent_to(&line, &unknown).len(), 1);
    assert!(in_force(&line, "02").await.is_empty());
    let told = line.told("02").await;
    assert!(
        told.len() >= 2 && told.iter().all(|(_, state, _)| state == "suppressed"),
        "{told:?}"
    );
    // Nor does what is agreed to elsewhere lift it, and it is in force when the number says so.
    let given = json!({"member": "02", "id": "c-1", "at": line.bundle.now(), "channel": "sms",
        "purpose": "promotional", "granted": true, "wording": "Text me offers."});
    line.put("consent", given).await;
    line.settle().await;
    assert!(in_force(&line, "02").await.is_empty());
    line.advance(1).await;
    reply(&line, &unknown, "START", "i-3").await;
    assert_eq!(in_force(&line, "02").await, BTreeSet::from([DUE, ADVERT]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_stops_for_all_its_members_and_no_other() {
    let line = Start::default().line().await;
    for id in ["01", "02", "03"] {
        let mut detail = sign_up(id, line.bundle.now());
        if id != "03" {
            detail["phone"] = json!("+12125550177");
        }
        line.put("sign-up", detail).await;
        line.settle().await;
    }
    reply(&line, "+12125550177", "unsubscribe", "i-1").await;
    let sent = sent_to(&line, "+12125550177").len();
    for id in ["01", "02", "03"] {
        line.purchase(id, &format!("o-{id}"), "20.00").await;
        assert_eq!(in_force(&line, id).await.is_empty(), id != "03");
    }
    assert_eq!(sent_to(&line, "+12125550177").len(), sent);
    assert_eq!(sent_to(&line, &phone("03")).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_set_aside_and_stops_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let line = Start {
        log: Some(log.clone()),
        ..Start::default()
    }
    .line()
    .await;
    line.sign_up("01").await;
    let damaged = json!({"originationNumber": "Ana Sommer", "messageBody": "Ana Sommer", "inboundMessageId": "i-0"});
    let publish = async |message: String| line.bundle.publish_to_topic("RepliesTopic", &message).await.unwrap();
    publish(damaged.to_string()).await;
    publish(inbound(&phone("01"), "STOP", "i-1").to_string()).await;
    // Neither is a reply at all: the subscription lets neither through.
    publish("Successfully configured".to_owned()).await;
    publish(json!({"messageBody": "STOP"}).to_string()).await;
    publish(inbound(&phone("01"), r#"{"type":"RCS_TYPING"}"#, "i-2").to_string()).await;
    line.settle().await;
    assert!(in_force(&line, "01").await.is_empty());
    let given_up = line.bundle.given_up();
    assert_eq!(given_up.len(), 1, "{given_up:?}");
    assert_eq!(given_up[0].place, "DeadLettersQueue");
    assert!(
        given_up[0].content.to_string().contains("Ana Sommer"),
        "it is kept whole"
    );
    let logged = std::fs::read_to_string(log).unwrap();
    assert!(logged.contains("its originationNumber is no phone number"), "{logged}");
    assert!(
        !logged.contains("Ana Sommer") && !logged.contains("2125550"),
        "{logged}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_later_reply_decides_in_whatever_order_they_come() {
    let line = Start::default().line().await;
    line.sign_up("01").await;
    let (early, late) = ("2026-03-02T14:00:00.000Z", "2026-03-02T14:10:00.000Z");
    line.read_replies(&phone("01"), &[("START", "i-2", late)]).await;
    line.read_replies(&phone("01"), &[("STOP", "i-1", early)]).await;
    assert_eq!(in_force(&line, "01").await, BTreeSet::from([DUE, ADVERT]));
    line.read_replies(&phone("01"), &[("STOP", "i-3", "2026-03-02T14:20:00.000Z")])
        .await;
    line.read_replies(&phone("01"), &[("START", "i-4", "2026-03-02T14:15:00.000Z")])
        .await;
    // Without a time, it stays stopped.
    line.read_replies(&phone("01"), &[("START", "i-5", "")]).await;
    assert!(in_force(&line, "01").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_while_the_member_signs_up_is_not_overtaken() {
    let faults = Faults {
        seed: 5,
        duplicate_percent: 30,
        half_failed_percent: 30,
        ..Faults::default()
    };
    let line = Start {
        faults,
        ..Start::default()
    }
    .line()
    .await;
    let now = line.bundle.now();
    let ids: Vec<String> = (0..40).map(|n| format!("{n:02}")).collect();
    for id in &ids {
        line.put("sign-up", sign_up(id, now)).await;
        let message = inbound(&phone(id), "STOP", &format!("i-{id}")).to_string();
        line.bundle.publish_to_topic("RepliesTopic", &message).await.unwrap();
    }
    line.settle().await;
    for id in &ids {
        assert!(in_force(&line, id).await.is_empty(), "member {id}");
        let sent = sent_to(&line, &phone(id)).len();
        line.purchase(id, &format!("o-{id}"), "20.00").await;
        assert_eq!(sent_to(&line, &phone(id)).len(), sent, "member {id}");
    }
}

const MEMBERS: u32 = 24;

#[tokio::test(flavor = "multi_thread")]
async fn with_everything_going_wrong_nothing_is_sent_after_an_opt_out() {
    let faults = Faults {
        seed: 11,
        duplicate_percent: 30,
        throttle_percent: 5,
        timeout_percent: 5,
        half_failed_percent: 30,
        ..Faults::default()
    };
    // Without the sample's cap, which would hold most of it.
    let folder = tempfile::tempdir().unwrap();
    let line = Start {
        faults,
        program: Some(sample_with(folder.path(), SAMPLE_CAP, "")),
        ..Start::default()
    }
    .line()
    .await;
    let ids: Vec<String> = (0..MEMBERS).map(|n| format!("{n:02}")).collect();
    let start = line.bundle.now();
    for id in &ids {
        line.put("sign-up", sign_up(id, start)).await;
    }
    line.settle().await;
    let stops = |id: &str| id.parse::<u32>().unwrap() % 2 == 0;
    // What they bought is on its way when they reply.
    for id in &ids {
        line.put("purchase", purchase(id, &format!("o-{id}-0"), "12.00", start))
            .await;
        intend(&line, id, 0).await;
        if stops(id) {
            let message = inbound(&phone(id), "退订，烦死了", &format!("i-{id}")).to_string();
            for _ in 0..2 {
                line.bundle.publish_to_topic("RepliesTopic", &message).await.unwrap();
            }
        }
    }
    line.settle().await;
    let before: Vec<usize> = ids.iter().map(|id| sent_to(&line, &phone(id)).len()).collect();
    for round in 1..4 {
        let now = line.bundle.now();
        for id in &ids {
            line.put("purchase", purchase(id, &format!("o-{id}-{round}"), "12.00", now))
                .await;
            intend(&line, id, round).await;
            // A shop's form that is filled in again, and the same reply once more.
            let consent = json!({"member": id, "id": format!("c-{round}"), "at": now, "channel": "sms",
                "purpose": "promotional", "granted": true, "wording": "Text me offers."});
            line.put("consent", consent).await;
            if stops(id) {
                let message = inbound(&phone(id), "STOP", &format!("i-{id}-{}", round % 2)).to_string();
                line.bundle.publish_to_topic("RepliesTopic", &message).await.unwrap();
            }
        }
        line.settle().await;
        line.advance(20).await;
    }
    let (mut after, mut to_others, mut confirmed) = (0, 0, 0);
    for (id, before) in ids.iter().zip(before) {
        let sent = sent_to(&line, &phone(id));
        if stops(id) {
            after += sent.len() - before;
            let confirmations = sent.iter().filter(|text| text.contains("unsubscribed")).count();
            assert!(confirmations <= 1, "member {id}: {sent:?}");
            confirmed += confirmations;
            assert!(in_force(&line, id).await.is_empty(), "member {id}");
        } else {
            to_others += sent.len() - before;
        }
    }
    println!(
        "{} opted out, {confirmed} confirmations, {after} sent to them afterwards, {to_others} to the others; faults {:?}",
        MEMBERS / 2,
        line.bundle.faults()
    );
    assert_eq!(after, 0);
    assert!(to_others >= 3 * MEMBERS as usize && confirmed * 4 >= MEMBERS as usize);
    let lost = line.bundle.given_up();
    assert!(lost.is_empty(), "{lost:?}");
}
