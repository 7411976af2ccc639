//! Versions: facts keep the rules they fell under, and what is decided now goes by those of now.

use ledger::{Part, rearm};

use super::*;
use crate::support::{refund, sample_text, versions};

/// The sample programme, with these campaigns under these days by name.
fn with(replacements: &[(&str, &str)], days: &str, campaigns: &str) -> String {
    let more = format!("[calendar]\n{days}\n{campaigns}\n[transfers]\n");
    let all: Vec<(&str, &str)> = replacements
        .iter()
        .copied()
        .chain([("[transfers]\n", more.as_str())])
        .collect();
    sample_text(&all)
}

/// Twice the points from 1 July 1997 on.
fn doubled() -> Programme {
    let newer = sample_text(&[("points-per-unit = \"1\"", "points-per-unit = \"2\"")]);
    versions(sample_text(&[]), &[("1997-07-01", newer)])
}

const LAST_SECOND: &str = "1997-06-30T23:59:59-04:00";
const FIRST_SECOND: &str = "1997-07-01T00:00:00-04:00";

#[test]
fn a_purchase_earns_by_the_rules_in_effect_when_it_happened() {
    let programme = doubled();
    let mut member = ana(&programme);
    for (id, at, received, points) in [
        ("purchase#1", LAST_SECOND, LAST_SECOND, 20),
        ("purchase#2", FIRST_SECOND, FIRST_SECOND, 40),
        // What arrives late fell under the rules before.
        ("purchase#3", LAST_SECOND, "1997-07-20T12:00:00-04:00", 20),
    ] {
        let before = balance(&member, &programme, received);
        member
            .apply(&programme, &late_purchase(id, at, received, "20.00"))
            .unwrap();
        assert_eq!(balance(&member, &programme, received) - before, points, "{id}");
    }
}

#[test]
fn what_came_before_a_version_comes_back_as_it_went() {
    let programme = doubled();
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", LAST_SECOND, "50.00");
    buy(&mut member, &programme, "purchase#2", FIRST_SECOND, "50.00");
    for (id, order, left) in [("refund#1", "purchase#1", 100), ("refund#2", "purchase#2", 0)] {
        let back = refund(id, "1997-07-20T12:00:00-04:00", order, Part::Whole);
        member.apply(&programme, &back).unwrap();
        assert_eq!(balance(&member, &programme, "1997-07-20T12:00:00-04:00"), left, "{id}");
    }
}

#[test]
fn a_campaign_ends_with_the_version_that_had_it() {
    let half = "[[campaigns]]\nname = \"half-more\"\nmultiply = \"1.5\"\ntimes = 2\n";
    let programme = versions(with(&[], "", half), &[("1997-07-01", sample_text(&[]))]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", LAST_SECOND, "20.00");
    buy(&mut member, &programme, "purchase#2", FIRST_SECOND, "20.00");
    let late = late_purchase("purchase#3", LAST_SECOND, "1997-07-20T12:00:00-04:00", "20.00");
    member.apply(&programme, &late).unwrap();
    let got: Vec<usize> = member.entries().iter().map(|entry| entry.shares().len()).collect();
    assert_eq!(got, [0, 1, 0, 1]);
    // What it granted goes with its order, and it has a name still.
    let back = refund("refund#1", "1997-07-21T12:00:00-04:00", "purchase#1", Part::Whole);
    member.apply(&programme, &back).unwrap();
    assert_eq!(balance(&member, &programme, "1997-07-21T12:00:00-04:00"), 50);
    let share = member.entries()[1].shares()[0].campaign;
    assert_eq!(programme.campaign(share).unwrap().name.as_str(), "half-more");
}

#[test]
fn spending_goes_by_the_rules_of_now() {
    let limit = "[[limits]]\non = \"spend\"\nper = \"day\"\npoints = 10\n\n[returns]";
    let newer = sample_text(&[("[returns]", limit)]);
    let programme = versions(sample_text(&[]), &[("1997-07-01", newer)]);
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-06-01T12:00:00-04:00",
        "50.00",
    );
    spend(&mut member, &programme, "redeem#1", LAST_SECOND, 20);
    let refused = member.apply(&programme, &redeem("redeem#2", FIRST_SECOND, 20));
    assert!(matches!(refused, Err(Refusal::Limit { .. })), "{refused:?}");
}

/// Members reach a tier on 150 points, and from July on on 200.
fn higher_tiers() -> Programme {
    let newer = sample_text(&[("from = 150\n", "from = 200\n")]);
    versions(sample_text(&[]), &[("1997-07-01", newer)])
}

