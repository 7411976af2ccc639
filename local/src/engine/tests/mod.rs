//! The engine's parts, driven as its users drive them: over HTTP where they speak it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod batches;
mod bundle;
mod dynamodb;
mod events;
mod queues;
mod runtime_api;
mod sns;

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Bundle, Faults, Options};
use crate::wiring::{Table, Wiring};

/// A table as the template's are, with a stream and a sparse index.
fn table(name: &str) -> Table {
    let create = json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
            {"AttributeName": "alarm_shard", "AttributeType": "S"},
            {"AttributeName": "alarm_at", "AttributeType": "S"},
        ],
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "GlobalSecondaryIndexes": [{
            "IndexName": "alarms",
            "KeySchema": [
                {"AttributeName": "alarm_shard", "KeyType": "HASH"},
                {"AttributeName": "alarm_at", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    });
    Table {
        name: name.to_owned(),
        create,
        time_to_live: None,
    }
}

fn wiring() -> Wiring {
    Wiring {
        tables: BTreeMap::from([("MembersTable".to_owned(), table("members"))]),
        ..Wiring::default()
    }
}

fn options(wiring: Wiring) -> Options {
    Options {
        wiring,
        template_dir: PathBuf::from("."),
        layer_overrides: None,
        binaries: PathBuf::from("."),
        data: None,
        start: at("1997-01-01T00:00:00Z"),
        step: SignedDuration::from_hours(24),
        faults: Faults::default(),
        log: None,
    }
}

async fn bundle(faults: Faults) -> Bundle {
    let options = Options {
        faults,
        ..options(wiring())
    };
    Bundle::start(options).await.unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Posts a body and answers the status and the answer's body.
async fn post(endpoint: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
    request("POST", endpoint, path, headers, body).await
}

async fn request(method: &str, endpoint: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
    let address = endpoint.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut text = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        text += name;
        text += ": ";
        text += value;
        text += "\r\n";
    }
    text += "\r\n";
    text += body;
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let status = answer[9..12].parse().unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    (status, body.to_owned())
}

/// Calls a DynamoDB operation as a function would.
async fn call(bundle: &Bundle, operation: &str, body: Value) -> (u16, Value) {
    let target = format!("DynamoDB_20120810.{operation}");
    let headers = [
        ("x-amz-target", target.as_str()),
        ("content-type", "application/x-amz-json-1.0"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=ingest/20260101/us-east-1/dynamodb/aws4_request",
        ),
    ];
    let (status, body) = post(&bundle.endpoint(), "/", &headers, &body.to_string()).await;
    (status, serde_json::from_str(&body).unwrap())
}
