//! A member's statement: the ledger as a person reads it, point by point.

use std::collections::BTreeMap;

use jiff::Timestamp;
use programme::WalletId;

use crate::account::Account;
use crate::codec::Corrupt;
use crate::day::Day;
use crate::entry::{Entry, What};
use crate::page::Page;

/// One entry of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The entry's place in the member's ledger, counted from 0.
    pub number: u64,
    pub at: Timestamp,
    pub cause: String,
    pub wallet: WalletId,
    pub what: What,
    /// What it did to the sum of the wallet's lots, less what is owed.
    pub change: i64,
    /// The sum of the wallet's lots, less what is owed, after it.
    pub balance: i64,
}

/// All entries of a member, oldest first: closed pages by number, then the account's open one. Pages that the account
/// has not dropped yet are left aside; a missing one leaves its entries out, which the audit tells.
pub fn statement(pages: &[Page], account: &Account) -> Result<Vec<Line>, Corrupt> {
    let open = account.page();
    let mut lines = Vec::new();
    let mut balances = BTreeMap::<WalletId, i64>::new();
    for page in pages.iter().filter(|page| page.end() <= open.first()).chain([open]) {
        for (number, entry) in (page.first()..).zip(page.entries()?) {
            let change = entry.change();
            let balance = balances.entry(entry.wallet).or_default();
            *balance += change;
            lines.push(line(number, entry, change, *balance));
        }
    }
    Ok(lines)
}

fn line(number: u64, entry: Entry, change: i64, balance: i64) -> Line {
    Line {
        number,
        at: entry.happened(),
        cause: entry.cause.into(),
        wallet: entry.wallet,
        what: entry.what,
        change,
        balance,
    }
}

impl Line {
    /// What the entry did, in the field's word.
    pub fn name(&self) -> &'static str {
        match self.what {
            What::Joined => "joined",
            What::Earned { .. } => "earned",
            What::Granted { .. } => "granted",
            What::Happened { .. } => "happened",
            What::Referred { .. } => "referred",
            What::ReferralMet { .. } => "referral met",
            What::Referral { .. } => "referral",
            What::ReferralLost { .. } => "referral lost",
            What::Milestone { .. } => "milestone",
            What::MilestoneLost { .. } => "milestone lost",
            What::Redeemed { .. } | What::Committed { .. } => "spent",
            What::Segment { inside: true, .. } => "segment in",
            What::Segment { .. } => "segment out",
            What::Sent { .. } => "sent",
            What::Received { .. } => "received",
            What::Claimed { .. } => "claimed",
            What::RewardGiven { .. } => "given",
            What::Fulfilled { .. } => "fulfilled",
            What::RewardBack { .. } => "reward back",
            What::RewardExpired => "not used",
            What::Reserved { .. } => "reserved",
            What::Extended { .. } => "extended",
            What::Reinstated { .. } => "reinstated",
            What::LetGo { .. } => "let go",
            What::Expired { .. } => "lapsed",
            What::TierChanged { from, to, .. } if to > from => "tier up",
            What::TierChanged { .. } => "tier down",
            What::TierKept { .. } => "tier kept",
            What::TierGrace { .. } => "tier grace",
            What::TierGiven { .. } => "tier given",
            What::TierLost { .. } => "tier lost",
            What::TierAtRisk { .. } => "tier at risk",
            What::Pending { .. } => "pending",
            What::Unlocked { .. } => "unlocked",
            What::Released { .. } => "released",
            What::Returned(_) => "returned",
            What::Settled { .. } => "settled",
            What::ClawedBack { .. } => "taken back",
            What::Reminded { .. } | What::RewardReminded { .. } => "reminded",
            What::CartLeft { .. } => "cart left",
            What::Erased { .. } => "erased",
            What::Birthday => "birthday",
            What::Anniversary { .. } => "anniversary",
            What::Adjusted { .. } => "adjusted",
        }
    }

    /// The lots the entry put points into or took them from: last day and points. Where it did both, what it took is
    /// below nought.
    pub fn lots(&self) -> Vec<(Day, i64)> {
        match &self.what {
            What::Returned(returned) => {
                let taken = returned.lots.iter().map(|(day, points)| (*day, -points.get()));
                let restored = returned.restored.iter().map(|(day, points)| (*day, points.get()));
                restored.chain(taken).collect()
            }
            What::Earned { points, last_day, .. }
            | What::Granted { points, last_day, .. }
            | What::Pending { points, last_day, .. }
            | What::Released { points, last_day, .. }
            | What::Expired { points, last_day } => {
                vec![(*last_day, points.get())]
            }
            What::Reinstated { points, last_day, .. } => vec![(*last_day, points.get())],
            What::Redeemed { lots, .. }
            | What::Extended { lots, .. }
            | What::Reserved { lots, .. }
            | What::Committed { lots, .. }
            | What::LetGo { lots, .. }
            | What::Claimed { lots, .. }
            | What::Erased { lots, .. }
            | What::Sent { lots, .. }
            | What::Received { lots, .. }
            | What::RewardBack { lots, .. }
            | What::Adjusted { lots, .. }
            | What::Settled { lots }
            | What::ClawedBack { lots }
            | What::Unlocked { lots, .. } => lots.iter().map(|(day, points)| (*day, points.get())).collect(),
            _ => Vec::new(),
        }
    }
}
