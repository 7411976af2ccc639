//! What went wrong in other loyalty programmes, in public, does not go wrong here. Each test says in a line what did.

use ledger::Part;

use super::*;
use crate::support::{MAIN, redeem_on, refund};

fn back(member: &mut Member, programme: &Programme, id: &str, at: &str, order: &str) -> Result<(), Refusal> {
    member.apply(programme, &refund(id, at, order, Part::Whole))
}

/// Expired credits dropped out of the sum while debits that had used them stayed, and the balance collapsed.
/// <https://github.com/FreeOpenSourcePOS/FloCafe/issues/78>, <https://github.com/FreeOpenSourcePOS/FloCafe/issues/62>
#[test]
fn flocafe_78_what_was_spent_of_a_lapsed_lot_is_not_subtracted_again() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "100.00",
    );
    spend(&mut member, &programme, "redeem#1", "1997-02-10T12:00:00-05:00", 80);
    buy(
        &mut member,
        &programme,
        "purchase#2",
        "1997-12-10T12:00:00-05:00",
        "50.00",
    );
    wake(&mut member, &programme, "1998-02-01T12:00:00-05:00");
    assert_eq!(balance(&member, &programme, "1998-02-01T12:00:00-05:00"), 50);
    assert_eq!(member.account().totals(MAIN).expired.get(), 20);
}

/// A redemption on another kind of document never reached the ledger: points could be redeemed for ever.
/// <https://github.com/frappe/erpnext/issues/59050>
#[test]
fn erpnext_59050_points_spent_on_an_order_that_never_comes_are_gone_all_the_same() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "100.00",
    );
    for (id, applied) in [("redeem#1", true), ("redeem#2", false)] {
        let pays = redeem_on(id, "1997-02-10T12:00:00-05:00", 60, "purchase#elsewhere");
        assert_eq!(member.apply(&programme, &pays).is_ok(), applied, "{id}");
    }
    assert_eq!(balance(&member, &programme, "1997-02-10T12:00:00-05:00"), 40);
}

/// A refund kept the points that the order had earned: buying and returning made points out of nothing.
/// <https://github.com/odoo/odoo/pull/257854>, <https://github.com/odoo/odoo/pull/238806>,
/// <https://github.com/frappe/erpnext/issues/32951>
#[test]
fn odoo_257854_buying_and_returning_again_and_again_earns_nothing() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    for round in 0..50 {
        let (at, later) = ("1997-01-10T12:00:00-05:00", "1997-01-11T12:00:00-05:00");
        let order = format!("purchase#{round}");
        buy(&mut member, &programme, &order, at, "200.00");
        back(&mut member, &programme, &format!("refund#{round}"), later, &order).unwrap();
    }
    assert_eq!((lots(&member), member.account().tier()), (Vec::new(), 0));
    assert_eq!(
        member.account().totals(MAIN).earned,
        member.account().totals(MAIN).returned,
        "neither bonus of a tier nor rounding is left"
    );
}

/// A refund took the points away twice: once as a negative sale and once as a reversal.
/// <https://github.com/odoo/odoo/pull/212922>
#[test]
fn odoo_212922_points_are_taken_back_once() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "100.00",
    );
    buy(
        &mut member,
        &programme,
        "purchase#2",
        "1997-01-11T12:00:00-05:00",
        "40.00",
    );
    let at = "1997-01-12T12:00:00-05:00";
    back(&mut member, &programme, "refund#1", at, "purchase#2").unwrap();
    assert_eq!(
        back(&mut member, &programme, "refund#2", at, "purchase#2"),
        Err(Refusal::ReturnedAlready)
    );
    assert_eq!(balance(&member, &programme, at), 100);
}

/// A cancelled order that was refunded as well left the wrong balance: points spent on it and points earned by it were
/// not undone together.
/// <https://github.com/nopSolutions/nopCommerce/issues/5595>
#[test]
fn nopcommerce_5595_a_cancelled_order_undoes_what_it_earned_and_what_paid_for_it() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "100.00",
    );
    let before = lots(&member);
    let pays = redeem_on("redeem#1", "1997-02-10T12:00:00-05:00", 60, "purchase#2");
    member.apply(&programme, &pays).unwrap();
    buy(
        &mut member,
        &programme,
        "purchase#2",
        "1997-02-10T12:01:00-05:00",
        "40.00",
    );
    let at = "1997-02-11T12:00:00-05:00";
    back(&mut member, &programme, "refund#cancel", at, "purchase#2").unwrap();
    assert!(back(&mut member, &programme, "refund#money", at, "purchase#2").is_err());
    assert_eq!(lots(&member), before);
}

