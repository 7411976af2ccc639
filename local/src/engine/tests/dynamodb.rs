use serde_json::{Value, json};

use super::{Bundle, Faults, at, bundle, call, options, wiring};
use crate::engine::{UnitCount, UnitKey};

fn account(points: u32) -> Value {
    json!({"pk": {"S": "0001"}, "sk": {"S": "account"}, "points": {"N": points.to_string()}})
}

#[tokio::test]
async fn items_are_written_under_conditions_and_read_back() {
    let bundle = bundle(Faults::default()).await;
    let put = json!({
        "TableName": "members", "Item": account(5),
        "ConditionExpression": "attribute_not_exists(pk)",
    });
    let (status, answer) = call(&bundle, "PutItem", put.clone()).await;
    assert_eq!((status, answer), (200, json!({})));
    let (status, answer) = call(&bundle, "PutItem", put).await;
    assert_eq!(status, 400);
    assert_eq!(
        answer["__type"],
        "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
    );
    let key = json!({"pk": {"S": "0001"}, "sk": {"S": "account"}});
    let update = json!({
        "TableName": "members", "Key": key, "ReturnValues": "ALL_NEW",
        "UpdateExpression": "ADD points :more", "ExpressionAttributeValues": {":more": {"N": "2"}},
    });
    let (_, answer) = call(&bundle, "UpdateItem", update).await;
    assert_eq!(answer["Attributes"]["points"]["N"], "7");
    let get = json!({"TableName": "members", "Key": key, "ConsistentRead": true});
    let (_, answer) = call(&bundle, "GetItem", get).await;
    assert_eq!(answer["Item"]["points"]["N"], "7");
    assert!(answer.get("ConsumedCapacity").is_none());
    let (_, answer) = call(&bundle, "DeleteItem", json!({"TableName": "members", "Key": key})).await;
    assert_eq!(answer, json!({}));
}

