//! Each way of tampering with a ledger is found, and named by its entry.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::Path;

use super::*;
use jiff::Timestamp;
use programme::{Amount, Zone};

use crate::activity::{Activity, Fact, Past};
use crate::decide::apply;
use crate::spend::Times;

fn sample() -> Programme {
    Programme::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../program")).unwrap()
}

/// A member with two closed pages, who bought, reached a tier, spent and let points lapse.
fn member(programme: &Programme) -> (Vec<Page>, Account) {
    let mut account = None;
    let mut pages = Vec::new();
    let mut commit = |account: &mut Option<Account>, id: String, at: &str, fact: Fact| {
        pages.extend(
            account
                .as_mut()
                .map_or_else(Vec::new, |account| account.close_pages().unwrap()),
        );
        let at: Timestamp = at.parse().unwrap();
        let id = id.parse().unwrap();
        apply(
            programme,
            account,
            &Activity {
                id,
                at,
                received: at,
                fact,
                said: crate::Said::default(),
            },
            Past::default(),
        )
        .unwrap();
    };
    let join = Fact::SignUp {
        zone: Zone::parse("Asia/Shanghai").unwrap(),
        birthday: None,
        referrer: None,
    };
    commit(&mut account, "sign-up".to_owned(), "1997-01-01T15:00:00Z", join);
    for order in 0..24 {
        let at = format!("1997-{:02}-{:02}T18:30:00Z", 1 + order % 6, 2 + order % 20);
        let amount = Amount::parse("19.33", "USD".parse().unwrap()).unwrap();
        commit(
            &mut account,
            format!("purchase#{order}"),
            &at,
            Fact::Purchase { amount },
        );
    }
    let points = Points::new(50);
    commit(
        &mut account,
        "redeem#1".to_owned(),
        "1997-07-01T12:00:00Z",
        Fact::Redeem {
            points,
            wallet: None,
            order: None,
        },
    );
    let mut account = account.unwrap();
    pages.extend(account.close_pages().unwrap());
    crate::wake(programme, &mut account, "1998-03-15T12:00:00Z".parse().unwrap()).unwrap();
    assert!(
        pages.len() >= 2
            && account.totals(WalletId::MAIN).expired.get() > 0
            && account.totals(WalletId::MAIN).spent.get() == 50
    );
    (pages, account)
}

fn found(programme: &Programme, pages: &[Page], account: &Account) -> Vec<String> {
    audit(programme, pages, account)
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn a_sound_ledger_has_no_difference_and_pages_not_yet_dropped_are_left_aside() {
    let programme = sample();
    let (mut pages, mut account) = member(&programme);
    assert_eq!(found(&programme, &pages, &account), [""; 0]);
    // A commit wrote its page and then lost the race: the page is of no account yet.
    let unborn = account.clone().close_pages().unwrap();
    pages.extend(unborn);
    assert_eq!(found(&programme, &pages, &account), [""; 0]);
    account.close_pages().unwrap();
    assert_eq!(found(&programme, &pages, &account), [""; 0]);
}

type Tamper = fn(&mut Account);

#[test]
fn what_the_account_says_otherwise_is_found() {
    let programme = sample();
    let (pages, account) = member(&programme);
    let cases: [(Tamper, &str); 7] = [
        (
            |a| a.state.wallets[0].totals.earned = Points::new(1_000_000),
            "the points earned are 1000000; the entries make",
        ),
        (
            |a| a.state.wallets[0].totals.spent = Points::ZERO,
            "the points spent are 0; the entries make 50",
        ),
        (
            |a| a.state.wallets[0].totals.expired = Points::new(7),
            "the points lapsed are 7; the entries make",
        ),
        (
            |a| a.state.wallets[0].lots[0].points = Points::new(9_999),
            "has 9999 points; its entries leave",
        ),
        (
            |a| {
                a.state.wallets[0].lots.pop();
            },
            "has 0 points; its entries leave",
        ),
        (
            |a| a.state.tiers[0].standing.tier = 7,
            "the tier is 7; the entries make",
        ),
        (|a| a.state.tiers[0].months[0].1 = 3, "is 3; the entries make"),
    ];
    for (tamper, says) in cases {
        let mut tampered = account.clone();
        tamper(&mut tampered);
        let found = found(&programme, &pages, &tampered);
        assert_eq!(found.len(), 1, "{says}: {found:?}");
        assert!(found[0].contains(says), "{found:?}");
    }
}

#[test]
fn an_altered_missing_or_foreign_page_is_found_at_its_entry() {
    let programme = sample();
    let (pages, account) = member(&programme);
    assert_eq!(found(&programme, &pages[1..], &account), ["page 0 is missing"]);

    // One point more in the third entry: its own hash no longer fits the one after it.
    let mut altered = pages.clone();
    let entries = altered[0].entries().unwrap();
    let mut bytes = Vec::new();
    for (number, mut entry) in entries.into_iter().enumerate() {
        if let (2, What::Earned { points, .. }) = (number, &mut entry.what) {
            *points = Points::new(points.get() + 1);
        }
        crate::codec::write(&entry, &mut bytes).unwrap();
    }
    altered[0].bytes = bytes;
    let found_altered = found(&programme, &altered, &account);
    assert!(
        found_altered[0].starts_with("entry 0: page 0 cannot be read: entry 3 of its page"),
        "{found_altered:?}"
    );

    // The right page's place, with the entries of another.
    let mut foreign = pages.clone();
    foreign[1] = Page::open(pages[1].span, &pages[0].bytes).unwrap();
    let found_foreign = found(&programme, &foreign, &account);
    assert!(found_foreign[0].contains("page 1"), "{found_foreign:?}");
}

#[test]
fn entries_that_contradict_each_other_are_found() {
    let programme = sample();
    let (_, mut account) = member(&programme);
    let at: Timestamp = "1998-03-16T12:00:00Z".parse().unwrap();
    let (pages, entries) = (member(&programme).0, account.entries());
    let day = account.lots(WalletId::MAIN)[0].last_day;
    let what = What::Redeemed {
        points: Points::new(999_999),
        lots: vec![(day, Points::new(999_999))],
        order: None,
    };
    account
        .book(WalletId::MAIN, "redeem#1", Times { at, decided: at }, what)
        .unwrap();
    account.state.wallets[0].totals.spent = Points::new(50 + 999_999);
    account.state.wallets[0].lots.remove(0);
    let found = found(&programme, &pages, &account);
    assert!(
        found.contains(&format!("entry {entries}: more points left a lot than it had")),
        "{found:?}"
    );
    assert!(
        found.contains(&format!("entry {entries}: redeem#1 did the same thing before")),
        "{found:?}"
    );
}
