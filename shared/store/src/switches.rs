//! What is paused: one item, which functions read before a batch, and beside it one more for each change there ever was.
//!
//! The item is read with the table's full consistency: who has been told that it is paused may rely on the next batch.
//! Whoever cannot read it must not go on.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use jiff::Timestamp;
use programme::{Paused, Programme, Switch};

use crate::item::{Damaged, Item, Reader, number, text};
use crate::keys::{PK, SK};
use crate::transaction::Transacted;
use crate::{Store, StoreError};

const SWITCHES: &str = "#switches";
const PAUSED: &str = "paused";
const CHANGE: &str = "change#";
const WHAT: &str = "the switches'";
/// Other operators are few; so many lost races in a row mean something else is wrong.
const ATTEMPTS: usize = 10;

/// Who changed a switch, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub switch: Switch,
    /// Else it was resumed.
    pub paused: bool,
    pub at: Timestamp,
    pub by: String,
    pub reason: String,
}

/// The switches that are paused, and those that ever were.
#[derive(Debug, Clone, Default)]
pub struct Switches {
    /// How many changes there were.
    version: u64,
    latest: BTreeMap<Switch, Change>,
}

impl Switches {
    pub fn paused(&self) -> Paused {
        self.paused_since().map(|change| change.switch.clone()).collect()
    }

    /// The pauses that are in force.
    pub fn paused_since(&self) -> impl Iterator<Item = &Change> {
        self.latest.values().filter(|change| change.paused)
    }

    /// Those that held messages and do so no longer, since an instant or later: some may wait still.
    pub fn resumed_since(&self, since: Timestamp) -> impl Iterator<Item = &Switch> {
        let resumed = self
            .latest
            .values()
            .filter(move |change| !change.paused && change.at >= since && change.switch.holds_messages());
        resumed.map(|change| &change.switch)
    }

    /// When something was resumed that is not paused again.
    pub fn resumed_at(&self, switch: &Switch) -> Option<Timestamp> {
        let latest = self.latest.get(switch).filter(|change| !change.paused);
        latest.map(|change| change.at)
    }

    /// Whether something that held messages is resumed.
    pub fn is_resumed(&self, switch: &Switch) -> bool {
        self.latest.get(switch).is_some_and(|change| !change.paused)
    }

    /// A programme with what is paused.
    pub fn of<'p>(&self, programme: &'p Programme) -> Cow<'p, Programme> {
        let paused = self.paused();
        if paused.is_empty() {
            return Cow::Borrowed(programme);
        }
        Cow::Owned(programme.with_paused(&paused))
    }

    fn read(item: &Item) -> Result<Self, Damaged> {
        let reader = Reader { what: WHAT, item };
        let latest = item.get("latest").and_then(|latest| latest.as_m().ok());
        let latest = latest.ok_or_else(|| Damaged::new(WHAT, "latest", "is missing"))?;
        let latest = latest.values().map(|one| {
            let item = one.as_m();
            let change = Change::read(item.map_err(|_| Damaged::new(WHAT, "latest", "holds what is no map"))?)?;
            Ok((change.switch.clone(), change))
        });
        Ok(Self {
            version: reader
                .number("v")?
                .ok_or_else(|| Damaged::new(WHAT, "v", "is missing"))?,
            latest: latest.collect::<Result<_, Damaged>>()?,
        })
    }

    fn item(&self) -> Item {
        let latest: HashMap<String, AttributeValue> = self
            .latest
            .iter()
            .map(|(switch, change)| (switch.to_string(), AttributeValue::M(change.item())))
            .collect();
        let mut item = key(PAUSED);
        item.insert("v".to_owned(), number(self.version));
        item.insert("latest".to_owned(), AttributeValue::M(latest));
        item
    }

    /// With a change more; none where it changes nothing.
    fn with(&self, change: &Change) -> Option<Self> {
        let is_paused = self.latest.get(&change.switch).is_some_and(|latest| latest.paused);
        if is_paused == change.paused {
            return None;
        }
        let mut next = self.clone();
        next.version += 1;
        next.latest.insert(change.switch.clone(), change.clone());
        Some(next)
    }
}

