//! Profiles: how a member can be reached, with the consents in force.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use ledger::{Mark, MemberId};
use messages::{Contact, Device, Phone, Platform, Profile, ProfilePart};
use programme::{Channel, MessageKind, Purpose};

use crate::item::{Damaged, Item, Reader, number, text};
use crate::members::{Commit, key};
use crate::preferences::{self, PREFERENCES};
use crate::{Store, StoreError};

pub(crate) const PROFILE: &str = "profile";
/// What the member was sent of late, as far as caps ask for it.
pub(crate) const CONTACTS: &str = "contacts";
/// Consents that are not in force, because the phone's number was told to stop.
const WITHHELD: &str = "withheld";
/// Parts that were told anew, and when.
const TOLD: &str = "told";
const WHAT: &str = "the profile's";

/// A profile as it was read.
#[derive(Debug, Clone)]
pub struct StoredProfile {
    pub profile: Profile,
    pub version: u64,
    /// How far the activities' stream is in it.
    pub mark: Mark,
}

/// As a text of pairs, each `CHANNEL/PURPOSE`.
fn consents(consents: &BTreeSet<(Channel, Purpose)>) -> AttributeValue {
    let pairs = consents.iter();
    let pairs = pairs.map(|(channel, purpose)| format!("{}/{}", channel.name(), purpose.name()));
    text(pairs.collect::<Vec<_>>().join(" "))
}

fn read_consents(attribute: &str, pairs: &str) -> Result<BTreeSet<(Channel, Purpose)>, Damaged> {
    let read = pairs.split_terminator(' ').map(|pair| {
        let (channel, purpose) = pair.split_once('/')?;
        Some((Channel::from_name(channel)?, Purpose::from_name(purpose)?))
    });
    let read: Option<_> = read.collect();
    read.ok_or_else(|| Damaged::new(WHAT, attribute, "has an unknown channel or purpose"))
}

/// As a list of texts, each `INSTANT CHANNEL PURPOSE KIND KEY`.
pub(crate) fn contacts(contacts: &[Contact]) -> AttributeValue {
    let line = |contact: &Contact| {
        let Contact {
            at,
            channel,
            purpose,
            kind,
            key,
        } = contact;
        let (channel, purpose, kind) = (channel.name(), purpose.name(), kind.name());
        text(format!("{at} {channel} {purpose} {kind} {key}"))
    };
    AttributeValue::L(contacts.iter().map(line).collect())
}

fn read_contacts(reader: Reader<'_>) -> Result<Vec<Contact>, Damaged> {
    let lines = reader.item.get(CONTACTS).and_then(|list| list.as_l().ok());
    let lines = lines.into_iter().flatten();
    let read = lines.map(|line| {
        let mut parts = line.as_s().ok()?.splitn(5, ' ');
        Some(Contact {
            at: parts.next()?.parse().ok()?,
            channel: Channel::from_name(parts.next()?)?,
            purpose: Purpose::from_name(parts.next()?)?,
            kind: MessageKind::from_name(parts.next()?)?,
            key: parts.next()?.to_owned(),
        })
    });
    let read: Option<Vec<Contact>> = read.collect();
    read.ok_or_else(|| Damaged::new(WHAT, CONTACTS, "has a line that this version cannot read"))
}

/// As a text of pairs, each `PART INSTANT`.
fn told(told: &[(ProfilePart, Timestamp)]) -> AttributeValue {
    let pairs = told.iter().map(|(part, at)| format!("{} {at}", part.name()));
    text(pairs.collect::<Vec<_>>().join(" "))
}

fn read_told(pairs: &str) -> Result<Vec<(ProfilePart, Timestamp)>, Damaged> {
    let words: Vec<&str> = pairs.split_terminator(' ').collect();
    let read = words.chunks(2).map(|pair| {
        let [part, at] = pair else { return None };
        Some((ProfilePart::from_name(part)?, at.parse().ok()?))
    });
    let read: Option<Vec<_>> = read.collect();
    read.ok_or_else(|| Damaged::new(WHAT, TOLD, "has a pair that this version cannot read"))
}

