//! A run's history as a simulation takes it: the same events, read by the same code as those that come over the bus.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use ledger::{ActivityId, Fact, MemberId, OrderLine};
use programme::Programme;
use serde_json::Value;
use simulation::{Event, Lines, Observer, Shelves, Simulation, Ticks, Together};
use store::Arrival;

pub use crate::play::facts::pool;
use crate::play::timeline::Happening;

/// Events of many members, in the order in which they happened.
#[derive(Debug, Default)]
pub struct History {
    pub events: Vec<(MemberId, Event)>,
    /// The lines of the purchases that have any.
    lines: HashMap<(MemberId, ActivityId), Vec<OrderLine>>,
    /// Those at whom others look.
    together: BTreeSet<MemberId>,
}

impl History {
    /// The events of a history that happened before `end`. What cannot be read is left out, as `ingest` would refuse it.
    pub fn of(happenings: &[Happening], ticks: Ticks, end: Timestamp) -> Self {
        let mut history = Self::default();
        for happening in happenings.iter().take_while(|happening| happening.at < end) {
            history.add(happening.kind, &happening.detail, ticks.at_or_after(happening.at));
        }
        history
    }

    /// Adds what happened next, if it can be read.
    pub fn add(&mut self, kind: &str, detail: &Value, received: Timestamp) {
        let Some(arrival) = detail.as_object() else { return };
        let Ok(arrival) = Arrival::from_fields(kind, arrival, received) else {
            return;
        };
        let Ok(recorded) = arrival.check() else { return };
        if recorded.ahead_of(received).is_some() {
            return;
        }
        let activity = recorded.incoming.activity;
        let (fact, said) = activity.map(|activity| (activity.fact, activity.said)).unzip();
        match &fact {
            Some(Fact::Purchase { .. }) => {
                let lines = arrival.lines();
                if !lines.is_empty() {
                    self.lines.insert((recorded.member.clone(), recorded.id.clone()), lines);
                }
            }
            Some(
                Fact::Transfer { to: Some(other), .. }
                | Fact::SignUp {
                    referrer: Some(other), ..
                },
            ) => {
                self.together.insert(other.clone());
            }
            _ => {}
        }
        let event = Event {
            id: recorded.id,
            at: recorded.at,
            received,
            fact,
            said: said.unwrap_or_default(),
            profile: recorded.incoming.profile,
        };
        self.events.push((recorded.member, event));
    }

    /// Simulates everybody, one after the other.
    pub fn simulate(
        self,
        simulation: Simulation<'_>,
        shelves: Shelves,
        observer: &mut impl Observer,
    ) -> Result<Shelves, simulation::Broken> {
        let own = |member: &MemberId, order: &ActivityId| {
            let key = (member.clone(), order.clone());
            self.lines.get(&key).cloned().unwrap_or_default()
        };
        let lines: Lines<'_> = &own;
        let look_beside = |(_, event): &&(MemberId, Event)| event.looks_beside(simulation.programme);
        let looking = self.events.iter().filter(look_beside).map(|(member, _)| member);
        let in_one_order: BTreeSet<MemberId> = looking.chain(&self.together).cloned().collect();
        let mut alone = BTreeMap::<MemberId, Vec<Event>>::new();
        let mut together = Together::new(shelves);
        for (member, event) in self.events {
            if in_one_order.contains(&member) {
                together.happens(simulation, (member, event), lines, observer)?;
            } else {
                alone.entry(member).or_default().push(event);
            }
        }
        for (member, events) in alone {
            simulation.alone(member, events, lines, observer)?;
        }
        together.end(simulation, observer)
    }
}

/// The pools of coupons as a run fills them.
pub fn pools(programme: &Programme) -> Shelves {
    let mut shelves = Shelves::default();
    for reward in programme.rewards.iter().filter(|reward| reward.coupons) {
        shelves.add_coupons(&reward.name, pool(reward));
    }
    shelves
}
