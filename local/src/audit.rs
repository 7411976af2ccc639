//! `regulars audit`: derives every account again from its entries and checks the chain that ties them together.

use anstream::println;
use ledger::MemberId;
use programme::Programme;
use store::Ledger;

use crate::cli::Source;
use crate::ledgers::{LedgersError, Opened};
use crate::table::thousands;

/// What an audit found.
#[derive(Debug, Default)]
pub struct Audited {
    pub members: u64,
    pub entries: u64,
    /// By member, each said in a line.
    pub differences: Vec<(MemberId, String)>,
}

/// Audits all ledgers and prints what it found.
pub async fn run(source: &Source) -> Result<Audited, LedgersError> {
    let opened = Opened::open(source).await?;
    let audited = audit(&opened).await;
    opened.close().await;
    let audited = audited?;
    for (member, difference) in &audited.differences {
        println!("member {member}, {difference}");
    }
    println!("{}", verdict(&audited));
    Ok(audited)
}

fn verdict(audited: &Audited) -> String {
    let (members, entries) = (thousands(audited.members), thousands(audited.entries));
    let mut wrong: Vec<&MemberId> = audited.differences.iter().map(|(member, _)| member).collect();
    wrong.dedup();
    let count = |length| thousands(u64::try_from(length).unwrap_or(u64::MAX));
    if wrong.is_empty() {
        format!(
            "{members} accounts follow from their {entries} entries to the last point, and every chain is unbroken."
        )
    } else {
        let (wrong, all) = (count(wrong.len()), count(audited.differences.len()));
        format!("{wrong} of {members} accounts do not follow from their entries: {all} differences, listed above.")
    }
}

async fn audit(opened: &Opened) -> Result<Audited, LedgersError> {
    let (store, programme) = (&opened.store, opened.programme.at(opened.now()));
    let mut audited = Audited::default();
    let mut walk = opened.walk("Auditing").await?;
    while let Some(found) = walk.next().await? {
        for ledger in found {
            let mut differences = differences(programme, &ledger);
            if !differences.is_empty() {
                // It may have changed under the walk: what counts is what it says when read at once.
                differences = self::differences(programme, &store.ledger(&ledger.member).await?);
            }
            audited.members += u64::from(ledger.account.is_some());
            if let Some(Ok(stored)) = &ledger.account {
                audited.entries += stored.account.entries();
            }
            let member = &ledger.member;
            let differences = differences.into_iter().map(|difference| (member.clone(), difference));
            audited.differences.extend(differences);
        }
    }
    Ok(audited)
}

fn differences(programme: &Programme, ledger: &Ledger) -> Vec<String> {
    let unreadable = ledger.pages.iter().filter_map(|page| page.as_ref().err());
    let mut said: Vec<String> = unreadable.map(ToString::to_string).collect();
    match &ledger.account {
        Some(Ok(stored)) => {
            let pages: Vec<ledger::Page> = ledger.pages.iter().flatten().cloned().collect();
            let found = ledger::audit(programme, &pages, &stored.account);
            said.extend(found.iter().map(ToString::to_string));
        }
        Some(Err(why)) => said.push(why.to_string()),
        None => said.push("there are pages of a ledger and no account".to_owned()),
    }
    said
}
