//! A running bundle: put together from a wiring, moved by its driver, read by the page.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::clock::VirtualClock;
use super::endpoints::Endpoints;
use super::events::{self, Entry};
use super::faults::Dice;
use super::invocations::{Function, Ids};
use super::opt_outs::{OptOut, OptOuts};
use super::processes::{self, Layers, Log, Program};
use super::queues::{GivenUp, Queues};
use super::quiet::Quiet;
use super::runtime_api::Slot;
use super::schedules::{self, Timer};
use super::shared::{Parts, Shared, lock, with_now};
use super::sns::{Published, Sns};
use super::state::{Checkpoint, Store};
use super::streams::{self, Stream};
use super::tables::Tables;
use super::units::{Tally, Units};
use super::{EngineError, Options, front, topics};
use crate::wiring::Wiring;

/// A running bundle. Clones share it; it ends with the last one, or at [`Bundle::shutdown`].
#[derive(Clone)]
pub struct Bundle {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    endpoint: String,
    step: SignedDuration,
    note: Mutex<Option<Value>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.stop();
    }
}

impl Bundle {
    /// Starts everything: tables, endpoint, processes, readers. What an earlier run left undone goes on at once.
    pub async fn start(options: Options) -> Result<Self, EngineError> {
        if options.step <= SignedDuration::ZERO {
            return Err(EngineError::Step);
        }
        let store = options.data.as_deref().map(Store::open).transpose()?;
        let checkpoint = match &store {
            Some(store) => store.checkpoint()?,
            None => None,
        };
        let listener = listen().await?;
        let address = listener.local_addr().map_err(EngineError::Listen)?;
        let endpoint = format!("http://{address}");
        let programs = programs(&options, &endpoint)?;
        let step = options.step;
        let note = checkpoint.as_ref().map(|checkpoint| checkpoint.note.clone());
        let shared = assemble(options, store, checkpoint)?;
        shared.spawn(front::serve(listener, Arc::clone(&shared)));
        for (id, program) in programs {
            start_processes(&shared, &id, Arc::new(program)).await?;
        }
        for stream in &shared.streams {
            streams::start(&shared, stream);
        }
        start_polls(&shared);
        Ok(Self {
            inner: Arc::new(Inner {
                shared,
                endpoint,
                step,
                note: Mutex::new(note),
            }),
        })
    }

    /// Whether a folder holds what an earlier bundle kept with [`Options::data`].
    pub fn is_kept_in(folder: &Path) -> bool {
        Store::is_kept_in(folder)
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.inner.shared
    }

    /// Virtual time.
    pub fn now(&self) -> Timestamp {
        self.inner.shared.clock.now()
    }

    /// Puts an event on a bus (its logical id; the default bus is `default`), at the virtual time. Returns once its
    /// rules' targets have it, not once they are done with it.
    #[allow(clippy::unused_async)] // a driver awaits it like the rest; a slower bus may wait
    pub async fn put_event(
        &self,
        bus: &str,
        source: &str,
        detail_type: &str,
        detail: Value,
    ) -> Result<(), EngineError> {
        let shared = &self.inner.shared;
        let name = shared.wiring.buses.get(bus).map_or(bus, |bus| bus.name.as_str());
        let entry = Entry {
            event_bus_name: Some(name.to_owned()),
            source: source.to_owned(),
            detail_type: detail_type.to_owned(),
            detail: detail.to_string(),
            resources: Vec::new(),
            time: None,
        };
        events::put(shared, &entry).map_err(|error| EngineError::Event {
            code: error.code.to_owned(),
            message: error.message,
        })?;
        Ok(())
    }

    /// Publishes a message to a topic (its logical id), as a service of AWS does that the template lets in. Returns once the
    /// subscribed queues have it.
    #[allow(clippy::unused_async)] // as with the bus
    pub async fn publish_to_topic(&self, topic: &str, message: &str) -> Result<(), EngineError> {
        if topics::publish(&self.inner.shared, topic, message) {
            Ok(())
        } else {
            Err(EngineError::Topic(topic.to_owned()))
        }
    }

