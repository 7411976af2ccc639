//! The ledger's laws, over random programmes and random histories.
//!
//! `LAWS_SEED` and `LAWS_CASES` choose other histories and more of them; a failure prints the smallest one that fails.
#![allow(clippy::disallowed_methods)] // which laws to try is a setting of the test
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "laws/budgets.rs"]
mod budgets;
#[path = "laws/chain.rs"]
mod chain;
#[path = "laws/delivery.rs"]
mod delivery;
#[path = "laws/exhaustive.rs"]
mod exhaustive;
#[path = "laws/explained.rs"]
mod explained;
#[path = "laws/liability.rs"]
mod liability;
#[path = "laws/person.rs"]
mod person;
#[path = "laws/reference.rs"]
mod reference;
#[path = "laws/returns.rs"]
mod returns;
mod support;
#[path = "laws/table.rs"]
mod table;
#[path = "laws/versions.rs"]
mod versions;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use ledger::{Account, Activity, Entry, Fact, What, agenda, audit, next_moment, statement};
use programme::{Basis, Points, Programme, WalletId};
use proptest::strategy::Strategy;

use reference::Slow;
use support::events::Event;
use support::random::{HOURS, History, SECONDS, WHOLE_HOUR_ZONES, ZONES, history};
use support::terms::{Terms, terms};
use support::{Member, check, programme};

fn any_member() -> impl Strategy<Value = (Terms, History)> {
    (terms(&ZONES), history(&ZONES, SECONDS, 0..40))
}

/// Lives through a history, each event a commit of its own; `see` is shown each event, the instant and the result.
fn live(
    programme: &Programme,
    events: &[Event],
    mut see: impl FnMut(&Event, Timestamp, Option<&Activity>, bool, &Member, &Member),
) -> Member {
    let mut member = Member::default();
    for event in events {
        let before = member.clone();
        let activity = event.activity(|wallet, now| {
            let account = member.account.as_ref();
            account.map_or(Points::ZERO, |account| account.balance(wallet, programme, now))
        });
        let (now, accepted) = match (event, &activity) {
            (Event::Wake(now), _) => {
                if member.account.is_some() {
                    member.wake(programme, *now);
                }
                (*now, true)
            }
            (_, Some(activity)) => (activity.received, member.apply(programme, activity).is_ok()),
            (_, None) => continue,
        };
        see(event, now, activity.as_ref(), accepted, &before, &member);
    }
    member
}

#[test]
fn a_balance_is_the_sum_of_the_lots_and_of_all_entries() {
    check("balance", 1, &any_member(), |(terms, history)| {
        let programme = programme(&terms.toml());
        live(&programme, &history.events(0), |_, now, _, _, before, member| {
            let account = member.account();
            let entries = member.entries();
            let mut woken = member.clone();
            woken.wake(&programme, now);
            for wallet in terms.wallets().filter_map(WalletId::new) {
                adds_up(&programme, (member, &entries), &woken, wallet, now);
            }

            chain::is_unbroken(member);
            assert_eq!(audit(&programme, &member.pages, account), []);
            let told = statement(&member.pages, account).unwrap();
            assert_eq!(
                told.iter().map(|line| line.number).collect::<Vec<_>>(),
                (0..account.entries()).collect::<Vec<_>>()
            );
            chain::is_stored_as_it_is(member);
            let known = before.account.as_ref().map_or(0, Account::entries);
            let new = account.entries_since(known).unwrap();
            assert_eq!(
                new,
                entries[usize::try_from(known).unwrap()..],
                "the entries of this commit"
            );
        });
    });
}

