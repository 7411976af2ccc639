//! `regulars audit`: derives every account again from its entries and checks the chain that ties them together.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anstream::println;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::{SignedDuration, Timestamp};
use ledger::MemberId;
use programme::Programme;
use starter::{Aws, Settings, SettingsError};
use store::{Ledger, Store, StoreError, Tables};

use crate::cli::AuditOptions;
use crate::engine::{self, Bundle, EngineError, Faults};
use crate::project::{Project, ProjectError};
use crate::tables::{self, NoTable};

/// Why an audit does not start or does not end. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error(transparent)]
    Project(#[from] ProjectError),
    #[error("no run is kept in {0}; name the folder that was given to a run with --data DIR")]
    NoRun(PathBuf),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    NoTable(#[from] NoTable),
    #[error("{0}; `aws configure export-credentials --format env` prints the credentials, AWS_REGION is the table's")]
    Aws(#[from] SettingsError),
    #[error("the table cannot be read: {0}")]
    Store(#[from] StoreError),
}

/// What an audit found.
#[derive(Debug, Default)]
pub struct Audited {
    pub members: u64,
    pub entries: u64,
    /// By member, each said in a line.
    pub differences: Vec<(MemberId, String)>,
}

/// Audits the tables of a kept run, or of AWS, and prints what it found.
pub async fn run(options: &AuditOptions) -> Result<Audited, AuditError> {
    let project = Project::find(options.program.as_deref())?;
    let audited = match (&options.data, &options.table) {
        (Some(data), _) => {
            let bundle = tables_alone(&project, data).await?;
            let store = tables::store(&bundle, project.alarm_shards())?;
            let audited = audit(&store, &project.programme).await;
            bundle.shutdown().await;
            audited?
        }
        (None, table) => audit(&on_aws(table.clone().unwrap_or_default())?, &project.programme).await?,
    };
    for (member, difference) in &audited.differences {
        println!("member {member}, {difference}");
    }
    println!("{}", verdict(&audited));
    Ok(audited)
}

fn verdict(audited: &Audited) -> String {
    use crate::play::thousands;
    let (members, entries) = (thousands(audited.members), thousands(audited.entries));
    match audited.differences.as_slice() {
        [] => format!(
            "{members} accounts follow from their {entries} entries to the last point, and every chain is unbroken."
        ),
        all => {
            let mut wrong: Vec<&MemberId> = all.iter().map(|(member, _)| member).collect();
            wrong.dedup();
            let (wrong, all) = (thousands(count(wrong.len())), thousands(count(all.len())));
            format!("{wrong} of {members} accounts do not follow from their entries: {all} differences, listed above.")
        }
    }
}

/// The tables of a kept run, without its functions: nothing is read that is not asked for, nothing goes on.
async fn tables_alone(project: &Project, data: &Path) -> Result<Bundle, AuditError> {
    if !Bundle::is_kept_in(data) {
        return Err(AuditError::NoRun(data.to_owned()));
    }
    let wiring = crate::wiring::Wiring {
        tables: project.wiring.tables.clone(),
        ..Default::default()
    };
    let bundle = Bundle::start(engine::Options {
        wiring,
        template_dir: project.template_dir.clone(),
        layer_overrides: None,
        binaries: PathBuf::new(),
        data: Some(data.to_owned()),
        start: Timestamp::UNIX_EPOCH,
        step: SignedDuration::from_hours(1),
        faults: Faults::default(),
        log: None,
    });
    Ok(bundle.await?)
}

fn on_aws(members: String) -> Result<Store, SettingsError> {
    let mut settings = Settings::from_environment();
    let config = Aws::new(&mut settings)?.service(&settings, "DYNAMODB");
    settings.complete()?;
    let tables = Tables {
        members,
        ..Tables::default()
    };
    Ok(Store::new(aws_sdk_dynamodb::Client::new(&config), tables, 1))
}

async fn audit(store: &Store, programme: &Programme) -> Result<Audited, AuditError> {
    let mut audited = Audited::default();
    let bar = bar(store.members_items().await?);
    let mut ledgers = store.ledgers();
    while let Some((found, looked_at)) = ledgers.next().await? {
        for ledger in found {
            let mut differences = differences(programme, &ledger);
            if !differences.is_empty() {
                // It may have changed under the walk: what counts is what it says when read at once.
                differences = self::differences(programme, &store.ledger(&ledger.member).await?);
            }
            audited.members += u64::from(ledger.account.is_some());
            audited.entries += entries(&ledger);
            let member = &ledger.member;
            audited
                .differences
                .extend(differences.into_iter().map(|difference| (member.clone(), difference)));
        }
        bar.inc(looked_at);
        bar.set_message(format!("{} members", crate::play::thousands(audited.members)));
    }
    bar.finish_and_clear();
    Ok(audited)
}

fn entries(ledger: &Ledger) -> u64 {
    match &ledger.account {
        Some(Ok(stored)) => stored.account.entries(),
        _ => 0,
    }
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

/// A bar over the table's items.
fn bar(items: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "  Auditing {bar:32.cyan/dim} {percent:>3} %  {msg}";
    let bar = ProgressBar::new(items.max(1));
    bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
