//! The embedded DynamoDB engine: tables, stream records, expiry. One connection behind one lock, as the engine is
//! built; a call takes a fraction of a millisecond, less than handing it to another thread and waiting would.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::actions::{create_table, update_time_to_live};
use dynoxide::storage::{Storage, StreamRecord};
use dynoxide::{DynoxideError, streams, ttl};
use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::EngineError;
use super::clock::VirtualClock;
use crate::wiring::{LogicalId, Table};

/// How long DynamoDB remembers a transaction's token.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_mins(10);

/// Tokens kept at most; a long quiet virtual instant must not hold every transaction of a run.
const TOKENS: usize = 10_000;

/// Statements kept ready; of those the engine keeps at all, three tables need more than the default of 16.
const STATEMENTS: usize = 256;

/// Stream records are found by their number with every write; the engine itself keeps no index on it.
const STREAM_INDEX: &str = "CREATE INDEX IF NOT EXISTS _stream_records_by_number \
     ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

/// The tables of a wiring.
pub(super) struct Tables {
    storage: Mutex<Storage>,
    pub(super) clock: Arc<VirtualClock>,
    pub(super) lifecycle: VectorIndexLifecycle,
    /// Deployed name to logical name.
    logical: HashMap<String, LogicalId>,
    /// Deployed name to the range key's attribute (the hash key's where there is none).
    sort_keys: HashMap<String, String>,
    pub(super) tokens: Mutex<Tokens>,
    expiring: Vec<String>,
}

/// Answers of transactions, by their token.
#[derive(Default)]
pub(super) struct Tokens {
    pub(super) answers: HashMap<String, Remembered>,
    order: VecDeque<(Timestamp, String)>,
}

pub(super) struct Remembered {
    pub(super) request: Bytes,
    pub(super) answer: String,
}

impl Tokens {
    pub(super) fn remember(&mut self, now: Timestamp, token: String, request: Bytes, answer: String) {
        self.order.push_back((now, token.clone()));
        self.answers.insert(token, Remembered { request, answer });
        self.forget(now);
    }

    pub(super) fn forget(&mut self, now: Timestamp) {
        while let Some((at, _)) = self.order.front() {
            if self.order.len() <= TOKENS && now.duration_since(*at) < TOKEN_LIFE {
                break;
            }
            if let Some((_, token)) = self.order.pop_front() {
                self.answers.remove(&token);
            }
        }
    }
}

