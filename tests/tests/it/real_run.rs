//! The real purchases through the real binaries, judged by a second fold over the same file that shares nothing with
//! the ledger.

use std::collections::BTreeMap;
use std::process::Command;

use bundle_tests::{binaries, root};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use regulars::play::habits::{self, ReturnedPart, Then};
use serde_json::Value;

use crate::second_fold::{Did, END, Expected, Fold};

const ZONE: &str = "America/New_York";

#[test]
fn the_real_run_agrees_with_a_second_fold_member_by_member() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    let run = Command::new(binaries().join("regulars"))
        .args(["--exit", "--port", "0", "--report"])
        .arg(&report)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let report: Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();

    let zone = TimeZone::get(ZONE).unwrap();
    let members = deeds(&zone);
    let found = report["by_member"].as_object().unwrap();
    assert_eq!((found.len(), members.len()), (2357, 2357));
    let mut all = Expected::default();
    let mut tiers = [0_u64; 3];
    for (member, mut did) in members {
        did.sort_by_key(|(at, _)| *at);
        let did: Vec<(Date, Did)> = did
            .into_iter()
            .map(|(at, did)| (zone.to_datetime(at).date(), did))
            .filter(|(day, _)| *day < END)
            .collect();
        let expected = Fold::of(&did);
        let number = |name: &str| found[&member][name].as_i64().unwrap();
        let tier = ["Listener", "Collector", "Virtuoso"]
            .iter()
            .position(|name| found[&member]["tier"] == *name)
            .unwrap();
        let found = Expected {
            earned: number("earned"),
            spent: number("spent"),
            expired: number("expired"),
            returned: number("returned"),
            outstanding: number("outstanding"),
            lapsing: expected.lapsing.clone(),
            tier,
        };
        assert_eq!(found, expected, "member {member}: {did:?}");
        all.earned += expected.earned;
        all.spent += expected.spent;
        all.expired += expected.expired;
        all.returned += expected.returned;
        all.outstanding += expected.outstanding;
        for (month, points) in expected.lapsing {
            *all.lapsing.entry(month).or_default() += points;
        }
        tiers[tier] += 1;
    }
    println!(
        "2,357 members agree: {} earned, {} spent, {} taken back, {} lapsed, {} outstanding",
        all.earned, all.spent, all.returned, all.expired, all.outstanding
    );
    assert_eq!(report["points"]["spent"].as_i64(), Some(all.spent));
    assert_eq!(report["points"]["returned"].as_i64(), Some(all.returned));
    assert!(all.spent > 1_000 && all.returned > 1_000, "{all:?}");
    assert_eq!(report["points"]["earned"].as_i64(), Some(all.earned));
    assert_eq!(report["points"]["expired"].as_i64(), Some(all.expired));
    assert_eq!(report["points"]["outstanding"].as_i64(), Some(all.outstanding));
    let lapsing: BTreeMap<String, i64> = all
        .lapsing
        .iter()
        .filter(|(_, points)| **points > 0)
        .map(|(month, points)| {
            (
                format!(
                    "{:04}-{:02}",
                    (month - 1).div_euclid(12),
                    (month - 1).rem_euclid(12) + 1
                ),
                *points,
            )
        })
        .collect();
    assert_eq!(report["points"]["lapsing"], serde_json::json!(lapsing));
    assert_eq!(lapsing.values().sum::<i64>(), all.outstanding);
    assert_eq!(
        report["tiers"],
        serde_json::json!({"Listener": tiers[0], "Collector": tiers[1], "Virtuoso": tiers[2]})
    );

    agrees_with_a_simulation(&report);

    // What the run shows besides: the budgets that are counts, and messages of every kind.
    let per_purchase = report["units"]["members_write_per_purchase"].as_f64().unwrap();
    let per_activity = report["units"]["members_write_per_activity"].as_f64().unwrap();
    println!(
        "write units on Members: {per_activity:.3} an activity; {per_purchase:.3} a purchase, with all that is none"
    );
    assert!(per_activity <= 1.25, "{per_activity}");
    assert_eq!(report["given_up"], 0);
    for state in ["sent", "deferred", "suppressed"] {
        assert!(report["messages"][state].as_u64().unwrap() > 1000, "{state}");
    }
    assert_eq!(report["messages"]["unknown"], 0);
    assert_eq!(report["messages"]["by_kind"].as_object().unwrap().len(), 12);
    // Some of those who reply stop what is sent to them, and hear of that alone.
    let replies = &report["replies"];
    let of = |name: &str| replies[name].as_u64().unwrap();
    assert!(
        of("members") > 15 && of("all") > of("members") && of("answers") > 15,
        "{replies}"
    );
    for came in ["stopped", "asked", "resumed", "helped", "nothing"] {
        assert!(replies["came"][came].as_u64().unwrap() > 0, "{came}: {replies}");
    }
    let stopped = &report["messages"]["suppressed_by_reason"]["stopped-by-member"];
    assert!(stopped.as_u64().unwrap() > 50, "{stopped}");
    for reward in ["tote-bag", "download"] {
        assert!(report["rewards"][reward]["taken"].as_u64().unwrap() > 10, "{reward}");
    }
}

