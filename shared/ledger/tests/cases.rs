//! What the ledger does, case by case, in the words of the programme file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use jiff::civil::date;
use ledger::{Refusal, What};
use programme::{Points, Programme};

use support::{Member, activity, amount, instant, late_purchase, purchase, redeem, sample, sign_up};

/// A member in New York, joined at New Year's noon.
fn ana(programme: &Programme) -> Member {
    let mut member = Member::default();
    let sign_up = sign_up("1997-01-01T12:00:00-05:00", "America/New_York", Some("1970-05-01"));
    member.apply(programme, &sign_up).unwrap();
    member
}

fn buy(member: &mut Member, programme: &Programme, id: &str, at: &str, dollars: &str) {
    member.apply(programme, &purchase(id, at, dollars)).unwrap();
}

fn spend(member: &mut Member, programme: &Programme, id: &str, at: &str, points: i64) {
    member.apply(programme, &redeem(id, at, points)).unwrap();
}

fn balance(member: &Member, programme: &Programme, at: &str) -> i64 {
    member.account().balance(programme, instant(at)).get()
}

/// The lots as a newcomer reads them: last day and points.
fn lots(member: &Member) -> Vec<(String, i64)> {
    let lots = member.account().lots().iter();
    lots.map(|lot| (lot.last_day.date().to_string(), lot.points.get()))
        .collect()
}

/// Wakes at an instant; gives the causes that were booked.
fn wake(member: &mut Member, programme: &Programme, at: &str) -> Vec<String> {
    let before = member.entries().len();
    member.wake(programme, instant(at));
    member.causes().split_off(before)
}

fn last(member: &Member) -> What {
    member.entries().pop().unwrap().what
}

#[test]
fn points_that_lapse_first_are_spent_first() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    // 1 point for each full dollar; each month has its lot. The February purchase arrives before the January one.
    let february = purchase("b", "1997-02-10T12:00:00-05:00", "30.00");
    let january = late_purchase("a", "1997-01-10T12:00:00-05:00", "1997-02-20T12:00:00-05:00", "20.00");
    for bought in [february, january, purchase("c", "1997-02-21T12:00:00-05:00", "5.99")] {
        member.apply(&programme, &bought).unwrap();
    }
    assert_eq!(lots(&member), [("1998-01-31".into(), 20), ("1998-02-28".into(), 35)]);

    spend(&mut member, &programme, "r1", "1997-03-01T12:00:00-05:00", 15);
    assert_eq!(lots(&member), [("1998-01-31".into(), 5), ("1998-02-28".into(), 35)]);
    spend(&mut member, &programme, "r2", "1997-03-01T12:00:00-05:00", 10);
    assert_eq!(lots(&member), [("1998-02-28".into(), 30)]);
    let What::Redeemed { lots: from, .. } = last(&member) else {
        panic!()
    };
    let from: Vec<_> = from.iter().map(|(day, points)| (day.date(), points.get())).collect();
    assert_eq!(from, [(date(1998, 1, 31), 5), (date(1998, 2, 28), 5)]);

    // A lot that has lapsed is passed over, whether or not its expiry is booked.
    buy(&mut member, &programme, "d", "1997-03-02T12:00:00-05:00", "7.00");
    spend(&mut member, &programme, "r3", "1998-03-01T00:00:00-05:00", 7);
    assert_eq!(lots(&member), [("1998-02-28".into(), 30)]);
    assert_eq!(balance(&member, &programme, "1998-03-01T00:00:00-05:00"), 0);
}

#[test]
fn points_are_rounded_down_once_with_the_tiers_multiplier() {
    let programme = sample(&[]);
    for (paid, points) in [("0.00", 0), ("0.99", 0), ("1.00", 1), ("29.33", 29), ("149.99", 149)] {
        let mut member = ana(&programme);
        buy(&mut member, &programme, "a", "1997-01-02T12:00:00-05:00", paid);
        assert_eq!(
            balance(&member, &programme, "1997-01-02T12:00:00-05:00"),
            points,
            "{paid}"
        );
        assert_eq!(
            member.causes(),
            ["sign-up", "a"],
            "also a purchase of nothing is on the ledger"
        );
    }
}

