//! The alarm clock over a year: reminders, expiry, birthday, anniversary, tier review.

use bundle_tests::{Start, at};
use programme::WalletId;

#[tokio::test(flavor = "multi_thread")]
async fn what_falls_due_is_booked_and_told_in_its_hour() {
    let line = Start {
        at: Some(at("2026-03-02T15:00:00Z")),
        ..Start::default()
    }
    .line()
    .await;
    line.sign_up("01").await;
    line.purchase("01", "o-1", "200.00").await;
    line.bundle
        .advance_to(at("2027-04-03T15:00:00Z"))
        .await
        .expect("a year passes");

    let happened: Vec<(String, String)> = line
        .entries("01")
        .await
        .into_iter()
        .skip(2)
        .map(|entry| (entry.cause.to_string(), entry.happened().to_string()))
        .collect();
    let expected = [
        ("purchase#o-1", "2026-03-02T15:00:00Z"),
        // 10:00 in New York, in summer.
        ("birthday#2026", "2026-06-15T14:00:00Z"),
        // A song for a week, which nobody fetched.
        ("given#birthday-song#birthday#2026", "2026-06-15T14:00:00Z"),
        ("given#birthday-song#birthday#2026", "2026-06-23T04:00:00Z"),
        ("reminder#2027-03-31#30", "2027-03-01T15:00:00Z"),
        // The tier was reached on 2 March; it is reviewed at midnight of the same day a year later.
        ("review#2027-03-02", "2027-03-02T05:00:00Z"),
        ("anniversary#1", "2027-03-02T16:00:00Z"),
        ("reminder#2027-03-31#7", "2027-03-24T14:00:00Z"),
        ("reminder#2027-03-31#1", "2027-03-30T14:00:00Z"),
        ("expiry#2027-03-31", "2027-04-01T04:00:00Z"),
    ];
    let expected = expected.map(|(cause, at)| (cause.to_owned(), at.to_owned()));
    assert_eq!(happened, expected);

    let account = line.account("01").await;
    assert_eq!(account.totals(WalletId::MAIN).expired.get(), 200);
    assert_eq!(
        account
            .balance(WalletId::MAIN, &line.programme, line.bundle.now())
            .get(),
        0
    );
    let texts = line.texts();
    let said = |part: &str| texts.iter().filter(|text| text.contains(part)).count();
    assert_eq!(said("200 of your points lapse after 31 March 2027"), 3);
    assert_eq!(said("200 points have lapsed. You have 0 left"), 1);
    assert_eq!(said("Happy birthday, Name-01"), 1);
    assert_eq!(said("A year together, Name-01"), 1);
    // The points and the tier that they led to are told in one.
    assert_eq!(texts.len(), 8, "{texts:#?}");
    // Nothing at night, though the points lapsed at midnight.
    for published in line.bundle.published() {
        let hour = published.at.in_tz("America/New_York").unwrap().hour();
        assert!((9..21).contains(&hour), "sent at {hour}:00: {}", published.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_that_is_no_longer_true_is_not_sent() {
    let line = Start {
        at: Some(at("2026-03-02T15:00:00Z")),
        ..Start::default()
    }
    .line()
    .await;
    line.sign_up("02").await;
    line.purchase("02", "o-1", "50.00").await;
    line.bundle
        .advance_to(at("2027-03-20T15:00:00Z"))
        .await
        .expect("a year passes");
    let spend = serde_json::json!({"member": "02", "redemption": "r-1", "at": line.bundle.now(), "points": 50});
    line.put("redeem", spend).await;
    line.settle().await;
    line.bundle
        .advance_to(at("2027-04-03T15:00:00Z"))
        .await
        .expect("two weeks pass");
    let texts = line.texts();
    let lapsing = texts.iter().filter(|text| text.contains("lapse")).count();
    assert_eq!(lapsing, 1, "only the reminder of 30 days before was true: {texts:#?}");
    assert_eq!(
        line.account("02").await.totals(WalletId::MAIN).expired.get(),
        0,
        "a spent point never lapses"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_scanned_for_and_an_idle_day_writes_next_to_nothing() {
    let line = Start::default().line().await;
    for id in 10..30 {
        line.sign_up(&id.to_string()).await;
    }
    let units = |line: &bundle_tests::Line| {
        let units = line.bundle.units();
        let wake = units.rows.into_iter().filter(|(key, _)| key.function == "wake-members");
        wake.fold((0, 0, 0), |(scans, read, write), (key, count)| {
            (
                scans + u64::from(key.operation == "Scan"),
                read + count.read_halves,
                write + count.write,
            )
        })
    };
    let before = units(&line);
    line.advance(24).await;
    let after = units(&line);
    assert_eq!(after.0, 0, "scheduled work scans a table");
    // Two index queries and a whole unit for the switches a tick, and the watermark four times a day.
    assert!(
        after.1 - before.1 <= 24 * 4 + 4,
        "{} half read units",
        after.1 - before.1
    );
    assert!(after.2 - before.2 <= 5, "{} write units", after.2 - before.2);
}
