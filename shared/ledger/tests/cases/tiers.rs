//! Tiers: reached at once, reviewed yearly.

use programme::TierSetId;

use super::*;

const SET: TierSetId = TierSetId::MAIN;

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
        set: SET,
        from: 0,
        to: 2,
        qualifying: 500,
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
    // The purchase finds the review undone, and books it first.
    let causes = member.causes();
    assert_eq!(causes[causes.len() - 2..], ["review#1998-01-10", "c"]);
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
    assert_eq!(ledger::at_risk(&programme, safe.account(), SET), None);

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
    let progress = ledger::progress(&programme, member.account(), SET, instant("1997-12-04T12:00:00-05:00")).unwrap();
    assert_eq!((progress.qualifying, progress.next), (160, Some((2, 340))));

    let causes = wake(&mut member, &programme, "1998-11-03T14:59:59Z");
    assert!(
        !causes.iter().any(|cause| cause.starts_with("tier-notice")),
        "{causes:?}"
    );
    let causes = wake(&mut member, &programme, "1998-11-03T15:00:00Z");
    assert_eq!(causes, ["tier-notice#1998-12-03#30"]);
    let told = What::TierAtRisk {
        set: SET,
        tier: 1,
        to: 0,
        missing: 50,
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

/// What is told of a member: tier and day of review.
fn stands(member: &Member) -> (u8, Option<String>) {
    let review = member.account().review();
    (member.account().tier(), review.map(|day| day.to_string()))
}

fn with_rules(rules: &str) -> Programme {
    sample(&[("valid = { months = 12 }\n", rules)])
}

#[test]
fn a_tier_is_kept_as_long_as_the_programme_says() {
    // Reached on 10 June 1997, by who joined on New Year's day and was born on 1 May.
    for (valid, review) in [
        ("{ months = 12 }", "1998-06-10"),
        ("{ months = 12, to-end-of = \"year\" }", "1999-01-01"),
        ("{ months = 3, to-end-of = \"month\" }", "1997-10-01"),
        ("{ months-since-joined = 12 }", "1998-01-01"),
        ("{ months-since-joined = 6 }", "1997-07-01"),
        ("\"birthday\"", "1998-05-01"),
        ("{ on = [\"04-01\", \"10-01\"] }", "1997-10-01"),
        ("\"rolling\"", "1997-07-01"),
    ] {
        let notices = sample(&[
            ("valid = { months = 12 }", &format!("valid = {valid}")),
            ("notify-days-before = [30]", "notify-days-before = []"),
        ]);
        let mut member = ana(&notices);
        buy(&mut member, &notices, "a", "1997-06-10T12:00:00-04:00", "160.00");
        assert_eq!(stands(&member), (1, Some(review.to_owned())), "{valid}");
    }
}

#[test]
fn where_reviews_raise_a_tier_is_reached_at_the_next_one() {
    let programme = with_rules("valid = { on = [\"04-01\", \"10-01\"] }\nupgrade = \"at-review\"\n");
    let mut member = ana(&programme);
    assert_eq!(stands(&member), (0, Some("1997-04-01".to_owned())));
    buy(&mut member, &programme, "a", "1997-02-10T12:00:00-05:00", "160.00");
    assert_eq!(member.account().tier(), 0);
    let progress = ledger::progress(&programme, member.account(), SET, instant("1997-02-11T12:00:00-05:00")).unwrap();
    assert_eq!((progress.qualifying, progress.projected), (160, 1));
    wake(&mut member, &programme, "1997-04-01T12:00:00-05:00");
    assert_eq!(stands(&member), (1, Some("1997-10-01".to_owned())));
    assert!(matches!(last(&member), What::TierChanged { from: 0, to: 1, .. }));
}

#[test]
fn a_review_lets_fall_by_one_tier_or_by_none_where_the_programme_says_so() {
    for (downgrade, tier) in [("re-evaluate", 0), ("one-step", 1), ("never", 2)] {
        let programme = with_rules(&format!("valid = {{ months = 14 }}\ndowngrade = {downgrade:?}\n"));
        let mut member = ana(&programme);
        buy(&mut member, &programme, "a", "1997-01-10T12:00:00-05:00", "500.00");
        wake(&mut member, &programme, "1998-03-10T12:00:00-05:00");
        assert_eq!(member.account().tier(), tier, "{downgrade}");
    }
}

#[test]
fn a_grace_is_time_to_reach_the_tier_again() {
    let rules = "valid = { months = 14 }\ngrace = { days = 20, to-end-of = \"month\" }\n";
    let programme = with_rules(rules);
    let mut lost = ana(&programme);
    buy(&mut lost, &programme, "a", "1997-01-10T12:00:00-05:00", "160.00");
    assert!(wake(&mut lost, &programme, "1998-03-10T12:00:00-05:00").contains(&"review#1998-03-10".to_owned()));
    assert_eq!(stands(&lost), (1, Some("1998-04-01".to_owned())));
    assert!(matches!(
        last(&lost),
        What::TierGrace {
            set: SET,
            tier: 1,
            qualifying: 0,
            ..
        }
    ));
    let risk = ledger::at_risk(&programme, lost.account(), SET).unwrap();
    assert_eq!((risk.to, risk.missing, risk.review.date()), (0, 150, date(1998, 4, 1)));

    let mut kept = lost.clone();
    wake(&mut lost, &programme, "1998-04-01T12:00:00-05:00");
    assert_eq!(stands(&lost), (0, None));

    // Reached again within the grace; and it is not over for that: part of it may still come back.
    buy(&mut kept, &programme, "b", "1998-03-20T12:00:00-05:00", "160.00");
    assert_eq!(stands(&kept), (1, Some("1998-04-01".to_owned())));
    let mut returned = kept.clone();
    wake(&mut kept, &programme, "1998-04-01T12:00:00-05:00");
    assert_eq!(stands(&kept), (1, Some("1999-06-01".to_owned())));
    let back = crate::support::refund("refund#1", "1998-03-25T12:00:00-05:00", "b", ledger::Part::Whole);
    returned.apply(&programme, &back).unwrap();
    assert_eq!(stands(&returned), (1, Some("1998-04-01".to_owned())));
}

#[test]
fn a_tier_given_by_hand_is_kept_to_its_day_and_reviewed_then() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    let give = |tier: &str, until: Option<jiff::civil::Date>| Fact::SetTier {
        tier: tier.parse().unwrap(),
        until,
        reason: "press".parse().unwrap(),
        actor: "clerk-7".parse().unwrap(),
    };
    let act = |member: &mut Member, id: &str, at: &str, fact: Fact| {
        member.apply(
            &programme,
            &crate::support::activity(id, instant(at), instant(at), fact),
        )
    };
    let at = "1997-02-01T12:00:00-05:00";
    let until = Some(date(1998, 6, 1));
    act(&mut member, "set-tier#1", at, give("Collector", until)).unwrap();
    assert_eq!(stands(&member), (1, Some("1998-06-01".to_owned())));
    // Higher on one's own account, and back to what was given.
    buy(&mut member, &programme, "a", "1997-02-02T12:00:00-05:00", "500.00");
    assert_eq!(stands(&member), (2, Some("1998-02-02".to_owned())));
    let back = crate::support::refund("refund#1", "1997-02-03T12:00:00-05:00", "a", ledger::Part::Whole);
    member.apply(&programme, &back).unwrap();
    assert_eq!(stands(&member), (1, Some("1998-06-01".to_owned())));
    wake(&mut member, &programme, "1998-06-01T12:00:00-04:00");
    assert_eq!(stands(&member), (0, None));

    let later = "1998-06-02T12:00:00-04:00";
    for (fact, code) in [
        (give("Emperor", None), "unknown-tier"),
        (give("Collector", Some(date(1998, 6, 2))), "over-already"),
    ] {
        assert_eq!(act(&mut member, "set-tier#2", later, fact).unwrap_err().code(), code);
    }
    act(&mut member, "set-tier#3", later, give("Virtuoso", None)).unwrap();
    wake(&mut member, &programme, "2031-01-01T12:00:00-05:00");
    assert_eq!(stands(&member), (2, None), "for ever");
}

