//! The audit: what the entries alone say of an account, held against what is stored.
//!
//! The ledger proves itself: each entry carries the hash of all before it, and everything the account says of points
//! and tier follows from its entries. This walk does not use the decisions that made them.

mod held;
mod rewards;
mod sums;
mod tiers;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use compact_str::CompactString;
use programme::{Currency, Points, Programme, TierSetId, WalletId};
use rewards::Rewards;

use crate::account::Account;
use crate::chain::Head;
use crate::codec::Corrupt;
use crate::day::{Day, Month};
use crate::entry::{Entry, What, total};
use crate::ids::MemberId;
use crate::page::{ENTRIES_PER_PAGE, Page};
use crate::referral::Referrer;

/// Something an account and its entries do not agree on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The entry's place in the member's ledger, counted from 0; none where the account as a whole is meant.
    pub entry: Option<u64>,
    /// The wallet it is about; the main one where it is about none.
    pub wallet: WalletId,
    pub finding: Finding,
}

/// What is wrong. Names and numbers only: nothing personal stands in a ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    #[error("page {0} is missing")]
    MissingPage(u64),
    #[error("page {number} cannot be read: {why}")]
    Page { number: u64, why: Corrupt },
    #[error("page {0} does not follow the one before: its first hash is another")]
    Unchained(u64),
    #[error("the account's head is not the hash of its entries")]
    Head,
    #[error("{0}")]
    Entry(&'static str),
    #[error("{cause} did the same thing before")]
    Twice { cause: String },
    #[error("the lot of {day} has {stored} points; its entries leave {derived}")]
    Lot { day: Day, derived: i64, stored: i64 },
    #[error("{stored} points are pending until {day}; the entries make {derived}")]
    Pending { day: Day, derived: i64, stored: i64 },
    #[error("reservation {id} holds {stored} points; the entries make {derived}")]
    Reserved { id: String, derived: i64, stored: i64 },
    #[error("the rewards that are not used are others than the entries make")]
    Rewards,
    #[error("the points {what} are {stored}; the entries make {derived}")]
    Total {
        what: &'static str,
        derived: i64,
        stored: i64,
    },
    #[error("what counts for a tier in {month} is {stored}; the entries make {derived}")]
    Qualifying { month: Month, derived: i64, stored: i64 },
    #[error("who referred the member, or the purchase that made it count, is another than the entries say")]
    Referred,
    #[error("the tier is {stored}; the entries make {derived}")]
    Tier { derived: u8, stored: u8 },
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(entry) = self.entry {
            write!(out, "entry {entry}: ")?;
        }
        if self.wallet != WalletId::MAIN {
            write!(out, "wallet {}: ", self.wallet)?;
        }
        self.finding.fmt(out)
    }
}

/// Audits a member's ledger: its closed pages, by number, and the account with the open one. Sound ledgers give nothing.
/// Pages that the account has not dropped yet, from a commit that did not happen, are left aside.
pub fn audit(programme: &Programme, pages: &[Page], account: &Account) -> Vec<Difference> {
    let mut audit = Audit::default();
    let closed = account.page().first() / ENTRIES_PER_PAGE as u64;
    let mut known: BTreeMap<u64, &Page> = pages.iter().map(|page| (page.number(), page)).collect();
    known.retain(|number, _| *number < closed);
    for number in 0..closed {
        match known.get(&number) {
            Some(page) => audit.page(programme, page),
            None => audit.say(None, Finding::MissingPage(number)),
        }
    }
    audit.page(programme, account.page());
    audit.hold_against(programme, account);
    audit.differences
}

/// What the entries so far amount to.
#[derive(Default)]
struct Audit {
    position: u64,
    head: Head,
    /// A page was missing or could not be read: what follows proves nothing of the account's numbers.
    gap: bool,
    wallets: BTreeMap<WalletId, Sums>,
    /// The wallet of the entry at hand.
    wallet: WalletId,
    months: BTreeMap<(TierSetId, Month), i64>,
    orders: BTreeMap<(WalletId, String), Order>,
    rewards: Rewards,
    tiers: BTreeMap<TierSetId, u8>,
    /// Who referred the member, where that may count, and the purchase that made it count.
    referred: Option<(MemberId, Option<CompactString>)>,
    seen: BTreeSet<(u8, WalletId, String)>,
    differences: Vec<Difference>,
}

/// What the entries of a wallet amount to.
#[derive(Default)]
struct Sums {
    lots: BTreeMap<Day, i64>,
    earned: i64,
    spent: i64,
    expired: i64,
    returned: i64,
    received: i64,
    owed: i64,
    waived: i64,
    /// By reservation, lot by lot.
    reserved: BTreeMap<String, Vec<(Day, Points)>>,
    /// By first and last day.
    pending: BTreeMap<(Day, Day), i64>,
}

