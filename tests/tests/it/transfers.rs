//! Points from member to member, through the whole line: both accounts change, or neither.

use std::sync::Arc;

use bundle_tests::{Line, Start, at};
use programme::WalletId;
use serde_json::{Value, json};

const MEMBERS: [&str; 3] = ["01", "02", "03"];

/// Three members with a hundred points each, who joined two months ago.
async fn three() -> Line {
    let line = Start {
        at: Some(at("2026-01-02T15:00:00Z")),
        ..Start::default()
    }
    .line()
    .await;
    for member in MEMBERS {
        line.sign_up(member).await;
        line.purchase(member, &format!("o-{member}"), "100.00").await;
    }
    line.bundle.advance_to(at("2026-03-02T15:00:00Z")).await.unwrap();
    line
}

fn transfer(line: &Line, from: &str, id: &str, points: i64, to: &str) -> Value {
    json!({"member": from, "transfer": id, "at": line.bundle.now(), "points": points, "to": to})
}

async fn balances(line: &Line) -> Vec<i64> {
    let mut balances = Vec::new();
    for member in MEMBERS {
        let account = line.account(member).await;
        let balance = account.balance(WalletId::MAIN, &line.programme, line.bundle.now());
        balances.push(balance.get());
    }
    balances
}

async fn are_sound(line: &Line) {
    for member in MEMBERS {
        let pages = line.store.pages(&member.parse().unwrap()).await.unwrap();
        let account = line.account(member).await;
        assert_eq!(ledger::audit(&line.programme, &pages, &account), [], "{member}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn points_go_to_another_member_who_hears_of_it_and_keep_their_last_day() {
    let line = three().await;
    line.put("transfer", transfer(&line, "01", "t-1", 40, "02")).await;
    line.settle().await;
    assert_eq!(balances(&line).await, [60, 140, 100]);
    let lots: Vec<_> = line.account("02").await.lots(WalletId::MAIN).to_vec();
    assert_eq!(
        (lots.len(), lots[0].points.get()),
        (1, 140),
        "earned in the same month, they lapse together"
    );
    let texts = line.texts();
    assert!(
        texts
            .iter()
            .any(|text| text.contains("Another member sent you 40 points")),
        "{texts:?}"
    );
    let cause = |entries: Vec<ledger::Entry>| entries.last().unwrap().cause.clone();
    assert_eq!(cause(line.entries("01").await), "transfer#t-1");
    assert_eq!(cause(line.entries("02").await), "received#01#transfer#t-1");

    // A receiver whose account cannot be read stops nobody.
    line.sign_up("08").await;
    let table = line.bundle.table_name("MembersTable").unwrap();
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let bytes = aws_sdk_dynamodb::types::AttributeValue::B(aws_sdk_dynamodb::primitives::Blob::new([9_u8; 40]));
    let update = line.client.update_item().table_name(table);
    let update = update.key("pk", text("08")).key("sk", text("account"));
    let update = update
        .update_expression("SET b = :b")
        .expression_attribute_values(":b", bytes);
    update.send().await.unwrap();

    line.sign_up("09").await;
    for (id, from, points, to) in [
        ("t-2", "01", 10, "01"),
        ("t-3", "01", 61, "02"),
        ("t-4", "01", 10, "77"),
        ("t-5", "01", 9, "02"),
        ("t-6", "01", 10, "09"),
        ("t-7", "01", -10, "02"),
        ("t-8", "01", 10, "08"),
    ] {
        line.put("transfer", transfer(&line, from, id, points, to)).await;
    }
    line.settle().await;
    let refused = line.refused().await;
    let codes: Vec<(&str, &str)> = refused
        .iter()
        .map(|(id, why)| (id.as_str(), why.split(':').next().unwrap()))
        .collect();
    assert_eq!(
        codes,
        [
            ("transfer#t-2", "to-oneself"),
            ("transfer#t-3", "not-enough"),
            ("transfer#t-4", "unknown-receiver"),
            ("transfer#t-5", "transfer-too-small"),
            ("transfer#t-6", "joined-lately"),
            ("transfer#t-7", "nothing"),
            ("transfer#t-8", "receiver-damaged"),
        ]
    );
    assert_eq!(balances(&line).await, [60, 140, 100], "nothing moved");
    are_sound(&line).await;
}

/// Everybody sends to everybody at once, and spends beside it.
#[tokio::test(flavor = "multi_thread")]
async fn however_members_send_to_each_other_at_once_no_point_is_lost_or_made() {
    let line = Arc::new(three().await);
    let mut events = Vec::new();
    for round in 0..20 {
        for (place, from) in MEMBERS.into_iter().enumerate() {
            let to = MEMBERS[(place + 1 + round % 2) % 3];
            events.push(transfer(
                &line,
                from,
                &format!("t-{round}"),
                10 + i64::try_from(round).unwrap(),
                to,
            ));
        }
    }
    let puts = events.into_iter().map(|detail| {
        let line = Arc::clone(&line);
        tokio::spawn(async move { line.put("transfer", detail).await })
    });
    for put in puts.collect::<Vec<_>>() {
        put.await.unwrap();
    }
    line.settle().await;
    let balances = balances(&line).await;
    assert_eq!(balances.iter().sum::<i64>(), 300, "{balances:?}");
    assert!(balances.iter().all(|balance| *balance >= 0));
    let mut sent = 0;
    for member in MEMBERS {
        let entries = line.entries(member).await;
        sent += entries
            .iter()
            .filter(|entry| entry.cause.starts_with("transfer#"))
            .count();
    }
    assert_eq!(sent + line.refused().await.len(), 60);
    assert!(sent >= 20, "{sent}");
    are_sound(&line).await;
}
