//! Referrals: what makes one count, what both sides have of it, and what becomes of it when the purchase comes back.

use ledger::{Accepted, Activity, MemberId, Part, Past, Referrer, for_referrer};

use super::*;
use crate::support::refund;

const RULES: &str = "[referral]\nwhen = \"activity.amount >= 20\"\nwithin-days = 90\nreturn-days = 30\n\n";
const BRINGS: &str = "[[campaigns]]\nname = \"brings\"\non = \"referral\"\npoints = 100\ntimes = 2\nper = \"year\"\n\n";
const WELCOME: &str = "[[campaigns]]\nname = \"welcome\"\non = \"referred\"\npoints = \"activity.amount / 2\"\n\n";
const FRIENDS: &str = "[[missions]]\nname = \"friends\"\non = \"referral\"\n[[missions.milestones]]\nreach = 1\npoints = 5\n\
                       [[missions.milestones]]\nreach = 2\npoints = 50\nbadge = \"host\"\n\n[badges.host]\nen = \"a host\"\n\n";

fn with(sections: &[&str]) -> Programme {
    sample(&[("[transfers]\n", &format!("{}[transfers]\n", sections.concat()))])
}

fn id(member: &str) -> MemberId {
    member.parse().unwrap()
}

/// A member whom Ana referred, who joined on the day.
fn friend(programme: &Programme, at: &str) -> Member {
    referred(programme, at, Referrer::Known)
}

fn referred(programme: &Programme, at: &str, found: Referrer) -> Member {
    let mut sign_up = sign_up(at, "America/New_York", None);
    if let Fact::SignUp { referrer, .. } = &mut sign_up.fact {
        *referrer = Some(id("ana"));
    }
    let past = Past {
        referrer: Some(found),
        ..Past::default()
    };
    let mut member = Member::default();
    ledger::apply(programme, &mut member.account, &sign_up, past).unwrap();
    member
}

/// An activity of a friend's, and what it does for Ana.
fn live(programme: &Programme, ana: &mut Member, (name, friend): (&str, &mut Member), activity: &Activity) -> bool {
    friend.apply(programme, activity).unwrap();
    let Some((to, arises)) = for_referrer(&id(name), friend.account(), activity).unwrap() else {
        return false;
    };
    assert_eq!(to, id("ana"));
    ana.apply(programme, &arises).unwrap();
    true
}

fn balance(member: &Member, programme: &Programme, at: &str) -> i64 {
    member.account().balance(MAIN, programme, instant(at)).get()
}

fn pending(member: &Member) -> i64 {
    let pending = member.account().pending(MAIN).iter();
    pending.map(|pending| pending.points.get()).sum()
}

#[test]
fn both_sides_wait_until_the_friend_s_purchase_can_no_longer_come_back() {
    let programme = with(&[RULES, BRINGS, WELCOME, FRIENDS]);
    let (mut ana, mut bo) = (ana(&programme), friend(&programme, "1997-02-01T17:00:00Z"));
    let small = purchase("purchase#1", "1997-02-02T17:00:00Z", "19.99");
    assert!(
        !live(&programme, &mut ana, ("bo", &mut bo), &small),
        "it counts from 20 on"
    );
    let first = purchase("purchase#2", "1997-02-03T17:00:00Z", "30.00");
    assert!(live(&programme, &mut ana, ("bo", &mut bo), &first));
    let second = purchase("purchase#3", "1997-02-04T17:00:00Z", "40.00");
    assert!(!live(&programme, &mut ana, ("bo", &mut bo), &second), "once");

    assert_eq!((pending(&ana), pending(&bo)), (105, 15));
    assert_eq!(balance(&ana, &programme, "1997-03-04T17:00:00Z"), 0);
    assert_eq!(balance(&bo, &programme, "1997-03-04T17:00:00Z"), 89);
    assert_eq!(
        balance(&ana, &programme, "1997-03-05T17:00:00Z"),
        105,
        "thirty days later"
    );
    assert_eq!(balance(&bo, &programme, "1997-03-05T17:00:00Z"), 104);
    assert_eq!(
        ana.causes(),
        [
            "sign-up",
            "referral#bo#2",
            "referral#bo#2 friends#1",
            "referral#bo#2 friends#1",
            "referral#bo#2 brings"
        ]
    );
    assert_eq!(
        bo.causes(),
        [
            "sign-up",
            "sign-up",
            "purchase#1",
            "purchase#2",
            "purchase#2",
            "purchase#2 welcome",
            "purchase#3"
        ]
    );
}

#[test]
fn one_side_alone_may_have_something_of_it() {
    let programme = with(&[RULES, WELCOME]);
    let (mut ana, mut bo) = (ana(&programme), friend(&programme, "1997-02-01T17:00:00Z"));
    let first = purchase("purchase#1", "1997-02-03T17:00:00Z", "30.00");
    assert!(live(&programme, &mut ana, ("bo", &mut bo), &first));
    assert_eq!((pending(&ana), pending(&bo)), (0, 15));
    assert_eq!(ana.causes(), ["sign-up", "referral#bo#1"]);
}

