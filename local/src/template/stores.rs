//! Tables, queues, buckets and buses.

use serde_json::{Map, Value, json};

use super::context::Context;
use super::fault::Fault;
use super::node::Node;
use super::properties::{Keys, Properties};
use super::resources::{Kind, Resource};
use crate::wiring::{Bucket, Bus, Queue, Redrive, Table};

const TABLE: Keys = Keys {
    honoured: &[
        "TableName",
        "AttributeDefinitions",
        "KeySchema",
        "GlobalSecondaryIndexes",
        "LocalSecondaryIndexes",
        "BillingMode",
        "ProvisionedThroughput",
        "StreamSpecification",
        "TimeToLiveSpecification",
    ],
    harmless: &[
        "PointInTimeRecoverySpecification",
        "SSESpecification",
        "DeletionProtectionEnabled",
        "ContributorInsightsSpecification",
        "OnDemandThroughput",
        "WarmThroughput",
        "TableClass",
        "ResourcePolicy",
        "Tags",
    ],
};
const INDEX: Keys = Keys {
    honoured: &["IndexName", "KeySchema", "Projection", "ProvisionedThroughput"],
    harmless: &[
        "ContributorInsightsSpecification",
        "OnDemandThroughput",
        "WarmThroughput",
    ],
};
const THROUGHPUT: Keys = Keys {
    honoured: &["ReadCapacityUnits", "WriteCapacityUnits"],
    harmless: &[],
};
const STREAM: Keys = Keys {
    honoured: &["StreamViewType"],
    harmless: &["ResourcePolicy"],
};
const TIME_TO_LIVE: Keys = Keys {
    honoured: &["AttributeName", "Enabled"],
    harmless: &[],
};
const QUEUE: Keys = Keys {
    honoured: &[
        "QueueName",
        "VisibilityTimeout",
        "RedrivePolicy",
        "FifoQueue",
        "DelaySeconds",
    ],
    // Kept messages are kept for good: a local run shows what was given up, however long it runs.
    harmless: &[
        "MessageRetentionPeriod",
        "ReceiveMessageWaitTimeSeconds",
        "MaximumMessageSize",
        "RedriveAllowPolicy",
        "SqsManagedSseEnabled",
        "KmsMasterKeyId",
        "KmsDataKeyReusePeriodSeconds",
        "Tags",
    ],
};
const REDRIVE: Keys = Keys {
    honoured: &["deadLetterTargetArn", "maxReceiveCount"],
    harmless: &[],
};
const BUCKET: Keys = Keys {
    honoured: &["BucketName"],
    harmless: &[
        "AccessControl",
        "BucketEncryption",
        "LifecycleConfiguration",
        "LoggingConfiguration",
        "OwnershipControls",
        "PublicAccessBlockConfiguration",
        "VersioningConfiguration",
        "Tags",
    ],
};
const BUS: Keys = Keys {
    honoured: &["Name"],
    harmless: &[
        "Description",
        "DeadLetterConfig",
        "KmsKeyIdentifier",
        "LogConfig",
        "Policy",
        "Tags",
    ],
};

fn properties<'a>(
    context: &'a Context<'a>,
    id: &str,
    resource: &Resource<'a>,
    keys: Keys,
) -> Result<Properties<'a>, Fault> {
    let written = resource.properties.and_then(Node::entries).unwrap_or(&[]);
    Properties::read(context, id, resource.line, written, keys)
}

