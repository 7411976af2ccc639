//! Rewards, from the claim to what becomes of them.

use ledger::{Claim, Part, Past, Shelf, next_reward};

use super::*;
use crate::support::{activity, refund, whole_sample};

fn act(member: &mut Member, programme: &Programme, id: &str, at: &str, fact: Fact) -> Result<(), Refusal> {
    member.apply(programme, &activity(id, instant(at), instant(at), fact))
}

fn claim(reward: &str) -> Fact {
    Fact::Claim {
        reward: reward.parse().unwrap(),
    }
}

fn fulfil(id: &str) -> Fact {
    Fact::Fulfil {
        claim: id.parse().unwrap(),
    }
}

fn cancel(id: &str) -> Fact {
    Fact::CancelReward {
        claim: id.parse().unwrap(),
    }
}

fn refund_reward(id: &str) -> Fact {
    Fact::RefundReward {
        claim: id.parse().unwrap(),
    }
}

/// Forty points to the end of January 1998, and sixty to the end of February; the tote bag costs sixty.
fn with_two_lots(programme: &Programme) -> Member {
    let mut member = ana(programme);
    buy(&mut member, programme, "purchase#1", "1997-01-10T17:00:00Z", "40.00");
    buy(&mut member, programme, "purchase#2", "1997-02-10T17:00:00Z", "60.00");
    member
}

fn unused(member: &Member) -> Vec<(String, String)> {
    let claims = member.account().claims().iter();
    let last_day = |claim: &Claim| claim.lapses_after().map_or("never".to_owned(), |day| day.to_string());
    claims
        .map(|claim| (claim.reward.to_string(), last_day(claim)))
        .collect()
}

fn is_sound(member: &Member, programme: &Programme) {
    assert_eq!(ledger::audit(programme, &member.pages, member.account()), []);
}

#[test]
fn a_claim_takes_the_points_that_lapse_first_and_a_cancel_puts_them_back_where_they_were() {
    let programme = whole_sample(&[]);
    let mut member = with_two_lots(&programme);
    let before = lots(&member);
    let at = "1997-03-01T17:00:00Z";
    act(&mut member, &programme, "claim#1", at, claim("tote-bag")).unwrap();
    assert_eq!(lots(&member), [("1998-02-28".to_owned(), 40)]);
    assert_eq!(unused(&member), [("tote-bag".to_owned(), "never".to_owned())]);
    act(&mut member, &programme, "cancel-reward#1", at, cancel("claim#1")).unwrap();
    assert_eq!((lots(&member), unused(&member)), (before, vec![]));
    assert_eq!(member.account().totals(MAIN).spent, Points::ZERO);
    let again = act(&mut member, &programme, "cancel-reward#2", at, cancel("claim#1"));
    assert_eq!(again.unwrap_err().code(), "no-claim");
    is_sound(&member, &programme);
}

#[test]
fn points_of_a_cancelled_reward_lapse_where_their_lot_has_lapsed_meanwhile() {
    let programme = whole_sample(&[]);
    let mut member = with_two_lots(&programme);
    act(
        &mut member,
        &programme,
        "claim#1",
        "1997-03-01T17:00:00Z",
        claim("tote-bag"),
    )
    .unwrap();
    let after = "1998-02-01T17:00:00Z";
    act(&mut member, &programme, "cancel-reward#1", after, cancel("claim#1")).unwrap();
    assert_eq!(lots(&member), [("1998-02-28".to_owned(), 60)]);
    assert_eq!(member.account().totals(MAIN).expired, Points::new(40));
    is_sound(&member, &programme);
}

#[test]
fn a_reward_is_fulfilled_once_and_refunded_once_whatever_lies_between() {
    let programme = whole_sample(&[]);
    let mut member = with_two_lots(&programme);
    let at = "1997-03-01T17:00:00Z";
    act(&mut member, &programme, "claim#1", at, claim("tote-bag")).unwrap();
    let early = act(&mut member, &programme, "refund-reward#1", at, refund_reward("claim#1"));
    assert_eq!(early.unwrap_err().code(), "not-fulfilled");
    act(&mut member, &programme, "fulfil#1", at, fulfil("claim#1")).unwrap();
    for fact in [fulfil("claim#1"), cancel("claim#1")] {
        assert_eq!(
            act(&mut member, &programme, "x#1", at, fact).unwrap_err().code(),
            "no-claim"
        );
    }
    // So much later that the claim stands on a page that was closed long ago.
    for n in 0..30 {
        buy(
            &mut member,
            &programme,
            &format!("purchase#{}", n + 3),
            "1997-04-01T17:00:00Z",
            "0.50",
        );
    }
    act(&mut member, &programme, "refund-reward#2", at, refund_reward("claim#1")).unwrap();
    assert_eq!(balance(&member, &programme, "1997-04-02T17:00:00Z"), 100);
    let twice = act(&mut member, &programme, "refund-reward#3", at, refund_reward("claim#1"));
    assert_eq!(twice.unwrap_err().code(), "no-claim");
    is_sound(&member, &programme);
}