/// Expired value could still be claimed.
/// <https://github.com/odoo/odoo/pull/247740>
#[test]
fn odoo_247740_what_has_lapsed_cannot_be_spent_though_nobody_has_booked_it() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "100.00",
    );
    let late = redeem("redeem#1", "1998-02-01T00:00:00-05:00", 1);
    assert!(matches!(
        member.apply(&programme, &late),
        Err(Refusal::NotEnough { .. })
    ));
    let in_time = redeem("redeem#2", "1998-01-31T23:59:59-05:00", 1);
    assert_eq!(member.apply(&programme, &in_time), Ok(()));
}

/// Expiry was not booked as a debit: the ledger's sum and the balance parted.
/// <https://github.com/Kademi/kademi-dev/issues/4304>, <https://github.com/Kademi/kademi-dev/issues/5962>
#[test]
fn kademi_4304_an_expiry_is_an_entry_like_any_other() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "100.00",
    );
    spend(&mut member, &programme, "redeem#1", "1997-02-10T12:00:00-05:00", 30);
    wake(&mut member, &programme, "1998-02-01T12:00:00-05:00");
    let sum: i64 = member.entries().iter().map(ledger::Entry::change).sum();
    assert_eq!(sum, balance(&member, &programme, "1998-02-01T12:00:00-05:00"));
    assert!(
        member
            .entries()
            .iter()
            .any(|entry| matches!(entry.what, What::Expired { points, .. } if points.get() == 70))
    );
}

/// The wrong tier was assigned: the lowest that fits, another for an amount on the very threshold, or one by points that
/// had long been spent or had lapsed out of the window.
/// <https://github.com/frappe/erpnext/issues/22167>, <https://github.com/frappe/erpnext/issues/24672>,
/// <https://github.com/frappe/erpnext/issues/33550>
#[test]
fn erpnext_22167_the_tier_is_the_highest_that_the_windows_points_reach() {
    let programme = sample(&[]);
    for (dollars, tier) in [
        ("149.99", 0),
        ("150.00", 1),
        ("499.99", 1),
        ("500.00", 2),
        ("9000.00", 2),
    ] {
        let mut member = ana(&programme);
        buy(
            &mut member,
            &programme,
            "purchase#1",
            "1997-01-10T12:00:00-05:00",
            dollars,
        );
        assert_eq!(member.account().tier(), tier, "{dollars}");
        spend(&mut member, &programme, "redeem#1", "1997-01-11T12:00:00-05:00", 149);
        assert_eq!(member.account().tier(), tier, "spending costs no tier");
    }
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "149.00",
    );
    buy(
        &mut member,
        &programme,
        "purchase#2",
        "1998-02-10T12:00:00-05:00",
        "149.00",
    );
    assert_eq!(member.account().tier(), 0, "points of thirteen months ago do not count");
}

/// There was no expiry at all until the history became the balance.
/// <https://github.com/odoo/odoo/pull/206048>
#[test]
fn odoo_206048_each_purchase_has_its_own_last_day() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    buy(
        &mut member,
        &programme,
        "purchase#1",
        "1997-01-10T12:00:00-05:00",
        "10.00",
    );
    buy(
        &mut member,
        &programme,
        "purchase#2",
        "1997-03-10T12:00:00-05:00",
        "20.00",
    );
    assert_eq!(
        lots(&member),
        [("1998-01-31".to_owned(), 10), ("1998-03-31".to_owned(), 20)]
    );
}

/// How to spend first-expiring-first when there are very many earns: a million points of ten thousand of them.
/// <https://github.com/ProgrammerZamanNow/qna/issues/983>
#[test]
fn qna_983_a_million_points_of_ten_thousand_purchases_are_spent_in_one_commit() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    let (mut day, mut account) = (date(1997, 1, 2), member.account.take());
    for order in 0..10_000 {
        let at = format!("{day}T12:00:00-05:00");
        let bought = purchase(&format!("purchase#{order}"), &at, "100.00");
        account.as_mut().unwrap().close_pages().unwrap();
        ledger::apply(&programme, &mut account, &bought, ledger::Past::default()).unwrap();
        if order % 28 == 27 {
            day = day.tomorrow().unwrap();
        }
    }
    let before = account.clone().unwrap();
    assert!(before.lots(MAIN).len() <= 13, "{} lots", before.lots(MAIN).len());
    let at = "1997-12-29T12:00:00-05:00";
    assert!(before.balance(MAIN, &programme, instant(at)).get() >= 1_000_000);
    let spent = redeem("redeem#1", at, 1_000_000);
    ledger::apply(&programme, &mut account, &spent, ledger::Past::default()).unwrap();
    let after = account.unwrap();
    assert_eq!(after.entries(), before.entries() + 1);
    assert!(
        after.encode().unwrap().len() < 2_048,
        "{} bytes",
        after.encode().unwrap().len()
    );
    let What::Redeemed { points, lots, .. } = after.entries_since(before.entries()).unwrap().pop().unwrap().what else {
        panic!("no redemption");
    };
    assert_eq!(points.get(), 1_000_000);
    assert_eq!(lots.iter().map(|(_, points)| points.get()).sum::<i64>(), 1_000_000);
}