/// One wallet of a member, and the same after everything due was booked.
fn adds_up(
    programme: &Programme,
    (member, entries): (&Member, &[Entry]),
    woken: &Member,
    wallet: WalletId,
    now: Timestamp,
) {
    let account = member.account();
    let totals = account.totals(wallet);
    let in_lots = |account: &Account| {
        Points::sum(account.lots(wallet).iter().map(|lot| lot.points))
            .unwrap()
            .get()
    };
    let lots = in_lots(account);
    let pending = account.pending(wallet).iter().map(|pending| pending.points);
    let pending = Points::sum(pending).unwrap().get();
    let own = entries.iter().filter(|entry| entry.wallet == wallet);
    let by_hand = own.clone().filter(|entry| matches!(entry.what, What::Adjusted { .. }));
    let adjusted: i64 = by_hand.map(Entry::change).sum();
    assert_eq!(account.adjusted(wallet).get(), adjusted);
    let owed = account.owed(wallet).get();
    let gone = totals.spent.get() + totals.expired.get() + totals.returned.get();
    let held = account.reserved(wallet).iter().flat_map(|held| &held.lots);
    let held: i64 = held.map(|(_, points)| points.get()).sum();
    let came = totals.earned.get() + adjusted + totals.received.get();
    assert_eq!(lots + pending + held - owed, came - gone);
    // What lapsed before it could come back was never in the balance again.
    assert_eq!(lots - owed, own.map(Entry::change).sum::<i64>());
    let told = statement(&member.pages, account).unwrap();
    let last = told.iter().rev().find(|line| line.wallet == wallet);
    assert_eq!(last.map_or(0, |line| line.balance), lots - owed);

    // What has lapsed cannot be spent, whether or not its expiry is booked.
    let balance = account.balance(wallet, programme, now);
    let then = woken.account();
    let then_owed = then.owed(wallet).get();
    assert_eq!(then.balance(wallet, programme, now), balance);
    assert_eq!(in_lots(then) - then_owed, balance.get());
    assert!(
        then_owed == 0 || balance.get() == -then_owed,
        "something can be spent, and {then_owed} is owed"
    );
    liability::ties(account, then, programme, wallet, now);
}

#[test]
fn a_point_is_spent_or_lapses_once_and_only_after_it_was_earned() {
    check("once", 1, &any_member(), |(terms, history)| {
        let programme = programme(&terms.toml());
        let member = live(&programme, &history.events(0), |_, _, _, _, _, _| {});
        let (account, entries) = (member.account(), member.entries());
        for wallet in terms.wallets().filter_map(WalletId::new) {
            let own: Vec<Entry> = entries.iter().filter(|entry| entry.wallet == wallet).cloned().collect();
            let lots = chain::lots_by_entries(&programme, &own);
            let held = account.lots(wallet).iter();
            let held: Vec<_> = held.map(|lot| (lot.last_day, lot.points.get())).collect();
            let left: Vec<_> = lots.into_iter().filter(|(_, left)| *left > 0).collect();
            assert_eq!(held, left);
        }
        chain::causes_are_unique(&entries);
    });
}

#[test]
fn a_slow_model_of_points_agrees_at_every_step() {
    check("reference", 1, &any_member(), |(terms, history)| {
        let programme = programme(&terms.toml());
        let mut slow = Slow::new(&terms);
        live(
            &programme,
            &history.events(0),
            |_, now, activity, accepted, before, member| {
                match activity {
                    Some(activity) => assert_eq!(slow.take(activity), accepted, "{activity:?}"),
                    None => slow.wake(now),
                }
                let account = member.account();
                for wallet in terms.wallets().filter_map(WalletId::new) {
                    let balance = account.balance(wallet, &programme, now).get();
                    assert_eq!(balance, slow.balance(wallet, now), "balance of {wallet} at {now}");
                    let totals = account.totals(wallet);
                    let gone = (totals.spent.get(), totals.expired.get());
                    assert_eq!(gone, slow.gone(wallet), "of {wallet} at {now}");
                    assert_eq!(totals.received.get(), slow.received(wallet), "of {wallet} at {now}");
                }
                for set in programme.tier_sets().map(|tiers| tiers.number) {
                    assert_eq!(
                        usize::from(account.tier_in(set)),
                        slow.tier(set),
                        "tier of {set} at {now}"
                    );
                    assert_eq!(account.review_in(set), slow.review(set), "review of {set} at {now}");
                }
                let mut badges: Vec<&str> = account.badges().iter().map(programme::RewardName::as_str).collect();
                badges.sort_unstable();
                assert_eq!(badges, slow.badges(), "badges at {now}");
                let slowly = slow.unused().into_iter().map(|(id, last_day)| (short(&id), last_day));
                assert_eq!(unused(&terms, account), slowly.collect::<Vec<_>>(), "rewards at {now}");
                let known = before.account.as_ref().map_or(0, Account::entries);
                for entry in account.entries_since(known).unwrap() {
                    if let What::TierAtRisk {
                        set,
                        tier,
                        to,
                        missing,
                        review,
                        ..
                    } = entry.what
                    {
                        assert_eq!(
                            (usize::from(tier), Some(review.date())),
                            (slow.tier(set), slow.review(set))
                        );
                        let told = (usize::from(to), missing);
                        // What can be spent may have changed between the notice and the end of an outage.
                        if programme.tier_set(set).unwrap().basis != Basis::Balance {
                            assert_eq!(slow.at_risk(set, review.date()), Some(told), "{entry:?}");
                        }
                    }
                }
            },
        );
    });
}

