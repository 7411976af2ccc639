//! A cart left behind, through the whole line: told of once, after hours, and only while it is still there.

use bundle_tests::{Line, Start, at, phone, purchase, sign_up};
use jiff::Timestamp;
use regulars::engine::{Faults, To};
use serde_json::json;

use crate::audit::regulars;
use crate::why::end;

async fn cart(line: &Line, id: &str, nth: u32, amount: &str, at: Timestamp) {
    let detail = json!({"member": id, "id": format!("{id}-{nth}"), "at": at, "amount": amount, "currency": "USD"});
    line.put("cart", detail).await;
}

/// What a member was told of carts: the state of each message, and the reason why it did not go.
async fn told(line: &Line, id: &str) -> Vec<(String, String)> {
    let told = line.told(id).await.into_iter();
    let carts = told.filter(|(kind, ..)| kind == "cart-left-behind");
    carts.map(|(_, state, reason)| (state, reason)).collect()
}

fn sent() -> Vec<(String, String)> {
    vec![("sent".to_owned(), String::new())]
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_a_cart_behind_is_told_of_it_while_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    // Ten in the morning for the members.
    let line = Start {
        at: Some(at("2026-03-02T15:00:00Z")),
        data: Some(folder.path().to_owned()),
        faults: Faults {
            seed: 7,
            duplicate_percent: 30,
            half_failed_percent: 30,
            ..Faults::default()
        },
        ..Start::default()
    }
    .line()
    .await;
    let ids = ["c-1", "c-2", "c-3", "c-4", "c-5", "c-6"];
    for id in ids {
        line.put("sign-up", sign_up(id, line.bundle.now())).await;
    }
    line.settle().await;
    let morning = line.bundle.now();
    for id in ids {
        cart(&line, id, 1, "1249.90", morning).await;
    }
    line.advance(2).await;
    let noon = line.bundle.now();
    // Bought, emptied, or changed, before four hours are over.
    line.put("purchase", purchase("c-2", "o-2", "10.00", noon)).await;
    cart(&line, "c-3", 2, "0", noon).await;
    cart(&line, "c-4", 2, "20.00", noon).await;
    line.advance(3).await;
    assert_eq!(told(&line, "c-1").await, sent());
    for id in ["c-2", "c-3", "c-4"] {
        assert_eq!(told(&line, id).await, vec![], "{id}");
    }
    line.advance(2).await;
    assert_eq!(told(&line, "c-4").await, sent(), "four hours after its last change");

    // At nine in the evening it is too late to tell anybody, and by the morning one of them has bought it.
    line.bundle.advance_to(at("2026-03-02T22:30:00Z")).await.unwrap();
    for id in ["c-5", "c-6"] {
        cart(&line, id, 2, "55.00", line.bundle.now()).await;
    }
    line.advance(6).await;
    for id in ["c-5", "c-6"] {
        let told = told(&line, id).await;
        assert!(told.iter().any(|(state, _)| state == "deferred"), "{id}: {told:?}");
    }
    line.put("purchase", purchase("c-5", "o-5", "55.00", line.bundle.now()))
        .await;
    line.advance(12).await;
    let untrue = ("suppressed".to_owned(), "no-longer-true".to_owned());
    assert_eq!(told(&line, "c-5").await, [sent(), vec![untrue]].concat());
    assert_eq!(told(&line, "c-6").await, [sent(), sent()].concat());

    let carts = line.bundle.published().into_iter();
    let mut carts: Vec<(To, String)> = carts
        .filter(|sms| sms.body.contains("Your cart"))
        .map(|sms| (sms.target, sms.body))
        .collect();
    carts.sort_by(|one, other| one.1.cmp(&other.1));
    let of = |id: &str, amount: &str| {
        let text =
            format!("Paper Moon Records: Your cart of {amount} is still here, Name-{id}. Reply STOP to opt out.");
        (To::Phone(phone(id)), text)
    };
    let mut expected = vec![
        of("c-1", "$1,249.90"),
        of("c-4", "$20.00"),
        of("c-5", "$1,249.90"),
        of("c-6", "$1,249.90"),
        of("c-6", "$55.00"),
    ];
    expected.sort_by(|one, other| one.1.cmp(&other.1));
    assert_eq!(carts, expected);
    println!(
        "{} carts told of, each once; faults {:?}",
        carts.len(),
        line.bundle.faults()
    );
    end(line).await;
    let (code, said, errors) = regulars(&["why", "c-5"], Some(folder.path()), None);
    assert_eq!((code, errors.as_str()), (0, ""), "{said}");
    assert!(said.contains("a cart of 55.00 USD was left behind"), "{said}");
    assert!(
        said.contains("the member had bought something since, or the cart had changed"),
        "{said}"
    );
}
