//! `regulars broadcast`: tells what a broadcast would come to, and starts it.

mod estimate;
mod options;
mod print;

use anstream::{print, println};
use jiff::Timestamp;
use programme::{Broadcast, Programme, one_of};
use store::StoreError;

use crate::ledgers::{LedgersError, Opened};
use crate::switches::{self, SwitchError};
use crate::word::{self, Word, WordError};
use estimate::Estimate;
pub(crate) use options::BROADCAST_EXAMPLES;
pub use options::BroadcastOptions;

/// Why nothing is started or told. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum BroadcastError {
    #[error(transparent)]
    Ledgers(#[from] LedgersError),
    #[error(transparent)]
    Said(#[from] SwitchError),
    #[error("the programme has no broadcast {name:?}; {mend}")]
    Unknown { name: String, mend: String },
    #[error("nobody would get {0}: it is not started")]
    Nobody(String),
    #[error("it is started, and {0}")]
    Word(#[from] WordError),
}

impl From<StoreError> for BroadcastError {
    fn from(why: StoreError) -> Self {
        LedgersError::from(why).into()
    }
}

/// Tells what it would come to, or how far it is, and starts it where that is wanted.
pub async fn run(options: &BroadcastOptions) -> Result<(), BroadcastError> {
    let by = options
        .by
        .as_deref()
        .map(|by| switches::said("--by", by, switches::LONGEST_NAME));
    let by = by.transpose()?;
    let opened = Opened::open(&options.source).await?;
    let begun = begin(options, &opened, by.as_deref()).await;
    opened.close().await;
    if !begun? {
        return Ok(());
    }
    match (&options.bus, &options.source.data) {
        (Some(bus), _) => {
            word::tell(bus, Word::Started).await?;
            println!("It is started.");
        }
        (None, Some(_)) => println!("It is started, and begins when the run goes on."),
        (None, None) => {
            println!("It is started, and begins with the alarm clock's next round; with --bus NAME it begins at once.");
        }
    }
    Ok(())
}

/// Whether it was started.
async fn begin(options: &BroadcastOptions, opened: &Opened, by: Option<&str>) -> Result<bool, BroadcastError> {
    let now = opened.now();
    let programme = opened.programme.at(now);
    let name = &options.name;
    let started = opened.store.broadcast(name).await?;
    if let Some(started) = started {
        let is_held = opened.store.switches().await?.paused().stops_broadcast(name);
        print!("{}", print::progress(&started, is_held, programme.zone));
        return Ok(false);
    }
    let broadcast = programme.broadcast(name.as_str()).ok_or_else(|| {
        let known: Vec<&str> = programme.broadcasts.iter().map(|one| one.name.as_str()).collect();
        BroadcastError::Unknown {
            name: name.to_string(),
            mend: match known.len() {
                0 => "it has none; write one as [[broadcasts]]".to_owned(),
                _ => one_of(name.as_str(), &known),
            },
        }
    })?;
    let estimate = estimate(opened, broadcast, now).await?;
    print!("{}", print::estimate(programme, broadcast, &estimate));
    match by.filter(|_| options.yes) {
        None => {
            println!("\nNothing is started. With --yes --by WHO it is.");
            Ok(false)
        }
        Some(_) if estimate.audience == estimate.past => Err(BroadcastError::Nobody(name.to_string())),
        // Whoever was faster has started it, and that is what was wanted.
        Some(by) => Ok(opened.store.start_broadcast(name, now, by).await?),
    }
}

/// Asks every member.
async fn estimate(opened: &Opened, broadcast: &Broadcast, now: Timestamp) -> Result<Estimate, BroadcastError> {
    let mut estimate = Estimate::default();
    let programme: &Programme = &opened.programme;
    let mut walk = opened.walk("counting").await?;
    while let Some(ledgers) = walk.next().await? {
        let mut audience = Vec::new();
        for ledger in ledgers {
            match ledger.account {
                Some(Ok(stored)) if estimate.meet(programme, broadcast, &stored.account, now) => {
                    audience.push((ledger.member, stored.account));
                }
                Some(Err(_)) => estimate.damaged += 1,
                Some(Ok(_)) | None => {}
            }
        }
        let ids: Vec<_> = audience.iter().map(|(member, _)| member.clone()).collect();
        let known = opened.store.members(&ids).await?;
        for (member, account) in &audience {
            let profile = match known.get(member) {
                Some(Ok(known)) => known.profile.as_ref(),
                Some(Err(_)) | None => None,
            };
            match profile {
                Some(stored) => estimate.add(programme, broadcast, (member, account, &stored.profile), now),
                None => estimate.damaged += 1,
            }
        }
    }
    Ok(estimate)
}