/// The id of a claim; of one that was given, what was given alone.
fn short(id: &str) -> String {
    match id.strip_prefix("given#") {
        Some(given) => given.split('#').next().unwrap().to_owned(),
        None => id.to_owned(),
    }
}

/// The rewards that are not used: ids and last days. The slow model knows of no birthdays.
fn unused(terms: &Terms, account: &Account) -> Vec<(String, jiff::civil::Date)> {
    let told = |reward: &programme::RewardName| {
        let place: usize = reward.as_str().trim_start_matches('r').parse().unwrap();
        !matches!(terms.rewards[place].given, Some("birthday" | "anniversary"))
    };
    let claims = account.claims().iter().filter(|claim| told(&claim.reward));
    claims.map(|claim| (short(&claim.id), claim.last_day.date())).collect()
}

#[test]
fn an_alarm_is_never_late_and_its_entries_are_dated() {
    check("alarm", 1, &any_member(), |(terms, history)| {
        let programme = programme(&terms.toml());
        live(
            &programme,
            &history.events(0),
            |event, now, activity, _, before, member| {
                let account = member.account();
                let agenda = agenda(&programme, account);
                let first = agenda.first().unwrap().at;
                assert_eq!(next_moment(&programme, account), first);
                assert!(
                    account.alarm() <= first,
                    "the alarm at {} is after {agenda:?}",
                    account.alarm()
                );
                // What a referral brings waits.
                let may_be_met = history.referred
                    && terms.referral.is_some()
                    && activity.is_some_and(|activity| matches!(activity.fact, Fact::Purchase { .. }));
                let on_time = activity.is_some_and(|activity| activity.at == activity.received);
                // A return may bring back a lot, and with it a reminder; so may the end of a wait. And where points of today
                // are too short for a reminder, those of tomorrow may have one first; and points of a new tier may last shorter.
                let plain = !may_be_met
                    && activity.is_some_and(|activity| {
                        !matches!(
                            activity.fact,
                            Fact::Refund { .. }
                                | Fact::Reserve { .. }
                                | Fact::Cart { .. }
                                | Fact::Cancel { .. }
                                | Fact::Extend { .. }
                                | Fact::Reinstate { .. }
                                | Fact::Claim { .. }
                                | Fact::Transfer { .. }
                                | Fact::Receive { .. }
                                | Fact::Referral { .. }
                                | Fact::CancelReward { .. }
                                | Fact::RefundReward { .. }
                        )
                    })
                    && terms.earn.iter().all(|rule| rule.wait.is_none())
                    && terms.campaigns.iter().all(|campaign| campaign.wait.is_none())
                    && terms.tier_lasts.iter().all(Option::is_none)
                    && terms.rewards.iter().all(|reward| reward.given != Some("tier"))
                    && terms.reminders.iter().all(|days| *days < terms.shortest());
                if let (true, Some(before)) = (on_time && plain, &before.account)
                    && programme.tier_sets().all(|tiers| before.review_in(tiers.number) == account.review_in(tiers.number))
                    // One that should have rung by now rings at once, whatever it is set to.
                    && now < before.alarm()
                {
                    assert_eq!(account.alarm(), before.alarm(), "moved by {activity:?}");
                }
                if let (Event::Wake(_), Some(before)) = (event, &before.account) {
                    let booked = account.entries_since(before.entries()).unwrap();
                    assert!(first > now, "still due at {now}: {agenda:?}");
                    assert!(account.alarm() > now, "it would ring again at once");
                    assert!(booked.is_sorted_by_key(|entry| entry.at), "out of order: {booked:?}");
                    for entry in booked {
                        assert!(
                            before.alarm() <= entry.happened() && entry.happened() <= now,
                            "{entry:?}"
                        );
                        assert_eq!(entry.decided, now.as_second());
                    }
                }
            },
        );
    });
}

/// Rings whenever the alarm says so, up to an instant.
fn ring_until(programme: &Programme, member: &mut Member, until: Timestamp) {
    while let Some(now) = member
        .account
        .as_ref()
        .map(Account::alarm)
        .filter(|alarm| *alarm <= until)
    {
        member.wake(programme, now);
    }
}

