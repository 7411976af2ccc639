//! `regulars why`: which rule did what to a member, with which values, and why the others did not.

mod dry_run;
mod entries;
mod given;
mod judged;
mod options;
mod replay;
mod replied;
mod rules;
mod show;
mod story;
mod told;

use std::collections::BTreeMap;

use anstream::{print, println};
use jiff::Timestamp;
use ledger::{Account, Entry, Line, MemberId, Page, statement};
use messages::ProfileChange;
use programme::{Programme, Zone, one_of};
use store::{Change, Damaged, Evidence, Item, Ledger, MessageRecord, Recorded, Store, StoredProfile};

use crate::ledgers::{LedgersError, Opened};
use crate::statement::StatementError;
pub use options::{WHY_EXAMPLES, WhyOptions};
use replay::{Known, Programmes, replay};
use show::Detail;
use story::{CLOCK, Facts};
pub use told::{ClauseTold, EntryTold, Kind, MessageTold, Outcome, RuleTold, Story, Told};

pub use dry_run::dry_run;
pub use options::{TRY_EXAMPLES, TryOptions};

/// Why nothing is told. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum WhyError {
    #[error(transparent)]
    Statement(#[from] StatementError),
    #[error("member {member} has no activity and no message {about:?}; {mend}")]
    Unknown {
        member: MemberId,
        about: String,
        mend: String,
    },
    #[error(
        "member {0} was erased, and with them what they did, so nothing can be explained; regulars statement shows what is left: \
         the entries"
    )]
    Erased(MemberId),
    #[error("the story cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl From<LedgersError> for WhyError {
    fn from(why: LedgersError) -> Self {
        Self::Statement(why.into())
    }
}

/// Tells a member's story, or a part of it.
pub async fn run(options: &WhyOptions) -> Result<(), WhyError> {
    let opened = Opened::open_beside(&options.source, &options.beside).await?;
    let now = opened.now();
    let told = story(&opened.store, &opened.programme, &options.member, now).await;
    opened.close().await;
    let (mut story, zone) = told?;
    let mut detail = Detail::Brief;
    if let Some(about) = &options.about {
        story = pick(story, about, &options.member)?;
        detail = Detail::Full;
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&story)?);
    } else {
        print!("{}", show::text(&story, zone, detail));
    }
    Ok(())
}

/// The whole story of a member, and their zone.
pub async fn story(
    store: &Store,
    programme: &Programme,
    member: &MemberId,
    now: Timestamp,
) -> Result<(Story, Zone), WhyError> {
    let read = Read::of(store, member).await?;
    let programmes = Programmes::new(programme.clone(), &read.changes);
    let zone = read.account.zone(programme);
    Ok((read.story((member, &zone), &programmes, now)?, zone))
}

/// What the tables have of a member.
struct Read {
    account: Account,
    pages: Vec<Page>,
    activities: BTreeMap<String, Recorded>,
    refused: BTreeMap<String, String>,
    records: Vec<MessageRecord>,
    profile: Option<StoredProfile>,
    /// What was replied from the member's number.
    replies: Vec<Evidence>,
    changes: Vec<Change>,
}

impl Read {
    async fn of(store: &Store, member: &MemberId) -> Result<Self, WhyError> {
        let failed = |why| WhyError::from(LedgersError::from(why));
        let ledger = store.ledger(member).await.map_err(failed)?;
        let (account, pages) = whole(member, ledger)?;
        if account.is_erased() {
            return Err(WhyError::Erased(member.clone()));
        }
        let items = store.activities(member).await.map_err(failed)?;
        let (activities, refused) = read(&items);
        let profile = store.profile(member).await.map_err(failed)?;
        let phone = profile.as_ref().and_then(|stored| stored.profile.phone.as_ref());
        let replies = match phone {
            Some(phone) => store.replies_of(phone).await.map_err(failed)?,
            None => Vec::new(),
        };
        Ok(Self {
            account,
            pages,
            activities,
            refused,
            records: store.messages(member).await.map_err(failed)?,
            profile,
            replies,
            changes: store.switch_history().await.map_err(failed)?,
        })
    }

    fn story(
        &self,
        (member, zone): (&MemberId, &Zone),
        programmes: &Programmes,
        now: Timestamp,
    ) -> Result<Story, WhyError> {
        let known = Known {
            programmes,
            account: None,
            pages: Vec::new(),
            entries: lines(member, &self.pages, &self.account)?,
            activities: &self.activities,
        };
        let steps = replay(known);
        // Else it follows from the sign-up and the consents since.
        let changes = self.activities.values().map(|recorded| &recorded.incoming.profile);
        let is_signed_up = changes
            .flatten()
            .any(|change| matches!(change, ProfileChange::SignUp(_)));
        let facts = Facts {
            member,
            zone: *zone,
            programmes,
            steps: &steps,
            activities: &self.activities,
            refused: &self.refused,
            records: &self.records,
            changes: &self.changes,
            replies: &self.replies,
            profile: self
                .profile
                .as_ref()
                .map(|stored| &stored.profile)
                .filter(|_| !is_signed_up),
            stopped: None,
            now,
        };
        Ok(facts.story())
    }
}

