//! Activities about the member as a person: sign-ups and consents.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::{Accepted, ActivityId, Changed, Fact, Label, MonthDay};
use messages::{Device, Phone, Platform, Profile, ProfileUpdate};
use programme::{Channel, Cited, PERSONALISATION, Purpose, Scope, WordingHash, Zone};
use serde::Deserialize;

use super::{WHAT, json};
use crate::consents::Consent;
use crate::item::{Damaged, Reader};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct GivenConsent {
    channel: Channel,
    purpose: Purpose,
    #[serde(default)]
    wording: String,
    wording_hash: Option<String>,
    locale: Option<String>,
    place: Option<String>,
}

#[derive(Deserialize)]
struct GivenDevice {
    platform: String,
    token: String,
}

fn device(reader: Reader<'_>) -> Result<Option<Device>, Damaged> {
    let given: Option<GivenDevice> = json(reader, "device")?;
    let Some(given) = given else {
        return Ok(None);
    };
    let platform = Platform::from_name(&given.platform)
        .ok_or_else(|| Damaged::new(WHAT, "device", "has a platform other than GCM and APNS"))?;
    Ok(Some(Device {
        platform,
        token: given.token,
        endpoint: None,
    }))
}

fn zone(reader: Reader<'_>) -> Result<Option<Zone>, Damaged> {
    let zone = reader.optional("zone")?.map(Zone::parse).transpose();
    zone.map_err(|why| Damaged::new(WHAT, "zone", format!("cannot be read: {why}")))
}

/// What is told anew of a member, of the account and of the profile. An empty text takes a phone, a device or a birthday away;
/// what is left out stays as it is.
pub(super) fn update(reader: Reader<'_>, at: Timestamp) -> Result<(Option<Changed>, ProfileUpdate), Damaged> {
    let is_taken = |name: &str| Ok::<_, Damaged>(reader.optional(name)? == Some(""));
    let zone = zone(reader)?;
    let birthday = if is_taken("birthday")? {
        Some(None)
    } else {
        let date: Option<Date> = reader.optional_parsed("birthday")?;
        date.map(|date| Some(MonthDay::of(date)))
    };
    let phone = if is_taken("phone")? {
        Some(None)
    } else {
        reader.optional_parsed("phone")?.map(Some)
    };
    let device = if is_taken("device")? {
        Some(None)
    } else {
        device(reader)?.map(Some)
    };
    let told = ProfileUpdate {
        at,
        name: reader.optional("name")?.map(str::to_owned),
        locale: reader.optional("locale")?.map(str::to_owned),
        zone: zone.map(|zone| zone.name().to_owned()),
        phone,
        device,
    };
    let changed = Changed { zone, birthday };
    let of_profile = [
        told.name.is_some(),
        told.locale.is_some(),
        told.phone.is_some(),
        told.device.is_some(),
    ];
    if changed == Changed::default() && !of_profile.contains(&true) {
        let why = "tells nothing; send one of name, phone, locale, zone, birthday, device";
        return Err(Damaged::new(WHAT, "profile", why));
    }
    Ok(((changed != Changed::default()).then_some(changed), told))
}

