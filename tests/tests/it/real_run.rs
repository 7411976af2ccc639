//! The real purchases through the real binaries, judged by a second fold over the same file that shares nothing with
//! the ledger but the orders' instants.

use std::collections::BTreeMap;
use std::process::Command;

use bundle_tests::{binaries, root};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

/// The numbers of `program/`, written here once more.
const TIERS: [(i64, i64); 3] = [(0, 100), (150, 125), (500, 150)];
const ZONE: &str = "America/New_York";
/// The day after the last one played.
const END: Date = date(1998, 7, 1);

#[derive(Debug, Default, PartialEq, Eq)]
struct Expected {
    earned: i64,
    expired: i64,
    outstanding: i64,
    /// By the month in which they lapse.
    lapsing: BTreeMap<i32, i64>,
    tier: usize,
}

/// Months since year 0, to compare months.
fn month(day: Date) -> i32 {
    i32::from(day.year()) * 12 + i32::from(day.month())
}

/// What a member's purchases come to: each is an instant's day and cents, in order of time.
fn fold(purchases: &[(Date, i64)]) -> Expected {
    let reached = |earned: &[(Date, i64)], day: Date| {
        let window: i64 = earned
            .iter()
            .filter(|(earned, _)| month(*earned) >= month(day) - 12)
            .map(|(_, points)| points)
            .sum();
        TIERS.iter().rposition(|(from, _)| *from <= window).unwrap()
    };
    let (mut earned, mut tier, mut review) = (Vec::<(Date, i64)>::new(), 0, None::<Date>);
    let reviewed = |earned: &[(Date, i64)], tier: &mut usize, review: &mut Option<Date>, until: Date| {
        while let Some(day) = review.filter(|day| *day <= until) {
            *tier = reached(earned, day).min(*tier);
            *review = (*tier > 0).then(|| day.checked_add(12.months()).unwrap());
        }
    };
    for &(day, cents) in purchases {
        reviewed(&earned, &mut tier, &mut review, day);
        let points = cents * TIERS[tier].1 / 10_000;
        earned.push((day, points));
        let now = reached(&earned, day);
        if points > 0 && now > tier {
            (tier, review) = (now, Some(day.checked_add(12.months()).unwrap()));
        }
    }
    reviewed(&earned, &mut tier, &mut review, END);
    // Points of a month can be spent through the last day of that month a year later.
    let (lapsed, left): (Vec<_>, Vec<_>) = earned.iter().partition(|(day, _)| month(*day) + 12 < month(END));
    let sum = |points: &[(Date, i64)]| points.iter().map(|(_, points)| points).sum::<i64>();
    let mut lapsing = BTreeMap::new();
    for (day, points) in &left {
        *lapsing.entry(month(*day) + 12).or_default() += points;
    }
    Expected {
        earned: sum(&earned),
        expired: sum(&lapsed),
        outstanding: sum(&left),
        lapsing,
        tier,
    }
}

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
    let mut purchases: BTreeMap<String, Vec<(Timestamp, i64)>> = BTreeMap::new();
    for (order, member, cents) in orders() {
        purchases.entry(member).or_default().push((order, cents));
    }
    assert_eq!(
        (purchases.len(), purchases.values().map(Vec::len).sum::<usize>()),
        (2357, 6919)
    );
    let found = report["by_member"].as_object().unwrap();
    assert_eq!(found.len(), purchases.len());
    let mut all = Expected::default();
    let mut tiers = [0_u64; 3];
    for (member, mut bought) in purchases {
        bought.sort_by_key(|(at, _)| *at);
        let bought: Vec<(Date, i64)> = bought
            .into_iter()
            .map(|(at, cents)| (zone.to_datetime(at).date(), cents))
            .collect();
        let expected = fold(&bought);
        let number = |name: &str| found[&member][name].as_i64().unwrap();
        let tier = ["Listener", "Collector", "Virtuoso"]
            .iter()
            .position(|name| found[&member]["tier"] == *name)
            .unwrap();
        let found = Expected {
            earned: number("earned"),
            expired: number("expired"),
            outstanding: number("outstanding"),
            lapsing: expected.lapsing.clone(),
            tier,
        };
        assert_eq!(found, expected, "member {member}: {bought:?}");
        all.earned += expected.earned;
        all.expired += expected.expired;
        all.outstanding += expected.outstanding;
        for (month, points) in expected.lapsing {
            *all.lapsing.entry(month).or_default() += points;
        }
        tiers[tier] += 1;
    }
    println!(
        "2,357 members agree: {} earned, {} lapsed, {} outstanding",
        all.earned, all.expired, all.outstanding
    );
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

    // What the run shows besides: the budgets that are counts, and messages of every kind.
    let per_purchase = report["units"]["members_write_per_purchase"].as_f64().unwrap();
    println!("write units on Members per purchase: {per_purchase:.3}");
    assert!(per_purchase <= 1.25, "{per_purchase}");
    assert_eq!(report["given_up"], 0);
    for state in ["sent", "deferred", "suppressed"] {
        assert!(report["messages"][state].as_u64().unwrap() > 1000, "{state}");
    }
    assert_eq!(report["messages"]["unknown"], 0);
    assert_eq!(report["messages"]["by_kind"].as_object().unwrap().len(), 7);
}

/// Each order's instant, member and cents, read here anew; the time of day of an order without one is the player's.
fn orders() -> Vec<(Timestamp, String, i64)> {
    let path = root().join("data/cdnow-sample-orders.csv");
    let zone = TimeZone::get(ZONE).unwrap();
    let played = regulars::play::orders::read(&path, &zone, bundle_tests::at("2026-01-01T00:00:00Z")).unwrap();
    let instants: BTreeMap<String, Timestamp> = played.orders.into_iter().map(|order| (order.id, order.at)).collect();
    let mut rows = csv::Reader::from_path(&path).unwrap();
    rows.records()
        .map(|row| {
            let row = row.unwrap();
            // order_id, member_id, ordered_at, amount with two decimals
            let cents = row[3].replace('.', "").parse().unwrap();
            let at = instants[&row[0]];
            assert_eq!(
                zone.to_datetime(at).date().to_string(),
                row[2],
                "an order was moved to another day"
            );
            (at, row[1].to_owned(), cents)
        })
        .collect()
}
