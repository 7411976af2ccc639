//! A member's story: what the ledger says happened, why, and what was told of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ledger::{Entry, Explanation, Fact, Line, MemberId, NotCounted, WhyNot};
use messages::{Came, Preferences, Profile, ProfileChange, Stopped};
use programme::{CapPer, MessageKind, Programme, Zone};
use store::{Change, Evidence, MessageRecord, Recorded};

use super::entries::entry;
use super::judged::{Judged, spoken};
use super::replay::{Programmes, Step};
use super::replied;
use super::rules::{audience, rules};
use super::told::{MessageTold, Story, Told};
use crate::statement;

/// What is called so that falls due of itself.
pub(super) const CLOCK: &str = "alarm clock";

/// What a story is told from.
pub(super) struct Facts<'a> {
    pub(super) member: &'a MemberId,
    pub(super) zone: Zone,
    pub(super) programmes: &'a Programmes,
    pub(super) steps: &'a [Step<'a>],
    pub(super) activities: &'a BTreeMap<String, Recorded>,
    /// Why activities were refused.
    pub(super) refused: &'a BTreeMap<String, String>,
    pub(super) records: &'a [MessageRecord],
    pub(super) changes: &'a [Change],
    /// What was replied from the member's number, in order of its arrival.
    pub(super) replies: &'a [Evidence],
    /// As it was before these activities.
    pub(super) profile: Option<&'a Profile>,
    /// What the number was told to stop before them.
    pub(super) stopped: Option<Stopped>,
    pub(super) now: Timestamp,
}

