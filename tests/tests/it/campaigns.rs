//! Campaigns and missions through the whole line: what a shop declares, says in an event, and gets points for.

use bundle_tests::{Line, Start, at, sample_with};
use serde_json::json;

const PROGRAMME: &str = "[attributes]
favourite = [\"rock\", \"jazz\"]

[purchases]
fields = { store = \"text?\" }
lines = { category = [\"vinyl\", \"cd\"] }

[events.review]
stars = \"whole-number\"

[[campaigns]]
name = \"vinyl\"
names = { en = \"Vinyl week\", zh-CN = \"黑胶周\" }
multiply = \"2\"
when = \"activity.lines.exists(l, l.category == 'vinyl')\"

[[campaigns]]
name = \"soho\"
points = 7
when = \"has(activity.store) && activity.store == 'Soho'\"

[[campaigns]]
name = \"jazz\"
points = 3
when = \"has(member.favourite) && member.favourite == 'jazz'\"

[[campaigns]]
name = \"review\"
on = { event = \"review\" }
points = \"activity.stars * 2\"

[[missions]]
name = \"three\"
each = \"month\"
[[missions.milestones]]
reach = 3
points = 100
badge = \"regular\"

[badges.regular]
en = \"a regular\"

[transfers]
";

async fn balance(line: &Line) -> i64 {
    let account = line.account("01").await;
    let now = line.bundle.now();
    account.balance(programme::WalletId::MAIN, &line.programme, now).get()
}

async fn put(line: &Line, kind: &str, detail: serde_json::Value) {
    line.put(kind, detail).await;
    line.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_shop_declares_is_asked_for_and_an_order_that_comes_back_takes_it_along() {
    let folder = tempfile::tempdir().unwrap();
    let line = Start {
        at: Some(at("2026-03-02T15:00:00Z")),
        program: Some(sample_with(folder.path(), "[transfers]\n", PROGRAMME)),
        ..Start::default()
    }
    .line()
    .await;
    line.sign_up("01").await;
    let now = line.bundle.now();
    let bought = |order: &str, more: serde_json::Value| {
        let mut detail = json!({"member": "01", "order": order, "at": now, "amount": "20.00", "currency": "USD"});
        detail
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        detail
    };
    let lines =
        |category: &str| json!({"lines": [{"line": "a", "quantity": 1, "amount": "20.00", "category": category}]});
    put(&line, "purchase", bought("o-1", lines("cd"))).await;
    assert_eq!(balance(&line).await, 20);
    put(&line, "purchase", bought("o-2", lines("vinyl"))).await;
    assert_eq!(balance(&line).await, 60);
    // Members are told what it was for, where it has a name.
    let texts = line.texts();
    let told = |text: &str| texts.iter().filter(|one| one.contains(text)).count();
    assert_eq!(
        (told("40 points earned (Vinyl week)."), told("20 points earned. ")),
        (1, 1),
        "{texts:?}"
    );
    put(
        &line,
        "attributes",
        json!({"member": "01", "id": "a-1", "at": now, "favourite": "jazz"}),
    )
    .await;
    put(&line, "purchase", bought("o-3", json!({"store": "Soho"}))).await;
    // 20 and 7 and 3, and the milestone of the third.
    assert_eq!(balance(&line).await, 190);
    assert_eq!(line.account("01").await.badges().len(), 1);
    put(
        &line,
        "event",
        json!({"member": "01", "id": "e-1", "at": now, "event": "review", "stars": 5}),
    )
    .await;
    assert_eq!(balance(&line).await, 200);

    // What is not as it was declared waits beside its reason.
    put(
        &line,
        "event",
        json!({"member": "01", "id": "e-2", "at": now, "event": "review", "stars": "five"}),
    )
    .await;
    put(
        &line,
        "event",
        json!({"member": "01", "id": "e-3", "at": now, "event": "reveiw", "stars": 5}),
    )
    .await;
    put(&line, "purchase", bought("o-4", lines("shoes"))).await;
    let refused = line.refused().await;
    let codes: Vec<_> = refused
        .iter()
        .map(|(id, why)| (id.as_str(), why.split(':').next().unwrap()))
        .collect();
    assert_eq!(
        codes,
        [
            ("event#e-2", "field-wrong"),
            ("event#e-3", "unknown-event"),
            ("purchase#o-4", "field-wrong")
        ]
    );
    assert_eq!(balance(&line).await, 200);

    put(
        &line,
        "refund",
        json!({"member": "01", "refund": "b-1", "at": now, "order": "o-2"}),
    )
    .await;
    // The doubled points go, and with them the third of the month.
    assert_eq!(balance(&line).await, 60);
    assert!(line.account("01").await.badges().is_empty());
}
