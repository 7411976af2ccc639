//! The evidence of consents: append-only, one item for each time a member gave or withdrew one.

use jiff::Timestamp;
use ledger::MemberId;
use programme::{Channel, Purpose};

use crate::item::text;
use crate::keys::{PK, SK};
use crate::{Store, StoreError};

/// A consent given or withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// The activity that said so.
    pub id: String,
    pub at: Timestamp,
    pub channel: Channel,
    pub purpose: Purpose,
    pub granted: bool,
    /// What the member agreed to, as it was shown.
    pub wording: String,
}

impl Store {
    /// Whether the evidence of all of these is kept.
    pub async fn has_consents(&self, member: &MemberId, consents: &[Consent]) -> Result<bool, StoreError> {
        for consent in consents {
            let get = self.client.get_item().table_name(&self.tables.members);
            let get = get.key(PK, text(member)).key(SK, text(evidence(consent)));
            if get.consistent_read(true).send().await?.item.is_none() {
                return Ok(false);
            }
        }
        Ok(!consents.is_empty())
    }

    /// Keeps the evidence. A repeat writes the same item again.
    pub async fn keep_consent(&self, member: &MemberId, consent: &Consent) -> Result<(), StoreError> {
        self.client
            .put_item()
            .table_name(&self.tables.members)
            .item(PK, text(member))
            .item(SK, text(evidence(consent)))
            .item("channel", text(consent.channel.name()))
            .item("purpose", text(consent.purpose.name()))
            .item(
                "granted",
                aws_sdk_dynamodb::types::AttributeValue::Bool(consent.granted),
            )
            .item("wording", text(&consent.wording))
            .send()
            .await?;
        Ok(())
    }
}

/// Where the evidence of a consent is kept.
fn evidence(consent: &Consent) -> String {
    format!("consent#{}#{}", consent.at, consent.id)
}
