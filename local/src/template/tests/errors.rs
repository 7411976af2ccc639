use std::collections::BTreeMap;
use std::path::Path;

use super::wire_with;
use crate::template::read;

pub(super) const STORES: &str = "Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 60}}
  Bucket: {Type: AWS::S3::Bucket}
  Table: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [], AttributeDefinitions: [], StreamSpecification: {StreamViewType: NEW_IMAGE}}}
  Plain: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [], AttributeDefinitions: []}}
";
pub(super) const FUNCTION: &str = "  One:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: one}}
    Properties:
";

/// The problem of a template, with its line where that is asked for.
pub(super) fn problem(text: &str) -> (usize, String) {
    let (line, problem) = wire_with(text, &[]).expect_err(text);
    (line, problem.to_string())
}

pub(super) fn assert_all(table: &[(String, usize, &str)]) {
    for (text, line, expected) in table {
        let (found_line, found) = problem(text);
        assert!(found.starts_with(expected), "{text}\nfound: {found}");
        assert_eq!(found_line, *line, "{text}\nfound: {found}");
    }
}

#[test]
fn a_file_is_named_with_its_line() {
    let none = BTreeMap::new();
    let missing = read(Path::new("no/such.yaml"), &none).unwrap_err();
    assert!(missing.to_string().starts_with("no/such.yaml: cannot be read: "));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("template.yaml");
    std::fs::write(
        &path,
        format!("{}Resources:\n  Q: {{Type: AWS::SQS::Topic}}\n", super::HEAD),
    )
    .unwrap();
    let wrong = read(&path, &none).unwrap_err().to_string();
    let expected = format!(
        "{}:3: Q: resource type AWS::SQS::Topic is not supported by the local bundle; supported: \
         AWS::Serverless::Function, ",
        path.display()
    );
    assert!(wrong.starts_with(&expected), "{wrong}");
}

#[test]
fn yaml_that_cannot_be_trusted_is_refused() {
    let table = [
        ("Resources: [a", 2, "not readable as YAML: "),
        ("Resources:\n  A: 1\n  A: 2\n", 4, "not readable as YAML: "),
        (
            "Resources: {A: yes}",
            2,
            "not readable as YAML: `yes` is read differently by different readers",
        ),
        (
            "Resources: {A: 012}",
            2,
            "not readable as YAML: `012` is read differently",
        ),
        (
            "Resources: {A: 1e3}",
            2,
            "not readable as YAML: `1e3` is read differently",
        ),
        (
            "Resources: {A: 1_000}",
            2,
            "not readable as YAML: `1_000` is read differently",
        ),
    ];
    assert_all(&table.map(|(text, line, problem)| (text.to_owned(), line, problem)));
}

#[test]
fn sections_and_resources_are_checked() {
    let table = [
        ("Hooks: {}", 2, "the template: section Hooks is not supported"),
        (
            "Globals: {Api: {}}",
            2,
            "Globals: Api is not supported by the local bundle; supported: Function",
        ),
        ("Resources: []", 2, "Resources: is not a mapping"),
        ("Resources:\n  A: []", 3, "A: is not a mapping"),
        ("Resources:\n  A: {}", 3, "A: has no Type"),
        (
            "Resources:\n  A: {Type: AWS::SQS::Queue, Connectors: {}}",
            3,
            "A: Connectors beside Type is not supported",
        ),
        (
            "Resources:\n  A: {Type: AWS::SQS::Queue, Properties: []}",
            3,
            "A: its Properties is not a mapping",
        ),
        (
            "Resources:\n  A: {Type: AWS::SQS::Queue, Condition: C}",
            3,
            "A: there is no condition C",
        ),
        (
            "Parameters: {A: {Type: String, Default: x}}\nResources:\n  A: {Type: AWS::SQS::Queue}",
            4,
            "A: is the name of a parameter and of a resource",
        ),
        (
            "Resources:\n  A: {Type: AWS::SQS::Queue}\n  B: {Type: AWS::SQS::Queue, Properties: {QueueName: A}}",
            4,
            "B: has the name \"A\", which A has already",
        ),
        (
            "Resources:\n  A: {Type: AWS::SNS::Subscription, Properties: {Protocol: lambda}}",
            3,
            "A: a subscription with protocol lambda is not supported",
        ),
    ];
    assert_all(&table.map(|(text, line, problem)| (text.to_owned(), line, problem)));
    for (head, expected) in [
        ("Resources: {}", "Transform: is missing"),
        (
            "Transform: AWS::LanguageExtensions",
            "Transform: another transform is not supported",
        ),
    ] {
        let fault = crate::template::wire(head, &BTreeMap::new()).unwrap_err();
        assert!(fault.problem.to_string().starts_with(expected));
    }
}

