//! What an order that comes back does to the tier.

use super::returns::give_back;
use super::*;
use ledger::Part;

#[test]
fn a_tier_older_than_the_order_stays_and_one_that_others_deserve_too() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "160.00",
    );
    buy(
        &mut member,
        &programme,
        "purchase#2",
        "1997-02-10T12:00:00-05:00",
        "10.00",
    );
    give_back(
        &mut member,
        &programme,
        "refund#1",
        "1997-02-12T12:00:00-05:00",
        "purchase#2",
        Part::Whole,
    );
    assert_eq!(member.account().tier(), 1, "it was reached before");
    buy(
        &mut member,
        &programme,
        "purchase#3",
        "1997-03-10T12:00:00-05:00",
        "150.00",
    );
    give_back(
        &mut member,
        &programme,
        "refund#2",
        "1997-03-12T12:00:00-05:00",
        "purchase#1",
        Part::Whole,
    );
    assert_eq!(member.account().tier(), 1, "187 points would have reached it");
    assert_eq!(member.account().review(), Some(date(1998, 3, 10)), "later");
    give_back(
        &mut member,
        &programme,
        "refund#3",
        "1997-03-13T12:00:00-05:00",
        "purchase#3",
        Part::Whole,
    );
    assert_eq!((member.account().tier(), member.account().review()), (0, None));
}

#[test]
fn a_tier_that_has_become_dearer_is_not_lost_with_an_order_that_had_no_part_in_it() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "160.00",
    );
    let dearer = sample(&[("from = 150", "from = 400")]);
    buy(&mut member, &dearer, "purchase#2", "1997-02-10T12:00:00-05:00", "10.00");
    give_back(
        &mut member,
        &dearer,
        "refund#1",
        "1997-02-12T12:00:00-05:00",
        "purchase#2",
        Part::Whole,
    );
    assert_eq!(member.account().tier(), 1, "its review decides");
}

#[test]
fn a_higher_tier_falls_back_to_the_one_before_with_its_review() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "160.00",
    );
    buy(
        &mut member,
        &programme,
        "purchase#2",
        "1997-06-10T12:00:00-05:00",
        "400.00",
    );
    assert_eq!(member.account().review(), Some(date(1998, 6, 10)));
    give_back(
        &mut member,
        &programme,
        "refund#1",
        "1997-06-20T12:00:00-05:00",
        "purchase#2",
        Part::Whole,
    );
    assert_eq!(
        (member.account().tier(), member.account().review()),
        (1, Some(date(1998, 1, 10)))
    );
    assert!(member.account().alarm() <= instant("1998-01-10T00:00:00-05:00"));
}

#[test]
fn a_review_that_was_due_meanwhile_counts_the_months_before_its_own_day() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    for (id, at, amount) in [
        ("purchase#1", "1997-01-10T12:00:00-05:00", "160.00"),
        ("purchase#2", "1997-12-10T12:00:00-05:00", "400.00"),
        // By now the window begins after January 1997, and the tier of that month is no longer asked for.
        ("purchase#3", "1998-03-10T12:00:00-05:00", "2.00"),
    ] {
        buy(&mut member, &programme, id, at, amount);
    }
    let now = "1998-03-11T12:00:00-05:00";
    give_back(&mut member, &programme, "refund#1", now, "purchase#2", Part::Whole);
    // Without it, the review of 10 January 1998 would have kept the first tier.
    assert_eq!(
        (member.account().tier(), member.account().review()),
        (1, Some(date(1999, 1, 10)))
    );
}
