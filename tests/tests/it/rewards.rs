//! Rewards through the whole line: a shelf, a pool of coupons, and many who reach for them.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use bundle_tests::{Line, Start, at, sample_with};
use serde_json::{Value, json};
use store::Arrival;
use till::{Answer, TillError};
use tokio::task::JoinSet;

/// The shop, with so many tote bags.
async fn with_stock(stock: u32) -> (Line, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let program = sample_with(folder.path(), "stock = 200", &format!("stock = {stock}"));
    let line = Start {
        at: Some(at("2026-03-02T15:00:00Z")),
        program: Some(program),
        ..Start::default()
    };
    (line.line().await, folder)
}

async fn ask(line: &Line, member: &str, mut request: Value) -> Value {
    request["member"] = json!(member);
    let answer = line.bundle.invoke("ServeCheckoutFunction", request).await;
    answer.expect("an answer")
}

async fn left(line: &Line, reward: &str) -> u64 {
    let reward = line.programme.reward(reward).unwrap();
    line.store.on_shelf(reward).await.unwrap().left()
}

async fn add_codes(line: &Line, codes: &[&str]) {
    let reward = "download".parse().unwrap();
    for code in codes {
        assert!(line.store.add_coupon(&reward, code).await.unwrap(), "{code}");
    }
}

