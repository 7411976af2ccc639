//! Walks over all members, for what concerns each of them: how far one has come, by shard of the index `roster`.
//!
//! The index holds each member once, in the order of their ids, so that a walk meets everybody whatever is written
//! meanwhile. A shard is walked in runs. Each notes where the next begins, on condition that nobody else has come further: of
//! two that walk the same part, one goes on.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use ledger::MemberId;
use programme::BroadcastName;

use crate::armed::{ARMED, PROGRAMME};
use crate::broadcasts::{BROADCAST, STARTED};
use crate::item::{Damaged, Item, Reader, number, text};
use crate::keys::{ALARM_SHARD, PK, ROSTER, SK};
use crate::members::ACCOUNT;
use crate::{Store, StoreError, shard_name};

const WHAT: &str = "the walk's";
const WALKED: &str = "walked";
const START: &str = "start";
const DONE: &str = "done";
const TO: &str = "to ";

/// What all members are walked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Errand {
    /// Their alarms are set for a version of the programme.
    Rearm { version: String },
    /// They get a broadcast's message.
    Broadcast { name: BroadcastName },
}

impl Errand {
    /// The item that keeps how far it is.
    pub(crate) fn key(&self) -> (String, &'static str) {
        match self {
            Self::Rearm { .. } => (PROGRAMME.to_owned(), ARMED),
            Self::Broadcast { name } => (format!("{BROADCAST}{name}"), STARTED),
        }
    }
}

/// How far a shard has been walked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Walked {
    /// To the member that was looked at last.
    To(MemberId),
    Done,
}

/// How far a walk has come, by shard; none where it is to begin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Walk(BTreeMap<u32, Option<Walked>>);

impl Walk {
    /// The shards that are not walked to their end, each with the member after whom its walk goes on.
    pub fn open(&self) -> Vec<(u32, Option<MemberId>)> {
        let shards = self.0.iter();
        let open = shards.filter_map(|(shard, walked)| match walked {
            None => Some((*shard, None)),
            Some(Walked::To(member)) => Some((*shard, Some(member.clone()))),
            Some(Walked::Done) => None,
        });
        open.collect()
    }

    /// Whether it has begun.
    pub fn has_begun(&self) -> bool {
        !self.0.is_empty()
    }

    pub(crate) fn read(item: &Item) -> Result<Self, Damaged> {
        let walked = item.get(WALKED).and_then(|walked| walked.as_m().ok());
        let walked = walked.into_iter().flatten().map(|(shard, walked)| {
            let wrong = |why: String| Damaged::new(WHAT, WALKED, why);
            let shard = shard.parse().map_err(|_| wrong(format!("has the shard {shard:?}")))?;
            let walked = walked.as_s().map_err(|_| wrong("holds what is no text".to_owned()))?;
            let walked = match (walked.as_str(), walked.strip_prefix(TO)) {
                (START, _) => None,
                (DONE, _) => Some(Walked::Done),
                (_, Some(member)) => Some(Walked::To(member.parse().map_err(|why| wrong(format!("{why}")))?)),
                (other, None) => return Err(wrong(format!("holds {other:?}, which is no place"))),
            };
            Ok((shard, walked))
        });
        Ok(Self(walked.collect::<Result<_, Damaged>>()?))
    }
}

fn written(walked: Option<&Walked>) -> AttributeValue {
    match walked {
        None => text(START),
        Some(Walked::To(member)) => text(format!("{TO}{member}")),
        Some(Walked::Done) => text(DONE),
    }
}

impl Store {
    /// All shards, where a walk begins.
    pub(crate) fn walk_from_start(&self) -> AttributeValue {
        let shards = (0..self.shards).map(|shard| (shard.to_string(), written(None)));
        AttributeValue::M(shards.collect())
    }

    pub(crate) fn update_errand(&self, errand: &Errand) -> UpdateItemFluentBuilder {
        let (pk, sk) = errand.key();
        let update = self.client.update_item().table_name(&self.tables.members);
        update.key(PK, text(pk)).key(SK, text(sk))
    }

