//! Tiers that follow what can be spent, or the segments the shop puts members in.

use ledger::Part;

use super::*;
use crate::support::{activity, refund};

const LEVELS: [(&str, &str); 2] = [
    ("from = 150\n", "segment = \"club\"\n"),
    ("from = 500\n", "segment = \"stars\"\n"),
];

fn by_segment(more: &[(&str, &str)]) -> Programme {
    let basis = ("\nwindow-months = 12\n", "\nwindow-months = 12\nbasis = \"segment\"\n");
    let notices = ("notify-days-before = [30]\n", "");
    sample(&[&[basis, notices][..], &LEVELS, more].concat())
}

fn by_balance() -> Programme {
    sample(&[("\nwindow-months = 12\n", "\nwindow-months = 12\nbasis = \"balance\"\n")])
}

fn act(member: &mut Member, programme: &Programme, id: &str, at: &str, fact: Fact) -> Result<(), Refusal> {
    member.apply(programme, &activity(id, instant(at), instant(at), fact))
}

fn segment(name: &str, inside: bool) -> Fact {
    let segment = name.parse().unwrap();
    Fact::Segment { segment, inside }
}

fn is_sound(member: &Member, programme: &Programme) {
    assert_eq!(ledger::audit(programme, &member.pages, member.account()), []);
}

#[test]
fn a_member_has_the_highest_tier_whose_segment_they_are_in_and_loses_it_at_the_review() {
    let programme = by_segment(&[]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-01-10T17:00:00Z", "900.00");
    assert_eq!(member.account().tier(), 0, "no purchase makes a star");
    act(
        &mut member,
        &programme,
        "segment#1",
        "1997-02-01T17:00:00Z",
        segment("club", true),
    )
    .unwrap();
    act(
        &mut member,
        &programme,
        "segment#2",
        "1997-02-02T17:00:00Z",
        segment("stars", true),
    )
    .unwrap();
    act(
        &mut member,
        &programme,
        "segment#3",
        "1997-02-03T17:00:00Z",
        segment("other", true),
    )
    .unwrap();
    assert_eq!(member.account().tier(), 2);
    let twice = act(
        &mut member,
        &programme,
        "segment#4",
        "1997-02-03T17:00:00Z",
        segment("club", true),
    );
    assert_eq!(twice.unwrap_err().code(), "segment-already");
    act(
        &mut member,
        &programme,
        "segment#5",
        "1997-03-01T17:00:00Z",
        segment("stars", false),
    )
    .unwrap();
    assert_eq!(member.account().tier(), 2, "it is kept until its review");
    wake(&mut member, &programme, "1998-02-02T17:00:00Z");
    assert_eq!(member.account().tier(), 1);
    let names: Vec<&str> = member.account().segments().iter().map(ledger::Label::as_str).collect();
    assert_eq!(names, ["club", "other"]);
    is_sound(&member, &programme);
}

#[test]
fn a_tier_follows_what_can_be_spent_wherever_it_comes_from_and_falls_at_the_review() {
    let programme = by_balance();
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-01-10T17:00:00Z", "140.00");
    assert_eq!(member.account().tier(), 0);
    let (reason, actor) = ("goodwill".parse().unwrap(), "clerk-7".parse().unwrap());
    let by_hand = Fact::Adjust {
        points: Points::new(10),
        wallet: None,
        reason,
        actor,
    };
    act(&mut member, &programme, "adjust#1", "1997-01-11T17:00:00Z", by_hand).unwrap();
    assert_eq!(
        (member.account().tier(), member.account().review()),
        (1, Some(date(1998, 1, 11)))
    );
    spend(&mut member, &programme, "redeem#1", "1997-01-12T17:00:00Z", 149);
    assert_eq!(member.account().tier(), 1);
    wake(&mut member, &programme, "1998-01-11T17:00:00Z");
    assert_eq!(member.account().tier(), 0);
    is_sound(&member, &programme);
}

#[test]
fn a_tier_that_the_balance_reached_on_an_order_goes_with_it_part_by_part() {
    let programme = by_balance();
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-01-10T17:00:00Z", "160.00");
    buy(&mut member, &programme, "purchase#2", "1997-02-10T17:00:00Z", "300.00");
    assert_eq!(
        (member.account().tier(), member.account().review()),
        (2, Some(date(1998, 2, 10)))
    );
    let back = |id: &str, part: Part| refund(id, "1997-02-11T17:00:00Z", "purchase#2", part);
    member
        .apply(&programme, &back("refund#1", crate::support::dollars("100.00")))
        .unwrap();
    // Back to where the first order had brought them, with its day of review.
    let first = (1, Some(date(1998, 1, 10)));
    assert_eq!((member.account().tier(), member.account().review()), first);
    member.apply(&programme, &back("refund#2", Part::Whole)).unwrap();
    assert_eq!((member.account().tier(), member.account().review()), first);
    let back = refund("refund#3", "1997-02-12T17:00:00Z", "purchase#1", Part::Whole);
    member.apply(&programme, &back).unwrap();
    assert_eq!((member.account().tier(), member.account().review()), (0, None));
    is_sound(&member, &programme);
}

#[test]
fn a_tier_given_by_hand_is_not_taken_with_the_order_that_had_reached_it_before() {
    let programme = by_balance();
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-01-10T17:00:00Z", "160.00");
    let given = Fact::SetTier {
        tier: "Collector".parse().unwrap(),
        until: None,
        reason: "press".parse().unwrap(),
        actor: "clerk-7".parse().unwrap(),
    };
    act(&mut member, &programme, "set-tier#1", "1997-01-11T17:00:00Z", given).unwrap();
    let back = refund("refund#1", "1997-01-12T17:00:00Z", "purchase#1", Part::Whole);
    member.apply(&programme, &back).unwrap();
    assert_eq!((member.account().tier(), member.account().review()), (1, None));
    is_sound(&member, &programme);
}

#[test]
fn points_that_a_checkout_lets_go_raise_the_tier_when_they_do() {
    let programme = by_balance();
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-01-10T17:00:00Z", "100.00");
    let hold = Fact::Reserve {
        points: Points::new(60),
        wallet: None,
        order: None,
        minutes: Some(20),
    };
    act(&mut member, &programme, "reserve#1", "1997-01-11T17:00:00Z", hold).unwrap();
    buy(&mut member, &programme, "purchase#2", "1997-01-11T17:01:00Z", "60.00");
    assert_eq!(member.account().tier(), 0);
    wake(&mut member, &programme, "1997-01-11T17:20:00Z");
    assert_eq!(member.account().tier(), 1);
    assert_eq!(member.causes().last().map(String::as_str), Some("end#reserve#1"));
    is_sound(&member, &programme);
}
