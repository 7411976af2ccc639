use super::errors::{FUNCTION, STORES, assert_all, problem};

#[test]
fn events_are_checked() {
    let stream = "DynamoDB, Properties: {Stream: !GetAtt Table.StreamArn, StartingPosition: LATEST";
    let rule = "EventBridgeRule, Properties: {Pattern: {source: [a]}";
    let table = [
        (
            "DynamoDB, Properties: {StartingPosition: LATEST}".to_owned(),
            "has no Stream",
        ),
        (
            "DynamoDB, Properties: {Stream: !GetAtt Table.StreamArn}".to_owned(),
            "has no StartingPosition",
        ),
        (
            "DynamoDB, Properties: {Stream: !GetAtt Plain.StreamArn, StartingPosition: LATEST}".to_owned(),
            "Stream: attribute StreamArn of Plain is not supported by the local bundle; supported: Arn; StreamArn needs \
             a StreamSpecification",
        ),
        (
            "DynamoDB, Properties: {Stream: !GetAtt Table.Arn, StartingPosition: LATEST}".to_owned(),
            "Stream: \"arn:aws:dynamodb:us-east-1:123456789012:table/Table\", which is outside the template, is not",
        ),
        (
            "DynamoDB, Properties: {Stream: !GetAtt Table.StreamArn, StartingPosition: AT_TIMESTAMP}".to_owned(),
            "StartingPosition: AT_TIMESTAMP is not supported by the local bundle; supported: TRIM_HORIZON, LATEST",
        ),
        (
            format!("{stream}, TumblingWindowInSeconds: 5}}"),
            "property TumblingWindowInSeconds is not supported",
        ),
        (
            format!("{stream}, MaximumRetryAttempts: -2}}"),
            "MaximumRetryAttempts: takes a whole number from -1 to 10000",
        ),
        (
            format!("{stream}, FunctionResponseTypes: [Other]}}"),
            "FunctionResponseTypes: Other is not supported",
        ),
        (
            format!("{stream}, FilterCriteria: {{Filters: [{{Pattern: '[x'}}]}}}}"),
            "FilterCriteria: Filters: Pattern: is not JSON: ",
        ),
        (
            format!("{stream}, FilterCriteria: {{Filters: [{{Pattern: '{{\"a\":[{{\"cidr\":\"x\"}}]}}'}}]}}}}"),
            "FilterCriteria: Filters: Pattern: a: the matcher cidr is not supported",
        ),
        (
            format!("{stream}, DestinationConfig: {{OnFailure: {{Destination: !GetAtt Queue.Arn}}}}}}"),
            "DestinationConfig: OnFailure: Type: is missing: SAM gives no permission",
        ),
        (
            format!("{stream}, DestinationConfig: {{OnFailure: {{Type: SNS, Destination: x}}}}}}"),
            "DestinationConfig: OnFailure: Type: SNS is not supported by the local bundle; supported: S3, SQS",
        ),
        (
            format!("{stream}, DestinationConfig: {{OnFailure: {{Type: S3, Destination: !GetAtt Queue.Arn}}}}}}"),
            "DestinationConfig: OnFailure: Destination: \"arn:aws:sqs:us-east-1:123456789012:Queue\", which is outside",
        ),
        (
            "SQS, Properties: {Queue: !GetAtt Queue.Arn, BatchSize: 11}".to_owned(),
            "BatchSize: over 10 needs a MaximumBatchingWindowInSeconds of at least 1",
        ),
        ("EventBridgeRule".to_owned(), "has no Pattern"),
        (
            "EventBridgeRule, Properties: {Pattern: {source: a}}".to_owned(),
            "Pattern: source: takes a list, as in [\"a\"]",
        ),
        (
            format!("{rule}, EventBusName: elsewhere}}"),
            "EventBusName: \"elsewhere\", which is outside the template, is not supported",
        ),
        (
            format!("{rule}, InputPath: $.detail}}"),
            "property InputPath is not supported",
        ),
        (
            format!("{rule}, RetryPolicy: {{MaximumRetryAttempts: 186}}}}"),
            "RetryPolicy: MaximumRetryAttempts: takes a whole number from 0 to 185",
        ),
        (
            format!("{rule}, DeadLetterConfig: {{Type: SQS}}}}"),
            "DeadLetterConfig: property Type is not supported",
        ),
        (
            "ScheduleV2, Properties: {ScheduleExpression: soon}".to_owned(),
            "ScheduleExpression: \"soon\" is none of rate(5 minutes)",
        ),
        (
            "ScheduleV2, Properties: {ScheduleExpression: rate(1 day), ScheduleExpressionTimezone: Moon}".to_owned(),
            "ScheduleExpression: \"Moon\" is not a time zone",
        ),
        (
            "ScheduleV2, Properties: {ScheduleExpression: rate(1 day), StartDate: '2026-01-01'}".to_owned(),
            "property StartDate is not supported",
        ),
        (
            "ScheduleV2, Properties: {ScheduleExpression: rate(1 day), Input: '{x'}".to_owned(),
            "Input: is not JSON: ",
        ),
        (
            "ScheduleV2, Properties: {ScheduleExpression: rate(1 day), Input: '\"<aws.scheduler.name>\"'}".to_owned(),
            "Input: a placeholder of another name is not supported",
        ),
        (
            "Schedule, Properties: {Schedule: at(2026-12-01T09:30:00)}".to_owned(),
            "Schedule: is for EventBridge Scheduler",
        ),
        (
            "Schedule, Properties: {Schedule: rate(1 day), Input: '\"<aws.scheduler.execution-id>\"'}".to_owned(),
            "Input: has a placeholder that a rule does not fill in",
        ),
    ];
    for (event, expected) in table {
        let text = format!("{STORES}{FUNCTION}      Timeout: 60\n      Events:\n        On: {{Type: {event}}}\n");
        let (line, found) = problem(&text);
        let place = found.strip_prefix("One: Events: On: ").unwrap_or_default();
        assert!(place.starts_with(expected), "{event}\nfound: {found}");
        assert_eq!(line, 13, "{event}\nfound: {found}");
    }
}