#[tokio::test]
async fn the_index_is_sparse_and_in_order() {
    let bundle = bundle(Faults::default()).await;
    for (member, alarm) in [
        ("0001", Some("1997-03-01")),
        ("0002", None),
        ("0003", Some("1997-02-01")),
    ] {
        let mut item = json!({"pk": {"S": member}, "sk": {"S": "account"}});
        if let Some(alarm) = alarm {
            item["alarm_shard"] = json!({"S": "0"});
            item["alarm_at"] = json!({"S": alarm});
        }
        call(&bundle, "PutItem", json!({"TableName": "members", "Item": item})).await;
    }
    let query = json!({
        "TableName": "members", "IndexName": "alarms",
        "KeyConditionExpression": "alarm_shard = :shard AND alarm_at <= :now",
        "ExpressionAttributeValues": {":shard": {"S": "0"}, ":now": {"S": "1997-12-31"}},
    });
    let (_, answer) = call(&bundle, "Query", query).await;
    let members: Vec<&Value> = answer["Items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["pk"]["S"])
        .collect();
    assert_eq!(members, ["0003", "0001"]);
    assert_eq!(answer["Items"][0].as_object().unwrap().len(), 4);
}

#[tokio::test]
async fn a_transaction_is_whole_and_its_token_applies_once() {
    let bundle = bundle(Faults::default()).await;
    let update = |name: &str| {
        json!({"Update": {
            "TableName": "members", "Key": {"pk": {"S": name}, "sk": {"S": "account"}},
            "UpdateExpression": "ADD points :more", "ExpressionAttributeValues": {":more": {"N": "1"}},
        }})
    };
    let request = json!({"TransactItems": [update("a"), update("b")], "ClientRequestToken": "t-1"});
    for _ in 0..2 {
        let (status, _) = call(&bundle, "TransactWriteItems", request.clone()).await;
        assert_eq!(status, 200);
    }
    let other = json!({"TransactItems": [update("a")], "ClientRequestToken": "t-1"});
    let (_, answer) = call(&bundle, "TransactWriteItems", other).await;
    assert_eq!(
        answer["__type"],
        "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException"
    );
    let check = json!({"ConditionCheck": {
        "TableName": "members", "Key": {"pk": {"S": "none"}, "sk": {"S": "account"}},
        "ConditionExpression": "attribute_exists(pk)",
    }});
    let refused = json!({"TransactItems": [update("a"), check]});
    let (status, answer) = call(&bundle, "TransactWriteItems", refused).await;
    assert_eq!(status, 400);
    assert_eq!(answer["CancellationReasons"][0]["Code"], "None");
    assert_eq!(answer["CancellationReasons"][1]["Code"], "ConditionalCheckFailed");
    let keys = json!([{"pk": {"S": "a"}, "sk": {"S": "account"}}, {"pk": {"S": "b"}, "sk": {"S": "account"}}]);
    let get = json!({"RequestItems": {"members": {"Keys": keys, "ConsistentRead": true}}});
    let (_, answer) = call(&bundle, "BatchGetItem", get).await;
    let items = answer["Responses"]["members"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert!(items.iter().all(|item| item["points"]["N"] == "1"));
}

#[tokio::test]
async fn units_are_counted_by_caller_table_and_item() {
    let bundle = bundle(Faults::default()).await;
    let put = json!({
        "TableName": "members", "Item": account(5),
        "ConditionExpression": "attribute_not_exists(pk)",
    });
    call(&bundle, "PutItem", put).await;
    let key = json!({"pk": {"S": "0001"}, "sk": {"S": "account"}});
    for consistent in [true, false] {
        let get = json!({"TableName": "members", "Key": key, "ConsistentRead": consistent});
        call(&bundle, "GetItem", get).await;
    }
    let put = json!({"Put": {"TableName": "members", "Item": {"pk": {"S": "0001"}, "sk": {"S": "page#1"}}}});
    call(&bundle, "TransactWriteItems", json!({"TransactItems": [put]})).await;
    let units = bundle.units();
    let row = |operation: &str, item: &str, created: bool| {
        let key = UnitKey {
            function: "ingest".to_owned(),
            table: "MembersTable".to_owned(),
            operation: operation.to_owned(),
            item: item.to_owned(),
            created,
        };
        units.rows.get(&key).copied().unwrap_or_default()
    };
    let count = |calls, read_halves, write| UnitCount {
        calls,
        read_halves,
        write,
    };
    assert_eq!(row("PutItem", "account", true), count(1, 0, 1));
    assert_eq!(row("GetItem", "account", false), count(2, 3, 0));
    assert_eq!(row("TransactWriteItems", "page", false), count(1, 0, 2));
}

#[tokio::test]
async fn what_is_not_served_is_refused() {
    let bundle = bundle(Faults::default()).await;
    let (status, answer) = call(&bundle, "CreateBackup", json!({})).await;
    assert_eq!(status, 400);
    assert_eq!(answer["__type"], "com.amazon.coral.service#UnknownOperationException");
    let (status, answer) = call(
        &bundle,
        "GetItem",
        json!({"TableName": "nobody", "Key": {"pk": {"S": "1"}}}),
    )
    .await;
    assert_eq!(status, 400);
    assert!(
        answer["__type"]
            .as_str()
            .unwrap()
            .ends_with("#ResourceNotFoundException")
    );
    let (status, answer) = call(&bundle, "PutItem", json!({"TableName": "members", "Item": 5})).await;
    assert_eq!(status, 400);
    assert!(answer["__type"].as_str().unwrap().ends_with("Exception"));
}

#[tokio::test]
async fn a_throttled_call_does_nothing_and_a_timed_out_one_is_done() {
    let throttled = bundle(Faults {
        throttle_percent: 100,
        ..Faults::default()
    })
    .await;
    let put = json!({"TableName": "members", "Item": account(5)});
    let (status, answer) = call(&throttled, "PutItem", put.clone()).await;
    assert_eq!(status, 400);
    assert!(answer["__type"].as_str().unwrap().ends_with("#ThrottlingException"));
    assert!(throttled.units().rows.is_empty());

    let timed_out = bundle(Faults {
        timeout_percent: 100,
        ..Faults::default()
    })
    .await;
    let (status, _) = call(&timed_out, "PutItem", put).await;
    assert_eq!(status, 500);
    let get = json!({"TableName": "members", "Key": {"pk": {"S": "0001"}, "sk": {"S": "account"}}});
    let (_, answer) = call(&timed_out, "GetItem", get).await;
    assert_eq!(answer["Item"]["points"]["N"], "5");
    assert_eq!(timed_out.faults().get("timeout"), Some(&1));
}

#[tokio::test]
async fn what_has_expired_is_gone_within_virtual_days() {
    let mut wiring = wiring();
    for table in wiring.tables.values_mut() {
        table.time_to_live = Some("expires_at".to_owned());
    }
    let bundle = Bundle::start(options(wiring)).await.unwrap();
    let expires = at("1997-01-02T00:00:00Z").as_second();
    for (member, expires) in [("0001", expires), ("0002", expires + 86_400 * 365)] {
        let item = json!({
            "pk": {"S": member}, "sk": {"S": "intent#1"}, "expires_at": {"N": expires.to_string()},
        });
        call(&bundle, "PutItem", json!({"TableName": "members", "Item": item})).await;
    }
    bundle.advance_to(at("1997-01-31T00:00:00Z")).await.unwrap();
    let (_, answer) = call(&bundle, "Scan", json!({"TableName": "members"})).await;
    assert_eq!(answer["Count"], 1);
    assert_eq!(answer["Items"][0]["pk"]["S"], "0002");
}
