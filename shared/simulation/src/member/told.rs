//! The messages of a member: stated, put off, let go, and decided.

use std::collections::VecDeque;

use jiff::Timestamp;
use messages::{Intent, Send, Stated, Verdict, Waited};
use programme::RewardName;

use super::{Member, Waiting};
use crate::Simulation;
use crate::observer::{Fate, Observer, Told};

impl Member {
    /// Lets messages go whose time has come.
    pub(super) fn release(&mut self, simulation: Simulation<'_>, now: Timestamp, observer: &mut impl Observer) {
        let is_due = |(_, waited): &mut (Intent, Waited)| waited.until <= now;
        let mut due: VecDeque<Waiting> = self
            .waiting
            .extract_if(.., is_due)
            .map(|(intent, waited)| (intent, Some(waited)))
            .collect();
        if due.len() > 1 {
            let programme = simulation.programme.at(now);
            due.make_contiguous()
                .sort_by_cached_key(|(intent, _)| messages::turn(programme, &intent.key()));
        }
        while let Some(first) = due.pop_front() {
            self.decide(simulation, (first, &mut due), now, observer);
        }
    }

    /// What comes next makes up for what came before the sign-up.
    pub(crate) fn hold(&mut self) {
        self.held = Some(Vec::new());
    }

    /// That is made up for.
    pub(crate) fn tell_held(&mut self, simulation: Simulation<'_>, now: Timestamp, observer: &mut impl Observer) {
        for stated in self.held.take().unwrap_or_default() {
            self.stated(simulation, stated, now, observer);
        }
    }

    /// A message is stated: it is decided, or waits for the one that takes it up.
    pub(super) fn stated(
        &mut self,
        simulation: Simulation<'_>,
        stated: Stated,
        now: Timestamp,
        observer: &mut impl Observer,
    ) {
        let Stated { intent, with, waits } = stated;
        if let Some(waited) = waits {
            let Waited { until, by } = waited;
            let first = (intent, None);
            self.tell((&first, &Fate::Deferred { until, by }), now, observer);
            self.waiting.push((first.0, waited));
            return;
        }
        let mut others = VecDeque::new();
        if !with.is_empty() {
            let is_told_at_once = |(other, _): &mut (Intent, Waited)| with.contains(&other.key());
            let found = self.waiting.extract_if(.., is_told_at_once);
            others.extend(found.map(|(other, waited)| (other, Some(waited))));
            let place = |(other, _): &Waiting| with.iter().position(|key| *key == other.key());
            others.make_contiguous().sort_by_cached_key(place);
        }
        self.decide(simulation, ((intent, None), &mut others), now, observer);
        let left = others.into_iter();
        self.waiting
            .extend(left.filter_map(|(other, waited)| Some((other, waited?))));
    }

    /// Decides on a message, and on those of the `others` that go as one with it.
    fn decide(
        &mut self,
        simulation: Simulation<'_>,
        (first, others): (Waiting, &mut VecDeque<Waiting>),
        now: Timestamp,
        observer: &mut impl Observer,
    ) {
        let programme = simulation.programme;
        let (fate, merged) = self.judged(simulation, &first, others.make_contiguous(), now);
        self.tell((&first, &fate), now, observer);
        // From behind, so that places stay what they are.
        for place in merged.into_iter().rev() {
            if let Some(other) = others.remove(place) {
                self.tell((&other, &Fate::Merged { into: first.0.key() }), now, observer);
            }
        }
        match fate {
            Fate::Deferred { until, by } => self.waiting.push((first.0, Waited { until, by })),
            Fate::Sent(Send {
                contact: Some(contact), ..
            }) => {
                if let Some(profile) = &mut self.profile {
                    let known = std::mem::take(&mut profile.contacts);
                    let asked_by = (programme.at(now), profile.preferences.as_deref());
                    profile.contacts = messages::with_contact(asked_by, known, contact);
                }
            }
            Fate::Sent(_) | Fate::Merged { .. } | Fate::Suppressed { .. } => {}
        }
    }

    /// What becomes of a message, and the places of the `others` that go as one with it. No text promises what there is
    /// nothing left of.
    fn judged(
        &self,
        simulation: Simulation<'_>,
        first: &Waiting,
        others: &[Waiting],
        now: Timestamp,
    ) -> (Fate, Vec<usize>) {
        let programme = simulation.programme;
        let (intent, waited) = first;
        let (Some(account), Some(profile)) = (&self.account, &self.profile) else {
            let reason = ledger::UNKNOWN_MEMBER;
            return (Fate::Suppressed { reason }, Vec::new());
        };
        let mut gone = Vec::new();
        loop {
            let fate = match messages::decide(programme, (intent, *waited), (account, profile), &gone, now) {
                Ok(Verdict::Send(send)) => {
                    let (send, taken) = if !others.is_empty() && programme.at(now).merges() {
                        messages::merge(programme, (first, send), others, (account, profile, &gone), now)
                    } else {
                        (send, Vec::new())
                    };
                    match promised_in_vain(simulation, &send, now) {
                        None => return (Fate::Sent(send), taken),
                        Some(reward) => gone.push(reward),
                    }
                    continue;
                }
                Ok(Verdict::Defer { until, by }) => Fate::Deferred { until, by },
                Ok(Verdict::Suppress(reason)) => Fate::Suppressed { reason: reason.name() },
                // A simulation pauses nothing.
                Ok(Verdict::Wait { .. }) => Fate::Suppressed { reason: "paused" },
                Err(_) => Fate::Suppressed { reason: "text" },
            };
            return (fate, Vec::new());
        }
    }

    fn tell(&self, ((intent, waited), fate): (&Waiting, &Fate), now: Timestamp, observer: &mut impl Observer) {
        observer.told(&Told {
            intent,
            now,
            fate,
            waited: *waited,
            profile: self.profile.as_ref(),
        });
    }
}

/// The reward that a text promises, where there was nothing left of it.
fn promised_in_vain(simulation: Simulation<'_>, send: &Send, now: Timestamp) -> Option<RewardName> {
    let shelves = simulation.shelves?;
    let name = send.promises.as_ref()?;
    let reward = simulation.programme.at(now).reward(name.as_str())?;
    shelves.was_gone(reward, now).then(|| name.clone())
}