#[test]
fn stores_are_checked() {
    let table = [
        (
            "A: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}",
            "A: FifoQueue: a FIFO queue is not supported",
        ),
        (
            "A: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: 5}}",
            "A: DelaySeconds: a delay is not supported",
        ),
        (
            "A: {Type: AWS::SQS::Queue, Properties: {Colour: red}}",
            "A: property Colour is not supported",
        ),
        (
            "A: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: long}}",
            "A: VisibilityTimeout: takes a whole number from 0 to 43200, not \"long\"",
        ),
        (
            "A: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: {maxReceiveCount: 5}}}",
            "A: RedrivePolicy: has no deadLetterTargetArn",
        ),
        (
            "A: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: {deadLetterTargetArn: 'arn:x'}}}",
            "A: RedrivePolicy: deadLetterTargetArn: \"arn:x\", which is outside the template, is not supported by the \
             local bundle; supported: its queues (A)",
        ),
        (
            "A: {Type: AWS::S3::Bucket, Properties: {NotificationConfiguration: {}}}",
            "A: property NotificationConfiguration is not supported",
        ),
        ("A: {Type: AWS::Events::EventBus}", "A: has no Name"),
        (
            "A: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: []}}",
            "A: has no AttributeDefinitions",
        ),
        (
            "A: {Type: AWS::DynamoDB::Table, Properties: {KinesisStreamSpecification: {}}}",
            "A: property KinesisStreamSpecification is not supported",
        ),
        (
            "A: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [], AttributeDefinitions: [], BillingMode: FREE}}",
            "A: BillingMode: FREE is not supported",
        ),
        (
            "A: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [], AttributeDefinitions: [], \
             ProvisionedThroughput: {ReadCapacityUnits: 1}}}",
            "A: ProvisionedThroughput: needs ReadCapacityUnits and WriteCapacityUnits",
        ),
        (
            "A: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [], AttributeDefinitions: [], \
             TimeToLiveSpecification: {AttributeName: a, Enabled: 'yes'}}}",
            "A: TimeToLiveSpecification: Enabled: takes true or false, not \"yes\"",
        ),
        (
            "A: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [], AttributeDefinitions: [], \
             GlobalSecondaryIndexes: {}}}",
            "A: GlobalSecondaryIndexes: takes a list, not a mapping",
        ),
        (
            "A: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [], AttributeDefinitions: [], \
             GlobalSecondaryIndexes: [x]}}",
            "A: GlobalSecondaryIndexes: takes mappings",
        ),
    ];
    assert_all(&table.map(|(text, problem)| (format!("Resources:\n  {text}\n"), 3, problem)));
}

#[test]
fn functions_are_checked() {
    let whole = [
        (
            "One: {Type: AWS::Serverless::Function}",
            "One: Metadata: BuildMethod (none) is not supported by the local bundle; supported: rust-cargolambda",
        ),
        (
            "One: {Type: AWS::Serverless::Function, Metadata: {BuildMethod: makefile}}",
            "One: Metadata: BuildMethod makefile is not supported",
        ),
        (
            "One: {Type: AWS::Serverless::Function, Metadata: {BuildMethod: rust-cargolambda}}",
            "One: has no Metadata: BuildProperties: Binary, the cargo binary to run",
        ),
        (
            "One: {Type: AWS::Serverless::Function, Metadata: {BuildMethod: rust-cargolambda, \
             BuildProperties: {Binary: x, Flags: [a]}}}",
            "One: Metadata: BuildProperties: Flags is not supported",
        ),
        (
            "L: {Type: AWS::Serverless::LayerVersion, Metadata: {BuildMethod: makefile}, Properties: {ContentUri: x}}",
            "L: a layer that is built (BuildMethod) is not supported",
        ),
        (
            "L: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: {Bucket: a, Key: b}}}",
            "L: ContentUri: content in a bucket is not supported",
        ),
    ];
    assert_all(&whole.map(|(text, problem)| (format!("Resources:\n  {text}\n"), 3, problem)));
    let properties = [
        (
            "Timeout: 901",
            "One: Timeout: takes a whole number from 1 to 900, not \"901\"",
        ),
        (
            "MemorySize: 64",
            "One: MemorySize: takes a whole number from 128 to 10240",
        ),
        (
            "ReservedConcurrentExecutions: 0",
            "One: ReservedConcurrentExecutions: 0, which stops the function, is not",
        ),
        (
            "FunctionUrlConfig: {AuthType: NONE}",
            "One: property FunctionUrlConfig is not supported",
        ),
        ("VpcConfig: {}", "One: property VpcConfig is not supported"),
        (
            "Environment: {Variables: {A: [x]}}",
            "One: Environment: Variables: A takes text, not a list",
        ),
        (
            "Environment: {Variables: x}",
            "One: Environment: Variables: takes a mapping, not text",
        ),
        (
            "Layers: ['arn:aws:lambda:us-east-1:1:layer:x:1']",
            "One: Layers: \"arn:aws:lambda:us-east-1:1:layer:x:1\", which is outside the template, is not supported by \
             the local bundle; supported: its layers (it has none)",
        ),
        (
            "EventInvokeConfig: {MaximumRetryAttempts: 1}",
            "One: EventInvokeConfig: MaximumRetryAttempts: 1 is not",
        ),
        (
            "EventInvokeConfig: {DestinationConfig: {OnSuccess: {}}}",
            "One: EventInvokeConfig: DestinationConfig: property OnSuccess is not supported",
        ),
        ("Events: []", "One: Events: is not a mapping"),
        ("Events: {On: {Properties: {}}}", "One: Events: On: has no Type"),
        (
            "Events: {On: {Type: SNS, Properties: {Topic: x}}}",
            "One: Events: On: event type SNS is not supported by the local bundle; supported: DynamoDB, SQS, \
             ScheduleV2, Schedule, EventBridgeRule",
        ),
    ];
    assert_all(&properties.map(|(text, problem)| (format!("{STORES}{FUNCTION}      {text}\n"), 11, problem)));
}
