//! What one activity of each kind costs on Members, for members whose first order is long on a closed page.

use bundle_tests::{Line, Start, purchase};
use serde_json::{Value, json};

const MEMBERS: u32 = 50;
/// Enough for two closed pages.
const PURCHASES: usize = 28;
/// Measured this many times, so that pages are closed as often as they are.
const ROUNDS: u32 = 12;

/// Members may send at once, and there is a reward without a stock.
const TRANSFERS: &str = "[transfers]\nleast-points = 10\njoined-days-ago = 30\n";
const REWARD: &str = "[transfers]\n\n[[rewards]]\nname = \"poster\"\npoints = 1\n";

pub(crate) async fn measure() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = bundle_tests::sample_with(folder.path(), TRANSFERS, REWARD);
    let start = Start {
        program: Some(program),
        ..Start::default()
    };
    let line = start.line().await;
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
    for kind in [
        "purchase", "redeem", "reserve", "commit", "refund", "claim", "fulfil", "transfer",
    ] {
        let before = spent(&line);
        for round in 0..ROUNDS {
            each(&line, kind, |member| match kind {
                "purchase" => purchase(member, &format!("more-{round}"), "25.00", now),
                "redeem" => json!({"member": member, "redemption": format!("r-{round}"), "at": now, "points": 5}),
                "reserve" => json!({"member": member, "reservation": format!("t-{round}"), "at": now, "points": 5}),
                "claim" => json!({"member": member, "claim": format!("c-{round}"), "reward": "poster", "at": now}),
                "fulfil" => json!({"member": member, "claim": format!("c-{round}"), "at": now}),
                "transfer" => {
                    // In pairs.
                    let number: u32 = member.trim_start_matches("m-").parse().unwrap_or_default();
                    let to = id(number ^ 1);
                    json!({"member": member, "transfer": format!("x-{round}"), "points": 1, "to": to, "at": now})
                }
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