#[test]
fn money_and_purchases_count_for_a_tier_where_the_programme_says_so() {
    let levels = ("from = 150", "from = 2");
    for (basis, expected) in [("basis = \"visits\"", 1), ("basis = \"spend\"\ncurrency = \"USD\"", 2)] {
        let programme = sample(&[
            (
                "valid = { months = 12 }",
                &format!("valid = {{ months = 12 }}\n{basis}"),
            ),
            levels,
            ("from = 500", "from = 9"),
        ]);
        let mut member = ana(&programme);
        buy(&mut member, &programme, "a", "1997-01-10T12:00:00-05:00", "5.50");
        buy(&mut member, &programme, "b", "1997-01-11T12:00:00-05:00", "3.50");
        assert_eq!(member.account().tier(), expected, "{basis}");
        let part = crate::support::dollars("3.00");
        let back = crate::support::refund("refund#1", "1997-01-12T12:00:00-05:00", "b", part);
        member.apply(&programme, &back).unwrap();
        // Six dollars are left, and two purchases.
        assert_eq!(member.account().tier(), 1, "{basis}");
        let back = crate::support::refund("refund#2", "1997-01-13T12:00:00-05:00", "b", ledger::Part::Whole);
        member.apply(&programme, &back).unwrap();
        assert_eq!(member.account().tier(), u8::from(expected == 2), "{basis}");
        assert_eq!(ledger::audit(&programme, &member.pages, member.account()), []);
    }
}

