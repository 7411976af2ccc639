//! How many purchases are simulated in a second on one core: messages, wake-ups and all. By the sample programme, and by one
//! of ten times as many rules. The histories are made beforehand, and the allocator is that of `regulars`.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss)]

mod large;

use std::collections::BTreeSet;

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use ledger::{ActivityId, Fact, MonthDay};
use messages::{Profile, ProfileChange};
use programme::{Amount, Channel, Files, Programme, Purpose, Zone};
use simulation::{Event, Observer, Simulation, Ticks, Told};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Two years of a member who buys every other day, or every other week, or every other month, or less.
const DAYS: i64 = 730;
const EACH: [i64; 4] = [365, 52, 12, 3];
/// So many histories are made at once.
const MEMBERS: i64 = 400;
const SECONDS: f64 = 3.0;

#[derive(Default)]
struct Sums {
    purchases: u64,
    messages: u64,
    commits: u64,
}

impl Observer for Sums {
    fn committed(&mut self, commit: &simulation::Commit<'_>) {
        self.commits += 1;
        self.purchases += u64::from(commit.entries.iter().any(|entry| entry.cause.starts_with("purchase#")));
    }

    fn told(&mut self, _: &Told<'_>) {
        self.messages += 1;
    }
}

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../program");
    let files = Files::read(&folder).unwrap();
    let sample = Programme::parse(&files.main, &files.texts).unwrap();
    let large = Programme::parse(&large::of(&files.main), &files.texts).unwrap();
    for (name, programme) in [("the sample programme", &sample), ("ten times its rules", &large)] {
        println!("{name}");
        for each in EACH {
            let (rate, sums) = measure(programme, each);
            let purchases = sums.purchases as f64;
            println!(
                "{each:4} purchases a member: {rate:7.0} purchases a second, with {:.1} commits and {:.1} decisions on \
                 messages each",
                sums.commits as f64 / purchases,
                sums.messages as f64 / purchases
            );
        }
    }
    let rates = std::thread::scope(|scope| {
        let cores = [(); 2].map(|()| scope.spawn(|| measure(&sample, EACH[0]).0));
        cores.map(|core| core.join().unwrap())
    });
    println!(
        "the sample programme on two cores\n{:4} purchases a member: {:7.0} purchases a second",
        EACH[0],
        rates.iter().sum::<f64>()
    );
}

/// Purchases a second on one core, and what was done.
fn measure(programme: &Programme, each: i64) -> (f64, Sums) {
    let start: Timestamp = "2023-01-01T05:00:00Z".parse().unwrap();
    let simulation = Simulation {
        programme,
        ticks: Ticks::new(start, SignedDuration::from_hours(1)),
        until: start + SignedDuration::from_hours(24 * DAYS),
        shelves: None,
    };
    let (mut sums, mut seconds) = (Sums::default(), 0.0);
    while seconds < SECONDS {
        let histories: Vec<_> = (0..MEMBERS).map(|member| events(simulation, each, member)).collect();
        let began = on_core();
        for (member, events) in histories.into_iter().enumerate() {
            let id = format!("m{member}").parse().unwrap();
            simulation.alone(id, events, &|_, _| Vec::new(), &mut sums).unwrap();
        }
        seconds += on_core() - began;
    }
    (sums.purchases as f64 / seconds, sums)
}

/// Seconds that this thread has had a core: others may want it too.
fn on_core() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    told.split(' ').next().unwrap().parse::<u64>().unwrap() as f64 / 1e9
}

fn events(simulation: Simulation<'_>, each: i64, member: i64) -> Vec<Event> {
    let start = simulation.until - SignedDuration::from_hours(24 * DAYS);
    let event = |id: String, at: Timestamp, fact, profile| Event {
        id: id.parse::<ActivityId>().unwrap(),
        at,
        received: simulation.ticks.at_or_after(at),
        fact: Some(fact),
        said: ledger::Said::default(),
        profile,
        reply: None,
    };
    let zone = Zone::parse("America/Chicago").unwrap();
    let consents = [Purpose::Transactional, Purpose::Promotional].map(|purpose| (Channel::Sms, purpose));
    let profile = Profile {
        name: "Ana Reyes".to_owned(),
        phone: "+12125550147".parse().ok(),
        locale: "en".to_owned(),
        zone: zone.name().to_owned(),
        device: None,
        consents: consents.into(),
        withheld: BTreeSet::new(),
        contacts: Vec::new(),
        preferences: None,
        told: Vec::new(),
    };
    let birthday = Some(MonthDay { month: 6, day: 15 });
    let fact = Fact::SignUp {
        zone,
        birthday,
        referrer: None,
    };
    let sign_up = event(
        "sign-up".to_owned(),
        start,
        fact,
        Some(ProfileChange::SignUp(Box::new(profile))),
    );
    let purchases = (0..each).map(|nth| {
        let hours = 24 * DAYS * nth / each + 10 + member % 12;
        let amount = Amount::of_minor(300 + nth * 977 % 9_000, "USD".parse().unwrap()).unwrap();
        let at = start + SignedDuration::from_hours(hours);
        event(
            format!("purchase#order-{member}-{nth}"),
            at,
            Fact::Purchase { amount },
            None,
        )
    });
    std::iter::once(sign_up).chain(purchases).collect()
}
