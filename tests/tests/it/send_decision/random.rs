//! Everything at once, at random: many workers, processes of all functions killed at any of their requests, duplicates,
//! throttling, answers that are lost, and members who spend and opt out meanwhile.

use bundle_tests::{Dice, Line, Start, phone, purchase, seed};
use programme::MessageKind;
use regulars::engine::Faults;
use serde_json::json;
use store::State;

use super::{intent, laws, line};

const MEMBERS: u64 = 16;
const ROUNDS: u32 = 8;

/// One thing that a member does, or that is to be said to them. Gives how many intents were stated.
async fn something(line: &Line, dice: &mut Dice, id: &str, round: u32) -> usize {
    let now = line.bundle.now();
    match dice.below(10) {
        0..4 => {
            let amount = format!("{}.00", 10 + round);
            line.put("purchase", purchase(id, &format!("o-{round}"), &amount, now))
                .await;
        }
        4..6 => {
            let points = 1 + dice.below(30);
            let redeem = json!({"member": id, "redemption": format!("r-{round}"), "at": now, "points": points});
            line.put("redeem", redeem).await;
        }
        6 => {
            let reply = bundle_tests::inbound(&phone(id), "STOP", &format!("i-{id}-{round}"));
            let reply = reply.to_string();
            line.bundle.publish_to_topic("RepliesTopic", &reply).await.unwrap();
        }
        7 => {
            let consent = json!({"member": id, "id": format!("c-{round}"), "at": now, "channel": "sms",
                "purpose": "promotional", "granted": dice.below(2) == 0, "wording": "Text me offers."});
            line.put("consent", consent).await;
        }
        8 => wants(line, dice, id, round).await,
        _ => {}
    }
    let mut stated = 0;
    for nth in 0..dice.below(3) {
        let kind = dice.one_of(&[MessageKind::Anniversary, MessageKind::PointsEarned]);
        let number = 1_000 + 10 * round + u32::try_from(nth).unwrap();
        // A write of ours that is refused or not answered may be asked for again.
        while line.store.put_intent(&intent(line, id, kind, number)).await.is_err() {}
        stated += 1;
    }
    stated
}

/// A member says what they want to be sent.
async fn wants(line: &Line, dice: &mut Dice, id: &str, round: u32) {
    let (from, to) = dice.one_of(&[("12:00", "15:30"), ("18:00", "20:00"), ("20:00", "10:30")]);
    let all = json!({"topics-off": ["dates"], "hours": {"from": from, "to": to}, "most": 1 + dice.below(2),
        "per": dice.one_of(&["day", "week"])});
    let mut wanted = json!({"member": id, "id": format!("w-{round}"), "at": line.bundle.now()});
    for fields in [&["topics-off"][..], &["hours"], &["most", "per"]] {
        if dice.below(3) == 0 {
            for field in fields {
                wanted[*field] = all[*field].clone();
            }
        }
    }
    line.put("preferences", wanted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_laws_hold_with_everything_going_wrong() {
    let seed = seed();
    let mut dice = Dice::new(seed);
    let faults = Faults {
        seed,
        duplicate_percent: 20,
        throttle_percent: 3,
        timeout_percent: 3,
        crash_after_publish_percent: 10,
        kill_percent: 1,
        half_failed_percent: 20,
        ..Faults::default()
    };
    let start = Start {
        faults,
        publishers: 4,
        ..Start::default()
    };
    let (_folder, line) = line(start).await;
    let members: Vec<String> = (0..MEMBERS).map(|n| format!("{n:02}")).collect();
    for id in &members {
        line.put("sign-up", bundle_tests::sign_up(id, line.bundle.now())).await;
    }
    line.settle().await;
    let mut stated = 0;
    for round in 0..ROUNDS {
        for id in &members {
            stated += something(&line, &mut dice, id, round).await;
        }
        // Some rounds meet what the one before left under way.
        if dice.below(2) == 0 {
            line.settle().await;
            line.advance(i64::try_from(dice.below(16)).unwrap()).await;
        }
    }
    line.settle().await;
    // What waits for a week of the member's own goes when that is over.
    for id in &members {
        let anything = json!({"member": id, "id": "w-last", "at": line.bundle.now()});
        line.put("preferences", anything).await;
    }
    line.advance(24 * 9).await;
    let sent = laws(&line, &members, stated).await;
    println!("seed {seed}: {sent:?}; faults {:?}", line.bundle.faults());
    assert!(
        sent.of(State::Sent) > 30 && sent.of(State::Suppressed) > 5,
        "the test shows little"
    );
    assert!(sent.of(State::Unknown) + sent.twice > 0, "no crash hit a publisher");
}
