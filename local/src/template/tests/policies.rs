//! What a function's policies come to.

use super::errors::{FUNCTION, STORES, problem};
use super::wire;
use crate::wiring::{Permission, Resources};

fn with_policies(policies: &str) -> String {
    format!("{STORES}{FUNCTION}      {policies}\n")
}

fn permissions(policies: &str) -> Option<Vec<Permission>> {
    wire(&with_policies(policies)).functions["One"].permissions.clone()
}

#[test]
fn statements_are_read_with_one_or_many_actions_and_resources() {
    let read = permissions(
        "Policies: [{Statement: {Effect: Allow, Action: 'sqs:*', Resource: [!GetAtt Queue.Arn, !GetAtt Bucket.Arn]}}]",
    );
    let expected = Permission {
        actions: vec!["sqs:*".to_owned()],
        resources: Resources::Only(vec![
            "arn:aws:sqs:us-east-1:123456789012:Queue".to_owned(),
            "arn:aws:s3:::Bucket".to_owned(),
        ]),
    };
    assert_eq!(read.as_deref(), Some([expected].as_slice()));
    let read =
        permissions("Policies: {Statement: [{Effect: Allow, Action: [a:b], NotResource: x}, !Ref AWS::NoValue]}");
    assert_eq!(read.unwrap()[0].resources, Resources::AllBut(vec!["x".to_owned()]));
}

#[test]
fn no_policy_allows_nothing_and_one_that_stands_elsewhere_is_not_guessed() {
    assert_eq!(permissions("MemorySize: 128"), Some(Vec::new()));
    for elsewhere in [
        "Role: arn:aws:iam::123456789012:role/own",
        "Policies: AWSXRayDaemonWriteAccess",
        "Policies: [{DynamoDBReadPolicy: {TableName: !Ref Table}}]",
    ] {
        assert_eq!(permissions(elsewhere), None, "{elsewhere}");
    }
}

#[test]
fn what_cannot_be_honoured_is_named() {
    for (statement, expected) in [
        (
            "{Effect: Deny, Action: a, Resource: b}",
            "One: Policies: Effect: Deny is not supported",
        ),
        ("{Effect: Allow, Action: a}", "One: Policies: has no Resource"),
        (
            "{Effect: Allow, Action: a, Resource: b, Condition: {}}",
            "One: Policies: property Condition is not supported",
        ),
        (
            "{Effect: Allow, Action: {a: b}, Resource: b}",
            "One: Policies: Action: takes text or a list of texts",
        ),
        ("word", "One: Policies: takes statements, which are mappings"),
    ] {
        let (_, found) = problem(&with_policies(&format!("Policies: [{{Statement: [{statement}]}}]")));
        assert!(found.starts_with(expected), "{statement}\nfound: {found}");
    }
}
