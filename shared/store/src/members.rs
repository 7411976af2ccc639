//! Accounts and ledger pages: the one conditional write that is a commit.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use ledger::{Account, MemberId, Page, Refusal};

use crate::arrival::Arrival;
use crate::budgets::Drawn;
use crate::item::{Damaged, Item, Reader, instant, number, text};
use crate::keys::{ALARM_AT, ALARM_SHARD, PK, SK};
use crate::stock::Moved;
use crate::transaction::Transacted;
use crate::{Store, StoreError, ledgers};

pub(crate) const ACCOUNT: &str = "account";
/// How the keys of closed pages begin.
pub(crate) const PAGE: &str = "page#";
/// Why an account was taken out of the alarm index.
const DAMAGED: &str = "damaged";
const WHAT: &str = "the account's";

/// An account as it was read, with the version its next commit must find.
#[derive(Debug, Clone)]
pub struct Stored {
    pub account: Account,
    pub version: u64,
}

/// What changes in the same transaction as an account.
#[derive(Debug, Clone)]
pub enum Beside {
    Shelf(Moved),
    /// What campaigns granted out of their budgets.
    Budgets(Vec<Drawn>),
    /// An activity of another member, which the account's own makes.
    Arises(Box<Arrival>),
    /// The account that points go to.
    Receiver(Box<Receiver>),
    /// An activity, as its item, that the account as it was read does not allow.
    Refused(Item, Refusal),
}

impl Beside {
    /// Whether its condition is unmet where there is nothing left to do: a refused activity is gone, so that nobody asks
    /// for its reason; what arises is there already.
    fn may_be_done(&self) -> bool {
        match self {
            Self::Refused(..) | Self::Arises(_) => true,
            Self::Shelf(_) | Self::Budgets(_) | Self::Receiver(_) => false,
        }
    }
}

/// Another member's account, read at a version, and the pages it closed.
#[derive(Debug, Clone)]
pub struct Receiver {
    pub member: MemberId,
    pub account: Account,
    pub version: u64,
    pub closed: Vec<Page>,
}

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    Done,
    /// Another writer was faster: read again.
    Conflict,
}

impl Stored {
    /// Whether an item of Members is an account.
    pub fn is_account(item: &Item) -> bool {
        let sk = item.get(SK).and_then(|sk| sk.as_s().ok());
        sk.is_some_and(|sk| sk == ACCOUNT)
    }

    /// Whether an account was found damaged and taken out of the alarm index.
    pub fn is_silenced(item: &Item) -> bool {
        item.contains_key(DAMAGED)
    }

    /// The member an account item is of.
    pub fn member(item: &Item) -> Result<MemberId, Damaged> {
        Reader { what: WHAT, item }.parsed(PK)
    }

    /// Reads an account item, as stored or as a stream shows it.
    pub fn read(item: &Item) -> Result<Self, Damaged> {
        let reader = Reader { what: WHAT, item };
        let version = reader
            .number("v")?
            .ok_or_else(|| Damaged::new(WHAT, "v", "is missing"))?;
        let account = Account::decode(reader.bytes("b")?).map_err(Damaged::of_account)?;
        Ok(Self { account, version })
    }
}

impl Store {
    /// Reads a member's account; none where nobody signed up under this id.
    pub async fn account(&self, member: &MemberId) -> Result<Option<Stored>, StoreError> {
        let found = self
            .client
            .get_item()
            .table_name(&self.tables.members)
            .set_key(Some(key(member, ACCOUNT)))
            .consistent_read(true)
            .send()
            .await?;
        Ok(found.item.as_ref().map(Stored::read).transpose()?)
    }

