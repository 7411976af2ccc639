//! Budgets through the whole line: many members reach for the last points at once, with everything going wrong.

use bundle_tests::{Line, Start, purchase, sample_with, sign_up};
use jiff::SignedDuration;
use ledger::budget::granted_out_of_budgets;
use regulars::engine::Faults;

const MEMBERS: u64 = 60;

const CAMPAIGNS: &str = "[[campaigns]]
name = \"double\"
multiply = \"2\"
budget = 777

[[campaigns]]
name = \"hello\"
on = \"sign-up\"
points = 50
budget = 130

[[campaigns]]
name = \"plenty\"
points = 1
budget = 1000

[transfers]
";

/// What each campaign granted by the ledgers of all members, and what is left by the counts.
async fn granted(line: &Line) -> Vec<(String, i64, u64)> {
    let mut entries = Vec::new();
    for n in 0..MEMBERS {
        entries.extend(line.entries(&format!("{n:02}")).await);
    }
    let granted = granted_out_of_budgets(&line.programme, &entries);
    let mut all = Vec::new();
    for campaign in &line.programme.campaigns {
        let own = granted.iter().find(|(one, _)| one.name == campaign.name);
        let left = line.store.budget(campaign).await.unwrap().unwrap().left();
        all.push((
            campaign.name.to_string(),
            own.map_or(0, |(_, points)| points.get()),
            left,
        ));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_is_granted_to_the_last_point_whoever_reaches_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let faults = Faults {
        seed: 11,
        duplicate_percent: 20,
        throttle_percent: 5,
        timeout_percent: 5,
        half_failed_percent: 20,
        ..Faults::default()
    };
    let line = Start {
        faults,
        program: Some(sample_with(folder.path(), "[transfers]\n", CAMPAIGNS)),
        ..Start::default()
    }
    .line()
    .await;
    let start = line.bundle.now();
    for n in 0..MEMBERS {
        line.put("sign-up", sign_up(&format!("{n:02}"), start)).await;
    }
    line.settle().await;
    // Sixty times twenty are wanted.
    for n in 0..MEMBERS {
        let at = start + SignedDuration::from_secs(60);
        let bought = purchase(&format!("{n:02}"), &format!("o-{n}"), "20.00", at);
        line.put("purchase", bought).await;
    }
    line.settle().await;
    line.advance(2).await;
    assert_eq!(line.refused().await, []);
    let expected = [("double", 777, 0), ("hello", 130, 0), ("plenty", 60, 940)];
    let expected = expected.map(|(name, granted, left)| (name.to_owned(), granted, left));
    assert_eq!(granted(&line).await, expected);
}
