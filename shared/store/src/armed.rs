//! For which version of the programme the members' alarms are set: one item, which also keeps how far a walk over the index
//! has come that sets them for another.
//!
//! A part of the index is walked in runs. Each notes where the next begins, on condition that nobody else has come
//! further: of two that walk the same part, one goes on.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::Timestamp;
use ledger::MemberId;
use serde::{Deserialize, Serialize};

use crate::item::{Damaged, Item, Reader, instant, text};
use crate::keys::{ALARM_AT, ALARM_SHARD, ALARMS, PK, SK};
use crate::members::ACCOUNT;
use crate::{Store, StoreError, shard_name};

const PROGRAMME: &str = "#programme";
const ARMED: &str = "armed";
const WHAT: &str = "the alarms' version's";
const START: &str = "start";
const DONE: &str = "done";

/// Where a run of a walk ended: the member that it looked at last, and what their alarm was set to. Its text is what the
/// table keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Checkpoint {
    alarm: Timestamp,
    member: MemberId,
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.alarm, self.member)
    }
}

impl FromStr for Checkpoint {
    type Err = String;
    fn from_str(written: &str) -> Result<Self, String> {
        let read = written.split_once(' ').and_then(|(alarm, member)| {
            Some(Self {
                alarm: alarm.parse().ok()?,
                member: member.parse().ok()?,
            })
        });
        read.ok_or_else(|| format!("{written:?} is no checkpoint: an instant and a member"))
    }
}

impl TryFrom<String> for Checkpoint {
    type Error = String;
    fn try_from(written: String) -> Result<Self, String> {
        written.parse()
    }
}

impl From<Checkpoint> for String {
    fn from(checkpoint: Checkpoint) -> Self {
        checkpoint.to_string()
    }
}

/// How far a part of the index has been walked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Walked {
    To(Checkpoint),
    Done,
}

/// The versions that alarms are set for, by their fingerprints.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Armed {
    /// All are set for this one.
    pub version: Option<String>,
    /// They are being set for this one.
    pub next: Option<String>,
    /// By shard, while they are; none where the walk is to begin.
    walked: BTreeMap<u32, Option<Walked>>,
}

impl Armed {
    /// Whether all alarms are set for a version, and nobody is about to set them for another.
    pub fn is_for(&self, version: &str) -> bool {
        self.next.is_none() && self.version.as_deref() == Some(version)
    }

    /// The shards that are not walked to their end, each with the place where its walk goes on.
    pub fn open(&self) -> Vec<(u32, Option<Checkpoint>)> {
        let shards = self.walked.iter();
        let open = shards.filter_map(|(shard, walked)| match walked {
            None => Some((*shard, None)),
            Some(Walked::To(checkpoint)) => Some((*shard, Some(checkpoint.clone()))),
            Some(Walked::Done) => None,
        });
        open.collect()
    }

    fn read(item: &Item) -> Result<Self, Damaged> {
        let reader = Reader { what: WHAT, item };
        let walked = item.get("walked").and_then(|walked| walked.as_m().ok());
        let walked = walked.into_iter().flatten().map(|(shard, walked)| {
            let wrong = |why: String| Damaged::new(WHAT, "walked", why);
            let shard = shard.parse().map_err(|_| wrong(format!("has the shard {shard:?}")))?;
            let walked = walked.as_s().map_err(|_| wrong("holds what is no text".to_owned()))?;
            let walked = match walked.as_str() {
                START => None,
                DONE => Some(Walked::Done),
                checkpoint => Some(Walked::To(checkpoint.parse().map_err(wrong)?)),
            };
            Ok((shard, walked))
        });
        Ok(Self {
            version: reader.optional_parsed("version")?,
            next: reader.optional_parsed("next")?,
            walked: walked.collect::<Result<_, Damaged>>()?,
        })
    }
}

fn written(walked: Option<&Walked>) -> AttributeValue {
    match walked {
        None => text(START),
        Some(Walked::To(checkpoint)) => text(checkpoint),
        Some(Walked::Done) => text(DONE),
    }
}

impl Store {
    /// The version that alarms are set for; none where nobody has noted any.
    pub async fn armed(&self) -> Result<Option<Armed>, StoreError> {
        let get = self.client.get_item().table_name(&self.tables.members);
        let get = get.key(PK, text(PROGRAMME)).key(SK, text(ARMED));
        let found = get.consistent_read(true).send().await?;
        Ok(found.item.as_ref().map(Armed::read).transpose()?)
    }

    fn update_armed(&self) -> UpdateItemFluentBuilder {
        let update = self.client.update_item().table_name(&self.tables.members);
        update.key(PK, text(PROGRAMME)).key(SK, text(ARMED))
    }