    /// Notes how far a shard has been walked by a run that began after a member, and how many members it was for; gives how
    /// far all have come, and none where another run was faster, or the walk is none any more.
    pub async fn note_walked(
        &self,
        errand: &Errand,
        (shard, began): (u32, Option<&MemberId>),
        walked: &Walked,
        met: u64,
    ) -> Result<Option<Walk>, StoreError> {
        let began = began.cloned().map(Walked::To);
        let mut update = self
            .update_errand(errand)
            .update_expression("SET walked.#shard = :walked ADD met :met")
            .condition_expression("walked.#shard = :began")
            .return_values(ReturnValue::AllNew)
            .expression_attribute_names("#shard", shard.to_string())
            .expression_attribute_values(":began", written(began.as_ref()))
            .expression_attribute_values(":walked", written(Some(walked)))
            .expression_attribute_values(":met", number(met));
        if let Errand::Rearm { version } = errand {
            update = update
                .condition_expression("#next = :version AND walked.#shard = :began")
                .expression_attribute_names("#next", "next")
                .expression_attribute_values(":version", text(version));
        }
        let new = done(update.send().await)?.and_then(|update| update.attributes);
        Ok(new.as_ref().map(Walk::read).transpose()?)
    }

    /// Up to `limit` members of a shard, in the order of their ids, and where the next page begins, if there is one. `after`
    /// is where this one does.
    pub async fn roster(
        &self,
        shard: u32,
        limit: i32,
        after: Option<&MemberId>,
    ) -> Result<(Vec<MemberId>, Option<MemberId>), StoreError> {
        let start = after.map(|member| {
            Item::from([
                (PK.to_owned(), text(member)),
                (SK.to_owned(), text(ACCOUNT)),
                (ALARM_SHARD.to_owned(), text(shard_name(shard))),
            ])
        });
        let query = self.client.query().table_name(&self.tables.members).index_name(ROSTER);
        let query = query
            .key_condition_expression("#shard = :shard")
            .expression_attribute_names("#shard", ALARM_SHARD)
            .expression_attribute_values(":shard", text(shard_name(shard)))
            .set_exclusive_start_key(start);
        let found = query.limit(limit).send().await?;
        let member = |item: &Item| {
            Reader {
                what: "the roster's",
                item,
            }
            .parsed(PK)
        };
        let members = found.items.unwrap_or_default();
        let members = members.iter().map(member).collect::<Result<_, Damaged>>()?;
        Ok((members, found.last_evaluated_key.as_ref().map(member).transpose()?))
    }
}

/// What an update came to; none where its condition was not met.
pub(crate) fn done(
    updated: Result<UpdateItemOutput, SdkError<UpdateItemError>>,
) -> Result<Option<UpdateItemOutput>, StoreError> {
    match updated {
        Ok(updated) => Ok(Some(updated)),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(None),
            _ => Err(error.into()),
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(walked: &str) -> Result<Walk, Damaged> {
        let shards = AttributeValue::M([("0".to_owned(), text(walked))].into());
        Walk::read(&Item::from([(WALKED.to_owned(), shards)]))
    }

    #[test]
    fn a_place_is_read_as_it_is_written() {
        // Members may be called like the ends.
        for member in ["01", "done", "start", "to 01"] {
            let Ok(member) = member.parse::<MemberId>() else {
                continue;
            };
            let AttributeValue::S(text) = written(Some(&Walked::To(member.clone()))) else {
                panic!("no text");
            };
            assert_eq!(of(&text).unwrap().open(), [(0, Some(member))]);
        }
        assert_eq!(of("start").unwrap().open(), [(0, None)]);
        assert_eq!(of("done").unwrap().open(), []);
        for wrong in ["", "01", "to ", "1998-01-31T15:00:00Z 01"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
