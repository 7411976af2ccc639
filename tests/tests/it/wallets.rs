//! Two wallets through the whole line: points to spend, and points that only count.

use bundle_tests::{Start, at, sample_with};
use programme::WalletId;
use serde_json::json;

const STATUS: &str = "[[earn]]
currency = \"USD\"
points-per-unit = \"2\"
wallet = \"status\"

[[wallets]]
number = 0
name = \"points\"

[[wallets]]
number = 1
name = \"status\"
spendable = false

[expiry]
";

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_earns_in_two_wallets_tells_of_both_and_one_of_them_cannot_be_spent() {
    let folder = tempfile::tempdir().unwrap();
    let line = Start {
        at: Some(at("2026-03-02T15:00:00Z")),
        program: Some(sample_with(folder.path(), "[expiry]\n", STATUS)),
        ..Start::default()
    }
    .line()
    .await;
    line.sign_up("01").await;
    line.purchase("01", "first", "40.00").await;
    let (account, now) = (line.account("01").await, line.bundle.now());
    let balance = |wallet| account.balance(wallet, &line.programme, now).get();
    let status = WalletId::new(1).unwrap();
    assert_eq!((balance(WalletId::MAIN), balance(status)), (40, 80));
    let texts = line.texts();
    for points in ["40 points", "80 points"] {
        assert!(texts.iter().any(|text| text.contains(points)), "{points}: {texts:?}");
    }

    let spend = json!({"member": "01", "redemption": "r-1", "at": now, "points": 10, "wallet": "status"});
    line.put("redeem", spend).await;
    line.settle().await;
    // No field left out turns points into others.
    for (id, to) in [("t-1", json!("01")), ("t-2", json!(null))] {
        let moved = json!({"member": "01", "transfer": id, "at": now, "points": 10, "wallet": "status", "to": to});
        line.put("transfer", moved).await;
    }
    line.settle().await;
    let refused = line.refused().await;
    let codes: Vec<_> = refused
        .iter()
        .map(|(id, why)| (id.as_str(), why.split(':').next().unwrap()))
        .collect();
    assert_eq!(
        codes,
        [
            ("redeem#r-1", "not-spendable"),
            ("transfer#t-1", "to-oneself"),
            ("transfer#t-2", "to-oneself")
        ]
    );
    let back = json!({"member": "01", "refund": "b-1", "at": now, "order": "first"});
    line.put("refund", back).await;
    line.settle().await;
    let account = line.account("01").await;
    let balance = |wallet| account.balance(wallet, &line.programme, now).get();
    assert_eq!((balance(WalletId::MAIN), balance(status)), (0, 0));
}