    /// Notes that all alarms are set for a version: the walk for it is over, or there was nobody to walk to.
    pub async fn set_armed(&self, version: &str) -> Result<(), StoreError> {
        let update = self
            .update_armed()
            .update_expression("SET version = :version REMOVE #next, walked")
            .condition_expression("attribute_not_exists(pk) OR #next = :version");
        let update = update
            .expression_attribute_names("#next", "next")
            .expression_attribute_values(":version", text(version));
        // Whoever was first has noted it, or has begun for another version.
        met(update.send().await).map(|_| ())
    }

    /// Begins to set all alarms for a version, unless that was begun before; gives how far it has come.
    pub async fn begin_arming(&self, version: &str) -> Result<Option<Armed>, StoreError> {
        let shards = (0..self.shards).map(|shard| (shard.to_string(), written(None)));
        let update = self
            .update_armed()
            .update_expression("SET #next = :version, walked = :start")
            .condition_expression("attribute_not_exists(#next) OR #next <> :version");
        let update = update
            .expression_attribute_names("#next", "next")
            .expression_attribute_values(":version", text(version))
            .expression_attribute_values(":start", AttributeValue::M(shards.collect()));
        met(update.send().await)?;
        self.armed().await
    }

    /// Notes how far a shard has been walked for a version by a run that began at a place; gives how far all have come, and
    /// none where another run was faster, or the walk is for another version now.
    pub async fn note_walked(
        &self,
        version: &str,
        (shard, began): (u32, Option<&Checkpoint>),
        walked: &Walked,
    ) -> Result<Option<Armed>, StoreError> {
        let began = began.cloned().map(Walked::To);
        let update = self
            .update_armed()
            .update_expression("SET walked.#shard = :walked")
            .condition_expression("#next = :version AND walked.#shard = :began")
            .return_values(ReturnValue::AllNew);
        let update = update
            .expression_attribute_names("#next", "next")
            .expression_attribute_names("#shard", shard.to_string())
            .expression_attribute_values(":version", text(version))
            .expression_attribute_values(":began", written(began.as_ref()))
            .expression_attribute_values(":walked", written(Some(walked)));
        let new = met(update.send().await)?.and_then(|update| update.attributes);
        Ok(new.as_ref().map(Armed::read).transpose()?)
    }

    /// Up to `limit` members of a shard whose alarm is still to ring, those first whose alarm is set farthest ahead, and
    /// where the next page begins, if there is one. `after` is where this one does.
    pub async fn members_by_alarm(
        &self,
        shard: u32,
        now: Timestamp,
        limit: i32,
        after: Option<&Checkpoint>,
    ) -> Result<(Vec<MemberId>, Option<Checkpoint>), StoreError> {
        let start = after.map(|after| {
            Item::from([
                (PK.to_owned(), text(&after.member)),
                (SK.to_owned(), text(ACCOUNT)),
                (ALARM_SHARD.to_owned(), text(shard_name(shard))),
                (ALARM_AT.to_owned(), instant(after.alarm)),
            ])
        });
        let query = self.client.query().table_name(&self.tables.members).index_name(ALARMS);
        let query = query
            .key_condition_expression("#shard = :shard AND #at > :now")
            .expression_attribute_names("#shard", ALARM_SHARD)
            .expression_attribute_names("#at", ALARM_AT)
            .expression_attribute_values(":shard", text(shard_name(shard)))
            .expression_attribute_values(":now", instant(now))
            .scan_index_forward(false)
            .set_exclusive_start_key(start);
        let found = query.limit(limit).send().await?;
        let what = "the alarm's";
        let members = found.items.unwrap_or_default();
        let members = members.iter().map(|item| Reader { what, item }.parsed(PK));
        let last = found.last_evaluated_key.map(|item| {
            let reader = Reader { what, item: &item };
            Ok::<_, Damaged>(Checkpoint {
                alarm: reader.parsed(ALARM_AT)?,
                member: reader.parsed(PK)?,
            })
        });
        Ok((members.collect::<Result<_, Damaged>>()?, last.transpose()?))
    }
}

/// What an update came to; none where its condition was not met.
fn met(updated: Result<UpdateItemOutput, SdkError<UpdateItemError>>) -> Result<Option<UpdateItemOutput>, StoreError> {
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

    #[test]
    fn a_checkpoint_is_read_as_it_is_written() {
        let written = "1998-01-31T15:00:00Z 01";
        assert_eq!(written.parse::<Checkpoint>().unwrap().to_string(), written);
        for wrong in ["", "01", "1998-01-31T15:00:00Z", "soon 01", "1998-01-31T15:00:00Z "] {
            assert!(wrong.parse::<Checkpoint>().is_err(), "{wrong}");
        }
    }
}
