//! A member who moves, and whose birthday was another, is told of each moment once; one who is erased has nothing left, and
//! nothing happens to them any more.

use jiff::Timestamp;
use ledger::{Account, Activity, Changed, Fact, MonthDay, Refusal, audit, next_moment};
use programme::{Programme, WalletId, Zone};
use proptest::strategy::Strategy;

use super::{any_member, chain, live};
use crate::support::events::Event;
use crate::support::random::{History, ZONES};
use crate::support::terms::Terms;
use crate::support::{Member, activity, check, programme};

/// By which event the member moves to which zone, or has another birthday.
type Move = (usize, usize, Option<(i8, i8)>);

/// A programme, a history, and what the member moves in it.
fn any_moves() -> impl Strategy<Value = ((Terms, History), Vec<Move>)> {
    let birthday = proptest::option::of((1..=12_i8, 1..=28_i8));
    let moves = proptest::collection::vec((0..40_usize, 0..ZONES.len(), birthday), 1..8);
    (any_member(), moves)
}

fn changed(id: usize, at: Timestamp, zone: usize, birthday: Option<(i8, i8)>) -> Activity {
    let changed = Changed {
        zone: (birthday.is_none() || zone.is_multiple_of(2)).then(|| Zone::parse(ZONES[zone]).unwrap()),
        birthday: birthday.map(|(month, day)| Some(MonthDay { month, day })),
    };
    activity(&format!("person#{id}"), at, at, Fact::Changed(changed))
}

/// The events, each with its instant, and what comes after it.
fn with_moves(programme: &Programme, events: &[Event], moves: &[Move]) -> Vec<Event> {
    let mut all = Vec::new();
    let mut instants = Vec::new();
    live(programme, events, |event, now, _, _, _, _| {
        instants.push((event.clone(), now));
    });
    for (place, (event, now)) in instants.iter().enumerate() {
        all.push(event.clone());
        for (nth, (at, zone, birthday)) in moves.iter().enumerate() {
            if at % instants.len() == place {
                all.push(Event::Activity(changed(nth, *now, *zone, *birthday)));
            }
        }
    }
    all
}

#[test]
fn whoever_moves_is_told_of_each_moment_once() {
    check("moves", 1, &any_moves(), |((terms, history), moves)| {
        let programme = programme(&terms.toml());
        let events = with_moves(&programme, &history.events(0), &moves);
        let member = live(&programme, &events, |_, _, _, _, _, member| {
            assert_eq!(audit(&programme, &member.pages, member.account()), []);
            chain::is_stored_as_it_is(member);
        });
        chain::causes_are_unique(&member.entries());
    });
}

#[test]
fn who_is_erased_has_nothing_left_and_the_ledger_stays_sound() {
    check("erased", 1, &any_moves(), |((terms, history), moves)| {
        let programme = programme(&terms.toml());
        let events = history.events(0);
        let (first, ..) = moves[0];
        let mut erased: Option<Member> = None;
        let mut place = 0;
        live(&programme, &events, |_, now, activity, _, _, member| {
            if place == first % events.len() {
                let mut copy = member.clone();
                let before = copy.account().entries();
                let erasure = crate::support::activity("erasure", now, now, Fact::Erasure);
                copy.apply(&programme, &erasure).unwrap();
                assert!(copy.account().entries() > before);
                nothing_is_left(&programme, &copy, now);
                erased = Some(copy);
            } else if let (Some(erased), Some(activity)) = (&mut erased, activity) {
                let head = erased.account().head();
                let refused = erased.apply(&programme, activity);
                assert!(
                    matches!(refused, Err(Refusal::Erased | Refusal::Future { .. })),
                    "{refused:?} of {activity:?}"
                );
                erased.wake(&programme, now);
                assert_eq!(erased.account().head(), head);
            }
            place += 1;
        });
        if let Some(erased) = erased {
            chain::is_unbroken(&erased);
            chain::is_stored_as_it_is(&erased);
            chain::causes_are_unique(&erased.entries());
        }
    });
}

fn nothing_is_left(programme: &Programme, member: &Member, now: Timestamp) {
    let account = member.account();
    assert!(account.is_erased());
    assert_eq!(audit(programme, &member.pages, account), []);
    assert_eq!(next_moment(programme, account), Timestamp::MAX);
    assert_eq!(account.alarm().as_second(), Timestamp::MAX.as_second());
    for wallet in account.wallets() {
        assert_eq!(
            account.balance(wallet, programme, now).get(),
            -account.owed(wallet).get()
        );
        all_is_accounted_for(account, wallet);
    }
    assert!(account.claims().is_empty() && account.cart().is_none());
}

/// What came in has gone out again.
fn all_is_accounted_for(account: &Account, wallet: WalletId) {
    let totals = account.totals(wallet);
    let came = totals.earned.get() + totals.received.get() + account.adjusted(wallet).get();
    let gone = totals.spent.get() + totals.expired.get() + totals.returned.get();
    assert_eq!(came, gone - account.owed(wallet).get());
    assert!(account.lots(wallet).is_empty() && account.pending(wallet).is_empty());
    assert!(account.reserved(wallet).is_empty());
}
