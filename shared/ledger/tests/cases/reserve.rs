//! Points held for a checkout.

use ledger::Part;

use super::*;
use crate::support::{activity, refund};

fn act(member: &mut Member, programme: &Programme, id: &str, at: &str, fact: Fact) -> Result<(), Refusal> {
    member.apply(programme, &activity(id, instant(at), instant(at), fact))
}

fn reserve(points: i64, minutes: Option<u16>) -> Fact {
    Fact::Reserve {
        points: Points::new(points),
        wallet: None,
        order: Some("purchase#9".parse().unwrap()),
        minutes,
    }
}

fn commit(id: &str) -> Fact {
    Fact::Commit {
        reservation: id.parse().unwrap(),
    }
}

fn cancel(id: &str) -> Fact {
    Fact::Cancel {
        reservation: id.parse().unwrap(),
    }
}

/// A member with a hundred points, earned in January 1997: they can be spent to the end of January 1998.
fn with_hundred(programme: &Programme) -> Member {
    let mut member = ana(programme);
    buy(&mut member, programme, "purchase#1", "1997-01-10T17:00:00Z", "100.00");
    member
}

#[test]
fn held_points_cannot_be_spent_and_are_spent_by_the_commit() {
    let programme = sample(&[]);
    let mut member = with_hundred(&programme);
    let at = "1997-02-01T17:00:00Z";
    act(&mut member, &programme, "reserve#1", at, reserve(60, None)).unwrap();
    assert_eq!(balance(&member, &programme, at), 40);
    let refused = act(&mut member, &programme, "reserve#2", at, reserve(41, None)).unwrap_err();
    assert_eq!(refused.to_string(), "41 points cannot be spent of 40");
    act(&mut member, &programme, "commit#1", at, commit("reserve#1")).unwrap();
    assert_eq!(balance(&member, &programme, at), 40);
    assert_eq!(member.account().totals(MAIN).spent.get(), 60);
    // Neither twice, nor back.
    for fact in [commit("reserve#1"), cancel("reserve#1")] {
        let refused = act(&mut member, &programme, "again#1", at, fact).unwrap_err();
        assert_eq!(refused.code(), "no-reservation");
    }
}

#[test]
fn a_cancel_and_the_end_of_the_time_let_them_go_to_their_lots() {
    let programme = sample(&[]);
    let mut member = with_hundred(&programme);
    let before = lots(&member);
    let at = "1997-02-01T17:00:00Z";
    act(&mut member, &programme, "reserve#1", at, reserve(60, None)).unwrap();
    act(&mut member, &programme, "cancel#1", at, cancel("reserve#1")).unwrap();
    assert_eq!(lots(&member), before);

    act(&mut member, &programme, "reserve#2", at, reserve(60, Some(10))).unwrap();
    assert_eq!(balance(&member, &programme, "1997-02-01T17:09:59Z"), 40);
    // To the second, and with no write.
    assert_eq!(balance(&member, &programme, "1997-02-01T17:10:00Z"), 100);
    let late = act(
        &mut member,
        &programme,
        "commit#2",
        "1997-02-01T17:10:00Z",
        commit("reserve#2"),
    );
    assert_eq!(late.unwrap_err().code(), "no-reservation");
    assert_eq!(wake(&mut member, &programme, "1997-02-01T17:10:00Z"), ["end#reserve#2"]);
    assert_eq!(lots(&member), before);
}

#[test]
fn nobody_is_held_longer_than_the_programme_says() {
    let programme = sample(&[]);
    let mut member = with_hundred(&programme);
    act(
        &mut member,
        &programme,
        "reserve#1",
        "1997-02-01T17:00:00Z",
        reserve(60, Some(600)),
    )
    .unwrap();
    assert_eq!(balance(&member, &programme, "1997-02-01T17:30:00Z"), 100);
}

#[test]
fn what_is_held_over_its_last_day_can_be_committed_and_lapses_if_it_is_not() {
    let programme = sample(&[]);
    let (held, after) = ("1998-02-01T04:50:00Z", "1998-02-01T05:10:00Z");
    for committed in [true, false] {
        let mut member = with_hundred(&programme);
        act(&mut member, &programme, "reserve#1", held, reserve(60, Some(30))).unwrap();
        // Midnight in New York: the rest lapses.
        wake(&mut member, &programme, "1998-02-01T05:00:00Z");
        assert_eq!(member.account().totals(MAIN).expired.get(), 40);
        let fact = if committed {
            commit("reserve#1")
        } else {
            cancel("reserve#1")
        };
        act(&mut member, &programme, "end#1", after, fact).unwrap();
        let totals = member.account().totals(MAIN);
        let expected = if committed { (60, 40) } else { (0, 100) };
        assert_eq!((totals.spent.get(), totals.expired.get()), expected);
        assert_eq!(ledger::audit(&programme, &member.pages, member.account()), []);
    }
}

#[test]
fn points_committed_for_an_order_come_back_with_it() {
    let programme = sample(&[]);
    let mut member = with_hundred(&programme);
    let before = lots(&member);
    let at = "1997-02-01T17:00:00Z";
    act(&mut member, &programme, "reserve#1", at, reserve(60, None)).unwrap();
    buy(&mut member, &programme, "purchase#9", at, "0.50");
    act(&mut member, &programme, "commit#1", at, commit("reserve#1")).unwrap();
    let back = refund("refund#1", "1997-02-05T17:00:00Z", "purchase#9", Part::Whole);
    member.apply(&programme, &back).unwrap();
    assert_eq!(lots(&member), before);
}

#[test]
fn a_member_has_twenty_reservations_at_most() {
    let programme = sample(&[]);
    let mut member = with_hundred(&programme);
    let at = "1997-02-01T17:00:00Z";
    for place in 0..20 {
        act(
            &mut member,
            &programme,
            &format!("reserve#{place}"),
            at,
            reserve(1, None),
        )
        .unwrap();
    }
    let refused = act(&mut member, &programme, "reserve#20", at, reserve(1, None)).unwrap_err();
    assert_eq!(refused.code(), "too-many-reservations");
    assert!(member.account().encode().unwrap().len() < 4_096);
}