#[test]
fn points_lapse_at_the_programmes_midnight_after_the_last_day_of_the_month() {
    // Earned on, then the last instant at which the points can be spent. New York is 5 hours behind UTC in winter and
    // 4 in summer; the last day of February is the 29th in a leap year.
    let cases = [
        (12, "1997-01-02T12:00:00-05:00", "1998-01-31T23:59:59-05:00"),
        // The month is New York's: this is still January there, although it is February in London.
        (12, "1997-02-01T04:59:59Z", "1998-02-01T04:59:59Z"),
        (12, "1997-02-01T05:00:00Z", "1998-03-01T04:59:59Z"),
        (12, "1999-02-15T12:00:00-05:00", "2000-02-29T23:59:59-05:00"),
        (12, "1996-02-29T12:00:00-05:00", "1997-02-28T23:59:59-05:00"),
        // Summer time begins on 5 April and ends on 25 October 1998; each side has its own offset.
        (1, "1998-03-31T23:59:59-05:00", "1998-05-01T03:59:59Z"),
        (1, "1998-02-28T12:00:00-05:00", "1998-04-01T04:59:59Z"),
        (1, "1998-09-30T23:59:59-04:00", "1998-11-01T04:59:59Z"),
        (1, "1998-08-31T12:00:00-04:00", "1998-10-01T03:59:59Z"),
    ];
    for (months, earned, spendable) in cases {
        let programme = sample(&[
            ("months = 12\nremind", &format!("months = {months}\nremind")),
            ("[30, 7, 1]", "[7]"),
        ]);
        let mut member = Member::default();
        let joins = sign_up("1996-01-01T00:00:00Z", "Asia/Shanghai", None);
        member.apply(&programme, &joins).unwrap();
        member.wake(&programme, instant(earned));
        buy(&mut member, &programme, "a", earned, "10.00");
        let after = instant(spendable) + jiff::SignedDuration::from_secs(1);
        assert_eq!(balance(&member, &programme, spendable), 10, "{earned}");
        assert_eq!(balance(&member, &programme, &after.to_string()), 0, "{earned}");

        // The expiry is booked at that midnight and not a second before.
        let count = |member: &Member| {
            member
                .causes()
                .iter()
                .filter(|cause| cause.starts_with("expiry#"))
                .count()
        };
        member.wake(&programme, instant(spendable));
        assert_eq!(count(&member), 0, "{earned}");
        member.wake(&programme, after);
        assert_eq!(count(&member), 1, "{earned}");
        let totals = member.account().totals();
        assert_eq!((totals.earned, totals.expired), (Points::new(10), Points::new(10)));
    }
}

#[test]
fn a_birthday_on_29_february_is_kept_on_the_day_the_programme_says() {
    for (leap_day, kept) in [("02-28", "1997-02-28"), ("03-01", "1997-03-01")] {
        let programme = sample(&[("leap-day = \"02-28\"", &format!("leap-day = \"{leap_day}\""))]);
        let mut member = Member::default();
        let joins = sign_up("1996-06-01T00:00:00Z", "Asia/Shanghai", Some("1972-02-29"));
        member.apply(&programme, &joins).unwrap();
        // At 10:00 in the member's own zone, 8 hours before UTC.
        assert!(wake(&mut member, &programme, &format!("{kept}T01:59:59Z")).is_empty());
        assert_eq!(
            wake(&mut member, &programme, &format!("{kept}T02:00:00Z")),
            ["birthday#1997"]
        );
        for year in 1998..2000 {
            let causes = wake(&mut member, &programme, &format!("{year}-03-02T00:00:00Z"));
            assert!(causes.contains(&format!("birthday#{year}")), "{causes:?}");
        }
        // A leap year has the day itself.
        assert!(
            wake(&mut member, &programme, "2000-02-29T01:59:59Z")
                .iter()
                .all(|cause| !cause.contains("birthday"))
        );
        assert_eq!(wake(&mut member, &programme, "2000-02-29T02:00:00Z"), ["birthday#2000"]);
    }
}

#[test]
fn who_joined_on_29_february_has_the_anniversary_on_the_28th_of_a_common_year() {
    let programme = sample(&[]);
    let mut member = Member::default();
    let joins = sign_up("1996-02-29T12:00:00-05:00", "America/New_York", None);
    member.apply(&programme, &joins).unwrap();
    assert_eq!(member.account().joined(), date(1996, 2, 29));
    // At 11:00 in the member's own zone.
    for (at, causes) in [
        ("1997-02-28T10:59:59-05:00", vec![]),
        ("1997-02-28T11:00:00-05:00", vec!["anniversary#1"]),
        ("1998-02-28T11:00:00-05:00", vec!["anniversary#2"]),
        ("1999-02-28T11:00:00-05:00", vec!["anniversary#3"]),
        ("2000-02-28T11:00:00-05:00", vec![]),
        ("2000-02-29T11:00:00-05:00", vec!["anniversary#4"]),
    ] {
        assert_eq!(wake(&mut member, &programme, at), causes, "{at}");
    }
}