#[test]
fn a_rule_for_a_tier_takes_the_place_of_the_rule_for_all() {
    let rules = "[[earn]]\ncurrency = \"USD\"\npoints-per-unit = \"2\"\ntier-multiplies = false\ntier = \"Collector\"\n\
                 wallet = \"points\"\n\n\
                 [[limits]]\non = \"spend\"\nper = \"activity\"\npoints = 50\n\n\
                 [[limits]]\non = \"spend\"\nper = \"activity\"\npoints = 200\ntier = \"Collector\"\n\n\
                 [[pay]]\ncurrency = \"USD\"\npoints = 100\nworth = \"2.00\"\ntier = \"Collector\"\n\n[tiers]\n";
    let programme = sample(&[("\n[tiers]\n", rules)]);
    let mut member = ana(&programme);
    let at = "1997-01-10T17:00:00Z";
    buy(&mut member, &programme, "purchase#1", at, "149.00");
    let quote = |member: &Member| {
        let order = programme::Amount::parse("10.00", "USD".parse().unwrap()).unwrap();
        let quoted = ledger::quote(&programme, member.account(), MAIN, order, instant(at)).unwrap();
        (quoted.points.get(), quoted.pays.to_string())
    };
    assert_eq!(quote(&member), (50, "0.50".to_owned()));
    let refused = member.apply(&programme, &redeem("redeem#1", at, 51)).unwrap_err();
    assert_eq!(refused.to_string(), "50 points at a time may be spent; 50 more may be");
    // The purchase that makes a Collector earns as before it, the next as after.
    buy(&mut member, &programme, "purchase#2", at, "1.00");
    assert_eq!((member.account().tier(), balance(&member, &programme, at)), (1, 150));
    buy(&mut member, &programme, "purchase#3", at, "10.00");
    assert_eq!(balance(&member, &programme, at), 170);
    assert_eq!(quote(&member), (170, "3.40".to_owned()));
    spend(&mut member, &programme, "redeem#2", at, 150);
}

#[test]
fn nobody_is_worse_off_for_a_tier_by_hand() {
    let give = |tier: &str, until: Option<&str>| Fact::SetTier {
        tier: tier.parse().unwrap(),
        until: until.map(|day| day.parse().unwrap()),
        reason: "press".parse().unwrap(),
        actor: "clerk-7".parse().unwrap(),
    };
    let at = instant("1997-02-10T17:00:00Z");
    // A tier that the member had stays as long as it would have.
    let programme = sample(&[]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-01-10T17:00:00Z", "160.00");
    let given = activity("set-tier#1", at, at, give("Collector", Some("1997-07-01")));
    member.apply(&programme, &given).unwrap();
    assert_eq!(member.account().review(), Some(date(1998, 1, 10)));
    // Where reviews raise, they are held, and never take it before its day.
    let by_review = (
        "valid = { months = 12 }",
        "upgrade = \"at-review\"\nvalid = { on = [\"01-01\"] }",
    );
    let programme = sample(&[by_review]);
    let mut member = ana(&programme);
    let given = activity("set-tier#1", at, at, give("Collector", None));
    member.apply(&programme, &given).unwrap();
    buy(&mut member, &programme, "purchase#1", "1997-03-10T17:00:00Z", "500.00");
    member.wake(&programme, instant("1998-01-02T12:00:00Z"));
    assert_eq!(member.account().tier(), 2);
    member.wake(&programme, instant("1999-06-02T12:00:00Z"));
    assert_eq!(member.account().tier(), 1, "given for ever");
    assert_eq!(ledger::audit(&programme, &member.pages, member.account()), []);
}
