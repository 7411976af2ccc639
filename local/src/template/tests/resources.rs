use serde_json::{Value, json};

use super::{wire, wire_with};
use crate::wiring::{OnFailure, Retry, Target};

/// Stores, a bus and a function `One`, whose events and further properties are added.
fn template(properties: &str, resources: &str) -> String {
    let mut text = String::from(
        "Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties: {VisibilityTimeout: 60, RedrivePolicy: {deadLetterTargetArn: !GetAtt Lost.Arn, maxReceiveCount: '5'}}
  Lost: {Type: AWS::SQS::Queue, Properties: {QueueName: lost-ones}}
  Failed: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub 'failed-${AWS::AccountId}'}}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: shop}}
  Rules: {Type: AWS::Serverless::LayerVersion, Properties: {LayerName: rules, ContentUri: program/}}
  Members:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}, {AttributeName: due, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - IndexName: alarms
          KeySchema: [{AttributeName: due, KeyType: HASH}]
          Projection: {ProjectionType: KEYS_ONLY}
          ProvisionedThroughput: {ReadCapacityUnits: '5', WriteCapacityUnits: 1}
      StreamSpecification: {StreamViewType: NEW_IMAGE}
      TimeToLiveSpecification: {AttributeName: gone_at, Enabled: true}
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
  One:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: one}}
    Properties:
      Timeout: 60
",
    );
    for (indent, lines) in [("      ", properties), ("  ", resources)] {
        for line in lines.lines() {
            text.push_str(indent);
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// The template with one event of `One`.
fn with_event(kind: &str, properties: &str) -> String {
    template(
        &format!("Events:\n  On:\n    Type: {kind}\n    Properties: {properties}"),
        "",
    )
}

#[test]
fn stores_are_read() {
    let wiring = wire(&template("", ""));
    let members = &wiring.tables["Members"];
    assert_eq!(members.name, "Members");
    assert_eq!(members.time_to_live.as_deref(), Some("gone_at"));
    let expected = json!({
        "TableName": "Members",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "due", "AttributeType": "S"},
        ],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": [{
            "IndexName": "alarms",
            "KeySchema": [{"AttributeName": "due", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
            "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 1},
        }],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
    });
    assert_eq!(members.create, expected);
    let orders = &wiring.queues["Orders"];
    assert_eq!(
        (orders.name.as_str(), orders.visibility_timeout_seconds),
        ("Orders", 60)
    );
    let redrive = orders.redrive.as_ref().unwrap();
    assert_eq!((redrive.queue.as_str(), redrive.max_receives), ("Lost", 5));
    let lost = &wiring.queues["Lost"];
    assert_eq!((lost.name.as_str(), lost.visibility_timeout_seconds), ("lost-ones", 30));
    assert_eq!(wiring.buckets["Failed"].name, "failed-123456789012");
    assert_eq!(wiring.buses["Bus"].name, "shop");
}

#[test]
fn a_function_is_its_own_properties_over_the_global_ones() {
    let globals = "Globals:
  Function:
    MemorySize: 256
    Timeout: 10
    Layers: [!Ref Rules]
    Environment: {Variables: {A: global, B: global}}
    LoggingConfig: {LogFormat: JSON, ApplicationLogLevel: INFO}
";
    let own = "FunctionName: first\nLayers: [!Ref More]\nLoggingConfig: {ApplicationLogLevel: WARN}\n\
               Environment: {Variables: {B: own, C: 5, D: true}}";
    let more = "More: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: more/}}";
    let wiring = wire(&format!("{globals}{}", template(own, more)));
    let one = &wiring.functions["One"];
    assert_eq!((one.name.as_str(), one.binary.as_str()), ("first", "one"));
    assert_eq!((one.timeout_seconds, one.memory_megabytes), (60, 256));
    assert_eq!(one.layers, ["program/", "more/"]);
    let variables: Vec<(&str, &str)> = one
        .environment
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        variables,
        [
            ("A", "global"),
            ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
            ("AWS_LAMBDA_LOG_LEVEL", "WARN"),
            ("B", "own"),
            ("C", "5"),
            ("D", "true"),
        ]
    );
    let bare = wire(
        "Resources:
  One: {Type: AWS::Serverless::Function, Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: one}}}
",
    );
    let one = &bare.functions["One"];
    assert_eq!((one.timeout_seconds, one.memory_megabytes), (3, 128));
}

