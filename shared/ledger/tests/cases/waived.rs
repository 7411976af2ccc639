//! No detour makes points: what a return cannot take, since it is spent or held, is taken when that comes back.

use ledger::Part;

use super::*;
use crate::support::{redeem_on, refund, whole_sample};

const AT: &str = "1997-02-10T17:00:00Z";

fn act(member: &mut Member, programme: &Programme, id: &str, fact: Fact) {
    let at = instant(AT);
    member.apply(programme, &activity(id, at, at, fact)).unwrap();
}

fn come_back(member: &mut Member, programme: &Programme, id: &str, order: &str) {
    member.apply(programme, &refund(id, AT, order, Part::Whole)).unwrap();
}

fn ends_with(member: &Member, programme: &Programme, points: i64, waived: i64) {
    assert_eq!(balance(member, programme, AT), points);
    assert_eq!(member.account().waived(MAIN).get(), waived);
    assert_eq!(ledger::audit(programme, &member.pages, member.account()), []);
}

#[test]
fn points_that_were_held_while_their_order_came_back_are_taken_when_they_are_let_go() {
    let programme = whole_sample(&[]);
    for end in ["cancel", "time"] {
        let mut member = ana(&programme);
        buy(&mut member, &programme, "purchase#1", AT, "100.00");
        let held = Fact::Reserve {
            points: Points::new(100),
            wallet: None,
            order: None,
            minutes: Some(30),
        };
        act(&mut member, &programme, "reserve#1", held);
        come_back(&mut member, &programme, "refund#1", "purchase#1");
        ends_with(&member, &programme, 0, 100);
        if end == "cancel" {
            let reservation = "reserve#1".parse().unwrap();
            act(&mut member, &programme, "cancel#1", Fact::Cancel { reservation });
        } else {
            member.wake(&programme, instant("1997-02-10T18:00:00Z"));
        }
        ends_with(&member, &programme, 0, 0);
        let totals = member.account().totals(MAIN);
        assert_eq!((totals.earned.get(), totals.returned.get()), (100, 100));
    }
}

#[test]
fn a_reward_that_comes_back_pays_for_the_order_that_paid_for_it() {
    let programme = whole_sample(&[]);
    for used in [false, true] {
        let mut member = ana(&programme);
        buy(&mut member, &programme, "purchase#1", AT, "100.00");
        let reward = "tote-bag".parse().unwrap();
        act(&mut member, &programme, "claim#1", Fact::Claim { reward });
        come_back(&mut member, &programme, "refund#1", "purchase#1");
        ends_with(&member, &programme, 0, 60);
        let claim: ledger::ActivityId = "claim#1".parse().unwrap();
        if used {
            let claim = claim.clone();
            act(&mut member, &programme, "fulfil#1", Fact::Fulfil { claim });
            let claim = "claim#1".parse().unwrap();
            act(&mut member, &programme, "refund-reward#1", Fact::RefundReward { claim });
        } else {
            act(&mut member, &programme, "cancel-reward#1", Fact::CancelReward { claim });
        }
        ends_with(&member, &programme, 0, 0);
    }
}

#[test]
fn two_orders_that_paid_for_each_other_leave_nothing() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", AT, "100.00");
    member
        .apply(&programme, &redeem_on("redeem#1", AT, 100, "purchase#2"))
        .unwrap();
    buy(&mut member, &programme, "purchase#2", AT, "1.00");
    come_back(&mut member, &programme, "refund#1", "purchase#1");
    ends_with(&member, &programme, 0, 99);
    come_back(&mut member, &programme, "refund#2", "purchase#2");
    ends_with(&member, &programme, 0, 0);
}

#[test]
fn points_that_were_drawn_later_come_back_whole() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", AT, "100.00");
    spend(&mut member, &programme, "redeem#1", AT, 100);
    come_back(&mut member, &programme, "refund#1", "purchase#1");
    ends_with(&member, &programme, 0, 100);
    buy(&mut member, &programme, "purchase#2", AT, "40.00");
    member
        .apply(&programme, &redeem_on("redeem#2", AT, 40, "purchase#3"))
        .unwrap();
    buy(&mut member, &programme, "purchase#3", AT, "5.00");
    come_back(&mut member, &programme, "refund#3", "purchase#3");
    ends_with(&member, &programme, 40, 100);
}
