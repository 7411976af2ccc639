//! The most that may be earned or spent.

use ledger::Part;

use super::*;
use crate::support::{MAIN, dollars, redeem_on, refund};

/// The sample programme with limits, each as its lines without the heading.
fn limited(limits: &[&str]) -> Programme {
    let limits: String = limits.iter().map(|limit| format!("[[limits]]\n{limit}\n\n")).collect();
    sample(&[("[tiers]\n", &format!("{limits}[tiers]\n"))])
}

fn noon(day: &str) -> String {
    format!("{day}T17:00:00Z")
}

fn earned(member: &Member) -> i64 {
    member.account().totals(MAIN).earned.get()
}

#[test]
fn earning_is_capped_in_each_time_and_begins_anew_with_the_next() {
    for (per, first, same, next) in [
        ("day", "1997-03-02", "1997-03-02", "1997-03-03"),
        // A Sunday, and the Monday after it.
        ("week", "1997-02-24", "1997-03-02", "1997-03-03"),
        ("month", "1997-03-01", "1997-03-31", "1997-04-01"),
        ("year", "1997-01-02", "1997-12-31", "1998-01-01"),
    ] {
        let programme = limited(&[&format!("on = \"earn\"\nper = {per:?}\npoints = 100")]);
        let mut member = ana(&programme);
        buy(&mut member, &programme, "purchase#1", &noon(first), "70.00");
        buy(&mut member, &programme, "purchase#2", &noon(same), "70.00");
        assert_eq!(earned(&member), 100, "{per}");
        // A third is taken and earns nothing.
        buy(&mut member, &programme, "purchase#3", &noon(same), "70.00");
        assert_eq!(earned(&member), 100, "{per}");
        buy(&mut member, &programme, "purchase#4", &noon(next), "70.00");
        assert_eq!(earned(&member), 170, "{per}");
    }
}

#[test]
fn a_limit_that_refuses_takes_all_or_nothing_and_says_how_many_more_may_be() {
    let programme = limited(&["on = \"earn\"\nper = \"member\"\npoints = 100\nover = \"reject\""]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", &noon("1997-01-10"), "70.00");
    let before = member.clone();
    let refused = member
        .apply(&programme, &purchase("purchase#2", &noon("1999-01-10"), "31.00"))
        .unwrap_err();
    assert_eq!(refused.code(), "limit");
    assert_eq!(
        refused.to_string(),
        "100 points a member, ever, may be earned; 30 more may be"
    );
    assert_eq!(member.account, before.account);
    buy(&mut member, &programme, "purchase#3", &noon("1999-01-10"), "30.00");
    assert_eq!(earned(&member), 100);
}

#[test]
fn one_purchase_and_what_a_member_has_are_limited_too() {
    let programme = limited(&[
        "on = \"earn\"\nper = \"activity\"\npoints = 50",
        "on = \"earn\"\nper = \"balance\"\npoints = 80",
    ]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", &noon("1997-01-10"), "70.00");
    assert_eq!(earned(&member), 50);
    buy(&mut member, &programme, "purchase#2", &noon("1997-01-10"), "70.00");
    assert_eq!(earned(&member), 80);
    spend(&mut member, &programme, "redeem#1", &noon("1997-01-11"), 20);
    buy(&mut member, &programme, "purchase#3", &noon("1997-01-12"), "70.00");
    assert_eq!(balance(&member, &programme, &noon("1997-01-12")), 80);
    // What has lapsed leaves room.
    buy(&mut member, &programme, "purchase#4", &noon("1998-02-01"), "70.00");
    assert_eq!(balance(&member, &programme, &noon("1998-02-01")), 50);
}

#[test]
fn a_late_purchase_counts_in_the_time_it_arrives_in() {
    let programme = limited(&["on = \"earn\"\nper = \"month\"\npoints = 100"]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", &noon("1997-01-10"), "100.00");
    let late = late_purchase("purchase#2", &noon("1997-01-11"), &noon("1997-02-03"), "60.00");
    member.apply(&programme, &late).unwrap();
    buy(&mut member, &programme, "purchase#3", &noon("1997-02-04"), "60.00");
    assert_eq!(earned(&member), 200);
}

#[test]
fn what_comes_back_is_counted_no_longer() {
    let programme = limited(&[
        "on = \"earn\"\nper = \"month\"\npoints = 100",
        "on = \"spend\"\nper = \"month\"\npoints = 40",
    ]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", &noon("1997-01-10"), "80.00");
    member
        .apply(
            &programme,
            &redeem_on("redeem#1", &noon("1997-01-11"), 40, "purchase#2"),
        )
        .unwrap();
    buy(&mut member, &programme, "purchase#2", &noon("1997-01-11"), "20.00");
    let over = member
        .apply(&programme, &redeem("redeem#2", &noon("1997-01-12"), 1))
        .unwrap_err();
    assert_eq!(over.to_string(), "40 points a month may be spent; 0 more may be");

    // Half of the order: half of what it earned and half of what was spent on it.
    let half = refund("refund#1", &noon("1997-01-13"), "purchase#2", dollars("10.00"));
    member.apply(&programme, &half).unwrap();
    spend(&mut member, &programme, "redeem#3", &noon("1997-01-14"), 20);
    buy(&mut member, &programme, "purchase#3", &noon("1997-01-14"), "50.00");
    assert_eq!(earned(&member) - member.account().totals(MAIN).returned.get(), 100);

    // A return in another month gives no room in that month.
    buy(&mut member, &programme, "purchase#4", &noon("1997-02-01"), "100.00");
    let whole = refund("refund#2", &noon("1997-02-02"), "purchase#1", Part::Whole);
    member.apply(&programme, &whole).unwrap();
    buy(&mut member, &programme, "purchase#5", &noon("1997-02-03"), "100.00");
    assert_eq!(earned(&member), 80 + 20 + 10 + 100);
}

#[test]
fn a_limit_on_the_balance_leaves_room_for_what_is_owed() {
    let limit = "[[limits]]\non = \"earn\"\nper = \"balance\"\npoints = 100\n\n[tiers]\n";
    let programme = sample(&[
        ("\n[tiers]\n", limit),
        ("claw-back = \"within-balance\"", "claw-back = \"unlimited\""),
        ("lowest = 0", "lowest = -500"),
    ]);
    let mut member = ana(&programme);
    let at = "1997-02-10T17:00:00Z";
    buy(&mut member, &programme, "purchase#1", at, "100.00");
    spend(&mut member, &programme, "redeem#1", at, 100);
    let back = crate::support::refund("refund#1", at, "purchase#1", ledger::Part::Whole);
    member.apply(&programme, &back).unwrap();
    buy(&mut member, &programme, "purchase#2", at, "149.00");
    assert_eq!(
        (balance(&member, &programme, at), member.account().owed(MAIN).get()),
        (49, 0)
    );
}
