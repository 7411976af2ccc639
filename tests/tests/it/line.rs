//! A member's story, from signing up to being told.

use bundle_tests::{Start, purchase};
use jiff::SignedDuration;
use ledger::What;
use programme::WalletId;
use serde_json::json;

fn triple(kind: &str, state: &str, reason: &str) -> (String, String, String) {
    (kind.to_owned(), state.to_owned(), reason.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_becomes_points_and_a_message() {
    let line = Start::default().line().await;
    line.sign_up("01").await;
    line.purchase("01", "o-1", "29.33").await;

    let account = line.account("01").await;
    assert_eq!(
        account
            .balance(WalletId::MAIN, &line.programme, line.bundle.now())
            .get(),
        29
    );
    let causes: Vec<String> = line
        .entries("01")
        .await
        .into_iter()
        .map(|entry| entry.cause.into())
        .collect();
    assert_eq!(causes, ["sign-up", "purchase#o-1"]);
    assert_eq!(
        line.told("01").await,
        [triple("points-earned", "sent", ""), triple("welcome", "sent", "")]
    );
    assert_eq!(
        line.texts(),
        [
            "Paper Moon Records: Welcome, Name-01! Every dollar earns you a point. Reply STOP to opt out.",
            "Paper Moon Records: 29 points earned. You have 29 to spend. Reply STOP to opt out.",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_purchase_twice_earns_once() {
    let line = Start::default().line().await;
    line.sign_up("02").await;
    let detail = purchase("02", "o-1", "29.33", line.bundle.now());
    for _ in 0..3 {
        line.put("purchase", detail.clone()).await;
        line.settle().await;
    }
    assert_eq!(line.account("02").await.totals(WalletId::MAIN).earned.get(), 29);
    assert_eq!(line.texts().len(), 2);
    assert!(line.refused().await.is_empty(), "a repeat is no mistake");

    // Another purchase under the same id is one.
    line.purchase("02", "o-1", "1000.00").await;
    assert_eq!(line.account("02").await.totals(WalletId::MAIN).earned.get(), 29);
    let refused = line.refused().await;
    assert!(refused[0].1.contains("give this one an id of its own"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tier_is_reached_on_the_crossing_purchase_and_told_once() {
    let line = Start::default().line().await;
    line.sign_up("03").await;
    line.purchase("03", "o-1", "149.00").await;
    assert_eq!(line.account("03").await.tier(), 0);
    line.purchase("03", "o-2", "1.00").await;
    assert_eq!(line.account("03").await.tier(), 1);
    // From the next purchase on, a quarter more.
    line.purchase("03", "o-3", "10.00").await;
    assert_eq!(line.account("03").await.totals(WalletId::MAIN).earned.get(), 162);
    let upgrades = line
        .texts()
        .into_iter()
        .filter(|text| text.contains("You are now a Collector"))
        .count();
    assert_eq!(upgrades, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn points_are_spent_first_expiring_first_or_refused() {
    let line = Start::default().line().await;
    line.sign_up("04").await;
    line.purchase("04", "o-1", "40.00").await;
    line.advance(24 * 31).await;
    line.purchase("04", "o-2", "40.00").await;
    line.put(
        "redeem",
        json!({"member": "04", "redemption": "r-1", "at": line.bundle.now(), "points": 50}),
    )
    .await;
    line.settle().await;
    let redeemed = line.entries("04").await.into_iter().find_map(|entry| match entry.what {
        What::Redeemed { lots, .. } => Some(
            lots.into_iter()
                .map(|(day, points)| (day.date().to_string(), points.get()))
                .collect::<Vec<_>>(),
        ),
        _ => None,
    });
    assert_eq!(
        redeemed.unwrap(),
        [("2027-03-31".to_owned(), 40), ("2027-04-30".to_owned(), 10)]
    );

    line.put(
        "redeem",
        json!({"member": "04", "redemption": "r-2", "at": line.bundle.now(), "points": 31}),
    )
    .await;
    line.settle().await;
    let account = line.account("04").await;
    assert_eq!(
        account
            .balance(WalletId::MAIN, &line.programme, line.bundle.now())
            .get(),
        30
    );
    let refused = line.refused().await;
    assert_eq!(
        refused,
        [(
            "redeem#r-2".to_owned(),
            "not-enough: 31 points cannot be spent of 30".to_owned()
        )]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_hours_hold_a_message_until_they_end() {
    // 22:30 in New York.
    let line = Start {
        at: Some(bundle_tests::at("2026-03-03T03:30:00Z")),
        ..Start::default()
    }
    .line()
    .await;
    line.sign_up("05").await;
    assert_eq!(line.told("05").await, [triple("welcome", "deferred", "")]);
    line.advance(10).await;
    assert!(line.texts().is_empty(), "sent in quiet hours");
    line.advance(1).await;
    let sent = line.bundle.published();
    assert_eq!(sent.len(), 1);
    // 09:00 in New York, found by the first tick after it.
    let end = bundle_tests::at("2026-03-03T14:00:00Z");
    assert!(
        sent[0].at >= end && sent[0].at.duration_since(end) < SignedDuration::from_hours(1),
        "{}",
        sent[0].at
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_without_consent_or_after_it_was_withdrawn() {
    let line = Start::default().line().await;
    let mut detail = bundle_tests::sign_up("06", line.bundle.now());
    detail["consents"] = json!([]);
    line.put("sign-up", detail).await;
    line.settle().await;
    assert_eq!(line.told("06").await, [triple("welcome", "suppressed", "no-consent")]);

    line.sign_up("07").await;
    let withdrawn = json!({"member": "07", "id": "c-1", "at": line.bundle.now(), "channel": "sms", "purpose": "transactional", "granted": false, "wording": "STOP"});
    line.put("consent", withdrawn).await;
    line.settle().await;
    line.purchase("07", "o-1", "29.33").await;
    assert_eq!(
        line.told("07").await,
        [
            triple("points-earned", "suppressed", "no-consent"),
            triple("welcome", "sent", "")
        ]
    );
    assert_eq!(
        line.account("07").await.totals(WalletId::MAIN).earned.get(),
        29,
        "points do not need consent"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_gets_a_push_through_its_endpoint() {
    let line = Start::default().line().await;
    let mut detail = bundle_tests::sign_up("08", line.bundle.now());
    detail["consents"] = json!([{"channel": "push", "purpose": "transactional", "wording": "Yes"}]);
    detail["device"] = json!({"platform": "GCM", "token": "made-up-token"});
    detail["locale"] = json!("zh-CN");
    line.put("sign-up", detail).await;
    line.settle().await;
    line.purchase("08", "o-1", "29.33").await;
    let published = line.bundle.published();
    assert_eq!(published.len(), 2);
    for message in &published {
        let regulars::engine::To::Endpoint { token, platform, .. } = &message.target else {
            panic!("not a push")
        };
        assert_eq!((token.as_str(), platform.as_str()), ("made-up-token", "GCM"));
        let body: serde_json::Value = serde_json::from_str(&message.body).unwrap();
        assert!(body["default"].as_str().is_some() && body["GCM"].as_str().unwrap().contains("fcmV1Message"));
        assert!(
            message.attributes.contains_key("AWS.SNS.MOBILE.FCM.TTL"),
            "{:?}",
            message.attributes
        );
    }
    assert!(published[1].body.contains("29 积分"), "{}", published[1].body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_account_stops_only_its_own_member() {
    let line = Start::default().line().await;
    line.sign_up("09").await;
    line.sign_up("10").await;
    let table = line.bundle.table_name("MembersTable").unwrap();
    let key = |name: &str| aws_sdk_dynamodb::types::AttributeValue::S(name.to_owned());
    let item = line.client.get_item().table_name(&table).key("pk", key("09"));
    let item = item.key("sk", key("account")).send().await.unwrap().item.unwrap();
    let mut bytes = item["b"].as_b().unwrap().clone().into_inner();
    *bytes.last_mut().unwrap() ^= 1;
    let damage = line.client.update_item().table_name(table).key("pk", key("09"));
    let bytes = aws_sdk_dynamodb::types::AttributeValue::B(aws_sdk_dynamodb::primitives::Blob::new(bytes));
    damage
        .key("sk", key("account"))
        .update_expression("SET b = :b")
        .expression_attribute_values(":b", bytes)
        .send()
        .await
        .unwrap();
    line.settle().await;
    for id in ["09", "10"] {
        let now = line.bundle.now() - SignedDuration::from_secs(1);
        line.put("purchase", purchase(id, "o-1", "29.33", now)).await;
    }
    line.settle().await;
    assert_eq!(line.account("10").await.totals(WalletId::MAIN).earned.get(), 29);
    let refused = line.refused().await;
    assert_eq!(refused.len(), 1);
    assert!(
        refused[0].0 == "purchase#o-1" && refused[0].1.contains("checksum"),
        "{refused:?}"
    );
    // Its alarm is silenced, and that is nothing to tell of.
    let given_up = line.bundle.given_up().len();
    line.advance(366 * 24).await;
    assert_eq!(line.bundle.given_up().len(), given_up);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_pushed_to_gets_an_sms() {
    let start = Start {
        without_push: true,
        ..Start::default()
    };
    let line = start.line().await;
    let mut detail = bundle_tests::sign_up("01", line.bundle.now());
    detail["device"] = json!({"platform": "GCM", "token": "made-up-token"});
    let more = json!({"channel": "push", "purpose": "transactional", "wording": "Yes"});
    detail["consents"].as_array_mut().unwrap().push(more);
    line.put("sign-up", detail).await;
    line.settle().await;
    line.purchase("01", "o-1", "40.00").await;
    let texts = line.texts();
    assert!(texts.iter().any(|text| text.contains("40 points earned")), "{texts:?}");
}
