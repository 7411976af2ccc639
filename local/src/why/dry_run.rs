//! `regulars try`: what an event would do, and what follows from it, without doing it.

use std::collections::BTreeMap;

use anstream::println;
use jiff::{SignedDuration, Timestamp, ToSpan};
use ledger::{Account, Fact, MemberId, Page};
use messages::{Number, Profile};
use programme::{Programme, Zone};
use simulation::{Commit, Event, Fate, Member, Observer, Refused, Shelves, Simulation, Ticks, Together};
use store::{Arrival, Change, MessageRecord, Recorded, State, Store};

use super::given::{EventError, events};
use super::options::TryOptions;
use super::replay::{Known, Programmes, replay};
use super::show::{self, Detail};
use super::story::Facts;
use super::told::Story;
use super::{WhyError, lines, read, whole};
use crate::cli::Beside;
use crate::ledgers::{LedgersError, Opened};

/// The alarm clock of a run rings every hour. Where it is deployed it rings more often, and what falls due, falls due at
/// full hours but for what waits for minutes.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Why nothing is tried. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum TryError {
    #[error(transparent)]
    Why(#[from] WhyError),
    #[error(transparent)]
    Event(#[from] EventError),
    #[error(
        "{id} of member {member} is stored already; give the event an id of its own, or ask `regulars why` about it"
    )]
    Stored { member: MemberId, id: String },
    #[error("nothing is known that far ahead; ask for fewer days")]
    TooFar,
    #[error("it cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl From<LedgersError> for TryError {
    fn from(why: LedgersError) -> Self {
        Self::Why(why.into())
    }
}

/// Tries events and tells what comes of them.
pub async fn dry_run(options: &TryOptions) -> Result<(), TryError> {
    let beside = Beside {
        activities: options.activities.clone(),
        messages: None,
    };
    let opened = Opened::open_beside(&options.source, &beside).await?;
    let tried = tried(&opened, options).await;
    let now = opened.now();
    opened.close().await;
    let stories = tried?;
    if options.json {
        let stories: Vec<&Story> = stories.iter().map(|(story, _)| story).collect();
        println!("{}", serde_json::to_string_pretty(&stories)?);
        return Ok(());
    }
    println!(
        "Nothing of this is written: what would happen now, and in {} days.\n",
        options.days
    );
    for (story, zone) in &stories {
        println!("{}", show::text(story, *zone, Detail::Full).trim_end());
        let until = zone.rules().to_datetime(end(now, options.days)?).date();
        println!("\nNothing else falls due for member {} until {until}.", story.member);
    }
    Ok(())
}

fn end(now: Timestamp, days: u16) -> Result<Timestamp, TryError> {
    let hours = i64::from(days) * 24;
    now.checked_add(hours.hours()).map_err(|_| TryError::TooFar)
}

/// What the tables have of one whom the events concern.
#[derive(Default)]
struct Before {
    account: Option<(Account, Vec<Page>)>,
    profile: Option<Profile>,
    number: Number,
    activities: BTreeMap<String, Recorded>,
}

async fn tried(opened: &Opened, options: &TryOptions) -> Result<Vec<(Story, Zone)>, TryError> {
    let (store, now) = (&opened.store, opened.now());
    let given = events(&options.event, now)?;
    let changes = store.switch_history().await.map_err(LedgersError::from)?;
    let programmes = Programmes::new(opened.programme.clone(), &changes);
    let programme = programmes.at(now);
    let mut members = BTreeMap::<MemberId, Before>::new();
    for (_, recorded) in &given {
        let receiver = match recorded.incoming.activity.as_ref().map(|activity| &activity.fact) {
            Some(Fact::Transfer { to, .. }) => to.as_ref(),
            _ => None,
        };
        for member in [Some(&recorded.member), receiver].into_iter().flatten() {
            if !members.contains_key(member) {
                members.insert(member.clone(), Before::of(store, member).await?);
            }
        }
        let id = recorded.id.to_string();
        if let Some(before) = members.get_mut(&recorded.member)
            && before.activities.insert(id.clone(), recorded.clone()).is_some()
        {
            let member = recorded.member.clone();
            return Err(TryError::Stored { member, id });
        }
    }
    let simulation = Simulation {
        programme,
        ticks: Ticks::new(now, HOUR),
        until: end(now, options.days)?,
        shelves: None,
    };
    let shelves = shelves(store, programme, &given).await?;
    let seen = simulate(simulation, shelves, &members, &given)?;
    let told = members.iter().filter_map(|(member, before)| {
        let seen = seen.0.get(member)?;
        Some(seen.story((member, before), &programmes, (&given, &changes), now))
    });
    Ok(told.collect::<Result<_, WhyError>>()?)
}

