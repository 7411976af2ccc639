//! Activities that were decided when they came, for somebody who waits: stored with their answer, in one transaction with
//! the commit. There is no moment at which one of them is there and the other is not, so the stream has nothing to do for
//! them.

use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use ledger::{Account, ActivityId, MemberId, Page};

use crate::arrival::Arrival;
use crate::item::{Item, text};
use crate::keys::{PK, SK};
use crate::stock::Moved;
use crate::transaction::Transacted;
use crate::{Store, StoreError, activities};

/// What the one who waited was told.
pub(crate) const ANSWER: &str = "answer";

/// Whether an activity was decided when it came.
pub fn is_answered(item: &Item) -> bool {
    item.contains_key(ANSWER)
}

/// What an activity that is decided now changes.
#[derive(Debug, Clone, Copy)]
pub enum Verdict<'a> {
    /// The account that was read at a version, and the pages it closed.
    Accepted {
        account: &'a Account,
        version: u64,
        closed: &'a [Page],
        moved: Option<&'a Moved>,
    },
    /// Nothing; why.
    Refused(&'a str),
}

/// What became of a decision.
#[derive(Debug, Clone)]
pub enum Decided {
    Done,
    /// Another writer was faster: read again.
    Conflict,
    /// An activity of this id is stored already.
    Known,
}

/// An activity that was stored before another one of its id came.
#[derive(Debug, Clone)]
pub struct Known {
    /// It says the same, but for its times.
    pub same: bool,
    /// What was told of it, if it was decided when it came.
    pub answer: Option<String>,
    /// Why it was refused, if it was.
    pub refused: Option<String>,
}

impl Store {
    /// Stores an activity with its answer, and what it changes, or neither.
    pub async fn decide(&self, arrival: &Arrival, answer: &str, verdict: Verdict<'_>) -> Result<Decided, StoreError> {
        let mut item = arrival.item();
        item.insert(ANSWER.to_owned(), text(answer));
        let mut items = Vec::with_capacity(3);
        match verdict {
            Verdict::Refused(why) => {
                item.insert(activities::REFUSED.to_owned(), text(why));
            }
            Verdict::Accepted {
                account,
                version,
                closed,
                moved,
            } => {
                for page in closed {
                    self.put_page(&arrival.member, page).await?;
                }
                items.push(self.account_put(&arrival.member, account, Some(version))?);
                items.extend(moved.map(|moved| self.move_on_shelf(moved)).transpose()?);
            }
        }
        let put = Put::builder()
            .table_name(&self.tables.activities)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::None);
        let put = put.build().map_err(|_| StoreError::Unreachable)?;
        items.insert(0, TransactWriteItem::builder().put(put).build());
        Ok(match self.transact(items).await? {
            Transacted::Done => Decided::Done,
            Transacted::Canceled(unmet) if unmet.first() == Some(&true) => Decided::Known,
            Transacted::Canceled(_) => Decided::Conflict,
        })
    }

    /// An activity of the same member and id that is stored already, if there is one.
    pub async fn known(&self, arrival: &Arrival) -> Result<Option<Known>, StoreError> {
        let Some(stored) = self.activity(&arrival.member, &arrival.id).await? else {
            return Ok(None);
        };
        let attribute = |name: &str| stored.get(name).and_then(|value| value.as_s().ok()).cloned();
        Ok(Some(Known {
            same: says(&stored) == says(&arrival.item()),
            answer: attribute(ANSWER),
            refused: attribute(activities::REFUSED),
        }))
    }

    async fn activity(&self, member: &MemberId, id: &ActivityId) -> Result<Option<Item>, StoreError> {
        let get = self.client.get_item().table_name(&self.tables.activities);
        let get = get.key(PK, text(member)).key(SK, text(id)).consistent_read(true);
        Ok(get.send().await?.item)
    }
}

/// What an activity says, but for its times and what was noted of it since.
fn says(item: &Item) -> Item {
    let mut own = item.clone();
    own.retain(|name, _| !["at", "received", activities::REFUSED, ANSWER].contains(&name.as_str()));
    own
}
