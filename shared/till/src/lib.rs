//! Decisions for somebody who waits at the till: what points can pay, and a spend, a reservation, a commit or a cancel, a
//! reward at once, instead of by way of the activities' stream.
//!
//! The activity's id is the idempotency key: the same activity gets the same answer, however often it is sent; another one
//! under the same id is refused. The answer is stored with the activity, in one transaction with what it changes.

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::{Account, Claim, Day, MemberId, Past, Quote, Refusal};
use programme::{Amount, Points, Programme, Reward, WalletId};
use serde::{Deserialize, Serialize};
use store::{Arrival, Decided, Known, Moved, OnShelf, Store, StoreError, Verdict};

/// Other writers of one member are few; so many lost races in a row mean something else is wrong.
const ATTEMPTS: usize = 50;

/// The kinds of activities that are decided at the till. No campaign is set off by one of them, so nobody asks here what is
/// paused, or left of budgets.
pub const KINDS: [&str; 7] = [
    "redeem",
    "reserve",
    "commit",
    "cancel",
    "claim",
    "fulfil",
    "cancel-reward",
];

/// What the one who waits is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Answer {
    pub accepted: bool,
    /// Why not: a stable name for programs, and a sentence for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How many points are missing, how many more a limit leaves room for, the tier that has to be reached, and how many of
    /// a reward a member may have, where that is why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<u16>,
    /// The points of the wallet that can be spent after it.
    pub balance: i64,
    /// Until when points are held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_until: Option<Timestamp>,
    /// The code that comes with a reward, and the last day on which that can be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<Date>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum TillError {
    #[error("{0}")]
    Unusable(String),
    #[error("another activity was sent under this id; give each its own")]
    OtherBody,
    #[error("this activity was sent as an event before, and is on its way; read the account")]
    OnItsWay,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{ATTEMPTS} commits were overtaken; try again")]
    Contended,
}

/// What a member's points of a wallet can pay of an order now. Nothing is held by it.
pub async fn quote(
    store: &Store,
    programme: &Programme,
    member: &MemberId,
    (wallet, order): (Option<&str>, Amount),
    now: Timestamp,
) -> Result<Result<Quote, Refusal>, TillError> {
    let programme = programme.at(now);
    let Some(wallet) = programme.wallet_named(wallet) else {
        let name = wallet.unwrap_or_default().to_owned();
        return Ok(Err(Refusal::UnknownWallet(name)));
    };
    let stored = store.account(member).await?;
    Ok(match stored {
        Some(stored) => ledger::quote(programme, &stored.account, wallet, order, now),
        None => Err(Refusal::UnknownMember),
    })
}

/// A reward, and whether a member can claim it now.
#[derive(Debug)]
pub struct Offer<'a> {
    pub reward: &'a Reward,
    /// What it costs them, or why they cannot have it.
    pub can_be_claimed: Result<Points, Refusal>,
    /// How many are left, where there are only so many.
    pub left: Option<u64>,
}

/// The rewards of the programme as they are for a member, and those they have and have not used.
#[derive(Debug)]
pub struct Rewards<'a> {
    pub offers: Vec<Offer<'a>>,
    pub claims: Vec<Claim>,
}

/// What a member can claim now, and what they have. Nothing is held by it: the last one may be gone by the claim.
pub async fn rewards<'a>(
    store: &Store,
    programme: &'a Programme,
    member: &MemberId,
    now: Timestamp,
) -> Result<Result<Rewards<'a>, Refusal>, TillError> {
    let Some(stored) = store.account(member).await? else {
        return Ok(Err(Refusal::UnknownMember));
    };
    let programme = programme.at(now);
    let mut offers = Vec::new();
    for reward in programme.rewards.iter().filter(|reward| reward.given.is_none()) {
        let shelf = if reward.is_limited() {
            Some(store.on_shelf(reward).await?)
        } else {
            None
        };
        let seen = shelf.as_ref().map(OnShelf::seen);
        offers.push(Offer {
            reward,
            can_be_claimed: ledger::can_be_claimed(programme, &stored.account, reward, seen, now),
            left: shelf.map(|shelf| shelf.left()),
        });
    }
    let today = Day::at(now, programme.zone);
    let claims = stored.account.claims().iter();
    Ok(Ok(Rewards {
        offers,
        claims: claims.filter(|claim| claim.last_day >= today).cloned().collect(),
    }))
}

/// Decides an activity now. What is accepted is committed, and what is refused moved nothing, when this returns.
pub async fn decide(store: &Store, programme: &Programme, arrival: &Arrival) -> Result<Answer, TillError> {
    if !KINDS.contains(&arrival.kind) {
        let (kind, known) = (arrival.kind, KINDS.join(", "));
        return Err(TillError::Unusable(format!(
            "{kind} is not decided at the till; send one of {known}"
        )));
    }
    let programme = programme.at(arrival.received);
    for _ in 0..ATTEMPTS {
        if let Some(answer) = attempt(store, programme, arrival).await? {
            return Ok(answer);
        }
    }
    Err(TillError::Contended)
}