impl Before {
    async fn of(store: &Store, member: &MemberId) -> Result<Self, TryError> {
        let ledger = store.ledger(member).await.map_err(LedgersError::from)?;
        let profile = store.profile(member).await.map_err(LedgersError::from)?;
        let items = store.activities(member).await.map_err(LedgersError::from)?;
        let account = match ledger.account {
            Some(_) => Some(whole(member, ledger)?),
            None => None,
        };
        Ok(Self {
            account,
            number: match profile.as_ref().and_then(|stored| stored.profile.phone.as_ref()) {
                Some(phone) => store.number(phone).await.map_err(LedgersError::from)?.number,
                None => Number::default(),
            },
            profile: profile.map(|stored| stored.profile),
            activities: read(&items).0,
        })
    }
}

/// What is left of what the events may take or draw on.
async fn shelves(store: &Store, programme: &Programme, given: &[(Arrival, Recorded)]) -> Result<Shelves, TryError> {
    let mut shelves = Shelves::default();
    let activities = given
        .iter()
        .filter_map(|(_, recorded)| recorded.incoming.activity.as_ref());
    for activity in activities {
        if let Some(reward) = ledger::looks_at_shelf(programme, &activity.fact) {
            let shelf = store.on_shelf(reward).await.map_err(LedgersError::from)?;
            shelves.leave_of_reward(reward, shelf.seen());
        }
        for campaign in ledger::budget::looks_at_budgets(programme, &activity.fact, activity.at) {
            if let Some(budget) = store.budget(campaign).await.map_err(LedgersError::from)? {
                shelves.leave_of_budget(campaign, budget.seen().points);
            }
        }
    }
    Ok(shelves)
}

fn simulate(
    simulation: Simulation<'_>,
    shelves: Shelves,
    members: &BTreeMap<MemberId, Before>,
    given: &[(Arrival, Recorded)],
) -> Result<Seen, TryError> {
    let mut together = Together::new(shelves);
    for (member, before) in members {
        if let Some((account, pages)) = before.account.clone() {
            let own = (member.clone(), simulation.programme);
            let reached = (before.profile.clone(), before.number.clone());
            together.join(Member::of(own, account, pages, reached));
        }
    }
    let own_lines = |member: &MemberId, order: &ledger::ActivityId| {
        let order = members.get(member)?.activities.get(order.as_str())?;
        Some(order.incoming.activity.as_ref()?.said.lines.clone())
    };
    let lines = |member: &MemberId, order: &ledger::ActivityId| own_lines(member, order).unwrap_or_default();
    let mut seen = Seen::default();
    let damaged = |member: &MemberId, why| TryError::Why(super::damaged(member, why));
    for (_, recorded) in given {
        let (fact, said) = match recorded.incoming.activity.clone() {
            Some(activity) => (Some(activity.fact), activity.said),
            None => (None, ledger::Said::default()),
        };
        let event = Event {
            id: recorded.id.clone(),
            at: recorded.at,
            received: recorded.received,
            fact,
            said,
            profile: recorded.incoming.profile.clone(),
            reply: None,
        };
        let happens = (recorded.member.clone(), event);
        let came = together.happens(simulation, happens, &lines, &mut seen);
        came.map_err(|why| damaged(&recorded.member, why))?;
    }
    let first = given.first().map(|(_, recorded)| &recorded.member);
    let ended = together.end(simulation, &mut seen);
    match (ended, first) {
        (Err(why), Some(member)) => Err(damaged(member, why)),
        _ => Ok(seen),
    }
}

/// What came of it for one.
#[derive(Default)]
struct Became {
    account: Option<(Account, Vec<Page>)>,
    records: BTreeMap<String, MessageRecord>,
    /// What messages said.
    texts: BTreeMap<String, String>,
    refused: BTreeMap<String, String>,
}

