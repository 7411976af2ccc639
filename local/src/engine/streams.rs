//! Table streams to their functions: read, filtered, spread over lanes, delivered in batches.
//!
//! A mapping's parallelization is its number of lanes; an item's records keep to one lane and so keep their order.
//! Batching windows are not waited for: a batch is what has come when the lane is free.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use dynoxide::storage::StreamRecord;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

use super::batches::{self, Abandoned, Record, Rules};
use super::faults::Kind;
use super::processes;
use super::queues::GivenUp;
use super::quiet::Quiet;
use super::shared::{Shared, lock};
use super::tables::Tables;
use crate::template::pattern;
use crate::wiring::{ACCOUNT, OnFailure, REGION, StreamMapping};

/// Records read at once.
const PAGE: usize = 1_000;

/// A payload may be 6 MB; some of it is the wrapping.
const PAYLOAD: usize = 6 * 1024 * 1024 - 1024;

/// Records behind every reader that may pile up in memory before they are dropped.
const SLACK: usize = 5_000;

/// A mapping's place in its table's stream.
pub(super) struct Stream {
    pub(super) mapping: StreamMapping,
    /// The table's deployed name.
    pub(super) table: String,
    arn: String,
    view: String,
    hash_key: String,
    dirty: AtomicBool,
    written: Notify,
    progress: Mutex<Progress>,
}

#[derive(Default)]
struct Progress {
    read_to: i64,
    /// Numbers read and not yet done with.
    pending: BTreeSet<i64>,
    forgettable: usize,
}

impl Stream {
    pub(super) fn new(mapping: StreamMapping, table: &crate::wiring::Table, from: i64) -> Self {
        let view = table.create.pointer("/StreamSpecification/StreamViewType");
        Self {
            arn: format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{}/stream/local", table.name),
            view: view.and_then(Value::as_str).unwrap_or("NEW_AND_OLD_IMAGES").to_owned(),
            table: table.name.clone(),
            hash_key: hash_key(table).to_owned(),
            mapping,
            dirty: AtomicBool::new(false),
            written: Notify::new(),
            progress: Mutex::new(Progress {
                read_to: from,
                ..Progress::default()
            }),
        }
    }

    /// Says that there may be something to read.
    pub(super) fn wake(&self, quiet: &Quiet) {
        if !self.dirty.swap(true, Ordering::SeqCst) {
            quiet.add(1);
            self.written.notify_one();
        }
    }

    /// The number up to which every record is done with.
    pub(super) fn position(&self) -> i64 {
        let progress = lock(&self.progress);
        progress.pending.first().map_or(progress.read_to, |first| first - 1)
    }

    fn lanes(&self) -> usize {
        self.mapping.parallelization.max(1)
    }

    fn rules(&self) -> Rules {
        Rules {
            bisect: self.mapping.bisect,
            reports_failures: self.mapping.reports_failures,
            maximum_retries: self.mapping.maximum_retries,
            maximum_age_seconds: self.mapping.maximum_age_seconds,
        }
    }
}

/// Starts a mapping's reader and lanes.
pub(super) fn start(shared: &Arc<Shared>, stream: &Arc<Stream>) {
    let mut lanes = Vec::new();
    for _ in 0..stream.lanes() {
        let (sender, receiver) = mpsc::unbounded_channel();
        lanes.push(sender);
        shared.spawn(run_lane(Arc::clone(shared), Arc::clone(stream), receiver));
    }
    shared.spawn(read(Arc::clone(shared), Arc::clone(stream), lanes));
    stream.wake(&shared.quiet);
}

type Lane = mpsc::UnboundedSender<Arc<Record>>;

async fn read(shared: Arc<Shared>, stream: Arc<Stream>, lanes: Vec<Lane>) {
    loop {
        stream.written.notified().await;
        while stream.dirty.swap(false, Ordering::SeqCst) {
            if let Err(error) = read_all(&shared, &stream, &lanes) {
                tracing::error!(stream = %stream.mapping.id, %error, "a stream cannot be read");
            }
            shared.quiet.done(1);
        }
    }
}

fn read_all(shared: &Shared, stream: &Stream, lanes: &[Lane]) -> Result<(), dynoxide::DynoxideError> {
    loop {
        let after = lock(&stream.progress).read_to;
        let page = shared.tables.records_after(&stream.table, after, PAGE)?;
        let full = page.len() == PAGE;
        for raw in page {
            let (record, lane) = convert(stream, &raw, lanes.len());
            let Some(lane) = lanes.get(lane) else {
                continue;
            };
            let number = record.number;
            let wanted = wanted(&stream.mapping.filters, &record.json);
            let mut progress = lock(&stream.progress);
            progress.read_to = number;
            if wanted {
                progress.pending.insert(number);
                shared.quiet.add(1);
                // A lane ends only with the bundle.
                let _ = lane.send(Arc::new(record));
            } else {
                progress.forgettable += 1;
            }
        }
        if !full {
            return Ok(());
        }
    }
}

