//! How long points last.

use crate::support::MAIN;
use ledger::Part;

use super::*;
use crate::support::refund;

const GENERAL: &str = "lasts = { months = 12, to-end-of = \"month\" }";

fn lasting(lasts: &str) -> Programme {
    sample(&[(GENERAL, &format!("lasts = {lasts}")), ("[30, 7, 1]", "[]")])
}

/// The lots with the days on which they lapse as things stand.
fn ends(member: &Member) -> Vec<(String, i64)> {
    let lots = member.account().lots(MAIN).iter();
    lots.map(|lot| (member.account().end(lot).to_string(), lot.points.get()))
        .collect()
}

fn noon(day: &str) -> String {
    format!("{day}T17:00:00Z")
}

#[test]
fn points_last_as_the_programme_says() {
    for (rule, bought, last_day) in [
        ("\"forever\"", "1997-01-10", "no end"),
        ("{ months = 12 }", "1997-01-10", "1998-01-10"),
        // The last of the month, where it has no such day.
        ("{ months = 1 }", "1997-01-31", "1997-02-28"),
        ("{ months = 48 }", "1996-02-29", "2000-02-29"),
        ("{ months = 12 }", "1996-02-29", "1997-02-28"),
        ("{ months = 12, to-end-of = \"month\" }", "1997-01-10", "1998-01-31"),
        ("{ months = 12, to-end-of = \"quarter\" }", "1997-01-10", "1998-03-31"),
        ("{ months = 12, to-end-of = \"half-year\" }", "1997-07-01", "1998-12-31"),
        ("{ months = 12, to-end-of = \"year\" }", "1997-12-31", "1998-12-31"),
        ("{ days = 90 }", "1997-01-10", "1997-04-10"),
        ("{ days = 365, to-end-of = \"month\" }", "1999-03-01", "2000-02-29"),
        ("{ through = [\"12-31\", \"06-30\"] }", "1997-01-10", "1997-06-30"),
        ("{ through = [\"12-31\", \"06-30\"] }", "1997-06-30", "1997-06-30"),
        (
            "{ through = [\"12-31\", \"06-30\"], at-least-days = 1 }",
            "1997-06-30",
            "1997-12-31",
        ),
        (
            "{ through = [\"03-31\"], at-least-days = 90 }",
            "1997-01-10",
            "1998-03-31",
        ),
        ("{ active-months = 18 }", "1997-01-10", "1998-07-10"),
        (
            "{ active-months = 18, to-end-of = \"month\" }",
            "1997-01-10",
            "1998-07-31",
        ),
    ] {
        let programme = lasting(rule);
        let mut member = Member::default();
        let joins = sign_up("1996-01-01T12:00:00-05:00", "America/New_York", None);
        member.apply(&programme, &joins).unwrap();
        buy(&mut member, &programme, "purchase#1", &noon(bought), "30.00");
        assert_eq!(ends(&member), [(last_day.to_owned(), 30)], "{rule} from {bought}");
        if last_day != "no end" {
            assert_eq!(balance(&member, &programme, &noon(last_day)), 30, "{rule}");
            let after = noon(last_day).parse::<jiff::Timestamp>().unwrap() + jiff::SignedDuration::from_hours(12);
            assert_eq!(balance(&member, &programme, &after.to_string()), 0, "{rule}");
            member.wake(&programme, after);
            assert_eq!(member.account().totals(MAIN).expired, Points::new(30), "{rule}");
        }
    }
}

#[test]
fn points_that_never_lapse_ring_no_alarm() {
    let programme = lasting("\"forever\"");
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", &noon("1997-01-10"), "30.00");
    assert_eq!(
        wake(&mut member, &programme, &noon("1998-06-01")),
        ["birthday#1997", "anniversary#1", "birthday#1998"]
    );
    assert_eq!(balance(&member, &programme, "2090-01-01T00:00:00Z"), 30);
    let agenda = ledger::agenda(&programme, member.account());
    let lapses =
        |moment: &ledger::Moment| matches!(moment, ledger::Moment::Expiry { .. } | ledger::Moment::Reminder { .. });
    assert!(!agenda.iter().any(|due| lapses(&due.moment)), "{agenda:?}");
}

