//! What a member tells anew of who they are and how they are reached.

use jiff::Timestamp;
use programme::{Channel, Purpose};

use crate::profile::{Device, Phone, Profile};

/// A part of the profile that may be told anew, each by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProfilePart {
    Name,
    Locale,
    Zone,
    Phone,
    Device,
}

impl ProfilePart {
    const ALL: [Self; 5] = [Self::Name, Self::Locale, Self::Zone, Self::Phone, Self::Device];

    /// Its name, which is that of the field that tells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Locale => "locale",
            Self::Zone => "zone",
            Self::Phone => "phone",
            Self::Device => "device",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }
}

/// What was told; none where it is as it was.
#[derive(Clone, PartialEq, Eq)]
pub struct ProfileUpdate {
    /// When it was told. Of each part, what was told last holds.
    pub at: Timestamp,
    pub name: Option<String>,
    pub locale: Option<String>,
    pub zone: Option<String>,
    /// No number, where there is none any more.
    pub phone: Option<Option<Phone>>,
    /// No device, where there is none any more.
    pub device: Option<Option<Device>>,
}

impl std::fmt::Debug for ProfileUpdate {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ProfileUpdate")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

impl ProfileUpdate {
    pub(crate) fn apply(self, profile: &mut Profile) {
        let at = self.at;
        if let Some(name) = self.name.filter(|_| is_later(profile, ProfilePart::Name, at)) {
            profile.name = name;
        }
        if let Some(locale) = self.locale.filter(|_| is_later(profile, ProfilePart::Locale, at)) {
            profile.locale = locale;
        }
        if let Some(zone) = self.zone.filter(|_| is_later(profile, ProfilePart::Zone, at)) {
            profile.zone = zone;
        }
        if let Some(device) = self.device.filter(|_| is_later(profile, ProfilePart::Device, at)) {
            let token = |device: &Device| (device.platform, device.token.clone());
            // The same one keeps its endpoint.
            if device.as_ref().map(token) != profile.device.as_ref().map(token) {
                profile.device = device;
            }
        }
        if let Some(phone) = self.phone.filter(|_| is_later(profile, ProfilePart::Phone, at))
            && phone != profile.phone
        {
            is_reached_at(profile, phone);
        }
    }
}

/// Whether a part was told later than before; notes it.
fn is_later(profile: &mut Profile, part: ProfilePart, at: Timestamp) -> bool {
    match profile.told.iter_mut().find(|(told, _)| *told == part) {
        Some((_, before)) if at <= *before => false,
        Some((_, before)) => {
            *before = at;
            true
        }
        None => {
            profile.told.push((part, at));
            profile.told.sort_unstable();
            true
        }
    }
}

/// Another number has agreed to nothing that advertises: who consents, consents to calls at a number (47 CFR
/// 64.1200(f)(9)). And what was stopped from the one before does not come back with it.
fn is_reached_at(profile: &mut Profile, phone: Option<Phone>) {
    profile.phone = phone;
    profile.consents.remove(&(Channel::Sms, Purpose::Promotional));
    profile.withheld.clear();
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::profile::ProfileChange;
    use std::collections::BTreeSet;

    fn ana() -> Profile {
        let sms = |purpose| (Channel::Sms, purpose);
        Profile {
            name: "Ana".to_owned(),
            phone: "+12125550147".parse().ok(),
            locale: "en".to_owned(),
            zone: "America/New_York".to_owned(),
            device: None,
            consents: BTreeSet::from([sms(Purpose::Transactional), sms(Purpose::Promotional)]),
            withheld: BTreeSet::new(),
            contacts: Vec::new(),
            preferences: None,
            told: Vec::new(),
        }
    }

    fn told(at: &str) -> ProfileUpdate {
        ProfileUpdate {
            at: at.parse().unwrap(),
            name: None,
            locale: None,
            zone: None,
            phone: None,
            device: None,
        }
    }

    fn after(updates: &[&ProfileUpdate], profile: Profile) -> Profile {
        let tell = |known, update: &&ProfileUpdate| {
            let update = ProfileChange::Update(Box::new((*update).clone()));
            update.apply(Some(known)).unwrap()
        };
        updates.iter().fold(profile, tell)
    }

    #[test]
    fn of_each_part_what_was_told_last_holds_in_whatever_order_it_arrives() {
        let first = ProfileUpdate {
            name: Some("Anna".to_owned()),
            phone: Some("+12125550148".parse().ok()),
            ..told("2026-03-02T10:00:00Z")
        };
        let second = ProfileUpdate {
            name: Some("Ana Reyes".to_owned()),
            locale: Some("es".to_owned()),
            ..told("2026-03-02T11:00:00Z")
        };
        let third = ProfileUpdate {
            phone: Some(None),
            ..told("2026-03-02T12:00:00Z")
        };
        for order in [
            [&first, &second, &third],
            [&third, &second, &first],
            [&second, &third, &first],
        ] {
            let ana = after(&order, ana());
            assert_eq!(
                (ana.name.as_str(), ana.locale.as_str(), ana.phone),
                ("Ana Reyes", "es", None)
            );
        }
    }

    #[test]
    fn another_number_has_agreed_to_nothing_that_advertises_and_brings_back_nothing_that_was_stopped() {
        let another = ProfileUpdate {
            phone: Some("+12125550148".parse().ok()),
            ..told("2026-03-02T10:00:00Z")
        };
        let mut stopped = ana();
        stopped.follow(Some(crate::Stopped::All));
        assert_eq!(stopped.consents, BTreeSet::new());
        let mut moved = after(&[&another], stopped);
        moved.follow(None);
        assert_eq!(moved.consents, BTreeSet::new());
        let moved = after(&[&another], ana());
        assert_eq!(moved.consents, BTreeSet::from([(Channel::Sms, Purpose::Transactional)]));
        // The number it was before is no other.
        let same = ProfileUpdate {
            phone: Some(ana().phone),
            ..told("2026-03-02T10:00:00Z")
        };
        assert_eq!(after(&[&same], ana()).consents, ana().consents);
    }

    #[test]
    fn the_same_device_keeps_its_endpoint() {
        let device = |token: &str, endpoint: Option<&str>| Device {
            platform: crate::Platform::Gcm,
            token: token.to_owned(),
            endpoint: endpoint.map(str::to_owned),
        };
        let known = Profile {
            device: Some(device("a", Some("arn:a"))),
            ..ana()
        };
        let tells = |token: &str| ProfileUpdate {
            device: Some(Some(device(token, None))),
            ..told("2026-03-02T10:00:00Z")
        };
        assert_eq!(after(&[&tells("a")], known.clone()).device, known.device);
        assert_eq!(after(&[&tells("b")], known).device, Some(device("b", None)));
    }
}