/// What an order may still give back to a wallet. One that earned nothing there gives back what was spent on it.
#[derive(Default)]
struct Order {
    /// It earned, or was paid from, this wallet.
    known: bool,
    month: Option<Month>,
    currency: Option<Currency>,
    paid: i64,
    points: i64,
    spent: i64,
    /// Where its points wait, or waited.
    waits: Option<(Day, Day)>,
}

impl Audit {
    fn say(&mut self, entry: Option<u64>, finding: Finding) {
        self.gap |= matches!(finding, Finding::MissingPage(_) | Finding::Page { .. });
        let wallet = self.wallet;
        self.differences.push(Difference { entry, wallet, finding });
    }

    /// What the wallet of the entry at hand amounts to so far.
    fn sums(&mut self) -> &mut Sums {
        self.wallets.entry(self.wallet).or_default()
    }

    fn order(&mut self, id: &str) -> &mut Order {
        self.orders.entry((self.wallet, id.to_owned())).or_default()
    }

    fn page(&mut self, programme: &Programme, page: &Page) {
        let number = page.number();
        if page.before() != self.head && !self.gap {
            self.say(Some(page.first()), Finding::Unchained(number));
        }
        let read = page.entries().and_then(|entries| Ok((entries, page.head()?)));
        match read {
            Ok((entries, head)) => {
                self.position = page.first();
                for entry in entries {
                    self.entry(programme, &entry);
                    self.position += 1;
                }
                self.head = head;
            }
            Err(why) => self.say(Some(page.first()), Finding::Page { number, why }),
        }
    }

