//! A member moves, their birthday was another, and they are forgotten.

use ledger::{Changed, Liability, MonthDay};
use programme::Zone;

use super::*;

fn changed(id: &str, at: &str, received: &str, zone: Option<&str>, birthday: Option<&str>) -> ledger::Activity {
    let changed = Changed {
        zone: zone.map(|zone| Zone::parse(zone).unwrap()),
        birthday: birthday.map(|date| MonthDay::of(date.parse().unwrap())).map(Some),
    };
    activity(id, instant(at), instant(received), Fact::Changed(changed))
}

/// When birthdays were booked for.
fn birthdays(member: &Member) -> Vec<String> {
    let entries = member.entries().into_iter();
    let birthdays = entries.filter(|entry| entry.what == What::Birthday);
    birthdays.map(|entry| entry.happened().to_string()).collect()
}

#[test]
fn a_birthday_comes_by_the_clocks_of_where_the_member_lives_now_and_once() {
    let programme = sample(&[]);
    // By ten in New York it is booked; then they are in Honolulu, where it is four at night of that very day.
    let mut member = ana(&programme);
    let ten = "1997-05-01T10:00:00-04:00";
    member.wake(&programme, instant(ten));
    assert_eq!(birthdays(&member), ["1997-05-01T14:00:00Z"]);
    let moved = changed("person#1", ten, ten, Some("Pacific/Honolulu"), None);
    member.apply(&programme, &moved).unwrap();
    member.wake(&programme, instant("1997-12-01T00:00:00Z"));
    assert_eq!(birthdays(&member).len(), 1);
    member.wake(&programme, instant("1998-06-01T00:00:00Z"));
    assert_eq!(birthdays(&member)[1..], ["1998-05-01T20:00:00Z"]);
    assert_eq!(ledger::audit(&programme, &member.pages, member.account()), []);
}

#[test]
fn a_birthday_that_was_another_is_kept_from_then_on_and_once_a_year() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    let told = "1997-03-01T12:00:00Z";
    let right = changed("person#1", told, told, None, Some("1970-07-01"));
    member.apply(&programme, &right).unwrap();
    member.wake(&programme, instant("1997-08-01T00:00:00Z"));
    assert_eq!(birthdays(&member), ["1997-07-01T14:00:00Z"]);
    // Once more after it was had: for that they wait until next year.
    let again = "1997-08-02T12:00:00Z";
    member
        .apply(&programme, &changed("person#2", again, again, None, Some("1970-09-01")))
        .unwrap();
    member.wake(&programme, instant("1998-10-01T00:00:00Z"));
    assert_eq!(birthdays(&member)[1..], ["1998-09-01T14:00:00Z"]);
    assert_eq!(ledger::audit(&programme, &member.pages, member.account()), []);
}

#[test]
fn what_was_told_last_holds_in_whatever_order_it_arrives() {
    let programme = sample(&[]);
    let arrive = "1997-03-02T12:00:00Z";
    let first = changed(
        "person#1",
        "1997-03-01T10:00:00Z",
        arrive,
        Some("Europe/Paris"),
        Some("1970-06-01"),
    );
    let second = changed("person#2", "1997-03-01T11:00:00Z", arrive, Some("Asia/Shanghai"), None);
    let third = changed("person#3", "1997-03-01T12:00:00Z", arrive, None, Some("1970-07-01"));
    let all = [&first, &second, &third];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut member = ana(&programme);
        for nth in order {
            member.apply(&programme, all[nth]).unwrap();
        }
        member.wake(&programme, instant("1997-12-01T00:00:00Z"));
        // Ten in Shanghai.
        assert_eq!(birthdays(&member), ["1997-07-01T02:00:00Z"], "{order:?}");
    }
}

#[test]
fn who_is_forgotten_owns_nothing_and_is_owed_nothing() {
    let programme = sample(&[]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-01-02T12:00:00Z", "100.00");
    let now = "1997-02-01T12:00:00Z";
    let had = balance(&member, &programme, now);
    assert!(had > 0);
    let erasure = activity("erasure", instant(now), instant(now), Fact::Erasure);
    member.apply(&programme, &erasure).unwrap();
    assert_eq!(balance(&member, &programme, now), 0);
    assert_eq!(member.account().totals(MAIN).expired.get(), had);
    let mut liability = Liability::default();
    liability.add(member.account(), MAIN, &programme, instant(now)).unwrap();
    assert_eq!(liability, Liability::default());
    // Nothing comes of anything any more.
    let later = purchase("purchase#2", "1997-02-02T12:00:00Z", "10.00");
    assert_eq!(member.apply(&programme, &later), Err(Refusal::Erased));
    let back = support::refund("refund#1", "1997-02-02T12:00:00Z", "purchase#1", ledger::Part::Whole);
    assert_eq!(member.apply(&programme, &back), Err(Refusal::Erased));
    let entries = member.account().entries();
    member.wake(&programme, instant("1999-01-01T00:00:00Z"));
    assert_eq!(member.account().entries(), entries);
    assert_eq!(ledger::audit(&programme, &member.pages, member.account()), []);
}
