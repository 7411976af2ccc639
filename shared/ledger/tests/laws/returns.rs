//! What was earned and then came back never was.

use jiff::SignedDuration;
use ledger::{Fact, Part, Refusal, progress};
use programme::{Amount, Points, Programme, WalletId};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

use crate::support::events::Event;
use crate::support::random::History;
use crate::support::terms::Terms;
use crate::support::{Member, activity, check, programme};
use crate::{any_member, live};

/// An order in the middle of a history, and how it comes back.
#[derive(Debug, Clone)]
struct Detour {
    /// After how many hundredths of the history.
    after: usize,
    late: i64,
    cents: u32,
    /// Hundredths of what can be spent then, spent on the order.
    spent: i64,
    /// Of the second wallet.
    second: bool,
    /// Hundredths of what is left of it that come back; then the rest.
    parts: Vec<i64>,
}

fn detour() -> impl Strategy<Value = Detour> {
    let late = prop_oneof![3 => Just(0), 1 => 0..60 * 86_400_i64, 1 => 0..900 * 86_400_i64];
    let cents = prop_oneof![0..200_u32, 100..60_000_u32, any::<u32>()];
    let spent = (prop_oneof![Just(0), 1..=100_i64], any::<bool>());
    let detour = (0..=100_usize, late, cents, spent, vec(1..=99_i64, 0..4));
    detour.prop_map(|(after, late, cents, (spent, second), parts)| Detour {
        after,
        late,
        cents,
        spent,
        second,
        parts,
    })
}

/// The part of an account that points and tiers are.
fn standing(programme: &Programme, member: &Member, now: jiff::Timestamp) -> impl PartialEq + std::fmt::Debug + use<> {
    // What is due is booked by whoever comes first.
    let mut member = member.clone();
    member.wake(programme, now);
    let account = member.account();
    let wallets = [0, 1].map(|number| {
        let wallet = WalletId::new(number).unwrap();
        let totals = account.totals(wallet);
        let net = totals.earned.get() - totals.returned.get() - totals.expired.get();
        (
            account.lots(wallet).to_vec(),
            account.pending(wallet).to_vec(),
            account.owed(wallet),
            net,
            totals.spent,
            account.adjusted(wallet),
        )
    });
    let tiers = programme.tier_sets().map(|tiers| tiers.number);
    let tiers: Vec<_> = tiers
        .map(|set| (account.tier_in(set), account.review_in(set)))
        .collect();
    (wallets, tiers)
}

fn dollars(cents: i64) -> Amount {
    let text = format!("{}.{:02}", cents / 100, cents % 100);
    Amount::parse(&text, "USD".parse().unwrap()).unwrap()
}

/// Buys, spends on it, and gives it all back, within one second.
fn take(programme: &Programme, member: &mut Member, detour: &Detour, now: jiff::Timestamp) {
    let at = now - SignedDuration::from_secs(detour.late);
    let mut apply = |id: &str, at, fact: Fact| member.apply(programme, &activity(id, at, now, fact));
    let amount = dollars(i64::from(detour.cents));
    match apply("purchase#detour", at, Fact::Purchase { amount }) {
        Err(Refusal::Limit { .. }) => return,
        applied => applied.unwrap(),
    }
    let order = || "purchase#detour".parse().unwrap();
    let from = WalletId::new(u8::from(detour.second)).unwrap();
    let balance = member.account().balance(from, programme, now).get();
    let points = i64::try_from(i128::from(balance) * i128::from(detour.spent) / 100).unwrap();
    let mut apply = |id: &str, fact: Fact| member.apply(programme, &activity(id, now, now, fact));
    if points > 0 {
        let fact = Fact::Redeem {
            points: Points::new(points),
            wallet: detour.second.then(|| "second".parse().unwrap()),
            order: Some(order()),
        };
        match apply("redeem#detour", fact) {
            Err(Refusal::Limit { .. } | Refusal::NotSpendable(_)) => {}
            applied => applied.unwrap(),
        }
    }
    let mut refund = |id: &str, part: Part| apply(id, Fact::Refund { order: order(), part });
    let mut left = i64::from(detour.cents);
    for (index, hundredths) in detour.parts.iter().enumerate() {
        let back = left * hundredths / 100;
        let part = Part::Amount(dollars(back));
        let refunded = refund(&format!("refund#detour-{index}"), part);
        assert_eq!(refunded, if back == 0 { Err(Refusal::NothingBack) } else { Ok(()) });
        left -= back;
    }
    assert_eq!(refund("refund#detour", Part::Whole), Ok(()));
    assert_eq!(refund("refund#again", Part::Whole), Err(Refusal::ReturnedAlready));
}

