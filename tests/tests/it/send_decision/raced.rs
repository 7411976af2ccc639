//! The process that sends is held up at every request that it makes, before the request is carried out and after, while
//! something happens beside it: so between every two awaits.

use std::collections::BTreeSet;

use bundle_tests::{Line, PUBLISHER, Start, member, phone};
use messages::Preferences;
use programme::MessageKind;
use serde_json::json;
use store::{MessageKey, State};

use super::{Sent, at_every_request, intent, joins, laws, line};
use crate::pause_faults::delivery;
use crate::preferences::told_at_once;

/// Does something to a member while their message is held up at each request. Gives what it came to, and of each member
/// whether the message was claimed already when that was done.
async fn at_each(kind: MessageKind, act: impl AsyncFn(&Line, &str)) -> (Line, Sent, Vec<(String, bool)>) {
    let start = Start {
        publishers: 3,
        ..Start::default()
    };
    let (_folder, line) = line(start).await;
    let mut was_claimed = Vec::new();
    let members = at_every_request(async |point, id| {
        joins(&line, &id, false).await;
        let held = line.bundle.hold_at(point);
        let stated = intent(&line, &id, kind, 1_000);
        line.store.put_intent(&stated).await.unwrap();
        let is_held = tokio::select! {
            () = held.happened() => true,
            () = line.settle() => false,
        };
        if is_held {
            let key = MessageKey::of(&stated);
            let record = line.store.message(&key).await.unwrap().unwrap();
            act(&line, &id).await;
            was_claimed.push((id, record.attempts > 0));
            held.release();
            line.settle().await;
        }
        is_held
    });
    let members = members.await;
    line.advance(40).await;
    let sent = laws(&line, &members, members.len()).await;
    println!("{} members, one for each place: {sent:?}", members.len());
    let (before, after) = was_claimed.iter().fold((0, 0), |(before, after), (_, claimed)| {
        (before + usize::from(!claimed), after + usize::from(*claimed))
    });
    // Of the places between two requests each is there twice, but for the first and the last.
    assert!(before >= 5 && after >= 5, "{was_claimed:?}");
    (line, sent, was_claimed)
}

/// What was sent of the message that was held up.
fn texts(line: &Line, id: &str) -> Vec<String> {
    let texts = line.texts().into_iter();
    texts
        .filter(|text| text.contains(" 1000 ") && text.contains(&format!("Name-{id},")))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_holds_for_whatever_is_not_claimed() {
    for kind in [MessageKind::PointsEarned, MessageKind::Anniversary] {
        let opts_out = async |line: &Line, id: &str| {
            let at = line.bundle.now().to_string();
            line.read_replies(&phone(id), &[("STOP", &format!("i-{id}"), &at)])
                .await;
        };
        let (line, sent, was_claimed) = at_each(kind, opts_out).await;
        for (id, claimed) in &was_claimed {
            assert_eq!(texts(&line, id).len(), usize::from(*claimed), "member {id}");
        }
        let before = was_claimed.iter().filter(|(_, claimed)| !claimed).count();
        assert_eq!(sent.of(State::Suppressed), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_is_left_out_holds_for_whatever_is_not_claimed() {
    let leaves_it_out = async |line: &Line, id: &str| {
        let wanted = Preferences {
            at: line.bundle.now(),
            id: "preferences#p-1".parse().unwrap(),
            topics_off: BTreeSet::from(["dates".to_owned()]),
            hours: None,
            most: None,
            channels: Vec::new(),
        };
        told_at_once(line, id, &wanted).await;
    };
    let (line, sent, was_claimed) = at_each(MessageKind::Anniversary, leaves_it_out).await;
    for (id, claimed) in &was_claimed {
        assert_eq!(texts(&line, id).len(), usize::from(*claimed), "member {id}");
    }
    let before = was_claimed.iter().filter(|(_, claimed)| !claimed).count();
    assert_eq!(sent.of(State::Suppressed), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_spent_meanwhile_is_not_said_to_be_there() {
    let spends = async |line: &Line, id: &str| {
        let redeem = json!({"do": "redeem", "member": id, "redemption": "r-1", "points": 25});
        let answer = line.bundle.invoke("ServeCheckoutFunction", redeem).await.unwrap();
        assert_eq!(answer["accepted"], true, "{answer}");
    };
    let (line, sent, was_claimed) = at_each(MessageKind::PointsEarned, spends).await;
    assert_eq!(sent.of(State::Sent), sent.causes);
    for (id, claimed) in &was_claimed {
        let says = if *claimed { " 40 " } else { " 15 " };
        let texts = texts(&line, id);
        assert!(texts.len() == 1 && texts[0].contains(says), "member {id}: {texts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_beside_another_sends_nothing_twice() {
    for (kind, most) in [(MessageKind::PointsEarned, 2), (MessageKind::Anniversary, 1)] {
        let delivers = async |line: &Line, id: &str| {
            let key = intent(line, id, kind, 1_000).key();
            let delivery = delivery(line, member(id).as_str(), &key).await;
            for _ in 0..2 {
                let answer = line.bundle.invoke(PUBLISHER, delivery.clone()).await.unwrap();
                assert_eq!(answer["batchItemFailures"], json!([]));
            }
        };
        let (line, _, was_claimed) = at_each(kind, delivers).await;
        for (id, _) in &was_claimed {
            let texts = texts(&line, id);
            assert!((1..=most).contains(&texts.len()), "member {id}: {texts:?}");
        }
    }
}
