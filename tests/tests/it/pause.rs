//! The kill switch: what is paused is not sent and not granted, and what waited goes once.

use bundle_tests::{Line, Start, at, phone, sample_with, sign_up};
use programme::WalletId;
use regulars::engine::To;
use serde_json::json;
use store::Change;

pub(crate) async fn switch(line: &Line, switch: &str, paused: bool) {
    let change = Change {
        switch: switch.parse().unwrap(),
        paused,
        at: line.bundle.now(),
        by: "dana".to_owned(),
        reason: "a test".to_owned(),
    };
    let (_, changed) = line.store.switch(&change).await.unwrap();
    assert!(changed, "{switch} stood so already");
}

/// An operator's word to the alarm clock.
pub(crate) async fn word(line: &Line) {
    let resumed = json!({"index": "resumed"});
    let put = line
        .bundle
        .put_event("RegularsBus", "regulars.operator", "resumed", resumed);
    put.await.unwrap();
    line.settle().await;
}

/// What became of a member's messages: kind, state and reason.
pub(crate) async fn states(line: &Line, id: &str) -> Vec<String> {
    let told = line.told(id).await.into_iter();
    told.map(|(kind, state, reason)| format!("{kind} {state} {reason}").trim().to_owned())
        .collect()
}

fn earned(account: &ledger::Account) -> i64 {
    account.totals(WalletId::MAIN).earned.get()
}