/// One try: read the account, decide, store both. None where another writer was faster.
async fn attempt(store: &Store, programme: &Programme, arrival: &Arrival) -> Result<Option<Answer>, TillError> {
    let recorded = arrival.check().map_err(|why| TillError::Unusable(why.to_string()))?;
    let unusable = || TillError::Unusable(format!("{} changes no points", arrival.kind));
    let activity = recorded.incoming.activity.ok_or_else(unusable)?;
    let Some(stored) = store.account(&arrival.member).await? else {
        // Not kept: once they have signed up, the same activity may be accepted.
        return Ok(Some(refused(&Refusal::UnknownMember, 0)));
    };
    let damaged = |why| StoreError::from(store::Damaged::of_account(why));
    let mut account = stored.account;
    let wallet = wallet_of(programme, &account, &activity.fact);
    let closed = account.close_pages().map_err(damaged)?;
    let mut after = Some(account);
    // Nothing that is decided here looks back at closed pages.
    let shelf = store.shelf_for(programme, &activity.fact).await?;
    let past = Past {
        shelf: shelf.as_ref().map(OnShelf::seen),
        ..Past::default()
    };
    let applied = ledger::apply(programme, &mut after, &activity, past);
    let account = after.ok_or_else(unusable)?;
    let now = activity.received;
    let balance = account.balance(wallet, programme, now).get();
    let (answer, why, moved);
    let verdict = match applied {
        Ok(()) => {
            moved = Moved::by(programme, &account, &activity, shelf).map_err(StoreError::from)?;
            answer = accepted(&account, wallet, activity.id.as_str(), balance);
            Verdict::Accepted {
                account: &account,
                version: stored.version,
                closed: &closed,
                moved: moved.as_ref(),
            }
        }
        // Not kept: what it waits for may be on its way, and then the same activity may be accepted.
        Err(refusal @ (Refusal::NoReservation | Refusal::NoClaim | Refusal::Future { .. })) => {
            return Ok(Some(refused(&refusal, balance)));
        }
        Err(refusal) => {
            answer = refused(&refusal, balance);
            why = refusal.reason();
            Verdict::Refused(&why)
        }
    };
    let text = serde_json::to_string(&answer).map_err(|why| TillError::Unusable(why.to_string()))?;
    match store.decide(arrival, &text, verdict).await? {
        Decided::Done => {
            if let Verdict::Accepted { moved: Some(moved), .. } = verdict {
                moved.warn_if_low(programme);
            }
            Ok(Some(answer))
        }
        Decided::Conflict => Ok(None),
        Decided::Known => match store.known(arrival).await? {
            Some(known) => before(store, programme, arrival, wallet, known).await.map(Some),
            None => Ok(None),
        },
    }
}

/// The answer to an activity that was stored before.
async fn before(
    store: &Store,
    programme: &Programme,
    arrival: &Arrival,
    wallet: WalletId,
    known: Known,
) -> Result<Answer, TillError> {
    if !known.same {
        return Err(TillError::OtherBody);
    }
    if let Some(answer) = known.answer {
        let unusable = |why: serde_json::Error| TillError::Unusable(format!("its answer cannot be read: {why}"));
        return serde_json::from_str(&answer).map_err(unusable);
    }
    // It came as an event: the ledger says whether it was accepted.
    let stored = store.account(&arrival.member).await?.ok_or(TillError::OnItsWay)?;
    let balance = stored.account.balance(wallet, programme, arrival.received).get();
    if store
        .has_cause(&arrival.member, &stored.account, arrival.id.as_str())
        .await?
    {
        return Ok(accepted(&stored.account, wallet, arrival.id.as_str(), balance));
    }
    let refused = known.refused.ok_or(TillError::OnItsWay)?;
    let (code, reason) = refused.split_once(": ").unwrap_or(("refused", &refused));
    Ok(Answer {
        accepted: false,
        code: Some(code.to_owned()),
        reason: Some(reason.to_owned()),
        missing: None,
        room: None,
        tier: None,
        most: None,
        balance,
        held_until: None,
        coupon: None,
        last_day: None,
    })
}

/// The wallet that an activity names, or whose points its reservation holds.
fn wallet_of(programme: &Programme, account: &Account, fact: &ledger::Fact) -> WalletId {
    let named = match fact {
        ledger::Fact::Redeem { wallet, .. } | ledger::Fact::Reserve { wallet, .. } => {
            programme.wallet_named(wallet.as_ref().map(ledger::Label::as_str))
        }
        ledger::Fact::Commit { reservation } | ledger::Fact::Cancel { reservation } => {
            let holds = |wallet: &WalletId| {
                let mut reserved = account.reserved(*wallet).iter();
                reserved.any(|held| held.id == reservation.as_str())
            };
            account.wallets().find(holds)
        }
        ledger::Fact::Claim { reward } => {
            let reward = programme.reward(reward.as_str());
            reward.map(|reward| programme.reward_wallet(reward))
        }
        ledger::Fact::CancelReward { claim } => {
            let mut claims = account.claims().iter();
            claims.find(|held| held.id == claim.as_str()).map(ledger::Claim::wallet)
        }
        _ => None,
    };
    named.unwrap_or_default()
}

fn accepted(account: &Account, wallet: WalletId, id: &str, balance: i64) -> Answer {
    let mut reserved = account.reserved(wallet).iter();
    let until = reserved.find(|held| held.id == id).map(|held| held.until);
    let claim = account.claims().iter().find(|claim| claim.id == id);
    Answer {
        accepted: true,
        code: None,
        reason: None,
        missing: None,
        room: None,
        tier: None,
        most: None,
        balance,
        held_until: until.and_then(|until| Timestamp::from_second(until).ok()),
        coupon: claim.and_then(|claim| claim.code.as_ref()).map(ToString::to_string),
        last_day: claim.and_then(ledger::Claim::lapses_after),
    }
}

fn refused(refusal: &Refusal, balance: i64) -> Answer {
    Answer {
        accepted: false,
        code: Some(refusal.code().to_owned()),
        reason: Some(refusal.to_string()),
        missing: refusal.missing().map(programme::Points::get),
        room: refusal.room().map(programme::Points::get),
        tier: refusal.tier().map(str::to_owned),
        most: refusal.most(),
        balance,
        held_until: None,
        coupon: None,
        last_day: None,
    }
}
