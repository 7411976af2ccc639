//! One member: the account, the profile and the messages that wait.

mod told;

use std::collections::BTreeSet;

use jiff::Timestamp;
use ledger::{Account, Activity, ActivityId, Fact, MemberId, Page, Past, Referrer, Refusal};
use messages::{Intent, Number, Profile, ProfileChange, Reply, Stated, Waited};
use programme::Programme;

use crate::observer::{Before, Commit, Observer, Refused, Replied};
use crate::{Broken, Event, Lines, Shelves, Simulation};

/// A message to be decided, and what it waited for last.
type Waiting = (Intent, Option<Waited>);

/// What is known of a member.
#[derive(Debug)]
pub struct Member {
    id: MemberId,
    account: Option<Account>,
    profile: Option<Profile>,
    /// What was asked from the member's number, which the profile follows.
    number: Number,
    /// The closed pages of the ledger.
    pages: Vec<Page>,
    /// Messages that wait for a better time, in the order in which they were put off.
    waiting: Vec<(Intent, Waited)>,
    /// What came before the sign-up.
    early: Vec<Event>,
    /// While it is made up for, or woken: what that makes worth telling. It comes in one batch, and messages speak of all of
    /// it.
    held: Option<Vec<Stated>>,
    /// The keys of the messages that were stated, where there are several versions of the programme: by other rules a moment
    /// may come again, and one cause has one message.
    stated: Option<BTreeSet<String>>,
    /// The tick of the last commit: an alarm that was set into the past rings at the next.
    last: Timestamp,
}

/// What happens next for what happened to a member.
#[derive(Debug, Default)]
pub(crate) struct Next {
    /// What came before the sign-up, where this was it.
    pub(crate) early: Vec<Event>,
    /// What another member's account has of it.
    pub(crate) arises: Option<(MemberId, Activity)>,
}

impl Member {
    pub(crate) fn new(id: MemberId, programme: &Programme) -> Self {
        let several = programme.versions().nth(1).is_some();
        Self {
            id,
            stated: several.then(BTreeSet::new),
            account: None,
            profile: None,
            number: Number::default(),
            pages: Vec::new(),
            waiting: Vec::new(),
            early: Vec::new(),
            held: None,
            last: Timestamp::MIN,
        }
    }

    /// Somebody who is a member already, with the closed pages of the ledger. Messages that wait are not known.
    pub fn of(
        (id, programme): (MemberId, &Programme),
        account: Account,
        pages: Vec<Page>,
        (profile, number): (Option<Profile>, Number),
    ) -> Self {
        Self {
            account: Some(account),
            profile,
            number,
            pages,
            ..Self::new(id, programme)
        }
    }

    pub fn id(&self) -> &MemberId {
        &self.id
    }

    pub fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    pub fn profile(&self) -> Option<&Profile> {
        self.profile.as_ref()
    }

    /// What looks back fails then.
    pub(crate) fn forget_pages(&mut self) {
        self.pages = Vec::new();
    }