#[test]
fn stream_mappings_are_read() {
    let wiring = wire(&with_event(
        "DynamoDB",
        "{Stream: !GetAtt Members.StreamArn, StartingPosition: TRIM_HORIZON, BatchSize: 50, \
         MaximumBatchingWindowInSeconds: 1, ParallelizationFactor: 2, BisectBatchOnFunctionError: true, \
         MaximumRetryAttempts: 8, MaximumRecordAgeInSeconds: 21600, FunctionResponseTypes: [ReportBatchItemFailures], \
         FilterCriteria: {Filters: [{Pattern: '{\"eventName\":[\"INSERT\"]}'}]}, \
         DestinationConfig: {OnFailure: {Type: S3, Destination: !GetAtt Failed.Arn}}}",
    ));
    let mapping = &wiring.streams[0];
    assert_eq!(mapping.id, "OneOn");
    assert_eq!((mapping.table.as_str(), mapping.function.as_str()), ("Members", "One"));
    assert_eq!((mapping.batch_size, mapping.batching_window_seconds), (50, 1));
    assert_eq!((mapping.parallelization, mapping.bisect), (2, true));
    assert_eq!(
        (mapping.maximum_retries, mapping.maximum_age_seconds),
        (Some(8), Some(21_600))
    );
    assert!(mapping.reports_failures && mapping.from_the_beginning);
    assert_eq!(mapping.filters, [json!({"eventName": ["INSERT"]})]);
    assert_eq!(mapping.on_failure, Some(OnFailure::Bucket("Failed".to_owned())));

    let wiring = wire(&with_event(
        "DynamoDB",
        "{Stream: !GetAtt Members.StreamArn, StartingPosition: LATEST, MaximumRetryAttempts: -1, \
         DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Lost.Arn}}}",
    ));
    let mapping = &wiring.streams[0];
    assert_eq!(
        (mapping.batch_size, mapping.parallelization, mapping.bisect),
        (100, 1, false)
    );
    assert_eq!((mapping.maximum_retries, mapping.maximum_age_seconds), (None, None));
    assert!(!mapping.reports_failures && !mapping.from_the_beginning);
    assert!(mapping.filters.is_empty());
    assert_eq!(mapping.on_failure, Some(OnFailure::Queue("Lost".to_owned())));
}

#[test]
fn queue_mappings_are_read() {
    let wiring = wire(&with_event(
        "SQS",
        "{Queue: !GetAtt Orders.Arn, BatchSize: 100, MaximumBatchingWindowInSeconds: 1, \
         FunctionResponseTypes: [ReportBatchItemFailures]}",
    ));
    let mapping = &wiring.polls[0];
    assert_eq!((mapping.id.as_str(), mapping.queue.as_str()), ("OneOn", "Orders"));
    assert_eq!((mapping.function.as_str(), mapping.batch_size), ("One", 100));
    assert_eq!((mapping.batching_window_seconds, mapping.reports_failures), (1, true));
    let wiring = wire(&with_event("SQS", "{Queue: !GetAtt Orders.Arn}"));
    assert_eq!(
        (wiring.polls[0].batch_size, wiring.polls[0].reports_failures),
        (10, false)
    );
}

#[test]
fn mappings_may_be_resources() {
    let wiring = wire(&template(
        "",
        "ByStream: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: !Ref One, \
         EventSourceArn: !GetAtt Members.StreamArn, StartingPosition: LATEST, \
         DestinationConfig: {OnFailure: {Destination: !GetAtt Failed.Arn}}}}
ByQueue: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: !GetAtt One.Arn, \
         EventSourceArn: !GetAtt Orders.Arn}}
Not: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: !Ref One, EventSourceArn: !GetAtt Orders.Arn, \
         Enabled: false}}",
    ));
    let stream = &wiring.streams[0];
    assert_eq!((stream.id.as_str(), stream.table.as_str()), ("ByStream", "Members"));
    assert_eq!(stream.on_failure, Some(OnFailure::Bucket("Failed".to_owned())));
    assert_eq!(wiring.polls.len(), 1);
    assert_eq!(
        (wiring.polls[0].id.as_str(), wiring.polls[0].function.as_str()),
        ("ByQueue", "One")
    );
}

