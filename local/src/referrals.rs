//! `regulars referrals` and `accept-referral`: which referrals wait for somebody to look at them, and one that need not.

use anstream::{print, println};
use ledger::{Accepted, Label};

use crate::cli::{AcceptReferralOptions, ReviewSource};
use crate::ledgers::{LedgersError, Opened};
use crate::table::{Row, Table};

/// Why nothing is told or accepted. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ReferralsError {
    #[error(transparent)]
    Ledgers(#[from] LedgersError),
    #[error("{member} has no referral {id} that waits; `regulars referrals` tells those that do")]
    NoneWaits { member: String, id: String },
    #[error("{option} takes {why}; it is kept in the member's ledger")]
    Said {
        option: &'static str,
        why: ledger::LabelError,
    },
}

/// Lists what waits.
pub async fn list(source: &ReviewSource) -> Result<(), ReferralsError> {
    let opened = Opened::of_activities(source).await?;
    let waiting = opened.store.referrals_in_review().await;
    let zone = opened.programme.zone;
    opened.close().await;
    let waiting = waiting.map_err(LedgersError::from)?;
    if waiting.is_empty() {
        println!("No referral waits.");
        return Ok(());
    }
    let mut out = String::new();
    let mut table = Table::new(&mut out);
    table.columns = vec!["since", "friend", "id"];
    for one in waiting {
        let at = zone.rules().to_datetime(one.at).strftime("%Y-%m-%d %H:%M").to_string();
        let cells = [at, one.referee.to_string(), one.id.to_string()];
        table.rows.push(Row::new(one.referrer.as_str(), cells));
    }
    // A text takes what is written to it.
    table.write("Referrals that wait").unwrap_or_default();
    print!("{out}");
    Ok(())
}

/// Accepts one, and says what that means.
pub async fn accept(options: &AcceptReferralOptions) -> Result<(), ReferralsError> {
    let said = |option, text: &str| -> Result<Label, ReferralsError> {
        text.parse().map_err(|why| ReferralsError::Said { option, why })
    };
    let accepted = Accepted {
        reason: said("--reason", &options.reason)?,
        actor: said("--by", &options.by)?,
    };
    let opened = Opened::of_activities(&options.source).await?;
    let (member, id) = (&options.member, &options.referral);
    let done = opened.store.accept_referral(member, id, &accepted).await;
    opened.close().await;
    if !done.map_err(LedgersError::from)? {
        let (member, id) = (member.to_string(), id.to_string());
        return Err(ReferralsError::NoneWaits { member, id });
    }
    println!(
        "{id} of {member} is accepted: what referrals bring is granted for it now, unless its purchase came back."
    );
    Ok(())
}
