//! Points of several kinds, kept apart.

use ledger::Part;

use super::*;
use crate::support::{activity, refund};
use programme::WalletId;

/// A point a dollar to spend, times the tier's multiplier, and two that only count for the tier and never lapse.
fn with_status() -> Programme {
    sample(&[
        (
            "[expiry]\n",
            "[[earn]]\ncurrency = \"USD\"\npoints-per-unit = \"2\"\nwallet = \"status\"\ntier-multiplies = false\n\n\
             [[wallets]]\nnumber = 0\nname = \"points\"\n\n[[wallets]]\nnumber = 3\nname = \"status\"\n\
             spendable = false\nlasts = \"forever\"\n\n[expiry]\n",
        ),
        ("[tiers]\n", "[tiers]\nwallet = \"status\"\n"),
    ])
}

fn status() -> WalletId {
    WalletId::new(3).unwrap()
}

fn in_status(member: &Member, programme: &Programme, at: &str) -> i64 {
    member.account().balance(status(), programme, instant(at)).get()
}

fn spend_of(wallet: &str, points: i64) -> Fact {
    Fact::Redeem {
        points: Points::new(points),
        wallet: Some(wallet.parse().unwrap()),
        order: None,
    }
}

#[test]
fn a_purchase_earns_in_each_wallet_by_its_own_rule_and_the_tier_counts_one_of_them() {
    let programme = with_status();
    let mut member = ana(&programme);
    let at = "1997-02-01T12:00:00Z";
    // 80 dollars are 160 of status, and so a Collector's.
    buy(&mut member, &programme, "purchase#1", at, "80.00");
    assert_eq!(
        (balance(&member, &programme, at), in_status(&member, &programme, at)),
        (80, 160)
    );
    assert_eq!(member.account().tier(), 1);
    // The multiplier is for what can be spent alone.
    buy(&mut member, &programme, "purchase#2", at, "10.00");
    assert_eq!(
        (balance(&member, &programme, at), in_status(&member, &programme, at)),
        (92, 180)
    );
    let wallets: Vec<u8> = member.entries().iter().map(|entry| entry.wallet.number()).collect();
    assert_eq!(wallets, [0, 0, 3, 0, 0, 3]);
}

#[test]
fn points_that_only_count_cannot_be_spent_and_a_wallet_has_to_exist() {
    let programme = with_status();
    let mut member = ana(&programme);
    let at = instant("1997-02-01T12:00:00Z");
    buy(&mut member, &programme, "purchase#1", "1997-02-01T12:00:00Z", "80.00");
    for (wallet, code, said) in [
        (
            "status",
            "not-spendable",
            "points of the wallet \"status\" cannot be spent; they only count",
        ),
        (
            "stamps",
            "unknown-wallet",
            "the programme has no wallet \"stamps\"; name one of its own, or none for the main one",
        ),
    ] {
        let refused = member
            .apply(&programme, &activity("redeem#1", at, at, spend_of(wallet, 1)))
            .unwrap_err();
        assert_eq!((refused.code(), refused.to_string().as_str()), (code, said));
    }
    let spent = activity("redeem#2", at, at, spend_of("points", 80));
    member.apply(&programme, &spent).unwrap();
}

#[test]
fn each_wallet_lapses_by_its_own_rule() {
    let programme = with_status();
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-02-01T12:00:00Z", "20.00");
    let woken = wake(&mut member, &programme, "1999-03-01T12:00:00Z");
    assert!(woken.contains(&"expiry#1998-02-28".to_owned()), "{woken:?}");
    let at = "1999-03-01T12:00:00Z";
    assert_eq!(
        (balance(&member, &programme, at), in_status(&member, &programme, at)),
        (0, 40)
    );
}