fn damaged(member: &MemberId, why: impl ToString) -> WhyError {
    WhyError::Statement(StatementError::Damaged {
        member: member.clone(),
        why: why.to_string(),
    })
}

/// A ledger that can be read whole.
fn whole(member: &MemberId, ledger: Ledger) -> Result<(Account, Vec<Page>), WhyError> {
    let stored = ledger.account.ok_or_else(|| StatementError::NoMember(member.clone()))?;
    let stored = stored.map_err(|why| damaged(member, why))?;
    let pages: Result<Vec<Page>, Damaged> = ledger.pages.into_iter().collect();
    Ok((stored.account, pages.map_err(|why| damaged(member, why))?))
}

/// The entries, each with its line in the statement.
fn lines(member: &MemberId, pages: &[Page], account: &Account) -> Result<Vec<(Line, Entry)>, WhyError> {
    let lines = statement(pages, account).map_err(|why| damaged(member, why))?;
    let open = account.page();
    let closed = pages.iter().filter(|page| page.end() <= open.first());
    let mut entries = Vec::with_capacity(lines.len());
    for page in closed.chain([open]) {
        entries.extend(page.entries().map_err(|why| damaged(member, why))?);
    }
    Ok(lines.into_iter().zip(entries).collect())
}

/// The activities that can be read, and why some were refused.
fn read(items: &[Item]) -> (BTreeMap<String, Recorded>, BTreeMap<String, String>) {
    let (mut activities, mut refused) = (BTreeMap::new(), BTreeMap::new());
    for item in items {
        // What cannot be read did nothing, and waits beside its reason.
        let Ok(recorded) = Recorded::read(item) else { continue };
        let id = recorded.id.to_string();
        refused.extend(store::refusal(item).map(|why| (id.clone(), why.to_owned())));
        activities.insert(id, recorded);
    }
    (activities, refused)
}

/// Nearly nobody reads a list of more names.
const LONG: usize = 8;

/// The part of a story that somebody asks about.
fn pick(story: Story, about: &str, member: &MemberId) -> Result<Story, WhyError> {
    let Story {
        member: id,
        zone,
        steps,
    } = story;
    let is_called = |name: &str| name == about || name.split_once('#').is_some_and(|(_, own)| own == about);
    let is_about = |told: &Told| {
        let of_entry = |cause: &str| told.cause == CLOCK && is_called(replay::base(cause));
        is_called(&told.cause) || told.entries.iter().any(|entry| of_entry(&entry.cause))
    };
    let (found, others): (Vec<Told>, Vec<Told>) = steps.into_iter().partition(is_about);
    if !found.is_empty() {
        return Ok(Story {
            member: id,
            zone,
            steps: found,
        });
    }
    let mut known: Vec<String> = others.iter().flat_map(names).collect();
    let of_message = others.into_iter().filter_map(|mut told| {
        told.messages.retain(|message| message.key == about);
        told.rules.clear();
        told.tiers.clear();
        (!told.messages.is_empty()).then_some(told)
    });
    let found: Vec<Told> = of_message.collect();
    if !found.is_empty() {
        return Ok(Story {
            member: id,
            zone,
            steps: found,
        });
    }
    known.sort();
    known.dedup();
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let mend = one_of(about, &names);
    let near = names.len() <= LONG || mend.starts_with("did you mean");
    Err(WhyError::Unknown {
        member: member.clone(),
        about: about.to_owned(),
        mend: if near {
            mend
        } else {
            "without a name, `regulars why` tells of all there are".to_owned()
        },
    })
}

/// What can be asked about.
fn names(told: &Told) -> Vec<String> {
    let activity = (told.cause != CLOCK).then(|| told.cause.clone());
    let bare = activity.as_deref().and_then(|id| id.split_once('#'));
    let bare = bare.map(|(_, own)| own.to_owned());
    let moments = told.entries.iter().filter(|_| told.cause == CLOCK);
    let moments = moments.map(|entry| replay::base(&entry.cause).to_owned());
    let messages = told.messages.iter().map(|message| message.key.clone());
    activity
        .into_iter()
        .chain(bare)
        .chain(moments)
        .chain(messages)
        .collect()
}