#[test]
fn a_sign_up_that_arrives_years_later_has_no_past_to_catch_up_on() {
    let programme = sample(&[]);
    let mut member = Member::default();
    let mut joins = sign_up("1980-05-01T12:00:00-05:00", "America/New_York", Some("1970-05-01"));
    joins.received = instant("1997-04-30T12:00:00-04:00");
    member.apply(&programme, &joins).unwrap();
    let causes = wake(&mut member, &programme, "1997-05-01T12:00:00-04:00");
    assert_eq!(causes, ["birthday#1997", "anniversary#17"]);
}

/// The tiers are 0, 150 and 500 points with 1, 1.25 and 1.5 for a dollar.
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
fn a_late_purchase_is_dated_when_it_happened_and_decided_when_it_arrived() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    let late = late_purchase("a", "1997-01-31T23:00:00-05:00", "1997-04-02T09:00:00-05:00", "160.00");
    member.apply(&programme, &late).unwrap();
    assert_eq!(lots(&member), [("1998-01-31".into(), 160)]);
    let entries = member.entries();
    assert_eq!(
        (entries[1].at, entries[1].decided),
        (late.at.as_second(), late.received.as_second())
    );
    // The tier is reached on the day of the arrival, on points of the month in which they were earned.
    assert_eq!(
        (member.account().tier(), member.account().review()),
        (1, Some(date(1998, 4, 2)))
    );

    // Too old for the window, and lapsed: on the ledger, and worth nothing.
    let ancient = late_purchase("b", "1996-01-15T12:00:00-05:00", "1997-04-03T09:00:00-05:00", "900.00");
    member.apply(&programme, &ancient).unwrap();
    assert_eq!(
        (member.account().tier(), lots(&member)),
        (1, vec![("1998-01-31".into(), 160)])
    );
    assert_eq!(member.account().totals().expired, Points::new(1125));
    let entry = member.entries().pop().unwrap();
    assert_eq!(
        (entry.cause.as_str(), entry.happened()),
        ("b", instant("1997-02-01T00:00:00-05:00"))
    );

    // Points of a lot whose expiry was booked already: the lot does not come back to lapse a second time.
    member.wake(&programme, instant("1998-02-01T00:00:00-05:00"));
    let late = late_purchase("c", "1997-01-30T12:00:00-05:00", "1998-02-03T09:00:00-05:00", "10.00");
    member.apply(&programme, &late).unwrap();
    assert!(lots(&member).is_empty());
    assert_eq!(
        wake(&mut member, &programme, "1998-02-04T00:00:00-05:00"),
        Vec::<String>::new()
    );
    assert_eq!(member.account().totals().expired, Points::new(1125 + 160 + 12));
}

#[test]
fn reminders_come_at_their_hour_in_the_members_zone_and_merge_after_an_outage() {
    let programme = sample(&[]);
    let joined = || {
        let mut member = Member::default();
        let joins = sign_up("1997-01-01T12:00:00Z", "Asia/Shanghai", None);
        member.apply(&programme, &joins).unwrap();
        buy(&mut member, &programme, "a", "1997-01-10T12:00:00-05:00", "20.00");
        member.wake(&programme, instant("1998-01-01T12:00:00-05:00"));
        member
    };
    // 30, 7 and 1 days before 31 January, at 10:00 in Shanghai.
    let mut member = joined();
    let first = "reminder#1998-01-31#30";
    assert!(member.causes().contains(&first.to_owned()));
    for (at, causes) in [
        ("1998-01-24T01:59:59Z", vec![]),
        ("1998-01-24T02:00:00Z", vec!["reminder#1998-01-31#7"]),
        ("1998-01-30T02:00:00Z", vec!["reminder#1998-01-31#1"]),
        ("1998-02-01T05:00:00Z", vec!["expiry#1998-01-31"]),
    ] {
        assert_eq!(wake(&mut member, &programme, at), causes, "{at}");
    }
    // Two fell due in an outage: the later says all. Three: the points are gone, and a reminder would be untrue.
    assert_eq!(
        wake(&mut joined(), &programme, "1998-01-31T12:00:00Z"),
        ["reminder#1998-01-31#1"]
    );
    assert_eq!(
        wake(&mut joined(), &programme, "1998-02-02T12:00:00Z"),
        ["expiry#1998-01-31"]
    );
    // Who has spent the points is not reminded of them.
    let mut member = joined();
    spend(&mut member, &programme, "r", "1998-01-02T12:00:00-05:00", 20);
    assert_eq!(
        wake(&mut member, &programme, "1998-02-02T12:00:00Z"),
        Vec::<String>::new()
    );
}