#[test]
fn buying_and_giving_back_brings_nobody_anything() {
    let programme = with(&[RULES, BRINGS, WELCOME, FRIENDS]);
    let (mut ana, mut bo) = (ana(&programme), friend(&programme, "1997-02-01T17:00:00Z"));
    for round in 0..4 {
        let (order, day) = (format!("purchase#{round}"), format!("1997-02-0{}", 3 + round));
        let bought = purchase(&order, &format!("{day}T17:00:00Z"), "30.00");
        assert!(
            live(&programme, &mut ana, ("bo", &mut bo), &bought),
            "each may make it count"
        );
        assert_eq!((pending(&ana), pending(&bo)), (105, 15), "however often");
        let part = refund(
            &format!("refund#a{round}"),
            &format!("{day}T18:00:00Z"),
            &order,
            crate::support::dollars("10.00"),
        );
        assert!(
            !live(&programme, &mut ana, ("bo", &mut bo), &part),
            "a part of it leaves it be"
        );
        let rest = refund(
            &format!("refund#b{round}"),
            &format!("{day}T19:00:00Z"),
            &order,
            Part::Whole,
        );
        assert!(live(&programme, &mut ana, ("bo", &mut bo), &rest));
        assert_eq!((pending(&ana), pending(&bo)), (0, 0));
        assert!(ana.account().badges().is_empty());
    }
    for member in [&ana, &bo] {
        let totals = member.account().totals(MAIN);
        assert_eq!(totals.earned, totals.returned);
        assert_eq!(balance(member, &programme, "1998-01-01T17:00:00Z"), 0);
        assert_eq!(ledger::audit(&programme, &member.pages, member.account()), []);
    }
}

#[test]
fn what_is_lost_late_is_taken_as_other_points_are() {
    let programme = with(&[RULES, BRINGS]);
    let (mut ana, mut bo) = (ana(&programme), friend(&programme, "1997-02-01T17:00:00Z"));
    let bought = purchase("purchase#1", "1997-02-03T17:00:00Z", "30.00");
    live(&programme, &mut ana, ("bo", &mut bo), &bought);
    spend(&mut ana, &programme, "redeem#1", "1997-06-01T17:00:00Z", 60);
    let back = refund("refund#1", "1997-06-02T17:00:00Z", "purchase#1", Part::Whole);
    assert!(live(&programme, &mut ana, ("bo", &mut bo), &back));
    assert_eq!(balance(&ana, &programme, "1997-06-02T17:00:00Z"), 0);
    assert_eq!(ana.account().waived(MAIN).get(), 60, "what was spent is remembered");
}

#[test]
fn friends_are_levels_that_go_down_again_and_a_lost_one_leaves_room_for_another() {
    let programme = with(&[RULES, BRINGS, FRIENDS]);
    let mut ana = ana(&programme);
    let mut friends: Vec<(String, Member)> = (0..3)
        .map(|n| (format!("f{n}"), friend(&programme, "1997-02-01T17:00:00Z")))
        .collect();
    let bought = purchase("purchase#1", "1997-02-03T17:00:00Z", "30.00");
    let mut sums = Vec::new();
    for (name, friend) in &mut friends {
        live(&programme, &mut ana, (name, friend), &bought);
        sums.push(pending(&ana));
    }
    // Two a year for friends, and the levels beside them.
    assert_eq!(sums, [105, 255, 255]);
    assert_eq!(ana.account().badges().len(), 1);
    let back = refund("refund#1", "1997-02-05T17:00:00Z", "purchase#1", Part::Whole);
    for (name, friend) in &mut friends[1..] {
        live(&programme, &mut ana, (name, friend), &back);
    }
    assert_eq!(pending(&ana), 105, "one friend is left");
    assert!(ana.account().badges().is_empty());
    let again = purchase("purchase#2", "1997-02-06T17:00:00Z", "30.00");
    let (name, friend) = &mut friends[2];
    live(&programme, &mut ana, (name, friend), &again);
    assert_eq!(pending(&ana), 255);
}

#[test]
fn who_comes_too_late_or_was_there_before_makes_nothing_count() {
    let programme = with(&[RULES, BRINGS, WELCOME]);
    let mut ana = ana(&programme);
    for (at, counts) in [
        ("1997-02-01T16:00:00Z", true),
        ("1997-05-02T17:00:00Z", true),
        ("1997-05-03T17:00:00Z", false),
        ("1997-01-31T17:00:00Z", false),
    ] {
        let mut bo = friend(&programme, "1997-02-01T17:00:00Z");
        let bought = late_purchase("purchase#1", at, "1997-06-01T17:00:00Z", "30.00");
        let name = format!("f{}", at.replace(':', "-"));
        assert_eq!(live(&programme, &mut ana, (&name, &mut bo), &bought), counts, "{at}");
    }
}

