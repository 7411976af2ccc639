//! Points that wait before they can be spent.

use ledger::{Part, Pending};

use super::*;
use crate::support::{MAIN, dollars, refund};

fn waiting(pending: &str) -> Programme {
    let rate = "points-per-unit = \"1\"";
    sample(&[(rate, &format!("{rate}\npending = {{ {pending} }}"))])
}

fn release(id: &str, at: &str, order: &str) -> ledger::Activity {
    let fact = Fact::Release {
        order: order.parse().unwrap(),
    };
    activity(id, instant(at), instant(at), fact)
}

/// From when so many points can be spent, as a newcomer reads it.
fn pending(member: &Member) -> Vec<(String, i64)> {
    let all = member.account().pending(MAIN).iter();
    all.map(|Pending { until, points, .. }| (until.date().to_string(), points.get()))
        .collect()
}

#[test]
fn points_wait_as_the_programme_says() {
    for (rule, bought, until) in [
        ("days = 14", "1997-01-10", "1997-01-24"),
        ("days = 1", "1997-02-28", "1997-03-01"),
        ("days = 14, round-up-to = \"month\"", "1997-01-10", "1997-02-01"),
        ("days = 14, round-up-to = \"month\"", "1997-01-18", "1997-02-01"),
        ("days = 14, round-up-to = \"month\"", "1997-01-19", "1997-03-01"),
        ("days = 0, round-up-to = \"quarter\"", "1997-01-02", "1997-04-01"),
        ("days = 30, round-up-to = \"half-year\"", "1997-06-05", "1998-01-01"),
        ("days = 30, round-up-to = \"half-year\"", "1997-05-05", "1997-07-01"),
        ("on = [\"07-01\", \"01-01\"]", "1997-06-30", "1997-07-01"),
        ("on = [\"07-01\", \"01-01\"]", "1997-07-01", "1998-01-01"),
        ("released-within-days = 60", "1997-01-10", "1997-03-11"),
    ] {
        let programme = waiting(rule);
        let mut member = ana(&programme);
        let at = format!("{bought}T12:00:00-05:00");
        buy(&mut member, &programme, "purchase#1", &at, "30.00");
        assert_eq!(pending(&member), [(until.to_owned(), 30)], "{rule} from {bought}");
        assert_eq!(balance(&member, &programme, &at), 0);
        let start = format!("{until}T05:00:00Z");
        assert_eq!(balance(&member, &programme, &start), 30, "without a write");
        // What was bought so long ago that its wait is over does not wait.
        let late = late_purchase("purchase#2", &at, &start, "12.00");
        member.apply(&programme, &late).unwrap();
        assert_eq!(balance(&member, &programme, &start), 42);
        assert_eq!(pending(&member), []);
    }
    // At once, where the programme names no wait, or one of no days.
    let programme = waiting("days = 0");
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "30.00",
    );
    assert_eq!(balance(&member, &programme, "1997-01-10T12:00:00-05:00"), 30);
}

#[test]
fn the_alarm_clock_ends_a_wait_at_its_midnight() {
    let programme = waiting("days = 14");
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "30.00",
    );
    buy(
        &mut member,
        &programme,
        "purchase#2",
        "1997-01-10T18:00:00-05:00",
        "12.00",
    );
    assert_eq!(member.account().alarm(), instant("1997-01-24T00:00:00-05:00"));
    assert_eq!(
        wake(&mut member, &programme, "1997-01-24T00:00:00-05:00"),
        ["unlock#1997-01-24"]
    );
    assert_eq!(lots(&member), [("1998-01-31".to_owned(), 42)]);
    assert_eq!(
        member.entries().pop().unwrap().happened(),
        instant("1997-01-24T00:00:00-05:00")
    );
}

#[test]
fn a_wait_that_is_over_is_booked_by_whoever_comes_first() {
    let programme = waiting("days = 14");
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "30.00",
    );
    let at = "1997-01-24T08:00:00-05:00";
    let refused = member.apply(&programme, &redeem("redeem#1", at, 31));
    assert!(matches!(refused, Err(Refusal::NotEnough { .. })), "{refused:?}");
    spend(&mut member, &programme, "redeem#2", at, 20);
    assert_eq!(member.causes()[2..], ["unlock#1997-01-24", "redeem#2"]);
    assert_eq!(wake(&mut member, &programme, at), [""; 0]);
}

