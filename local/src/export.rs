//! `regulars export`: all that is kept of one member, for a member who asks what that is.

use std::collections::BTreeMap;

use anstream::println;
use jiff::Timestamp;
use ledger::{Account, Line, MemberId, Page, statement};
use programme::Programme;
use serde::Serialize;
use serde_json::{Map, Value};
use store::{Damaged, Evidence, Item, MessageRecord, Store, StoreError, Whose};

use crate::cli::{Beside, Source};
use crate::ledgers::{LedgersError, Opened};

pub(crate) const EXPORT_EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  cargo run -- export 0002 --data run/ > 0002.json
      all that is kept of member 0002 in a run that was kept with --data run/
  cargo run -- export 0002 --table regulars-prod-members --activities regulars-prod-activities \\
      --messages regulars-prod-messages > 0002.json
      the same of a deployed programme";

/// Of whom everything is told.
#[derive(Debug, Clone, clap::Args)]
pub struct ExportOptions {
    /// The member's id, as the shop gave it
    pub member: MemberId,

    #[command(flatten)]
    pub source: Source,

    #[command(flatten)]
    pub beside: Beside,
}

/// Why nothing is told. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    Ledgers(#[from] LedgersError),
    #[error("nothing is kept of {0}; member ids are the shop's own, as in its orders")]
    NoMember(MemberId),
    #[error("the ledger of {member} cannot be read: {why}; `regulars audit` tells more")]
    Damaged { member: MemberId, why: String },
    #[error("what is kept cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Writes it to standard output, as JSON.
pub async fn run(options: &ExportOptions) -> Result<(), ExportError> {
    let opened = Opened::open_beside(&options.source, &options.beside).await?;
    let now = opened.now();
    let kept = kept(&opened.store, &opened.programme, &options.member, now).await;
    opened.close().await;
    println!("{}", serde_json::to_string_pretty(&kept?)?);
    Ok(())
}

/// All that is kept of a member.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Kept {
    member: String,
    at: Timestamp,
    /// Whether the member was forgotten: what follows is what is kept all the same.
    erased: bool,
    /// As it stands in the table.
    profile: Option<Value>,
    account: Option<Of>,
    ledger: Vec<Value>,
    consents: Vec<Value>,
    /// What was asked from the member's number.
    replies: Vec<Value>,
    /// As they stand in the table.
    activities: Vec<Value>,
    messages: Vec<Value>,
}

/// What the account says of a member now.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Of {
    joined: jiff::civil::Date,
    zone: &'static str,
    /// Month and day.
    birthday: Option<String>,
    /// One of each set of tiers.
    tiers: Vec<String>,
    /// What can be spent, by the wallet's name.
    balances: BTreeMap<String, i64>,
    attributes: BTreeMap<String, String>,
    segments: Vec<String>,
    badges: Vec<String>,
    /// Rewards that were not used.
    rewards: Vec<String>,
    cart: Option<String>,
}

/// Reads it.
pub async fn kept(
    store: &Store,
    programme: &Programme,
    member: &MemberId,
    now: Timestamp,
) -> Result<Kept, ExportError> {
    let failed = |why: StoreError| ExportError::Ledgers(why.into());
    let ledger = store.ledger(member).await.map_err(failed)?;
    let damaged = |why: &dyn ToString| ExportError::Damaged {
        member: member.clone(),
        why: why.to_string(),
    };
    let account = ledger.account.transpose().map_err(|why| damaged(&why))?;
    let account = account.map(|stored| stored.account);
    let pages: Result<Vec<Page>, Damaged> = ledger.pages.into_iter().collect();
    let pages = pages.map_err(|why| damaged(&why))?;
    let lines = account.as_ref().map(|account| statement(&pages, account)).transpose();
    let lines = lines.map_err(|why| damaged(&why))?.unwrap_or_default();
    let activities = store.activities(member).await.map_err(failed)?;
    let evidence = store.evidence_of(member).await.map_err(failed)?;
    if account.is_none() && activities.is_empty() && evidence.is_empty() {
        return Err(ExportError::NoMember(member.clone()));
    }
    let profile = store.profile(member).await.map_err(failed)?;
    let phone = profile.as_ref().and_then(|stored| stored.profile.phone.as_ref());
    let replies = match phone {
        Some(phone) => store.replies_of(phone).await.map_err(failed)?,
        None => Vec::new(),
    };
    let messages = store.messages(member).await.map_err(failed)?;
    let item = store.profile_item(member).await.map_err(failed)?;
    Ok(Kept {
        member: member.to_string(),
        at: now,
        erased: account.as_ref().is_some_and(Account::is_erased),
        profile: item.as_ref().map(as_json),
        account: account.as_ref().map(|account| of(programme.at(now), account, now)),
        ledger: lines.iter().map(|line| entry(programme, line)).collect(),
        consents: evidence.iter().map(consent).collect(),
        replies: replies.iter().map(consent).collect(),
        activities: activities.iter().map(activity).collect(),
        messages: messages.iter().map(message).collect(),
    })
}

