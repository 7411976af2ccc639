//! Moments: birthdays, anniversaries, reminders.

use super::*;

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
    let programme = sample(&[("lasts = { months = 12", "lasts = { months = 30")]);
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
    let programme = sample(&[
        ("lasts = { months = 12", "lasts = { months = 1"),
        ("[30, 7, 1]", "[20]"),
    ]);
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
