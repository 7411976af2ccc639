//! What a simulation came to, as it is printed and written as JSON.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use ledger::When;
use programme::{PointsError, Programme};
use serde::Serialize;

use super::months::{self, MonthNumber};
use super::tally::{Count, Flow, Tally};
use super::usage;
use crate::play::summary::Replies;

/// One programme over one history.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub programme: String,
    /// Of the programme's own days.
    pub zone: String,
    pub from: Timestamp,
    pub to: Timestamp,
    pub members: u64,
    pub purchases: u64,
    /// Activities that were refused, by the code of the reason.
    pub refused: BTreeMap<String, u64>,
    /// Of the main wallet.
    pub points: Points,
    pub months: Vec<Month>,
    /// By wallet.
    pub liability: BTreeMap<String, Owed>,
    pub messages: Messages,
    pub replies: Replies,
    pub aws: Aws,
}

/// The points of a time.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Points {
    pub issued: i64,
    pub returned: i64,
    pub spent: i64,
    pub expired: i64,
    /// At its end: the sum of all balances, and what cannot be spent yet.
    pub outstanding: i64,
    pub pending: i64,
}

#[derive(Debug, Clone, Serialize)]
pub struct Month {
    #[serde(rename = "month")]
    pub name: String,
    pub points: Points,
    /// How many are in each tier at its end, lowest first.
    pub tiers: Vec<(String, i64)>,
    pub messages: Sent,
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct Owed {
    pub members: u64,
    pub outstanding: i64,
    pub reserved: i64,
    pub pending: i64,
    #[serde(rename = "owed")]
    pub by_members: i64,
    /// What is outstanding, by the month in which it lapses.
    pub lapsing: BTreeMap<String, i64>,
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct Messages {
    /// What prices and costs are in; none where the programme has no prices.
    pub currency: Option<String>,
    pub all: Sent,
    pub suppressed: BTreeMap<String, u64>,
    /// Waited at least once for a better time, and wait at the end.
    pub deferred: u64,
    /// Went as one with another, which is counted as sent.
    pub merged: u64,
    pub waiting: u64,
    pub by: Vec<Told>,
}

/// Messages that were sent, SMS parts among them, and what they cost: a decimal.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Sent {
    pub messages: u64,
    pub parts: u64,
    /// The parts of the longest SMS that a member was sent, and how many SMS went as UCS-2.
    pub most_parts: u32,
    pub ucs2: u64,
    pub cost: String,
}

/// Messages of a kind, on a channel, in a month.
#[derive(Debug, Clone, Serialize)]
pub struct Told {
    pub month: String,
    pub kind: &'static str,
    /// None was suppressed.
    pub channel: Option<&'static str>,
    #[serde(flatten)]
    pub sent: Sent,
}

/// An estimate of the tables' use.
#[derive(Debug, Clone, Serialize)]
pub struct Aws {
    pub write_units: u64,
    pub read_units: u64,
    /// In US dollars: a decimal.
    pub cost: String,
    pub assumed: &'static str,
}

impl Report {
    pub(super) fn of(
        programme: &Programme,
        tally: &Tally<'_>,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Self, PointsError> {
        let named = |counts: &BTreeMap<&str, u64>| {
            counts
                .iter()
                .map(|(name, count)| ((*name).to_owned(), *count))
                .collect()
        };
        let months = months(programme, tally);
        let mut points = Points::default();
        for month in &months {
            points.add(month.points);
        }
        Ok(Self {
            programme: programme.name.clone(),
            zone: programme.zone.name().to_owned(),
            from,
            to,
            members: tally.members,
            purchases: tally.purchases,
            refused: named(&tally.refused),
            points,
            months,
            liability: liability(programme, tally)?,
            messages: Messages {
                currency: programme
                    .prices
                    .as_ref()
                    .map(|prices| prices.currency.code().to_owned()),
                all: sum(tally
                    .messages
                    .iter()
                    .filter(|((_, _, channel), _)| channel.is_some())
                    .map(|(_, count)| count)),
                suppressed: named(&tally.suppressed),
                deferred: tally.deferred,
                merged: tally.merged,
                waiting: tally.waiting,
                by: told(tally),
            },
            replies: Replies {
                all: tally.came.values().sum(),
                members: u64::try_from(tally.replied.len()).unwrap_or(u64::MAX),
                came: named(&tally.came),
                answers: tally.answers,
            },
            aws: Aws {
                write_units: tally.usage.write(),
                read_units: tally.usage.read,
                cost: decimal(tally.usage.cost()),
                assumed: usage::ASSUMED,
            },
        })
    }

