//! Event source mappings: streams and queues to functions, as events of a function or as resources.

use serde_json::Value;

use super::fault::Fault;
use super::pattern;
use super::properties::{Keys, Properties};
use super::resources::Kind;
use crate::wiring::{LogicalId, OnFailure, QueueMapping, StreamMapping};

pub(super) const STREAM_KEYS: Keys = Keys {
    honoured: &[
        "Stream",
        "StartingPosition",
        "BatchSize",
        "MaximumBatchingWindowInSeconds",
        "ParallelizationFactor",
        "BisectBatchOnFunctionError",
        "MaximumRetryAttempts",
        "MaximumRecordAgeInSeconds",
        "FunctionResponseTypes",
        "FilterCriteria",
        "DestinationConfig",
        "Enabled",
    ],
    harmless: &["MetricsConfig", "KmsKeyArn"],
};
pub(super) const QUEUE_KEYS: Keys = Keys {
    honoured: &[
        "Queue",
        "BatchSize",
        "MaximumBatchingWindowInSeconds",
        "FunctionResponseTypes",
        "FilterCriteria",
        "Enabled",
    ],
    // ScalingConfig is a ceiling on how many batches run at once: speed, not behaviour.
    harmless: &["ScalingConfig", "MetricsConfig", "KmsKeyArn"],
};
/// The same for the resource, where the source decides which of them fit.
pub(super) const RESOURCE_KEYS: Keys = Keys {
    honoured: &[
        "EventSourceArn",
        "FunctionName",
        "StartingPosition",
        "BatchSize",
        "MaximumBatchingWindowInSeconds",
        "ParallelizationFactor",
        "BisectBatchOnFunctionError",
        "MaximumRetryAttempts",
        "MaximumRecordAgeInSeconds",
        "FunctionResponseTypes",
        "FilterCriteria",
        "DestinationConfig",
        "Enabled",
    ],
    harmless: &["ScalingConfig", "MetricsConfig", "KmsKeyArn", "Tags"],
};
const FILTER_CRITERIA: Keys = Keys {
    honoured: &["Filters"],
    harmless: &[],
};
const FILTER: Keys = Keys {
    honoured: &["Pattern"],
    harmless: &[],
};
const DESTINATIONS: Keys = Keys {
    honoured: &["OnFailure"],
    harmless: &[],
};
const ON_FAILURE: Keys = Keys {
    honoured: &["Type", "Destination"],
    harmless: &[],
};

/// What only a stream can be asked for.
const STREAM_ONLY: [&str; 6] = [
    "StartingPosition",
    "ParallelizationFactor",
    "BisectBatchOnFunctionError",
    "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds",
    "DestinationConfig",
];

/// Either kind of mapping.
#[derive(Debug)]
pub(super) enum Mapping {
    Stream(StreamMapping),
    Queue(QueueMapping),
}

/// A mapping written as `AWS::Lambda::EventSourceMapping`; nothing where it is disabled.
pub(super) fn resource(id: &str, properties: &Properties<'_>) -> Result<Option<Mapping>, Fault> {
    let (_, function) = properties.required_resource("FunctionName", &[Kind::Function])?;
    let key = "EventSourceArn";
    let (kind, _) = properties.required_resource(key, &[Kind::Table, Kind::Queue])?;
    if kind == Kind::Table {
        return stream(id, function, properties, key);
    }
    if let Some(key) = STREAM_ONLY.iter().find(|key| properties.get(key).is_some()) {
        return Err(properties.invalid(key, "belongs to streams; the source is a queue"));
    }
    queue(id, function, properties, key)
}

/// A stream mapping; `source` is the property that names the stream.
pub(super) fn stream(
    id: &str,
    function: LogicalId,
    properties: &Properties<'_>,
    source: &str,
) -> Result<Option<Mapping>, Fault> {
    let (_, table) = properties.required_resource(source, &[Kind::Table])?;
    properties.required("StartingPosition")?;
    let positions = [("TRIM_HORIZON", true), ("LATEST", false)];
    let mapping = StreamMapping {
        id: id.to_owned(),
        table,
        function,
        batch_size: properties.number("BatchSize", 1..=10_000)?.unwrap_or(100),
        batching_window_seconds: window(properties)?,
        parallelization: properties.number("ParallelizationFactor", 1..=10)?.unwrap_or(1),
        bisect: properties.flag("BisectBatchOnFunctionError")?.unwrap_or_default(),
        maximum_retries: unless_for_ever(properties, "MaximumRetryAttempts", 10_000)?,
        maximum_age_seconds: unless_for_ever(properties, "MaximumRecordAgeInSeconds", 604_800)?,
        reports_failures: reports_failures(properties)?,
        filters: filters(properties)?,
        on_failure: on_failure(properties, source)?,
        from_the_beginning: properties.word("StartingPosition", &positions)?.unwrap_or_default(),
    };
    Ok(enabled(properties)?.then_some(Mapping::Stream(mapping)))
}

