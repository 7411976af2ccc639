//! What the tests of the whole line share: a bundle from the template, with the real binaries, and ways to look into it.

#![allow(
    clippy::missing_panics_doc,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]

mod dice;
mod history;
mod replies;

pub use dice::{Dice, seed};
pub use history::{Claimed, Happened, history};
pub use replies::inbound;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use aws_sdk_dynamodb::Client;
use jiff::{SignedDuration, Timestamp};
use ledger::{Account, Entry, MemberId};
use programme::Programme;
use regulars::engine::{Bundle, Faults, Options};
use regulars::wiring::StreamMapping;
use serde_json::{Value, json};
use store::{MessageRecord, Store};

/// The sample programme in a folder of its own, with some of its text replaced.
///
/// # Panics
/// Where the sample has no such text, or the folder cannot be written.
pub fn sample_with(within: &Path, text: &str, by: &str) -> PathBuf {
    let (from, to) = (root().join("program"), within.join("program"));
    std::fs::create_dir_all(to.join("texts")).expect("a folder");
    for text in ["texts/en.toml", "texts/zh-CN.toml"] {
        std::fs::copy(from.join(text), to.join(text)).expect("a copy");
    }
    let main = std::fs::read_to_string(from.join("programme.toml")).expect("the sample programme");
    assert!(main.contains(text), "the sample programme has no {text:?}");
    let mut main = main.replace(text, by);
    // Whoever brings others is not held by the sample's own.
    for (section, own) in [("[[caps]]", SAMPLE_CAP), ("[[digests]]", SAMPLE_DIGEST)] {
        if by.contains(section) {
            main = main.replace(own, "");
        }
    }
    std::fs::write(to.join("programme.toml"), main).expect("a programme");
    to
}

/// The cap of the sample programme, and its digest.
pub const SAMPLE_CAP: &str = "[[caps]]\nmost = 2\nper = \"week\"\nover = \"digest\"\n";
pub const SAMPLE_DIGEST: &str = "[[digests]]
kinds = [\"points-earned\", \"tier-upgraded\"]
collect = \"at-once\"
";

/// The repository.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .canonicalize()
            .expect("the repository")
    })
}

/// The folder with the functions' and the bundle's own binaries, built once.
pub fn binaries() -> &'static Path {
    static BINARIES: OnceLock<PathBuf> = OnceLock::new();
    BINARIES.get_or_init(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--bins"])
            .current_dir(root())
            .status()
            .expect("cargo");
        assert!(built.success(), "the binaries could not be built");
        // target/debug/deps/the-test
        let test = std::env::current_exe().expect("the test's own path");
        test.ancestors().nth(2).expect("the profile's folder").to_owned()
    })
}

/// An instant of RFC 3339.
pub fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

pub fn member(id: &str) -> MemberId {
    id.parse().expect("a member id")
}

/// A bundle and the tables behind it.
pub struct Line {
    pub bundle: Bundle,
    pub store: Store,
    pub client: Client,
    pub programme: Programme,
}

/// The platform applications that push needs; CloudFormation cannot make them.
fn parameters() -> BTreeMap<String, String> {
    let application = |platform: &str| format!("{platform}=arn:aws:sns:us-east-1:123456789012:app/{platform}/regulars");
    BTreeMap::from([(
        "PushApplications".to_owned(),
        ["GCM", "APNS"].map(application).join(","),
    )])
}

/// The function that decides on messages.
pub const PUBLISHER: &str = "PublishMessagesFunction";

/// How a line is started.
#[derive(Default)]
pub struct Start {
    pub at: Option<Timestamp>,
    pub faults: Faults,
    pub data: Option<PathBuf>,
    pub log: Option<PathBuf>,
    /// Another programme than the sample.
    pub program: Option<PathBuf>,
    /// A deployment without platform applications: nothing can be pushed.
    pub without_push: bool,
    /// How many processes decide on messages at the same time, each on other members; one where nothing is said.
    pub publishers: usize,
    /// Messages wait until a test hands them to a publisher.
    pub by_hand: bool,
    /// Nobody reads the tables' streams: for what is about one function alone.
    pub without_streams: bool,
}

impl Start {
    /// Starts the bundle of `template.yaml` with the real binaries.
    pub async fn line(self) -> Line {
        let mut parameters = parameters();
        if self.without_push {
            parameters.clear();
        }
        let mut wiring = regulars::template::read(&root().join("template.yaml"), &parameters).expect("the template");
        if self.without_streams {
            wiring.streams.clear();
        }
        let publishing = |mapping: &&mut StreamMapping| mapping.function == PUBLISHER;
        for mapping in wiring.streams.iter_mut().filter(publishing) {
            mapping.parallelization = self.publishers.max(1);
            if self.by_hand {
                mapping.filters = vec![json!({"eventName": ["never"]})];
            }
        }
        let bundle = Bundle::start(Options {
            wiring,
            template_dir: root().to_owned(),
            layer_overrides: self.program.clone(),
            binaries: binaries().to_owned(),
            data: self.data,
            start: self.at.unwrap_or_else(|| at("2026-03-02T15:00:00Z")),
            step: SignedDuration::from_hours(1),
            faults: Faults {
                seed: dice::said().unwrap_or(self.faults.seed),
                ..self.faults
            },
            log: self.log,
        });
        let bundle = bundle.await.expect("the bundle");
        let (client, tables) = regulars::tables::of(&bundle).expect("the tables");
        let store = Store::new(client.clone(), tables, 1);
        Line {
            bundle,
            store,
            client,
            programme: Programme::load(&self.program.unwrap_or_else(|| root().join("program"))).expect("the programme"),
        }
    }
}

