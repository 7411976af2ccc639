//! What an engine has come to, as facts that two engines can be compared by.

use programme::WalletId;
use std::collections::BTreeMap;
use std::fmt;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Region};
use bundle_tests::{member, root};
use jiff::Timestamp;
use jiff::civil::Date;
use programme::{Channel, Programme};
use regulars::wiring::Wiring;
use store::{Item, MessageRecord, Store, Stored};

/// Facts and how often each is so: a text sent twice is not a text sent once.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading(BTreeMap<String, usize>);

impl Reading {
    fn add(&mut self, fact: String) {
        *self.0.entry(fact).or_default() += 1;
    }

    pub(crate) fn add_sms(&mut self, number: &str, kind: &str, text: &str) {
        self.add(format!("SMS {kind} to {number}: {text}"));
    }

    pub(crate) fn tells(&self, fact: &str) -> bool {
        self.0.keys().any(|told| told.contains(fact))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The facts in which this reading differs from what was expected.
    pub(crate) fn against(&self, expected: &Self) -> String {
        let count = |reading: &Self, fact: &str| reading.0.get(fact).copied().unwrap_or_default();
        let mut facts: Vec<&String> = self.0.keys().chain(expected.0.keys()).collect();
        facts.sort();
        facts.dedup();
        let lines = facts.into_iter().filter_map(|fact| {
            let (is, should) = (count(self, fact), count(expected, fact));
            (is != should).then(|| format!("  {is} times and not {should}: {fact}\n"))
        });
        lines.collect()
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|(fact, times)| writeln!(out, "  {times} x {fact}"))
    }
}

/// The tables of an engine, read past the functions.
pub(crate) struct Tables {
    client: Client,
    store: Store,
    names: store::Tables,
    programme: Programme,
}

impl Tables {
    pub(crate) fn new(endpoint: &str, wiring: &Wiring) -> Self {
        let config = Builder::new()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(endpoint);
        let client = Client::from_conf(config.build());
        let name = |id: &str| wiring.tables[id].name.clone();
        let names = store::Tables {
            activities: name("ActivitiesTable"),
            members: name("MembersTable"),
            messages: name("MessagesTable"),
        };
        Self {
            store: Store::new(client.clone(), names.clone(), 1),
            client,
            names,
            programme: Programme::load(&root().join("program")).expect("the programme"),
        }
    }

    /// Until when a member's first points can be spent.
    pub(crate) async fn last_day(&self, id: &str) -> Date {
        let stored = self.store.account(&member(id)).await.expect("the table");
        stored.expect("an account").account.lots(WalletId::MAIN)[0]
            .last_day
            .date()
    }

    pub(crate) async fn read(&self, now: Timestamp) -> Reading {
        let mut reading = Reading::default();
        for item in self.scan(&self.names.activities).await {
            let refused = text(&item, "refused").map_or(String::new(), |why| format!(" refused: {why}"));
            reading.add(format!("activity {}{refused}", key(&item)));
        }
        for item in self.scan(&self.names.members).await {
            reading.add(format!("item {}", key(&item)));
            match text(&item, "sk").as_deref() {
                Some("account") => self.account(&item, now, &mut reading),
                Some("profile") => self.profile(&item, &mut reading).await,
                _ => {}
            }
        }
        for item in self.scan(&self.names.messages).await {
            reading.add(message(&item));
        }
        reading
    }

    fn account(&self, item: &Item, now: Timestamp, reading: &mut Reading) {
        let id = Stored::member(item).expect("a member");
        let account = Stored::read(item).expect("a sound account").account;
        let totals = account.totals(WalletId::MAIN);
        reading.add(format!(
            "{id} has {} points of {} earned, {} spent, {} expired; tier {}; woken next at {}",
            account.balance(WalletId::MAIN, &self.programme, now).get(),
            totals.earned.get(),
            totals.spent.get(),
            totals.expired.get(),
            account.tier(),
            account.alarm(),
        ));
        // Without the moment of the decision, and so without the chain's hashes: there the engines' clocks differ.
        for (number, entry) in account.page().entries().expect("a sound page").iter().enumerate() {
            let at = entry.happened();
            reading.add(format!(
                "{id} entry {number}: {} at {at}: {:?}",
                entry.cause, entry.what
            ));
        }
    }

    async fn profile(&self, item: &Item, reading: &mut Reading) {
        let id = text(item, "pk").expect("a member");
        let stored = self.store.profile(&member(&id)).await.expect("the table");
        let profile = stored.expect("a profile").profile;
        let endpoint = profile.device.as_ref().is_some_and(|device| device.endpoint.is_some());
        reading.add(format!(
            "{id} speaks {} in {}, agreed to {:?}, has an endpoint: {endpoint}",
            profile.locale, profile.zone, profile.consents
        ));
    }

    async fn scan(&self, table: &str) -> Vec<Item> {
        let (mut items, mut start) = (Vec::new(), None);
        loop {
            let scan = self.client.scan().table_name(table).set_exclusive_start_key(start);
            let found = scan.send().await.expect("a scan");
            items.extend(found.items.unwrap_or_default());
            start = found.last_evaluated_key;
            if start.is_none() {
                return items;
            }
        }
    }
}

fn message(item: &Item) -> String {
    let record = MessageRecord::read(item).expect("a sound message");
    let reason = record.reason.map_or(String::new(), |why| format!(" {why}"));
    let by = record.channel.map_or(String::new(), |channel| {
        let parts = match channel {
            Channel::Sms => format!(" in {} parts", record.parts),
            Channel::Push => String::new(),
        };
        format!(" by {}{parts}", channel.name())
    });
    format!(
        "{} {}{reason}{by}, claimed {} times as {:?}, of {}: {:?}",
        key(item),
        record.state.name(),
        record.attempts,
        record.purpose,
        record.intent.at,
        record.intent.facts
    )
}

fn key(item: &Item) -> String {
    let part = |name| text(item, name).unwrap_or_default();
    format!("{}/{}", part("pk"), part("sk"))
}

fn text(item: &Item, name: &str) -> Option<String> {
    item.get(name)?.as_s().ok().cloned()
}
