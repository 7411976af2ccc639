//! One member: the account, the profile and the messages that wait.

use jiff::Timestamp;
use ledger::{Account, Activity, MemberId, Page, Past, Refusal};
use messages::{Intent, Profile, Verdict};

use crate::observer::{Before, Commit, Fate, Observer, Told};
use crate::{Broken, Event, Lines, Shelves, Simulation};

/// What is known of a member.
#[derive(Debug)]
pub struct Member {
    id: MemberId,
    account: Option<Account>,
    profile: Option<Profile>,
    /// The closed pages of the ledger.
    pages: Vec<Page>,
    /// Messages that wait for a better time, in the order in which they were put off.
    waiting: Vec<(Intent, Timestamp)>,
    /// What came before the sign-up.
    early: Vec<Event>,
    /// While it is made up for: what that makes worth telling. It comes in one batch, and messages speak of all of it.
    held: Option<Vec<Intent>>,
    /// The tick of the last commit: an alarm that was set into the past rings at the next.
    last: Timestamp,
}

impl Member {
    pub(crate) fn new(id: MemberId) -> Self {
        Self {
            id,
            account: None,
            profile: None,
            pages: Vec::new(),
            waiting: Vec::new(),
            early: Vec::new(),
            held: None,
            last: Timestamp::MIN,
        }
    }

    /// Somebody who is a member already, with the closed pages of the ledger. Messages that wait are not known.
    pub fn of(id: MemberId, account: Account, pages: Vec<Page>, profile: Option<Profile>) -> Self {
        Self {
            account: Some(account),
            profile,
            pages,
            ..Self::new(id)
        }
    }

    pub fn id(&self) -> &MemberId {
        &self.id
    }

    pub fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// The closed pages of the ledger, in their order.
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// Messages that still wait, and until when.
    pub fn waiting(&self) -> &[(Intent, Timestamp)] {
        &self.waiting
    }

    /// Does what falls due up to and with a tick.
    pub(crate) fn catch_up(
        &mut self,
        simulation: Simulation<'_>,
        until: Timestamp,
        observer: &mut impl Observer,
    ) -> Result<(), Broken> {
        while let Some(tick) = self.next_tick(simulation).filter(|tick| *tick <= until) {
            self.wake(simulation, tick, observer)?;
            self.release(simulation, tick, observer);
            self.last = tick;
        }
        Ok(())
    }

    /// The next tick at which anything is to be done.
    fn next_tick(&self, simulation: Simulation<'_>) -> Option<Timestamp> {
        let alarm = self.account.as_ref().map(Account::alarm);
        let waiting = self.waiting.iter().map(|(_, until)| *until).min();
        let first = alarm.into_iter().chain(waiting).min()?;
        Some(if first <= self.last {
            simulation.ticks.after(self.last)
        } else {
            simulation.ticks.at_or_after(first)
        })
    }

    fn wake(&mut self, simulation: Simulation<'_>, now: Timestamp, observer: &mut impl Observer) -> Result<(), Broken> {
        let Some(account) = self.account.as_mut().filter(|account| account.alarm() <= now) else {
            return Ok(());
        };
        let before = Some(Before::of(account));
        let closed = account.close_pages()?;
        let (end, count) = (account.end_of_ledger(), closed.len());
        self.pages.extend(closed);
        ledger::wake(simulation.programme, account, now)?;
        let entries = account.added_since(end)?;
        observer.committed(&Commit {
            member: &self.id,
            now,
            account,
            entries: &entries,
            closed: count,
            before,
            woken: true,
        });
        self.state(simulation, &entries, now, observer);
        Ok(())
    }

    /// Lets messages go whose time has come.
    fn release(&mut self, simulation: Simulation<'_>, now: Timestamp, observer: &mut impl Observer) {
        let (due, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|(_, until)| *until <= now);
        self.waiting = waiting;
        for (intent, until) in due {
            self.decide(simulation, intent, Some(until), now, observer);
        }
    }

