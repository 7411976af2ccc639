//! Reading many members in one call, where a call for each would take its time.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use ledger::MemberId;

use crate::item::{Damaged, Item};
use crate::keys::SK;
use crate::members::{ACCOUNT, Stored, key};
use crate::profiles::{PROFILE, StoredProfile};
use crate::{Store, StoreError};

/// A call gives so many items at most.
const A_CALL: usize = 100;

/// What is stored of a member.
#[derive(Debug, Clone, Default)]
pub struct Member {
    pub account: Option<Stored>,
    pub profile: Option<StoredProfile>,
}

impl Member {
    fn take(&mut self, item: &Item) -> Result<(), Damaged> {
        match item.get(SK).and_then(|sk| sk.as_s().ok()).map(String::as_str) {
            Some(ACCOUNT) => self.account = Some(Stored::read(item)?),
            Some(PROFILE) => self.profile = Some(StoredProfile::read(item)?),
            _ => {}
        }
        Ok(())
    }
}

impl Store {
    /// Reads a member's account and profile together, both up to date.
    pub async fn member(&self, member: &MemberId) -> Result<Member, StoreError> {
        let mut found = self.members(std::slice::from_ref(member)).await?;
        Ok(found.remove(member).transpose()?.unwrap_or_default())
    }

    /// Reads the accounts and profiles of members. What is damaged of one is that one's error alone.
    pub async fn members(
        &self,
        members: &[MemberId],
    ) -> Result<HashMap<MemberId, Result<Member, Damaged>>, StoreError> {
        let keys = members
            .iter()
            .flat_map(|member| [ACCOUNT, PROFILE].map(|sk| key(member, sk)));
        let mut found: HashMap<MemberId, Result<Member, Damaged>> = HashMap::new();
        for item in self.items(keys.collect()).await? {
            let known = found
                .entry(Stored::member(&item)?)
                .or_insert_with(|| Ok(Member::default()));
            if let Ok(member) = known
                && let Err(why) = member.take(&item)
            {
                *known = Err(why);
            }
        }
        Ok(found)
    }

    /// Reads the accounts of members. What is damaged of one is that one's error alone.
    pub async fn accounts(
        &self,
        members: &[MemberId],
    ) -> Result<HashMap<MemberId, Result<Stored, Damaged>>, StoreError> {
        let keys = members.iter().map(|member| key(member, ACCOUNT));
        let items = self.items(keys.collect()).await?;
        let accounts = items.iter().map(|item| Ok((Stored::member(item)?, Stored::read(item))));
        accounts.collect()
    }

    /// Reads items of Members, up to date, in no order.
    async fn items(&self, mut wanted: Vec<Item>) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::with_capacity(wanted.len());
        while !wanted.is_empty() {
            let asked = wanted.split_off(wanted.len().saturating_sub(A_CALL));
            let count = asked.len();
            let keys = KeysAndAttributes::builder().set_keys(Some(asked)).consistent_read(true);
            let keys = keys.build().map_err(|_| StoreError::Unreachable)?;
            let get = self.client.batch_get_item().request_items(&self.tables.members, keys);
            let mut found = get.send().await?;
            let of_members = |tables: &mut HashMap<String, Vec<Item>>| tables.remove(&self.tables.members);
            items.extend(found.responses.as_mut().and_then(of_members).into_iter().flatten());
            // Keys that were not served come back and are asked for again, but not if none was.
            let unserved = found
                .unprocessed_keys
                .and_then(|mut tables| tables.remove(&self.tables.members));
            let unserved = unserved.map(|keys| keys.keys).unwrap_or_default();
            if unserved.len() == count {
                return Err(StoreError::Unreachable);
            }
            wanted.extend(unserved);
        }
        Ok(items)
    }
}
