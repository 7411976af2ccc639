//! What the shop may send wrong: kept whole, with its reason, and nothing else stops.

use bundle_tests::{Start, member, purchase, sign_up};
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