#[test]
fn who_refers_themselves_or_nobody_that_is_there_has_nothing_of_it_and_joins_all_the_same() {
    let programme = with(&[RULES, BRINGS, WELCOME]);
    for found in [Referrer::Unknown, Referrer::SamePerson] {
        let mut bo = referred(&programme, "1997-02-01T17:00:00Z", found);
        let said = bo.entries().into_iter().map(|entry| entry.what);
        let (by, referrer) = (id("ana"), found);
        assert_eq!(
            said.collect::<Vec<_>>(),
            [What::Joined, What::Referred { by, referrer }]
        );
        let bought = purchase("purchase#1", "1997-02-03T17:00:00Z", "30.00");
        bo.apply(&programme, &bought).unwrap();
        assert_eq!(for_referrer(&id("bo"), bo.account(), &bought), Ok(None));
        assert_eq!(pending(&bo), 0);
    }
}

#[test]
fn too_many_at_once_wait_for_somebody_who_accepts_them_once() {
    let review = "[referral]\nreturn-days = 30\nreview-over = { times = 2, per = \"day\" }\n\n";
    let programme = with(&[
        review,
        "[[campaigns]]\nname = \"brings\"\non = \"referral\"\npoints = 100\n\n",
    ]);
    let mut ana = ana(&programme);
    let brought = |friend: &str, at: &str, accepted: Option<Accepted>| {
        let referee = id(friend);
        let fact = Fact::Referral { referee, accepted };
        activity(&format!("referral#{friend}#1"), instant(at), instant(at), fact)
    };
    let day = "1997-02-03T17:00:00Z";
    for friend in ["a", "b"] {
        ana.apply(&programme, &brought(friend, day, None)).unwrap();
    }
    let lost = |friend: &str| {
        let of = format!("referral#{friend}#1").parse().unwrap();
        let id = format!("referral-lost#{friend}#1");
        activity(&id, instant(day), instant(day), Fact::ReferralLost { of })
    };
    // One that is lost has come all the same.
    ana.apply(&programme, &lost("b")).unwrap();
    let refused = ana.apply(&programme, &brought("c", day, None));
    assert_eq!(refused, Err(Refusal::ReferralReview { most: 2 }));
    assert_eq!(refused.unwrap_err().code(), "referral-review");
    assert_eq!(pending(&ana), 100);
    // The next day of hers is another.
    ana.apply(&programme, &brought("d", "1997-02-04T05:00:00Z", None))
        .unwrap();
    assert_eq!(pending(&ana), 200);

    let accepted = || {
        Some(Accepted {
            reason: "a real friend".parse().unwrap(),
            actor: "clerk-7".parse().unwrap(),
        })
    };
    ana.apply(&programme, &brought("c", day, accepted())).unwrap();
    assert_eq!(pending(&ana), 300);
    let again = ana.apply(&programme, &brought("c", day, accepted()));
    assert_eq!(again, Err(Refusal::ReferralOver));
    // What came back while it waited is not accepted any more.
    ana.apply(&programme, &lost("e")).unwrap();
    let late = ana.apply(&programme, &brought("e", day, accepted()));
    assert_eq!(late, Err(Refusal::ReferralOver));
    assert_eq!(ana.apply(&programme, &lost("e")), Err(Refusal::ReferralOver));
}

#[test]
fn a_programme_without_referrals_has_none() {
    let programme = sample(&[]);
    let mut bo = friend(&programme, "1997-02-01T17:00:00Z");
    assert_eq!(bo.causes(), ["sign-up"]);
    bo.apply(&programme, &purchase("purchase#1", "1997-02-03T17:00:00Z", "30.00"))
        .unwrap();
    let (referee, accepted) = (id("bo"), None);
    let fact = Fact::Referral { referee, accepted };
    let at = instant("1997-02-03T17:00:00Z");
    let refused = bo.apply(&programme, &activity("referral#c#1", at, at, fact));
    assert_eq!(refused, Err(Refusal::NoReferrals));
}

/// Whoever is there when another joins was there before, so nobody is at both ends of a chain.
#[test]
fn no_chain_of_referrals_ends_where_it_began() {
    // Each of four members says at their sign-up who referred them: nobody, or one of the four; in every order.
    let programme = with(&[RULES, WELCOME]);
    let found = |joined: &[usize], by: usize| {
        if joined.contains(&by) {
            Referrer::Known
        } else {
            Referrer::Unknown
        }
    };
    let mut chains = 0;
    for said in 0..5_usize.pow(4) {
        let by: Vec<Option<usize>> = (0..4)
            .map(|member| (said / 5_usize.pow(member) % 5).checked_sub(1))
            .collect();
        let (mut joined, mut counts) = (Vec::new(), [None; 4]);
        for member in [2, 0, 3, 1] {
            let Some(by) = by[member] else {
                joined.push(member);
                continue;
            };
            let own = referred(&programme, "1997-02-01T17:00:00Z", found(&joined, by));
            counts[member] = own.account().may_make_referral_count().then_some(by);
            joined.push(member);
        }
        for start in 0..4 {
            let ends = std::iter::successors(Some(start), |member| counts[*member])
                .take(10)
                .count();
            assert!(ends <= 4, "{by:?} is a ring: {counts:?}");
            chains = chains.max(ends);
        }
    }
    assert_eq!(chains, 4, "the longest there can be");
}
