//! Points: earned, spent, lapsed, refused.

use super::*;
use crate::support::MAIN;

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
            ("lasts = { months = 12", &format!("lasts = {{ months = {months}")),
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
        let totals = member.account().totals(MAIN);
        assert_eq!((totals.earned, totals.expired), (Points::new(10), Points::new(10)));
    }
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
    assert_eq!(member.account().totals(MAIN).expired, Points::new(1125));
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
    assert_eq!(member.account().totals(MAIN).expired, Points::new(1125 + 160 + 12));
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

#[test]
fn points_by_hand_are_dated_and_taken_like_others_name_who_and_why_and_count_for_no_tier() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    let by_hand = |id: &str, at: &str, points: i64| {
        let fact = Fact::Adjust {
            points: Points::new(points),
            wallet: None,
            reason: "goodwill".parse().unwrap(),
            actor: "clerk-7".parse().unwrap(),
        };
        activity(id, instant(at), instant(at), fact)
    };
    // More than the second tier starts at.
    member
        .apply(&programme, &by_hand("j1", "1997-01-10T12:00:00-05:00", 200))
        .unwrap();
    assert_eq!(lots(&member), [("1998-01-31".into(), 200)]);
    assert_eq!(member.account().tier(), 0);
    buy(&mut member, &programme, "b", "1997-02-10T12:00:00-05:00", "30.00");

    member
        .apply(&programme, &by_hand("j2", "1997-02-11T12:00:00-05:00", -210))
        .unwrap();
    assert_eq!(lots(&member), [("1998-02-28".into(), 20)]);
    let What::Adjusted {
        points,
        lots: from,
        reason,
        actor,
    } = last(&member)
    else {
        panic!()
    };
    assert_eq!(
        (points.get(), reason.as_str(), actor.as_str()),
        (-210, "goodwill", "clerk-7")
    );
    let from: Vec<_> = from.iter().map(|(day, points)| (day.date(), points.get())).collect();
    assert_eq!(from, [(date(1998, 1, 31), 200), (date(1998, 2, 28), 10)]);
    let totals = member.account().totals(MAIN);
    assert_eq!(
        (
            totals.earned.get(),
            member.account().adjusted(MAIN).get(),
            totals.spent.get()
        ),
        (30, -10, 0)
    );

    // Never below nought, and not for nothing.
    let refused = member.apply(&programme, &by_hand("j3", "1997-02-12T12:00:00-05:00", -21));
    assert_eq!(refused.unwrap_err().code(), "not-enough");
    let refused = member.apply(&programme, &by_hand("j4", "1997-02-12T12:00:00-05:00", 0));
    assert_eq!(refused, Err(Refusal::NoAdjustment));
    let refused = member.apply(&programme, &by_hand("j5", "1997-02-12T12:00:00-05:00", i64::MIN));
    assert_eq!(refused, Err(Refusal::Overflow));
    // What was added lapses like the rest.
    assert_eq!(
        wake(&mut member, &programme, "1998-03-01T12:00:00-05:00")
            .pop()
            .unwrap(),
        "expiry#1998-02-28"
    );
    assert_eq!(balance(&member, &programme, "1998-03-01T12:00:00-05:00"), 0);
}

#[test]
fn a_member_of_twenty_years_is_read_with_as_few_bytes_as_one_of_one_year() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    let mut largest = Vec::new();
    for year in 0..20_i64 {
        let mut most = 0;
        for week in 0..52_i64 {
            let at = instant("1997-01-03T17:00:00Z") + jiff::SignedDuration::from_hours(24 * (365 * year + 7 * week));
            member.wake(&programme, at);
            let id = format!("purchase#{year}-{week}");
            let buys = activity(&id, at, at, amount("10.00", "USD"));
            member.apply(&programme, &buys).unwrap();
            most = most.max(member.account().encode().unwrap().len());
        }
        largest.push(most);
    }
    // What is read is the account with its open page; the closed ones stay where they are.
    assert!(member.pages.len() > 100, "{}", member.pages.len());
    assert!(largest.iter().all(|bytes| *bytes <= largest[1] + 32), "{largest:?}");
    assert!(largest[19] < 1024, "{largest:?}");
    assert_eq!(ledger::audit(&programme, &member.pages, member.account()), []);
}
