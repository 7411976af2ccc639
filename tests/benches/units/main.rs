//! What the ledger's work costs in capacity units where it is put to a test: members with many purchases, one activity of
//! each kind, and a day of the alarm clock among few and among very many members.
//!
//! `cargo bench -p bundle-tests --bench units [--profile dev] [-- MEMBERS]`. Units are counts, so the machine's speed
//! does not matter; MEMBERS is how many the large table has.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

mod alarm_clock;
mod each_kind;
mod regular_buyers;

/// The large table, where none is asked for. A million takes some ten minutes to fill.
const MEMBERS: u32 = 100_000;

fn main() {
    // `cargo test --all-targets` starts benchmarks too.
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("units: `cargo bench -p bundle-tests --bench units` measures");
        return;
    }
    let members = std::env::args()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(MEMBERS);
    regular_buyers::measure();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(each_kind::measure());
    runtime.block_on(alarm_clock::measure(&[10_000, members]));
}
