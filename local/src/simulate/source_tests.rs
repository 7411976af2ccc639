#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::path::PathBuf;

use super::*;
use crate::play::orders;
use crate::simulate::simulate;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The sample's orders in no order of members or time, with rows that cannot be used and orders that stand twice.
fn scattered(path: &Path) {
    let sample = root().join("data/cdnow-sample-orders.csv");
    let sample = orders::read(&sample, &TimeZone::UTC, Timestamp::MAX).unwrap().orders;
    let mut rows = "order_id,member_id,ordered_at,amount,currency\n".to_owned();
    for nth in 0..sample.len() {
        // It shares no factor with how many there are.
        let order = sample.get(nth * 2_003 % sample.len()).unwrap();
        let (id, member, amount) = (&order.id, &order.member, &order.amount);
        let day = order.at.strftime("%Y-%m-%d");
        writeln!(rows, "{id},{member},{day},{amount},USD").unwrap();
        match nth % 97 {
            0 => writeln!(rows, "bad-{nth},{member},{day},-1,USD").unwrap(),
            1 => writeln!(rows, "{id},another,{day},1000,USD").unwrap(),
            // Several at one instant, of which the file's order decides.
            2 => (0..5).for_each(|more| writeln!(rows, "{id}-{more},{member},{day}T12:00:00Z,{more}9.99,USD").unwrap()),
            _ => {}
        }
    }
    std::fs::write(path, rows).unwrap();
}

#[test]
fn a_simulation_is_the_same_in_however_many_parts_the_orders_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.csv");
    scattered(&path);
    // By the first everybody is simulated alone, by the other, which has a budget, all in one order of time.
    let programmes = ["program", "examples/campaigns"].map(|program| root().join(program));
    for (program, against) in [(0, 1), (1, 0)] {
        let options = SimulateOptions {
            orders: Some(path.clone()),
            program: programmes.get(program).cloned(),
            against: programmes.get(against).cloned(),
            until: Some(Date::constant(1998, 3, 1)),
            html: None,
            json: true,
            cores: Some(2),
        };
        let told = |layout| {
            let own = Own::read(&path, &options, layout).unwrap();
            let mut told = simulate(&Source::Own(Box::new(own)), &options).unwrap();
            told.seconds = 0.0;
            serde_json::to_string_pretty(&told).unwrap()
        };
        let whole = told(None);
        assert!(
            whole.contains("\"refused\": 144,") && whole.contains("\"gaining\": "),
            "{whole}"
        );
        for (parts, block, in_memory) in [(1, 64, usize::MAX), (3, 500, 0), (40, 4_000, 10_000), (5_000, 100, 0)] {
            let layout = Layout {
                parts,
                block,
                in_memory,
                folder: folder.path().to_owned(),
            };
            assert!(told(Some(layout)) == whole, "{parts} parts give something else");
        }
    }
}