fn wanted(filters: &[Value], record: &str) -> bool {
    if filters.is_empty() {
        return true;
    }
    let Ok(record) = serde_json::from_str(record) else {
        return true;
    };
    filters.iter().any(|filter| pattern::matches(filter, &record))
}

/// The record as Lambda hands it over, and the lane of its item.
fn convert(stream: &Stream, raw: &StreamRecord, lanes: usize) -> (Record, usize) {
    let number: i64 = raw.sequence_number.parse().unwrap_or(0);
    // DynamoDB's numbers have 21 digits at least.
    let sequence = format!("1{number:020}");
    let image = |name: &str, image: &Option<String>| {
        image
            .as_ref()
            .map_or_else(String::new, |image| format!("\"{name}\":{image},"))
    };
    let size = [&raw.new_image, &raw.old_image]
        .into_iter()
        .flatten()
        .map(String::len)
        .sum::<usize>()
        + raw.keys_json.len();
    let json = format!(
        "{{\"eventID\":\"{event_id:032x}\",\"eventName\":\"{name}\",\"eventVersion\":\"1.1\",\
         \"eventSource\":\"aws:dynamodb\",\"awsRegion\":\"{REGION}\",\"dynamodb\":{{\
         \"ApproximateCreationDateTime\":{created},\"Keys\":{keys},{new}{old}\
         \"SequenceNumber\":\"{sequence}\",\"SizeBytes\":{size},\"StreamViewType\":\"{view}\"}},\
         {identity}\"eventSourceARN\":\"{arn}\"}}",
        event_id = (u128::from(hash(&stream.table)) << 64) | u128::from(number.unsigned_abs()),
        name = raw.event_name,
        created = raw.created_at,
        keys = raw.keys_json,
        new = image("NewImage", &raw.new_image),
        old = image("OldImage", &raw.old_image),
        view = stream.view,
        identity = image("userIdentity", &raw.user_identity),
        arn = stream.arn,
    );
    let lane = lane(&stream.hash_key, &raw.keys_json, lanes);
    let record = Record {
        number,
        sequence,
        created: Timestamp::from_second(raw.created_at).unwrap_or(Timestamp::UNIX_EPOCH),
        json,
    };
    (record, lane)
}

/// An item's lane. Keys are told apart by their hash key alone, so that a member's items share a lane.
fn lane(hash_key: &str, keys: &str, lanes: usize) -> usize {
    if lanes < 2 {
        return 0;
    }
    let keys: BTreeMap<String, Value> = serde_json::from_str(keys).unwrap_or_default();
    let text = keys.get(hash_key).map(Value::to_string);
    usize::try_from(hash(&text) % lanes as u64).unwrap_or(0)
}