#[test]
fn rules_and_mappings_as_resources_are_checked() {
    let table = [
        (
            "AWS::Events::Rule, Properties: {Targets: [{Id: a, Arn: !GetAtt Queue.Arn}]}",
            "A: takes either an EventPattern or a ScheduleExpression",
        ),
        (
            "AWS::Events::Rule, Properties: {EventPattern: {source: [a]}, Targets: [{Id: a, Arn: 'arn:aws:sns:x'}]}",
            "A: Targets: Arn: \"arn:aws:sns:x\", which is outside the template, is not supported by the local bundle; \
             supported: its queues and functions (Queue)",
        ),
        (
            "AWS::Events::Rule, Properties: {EventPattern: {source: [a]}, \
             Targets: [{Id: a, Arn: !GetAtt Queue.Arn, Input: '{}'}]}",
            "A: Targets: Input: a constant in place of the event is not supported",
        ),
        (
            "AWS::Events::Rule, Properties: {EventPattern: {source: [a]}, \
             Targets: [{Id: a, Arn: !GetAtt Queue.Arn, InputPath: $.detail}]}",
            "A: Targets: property InputPath is not supported",
        ),
        (
            "AWS::Scheduler::Schedule, Properties: {ScheduleExpression: rate(1 day), FlexibleTimeWindow: {Mode: 'OFF'}}",
            "A: Target: is missing",
        ),
        (
            "AWS::Scheduler::Schedule, Properties: {ScheduleExpression: rate(1 day), FlexibleTimeWindow: {Mode: 'OFF'}, \
             Target: {Arn: 'arn:aws:scheduler:::aws-sdk:sqs:sendMessage'}}",
            "A: Target: Arn: \"arn:aws:scheduler:::aws-sdk:sqs:sendMessage\", which is outside the template, is not",
        ),
        (
            "AWS::Lambda::EventSourceMapping, Properties: {EventSourceArn: !GetAtt Queue.Arn}",
            "A: has no FunctionName",
        ),
    ];
    assert_all(&table.map(|(text, problem)| (format!("{STORES}  A: {{Type: {text}}}\n"), 7, problem)));
    let mapped = "AWS::Lambda::EventSourceMapping, Properties: {FunctionName: One, EventSourceArn: !GetAtt Queue.Arn, \
                  StartingPosition: LATEST}";
    let text = format!("{STORES}  A: {{Type: {mapped}}}\n{FUNCTION}      Timeout: 60\n");
    assert_eq!(
        problem(&text),
        (
            7,
            "A: StartingPosition: belongs to streams; the source is a queue".to_owned()
        )
    );
}

#[test]
fn a_queue_hides_its_messages_for_as_long_as_the_function_may_run() {
    let event = "        On: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}\n";
    let text = format!("{STORES}{FUNCTION}      Timeout: 61\n      Events:\n{event}");
    let expected = "Queue: its VisibilityTimeout of 60 seconds is under the Timeout of One, 61 seconds";
    assert_eq!(problem(&text), (3, expected.to_owned()));
}
