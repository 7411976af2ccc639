//! Phone numbers: whose they are, what was asked from them, and the evidence of it.
//!
//! A number's item decides what may be sent there. Profiles follow it, each written in one transaction with a look at the
//! version of the number that it follows: so a profile that was read before a reply cannot be written after it.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Put, TransactWriteItem};
use jiff::Timestamp;
use ledger::{Mark, MemberId};
use messages::{Number, Phone, Profile, Stopped};
use programme::{Channel, Purpose};

use crate::consents::CONSENT;
use crate::item::{Damaged, Item, Reader, number, text};
use crate::keys::{PK, SK};
use crate::members::{Commit, key};
use crate::profiles::StoredProfile;
use crate::transaction::Transacted;
use crate::{Store, StoreError};

const NUMBER: &str = "number";
/// How the keys of numbers begin, and of the replies that came from one.
pub(crate) const NUMBER_KEY: &str = "#phone#";
pub(crate) const REPLY_KEY: &str = "reply#";
/// How the keys of a number's members begin.
const MEMBER: &str = "member#";
const WHAT: &str = "the number's";

/// A number as it was read; without a version where nothing was asked from it yet.
#[derive(Debug, Clone, Default)]
pub struct StoredNumber {
    pub number: Number,
    pub version: Option<u64>,
}

/// A member's reply, without its words, or what the provider's own list says.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Who told of it: `reply`, or `sns`.
    pub source: &'static str,
    /// The provider's own id.
    pub id: String,
    /// When it was sent, if that is known.
    pub at: Option<Timestamp>,
    pub received: Timestamp,
    /// What it asks.
    pub class: &'static str,
}

/// How far a reply was worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Whatever answers it may have left.
    Begun,
    Done,
}

/// A consent that a reply took or gave back.
#[derive(Debug, Clone, Copy)]
pub struct ByReply<'a> {
    pub reply: &'a Reply,
    pub channel: Channel,
    pub purpose: Purpose,
    pub granted: bool,
}

impl StoredNumber {
    fn read(item: &Item) -> Result<Self, Damaged> {
        let reader = Reader { what: WHAT, item };
        let stopped = reader.optional("stopped")?.map(|name| {
            Stopped::from_name(name).ok_or_else(|| Damaged::new(WHAT, "stopped", "is neither all nor promotional"))
        });
        Ok(Self {
            number: Number {
                stopped: stopped.transpose()?,
                stop_at: reader.optional_parsed("stop_at")?,
                start_at: reader.optional_parsed("start_at")?,
                lifted_at: reader.optional_parsed("lifted_at")?,
                taken_back_at: reader.optional_parsed("taken_back_at")?,
                helped_at: reader.optional_parsed("helped_at")?,
                confirming: item.contains_key("confirming"),
            },
            version: reader.number("v")?,
        })
    }

    fn item(phone: &Phone, stored: &Number, version: u64) -> Item {
        let Number {
            stopped,
            stop_at,
            start_at,
            lifted_at,
            taken_back_at,
            helped_at,
            confirming,
        } = stored;
        let mut item = number_key(phone, NUMBER);
        item.insert("v".to_owned(), number(version));
        let texts = [
            ("stopped", stopped.map(|stopped| stopped.name().to_owned())),
            ("stop_at", stop_at.map(|at| at.to_string())),
            ("start_at", start_at.map(|at| at.to_string())),
            ("lifted_at", lifted_at.map(|at| at.to_string())),
            ("taken_back_at", taken_back_at.map(|at| at.to_string())),
            ("helped_at", helped_at.map(|at| at.to_string())),
            ("confirming", confirming.then(|| "yes".to_owned())),
        ];
        item.extend(
            texts
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), text(value?)))),
        );
        item
    }
}

impl Store {
    /// What was asked from a number so far.
    pub async fn number(&self, phone: &Phone) -> Result<StoredNumber, StoreError> {
        let found = self.item_of(phone, NUMBER).await?;
        Ok(found.as_ref().map(StoredNumber::read).transpose()?.unwrap_or_default())
    }

    /// How far a reply was worked on before, if it was.
    pub async fn reply(&self, phone: &Phone, id: &str) -> Result<Option<Stage>, StoreError> {
        let found = self.item_of(phone, &reply_key(id)).await?;
        Ok(found.map(|item| {
            if item.contains_key("done") {
                Stage::Done
            } else {
                Stage::Begun
            }
        }))
    }

