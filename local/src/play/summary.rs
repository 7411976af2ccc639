//! What a run came to: members, points, messages and what the tables' use would cost.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::send_decisions::{CpuTime, SendDecisions};
use crate::engine::{UnitKey, Units};

/// What the tables say, read when nothing is under way.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub members: u64,
    pub activities: u64,
    /// Those of them that changed an account which was there: not sign-ups, consents, preferences and what was refused.
    pub booked: u64,
    pub refused: Refused,
    /// Of the main wallet.
    pub points: Points,
    /// Of the others that a programme has, by name.
    pub other_wallets: BTreeMap<String, Points>,
    /// By name.
    pub rewards: BTreeMap<String, RewardCounts>,
    /// How many members are in each tier, by the tier's name.
    pub tiers: BTreeMap<String, u64>,
    pub messages: Vec<MessageFact>,
    /// Replies that asked anything, by what they came to.
    pub came: BTreeMap<String, u64>,
    pub by_member: BTreeMap<String, MemberFact>,
}

/// Activities, and events that could not become one, that were refused and are kept with their reason.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Refused {
    pub count: u64,
    /// The reasons of the first of them.
    pub first: Vec<String>,
}

impl Refused {
    const SHOWN: usize = 3;

    pub fn add(&mut self, reason: &str) {
        self.count += 1;
        if self.first.len() < Self::SHOWN {
            self.first.push(reason.to_owned());
        }
    }
}

/// What a member's account came to, in points of the main wallet.
#[derive(Debug, Clone, Serialize)]
pub struct MemberFact {
    pub earned: u64,
    pub spent: u64,
    pub expired: u64,
    pub returned: u64,
    pub outstanding: u64,
    pub tier: String,
}

/// What `--report` writes: the summary, and each member's part in it.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    #[serde(flatten)]
    pub summary: &'a Summary,
    pub by_member: &'a BTreeMap<String, MemberFact>,
}

/// One item of the Messages table.
#[derive(Debug, Clone)]
pub struct MessageFact {
    /// Its key: the same whatever becomes of it, and no other message's.
    pub id: String,
    pub member: String,
    pub kind: String,
    /// Chosen when it is sent; none before.
    pub channel: Option<String>,
    pub state: String,
    pub reason: Option<String>,
    /// What put it off last, if it ever waited for a better time.
    pub deferred_by: Option<String>,
    /// SMS parts that were paid for.
    pub parts: u32,
    /// When it took this state.
    pub at: Timestamp,
    /// When a deferred one is looked at again.
    pub until: Option<Timestamp>,
    /// The id that SNS gave it.
    pub published: Option<String>,
}

/// What the run itself knows.
#[derive(Debug, Clone)]
pub struct Course {
    pub programme: String,
    /// The programme's tiers, lowest first.
    pub tiers: Vec<String>,
    pub from: Timestamp,
    /// How far virtual time has come.
    pub to: Timestamp,
    pub purchases: u64,
    pub replies: Replies,
    pub orders: OrderNotes,
    pub made_up: MadeUp,
    /// Events and records that were given up and kept whole.
    pub given_up: u64,
    /// Of the decisions on messages.
    pub cpu: CpuTime,
    pub wall_seconds: f64,
}

/// What is to be said about the file of orders.
#[derive(Debug, Clone, Default, Serialize)]
pub struct OrderNotes {
    pub file: String,
    /// Rows that were refused, and why the first of them were.
    pub refused: u64,
    pub first_refused: Vec<String>,
    /// Orders that lie after the last day played.
    pub left_out: u64,
    /// Orders that named a day and no time, so that a time of day was made up.
    pub times_made_up: u64,
}

/// What is not from the orders.
#[derive(Debug, Clone, Serialize)]
pub struct MadeUp {
    pub seed: u64,
    pub statement: String,
}

/// A run in numbers: what the page reads, and `--report` writes.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    pub programme: String,
    pub from: Timestamp,
    pub to: Timestamp,
    pub members: u64,
    pub purchases: u64,
    pub activities: u64,
    pub refused: Refused,
    /// Of the main wallet.
    pub points: Points,
    /// Of the others that a programme has, by name.
    pub other_wallets: BTreeMap<String, Points>,
    /// By name.
    pub rewards: BTreeMap<String, RewardCounts>,
    /// By name, lowest tier first.
    #[serde(serialize_with = "as_map")]
    pub tiers: Vec<(String, u64)>,
    pub messages: Messages,
    pub sms_parts: u64,
    pub replies: Replies,
    pub units: UnitsSpent,
    pub send_decisions: SendDecisions,
    pub orders: OrderNotes,
    pub made_up: MadeUp,
    pub given_up: u64,
    pub wall_seconds: f64,
}

