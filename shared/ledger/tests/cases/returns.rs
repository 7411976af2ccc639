//! Orders that come back: points, tier, and what is owed.

use ledger::{OrderLine, Part, Past, Returned};

use super::*;
use crate::support::{MAIN, dollars, redeem_on, refund};

pub(super) fn give_back(member: &mut Member, programme: &Programme, id: &str, at: &str, order: &str, part: Part) {
    member.apply(programme, &refund(id, at, order, part)).unwrap();
}

fn returned(member: &Member) -> Returned {
    let entries = member.entries().into_iter().rev();
    let found = entries.into_iter().find_map(|entry| match entry.what {
        What::Returned(returned) => Some(*returned),
        _ => None,
    });
    found.expect("a return")
}

fn unlimited(lowest: &str) -> Programme {
    sample(&[
        ("claw-back = \"within-balance\"", "claw-back = \"unlimited\""),
        ("lowest = 0", &format!("lowest = {lowest}")),
    ])
}

#[test]
fn a_whole_return_leaves_nothing_of_the_order() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "29.33",
    );
    buy(
        &mut member,
        &programme,
        "purchase#2",
        "1997-02-10T12:00:00-05:00",
        "120.00",
    );
    let before = member.clone();
    buy(
        &mut member,
        &programme,
        "purchase#3",
        "1997-03-10T12:00:00-05:00",
        "40.50",
    );
    assert_eq!(member.account().tier(), 1, "189 points");
    give_back(
        &mut member,
        &programme,
        "refund#1",
        "1997-03-12T12:00:00-05:00",
        "purchase#3",
        Part::Whole,
    );
    assert_eq!(lots(&member), lots(&before));
    assert_eq!((member.account().tier(), member.account().review()), (0, None));
    assert_eq!(member.account().totals(MAIN).returned.get(), 40);
    let What::TierLost {
        from, to, qualifying, ..
    } = last(&member)
    else {
        panic!("{:?}", last(&member));
    };
    assert_eq!((from, to, qualifying), (1, 0, 149));
}

#[test]
fn parts_keep_the_share_of_the_points_that_the_money_has_rounded_down() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "29.33",
    );
    // 20.00 of 29.33 stay paid: 19.77 of 29 points.
    give_back(
        &mut member,
        &programme,
        "refund#1",
        "1997-01-12T12:00:00-05:00",
        "purchase#1",
        dollars("9.33"),
    );
    assert_eq!(balance(&member, &programme, "1997-01-12T12:00:00-05:00"), 19);
    give_back(
        &mut member,
        &programme,
        "refund#2",
        "1997-01-13T12:00:00-05:00",
        "purchase#1",
        dollars("0.01"),
    );
    assert_eq!(balance(&member, &programme, "1997-01-13T12:00:00-05:00"), 19);
    let again = refund("refund#3", "1997-01-14T12:00:00-05:00", "purchase#1", dollars("20.00"));
    let refused = Refusal::MoreThanPaid {
        asked: 2000,
        left: 1999,
    };
    assert_eq!(member.apply(&programme, &again), Err(refused));
    give_back(
        &mut member,
        &programme,
        "refund#4",
        "1997-01-14T12:00:00-05:00",
        "purchase#1",
        Part::Whole,
    );
    assert_eq!(balance(&member, &programme, "1997-01-14T12:00:00-05:00"), 0);
    let again = refund("refund#5", "1997-01-14T12:00:00-05:00", "purchase#1", Part::Whole);
    assert_eq!(member.apply(&programme, &again), Err(Refusal::ReturnedAlready));
}

#[test]
fn lines_cost_what_was_paid_for_them_to_the_cent() {
    let programme = sample(&[]);
    let mut account = ana(&programme).account;
    let bought = purchase("purchase#1", "1997-01-10T12:00:00-05:00", "25.00");
    ledger::apply(&programme, &mut account, &bought, Past::default()).unwrap();
    // Three for 10.00: 3.33, 3.33 and 3.34.
    let lines = [OrderLine {
        line: "pen".parse().unwrap(),
        quantity: 3,
        minor: 1_000,
        fields: Vec::new(),
    }];
    let past = Past {
        lines: &lines,
        ..Past::default()
    };
    for (id, cents) in [("refund#1", 333), ("refund#2", 333), ("refund#3", 334)] {
        let one = Part::Lines(vec![("pen".parse().unwrap(), 1)]);
        let back = refund(id, "1997-01-12T12:00:00-05:00", "purchase#1", one);
        ledger::apply(&programme, &mut account, &back, past).unwrap();
        let entries = account.as_ref().unwrap().page().entries().unwrap();
        let What::Returned(returned) = &entries.last().unwrap().what else {
            panic!("{entries:?}");
        };
        assert_eq!(returned.minor, cents);
    }
    let fourth = Part::Lines(vec![("pen".parse().unwrap(), 1)]);
    let fourth = refund("refund#4", "1997-01-12T12:00:00-05:00", "purchase#1", fourth);
    let refused = Refusal::MoreThanBought {
        line: "pen".to_owned(),
        asked: 1,
        left: 0,
    };
    assert_eq!(ledger::apply(&programme, &mut account, &fourth, past), Err(refused));
}