#[test]
fn a_tier_reached_by_the_rules_before_is_kept_as_they_said() {
    let programme = higher_tiers();
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", LAST_SECOND, "160.00");
    assert_eq!(member.account().tier(), 1);
    // What comes back of the new time has no part in it.
    buy(&mut member, &programme, "purchase#2", FIRST_SECOND, "20.00");
    let back = refund("refund#2", "1997-07-10T12:00:00-04:00", "purchase#2", Part::Whole);
    member.apply(&programme, &back).unwrap();
    assert_eq!(member.account().tier(), 1);
    // What comes back of the old time takes it along, although 160 would reach nothing any more.
    let back = refund("refund#1", "1997-07-10T13:00:00-04:00", "purchase#1", Part::Whole);
    member.apply(&programme, &back).unwrap();
    assert_eq!(member.account().tier(), 0);
    // Another member reaches none on as much.
    let mut other = ana(&programme);
    buy(&mut other, &programme, "purchase#1", FIRST_SECOND, "160.00");
    assert_eq!(other.account().tier(), 0);
    // Nor on what fell under the old rules and arrives under the new ones.
    let mut late = ana(&programme);
    let purchase = late_purchase("purchase#1", LAST_SECOND, "1997-07-20T12:00:00-04:00", "160.00");
    late.apply(&programme, &purchase).unwrap();
    assert_eq!(late.account().tier(), 0);
}

#[test]
fn a_review_goes_by_the_rules_in_effect_on_its_day() {
    let programme = higher_tiers();
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-03-01T12:00:00-05:00",
        "160.00",
    );
    buy(&mut member, &programme, "purchase#2", FIRST_SECOND, "1.00");
    assert_eq!(member.account().tier(), 1);
    wake(&mut member, &programme, "1998-03-02T12:00:00-05:00");
    assert_eq!(member.account().tier(), 0);
}

const GIFT: &str =
    "[[campaigns]]\nname = \"gift\"\non = { day = \"member-day\" }\npoints = 30\nfrom = \"1997-01-01\"\n";

/// From July on members have a gift on the 18th.
fn gift_from_july() -> Programme {
    let newer = with(&[], "member-day = { monthly = 18 }", GIFT);
    versions(sample_text(&[]), &[("1997-07-01", newer)])
}

#[test]
fn a_member_who_does_nothing_is_armed_for_the_version_in_effect() {
    let programme = gift_from_july();
    let mut member = ana(&programme);
    wake(&mut member, &programme, "1997-05-01T12:00:00-04:00");
    let alarm = member.account().alarm();
    assert_eq!(alarm, instant("1998-01-01T11:00:00-05:00"), "the anniversary");
    let account = member.account.as_mut().unwrap();
    assert!(!rearm(&programme, account, instant(LAST_SECOND)), "it is not in effect");
    assert_eq!(account.alarm(), alarm);
    assert!(rearm(&programme, account, instant(FIRST_SECOND)));
    assert_eq!(account.alarm(), instant("1997-07-18T10:00:00-04:00"));
    // Twice comes to the same, and concerns nobody.
    let armed = account.clone();
    assert!(!rearm(&programme, account, instant("1997-07-02T00:00:00-04:00")));
    assert_eq!(account.alarm(), armed.alarm());
    // The 18ths before it took effect are none of it.
    let causes = wake(&mut member, &programme, "1997-07-18T12:00:00-04:00");
    assert_eq!(causes, ["day#member-day#1997-07-18", "day#member-day#1997-07-18 gift"]);
}

#[test]
fn after_an_outage_each_moment_goes_by_the_rules_in_effect_then() {
    let gift = with(&[], "member-day = { monthly = 18 }", GIFT);
    let more = with(&[], "member-day = { monthly = 18 }", &GIFT.replace("30", "40"));
    let programme = versions(
        sample_text(&[]),
        &[
            ("1997-03-01", gift),
            ("1997-05-10", more),
            ("1997-07-01", sample_text(&[])),
        ],
    );
    let mut member = ana(&programme);
    let causes = wake(&mut member, &programme, "1997-09-01T12:00:00-04:00");
    let days: Vec<&str> = causes
        .iter()
        .map(String::as_str)
        .filter(|cause| cause.ends_with(" gift"))
        .collect();
    let expected = ["1997-03-18", "1997-04-18", "1997-05-18", "1997-06-18"];
    assert_eq!(days, expected.map(|day| format!("day#member-day#{day} gift")));
    assert_eq!(
        balance(&member, &programme, "1997-09-01T12:00:00-04:00"),
        30 + 30 + 40 + 40
    );
}