    /// Somebody opts out at SNS itself, which tells nobody.
    pub fn opt_out_at_sns(&self, number: &str) {
        self.at_sns(number, true);
    }

    /// Somebody of the account takes a number off SNS's list.
    pub fn opt_in_at_sns(&self, number: &str) {
        self.at_sns(number, false);
    }

    /// Whether SNS has a number on its list of those who opted out.
    pub fn is_opted_out_at_sns(&self, number: &str) -> bool {
        self.inner.shared.sns.opt_outs.has(number)
    }

    fn at_sns(&self, number: &str, listed: bool) {
        let shared = &self.inner.shared;
        shared.opt_out(&OptOut {
            number: number.to_owned(),
            at: shared.clock.now(),
            listed,
        });
    }

    /// Waits until every queue, stream and invocation is quiet. Fails when a function cannot be kept running.
    pub async fn settle(&self) -> Result<(), EngineError> {
        schedules::settle(&self.inner.shared).await
    }

    /// Moves the clock, step by step; at each step fires the schedules that are due and settles.
    pub async fn advance_to(&self, to: Timestamp) -> Result<(), EngineError> {
        schedules::advance(&self.inner.shared, to, self.inner.step).await
    }

    /// Moves the clock at once, over a time in which its driver knows that nothing falls due; at its end fires what
    /// schedules there were, each once, and settles.
    pub async fn leap_to(&self, to: Timestamp) -> Result<(), EngineError> {
        schedules::advance(&self.inner.shared, to, to.duration_since(self.now())).await
    }

    /// Invokes a function (its logical id) and answers what it answers. `now` is added to an object without it.
    pub async fn invoke(&self, function: &str, payload: Value) -> Result<Value, EngineError> {
        let shared = &self.inner.shared;
        let payload = match &payload {
            Value::Object(fields) if !fields.contains_key("now") => with_now(shared.clock.now(), &payload.to_string()),
            _ => Bytes::from(payload.to_string()),
        };
        let answer = shared
            .invoke(function, payload)
            .await
            .map_err(|failure| EngineError::Invocation {
                function: function.to_owned(),
                kind: failure.kind,
                message: failure.message,
            })?;
        Ok(serde_json::from_slice(&answer).unwrap_or_else(|_| json!(String::from_utf8_lossy(&answer))))
    }

    /// With a data folder: settles, then stores the clock, the streams' positions, the queues and `note`, durably and
    /// at once. In memory: only keeps `note`.
    pub async fn checkpoint(&self, note: &Value) -> Result<(), EngineError> {
        self.settle().await?;
        *lock(&self.inner.note) = Some(note.clone());
        let (shared, note) = (Arc::clone(&self.inner.shared), note.clone());
        if shared.store.is_none() {
            return Ok(());
        }
        tokio::task::spawn_blocking(move || store_checkpoint(&shared, note))
            .await
            .map_err(|error| EngineError::Database(error.to_string()))?
    }

    /// The note of the last checkpoint.
    pub fn note(&self) -> Option<Value> {
        lock(&self.inner.note).clone()
    }

    /// What SNS accepted, in order.
    pub fn published(&self) -> Vec<Published> {
        self.published_after(0)
    }

    /// What SNS accepted after the first `count` messages: for a reader that has those.
    pub fn published_after(&self, count: usize) -> Vec<Published> {
        self.inner.shared.sns.published_after(count)
    }

    /// What the tables' use costs so far.
    pub fn units(&self) -> Units {
        self.inner.shared.tally.units()
    }

    /// Dead letters, records past their retries, events that were lost.
    pub fn given_up(&self) -> Vec<GivenUp> {
        lock(&self.inner.shared.given_up).clone()
    }

    /// How often each kind of [`super::Faults`] struck, by name.
    pub fn faults(&self) -> BTreeMap<String, u64> {
        self.inner.shared.dice.counts()
    }

