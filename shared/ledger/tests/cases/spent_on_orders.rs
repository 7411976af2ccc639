//! Points spent on an order come back with it, whatever became of the order and whenever they were spent.

use ledger::Part;

use super::*;
use crate::support::{dollars, redeem_on, refund};

fn pays(member: &mut Member, programme: &Programme, id: &str, at: &str, points: i64, order: &str) {
    member.apply(programme, &redeem_on(id, at, points, order)).unwrap();
}

fn is_sound(member: &Member, programme: &Programme) {
    assert_eq!(ledger::audit(programme, &member.pages, member.account()), []);
}

#[test]
fn an_order_that_was_refused_gives_back_what_was_spent_on_it() {
    let limit = "[[limits]]\non = \"earn\"\nper = \"day\"\npoints = 100\nover = \"reject\"\n\n[tiers]\n";
    let programme = sample(&[("\n[tiers]\n", limit)]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-01-10T17:00:00Z", "80.00");
    let at = "1997-02-10T17:00:00Z";
    pays(&mut member, &programme, "redeem#1", at, 50, "purchase#9");
    assert_eq!(
        member
            .apply(&programme, &purchase("purchase#9", at, "149.00"))
            .unwrap_err()
            .code(),
        "limit"
    );
    let part = member.apply(&programme, &refund("refund#0", at, "purchase#9", dollars("5.00")));
    assert_eq!(part.unwrap_err().code(), "unknown-order", "nothing was paid");
    member
        .apply(&programme, &refund("refund#1", at, "purchase#9", Part::Whole))
        .unwrap();
    assert_eq!(lots(&member), [("1998-01-31".to_owned(), 80)]);
    let again = member.apply(&programme, &refund("refund#2", at, "purchase#9", Part::Whole));
    assert_eq!(again.unwrap_err().code(), "returned-already");
    is_sound(&member, &programme);
}

#[test]
fn what_was_spent_on_an_order_after_it_came_back_comes_back_too() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    let at = "1997-01-10T17:00:00Z";
    buy(&mut member, &programme, "purchase#1", at, "80.00");
    buy(&mut member, &programme, "purchase#2", at, "10.00");
    member
        .apply(&programme, &refund("refund#1", at, "purchase#2", Part::Whole))
        .unwrap();
    pays(&mut member, &programme, "redeem#1", at, 50, "purchase#2");
    assert_eq!(balance(&member, &programme, at), 30);
    member
        .apply(&programme, &refund("refund#2", at, "purchase#2", Part::Whole))
        .unwrap();
    assert_eq!(balance(&member, &programme, at), 80);
    let again = member.apply(&programme, &refund("refund#3", at, "purchase#2", Part::Whole));
    assert_eq!(again.unwrap_err().code(), "returned-already");
    is_sound(&member, &programme);
}

#[test]
fn each_point_comes_back_to_its_own_lot_though_more_was_spent_between_two_returns() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-01-10T17:00:00Z", "100.00");
    let at = "1997-03-10T17:00:00Z";
    pays(&mut member, &programme, "redeem#1", at, 100, "purchase#2");
    buy(&mut member, &programme, "purchase#2", at, "40.00");
    member
        .apply(&programme, &refund("refund#1", at, "purchase#2", dollars("20.00")))
        .unwrap();
    assert_eq!(
        lots(&member),
        [("1998-01-31".to_owned(), 50), ("1998-03-31".to_owned(), 20)]
    );
    // All that is there now: what came back, and what the order earned.
    pays(&mut member, &programme, "redeem#2", at, 70, "purchase#2");
    member
        .apply(&programme, &refund("refund#2", at, "purchase#2", Part::Whole))
        .unwrap();
    assert_eq!(lots(&member), [("1998-01-31".to_owned(), 100)]);
    is_sound(&member, &programme);
}

#[test]
fn a_wait_ends_once_though_a_slower_clock_speaks_after_it() {
    let wait = (
        "points-per-unit = \"1\"\n",
        "points-per-unit = \"1\"\npending = { days = 1 }\n",
    );
    let programme = sample(&[wait]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-01-10T17:00:00Z", "80.00");
    member.wake(&programme, instant("1997-01-11T05:05:00Z"));
    assert_eq!(balance(&member, &programme, "1997-01-11T05:05:00Z"), 80);
    buy(&mut member, &programme, "purchase#2", "1997-01-11T04:50:00Z", "10.00");
    member.wake(&programme, instant("1997-01-11T06:00:00Z"));
    assert_eq!(balance(&member, &programme, "1997-01-11T06:00:00Z"), 90);
    is_sound(&member, &programme);
}