    fn entry(&mut self, programme: &Programme, entry: &Entry) {
        self.wallet = entry.wallet;
        let wrong = |audit: &mut Self, what| audit.say(Some(audit.position), Finding::Entry(what));
        let kind = match &entry.what {
            What::Joined => {
                if self.position > 0 {
                    wrong(self, "a member joined who was one already");
                }
                0
            }
            What::Earned {
                points,
                last_day,
                minor,
                currency,
                shares,
                ..
            } => {
                self.shares(*points, shares);
                self.earned(programme, entry, *points, (*minor, *currency));
                self.put(*last_day, points.get());
                1
            }
            What::Pending {
                points,
                last_day,
                minor,
                currency,
                until,
                shares,
                ..
            } => {
                self.shares(*points, shares);
                self.earned(programme, entry, *points, (*minor, *currency));
                let waits = (*until, *last_day);
                self.order(&entry.cause).waits = Some(waits);
                self.wait(waits, points.get());
                1
            }
            What::Happened { .. } => 24,
            What::Milestone { .. } => 26,
            What::MilestoneLost { .. } => 27,
            What::Referred { by, referrer } => {
                self.referred = (*referrer == Referrer::Known).then(|| (by.clone(), None));
                28
            }
            What::ReferralMet { .. } => {
                match &mut self.referred {
                    Some((_, order @ None)) => *order = Some(entry.cause.as_str().into()),
                    _ if self.gap => {}
                    _ => wrong(self, "a referral counted that there was not, or for a second time"),
                }
                29
            }
            What::Referral { .. } => 30,
            What::ReferralLost { of } => {
                if let Some((_, order)) = self.referred.as_mut().filter(|(_, order)| order.as_ref() == Some(of)) {
                    *order = None;
                }
                31
            }
            What::Granted {
                points,
                last_day,
                until,
                ..
            } => {
                self.granted(&entry.cause, *points, (*until, *last_day));
                25
            }
            What::Unlocked { until, lots } => {
                if entry.at < until.start(programme.zone).as_second() {
                    wrong(self, "points could be spent before their wait was over");
                }
                for (last_day, points) in lots {
                    self.wait((*until, *last_day), -points.get());
                    self.put(*last_day, points.get());
                }
                11
            }
            What::Released {
                order,
                points,
                last_day,
            } => {
                match self.order(order).waits {
                    Some(waits) => self.wait(waits, -points.get()),
                    None => wrong(self, "points were released that did not wait"),
                }
                self.put(*last_day, points.get());
                12
            }
            What::Redeemed { points, lots, order } => {
                let sum = Points::sum(lots.iter().map(|(_, points)| *points));
                if sum != Ok(*points) || lots.iter().any(|(_, points)| points.get() <= 0) {
                    wrong(self, "the lots do not add up to what was spent");
                }
                self.spent(*points, order.as_deref());
                for (last_day, points) in lots {
                    self.put(*last_day, -points.get());
                }
                2
            }
            What::Reserved { points, lots, .. } => {
                if total(lots) != points.get() || lots.iter().any(|(_, points)| points.get() <= 0) {
                    wrong(self, "the lots do not add up to what was reserved");
                }
                for (last_day, points) in lots {
                    self.put(*last_day, -points.get());
                }
                self.sums().reserved.insert(entry.cause.to_string(), lots.clone());
                14
            }
            What::Committed {
                reservation,
                points,
                lots,
                order,
                ..
            } => {
                let held = self.sums().reserved.remove(reservation.as_str());
                if (held.as_ref() != Some(lots) || total(lots) != points.get()) && !self.gap {
                    wrong(self, "what was committed is not what was reserved");
                }
                self.spent(*points, order.as_deref());
                2
            }
            What::Extended { lots, last_day, .. } => {
                for (day, points) in lots {
                    if day >= last_day {
                        wrong(self, "points were made to last shorter");
                    }
                    self.put(*day, -points.get());
                    self.put(*last_day, points.get());
                }
                16
            }
            What::Reinstated {
                points, lots, last_day, ..
            } => {
                if total(lots) != points.get() {
                    wrong(self, "the lots do not add up to what was brought back");
                }
                let sums = self.sums();
                sums.expired = sums.expired.saturating_sub(points.get());
                if sums.expired < 0 && !self.gap {
                    wrong(self, "more was brought back than had lapsed");
                }
                self.put(*last_day, points.get());
                17
            }
            What::LetGo {
                reservation,
                lots,
                gone,
            } => {
                let held = self.sums().reserved.remove(reservation.as_str());
                let mut let_go: Vec<_> = lots.iter().chain(gone).copied().collect();
                let mut held = held.unwrap_or_default();
                let_go.sort_unstable();
                held.sort_unstable();
                if let_go != held && !self.gap {
                    wrong(self, "what was let go is not what was reserved");
                }
                for (last_day, points) in lots {
                    self.put(*last_day, points.get());
                }
                let sums = self.sums();
                sums.expired = sums.expired.saturating_add(total(gone));
                15
            }
            What::Sent { points, lots, .. } => {
                if total(lots) != points.get() || lots.iter().any(|(_, points)| points.get() <= 0) {
                    wrong(self, "the lots do not add up to what was sent");
                }
                self.received(-points.get(), lots, &[]);
                21
            }
            What::Received { points, lots, gone, .. } => {
                if total(lots).saturating_add(total(gone)) != points.get() {
                    wrong(self, "the lots do not add up to what was received");
                }
                self.received(points.get(), lots, gone);
                22
            }
            What::Claimed { .. }
            | What::RewardGiven { .. }
            | What::Fulfilled { .. }
            | What::RewardBack { .. }
            | What::RewardExpired
            | What::RewardReminded { .. } => self.reward(entry),
            What::Expired { points, last_day } => {
                // How long a member was active is not in the entries.
                let ended = last_day.plus(1).start(programme.zone);
                if last_day.stretch().is_none() && entry.at < ended.as_second() {
                    wrong(self, "points lapsed before the end of their last day");
                }
                let sums = self.sums();
                sums.expired = sums.expired.saturating_add(points.get());
                self.put(*last_day, -points.get());
                3
            }
            What::TierChanged { .. }
            | What::TierGiven { .. }
            | What::TierKept { .. }
            | What::TierGrace { .. }
            | What::TierAtRisk { .. }
            | What::TierLost { .. } => self.tier(entry),
            What::Reminded { .. } => 5,
            What::Segment { .. } => 23,
            What::CartLeft { .. } => 32,
            What::Erased { lots, pending } => {
                self.erased(lots, pending);
                33
            }
            What::Birthday => 6,
            What::Anniversary { .. } => 7,
            What::Adjusted { points, lots, .. } => {
                let short = points.get().saturating_abs().saturating_sub(total(lots));
                if short < 0 || (short > 0 && points.get() > 0) {
                    wrong(self, "the lots do not add up to what was adjusted");
                }
                let sums = self.sums();
                sums.owed = sums.owed.saturating_add(short);
                for (last_day, moved) in lots {
                    self.put(*last_day, moved.get().saturating_mul(points.get().signum()));
                }
                8
            }
            What::Returned(returned) => {
                self.returned(programme, returned);
                9
            }
            What::Settled { lots } => {
                for (last_day, points) in lots {
                    self.put(*last_day, -points.get());
                }
                let sums = self.sums();
                sums.owed = sums.owed.saturating_sub(total(lots));
                if sums.owed < 0 && !self.gap {
                    wrong(self, "more was paid than was owed");
                }
                10
            }
            What::ClawedBack { lots } => {
                for (last_day, points) in lots {
                    self.put(*last_day, -points.get());
                }
                let sums = self.sums();
                sums.returned = sums.returned.saturating_add(total(lots));
                sums.waived = sums.waived.saturating_sub(total(lots));
                if sums.waived < 0 && !self.gap {
                    wrong(self, "more was taken than had been waived");
                }
                24
            }
        };
        if !self.seen.insert((kind, entry.wallet, entry.cause.to_string())) {
            let cause = entry.cause.to_string();
            self.say(Some(self.position), Finding::Twice { cause });
        }
    }
}

#[cfg(test)]
mod tests;
