//! What a send decision costs, by what comes of it: capacity units of the function that decides, without what is read once for a
//! batch.

use bundle_tests::{Line, Start, at, phone};
use programme::MessageKind;

use super::{intent, joins, line};

/// Read and write units that `publish-messages` spent, but for what is paused.
fn spent(line: &Line) -> (f64, u64) {
    let rows = line.bundle.units().rows.into_iter();
    let own = rows.filter(|(key, _)| key.function == "publish-messages" && key.item != "paused");
    let (halves, write) = own.fold((0, 0), |(read, write), (_, units)| {
        (read + units.read_halves, write + units.write)
    });
    (f64::from(u32::try_from(halves).unwrap()) / 2.0, write)
}

/// What one message of a kind costs a member who has joined at an hour, after something was done.
async fn of_one(kind: MessageKind, hour: &str, device: bool, act: impl AsyncFn(&Line)) -> (f64, u64) {
    let start = Start {
        at: Some(at(hour)),
        ..Start::default()
    };
    let (_folder, line) = line(start).await;
    joins(&line, "01", device).await;
    // The first push makes the device's endpoint.
    line.store.put_intent(&intent(&line, "01", kind, 1_000)).await.unwrap();
    line.settle().await;
    act(&line).await;
    let (read, write) = spent(&line);
    line.store.put_intent(&intent(&line, "01", kind, 1_001)).await.unwrap();
    line.settle().await;
    let after = spent(&line);
    (after.0 - read, after.1 - write)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_costs_few_units() {
    let (day, night) = ("2026-03-02T15:00:00Z", "2026-03-03T05:30:00Z");
    let nothing = async |_: &Line| {};
    let opts_out = async |line: &Line| {
        let at = line.bundle.now().to_string();
        line.read_replies(&phone("01"), &[("STOP", "i-1", &at)]).await;
    };
    let costs = [
        ("sent", of_one(MessageKind::PointsEarned, day, false, nothing).await),
        (
            "sent, counted by a cap and a budget",
            of_one(MessageKind::Anniversary, day, false, nothing).await,
        ),
        (
            "pushed, counted by a cap and a budget",
            of_one(MessageKind::Anniversary, day, true, nothing).await,
        ),
        (
            "deferred",
            of_one(MessageKind::PointsEarned, night, false, nothing).await,
        ),
        (
            "suppressed",
            of_one(MessageKind::PointsEarned, day, false, opts_out).await,
        ),
    ];
    for (what, (read, write)) in costs {
        println!("{what}: {read} read, {write} write units");
    }
    let (read, write): (Vec<f64>, Vec<u64>) = costs.iter().map(|(_, cost)| *cost).unzip();
    // Account and profile, 4 KB at the most.
    assert_eq!(read, [2.0; 5]);
    // A claim is a transaction of three items, each twice the units of a write; then the mark. What waits is in the index, too.
    assert_eq!(write, [7, 8, 8, 2, 1]);
}
