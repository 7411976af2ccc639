//! What the shop may send wrong: kept whole, with its reason, and nothing else stops.

use bundle_tests::{Start, at, member, purchase, sign_up};
use programme::WalletId;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_event_is_kept_with_its_reason_and_the_others_go_on() {
    let line = Start::default().line().await;
    line.sign_up("01").await;
    let now = line.bundle.now();
    let with = |name: &str, value: serde_json::Value| {
        let mut detail = purchase("01", "bad", "29.33", now);
        detail[name] = value;
        detail
    };
    let wrong = [
        ("amount", json!("29.333"), "more decimals than USD has"),
        ("amount", json!("-5.00"), "is negative"),
        ("amount", json!(29.33), "write it as text"),
        ("amount", json!("a lot"), "is no amount"),
        ("amount", json!(null), "\"amount\" is missing"),
        ("currency", json!("USX"), "no currency code"),
        ("at", json!("1997-02-30T00:00:00Z"), "\"at\" cannot be read"),
        ("order", json!(""), "1 to 128 visible ASCII characters"),
        ("member", json!("a b"), "the character ' '"),
        ("member", json!(7), "put it in quotes"),
    ];
    for (name, value, _) in &wrong {
        line.put("purchase", with(name, value.clone())).await;
    }
    line.put("purchase-order", purchase("01", "bad", "1.00", now)).await;
    let by_hand = json!({"member": "01", "adjustment": "j", "at": now, "points": 5, "reason": "goodwill"});
    line.put("adjust", by_hand).await;
    let mut landline = sign_up("02", now);
    landline["phone"] = json!("0212 555 0147");
    line.put("sign-up", landline).await;
    line.purchase("01", "good", "29.33").await;

    let refused = line.refused().await;
    assert_eq!(refused.len(), wrong.len() + 3, "{refused:#?}");
    for says in
        wrong
            .iter()
            .map(|(_, _, says)| *says)
            .chain(["send one of purchase, redeem", "\"actor\" is missing", "E.164"])
    {
        assert!(
            refused.iter().any(|(_, reason)| reason.contains(says)),
            "nothing says {says:?}: {refused:#?}"
        );
    }
    for personal in ["0212", "Name-02"] {
        assert!(
            !refused.iter().any(|(_, reason)| reason.contains(personal)),
            "a reason is personal: {refused:#?}"
        );
    }
    assert_eq!(line.account("01").await.totals(WalletId::MAIN).earned.get(), 29);
    assert!(line.store.account(&member("02")).await.unwrap().is_none());
    assert!(line.bundle.given_up().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_before_the_sign_up_waits_for_it() {
    let line = Start::default().line().await;
    line.purchase("03", "early", "29.33").await;
    let refused = line.refused().await;
    assert!(
        refused[0].1.starts_with("unknown-member: nobody has signed up"),
        "{refused:?}"
    );
    line.sign_up("03").await;
    assert!(line.refused().await.is_empty(), "it went through with the sign-up");
    assert_eq!(line.account("03").await.totals(WalletId::MAIN).earned.get(), 29);
    assert_eq!(line.entries("03").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_may_write_the_table_itself() {
    use aws_sdk_dynamodb::types::AttributeValue::S;
    let line = Start::default().line().await;
    line.sign_up("04").await;
    let put = |id: &str, amount: &str| {
        let text = |text: &str| S(text.to_owned());
        let put = line
            .client
            .put_item()
            .table_name(line.bundle.table_name("ActivitiesTable").unwrap());
        let put = put
            .item("pk", text("04"))
            .item("sk", text(id))
            .item("kind", text("purchase"))
            .item("currency", text("USD"));
        put.item("at", text("2026-03-02T14:00:00Z"))
            .item("amount", text(amount))
            .send()
    };
    put("till-1", "12.00").await.unwrap();
    put("till-2", "twelve").await.unwrap();
    // The same item again, without a condition: a changed record of a known activity.
    put("till-1", "12.00").await.unwrap();
    line.settle().await;
    assert_eq!(line.account("04").await.totals(WalletId::MAIN).earned.get(), 12);
    let refused = line.refused().await;
    assert!(
        refused.len() == 1 && refused[0].0 == "till-2" && refused[0].1.contains("is no amount"),
        "{refused:?}"
    );
}

/// A time that is wrong is said so at once, and takes no id from the event that is sent again with the right one.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_from_the_future_is_refused_whoever_writes_it_and_can_be_sent_again() {
    use aws_sdk_dynamodb::types::AttributeValue::S;
    let line = Start::default().line().await;
    let now = line.bundle.now();
    let later = at("2999-01-01T00:00:00Z");
    line.put("sign-up", sign_up("05", later)).await;
    line.settle().await;
    assert!(
        line.store.profile(&member("05")).await.unwrap().is_none(),
        "nothing moved"
    );
    line.sign_up("05").await;
    line.put("purchase", purchase("05", "o-1", "12.00", later)).await;
    line.settle().await;
    line.purchase("05", "o-1", "12.00").await;
    // By somebody who says when it arrived, too.
    let put = line.client.put_item();
    let put = put.table_name(line.bundle.table_name("ActivitiesTable").unwrap());
    let text = |text: &str| S(text.to_owned());
    let put = put.item("pk", text("05")).item("sk", text("purchase#o-2"));
    let put = put.item("kind", text("purchase")).item("currency", text("USD"));
    let put = put.item("amount", text("50.00")).item("at", S(later.to_string()));
    put.item("received", S(later.to_string())).send().await.unwrap();
    line.settle().await;

    let account = line.account("05").await;
    assert_eq!(account.totals(WalletId::MAIN).earned.get(), 12);
    assert_eq!(account.pending(WalletId::MAIN), []);
    let refused = line.refused().await;
    assert_eq!(refused.len(), 3, "{refused:?}");
    let says = format!("future: it happened at {later}, more than a day after it arrived at {now}");
    assert!(refused.iter().all(|(_, why)| *why == says), "{refused:?}");
}

/// An order whose item nobody can read is no order, and what cannot be looked back at holds up nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_refund_of_what_cannot_be_read_is_refused_and_the_others_go_on() {
    use aws_sdk_dynamodb::types::AttributeValue::{B, S};
    let line = Start::default().line().await;
    line.sign_up("06").await;
    line.sign_up("07").await;
    let text = |text: &str| S(text.to_owned());
    let put = line.client.put_item();
    let put = put.table_name(line.bundle.table_name("ActivitiesTable").unwrap());
    let put = put
        .item("pk", text("06"))
        .item("sk", text("purchase#o-9"))
        .item("kind", text("purchase"));
    let put = put
        .item("at", text("2026-03-02T14:00:00Z"))
        .item("amount", text("12.00"));
    put.item("currency", text("USD"))
        .item("lines", text("[{]"))
        .send()
        .await
        .unwrap();
    line.settle().await;
    let now = line.bundle.now();
    let back = |order: &str| json!({"member": "06", "refund": format!("b-{order}"), "at": now, "order": order});
    line.put("refund", back("o-9")).await;
    line.settle().await;

    // A closed page that cannot be read.
    for order in 0..30 {
        line.purchase("06", &format!("n-{order}"), "10.00").await;
    }
    let page = line.client.put_item();
    let page = page.table_name(line.bundle.table_name("MembersTable").unwrap());
    let page = page.item("pk", text("06")).item("sk", text("page#0000000000"));
    page.item("b", B(vec![9; 40].into())).send().await.unwrap();
    line.put("refund", back("n-3")).await;
    line.put("purchase", purchase("07", "o-1", "10.00", now)).await;
    line.settle().await;
    assert_eq!(line.account("07").await.totals(WalletId::MAIN).earned.get(), 10);
    let refused = line.refused().await;
    let codes: Vec<_> = refused
        .iter()
        .map(|(id, why)| (id.as_str(), why.split(':').next().unwrap()))
        .collect();
    assert_eq!(
        codes,
        [
            ("purchase#o-9", "damaged"),
            ("refund#b-n-3", "damaged"),
            ("refund#b-o-9", "unknown-order")
        ]
    );
    assert!(line.bundle.given_up().is_empty());
}