#[test]
fn an_order_that_comes_back_whole_never_was() {
    let strategy = (any_member(), detour());
    check(
        "returned",
        1,
        &strategy,
        |((terms, history), detour): ((Terms, History), Detour)| {
            // Who buys and gives back was active all the same.
            if terms.lasts.is_active() {
                return;
            }
            let programme = programme(&terms.toml());
            let events = history.events(0);
            let (first, rest) = split(&events, detour.after);
            let Some((straight, now)) = before(&programme, &terms, first) else {
                return;
            };
            let (straight, mut winding) = (straight.clone(), straight);
            take(&programme, &mut winding, &detour, now);
            if detour.spent > 0 && !detour.parts.is_empty() {
                // Points may have been taken out of one lot while their own was still spent: the sum is what is kept then.
                let sum = |member: &Member| {
                    let balance = |number| {
                        let wallet = WalletId::new(number).unwrap();
                        member.account().balance(wallet, &programme, now)
                    };
                    [0, 1].map(balance)
                };
                assert_eq!(sum(&straight), sum(&winding));
                // A review that is due is booked by whoever comes first.
                let tier = |member: &Member| {
                    let mut woken = member.clone();
                    woken.wake(&programme, now);
                    let sets = programme.tier_sets().map(|tiers| tiers.number);
                    sets.map(|set| woken.account().tier_in(set)).collect::<Vec<_>>()
                };
                assert_eq!(tier(&straight), tier(&winding));
                return;
            }
            assert_eq!(
                standing(&programme, &straight, now),
                standing(&programme, &winding, now)
            );

            nothing_shows_later(&programme, (straight, winding), rest);
        },
    );
}

/// A history before and after so many hundredths of it.
fn split(events: &[Event], hundredths: usize) -> (&[Event], &[Event]) {
    events.split_at(1 + (events.len() - 1) * hundredths / 100)
}

fn instant_of(event: &Event) -> jiff::Timestamp {
    match event {
        Event::Activity(activity) | Event::RedeemShare { activity, .. } => activity.received,
        Event::Wake(now) => *now,
    }
}

/// A member after these events, and when that is; none where what comes and goes leaves something behind on purpose.
fn before(programme: &Programme, terms: &Terms, events: &[Event]) -> Option<(Member, jiff::Timestamp)> {
    let straight = live(programme, events, |_, _, _, _, _, _| {});
    let now = instant_of(events.last()?);
    // What a policy waives stays, and what was owed is paid with it.
    let owed = [0, 1].map(|number| straight.account().owed(WalletId::new(number).unwrap()).get());
    let owed = owed[0].max(owed[1]);
    if terms.claw_back == "only-pending" || (owed > 0 && terms.claw_back != "unlimited") {
        return None;
    }
    // A tier by hand below what counts is left behind with the next thing that happens, whatever that is.
    let left_behind = |tiers: &programme::Tiers| {
        let account = straight.account();
        let counted = progress(programme, account, tiers.number, now).unwrap().qualifying;
        let reached = tiers
            .levels
            .get_ref()
            .iter()
            .rposition(|level| level.from.get() <= counted);
        !tiers.basis.has_window() && reached > Some(usize::from(account.tier_in(tiers.number)))
    };
    let behind = programme.tier_sets().any(left_behind);
    (!behind).then_some((straight, now))
}

/// Two members who stand alike live alike.
fn nothing_shows_later(programme: &Programme, (mut straight, mut winding): (Member, Member), rest: &[Event]) {
    for event in rest {
        for member in [&mut straight, &mut winding] {
            let balance = |wallet, now| member.account().balance(wallet, programme, now);
            match (event, event.activity(balance)) {
                (Event::Wake(now), _) => {
                    member.wake(programme, *now);
                }
                (_, Some(activity)) => {
                    let _ = member.apply(programme, &activity);
                }
                (_, None) => {}
            }
        }
        let now = instant_of(event);
        assert_eq!(
            standing(programme, &straight, now),
            standing(programme, &winding, now),
            "after {event:?}"
        );
    }
}

#[test]
fn a_referral_whose_purchase_comes_back_never_was() {
    let late = prop_oneof![3 => Just(0), 1 => 0..60 * 86_400_i64];
    let strategy = (any_member(), 0..=100_usize, late);
    check(
        "lost",
        1,
        &strategy,
        |((mut terms, history), after, late): ((Terms, History), usize, i64)| {
            let Some(referral) = &mut terms.referral else { return };
            // One that is lost has come all the same.
            referral.review_over = None;
            // Who brings somebody was active all the same.
            if terms.lasts.is_active() {
                return;
            }
            let programme = programme(&terms.toml());
            let events = history.events(0);
            let (first, rest) = split(&events, after);
            let Some((straight, now)) = before(&programme, &terms, first) else {
                return;
            };
            let mut winding = straight.clone();
            let (referee, of) = ("bo".parse().unwrap(), "referral#bo#detour".parse().unwrap());
            let brought = Fact::Referral {
                referee,
                accepted: None,
            };
            let at = now - SignedDuration::from_secs(late);
            let steps = [
                ("referral#bo#detour", at, brought),
                ("referral-lost#bo#detour", now, Fact::ReferralLost { of }),
            ];
            for (id, at, fact) in steps {
                assert_eq!(winding.apply(&programme, &activity(id, at, now, fact)), Ok(()));
            }
            assert_eq!(
                standing(&programme, &straight, now),
                standing(&programme, &winding, now)
            );
            nothing_shows_later(&programme, (straight, winding), rest);
        },
    );
}
