//! How many purchases are simulated in a second on one core, by the sample programme: messages, wake-ups and all.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss)]

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use ledger::{ActivityId, Fact, MonthDay};
use messages::{Profile, ProfileChange};
use programme::{Amount, Channel, Programme, Purpose, Zone};
use simulation::{Event, Observer, Simulation, Ticks, Told};

/// Two years of a member who buys every other week, or every other month.
const DAYS: i64 = 730;

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
    let programme = Programme::load(&folder).unwrap();
    let start: Timestamp = "2023-01-01T05:00:00Z".parse().unwrap();
    let simulation = Simulation {
        programme: &programme,
        ticks: Ticks::new(start, SignedDuration::from_hours(1)),
        until: start + SignedDuration::from_hours(24 * DAYS),
    };
    for each in [52, 12, 3] {
        let mut sums = Sums::default();
        let began = on_core();
        while on_core() - began < 3.0 {
            let id = format!("m{}", sums.commits).parse().unwrap();
            simulation
                .alone(
                    id,
                    events(simulation, each, sums.commits),
                    &|_, _| Vec::new(),
                    &mut sums,
                )
                .unwrap();
        }
        let seconds = on_core() - began;
        println!(
            "{each} purchases a member: {:.0} purchases a second, with {:.1} commits and {:.1} decisions on messages each",
            sums.purchases as f64 / seconds,
            sums.commits as f64 / sums.purchases as f64,
            sums.messages as f64 / sums.purchases as f64
        );
    }
}

/// Seconds that this thread has had a core: others may want it too.
fn on_core() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    told.split(' ').next().unwrap().parse::<u64>().unwrap() as f64 / 1e9
}

fn events(simulation: Simulation<'_>, each: i64, salt: u64) -> Vec<Event> {
    let start = simulation.until - SignedDuration::from_hours(24 * DAYS);
    let event = |id: String, at: Timestamp, fact, profile| Event {
        id: id.parse::<ActivityId>().unwrap(),
        at,
        received: simulation.ticks.at_or_after(at),
        fact: Some(fact),
        said: ledger::Said::default(),
        profile,
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
    };
    let birthday = Some(MonthDay { month: 6, day: 15 });
    let fact = Fact::SignUp {
        zone,
        birthday,
        referrer: None,
    };
    let sign_up = event("sign-up".to_owned(), start, fact, Some(ProfileChange::SignUp(profile)));
    let purchases = (0..each).map(|nth| {
        let hours = 24 * DAYS * nth / each + 10 + i64::try_from(salt % 12).unwrap();
        let amount = Amount::of_minor(300 + nth * 977 % 9_000, "USD".parse().unwrap()).unwrap();
        let at = start + SignedDuration::from_hours(hours);
        event(
            format!("purchase#order-{salt}-{nth}"),
            at,
            Fact::Purchase { amount },
            None,
        )
    });
    std::iter::once(sign_up).chain(purchases).collect()
}