/// No text promises what there is nothing left of, and `regulars why` tells what it said then.
#[tokio::test(flavor = "multi_thread")]
async fn no_text_promises_a_reward_of_which_there_is_nothing_left() {
    let folder = tempfile::tempdir().unwrap();
    let program = sample_with(folder.path(), "stock = 200", "stock = 1");
    let texts = program.join("texts/en.toml");
    let said = std::fs::read_to_string(&texts).unwrap();
    let promising = "[points-earned]\nsms = \"{{ points }} more; {% if next_reward %}{{ missing }} to {{ next_reward }}\
                     {% else %}nothing ahead{% endif %}\"\n#";
    let said = said.replacen("[points-earned]\nsms", &format!("{promising} sms"), 1);
    assert!(said.contains(promising));
    std::fs::write(&texts, said).unwrap();
    let line = Start {
        at: Some(at("2026-03-02T15:00:00Z")),
        program: Some(program),
        ..Start::default()
    };
    let line = line.line().await;
    line.sign_up("01").await;
    line.sign_up("02").await;
    line.purchase("02", "much", "90.00").await;
    let claim = async |claim: &str, reward: &str| {
        let claimed = ask(&line, "02", json!({"do": "claim", "claim": claim, "reward": reward})).await;
        assert_eq!(claimed["accepted"], true, "{claimed}");
    };
    let bought = async |order: &str, amount: &str| {
        line.purchase("01", order, amount).await;
        line.texts().pop().unwrap()
    };

    assert_eq!(bought("a", "10.00").await, "10 more; 50 to a canvas tote bag");
    add_codes(&line, &["MOON-1"]).await;
    assert_eq!(bought("b", "1.00").await, "1 more; 9 to a free download");
    claim("c-1", "download").await;
    assert_eq!(bought("c", "1.00").await, "1 more; 48 to a canvas tote bag");
    claim("c-2", "tote-bag").await;
    assert_eq!(bought("d", "1.00").await, "1 more; nothing ahead");
    let cancelled = ask(&line, "02", json!({"do": "cancel-reward", "claim": "c-2"})).await;
    assert_eq!(cancelled["accepted"], true, "{cancelled}");
    assert_eq!(bought("e", "1.00").await, "1 more; 46 to a canvas tote bag");

    let told = regulars::why::story(&line.store, &line.programme, &"01".parse().unwrap(), line.bundle.now()).await;
    let steps = told.unwrap().0.steps;
    let messages = steps.iter().flat_map(|step| &step.messages);
    let texts: Vec<String> = messages.filter_map(|message| message.text.clone()).collect();
    // Of several commits of one instant nobody knows which a text had seen; of the last two it is known.
    for said in ["nothing ahead", "46 to a canvas tote bag"] {
        assert!(texts.iter().any(|text| text.ends_with(said)), "{said}: {texts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reward_is_offered_claimed_told_of_cancelled_and_on_the_shelf_again() {
    let (line, _folder) = with_stock(1).await;
    line.sign_up("01").await;
    line.purchase("01", "first", "50.00").await;
    let offered = ask(&line, "01", json!({"do": "rewards", "locale": "zh-CN"})).await;
    assert_eq!(
        offered["rewards"][0],
        json!({"reward": "tote-bag", "title": "帆布袋", "accepted": false, "code": "not-enough",
            "reason": "60 points cannot be spent of 50", "missing": 10, "left": 1})
    );
    assert_eq!(offered["rewards"][1]["code"], "out-of-stock");

    line.purchase("01", "second", "20.00").await;
    let offered = ask(&line, "01", json!({"do": "rewards"})).await;
    assert_eq!(
        offered["rewards"][0],
        json!({"reward": "tote-bag", "title": "a canvas tote bag", "accepted": true, "points": 60, "left": 1})
    );
    let claimed = ask(
        &line,
        "01",
        json!({"do": "claim", "claim": "c-1", "reward": "tote-bag"}),
    )
    .await;
    assert_eq!(claimed, json!({"accepted": true, "balance": 10}));
    line.settle().await;
    assert_eq!(left(&line, "tote-bag").await, 0);
    assert!(
        line.texts()
            .iter()
            .any(|text| text.contains("a canvas tote bag is yours. Reply")),
        "{:?}",
        line.texts()
    );
    let more = ask(
        &line,
        "01",
        json!({"do": "claim", "claim": "c-2", "reward": "tote-bag"}),
    )
    .await;
    assert_eq!(more["code"], "out-of-stock");
    let held = ask(&line, "01", json!({"do": "rewards"})).await;
    assert_eq!(
        held["claims"],
        json!([{"claim": "c-1", "reward": "tote-bag", "title": "a canvas tote bag", "coupon": null, "last-day": null}])
    );

    let cancelled = ask(&line, "01", json!({"do": "cancel-reward", "claim": "c-1"})).await;
    assert_eq!(cancelled, json!({"accepted": true, "balance": 70}));
    assert_eq!(left(&line, "tote-bag").await, 1);
    // By way of the bus, up to the refund of what was handed out.
    for (kind, more) in [
        ("claim", json!({"reward": "tote-bag"})),
        ("fulfil", json!({})),
        ("refund-reward", json!({})),
    ] {
        let mut detail = json!({"member": "01", "claim": "c-3", "at": line.bundle.now()});
        for (name, value) in more.as_object().unwrap() {
            detail[name] = value.clone();
        }
        line.put(kind, detail).await;
        line.settle().await;
        assert_eq!(
            left(&line, "tote-bag").await,
            u64::from(kind == "refund-reward"),
            "{kind}"
        );
    }
    let causes: Vec<String> = line
        .entries("01")
        .await
        .into_iter()
        .map(|entry| entry.cause.into())
        .collect();
    let tail = [
        "claim#c-1",
        "cancel-reward#c-1",
        "claim#c-3",
        "fulfil#c-3",
        "refund-reward#c-3",
    ];
    assert_eq!(causes[causes.len() - 5..], tail);
}

#[tokio::test(flavor = "multi_thread")]
async fn coupons_are_told_with_their_code_reminded_of_and_given_out_once() {
    let (line, _folder) = with_stock(1).await;
    add_codes(&line, &["AAA-1", "AAA-2"]).await;
    let download = "download".parse().unwrap();
    assert!(
        !line.store.add_coupon(&download, "AAA-1").await.unwrap(),
        "a code is known"
    );
    assert!(!line.store.add_coupon(&"other".parse().unwrap(), "AAA-2").await.unwrap());
    line.sign_up("01").await;
    line.purchase("01", "first", "100.00").await;
    let first = ask(
        &line,
        "01",
        json!({"do": "claim", "claim": "c-1", "reward": "download"}),
    )
    .await;
    assert_eq!(
        first,
        json!({"accepted": true, "balance": 80, "coupon": "AAA-1", "last-day": "2026-05-01"})
    );
    // Cancelled, its code is nobody's; the next claim has the next one.
    assert_eq!(
        ask(&line, "01", json!({"do": "cancel-reward", "claim": "c-1"})).await["accepted"],
        true
    );
    assert_eq!(left(&line, "download").await, 1);
    // Two claims of one member in one batch of the stream: one code for the first, none for the second.
    for id in ["c-2", "c-3"] {
        let claim = json!({"member": "01", "claim": id, "at": line.bundle.now(), "reward": "download"});
        line.put("claim", claim).await;
    }
    line.settle().await;
    let account = line.account("01").await;
    let held: Vec<_> = account
        .claims()
        .iter()
        .map(|claim| (claim.id.as_str(), claim.code.as_deref()))
        .collect();
    assert_eq!(held, [("claim#c-2", Some("AAA-2"))]);
    let refused = line.refused().await;
    assert!(
        refused
            .iter()
            .any(|(id, why)| id == "claim#c-3" && why.starts_with("out-of-stock")),
        "{refused:?}"
    );
    let told = |part: &str| line.texts().iter().any(|text| text.contains(part));
    assert!(
        told("a free download is yours, code AAA-2, through 1 May 2026"),
        "{:?}",
        line.texts()
    );

    line.bundle.advance_to(at("2026-04-17T15:00:00Z")).await.unwrap();
    assert!(
        told("a free download is still yours, code AAA-2, through 1 May 2026"),
        "{:?}",
        line.texts()
    );
    line.bundle.advance_to(at("2026-05-02T15:00:00Z")).await.unwrap();
    assert!(line.account("01").await.claims().is_empty());
}

fn claim(line: &Line, member: usize, id: usize, reward: &str) -> Arrival {
    let now = line.bundle.now();
    let fields = json!({"member": format!("{member:02}"), "claim": format!("c-{id}"), "at": now, "reward": reward});
    Arrival::from_fields("claim", fields.as_object().unwrap(), now).expect("an activity")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reward_that_was_a_stock_before_gives_out_every_code() {
    for taken in ["0", "2", "-1"] {
        let (line, _folder) = with_stock(1).await;
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let table = line.bundle.table_name("MembersTable").unwrap();
        let put = line.client.put_item().table_name(table);
        let put = put.item("pk", text("#reward#download")).item("sk", text("shelf"));
        put.item("taken", AttributeValue::N(taken.to_owned()))
            .send()
            .await
            .unwrap();
        add_codes(&line, &["AAA-1", "AAA-2"]).await;
        assert_eq!(left(&line, "download").await, 2);
        line.sign_up("01").await;
        line.purchase("01", "first", "100.00").await;
        let claim = json!({"do": "claim", "claim": "c-1", "reward": "download"});
        assert_eq!(ask(&line, "01", claim).await["coupon"], "AAA-1");
        assert_eq!(left(&line, "download").await, 1);
    }
}

async fn decide(line: Arc<Line>, arrival: Arrival) -> Answer {
    loop {
        match till::decide(&line.store, &line.programme, &arrival).await {
            Ok(answer) => return answer,
            Err(TillError::Contended) => {}
            Err(why) => panic!("{why}"),
        }
    }
}

/// Ten members at once, each with two checkouts that ask twice.
#[tokio::test(flavor = "multi_thread")]
async fn two_checkouts_for_the_last_stock_and_one_wins_and_no_code_goes_twice() {
    const MEMBERS: usize = 10;
    const CODES: usize = 13;
    let (line, _folder) = with_stock(1).await;
    let codes: Vec<String> = (0..CODES).map(|n| format!("CODE-{n}")).collect();
    add_codes(&line, &codes.iter().map(String::as_str).collect::<Vec<_>>()).await;
    for member in 0..MEMBERS {
        let member = format!("{member:02}");
        line.sign_up(&member).await;
        line.purchase(&member, &format!("o-{member}"), "140.00").await;
    }
    let line = Arc::new(line);
    let mut tills = JoinSet::new();
    for member in 0..MEMBERS {
        for (id, reward) in [(1, "tote-bag"), (2, "download"), (3, "download")] {
            for _ in 0..2 {
                let arrival = claim(&line, member, id, reward);
                let line = Arc::clone(&line);
                tills.spawn(async move { (member, id, decide(line, arrival).await) });
            }
        }
    }
    let mut answers = Vec::new();
    while let Some(answer) = tills.join_next().await {
        answers.push(answer.expect("no panic"));
    }
    answers.sort_by_key(|(member, id, _)| (*member, *id));
    for pair in answers.chunks(2) {
        assert_eq!(pair[0], pair[1], "whoever asks twice hears the same twice");
    }
    let accepted = |ids: &[usize]| {
        let of = answers
            .iter()
            .filter(|(_, id, answer)| ids.contains(id) && answer.accepted);
        of.count() / 2
    };
    assert_eq!((accepted(&[1]), accepted(&[2, 3])), (1, CODES));
    let given: BTreeSet<&str> = answers
        .iter()
        .filter_map(|(_, _, answer)| answer.coupon.as_deref())
        .collect();
    assert_eq!(given.len(), CODES);
    assert_eq!((left(&line, "tote-bag").await, left(&line, "download").await), (0, 0));
    let refused = answers.iter().filter(|(_, _, answer)| !answer.accepted);
    assert!(
        refused
            .clone()
            .all(|(_, _, answer)| answer.code.as_deref() == Some("out-of-stock"))
    );
    line.settle().await;
    for member in 0..MEMBERS {
        let account = line.account(&format!("{member:02}")).await;
        let pages = line
            .store
            .pages(&format!("{member:02}").parse().unwrap())
            .await
            .unwrap();
        assert_eq!(ledger::audit(&line.programme, &pages, &account), []);
    }
}

/// Beside its code and its sentence, a reason has what an app would show of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_reason_names_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let rules =
        "stock = 200\ntier = \"Collector\"\nper-member = 1\n\n[[limits]]\non = \"spend\"\nper = \"day\"\npoints = 90\n";
    let line = Start {
        at: Some(at("2026-03-02T15:00:00Z")),
        program: Some(sample_with(folder.path(), "stock = 200\n", rules)),
        ..Start::default()
    };
    let line = line.line().await;
    line.sign_up("01").await;
    line.purchase("01", "first", "100.00").await;
    let claim = |id: &str| json!({"do": "claim", "claim": id, "reward": "tote-bag"});
    let refused = ask(&line, "01", claim("c-1")).await;
    assert_eq!(
        (&refused["code"], &refused["tier"]),
        (&json!("tier-too-low"), &json!("Collector"))
    );
    line.purchase("01", "second", "100.00").await;
    assert_eq!(ask(&line, "01", claim("c-2")).await["accepted"], true);
    let refused = ask(&line, "01", claim("c-3")).await;
    assert_eq!((&refused["code"], &refused["most"]), (&json!("had-already"), &json!(1)));
    let refused = ask(&line, "01", json!({"do": "redeem", "redemption": "r-1", "points": 40})).await;
    assert_eq!((&refused["code"], &refused["room"]), (&json!("limit"), &json!(30)));
    let offered = ask(&line, "01", json!({"do": "rewards"})).await;
    assert_eq!(offered["rewards"][0]["most"], 1);
}
