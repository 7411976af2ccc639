//! `regulars preview`: what members would be sent of a kind of message, through which channel, when, and what it costs.
//!
//! Each is stated from the member's own ledger and decided as production decides. Nothing is written.

mod judged;
mod options;
mod show;
mod stated;

use std::collections::BTreeMap;

use anstream::{print, println};
use jiff::Timestamp;
use ledger::{Account, Entry, MemberId, Page};
use messages::Intent;
use programme::{MessageKind, Programme, RewardName, TextError, one_of};
use serde::Serialize;
use store::{Ledger, StoreError};

use crate::ledgers::{LedgersError, Opened};
use crate::play::dice::Dice;
use crate::statement::StatementError;
use judged::{Outcome, Previewed, Summary, judged};
pub(crate) use options::PREVIEW_EXAMPLES;
pub use options::PreviewOptions;
use stated::stated;

/// Why nothing is shown. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    #[error(transparent)]
    Statement(#[from] StatementError),
    #[error(transparent)]
    Text(#[from] TextError),
    #[error("there are no texts in {locale:?}; {mend}")]
    NoLocale { locale: String, mend: String },
    #[error("the preview cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl From<LedgersError> for PreviewError {
    fn from(why: LedgersError) -> Self {
        Self::Statement(why.into())
    }
}

impl From<StoreError> for PreviewError {
    fn from(why: StoreError) -> Self {
        LedgersError::from(why).into()
    }
}

/// What is shown.
#[derive(Debug, Serialize)]
pub struct Preview {
    pub kind: MessageKind,
    /// The instant at which it is decided.
    pub at: Timestamp,
    pub currency: Option<&'static str>,
    pub members: Vec<Previewed>,
    pub summary: Summary,
}

/// Shows what members would be sent.
pub async fn run(options: &PreviewOptions) -> Result<(), PreviewError> {
    let opened = Opened::open(&options.source).await?;
    let preview = preview(&opened, options).await;
    let zone = opened.programme.zone;
    opened.close().await;
    let preview = preview?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&preview)?);
    } else {
        print!("{}", show::text(&preview, zone));
    }
    Ok(())
}

/// Members with a message each, as far as there is one for them.
#[derive(Default)]
struct Chosen {
    messages: Vec<(MemberId, Option<Intent>)>,
    could_be_told: u64,
    members: u64,
}

async fn preview(opened: &Opened, options: &PreviewOptions) -> Result<Preview, PreviewError> {
    let now = options.at.unwrap_or_else(|| opened.now());
    let programme = opened.programme.at(now);
    if let Some(locale) = &options.locale
        && !programme.texts.locales().any(|known| known == locale)
    {
        let known: Vec<&str> = programme.texts.locales().collect();
        return Err(PreviewError::NoLocale {
            locale: locale.clone(),
            mend: one_of(locale, &known),
        });
    }
    let chosen = if options.members.is_empty() {
        sampled(opened, options, now).await?
    } else {
        named(opened, options, now).await?
    };
    let paused = opened.store.with_switches(&opened.programme).await?;
    let gone = gone(opened, programme).await?;
    let ids: Vec<MemberId> = chosen.messages.iter().map(|(member, _)| member.clone()).collect();
    let mut known = opened.store.members(&ids).await?;
    let mut members = Vec::new();
    for (member, intent) in chosen.messages {
        let name = member.to_string();
        let Some(intent) = intent else {
            members.push(Previewed::never(name, Outcome::Nothing, None));
            continue;
        };
        let read = known
            .remove(&member)
            .transpose()
            .map_err(StoreError::from)?
            .unwrap_or_default();
        let (Some(account), Some(stored)) = (read.account, read.profile) else {
            members.push(Previewed::never(name, Outcome::Suppressed, Some("unknown-member")));
            continue;
        };
        let mut profile = stored.profile;
        if let Some(locale) = &options.locale {
            profile.locale.clone_from(locale);
        }
        let of = (&account.account, &profile);
        members.push(judged((&opened.programme, &paused), &intent, of, &gone, now)?);
    }
    Ok(Preview {
        kind: options.kind,
        at: now,
        currency: programme.prices.as_ref().map(|prices| prices.currency.code()),
        summary: Summary::of(&members, (chosen.could_be_told, chosen.members)),
        members,
    })
}

/// The rewards of which there is nothing left.
async fn gone(opened: &Opened, programme: &Programme) -> Result<Vec<RewardName>, PreviewError> {
    let mut gone = Vec::new();
    for reward in programme.rewards.iter().filter(|reward| reward.is_limited()) {
        let shelf = opened.store.on_shelf(reward).await?;
        gone.extend((shelf.left() == 0).then(|| reward.name.clone()));
    }
    Ok(gone)
}

/// Members by name.
async fn named(opened: &Opened, options: &PreviewOptions, now: Timestamp) -> Result<Chosen, PreviewError> {
    let mut chosen = Chosen::default();
    for member in &options.members {
        let ledger = opened.store.ledger(member).await?;
        let (account, entries) = whole(ledger)?;
        let intent = message(&opened.programme, member, (&account, &entries), options.kind, now);
        chosen.members += 1;
        chosen.could_be_told += u64::from(intent.is_some());
        chosen.messages.push((member.clone(), intent));
    }
    Ok(chosen)
}

/// So many of those who could be told so: whose numbers, which follow from seed and member alone, are the lowest.
async fn sampled(opened: &Opened, options: &PreviewOptions, now: Timestamp) -> Result<Chosen, PreviewError> {
    let mut chosen = Chosen::default();
    let mut lowest: BTreeMap<(u64, MemberId), Intent> = BTreeMap::new();
    let mut walk = opened.walk("Looking for members").await?;
    while let Some(ledgers) = walk.next().await? {
        for ledger in ledgers.into_iter().filter(|ledger| ledger.account.is_some()) {
            let member = ledger.member.clone();
            chosen.members += 1;
            // One that is damaged is the audit's to tell of.
            let Ok((account, entries)) = whole(ledger) else {
                continue;
            };
            let Some(intent) = message(&opened.programme, &member, (&account, &entries), options.kind, now) else {
                continue;
            };
            chosen.could_be_told += 1;
            let number = Dice::new(options.seed, &member.to_string(), "preview").next();
            lowest.insert((number, member), intent);
            if lowest.len() > usize::from(options.sample) {
                lowest.pop_last();
            }
        }
    }
    chosen.messages = lowest
        .into_iter()
        .map(|((_, member), intent)| (member, Some(intent)))
        .collect();
    chosen.messages.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(chosen)
}

fn message(
    programme: &Programme,
    member: &MemberId,
    of: (&Account, &[Entry]),
    kind: MessageKind,
    now: Timestamp,
) -> Option<Intent> {
    stated(programme.at(now), member, of, kind, now)
}

/// An account with all of its entries.
fn whole(ledger: Ledger) -> Result<(Account, Vec<Entry>), StatementError> {
    let member = ledger.member;
    let damaged = |why: String| StatementError::Damaged {
        member: member.clone(),
        why,
    };
    let stored = ledger.account.ok_or_else(|| StatementError::NoMember(member.clone()))?;
    let account = stored.map_err(|why| damaged(why.to_string()))?.account;
    let mut entries = Vec::new();
    let pages: Result<Vec<Page>, _> = ledger.pages.into_iter().collect();
    let pages = pages.map_err(|why| damaged(why.to_string()))?;
    let open = account.page();
    let closed = pages.iter().filter(|page| page.end() <= open.first());
    for page in closed.chain([open]) {
        entries.extend(page.entries().map_err(|why| damaged(why.to_string()))?);
    }
    Ok((account, entries))
}
