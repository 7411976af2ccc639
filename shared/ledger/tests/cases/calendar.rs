//! Days by name: campaigns that run on them, and campaigns that they set off.

use super::*;

/// The sample programme with days by name, and campaigns, each as its lines without the heading.
fn with_days(days: &str, campaigns: &[&str]) -> Programme {
    let campaigns: String = campaigns
        .iter()
        .map(|campaign| format!("[[campaigns]]\n{campaign}\n\n"))
        .collect();
    sample(&[(
        "[transfers]\n",
        &format!("[calendar]\n{days}\n\n{campaigns}[transfers]\n"),
    )])
}

fn joined(programme: &Programme, at: &str, zone: &str) -> Member {
    let mut member = Member::default();
    member.apply(programme, &sign_up(at, zone, None)).unwrap();
    member
}

fn earned(member: &Member) -> i64 {
    member.account().totals(MAIN).earned.get()
}

/// What days booked, of a wake-up.
fn of_days(member: &mut Member, programme: &Programme, at: &str) -> Vec<String> {
    let causes = wake(member, programme, at);
    causes.into_iter().filter(|cause| cause.starts_with("day#")).collect()
}

const MONTHLY_GIFT: &str = "name = \"gift\"\non = { day = \"member-day\" }\npoints = 30\nfrom = \"1997-01-01\"";

#[test]
fn points_are_doubled_on_the_members_own_18th() {
    let programme = with_days(
        "member-day = { monthly = 18 }",
        &["name = \"double\"\nmultiply = \"2\"\ndays = \"member-day\""],
    );
    let bought = |zone: &str, at: &str| {
        let mut member = joined(&programme, "1997-01-01T12:00:00Z", zone);
        buy(&mut member, &programme, "purchase#1", at, "20.00");
        earned(&member)
    };
    // The 18th has begun in Shanghai, and not in New York; half a day later it is over there, and not here.
    for (at, shanghai, new_york) in [
        ("1997-03-17T15:59:59Z", 20, 20),
        ("1997-03-17T16:00:00Z", 40, 20),
        ("1997-03-18T04:59:59Z", 40, 20),
        ("1997-03-18T05:00:00Z", 40, 40),
        ("1997-03-18T16:00:00Z", 20, 40),
        ("1997-03-19T05:00:00Z", 20, 20),
    ] {
        let points = (bought("Asia/Shanghai", at), bought("America/New_York", at));
        assert_eq!(points, (shanghai, new_york), "{at}");
    }
}

#[test]
fn a_campaign_runs_on_any_of_its_days_and_within_its_own_bounds() {
    let programme = with_days(
        "member-day = { monthly = 31 }\nsingles-day = { yearly = \"11-11\" }",
        &[
            "name = \"more\"\npoints = 5\ndays = [\"member-day\", \"singles-day\"]\nfrom = \"1997-02-01\"\n\
           hours = { from = \"09:00\", to = \"12:00\" }",
        ],
    );
    let mut member = joined(&programme, "1997-01-01T12:00:00-05:00", "America/New_York");
    for (at, points) in [
        ("1997-01-31T10:00:00-05:00", 0),
        // The last of a month without a 31st.
        ("1997-02-28T10:00:00-05:00", 5),
        ("1997-02-28T12:00:00-05:00", 0),
        ("1997-03-30T10:00:00-05:00", 0),
        ("1997-03-31T10:00:00-05:00", 5),
        ("1997-04-30T10:00:00-04:00", 5),
        ("1997-11-11T10:00:00-05:00", 5),
    ] {
        let before = earned(&member);
        buy(&mut member, &programme, at, at, "1.00");
        assert_eq!(earned(&member) - before, 1 + points, "{at}");
    }
}

#[test]
fn conditions_see_the_names_of_the_day() {
    let programme = with_days(
        "member-day = { monthly = 18 }\nholiday = { yearly = \"03-18\" }",
        &[
            "name = \"both\"\npoints = 500\nwhen = \"'member-day' in local.calendar && 'holiday' in local.calendar\"",
            "name = \"plain\"\npoints = 7\nwhen = \"!('holiday' in local.calendar)\"",
        ],
    );
    let mut member = joined(&programme, "1997-01-01T12:00:00Z", "Asia/Shanghai");
    for (at, points) in [
        ("1997-02-17T17:00:00Z", 7),
        ("1997-03-17T17:00:00Z", 500),
        ("1997-03-19T17:00:00Z", 7),
    ] {
        let before = earned(&member);
        buy(&mut member, &programme, at, at, "1.00");
        assert_eq!(earned(&member) - before, 1 + points, "{at}");
    }
}