impl Line {
    /// Puts a business event on the bus.
    pub async fn put(&self, kind: &str, detail: Value) {
        self.bundle
            .put_event("RegularsBus", "shop.test", kind, detail)
            .await
            .expect("the bus");
    }

    /// Signs a member up who agreed to everything and has a phone.
    pub async fn sign_up(&self, id: &str) {
        self.put("sign-up", sign_up(id, self.bundle.now())).await;
        self.settle().await;
    }

    pub async fn purchase(&self, id: &str, order: &str, amount: &str) {
        self.put("purchase", purchase(id, order, amount, self.bundle.now()))
            .await;
        self.settle().await;
    }

    pub async fn settle(&self) {
        self.bundle.settle().await.expect("quiet");
    }

    pub async fn advance(&self, hours: i64) {
        self.bundle
            .advance_to(self.bundle.now() + SignedDuration::from_hours(hours))
            .await
            .expect("time passes");
    }

    pub async fn account(&self, id: &str) -> Account {
        self.store
            .account(&member(id))
            .await
            .expect("the table")
            .expect("an account")
            .account
    }

    /// All of a member's ledger, closed pages and open one, with the chain checked from page to page.
    pub async fn entries(&self, id: &str) -> Vec<Entry> {
        let account = self.account(id).await;
        let mut head = ledger::Head::default();
        let mut entries = Vec::new();
        let pages = self.store.pages(&member(id)).await.expect("the pages");
        // A page may be written before the commit that drops it; it is part of the ledger only after that.
        for page in pages
            .iter()
            .filter(|page| page.end() <= account.page().first())
            .chain([account.page()])
        {
            assert_eq!(page.first(), entries.len() as u64, "a page is missing");
            assert_eq!(page.before(), head, "the chain is broken between two pages");
            entries.extend(page.entries().expect("a sound page"));
            head = page.head().expect("a sound page");
        }
        assert_eq!(head, account.head(), "the account's head is not the chain's");
        entries
    }

    /// A member's messages, as kind, state and reason.
    pub async fn told(&self, id: &str) -> Vec<(String, String, String)> {
        let records = self.messages(id).await;
        let mut told: Vec<_> = records
            .iter()
            .map(|record| {
                let reason = record.reason.clone().unwrap_or_default();
                (
                    record.intent.kind.name().to_owned(),
                    record.state.name().to_owned(),
                    reason,
                )
            })
            .collect();
        told.sort();
        told
    }

    pub async fn messages(&self, id: &str) -> Vec<MessageRecord> {
        self.store.messages(&member(id)).await.expect("the messages")
    }

    /// The texts SNS accepted, oldest first.
    pub fn texts(&self) -> Vec<String> {
        self.bundle
            .published()
            .into_iter()
            .map(|published| published.body)
            .collect()
    }

    /// All activities that were refused, as key and reason.
    pub async fn refused(&self) -> Vec<(String, String)> {
        let table = self.bundle.table_name("ActivitiesTable").expect("a table");
        let scan = self
            .client
            .scan()
            .table_name(table)
            .filter_expression("attribute_exists(refused)")
            .send()
            .await
            .expect("a scan");
        let text = |item: &store::Item, name: &str| {
            item.get(name)
                .and_then(|value| value.as_s().ok())
                .cloned()
                .unwrap_or_default()
        };
        let mut refused: Vec<_> = scan
            .items()
            .iter()
            .map(|item| (text(item, "sk"), text(item, "refused")))
            .collect();
        refused.sort();
        refused
    }
}

/// How many of a member's entries the sample programme tells them of, where no points are pending, lapse or come back.
pub fn worth_telling(entries: &[Entry]) -> usize {
    let told = entries.iter().filter(|entry| match entry.what {
        ledger::What::Joined | ledger::What::Anniversary { .. } | ledger::What::Birthday => true,
        ledger::What::Earned { points, .. } => points.get() > 0,
        ledger::What::TierChanged { from, to, .. } => to > from,
        ledger::What::RewardGiven { .. } => entry.cause.starts_with("given#signed-print"),
        _ => false,
    });
    told.count()
}

/// The detail of a sign-up of a member who agreed to every SMS. The number is kept for fiction.
pub fn sign_up(id: &str, at: Timestamp) -> Value {
    let consents = ["transactional", "promotional"]
        .map(|purpose| json!({"channel": "sms", "purpose": purpose, "wording": "Text me."}));
    json!({"member": id, "at": at, "name": format!("Name-{id}"), "phone": phone(id), "locale": "en",
        "zone": "America/New_York", "birthday": "1980-06-15", "consents": consents})
}

/// A phone number kept for fiction, made from the last two digits of a member's id.
pub fn phone(id: &str) -> String {
    let digits: String = id.chars().filter(char::is_ascii_digit).collect();
    format!("+1212555{:04}", 100 + digits.parse::<u32>().unwrap_or(0) % 100)
}

pub fn purchase(id: &str, order: &str, amount: &str, at: Timestamp) -> Value {
    json!({"member": id, "order": order, "at": at, "amount": amount, "currency": "USD"})
}