    /// The closed pages of the ledger, in their order.
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// Messages that still wait, and until when.
    pub fn waiting(&self) -> &[(Intent, Waited)] {
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
            // What the alarm clock books is stated by another function, so what has waited is decided before it.
            self.hold();
            self.wake(simulation, tick, observer)?;
            self.release(simulation, tick, observer);
            self.tell_held(simulation, tick, observer);
            self.rearm(simulation, tick);
            self.last = tick;
        }
        Ok(())
    }

    /// The next tick at which anything is to be done.
    fn next_tick(&self, simulation: Simulation<'_>) -> Option<Timestamp> {
        let alarm = self.account.as_ref().map(Account::alarm);
        let waiting = self.waiting.iter().map(|(_, waited)| waited.until).min();
        let version = simulation.programme.next_version(self.last);
        let first = alarm.into_iter().chain(waiting).chain(version).min()?;
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
        let before = Before::of(account);
        let closed = account.close_pages()?;
        let (end, count) = (account.entries(), closed.len());
        self.pages.extend(closed);
        ledger::wake(simulation.programme, account, now)?;
        self.committed(simulation, (end, true), (count, Some(before), now), observer)
    }

    /// A version that took effect since the last tick has the alarm set anew.
    fn rearm(&mut self, simulation: Simulation<'_>, now: Timestamp) {
        let is_new = simulation
            .programme
            .next_version(self.last)
            .is_some_and(|from| from <= now);
        if let Some(account) = self.account.as_mut().filter(|_| is_new) {
            let mut armed = account.clone();
            if ledger::rearm(simulation.programme, &mut armed, now) {
                *account = armed;
            }
        }
    }

    /// What is found of this member, where somebody who signs up says to have been referred by them.
    pub(crate) fn as_referrer(&self, profile: Option<&ProfileChange>) -> Referrer {
        let same = match (&self.profile, profile) {
            (Some(own), Some(ProfileChange::SignUp(new))) => own.is_reached_as(new),
            _ => false,
        };
        match &self.account {
            _ if same => Referrer::SamePerson,
            Some(known) if !known.is_erased() => Referrer::Known,
            Some(_) | None => Referrer::Unknown,
        }
    }

    /// Something happens to the member that is between them, the shelves and who referred them at the most. Gives what
    /// happens next for it.
    pub(crate) fn happens(
        &mut self,
        simulation: Simulation<'_>,
        (event, now): (Event, Timestamp),
        (mut shelves, lines, referrer): (Option<&mut Shelves>, Lines<'_>, Option<Referrer>),
        observer: &mut impl Observer,
    ) -> Result<Next, Broken> {
        let simulation = simulation.at(now);
        if let Some(ProfileChange::Preferences(told)) = &event.profile
            && let Err(unfit) = told.fit(simulation.programme)
        {
            observer.refused(&self.id, &event.id, Refused::Preferences(&unfit));
            return Ok(Next::default());
        }
        if let Some(asked) = event.reply {
            self.hears((&event.id, asked), now, observer);
        }
        if event.profile.is_some() && self.account.as_ref().is_some_and(Account::is_erased) {
            observer.refused(&self.id, &event.id, Refused::Booking(&Refusal::Erased));
            return Ok(Next::default());
        }
        if let Some(change) = event.profile.clone() {
            let had = self.profile.as_ref().map(|profile| profile.phone.clone());
            self.profile = change.apply(self.profile.take());
            if self.profile.is_none() {
                self.early(event, observer);
                return Ok(Next::default());
            }
            // Nobody has replied from another number yet.
            if had.is_some() && had != self.profile.as_ref().map(|profile| profile.phone.clone()) {
                self.number = Number::default();
            }
            self.follow();
        }
        // Before the sign-up it may have to wait.
        let kept = self.account.is_none().then(|| event.clone());
        let Some(activity) = event.into_activity() else {
            return Ok(Next::default());
        };
        let was_there = self.account.is_some();
        let before = self.account.as_ref().map(Before::of);
        let count = self.close_pages()?;
        let end = self.account.as_ref().map_or(0, Account::entries);
        let own_lines = match activity.fact.looks_back_at() {
            Some(order) if was_there => lines(&self.id, order),
            _ => Vec::new(),
        };
        let seen = shelves.as_deref();
        let budgets = seen.map(|shelves| shelves.budgets(simulation.programme, &activity));
        let budgets = budgets.unwrap_or_default();
        let past = Past {
            pages: &self.pages,
            lines: &own_lines,
            shelf: seen.and_then(|shelves| shelves.seen(simulation.programme, &activity.fact)),
            budgets: &budgets,
            referrer,
        };
        let applied = ledger::apply(simulation.programme, &mut self.account, &activity, past);
        self.last = now;
        if activity.fact == Fact::Erasure && applied.is_ok() {
            self.profile = None;
        }
        let Some(account) = &self.account else {
            if let Some(event) = kept.filter(|_| applied.is_err()) {
                self.early(event, observer);
            }
            return Ok(Next::default());
        };
        let mut next = Next::default();
        match applied {
            Ok(()) => {
                if let Some(shelves) = &mut shelves {
                    match ledger::back_on_shelf(simulation.programme, account, &activity)? {
                        Some(reward) => shelves.back(simulation.programme, &reward, now),
                        None => shelves.take(simulation.programme, &activity.fact, now),
                    }
                }
                next.arises = ledger::for_referrer(&self.id, account, &activity)?;
            }
            Err(refusal) => observer.refused(&self.id, &activity.id, Refused::Booking(&refusal)),
        }
        if let Some(shelves) = shelves.as_mut().filter(|_| !budgets.is_empty()) {
            shelves.draw(simulation.programme, account.added_since(end)?);
        }
        let simulation = shelves
            .as_deref()
            .map_or(simulation, |shelves| simulation.beside(shelves));
        self.committed(simulation, (end, false), (count, before, now), observer)?;
        if !was_there {
            next.early.append(&mut self.early);
            next.early.sort_by(|one, other| one.id.cmp(&other.id));
        }
        Ok(next)
    }

    /// A reply comes from the member's number.
    fn hears(&mut self, (id, asked): (&ActivityId, Reply), now: Timestamp, observer: &mut impl Observer) {
        let heard = self.number.hears(asked, Some(now), now);
        self.number = heard.number;
        self.follow();
        observer.replied(&Replied {
            member: &self.id,
            id,
            now,
            asked,
            came: heard.came,
            answer: heard.answer,
        });
    }

    fn follow(&mut self) {
        if let Some(profile) = &mut self.profile {
            profile.follow(self.number.stopped);
        }
    }

    /// The member sends points to another, who may not be there.
    pub(crate) fn sends(
        &mut self,
        simulation: Simulation<'_>,
        (event, now): (Event, Timestamp),
        receiver: Option<&mut Self>,
        observer: &mut impl Observer,
    ) -> Result<(), Broken> {
        let Some(before) = self.account.as_ref().map(Before::of) else {
            self.early(event, observer);
            return Ok(());
        };
        let Some(activity) = event.into_activity() else {
            return Ok(());
        };
        let count = self.close_pages()?;
        let end = self.account.as_ref().map_or(0, Account::entries);
        self.last = now;
        let sent = self.hand_over(simulation, (&activity, now), receiver, observer)?;
        if let Err(refusal) = sent {
            observer.refused(&self.id, &activity.id, Refused::Booking(&refusal));
        }
        self.committed(simulation, (end, false), (count, Some(before), now), observer)
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
        let end = account.entries();
        let handed = ledger::hand_over(simulation.programme, (&self.id, after), activity, &mut account);
        let closed = match handed {
            Ok(closed) => closed,
            Err(refusal) => return Ok(Err(refusal)),
        };
        self.account = next;
        receiver.account = Some(account);
        receiver.last = now;
        let count = closed.len();
        receiver.pages.extend(closed);
        receiver.committed(simulation, (end, false), (count, Some(before), now), observer)?;
        Ok(Ok(()))
    }

    fn close_pages(&mut self) -> Result<usize, Broken> {
        let closed = self.account.as_mut().map(Account::close_pages).transpose()?;
        let closed = closed.unwrap_or_default();
        let count = closed.len();
        self.pages.extend(closed);
        Ok(count)
    }

    /// Tells of a commit since the ledger ended at `end`, and states what its entries make worth telling.
    fn committed(
        &mut self,
        simulation: Simulation<'_>,
        (end, woken): (u64, bool),
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
            entries,
            closed,
            before,
            woken,
        });
        let intents = messages::intents(simulation.programme, &self.id, entries);
        for stated in messages::stated(simulation.programme, intents, now) {
            let mut known = self.stated.iter_mut();
            if known.any(|known| !known.insert(stated.intent.key())) {
                continue;
            }
            match &mut self.held {
                Some(held) => held.push(stated),
                None => self.stated(simulation, stated, now, observer),
            }
        }
        Ok(())
    }

    /// Nobody has signed up: it waits for that, as it does beside its reason in the table.
    fn early(&mut self, event: Event, observer: &mut impl Observer) {
        observer.refused(&self.id, &event.id, Refused::Booking(&Refusal::UnknownMember));
        self.early.push(event);
    }

    pub(crate) fn end(&self, observer: &mut impl Observer) {
        observer.ended(self);
    }
}
