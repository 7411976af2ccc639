//! Who a member is as a person, in the tables: a profile over the one before it, and a member who is forgotten.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem};
use futures::stream::{self, StreamExt, TryStreamExt};
use ledger::{Mark, MemberId};
use messages::{Phone, Profile};

use crate::activities::key_of;
use crate::following::contended;
use crate::item::{Item, Reader, number, text};
use crate::keys::{PK, SK};
use crate::members::{Commit, key};
use crate::numbers::member_of_number;
use crate::profiles::{PROFILE, StoredProfile};
use crate::transaction::Transacted;
use crate::{Store, StoreError};

/// Marks an activity of a member who was forgotten.
const ERASED: &str = "erased";
/// What stays of their activities: what the ledger's entries say as well.
const STAYS: [&str; 10] = [
    PK, SK, "kind", "at", "received", "refused", "amount", "currency", "points", ERASED,
];
/// Endpoints at SNS that nobody is to be reached by any more.
const LEFT: &str = "#erased";
const ENDPOINT: &str = "endpoint#";
/// Activities written at the same time.
const AT_ONCE: usize = 8;
/// A profile that changes faster than we can delete it is left to the next delivery.
const ATTEMPTS: usize = 16;
/// Endpoints looked at by a run.
const A_RUN: i32 = 25;

/// Whether an activity is of a member who was forgotten, and says no more than that it was.
pub fn is_erased(item: &Item) -> bool {
    item.contains_key(ERASED)
}

impl Store {
    /// Writes a profile over the one that was read (none: it is new), and follows what its number was told. A number that the
    /// member had before is theirs no more.
    pub async fn put_profile_over(
        &self,
        before: Option<&StoredProfile>,
        (member, profile, mark): (&MemberId, &mut Profile, &Mark),
    ) -> Result<Commit, StoreError> {
        let version = before.map(|before| before.version);
        let had = before.and_then(|before| before.profile.phone.as_ref());
        let left = had.filter(|had| profile.phone.as_ref() != Some(had));
        let Some(phone) = profile.phone.clone() else {
            let Some(left) = left else {
                return self.put_profile(member, profile, mark, version).await;
            };
            let item = StoredProfile::item(member, profile, mark, version.map_or(1, |version| version + 1));
            let writes = vec![self.put_at(item, version)?, self.leaves(member, left)?];
            return self.all_or_nothing(writes).await;
        };
        // What was asked from a number holds, whatever is agreed to elsewhere.
        let number = self.number(&phone).await?;
        profile.follow(number.number.stopped);
        let left = left.map(|left| self.leaves(member, left)).transpose()?;
        let followed = (member, &*profile, mark);
        self.put_profile_of(&phone, &number, followed, version, left.into_iter().collect())
            .await
    }

    /// A number has a member no more.
    fn leaves(&self, member: &MemberId, phone: &Phone) -> Result<TransactWriteItem, StoreError> {
        self.delete(member_of_number(phone, member), None)
    }

    /// Deletes an item, of a version where one is given.
    fn delete(&self, key: Item, version: Option<u64>) -> Result<TransactWriteItem, StoreError> {
        let mut delete = Delete::builder().table_name(&self.tables.members).set_key(Some(key));
        if let Some(version) = version {
            delete = delete
                .condition_expression("v = :read")
                .expression_attribute_values(":read", number(version));
        }
        let delete = delete.build().map_err(|_| StoreError::Unreachable)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// Deletes the profile of a member who is forgotten, so that nothing can be sent to them; a device's endpoint is left for
    /// [`Store::left_endpoints`]. What was asked from their number stays with it: it holds for whoever has the number.
    pub async fn forget_profile(&self, member: &MemberId) -> Result<(), StoreError> {
        for _ in 0..ATTEMPTS {
            let Some(stored) = self.profile(member).await? else {
                return Ok(());
            };
            let mut writes = vec![self.delete(key(member, PROFILE), Some(stored.version))?];
            if let Some(phone) = &stored.profile.phone {
                writes.push(self.leaves(member, phone)?);
            }
            if let Some(endpoint) = stored.profile.device.and_then(|device| device.endpoint) {
                writes.push(self.put_always(endpoint_key(&endpoint))?);
            }
            if self.transact(writes).await? == Transacted::Done {
                return Ok(());
            }
        }
        Err(contended())
    }

    /// Takes everything out of a member's activities that the ledger does not say as well.
    pub async fn forget_activities(&self, member: &MemberId) -> Result<(), StoreError> {
        let all = self.activities(member).await?;
        let known = all.iter().filter(|item| !is_erased(item));
        let forgotten = stream::iter(known.map(|item| self.forget_activity(item)));
        forgotten.buffer_unordered(AT_ONCE).try_collect().await
    }

    /// The same of one of them.
    pub async fn forget_activity(&self, item: &Item) -> Result<(), StoreError> {
        let gone = item.keys().filter(|name| !STAYS.contains(&name.as_str()));
        let gone: Vec<(String, &String)> = gone.enumerate().map(|(nth, name)| (format!("#g{nth}"), name)).collect();
        let mut update = self
            .client
            .update_item()
            .table_name(&self.tables.activities)
            .set_key(Some(key_of(item)))
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#erased", ERASED)
            .expression_attribute_values(":yes", AttributeValue::Bool(true));
        let mut change = "SET #erased = :yes".to_owned();
        for (nth, (short, name)) in gone.into_iter().enumerate() {
            change += if nth == 0 { " REMOVE " } else { ", " };
            change += &short;
            update = update.expression_attribute_names(short, name);
        }
        match update.update_expression(change).send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(error.into()),
            },
        }
    }

    /// Keeps a device's new endpoint in the place of one that SNS knows no more.
    pub async fn replace_endpoint(&self, member: &MemberId, gone: &str, new: &str) -> Result<(), StoreError> {
        let update = self.client.update_item().table_name(&self.tables.members);
        let update = update
            .set_key(Some(key(member, PROFILE)))
            .update_expression("SET endpoint = :new ADD v :one")
            .condition_expression("endpoint = :gone")
            .expression_attribute_values(":new", text(new))
            .expression_attribute_values(":gone", text(gone))
            .expression_attribute_values(":one", number(1));
        match update.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                // The device was changed meanwhile.
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(error.into()),
            },
        }
    }

    /// Endpoints at SNS of members who were forgotten.
    pub async fn left_endpoints(&self) -> Result<Vec<String>, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.tables.members)
            .key_condition_expression("pk = :left")
            .expression_attribute_values(":left", text(LEFT))
            .limit(A_RUN)
            .send()
            .await?;
        let items = found.items.unwrap_or_default();
        let endpoints = items.iter().map(|item| {
            let sk = Reader {
                what: "the endpoint's",
                item,
            }
            .text(SK)?;
            Ok(sk.strip_prefix(ENDPOINT).unwrap_or(sk).to_owned())
        });
        endpoints.collect()
    }

    /// An endpoint is deleted at SNS, too.
    pub async fn endpoint_is_gone(&self, endpoint: &str) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.tables.members);
        delete.set_key(Some(endpoint_key(endpoint))).send().await?;
        Ok(())
    }
}

fn endpoint_key(endpoint: &str) -> Item {
    let sk = format!("{ENDPOINT}{endpoint}");
    Item::from([(PK.to_owned(), text(LEFT)), (SK.to_owned(), text(sk))])
}
