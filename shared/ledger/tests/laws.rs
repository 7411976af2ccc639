//! The ledger's laws, over random programmes and random histories.
//!
//! `LAWS_SEED` and `LAWS_CASES` choose other histories and more of them; a failure prints the smallest one that fails.
#![allow(clippy::disallowed_methods)] // which laws to try is a setting of the test
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "laws/chain.rs"]
mod chain;
#[path = "laws/reference.rs"]
mod reference;
mod support;
#[path = "laws/table.rs"]
mod table;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use ledger::{Account, Activity, Mark, What, agenda, next_moment};
use programme::{Points, Programme};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use reference::Slow;
use support::random::{Event, HOURS, History, SECONDS, Terms, WHOLE_HOUR_ZONES, ZONES, history, terms};
use support::{Member, programme};
use table::{Done, Read, Record, Stop, Table};

fn setting(name: &str, default: u64) -> u64 {
    let chosen = std::env::var(name).ok();
    chosen.map_or(default, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is no whole number: {text:?}"))
    })
}

/// Checks a law on random cases: one of `share` of those asked for, where each takes long.
fn check<S: Strategy>(law: &str, share: u64, strategy: &S, holds: impl Fn(S::Value)) {
    let seed = setting("LAWS_SEED", 19_970_101);
    let cases = u32::try_from((setting("LAWS_CASES", 2_000) / share).max(1)).unwrap();
    println!("{law}: seed {seed}, {cases} histories");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let outcome = runner.run(strategy, |case| {
        holds(case);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{law} fails with LAWS_SEED={seed}: {failure}");
    }
}

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
        let activity = event.activity(|now| {
            let account = member.account.as_ref();
            account.map_or(Points::ZERO, |account| account.balance(programme, now))
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
            let totals = account.totals();
            let lots = Points::sum(account.lots().iter().map(|lot| lot.points)).unwrap().get();
            let entries = member.entries();
            assert_eq!(lots, totals.earned.get() - totals.spent.get() - totals.expired.get());
            assert_eq!(lots, entries.iter().map(ledger::Entry::change).sum::<i64>());

            // What has lapsed cannot be spent, whether or not its expiry is booked.
            let mut woken = member.clone();
            woken.wake(&programme, now);
            let balance = account.balance(&programme, now);
            assert_eq!(woken.account().balance(&programme, now), balance);
            assert_eq!(
                Points::sum(woken.account().lots().iter().map(|lot| lot.points)).unwrap(),
                balance
            );

            chain::is_unbroken(member);
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

#[test]
fn a_point_is_spent_or_lapses_once_and_only_after_it_was_earned() {
    check("once", 1, &any_member(), |(terms, history)| {
        let programme = programme(&terms.toml());
        let member = live(&programme, &history.events(0), |_, _, _, _, _, _| {});
        let lots = chain::lots_by_entries(&programme, &member.entries());
        let held: Vec<_> = member
            .account()
            .lots()
            .iter()
            .map(|lot| (lot.last_day, lot.points.get()))
            .collect();
        let left: Vec<_> = lots.into_iter().filter(|(_, left)| *left > 0).collect();
        assert_eq!(held, left);
        chain::causes_are_unique(&member.entries());
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
            |_, now, activity, accepted, _, member| {
                match activity {
                    Some(activity) => assert_eq!(slow.take(activity), accepted, "{activity:?}"),
                    None => slow.wake(now),
                }
                let (account, totals) = (member.account(), member.account().totals());
                assert_eq!(
                    account.balance(&programme, now).get(),
                    slow.balance(now),
                    "balance at {now}"
                );
                assert_eq!(
                    (totals.spent.get(), totals.expired.get()),
                    (slow.spent, slow.expired),
                    "at {now}"
                );
                assert_eq!(usize::from(account.tier()), slow.tier, "tier at {now}");
                assert_eq!(account.review(), slow.review, "review at {now}");
            },
        );
    });
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
                let on_time = activity.is_some_and(|activity| activity.at == activity.received);
                if let (true, Some(before)) = (on_time, &before.account)
                    && before.review() == account.review()
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
            let balance = |now| {
                rung.account
                    .as_ref()
                    .map_or(Points::ZERO, |account| account.balance(&programme, now))
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
                account.lots().to_vec(),
                account.totals(),
                account.tier(),
                account.review(),
            )
        };
        assert_eq!(state(&rung), state(&outage));
        let (mut expected, entries) = (Vec::new(), rung.entries());
        for (index, entry) in entries.iter().enumerate() {
            let overtaken = entry.at > start.as_second()
                && matches!(entry.what, What::Reminded { .. })
                && entries[index + 1..].iter().any(|later| {
                    matches!(later.what, What::Reminded { .. } | What::Expired { .. })
                        && later.last_day() == entry.last_day()
                });
            if !overtaken {
                expected.push(entry.cause.clone());
            }
        }
        assert_eq!(outage.causes(), expected);
    });
}

/// One turn of a writer in a schedule full of faults.
#[derive(Debug, Clone)]
struct Turn {
    who: Who,
    /// The writer began before the turn of the other and works on what it read then.
    stale: bool,
    stop: Stop,
}

#[derive(Debug, Clone)]
enum Who {
    /// The stream delivers so many records, beginning so many before the first that is not known to be done.
    Stream { back: usize, take: usize },
    /// The alarm clock, at the time at which a later activity arrives.
    Alarm { ahead: usize },
    /// The table is restored: another stream delivers everything again.
    Restore,
}