#[test]
fn points_spent_on_an_order_come_back_to_their_own_lots_and_dates() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "30.00",
    );
    buy(
        &mut member,
        &programme,
        "purchase#2",
        "1997-02-10T12:00:00-05:00",
        "30.00",
    );
    let before = lots(&member);
    let pays = redeem_on("redeem#1", "1997-03-10T11:59:00-05:00", 40, "purchase#3");
    member.apply(&programme, &pays).unwrap();
    buy(
        &mut member,
        &programme,
        "purchase#3",
        "1997-03-10T12:00:00-05:00",
        "10.00",
    );
    // Half comes back: half of the 40, the last that were drawn first.
    give_back(
        &mut member,
        &programme,
        "refund#1",
        "1997-03-12T12:00:00-05:00",
        "purchase#3",
        dollars("5.00"),
    );
    let restored = returned(&member).restored;
    let days: Vec<_> = restored
        .iter()
        .map(|(day, points)| (day.date(), points.get()))
        .collect();
    assert_eq!(days, [(date(1998, 2, 28), 10), (date(1998, 1, 31), 10)]);
    give_back(
        &mut member,
        &programme,
        "refund#2",
        "1997-03-13T12:00:00-05:00",
        "purchase#3",
        Part::Whole,
    );
    assert_eq!(lots(&member), before);
    assert_eq!(member.account().totals(MAIN).spent.get(), 0);
}

#[test]
fn points_that_come_back_to_a_lapsed_lot_have_lapsed() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "30.00",
    );
    let pays = redeem_on("redeem#1", "1998-01-30T12:00:00-05:00", 30, "purchase#2");
    member.apply(&programme, &pays).unwrap();
    buy(
        &mut member,
        &programme,
        "purchase#2",
        "1998-01-30T12:01:00-05:00",
        "10.00",
    );
    give_back(
        &mut member,
        &programme,
        "refund#1",
        "1998-02-03T12:00:00-05:00",
        "purchase#2",
        Part::Whole,
    );
    let back = returned(&member);
    assert_eq!((back.restored.len(), back.gone[0].1.get()), (0, 30));
    let totals = member.account().totals(MAIN);
    assert_eq!((totals.spent.get(), totals.expired.get()), (0, 30));
    assert_eq!(balance(&member, &programme, "1998-02-03T12:00:00-05:00"), 0);
}

#[test]
fn points_that_were_spent_elsewhere_come_out_of_the_rest_or_are_waived_or_owed() {
    let story = |programme: &Programme| {
        let mut member = ana(programme);
        buy(
            &mut member,
            programme,
            "purchase#1",
            "1997-01-10T12:00:00-05:00",
            "30.00",
        );
        spend(&mut member, programme, "redeem#1", "1997-01-20T12:00:00-05:00", 25);
        buy(
            &mut member,
            programme,
            "purchase#2",
            "1997-02-10T12:00:00-05:00",
            "12.00",
        );
        give_back(
            &mut member,
            programme,
            "refund#1",
            "1997-02-12T12:00:00-05:00",
            "purchase#1",
            Part::Whole,
        );
        member
    };
    let at = "1997-02-12T12:00:00-05:00";
    // Five of its own lot, twelve of the other; thirteen are missing.
    let programme = sample(&[]);
    let member = story(&programme);
    assert_eq!((returned(&member).moved(), returned(&member).waived.get()), (17, 13));
    assert_eq!(balance(&member, &programme, at), 0);

    let programme = sample(&[("claw-back = \"within-balance\"", "claw-back = \"only-pending\"")]);
    let member = story(&programme);
    assert_eq!((returned(&member).moved(), returned(&member).waived.get()), (0, 30));
    assert_eq!(balance(&member, &programme, at), 17);

    let programme = unlimited("-10");
    let member = story(&programme);
    assert_eq!((returned(&member).owed.get(), returned(&member).waived.get()), (10, 3));
    assert_eq!(balance(&member, &programme, at), -10);

    let programme = unlimited("\"any\"");
    let mut member = story(&programme);
    assert_eq!(
        (returned(&member).owed.get(), balance(&member, &programme, at)),
        (13, -13)
    );
    let nothing = Refusal::NotEnough {
        wanted: Points::new(1),
        balance: Points::new(-13),
    };
    assert_eq!(member.apply(&programme, &redeem("redeem#2", at, 1)), Err(nothing));
    // What is earned pays what is owed first; what is left can be spent, and lapses in its time.
    buy(
        &mut member,
        &programme,
        "purchase#3",
        "1997-03-10T12:00:00-05:00",
        "20.00",
    );
    assert_eq!(member.account().owed(MAIN), Points::ZERO);
    assert_eq!(lots(&member), [("1998-03-31".to_owned(), 7)]);
    let What::Settled { lots: paid } = last(&member) else {
        panic!("{:?}", last(&member));
    };
    assert_eq!(paid[0].1.get(), 13);
}