#[test]
fn a_rule_goes_before_the_tier_and_the_tier_before_the_rest() {
    let (rate, factor) = ("points-per-unit = \"1\"", "multiplier = \"1.25\"");
    let tier = format!("{factor}\nlasts = {{ months = 24, to-end-of = \"month\" }}");
    let programme = sample(&[(factor, &tier)]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", &noon("1997-01-10"), "160.00");
    assert_eq!(member.account().tier(), 1);
    // Earned as a Listener, who became a Collector by it; then as a Collector.
    buy(&mut member, &programme, "purchase#2", &noon("1997-01-11"), "8.00");
    assert_eq!(ends(&member), [("1998-01-31".into(), 160), ("1999-01-31".into(), 10)]);

    let programme = sample(&[(factor, &tier), (rate, &format!("{rate}\nlasts = {{ days = 30 }}"))]);
    buy(&mut member, &programme, "purchase#3", &noon("1997-01-12"), "4.00");
    assert_eq!(ends(&member)[0], ("1997-02-11".into(), 5));
    assert_eq!(balance(&member, &programme, &noon("1997-02-12")), 170);
}

#[test]
fn points_of_an_active_member_last_on_and_lapse_together() {
    let programme = sample(&[(GENERAL, "lasts = { active-months = 6 }")]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", &noon("1997-01-10"), "30.00");
    buy(&mut member, &programme, "purchase#2", &noon("1997-05-02"), "20.00");
    assert_eq!(
        ends(&member),
        [("1997-11-02".into(), 50)],
        "one lot, by the last purchase"
    );
    spend(&mut member, &programme, "redeem#1", &noon("1997-06-20"), 5);
    assert_eq!(ends(&member), [("1997-12-20".into(), 45)], "spending counts too");

    // The alarm rings for the first date, finds that it has moved, and tells of the new one.
    let causes = wake(&mut member, &programme, &noon("1997-12-15"));
    assert_eq!(causes, ["birthday#1997", "reminder#1997-12-20#7"]);
    assert_eq!(balance(&member, &programme, &noon("1997-12-20")), 45);
    assert_eq!(balance(&member, &programme, &noon("1997-12-22")), 0);

    // Who comes back the day after does not bring them back, whether or not the alarm clock came first.
    let mut rung = member.clone();
    assert_eq!(wake(&mut rung, &programme, &noon("1997-12-21")), ["expiry#stretch-0"]);
    for mut member in [member, rung] {
        buy(&mut member, &programme, "purchase#3", &noon("1997-12-21"), "10.00");
        assert_eq!(ends(&member), [("1998-06-21".into(), 10)]);
        assert_eq!(member.account().totals(MAIN).expired, Points::new(45));
        assert_eq!(balance(&member, &programme, &noon("1997-12-22")), 10);
    }
}

#[test]
fn a_purchase_that_arrives_after_its_stretch_is_over_has_lapsed_when_that_ended() {
    let programme = lasting("{ active-months = 1 }");
    let mut member = ana(&programme);
    let late = late_purchase("purchase#1", &noon("1997-01-10"), &noon("1997-06-01"), "30.00");
    member.apply(&programme, &late).unwrap();
    let entries = member.entries();
    assert!(matches!(entries[2].what, What::Expired { .. }), "{entries:?}");
    assert_eq!(entries[2].happened(), instant("1997-02-11T05:00:00Z"));
}

#[test]
fn the_alarm_is_set_for_a_reminder_of_the_new_end_that_comes_before_the_old_one() {
    let programme = sample(&[
        (GENERAL, "lasts = { active-months = 1, to-end-of = \"month\" }"),
        ("[30, 7, 1]", "[34]"),
    ]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", &noon("1997-08-05"), "30.00");
    wake(&mut member, &programme, &noon("1997-08-28"));
    buy(&mut member, &programme, "purchase#2", &noon("1997-09-05"), "20.00");
    assert_eq!(ends(&member), [("1997-10-31".into(), 50)]);
    assert!(member.account().alarm() <= instant("1997-09-27T10:00:00-04:00"));
}

#[test]
fn one_reminder_tells_of_all_that_lapses_on_a_day() {
    let yen = "\n[[earn]]\ncurrency = \"JPY\"\npoints-per-unit = \"1\"\nlasts = { months = 6 }\n\n[expiry]";
    let programme = sample(&[(GENERAL, "lasts = { active-months = 6 }"), ("\n[expiry]", yen)]);
    let mut member = ana(&programme);
    let at = noon("1997-01-10");
    buy(&mut member, &programme, "purchase#1", &at, "30.00");
    let bought = activity("purchase#2", instant(&at), instant(&at), amount("40", "JPY"));
    member.apply(&programme, &bought).unwrap();
    let causes = wake(&mut member, &programme, &noon("1997-07-04"));
    assert_eq!(causes, ["birthday#1997", "reminder#1997-07-10#7"]);
    let What::Reminded { points, .. } = last(&member) else {
        panic!("no reminder");
    };
    assert_eq!(points.get(), 70);
}

#[test]
fn what_lapses_first_is_spent_first_also_beside_points_of_an_active_member() {
    let rate = "points-per-unit = \"1\"";
    let yen = "\n[[earn]]\ncurrency = \"JPY\"\npoints-per-unit = \"1\"\nlasts = { months = 9 }\n\n[expiry]";
    let programme = sample(&[
        (GENERAL, "lasts = { active-months = 6 }"),
        ("\n[expiry]", yen),
        (rate, rate),
    ]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", &noon("1997-01-10"), "30.00");
    let bought = activity(
        "purchase#2",
        instant(&noon("1997-01-11")),
        instant(&noon("1997-01-11")),
        amount("40", "JPY"),
    );
    member.apply(&programme, &bought).unwrap();
    // Active until 11 July; the yen's points until 11 October.
    spend(&mut member, &programme, "redeem#1", &noon("1997-01-12"), 10);
    assert_eq!(ends(&member), [("1997-10-11".into(), 40), ("1997-07-12".into(), 20)]);
    // Each spending keeps the others alive, until what has a date lapses before them.
    spend(&mut member, &programme, "redeem#2", &noon("1997-06-01"), 5);
    spend(&mut member, &programme, "redeem#3", &noon("1997-06-02"), 10);
    assert_eq!(ends(&member), [("1997-10-11".into(), 30), ("1997-12-02".into(), 15)]);
}

#[test]
fn points_spent_by_an_active_member_come_back_to_the_stretch_they_are_of() {
    let programme = lasting("{ active-months = 6 }");
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", &noon("1997-01-10"), "30.00");
    let on = crate::support::redeem_on("redeem#1", &noon("1997-02-01"), 12, "purchase#2");
    member.apply(&programme, &on).unwrap();
    buy(&mut member, &programme, "purchase#2", &noon("1997-02-01"), "8.00");
    let mut late = member.clone();

    let back = refund("refund#1", &noon("1997-03-01"), "purchase#2", Part::Whole);
    member.apply(&programme, &back).unwrap();
    assert_eq!(ends(&member), [("1997-08-01".into(), 30)]);

    // A return half a year later finds that all of that time has lapsed; what was earned since is the member's own.
    buy(&mut late, &programme, "purchase#3", &noon("1997-09-01"), "9.00");
    let back = refund("refund#1", &noon("1997-09-02"), "purchase#2", Part::Whole);
    late.apply(&programme, &back).unwrap();
    assert_eq!(ends(&late), [("1998-03-01".into(), 9)]);
    let totals = late.account().totals(MAIN);
    assert_eq!(
        (totals.spent.get(), totals.expired.get(), totals.returned.get()),
        (0, 38, 0)
    );
}

#[test]
fn points_can_be_spent_through_their_days_of_grace_and_members_are_told_the_day_before_those() {
    let programme = sample(&[("reinstate-within-days = 90\n", "grace-days = 7\n")]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-01-10T17:00:00Z", "80.00");
    assert_eq!(lots(&member), [("1998-02-07".to_owned(), 80)]);
    let booked = wake(&mut member, &programme, "1998-01-31T17:00:00Z");
    let reminders: Vec<_> = booked.iter().filter(|cause| cause.starts_with("reminder#")).collect();
    assert_eq!(reminders.len(), 1, "of those that an outage left, the last: {booked:?}");
    let What::Reminded { last_day, days, .. } = last(&member) else {
        panic!("{booked:?}");
    };
    let told = ledger::told_last_day(&programme, last_day);
    assert_eq!((told.date(), days), (date(1998, 1, 31), 1));
    assert_eq!(balance(&member, &programme, "1998-02-07T23:00:00-05:00"), 80);
    assert_eq!(balance(&member, &programme, "1998-02-08T01:00:00-05:00"), 0);
}

/// Where clocks are changed, a day that has no midnight begins with its first hour, and an hour that is left out or comes
/// twice is told once.
#[test]
fn points_lapse_and_are_reminded_of_once_where_clocks_change() {
    // Cuba's clocks leapt from midnight to one on 29 March 1998.
    let havana = sample(&[
        ("zone = \"America/New_York\"", "zone = \"America/Havana\""),
        (
            "lasts = { months = 12, to-end-of = \"month\" }",
            "lasts = { days = 77 }",
        ),
    ]);
    let mut member = ana(&havana);
    buy(&mut member, &havana, "purchase#1", "1998-01-10T17:00:00Z", "80.00");
    assert_eq!(lots(&member), [("1998-03-28".to_owned(), 80)]);
    assert_eq!(balance(&member, &havana, "1998-03-28T23:59:59-05:00"), 80);
    assert_eq!(balance(&member, &havana, "1998-03-29T01:00:00-04:00"), 0);
    member.wake(&havana, instant("1998-03-29T01:00:00-04:00"));
    let lapsed = member.entries().pop().unwrap();
    assert_eq!(
        (lapsed.cause.as_str(), lapsed.happened()),
        ("expiry#1998-03-28", instant("1998-03-29T05:00:00Z"))
    );

    // New York's left out two to three on 5 April 1998, and had one to two twice on 25 October.
    for (day, hour, at) in [
        ("1998-04-05", "02:30", "1998-04-05T07:30:00Z"),
        ("1998-10-25", "01:30", "1998-10-25T05:30:00Z"),
    ] {
        let programme = sample(&[
            ("remind-days-before = [30, 7, 1]", "remind-days-before = [10]"),
            ("remind-at = \"10:00\"", &format!("remind-at = \"{hour}\"")),
            (
                "lasts = { months = 12, to-end-of = \"month\" }",
                "lasts = { days = 20 }",
            ),
        ]);
        let mut member = ana(&programme);
        let bought = day.parse::<jiff::civil::Date>().unwrap() - jiff::ToSpan::days(10);
        buy(
            &mut member,
            &programme,
            "purchase#1",
            &format!("{bought}T17:00:00Z"),
            "80.00",
        );
        for hours in 0..24 {
            let now = instant(&format!("{day}T00:00:00-05:00")) + jiff::SignedDuration::from_hours(hours);
            member.wake(&programme, now);
        }
        let reminded = member
            .entries()
            .into_iter()
            .filter(|entry| matches!(entry.what, What::Reminded { .. }));
        let told: Vec<_> = reminded.map(|entry| entry.happened()).collect();
        assert_eq!(told, [instant(at)], "{day} {hour}");
    }
}
