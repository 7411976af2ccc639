//! Members whose activities look beside their own account, in one order of time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ledger::{Fact, MemberId, Referrer};

use crate::member::{Member, Next};
use crate::observer::Observer;
use crate::{Broken, Event, Lines, Shelves, Simulation};

/// Members that are simulated together.
#[derive(Debug)]
pub struct Together {
    members: BTreeMap<MemberId, Member>,
    pub shelves: Shelves,
    without_pages: bool,
}

impl Together {
    pub fn new(shelves: Shelves) -> Self {
        Self {
            members: BTreeMap::new(),
            shelves,
            without_pages: false,
        }
    }

    /// For a history in which nothing looks back, as returns do: closed pages, most of what a member takes, are not kept.
    pub fn without_pages() -> Self {
        Self {
            without_pages: true,
            ..Self::new(Shelves::plenty())
        }
    }

    /// Somebody who is a member already.
    pub fn join(&mut self, member: Member) {
        self.members.insert(member.id().clone(), member);
    }

    /// Something happens to one of them, no earlier than what happened before.
    pub fn happens(
        &mut self,
        simulation: Simulation<'_>,
        (id, event): (MemberId, Event),
        lines: Lines<'_>,
        observer: &mut impl Observer,
    ) -> Result<(), Broken> {
        let now = event.received;
        if now > simulation.until {
            return Ok(());
        }
        let early = self.one(simulation, &id, (event, now), lines, observer)?;
        if early.is_empty() {
            return Ok(());
        }
        self.members.entry(id.clone()).and_modify(Member::hold);
        for event in early {
            self.one(simulation, &id, (event, now), lines, observer)?;
        }
        let simulation = simulation.beside(&self.shelves);
        let tell = |member: &mut Member| member.tell_held(simulation, now, observer);
        self.members.entry(id).and_modify(tell);
        Ok(())
    }

    fn one(
        &mut self,
        simulation: Simulation<'_>,
        id: &MemberId,
        (event, now): (Event, Timestamp),
        lines: Lines<'_>,
        observer: &mut impl Observer,
    ) -> Result<Vec<Event>, Broken> {
        let mut member = self
            .members
            .remove(id)
            .unwrap_or_else(|| Member::new(id.clone(), simulation.programme));
        member.catch_up(simulation.beside(&self.shelves), now, observer)?;
        let referrer = self.referrer(id, &event);
        let to = event.fact.as_ref().and_then(|fact| match fact {
            Fact::Transfer { to, .. } => to.clone(),
            _ => None,
        });
        let Some(to) = to else {
            let seen = (Some(&mut self.shelves), lines, referrer);
            let next = member.happens(simulation, (event, now), seen, observer);
            if self.without_pages {
                member.forget_pages();
            }
            self.members.insert(id.clone(), member);
            let Next { early, arises } = next?;
            if let Some((other, activity)) = arises {
                // It makes nothing more for anybody.
                self.one(simulation, &other, (Event::of(activity), now), lines, observer)?;
            }
            return Ok(early);
        };
        let mut receiver = self.members.remove(&to);
        if let Some(receiver) = &mut receiver {
            receiver.catch_up(simulation.beside(&self.shelves), now, observer)?;
        }
        member.sends(
            simulation.beside(&self.shelves),
            (event, now),
            receiver.as_mut(),
            observer,
        )?;
        self.members.extend(receiver.map(|receiver| (to, receiver)));
        self.members.insert(id.clone(), member);
        Ok(Vec::new())
    }

    /// What is found of who is said to have referred a member, where the member signs up with this.
    fn referrer(&self, id: &MemberId, event: &Event) -> Option<Referrer> {
        let Some(Fact::SignUp { referrer: Some(by), .. }) = &event.fact else {
            return None;
        };
        let known = self.members.get(by);
        let found = known.map(|member| member.as_referrer(event.profile.as_ref()));
        let oneself = (by == id).then_some(Referrer::SamePerson);
        Some(found.or(oneself).unwrap_or(Referrer::Unknown))
    }

    /// Goes on to the end; gives what is left of the rewards.
    pub fn end(self, simulation: Simulation<'_>, observer: &mut impl Observer) -> Result<Shelves, Broken> {
        let within = simulation.beside(&self.shelves);
        for mut member in self.members.into_values() {
            member.catch_up(within, simulation.until, observer)?;
            member.end(observer);
        }
        Ok(self.shelves)
    }
}