#[test]
fn rules_are_read_one_for_each_target() {
    let wiring = wire(&template(
        "",
        "Sales:
  Type: AWS::Events::Rule
  Properties:
    EventBusName: !GetAtt Bus.Arn
    EventPattern: {source: [{prefix: shop}]}
    Targets:
      - {Id: a, Arn: !GetAtt Orders.Arn, DeadLetterConfig: {Arn: !GetAtt Lost.Arn}}
      - {Id: b, Arn: !GetAtt One.Arn, RetryPolicy: {MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 300}}
Other:
  Type: AWS::Events::Rule
  Properties:
    EventPattern: '{\"source\": [\"x\"]}'
    Targets: [{Id: a, Arn: !GetAtt Orders.Arn}]
Off:
  Type: AWS::Events::Rule
  Properties: {State: DISABLED, EventPattern: {source: [x]}, Targets: [{Id: a, Arn: !GetAtt Orders.Arn}]}",
    ));
    let found: Vec<(&str, Option<&str>, &Target)> = wiring
        .rules
        .iter()
        .map(|rule| (rule.id.as_str(), rule.bus.as_deref(), &rule.target))
        .collect();
    let (orders, one) = (Target::Queue("Orders".to_owned()), Target::Function("One".to_owned()));
    assert_eq!(
        found,
        [
            ("Other", None, &orders),
            ("Sales/a", Some("Bus"), &orders),
            ("Sales/b", Some("Bus"), &one),
        ]
    );
    let [other, first, second] = wiring.rules.as_slice() else {
        panic!("three rules");
    };
    assert_eq!(other.pattern, json!({"source": ["x"]}));
    assert_eq!(first.pattern, json!({"source": [{"prefix": "shop"}]}));
    assert_eq!(first.dead_letters.as_deref(), Some("Lost"));
    assert_eq!(
        first.retry,
        Retry {
            maximum_attempts: 185,
            maximum_age_seconds: 86_400
        }
    );
    assert_eq!(
        second.retry,
        Retry {
            maximum_attempts: 3,
            maximum_age_seconds: 300
        }
    );
}

#[test]
fn a_function_has_rules_and_schedules_as_events() {
    let wiring = wire(&with_event(
        "EventBridgeRule",
        "{EventBusName: !Ref Bus, Pattern: {source: [a]}, DeadLetterConfig: {Arn: !GetAtt Lost.Arn}}",
    ));
    let rule = &wiring.rules[0];
    assert_eq!((rule.id.as_str(), rule.bus.as_deref()), ("OneOn", Some("Bus")));
    assert_eq!(rule.target, Target::Function("One".to_owned()));
    assert_eq!(rule.dead_letters.as_deref(), Some("Lost"));

    let wiring = wire(&with_event(
        "ScheduleV2",
        "{ScheduleExpression: cron(0 10 * * ? *), ScheduleExpressionTimezone: Asia/Shanghai, OmitName: true, \
         FlexibleTimeWindow: {Mode: FLEXIBLE, MaximumWindowInMinutes: 15}, \
         Input: '{\"at\":\"<aws.scheduler.scheduled-time>\",\"try\":<aws.scheduler.attempt-number>}'}",
    ));
    let schedule = &wiring.schedules[0];
    assert_eq!(
        (schedule.id.as_str(), schedule.zone.as_str()),
        ("OneOn", "Asia/Shanghai")
    );
    assert_eq!(schedule.expression, "cron(0 10 * * ? *)");
    assert!(
        schedule
            .input
            .as_ref()
            .unwrap()
            .contains("<aws.scheduler.scheduled-time>")
    );

    let wiring = wire(&with_event("Schedule", "{Schedule: rate(1 hour)}"));
    let schedule = &wiring.schedules[0];
    assert_eq!(
        (schedule.expression.as_str(), schedule.zone.as_str()),
        ("rate(1 hour)", "UTC")
    );
    let input: Value = serde_json::from_str(schedule.input.as_ref().unwrap()).unwrap();
    assert_eq!(input["detail-type"], "Scheduled Event");
    assert_eq!(input["time"], "<aws.scheduler.scheduled-time>");

    let off = wire(&with_event(
        "ScheduleV2",
        "{ScheduleExpression: rate(1 hour), State: DISABLED}",
    ));
    assert!(off.schedules.is_empty());
}