#[test]
fn why_a_reward_cannot_be_had_is_said_in_codes_and_numbers() {
    let programme = whole_sample(&[
        ("stock = 200\n", "stock = 200\nper-member = 1\ntier = \"Collector\"\n"),
        (
            "name = \"download\"\n",
            "name = \"download\"\nfrom = \"1997-03-01\"\nthrough = \"1997-03-31\"\n",
        ),
    ]);
    let mut member = with_two_lots(&programme);
    let mut code = |at: &str, fact: Fact| act(&mut member, &programme, "claim#x", at, fact).unwrap_err().code();
    let march = "1997-03-01T17:00:00Z";
    assert_eq!(code(march, claim("sofa")), "unknown-reward");
    assert_eq!(code(march, claim("birthday-song")), "not-offered");
    assert_eq!(code(march, claim("tote-bag")), "tier-too-low");
    assert_eq!(code("1997-02-28T17:00:00Z", claim("download")), "not-offered");
    assert_eq!(code("1997-04-01T17:00:00Z", claim("download")), "not-offered");
    // A pool without coupons is an empty shelf.
    assert_eq!(code(march, claim("download")), "out-of-stock");

    buy(&mut member, &programme, "purchase#3", march, "60.00");
    act(&mut member, &programme, "claim#1", march, claim("tote-bag")).unwrap();
    let again = act(&mut member, &programme, "claim#2", march, claim("tote-bag")).unwrap_err();
    assert_eq!(
        again.to_string(),
        "a member may have tote-bag 1 times, and has had it as often"
    );
    act(&mut member, &programme, "cancel-reward#1", march, cancel("claim#1")).unwrap();
    spend(&mut member, &programme, "redeem#1", march, 110);
    let poor = act(&mut member, &programme, "claim#3", march, claim("tote-bag")).unwrap_err();
    assert_eq!((poor.code(), poor.missing()), ("not-enough", Some(Points::new(10))));
    let (next, missing) = next_reward(&programme, member.account(), &[], instant(march)).unwrap();
    assert_eq!((next.name.as_str(), missing.get()), ("tote-bag", 10));
    is_sound(&member, &programme);
}

#[test]
fn a_coupon_comes_with_its_code_and_lapses_after_a_reminder() {
    let programme = whole_sample(&[]);
    let mut member = with_two_lots(&programme);
    let at = instant("1997-03-01T17:00:00Z");
    let claims = activity("claim#1", at, at, claim("download"));
    let shelf = Some(Shelf {
        left: 1,
        code: Some("7K2M-Q9XD-3HFB"),
    });
    let past = Past {
        shelf,
        ..Past::default()
    };
    ledger::apply(&programme, &mut member.account, &claims, past).unwrap();
    assert_eq!(member.account().claims()[0].code.as_deref(), Some("7K2M-Q9XD-3HFB"));
    assert_eq!(unused(&member), [("download".to_owned(), "1997-04-30".to_owned())]);
    // At ten in New York, fourteen days before; and the end of the day itself.
    assert!(wake(&mut member, &programme, "1997-04-16T09:59:59-04:00").is_empty());
    let reminder = ["claim#1#14"];
    assert_eq!(wake(&mut member, &programme, "1997-04-16T10:00:00-04:00"), reminder);
    assert!(wake(&mut member, &programme, "1997-04-30T23:59:59-04:00").is_empty());
    let lapsed = ["claim#1"];
    assert_eq!(wake(&mut member, &programme, "1997-05-01T00:00:00-04:00"), lapsed);
    assert_eq!(
        (unused(&member), balance(&member, &programme, "1997-05-01T12:00:00Z")),
        (vec![], 80)
    );
    is_sound(&member, &programme);
}

#[test]
fn a_reward_cannot_be_used_after_its_last_day_though_nothing_says_so_yet() {
    let programme = whole_sample(&[]);
    let mut member = ana(&programme);
    wake(&mut member, &programme, "1997-05-01T12:00:00-04:00");
    let gift = ("birthday-song".to_owned(), "1997-05-08".to_owned());
    assert_eq!(unused(&member), [gift]);
    let id = "given#birthday-song#birthday#1997";
    let late = act(&mut member, &programme, "fulfil#1", "1997-05-09T17:00:00Z", fulfil(id));
    assert_eq!(late.unwrap_err().code(), "no-claim");
    act(&mut member, &programme, "fulfil#1", "1997-05-08T17:00:00Z", fulfil(id)).unwrap();
    assert_eq!(unused(&member), []);
    is_sound(&member, &programme);
}

