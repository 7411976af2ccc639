//! The whole line, end to end: the bundle of `template.yaml` with the real binaries.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod approvals;
mod audit;
mod bad_input;
mod batches;
mod broadcast;
mod broadcast_operator;
mod budgets;
mod campaigns;
mod caps;
mod carts;
mod check;
mod command;
mod concurrency;
mod consents;
mod coupons;
mod digests;
mod dry_run;
mod events;
mod faults;
mod guard;
mod house;
mod killed;
mod liability;
mod line;
mod opted_out;
mod pause;
mod pause_faults;
mod pause_operator;
mod pending;
mod person;
mod places;
mod preferences;
mod preview;
mod rates;
mod read_reply;
mod real_run;
mod referrals;
mod replies;
mod report;
mod returns;
mod rewards;
mod second_fold;
mod send_decision;
mod simulated;
mod sms_parts;
mod till;
mod transfers;
mod versions;
mod wake;
mod wallets;
mod why;
