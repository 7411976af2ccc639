//! What a member wants to be sent: as an activity says it, and as it is kept in the profile. Both have the same fields.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use ledger::ActivityId;
use messages::Preferences;
use programme::{Cap, CapPer, Channel, Hours, MostMessages, TimeOfDay};
use serde::{Deserialize, Serialize};

use crate::item::{Damaged, Reader, text};
use crate::recorded::json;

pub(crate) const PREFERENCES: &str = "preferences";

/// The times that members count messages in.
const PERS: [(&str, CapPer); 3] = [("day", CapPer::Day), ("week", CapPer::Week), ("month", CapPer::Month)];

/// The fields, as they are written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Written {
    at: Timestamp,
    id: ActivityId,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    topics_off: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hours: Option<Ends>,
    #[serde(skip_serializing_if = "Option::is_none")]
    most: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    per: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    channels: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Ends {
    from: String,
    to: String,
}

/// A field that cannot be kept, and why.
type Wrong = (&'static str, &'static str);

impl Written {
    fn read(self) -> Result<Preferences, Wrong> {
        Ok(Preferences {
            at: self.at,
            id: self.id,
            topics_off: self.topics_off,
            hours: self.hours.map(hours).transpose()?,
            most: own_cap(self.most, self.per.as_deref())?,
            channels: channels(&self.channels)?,
        })
    }

    fn of(preferences: &Preferences) -> Self {
        let per = |cap: &Cap| PERS.iter().find(|(_, per)| *per == cap.per).map(|(name, _)| *name);
        let most = preferences.most.as_ref();
        Self {
            at: preferences.at,
            id: preferences.id.clone(),
            topics_off: preferences.topics_off.clone(),
            hours: preferences.hours.map(|hours| Ends {
                from: hours.from.to_string(),
                to: hours.to.to_string(),
            }),
            most: most.and_then(|cap| u8::try_from(cap.most.get()).ok()),
            per: most.and_then(per).map(str::to_owned),
            channels: preferences
                .channels
                .iter()
                .map(|channel| channel.name().to_owned())
                .collect(),
        }
    }
}

fn hours(ends: Ends) -> Result<Hours, Wrong> {
    let time = |text: String, why| TimeOfDay::try_from(text).map_err(|_| ("hours", why));
    let hours = Hours {
        from: time(
            ends.from,
            "are from no time of day; write hours and minutes such as \"21:00\"",
        )?,
        to: time(
            ends.to,
            "are to no time of day; write hours and minutes such as \"21:00\"",
        )?,
    };
    if hours.from == hours.to {
        return Err((
            "hours",
            "are none, for they end when they begin; leave them out for any",
        ));
    }
    Ok(hours)
}

fn own_cap(most: Option<u8>, per: Option<&str>) -> Result<Option<Cap>, Wrong> {
    let (most, per) = match (most, per) {
        (None, None) => return Ok(None),
        (Some(_), None) => return Err(("per", "is missing beside most; send one of day, week, month")),
        (None, Some(_)) => return Err(("most", "is missing beside per; say how many messages")),
        (Some(most), Some(per)) => (most, per),
    };
    let why = "is not 1 to 50; to get none, the member withdraws the consent, or leaves topics out";
    let most = MostMessages::try_from(most).map_err(|_| ("most", why))?;
    let known = PERS.into_iter().find(|(name, _)| *name == per);
    let (_, per) = known.ok_or(("per", "is not one of day, week, month"))?;
    Ok(Some(Cap::own(most, per)))
}

fn channels(names: &[String]) -> Result<Vec<Channel>, Wrong> {
    let mut channels = Vec::with_capacity(names.len());
    for name in names {
        let channel = Channel::from_name(name).ok_or(("channels", "name one that is not one of sms, push"))?;
        if channels.contains(&channel) {
            return Err(("channels", "name one twice; name each once, the best first"));
        }
        channels.push(channel);
    }
    Ok(channels)
}

/// What an activity says.
pub(crate) fn said(reader: Reader<'_>, id: &ActivityId, at: Timestamp) -> Result<Preferences, Damaged> {
    let written = Written {
        at,
        id: id.clone(),
        topics_off: json(reader, "topics-off")?.unwrap_or_default(),
        hours: json(reader, "hours")?,
        most: reader.number("most")?,
        per: reader.optional("per")?.map(str::to_owned),
        channels: json(reader, "channels")?.unwrap_or_default(),
    };
    written
        .read()
        .map_err(|(field, why)| Damaged::new(reader.what, field, why))
}

/// As they are kept.
pub(crate) fn kept(preferences: &Preferences) -> Option<AttributeValue> {
    serde_json::to_string(&Written::of(preferences)).ok().map(text)
}

