//! Tiers: reached at once, reviewed yearly.

use super::*;

#[test]
fn a_tier_is_reached_at_once_and_multiplies_from_the_next_purchase() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    let mut after = |id: &str, at: &str, dollars: &str| {
        buy(&mut member, &programme, id, at, dollars);
        (
            member.account().tier(),
            balance(&member, &programme, at),
            member.account().review(),
        )
    };
    assert_eq!(after("a", "1997-01-02T12:00:00-05:00", "149.99"), (0, 149, None));
    // The crossing purchase itself earns at the old rate; the review is a year away.
    assert_eq!(
        after("b", "1997-01-03T12:00:00-05:00", "100.00"),
        (1, 249, Some(date(1998, 1, 3)))
    );
    assert_eq!(
        after("c", "1997-01-04T12:00:00-05:00", "100.00"),
        (1, 374, Some(date(1998, 1, 3)))
    );
    // One purchase can pass over a tier's end; each rise starts a new year.
    assert_eq!(
        after("d", "1997-02-05T12:00:00-05:00", "100.80"),
        (2, 500, Some(date(1998, 2, 5)))
    );
    assert_eq!(
        after("e", "1997-02-05T12:00:01-05:00", "10.00"),
        (2, 515, Some(date(1998, 2, 5)))
    );
    assert_eq!(member.causes(), ["sign-up", "a", "b", "b", "c", "d", "d", "e"]);

    let mut member = ana(&programme);
    buy(&mut member, &programme, "a", "1997-01-02T12:00:00-05:00", "500.00");
    let risen = What::TierChanged {
        review: None,
        from: 0,
        to: 2,
        qualifying: Points::new(500),
    };
    assert_eq!((member.account().tier(), last(&member)), (2, risen));
}

#[test]
fn spending_points_leaves_the_tier() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "a", "1997-01-02T12:00:00-05:00", "150.00");
    spend(&mut member, &programme, "r", "1997-01-03T12:00:00-05:00", 150);
    assert_eq!(
        (
            member.account().tier(),
            balance(&member, &programme, "1997-01-03T12:00:00-05:00")
        ),
        (1, 0)
    );
    assert_eq!(
        wake(&mut member, &programme, "1998-01-02T00:00:00-05:00"),
        ["birthday#1997", "anniversary#1", "review#1998-01-02"]
    );
    assert_eq!(member.account().tier(), 1, "the window counts what was earned");
}

#[test]
fn a_review_keeps_the_tier_that_is_still_reached_and_lowers_the_rest() {
    // Reached the highest tier in January 1997. At the review, January 1998 and the twelve months before it count.
    let cases = [
        // (points earned in March 1997, tier after the review, review after that)
        ("0", 0, None),
        ("120.00", 1, Some(date(1999, 1, 10))),
        ("400.00", 2, Some(date(1999, 1, 10))),
    ];
    for (paid, tier, review) in cases {
        // Points of January 1997 count on 10 January 1998 still: the window is told in months.
        for (months, counts) in [("12", true), ("11", false)] {
            let programme = sample(&[("window-months = 12", &format!("window-months = {months}"))]);
            let mut member = ana(&programme);
            buy(&mut member, &programme, "a", "1997-01-10T12:00:00-05:00", "500.00");
            buy(&mut member, &programme, "b", "1997-03-10T12:00:00-05:00", paid);
            member.wake(&programme, instant("1998-01-09T23:59:59-05:00"));
            assert_eq!(member.account().tier(), 2);
            let booked = wake(&mut member, &programme, "1998-01-10T00:00:00-05:00");
            assert_eq!(booked, ["review#1998-01-10"]);
            let (tier, review) = if counts {
                (2, Some(date(1999, 1, 10)))
            } else {
                (tier, review)
            };
            assert_eq!(
                (member.account().tier(), member.account().review()),
                (tier, review),
                "{paid} {months}"
            );
        }
    }
}

#[test]
fn a_review_after_an_outage_counts_the_months_before_its_own_day() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    for (id, at) in [("a", "1997-01-10T12:00:00-05:00"), ("b", "1997-03-10T12:00:00-05:00")] {
        buy(&mut member, &programme, id, at, "160.00");
    }
    // The alarm clock stands still from January to May 1998; a purchase comes in before it goes again.
    // All three together would reach the highest tier; a review never raises.
    buy(&mut member, &programme, "c", "1998-05-10T12:00:00-04:00", "150.00");
    let causes = wake(&mut member, &programme, "1998-05-11T12:00:00-04:00");
    assert!(causes.contains(&"review#1998-01-10".to_owned()), "{causes:?}");
    assert_eq!(
        (member.account().tier(), member.account().review()),
        (1, Some(date(1999, 1, 10)))
    );
}

#[test]
fn who_will_lose_a_tier_hears_of_it_in_time_and_only_if_it_is_so() {
    let programme = sample(&[("notify-days-before = [30]", "notify-days-before = [30, 7]")]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "a", "1997-01-10T12:00:00-05:00", "160.00");
    buy(&mut member, &programme, "b", "1997-12-01T12:00:00-05:00", "40.00");
    // The review of 10 January 1998 counts from January 1997 on, so both are enough; a return changes that.
    let mut safe = member.clone();
    assert_eq!(wake(&mut safe, &programme, "1997-12-11T15:00:00Z"), ["birthday#1997"]);
    assert_eq!(ledger::at_risk(&programme, safe.account()), None);

    let back = crate::support::refund("refund#1", "1997-12-02T12:00:00-05:00", "b", ledger::Part::Whole);
    let half = crate::support::dollars("100.00");
    let part = crate::support::refund("refund#2", "1997-12-02T12:00:01-05:00", "a", half);
    member.apply(&programme, &back).unwrap();
    // Without the order that reached it the tier is lost at once, so this member reaches it again, and later loses it.
    member.apply(&programme, &part).unwrap();
    assert_eq!(member.account().tier(), 0);
    buy(&mut member, &programme, "c", "1997-12-03T12:00:00-05:00", "100.00");
    assert_eq!(
        (member.account().tier(), member.account().review()),
        (1, Some(date(1998, 12, 3)))
    );
    let progress = ledger::progress(&programme, member.account(), instant("1997-12-04T12:00:00-05:00"));
    assert_eq!(
        (progress.qualifying, progress.next),
        (Points::new(160), Some((2, Points::new(340))))
    );

    let causes = wake(&mut member, &programme, "1998-11-03T14:59:59Z");
    assert!(
        !causes.iter().any(|cause| cause.starts_with("tier-notice")),
        "{causes:?}"
    );
    let causes = wake(&mut member, &programme, "1998-11-03T15:00:00Z");
    assert_eq!(causes, ["tier-notice#1998-12-03#30"]);
    let told = What::TierAtRisk {
        tier: 1,
        to: 0,
        missing: Points::new(50),
        review: ledger::Day::of(date(1998, 12, 3)),
        days: 30,
    };
    assert_eq!(last(&member), told);
    // Who earns what was missing hears no more of it, and stays.
    buy(&mut member, &programme, "d", "1998-11-20T12:00:00-05:00", "40.00");
    let causes = wake(&mut member, &programme, "1998-12-04T00:00:00-05:00");
    assert_eq!(causes, ["reminder#1998-12-31#30", "review#1998-12-03"]);
    assert_eq!(member.account().tier(), 1);
}
