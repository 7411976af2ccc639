//! The whole line, end to end: the bundle of `template.yaml` with the real binaries.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod audit;
mod bad_input;
mod batches;
mod budgets;
mod campaigns;
mod caps;
mod check;
mod command;
mod concurrency;
mod coupons;
mod dry_run;
mod events;
mod faults;
mod house;
mod killed;
mod liability;
mod line;
mod pause;
mod pause_faults;
mod pause_operator;
mod pending;
mod places;
mod read_reply;
mod real_run;
mod referrals;
mod replies;
mod report;
mod returns;
mod rewards;
mod second_fold;
mod simulated;
mod sms_parts;
mod till;
mod transfers;
mod versions;
mod wake;
mod wallets;
mod why;