#[test]
fn schedules_may_be_resources() {
    let wiring = wire(&template(
        "",
        "Nightly:
  Type: AWS::Scheduler::Schedule
  Properties:
    ScheduleExpression: at(2026-12-01T09:30:00)
    FlexibleTimeWindow: {Mode: 'OFF'}
    Target: {Arn: !GetAtt Orders.Arn, RoleArn: !GetAtt OneRole.Arn, Input: '{}'}
Hourly:
  Type: AWS::Events::Rule
  Properties:
    ScheduleExpression: rate(1 hour)
    Targets: [{Id: a, Arn: !GetAtt One.Arn, Input: '{\"job\": 1}'}]",
    ));
    let [hourly, nightly] = wiring.schedules.as_slice() else {
        panic!("two schedules");
    };
    assert_eq!(nightly.target, Target::Queue("Orders".to_owned()));
    assert_eq!((nightly.zone.as_str(), nightly.input.as_deref()), ("UTC", Some("{}")));
    assert_eq!(hourly.target, Target::Function("One".to_owned()));
    assert_eq!(hourly.input.as_deref(), Some("{\"job\": 1}"));
}

#[test]
fn what_a_function_fails_at_goes_to_its_own_queue() {
    let properties = |config: &str| {
        format!(
            "{config}\nEvents:\n  On: {{Type: EventBridgeRule, Properties: {{Pattern: {{source: [a]}}, \
             DeadLetterConfig: {{Arn: !GetAtt Orders.Arn}}}}}}"
        )
    };
    let own = properties(
        "EventInvokeConfig: {MaximumRetryAttempts: 2, DestinationConfig: {OnFailure: {Type: SQS, \
         Destination: !GetAtt Lost.Arn}}}",
    );
    assert_eq!(wire(&template(&own, "")).rules[0].dead_letters.as_deref(), Some("Lost"));
    let none = properties("EventInvokeConfig: {MaximumEventAgeInSeconds: 3600}");
    assert_eq!(
        wire(&template(&none, "")).rules[0].dead_letters.as_deref(),
        Some("Orders")
    );
}

#[test]
fn resources_with_nothing_to_do_here_are_accepted_unread() {
    let wiring = wire_with(
        &template(
            "Tags: {a: !Base64 x}",
            "Watch: {Type: AWS::CloudWatch::Alarm, Properties: {Threshold: !Cidr [a]}}
Keep: {Type: AWS::Logs::LogGroup, DeletionPolicy: Retain, Properties: {RetentionInDays: 30}}
Mail: {Type: AWS::SNS::Subscription, Properties: {Protocol: email, Endpoint: a@example.com}}",
        ),
        &[],
    );
    assert!(wiring.is_ok());
}

#[test]
fn a_topic_hands_on_to_the_queues_that_are_subscribed() {
    let with = |subscription: &str| {
        template(
            "Tags: {a: b}",
            &format!(
                "Replies: {{Type: AWS::SNS::Topic, Properties: {{TopicName: replies}}}}
In: {{Type: AWS::SQS::Queue}}
Link: {{Type: AWS::SNS::Subscription, Properties: {{TopicArn: !Ref Replies, Protocol: sqs, {subscription}}}}}"
            ),
        )
    };
    let wiring = wire(&with(
        "Endpoint: !GetAtt In.Arn, FilterPolicyScope: MessageBody, FilterPolicy: {id: [{exists: true}]}",
    ));
    assert_eq!(wiring.topics["Replies"].name, "replies");
    let [subscription] = wiring.subscriptions.as_slice() else {
        panic!("{:?}", wiring.subscriptions)
    };
    assert_eq!(
        (subscription.topic.as_str(), subscription.queue.as_str()),
        ("Replies", "In")
    );
    assert_eq!(subscription.filter, Some(json!({"id": [{"exists": true}]})));
    for (subscription, why) in [
        ("Endpoint: somewhere", "somewhere"),
        (
            "Endpoint: !GetAtt In.Arn, RawMessageDelivery: true",
            "without its envelope",
        ),
        (
            "Endpoint: !GetAtt In.Arn, FilterPolicy: {id: [a]}",
            "message attributes",
        ),
        ("Endpoint: !GetAtt In.Arn, Speed: fast", "Speed"),
    ] {
        let (_, problem) = wire_with(&with(subscription), &[]).unwrap_err();
        assert!(problem.to_string().contains(why), "{problem}");
    }
}
