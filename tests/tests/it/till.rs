//! The till: a checkout asks and is answered at once; what it was told stays so, whatever happens beside it.

use std::sync::Arc;

use bundle_tests::{Line, Start, at, member};
use jiff::SignedDuration;
use programme::WalletId;
use serde_json::{Value, json};
use store::Arrival;
use till::{Answer, TillError};
use tokio::task::JoinSet;

/// A member with so many points.
async fn with_points(points: u32) -> Line {
    let line = Start {
        at: Some(at("2026-03-02T15:00:00Z")),
        ..Start::default()
    }
    .line()
    .await;
    line.sign_up("01").await;
    line.purchase("01", "first", &format!("{points}.00")).await;
    line
}

async fn ask(line: &Line, mut request: Value) -> Value {
    request["member"] = json!("01");
    let answer = line.bundle.invoke("ServeCheckoutFunction", request).await;
    answer.expect("an answer")
}

async fn balance(line: &Line) -> i64 {
    let account = line.account("01").await;
    account
        .balance(WalletId::MAIN, &line.programme, line.bundle.now())
        .get()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_asks_reserves_and_commits_part_of_the_payment() {
    let line = with_points(140).await;
    // A hundred points are a dollar, and half of an order at the most.
    let quoted = ask(&line, json!({"do": "quote", "amount": "2.50", "currency": "USD"})).await;
    assert_eq!(
        quoted,
        json!({"accepted": true, "points": 125, "pays": "1.25", "left": "1.25", "currency": "USD", "balance": 140})
    );
    let small = ask(&line, json!({"do": "quote", "amount": "0.10", "currency": "USD"})).await;
    assert_eq!(
        (&small["accepted"], &small["code"]),
        (&json!(false), &json!("order-too-small"))
    );
    let euros = ask(&line, json!({"do": "quote", "amount": "2.50", "currency": "EUR"})).await;
    assert_eq!(euros["code"], "pays-nothing");

    let held = json!({"do": "reserve", "reservation": "t-1", "points": 125, "order": "second", "minutes": 10});
    let reserved = ask(&line, held).await;
    assert_eq!(
        reserved,
        json!({"accepted": true, "balance": 15, "held-until": "2026-03-02T15:10:00Z"})
    );
    let more = ask(&line, json!({"do": "redeem", "redemption": "r-1", "points": 20})).await;
    assert_eq!(
        more,
        json!({"accepted": false, "code": "not-enough", "reason": "20 points cannot be spent of 15", "missing": 5, "balance": 15})
    );
    let committed = ask(&line, json!({"do": "commit", "reservation": "t-1"})).await;
    assert_eq!(committed, json!({"accepted": true, "balance": 15}));
    line.settle().await;
    assert_eq!(balance(&line).await, 15);
    let causes: Vec<String> = line
        .entries("01")
        .await
        .into_iter()
        .map(|entry| entry.cause.into())
        .collect();
    assert_eq!(causes, ["sign-up", "purchase#first", "reserve#t-1", "commit#t-1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reservation_that_nobody_commits_is_let_go_by_the_alarm_clock() {
    let line = with_points(100).await;
    let reserved = ask(
        &line,
        json!({"do": "reserve", "reservation": "t-1", "points": 60, "minutes": 20}),
    )
    .await;
    assert_eq!(reserved["accepted"], true);
    line.bundle
        .advance_to(line.bundle.now() + SignedDuration::from_hours(1))
        .await
        .expect("time passes");
    let causes: Vec<String> = line
        .entries("01")
        .await
        .into_iter()
        .map(|entry| entry.cause.into())
        .collect();
    assert_eq!(causes.last().map(String::as_str), Some("end#reserve#t-1"));
    assert_eq!(balance(&line).await, 100);
    let late = ask(&line, json!({"do": "commit", "reservation": "t-1"})).await;
    assert_eq!(late["code"], "no-reservation");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_gets_the_same_answer_and_another_body_is_refused() {
    let line = with_points(100).await;
    let redeem = json!({"do": "redeem", "redemption": "r-1", "points": 60});
    let first = ask(&line, redeem.clone()).await;
    assert_eq!(first, json!({"accepted": true, "balance": 40}));
    let refused = json!({"do": "redeem", "redemption": "r-2", "points": 60});
    let no = ask(&line, refused.clone()).await;
    assert_eq!(no["missing"], 20);

    // More points come in, and time passes: what was answered is answered again, and nothing moves.
    line.purchase("01", "second", "100.00").await;
    line.advance(2).await;
    assert_eq!(ask(&line, redeem).await, first);
    assert_eq!(ask(&line, refused).await, no);
    let other = ask(&line, json!({"do": "redeem", "redemption": "r-1", "points": 61})).await;
    assert_eq!(
        (&other["accepted"], &other["code"]),
        (&json!(false), &json!("other-activity"))
    );
    line.settle().await;
    assert_eq!(balance(&line).await, 140);

    // Sent through again by hand, a refusal that somebody was told stays one.
    let table = line.bundle.table_name("ActivitiesTable").expect("a table");
    let text = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let update = line.client.update_item().table_name(table);
    let update = update.key("pk", text("01")).key("sk", text("redeem#r-2"));
    update
        .update_expression("REMOVE refused")
        .send()
        .await
        .expect("an update");
    line.settle().await;
    assert_eq!(balance(&line).await, 140);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_till_and_the_bus_decide_one_activity_once() {
    let line = with_points(100).await;
    // First at the till, then as an event.
    let at_the_till = ask(&line, json!({"do": "redeem", "redemption": "r-1", "points": 30})).await;
    assert_eq!(at_the_till["accepted"], true);
    let event =
        |id: &str, points: i64| json!({"member": "01", "redemption": id, "at": line.bundle.now(), "points": points});
    line.put("redeem", event("r-1", 30)).await;
    line.settle().await;
    assert_eq!(balance(&line).await, 70);
    // First as an event, then at the till: accepted, and refused.
    line.put("redeem", event("r-2", 30)).await;
    line.put("redeem", event("r-3", 500)).await;
    line.settle().await;
    let again = ask(&line, json!({"do": "redeem", "redemption": "r-2", "points": 30})).await;
    assert_eq!(again, json!({"accepted": true, "balance": 40}));
    let no = ask(&line, json!({"do": "redeem", "redemption": "r-3", "points": 500})).await;
    assert_eq!((&no["accepted"], &no["code"]), (&json!(false), &json!("not-enough")));
    line.settle().await;
    assert_eq!(balance(&line).await, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_checkout_sends_wrong_is_an_answer() {
    let line = with_points(10).await;
    for (request, code, said) in [
        (
            json!({"do": "redeem", "points": 1}),
            "unusable",
            "\"redemption\" is missing",
        ),
        (
            json!({"do": "purchase", "order": "o", "amount": "1.00", "currency": "USD"}),
            "unusable",
            "not decided at the till",
        ),
        (json!({"do": "refunds"}), "unusable", "no kind of activity"),
        (
            json!({"do": "redeem", "redemption": "r", "points": -5}),
            "nothing",
            "spend one or more",
        ),
        (
            json!({"do": "reserve", "reservation": "r", "points": 5, "minutes": 0}),
            "unusable",
            "hold points for one or more",
        ),
        (
            json!({"do": "quote", "amount": "x", "currency": "USD"}),
            "unusable",
            "is no amount",
        ),
        (
            json!({"do": "quote", "amount": "1.00", "currency": "USD", "wallet": "gifts"}),
            "unknown-wallet",
            "has no wallet",
        ),
    ] {
        let answer = ask(&line, request.clone()).await;
        assert_eq!(
            (&answer["accepted"], &answer["code"]),
            (&json!(false), &json!(code)),
            "{request}: {answer}"
        );
        let reason = answer["reason"].as_str().expect("a reason");
        assert!(reason.contains(said), "{request}: {reason}");
    }
    let nobody = line.bundle.invoke(
        "ServeCheckoutFunction",
        json!({"do": "redeem", "member": "99", "redemption": "r", "points": 1}),
    );
    assert_eq!(nobody.await.expect("an answer")["code"], "unknown-member");
}

fn redeem(line: &Line, id: usize, points: i64) -> Arrival {
    let now = line.bundle.now();
    let fields = json!({"member": "01", "redemption": format!("r-{id}"), "at": now, "points": points});
    let fields = fields.as_object().expect("fields");
    Arrival::from_fields("redeem", fields, now).expect("an activity")
}

/// A hundred checkouts, each of which asks twice, on one member, beside the stream.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_checkouts_spend_what_there_is_and_no_more() {
    const TILLS: usize = 50;
    let line = Arc::new(with_points(100).await);
    let mut tills = JoinSet::new();
    for till in 0..TILLS {
        for _ in 0..2 {
            let line = Arc::clone(&line);
            tills.spawn(async move {
                let arrival = redeem(&line, till, 7);
                loop {
                    match till::decide(&line.store, &line.programme, &arrival).await {
                        Ok(answer) => return (till, answer),
                        Err(TillError::Contended) => {}
                        Err(why) => panic!("{why}"),
                    }
                }
            });
        }
    }
    let mut answers: Vec<(usize, Answer)> = Vec::new();
    while let Some(answer) = tills.join_next().await {
        answers.push(answer.expect("no panic"));
    }
    // Whoever asks twice hears the same twice.
    answers.sort_by_key(|(till, _)| *till);
    for pair in answers.chunks(2) {
        assert_eq!(pair[0], pair[1]);
    }
    let accepted = answers.iter().filter(|(_, answer)| answer.accepted).count() / 2;
    assert_eq!(accepted, 14);
    line.settle().await;
    assert_eq!(balance(&line).await, 2);
    let entries = line.entries("01").await;
    let spent = entries.iter().filter(|entry| entry.cause.starts_with("redeem#"));
    assert_eq!(spent.count(), 14);
    let told: usize = line.refused().await.len();
    assert_eq!(told, TILLS - 14);
    assert!(line.store.account(&member("01")).await.expect("the table").is_some());
}

/// A checkout may be faster than the bus: what it was refused for the want of is no refusal for ever.
#[tokio::test(flavor = "multi_thread")]
async fn what_came_before_what_it_is_about_may_be_asked_again() {
    let line = with_points(100).await;
    let fulfil = json!({"do": "fulfil", "claim": "c-1"});
    let commit = json!({"do": "commit", "reservation": "t-1"});
    assert_eq!(ask(&line, fulfil.clone()).await["code"], "no-claim");
    assert_eq!(ask(&line, commit.clone()).await["code"], "no-reservation");
    let now = line.bundle.now();
    line.put(
        "claim",
        json!({"member": "01", "claim": "c-1", "at": now, "reward": "tote-bag"}),
    )
    .await;
    line.put(
        "reserve",
        json!({"member": "01", "reservation": "t-1", "at": now, "points": 40}),
    )
    .await;
    line.settle().await;
    assert_eq!(ask(&line, fulfil).await["accepted"], true);
    assert_eq!(ask(&line, commit).await["accepted"], true);
    assert_eq!(balance(&line).await, 0);
    assert_eq!(line.refused().await, []);
}
