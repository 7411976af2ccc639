#![allow(clippy::unwrap_used, clippy::float_cmp)]

use serde_json::json;

use super::*;
use crate::engine::UnitCount;

fn message(kind: &str, channel: Option<&str>, state: &str, reason: Option<&str>) -> MessageFact {
    MessageFact {
        id: format!("{kind}-{state}"),
        member: "0001".to_owned(),
        kind: kind.to_owned(),
        channel: channel.map(str::to_owned),
        state: state.to_owned(),
        reason: reason.map(str::to_owned),
        deferred_by: (state == "deferred").then(|| "quiet-hours".to_owned()),
        parts: u32::from(channel == Some("sms")) * 2,
        at: Timestamp::UNIX_EPOCH,
        until: None,
        published: None,
    }
}

pub(crate) fn example() -> Summary {
    let facts = Facts {
        refused: Refused::default(),
        came: BTreeMap::new(),
        by_member: BTreeMap::new(),
        members: 2_357,
        activities: 9_283,
        booked: 7_000,
        points: Points {
            earned: 240_133,
            expired: 61_002,
            outstanding: 179_131,
            lapsing: BTreeMap::from([("1998-07".to_owned(), 79_131), ("1998-08".to_owned(), 100_000)]),
            ..Points::default()
        },
        other_wallets: BTreeMap::from([(
            "stamps".to_owned(),
            Points {
                earned: 12,
                outstanding: 12,
                ..Points::default()
            },
        )]),
        rewards: BTreeMap::from([(
            "tote-bag".to_owned(),
            RewardCounts {
                taken: Some(17),
                unused: 3,
            },
        )]),
        tiers: BTreeMap::from([("Collector".to_owned(), 311), ("Listener".to_owned(), 2_046)]),
        messages: vec![
            message("welcome", Some("sms"), "sent", None),
            message("welcome", Some("push"), "sent", None),
            message("birthday", None, "suppressed", Some("no-consent")),
            message("birthday", None, "deferred", Some("quiet-hours")),
            message("birthday", Some("sms"), "unknown", None),
        ],
    };
    let mut units = Units::default();
    let mut spend = |function: &str, table: &str, item: &str, created, write| {
        let (function, table, item) = (function.to_owned(), table.to_owned(), item.to_owned());
        let key = UnitKey {
            function,
            table,
            operation: "PutItem".to_owned(),
            item,
            created,
        };
        units.rows.insert(
            key,
            UnitCount {
                calls: write,
                read_halves: 1,
                write,
            },
        );
    };
    spend("ingest", ACTIVITIES, "purchase", true, 9_283);
    spend("compute-points", MEMBERS, "account", true, 2_357);
    spend("compute-points", MEMBERS, "account", false, 7_000);
    spend("compute-points", MEMBERS, "page", false, 611);
    spend("compute-points", MEMBERS, "account+shelf", false, 40);
    spend("wake-members", MEMBERS, "account", false, 5_000);
    spend("publish-messages", MESSAGES, "(id)", false, 3);
    spend("regulars", MESSAGES, "(id)", false, 1_000_000);
    let marked = UnitKey {
        function: "publish-messages".to_owned(),
        table: MESSAGES.to_owned(),
        operation: "UpdateItem".to_owned(),
        item: "welcome".to_owned(),
        created: false,
    };
    let marks = UnitCount {
        calls: 4,
        read_halves: 0,
        write: 5,
    };
    units.rows.insert(marked, marks);
    let functions = ["ingest", "compute-points", "wake-members", "publish-messages"]
        .map(str::to_owned)
        .into();
    let course = Course {
        programme: "Paper Moon Records".to_owned(),
        tiers: ["Listener", "Collector", "Virtuoso"].map(str::to_owned).into(),
        from: "1997-01-01T14:00:00Z".parse().unwrap(),
        to: "1998-07-01T04:00:00Z".parse().unwrap(),
        purchases: 6_919,
        replies: Replies {
            all: 9,
            members: 8,
            came: [("stopped", 5), ("asked", 1), ("nothing", 3)]
                .map(|(came, count)| (came.to_owned(), count))
                .into(),
            answers: 6,
        },
        orders: OrderNotes {
            file: "data/orders.csv".to_owned(),
            refused: 4,
            first_refused: vec!["data/orders.csv:7: amount: \"-5\" is negative".to_owned()],
            left_out: 0,
            times_made_up: 6_919,
        },
        made_up: MadeUp {
            seed: 1997,
            statement: "The people are made up (seed 1997).".to_owned(),
        },
        given_up: 0,
        cpu: CpuTime {
            time: Some(std::time::Duration::from_millis(9)),
            after: 1,
        },
        wall_seconds: 192.4,
    };
    Summary::new(&facts, course, &units, &functions)
}

#[test]
fn messages_are_counted_by_state_kind_channel_and_reason() {
    let messages = example().messages;
    let expected = States {
        total: 5,
        sent: 2,
        deferred: 1,
        merged: 0,
        suppressed: 1,
        waiting: 1,
        failed: 0,
        unknown: 1,
    };
    assert_eq!(messages.all, expected);
    assert_eq!(messages.by_kind.get("birthday").unwrap().total, 3);
    assert_eq!(messages.by_channel.get("none").unwrap().total, 2);
    assert_eq!(
        messages.suppressed_by_reason,
        BTreeMap::from([("no-consent".to_owned(), 1)])
    );
    assert_eq!(example().sms_parts, 4);
}

#[test]
fn units_are_those_of_the_functions_and_commits_leave_new_accounts_out() {
    let units = example().units;
    assert_eq!(units.members_write_per_purchase, 7_611.0 / 6_919.0);
    assert_eq!(units.write_per_purchase_with_activity, 7_611.0 / 6_919.0 + 1.0);
    assert_eq!(units.members_write_per_activity, (7_611.0 + 40.0) / 7_000.0);
    assert_eq!(units.messages, ReadWrite { read: 0.5, write: 8 });
    assert_eq!(units.total.write, 9_283 + 2_357 + 7_611 + 40 + 5_000 + 8);
}

#[test]
fn a_send_decision_costs_what_its_function_spent() {
    let decisions = example().send_decisions;
    assert_eq!((decisions.count, decisions.messages.write), (4, 2.0));
    assert_eq!(decisions.messages.read, 0.125);
    assert_eq!(decisions.cpu_microseconds, Some(3_000));
}

#[test]
fn the_report_names_what_others_read() {
    let report = serde_json::to_value(example()).unwrap();
    let at = |path: &str| report.pointer(path).cloned().unwrap();
    assert_eq!(at("/messages/sent"), json!(2));
    assert_eq!(at("/messages/by_channel/push/sent"), json!(1));
    assert_eq!(at("/points/outstanding"), json!(179_131));
    assert_eq!(at("/points/lapsing/1998-08"), json!(100_000));
    assert_eq!(at("/units/members/write"), json!(15_008));
    assert_eq!(at("/made_up/seed"), json!(1997));
    let text = serde_json::to_string(&example()).unwrap();
    assert!(
        text.contains(r#""tiers":{"Listener":2046,"Collector":311,"Virtuoso":0}"#),
        "{text}"
    );
}
