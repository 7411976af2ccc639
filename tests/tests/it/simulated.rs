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

use bundle_tests::{Start, at, root, sample_with};
use jiff::{SignedDuration, Timestamp};
use ledger::{MemberId, What};
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

/// The real run, of as many of its members as are wanted, by the programme of a folder.
fn real(members: usize, program: &str) -> Case {
    let zone = jiff::tz::TimeZone::get("America/New_York").unwrap();
    let path = root().join("data/cdnow-sample-orders.csv");
    let mut orders = orders::read(&path, &zone, at("2026-01-01T00:00:00Z")).unwrap().orders;
    // A number that shares no factor with the ids' own steps picks of all kinds.
    let wanted = |member: &str| member.parse::<usize>().unwrap_or(0) * 7919 % 2357 < members;
    orders.retain(|order| wanted(&order.member));
    let people = People::make_up(orders.iter().map(|order| order.member.as_str()));
    let happenings = timeline::with_habits(timeline::of(&orders, &people), &orders);
    Case {
        program: Some(root().join(program)),
        happenings,
        start: at("1997-01-01T05:00:00Z"),
        end: at("1998-07-01T04:00:00Z"),
        pools: true,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_of_the_real_run_is_the_bundle_s_run_of_a_sample_of_it() {
    for program in ["program", "examples/campaigns"] {
        let (members, entries, messages) = real(70, program).agrees(program).await;
        println!("{program}: {members} members agree in {entries} entries and {messages} messages");
        assert!(
            members > 55 && entries > 700 && messages > 700,
            "{members} {entries} {messages}"
        );
    }
}

/// A programme of two versions, the newer of which has another rate, earlier reminders, other tiers, and a day of its own.
fn two_versions(folder: &std::path::Path) -> PathBuf {
    let program = sample_with(folder, "", "");
    let main = std::fs::read_to_string(program.join("programme.toml")).unwrap();
    let day = "[calendar]\nmember-day = { monthly = 18 }\n\n[[campaigns]]\nname = \"gift\"\non = { day = \"member-day\" }\n\
               points = 5\nfrom = \"1997-01-01\"\n\n[transfers]\n";
    let mut newest = format!("effective-from = \"1997-08-01T10:20\"\n{main}");
    for (from, to) in [
        ("points-per-unit = \"1\"", "points-per-unit = \"2\""),
        ("remind-days-before = [30, 7, 1]", "remind-days-before = [60, 30, 7, 1]"),
        ("from = 150\n", "from = 200\n"),
        ("[transfers]\n", day),
    ] {
        assert!(newest.contains(from), "the sample has no {from:?}");
        newest = newest.replace(from, to);
    }
    let earlier = program.join("earlier/first");
    std::fs::create_dir_all(&earlier).unwrap();
    std::fs::rename(program.join("programme.toml"), earlier.join("programme.toml")).unwrap();
    std::fs::write(program.join("programme.toml"), newest).unwrap();
    program
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_of_two_versions_is_the_bundle_s_run_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut case = real(60, "program");
    case.program = Some(two_versions(folder.path()));
    let (members, entries, messages) = case.agrees("two versions").await;
    println!("{members} members agree in {entries} entries and {messages} messages");
    assert!(members > 40 && entries > 1_000, "{members} {entries} {messages}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "some minutes: `just law-8`"]
async fn a_simulation_of_the_real_run_is_the_bundle_s() {
    for program in ["program", "examples/campaigns"] {
        let (members, entries, messages) = real(usize::MAX, program).agrees(program).await;
        println!("{program}: {members} members agree in {entries} entries and {messages} messages");
        assert_eq!(members, 2357);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_of_a_random_programme_and_history_is_the_bundle_s_run_of_it() {
    let cases = std::env::var("SIMULATED_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok());
    let (mut all, mut referrals) = ((0, 0, 0), 0);
    for seed in 0..cases.unwrap_or(3) {
        let folder = tempfile::tempdir().unwrap();
        let case = random::case(seed, folder.path());
        let (members, entries, messages) = case.agrees(&format!("seed {seed}")).await;
        all = (all.0 + members, all.1 + entries, all.2 + messages);
        let ledgers = case.simulated().into_values().flat_map(|form| form.entries);
        let counts = |entry: &ledger::Entry| matches!(entry.what, What::Referral { .. } | What::ReferralLost { .. });
        referrals += ledgers.filter(counts).count();
    }
    println!(
        "{} members agree in {} entries, {referrals} of them of referrals, and {} messages",
        all.0, all.1, all.2
    );
    assert!(all.1 > 100 && all.2 > 50 && referrals > 0, "{all:?}");
}