/// A simulation of the same orders comes to the same sums.
fn agrees_with_a_simulation(report: &Value) {
    let run = Command::new(binaries().join("regulars"))
        .args(["simulate", "--json"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let simulated: Value = serde_json::from_slice(&run.stdout).unwrap();
    for (ours, theirs) in [
        ("issued", "earned"),
        ("returned", "returned"),
        ("spent", "spent"),
        ("expired", "expired"),
    ] {
        assert_eq!(simulated["points"][ours], report["points"][theirs], "{theirs}");
    }
    assert_eq!(simulated["points"]["outstanding"], report["points"]["outstanding"]);
    assert_eq!(simulated["liability"]["points"]["lapsing"], report["points"]["lapsing"]);
    for sum in ["members", "purchases", "orders"] {
        assert_eq!(simulated[sum], report[sum], "{sum}");
    }
    let refused: u64 = simulated["refused"]
        .as_object()
        .unwrap()
        .values()
        .map(|count| count.as_u64().unwrap())
        .sum();
    assert_eq!(report["refused"]["count"].as_u64(), Some(refused));
    let last = simulated["months"].as_array().unwrap().last().unwrap();
    for tier in last["tiers"].as_array().unwrap() {
        assert_eq!(report["tiers"][tier[0].as_str().unwrap()], tier[1], "{tier}");
    }
    let messages = &report["messages"];
    assert_eq!(simulated["messages"]["all"]["messages"], messages["sent"]);
    assert_eq!(simulated["messages"]["all"]["parts"], report["sms_parts"]);
    assert_eq!(simulated["messages"]["deferred"], messages["deferred"]);
    assert_eq!(simulated["messages"]["suppressed"], messages["suppressed_by_reason"]);
    assert_eq!(simulated["replies"], report["replies"]);
    // Counted by what happens, where the run is metered.
    let units = |of: &Value, name: &str| of[name].as_f64().unwrap();
    let (estimated, metered) = (
        units(&simulated["aws"], "write_units"),
        units(&report["units"]["total"], "write"),
    );
    println!("write units: {estimated} estimated, {metered} metered");
    assert!((estimated / metered - 1.0).abs() < 0.1, "{estimated} {metered}");
    let (estimated, metered) = (
        units(&simulated["aws"], "read_units"),
        units(&report["units"]["total"], "read") - units(&report["units"], "switches_read"),
    );
    println!("read units: {estimated} estimated, {metered} metered");
    assert!((estimated / metered - 1.0).abs() < 0.15, "{estimated} {metered}");
}

/// What every member does, in order of time. Cents are read here anew; the time of day of an order without one, the
/// payments with points and the returns are the player's.
fn deeds(zone: &TimeZone) -> BTreeMap<String, Vec<(Timestamp, Did)>> {
    let path = root().join("data/cdnow-sample-orders.csv");
    let played = regulars::play::orders::read(&path, zone, bundle_tests::at("2026-01-01T00:00:00Z")).unwrap();
    let instants: BTreeMap<&str, Timestamp> = played
        .orders
        .iter()
        .map(|order| (order.id.as_str(), order.at))
        .collect();
    let mut members: BTreeMap<String, Vec<(Timestamp, Did)>> = BTreeMap::new();
    let mut paid: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut rows = csv::Reader::from_path(&path).unwrap();
    for row in rows.records() {
        // order_id, member_id, ordered_at, amount with two decimals, currency, quantity
        let row = row.unwrap();
        let (order, cents) = (row[0].to_owned(), row[3].replace('.', "").parse().unwrap());
        paid.insert(order.clone(), (cents, row[5].parse().unwrap()));
        let at = instants[&row[0]];
        assert_eq!(
            zone.to_datetime(at).date().to_string(),
            row[2],
            "an order was moved to another day"
        );
        let did = members.entry(row[1].to_owned()).or_default();
        did.push((at, Did::Buy { order, cents }));
    }
    assert_eq!(paid.len(), 6919);
    for payment in habits::payments(&played.orders) {
        let (order, points) = (payment.order.id.clone(), payment.points);
        let did = members.get_mut(&payment.order.member).unwrap();
        did.push((payment.at, Did::Pay { order, points }));
    }
    for claimed in habits::claims(&played.orders) {
        let prices = match claimed.reward {
            "tote-bag" => [60, 60, 45],
            "download" => [20; 3],
            other => panic!("no price of {other} is written here"),
        };
        let (id, did) = (
            claimed.order.id.clone(),
            members.get_mut(&claimed.order.member).unwrap(),
        );
        did.push((claimed.at, Did::Claim { id: id.clone(), prices }));
        match claimed.then {
            Some((Then::Cancelled, at)) => did.push((at, Did::GiveBack { id })),
            Some((Then::Refunded, at)) => did.push((at + jiff::SignedDuration::from_hours(24), Did::GiveBack { id })),
            Some((Then::Fulfilled, _)) | None => {}
        }
    }
    for back in habits::returns(&played.orders) {
        let (cents, quantity) = paid[&back.order.id];
        let cents = match back.part {
            ReturnedPart::Whole => cents,
            ReturnedPart::Item => cents / quantity,
            ReturnedPart::Amount(amount) => amount.replace('.', "").parse().unwrap(),
        };
        let (order, did) = (back.order.id.clone(), members.get_mut(&back.order.member).unwrap());
        did.push((back.at, Did::Return { order, cents }));
    }
    members
}
