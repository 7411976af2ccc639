//! The ledger of consents, read: what members and numbers gave and withdrew, for whoever has to prove it.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use ledger::MemberId;
use messages::Phone;

use crate::consents::{CONSENT, SIGN_UP};
use crate::item::{Damaged, Item, Reader, text};
use crate::keys::{PK, SK};
use crate::numbers::{NUMBER_KEY, REPLY_KEY, number_name};
use crate::{Store, StoreError};

const WHAT: &str = "the evidence's";

/// Whose evidence it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    Member(MemberId),
    /// Of a phone number, whether or not it is a member's.
    Number(String),
}

/// A consent given or withdrawn, as it is kept. What is not known of it is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub whose: Whose,
    pub at: Timestamp,
    /// What told of it: an activity, or the provider's id of a reply.
    pub id: String,
    pub received: Option<Timestamp>,
    pub channel: Option<String>,
    /// The purpose of what was agreed to; none where a number asked for all it gets.
    pub purpose: Option<String>,
    /// Given, or withdrawn; none where a reply changed neither.
    pub granted: Option<bool>,
    pub source: String,
    pub place: Option<String>,
    /// The declared wording's name, or the words themselves.
    pub wording: Option<String>,
    pub wording_hash: Option<String>,
    pub wording_locale: Option<String>,
    /// Who of the shop noted it, and why.
    pub actor: Option<String>,
    pub reason: Option<String>,
    /// What a reply asked, and what that came to.
    pub class: Option<String>,
    pub came: Option<String>,
}

impl Evidence {
    fn read(item: &Item) -> Result<Self, Damaged> {
        let reader = Reader { what: WHAT, item };
        let (pk, sk) = (reader.text(PK)?, reader.text(SK)?);
        let optional = |name: &str| Ok::<_, Damaged>(reader.optional(name)?.map(str::to_owned));
        let received: Option<Timestamp> = reader.optional_parsed("received")?;
        let (whose, at, id) = match (pk.strip_prefix(NUMBER_KEY), sk.strip_prefix(CONSENT)) {
            (None, Some(rest)) => {
                let (at, id) = rest
                    .split_once('#')
                    .ok_or_else(|| Damaged::new(WHAT, SK, "has no id"))?;
                let at = at.parse().map_err(|_| Damaged::new(WHAT, SK, "has no instant"))?;
                (Whose::Member(reader.parsed(PK)?), at, id)
            }
            (Some(number), None) => {
                let at = reader.optional_parsed("at")?.or(received);
                let at = at.ok_or_else(|| Damaged::new(WHAT, "received", "is missing"))?;
                let id = sk.strip_prefix(REPLY_KEY).unwrap_or_default();
                (Whose::Number(number.to_owned()), at, id)
            }
            _ => return Err(Damaged::new(WHAT, SK, "is no consent's")),
        };
        let class = optional("class")?;
        let granted = match item.get("granted") {
            Some(granted) => granted.as_bool().ok().copied(),
            None => match reader.optional("came")? {
                Some("stopped" | "already-stopped" | "asked") => Some(false),
                Some("resumed") => Some(true),
                _ => None,
            },
        };
        Ok(Self {
            at,
            id: id.to_owned(),
            received,
            channel: match &whose {
                Whose::Member(_) => optional("channel")?,
                Whose::Number(_) => Some(programme::Channel::Sms.name().to_owned()),
            },
            purpose: optional("purpose")?,
            granted,
            source: match optional("source")? {
                Some(source) => source,
                // What was kept before the source was.
                None if class.is_some() => "reply".to_owned(),
                None if id.starts_with(SIGN_UP) => SIGN_UP.to_owned(),
                None => "consent".to_owned(),
            },
            place: optional("place")?,
            wording: optional("wording")?,
            wording_hash: optional("wording_hash")?,
            wording_locale: optional("wording_locale")?,
            actor: optional("actor")?,
            reason: optional("reason")?,
            class,
            came: optional("came")?,
            whose,
        })
    }

    /// What the order of evidence goes by: the same for the same evidence, however it is stored.
    pub fn order(&self) -> (Timestamp, &Whose, &str) {
        (self.at, &self.whose, &self.id)
    }
}

impl Store {
    /// A member's evidence, in order of time.
    pub async fn evidence_of(&self, member: &MemberId) -> Result<Vec<Evidence>, StoreError> {
        let mut found = self.evidence(text(member), CONSENT).await?;
        found.sort_by(|one, other| one.order().cmp(&other.order()));
        Ok(found)
    }

    /// What was replied from a number, in order of its arrival.
    pub async fn replies_of(&self, phone: &Phone) -> Result<Vec<Evidence>, StoreError> {
        let mut found = self.evidence(text(number_name(phone)), REPLY_KEY).await?;
        found.sort_by_key(|reply| (reply.received, reply.at));
        Ok(found)
    }

    /// The evidence of a partition whose keys begin like that.
    async fn evidence(&self, pk: AttributeValue, prefix: &str) -> Result<Vec<Evidence>, StoreError> {
        let (mut found, mut start) = (Vec::new(), None);
        loop {
            let query = self.client.query().table_name(&self.tables.members);
            let page = query
                .key_condition_expression("pk = :whose AND begins_with(sk, :prefix)")
                .expression_attribute_values(":whose", pk.clone())
                .expression_attribute_values(":prefix", text(prefix))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await?;
            found.extend(read(page.items)?);
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(found);
            }
        }
    }

    /// A page of all evidence, in the table's own order, and where the next begins. It reads the whole table: somebody asks
    /// for it now and then.
    pub async fn all_evidence(&self, after: Option<Item>) -> Result<(Vec<Evidence>, Option<Item>), StoreError> {
        let scan = self.client.scan().table_name(&self.tables.members);
        let page = scan
            .filter_expression("begins_with(sk, :consent) OR (begins_with(pk, :number) AND begins_with(sk, :reply))")
            .set_expression_attribute_values(Some(
                [(":consent", CONSENT), (":number", NUMBER_KEY), (":reply", REPLY_KEY)]
                    .map(|(name, prefix)| (name.to_owned(), AttributeValue::S(prefix.to_owned())))
                    .into(),
            ))
            .set_exclusive_start_key(after)
            .send()
            .await?;
        Ok((read(page.items)?, page.last_evaluated_key))
    }
}

/// What a reply came to, where an item of Members is one.
pub fn came(item: &Item) -> Option<&str> {
    let is_reply = item.get(SK)?.as_s().ok()?.starts_with(REPLY_KEY);
    item.get("came").filter(|_| is_reply)?.as_s().ok().map(String::as_str)
}

fn read(items: Option<Vec<Item>>) -> Result<Vec<Evidence>, Damaged> {
    items.unwrap_or_default().iter().map(Evidence::read).collect()
}
