//! How much CPU time the functions' processes took.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Duration;

use super::bundle::Bundle;
use super::shared::lock;

/// Linux tells CPU times to programs in hundredths of a second, whatever its clock.
const TICK: Duration = Duration::from_millis(10);

impl Bundle {
    /// The CPU time of the processes that run, by the function's binary; nothing of a system that does not say. Processes that
    /// ended, as only faults make them, are not in it.
    pub fn cpu_times(&self) -> BTreeMap<String, Duration> {
        let shared = self.shared();
        let mut times: BTreeMap<String, Duration> = BTreeMap::new();
        for (token, slot) in &*lock(&shared.slots) {
            let id = token.split_once('/').map_or(token.as_str(), |(id, _)| id);
            let process = *slot.process.lock().unwrap_or_else(PoisonError::into_inner);
            if let (Some(function), Some(time)) = (shared.wiring.functions.get(id), process.and_then(cpu_time)) {
                *times.entry(function.binary.clone()).or_default() += time;
            }
        }
        times
    }
}

fn cpu_time(process: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The second field is the program's name in brackets, whatever that is; after it, the 12th and 13th are user and system.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u32>);
    let ticks = ticks.sum::<Result<u32, _>>().ok()?;
    Some(TICK * ticks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_that_works_takes_time() {
        let own = || cpu_time(std::process::id());
        let began = own();
        let mut sum = 0_u64;
        while own() == began {
            sum = (0..1_000_000).fold(sum, |sum: u64, n| std::hint::black_box(sum.wrapping_add(n)));
        }
        assert!(own() > began && began.is_some());
        assert_eq!(cpu_time(u32::MAX), None);
    }
}