impl Change {
    fn read(item: &Item) -> Result<Self, Damaged> {
        let reader = Reader { what: WHAT, item };
        let state = reader.text("state")?;
        Ok(Self {
            switch: reader.parsed("switch")?,
            paused: match state {
                "paused" => true,
                "resumed" => false,
                other => return Err(Damaged::new(WHAT, "state", format!("is {other:?}"))),
            },
            at: reader.parsed("at")?,
            by: reader.text("by")?.to_owned(),
            reason: reader.text("reason")?.to_owned(),
        })
    }

    fn item(&self) -> Item {
        let state = if self.paused { "paused" } else { "resumed" };
        Item::from([
            ("switch".to_owned(), text(&self.switch)),
            ("state".to_owned(), text(state)),
            ("at".to_owned(), text(self.at)),
            ("by".to_owned(), text(&self.by)),
            ("reason".to_owned(), text(&self.reason)),
        ])
    }
}

fn key(sk: &str) -> Item {
    Item::from([(PK.to_owned(), text(SWITCHES)), (SK.to_owned(), text(sk))])
}

impl Store {
    /// The switches as they stand.
    pub async fn switches(&self) -> Result<Switches, StoreError> {
        let get = self.client.get_item().table_name(&self.tables.members);
        let found = get.set_key(Some(key(PAUSED))).consistent_read(true).send().await?;
        Ok(found.item.as_ref().map(Switches::read).transpose()?.unwrap_or_default())
    }

    /// The programme with what is paused now. It is copied only where something is.
    pub async fn with_switches<'p>(&self, programme: &'p Programme) -> Result<Cow<'p, Programme>, StoreError> {
        Ok(self.switches().await?.of(programme))
    }

    /// Pauses or resumes, and keeps that it was done; gives the switches before it, and whether it changed any.
    pub async fn switch(&self, change: &Change) -> Result<(Switches, bool), StoreError> {
        for _ in 0..ATTEMPTS {
            let before = self.switches().await?;
            let Some(next) = before.with(change) else {
                return Ok((before, false));
            };
            let put = |item: Item| Put::builder().table_name(&self.tables.members).set_item(Some(item));
            let paused = match before.version {
                0 => put(next.item()).condition_expression("attribute_not_exists(pk)"),
                read => put(next.item())
                    .condition_expression("v = :read")
                    .expression_attribute_values(":read", number(read)),
            };
            let mut kept = key(&format!("{CHANGE}{:010}", next.version));
            kept.extend(change.item());
            let kept = put(kept).condition_expression("attribute_not_exists(pk)");
            let built = |put: aws_sdk_dynamodb::types::builders::PutBuilder| {
                let put = put.build().map_err(|_| StoreError::Unreachable)?;
                Ok::<_, StoreError>(TransactWriteItem::builder().put(put).build())
            };
            if self.transact(vec![built(paused)?, built(kept)?]).await? == Transacted::Done {
                return Ok((before, true));
            }
        }
        Err(StoreError::Refused {
            code: "Contended".to_owned(),
            message: format!("{ATTEMPTS} changes of the switches were overtaken"),
        })
    }

    /// Every change there ever was, the first first.
    pub async fn switch_history(&self) -> Result<Vec<Change>, StoreError> {
        let (mut changes, mut start) = (Vec::new(), None);
        loop {
            let query = self.client.query().table_name(&self.tables.members);
            let found = query
                .key_condition_expression("pk = :switches AND begins_with(sk, :change)")
                .expression_attribute_values(":switches", text(SWITCHES))
                .expression_attribute_values(":change", text(CHANGE))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await?;
            for item in found.items.unwrap_or_default() {
                changes.push(Change::read(&item)?);
            }
            start = found.last_evaluated_key;
            if start.is_none() {
                return Ok(changes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_was_resumed_long_ago_is_looked_for_no_longer() {
        let at = |day: &str| format!("2026-03-{day}T10:00:00Z").parse::<Timestamp>().unwrap();
        let change = |paused, day| Change {
            switch: "channel sms".parse().unwrap(),
            paused,
            at: at(day),
            by: "dana".to_owned(),
            reason: "wrong price".to_owned(),
        };
        let paused = Switches::default().with(&change(true, "01")).unwrap();
        assert_eq!(paused.resumed_since(at("01")).count(), 0);
        let resumed = paused.with(&change(false, "03")).unwrap();
        assert_eq!(resumed.resumed_since(at("03")).count(), 1);
        assert_eq!(resumed.resumed_since(at("04")).count(), 0);
        let again = resumed.with(&change(true, "05")).unwrap();
        assert_eq!(again.resumed_since(at("01")).count(), 0);
    }
}