pub(super) fn table<'a>(context: &'a Context<'a>, id: &str, resource: &Resource<'a>) -> Result<Table, Fault> {
    let table = properties(context, id, resource, TABLE)?;
    let name = context.name(id, resource)?;
    let mut create = Map::new();
    create.insert("TableName".to_owned(), json!(name));
    for key in ["AttributeDefinitions", "KeySchema"] {
        create.insert(key.to_owned(), table.required(key)?.json());
    }
    for key in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        let indexes = table
            .children(key, INDEX)?
            .iter()
            .map(index)
            .collect::<Result<Vec<Value>, _>>()?;
        if !indexes.is_empty() {
            create.insert(key.to_owned(), Value::Array(indexes));
        }
    }
    let billing = [("PAY_PER_REQUEST", "PAY_PER_REQUEST"), ("PROVISIONED", "PROVISIONED")];
    if let Some(mode) = table.word("BillingMode", &billing)? {
        create.insert("BillingMode".to_owned(), json!(mode));
    }
    if let Some(units) = throughput(&table)? {
        create.insert("ProvisionedThroughput".to_owned(), units);
    }
    if let Some(stream) = table.child("StreamSpecification", STREAM)? {
        let view = stream.required_text("StreamViewType")?;
        create.insert(
            "StreamSpecification".to_owned(),
            json!({"StreamEnabled": true, "StreamViewType": view}),
        );
    }
    let time_to_live = match table.child("TimeToLiveSpecification", TIME_TO_LIVE)? {
        Some(spec) if spec.flag("Enabled")?.unwrap_or_default() => Some(spec.required_text("AttributeName")?),
        _ => None,
    };
    Ok(Table {
        name,
        create: Value::Object(create),
        time_to_live,
    })
}

fn index(properties: &Properties<'_>) -> Result<Value, Fault> {
    let mut index = Map::new();
    for key in ["IndexName", "KeySchema", "Projection"] {
        index.insert(key.to_owned(), properties.required(key)?.json());
    }
    if let Some(units) = throughput(properties)? {
        index.insert("ProvisionedThroughput".to_owned(), units);
    }
    Ok(Value::Object(index))
}

fn throughput(properties: &Properties<'_>) -> Result<Option<Value>, Fault> {
    let Some(units) = properties.child("ProvisionedThroughput", THROUGHPUT)? else {
        return Ok(None);
    };
    let read = units.number("ReadCapacityUnits", 1..=u32::MAX)?;
    let write = units.number("WriteCapacityUnits", 1..=u32::MAX)?;
    match (read, write) {
        (Some(read), Some(write)) => Ok(Some(json!({"ReadCapacityUnits": read, "WriteCapacityUnits": write}))),
        _ => Err(properties.invalid(
            "ProvisionedThroughput",
            "needs ReadCapacityUnits and WriteCapacityUnits",
        )),
    }
}

pub(super) fn queue<'a>(context: &'a Context<'a>, id: &str, resource: &Resource<'a>) -> Result<Queue, Fault> {
    let queue = properties(context, id, resource, QUEUE)?;
    if queue.flag("FifoQueue")? == Some(true) {
        return Err(queue.unsupported("FifoQueue", "a FIFO queue", "false: a standard queue"));
    }
    if queue.number("DelaySeconds", 0..=900)?.unwrap_or_default() > 0 {
        return Err(queue.unsupported("DelaySeconds", "a delay", "0"));
    }
    let redrive = match queue.child("RedrivePolicy", REDRIVE)? {
        None => None,
        Some(policy) => Some(Redrive {
            queue: policy.required_resource("deadLetterTargetArn", &[Kind::Queue])?.1,
            max_receives: policy
                .number("maxReceiveCount", 1..=1000)?
                .ok_or_else(|| policy.invalid("maxReceiveCount", "is missing"))?,
        }),
    };
    Ok(Queue {
        name: context.name(id, resource)?,
        visibility_timeout_seconds: queue.number("VisibilityTimeout", 0..=43_200)?.unwrap_or(30),
        redrive,
    })
}

pub(super) fn bucket<'a>(context: &'a Context<'a>, id: &str, resource: &Resource<'a>) -> Result<Bucket, Fault> {
    properties(context, id, resource, BUCKET)?;
    Ok(Bucket {
        name: context.name(id, resource)?,
    })
}

pub(super) fn bus<'a>(context: &'a Context<'a>, id: &str, resource: &Resource<'a>) -> Result<Bus, Fault> {
    let bus = properties(context, id, resource, BUS)?;
    bus.required("Name")?;
    Ok(Bus {
        name: context.name(id, resource)?,
    })
}