    /// States what new entries make worth telling.
    fn state(
        &mut self,
        simulation: Simulation<'_>,
        entries: &[ledger::Entry],
        now: Timestamp,
        observer: &mut impl Observer,
    ) {
        for intent in messages::intents(simulation.programme, &self.id, entries) {
            match &mut self.held {
                Some(held) => held.push(intent),
                None => self.decide(simulation, intent, None, now, observer),
            }
        }
    }

    /// What comes next makes up for what came before the sign-up.
    pub(crate) fn hold(&mut self) {
        self.held = Some(Vec::new());
    }

    /// That is made up for.
    pub(crate) fn tell_held(&mut self, simulation: Simulation<'_>, now: Timestamp, observer: &mut impl Observer) {
        for intent in self.held.take().unwrap_or_default() {
            self.decide(simulation, intent, None, now, observer);
        }
    }

    fn decide(
        &mut self,
        simulation: Simulation<'_>,
        intent: Intent,
        waited_until: Option<Timestamp>,
        now: Timestamp,
        observer: &mut impl Observer,
    ) {
        let verdict = match (&self.account, &self.profile) {
            (Some(account), Some(profile)) => {
                Some(messages::decide(simulation.programme, &intent, account, profile, now))
            }
            _ => None,
        };
        let fate = match verdict {
            Some(Ok(Verdict::Send(send))) => Fate::Sent(send),
            Some(Ok(Verdict::Defer { until })) => Fate::Deferred { until },
            Some(Ok(Verdict::Suppress(reason))) => Fate::Suppressed { reason: reason.name() },
            // A simulation pauses nothing.
            Some(Ok(Verdict::Wait { .. })) => Fate::Suppressed { reason: "paused" },
            Some(Err(_)) => Fate::Suppressed { reason: "text" },
            None => Fate::Suppressed {
                reason: ledger::UNKNOWN_MEMBER,
            },
        };
        observer.told(&Told {
            intent: &intent,
            now,
            fate: &fate,
            waited_until,
            profile: self.profile.as_ref(),
        });
        if let Fate::Deferred { until } = fate {
            self.waiting.push((intent, until));
        }
    }