#[test]
fn a_return_while_points_wait_touches_nothing_that_can_be_spent() {
    let pending_only = ("claw-back = \"within-balance\"", "claw-back = \"only-pending\"");
    let rate = "points-per-unit = \"1\"";
    let waits = format!("{rate}\npending = {{ days = 14 }}");
    let programme = sample(&[(rate, &waits), pending_only]);
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-02T12:00:00-05:00",
        "50.00",
    );
    buy(
        &mut member,
        &programme,
        "purchase#2",
        "1997-01-20T12:00:00-05:00",
        "120.00",
    );
    assert_eq!(member.account().tier(), 1, "they count at once");
    let part = refund("refund#1", "1997-01-22T12:00:00-05:00", "purchase#2", dollars("20.00"));
    member.apply(&programme, &part).unwrap();
    assert_eq!(pending(&member), [("1997-02-03".to_owned(), 100)]);
    let rest = refund("refund#2", "1997-01-23T12:00:00-05:00", "purchase#2", Part::Whole);
    member.apply(&programme, &rest).unwrap();
    assert_eq!((pending(&member), member.account().tier()), (Vec::new(), 0));
    assert_eq!(balance(&member, &programme, "1997-01-23T12:00:00-05:00"), 50);
    // The wait of the first is over: this policy leaves its points alone.
    let late = refund("refund#3", "1997-01-24T12:00:00-05:00", "purchase#1", Part::Whole);
    member.apply(&programme, &late).unwrap();
    assert_eq!(balance(&member, &programme, "1997-01-24T12:00:00-05:00"), 50);
}

#[test]
fn a_release_ends_the_wait_of_its_order_alone() {
    let programme = waiting("released-within-days = 60");
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "30.00",
    );
    buy(
        &mut member,
        &programme,
        "purchase#2",
        "1997-01-10T12:00:00-05:00",
        "12.00",
    );
    let at = "1997-01-20T12:00:00-05:00";
    member
        .apply(&programme, &release("release#1", at, "purchase#1"))
        .unwrap();
    assert_eq!(lots(&member), [("1998-01-31".to_owned(), 30)]);
    assert_eq!(pending(&member), [("1997-03-11".to_owned(), 12)]);
    let again = release("release#2", at, "purchase#1");
    assert_eq!(member.apply(&programme, &again), Err(Refusal::NotPending));
    let unknown = release("release#3", at, "purchase#9");
    assert_eq!(member.apply(&programme, &unknown), Err(Refusal::UnknownOrder));
    // What was released is taken back like any other points.
    let back = refund("refund#1", at, "purchase#1", Part::Whole);
    member.apply(&programme, &back).unwrap();
    assert_eq!((lots(&member), pending(&member).len()), (Vec::new(), 1));
}

#[test]
fn points_whose_wait_is_over_pay_what_is_owed_even_where_they_would_have_lapsed_since() {
    let rate = "points-per-unit = \"1\"";
    let waits = format!("{rate}\npending = {{ days = 14 }}");
    let programme = sample(&[(rate, &waits), ("lowest = 0", "lowest = -100")]);
    let mut member = ana(&programme);
    let fact = Fact::Adjust {
        points: Points::new(-20),
        wallet: None,
        reason: "fraud".parse().unwrap(),
        actor: "clerk-7".parse().unwrap(),
    };
    let at = instant("1997-01-05T12:00:00-05:00");
    member.apply(&programme, &activity("adjust#1", at, at, fact)).unwrap();
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "30.00",
    );
    for at in ["1997-01-24T00:00:00-05:00", "1999-01-01T00:00:00-05:00"] {
        let mut member = member.clone();
        let before = balance(&member, &programme, at);
        wake(&mut member, &programme, at);
        assert_eq!(balance(&member, &programme, at), before);
        assert_eq!(member.account().owed(MAIN), Points::ZERO);
    }
    assert_eq!(balance(&member, &programme, "1999-01-01T00:00:00-05:00"), 0);
}