#[test]
fn spring_festival_brings_each_member_a_gift_at_their_own_ten_o_clock() {
    let gift = "name = \"red-envelope\"\non = { day = \"spring-festival\" }\npoints = 88\nfrom = \"1997-01-01\"\n\
                lasts = { days = 15 }";
    let programme = with_days("spring-festival = { lunar = \"spring-festival\" }", &[gift]);
    // 7 February 1997, 28 January 1998.
    // Points last by the programme's own days: in New York it is still the 6th when it is ten in Shanghai.
    for (zone, before, then, last_day) in [
        (
            "Asia/Shanghai",
            "1997-02-07T01:59:59Z",
            "1997-02-07T02:00:00Z",
            "1997-02-21",
        ),
        (
            "America/New_York",
            "1997-02-07T14:59:59Z",
            "1997-02-07T15:00:00Z",
            "1997-02-22",
        ),
    ] {
        let mut member = joined(&programme, "1997-01-01T12:00:00Z", zone);
        assert_eq!(ledger::next_moment(&programme, member.account()), instant(then));
        assert!(wake(&mut member, &programme, before).is_empty());
        let causes = wake(&mut member, &programme, then);
        assert_eq!(
            causes,
            [
                "day#spring-festival#1997-02-07",
                "day#spring-festival#1997-02-07 red-envelope"
            ]
        );
        assert_eq!(earned(&member), 88);
        assert_eq!(lots(&member), [(last_day.to_owned(), 88)]);
        assert!(wake(&mut member, &programme, then).is_empty(), "once");
        assert!(of_days(&mut member, &programme, "1998-01-27T12:00:00Z").is_empty());
        assert_eq!(of_days(&mut member, &programme, "1998-01-28T16:00:00Z").len(), 2);
    }
    // Who joins at eleven comes too late, and who joins at nine does not.
    let mut late = joined(&programme, "1997-02-07T11:00:00+08:00", "Asia/Shanghai");
    assert!(wake(&mut late, &programme, "1997-02-08T12:00:00Z").is_empty());
    let mut early = joined(&programme, "1997-02-07T09:00:00+08:00", "Asia/Shanghai");
    assert_eq!(wake(&mut early, &programme, "1997-02-08T12:00:00Z").len(), 2);
}

#[test]
fn days_that_were_slept_through_come_late_and_each_once() {
    let programme = with_days("member-day = { monthly = [18, 31] }", &[MONTHLY_GIFT]);
    let mut member = joined(&programme, "1997-01-20T12:00:00Z", "Asia/Shanghai");
    let causes = of_days(&mut member, &programme, "1997-04-18T01:59:59Z");
    let days = ["1997-01-31", "1997-02-18", "1997-02-28", "1997-03-18", "1997-03-31"];
    let expected = days.map(|day| [format!("day#member-day#{day}"), format!("day#member-day#{day} gift")]);
    assert_eq!(causes, expected.concat());
    assert_eq!(earned(&member), 150);
    let granted = member.entries();
    let granted: Vec<_> = granted.iter().filter(|entry| entry.cause.ends_with("gift")).collect();
    assert_eq!(granted[0].happened(), instant("1997-01-31T02:00:00Z"));
    assert_eq!(granted[0].decided, instant("1997-04-18T01:59:59Z").as_second());
    assert!(of_days(&mut member, &programme, "1997-04-18T01:59:59Z").is_empty());
    assert_eq!(of_days(&mut member, &programme, "1997-04-18T02:00:00Z").len(), 2);
}

#[test]
fn nothing_waits_for_a_day_on_which_no_campaign_runs() {
    let days = "member-day = { monthly = 18 }\nsaturday = { weekly = \"saturday\" }";
    let bounded = "name = \"gift\"\non = { day = \"member-day\" }\npoints = 30\nfrom = \"1997-03-01\"\n\
                   through = \"1997-04-30\"";
    let programme = with_days(days, &[bounded]);
    let mut member = joined(&programme, "1997-01-01T12:00:00Z", "Asia/Shanghai");
    assert_eq!(
        of_days(&mut member, &programme, "1997-12-31T12:00:00Z"),
        [
            "day#member-day#1997-03-18",
            "day#member-day#1997-03-18 gift",
            "day#member-day#1997-04-18",
            "day#member-day#1997-04-18 gift",
        ]
    );
    let of_day = |due: &ledger::Due| matches!(due.moment, ledger::Moment::Day { .. });
    assert!(!ledger::agenda(&programme, member.account()).iter().any(of_day));
    // The 18th that is a Saturday: the first is in January, the next in October.
    let both = format!("{MONTHLY_GIFT}\ndays = \"saturday\"");
    let programme = with_days(days, &[&both]);
    let mut member = joined(&programme, "1997-01-01T12:00:00Z", "Asia/Shanghai");
    let causes = of_days(&mut member, &programme, "1997-10-31T12:00:00Z");
    assert_eq!(causes.len(), 4, "{causes:?}");
    assert_eq!(
        (&*causes[0], &*causes[2]),
        ("day#member-day#1997-01-18", "day#member-day#1997-10-18")
    );
}