impl Tables {
    /// Opens the engine at `path`, or in memory, and creates the tables that are not there yet.
    pub(super) fn open(
        path: Option<&Path>,
        clock: Arc<VirtualClock>,
        tables: &BTreeMap<LogicalId, Table>,
    ) -> Result<Self, EngineError> {
        let storage = match path {
            None => Storage::memory(),
            Some(path) => Storage::new(&path.to_string_lossy()),
        }
        .map_err(|error| EngineError::Database(error.to_string()))?
        .with_clock(Arc::clone(&clock) as Arc<dyn dynoxide::storage_backend::Clock>);
        storage.conn().set_prepared_statement_cache_capacity(STATEMENTS);
        storage
            .conn()
            .execute_batch(STREAM_INDEX)
            // A killed process loses nothing by it; `sync` writes through before a checkpoint is stored.
            .and_then(|()| storage.conn().execute_batch("PRAGMA synchronous = NORMAL"))
            .map_err(|error| EngineError::Database(error.to_string()))?;
        for (id, table) in tables {
            create(&storage, table).map_err(|error| EngineError::Table {
                id: id.clone(),
                reason: error.to_string(),
            })?;
        }
        Ok(Self {
            storage: Mutex::new(storage),
            clock,
            lifecycle: VectorIndexLifecycle::new(),
            logical: tables
                .iter()
                .map(|(id, table)| (table.name.clone(), id.clone()))
                .collect(),
            sort_keys: tables
                .values()
                .map(|table| (table.name.clone(), sort_key(table)))
                .collect(),
            tokens: Mutex::default(),
            expiring: tables
                .values()
                .filter(|table| table.time_to_live.is_some())
                .map(|table| table.name.clone())
                .collect(),
        })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Storage> {
        self.storage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The logical id of a deployed table; the name itself for a table of nobody's.
    pub(super) fn logical<'a>(&'a self, name: &'a str) -> &'a str {
        self.logical.get(name).map_or(name, String::as_str)
    }

    pub(super) fn sort_key(&self, name: &str) -> &str {
        self.sort_keys.get(name).map_or("sk", String::as_str)
    }

    /// The stream records of a table after a number, in order.
    pub(super) fn records_after(
        &self,
        table: &str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<StreamRecord>, DynoxideError> {
        self.lock()
            .get_stream_records(table, &streams::shard_id(table), after, limit)
    }

    /// The number of a table's last stream record; nought before the first.
    pub(super) fn last_record(&self, table: &str) -> Result<i64, DynoxideError> {
        let (_, last) = self.lock().get_shard_sequence_range(table, &streams::shard_id(table))?;
        Ok(last.and_then(|last| last.parse().ok()).unwrap_or(0))
    }

    /// Drops the stream records up to a number. AWS keeps them for a day; here they only fill the memory.
    pub(super) fn forget_records(&self, table: &str, up_to: i64) -> Result<usize, DynoxideError> {
        Ok(self.lock().conn().execute(
            "DELETE FROM _stream_records WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) < ?2",
            (table, up_to),
        )?)
    }

    /// Deletes the items whose time to live has passed, as DynamoDB does within days. Answers how many went.
    pub(super) fn sweep(&self) -> Result<usize, DynoxideError> {
        if self.expiring.is_empty() {
            return Ok(0);
        }
        finished(ttl::sweep_expired_items(&*self.lock()))
    }

    /// The deployed names of the tables with a time to live.
    pub(super) fn expiring(&self) -> &[String] {
        &self.expiring
    }

    /// Writes everything through to the disk.
    pub(super) fn sync(&self) -> Result<(), DynoxideError> {
        Ok(self
            .lock()
            .conn()
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }
}

/// Runs one of the engine's calls. They are written as futures for its browser build; here none ever waits.
pub(super) fn finished<T>(call: impl Future<Output = Result<T, DynoxideError>>) -> Result<T, DynoxideError> {
    call.now_or_never().unwrap_or_else(|| {
        Err(DynoxideError::InternalServerError(
            "the embedded engine waited for something".to_owned(),
        ))
    })
}

fn create(storage: &Storage, table: &Table) -> Result<(), DynoxideError> {
    if storage.table_exists(&table.name)? {
        return Ok(());
    }
    let invalid = |error: serde_json::Error| DynoxideError::ValidationException(error.to_string());
    let mut request = table.create.clone();
    if let Some(request) = request.as_object_mut() {
        request.insert("TableName".to_owned(), json!(table.name));
    }
    let request: create_table::CreateTableRequest = serde_json::from_value(request).map_err(invalid)?;
    finished(create_table::execute(storage, request))?;
    if let Some(attribute) = &table.time_to_live {
        let request = serde_json::from_value(json!({
            "TableName": table.name,
            "TimeToLiveSpecification": {"AttributeName": attribute, "Enabled": true},
        }))
        .map_err(invalid)?;
        finished(update_time_to_live::execute(storage, request))?;
    }
    Ok(())
}

fn sort_key(table: &Table) -> String {
    let schema = table.create.get("KeySchema").and_then(|schema| schema.as_array());
    let named = |kind: &str| {
        schema?
            .iter()
            .find(|key| key.get("KeyType").and_then(|t| t.as_str()) == Some(kind))?
            .get("AttributeName")?
            .as_str()
    };
    named("RANGE").or_else(|| named("HASH")).unwrap_or("sk").to_owned()
}
