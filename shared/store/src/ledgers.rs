//! Whole ledgers, as the table holds them: for an audit or a report. No function walks a table.

use aws_sdk_dynamodb::types::AttributeValue;
use ledger::{MemberId, Page};

use crate::item::{Damaged, Item, Reader, text};
use crate::keys::{PK, SK};
use crate::members::{ACCOUNT, PAGE, Stored};
use crate::{Store, StoreError};

/// What the table holds of a member's ledger.
#[derive(Debug)]
pub struct Ledger {
    pub member: MemberId,
    /// None where pages are there and no account.
    pub account: Option<Result<Stored, Damaged>>,
    /// By number, oldest first.
    pub pages: Vec<Result<Page, Damaged>>,
}

/// A walk over all ledgers, in the table's own order.
#[derive(Debug)]
pub struct Ledgers<'a> {
    store: &'a Store,
    from: Option<Item>,
    ended: bool,
    /// The last member's items of the page before: more of them may follow.
    rest: Vec<Item>,
}

impl Store {
    pub fn ledgers(&self) -> Ledgers<'_> {
        Ledgers {
            store: self,
            from: None,
            ended: false,
            rest: Vec::new(),
        }
    }

    /// One member's ledger, up to date.
    pub async fn ledger(&self, member: &MemberId) -> Result<Ledger, StoreError> {
        let mut items = Vec::new();
        // The account first: pages written since are not of it, and those of it were written before.
        for prefix in [ACCOUNT, PAGE] {
            let mut from = None;
            loop {
                let query = self.client.query().table_name(&self.tables.members);
                let found = query
                    .key_condition_expression("pk = :member AND begins_with(sk, :prefix)")
                    .expression_attribute_values(":member", text(member))
                    .expression_attribute_values(":prefix", text(prefix))
                    .consistent_read(true)
                    .set_exclusive_start_key(from)
                    .send()
                    .await?;
                items.extend(found.items.unwrap_or_default());
                from = found.last_evaluated_key;
                if from.is_none() {
                    break;
                }
            }
        }
        Ok(read(member.clone(), &items))
    }

    /// About how many items Members has, as the service counts them now and then.
    pub async fn members_items(&self) -> Result<u64, StoreError> {
        let described = self.client.describe_table().table_name(&self.tables.members);
        let count = described.send().await?.table.and_then(|table| table.item_count);
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
    }
}

impl Ledgers<'_> {
    /// The next ledgers, and how many items were looked at for them; none at the end.
    pub async fn next(&mut self) -> Result<Option<(Vec<Ledger>, u64)>, StoreError> {
        if self.ended {
            return Ok(None);
        }
        let scan = self.store.client.scan().table_name(&self.store.tables.members);
        let found = scan.set_exclusive_start_key(self.from.take()).send().await?;
        self.from = found.last_evaluated_key;
        self.ended = self.from.is_none();
        let looked_at = u64::try_from(found.count).unwrap_or_default();
        let mut items = std::mem::take(&mut self.rest);
        items.extend(found.items.unwrap_or_default().into_iter().filter(of_a_ledger));
        // A member's items lie side by side, so only the last member's may go on.
        let whole = if self.ended {
            items.len()
        } else {
            let last = items.last().and_then(|item| item.get(PK)).cloned();
            items.iter().take_while(|item| item.get(PK) != last.as_ref()).count()
        };
        self.rest = items.split_off(whole);
        let members = items.chunk_by(|one, other| one.get(PK) == other.get(PK));
        let ledgers = members.filter_map(|items| {
            let member = Stored::member(items.first()?).ok()?;
            Some(read(member, items))
        });
        Ok(Some((ledgers.collect(), looked_at)))
    }
}

fn sort_key(item: &Item) -> &str {
    item.get(SK).map_or("", |sk| sk.as_s().map_or("", String::as_str))
}

fn of_a_ledger(item: &Item) -> bool {
    sort_key(item) == ACCOUNT || sort_key(item).starts_with(PAGE)
}

fn read(member: MemberId, items: &[Item]) -> Ledger {
    let account = items.iter().find(|item| sort_key(item) == ACCOUNT).map(Stored::read);
    let pages = items.iter().filter(|item| sort_key(item).starts_with(PAGE));
    Ledger {
        member,
        account,
        pages: pages.map(page).collect(),
    }
}

/// A closed page, as stored.
pub(crate) fn page(item: &Item) -> Result<Page, Damaged> {
    let what = "the page's";
    let bytes = Reader { what, item }.bytes("b")?;
    let page = Page::decode(bytes).map_err(|why| Damaged::new(what, "b", why))?;
    match item.get(SK) {
        Some(AttributeValue::S(key)) if *key != crate::members::page_key(page.number()) => {
            Err(Damaged::new(what, SK, "is another page's"))
        }
        _ => Ok(page),
    }
}