    /// What prices are in, where the programme has any.
    pub(super) fn currency(&self) -> Option<&str> {
        self.messages.currency.as_deref()
    }

    /// The kinds of messages with their channels, over all months.
    pub(super) fn by_kind(&self) -> BTreeMap<(&'static str, Option<&'static str>), Sent> {
        let mut by_kind = BTreeMap::<_, Sent>::new();
        for told in &self.messages.by {
            by_kind.entry((told.kind, told.channel)).or_default().add(&told.sent);
        }
        by_kind
    }
}

impl Points {
    fn add(&mut self, later: Self) {
        self.issued += later.issued;
        self.returned += later.returned;
        self.spent += later.spent;
        self.expired += later.expired;
        (self.outstanding, self.pending) = (later.outstanding, later.pending);
    }
}

impl Sent {
    fn of(count: &Count) -> Self {
        Self {
            messages: count.messages,
            parts: count.parts,
            most_parts: count.most_parts,
            ucs2: count.ucs2,
            cost: decimal(count.cost),
        }
    }

    /// Costs are decimals of six places, so their sum is exact.
    pub(super) fn add(&mut self, more: &Self) {
        self.messages += more.messages;
        self.parts += more.parts;
        self.most_parts = self.most_parts.max(more.most_parts);
        self.ucs2 += more.ucs2;
        self.cost = decimal(millionths(&self.cost) + millionths(&more.cost));
    }
}

fn sum<'a>(counts: impl Iterator<Item = &'a Count>) -> Sent {
    let mut all = Count::default();
    for count in counts {
        all.add(*count);
    }
    Sent::of(&all)
}

fn months(programme: &Programme, tally: &Tally<'_>) -> Vec<Month> {
    let numbers: BTreeSet<MonthNumber> = tally
        .flows
        .keys()
        .chain(tally.messages.keys().map(|(month, ..)| month))
        .copied()
        .collect();
    let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else {
        return Vec::new();
    };
    let mut in_tiers: Vec<(String, i64)> = programme
        .tiers
        .levels
        .get_ref()
        .iter()
        .map(|tier| (tier.name.clone(), 0))
        .collect();
    let (mut outstanding, mut pending) = (0, 0);
    let month = |number: MonthNumber| {
        let flow = tally.flows.get(&number).copied().unwrap_or_default();
        outstanding += flow.balance;
        pending += flow.pending;
        for (tier, (_, count)) in (0..).zip(&mut in_tiers) {
            *count += tally.tiers.get(&(number, tier)).copied().unwrap_or_default();
        }
        let sent = tally
            .messages
            .iter()
            .filter(|((month, _, channel), _)| *month == number && channel.is_some());
        Month {
            name: months::name(number),
            points: points(flow, outstanding, pending),
            tiers: in_tiers.clone(),
            messages: sum(sent.map(|(_, count)| count)),
        }
    };
    (*first..=*last).map(month).collect()
}

fn points(flow: Flow, outstanding: i64, pending: i64) -> Points {
    Points {
        issued: flow.issued,
        returned: flow.returned,
        spent: flow.spent,
        expired: flow.expired,
        outstanding,
        pending,
    }
}

fn liability(programme: &Programme, tally: &Tally<'_>) -> Result<BTreeMap<String, Owed>, PointsError> {
    let mut by_wallet = BTreeMap::new();
    for (wallet, liability) in &tally.liabilities {
        let coming = liability.coming(When::month, None)?;
        let lapsing = coming.iter().filter(|(_, coming)| !coming.lapsing.is_zero());
        let name = programme
            .wallet(*wallet)
            .map_or_else(|| wallet.to_string(), |rules| rules.name.clone());
        let owed = Owed {
            members: liability.members,
            outstanding: liability.outstanding.get(),
            reserved: liability.reserved.get(),
            pending: liability.pending.get(),
            by_members: liability.owed.get(),
            lapsing: lapsing
                .map(|(when, coming)| (when.to_string(), coming.lapsing.get()))
                .collect(),
        };
        by_wallet.insert(name, owed);
    }
    Ok(by_wallet)
}

fn told(tally: &Tally<'_>) -> Vec<Told> {
    let told = tally.messages.iter().map(|((month, kind, channel), count)| Told {
        month: months::name(*month),
        kind: kind.name(),
        channel: channel.map(programme::Channel::name),
        sent: Sent::of(count),
    });
    told.collect()
}

/// Millionths as a decimal of six places.
pub(super) fn decimal(millionths: u128) -> String {
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

pub(super) fn millionths(decimal: &str) -> u128 {
    decimal.replace('.', "").parse().unwrap_or_default()
}
