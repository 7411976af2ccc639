//! How a member can be reached, and what they agreed to.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use programme::{Channel, Purpose};

use crate::contacts::Contact;
use crate::number::Stopped;
use crate::preferences::Preferences;
use crate::update::{ProfilePart, ProfileUpdate};

/// A phone number in E.164 form. Its debug form is masked, so that no log can show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the phone number is not in E.164 form; write +, the country code and the number, 8 to 15 digits in all")]
pub struct PhoneError;

impl Phone {
    /// The whole number, for the carrier alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether texts reach it, as far as the numbering plan of its country tells mobile numbers apart: mainland China's begin with 13
    /// to 19 and have eleven digits, the United Kingdom's with 7 and ten (MIIT's numbering plan of telecommunications networks,
    /// 2017; Ofcom's National Telephone Numbering Plan). Elsewhere, as in North America, no number says what it is.
    pub(crate) fn gets_texts(&self) -> bool {
        let of = |country: &str| self.0.strip_prefix(country).map(str::as_bytes);
        match (of("+86"), of("+44")) {
            (Some([b'1', b'3'..=b'9', rest @ ..]), _) | (_, Some([b'7', rest @ ..])) => rest.len() == 9,
            (Some(_), _) | (_, Some(_)) => false,
            (None, None) => true,
        }
    }

    /// The last digits, for people who look at what is sent.
    pub fn masked(&self) -> String {
        let tail = self.0.get(self.0.len().saturating_sub(2)..).unwrap_or_default();
        format!("…{tail}")
    }
}

impl FromStr for Phone {
    type Err = PhoneError;
    fn from_str(text: &str) -> Result<Self, PhoneError> {
        let digits = text.strip_prefix('+').ok_or(PhoneError)?;
        let right = (8..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if right {
            Ok(Self(text.to_owned()))
        } else {
            Err(PhoneError)
        }
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Phone({})", self.masked())
    }
}

/// The push service of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Platform {
    Gcm,
    Apns,
}

impl Platform {
    /// The name SNS uses, as a key of the payload and in endpoint names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gcm => "GCM",
            Self::Apns => "APNS",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Gcm, Self::Apns]
            .into_iter()
            .find(|platform| platform.name() == name)
    }
}

/// A member's device. The debug form leaves the token out.
#[derive(Clone, PartialEq, Eq)]
pub struct Device {
    pub platform: Platform,
    pub token: String,
    /// The SNS endpoint made for it, once there is one.
    pub endpoint: Option<String>,
}

impl fmt::Debug for Device {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Device({})", self.platform.name())
    }
}

/// What is known of a member as a person to be reached. The debug form leaves the name out.
#[derive(Clone, PartialEq, Eq)]
pub struct Profile {
    pub name: String,
    pub phone: Option<Phone>,
    pub locale: String,
    pub zone: String,
    pub device: Option<Device>,
    pub consents: BTreeSet<(Channel, Purpose)>,
    /// Consents that are not in force, because their number was told to stop.
    pub withheld: BTreeSet<(Channel, Purpose)>,
    /// What they were sent of late, as far as caps ask for it.
    pub contacts: Vec<Contact>,
    /// What they want to be sent; none where they never said.
    pub preferences: Option<Box<Preferences>>,
    /// Parts that were told anew since the sign-up, and when; sorted.
    pub told: Vec<(ProfilePart, Timestamp)>,
}

impl fmt::Debug for Profile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Profile")
            .field("phone", &self.phone)
            .field("device", &self.device)
            .field("consents", &self.consents)
            .finish_non_exhaustive()
    }
}

impl Profile {
    /// Whether the two have a phone or a device in common.
    pub fn is_reached_as(&self, other: &Self) -> bool {
        let token = |profile: &Self| profile.device.as_ref().map(|device| device.token.clone());
        let same_phone = self.phone.is_some() && self.phone == other.phone;
        same_phone || (self.device.is_some() && token(self) == token(other))
    }

    /// Withholds what the phone's number was told to stop, and gives back what was withheld and is not stopped any more;
    /// gives each consent that changed, and whether it is in force now.
    pub fn follow(&mut self, stopped: Option<Stopped>) -> Vec<((Channel, Purpose), bool)> {
        let stops = |(channel, purpose): (Channel, Purpose)| match (channel, stopped) {
            (Channel::Push, _) | (Channel::Sms, None) => false,
            (Channel::Sms, Some(Stopped::Promotional)) => purpose == Purpose::Promotional,
            (Channel::Sms, Some(Stopped::All)) => true,
        };
        let taken: Vec<_> = self
            .consents
            .iter()
            .copied()
            .filter(|consent| stops(*consent))
            .collect();
        let given: Vec<_> = self
            .withheld
            .iter()
            .copied()
            .filter(|consent| !stops(*consent))
            .collect();
        for consent in &taken {
            self.consents.remove(consent);
            self.withheld.insert(*consent);
        }
        for consent in &given {
            self.withheld.remove(consent);
            self.consents.insert(*consent);
        }
        let taken = taken.into_iter().map(|consent| (consent, false));
        taken.chain(given.into_iter().map(|consent| (consent, true))).collect()
    }
}

