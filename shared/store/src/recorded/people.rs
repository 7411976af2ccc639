//! Activities about the member as a person: sign-ups and consents.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::{ActivityId, Fact, MonthDay};
use messages::{Device, Phone, Platform, Profile};
use programme::{Channel, Purpose, Zone};
use serde::Deserialize;

use super::{WHAT, json};
use crate::consents::Consent;
use crate::item::{Damaged, Reader};

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

pub(super) fn sign_up(
    reader: Reader<'_>,
    id: &ActivityId,
    at: Timestamp,
) -> Result<(Fact, Profile, Vec<Consent>), Damaged> {
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
        withheld: BTreeSet::new(),
        contacts: Vec::new(),
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

pub(super) fn consent(reader: Reader<'_>, id: &ActivityId, at: Timestamp) -> Result<Consent, Damaged> {
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
