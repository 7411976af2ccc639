//! One start of one binary, and what it has spent by the time it polls.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::Outcome;
use crate::runtime_api::RuntimeApi;

/// What a process has spent since its start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spent {
    /// Time on a CPU, of all threads.
    pub(crate) cpu: Duration,
    /// Peak of the resident memory, in bytes.
    pub(crate) memory: u64,
}

/// Starts a binary, and says what it has spent at its first poll and, for each event given then, at the poll after it.
pub(crate) fn measure(
    binary: &Path,
    environment: &[(&str, String)],
    events: usize,
    api: &RuntimeApi,
    log: &Path,
) -> Outcome<Vec<Spent>> {
    api.clear();
    let output = File::create(log)?;
    let mut process = Command::new(binary)
        .env_clear()
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .spawn()?;
    let spent = follow(&process, events, api);
    process.kill()?;
    process.wait()?;
    spent.map_err(|why| {
        let said = fs::read_to_string(log).unwrap_or_default();
        format!("{} did not get as far as it should: {why}\n{said}", binary.display()).into()
    })
}

fn follow(process: &Child, events: usize, api: &RuntimeApi) -> Outcome<Vec<Spent>> {
    let mut poll = api.poll()?;
    let mut all = vec![at_rest(process.id())?];
    for _ in 0..events {
        poll.give_event()?;
        poll = api.poll()?;
        all.push(at_rest(process.id())?);
    }
    Ok(all)
}

/// Reads what a process has spent when it spends no more: its question is here before it has gone to sleep.
fn at_rest(id: u32) -> Outcome<Spent> {
    let mut before = cpu(id)?;
    loop {
        thread::sleep(Duration::from_millis(10));
        let now = cpu(id)?;
        if now == before {
            return Ok(Spent {
                cpu: now,
                memory: peak_memory(id)?,
            });
        }
        before = now;
    }
}

/// The first field of each thread's `schedstat`: nanoseconds on a CPU.
fn cpu(id: u32) -> Outcome<Duration> {
    let mut sum = 0;
    for thread in fs::read_dir(format!("/proc/{id}/task"))? {
        let text = fs::read_to_string(thread?.path().join("schedstat"))?;
        sum += text.split_whitespace().next().unwrap_or_default().parse::<u64>()?;
    }
    Ok(Duration::from_nanos(sum))
}

fn peak_memory(id: u32) -> Outcome<u64> {
    let text = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kilobytes: u64 = kilobytes
        .ok_or_else(|| io::Error::other("/proc says no peak of memory"))?
        .trim()
        .parse()?;
    Ok(kilobytes * 1024)
}
