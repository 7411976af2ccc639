//! The evidence of consents: append-only, one item for each time a member gave or withdrew one.
//!
//! An item is written on condition that it is not there, and never again: what it says first is what it says. It has no
//! end, since it must outlive the relation to the member (`programme::retention`).

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use ledger::{Accepted, Label, MemberId};
use programme::{Cited, Programme, Scope, Shown, WordingError};

use crate::item::{Item, text};
use crate::keys::{PK, SK};
use crate::members::key;
use crate::{Store, StoreError};

/// How the keys of evidence begin.
pub(crate) const CONSENT: &str = "consent#";
/// How the ids of sign-ups begin.
pub(crate) const SIGN_UP: &str = "sign-up";

/// A consent given or withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// The activity that said so.
    pub id: String,
    pub at: Timestamp,
    pub received: Timestamp,
    pub scope: Scope,
    pub granted: bool,
    /// What it says of the words that the member was shown.
    pub cited: Cited,
    /// Where: a page, a till, a keyword.
    pub place: Option<Label>,
    /// Somebody of the shop noted it, and says why.
    pub by: Option<Accepted>,
}

impl Consent {
    /// The words that the member, of a locale, was shown. A withdrawal counts whatever it says of them.
    pub fn shown(&self, programme: &Programme, locale: &str) -> Result<Shown, WordingError> {
        match programme.shown(&self.cited, self.scope, (locale, self.at)) {
            Err(_) if !self.granted => Ok(Shown::words(&self.cited)),
            shown => shown,
        }
    }

    /// Who told of it.
    fn source(&self) -> &'static str {
        match self.by {
            Some(_) => "operator",
            None if self.id.starts_with(SIGN_UP) => SIGN_UP,
            None => "consent",
        }
    }

    fn item(&self, member: &MemberId, shown: &Shown) -> Item {
        let mut item = key(member, &evidence(self));
        let optional = [
            ("channel", self.scope.channel().map(|channel| channel.name().to_owned())),
            ("purpose", Some(self.scope.purpose().to_owned())),
            ("source", Some(self.source().to_owned())),
            ("received", Some(self.received.to_string())),
            ("wording", Some(shown.wording.clone()).filter(|words| !words.is_empty())),
            ("wording_hash", shown.hash.map(|hash| hash.to_string())),
            ("wording_locale", shown.locale.clone()),
            ("place", self.place.as_ref().map(|place| place.as_str().to_owned())),
            ("actor", self.by.as_ref().map(|by| by.actor.as_str().to_owned())),
            ("reason", self.by.as_ref().map(|by| by.reason.as_str().to_owned())),
        ];
        let texts = optional.into_iter();
        item.extend(texts.filter_map(|(name, value)| Some((name.to_owned(), text(value?)))));
        item.insert("granted".to_owned(), AttributeValue::Bool(self.granted));
        item
    }
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

    /// Keeps the evidence, with the words that the member was shown. A repeat changes nothing, whatever it says.
    pub async fn keep_consent(&self, member: &MemberId, consent: &Consent, shown: &Shown) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.tables.members);
        let put = put.set_item(Some(consent.item(member, shown)));
        match put.condition_expression("attribute_not_exists(pk)").send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(error.into()),
            },
        }
    }
}

/// Where the evidence of a consent is kept.
fn evidence(consent: &Consent) -> String {
    format!("{CONSENT}{}#{}", consent.at, consent.id)
}