#[test]
fn every_birthday_of_a_long_outage_is_booked_in_order_whatever_else_fell_due() {
    let programme = sample(&[("months = 12\nremind", "months = 30\nremind")]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "a", "1997-01-10T12:00:00-05:00", "20.00");
    let causes = wake(&mut member, &programme, "2000-01-15T12:00:00-05:00");
    let expected = [
        "birthday#1997",
        "anniversary#1",
        "birthday#1998",
        "anniversary#2",
        "birthday#1999",
        "expiry#1999-07-31",
        "anniversary#3",
    ];
    assert_eq!(causes, expected);
}

#[test]
fn a_reminder_is_not_made_up_for_points_that_arrive_after_its_time() {
    let programme = sample(&[("months = 12\nremind", "months = 1\nremind"), ("[30, 7, 1]", "[20]")]);
    let mut member = ana(&programme);
    // 20 days before 28 February is the 8th; the purchase of January arrives on the 9th.
    wake(&mut member, &programme, "1997-02-03T12:00:00-05:00");
    let late = late_purchase("a", "1997-01-31T12:00:00-05:00", "1997-02-09T12:00:00-05:00", "20.00");
    member.apply(&programme, &late).unwrap();
    assert!(wake(&mut member, &programme, "1997-02-09T12:00:00-05:00").is_empty());
    assert_eq!(
        wake(&mut member, &programme, "1997-03-01T00:00:00-05:00"),
        ["expiry#1997-02-28"]
    );
}

#[test]
fn what_is_refused_says_why_and_changes_nothing() {
    // That nothing changes is checked where every test applies its activities, in `Member::apply`.
    let programme = sample(&[]);
    let at = "1997-01-05T12:00:00-05:00";
    let mut nobody = Member::default();
    assert_eq!(
        nobody.apply(&programme, &purchase("a", at, "1.00")),
        Err(Refusal::UnknownMember)
    );

    let mut member = ana(&programme);
    buy(&mut member, &programme, "a", at, "20.00");
    let (wanted, balance) = (Points::new(21), Points::new(20));
    let now = instant(at);
    let day_and_second = now + jiff::SignedDuration::from_secs(86_401);
    let refused = [
        (sign_up(at, "UTC", None), Refusal::KnownMember),
        (activity("b", now, now, amount("1.00", "EUR")), Refusal::Currency("EUR")),
        (redeem("r", at, 21), Refusal::NotEnough { wanted, balance }),
        (redeem("r", at, 0), Refusal::Nothing(Points::ZERO)),
        (redeem("r", at, -5), Refusal::Nothing(Points::new(-5))),
        (
            activity("c", day_and_second, now, amount("1.00", "USD")),
            Refusal::Future {
                at: day_and_second,
                received: now,
            },
        ),
        // Decided when it arrives: by then, the points have lapsed.
        (
            activity("r", now, instant("1998-02-01T00:00:00-05:00"), redeem("r", at, 1).fact),
            Refusal::NotEnough {
                wanted: Points::new(1),
                balance: Points::ZERO,
            },
        ),
    ];
    for (activity, refusal) in refused {
        assert_eq!(member.apply(&programme, &activity), Err(refusal));
    }
    // A clock may be a day ahead, and the largest amount fits once.
    let ahead = activity(
        "d",
        now + jiff::SignedDuration::from_hours(24),
        now,
        amount("1.00", "USD"),
    );
    assert_eq!(member.apply(&programme, &ahead), Ok(()));
    let largest = purchase("e", at, "92233720368547758.07");
    assert_eq!(member.apply(&programme, &largest), Ok(()));
    let twice = sample(&[("points-per-unit = \"1\"", "points-per-unit = \"99.999\"")]);
    assert_eq!(
        member.apply(&twice, &purchase("f", at, "92233720368547758.07")),
        Err(Refusal::Overflow)
    );
}
