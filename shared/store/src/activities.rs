//! Activities: append-only facts about members. A shop may write them too, so what is read here is checked again.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use jiff::Timestamp;
use jiff::civil::Date;
use ledger::{Activity, ActivityId, Fact, MemberId, MonthDay};
use messages::{Device, Phone, Platform, Profile, ProfileChange};
use programme::{Amount, Channel, Currency, Points, Purpose, Zone};
use serde::Deserialize;

use crate::consents::Consent;
use crate::item::{Damaged, Item, Reader, text};
use crate::keys::{PK, SK};
use crate::{Store, StoreError};

/// The reason an activity was refused. Only items without it are worked on.
const REFUSED: &str = "refused";

/// An activity to be stored: its keys, and its own fields as text.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub member: MemberId,
    pub id: ActivityId,
    pub kind: &'static str,
    pub received: Timestamp,
    pub fields: Vec<(String, String)>,
}

/// What became of an activity that was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutActivity {
    Stored,
    /// The very same activity was stored before.
    Repeat,
    /// Another activity was stored under this id.
    Other,
}

/// An activity read from the table's stream.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub member: MemberId,
    pub id: ActivityId,
    pub incoming: Incoming,
}

/// What an activity is about: the ledger, the profile, or both.
#[derive(Debug, Clone)]
pub struct Incoming {
    pub activity: Option<Activity>,
    pub profile: Option<ProfileChange>,
    pub consents: Vec<Consent>,
}

const WHAT: &str = "the activity's";

/// Why an item of Activities was refused, if it was: an activity, or an event that could not become one.
pub fn refusal(item: &Item) -> Option<&str> {
    item.get(REFUSED)?.as_s().ok().map(String::as_str)
}

impl Store {
    /// Stores an activity once.
    pub async fn put_activity(&self, arrival: &Arrival) -> Result<PutActivity, StoreError> {
        let item = arrival_item(arrival);
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.activities)
            .set_item(Some(item.clone()))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match put {
            Ok(_) => Ok(PutActivity::Stored),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    let same = failed.item().is_some_and(|stored| same_activity(stored, &item));
                    Ok(if same { PutActivity::Repeat } else { PutActivity::Other })
                }
                _ => Err(error.into()),
            },
        }
    }

    /// Keeps a business event that cannot be an activity, whole and with its reason, where it can be found by day.
    pub async fn park_event(&self, id: &str, event: &str, reason: &str, received: Timestamp) -> Result<(), StoreError> {
        let day = received.strftime("%Y-%m-%d").to_string();
        self.client
            .put_item()
            .table_name(&self.tables.activities)
            .item(PK, text(format!("refused#{day}")))
            .item(SK, text(id))
            .item("event", text(event))
            .item(REFUSED, text(reason))
            .item("received", text(received))
            .send()
            .await?;
        Ok(())
    }

    /// Sends a member's activities that were refused under a code through again.
    pub async fn redrive(&self, member: &MemberId, code: &str) -> Result<(), StoreError> {
        let mut start = None;
        loop {
            let query = self.client.query().table_name(&self.tables.activities);
            let found = query
                .key_condition_expression("pk = :member")
                .filter_expression("begins_with(refused, :code)")
                .projection_expression("pk, sk")
                .expression_attribute_values(":member", text(member))
                .expression_attribute_values(":code", text(code))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await?;
            for key in found.items.unwrap_or_default() {
                let update = self
                    .client
                    .update_item()
                    .table_name(&self.tables.activities)
                    .set_key(Some(key));
                update.update_expression("REMOVE refused").send().await?;
            }
            start = found.last_evaluated_key;
            if start.is_none() {
                return Ok(());
            }
        }
    }

    /// Writes beside an activity why it was refused: a code and, for people, a sentence. Removing the attribute sends
    /// it through again.
    pub async fn refuse(&self, item: &Item, reason: &str) -> Result<(), StoreError> {
        let key = |name: &str| item.get(name).cloned().unwrap_or_else(|| text(""));
        self.client
            .update_item()
            .table_name(&self.tables.activities)
            .key(PK, key(PK))
            .key(SK, key(SK))
            .update_expression("SET refused = :reason")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":reason", text(reason))
            .send()
            .await?;
        Ok(())
    }
}

impl Arrival {
    /// Whether the activity can be read back as what it says it is.
    pub fn check(&self) -> Result<Recorded, Damaged> {
        Recorded::read(&arrival_item(self))
    }
}

fn arrival_item(arrival: &Arrival) -> Item {
    let own = [
        ("kind", arrival.kind.to_owned()),
        ("received", arrival.received.to_string()),
    ];
    let keys = [(PK, arrival.member.as_str()), (SK, arrival.id.as_str())];
    let keys = keys.into_iter().map(|(name, value)| (name.to_owned(), text(value)));
    let own = own.into_iter().map(|(name, value)| (name.to_owned(), text(value)));
    let fields = arrival.fields.iter().map(|(name, value)| (name.clone(), text(value)));
    fields.chain(keys).chain(own).collect()
}

/// The same but for when it arrived and what was noted since.
fn same_activity(stored: &Item, put: &Item) -> bool {
    let own = |item: &Item| {
        let mut own = item.clone();
        own.retain(|name, _| name != "received" && name != REFUSED);
        own
    };
    own(stored) == own(put)
}

