//! The template of this repository.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use crate::template::read;
use crate::wiring::{OnFailure, Permission, Resources, Target, Wiring};

fn ours(parameters: &[(&str, &str)]) -> Wiring {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    let parameters: BTreeMap<String, String> = parameters
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    read(&path, &parameters).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn functions_may_do_what_their_policies_say() {
    let wiring = ours(&[]);
    let permissions = |id: &str| wiring.functions[id].permissions.clone().unwrap();
    let ingest = Permission {
        actions: vec!["dynamodb:GetItem".to_owned(), "dynamodb:PutItem".to_owned()],
        resources: Resources::Only(vec![
            "arn:aws:dynamodb:us-east-1:123456789012:table/ActivitiesTable".to_owned(),
        ]),
    };
    assert_eq!(permissions("IngestFunction"), [ingest]);
    let phones = Resources::AllBut(vec!["arn:aws:sns:*:*:*".to_owned()]);
    assert!(
        permissions("PublishMessagesFunction")
            .iter()
            .any(|permission| permission.resources == phones)
    );
    // Devices only where there is push.
    assert_eq!(permissions("PublishMessagesFunction").len() + 1, {
        let with_push = ours(&[("PushApplications", "GCM=arn:x")]);
        with_push.functions["PublishMessagesFunction"]
            .permissions
            .clone()
            .unwrap()
            .len()
    });
}

#[test]
fn functions_have_their_binaries_names_and_variables() {
    let wiring = ours(&[("Stage", "prod")]);
    let found: Vec<(&str, &str)> = wiring
        .functions
        .iter()
        .map(|(id, function)| (id.as_str(), function.binary.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("ComputePointsFunction", "compute-points"),
            ("DetectTriggersFunction", "detect-triggers"),
            ("IngestFunction", "ingest"),
            ("PublishMessagesFunction", "publish-messages"),
            ("ReadRepliesFunction", "read-replies"),
            ("ServeCheckoutFunction", "serve-checkout"),
            ("WakeMembersFunction", "wake-members"),
        ]
    );
    for function in wiring.functions.values() {
        assert_eq!(function.name, format!("regulars-prod-{}", function.binary));
        assert_eq!(function.environment["PROGRAM_DIR"], "/opt");
        assert_eq!(function.environment["AWS_LAMBDA_LOG_FORMAT"], "JSON");
        if function.binary != "ingest" {
            assert_eq!(function.layers, ["program/"]);
        }
    }
    assert_eq!(
        wiring.functions["IngestFunction"].environment["ACTIVITIES_TABLE"],
        "ActivitiesTable"
    );
    let wake = &wiring.functions["WakeMembersFunction"].environment;
    assert_eq!(
        (wake["EVENT_BUS"].as_str(), wake["ALARM_SHARDS"].as_str()),
        ("regulars-prod", "1")
    );
    let publish = &wiring.functions["PublishMessagesFunction"].environment;
    assert_eq!(publish["MESSAGES_TABLE"], "MessagesTable");
    assert!(!publish.contains_key("SMS_SENDER_ID") && !publish.contains_key("PUSH_APPLICATIONS"));
    let with_push = ours(&[("PushApplications", "GCM=arn:x"), ("SmsSenderId", "REGULARS")]);
    let publish = &with_push.functions["PublishMessagesFunction"].environment;
    assert_eq!(publish["PUSH_APPLICATIONS"], "GCM=arn:x");
    assert_eq!(publish["SMS_SENDER_ID"], "REGULARS");
}

#[test]
fn tables_have_their_streams_and_indexes() {
    let wiring = ours(&[]);
    let views: Vec<(&str, &str)> = wiring
        .tables
        .iter()
        .map(|(id, table)| {
            let view = &table.create["StreamSpecification"]["StreamViewType"];
            (id.as_str(), view.as_str().unwrap())
        })
        .collect();
    assert_eq!(
        views,
        [
            ("ActivitiesTable", "NEW_IMAGE"),
            ("MembersTable", "NEW_AND_OLD_IMAGES"),
            ("MessagesTable", "NEW_AND_OLD_IMAGES"),
        ]
    );
    for id in ["MembersTable", "MessagesTable"] {
        let index = &wiring.tables[id].create["GlobalSecondaryIndexes"][0];
        assert_eq!(index["IndexName"], "alarms");
        assert_eq!(index["Projection"], json!({"ProjectionType": "KEYS_ONLY"}));
    }
    assert_eq!(
        wiring.tables["MessagesTable"].time_to_live.as_deref(),
        Some("expires_at")
    );
    assert_eq!(wiring.tables["MembersTable"].time_to_live, None);
}

#[test]
fn the_line_runs_from_the_bus_to_the_messages() {
    let wiring = ours(&[]);
    let shop = wiring
        .rules
        .iter()
        .find(|rule| rule.id == "BusinessEventsRule")
        .unwrap();
    assert_eq!(shop.bus.as_deref(), Some("RegularsBus"));
    assert_eq!(shop.target, Target::Queue("BusinessEventsQueue".to_owned()));
    assert_eq!(shop.pattern, json!({"source": [{"prefix": "shop"}]}));
    let redrive = wiring.queues["BusinessEventsQueue"].redrive.as_ref().unwrap();
    assert_eq!(redrive.queue, "DeadLettersQueue");
    let poll = &wiring.polls[0];
    assert_eq!(
        (poll.queue.as_str(), poll.function.as_str()),
        ("BusinessEventsQueue", "IngestFunction")
    );
    assert!(poll.reports_failures);

    let streams: Vec<(&str, &str)> = wiring
        .streams
        .iter()
        .map(|stream| (stream.table.as_str(), stream.function.as_str()))
        .collect();
    assert_eq!(
        streams,
        [
            ("ActivitiesTable", "ComputePointsFunction"),
            ("MembersTable", "DetectTriggersFunction"),
            ("MessagesTable", "PublishMessagesFunction"),
        ]
    );
    for stream in &wiring.streams {
        assert!(stream.reports_failures && stream.bisect && stream.from_the_beginning);
        assert!(stream.maximum_retries.is_some() && stream.maximum_age_seconds.is_some());
        assert_eq!(stream.filters.len(), 1);
        assert_eq!(
            stream.on_failure,
            Some(OnFailure::Bucket("FailedRecordsBucket".to_owned()))
        );
    }
}

#[test]
fn the_list_of_opt_outs_is_read_every_hour() {
    let wiring = ours(&[]);
    let listens = Target::Function("ReadRepliesFunction".to_owned());
    let mut schedules = wiring.schedules.iter();
    let schedule = schedules.find(|schedule| schedule.target == listens).unwrap();
    assert_eq!(schedule.expression, "rate(1 hour)");
    assert_eq!(wiring.schedules.len(), 2);
}

#[test]
fn members_are_woken_by_the_schedule_and_by_its_continuation() {
    let wiring = ours(&[]);
    let wake = Target::Function("WakeMembersFunction".to_owned());
    let schedule = wiring
        .schedules
        .iter()
        .find(|schedule| schedule.target == wake)
        .unwrap();
    assert_eq!(schedule.expression, "rate(5 minutes)");
    assert_eq!(
        schedule.input.as_deref(),
        Some("{\"scheduled_at\":\"<aws.scheduler.scheduled-time>\"}")
    );
    assert_eq!(schedule.dead_letters.as_deref(), Some("DeadLettersQueue"));
    let goes_on = wiring.rules.iter().find(|rule| rule.target == wake).unwrap();
    assert_eq!(goes_on.bus.as_deref(), Some("RegularsBus"));
    assert_eq!(
        goes_on.pattern,
        json!({"source": ["regulars.wake-members", "regulars.operator"], "detail-type": ["continue", "resumed", "started"]})
    );
}
