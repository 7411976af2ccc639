//! What a simulation comes to, summed up while it goes on: by month and by kind of message, never by purchase.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use ledger::{Account, ActivityId, Entry, Liability, MemberId, What};
use messages::{Profile, Send};
use programme::{Channel, Encoding, MessageKind, PointsError, Prices, Programme, TierSetId, WalletId, parts};
use simulation::{Commit, Fate, Member, Observer, Refused, Replied, Told};

use super::months::{MonthNumber, Months};
use super::usage::Usage;

/// The points of a month, of the main wallet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Flow {
    pub(super) issued: i64,
    pub(super) returned: i64,
    pub(super) spent: i64,
    pub(super) expired: i64,
    /// How the sum of all balances changed, and what waits.
    pub(super) balance: i64,
    pub(super) pending: i64,
}

/// Messages of a kind that ended in one way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) messages: u64,
    pub(super) parts: u64,
    /// The parts of the longest SMS, and how many went as UCS-2.
    pub(super) most_parts: u32,
    pub(super) ucs2: u64,
    /// Millionths of the prices' currency.
    pub(super) cost: u128,
}

/// When, what and where to; none is a message that was suppressed.
pub(super) type MessageKey = (MonthNumber, MessageKind, Option<Channel>);

pub(super) struct Tally<'a> {
    programme: &'a Programme,
    until: Timestamp,
    months: Months,
    pub(super) members: u64,
    pub(super) purchases: u64,
    pub(super) flows: BTreeMap<MonthNumber, Flow>,
    /// How many more are in each tier of the main set at a month's end than at its start.
    pub(super) tiers: BTreeMap<(MonthNumber, u8), i64>,
    pub(super) messages: BTreeMap<MessageKey, Count>,
    pub(super) suppressed: BTreeMap<&'static str, u64>,
    /// Messages that waited for a better time, each once, and those that still wait.
    pub(super) deferred: u64,
    /// Went as one with another.
    pub(super) merged: u64,
    pub(super) waiting: u64,
    pub(super) refused: BTreeMap<&'static str, u64>,
    /// Replies by what they came to, whose they were, and how many were answered.
    pub(super) came: BTreeMap<&'static str, u64>,
    pub(super) replied: BTreeSet<MemberId>,
    pub(super) answers: u64,
    pub(super) liabilities: BTreeMap<WalletId, Liability>,
    /// Points a member was given, less what returns took: for those who gain and lose by other rules.
    pub(super) by_member: Option<Vec<(MemberId, i64, u8)>>,
    pub(super) usage: Usage,
    /// A sum that did not fit.
    overflow: bool,
}

impl<'a> Tally<'a> {
    pub(super) fn new(programme: &'a Programme, until: Timestamp, by_member: bool) -> Self {
        Self {
            programme,
            until,
            months: Months::new(programme.zone.rules().clone()),
            members: 0,
            purchases: 0,
            flows: BTreeMap::new(),
            tiers: BTreeMap::new(),
            messages: BTreeMap::new(),
            suppressed: BTreeMap::new(),
            deferred: 0,
            merged: 0,
            waiting: 0,
            refused: BTreeMap::new(),
            came: BTreeMap::new(),
            replied: BTreeSet::new(),
            answers: 0,
            liabilities: BTreeMap::new(),
            by_member: by_member.then(Vec::new),
            usage: Usage::default(),
            overflow: false,
        }
    }

    /// Adds what another core has summed up of other members.
    pub(super) fn join(&mut self, other: Self) -> Result<(), PointsError> {
        self.members += other.members;
        self.purchases += other.purchases;
        for (month, more) in other.flows {
            self.flows.entry(month).or_default().add(more);
        }
        add_all(&mut self.tiers, other.tiers);
        for (key, more) in other.messages {
            self.messages.entry(key).or_default().add(more);
        }
        add_all(&mut self.suppressed, other.suppressed);
        add_all(&mut self.refused, other.refused);
        add_all(&mut self.came, other.came);
        self.replied.extend(other.replied);
        self.answers += other.answers;
        self.deferred += other.deferred;
        self.merged += other.merged;
        self.waiting += other.waiting;
        for (wallet, more) in &other.liabilities {
            self.liabilities.entry(*wallet).or_default().join(more)?;
        }
        if let (Some(all), Some(more)) = (&mut self.by_member, other.by_member) {
            all.extend(more);
        }
        self.usage.add(other.usage);
        self.overflow |= other.overflow;
        if self.overflow { Err(PointsError) } else { Ok(()) }
    }