impl Facts<'_> {
    pub(super) fn story(&self) -> Story {
        let profiles = self.profiles();
        let judged = Judged {
            programmes: self.programmes,
            steps: self.steps,
            profiles: &profiles,
            records: self.records,
            changes: self.changes,
            replies: self.replies,
            zone: self.zone,
            now: self.now,
        };
        let mut left: Vec<&MessageRecord> = self.records.iter().collect();
        let mut steps: Vec<Told> = Vec::new();
        let stated: Vec<Vec<String>> = self.steps.iter().map(|step| self.keys(step)).collect();
        for (place, step) in self.steps.iter().enumerate() {
            // Several steps may have entries of one cause. What none of them states was stated by other rules.
            let later = stated.get(place + 1..).unwrap_or_default();
            let of_step = |record: &&MessageRecord| {
                let key = record.intent.key();
                let holds = |keys: &Vec<String>| keys.contains(&key);
                let mut entries = step.entries.iter();
                stated.get(place).is_some_and(holds)
                    || (entries.any(|(_, entry)| entry.cause == record.intent.cause) && !later.iter().any(holds))
            };
            let (own, others) = left.into_iter().partition(of_step);
            left = others;
            steps.push(self.step(step, (&judged, place), &own));
        }
        for record in left.into_iter().filter(|one| one.intent.kind == MessageKind::Broadcast) {
            let before = self.steps.partition_point(|step| step.decided <= record.intent.at);
            let told = self.broadcast(record, &judged, before.saturating_sub(1));
            let place = steps.partition_point(|step| step.decided <= told.decided);
            steps.insert(place, told);
        }
        let replied = replied::told(self.replies, &profiles, self.records);
        for one in self.without_entries().into_iter().chain(replied) {
            let place = steps.partition_point(|step| step.decided <= one.decided);
            steps.insert(place, one);
        }
        Story {
            member: self.member.to_string(),
            zone: self.zone.name().to_owned(),
            steps,
        }
    }

    fn step(&self, step: &Step<'_>, (judged, place): (&Judged<'_>, usize), records: &[&MessageRecord]) -> Told {
        let cause = step.activity.as_ref().map_or(CLOCK, |id| id.as_str());
        let paid = self.paid(cause);
        let why = step
            .why
            .iter()
            .filter(|(_, why)| asks_anything(why) || step.activity.is_some());
        let rules = why.flat_map(|(cause, why)| rules(step.programme, cause, paid.as_deref(), why));
        let mut messages: Vec<MessageTold> = records.iter().map(|record| judged.message(record, place)).collect();
        messages.extend(self.unknown_messages(step));
        Told {
            cause: cause.to_owned(),
            at: step.at,
            decided: step.decided,
            nothing: None,
            version: version(step),
            otherwise: otherwise(step),
            entries: step.entries.iter().map(|one| entry(step.programme, one)).collect(),
            rules: rules.collect(),
            tiers: tiers(step),
            messages,
        }
    }

    /// What an operator sent the member, among many.
    fn broadcast(&self, record: &MessageRecord, judged: &Judged<'_>, place: usize) -> Told {
        let at = record.sent_at.unwrap_or(record.intent.at).min(self.now);
        let seen = self.steps.partition_point(|step| step.decided <= at);
        let seen = seen.checked_sub(1).and_then(|last| self.steps.get(last));
        let broadcast = self.programmes.plain().at(at).broadcast(&record.intent.cause);
        let rule = broadcast.zip(seen.and_then(|step| step.after.as_ref()));
        let rule = rule.and_then(|(broadcast, account)| audience(self.programmes.plain(), broadcast, account, at));
        Told {
            cause: record.intent.key(),
            at: record.intent.at,
            decided: record.intent.at,
            nothing: None,
            version: None,
            otherwise: None,
            entries: Vec::new(),
            rules: rule.into_iter().collect(),
            tiers: Vec::new(),
            messages: vec![judged.message(record, place)],
        }
    }

    fn paid(&self, cause: &str) -> Option<String> {
        let activity = self.activities.get(cause)?.incoming.activity.as_ref()?;
        match activity.fact {
            Fact::Purchase { amount } => Some(amount.to_string()),
            _ => None,
        }
    }

    /// The keys of the messages that the entries of a step make worth telling.
    fn keys(&self, step: &Step<'_>) -> Vec<String> {
        let entries: Vec<Entry> = step.entries.iter().map(|(_, entry)| entry.clone()).collect();
        let intents = messages::intents(step.programme, self.member, &entries);
        intents.iter().map(messages::Intent::key).collect()
    }

    /// Messages that the entries make worth telling, and that there is no record of.
    fn unknown_messages(&self, step: &Step<'_>) -> Vec<MessageTold> {
        let keys = self.keys(step).into_iter();
        // One of a step before may tell of this one, too: by other rules a moment may come again.
        let unknown = keys.filter(|key| !self.records.iter().any(|record| record.intent.key() == *key));
        let told = unknown.map(|key| MessageTold {
            key,
            state: "none",
            channel: None,
            reason: None,
            says: vec!["there is no record of it: it is to come, or the record was deleted after two years".to_owned()],
            text: None,
        });
        told.collect()
    }

    /// Activities that the ledger has no entry of.
    fn without_entries(&self) -> Vec<Told> {
        let known = |id: &str| {
            let mut steps = self.steps.iter();
            steps.any(|step| step.activity.as_ref().is_some_and(|own| own.as_str() == id))
        };
        let others = self.activities.iter().filter(|(id, _)| !known(id));
        let told = others.map(|(id, recorded)| {
            let nothing = match (self.refused.get(id), &recorded.incoming.activity) {
                (Some(why), _) => format!("refused: {why}"),
                (None, None) => match &recorded.incoming.profile {
                    Some(ProfileChange::Preferences(wanted)) => format!("the member wants {}", wishes(wanted)),
                    Some(ProfileChange::SignUp(_) | ProfileChange::Consent { .. } | ProfileChange::Update(_))
                    | None => "changed how the member can be reached, and no points".to_owned(),
                },
                (None, Some(_)) => "the ledger has no entry of it: it is to come".to_owned(),
            };
            Told::nothing(id.clone(), (recorded.at, recorded.received), nothing)
        });
        let mut told: Vec<Told> = told.collect();
        told.sort_by_key(|one| one.decided);
        told
    }

    /// What the profile was, and from when on.
    fn profiles(&self) -> Vec<(Timestamp, Profile)> {
        let activities = self.activities.values();
        let changes = activities.filter_map(|recorded| {
            let change = recorded.incoming.profile.clone()?;
            // What is refused of a sign-up is what it says of the ledger.
            let is_alone = recorded.incoming.activity.is_none();
            let is_refused = is_alone && self.refused.contains_key(recorded.id.as_str());
            (!is_refused).then_some((recorded.received, Changed::By(recorded.id.as_str(), change)))
        });
        let replies = self
            .replies
            .iter()
            .filter_map(|reply| Some((reply.received?, Changed::Reply(replied::came(reply)?))));
        let mut changes: Vec<_> = changes.chain(replies).collect();
        changes.sort_by_key(|(received, _)| *received);
        let (mut profile, mut stopped) = (self.profile.cloned(), self.stopped);
        let mut profiles: Vec<_> = profile.iter().map(|known| (Timestamp::MIN, known.clone())).collect();
        // What came before the sign-up waits for it.
        let mut early = BTreeMap::new();
        for (received, change) in changes {
            match change {
                Changed::By(id, change) if profile.is_none() && !matches!(change, ProfileChange::SignUp(_)) => {
                    early.insert(id, change);
                    continue;
                }
                Changed::By(_, change) => {
                    profile = change.apply(profile);
                    for waited in std::mem::take(&mut early).into_values() {
                        profile = waited.apply(profile);
                    }
                }
                Changed::Reply(came) => stopped = came.stopped_after(stopped),
            }
            if let Some(profile) = &mut profile {
                profile.follow(stopped);
                profiles.push((received, profile.clone()));
            }
        }
        profiles
    }
}

