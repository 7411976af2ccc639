//! A simulation and the bundle over the same history end in the same normal form, byte for byte.
//!
//! What happens in one hour arrives together here as in any run; but what is a member's second event of that hour, or looks
//! beside an account, waits until what came before is done with, since the bundle promises no more than the order in
//! which a stream hands on what it was given.

mod bundle_form;
mod explained;
mod random;

use std::collections::BTreeMap;
use std::path::PathBuf;

use bundle_tests::{Start, at, root};
use jiff::{SignedDuration, Timestamp};
use ledger::MemberId;
use programme::Programme;
use regulars::play::timeline::{self, Happening};
use regulars::play::{orders, people::People};
use regulars::simulate::history::{self, History};
use simulation::normal::{Form, Forms};
use simulation::{Shelves, Simulation, Ticks};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// A history, and when it begins and ends.
struct Case {
    program: Option<PathBuf>,
    happenings: Vec<Happening>,
    start: Timestamp,
    end: Timestamp,
    /// Whether the pools of coupons are filled as a run fills them.
    pools: bool,
}

impl Case {
    fn simulated(&self) -> BTreeMap<MemberId, Form> {
        let programme = Programme::load(&self.program.clone().unwrap_or_else(|| root().join("program"))).unwrap();
        let ticks = Ticks::new(self.start, HOUR);
        let simulation = Simulation {
            programme: &programme,
            ticks,
            until: self.end,
        };
        let shelves = if self.pools {
            history::pools(&programme)
        } else {
            Shelves::default()
        };
        let mut forms = Forms::default();
        let history = History::of(&self.happenings, ticks, self.end);
        history.simulate(simulation, shelves, &mut forms).unwrap();
        forms.members
    }

    async fn played(&self) -> BTreeMap<MemberId, Form> {
        let line = Start {
            at: Some(self.start),
            program: self.program.clone(),
            ..Start::default()
        };
        let line = line.line().await;
        if self.pools {
            bundle_form::fill_pools(&line).await;
        }
        bundle_form::play(&line, &self.happenings, (self.start, self.end)).await;
        assert_eq!(line.bundle.given_up().len(), 0);
        let forms = bundle_form::read(&line).await;
        explained::all(&line, &forms).await;
        line.bundle.shutdown().await;
        forms
    }

    /// Plays it both ways; gives how many members, entries and messages agree.
    async fn agrees(&self, what: &str) -> (usize, usize, usize) {
        let (simulated, played) = (self.simulated(), self.played().await);
        if let Some(why) = difference(&simulated, &played) {
            panic!("{what}: {why}");
        }
        let entries = simulated.values().map(|form| form.entries.len()).sum();
        let messages = simulated.values().map(|form| form.messages.len()).sum();
        (simulated.len(), entries, messages)
    }
}

/// The first difference: the member, and the lines that only one of the two has.
fn difference(simulated: &BTreeMap<MemberId, Form>, played: &BTreeMap<MemberId, Form>) -> Option<String> {
    let members: std::collections::BTreeSet<_> = simulated.keys().chain(played.keys()).collect();
    let text = |forms: &BTreeMap<MemberId, Form>, member| forms.get(member).map(Form::text).unwrap_or_default();
    let mut different = members.into_iter().filter_map(|member| {
        let (one, other) = (text(simulated, member), text(played, member));
        (one != other).then_some((member, one, other))
    });
    let (member, one, other) = different.next()?;
    let only = |these: &str, those: &str| {
        let those: Vec<&str> = those.lines().collect();
        let lines = these.lines().filter(|line| !those.contains(line));
        lines.take(5).map(|line| format!("    {line}\n")).collect::<String>()
    };
    Some(format!(
        "member {member} differs, and {} others.\n  Only the simulation has\n{}  Only the bundle has\n{}",
        different.count(),
        only(&one, &other),
        only(&other, &one)
    ))
}

/// The real run, of as many of its members as are wanted.
fn real(members: usize) -> Case {
    let zone = jiff::tz::TimeZone::get("America/New_York").unwrap();
    let path = root().join("data/cdnow-sample-orders.csv");
    let mut orders = orders::read(&path, &zone, at("2026-01-01T00:00:00Z")).unwrap().orders;
    // A number that shares no factor with the ids' own steps picks of all kinds.
    let wanted = |member: &str| member.parse::<usize>().unwrap_or(0) * 7919 % 2357 < members;
    orders.retain(|order| wanted(&order.member));
    let people = People::make_up(orders.iter().map(|order| order.member.as_str()));
    let happenings = timeline::with_habits(timeline::of(&orders, &people), &orders);
    Case {
        program: None,
        happenings,
        start: at("1997-01-01T05:00:00Z"),
        end: at("1998-07-01T04:00:00Z"),
        pools: true,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_of_the_real_run_is_the_bundle_s_run_of_a_sample_of_it() {
    let (members, entries, messages) = real(100).agrees("the sample").await;
    println!("{members} members agree in {entries} entries and {messages} messages");
    assert!(
        members > 80 && entries > 1_000 && messages > 1_000,
        "{members} {entries} {messages}"
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "some minutes: `just law-8`"]
async fn a_simulation_of_the_real_run_is_the_bundle_s() {
    let (members, entries, messages) = real(usize::MAX).agrees("the real run").await;
    println!("{members} members agree in {entries} entries and {messages} messages");
    assert_eq!(members, 2357);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_of_a_random_programme_and_history_is_the_bundle_s_run_of_it() {
    let cases = std::env::var("SIMULATED_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok());
    let mut all = (0, 0, 0);
    for seed in 0..cases.unwrap_or(3) {
        let folder = tempfile::tempdir().unwrap();
        let case = random::case(seed, folder.path());
        let (members, entries, messages) = case.agrees(&format!("seed {seed}")).await;
        all = (all.0 + members, all.1 + entries, all.2 + messages);
    }
    println!("{} members agree in {} entries and {} messages", all.0, all.1, all.2);
    assert!(all.1 > 100 && all.2 > 50, "{all:?}");
}