pub(super) fn sign_up(
    reader: Reader<'_>,
    id: &ActivityId,
    (at, received): (Timestamp, Timestamp),
) -> Result<(Fact, Profile, Vec<Consent>), Damaged> {
    let zone = zone(reader)?.ok_or_else(|| Damaged::new(WHAT, "zone", "is missing"))?;
    let birthday: Option<Date> = reader.optional_parsed("birthday")?;
    let given: Vec<GivenConsent> = json(reader, "consents")?.unwrap_or_default();
    let device = device(reader)?;
    let phone: Option<Phone> = reader.optional_parsed("phone")?;
    // One place is that of all of them.
    let place = reader.optional("place")?;
    let (mut consents, mut in_force) = (Vec::new(), BTreeSet::new());
    for (index, given) in given.into_iter().enumerate() {
        in_force.insert((given.channel, given.purpose));
        consents.push(Consent {
            id: format!("{id}~{index}"),
            at,
            received,
            scope: Scope::Messages(given.channel, given.purpose),
            granted: true,
            place: label(given.place.as_deref().or(place), "place")?,
            cited: cited(given.wording, given.wording_hash.as_deref(), given.locale)?,
            by: None,
        });
    }
    let profile = Profile {
        name: reader.text("name")?.to_owned(),
        phone,
        locale: reader.text("locale")?.to_owned(),
        zone: zone.name().to_owned(),
        device,
        consents: in_force,
        withheld: BTreeSet::new(),
        contacts: Vec::new(),
        preferences: None,
        told: Vec::new(),
    };
    Ok((
        Fact::SignUp {
            zone,
            birthday: birthday.map(MonthDay::of),
            referrer: reader.optional_parsed("referrer")?,
        },
        profile,
        consents,
    ))
}

pub(super) fn consent(
    reader: Reader<'_>,
    id: &ActivityId,
    (at, received): (Timestamp, Timestamp),
) -> Result<Consent, Damaged> {
    let named = |name: &str, known: &str| Damaged::new(WHAT, name, format!("is not one of {known}"));
    let scope = match reader.text("purpose")? {
        PERSONALISATION if reader.optional("channel")?.is_some() => {
            let why = "is given, and personalisation is by none; leave it out";
            return Err(Damaged::new(WHAT, "channel", why));
        }
        PERSONALISATION => Scope::Personalisation,
        purpose => {
            let channel = Channel::from_name(reader.text("channel")?).ok_or_else(|| named("channel", "sms, push"))?;
            let purpose = Purpose::from_name(purpose);
            let purpose = purpose.ok_or_else(|| named("purpose", "transactional, promotional, personalisation"))?;
            Scope::Messages(channel, purpose)
        }
    };
    let (actor, reason) = (reader.optional_parsed("actor")?, reader.optional_parsed("reason")?);
    let by = match (actor, reason) {
        (Some(actor), Some(reason)) => Some(Accepted { reason, actor }),
        (None, None) => None,
        (None, Some(_)) => {
            return Err(Damaged::new(
                WHAT,
                "actor",
                "is missing beside a reason; say who noted it",
            ));
        }
        (Some(_), None) => {
            return Err(Damaged::new(
                WHAT,
                "reason",
                "is missing beside an actor; say why it was noted",
            ));
        }
    };
    let words = reader.optional("wording")?.unwrap_or_default().to_owned();
    let locale = reader.optional("locale")?.map(str::to_owned);
    Ok(Consent {
        id: id.to_string(),
        at,
        received,
        scope,
        granted: reader.parsed("granted")?,
        cited: cited(words, reader.optional("wording-hash")?, locale)?,
        place: label(reader.optional("place")?, "place")?,
        by,
    })
}

/// No wording is longer, in bytes: evidence is an item of its own, and small.
const LONGEST_WORDING: usize = 2_000;

fn cited(wording: String, hash: Option<&str>, locale: Option<String>) -> Result<Cited, Damaged> {
    if wording.len() > LONGEST_WORDING {
        let why = format!("has more than {LONGEST_WORDING} bytes; declare it as one of [[wordings]] and send its name");
        return Err(Damaged::new(WHAT, "wording", why));
    }
    let hash = hash.map(str::parse::<WordingHash>).transpose();
    Ok(Cited {
        wording,
        hash: hash.map_err(|why| Damaged::new(WHAT, "wording-hash", format!("cannot be used: {why}")))?,
        locale,
    })
}

fn label(text: Option<&str>, name: &str) -> Result<Option<Label>, Damaged> {
    let label = text.map(str::parse).transpose();
    label.map_err(|why: ledger::LabelError| Damaged::new(WHAT, name, format!("cannot be used: {why}")))
}