    /// How many invocations there were, retries included.
    pub fn invocations(&self) -> u64 {
        self.inner.shared.calls.load(Ordering::Relaxed)
    }

    /// Where DynamoDB, SNS and EventBridge answer.
    pub fn endpoint(&self) -> String {
        self.inner.endpoint.clone()
    }

    /// A table's deployed name.
    pub fn table_name(&self, logical: &str) -> Option<String> {
        let table = self.inner.shared.wiring.tables.get(logical)?;
        Some(table.name.clone())
    }

    /// What lies in the queues.
    #[cfg(test)]
    pub(super) fn inner_queues(&self) -> BTreeMap<String, Vec<super::queues::Message>> {
        self.inner.shared.queues.contents()
    }

    /// Ends the processes and everything else, for all clones.
    pub async fn shutdown(self) {
        self.inner.shared.stop_and_wait().await;
    }
}

fn store_checkpoint(shared: &Shared, note: Value) -> Result<(), EngineError> {
    let Some(store) = &shared.store else {
        return Ok(());
    };
    let failed = |error: dynoxide::DynoxideError| EngineError::Database(error.to_string());
    shared.tables.sync().map_err(failed)?;
    let (epoch, swept, schedules) = {
        let timer = lock(&shared.timer);
        (timer.epoch, timer.swept, timer.fired())
    };
    let position = |stream: &Arc<Stream>| (stream.mapping.id.clone(), stream.position());
    store.write_checkpoint(&Checkpoint {
        clock: shared.clock.now(),
        epoch,
        swept,
        streams: shared.streams.iter().map(position).collect(),
        schedules,
        queues: shared.queues.contents(),
        units: shared.tally.units().rows.into_iter().collect(),
        given_up: lock(&shared.given_up).clone(),
        note,
    })?;
    // Nobody goes back behind the checkpoint.
    for table in shared.wiring.tables.values() {
        streams::forget_records(&shared.tables, &shared.streams, &table.name);
    }
    Ok(())
}

fn assemble(
    options: Options,
    store: Option<Store>,
    checkpoint: Option<Checkpoint>,
) -> Result<Arc<Shared>, EngineError> {
    let wiring = options.wiring;
    let now = checkpoint.as_ref().map_or(options.start, |checkpoint| checkpoint.clock);
    let clock = Arc::new(VirtualClock::new(now));
    let database = store.as_ref().map(Store::database);
    let tables = Tables::open(database.as_deref(), Arc::clone(&clock), &wiring.tables)?;
    let streams = streams(&wiring, &tables, checkpoint.as_ref())?;
    let quiet = Arc::new(Quiet::default());
    let ids = Ids::new(if store.is_some() { nonce() } else { 0 });
    let given_up = Arc::new(Mutex::new(Vec::new()));
    let queues = Queues::new(&wiring, Arc::clone(&quiet), Arc::clone(&ids), Arc::clone(&given_up));
    let timer = match &checkpoint {
        Some(was) => Timer::new(&wiring, was.epoch, now, was.swept, &was.schedules)?,
        None => Timer::new(&wiring, now, now, now, &BTreeMap::new())?,
    };
    let functions = wiring.functions.iter().map(|(id, function)| {
        let timeout = Duration::from_secs(u64::from(function.timeout_seconds.max(1)));
        let function = Function::new(processes::arn(&function.name), timeout);
        (id.clone(), Arc::new(function))
    });
    let (published, endpoints, opt_outs) = match &store {
        Some(store) => (store.published(), store.endpoints(), store.opt_outs()),
        None => (Vec::new(), Vec::new(), Vec::new()),
    };
    let opt_outs = OptOuts::new(&options.faults.opted_out, opt_outs);
    let units = checkpoint.as_ref().map(Checkpoint::units);
    let shared = Shared::new(Parts {
        functions: functions.collect(),
        clock,
        quiet,
        ids,
        dice: Dice::new(options.faults),
        tables,
        tally: Tally::new(units.unwrap_or_default()),
        sns: Sns::new(published, Endpoints::new(endpoints), opt_outs),
        queues,
        streams,
        timer,
        given_up,
        store,
        wiring,
    });
    if let Some(checkpoint) = checkpoint {
        *lock(&shared.given_up) = checkpoint.given_up;
        shared.queues.restore(checkpoint.queues);
    }
    Ok(shared)
}

