//! However a member's activities are delivered, the ledger is the same: in batches, twice, after a crash, beside the
//! alarm clock, and by the stream of a restored table.

use std::collections::BTreeSet;

use ledger::{Activity, Mark};
use programme::Programme;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

use crate::support::random::History;
use crate::support::{check, programme};
use crate::table::{Done, Read, Record, Stop, Table};
use crate::{any_member, live};

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
    /// The stream delivers so many records, beginning so many before the first that is not known to be done; perhaps
    /// each of them twice.
    Stream { back: usize, take: usize, twice: bool },
    /// The alarm clock, at the time at which a later activity arrives.
    Alarm { ahead: usize },
    /// The table is restored: another stream delivers everything again.
    Restore,
}

fn turns(alarms: bool, restores: bool) -> impl Strategy<Value = Vec<Turn>> {
    let stream = (prop_oneof![Just(0), 0..60_usize], 1..30_usize, any::<bool>());
    let stream = stream.prop_map(|(back, take, twice)| Who::Stream { back, take, twice });
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
    // Places have as many digits as they need, and those of one stream say nothing of another's.
    let first = if source.is_multiple_of(2) { 90 } else { 9_990 };
    Mark {
        source,
        place: (first + index).to_string().into(),
    }
}

/// Runs a schedule, then delivers what is left without faults; gives the table and what its commits did, in order.
fn deliver(programme: &Programme, activities: &[Activity], turns: &[Turn]) -> (Table, Vec<Done>) {
    let (mut table, mut log, mut source, mut next) = (Table::default(), Vec::new(), 1, 0);
    let mut earlier: (Read, usize, u32) = (None, 0, 1);
    let rest = Turn {
        who: Who::Stream {
            back: 0,
            take: 7,
            twice: false,
        },
        stale: false,
        stop: Stop::Never,
    };
    let mut schedule = turns.iter();
    while next < activities.len() || schedule.len() > 0 {
        let turn = schedule.next().unwrap_or(&rest);
        let now = (table.account.clone(), next, source);
        let (read, known, stream) = if turn.stale { &earlier } else { &now };
        let done = match turn.who {
            Who::Stream { back, take, twice } => {
                let start = known.saturating_sub(back);
                let end = activities.len().min(start + take);
                // A new stream shows items as they are: with the reason for which they were refused, if they were.
                let refused = if *stream > 1 {
                    table.refused.clone()
                } else {
                    BTreeSet::new()
                };
                let records = (start..end)
                    .flat_map(|index| std::iter::repeat_n(index, 1 + usize::from(twice)))
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
