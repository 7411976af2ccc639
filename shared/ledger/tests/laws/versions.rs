//! Several versions of a programme: a change of nothing changes nothing, and each purchase earns by the rules it fell under.

use jiff::Timestamp;
use ledger::{agenda, audit};
use programme::Programme;
use proptest::strategy::Strategy;

use super::{any_member, chain, live};
use crate::reference::Slow;
use crate::support::events::Event;
use crate::support::random::History;
use crate::support::terms::{Rule, Terms};
use crate::support::{Member, check, programme, versions};

/// A programme and a history, and which of its events a version takes effect at.
pub(crate) fn any_change() -> impl Strategy<Value = ((Terms, History), usize)> {
    (any_member(), 0..40_usize)
}

/// The day of one of these events, in the programme's zone.
pub(crate) fn day_of(programme: &Programme, events: &[Event], which: usize) -> String {
    let mut days = Vec::new();
    live(programme, events, |_, now, _, _, _, _| days.push(now));
    let instant = days
        .get(which % days.len().max(1))
        .copied()
        .unwrap_or(Timestamp::UNIX_EPOCH);
    programme.zone.rules().to_datetime(instant).date().to_string()
}

#[test]
fn a_version_that_changes_nothing_changes_nothing() {
    check("same versions", 2, &any_change(), |((terms, history), which)| {
        let main = terms.toml();
        let (one, events) = (programme(&main), history.events(0));
        let day = day_of(&one, &events, which);
        let two = versions(main.clone(), &[(&day, main)]);
        let lived = |programme: &Programme| {
            let mut accepted = Vec::new();
            let member = live(programme, &events, |_, _, _, done, _, member| {
                let account = member.account();
                accepted.push((done, account.alarm()));
            });
            (member.causes(), accepted, member.account().head())
        };
        let (single, twice) = (lived(&one), lived(&two));
        let unlike = single.0.iter().zip(&twice.0).find(|(one, other)| one != other);
        assert_eq!(unlike, None, "{day}");
        assert_eq!(single.1, twice.1, "{day}");
        assert_eq!(single.2, twice.2, "{day}");
    });
}

/// Other rates, and no waits.
pub(crate) fn changed(rules: &[Rule]) -> Vec<Rule> {
    let changed = rules.iter().map(|rule| Rule {
        rate: if rule.rate == "2" { "0.5" } else { "2" },
        wait: None,
        ..rule.clone()
    });
    changed.collect()
}

#[test]
fn a_slow_model_agrees_where_the_rates_change() {
    check("changed rates", 2, &any_change(), |((terms, history), which)| {
        let newer = Terms {
            earn: changed(&terms.earn),
            ..terms.clone()
        };
        let (one, events) = (programme(&terms.toml()), history.events(0));
        let day = day_of(&one, &events, which);
        let two = versions(terms.toml(), &[(&day, newer.toml())]);
        let from = two.version.from.unwrap();
        let mut slow = Slow::new(&terms);
        live(&two, &events, |_, now, activity, accepted, _, member| {
            match activity {
                Some(activity) => {
                    let is_old = activity.at < from || activity.received < from;
                    slow.earn_by(if is_old { &terms.earn } else { &newer.earn });
                    assert_eq!(slow.take(activity), accepted, "{activity:?}");
                }
                None => slow.wake(now),
            }
            agrees(&two, &mut slow, member, now);
        });
    });
}

fn agrees(programme: &Programme, slow: &mut Slow, member: &Member, now: Timestamp) {
    let account = member.account();
    for wallet in programme.wallets.iter().map(|wallet| wallet.number) {
        let balance = account.balance(wallet, programme, now).get();
        assert_eq!(balance, slow.balance(wallet, now), "balance of {wallet} at {now}");
        let totals = account.totals(wallet);
        assert_eq!(
            (totals.spent.get(), totals.expired.get()),
            slow.gone(wallet),
            "of {wallet} at {now}"
        );
    }
    for set in programme.tier_sets().map(|tiers| tiers.number) {
        assert_eq!(
            usize::from(account.tier_in(set)),
            slow.tier(set),
            "tier of {set} at {now}"
        );
        assert_eq!(account.review_in(set), slow.review(set), "review of {set} at {now}");
    }
    chain::is_unbroken(member);
    assert_eq!(audit(programme.at(now), &member.pages, account), []);
    let first = agenda(programme.at(now), account).first().map(|due| due.at);
    assert!(first.is_none_or(|first| account.alarm() <= first), "the alarm is late");
}