fn streams(wiring: &Wiring, tables: &Tables, checkpoint: Option<&Checkpoint>) -> Result<Vec<Arc<Stream>>, EngineError> {
    let mut streams = Vec::new();
    for mapping in &wiring.streams {
        let table = wiring.tables.get(&mapping.table).ok_or_else(|| EngineError::Mapping {
            mapping: mapping.id.clone(),
            missing: mapping.table.clone(),
        })?;
        let stored = checkpoint.and_then(|was| was.streams.get(&mapping.id).copied());
        let from = match stored {
            Some(position) => position,
            // A first start, or a crash before the first checkpoint: nothing was delivered for sure.
            None if mapping.from_the_beginning || checkpoint.is_none() => 0,
            None => tables
                .last_record(&table.name)
                .map_err(|error| EngineError::Database(error.to_string()))?,
        };
        streams.push(Arc::new(Stream::new(mapping.clone(), table, from)));
    }
    Ok(streams)
}

fn programs(options: &Options, endpoint: &str) -> Result<BTreeMap<String, Program>, EngineError> {
    let log = match &options.log {
        None => None,
        Some(path) => {
            let file = OpenOptions::new().create(true).append(true).open(path);
            let file = file.map_err(|source| EngineError::Data {
                path: path.clone(),
                source,
            })?;
            Some(Log::new(Mutex::new(file)))
        }
    };
    let layers = Layers {
        template_dir: &options.template_dir,
        overridden: options.layer_overrides.as_deref(),
    };
    let functions = options.wiring.functions.iter();
    functions
        .map(|(id, function)| {
            let binaries = &options.binaries;
            let log = log.clone();
            let program = Program::new(id, function, binaries, &layers, endpoint, log)?;
            Ok((id.clone(), program))
        })
        .collect()
}

/// One process for each batch that the function's mappings may deliver at the same time.
async fn start_processes(shared: &Arc<Shared>, id: &str, program: Arc<Program>) -> Result<(), EngineError> {
    let Some(function) = shared.functions.get(id) else {
        return Ok(());
    };
    let mappings = shared.wiring.streams.iter();
    let lanes = mappings
        .filter(|mapping| mapping.function == id)
        .map(|mapping| mapping.parallelization)
        .max();
    for number in 0..lanes.unwrap_or(1).max(1) {
        let listener = listen().await?;
        let slot = Arc::new(Slot::new(Arc::clone(function)));
        let token = format!("{id}/{number}");
        lock(&shared.slots).insert(token.clone(), Arc::clone(&slot));
        let supervised = processes::supervise(Arc::clone(&program), slot, listener, token);
        shared.spawn(supervised);
    }
    Ok(())
}

fn start_polls(shared: &Arc<Shared>) {
    for mapping in shared.wiring.polls.clone() {
        let shared_by_poll = Arc::clone(shared);
        shared.spawn(async move {
            let shared = &shared_by_poll;
            let invoke = |payload| shared.invoke(&mapping.function, payload);
            let now = || shared.clock.now();
            shared.queues.poll(&mapping, &shared.dice, now, invoke).await;
        });
    }
}

async fn listen() -> Result<TcpListener, EngineError> {
    TcpListener::bind("127.0.0.1:0").await.map_err(EngineError::Listen)
}

/// Tells the identifiers of one start from those of another in the same folder.
#[allow(clippy::disallowed_methods)] // no decision depends on it
fn nonce() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(1, |since| u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
}
