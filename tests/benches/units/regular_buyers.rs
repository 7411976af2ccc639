//! Write units per purchase of members who buy once a week for a year.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use jiff::ToSpan;
use jiff::civil::date;
use serde_json::Value;

const MEMBERS: i32 = 20;
const PURCHASES: i32 = 50;
/// Units of Members for each purchase, and with the activity itself.
const TARGETS: [f64; 2] = [1.10, 2.3];

pub(crate) fn measure() {
    let folder = tempfile::tempdir().expect("a folder");
    let main =
        std::fs::read_to_string(bundle_tests::root().join("program/programme.toml")).expect("the sample programme");
    let (_, rest) = main.split_once("[[rewards]]").expect("rewards");
    let (rewards, _) = rest.split_once("# Members may send").expect("what follows them");
    let plain = bundle_tests::sample_with(folder.path(), &format!("[[rewards]]{rewards}"), "");
    println!("{MEMBERS} members with {PURCHASES} purchases each:");
    // A reward that is given with a tier stands in the account until it is used.
    for (said, program) in [
        ("nothing but points and tiers", plain),
        ("the sample's rewards", "program".into()),
    ] {
        let units = play(folder.path(), &program);
        let names = ["members_write_per_purchase", "write_per_purchase_with_activity"];
        for (name, target) in names.into_iter().zip(TARGETS) {
            let units = units[name].as_f64().expect("a number");
            let verdict = if units <= target { "met" } else { "MISSED" };
            println!("  {said:28}  {name:34} {units:.3}   target {target:.2}   {verdict}");
        }
    }
}

/// The units of a run by a programme.
fn play(folder: &Path, program: &Path) -> Value {
    let (orders, report) = (folder.join("orders.csv"), folder.join("report.json"));
    std::fs::write(&orders, history()).expect("the orders");
    let played = Command::new(bundle_tests::binaries().join("regulars"))
        .args(["--exit", "--port", "0", "--orders"])
        .arg(&orders)
        .arg("--program")
        .arg(program)
        .arg("--report")
        .arg(&report)
        .current_dir(bundle_tests::root())
        .output()
        .expect("the bundle");
    assert!(played.status.success(), "{}", String::from_utf8_lossy(&played.stderr));
    let report: Value = serde_json::from_slice(&std::fs::read(&report).expect("the report")).expect("JSON");
    assert_eq!(report["purchases"], MEMBERS * PURCHASES);
    report["units"].clone()
}

/// A purchase a week, each member's on another day.
fn history() -> String {
    let mut orders = String::from("order_id,member_id,ordered_at,amount,currency\n");
    for number in 0..MEMBERS * PURCHASES {
        let (week, member) = (number / MEMBERS, number % MEMBERS);
        let day = date(1997, 1, 6) + (week * 7 + member % 7).days();
        let cents = 1_000 + (number * 7_919) % 5_000;
        let amount = format!("{}.{:02}", cents / 100, cents % 100);
        writeln!(orders, "o-{number:05},m-{member:04},{day},{amount},USD").expect("a string");
    }
    orders
}
