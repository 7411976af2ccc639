//! How fast messages may go: what whoever takes them takes in a second.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::Deserialize;

use crate::{Channel, Prefix, Sending};

/// So many in a second: 1 to 5,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("minimum" = 1, "maximum" = 5000)))]
#[serde(try_from = "u16")]
pub struct PerSecond(u16);

impl TryFrom<u16> for PerSecond {
    type Error = String;
    fn try_from(number: u16) -> Result<Self, String> {
        let wrong = || format!("{number} is no rate of messages in a second; write 1 to 5000");
        (1..=5_000).contains(&number).then_some(Self(number)).ok_or_else(wrong)
    }
}

/// The rate that messages of one sender go at, all of them together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderRate {
    /// Which sender: `push`, `sms`, or `sms+1` for numbers that begin so.
    pub sender: String,
    per_second: u32,
}

impl SenderRate {
    /// How long what counts as so many keeps others waiting.
    pub fn takes(&self, parts: u32) -> SignedDuration {
        let micros = i64::from(parts).saturating_mul(1_000_000);
        let per_second = i64::from(self.per_second);
        // Rounded up, so that it is never faster.
        SignedDuration::from_micros((micros + per_second - 1) / per_second)
    }
}

impl Sending {
    /// The rate that a message goes at: of an SMS the one of the longest beginning of its number that has one; none where
    /// messages go as fast as they come.
    pub fn rate(&self, channel: Channel, phone: Option<&str>) -> Option<SenderRate> {
        let of = |sender: String, PerSecond(per_second): PerSecond| SenderRate {
            sender,
            per_second: per_second.into(),
        };
        match channel {
            Channel::Push => self.pushes_per_second.map(|rate| of("push".to_owned(), rate)),
            Channel::Sms => {
                let phone = phone.unwrap_or_default();
                let own = self.sms_parts_per_second_by_country.iter();
                let own = own.filter(|(prefix, _)| phone.starts_with(prefix.as_str()));
                match own.max_by_key(|(prefix, _)| prefix.as_str().len()) {
                    Some((prefix, rate)) => Some(of(format!("sms{}", prefix.as_str()), *rate)),
                    None => self.sms_parts_per_second.map(|rate| of("sms".to_owned(), rate)),
                }
            }
        }
    }
}

/// By how numbers begin.
pub(crate) type ByCountry = BTreeMap<Prefix, PerSecond>;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_number_goes_at_the_rate_of_its_longest_beginning() {
        let text = "sms-parts-per-second = 20\nsms-parts-per-second-by-country = { \"+1\" = 3, \"+1787\" = 1 }\n";
        let sending: Sending = toml::from_str(text).unwrap();
        for (phone, sender, of_two) in [
            ("+12125550123", "sms+1", 666_667),
            ("+17875550123", "sms+1787", 2_000_000),
            ("+447700900123", "sms", 100_000),
        ] {
            let rate = sending.rate(Channel::Sms, Some(phone)).unwrap();
            assert_eq!((rate.sender.as_str(), rate.takes(2).as_micros()), (sender, of_two));
        }
        assert_eq!(sending.rate(Channel::Push, None), None);
        assert!(toml::from_str::<Sending>("sms-parts-per-second = 0").is_err());
    }
}