    fn entry(&mut self, month: MonthNumber, entry: &Entry) {
        if entry.wallet == WalletId::MAIN {
            self.flows.entry(month).or_default().balance += entry.change();
        }
        match entry.what {
            What::Joined => {
                self.members += 1;
                *self.tiers.entry((month, 0)).or_default() += 1;
            }
            What::TierChanged { set, from, to, .. }
            | What::TierGiven { set, from, to, .. }
            | What::TierLost { set, from, to, .. }
                if set == TierSetId::MAIN && from != to =>
            {
                *self.tiers.entry((month, from)).or_default() -= 1;
                *self.tiers.entry((month, to)).or_default() += 1;
            }
            _ => {}
        }
    }

    fn liability(&mut self, account: &Account) {
        for wallet in account.wallets() {
            let liability = self.liabilities.entry(wallet).or_default();
            self.overflow |= liability.add(account, wallet, self.programme, self.until).is_err();
        }
    }
}

impl Observer for Tally<'_> {
    fn committed(&mut self, commit: &Commit<'_>) {
        let month = self.months.of(commit.now);
        self.usage.committed(commit);
        let purchase = |entry: &&Entry| matches!(entry.what, What::Earned { .. } | What::Pending { .. });
        if let Some(entry) = commit.entries.iter().find(purchase) {
            self.purchases += u64::from(entry.cause.starts_with("purchase#"));
        }
        let before = commit.before.map(|before| (before.totals, before.pending));
        let (totals, waited) = before.unwrap_or_default();
        let (now, waits) = {
            let after = simulation::Before::of(commit.account);
            (after.totals, after.pending)
        };
        let flow = self.flows.entry(month).or_default();
        flow.issued += now.earned.get() - totals.earned.get();
        flow.returned += now.returned.get() - totals.returned.get();
        flow.spent += now.spent.get() - totals.spent.get();
        flow.expired += now.expired.get() - totals.expired.get();
        flow.pending += waits.get() - waited.get();
        for entry in commit.entries {
            self.entry(month, entry);
        }
    }

    fn told(&mut self, told: &Told<'_>) {
        self.usage.told(told);
        let month = self.months.of(told.now);
        let kind = told.intent.kind;
        match told.fate {
            Fate::Deferred { .. } => self.deferred += u64::from(told.waited.is_none()),
            Fate::Merged { .. } => self.merged += 1,
            Fate::Suppressed { reason } => {
                *self.suppressed.entry(reason).or_default() += 1;
                self.messages.entry((month, kind, None)).or_default().messages += 1;
            }
            Fate::Sent(send) => {
                let prices = self.programme.prices.as_ref();
                let cost = prices.map_or(0, |prices| price(prices, send.channel, send.parts, told.profile));
                self.messages
                    .entry((month, kind, Some(send.channel)))
                    .or_default()
                    .add(Count {
                        messages: 1,
                        parts: u64::from(send.parts),
                        most_parts: send.parts,
                        ucs2: u64::from(goes_as_ucs2(send)),
                        cost,
                    });
            }
        }
    }

    fn refused(&mut self, _: &MemberId, _: &ActivityId, why: Refused<'_>) {
        *self.refused.entry(why.code()).or_default() += 1;
    }

    fn replied(&mut self, replied: &Replied<'_>) {
        *self.came.entry(replied.came.name()).or_default() += 1;
        self.replied.insert(replied.member.clone());
        self.answers += u64::from(replied.answer.is_some());
    }

    fn ended(&mut self, member: &Member) {
        self.waiting += u64::try_from(member.waiting().len()).unwrap_or_default();
        let Some(account) = member.account() else { return };
        self.liability(account);
        if let Some(by_member) = &mut self.by_member {
            let totals = account.totals(WalletId::MAIN);
            let given = totals.earned.get() - totals.returned.get();
            by_member.push((member.id().clone(), given, account.tier()));
        }
    }
}

fn goes_as_ucs2(send: &Send) -> bool {
    send.channel == Channel::Sms && parts(&send.text.body).encoding == Encoding::Ucs2
}

/// Millionths of the prices' currency.
fn price(prices: &Prices, channel: Channel, parts: u32, profile: Option<&Profile>) -> u128 {
    let phone = profile.and_then(|profile| profile.phone.as_ref());
    u128::from(prices.millionths(channel, parts, phone.map(messages::Phone::reveal)))
}

fn add_all<K: Ord, V: std::ops::AddAssign + Default>(all: &mut BTreeMap<K, V>, more: BTreeMap<K, V>) {
    for (key, count) in more {
        *all.entry(key).or_default() += count;
    }
}

impl Flow {
    pub(super) fn add(&mut self, more: Self) {
        self.issued += more.issued;
        self.returned += more.returned;
        self.spent += more.spent;
        self.expired += more.expired;
        self.balance += more.balance;
        self.pending += more.pending;
    }
}

impl Count {
    pub(super) fn add(&mut self, more: Self) {
        self.messages += more.messages;
        self.parts += more.parts;
        self.most_parts = self.most_parts.max(more.most_parts);
        self.ucs2 += more.ucs2;
        self.cost += more.cost;
    }
}