#[test]
fn moments_of_two_wallets_on_one_day_have_names_of_their_own() {
    let wallets =
        "[[wallets]]\nnumber = 0\nname = \"points\"\n\n[[wallets]]\nnumber = 1\nname = \"gifts\"\n\n[expiry]\n";
    let earn = "[[earn]]\ncurrency = \"USD\"\npoints-per-unit = \"1\"\nwallet = \"gifts\"\n\n";
    let programme = sample(&[("[expiry]\n", &format!("{earn}{wallets}"))]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-02-01T12:00:00Z", "20.00");
    let woken = wake(&mut member, &programme, "1998-03-01T12:00:00Z");
    let lapsed: Vec<&str> = woken
        .iter()
        .map(String::as_str)
        .filter(|cause| cause.starts_with("expiry"))
        .collect();
    assert_eq!(lapsed, ["expiry#1998-02-28", "expiry#1998-02-28 w1"]);
}

#[test]
fn an_order_comes_back_from_every_wallet_and_to_every_wallet_it_was_paid_from() {
    let programme = with_status();
    let mut member = ana(&programme);
    let at = "1997-02-01T12:00:00Z";
    buy(&mut member, &programme, "purchase#1", at, "80.00");
    assert_eq!(member.account().tier(), 1);
    let back = refund("refund#1", "1997-02-03T12:00:00Z", "purchase#1", Part::Whole);
    member.apply(&programme, &back).unwrap();
    assert_eq!(
        (balance(&member, &programme, at), in_status(&member, &programme, at)),
        (0, 0)
    );
    // The tier stood on the other wallet's points, and goes with them.
    assert_eq!(member.account().tier(), 0);

    // Points given by hand to a wallet in which no purchase earns pay for an order, and come back to it.
    let programme = sample(&[(
        "[expiry]\n",
        "[[wallets]]\nnumber = 0\nname = \"points\"\n\n[[wallets]]\nnumber = 1\nname = \"gifts\"\n\n[expiry]\n",
    )]);
    let mut member = ana(&programme);
    let gift = Fact::Adjust {
        points: Points::new(50),
        wallet: Some("gifts".parse().unwrap()),
        reason: "goodwill".parse().unwrap(),
        actor: "clerk-7".parse().unwrap(),
    };
    let (now, gifts) = (instant(at), WalletId::new(1).unwrap());
    member.apply(&programme, &activity("adjust#1", now, now, gift)).unwrap();
    buy(&mut member, &programme, "purchase#1", at, "80.00");
    let paid = Fact::Redeem {
        points: Points::new(50),
        wallet: Some("gifts".parse().unwrap()),
        order: Some("purchase#1".parse().unwrap()),
    };
    member.apply(&programme, &activity("redeem#1", now, now, paid)).unwrap();
    let half = refund(
        "refund#1",
        "1997-02-03T12:00:00Z",
        "purchase#1",
        crate::support::dollars("40.00"),
    );
    member.apply(&programme, &half).unwrap();
    assert_eq!(member.account().balance(gifts, &programme, now).get(), 25);
    assert_eq!(balance(&member, &programme, at), 40);
    assert_eq!(ledger::audit(&programme, &member.pages, member.account()), []);
}

#[test]
fn a_limit_is_on_the_wallet_it_names() {
    let programme = sample(&[
        (
            "[expiry]\n",
            "[[earn]]\ncurrency = \"USD\"\npoints-per-unit = \"1\"\nwallet = \"gifts\"\n\n\
             [[wallets]]\nnumber = 0\nname = \"points\"\n\n[[wallets]]\nnumber = 1\nname = \"gifts\"\n\n[expiry]\n",
        ),
        (
            "[tiers]\n",
            "[[limits]]\nwallet = \"gifts\"\non = \"earn\"\nper = \"day\"\npoints = 10\n\n[tiers]\n",
        ),
    ]);
    let mut member = ana(&programme);
    let at = "1997-02-01T12:00:00Z";
    buy(&mut member, &programme, "purchase#1", at, "80.00");
    let gifts = member
        .account()
        .balance(WalletId::new(1).unwrap(), &programme, instant(at));
    assert_eq!((balance(&member, &programme, at), gifts.get()), (80, 10));
}