/// What a member wants to be sent.
fn wishes(wanted: &Preferences) -> String {
    let topics: Vec<&str> = wanted.topics_off.iter().map(String::as_str).collect();
    let topics = (!topics.is_empty()).then(|| format!("no offers of {}", topics.join(", ")));
    let hours = wanted.hours;
    let hours = hours.map(|hours| format!("messages from {} to {}", hours.from, hours.to));
    let per = |per| match per {
        CapPer::Day => "a day",
        CapPer::Week => "a week",
        CapPer::Month => "a month",
        CapPer::Hours(_) | CapPer::Days(_) => "in a while",
    };
    let most = wanted.most.as_ref();
    let most = most.map(|cap| format!("{} offers {} at most", cap.most.get(), per(cap.per)));
    let channels: Vec<&str> = wanted.channels.iter().copied().map(spoken).collect();
    let channels = (!channels.is_empty()).then(|| format!("{} first", channels.join(", then ")));
    let all: Vec<String> = [topics, hours, most, channels].into_iter().flatten().collect();
    if all.is_empty() {
        "messages as they come".to_owned()
    } else {
        all.join("; ")
    }
}

/// What changes how a member can be reached.
enum Changed<'a> {
    /// An activity, by its id.
    By(&'a str, ProfileChange),
    Reply(Came),
}

/// Whether a campaign or a mission is set off.
fn asks_anything(why: &Explanation<'_>) -> bool {
    let campaigns = why.campaigns.iter().map(|one| one.granted == Err(WhyNot::Elsewhere));
    let missions = why.missions.iter();
    let missions = missions.map(|one| matches!(one.counted, Err(NotCounted::Elsewhere)));
    !campaigns.chain(missions).all(|elsewhere| elsewhere)
}

/// The file of the version that a step fell under: the rules that were in effect when it happened.
fn version(step: &Step<'_>) -> Option<String> {
    let mut versions = step.programme.versions();
    versions.nth(1).map(|_| step.programme.at(step.at).version.file.clone())
}

/// What would be decided now, where it is not what is in the ledger.
fn otherwise(step: &Step<'_>) -> Option<String> {
    let otherwise = step.otherwise.as_ref()?;
    let since = "the programme was changed since, or before it something was decided otherwise";
    let says = otherwise
        .iter()
        .map(|new| entry(step.programme, &(line(new), new.clone())).says);
    let says = says.collect::<Vec<_>>().join("; ");
    Some(if says.is_empty() {
        format!("by the programme as it is now this would be refused, or come to nothing; {since}")
    } else {
        format!(
            "by the programme as it is now this would be decided otherwise: {says}; {since}. What follows is by the programme as it is now"
        )
    })
}

fn line(entry: &Entry) -> Line {
    Line {
        number: 0,
        at: entry.happened(),
        cause: entry.cause.to_string(),
        wallet: entry.wallet,
        what: entry.what.clone(),
        change: entry.change(),
        balance: 0,
    }
}

/// How far the member is in each set of tiers in which nothing moved.
fn tiers(step: &Step<'_>) -> Vec<String> {
    let is_told = step.activity.is_some() && step.otherwise.is_none();
    let account = step.after.as_ref().filter(|account| !account.is_erased());
    let (Some(account), true) = (account, is_told) else {
        return Vec::new();
    };
    let programme: &Programme = step.programme;
    let moved = |set| step.entries.iter().any(|(_, entry)| entry.tier_set() == Some(set));
    let still = programme.tier_sets().filter(|tiers| !moved(tiers.number));
    let told = still.map(|tiers| {
        let name = programme.tier_name(tiers.number, account.tier_in(tiers.number), "");
        let standing = statement::standing(programme, account, tiers, step.decided);
        format!("tier {name} stays: {standing}")
    });
    told.collect()
}