/// The points of a wallet.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Points {
    pub earned: u64,
    pub spent: u64,
    pub expired: u64,
    /// Taken back with orders that came back.
    pub returned: u64,
    /// Added by hand less taken by hand.
    pub adjusted: i64,
    /// `earned + adjusted + owed - spent - expired - returned - pending`, but for lapsed points whose expiry is not booked
    /// yet.
    pub outstanding: u64,
    /// What members owe whose balance is below nought.
    pub owed: u64,
    /// Earned, and not to be spent yet.
    pub pending: u64,
    /// What is owed to members, by the month in which it lapses unless it is spent (`1998-07`); the sum is `outstanding`.
    pub lapsing: BTreeMap<String, u64>,
}

/// What became of a reward.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct RewardCounts {
    /// How many were taken and did not come back, where there are only so many.
    pub taken: Option<u64>,
    /// How many members have and have not used.
    pub unused: u64,
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct Messages {
    #[serde(flatten)]
    pub all: States,
    pub by_kind: BTreeMap<String, States>,
    /// `none` is what was suppressed or still waits without a channel.
    pub by_channel: BTreeMap<String, States>,
    /// By what put them off last, whatever came of them then.
    pub deferred_by: BTreeMap<String, u64>,
    pub suppressed_by_reason: BTreeMap<String, u64>,
}

/// What members replied to SMS.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Replies {
    pub all: u64,
    /// From so many members.
    pub members: u64,
    /// By what they came to; `nothing` asked nothing.
    pub came: BTreeMap<String, u64>,
    /// Sent at once, whatever is decided on messages, and not among them.
    pub answers: u64,
}

/// Messages by what became of them: `total` is the sum of the others but `deferred`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct States {
    pub total: u64,
    pub sent: u64,
    /// Waited at least once for a better time, whatever came of them then.
    pub deferred: u64,
    /// Went as one with another, which is among those sent.
    pub merged: u64,
    pub suppressed: u64,
    /// Still to be decided or sent.
    pub waiting: u64,
    pub failed: u64,
    /// A crash came between publish and mark: nobody knows whether they went.
    pub unknown: u64,
}

/// Capacity units of the tables, those of the functions.
#[derive(Debug, Clone, Default, Serialize)]
pub struct UnitsSpent {
    pub activities: ReadWrite,
    pub members: ReadWrite,
    pub messages: ReadWrite,
    pub total: ReadWrite,
    /// Read units of the total that looked up what is paused, one a batch: how many batches there are is the clock's doing.
    pub switches_read: f64,
    /// Write units on the Members table by the commits of purchases (`compute-points` writing accounts that exist, and
    /// pages, with what that changes in the index) for each purchase. Payments with points, returns, carts and what
    /// becomes of rewards are among the commits and not among the purchases, so it tells of a history of purchases alone.
    pub members_write_per_purchase: f64,
    /// Write units on the Members table by all that `compute-points` does with accounts that exist, shelves of rewards
    /// among it, for each activity that changed one.
    pub members_write_per_activity: f64,
    /// The same, with what the activity itself took.
    pub write_per_purchase_with_activity: f64,
}

/// Strongly read 4 KB, and written 1 KB.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct ReadWrite {
    pub read: f64,
    pub write: u64,
}

const ACTIVITIES: &str = "ActivitiesTable";
/// The item of what is paused.
const SWITCHES: &str = "paused";
pub(super) const MEMBERS: &str = "MembersTable";
pub(super) const MESSAGES: &str = "MessagesTable";

impl Summary {
    /// `functions` are the binaries whose units count: the summary's own reading of the tables costs a shop nothing.
    pub fn new(facts: &Facts, course: Course, units: &Units, functions: &BTreeSet<String>) -> Self {
        let mut messages = Messages::default();
        for message in &facts.messages {
            messages.add(message);
        }
        let sent_by_sms = facts
            .messages
            .iter()
            .filter(|message| message.channel.as_deref() == Some("sms"));
        Self {
            members: facts.members,
            purchases: course.purchases,
            activities: facts.activities,
            refused: facts.refused.clone(),
            points: facts.points.clone(),
            other_wallets: facts.other_wallets.clone(),
            rewards: facts.rewards.clone(),
            tiers: tiers(&course.tiers, &facts.tiers),
            messages,
            sms_parts: sent_by_sms.map(|message| u64::from(message.parts)).sum(),
            replies: course.replies,
            units: UnitsSpent::new(units, functions, course.purchases, facts),
            send_decisions: SendDecisions::new(units, course.cpu),
            programme: course.programme,
            from: course.from,
            to: course.to,
            orders: course.orders,
            made_up: course.made_up,
            given_up: course.given_up,
            wall_seconds: course.wall_seconds,
        }
    }
}

