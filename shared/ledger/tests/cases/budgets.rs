//! Budgets: what is left is granted, and no more, to whoever comes first.

use ledger::budget::{Left, granted_out_of_budgets};

use super::*;
use crate::support::{refund, whole_sample};

fn running(campaigns: &[&str]) -> Programme {
    let campaigns: String = campaigns
        .iter()
        .map(|campaign| format!("[[campaigns]]\n{campaign}\n\n"))
        .collect();
    let groups = "[campaign-groups]\nseason = \"best\"\n\n";
    whole_sample(&[("[transfers]\n", &format!("{groups}{campaigns}[transfers]\n"))])
}

fn left(programme: &Programme, name: &str, points: i64) -> Vec<Left> {
    let campaign = programme
        .campaigns
        .iter()
        .find(|campaign| campaign.name.as_str() == name);
    vec![Left {
        campaign: campaign.unwrap().name.id(),
        points: Points::new(points),
    }]
}

fn ana(programme: &Programme) -> Member {
    let mut member = Member::default();
    let signs_up = sign_up("1997-01-01T12:00:00Z", "America/New_York", None);
    member.apply_with(programme, &signs_up, &[]).unwrap();
    member
}

fn earned(member: &Member) -> i64 {
    member.account().totals(MAIN).earned.get()
}

/// What a purchase of 20 dollars earns where so much is left.
fn earns(programme: &Programme, budgets: &[Left]) -> i64 {
    let mut member = ana(programme);
    let bought = purchase("purchase#1", "1997-03-07T17:00:00Z", "20.00");
    member.apply_with(programme, &bought, budgets).unwrap();
    earned(&member)
}

#[test]
fn the_last_points_of_a_budget_are_granted_and_then_none() {
    let programme = running(&["name = \"double\"\nmultiply = \"2\"\npoints = 5\nbudget = 100"]);
    let of = |points| earns(&programme, &left(&programme, "double", points));
    assert_eq!(of(100), 45);
    assert_eq!(of(25), 45);
    // The factor comes first, and the points beside it get what it leaves.
    assert_eq!(of(23), 43);
    assert_eq!(of(7), 27);
    assert_eq!(of(0), 20);
    // What nobody read is not there.
    assert_eq!(earns(&programme, &[]), 20);
}

#[test]
fn who_gets_nothing_of_a_budget_gets_the_next_of_its_group() {
    let programme = running(&[
        "name = \"triple\"\nmultiply = \"3\"\ngroup = \"season\"\nbudget = 1000",
        "name = \"double\"\nmultiply = \"2\"\ngroup = \"season\"",
    ]);
    let of = |points| earns(&programme, &left(&programme, "triple", points));
    assert_eq!(of(40), 60);
    // Best is what grants most by what is left.
    assert_eq!(of(21), 41);
    assert_eq!(of(19), 40);
    assert_eq!(of(0), 40);
}

#[test]
fn a_budget_bounds_what_a_sign_up_a_code_and_a_segment_grant() {
    let programme = running(&[
        "name = \"hello\"\non = \"sign-up\"\npoints = 50\nbudget = 120",
        "name = \"poster\"\non = { code = \"SUMMER\" }\npoints = 30\nbudget = 40",
        "name = \"fans\"\non = { segment = \"fans\" }\npoints = 8\nbudget = 5",
    ]);
    let mut member = Member::default();
    let signs_up = sign_up("1997-01-01T12:00:00Z", "America/New_York", None);
    member
        .apply_with(&programme, &signs_up, &left(&programme, "hello", 20))
        .unwrap();
    assert_eq!(earned(&member), 20);
    let at = instant("1997-02-01T12:00:00Z");
    let code = |id: &str| {
        activity(
            id,
            at,
            at,
            Fact::Code {
                code: "summer".parse().unwrap(),
            },
        )
    };
    member
        .apply_with(&programme, &code("code#1"), &left(&programme, "poster", 10))
        .unwrap();
    assert_eq!(earned(&member), 30);
    // A code that grants nothing any more is not for the member.
    let refused = member.apply_with(&programme, &code("code#2"), &left(&programme, "poster", 0));
    assert_eq!(refused, Err(Refusal::CodeNotForMember));
    let segment = "fans".parse().unwrap();
    let fans = activity("segment#1", at, at, Fact::Segment { segment, inside: true });
    member
        .apply_with(&programme, &fans, &left(&programme, "fans", 5))
        .unwrap();
    assert_eq!(earned(&member), 35);
    let granted = granted_out_of_budgets(&programme, &member.entries());
    let granted: Vec<_> = granted
        .iter()
        .map(|(one, points)| (one.name.as_str(), points.get()))
        .collect();
    assert_eq!(granted, [("hello", 20), ("poster", 10), ("fans", 5)]);
}

#[test]
fn what_comes_back_is_not_granted_anew() {
    let programme = running(&["name = \"double\"\nmultiply = \"2\"\nbudget = 25"]);
    let mut member = ana(&programme);
    // The member draws on what the ledger itself says is left.
    let bought = |id: &str, day: &str| purchase(id, &format!("1997-03-{day}T17:00:00Z"), "20.00");
    member.apply(&programme, &bought("purchase#1", "07")).unwrap();
    assert_eq!(earned(&member), 40);
    let back = refund("refund#1", "1997-03-08T17:00:00Z", "purchase#1", ledger::Part::Whole);
    member.apply(&programme, &back).unwrap();
    member.apply(&programme, &bought("purchase#2", "09")).unwrap();
    assert_eq!(earned(&member), 40 + 25);
    member.apply(&programme, &bought("purchase#3", "10")).unwrap();
    assert_eq!(earned(&member), 40 + 25 + 20);
}
