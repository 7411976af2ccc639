//! Laws 3 and 5 with everything going wrong at once: the ledger is the same, and one cause gives one message.

use std::collections::BTreeMap;

use bundle_tests::{Dice, Line, Start, purchase, seed, sign_up, worth_telling};
use jiff::SignedDuration;
use regulars::engine::Faults;

const MEMBERS: u64 = 12;
const PURCHASES: u64 = 30;

/// A small history, the same for the same seed.
async fn play(line: &Line, seed: u64) {
    let start = line.bundle.now();
    for n in 0..MEMBERS {
        line.put("sign-up", sign_up(&format!("{n:02}"), start)).await;
    }
    line.settle().await;
    let mut dice = Dice::new(seed);
    for n in 0..PURCHASES {
        let id = format!("{:02}", dice.below(MEMBERS));
        let amount = format!("{}.{:02}", dice.below(120), dice.below(100));
        line.put(
            "purchase",
            purchase(&id, &format!("o-{n}"), &amount, start + SignedDuration::from_secs(60)),
        )
        .await;
        // One at a time: a queue keeps no order, and a tier's multiplier depends on it.
        line.settle().await;
    }
    line.advance(12).await;
}

/// Every member's ledger: causes and what they did, in order.
async fn ledgers(line: &Line) -> BTreeMap<String, Vec<String>> {
    let mut ledgers = BTreeMap::new();
    for n in 0..MEMBERS {
        let id = format!("{n:02}");
        let entries = line
            .entries(&id)
            .await
            .into_iter()
            .map(|entry| format!("{} {:?}", entry.cause, entry.what))
            .collect();
        ledgers.insert(id, entries);
    }
    ledgers
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_change_no_ledger_and_double_no_message() {
    let seed = seed();
    let calm = Start::default().line().await;
    play(&calm, seed).await;
    let faults = Faults {
        seed,
        duplicate_percent: 20,
        throttle_percent: 5,
        timeout_percent: 5,
        crash_after_publish_percent: 15,
        half_failed_percent: 20,
        ..Faults::default()
    };
    let wild = Start {
        faults,
        ..Start::default()
    }
    .line()
    .await;
    play(&wild, seed).await;

    let (expected, found) = (ledgers(&calm).await, ledgers(&wild).await);
    assert_eq!(expected, found, "seed {seed}");

    // Law 5: every cause has one message, in a state that says what became of it.
    let mut causes = 0;
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    for n in 0..MEMBERS {
        let id = format!("{n:02}");
        let worth_telling = worth_telling(&wild.entries(&id).await);
        let told = wild.told(&id).await;
        assert_eq!(told.len(), worth_telling, "member {id}, seed {seed}: {told:?}");
        causes += worth_telling;
        for (_, state, _) in told {
            *states.entry(state).or_default() += 1;
        }
    }
    let published = wild.bundle.published().len();
    let open: usize = ["intent", "ready", "claimed"]
        .iter()
        .filter_map(|state| states.get(*state))
        .sum();
    println!("seed {seed}: {causes} causes, {published} publishes, states {states:?}");
    assert_eq!(open, 0, "messages were left on the way: {states:?}");
    // Each publish is accounted for: sent, or unknown; a transactional message may be tried a second time, no more.
    let (sent, unknown) = (
        states.get("sent").copied().unwrap_or(0),
        states.get("unknown").copied().unwrap_or(0),
    );
    assert!(published >= sent, "{published} publishes, {sent} sent");
    assert!(
        published <= sent * 2 + unknown * 2,
        "{published} publishes, {sent} sent, {unknown} unknown"
    );
    assert!(
        unknown > 0 || published > sent,
        "no crash was injected: the test shows nothing"
    );
}
