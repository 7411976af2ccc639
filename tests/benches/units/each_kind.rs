//! What one activity of each kind costs on Members, for members whose first order is long on a closed page.

use bundle_tests::{Line, Start, purchase};
use serde_json::{Value, json};

const MEMBERS: u32 = 50;
/// Enough for two closed pages.
const PURCHASES: usize = 28;
/// Measured this many times, so that pages are closed as often as they are.
const ROUNDS: u32 = 12;

pub(crate) async fn measure() {
    let line = Start::default().line().await;
    for number in 0..MEMBERS {
        let detail = bundle_tests::sign_up(&id(number), line.bundle.now());
        line.put("sign-up", detail).await;
    }
    line.settle().await;
    for order in 0..PURCHASES {
        each(&line, "purchase", |member| {
            purchase(member, &format!("o-{order}"), "25.00", line.bundle.now())
        })
        .await;
    }
    println!("\none activity of {MEMBERS} members, {ROUNDS} times, Members alone:");
    let now = line.bundle.now();
    for kind in ["purchase", "redeem", "reserve", "commit", "refund"] {
        let before = spent(&line);
        for round in 0..ROUNDS {
            each(&line, kind, |member| match kind {
                "purchase" => purchase(member, &format!("more-{round}"), "25.00", now),
                "redeem" => json!({"member": member, "redemption": format!("r-{round}"), "at": now, "points": 5}),
                "reserve" => json!({"member": member, "reservation": format!("t-{round}"), "at": now, "points": 5}),
                "commit" => json!({"member": member, "reservation": format!("t-{round}"), "at": now}),
                _ => {
                    json!({"member": member, "refund": format!("b-{round}"), "order": format!("o-{round}"), "at": now})
                }
            })
            .await;
        }
        let after = spent(&line);
        let per = |units: u64| f64::from(u32::try_from(units).unwrap_or(u32::MAX)) / f64::from(MEMBERS * ROUNDS);
        println!(
            "  {kind:9} {:.3} write units, {:.2} read units",
            per(after.1 - before.1),
            per(after.0 - before.0) / 2.0
        );
    }
    assert_eq!(line.refused().await, []);
}

fn id(number: u32) -> String {
    format!("m-{number:03}")
}

/// One activity of every member, each a commit of its own.
async fn each(line: &Line, kind: &str, detail: impl Fn(&str) -> Value) {
    for number in 0..MEMBERS {
        line.put(kind, detail(&id(number))).await;
    }
    line.settle().await;
}

/// Half read units and write units of `compute-points` on Members so far.
fn spent(line: &Line) -> (u64, u64) {
    let rows = line.bundle.units().rows.into_iter();
    let own = rows.filter(|(key, _)| key.function == "compute-points" && key.table == "MembersTable");
    own.fold((0, 0), |(reads, writes), (_, count)| {
        (reads + count.read_halves, writes + count.write)
    })
}