/// A queue mapping; `source` is the property that names the queue.
pub(super) fn queue(
    id: &str,
    function: LogicalId,
    properties: &Properties<'_>,
    source: &str,
) -> Result<Option<Mapping>, Fault> {
    let (_, queue) = properties.required_resource(source, &[Kind::Queue])?;
    let mapping = QueueMapping {
        id: id.to_owned(),
        queue,
        function,
        batch_size: properties.number("BatchSize", 1..=10_000)?.unwrap_or(10),
        batching_window_seconds: window(properties)?,
        reports_failures: reports_failures(properties)?,
        filters: filters(properties)?,
    };
    if mapping.batch_size > 10 && mapping.batching_window_seconds == 0 {
        let problem = "over 10 needs a MaximumBatchingWindowInSeconds of at least 1";
        return Err(properties.invalid("BatchSize", problem));
    }
    Ok(enabled(properties)?.then_some(Mapping::Queue(mapping)))
}

fn enabled(properties: &Properties<'_>) -> Result<bool, Fault> {
    Ok(properties.flag("Enabled")?.unwrap_or(true))
}

fn window(properties: &Properties<'_>) -> Result<u32, Fault> {
    let window = properties.number("MaximumBatchingWindowInSeconds", 0..=300)?;
    Ok(window.unwrap_or_default())
}

/// A limit; -1, as its absence, is none.
fn unless_for_ever(properties: &Properties<'_>, key: &str, most: i64) -> Result<Option<u32>, Fault> {
    let limit = properties.number(key, -1..=most)?;
    Ok(limit.and_then(|limit| u32::try_from(limit).ok()))
}

fn reports_failures(properties: &Properties<'_>) -> Result<bool, Fault> {
    let key = "FunctionResponseTypes";
    let types = properties.list(key)?;
    for kind in types {
        let kind = kind.scalar().unwrap_or_default();
        if kind != "ReportBatchItemFailures" {
            return Err(properties.unsupported(key, &kind, "ReportBatchItemFailures"));
        }
    }
    Ok(!types.is_empty())
}

fn filters(properties: &Properties<'_>) -> Result<Vec<Value>, Fault> {
    let Some(criteria) = properties.child("FilterCriteria", FILTER_CRITERIA)? else {
        return Ok(Vec::new());
    };
    let mut patterns = Vec::new();
    for filter in criteria.children("Filters", FILTER)? {
        let text = filter.required_text("Pattern")?;
        let pattern =
            serde_json::from_str(&text).map_err(|error| filter.invalid("Pattern", &format!("is not JSON: {error}")))?;
        pattern::check(&pattern).map_err(|problem| filter.invalid("Pattern", &problem))?;
        patterns.push(pattern);
    }
    Ok(patterns)
}

fn on_failure(properties: &Properties<'_>, source: &str) -> Result<Option<OnFailure>, Fault> {
    let Some(destinations) = properties.child("DestinationConfig", DESTINATIONS)? else {
        return Ok(None);
    };
    let Some(destination) = destinations.child("OnFailure", ON_FAILURE)? else {
        return Ok(None);
    };
    let types = [("S3", Kind::Bucket), ("SQS", Kind::Queue)];
    let written = destination.word("Type", &types)?;
    // The resource has no Type; in SAM's event it is what grants the function the permission.
    if written.is_none() && source == "Stream" {
        let problem = "is missing: SAM gives no permission to write there without it (S3, SQS)";
        return Err(destination.invalid("Type", problem));
    }
    let kinds = written.map_or(vec![Kind::Bucket, Kind::Queue], |kind| vec![kind]);
    let (kind, id) = destination.required_resource("Destination", &kinds)?;
    Ok(Some(match kind {
        Kind::Bucket => OnFailure::Bucket(id),
        _ => OnFailure::Queue(id),
    }))
}