#[test]
fn bounds_and_conditions_hold_on_a_day_as_on_anything() {
    let day = "on = { day = \"member-day\" }\npoints = 10\nfrom = \"1997-01-01\"";
    let programme = with_days(
        "member-day = { monthly = [8, 18] }",
        &[
            &format!("name = \"monthly\"\n{day}\ntimes = 1\nper = \"month\""),
            &format!("name = \"rested\"\n{day}\ncooldown-hours = 300"),
            &format!("name = \"bought\"\n{day}\nwhen = \"member.purchases > 0\""),
        ],
    );
    let mut member = joined(&programme, "1997-01-01T12:00:00Z", "Asia/Shanghai");
    wake(&mut member, &programme, "1997-01-19T12:00:00Z");
    assert_eq!(earned(&member), 20);
    buy(&mut member, &programme, "purchase#1", "1997-01-20T12:00:00Z", "1.00");
    wake(&mut member, &programme, "1997-02-09T12:00:00Z");
    assert_eq!(earned(&member), 51);
}

#[test]
fn an_hour_that_the_clocks_skip_comes_later_and_one_that_they_repeat_once() {
    let gift = format!("{MONTHLY_GIFT}\nat = \"02:30\"");
    // New York's clocks go from two to three on 6 April 1997, and from two to one on 26 October.
    let programme = with_days("member-day = [\"1997-04-06\", \"1997-10-26\"]", &[&gift]);
    let mut member = joined(&programme, "1997-01-01T12:00:00Z", "America/New_York");
    assert!(of_days(&mut member, &programme, "1997-04-06T07:29:59Z").is_empty());
    // Half past three.
    assert_eq!(of_days(&mut member, &programme, "1997-04-06T07:30:00Z").len(), 2);
    let repeated = with_days(
        "member-day = [\"1997-10-26\"]",
        &[&format!("{MONTHLY_GIFT}\nat = \"01:30\"")],
    );
    let mut member = joined(&repeated, "1997-01-01T12:00:00Z", "America/New_York");
    assert!(of_days(&mut member, &repeated, "1997-10-26T05:29:59Z").is_empty());
    assert_eq!(of_days(&mut member, &repeated, "1997-10-26T05:30:00Z").len(), 2);
    assert!(of_days(&mut member, &repeated, "1997-10-27T05:30:00Z").is_empty());
}

#[test]
fn a_day_that_a_zone_lacks_comes_with_the_next() {
    // Samoa had no 30 December 2011.
    let programme = with_days("member-day = { monthly = [29, 30, 31] }", &[MONTHLY_GIFT]);
    let mut member = joined(&programme, "2011-12-01T12:00:00Z", "Pacific/Apia");
    assert_eq!(
        of_days(&mut member, &programme, "2011-12-29T20:00:00Z"),
        ["day#member-day#2011-12-29", "day#member-day#2011-12-29 gift"]
    );
    // Ten o'clock on the 31st, a day and 14 hours ahead of the 29th's.
    assert!(of_days(&mut member, &programme, "2011-12-30T19:59:59Z").is_empty());
    assert_eq!(
        of_days(&mut member, &programme, "2011-12-30T20:00:00Z"),
        [
            "day#member-day#2011-12-30",
            "day#member-day#2011-12-30 gift",
            "day#member-day#2011-12-31",
            "day#member-day#2011-12-31 gift",
        ]
    );
    assert!(of_days(&mut member, &programme, "2012-01-01T20:00:00Z").is_empty());
}

#[test]
fn a_campaign_that_is_new_in_the_programme_moves_the_alarm_of_who_does_something() {
    let plain = with_days("member-day = { monthly = 18 }", &[]);
    let new = with_days(
        "member-day = { monthly = 18 }",
        &[&MONTHLY_GIFT.replace("01-01", "02-01")],
    );
    let mut member = joined(&plain, "1997-01-01T12:00:00Z", "Asia/Shanghai");
    buy(&mut member, &plain, "purchase#1", "1997-01-02T12:00:00Z", "1.00");
    let alarm = member.account().alarm();
    assert!(alarm > instant("1997-02-18T02:00:00Z"));
    // A refusal changes nothing.
    let refused = redeem("redeem#1", "1997-02-10T12:00:00Z", 1_000);
    member.apply(&new, &refused).unwrap_err();
    assert_eq!(member.account().alarm(), alarm);
    buy(&mut member, &new, "purchase#2", "1997-02-19T12:00:00Z", "1.00");
    assert_eq!(member.account().alarm(), instant("1997-02-18T02:00:00Z"));
    // Late, and not for the 18th of January, when the campaign did not run.
    assert_eq!(
        of_days(&mut member, &new, "1997-02-19T12:00:01Z"),
        ["day#member-day#1997-02-18", "day#member-day#1997-02-18 gift"]
    );
}
