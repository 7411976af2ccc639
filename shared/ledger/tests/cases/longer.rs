//! Points that last longer than the programme says.

use jiff::civil::Date;
use ledger::Part;

use super::*;
use crate::support::{activity, refund};

fn extend(through: Date) -> Fact {
    Fact::Extend {
        wallet: None,
        through,
        reason: "strike".parse().unwrap(),
        actor: "clerk-7".parse().unwrap(),
    }
}

fn reinstate(points: Option<i64>) -> Fact {
    Fact::Reinstate {
        points: points.map(Points::new),
        wallet: None,
        reason: "goodwill".parse().unwrap(),
        actor: "clerk-7".parse().unwrap(),
    }
}

fn act(member: &mut Member, programme: &Programme, id: &str, at: &str, fact: Fact) -> Result<(), Refusal> {
    member.apply(programme, &activity(id, instant(at), instant(at), fact))
}

/// Forty points to the end of January 1998, and thirty to the end of February.
fn with_two_lots(programme: &Programme) -> Member {
    let mut member = ana(programme);
    buy(&mut member, programme, "purchase#1", "1997-01-10T17:00:00Z", "40.00");
    buy(&mut member, programme, "purchase#2", "1997-02-10T17:00:00Z", "30.00");
    member
}

#[test]
fn an_extension_moves_what_would_lapse_before_its_day_and_says_from_where() {
    let programme = sample(&[]);
    let mut member = with_two_lots(&programme);
    let at = "1998-01-20T17:00:00Z";
    let too_soon = act(&mut member, &programme, "extend#1", at, extend(date(1998, 1, 31)));
    assert_eq!(too_soon.unwrap_err().code(), "nothing-to-extend");
    act(&mut member, &programme, "extend#2", at, extend(date(1998, 2, 28))).unwrap();
    assert_eq!(lots(&member), [("1998-02-28".to_owned(), 70)]);
    let What::Extended { lots: moved, .. } = last(&member) else {
        panic!("{:?}", last(&member));
    };
    assert_eq!(moved.len(), 1, "what lapses on that day is left alone");

    // Nothing lapses in January now; and the order's points are taken back from where they went.
    wake(&mut member, &programme, "1998-02-02T17:00:00Z");
    assert_eq!(balance(&member, &programme, "1998-02-02T17:00:00Z"), 70);
    let back = refund("refund#1", "1998-02-03T17:00:00Z", "purchase#1", Part::Whole);
    member.apply(&programme, &back).unwrap();
    assert_eq!(lots(&member), [("1998-02-28".to_owned(), 30)]);
    assert_eq!(ledger::audit(&programme, &member.pages, member.account()), []);
}

#[test]
fn an_order_that_came_after_an_extension_keeps_its_own_lot() {
    let programme = sample(&[]);
    let mut member = with_two_lots(&programme);
    act(
        &mut member,
        &programme,
        "extend#1",
        "1997-02-20T17:00:00Z",
        extend(date(1998, 3, 31)),
    )
    .unwrap();
    // Into the lot of February, from which all went; and another one that lapses before it.
    buy(&mut member, &programme, "purchase#3", "1997-02-25T17:00:00Z", "25.00");
    buy(&mut member, &programme, "purchase#4", "1997-01-31T17:00:00Z", "10.00");
    let back = refund("refund#1", "1997-03-01T17:00:00Z", "purchase#3", Part::Whole);
    member.apply(&programme, &back).unwrap();
    assert_eq!(
        lots(&member),
        [("1998-01-31".to_owned(), 10), ("1998-03-31".to_owned(), 70)]
    );
}

#[test]
fn an_extended_lot_that_lapsed_all_the_same_is_not_taken_a_second_time() {
    let programme = sample(&[]);
    let mut member = with_two_lots(&programme);
    act(
        &mut member,
        &programme,
        "extend#1",
        "1998-01-20T17:00:00Z",
        extend(date(1998, 2, 10)),
    )
    .unwrap();
    wake(&mut member, &programme, "1998-02-11T17:00:00Z");
    assert_eq!(balance(&member, &programme, "1998-02-11T17:00:00Z"), 30);
    let back = refund("refund#1", "1998-02-12T17:00:00Z", "purchase#1", Part::Whole);
    member.apply(&programme, &back).unwrap();
    assert_eq!(balance(&member, &programme, "1998-02-12T17:00:00Z"), 30);
}

#[test]
fn lapsed_points_come_back_within_the_programmes_days_and_once() {
    let programme = sample(&[("reinstate-within-days = 90", "reinstate-within-days = 20")]);
    let mut member = with_two_lots(&programme);
    wake(&mut member, &programme, "1998-03-01T17:00:00Z");
    assert_eq!(member.account().totals(MAIN).expired.get(), 70);
    // January's lapsed on 1 February, February's on 1 March.
    let at = "1998-03-10T17:00:00Z";
    let more = act(&mut member, &programme, "reinstate#1", at, reinstate(Some(31)));
    assert_eq!(
        more.unwrap_err().to_string(),
        "31 points cannot be brought back, for 30 have lapsed of late"
    );
    act(&mut member, &programme, "reinstate#2", at, reinstate(Some(10))).unwrap();
    act(&mut member, &programme, "reinstate#3", at, reinstate(None)).unwrap();
    assert_eq!(lots(&member), [("1999-03-31".to_owned(), 30)]);
    assert_eq!(member.account().totals(MAIN).expired.get(), 40);
    let again = act(&mut member, &programme, "reinstate#4", at, reinstate(None));
    assert_eq!(again.unwrap_err().code(), "not-lapsed");
    // With the order they were earned on, they go for good.
    let back = refund("refund#1", "1998-03-11T17:00:00Z", "purchase#2", Part::Whole);
    member.apply(&programme, &back).unwrap();
    assert_eq!(lots(&member), []);
    assert_eq!(ledger::audit(&programme, &member.pages, member.account()), []);

    let strict = sample(&[("reinstate-within-days = 90\n", "")]);
    let none = act(&mut member, &strict, "reinstate#5", at, reinstate(None));
    assert_eq!(none.unwrap_err().code(), "not-reinstated");
}