    /// Commits an account that was read at `version` (none: it is new), after the pages it closed.
    ///
    /// The pages go first. They hold only entries that were committed before, so whoever writes a page writes the same
    /// bytes, and a crash in between leaves a page that will be written again.
    pub async fn commit(
        &self,
        member: &MemberId,
        account: &Account,
        version: Option<u64>,
        closed: &[Page],
    ) -> Result<Commit, StoreError> {
        for page in closed {
            self.put_page(member, page).await?;
        }
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.members)
            .set_item(Some(self.account_item(member, account, version)?));
        let put = match version {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(version) => put
                .condition_expression("v = :read")
                .expression_attribute_values(":read", number(version)),
        };
        match put.send().await {
            Ok(_) => Ok(Commit::Done),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(Commit::Conflict),
                _ => Err(error.into()),
            },
        }
    }

    /// Commits an account that was read at `version` (none: it is new), together with what changes beside it.
    pub async fn commit_with(
        &self,
        member: &MemberId,
        account: &Account,
        version: Option<u64>,
        closed: &[Page],
        beside: &[Beside],
    ) -> Result<Commit, StoreError> {
        for page in closed {
            self.put_page(member, page).await?;
        }
        let mut beside: Vec<&Beside> = beside.iter().collect();
        while !beside.is_empty() {
            let mut items = vec![self.account_put(member, account, version)?];
            // Whether each of them may be there, or gone, already.
            let mut may_be_done = vec![false];
            for one in &beside {
                items.extend(self.beside(one).await?);
                may_be_done.resize(items.len(), one.may_be_done());
            }
            let Transacted::Canceled(unmet) = self.transact(items).await? else {
                return Ok(Commit::Done);
            };
            let overtaken = unmet.iter().zip(&may_be_done).any(|(unmet, may_be)| *unmet && !may_be);
            if overtaken || !unmet.contains(&true) {
                return Ok(Commit::Conflict);
            }
            beside.retain(|one| !one.may_be_done());
        }
        self.commit(member, account, version, &[]).await
    }

    /// What changes beside an account, for its transaction.
    async fn beside(&self, beside: &Beside) -> Result<Vec<TransactWriteItem>, StoreError> {
        Ok(match beside {
            Beside::Shelf(moved) => vec![self.move_on_shelf(moved)?],
            Beside::Budgets(drawn) => drawn.iter().map(|drawn| self.drawn(drawn)).collect::<Result<_, _>>()?,
            Beside::Arises(arrival) => vec![self.activity_put(arrival)?],
            Beside::Receiver(receiver) => {
                for page in &receiver.closed {
                    self.put_page(&receiver.member, page).await?;
                }
                vec![self.account_put(&receiver.member, &receiver.account, Some(receiver.version))?]
            }
            Beside::Refused(item, refusal) => vec![self.refusal(item, &refusal.reason())?],
        })
    }

    /// The commit of an account, for a transaction.
    pub(crate) fn account_put(
        &self,
        member: &MemberId,
        account: &Account,
        version: Option<u64>,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.tables.members)
            .set_item(Some(self.account_item(member, account, version)?));
        let put = match version {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(version) => put
                .condition_expression("v = :read")
                .expression_attribute_values(":read", number(version)),
        };
        let put = put.build().map_err(|_| StoreError::Unreachable)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// An account that was read at `version`, as it is stored next.
    fn account_item(&self, member: &MemberId, account: &Account, version: Option<u64>) -> Result<Item, StoreError> {
        let bytes = account.encode().map_err(|why| Damaged::new(WHAT, "b", why))?;
        let mut item = key(member, ACCOUNT);
        item.extend([
            ("v".to_owned(), number(version.map_or(1, |version| version + 1))),
            ("b".to_owned(), AttributeValue::B(Blob::new(bytes))),
            (ALARM_SHARD.to_owned(), text(self.shard(member.as_str()))),
            (ALARM_AT.to_owned(), instant(account.alarm())),
        ]);
        Ok(item)
    }

    pub(crate) async fn put_page(&self, member: &MemberId, page: &Page) -> Result<(), StoreError> {
        let bytes = page.encode().map_err(|why| Damaged::new("the page's", "b", why))?;
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.members)
            .set_item(Some(key(member, &page_key(page.number()))));
        put.item("b", AttributeValue::B(Blob::new(bytes))).send().await?;
        Ok(())
    }

    /// A member's closed pages, oldest first.
    pub async fn pages(&self, member: &MemberId) -> Result<Vec<Page>, StoreError> {
        let mut pages = Vec::new();
        let mut start = None;
        loop {
            let found = self
                .client
                .query()
                .table_name(&self.tables.members)
                .key_condition_expression("pk = :member AND begins_with(sk, :page)")
                .expression_attribute_values(":member", text(member))
                .expression_attribute_values(":page", text(PAGE))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await?;
            for item in found.items.unwrap_or_default() {
                pages.push(ledgers::page(&item)?);
            }
            start = found.last_evaluated_key;
            if start.is_none() {
                return Ok(pages);
            }
        }
    }

    /// Whether the member's ledger has an entry of this cause, on any page.
    pub async fn has_cause(&self, member: &MemberId, account: &Account, cause: &str) -> Result<bool, StoreError> {
        let damaged = |why| Damaged::new("the page's", "b", why);
        if account.page().mentions(cause).map_err(damaged)? {
            return Ok(true);
        }
        for page in self.pages(member).await? {
            if page.mentions(cause).map_err(damaged)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes a damaged account out of the alarm index and notes why: it would ring for ever.
    pub async fn silence(&self, member: &MemberId, why: &Damaged) -> Result<(), StoreError> {
        self.client
            .update_item()
            .table_name(&self.tables.members)
            .set_key(Some(key(member, ACCOUNT)))
            .update_expression("REMOVE alarm_shard, alarm_at SET damaged = :why")
            // No account is made of nothing.
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":why", text(why))
            .send()
            .await?;
        Ok(())
    }
}

pub(crate) fn key(member: &MemberId, sk: &str) -> Item {
    Item::from([(PK.to_owned(), text(member)), (SK.to_owned(), text(sk))])
}

/// Zero-padded, so that pages sort by number.
pub(crate) fn page_key(number: u64) -> String {
    format!("{PAGE}{number:010}")
}