#[test]
fn an_alarm_clock_books_what_waking_every_hour_books() {
    let strategy = (terms(&WHOLE_HOUR_ZONES), history(&WHOLE_HOUR_ZONES, HOURS, 0..16));
    check("alarm clock", 40, &strategy, |(terms, history)| {
        let programme = programme(&terms.toml());
        // Everything falls due at a full hour; activities come half an hour later.
        let half_past = SignedDuration::from_mins(30);
        let (mut rung, mut hourly) = (Member::default(), Member::default());
        let mut hour = Timestamp::from_second(history.start).unwrap();
        for event in history.events(half_past.as_secs()) {
            let balance = |wallet, now| {
                let account = rung.account.as_ref();
                account.map_or(Points::ZERO, |account| account.balance(wallet, &programme, now))
            };
            let Some(activity) = event.activity(balance) else {
                continue;
            };
            ring_until(&programme, &mut rung, activity.received);
            while hour <= activity.received {
                if hourly.account.is_some() {
                    hourly.wake(&programme, hour);
                }
                hour += SignedDuration::from_hours(1);
            }
            assert_eq!(rung.apply(&programme, &activity), hourly.apply(&programme, &activity));
            assert_eq!(rung.causes(), hourly.causes());
        }
        assert_eq!(rung.entries(), hourly.entries());
    });
}

#[test]
fn an_outage_books_what_the_alarm_clock_books_but_for_reminders_that_came_to_nothing() {
    let strategy = (any_member(), 1..2_000_i64);
    check("outage", 1, &strategy, |((terms, history), days)| {
        let programme = programme(&terms.toml());
        let member = live(&programme, &history.events(0), |_, _, _, _, _, _| {});
        let start = history.end(0);
        let (mut rung, mut outage) = (member.clone(), member);
        for member in [&mut rung, &mut outage] {
            member.wake(&programme, start);
        }
        let end = start + SignedDuration::from_hours(24 * days);
        ring_until(&programme, &mut rung, end);
        outage.wake(&programme, end);

        let state = |member: &Member| {
            let account = member.account();
            (
                account
                    .wallets()
                    .map(|wallet| account.lots(wallet).to_vec())
                    .collect::<Vec<_>>(),
                account
                    .wallets()
                    .map(|wallet| account.totals(wallet))
                    .collect::<Vec<_>>(),
                programme
                    .tier_sets()
                    .map(|tiers| (account.tier_in(tiers.number), account.review_in(tiers.number)))
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(state(&rung), state(&outage));
        let (mut expected, entries) = (Vec::new(), rung.entries());
        let lapsed_after = |entry: &Entry| match &entry.what {
            What::Expired { last_day, .. } if last_day.stretch().is_some() => {
                let ended = Timestamp::from_second(entry.at - 1).unwrap();
                Some(programme.zone.rules().to_datetime(ended).date())
            }
            _ => entry.day(),
        };
        let reviewed = |day: Date| programme.zone.rules().to_timestamp(day.into()).unwrap();
        for (index, entry) in entries.iter().enumerate() {
            let overtaken = entry.at > start.as_second()
                && matches!(entry.what, What::Reminded { .. })
                && entries[index + 1..].iter().any(|later| {
                    matches!(later.what, What::Reminded { .. } | What::Expired { .. })
                        && (later.wallet, lapsed_after(later)) == (entry.wallet, entry.day())
                });
            // Of a review that is over by then, whatever came of it, no notice is told; else the last.
            let overtaken = overtaken
                || entry.at > start.as_second()
                    && matches!(entry.what, What::TierAtRisk { .. })
                    && (reviewed(entry.day().unwrap()) <= end
                        || entries[index + 1..].iter().any(|later| {
                            let again = matches!(later.what, What::TierAtRisk { .. }) && later.day() == entry.day();
                            again && later.tier_set() == entry.tier_set()
                        }));
            let overtaken = overtaken
                || entry.at > start.as_second()
                    && match &entry.what {
                        What::RewardReminded { .. } => entries[index + 1..].iter().any(|later| {
                            matches!(later.what, What::RewardReminded { .. } | What::RewardExpired)
                                && later.claim() == entry.claim()
                        }),
                        _ => false,
                    };
            if !overtaken {
                expected.push(entry.cause.clone());
            }
        }
        assert_eq!(outage.causes(), expected);
    });
}