#[test]
fn whoever_does_something_is_armed_by_that() {
    let programme = gift_from_july();
    let mut member = ana(&programme);
    wake(&mut member, &programme, "1997-05-01T12:00:00-04:00");
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-07-02T12:00:00-04:00",
        "1.00",
    );
    assert_eq!(member.account().alarm(), instant("1997-07-18T10:00:00-04:00"));
    let account = member.account.as_mut().unwrap();
    assert!(!rearm(&programme, account, instant("1997-07-03T12:00:00-04:00")));
}

/// The sample with reminders so many days before.
fn reminders(days: &str) -> String {
    let remind = format!("remind-days-before = {days}");
    sample_text(&[("remind-days-before = [30, 7, 1]", &remind)])
}

#[test]
fn an_earlier_reminder_is_heard_of_in_time() {
    let programme = versions(reminders("[7]"), &[("1997-07-01", reminders("[200, 30, 7]"))]);
    let mut member = ana(&programme);
    // The points last through March; what fell due under the rules before is over.
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-03-05T12:00:00-05:00",
        "50.00",
    );
    wake(&mut member, &programme, "1997-05-01T12:00:00-04:00");
    let account = member.account.as_mut().unwrap();
    rearm(&programme, account, instant(FIRST_SECOND));
    let causes = wake(&mut member, &programme, "1998-03-01T23:00:00-05:00");
    let of_points: Vec<&str> = causes
        .iter()
        .map(String::as_str)
        .filter(|cause| cause.starts_with("reminder"))
        .collect();
    assert_eq!(of_points, ["reminder#1998-03-31#30"]);
}

/// Of a programme that is changed without a day from which the change is in effect.
#[test]
fn a_change_without_a_day_is_in_effect_from_when_it_is_found_on() {
    let before = sample(&[]);
    let after = programme_of(&with(&[], "member-day = { monthly = 18 }", GIFT));
    let mut member = ana(&before);
    wake(&mut member, &before, "1997-05-01T12:00:00-04:00");
    let account = member.account.as_mut().unwrap();
    assert!(rearm(&after, account, instant("1997-08-20T12:00:00-04:00")));
    let causes = wake(&mut member, &after, "1997-09-20T12:00:00-04:00");
    assert_eq!(causes, ["day#member-day#1997-09-18", "day#member-day#1997-09-18 gift"]);
}

/// Also where nothing of what it brings is still to come.
#[test]
fn what_was_over_before_a_change_was_found_is_not_made_up_for() {
    let over = GIFT.replace("points = 30", "points = 30\nthrough = \"1997-08-19\"");
    let (before, after) = (
        sample(&[]),
        programme_of(&with(&[], "member-day = { monthly = 18 }", &over)),
    );
    let mut member = ana(&before);
    wake(&mut member, &before, "1997-05-01T12:00:00-04:00");
    let account = member.account.as_mut().unwrap();
    assert!(rearm(&after, account, instant("1997-08-20T12:00:00-04:00")));
    assert!(
        !rearm(&after, account, instant("1997-08-20T12:00:00-04:00")),
        "once is enough"
    );
    let causes = wake(&mut member, &after, "1998-01-02T12:00:00-05:00");
    assert_eq!(causes, ["anniversary#1"]);
}

fn programme_of(main: &str) -> Programme {
    crate::support::programme(main)
}

/// What was done in the last second is no sign of the next.
#[test]
fn a_member_of_the_last_second_is_armed_as_well() {
    let programme = versions(reminders("[7]"), &[("1997-07-01", reminders("[250, 7]"))]);
    for by_doing in [false, true] {
        let mut member = ana(&programme);
        wake(&mut member, &programme, "1997-05-01T12:00:00-04:00");
        buy(&mut member, &programme, "purchase#1", LAST_SECOND, "20.00");
        if by_doing {
            spend(&mut member, &programme, "redeem#1", FIRST_SECOND, 10);
        } else {
            let account = member.account.as_mut().unwrap();
            assert!(rearm(&programme, account, instant(FIRST_SECOND)));
        }
        assert_eq!(member.account().alarm(), instant("1997-10-23T10:00:00-04:00"));
    }
}

#[test]
fn a_tier_that_the_rules_of_a_late_purchase_have_not_is_their_highest() {
    let legend = "[[tiers.levels]]\nname = \"Legend\"\nfrom = 600\nmultiplier = \"5\"\n\n# Beside these";
    let newer = sample_text(&[("# Beside these", legend)]);
    let programme = versions(sample_text(&[]), &[("1997-07-01", newer)]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", FIRST_SECOND, "600.00");
    assert_eq!(member.account().tier(), 3);
    let late = late_purchase("purchase#2", LAST_SECOND, "1997-07-20T12:00:00-04:00", "100.00");
    member.apply(&programme, &late).unwrap();
    assert_eq!(balance(&member, &programme, "1997-07-20T12:00:00-04:00"), 600 + 150);
}