#[test]
fn points_that_come_back_pay_what_is_owed() {
    let programme = unlimited("\"any\"");
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "30.00",
    );
    let pays = redeem_on("redeem#1", "1997-01-20T12:00:00-05:00", 30, "purchase#2");
    member.apply(&programme, &pays).unwrap();
    buy(
        &mut member,
        &programme,
        "purchase#2",
        "1997-01-20T12:01:00-05:00",
        "0.99",
    );
    give_back(
        &mut member,
        &programme,
        "refund#1",
        "1997-01-21T12:00:00-05:00",
        "purchase#1",
        dollars("20.00"),
    );
    assert_eq!(member.account().owed(MAIN).get(), 20);
    give_back(
        &mut member,
        &programme,
        "refund#2",
        "1997-01-22T12:00:00-05:00",
        "purchase#2",
        Part::Whole,
    );
    assert_eq!(member.account().owed(MAIN), Points::ZERO);
    assert_eq!(lots(&member), [("1998-01-31".to_owned(), 10)]);
}

#[test]
fn points_that_lapsed_are_not_taken_back_a_second_time() {
    let programme = unlimited("\"any\"");
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "30.00",
    );
    buy(
        &mut member,
        &programme,
        "purchase#2",
        "1997-01-11T12:00:00-05:00",
        "20.00",
    );
    spend(&mut member, &programme, "redeem#1", "1997-01-20T12:00:00-05:00", 35);
    // Fifteen lapse. Two orders of fifty come back: fifteen of their points lapsed, the others were spent.
    for (booked, owed) in [(true, 35), (false, 35)] {
        let mut member = member.clone();
        if booked {
            wake(&mut member, &programme, "1998-02-01T12:00:00-05:00");
        }
        for (id, order) in [("refund#1", "purchase#1"), ("refund#2", "purchase#2")] {
            give_back(
                &mut member,
                &programme,
                id,
                "1998-02-02T12:00:00-05:00",
                order,
                Part::Whole,
            );
        }
        wake(&mut member, &programme, "1998-02-03T12:00:00-05:00");
        assert_eq!(member.account().owed(MAIN).get(), owed, "booked before: {booked}");
        assert_eq!(member.account().totals(MAIN).expired.get(), 15);
    }
}

#[test]
fn points_by_hand_go_as_low_as_a_balance_may() {
    let programme = unlimited("-10");
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "30.00",
    );
    let by_hand = |id: &str, points: i64| {
        let fact = Fact::Adjust {
            points: Points::new(points),
            wallet: None,
            reason: "fraud".parse().unwrap(),
            actor: "clerk-7".parse().unwrap(),
        };
        let at = instant("1997-01-20T12:00:00-05:00");
        activity(id, at, at, fact)
    };
    let refused = member.apply(&programme, &by_hand("adjust#1", -41));
    assert!(matches!(refused, Err(Refusal::NotEnough { .. })), "{refused:?}");
    member.apply(&programme, &by_hand("adjust#2", -40)).unwrap();
    assert_eq!(member.account().owed(MAIN).get(), 10);
    assert!(member.apply(&programme, &by_hand("adjust#3", -1)).is_err());
    member.apply(&programme, &by_hand("adjust#4", 25)).unwrap();
    assert_eq!(balance(&member, &programme, "1997-01-20T12:00:00-05:00"), 15);
}

#[test]
fn a_refund_without_the_members_pages_is_no_refund_of_an_unknown_order() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    for order in 0..20 {
        buy(
            &mut member,
            &programme,
            &format!("purchase#{order}"),
            "1997-01-10T12:00:00-05:00",
            "10.00",
        );
    }
    let mut account = member.account.clone();
    let back = refund("refund#1", "1997-01-12T12:00:00-05:00", "purchase#0", Part::Whole);
    let refused = ledger::apply(&programme, &mut account, &back, Past::default());
    assert_eq!(refused, Err(Refusal::Corrupt(ledger::Corrupt::Missing(0))));
    assert_eq!(account, member.account);
}