fn hash_key(table: &crate::wiring::Table) -> &str {
    let schema = table.create.get("KeySchema").and_then(Value::as_array);
    schema
        .and_then(|schema| {
            let hash = |key: &&Value| key.get("KeyType").and_then(Value::as_str) == Some("HASH");
            schema.iter().find(hash)?.get("AttributeName")?.as_str()
        })
        .unwrap_or("pk")
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

async fn run_lane(shared: Arc<Shared>, stream: Arc<Stream>, mut records: mpsc::UnboundedReceiver<Arc<Record>>) {
    let rules = stream.rules();
    let mut held = None;
    loop {
        let first = match held.take() {
            Some(record) => record,
            None => match records.recv().await {
                Some(record) => record,
                None => return,
            },
        };
        let mut size = first.json.len();
        let mut batch = vec![first];
        while batch.len() < stream.mapping.batch_size
            && let Ok(record) = records.try_recv()
        {
            size += record.json.len() + 1;
            if size > PAYLOAD {
                held = Some(record);
                break;
            }
            batch.push(record);
        }
        let numbers: Vec<i64> = batch.iter().map(|record| record.number).collect();
        let invoke = |payload: axum::body::Bytes| {
            let (shared, stream) = (&shared, &stream);
            async move {
                let function = &stream.mapping.function;
                let outcome = shared.invoke(function, payload.clone()).await;
                if outcome.is_ok() && shared.dice.throw(Kind::HalfFailed) {
                    return shared.invoke(function, payload).await;
                }
                outcome
            }
        };
        let abandoned = batches::deliver(batch, &rules, || shared.clock.now(), invoke).await;
        for abandoned in abandoned {
            abandon(&shared, &stream, &abandoned);
        }
        finish(&shared, &stream, &numbers);
    }
}

fn finish(shared: &Shared, stream: &Stream, numbers: &[i64]) {
    let forget = {
        let mut progress = lock(&stream.progress);
        for number in numbers {
            progress.pending.remove(number);
        }
        progress.forgettable += numbers.len();
        // On disk the records must stay until a checkpoint is past them.
        let enough = shared.store.is_none() && progress.forgettable >= SLACK;
        if enough {
            progress.forgettable = 0;
        }
        enough
    };
    if forget {
        forget_records(&shared.tables, &shared.streams, &stream.table);
    }
    shared.quiet.done(numbers.len());
}

/// Drops a table's stream records that every mapping is past.
pub(super) fn forget_records(tables: &Tables, streams: &[Arc<Stream>], table: &str) {
    let positions = streams
        .iter()
        .filter(|stream| stream.table == table)
        .map(|stream| stream.position());
    if let Some(position) = positions.min()
        && let Err(error) = tables.forget_records(table, position)
    {
        tracing::warn!(table, %error, "old stream records stay");
    }
}

/// Sends records that were given up where the mapping says: whole to a bucket, their place in the stream to a queue.
fn abandon(shared: &Shared, stream: &Stream, abandoned: &Abandoned) {
    let now = shared.clock.now();
    let function = shared.wiring.functions.get(&stream.mapping.function);
    let name = function.map_or("", |function| function.name.as_str());
    let mut letter = letter(stream, abandoned, name, &shared.ids.next(), now);
    let reason = match &abandoned.failure {
        None => abandoned.condition.to_owned(),
        Some(failure) => format!("{}: {}: {}", abandoned.condition, failure.kind, failure.message),
    };
    if let Some(OnFailure::Queue(queue)) = &stream.mapping.on_failure {
        shared.queues.send(queue, letter.to_string(), now);
    }
    let records: Vec<Value> = abandoned
        .records
        .iter()
        .filter_map(|record| serde_json::from_str(&record.json).ok())
        .collect();
    if let Some(letter) = letter.as_object_mut() {
        letter.insert("payload".to_owned(), json!({ "Records": records }));
    }
    let place = match &stream.mapping.on_failure {
        Some(OnFailure::Bucket(bucket)) => {
            if let (Some(store), Some(bucket)) = (&shared.store, shared.wiring.buckets.get(bucket)) {
                let key = key(stream, now, &shared.ids.next());
                store.put_object(&bucket.name, &key, &letter);
            }
            bucket
        }
        Some(OnFailure::Queue(queue)) => queue,
        None => &stream.mapping.id,
    };
    lock(&shared.given_up).push(GivenUp {
        at: now,
        place: place.clone(),
        reason,
        content: letter,
    });
}

fn letter(stream: &Stream, abandoned: &Abandoned, function: &str, request: &str, now: Timestamp) -> Value {
    let first = abandoned.records.first();
    let last = abandoned.records.last();
    let sequence = |record: Option<&Arc<Record>>| record.map(|record| record.sequence.clone());
    let arrival = |record: Option<&Arc<Record>>| record.map(|record| record.created.to_string());
    json!({
        "version": "1.0",
        "timestamp": now.to_string(),
        "requestContext": {
            "requestId": request,
            "functionArn": processes::arn(function),
            "condition": abandoned.condition,
            "approximateInvokeCount": abandoned.invocations,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": abandoned.failure.as_ref().map(|_| "Unhandled"),
        },
        "DDBStreamBatchInfo": {
            "shardId": dynoxide::streams::shard_id(&stream.table),
            "startSequenceNumber": sequence(first),
            "endSequenceNumber": sequence(last),
            "approximateArrivalOfFirstRecord": arrival(first),
            "approximateArrivalOfLastRecord": arrival(last),
            "batchSize": abandoned.records.len(),
            "streamArn": stream.arn,
        },
    })
}

/// An object's key as Lambda makes it.
fn key(stream: &Stream, now: Timestamp, id: &str) -> String {
    let day = now.strftime("%Y/%m/%d");
    let time = (now - SignedDuration::from_nanos(i64::from(now.subsec_nanosecond()))).strftime("%Y-%m-%dT%H.%M.%S");
    format!(
        "aws/lambda/{}/{}/{day}/{time}-{id}.json",
        stream.mapping.id,
        dynoxide::streams::shard_id(&stream.table)
    )
}
