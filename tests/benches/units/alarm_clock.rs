//! Read and write units of a day of the alarm clock, with as many members due in a small table and in a large one.

use bundle_tests::{Line, Start, at, member};
use jiff::{SignedDuration, Timestamp};
use ledger::{Activity, Fact, MonthDay, Past, apply};
use store::Commit;

/// Members whose birthday is the day that is measured. All others are due much later.
const DUE: u32 = 1_000;
/// How far the costs of the two tables may lie apart.
const APART: f64 = 0.05;
const TARGET_WRITES: f64 = 4.0;

struct Day {
    members: u32,
    scans: u64,
    reads: f64,
    writes: u64,
}

pub(crate) async fn measure(sizes: &[u32]) {
    println!("\na day on which {DUE} members are due, by the size of the table:");
    let mut days = Vec::new();
    for &members in sizes {
        let day = day(members).await;
        println!(
            "  {:>9} members   {:>8.1} read units   {:>6} write units ({:.2} for each who was due)   {} scans",
            day.members,
            day.reads,
            day.writes,
            f64::from(u32::try_from(day.writes).unwrap_or(u32::MAX)) / f64::from(DUE),
            day.scans
        );
        days.push(day);
    }
    if let [small, large] = days.as_slice() {
        let apart = (large.reads - small.reads).abs() / small.reads;
        let met = apart <= APART && small.scans + large.scans == 0;
        let writes = f64::from(u32::try_from(large.writes).unwrap_or(u32::MAX)) / f64::from(DUE);
        println!(
            "  read units {:.2} % apart, target 5 %; write units target {TARGET_WRITES}   {}",
            apart * 100.0,
            if met && writes <= TARGET_WRITES {
                "met"
            } else {
                "MISSED"
            }
        );
    }
}

async fn day(members: u32) -> Day {
    let start = at("2026-03-02T05:00:00Z");
    let line = Start {
        at: Some(start),
        without_streams: true,
        ..Start::default()
    }
    .line()
    .await;
    for number in 0..members {
        join(&line, number, start).await;
        if number % 100_000 == 99_999 {
            eprintln!("  {} of {members} members", number + 1);
        }
    }
    let before = spent(&line);
    line.advance(24).await;
    let after = spent(&line);
    Day {
        members,
        scans: after.0 - before.0,
        reads: f64::from(u32::try_from(after.1 - before.1).unwrap_or(u32::MAX)) / 2.0,
        writes: after.2 - before.2,
    }
}

/// Signs a member up as `compute-points` does, some weeks ago.
async fn join(line: &Line, number: u32, now: Timestamp) {
    let birthday = if number < DUE {
        MonthDay { month: 3, day: 2 }
    } else {
        MonthDay { month: 9, day: 9 }
    };
    let joined = now - SignedDuration::from_hours(24 * 40);
    let sign_up = Activity {
        id: "sign-up".parse().expect("an id"),
        at: joined,
        received: joined,
        fact: Fact::SignUp {
            zone: line.programme.zone,
            birthday: Some(birthday),
            referrer: None,
        },
        said: ledger::Said::default(),
    };
    let mut account = None;
    apply(&line.programme, &mut account, &sign_up, Past::default()).expect("a new account");
    let account = account.expect("an account");
    let member = member(&format!("m-{number:07}"));
    let commit = line.store.commit(&member, &account, None, &[]).await;
    assert_eq!(commit.expect("the table"), Commit::Done);
}

/// Scans, half read units and write units of the alarm clock so far.
fn spent(line: &Line) -> (u64, u64, u64) {
    let rows = line.bundle.units().rows.into_iter();
    let wake = rows.filter(|(key, _)| key.function == "wake-members");
    wake.fold((0, 0, 0), |(scans, reads, writes), (key, count)| {
        (
            scans + u64::from(key.operation == "Scan"),
            reads + count.read_halves,
            writes + count.write,
        )
    })
}
