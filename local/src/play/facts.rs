//! Reads the tables whole, for the summary and the page. A shop has no need of it: no function scans a table.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use ledger::{Account, Liability, MemberId, When};
use programme::{Channel, PointsError, Programme, Reward, WalletId};
use store::{Damaged, Item, MessageKey, MessageRecord, State, Store, StoreError, Stored, Tables};

use super::dice::Dice;
use super::people::SEED;
use super::summary::{Facts, MemberFact, MessageFact, Points};
use crate::coupons;
use crate::engine::Bundle;
use crate::tables::{self, NoTable};

/// Why the tables cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FactsError {
    #[error(transparent)]
    NoTable(#[from] NoTable),
    #[error("the local tables cannot be read: {0}")]
    Store(#[from] StoreError),
    #[error("the local tables hold an item that cannot be read: {0}")]
    Damaged(#[from] Damaged),
    #[error(transparent)]
    Points(#[from] PointsError),
}

/// So many codes are in each pool of a run.
const POOL: usize = 300;

/// The codes that a run puts into a pool of coupons. They follow from the seed.
pub fn pool(reward: &Reward) -> Vec<String> {
    let mut dice = Dice::new(SEED, reward.name.as_str(), "coupons");
    (0..POOL).map(|_| coupons::code_of(dice.next())).collect()
}

/// The tables of a bundle.
pub(super) struct Survey {
    client: Client,
    store: Store,
    tables: Tables,
}

impl Survey {
    /// `alarm_shards` is how many partitions the alarm index has.
    pub(super) fn of(bundle: &Bundle, alarm_shards: u32) -> Result<Self, FactsError> {
        let (client, tables) = tables::of(bundle)?;
        Ok(Self {
            store: Store::new(client.clone(), tables.clone(), alarm_shards),
            client,
            tables,
        })
    }

    /// Fills every pool of coupons with codes that follow from the seed. Those of an earlier start are there already.
    pub(super) async fn fill_pools(&self, programme: &Programme) -> Result<(), FactsError> {
        for reward in programme.rewards.iter().filter(|reward| reward.coupons) {
            if self.store.on_shelf(reward).await?.is_new() {
                let codes = pool(reward);
                coupons::add(&self.store, reward, &codes).await?;
            }
        }
        Ok(())
    }

    /// When anything next falls due for anybody.
    pub(super) async fn next_alarm(&self) -> Result<Option<Timestamp>, FactsError> {
        Ok(self.store.next_alarm().await?)
    }

    /// What the tables say at this virtual time.
    pub(super) async fn read(&self, programme: &Programme, now: Timestamp) -> Result<Facts, FactsError> {
        let mut facts = Facts::default();
        self.each(&self.tables.activities, |item| {
            facts.activities += 1;
            if let Some(reason) = store::refusal(item) {
                facts.refused.add(reason);
            } else if store::changes_an_account(item) {
                facts.booked += 1;
            }
            Ok(())
        })
        .await?;
        let mut liabilities = BTreeMap::<WalletId, Liability>::new();
        self.each(&self.tables.members, |item| {
            if Stored::is_account(item) {
                let account = Stored::read(item)?.account;
                add_account(&mut facts, &Stored::member(item)?, &account, programme, now);
                for wallet in account.wallets() {
                    let liability = liabilities.entry(wallet).or_default();
                    liability.add(&account, wallet, programme, now)?;
                }
            } else if let Some(came) = store::came(item) {
                *facts.came.entry(came.to_owned()).or_default() += 1;
            }
            Ok(())
        })
        .await?;
        for (wallet, liability) in &liabilities {
            add_liability(points_of(&mut facts, *wallet, programme), liability)?;
        }
        for reward in programme.rewards.iter().filter(|reward| reward.is_limited()) {
            let taken = self.store.on_shelf(reward).await?.taken();
            facts.rewards.entry(reward.name.to_string()).or_default().taken = Some(taken);
        }
        self.each(&self.tables.messages, |item| {
            facts.messages.push(message(item)?);
            Ok(())
        })
        .await?;
        Ok(facts)
    }

    async fn each(&self, table: &str, mut take: impl FnMut(&Item) -> Result<(), FactsError>) -> Result<(), FactsError> {
        let mut from = None;
        loop {
            let scan = self.client.scan().table_name(table).set_exclusive_start_key(from);
            let found = scan.send().await.map_err(StoreError::from)?;
            for item in found.items.unwrap_or_default() {
                take(&item)?;
            }
            from = found.last_evaluated_key;
            if from.is_none() {
                return Ok(());
            }
        }
    }
}

/// What is said of a wallet.
fn points_of<'a>(facts: &'a mut Facts, wallet: WalletId, programme: &Programme) -> &'a mut Points {
    if wallet == WalletId::MAIN {
        return &mut facts.points;
    }
    let name = programme.wallet(wallet);
    let name = name.map_or_else(|| wallet.to_string(), |rules| rules.name.clone());
    facts.other_wallets.entry(name).or_default()
}

fn add_account(facts: &mut Facts, member: &MemberId, account: &Account, programme: &Programme, now: Timestamp) {
    let totals = account.totals(WalletId::MAIN);
    let fact = MemberFact {
        earned: count(totals.earned),
        spent: count(totals.spent),
        expired: count(totals.expired),
        returned: count(totals.returned),
        outstanding: count(account.balance(WalletId::MAIN, programme, now)),
        tier: programme.tier(account.tier()).map_or("", |tier| &tier.name).to_owned(),
    };
    facts.members += 1;
    for wallet in account.wallets() {
        add_totals(points_of(facts, wallet, programme), account, wallet);
    }
    for claim in account.claims() {
        facts.rewards.entry(claim.reward.to_string()).or_default().unused += 1;
    }
    *facts.tiers.entry(fact.tier.clone()).or_default() += 1;
    facts.by_member.insert(member.to_string(), fact);
}

/// Points are never negative in a total.
fn count(points: programme::Points) -> u64 {
    u64::try_from(points.get()).unwrap_or(0)
}

/// All that ever happened.
fn add_totals(points: &mut Points, account: &Account, wallet: WalletId) {
    let totals = account.totals(wallet);
    points.earned += count(totals.earned);
    points.spent += count(totals.spent);
    points.expired += count(totals.expired);
    points.returned += count(totals.returned);
    points.adjusted += account.adjusted(wallet).get();
}

/// What there is now.
fn add_liability(points: &mut Points, liability: &Liability) -> Result<(), PointsError> {
    points.outstanding = count(liability.outstanding);
    points.owed = count(liability.owed);
    points.pending = count(liability.pending);
    let coming = liability.coming(When::month, None)?.into_iter();
    let lapsing = coming.map(|(when, coming)| (when.to_string(), count(coming.lapsing)));
    points.lapsing = lapsing.filter(|(_, points)| *points > 0).collect();
    Ok(())
}

fn message(item: &Item) -> Result<MessageFact, Damaged> {
    let record = MessageRecord::read(item)?;
    let key = MessageKey::read(item)?;
    Ok(MessageFact {
        id: format!("{}/{}", key.member, key.sort),
        member: key.member.to_string(),
        kind: record.intent.kind.name().to_owned(),
        channel: record.channel.map(Channel::name).map(str::to_owned),
        state: record.state.name().to_owned(),
        reason: record.reason,
        deferred_by: record.deferred_by,
        parts: record.parts,
        at: record.sent_at.unwrap_or(record.intent.at),
        until: record.deferred_until.filter(|_| record.state == State::Deferred),
        published: record.message_id,
    })
}