impl Recorded {
    /// Reads an activity, as stored or as a stream shows it.
    pub fn read(item: &Item) -> Result<Self, Damaged> {
        let reader = Reader { what: WHAT, item };
        let member: MemberId = reader.parsed(PK)?;
        let id: ActivityId = reader.parsed(SK)?;
        let at: Timestamp = reader.parsed("at")?;
        // A shop that writes the table itself may leave the arrival out: then it arrived when it happened.
        let received = reader.optional_parsed("received")?.unwrap_or(at);
        let activity = |fact| {
            Some(Activity {
                id: id.clone(),
                at,
                received,
                fact,
            })
        };
        let incoming = match reader.text("kind")? {
            "purchase" => Incoming {
                activity: activity(purchase(reader)?),
                profile: None,
                consents: Vec::new(),
            },
            "redeem" => Incoming {
                activity: activity(redeem(reader)?),
                profile: None,
                consents: Vec::new(),
            },
            "adjust" => Incoming {
                activity: activity(adjust(reader)?),
                profile: None,
                consents: Vec::new(),
            },
            "sign-up" => {
                let (fact, profile, consents) = sign_up(reader, &id, at)?;
                Incoming {
                    activity: activity(fact),
                    profile: Some(ProfileChange::SignUp(profile)),
                    consents,
                }
            }
            "consent" => {
                let consent = consent(reader, &id, at)?;
                let change = ProfileChange::Consent {
                    channel: consent.channel,
                    purpose: consent.purpose,
                    granted: consent.granted,
                };
                Incoming {
                    activity: None,
                    profile: Some(change),
                    consents: vec![consent],
                }
            }
            other => {
                let why = format!("is {other:?}; send one of purchase, redeem, adjust, sign-up, consent");
                return Err(Damaged::new(WHAT, "kind", why));
            }
        };
        Ok(Self { member, id, incoming })
    }
}

fn purchase(reader: Reader<'_>) -> Result<Fact, Damaged> {
    let currency: Currency = reader.parsed("currency")?;
    let amount = Amount::parse(reader.text("amount")?, currency)
        .map_err(|why| Damaged::new(WHAT, "amount", format!("cannot be read: {why}")))?;
    Ok(Fact::Purchase { amount })
}

fn redeem(reader: Reader<'_>) -> Result<Fact, Damaged> {
    let points = reader
        .number("points")?
        .ok_or_else(|| Damaged::new(WHAT, "points", "is missing"))?;
    Ok(Fact::Redeem {
        points: Points::new(points),
    })
}

fn adjust(reader: Reader<'_>) -> Result<Fact, Damaged> {
    let points = reader
        .number("points")?
        .ok_or_else(|| Damaged::new(WHAT, "points", "is missing"))?;
    Ok(Fact::Adjust {
        points: Points::new(points),
        reason: reader.parsed("reason")?,
        actor: reader.parsed("actor")?,
    })
}

#[derive(Deserialize)]
struct GivenConsent {
    channel: Channel,
    purpose: Purpose,
    #[serde(default)]
    wording: String,
}

#[derive(Deserialize)]
struct GivenDevice {
    platform: String,
    token: String,
}

fn sign_up(reader: Reader<'_>, id: &ActivityId, at: Timestamp) -> Result<(Fact, Profile, Vec<Consent>), Damaged> {
    let zone = Zone::parse(reader.text("zone")?)
        .map_err(|why| Damaged::new(WHAT, "zone", format!("cannot be read: {why}")))?;
    let birthday: Option<Date> = reader.optional_parsed("birthday")?;
    let given: Vec<GivenConsent> = json(reader, "consents")?.unwrap_or_default();
    let device: Option<GivenDevice> = json(reader, "device")?;
    let device = match device {
        None => None,
        Some(given) => {
            let platform = Platform::from_name(&given.platform)
                .ok_or_else(|| Damaged::new(WHAT, "device", "has a platform other than GCM and APNS"))?;
            Some(Device {
                platform,
                token: given.token,
                endpoint: None,
            })
        }
    };
    let phone: Option<Phone> = reader.optional_parsed("phone")?;
    let consents = given.into_iter().enumerate().map(|(index, given)| Consent {
        id: format!("{id}~{index}"),
        at,
        channel: given.channel,
        purpose: given.purpose,
        granted: true,
        wording: given.wording,
    });
    let consents: Vec<Consent> = consents.collect();
    let profile = Profile {
        name: reader.text("name")?.to_owned(),
        phone,
        locale: reader.text("locale")?.to_owned(),
        zone: zone.name().to_owned(),
        device,
        consents: consents
            .iter()
            .map(|consent| (consent.channel, consent.purpose))
            .collect(),
    };
    Ok((
        Fact::SignUp {
            zone,
            birthday: birthday.map(MonthDay::of),
        },
        profile,
        consents,
    ))
}

fn consent(reader: Reader<'_>, id: &ActivityId, at: Timestamp) -> Result<Consent, Damaged> {
    let named = |name: &str, known: &str| Damaged::new(WHAT, name, format!("is not one of {known}"));
    Ok(Consent {
        id: id.to_string(),
        at,
        channel: Channel::from_name(reader.text("channel")?).ok_or_else(|| named("channel", "sms, push"))?,
        purpose: Purpose::from_name(reader.text("purpose")?)
            .ok_or_else(|| named("purpose", "transactional, promotional"))?,
        granted: reader.parsed("granted")?,
        wording: reader.optional("wording")?.unwrap_or_default().to_owned(),
    })
}

/// A list or object kept as JSON text. The error never repeats the content, which may be personal.
fn json<T: for<'de> Deserialize<'de>>(reader: Reader<'_>, name: &str) -> Result<Option<T>, Damaged> {
    let Some(text) = reader.optional(name)? else {
        return Ok(None);
    };
    serde_json::from_str(text).map(Some).map_err(|why| {
        Damaged::new(
            WHAT,
            name,
            format!("is not the JSON it should be, at column {}", why.column()),
        )
    })
}
