//! Where ledgers are read from: a run kept on this machine, or a table on AWS.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use jiff::{SignedDuration, Timestamp};
use programme::Programme;
use starter::{Aws, SdkConfig, Settings, SettingsError};
use store::{Ledger, Ledgers, Store, StoreError, Tables};

use crate::cli::{Beside, ReviewSource, Source};
use crate::engine::{self, Bundle, EngineError, Faults};
use crate::project::{Project, ProjectError};
use crate::table::thousands;
use crate::tables::{self, NoTable};
use crate::wiring::Wiring;

/// Why there are no ledgers to read. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum LedgersError {
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

/// Opened ledgers, and the programme they were written by.
pub struct Opened {
    pub programme: Programme,
    pub store: Store,
    /// The kept run's tables, without its functions: nothing goes on.
    bundle: Option<Bundle>,
}

impl Opened {
    pub async fn open(source: &Source) -> Result<Self, LedgersError> {
        Self::open_beside(source, &Beside::default()).await
    }

    /// The same, with the tables of activities and messages.
    pub async fn open_beside(source: &Source, beside: &Beside) -> Result<Self, LedgersError> {
        let tables = Tables {
            members: source.table.clone().unwrap_or_default(),
            activities: beside.activities.clone().unwrap_or_default(),
            messages: beside.messages.clone().unwrap_or_default(),
        };
        Self::of((&source.program, &source.data), tables).await
    }

    /// What members did, and not what it came to.
    pub async fn of_activities(source: &ReviewSource) -> Result<Self, LedgersError> {
        let tables = Tables {
            activities: source.activities.clone().unwrap_or_default(),
            ..Tables::default()
        };
        Self::of((&source.program, &source.data), tables).await
    }

    /// A kept run where one is named, and else tables on AWS.
    async fn of((program, data): (&Option<PathBuf>, &Option<PathBuf>), on_aws: Tables) -> Result<Self, LedgersError> {
        let project = Project::find(program.as_deref())?;
        let (store, bundle) = if let Some(data) = data {
            let bundle = tables_alone(&project, data).await?;
            (tables::store(&bundle, project.alarm_shards())?, Some(bundle))
        } else {
            let client = aws_sdk_dynamodb::Client::new(&aws("DYNAMODB")?);
            (Store::new(client, on_aws, 1), None)
        };
        Ok(Self {
            programme: project.programme,
            store,
            bundle,
        })
    }

    /// The time it is there: virtual for a kept run.
    pub fn now(&self) -> Timestamp {
        starter::now(self.bundle.as_ref().map(Bundle::now))
    }

    /// A walk over all ledgers; `doing` says what is done with them.
    pub async fn walk(&self, doing: &str) -> Result<Walk<'_>, LedgersError> {
        Ok(Walk {
            bar: bar(doing, self.store.members_items().await?),
            ledgers: self.store.ledgers(),
            members: 0,
        })
    }

    pub async fn close(self) {
        if let Some(bundle) = self.bundle {
            bundle.shutdown().await;
        }
    }
}

/// A walk over all ledgers, and a bar that tells how far it is.
pub struct Walk<'a> {
    ledgers: Ledgers<'a>,
    bar: ProgressBar,
    members: u64,
}

impl Walk<'_> {
    /// The next ledgers; none at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<Ledger>>, LedgersError> {
        let Some((found, looked_at)) = self.ledgers.next().await? else {
            self.bar.finish_and_clear();
            return Ok(None);
        };
        let accounts = found.iter().filter(|ledger| ledger.account.is_some()).count();
        self.members += u64::try_from(accounts).unwrap_or_default();
        self.bar.inc(looked_at);
        self.bar.set_message(format!("{} members", thousands(self.members)));
        Ok(Some(found))
    }
}

/// A bar over the table's items.
fn bar(doing: &str, items: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = format!("  {doing} {{bar:32.cyan/dim}} {{percent:>3}} %  {{msg}}");
    let bar = ProgressBar::new(items.max(1));
    bar.with_style(ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar()))
}

async fn tables_alone(project: &Project, data: &Path) -> Result<Bundle, LedgersError> {
    if !Bundle::is_kept_in(data) {
        return Err(LedgersError::NoRun(data.to_owned()));
    }
    let bundle = Bundle::start(engine::Options {
        wiring: Wiring {
            tables: project.wiring.tables.clone(),
            ..Wiring::default()
        },
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

/// How a service on AWS is reached, by the environment.
pub(crate) fn aws(service: &str) -> Result<SdkConfig, SettingsError> {
    let mut settings = Settings::from_environment();
    let config = Aws::new(&mut settings)?.service(&settings, service);
    settings.complete()?;
    Ok(config)
}
