//! Orders that come back, through the whole line: points, tier, the message, and each refusal with its reason.

use bundle_tests::{Line, Start, at};
use ledger::What;
use programme::WalletId;
use serde_json::{Value, json};

async fn send(line: &Line, kind: &str, mut detail: Value) {
    detail["at"] = json!(line.bundle.now());
    line.put(kind, detail).await;
    line.settle().await;
}

async fn buy(line: &Line, member: &str, order: &str, amount: &str, lines: Value) {
    let detail = json!({"member": member, "order": order, "amount": amount, "currency": "USD", "lines": lines});
    send(line, "purchase", detail).await;
}

async fn balance(line: &Line, member: &str) -> i64 {
    let now = line.bundle.now();
    line.account(member)
        .await
        .balance(WalletId::MAIN, &line.programme, now)
        .get()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_comes_back_line_by_line_with_the_points_spent_on_it() {
    let line = Start::default().line().await;
    line.sign_up("01").await;
    line.purchase("01", "first", "100.00").await;
    send(
        &line,
        "redeem",
        json!({"member": "01", "redemption": "r-1", "order": "second", "points": 60}),
    )
    .await;
    let lines = json!([
        {"line": "vinyl", "quantity": 3, "amount": "90.00"},
        {"line": "sleeve", "quantity": 1, "amount": "10.00"},
    ]);
    buy(&line, "01", "second", "105.00", lines).await;
    assert_eq!(line.account("01").await.tier(), 1);
    assert_eq!(balance(&line, "01").await, 145);

    // 30 of 105 dollars come back: 75 of 105 points stay, and 42 of the 60 spent.
    let one = json!({"member": "01", "refund": "b-1", "order": "second", "lines": [{"line": "vinyl", "quantity": 1}]});
    send(&line, "refund", one).await;
    assert_eq!(balance(&line, "01").await, 145 - 30 + 18);
    assert_eq!(line.account("01").await.tier(), 1, "175 points still count");
    let body = line.texts().pop().unwrap();
    assert!(
        body.contains("12 points were taken back. You have 133 to spend"),
        "{body}"
    );

    // The rest: as if it had never been bought. The tier goes with it.
    send(
        &line,
        "refund",
        json!({"member": "01", "refund": "b-2", "order": "second"}),
    )
    .await;
    let account = line.account("01").await;
    assert_eq!(balance(&line, "01").await, 100);
    assert_eq!((account.tier(), account.review()), (0, None));
    assert_eq!(account.totals(WalletId::MAIN).spent.get(), 0);
    assert!(matches!(
        line.entries("01").await.pop().unwrap().what,
        What::TierLost { from: 1, to: 0, .. }
    ));
    let told = line.told("01").await;
    let returned = told
        .iter()
        .filter(|(kind, state, _)| kind == "points-returned" && state == "sent");
    assert_eq!(returned.count(), 2, "{told:?}");
    assert_eq!(line.refused().await, []);
}

/// Bought at night, and back before the message may go in the morning.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_order_earned_is_told_of_what_stays_of_it() {
    let line = Start {
        at: Some(at("2026-03-02T22:30:00-05:00")),
        ..Start::default()
    };
    let line = line.line().await;
    line.sign_up("01").await;
    line.purchase("01", "whole", "100.00").await;
    line.purchase("01", "part", "30.00").await;
    send(
        &line,
        "refund",
        json!({"member": "01", "refund": "b-1", "order": "whole"}),
    )
    .await;
    let part = json!({"member": "01", "refund": "b-2", "order": "part", "amount": "10.00", "currency": "USD"});
    send(&line, "refund", part).await;
    line.bundle.advance_to(at("2026-03-03T09:30:00-05:00")).await.unwrap();
    let told = line.told("01").await;
    let earned: Vec<_> = told.iter().filter(|(kind, ..)| kind == "points-earned").collect();
    let [(_, sent, _), (_, suppressed, reason)] = earned.as_slice() else {
        panic!("{earned:?}");
    };
    assert_eq!(
        (sent.as_str(), suppressed.as_str(), reason.as_str()),
        ("sent", "suppressed", "no-longer-true")
    );
    let texts = line.texts();
    let earned: Vec<_> = texts.iter().filter(|text| text.contains("earned")).collect();
    assert!(earned.len() == 1 && earned[0].contains("20 points"), "{texts:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_a_closed_page_comes_back_and_one_of_the_same_batch() {
    let line = Start::default().line().await;
    line.sign_up("02").await;
    for order in 0..30 {
        line.purchase("02", &format!("o-{order}"), "10.00").await;
    }
    assert!(
        line.account("02").await.page().first() > 12,
        "the first order's page is closed"
    );
    send(
        &line,
        "refund",
        json!({"member": "02", "refund": "b-1", "order": "o-0"}),
    )
    .await;
    assert_eq!(balance(&line, "02").await, 320);

    let now = line.bundle.now();
    line.put("purchase", bundle_tests::purchase("02", "quick", "70.00", now))
        .await;
    line.put(
        "refund",
        json!({"member": "02", "refund": "b-2", "order": "quick", "at": now}),
    )
    .await;
    line.settle().await;
    assert_eq!(balance(&line, "02").await, 320);
    assert_eq!(line.refused().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_come_back_is_refused_with_its_reason_and_moves_nothing() {
    let line = Start::default().line().await;
    for member in ["03", "04"] {
        line.sign_up(member).await;
    }
    let lines = json!([{"line": "vinyl", "quantity": 2, "amount": "20.00"}]);
    buy(&line, "03", "mine", "50.00", lines).await;
    line.purchase("04", "theirs", "50.00").await;
    let refund = |id: &str, order: &str, more: Value| {
        let mut detail = json!({"member": "03", "refund": id, "order": order});
        for (name, value) in more.as_object().unwrap() {
            detail[name] = value.clone();
        }
        detail
    };
    for (id, order, more) in [
        ("a-unknown", "nobodys", json!({})),
        ("b-foreign", "theirs", json!({})),
        ("c-more", "mine", json!({"amount": "50.01", "currency": "USD"})),
        ("d-currency", "mine", json!({"amount": "5.00", "currency": "EUR"})),
        ("e-line", "mine", json!({"lines": [{"line": "poster", "quantity": 1}]})),
        ("f-count", "mine", json!({"lines": [{"line": "vinyl", "quantity": 3}]})),
        ("g-none", "mine", json!({"lines": []})),
        ("h-zero", "mine", json!({"amount": "0.00", "currency": "USD"})),
    ] {
        send(&line, "refund", refund(id, order, more)).await;
    }
    assert_eq!(balance(&line, "03").await, 50);
    send(&line, "refund", refund("i-whole", "mine", json!({}))).await;
    send(&line, "refund", refund("j-again", "mine", json!({}))).await;
    assert_eq!(balance(&line, "03").await, 0);
    let refused = line.refused().await;
    let codes: Vec<_> = refused
        .iter()
        .map(|(key, why)| (key.as_str(), why.split(':').next().unwrap()))
        .collect();
    assert_eq!(
        codes,
        [
            ("refund#a-unknown", "unknown-order"),
            ("refund#b-foreign", "unknown-order"),
            ("refund#c-more", "more-than-paid"),
            ("refund#d-currency", "other-currency"),
            ("refund#e-line", "unknown-line"),
            ("refund#f-count", "more-than-bought"),
            ("refund#g-none", "nothing-back"),
            ("refund#h-zero", "nothing-back"),
            ("refund#j-again", "returned-already"),
        ]
    );
    assert_eq!(balance(&line, "04").await, 50);

    // What is no refund at all does not become one.
    for (id, more) in [
        ("k-minus", json!({"amount": "-1.00", "currency": "USD"})),
        ("l-both", json!({"amount": "1.00", "currency": "USD", "lines": []})),
        ("m-lines", json!({"lines": "vinyl"})),
    ] {
        send(&line, "refund", refund(id, "mine", more)).await;
    }
    let lines = json!([{"line": "vinyl", "quantity": 1, "amount": "20.00"}, {"line": "vinyl", "quantity": 1, "amount": "1.00"}]);
    buy(&line, "03", "twice", "50.00", lines).await;
    let lines = json!([{"line": "vinyl", "quantity": 1, "amount": "50.01"}]);
    buy(&line, "03", "dear", "50.00", lines).await;
    let unusable: Vec<_> = line
        .refused()
        .await
        .into_iter()
        .filter(|(key, _)| !key.starts_with("refund#"))
        .collect();
    let says = |text: &str| unusable.iter().filter(|(_, why)| why.contains(text)).count();
    for text in [
        "negative",
        "beside lines",
        "is not the JSON",
        "twice",
        "cost more than the purchase",
    ] {
        assert_eq!(says(text), 1, "{text}: {unusable:?}");
    }
    assert_eq!(balance(&line, "03").await, 0);
}