fn read_and_written(line: &Line, function: &str) -> (u64, u64) {
    let rows = line.bundle.units().rows.into_iter();
    let own = rows.filter(|(key, _)| key.function == function);
    own.fold((0, 0), |(read, write), (_, count)| {
        (read + count.read_halves, write + count.write)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_while_the_programme_is_paused_and_each_message_once_after() {
    let line = Start::default().line().await;
    switch(&line, "programme", true).await;
    for id in ["01", "02", "03"] {
        line.sign_up(id).await;
        line.purchase(id, "o-1", "29.33").await;
    }
    assert!(line.texts().is_empty(), "sent in a pause");
    assert_eq!(states(&line, "02").await, ["points-earned paused", "welcome paused"]);
    assert_eq!(earned(&line.account("02").await), 29, "points wait for nobody");

    // Waiting costs nothing: the alarm clock reads what it always does, and nobody else is woken.
    let before = (
        read_and_written(&line, "publish-messages"),
        read_and_written(&line, "wake-members"),
    );
    line.advance(24).await;
    let after = (
        read_and_written(&line, "publish-messages"),
        read_and_written(&line, "wake-members"),
    );
    assert_eq!(before.0, after.0, "a message is looked at while it waits");
    assert!(
        after.1.0 - before.1.0 <= 24 * 5,
        "{} half read units",
        after.1.0 - before.1.0
    );
    assert_eq!(line.texts(), Vec::<String>::new());

    switch(&line, "programme", false).await;
    // Ten in the morning in New York: no quiet hours keep them.
    word(&line).await;
    assert_eq!(line.texts().len(), 6, "{:?}", line.texts());
    for id in ["01", "02", "03"] {
        assert_eq!(states(&line, id).await, ["points-earned sent", "welcome sent"]);
    }
    word(&line).await;
    line.advance(30).await;
    assert_eq!(line.texts().len(), 6, "sent twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_gave_word_of_goes_with_the_next_round() {
    let line = Start::default().line().await;
    switch(&line, "message welcome", true).await;
    line.sign_up("01").await;
    switch(&line, "message welcome", false).await;
    line.settle().await;
    assert!(line.texts().is_empty());
    line.advance(1).await;
    assert_eq!(line.texts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_useful_no_longer_when_it_is_resumed_is_suppressed() {
    let line = Start::default().line().await;
    switch(&line, "programme", true).await;
    line.sign_up("01").await;
    line.purchase("01", "o-1", "29.33").await;
    // The points' message is useful for two days, the welcome for three.
    line.advance(50).await;
    switch(&line, "programme", false).await;
    word(&line).await;
    assert_eq!(
        states(&line, "01").await,
        ["points-earned suppressed too-late", "welcome sent"]
    );
    assert_eq!(line.texts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_kind_waits_and_the_others_go() {
    let line = Start::default().line().await;
    switch(&line, "message points-earned", true).await;
    line.sign_up("01").await;
    line.purchase("01", "o-1", "200.00").await;
    // The tier was to go as one with the points, and waits no longer for them.
    line.advance(1).await;
    assert_eq!(
        states(&line, "01").await,
        ["points-earned paused", "tier-upgraded sent", "welcome sent"]
    );
    // Resuming something else lets nothing of it go.
    switch(&line, "channel push", true).await;
    switch(&line, "channel push", false).await;
    word(&line).await;
    assert_eq!(line.texts().len(), 2);
    switch(&line, "message points-earned", false).await;
    word(&line).await;
    assert_eq!(line.texts().len(), 3);
}

/// Signs a member up who has a phone and a device, and agreed to both.
async fn with_device(line: &Line, id: &str) {
    let mut detail = sign_up(id, line.bundle.now());
    detail["device"] = json!({"platform": "GCM", "token": "made-up-token"});
    let more = json!({"channel": "push", "purpose": "transactional", "wording": "Yes"});
    detail["consents"].as_array_mut().unwrap().push(more);
    line.put("sign-up", detail).await;
    line.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_channel_leaves_the_word_to_no_other() {
    let line = Start::default().line().await;
    switch(&line, "channel push", true).await;
    with_device(&line, "01").await;
    line.sign_up("02").await;
    assert_eq!(states(&line, "01").await, ["welcome paused"]);
    let sent = line.bundle.published();
    assert_eq!(sent.len(), 1, "the other member has no device");
    assert!(matches!(&sent[0].target, To::Phone(number) if *number == phone("02")));

    switch(&line, "channel sms", true).await;
    switch(&line, "channel push", false).await;
    word(&line).await;
    line.purchase("02", "o-1", "29.33").await;
    let sent = line.bundle.published();
    assert_eq!(sent.len(), 2);
    assert!(matches!(sent[1].target, To::Endpoint { .. }), "a push became an SMS");
    assert_eq!(states(&line, "02").await, ["points-earned paused", "welcome sent"]);
    switch(&line, "channel sms", false).await;
    word(&line).await;
    assert_eq!(line.bundle.published().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_campaign_grants_nothing_and_nothing_later() {
    let folder = tempfile::tempdir().unwrap();
    let campaigns = "[[campaigns]]\nname = \"double\"\nmultiply = \"2\"\n\n\
                     [[campaigns]]\nname = \"hello\"\non = { code = \"HELLO\" }\npoints = 5\n\n\
                     [[campaigns]]\nname = \"cake\"\non = \"birthday\"\npoints = 7\n\n[transfers]\n";
    let start = Start {
        program: Some(sample_with(folder.path(), "[transfers]\n", campaigns)),
        at: Some(at("2026-06-13T15:00:00Z")),
        ..Start::default()
    };
    let line = start.line().await;
    line.sign_up("01").await;
    line.purchase("01", "o-1", "10.00").await;
    assert_eq!(earned(&line.account("01").await), 20);

    switch(&line, "campaign double", true).await;
    line.purchase("01", "o-2", "10.00").await;
    assert_eq!(
        earned(&line.account("01").await),
        30,
        "a paused campaign granted points"
    );
    let texts = line.texts();
    assert!(texts.iter().any(|text| text.contains("10 points earned")), "{texts:?}");

    // The other campaigns go on, and stop with the programme.
    line.put(
        "code",
        json!({"member": "01", "id": "c-1", "at": line.bundle.now(), "code": "HELLO"}),
    )
    .await;
    line.settle().await;
    let with_code = earned(&line.account("01").await);
    assert_eq!(with_code, 35, "{:?}", line.refused().await);
    switch(&line, "programme", true).await;
    line.put(
        "code",
        json!({"member": "01", "id": "c-2", "at": line.bundle.now(), "code": "HELLO"}),
    )
    .await;
    line.settle().await;
    assert!(
        line.refused()
            .await
            .iter()
            .any(|(key, why)| key.ends_with("c-2") && why.contains("no campaign runs")),
        "{:?}",
        line.refused().await
    );
    // Their birthday passes in the pause.
    line.advance(72).await;
    assert_eq!(earned(&line.account("01").await), with_code);

    switch(&line, "programme", false).await;
    switch(&line, "campaign double", false).await;
    word(&line).await;
    line.advance(24).await;
    assert_eq!(earned(&line.account("01").await), with_code, "granted after the pause");
    line.purchase("01", "o-3", "10.00").await;
    assert_eq!(earned(&line.account("01").await), with_code + 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_reads_one_unit_of_switches_and_writes_none() {
    let line = Start::default().line().await;
    for id in ["01", "02", "03"] {
        line.sign_up(id).await;
        line.purchase(id, "o-1", "29.33").await;
    }
    let rows = line.bundle.units().rows.into_iter();
    let switches: Vec<_> = rows.filter(|(key, _)| key.item == "paused").collect();
    println!("{switches:?}");
    let readers: Vec<&str> = switches.iter().map(|(key, _)| key.function.as_str()).collect();
    // The sample has no campaigns, so points ask for nothing.
    assert_eq!(readers, ["publish-messages"]);
    for (key, count) in &switches {
        assert_eq!(key.operation, "GetItem");
        assert!(count.calls <= 6, "more than one read a batch");
        assert_eq!((count.read_halves, count.write), (2 * count.calls, 0));
    }
}
