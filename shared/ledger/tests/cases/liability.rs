//! What the programme owes, at an instant and without a write.

use ledger::{Coming, Day, Liability, Part, When};

use super::*;
use crate::support::refund;

fn owed_to(members: [&Member; 2], programme: &Programme, at: &str) -> Liability {
    let mut liability = Liability::default();
    for member in members {
        liability.add(member.account(), MAIN, programme, instant(at)).unwrap();
    }
    liability
}

/// Members with points, then points outstanding, reserved, pending and owed.
fn sums(liability: &Liability) -> (u64, [i64; 4]) {
    let Liability {
        members,
        outstanding,
        reserved,
        pending,
        owed,
        ..
    } = liability;
    (
        *members,
        [outstanding, reserved, pending, owed].map(|points| points.get()),
    )
}

/// When, and how many lapse and unlock.
fn coming(liability: &Liability, when: fn(Day) -> When, through: Option<Day>) -> Vec<(String, i64, i64)> {
    let coming = liability.coming(when, through).unwrap().into_iter();
    let row = |(when, coming): (When, Coming)| (when.to_string(), coming.lapsing.get(), coming.unlocking.get());
    coming.map(row).collect()
}

#[test]
fn waits_reservations_and_last_days_that_are_over_are_so_without_a_write() {
    let rate = "points-per-unit = \"1\"";
    let programme = sample(&[
        (rate, &format!("{rate}\npending = {{ days = 14 }}")),
        ("claw-back = \"within-balance\"", "claw-back = \"unlimited\""),
        ("lowest = 0", "lowest = \"any\""),
    ]);
    let (mut one, mut other) = (ana(&programme), ana(&programme));
    let bought = "1997-01-10T12:00:00-05:00";
    buy(&mut one, &programme, "purchase#1", bought, "30.00");
    buy(&mut other, &programme, "purchase#2", bought, "40.00");
    let row = |when: &str, lapsing, unlocking| (when.to_owned(), lapsing, unlocking);

    let owed = owed_to([&one, &other], &programme, "1997-01-24T04:59:59Z");
    assert_eq!(sums(&owed), (2, [0, 0, 70, 0]));
    assert_eq!(coming(&owed, When::day, None), [row("1997-01-24", 0, 70)]);
    let owed = owed_to([&one, &other], &programme, "1997-01-24T05:00:00Z");
    assert_eq!(sums(&owed), (2, [70, 0, 0, 0]));
    assert_eq!(coming(&owed, When::month, None), [row("1998-01", 70, 0)]);
    let last_day = Day::of(date(1998, 1, 31));
    assert_eq!(coming(&owed, When::day, Some(last_day)), [row("1998-01-31", 70, 0)]);
    assert_eq!(coming(&owed, When::month, Some(last_day.plus(-1))), []);

    // Held for half an hour; and what was spent of an order that came back is owed.
    let held = Fact::Reserve {
        points: Points::new(10),
        wallet: None,
        order: None,
        minutes: None,
    };
    let at = instant("1997-01-25T17:00:00Z");
    one.apply(&programme, &activity("reserve#1", at, at, held)).unwrap();
    spend(&mut other, &programme, "redeem#1", "1997-01-25T16:00:00Z", 13);
    let back = refund("refund#1", "1997-01-25T17:00:00Z", "purchase#2", Part::Whole);
    other.apply(&programme, &back).unwrap();
    let owed = owed_to([&one, &other], &programme, "1997-01-25T17:29:59Z");
    assert_eq!(sums(&owed), (1, [20, 10, 0, 13]));
    let owed = owed_to([&one, &other], &programme, "1997-01-25T17:30:00Z");
    assert_eq!(sums(&owed), (1, [30, 0, 0, 13]));
    assert_eq!(coming(&owed, When::day, None), [row("1998-01-31", 30, 0)]);

    let owed = owed_to([&one, &other], &programme, "1998-02-01T05:00:00Z");
    assert_eq!(
        (sums(&owed), coming(&owed, When::day, None)),
        ((0, [0, 0, 0, 13]), vec![])
    );
}

#[test]
fn points_without_a_last_day_never_lapse_and_come_last() {
    let rate = "points-per-unit = \"1\"";
    let dated = sample(&[]);
    let endless = sample(&[(rate, &format!("{rate}\nlasts = \"forever\""))]);
    let mut member = ana(&dated);
    let at = "1997-01-10T12:00:00-05:00";
    buy(&mut member, &dated, "purchase#1", at, "30.00");
    buy(&mut member, &endless, "purchase#2", at, "12.00");
    let mut liability = Liability::default();
    liability.add(member.account(), MAIN, &dated, instant(at)).unwrap();
    let told = [("1998-01".to_owned(), 30, 0), ("never".to_owned(), 12, 0)];
    assert_eq!(coming(&liability, When::month, None), told);
    let end = Day::of(jiff::civil::Date::MAX);
    assert_eq!(coming(&liability, When::month, Some(end)), told[..1]);
}

#[test]
fn a_sum_that_does_not_fit_is_an_error() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    let at = instant("1997-01-10T17:00:00Z");
    let most = Fact::Adjust {
        points: Points::new(i64::MAX / 4),
        wallet: None,
        reason: "test".parse().unwrap(),
        actor: "test".parse().unwrap(),
    };
    member.apply(&programme, &activity("adjust#1", at, at, most)).unwrap();
    let mut liability = Liability::default();
    let mut add = || liability.add(member.account(), MAIN, &programme, at);
    for _ in 0..4 {
        add().unwrap();
    }
    assert!(add().is_err());
}
