//! What the template wires, in the words of the deployment script.

use std::path::Path;

use regulars::wiring::{ACCOUNT, Function, OnFailure, QueueMapping, REGION, Rule, StreamMapping, Target, Wiring};
use serde_json::{Value, json};

const PLATFORMS: [&str; 2] = ["GCM", "APNS"];

fn application(platform: &str) -> String {
    format!("arn:aws:sns:{REGION}:{ACCOUNT}:app/{platform}/regulars")
}

/// The template's parameter of that name.
pub(crate) fn push_applications() -> String {
    PLATFORMS
        .map(|platform| format!("{platform}={}", application(platform)))
        .join(",")
}

pub(crate) fn plan(wiring: &Wiring, root: &Path, binaries: &Path) -> Value {
    let applications =
        PLATFORMS.map(|platform| json!({"name": "regulars", "platform": platform, "arn": application(platform)}));
    let tables = wiring.tables.values();
    let queues = wiring.queues.values();
    let functions = wiring.functions.values();
    let streams = wiring.streams.iter().map(|mapping| stream(wiring, mapping));
    let polls = wiring.polls.iter().map(|mapping| poll(wiring, mapping));
    json!({
        "applications": applications,
        "tables": tables
            .map(|table| json!({"create": table.create, "time_to_live": table.time_to_live}))
            .collect::<Vec<_>>(),
        "queues": queues
            .map(|queue| json!({
                "name": queue.name,
                "visibility_timeout": queue.visibility_timeout_seconds,
                "redrive": queue.redrive.as_ref().map(|redrive| json!({
                    "deadLetterTargetArn": queue_arn(wiring, &redrive.queue),
                    "maxReceiveCount": redrive.max_receives,
                })),
            }))
            .collect::<Vec<_>>(),
        "buckets": wiring.buckets.keys().map(|id| bucket(wiring, id)).collect::<Vec<_>>(),
        "buses": wiring.buses.values().map(|bus| &bus.name).collect::<Vec<_>>(),
        "rules": wiring.rules.iter().map(|made| rule(wiring, made)).collect::<Vec<_>>(),
        "functions": functions.map(|made| function(made, root, binaries)).collect::<Vec<_>>(),
        "mappings": streams.chain(polls).collect::<Vec<_>>(),
    })
}

fn queue_arn(wiring: &Wiring, id: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{}", wiring.queues[id].name)
}

fn function_arn(wiring: &Wiring, id: &str) -> String {
    format!(
        "arn:aws:lambda:{REGION}:{ACCOUNT}:function:{}",
        wiring.functions[id].name
    )
}

/// A name that S3 takes: the template leaves the name to CloudFormation.
fn bucket(wiring: &Wiring, id: &str) -> String {
    wiring.buckets[id].name.to_lowercase()
}

fn function(function: &Function, root: &Path, binaries: &Path) -> Value {
    // ministack mounts no layers for functions that run as plain processes, so `/opt` becomes the layer's folder.
    let layer = function.layers.first().map(|layer| root.join(layer));
    let environment = function.environment.iter().map(|(name, value)| {
        let value = match &layer {
            Some(folder) if value == "/opt" => folder.display().to_string(),
            _ => value.clone(),
        };
        (name.clone(), Value::String(value))
    });
    json!({
        "name": function.name,
        "binary": binaries.join(&function.binary),
        "environment": environment.collect::<serde_json::Map<_, _>>(),
        "timeout": function.timeout_seconds,
        "memory": function.memory_megabytes,
    })
}

fn rule(wiring: &Wiring, rule: &Rule) -> Value {
    let target = match &rule.target {
        Target::Function(id) => function_arn(wiring, id),
        Target::Queue(id) => queue_arn(wiring, id),
    };
    json!({
        "name": rule.id,
        "bus": rule.bus.as_ref().map_or("default", |id| &wiring.buses[id].name),
        "pattern": rule.pattern,
        "target": target,
        "dead_letters": rule.dead_letters.as_ref().map(|id| queue_arn(wiring, id)),
        "retry": {
            "MaximumRetryAttempts": rule.retry.maximum_attempts,
            "MaximumEventAgeInSeconds": rule.retry.maximum_age_seconds,
        },
    })
}

fn stream(wiring: &Wiring, mapping: &StreamMapping) -> Value {
    let on_failure = mapping.on_failure.as_ref().map(|place| match place {
        OnFailure::Bucket(id) => format!("arn:aws:s3:::{}", bucket(wiring, id)),
        OnFailure::Queue(id) => queue_arn(wiring, id),
    });
    let mut request = json!({
        "FunctionName": wiring.functions[&mapping.function].name,
        "StartingPosition": if mapping.from_the_beginning { "TRIM_HORIZON" } else { "LATEST" },
        "BatchSize": mapping.batch_size,
        "MaximumBatchingWindowInSeconds": mapping.batching_window_seconds,
        "ParallelizationFactor": mapping.parallelization,
        "BisectBatchOnFunctionError": mapping.bisect,
        // -1 is for ever.
        "MaximumRetryAttempts": mapping.maximum_retries.map_or(-1, i64::from),
        "MaximumRecordAgeInSeconds": mapping.maximum_age_seconds.map_or(-1, i64::from),
        "FunctionResponseTypes": reports(mapping.reports_failures),
    });
    if let Some(arn) = on_failure {
        request["DestinationConfig"] = json!({"OnFailure": {"Destination": arn}});
    }
    json!({"stream_of": wiring.tables[&mapping.table].name, "filters": mapping.filters, "request": request})
}

fn poll(wiring: &Wiring, mapping: &QueueMapping) -> Value {
    let request = json!({
        "FunctionName": wiring.functions[&mapping.function].name,
        "EventSourceArn": queue_arn(wiring, &mapping.queue),
        "BatchSize": mapping.batch_size,
        "MaximumBatchingWindowInSeconds": mapping.batching_window_seconds,
        "FunctionResponseTypes": reports(mapping.reports_failures),
    });
    json!({"stream_of": null, "filters": mapping.filters, "request": request})
}

fn reports(failures: bool) -> &'static [&'static str] {
    if failures { &["ReportBatchItemFailures"] } else { &[] }
}