fn turns(alarms: bool, restores: bool) -> impl Strategy<Value = Vec<Turn>> {
    let stream = (prop_oneof![Just(0), 0..60_usize], 1..30_usize).prop_map(|(back, take)| Who::Stream { back, take });
    let who = prop_oneof![
        12 => stream,
        u32::from(alarms) * 3 => (0..4_usize).prop_map(|ahead| Who::Alarm { ahead }),
        u32::from(restores) => Just(Who::Restore),
    ];
    let stop = prop_oneof![
        4 => Just(Stop::Never),
        2 => (0..4_usize).prop_map(Stop::AfterPages),
        1 => Just(Stop::AfterCommit),
    ];
    let stale = prop_oneof![2 => Just(false), 1 => Just(true)];
    vec(
        (who, stale, stop).prop_map(|(who, stale, stop)| Turn { who, stale, stop }),
        0..30,
    )
}

/// The activities of a history, with shares of the balance made numbers by living through it once.
fn activities(programme: &Programme, history: &History) -> Vec<Activity> {
    let mut activities = Vec::new();
    live(programme, &history.events(0), |_, _, activity, _, _, _| {
        activities.extend(activity.cloned());
    });
    activities
}

fn mark(source: u32, index: usize) -> Mark {
    // Places have as many digits as they need, as in the real stream.
    Mark {
        source,
        place: format!("{}", 9_990 + index),
    }
}

/// Runs a schedule, then delivers what is left without faults; gives the table and what its commits did, in order.
fn deliver(programme: &Programme, activities: &[Activity], turns: &[Turn]) -> (Table, Vec<Done>) {
    let (mut table, mut log, mut source, mut next) = (Table::default(), Vec::new(), 1, 0);
    let mut earlier: (Read, usize, u32) = (None, 0, 1);
    let rest = Turn {
        who: Who::Stream { back: 0, take: 7 },
        stale: false,
        stop: Stop::Never,
    };
    let mut schedule = turns.iter();
    while next < activities.len() || schedule.len() > 0 {
        let turn = schedule.next().unwrap_or(&rest);
        let now = (table.account.clone(), next, source);
        let (read, known, stream) = if turn.stale { &earlier } else { &now };
        let done = match turn.who {
            Who::Stream { back, take } => {
                let start = known.saturating_sub(back);
                let end = activities.len().min(start + take);
                // A new stream shows items as they are: with the reason for which they were refused, if they were.
                let refused = if *stream > 1 {
                    table.refused.clone()
                } else {
                    BTreeSet::new()
                };
                let records = (start..end)
                    .filter(|index| !refused.contains(index))
                    .map(|index| Record {
                        index,
                        mark: mark(*stream, index),
                        activity: &activities[index],
                    });
                let outcome = table.fold(programme, read, &records.collect::<Vec<_>>(), turn.stop);
                if outcome.finished && *stream == source {
                    next = next.max(end);
                }
                outcome.done
            }
            Who::Alarm { ahead } => match activities.get((next + ahead).min(activities.len() - 1)) {
                Some(later) => table.wake(programme, read, later.received, turn.stop).done,
                None => Vec::new(),
            },
            Who::Restore => {
                (source, next) = (source + 1, 0);
                Vec::new()
            }
        };
        log.extend(done);
        earlier = now;
    }
    (table, log)
}

/// The same commits, one thing each and without faults.
fn one_by_one(programme: &Programme, activities: &[Activity], log: &[Done]) -> Table {
    let mut table = Table::default();
    for done in log {
        let read = table.account.clone();
        let outcome = match done {
            Done::Wake(now) => table.wake(programme, &read, *now, Stop::Never),
            Done::Activity { index, mark } => {
                let record = Record {
                    index: *index,
                    mark: mark.clone(),
                    activity: &activities[*index],
                };
                table.fold(programme, &read, &[record], Stop::Never)
            }
        };
        assert_eq!(outcome.done, vec![done.clone()], "done in a batch, and not by itself");
    }
    table
}

#[test]
fn however_activities_are_delivered_the_ledger_is_the_same() {
    let strategy = (any_member(), turns(false, false));
    check("delivery", 1, &strategy, |((terms, history), turns)| {
        let programme = programme(&terms.toml());
        let activities = activities(&programme, &history);
        let (table, _) = deliver(&programme, &activities, &turns);
        let (plain, _) = deliver(&programme, &activities, &[]);
        let all: Vec<Done> = (0..activities.len())
            .filter(|index| !plain.refused.contains(index))
            .map(|index| Done::Activity {
                index,
                mark: mark(1, index),
            })
            .collect();
        assert_eq!(table.settled(), one_by_one(&programme, &activities, &all).settled());
        assert_eq!(table.refused, plain.refused);
    });
}

#[test]
fn with_the_alarm_clock_in_between_each_activity_counts_once_and_in_order() {
    let strategy = (any_member(), turns(true, true));
    check("writers", 1, &strategy, |((terms, history), turns)| {
        let programme = programme(&terms.toml());
        let activities = activities(&programme, &history);
        let (table, log) = deliver(&programme, &activities, &turns);
        let order: Vec<usize> = log
            .iter()
            .filter_map(|done| match done {
                Done::Activity { index, .. } => Some(*index),
                Done::Wake(_) => None,
            })
            .collect();
        assert!(order.is_sorted_by(|a, b| a < b), "{order:?}");
        let each: BTreeSet<usize> = order.into_iter().chain(table.refused.iter().copied()).collect();
        assert_eq!(each.len(), activities.len(), "neither counted nor refused");
        assert_eq!(table.settled(), one_by_one(&programme, &activities, &log).settled());
    });
}
