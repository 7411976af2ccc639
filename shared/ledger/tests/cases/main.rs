//! What the ledger does, case by case, in the words of the programme file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod basis;
mod budgets;
mod calendar;
mod campaigns;
mod carts;
mod expiry;
mod explained;
mod liability;
mod limits;
mod longer;
mod missions;
mod moments;
mod paused;
mod pending;
mod person;
mod points;
mod public_bugs;
mod referral;
mod reserve;
mod returns;
mod rewards;
mod sets;
mod spent_on_orders;
#[path = "../support/mod.rs"]
mod support;
mod tier_returns;
mod tiers;
mod transfers;
mod versions;
mod waived;
mod wallets;

use jiff::civil::date;
use ledger::{Fact, Refusal, What};
use programme::{Points, Programme};

use support::{MAIN, Member, activity, amount, instant, late_purchase, purchase, redeem, sample, sign_up};

/// A member in New York, joined at New Year's noon.
fn ana(programme: &Programme) -> Member {
    let mut member = Member::default();
    let sign_up = sign_up("1997-01-01T12:00:00-05:00", "America/New_York", Some("1970-05-01"));
    member.apply(programme, &sign_up).unwrap();
    member
}

fn buy(member: &mut Member, programme: &Programme, id: &str, at: &str, dollars: &str) {
    member.apply(programme, &purchase(id, at, dollars)).unwrap();
}

fn spend(member: &mut Member, programme: &Programme, id: &str, at: &str, points: i64) {
    member.apply(programme, &redeem(id, at, points)).unwrap();
}

fn balance(member: &Member, programme: &Programme, at: &str) -> i64 {
    member.account().balance(MAIN, programme, instant(at)).get()
}

/// The lots as a newcomer reads them: last day and points.
fn lots(member: &Member) -> Vec<(String, i64)> {
    let lots = member.account().lots(MAIN).iter();
    lots.map(|lot| (lot.last_day.date().to_string(), lot.points.get()))
        .collect()
}

/// Wakes at an instant; gives the causes that were booked.
fn wake(member: &mut Member, programme: &Programme, at: &str) -> Vec<String> {
    let before = member.entries().len();
    member.wake(programme, instant(at));
    member.causes().split_off(before)
}

fn last(member: &Member) -> What {
    member.entries().pop().unwrap().what
}