/// In the programme's order; a tier that only the tables know comes last.
fn tiers(order: &[String], found: &BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let known = order
        .iter()
        .map(|name| (name.clone(), found.get(name).copied().unwrap_or(0)));
    let other = found.iter().filter(|(name, _)| !order.contains(name));
    known.chain(other.map(|(name, count)| (name.clone(), *count))).collect()
}

fn as_map<S: Serializer>(pairs: &[(String, u64)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, count)| (name, count)))
}

impl Messages {
    fn add(&mut self, message: &MessageFact) {
        self.all.add(message);
        self.by_kind.entry(message.kind.clone()).or_default().add(message);
        let channel = message.channel.clone().unwrap_or_else(|| "none".to_owned());
        self.by_channel.entry(channel).or_default().add(message);
        if let Some(by) = &message.deferred_by {
            *self.deferred_by.entry(by.clone()).or_default() += 1;
        }
        if message.state == "suppressed" {
            let reason = message.reason.clone().unwrap_or_else(|| "no reason given".to_owned());
            *self.suppressed_by_reason.entry(reason).or_default() += 1;
        }
    }
}

impl States {
    fn add(&mut self, message: &MessageFact) {
        self.total += 1;
        self.deferred += u64::from(message.deferred_by.is_some());
        match message.state.as_str() {
            "sent" => self.sent += 1,
            "merged" => self.merged += 1,
            "suppressed" => self.suppressed += 1,
            "failed" => self.failed += 1,
            "unknown" => self.unknown += 1,
            _ => self.waiting += 1,
        }
    }
}

impl UnitsSpent {
    fn new(units: &Units, functions: &BTreeSet<String>, purchases: u64, facts: &Facts) -> Self {
        let mut spent = Self::default();
        let (mut commits, mut all, mut stored) = (0, 0, 0);
        for (key, count) in units.rows.iter().filter(|(key, _)| functions.contains(&key.function)) {
            let more = ReadWrite {
                read: halves(count.read_halves),
                write: count.write,
            };
            spent.total.add(more);
            if key.item == SWITCHES {
                spent.switches_read += more.read;
            }
            match key.table.as_str() {
                ACTIVITIES => spent.activities.add(more),
                MEMBERS => spent.members.add(more),
                MESSAGES => spent.messages.add(more),
                _ => {}
            }
            if commits_a_purchase(key) {
                commits += count.write;
            }
            if commits_a_purchase(key) || commits_beside(key) {
                all += count.write;
            }
            if key.table == ACTIVITIES && key.function == "ingest" {
                stored += count.write;
            }
        }
        spent.members_write_per_purchase = ratio(commits, purchases);
        spent.write_per_purchase_with_activity = spent.members_write_per_purchase + ratio(stored, facts.activities);
        spent.members_write_per_activity = ratio(all, facts.booked);
        spent
    }
}

/// A sign-up makes the account (`created`); every later write of it, and of its pages, is a commit.
fn commits_a_purchase(key: &UnitKey) -> bool {
    let item = match key.item.as_str() {
        "account" => !key.created,
        "page" => true,
        _ => false,
    };
    key.table == MEMBERS && key.function == "compute-points" && item
}

/// A transaction of an account and what changes beside it.
fn commits_beside(key: &UnitKey) -> bool {
    key.table == MEMBERS && key.function == "compute-points" && key.item.contains("account+")
}

impl ReadWrite {
    fn add(&mut self, more: Self) {
        self.read += more.read;
        self.write += more.write;
    }
}

#[allow(clippy::cast_precision_loss)] // a double is exact far past any run's count
pub(super) fn halves(count: u64) -> f64 {
    count as f64 / 2.0
}

#[allow(clippy::cast_precision_loss)]
pub(super) fn ratio(part: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { part as f64 / of as f64 }
}

#[cfg(test)]
#[path = "summary_tests.rs"]
pub(crate) mod tests;
