//! `regulars liability`: what the programme owes its members in each wallet, and when it lapses.

mod print;

use std::collections::BTreeMap;

use anstream::{print, println};
use jiff::Timestamp;
use jiff::civil::Date;
use ledger::{Coming, Day, Liability, MemberId, When};
use programme::{Points, PointsError, Programme, WalletId};
use serde::Serialize;
use store::Ledger;

use crate::cli::{By, LiabilityOptions};
use crate::ledgers::{LedgersError, Opened};

/// Why it cannot be told what is owed. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum LiabilityError {
    #[error(transparent)]
    Ledgers(#[from] LedgersError),
    #[error("nobody has signed up as {0}; member ids are the shop's own, as in its orders")]
    NoMember(MemberId),
    #[error(
        "--through {through} is before the ledgers' own day, {today}, and what lapsed by then is owed no longer; \
         name that day or a later one"
    )]
    Over { through: Date, today: Date },
    #[error(transparent)]
    Points(#[from] PointsError),
    #[error("what is owed cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// What is owed: `--json` prints it as it stands here.
#[derive(Debug, Serialize)]
pub struct Report {
    pub programme: String,
    /// To this member alone, if any.
    pub member: Option<String>,
    pub at: Timestamp,
    pub through: Option<Date>,
    pub wallets: Vec<InWallet>,
    /// Accounts that are in no sum.
    pub damaged: Vec<Unread>,
}

/// What is owed in a wallet.
#[derive(Debug, Serialize)]
pub struct InWallet {
    pub wallet: WalletId,
    pub name: String,
    /// Its name in the programme's own language.
    pub title: String,
    /// Else its points only count.
    pub spendable: bool,
    /// How many have points.
    pub members: u64,
    pub outstanding: Points,
    pub reserved: Points,
    pub pending: Points,
    pub owed: Points,
    /// In the order of time.
    pub coming: Vec<ComingRow>,
    pub sum: ComingRow,
}

/// The points that lapse and unlock at a time.
#[derive(Debug, Serialize)]
pub struct ComingRow {
    /// A month, a day, or `never`. None for a sum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    pub lapsing: Points,
    pub unlocking: Points,
}

/// An account that cannot be read.
#[derive(Debug, Serialize)]
pub struct Unread {
    pub member: String,
    pub why: String,
}

/// Sums up what is owed, and prints it.
pub async fn run(options: &LiabilityOptions) -> Result<Report, LiabilityError> {
    let opened = Opened::open(&options.source).await?;
    let report = report(&opened, options).await;
    let zone = opened.programme.zone;
    opened.close().await;
    let report = report?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", print::text(&report, zone.rules(), options.by));
    }
    Ok(report)
}

/// The sums, by wallet.
struct Owed<'a> {
    programme: &'a Programme,
    now: Timestamp,
    wallets: BTreeMap<WalletId, Liability>,
    damaged: Vec<Unread>,
}

async fn report(opened: &Opened, options: &LiabilityOptions) -> Result<Report, LiabilityError> {
    let now = opened.now();
    let programme = opened.programme.at(now);
    let today = Day::at(now, programme.zone).date();
    if let Some(through) = options.through.filter(|through| *through < today) {
        return Err(LiabilityError::Over { through, today });
    }
    let wallets = programme.wallets.iter();
    let mut owed = Owed {
        programme,
        now,
        wallets: wallets.map(|wallet| (wallet.number, Liability::default())).collect(),
        damaged: Vec::new(),
    };
    if let Some(member) = &options.member {
        owed.add(&one(opened, member).await?)?;
    } else {
        let mut walk = opened.walk("Adding up").await?;
        while let Some(found) = walk.next().await? {
            found.iter().try_for_each(|ledger| owed.add(ledger))?;
        }
    }
    owed.report(options)
}

async fn one(opened: &Opened, member: &MemberId) -> Result<Ledger, LiabilityError> {
    let ledger = opened.store.ledger(member).await.map_err(LedgersError::from)?;
    if ledger.account.is_none() && ledger.pages.is_empty() {
        return Err(LiabilityError::NoMember(member.clone()));
    }
    Ok(ledger)
}

impl Owed<'_> {
    fn add(&mut self, ledger: &Ledger) -> Result<(), PointsError> {
        let account = match &ledger.account {
            Some(Ok(stored)) => Ok(&stored.account),
            Some(Err(why)) => Err(why.to_string()),
            None => Err("there are pages of a ledger and no account".to_owned()),
        };
        match account {
            Ok(account) => {
                for wallet in account.wallets() {
                    let liability = self.wallets.entry(wallet).or_default();
                    liability.add(account, wallet, self.programme, self.now)?;
                }
            }
            Err(why) => self.damaged.push(Unread {
                member: ledger.member.to_string(),
                why,
            }),
        }
        Ok(())
    }

    fn report(self, options: &LiabilityOptions) -> Result<Report, LiabilityError> {
        // Points of a wallet that the programme has no longer are there all the same.
        let empty = Liability::default();
        let is_told = |wallet: WalletId, owed: &Liability| self.programme.wallet(wallet).is_some() || *owed != empty;
        let wallets = self.wallets.iter().filter(|(wallet, owed)| is_told(**wallet, owed));
        let wallets = wallets.map(|(wallet, liability)| in_wallet(self.programme, *wallet, liability, options));
        Ok(Report {
            programme: self.programme.name.clone(),
            member: options.member.as_ref().map(ToString::to_string),
            at: self.now,
            through: options.through,
            wallets: wallets.collect::<Result<_, PointsError>>()?,
            damaged: self.damaged,
        })
    }
}

fn in_wallet(
    programme: &Programme,
    wallet: WalletId,
    liability: &Liability,
    options: &LiabilityOptions,
) -> Result<InWallet, PointsError> {
    let when = match options.by {
        By::Month => When::month,
        By::Day => When::day,
    };
    let coming = liability.coming(when, options.through.map(Day::of))?;
    let sum = Coming::sum(coming.values())?;
    let rules = programme.wallet(wallet);
    let name = rules.map_or_else(|| wallet.to_string(), |rules| rules.name.clone());
    let title = match programme.wallet_name(wallet, programme.texts.locale_for("")) {
        "" => name.clone(),
        title => title.to_owned(),
    };
    Ok(InWallet {
        wallet,
        name,
        title,
        spendable: rules.is_none_or(|rules| rules.spendable),
        members: liability.members,
        outstanding: liability.outstanding,
        reserved: liability.reserved,
        pending: liability.pending,
        owed: liability.owed,
        coming: coming
            .into_iter()
            .map(|(when, coming)| row(Some(when), coming))
            .collect(),
        sum: row(None, sum),
    })
}

fn row(when: Option<When>, coming: Coming) -> ComingRow {
    ComingRow {
        when: when.map(|when| when.to_string()),
        lapsing: coming.lapsing,
        unlocking: coming.unlocking,
    }
}