    /// Something happens to the member that is between them and the shelves at the most. Gives what came before the
    /// sign-up, where this was it: it happens next.
    pub(crate) fn happens(
        &mut self,
        simulation: Simulation<'_>,
        (event, now): (Event, Timestamp),
        (shelves, lines): (&mut Shelves, Lines<'_>),
        observer: &mut impl Observer,
    ) -> Result<Vec<Event>, Broken> {
        if let Some(change) = event.profile.clone() {
            self.profile = change.apply(self.profile.take());
            if self.profile.is_none() {
                self.early(event, observer);
                return Ok(Vec::new());
            }
        }
        let Some(activity) = event.activity() else {
            return Ok(Vec::new());
        };
        let was_there = self.account.is_some();
        let before = self.account.as_ref().map(Before::of);
        let count = self.close_pages()?;
        let end = self.account.as_ref().map(Account::end_of_ledger).unwrap_or_default();
        let own_lines = match activity.fact.looks_back_at() {
            Some(order) if was_there => lines(&self.id, order),
            _ => Vec::new(),
        };
        let budgets = shelves.budgets(simulation.programme, &activity);
        let past = Past {
            pages: &self.pages,
            lines: &own_lines,
            shelf: shelves.seen(simulation.programme, &activity.fact),
            budgets: &budgets,
        };
        let applied = ledger::apply(simulation.programme, &mut self.account, &activity, past);
        self.last = now;
        let Some(account) = &self.account else {
            if applied.is_err() {
                self.early(event, observer);
            }
            return Ok(Vec::new());
        };
        match applied {
            Ok(()) => match ledger::back_on_shelf(simulation.programme, account, &activity)? {
                Some(reward) => shelves.back(reward),
                None => shelves.take(simulation.programme, &activity.fact),
            },
            Err(refusal) => observer.refused(&self.id, &activity.id, &refusal),
        }
        if !budgets.is_empty() {
            shelves.draw(simulation.programme, &account.added_since(end)?);
        }
        self.committed(simulation, end, (count, before, now), observer)?;
        let mut early = Vec::new();
        if !was_there {
            early.append(&mut self.early);
            early.sort_by(|one, other| one.id.cmp(&other.id));
        }
        Ok(early)
    }

    /// The member sends points to another, who may not be there.
    pub(crate) fn sends(
        &mut self,
        simulation: Simulation<'_>,
        (event, now): (Event, Timestamp),
        receiver: Option<&mut Self>,
        observer: &mut impl Observer,
    ) -> Result<(), Broken> {
        let Some((activity, before)) = event.activity().zip(self.account.as_ref().map(Before::of)) else {
            self.early(event, observer);
            return Ok(());
        };
        let count = self.close_pages()?;
        let end = self.account.as_ref().map(Account::end_of_ledger).unwrap_or_default();
        self.last = now;
        let sent = self.hand_over(simulation, (&activity, now), receiver, observer)?;
        if let Err(refusal) = sent {
            observer.refused(&self.id, &activity.id, &refusal);
        }
        self.committed(simulation, end, (count, Some(before), now), observer)
    }

    /// Both halves of a transfer, or neither.
    fn hand_over(
        &mut self,
        simulation: Simulation<'_>,
        (activity, now): (&Activity, Timestamp),
        receiver: Option<&mut Self>,
        observer: &mut impl Observer,
    ) -> Result<Result<(), Refusal>, Broken> {
        let mut next = self.account.clone();
        if let Err(refusal) = ledger::apply(simulation.programme, &mut next, activity, Past::default()) {
            return Ok(Err(refusal));
        }
        let there = receiver.and_then(|receiver| Some((receiver.account.clone()?, receiver)));
        let (Some(after), Some((mut account, receiver))) = (&next, there) else {
            return Ok(Err(Refusal::UnknownReceiver));
        };
        let before = Before::of(&account);
        let mut copy = account.clone();
        let handed = ledger::hand_over(simulation.programme, (&self.id, after), activity, &mut account);
        let closed = match handed {
            Ok(closed) => closed,
            Err(refusal) => return Ok(Err(refusal)),
        };
        copy.close_pages()?;
        let end = copy.end_of_ledger();
        self.account = next;
        receiver.account = Some(account);
        receiver.last = now;
        let count = closed.len();
        receiver.pages.extend(closed);
        receiver.committed(simulation, end, (count, Some(before), now), observer)?;
        Ok(Ok(()))
    }

    fn close_pages(&mut self) -> Result<usize, Broken> {
        let closed = self.account.as_mut().map(Account::close_pages).transpose()?;
        let closed = closed.unwrap_or_default();
        let count = closed.len();
        self.pages.extend(closed);
        Ok(count)
    }

    fn committed(
        &mut self,
        simulation: Simulation<'_>,
        end: ledger::End,
        (closed, before, now): (usize, Option<Before>, Timestamp),
        observer: &mut impl Observer,
    ) -> Result<(), Broken> {
        let Some(account) = &self.account else {
            return Ok(());
        };
        let entries = account.added_since(end)?;
        observer.committed(&Commit {
            member: &self.id,
            now,
            account,
            entries: &entries,
            closed,
            before,
            woken: false,
        });
        self.state(simulation, &entries, now, observer);
        Ok(())
    }

    /// Nobody has signed up: it waits for that, as it does beside its reason in the table.
    fn early(&mut self, event: Event, observer: &mut impl Observer) {
        observer.refused(&self.id, &event.id, &Refusal::UnknownMember);
        self.early.push(event);
    }

    pub(crate) fn end(&self, observer: &mut impl Observer) {
        observer.ended(self);
    }
}