fn of(programme: &Programme, account: &Account, now: Timestamp) -> Of {
    let tiers = programme.tier_sets().map(|tiers| {
        let tier = account.tier_in(tiers.number);
        programme.tier_name(tiers.number, tier, "").to_owned()
    });
    let balances = account.wallets().map(|wallet| {
        let name = programme.wallet_name(wallet, "").to_owned();
        (name, account.balance(wallet, programme, now).get())
    });
    let attributes = account.attributes();
    Of {
        joined: account.joined(),
        zone: account.zone(programme).name(),
        birthday: account.birthday().map(|day| format!("{:02}-{:02}", day.month, day.day)),
        tiers: tiers.collect(),
        balances: balances.collect(),
        attributes: attributes
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect(),
        segments: account
            .segments()
            .iter()
            .map(|segment| segment.as_str().to_owned())
            .collect(),
        badges: account.badges().iter().map(ToString::to_string).collect(),
        rewards: account.claims().iter().map(|claim| claim.reward.to_string()).collect(),
        cart: account.cart().and_then(|cart| Some(cart.amount()?.to_string())),
    }
}

fn entry(programme: &Programme, line: &Line) -> Value {
    serde_json::json!({"number": line.number, "at": line.at, "cause": line.cause, "what": line.name(),
        "wallet": programme.wallet_name(line.wallet, ""), "points": line.change, "balance": line.balance})
}

fn consent(evidence: &Evidence) -> Value {
    let Evidence {
        whose,
        at,
        id,
        received,
        channel,
        purpose,
        granted,
        source,
        place,
        wording,
        wording_hash,
        wording_locale,
        actor,
        reason,
        class,
        came,
    } = evidence;
    let number = match whose {
        Whose::Member(_) => None,
        Whose::Number(number) => Some(number),
    };
    known(
        serde_json::json!({"at": at, "id": id, "number": number, "received": received, "channel": channel,
        "purpose": purpose, "given": granted, "source": source, "place": place, "wording": wording,
        "wording-hash": wording_hash, "wording-locale": wording_locale, "actor": actor, "reason": reason,
        "asked": class, "came-to": came}),
    )
}

fn message(record: &MessageRecord) -> Value {
    let channel = record.channel.map(programme::Channel::name);
    known(
        serde_json::json!({"key": record.intent.key(), "kind": record.intent.kind.name(), "at": record.intent.at,
        "state": record.state.name(), "reason": record.reason, "channel": channel, "parts": record.parts,
        "put-off-until": record.deferred_until, "sent-at": record.sent_at}),
    )
}

/// Without what is not known.
fn known(mut value: Value) -> Value {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    value
}

fn activity(item: &Item) -> Value {
    let mut told = as_json(item);
    let id = item.get("sk").and_then(|id| id.as_s().ok());
    if let (Some(fields), Some(id)) = (told.as_object_mut(), id) {
        fields.insert("id".to_owned(), Value::String(id.clone()));
    }
    told
}

/// An item's texts, numbers and marks; what the table keeps for itself is left out.
fn as_json(item: &Item) -> Value {
    const OWN: [&str; 5] = ["pk", "sk", "v", "mark_source", "mark_place"];
    let fields = item.iter().filter(|(name, _)| !OWN.contains(&name.as_str()));
    let fields = fields.filter_map(|(name, value)| {
        let value = match (value.as_s(), value.as_n(), value.as_bool(), value.as_l()) {
            // A list or an object is kept as text.
            (Ok(text), ..) => match serde_json::from_str::<Value>(text) {
                Ok(read @ (Value::Array(_) | Value::Object(_))) => read,
                _ => Value::String(text.clone()),
            },
            (_, Ok(number), ..) => Value::String(number.clone()),
            (_, _, Ok(mark), _) => Value::Bool(*mark),
            (.., Ok(list)) => list.iter().filter_map(|one| one.as_s().ok().cloned()).collect(),
            _ => return None,
        };
        Some((name.clone(), value))
    });
    let sorted: BTreeMap<String, Value> = fields.collect();
    Value::Object(sorted.into_iter().collect::<Map<_, _>>())
}