/// What came of it for everybody.
#[derive(Default)]
struct Seen(BTreeMap<MemberId, Became>);

impl Seen {
    fn of(&mut self, member: &MemberId) -> &mut Became {
        self.0.entry(member.clone()).or_default()
    }
}

impl Observer for Seen {
    fn committed(&mut self, commit: &Commit<'_>) {
        // What came before the sign-up was refused for the want of it, and is tried again.
        if commit.before.is_none() {
            self.of(commit.member).refused.clear();
        }
    }

    fn told(&mut self, told: &simulation::Told<'_>) {
        let became = self.of(&told.intent.member);
        let mut record = MessageRecord {
            intent: told.intent.clone(),
            state: State::Suppressed,
            attempts: 0,
            deferred_until: told.waited.map(|waited| waited.until),
            deferred_by: told.waited.map(|waited| waited.by.name().to_owned()),
            channel: None,
            purpose: None,
            parts: 0,
            reason: None,
            message_id: None,
            sent_at: None,
            with: Vec::new(),
            merges: Vec::new(),
            into: None,
            gone: Vec::new(),
        };
        match told.fate {
            Fate::Sent(send) => {
                record.state = State::Sent;
                record.channel = Some(send.channel);
                record.purpose = Some(send.purpose);
                record.parts = send.parts;
                record.sent_at = Some(told.now);
                became.texts.insert(told.intent.key(), super::judged::said(&send.text));
            }
            Fate::Deferred { until, by } => {
                record.deferred_by = Some(by.name().to_owned());
                record.state = State::Deferred;
                record.deferred_until = Some(*until);
            }
            Fate::Merged { into } => {
                record.state = State::Merged;
                record.into = Some(into.clone());
            }
            // A simulation knows of no operator who would resume it.
            Fate::Suppressed { reason: "paused" } => record.state = State::Paused,
            Fate::Suppressed { reason } => record.reason = Some((*reason).to_owned()),
        }
        became.records.insert(told.intent.key(), record);
    }

    fn refused(&mut self, member: &MemberId, activity: &ledger::ActivityId, why: Refused<'_>) {
        self.of(member).refused.insert(activity.to_string(), why.reason());
    }

    fn ended(&mut self, member: &Member) {
        let account = member.account().cloned();
        self.of(member.id()).account = account.map(|account| (account, member.pages().to_vec()));
    }
}

impl Became {
    fn story(
        &self,
        (member, before): (&MemberId, &Before),
        programmes: &Programmes,
        (given, changes): (&[(Arrival, Recorded)], &[Change]),
        now: Timestamp,
    ) -> Result<(Story, Zone), WhyError> {
        let known = before.account.as_ref().map_or(0, |(account, _)| account.entries());
        let mut entries = match &self.account {
            Some((account, pages)) => lines(member, pages, account)?,
            None => Vec::new(),
        };
        entries.retain(|(line, _)| line.number >= known);
        let (account, pages) = before.account.clone().unzip();
        let steps = replay(Known {
            programmes,
            account,
            pages: pages.unwrap_or_default(),
            entries,
            activities: &before.activities,
        });
        let own = given.iter().filter(|(_, recorded)| recorded.member == *member);
        let new = own.map(|(_, recorded)| (recorded.id.to_string(), recorded.clone()));
        let records: Vec<MessageRecord> = self.records.values().cloned().collect();
        let zone = self
            .account
            .as_ref()
            .map(|(account, _)| account.zone(programmes.plain()));
        let zone = zone.unwrap_or_else(|| programmes.plain().zone);
        let facts = Facts {
            member,
            zone,
            programmes,
            steps: &steps,
            activities: &new.collect(),
            refused: &self.refused,
            records: &records,
            changes,
            // What was replied before is in the profile.
            replies: &[],
            profile: before.profile.as_ref(),
            stopped: before.number.stopped,
            now,
        };
        let mut story = facts.story();
        for message in story.steps.iter_mut().flat_map(|step| &mut step.messages) {
            message.text = self.texts.get(&message.key).cloned();
        }
        Ok((story, zone))
    }
}
