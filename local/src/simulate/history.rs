//! A run's history as a simulation takes it: the same events, read by the same code as those that come over the bus.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use ledger::{ActivityId, Fact, MemberId, OrderLine, Said};
use messages::ProfileChange;
use programme::Programme;
use serde_json::Value;
use simulation::{Event, Lines, Observer, Shelves, Simulation, Ticks, Together};
use store::Arrival;

pub use crate::play::facts::pool;
use crate::play::replies;
use crate::play::timeline::{Happening, SIGN_UP};

/// Events of many members, in the order in which they happened.
#[derive(Debug, Default)]
pub struct History {
    pub events: Vec<(MemberId, Event)>,
    /// The lines of the purchases that have any.
    lines: HashMap<(MemberId, ActivityId), Vec<OrderLine>>,
    /// Those at whom others look.
    together: BTreeSet<MemberId>,
    /// Whose a phone number is.
    numbers: HashMap<String, BTreeSet<MemberId>>,
}

impl History {
    /// The events of a history that happened before `end`. What cannot be read is left out, as `ingest` would refuse it.
    pub fn of(happenings: &[Happening], ticks: Ticks, end: Timestamp) -> Self {
        let mut history = Self::default();
        let happened = happenings.partition_point(|happening| happening.at < end);
        let happenings = happenings.get(..happened).unwrap_or_default();
        history.numbers = numbers(happenings);
        for happening in happenings {
            let received = ticks.at_or_after(happening.at);
            if happening.kind == replies::KIND {
                history.add_reply(&happening.detail, received);
            } else {
                history.add(happening.kind, &happening.detail, received);
            }
        }
        history
    }

    /// Adds what was replied next: to all of the number's members, who follow it alike.
    fn add_reply(&mut self, detail: &Value, received: Timestamp) {
        let text = |name: &str| detail.get(name).and_then(Value::as_str);
        let (Some(number), Some(said), Some(id)) =
            (text("originationNumber"), text("messageBody"), text("inboundMessageId"))
        else {
            return;
        };
        let Ok(id) = ActivityId::of(replies::KIND, id) else {
            return;
        };
        let asked = ::replies::read(said);
        let members = self.numbers.get(number).into_iter().flatten();
        let events = members.map(|member| {
            let event = Event {
                id: id.clone(),
                at: received,
                received,
                fact: None,
                said: Said::default(),
                profile: None,
                reply: Some(asked),
            };
            (member.clone(), event)
        });
        self.events.extend(events);
    }

    /// Adds what happened next, if it can be read.
    fn add(&mut self, kind: &str, detail: &Value, received: Timestamp) {
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
        self.numbers_after(&recorded.member, fact.as_ref(), recorded.incoming.profile.as_ref());
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
            reply: None,
        };
        self.events.push((recorded.member, event));
    }

    /// Whose numbers are after something happened: another one may be told, and none is theirs who is forgotten.
    fn numbers_after(&mut self, member: &MemberId, fact: Option<&Fact>, profile: Option<&ProfileChange>) {
        let told = match (fact, profile) {
            (Some(Fact::Erasure), _) => None,
            (_, Some(ProfileChange::Update(told))) => match &told.phone {
                Some(phone) => phone.as_ref(),
                None => return,
            },
            _ => return,
        };
        for members in self.numbers.values_mut() {
            members.remove(member);
        }
        if let Some(phone) = told {
            let members = self.numbers.entry(phone.reveal().to_owned()).or_default();
            members.insert(member.clone());
        }
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
        let beside = Simulation {
            shelves: Some(&together.shelves),
            ..simulation
        };
        for (member, events) in alone {
            beside.alone(member, events, lines, observer)?;
        }
        together.end(simulation, observer)
    }
}

/// The numbers with which members sign up, each for the first time.
fn numbers(happenings: &[Happening]) -> HashMap<String, BTreeSet<MemberId>> {
    let mut numbers = HashMap::<String, BTreeSet<MemberId>>::new();
    let mut signed_up = BTreeSet::new();
    for one in happenings.iter().filter(|one| one.kind == SIGN_UP) {
        let text = |name: &str| one.detail.get(name).and_then(Value::as_str);
        let Some(Ok(member)) = text("member").map(str::parse::<MemberId>) else {
            continue;
        };
        if let (true, Some(number)) = (signed_up.insert(member.clone()), text("phone")) {
            numbers.entry(number.to_owned()).or_default().insert(member);
        }
    }
    numbers
}

/// The pools of coupons as a run fills them.
pub fn pools(programme: &Programme) -> Shelves {
    let mut shelves = Shelves::default();
    for reward in programme.rewards.iter().filter(|reward| reward.coupons) {
        shelves.add_coupons(&reward.name, pool(reward));
    }
    shelves
}
