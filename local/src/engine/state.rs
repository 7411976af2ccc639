//! What outlives the bundle's process: the folder of `--data`.
//!
//! | file | written |
//! | --- | --- |
//! | `dynamodb.sqlite` | by the embedded engine, with every call |
//! | `published.jsonl`, `endpoints.jsonl`, `opt-outs.jsonl` | a line when SNS accepted or changed something, before it answers |
//! | `buckets/NAME/…` | an object when records are given up |
//! | `checkpoint.json` | at a checkpoint, whole, by renaming |
//!
//! After a kill everything goes on from the checkpoint: streams deliver again from there, and what the tables already
//! say keeps that harmless.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::EngineError;
use super::endpoints::Endpoint;
use super::opt_outs::OptOut;
use super::queues::{GivenUp, Message};
use super::shared::lock;
use super::sns::Published;
use super::units::{UnitCount, UnitKey, Units};
use crate::wiring::LogicalId;

/// The state of everything but the tables, at an instant when nothing was under way.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    pub(super) clock: Timestamp,
    pub(super) epoch: Timestamp,
    pub(super) swept: Timestamp,
    /// By mapping: the number up to which its stream is done with.
    pub(super) streams: BTreeMap<LogicalId, i64>,
    pub(super) schedules: BTreeMap<LogicalId, Timestamp>,
    pub(super) queues: BTreeMap<LogicalId, Vec<Message>>,
    pub(super) units: Vec<(UnitKey, UnitCount)>,
    pub(super) given_up: Vec<GivenUp>,
    pub(super) note: Value,
}

impl Checkpoint {
    pub(super) fn units(&self) -> Units {
        Units {
            rows: self.units.iter().cloned().collect(),
        }
    }
}

const DATABASE: &str = "dynamodb.sqlite";

/// The data folder.
pub(super) struct Store {
    folder: PathBuf,
    published: Mutex<File>,
    endpoints: Mutex<File>,
    opt_outs: Mutex<File>,
}

impl Store {
    /// Whether a folder holds what an earlier run kept.
    pub(super) fn is_kept_in(folder: &Path) -> bool {
        folder.join(DATABASE).is_file()
    }

    pub(super) fn open(folder: &Path) -> Result<Self, EngineError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source: io::Error| EngineError::Data { path, source }
        };
        fs::create_dir_all(folder).map_err(failed(folder))?;
        let open = |name: &str| {
            let path = folder.join(name);
            appendable(&path).map_err(failed(&path)).map(Mutex::new)
        };
        Ok(Self {
            published: open("published.jsonl")?,
            endpoints: open("endpoints.jsonl")?,
            opt_outs: open("opt-outs.jsonl")?,
            folder: folder.to_owned(),
        })
    }

    pub(super) fn database(&self) -> PathBuf {
        self.folder.join(DATABASE)
    }

    /// The last checkpoint; `None` at a first start.
    pub(super) fn checkpoint(&self) -> Result<Option<Checkpoint>, EngineError> {
        let path = self.folder.join("checkpoint.json");
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(EngineError::Data { path, source }),
        };
        match serde_json::from_slice(&text) {
            Ok(checkpoint) => Ok(Some(checkpoint)),
            Err(error) => Err(EngineError::Data {
                path,
                source: io::Error::new(io::ErrorKind::InvalidData, error),
            }),
        }
    }

    pub(super) fn write_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), EngineError> {
        let path = self.folder.join("checkpoint.json");
        let write = || {
            let new = self.folder.join("checkpoint.json.new");
            let mut file = File::create(&new)?;
            file.write_all(&serde_json::to_vec(checkpoint)?)?;
            file.sync_all()?;
            lock(&self.published).sync_data()?;
            lock(&self.endpoints).sync_data()?;
            lock(&self.opt_outs).sync_data()?;
            fs::rename(&new, &path)?;
            File::open(&self.folder)?.sync_all()
        };
        write().map_err(|source| EngineError::Data { path, source })
    }

    pub(super) fn published(&self) -> Vec<Published> {
        lines(&self.folder.join("published.jsonl"))
    }

    pub(super) fn endpoints(&self) -> Vec<Endpoint> {
        lines(&self.folder.join("endpoints.jsonl"))
    }

    pub(super) fn opt_outs(&self) -> Vec<OptOut> {
        lines(&self.folder.join("opt-outs.jsonl"))
    }

    pub(super) fn append_opt_out(&self, change: &OptOut) {
        append(&self.opt_outs, change);
    }

    pub(super) fn append_published(&self, message: &Published) {
        append(&self.published, message);
    }

    pub(super) fn append_endpoint(&self, endpoint: &Endpoint) {
        append(&self.endpoints, endpoint);
    }

    /// Stores an object of a bucket as a file.
    pub(super) fn put_object(&self, bucket: &str, key: &str, content: &Value) {
        let path = self.folder.join("buckets").join(bucket).join(key);
        let write = || {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&path, content.to_string())
        };
        if let Err(error) = write() {
            tracing::error!(path = %path.display(), %error, "an object was not stored");
        }
    }
}

/// Opens a file of lines to append to; a last line that a crash cut short is ended first.
fn appendable(path: &Path) -> io::Result<File> {
    let mut file = OpenOptions::new().create(true).append(true).read(true).open(path)?;
    let text = fs::read(path)?;
    if text.last().is_some_and(|last| *last != b'\n') {
        file.write_all(b"\n")?;
    }
    Ok(file)
}

fn append(file: &Mutex<File>, row: &impl Serialize) {
    let Ok(mut line) = serde_json::to_vec(row) else {
        return;
    };
    line.push(b'\n');
    // One write: a line is whole or, after a crash, cut short and skipped.
    if let Err(error) = lock(file).write_all(&line) {
        tracing::error!(%error, "a line was not stored");
    }
}

/// The rows of a file of lines. A line that a crash cut short is left out.
fn lines<T: DeserializeOwned>(path: &Path) -> Vec<T> {
    let Ok(file) = File::open(path) else {
        return Vec::new();
    };
    BufReader::new(file)
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| serde_json::from_str(&line).ok())
        .collect()
}
