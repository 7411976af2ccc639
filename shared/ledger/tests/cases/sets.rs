//! Several sets of tiers beside each other.

use ledger::Part;
use programme::TierSetId;

use super::*;
use crate::support::{activity, refund, whole_sample};

const CLUB: &str = "[[tier-sets]]
number = 1
basis = \"visits\"
window-months = 12
valid = { on = [\"01-01\"] }
[[tier-sets.levels]]
name = \"Guest\"
[[tier-sets.levels]]
name = \"Friend\"
from = 3

[returns]
";

fn club() -> TierSetId {
    TierSetId::try_from(1).unwrap()
}

fn act(member: &mut Member, programme: &Programme, id: &str, at: &str, fact: Fact) -> Result<(), Refusal> {
    member.apply(programme, &activity(id, instant(at), instant(at), fact))
}

fn is_sound(member: &Member, programme: &Programme) {
    assert_eq!(ledger::audit(programme, &member.pages, member.account()), []);
}

#[test]
fn a_purchase_counts_in_each_set_and_each_is_reviewed_on_its_own_day() {
    let programme = sample(&[("[returns]\n", CLUB)]);
    let mut member = ana(&programme);
    for (id, at) in [
        ("purchase#1", "1997-01-10"),
        ("purchase#2", "1997-02-10"),
        ("purchase#3", "1997-03-10"),
    ] {
        buy(&mut member, &programme, id, &format!("{at}T17:00:00Z"), "60.00");
    }
    let account = member.account();
    assert_eq!((account.tier(), account.review()), (1, Some(date(1998, 3, 10))));
    assert_eq!(
        (account.tier_in(club()), account.review_in(club())),
        (1, Some(date(1998, 1, 1)))
    );
    let risen = member
        .entries()
        .into_iter()
        .filter(|entry| matches!(entry.what, What::TierChanged { .. }));
    let risen: Vec<_> = risen
        .map(|entry| (entry.cause.clone(), entry.tier_set().unwrap().number()))
        .collect();
    assert_eq!(risen, [("purchase#3".into(), 0), ("purchase#3".into(), 1)]);

    // The order that made both takes both.
    let mut back = member.clone();
    let whole = refund("refund#1", "1997-03-11T17:00:00Z", "purchase#3", Part::Whole);
    back.apply(&programme, &whole).unwrap();
    assert_eq!((back.account().tier(), back.account().tier_in(club())), (0, 0));
    is_sound(&back, &programme);

    let causes = wake(&mut member, &programme, "1999-01-02T17:00:00Z");
    let reviews: Vec<&String> = causes.iter().filter(|cause| cause.starts_with("review#")).collect();
    assert_eq!(
        reviews,
        ["review#1998-01-01 t1", "review#1998-03-10", "review#1999-01-01 t1"]
    );
    // Sixty points of March 1997 and nothing after are too few for either.
    assert_eq!((member.account().tier(), member.account().tier_in(club())), (0, 0));
    is_sound(&member, &programme);
}

#[test]
fn a_tier_of_any_set_is_given_by_its_name_and_opens_rewards() {
    let tote = ("points = 60\n", "points = 60\ntier = \"Friend\"\n");
    let price = ("Virtuoso = 45", "Friend = 30");
    let programme = whole_sample(&[("[returns]\n", CLUB), tote, price]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-01-10T17:00:00Z", "60.00");
    let at = "1997-01-11T17:00:00Z";
    let claim = || Fact::Claim {
        reward: "tote-bag".parse().unwrap(),
    };
    let refused = act(&mut member, &programme, "claim#1", at, claim());
    assert_eq!(refused.unwrap_err().code(), "tier-too-low");
    let given = Fact::SetTier {
        tier: "Friend".parse().unwrap(),
        until: None,
        reason: "press".parse().unwrap(),
        actor: "clerk-7".parse().unwrap(),
    };
    act(&mut member, &programme, "set-tier#1", at, given).unwrap();
    assert_eq!((member.account().tier(), member.account().tier_in(club())), (0, 1));
    act(&mut member, &programme, "claim#2", at, claim()).unwrap();
    assert_eq!(balance(&member, &programme, at), 30, "friends pay half");
    is_sound(&member, &programme);
}

#[test]
fn what_an_order_reached_by_balance_and_by_visits_goes_with_it_in_both_sets() {
    let balance = ("\nwindow-months = 12\n", "\nwindow-months = 12\nbasis = \"balance\"\n");
    let club = CLUB
        .replace("window-months = 12", "window-months = 6")
        .replace("from = 3", "from = 1");
    let programme = sample(&[balance, ("[returns]\n", &club)]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-01-10T17:00:00Z", "160.00");
    assert_eq!(
        (member.account().tier(), member.account().tier_in(self::club())),
        (1, 1)
    );
    let whole = refund("refund#1", "1997-01-10T17:00:00Z", "purchase#1", Part::Whole);
    member.apply(&programme, &whole).unwrap();
    assert_eq!(
        (member.account().tier(), member.account().tier_in(self::club())),
        (0, 0)
    );
    is_sound(&member, &programme);
}

#[test]
fn a_member_enters_a_set_that_the_programme_adds_with_the_next_thing_they_do() {
    let mut member = ana(&sample(&[]));
    let later = CLUB
        .replace("window-months", "upgrade = \"at-review\"\nwindow-months")
        .replace("from = 3", "from = 1");
    let programme = sample(&[("[returns]\n", &later)]);
    let before = sample(&[]);
    buy(&mut member, &before, "purchase#0", "1997-06-09T17:00:00Z", "60.00");
    buy(&mut member, &programme, "purchase#1", "1997-06-10T17:00:00Z", "60.00");
    // The order of the day before counts in the old set alone, and nobody takes that for damage; nor that it is gone.
    is_sound(&member, &programme);
    is_sound(&member, &before);
    assert_eq!(member.account().review_in(club()), Some(date(1998, 1, 1)));
    wake(&mut member, &programme, "1998-01-02T17:00:00Z");
    assert_eq!(member.account().tier_in(club()), 1);
    is_sound(&member, &programme);
}

#[test]
fn a_tier_given_in_one_set_says_nothing_of_another_when_an_order_comes_back() {
    let programme = sample(&[("[returns]\n", CLUB)]);
    let mut member = ana(&programme);
    for n in 1..4 {
        buy(
            &mut member,
            &programme,
            &format!("purchase#{n}"),
            "1997-01-10T17:00:00Z",
            "1.00",
        );
    }
    let given = Fact::SetTier {
        tier: "Collector".parse().unwrap(),
        until: None,
        reason: "press".parse().unwrap(),
        actor: "clerk-7".parse().unwrap(),
    };
    act(&mut member, &programme, "set-tier#1", "1997-01-11T17:00:00Z", given).unwrap();
    assert_eq!((member.account().tier(), member.account().tier_in(club())), (1, 1));
    let whole = refund("refund#1", "1997-01-12T17:00:00Z", "purchase#3", Part::Whole);
    member.apply(&programme, &whole).unwrap();
    assert_eq!((member.account().tier(), member.account().tier_in(club())), (1, 0));
    is_sound(&member, &programme);
}

#[test]
fn sets_are_entered_in_whatever_order_they_stand_and_their_gifts_can_be_used() {
    let number = |number: u8| {
        CLUB.replace("number = 1", &format!("number = {number}"))
            .replace("[returns]\n", "")
    };
    let second = number(2)
        .replace("Guest", "Second guest")
        .replace("Friend", "Second friend");
    let first = CLUB.replace("valid = ", "upgrade = \"at-review\"\nvalid = ");
    let gift = "[[rewards]]\nname = \"badge\"\ngiven = \"tier\"\ntier = \"Friend\"\nlasts = { days = 90 }\n\n# Members may send";
    let programme = whole_sample(&[
        ("[returns]\n", &format!("{second}{first}")),
        ("# Members may send", gift),
    ]);
    let mut member = ana(&programme);
    for n in 1..=3 {
        buy(
            &mut member,
            &programme,
            &format!("purchase#{n}"),
            "1997-01-10T17:00:00Z",
            "10.00",
        );
    }
    assert_eq!(
        (member.account().tier_in(club()), member.account().review_in(club())),
        (0, Some(date(1998, 1, 1)))
    );
    member.wake(&programme, instant("1998-01-01T12:00:00Z"));
    assert_eq!(member.account().tier_in(club()), 1);
    let claims: Vec<String> = member
        .account()
        .claims()
        .iter()
        .map(|claim| claim.id.to_string())
        .collect();
    assert_eq!(claims, ["given#badge#review#1998-01-01#t1"]);
    let claim = claims[0].parse().unwrap();
    act(
        &mut member,
        &programme,
        "fulfil#1",
        "1998-01-02T12:00:00Z",
        Fact::Fulfil { claim },
    )
    .unwrap();
    is_sound(&member, &programme);
}

#[test]
fn an_order_of_before_a_set_takes_nothing_with_it_there_and_raises_nobody() {
    let before = sample(&[]);
    let programme = sample(&[("[returns]\n", &CLUB.replace("from = 3", "from = 2"))]);
    let mut member = ana(&before);
    for n in 1..=2 {
        buy(
            &mut member,
            &before,
            &format!("purchase#{n}"),
            "1997-06-05T17:00:00Z",
            "10.00",
        );
    }
    // The set is there from here on.
    buy(&mut member, &programme, "purchase#3", "1997-06-20T17:00:00Z", "10.00");
    let back = |id: &str, order: &str| refund(id, "1997-06-21T17:00:00Z", order, Part::Whole);
    member.apply(&programme, &back("refund#1", "purchase#1")).unwrap();
    assert_eq!(member.account().tier_in(club()), 0);
    buy(&mut member, &programme, "purchase#4", "1997-06-22T17:00:00Z", "10.00");
    assert_eq!(member.account().tier_in(club()), 1, "two since the set is there");
    member.apply(&programme, &back("refund#2", "purchase#2")).unwrap();
    assert_eq!(member.account().tier_in(club()), 1);
    member.apply(&programme, &back("refund#3", "purchase#3")).unwrap();
    assert_eq!(member.account().tier_in(club()), 0);
    is_sound(&member, &programme);
}

#[test]
fn what_was_before_a_set_is_not_played_again_for_it() {
    let before = sample(&[]);
    let programme = sample(&[(
        "[returns]\n",
        &CLUB.replace("valid = { on = [\"01-01\"] }", "valid = { months = 12 }"),
    )]);
    let mut member = ana(&before);
    for n in 1..=2 {
        buy(
            &mut member,
            &before,
            &format!("purchase#{n}"),
            "1997-06-05T17:00:00Z",
            "10.00",
        );
    }
    for (n, day) in [(3, "20"), (4, "25")] {
        let at = format!("1997-06-{day}T17:00:00Z");
        buy(&mut member, &programme, &format!("purchase#{n}"), &at, "10.00");
    }
    assert_eq!(member.account().tier_in(club()), 0, "two since the set is there");
    let back = refund("refund#1", "1997-06-26T17:00:00Z", "purchase#3", Part::Whole);
    member.apply(&programme, &back).unwrap();
    assert_eq!(member.account().tier_in(club()), 0);
    is_sound(&member, &programme);
}