impl StoredProfile {
    pub(crate) fn read(item: &Item) -> Result<Self, Damaged> {
        let reader = Reader { what: WHAT, item };
        let device = match reader.optional("platform")? {
            None => None,
            Some(name) => Some(Device {
                platform: Platform::from_name(name)
                    .ok_or_else(|| Damaged::new(WHAT, "platform", "is not one of GCM, APNS"))?,
                token: reader.text("token")?.to_owned(),
                endpoint: reader.optional("endpoint")?.map(str::to_owned),
            }),
        };
        let phone: Option<Phone> = reader.optional_parsed("phone")?;
        Ok(Self {
            profile: Profile {
                name: reader.text("name")?.to_owned(),
                phone,
                locale: reader.text("locale")?.to_owned(),
                zone: reader.text("zone")?.to_owned(),
                device,
                consents: read_consents("consents", reader.text("consents")?)?,
                withheld: read_consents(WITHHELD, reader.optional(WITHHELD)?.unwrap_or_default())?,
                contacts: read_contacts(reader)?,
                preferences: preferences::read(reader)?,
                told: read_told(reader.optional(TOLD)?.unwrap_or_default())?,
            },
            version: reader
                .number("v")?
                .ok_or_else(|| Damaged::new(WHAT, "v", "is missing"))?,
            mark: Mark {
                source: reader.number("mark_source")?.unwrap_or_default(),
                place: reader.optional("mark_place")?.unwrap_or_default().into(),
            },
        })
    }

    pub(crate) fn item(member: &MemberId, profile: &Profile, mark: &Mark, version: u64) -> Item {
        let mut item = key(member, PROFILE);
        let mut put = |name: &str, value: AttributeValue| item.insert(name.to_owned(), value);
        put("name", text(&profile.name));
        put("locale", text(&profile.locale));
        put("zone", text(&profile.zone));
        put("consents", consents(&profile.consents));
        if !profile.withheld.is_empty() {
            put(WITHHELD, consents(&profile.withheld));
        }
        put("v", number(version));
        put("mark_source", number(mark.source));
        put("mark_place", text(&mark.place));
        if !profile.contacts.is_empty() {
            put(CONTACTS, contacts(&profile.contacts));
        }
        if let Some(kept) = profile.preferences.as_deref().and_then(preferences::kept) {
            put(PREFERENCES, kept);
        }
        if !profile.told.is_empty() {
            put(TOLD, told(&profile.told));
        }
        if let Some(phone) = &profile.phone {
            put("phone", text(phone.reveal()));
        }
        if let Some(device) = &profile.device {
            put("platform", text(device.platform.name()));
            put("token", text(&device.token));
            if let Some(endpoint) = &device.endpoint {
                put("endpoint", text(endpoint));
            }
        }
        item
    }
}

impl Store {
    pub async fn profile(&self, member: &MemberId) -> Result<Option<StoredProfile>, StoreError> {
        let found = self.profile_item(member).await?;
        Ok(found.as_ref().map(StoredProfile::read).transpose()?)
    }

    /// A member's profile as it stands in the table, for a report.
    pub async fn profile_item(&self, member: &MemberId) -> Result<Option<Item>, StoreError> {
        let get = self.client.get_item().table_name(&self.tables.members);
        let get = get.set_key(Some(key(member, PROFILE))).consistent_read(true);
        Ok(get.send().await?.item)
    }

    /// Writes a profile that was read at `version` (none: it is new).
    pub async fn put_profile(
        &self,
        member: &MemberId,
        profile: &Profile,
        mark: &Mark,
        version: Option<u64>,
    ) -> Result<Commit, StoreError> {
        let item = StoredProfile::item(member, profile, mark, version.map_or(1, |version| version + 1));
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.members)
            .set_item(Some(item));
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
}