/// What an activity says of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProfileChange {
    /// The member signed up with this profile.
    SignUp(Box<Profile>),
    /// The member gave or withdrew a consent.
    Consent {
        channel: Channel,
        purpose: Purpose,
        granted: bool,
    },
    /// The member said what they want to be sent.
    Preferences(Box<Preferences>),
    /// The member told anew who they are, or how they are reached.
    Update(Box<ProfileUpdate>),
}

impl ProfileChange {
    /// The profile after the change; none where it comes from somebody who has not signed up.
    pub fn apply(self, profile: Option<Profile>) -> Option<Profile> {
        match (self, profile) {
            (Self::SignUp(new), None) => Some(*new),
            // A repeated sign-up changes nothing: consents given or withdrawn since are worth more.
            (Self::SignUp(_), Some(known)) => Some(known),
            (Self::Consent { .. } | Self::Preferences(_) | Self::Update(_), None) => None,
            (Self::Update(told), Some(mut known)) => {
                told.apply(&mut known);
                Some(known)
            }
            (Self::Preferences(new), Some(mut known)) => {
                let known_before = known.preferences.as_deref();
                if known_before.is_none_or(|before| new.replace(before)) {
                    known.preferences = Some(new);
                }
                Some(known)
            }
            (
                Self::Consent {
                    channel,
                    purpose,
                    granted,
                },
                Some(mut known),
            ) => {
                if granted {
                    known.consents.insert((channel, purpose));
                } else {
                    known.consents.remove(&(channel, purpose));
                    known.withheld.remove(&(channel, purpose));
                }
                Some(known)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn texts_reach_mobile_numbers_where_these_can_be_told() {
        for (number, reached) in [
            ("+8613800138000", true),
            ("+8619912345678", true),
            ("+8612345678901", false),
            ("+861088888888", false),
            ("+86138001380001", false),
            ("+447700900123", true),
            ("+442079460123", false),
            ("+12125550123", true),
            ("+4915112345678", true),
        ] {
            let phone: Phone = number.parse().unwrap();
            assert_eq!(phone.gets_texts(), reached, "{number}");
        }
    }

    #[test]
    fn two_are_reached_alike_by_a_phone_or_a_device_in_common() {
        let reached = |phone: Option<&str>, token: Option<&str>| Profile {
            name: String::new(),
            phone: phone.map(|phone| phone.parse().unwrap()),
            locale: "en".to_owned(),
            zone: "UTC".to_owned(),
            device: token.map(|token| Device {
                platform: Platform::Gcm,
                token: token.to_owned(),
                endpoint: None,
            }),
            consents: BTreeSet::new(),
            withheld: BTreeSet::new(),
            contacts: Vec::new(),
            preferences: None,
            told: Vec::new(),
        };
        let ana = reached(Some("+12125550147"), Some("a"));
        assert!(ana.is_reached_as(&reached(Some("+12125550147"), Some("b"))));
        assert!(ana.is_reached_as(&reached(None, Some("a"))));
        assert!(!ana.is_reached_as(&reached(Some("+12125550148"), Some("b"))));
        let nothing = reached(None, None);
        assert!(
            !nothing.is_reached_as(&nothing),
            "who has neither is nobody in particular"
        );
    }

    #[test]
    fn a_stop_withholds_and_only_what_it_withheld_comes_back() {
        let sms = |purpose| (Channel::Sms, purpose);
        let (due, advert) = (sms(Purpose::Transactional), sms(Purpose::Promotional));
        let push = (Channel::Push, Purpose::Promotional);
        let change = |profile: Profile, (channel, purpose): (Channel, Purpose), granted| {
            let change = ProfileChange::Consent {
                channel,
                purpose,
                granted,
            };
            change.apply(Some(profile)).unwrap()
        };
        let mut profile = Profile {
            name: String::new(),
            phone: Some("+12125550147".parse().unwrap()),
            locale: "en".to_owned(),
            zone: "UTC".to_owned(),
            device: None,
            consents: BTreeSet::from([due, advert, push]),
            withheld: BTreeSet::new(),
            contacts: Vec::new(),
            preferences: None,
            told: Vec::new(),
        };
        assert_eq!(profile.follow(Some(Stopped::Promotional)), [(advert, false)]);
        assert_eq!(profile.consents, BTreeSet::from([due, push]));
        assert_eq!(profile.follow(Some(Stopped::All)), [(due, false)]);
        assert_eq!(profile.follow(Some(Stopped::All)), []);
        assert_eq!(profile.consents, BTreeSet::from([push]));
        // What the member takes back elsewhere meanwhile does not come back.
        let mut profile = change(profile, advert, false);
        assert_eq!(profile.follow(None), [(due, true)]);
        assert_eq!(profile.consents, BTreeSet::from([due, push]));
        assert!(profile.withheld.is_empty());
    }

    #[test]
    fn a_phone_is_e164_and_never_shown() {
        let phone: Phone = "+12125550147".parse().unwrap();
        assert_eq!(format!("{phone:?}"), "Phone(…47)");
        for wrong in [
            "",
            "+",
            "12125550147",
            "+0212555014",
            "+1 212 555 0147",
            "+123",
            "+1234567890123456",
            "+1212555014a",
        ] {
            assert!(
                wrong.parse::<Phone>().is_err(),
                "{wrong:?} was taken for a phone number"
            );
        }
    }
}