    /// Writes what was asked from a number that was read at `version`, with the reply that asked it and what that came to,
    /// where it is a new one.
    pub async fn put_number(
        &self,
        phone: &Phone,
        asked: &Number,
        version: Option<u64>,
        reply: Option<(&Reply, &'static str)>,
    ) -> Result<Commit, StoreError> {
        let item = StoredNumber::item(phone, asked, version.map_or(1, |version| version + 1));
        let mut writes = vec![self.put_at(item, version)?];
        if let Some((reply, came)) = reply {
            let mut item = number_key(phone, &reply_key(&reply.id));
            item.insert("source".to_owned(), text(reply.source));
            item.insert("received".to_owned(), text(reply.received));
            item.insert("class".to_owned(), text(reply.class));
            item.insert("came".to_owned(), text(came));
            item.extend(reply.at.map(|at| ("at".to_owned(), text(at))));
            writes.push(self.put_at(item, None)?);
        }
        self.all_or_nothing(writes).await
    }

    /// Notes that nothing is left to do for a reply.
    pub async fn reply_is_done(&self, phone: &Phone, id: &str) -> Result<(), StoreError> {
        let update = self.client.update_item().table_name(&self.tables.members);
        let update = update.set_key(Some(number_key(phone, &reply_key(id))));
        let update = update
            .update_expression("SET done = :yes")
            .condition_expression("attribute_exists(pk)");
        update
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .send()
            .await?;
        Ok(())
    }

    /// The members who signed up with a number.
    pub async fn members_of(&self, phone: &Phone) -> Result<Vec<MemberId>, StoreError> {
        let mut members = Vec::new();
        let mut start = None;
        loop {
            let query = self.client.query().table_name(&self.tables.members);
            let found = query
                .key_condition_expression("pk = :number AND begins_with(sk, :member)")
                .expression_attribute_values(":number", text(number_name(phone)))
                .expression_attribute_values(":member", text(MEMBER))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await?;
            for item in found.items.unwrap_or_default() {
                let sk = Reader {
                    what: WHAT,
                    item: &item,
                }
                .text(SK)?
                .to_owned();
                let id = sk.strip_prefix(MEMBER).unwrap_or_default().parse();
                members.push(id.map_err(|_| Damaged::new(WHAT, SK, "names no member"))?);
            }
            start = found.last_evaluated_key;
            if start.is_none() {
                return Ok(members);
            }
        }
    }

    /// Writes a profile that was read at `version` (none: it is new) and follows what its number was when it was read, with
    /// what changes beside it.
    pub(crate) async fn put_profile_of(
        &self,
        phone: &Phone,
        followed: &StoredNumber,
        (member, profile, mark): (&MemberId, &Profile, &Mark),
        version: Option<u64>,
        beside: Vec<TransactWriteItem>,
    ) -> Result<Commit, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.tables.members)
            .set_key(Some(number_key(phone, NUMBER)));
        let check = match followed.version {
            None => check.condition_expression("attribute_not_exists(pk)"),
            Some(version) => check
                .condition_expression("v = :read")
                .expression_attribute_values(":read", number(version)),
        };
        let check = check.build().map_err(|_| StoreError::Unreachable)?;
        let profile = StoredProfile::item(member, profile, mark, version.map_or(1, |version| version + 1));
        let mut writes = vec![
            TransactWriteItem::builder().condition_check(check).build(),
            self.put_at(profile, version)?,
            self.put_always(member_of_number(phone, member))?,
        ];
        writes.extend(beside);
        self.all_or_nothing(writes).await
    }

    /// The evidence of what a reply changed in a member's profile.
    pub(crate) fn by_replies(
        &self,
        member: &MemberId,
        evidence: &[ByReply<'_>],
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let items = evidence.iter().map(|one| self.put_at(one.item(member), None));
        items.collect()
    }

    /// The put of an item, whether or not it is there.
    pub(crate) fn put_always(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        write(Put::builder().table_name(&self.tables.members).set_item(Some(item)))
    }

    /// The put of an item that was read at `version` (none: it is new).
    pub(crate) fn put_at(&self, item: Item, version: Option<u64>) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(&self.tables.members).set_item(Some(item));
        write(match version {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(version) => put
                .condition_expression("v = :read")
                .expression_attribute_values(":read", number(version)),
        })
    }

    pub(crate) async fn all_or_nothing(&self, writes: Vec<TransactWriteItem>) -> Result<Commit, StoreError> {
        Ok(match self.transact(writes).await? {
            Transacted::Done => Commit::Done,
            Transacted::Canceled(_) => Commit::Conflict,
        })
    }

    async fn item_of(&self, phone: &Phone, sk: &str) -> Result<Option<Item>, StoreError> {
        let get = self.client.get_item().table_name(&self.tables.members);
        let get = get.set_key(Some(number_key(phone, sk))).consistent_read(true);
        Ok(get.send().await?.item)
    }
}

impl ByReply<'_> {
    /// Beside what was agreed to elsewhere, and as append-only: no reply has the key of another.
    fn item(&self, member: &MemberId) -> Item {
        let Self {
            reply,
            channel,
            purpose,
            granted,
        } = self;
        let at = reply.at.unwrap_or(reply.received);
        let mut item = key(member, &format!("{CONSENT}{at}#{}~{}", reply.id, purpose.name()));
        let texts = BTreeMap::from([
            ("channel", channel.name()),
            ("purpose", purpose.name()),
            ("source", reply.source),
            ("class", reply.class),
            ("inbound_message_id", &reply.id),
        ]);
        item.extend(texts.into_iter().map(|(name, value)| (name.to_owned(), text(value))));
        item.insert("received".to_owned(), text(reply.received));
        item.insert("granted".to_owned(), AttributeValue::Bool(*granted));
        item
    }
}

fn write(put: aws_sdk_dynamodb::types::builders::PutBuilder) -> Result<TransactWriteItem, StoreError> {
    let put = put.build().map_err(|_| StoreError::Unreachable)?;
    Ok(TransactWriteItem::builder().put(put).build())
}

pub(crate) fn number_name(phone: &Phone) -> String {
    format!("{NUMBER_KEY}{}", phone.reveal())
}

fn number_key(phone: &Phone, sk: &str) -> Item {
    Item::from([(PK.to_owned(), text(number_name(phone))), (SK.to_owned(), text(sk))])
}

/// Where it stands that a number is a member's.
pub(crate) fn member_of_number(phone: &Phone, member: &MemberId) -> Item {
    number_key(phone, &format!("{MEMBER}{member}"))
}

fn reply_key(id: &str) -> String {
    format!("{REPLY_KEY}{id}")
}