#[test]
fn a_reward_given_with_a_tier_goes_with_it_where_the_order_comes_back_unless_it_was_used() {
    let programme = whole_sample(&[]);
    let print = [("signed-print".to_owned(), "1997-04-10".to_owned())];
    let id = "given#signed-print#purchase#1";
    for used in [false, true] {
        let mut member = ana(&programme);
        buy(&mut member, &programme, "purchase#1", "1997-01-10T17:00:00Z", "600.00");
        assert_eq!(unused(&member), print);
        if used {
            act(&mut member, &programme, "fulfil#1", "1997-01-11T17:00:00Z", fulfil(id)).unwrap();
        }
        let back = refund("refund#1", "1997-01-12T17:00:00Z", "purchase#1", Part::Whole);
        member.apply(&programme, &back).unwrap();
        assert_eq!((member.account().tier(), unused(&member)), (0, vec![]));
        // Whoever gave it back has not had it; whoever used it has.
        buy(&mut member, &programme, "purchase#2", "1997-01-10T17:00:00Z", "600.00");
        assert_eq!(unused(&member).len(), usize::from(!used));
        is_sound(&member, &programme);
    }
}

#[test]
fn an_account_holds_twenty_claims_and_no_more() {
    let programme = whole_sample(&[(
        "points = 60\ntier-points = { Virtuoso = 45 }\nstock = 200\n",
        "points = 0\n",
    )]);
    let mut member = ana(&programme);
    let at = "1997-03-01T17:00:00Z";
    for n in 0..20 {
        act(&mut member, &programme, &format!("claim#{n}"), at, claim("tote-bag")).unwrap();
    }
    let more = act(&mut member, &programme, "claim#20", at, claim("tote-bag"));
    assert_eq!(more.unwrap_err().code(), "too-many-claims");
    is_sound(&member, &programme);
}

#[test]
fn a_limit_on_spending_counts_a_reward_until_it_comes_back() {
    let limit = "[[limits]]\non = \"spend\"\nper = \"month\"\npoints = 70\n\n[tiers]\n";
    let programme = whole_sample(&[("\n[tiers]\n", limit)]);
    let mut member = with_two_lots(&programme);
    let at = "1997-03-01T17:00:00Z";
    act(&mut member, &programme, "claim#1", at, claim("tote-bag")).unwrap();
    let spends = |member: &mut Member, id: &str| member.apply(&programme, &crate::support::redeem(id, at, 20));
    assert_eq!(spends(&mut member, "redeem#1").unwrap_err().code(), "limit");
    act(&mut member, &programme, "cancel-reward#1", at, cancel("claim#1")).unwrap();
    spends(&mut member, "redeem#2").unwrap();
    is_sound(&member, &programme);
}

#[test]
fn an_order_whose_points_lapsed_while_they_were_a_reward_takes_none_of_the_others() {
    let programme = whole_sample(&[]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-01-10T17:00:00Z", "60.00");
    act(
        &mut member,
        &programme,
        "claim#1",
        "1997-01-11T17:00:00Z",
        claim("tote-bag"),
    )
    .unwrap();
    buy(&mut member, &programme, "purchase#2", "1997-02-10T17:00:00Z", "60.00");
    let after = "1998-02-05T17:00:00Z";
    act(&mut member, &programme, "cancel-reward#1", after, cancel("claim#1")).unwrap();
    member
        .apply(&programme, &refund("refund#1", after, "purchase#1", Part::Whole))
        .unwrap();
    assert_eq!(lots(&member), [("1998-02-28".to_owned(), 60)]);
    is_sound(&member, &programme);
}

#[test]
fn a_gift_of_an_earlier_rise_does_not_go_with_the_order_of_a_later_one() {
    let print = (
        "per-member = 1\nlasts = { days = 90 }\nremind-days-before = [14]\n",
        "lasts = { days = 2000 }\n",
    );
    let programme = whole_sample(&[print]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-01-10T17:00:00Z", "500.00");
    member.wake(&programme, instant("1999-02-01T12:00:00Z"));
    assert_eq!(member.account().tier(), 0);
    buy(&mut member, &programme, "purchase#2", "1999-03-10T17:00:00Z", "500.00");
    let given = |member: &Member| {
        let claims = member.account().claims().iter();
        let prints = claims.filter(|claim| claim.reward.as_str() == "signed-print");
        prints.map(|claim| claim.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(given(&member).len(), 2);
    let back = refund("refund#1", "1999-03-11T17:00:00Z", "purchase#2", Part::Whole);
    member.apply(&programme, &back).unwrap();
    assert_eq!(given(&member), ["given#signed-print#purchase#1"]);
    is_sound(&member, &programme);
}