/// What a profile keeps.
pub(crate) fn read(reader: Reader<'_>) -> Result<Option<Box<Preferences>>, Damaged> {
    let Some(written) = json::<Written>(reader, PREFERENCES)? else {
        return Ok(None);
    };
    let damaged = |(field, why)| Damaged::new(reader.what, PREFERENCES, format!("have {field:?} that {why}"));
    written.read().map(Box::new).map(Some).map_err(damaged)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use messages::{Profile, ProfileChange};
    use serde_json::{Value, json};

    use super::*;
    use crate::{Arrival, StoredProfile};

    const NOW: &str = "2026-03-02T15:00:00Z";

    fn sent(wanted: Value) -> Result<Preferences, String> {
        let mut fields = json!({"member": "01", "id": "p-1", "at": NOW});
        let own = fields.as_object_mut().unwrap();
        own.extend(wanted.as_object().unwrap().clone());
        let arrival = Arrival::from_fields("preferences", own, NOW.parse().unwrap())?;
        match arrival.check().unwrap().incoming.profile {
            Some(ProfileChange::Preferences(said)) => Ok(*said),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_said_is_kept_in_the_profile_as_it_was_said() {
        let all = json!({"topics-off": ["offers", "dates"], "hours": {"from": "18:00", "to": "01:30"}, "most": 3,
            "per": "week", "channels": ["sms", "push"]});
        let said = sent(all).unwrap();
        assert_eq!(said.id.as_str(), "preferences#p-1");
        assert_eq!(said.topics_off.iter().collect::<Vec<_>>(), ["dates", "offers"]);
        assert_eq!(said.hours.map(|hours| hours.to.to_string()), Some("01:30".to_owned()));
        assert_eq!(said.most, Some(Cap::own(3.try_into().unwrap(), CapPer::Week)));
        assert_eq!(said.channels, [Channel::Sms, Channel::Push]);
        for said in [
            said,
            sent(json!({})).unwrap(),
            sent(json!({"most": 1, "per": "month"})).unwrap(),
        ] {
            let profile = Profile {
                name: "Ana".to_owned(),
                phone: None,
                locale: "en".to_owned(),
                zone: "UTC".to_owned(),
                device: None,
                consents: BTreeSet::new(),
                withheld: BTreeSet::new(),
                contacts: Vec::new(),
                preferences: Some(Box::new(said)),
                told: vec![(messages::ProfilePart::Phone, "2026-03-02T15:00:00Z".parse().unwrap())],
            };
            let item = StoredProfile::item(&"01".parse().unwrap(), &profile, &ledger::Mark::default(), 1);
            assert_eq!(StoredProfile::read(&item).unwrap().profile, profile);
        }
    }

    #[test]
    fn what_cannot_be_kept_is_refused_by_its_field() {
        for (wanted, why) in [
            (
                json!({"hours": {"from": "25:00", "to": "09:00"}}),
                "\"hours\" are from no time of day; write hours and minutes such as \"21:00\"",
            ),
            (
                json!({"hours": {"from": "09:00", "to": "9"}}),
                "\"hours\" are to no time of day; write hours and minutes such as \"21:00\"",
            ),
            (
                json!({"hours": {"from": "09:00", "to": "09:00"}}),
                "\"hours\" are none, for they end when they begin; leave them out for any",
            ),
            (
                json!({"hours": {"from": "09:00"}}),
                "\"hours\" is not the JSON it should be, at column 16",
            ),
            (
                json!({"most": 2}),
                "\"per\" is missing beside most; send one of day, week, month",
            ),
            (
                json!({"per": "week"}),
                "\"most\" is missing beside per; say how many messages",
            ),
            (
                json!({"most": 2, "per": "hour"}),
                "\"per\" is not one of day, week, month",
            ),
            (
                json!({"most": 0, "per": "day"}),
                "\"most\" is not 1 to 50; to get none, the member withdraws the consent, or leaves topics out",
            ),
            (
                json!({"most": "few", "per": "day"}),
                "\"most\" is no whole number that fits",
            ),
            (
                json!({"channels": ["fax"]}),
                "\"channels\" name one that is not one of sms, push",
            ),
            (
                json!({"channels": ["sms", "sms"]}),
                "\"channels\" name one twice; name each once, the best first",
            ),
            (
                json!({"topics-off": "offers"}),
                "\"topics-off\" is not the JSON it should be, at column 1",
            ),
        ] {
            let refused = sent(wanted.clone()).unwrap_err();
            assert_eq!(refused, format!("preferences: the activity's {why}"), "{wanted}");
        }
    }
}
