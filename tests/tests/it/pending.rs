//! Points that wait, through the whole line: told when they come, told when they can be spent, released by the shop.

use bundle_tests::{Start, at, sample_with};
use programme::WalletId;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn points_wait_are_unlocked_by_the_alarm_clock_and_released_by_the_shop() {
    let folder = tempfile::tempdir().unwrap();
    let rate = "points-per-unit = \"1\"";
    let waiting = format!("{rate}\npending = {{ days = 14 }}");
    let line = Start {
        at: Some(at("2026-03-02T15:00:00Z")),
        program: Some(sample_with(folder.path(), rate, &waiting)),
        ..Start::default()
    }
    .line()
    .await;
    line.sign_up("01").await;
    line.purchase("01", "first", "40.00").await;
    line.purchase("01", "second", "25.00").await;
    let balance = async || {
        let now = line.bundle.now();
        line.account("01")
            .await
            .balance(WalletId::MAIN, &line.programme, now)
            .get()
    };
    assert_eq!(balance().await, 0);
    let pending = line.texts();
    assert!(
        pending
            .iter()
            .any(|text| text.contains("yours to spend from 16 March 2026")),
        "{pending:?}"
    );

    line.put(
        "release",
        json!({"member": "01", "order": "second", "at": line.bundle.now()}),
    )
    .await;
    line.settle().await;
    assert_eq!(balance().await, 25);
    let released = line.texts().pop().unwrap();
    assert!(
        released.contains("25 points are yours to spend now. You have 25"),
        "{released}"
    );

    // To spend, one has to wait for the midnight, and to hear of it, for the morning.
    line.put(
        "redeem",
        json!({"member": "01", "redemption": "r-1", "at": line.bundle.now(), "points": 26}),
    )
    .await;
    line.settle().await;
    assert_eq!(line.refused().await.len(), 1);
    line.bundle.advance_to(at("2026-03-16T14:00:00Z")).await.unwrap();
    assert_eq!(balance().await, 65);
    let causes: Vec<String> = line
        .entries("01")
        .await
        .into_iter()
        .map(|entry| entry.cause.into())
        .collect();
    assert!(causes.contains(&"unlock#2026-03-16".to_owned()), "{causes:?}");
    let unlocked = line.texts().pop().unwrap();
    assert!(
        unlocked.contains("40 points are yours to spend now. You have 65"),
        "{unlocked}"
    );
}
