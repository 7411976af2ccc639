//! Referrals that wait for somebody of the shop to look at them: activities of the referrer's, refused for that, until they
//! are accepted and go through again.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use jiff::Timestamp;
use ledger::{Accepted, ActivityId, MemberId, REFERRAL_REVIEW};

use crate::activities::REFUSED;
use crate::item::{Item, Reader, text};
use crate::keys::{PK, SK};
use crate::{Damaged, Store, StoreError};

const WHAT: &str = "the referral's";

/// A referral that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub referrer: MemberId,
    pub id: ActivityId,
    pub referee: MemberId,
    /// When the purchase that made it count happened.
    pub at: Timestamp,
}

impl Waiting {
    fn read(item: &Item) -> Result<Self, Damaged> {
        let reader = Reader { what: WHAT, item };
        Ok(Self {
            referrer: reader.parsed(PK)?,
            id: reader.parsed(SK)?,
            referee: reader.parsed("referee")?,
            at: reader.parsed("at")?,
        })
    }
}

impl Store {
    /// All that wait, in the order of their instants. It reads the whole table: somebody asks for it now and then.
    pub async fn referrals_in_review(&self) -> Result<Vec<Waiting>, StoreError> {
        let (mut waiting, mut start) = (Vec::new(), None);
        loop {
            let scan = self.client.scan().table_name(&self.tables.activities);
            let found = scan
                .filter_expression("kind = :kind AND begins_with(refused, :code)")
                .expression_attribute_values(":kind", text("referral"))
                .expression_attribute_values(":code", text(REFERRAL_REVIEW))
                .set_exclusive_start_key(start)
                .send()
                .await?;
            for item in found.items.unwrap_or_default() {
                waiting.push(Waiting::read(&item)?);
            }
            start = found.last_evaluated_key;
            if start.is_none() {
                waiting.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
                return Ok(waiting);
            }
        }
    }

    /// Sends a referral that waits through again, with who accepted it and why; false where none of that id waits.
    pub async fn accept_referral(
        &self,
        referrer: &MemberId,
        referral: &ActivityId,
        accepted: &Accepted,
    ) -> Result<bool, StoreError> {
        let update = self.client.update_item().table_name(&self.tables.activities);
        let updated = update
            .key(PK, text(referrer))
            .key(SK, text(referral))
            .update_expression(format!("SET reason = :reason, actor = :actor REMOVE {REFUSED}"))
            .condition_expression("begins_with(refused, :code)")
            .expression_attribute_values(":reason", text(accepted.reason.as_str()))
            .expression_attribute_values(":actor", text(accepted.actor.as_str()))
            .expression_attribute_values(":code", text(REFERRAL_REVIEW))
            .send()
            .await;
        match updated {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(error.into()),
            },
        }
    }
}
