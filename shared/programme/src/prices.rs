//! What sending costs: nothing is decided by it, but a report can say what a programme would cost.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{Channel, Currency, Rate};

/// Prices of messages, in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Prices {
    pub currency: Currency,
    /// One part of an SMS, where the number's country has no price of its own.
    pub sms_part: Rate,
    /// By how the numbers of a country begin: `+44`.
    #[serde(default)]
    pub sms_part_by_country: BTreeMap<Prefix, Rate>,
    /// A million pushes.
    pub push_million: Rate,
}

/// How the numbers of a country begin: + and digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^\\+[0-9]{1,7}$")))]
#[serde(try_from = "String")]
pub struct Prefix(String);

impl Prefix {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Prefix {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let digits = text.strip_prefix('+').unwrap_or_default();
        if (1..=7).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text))
        } else {
            Err(format!(
                "{text:?} is no beginning of a number; write one such as \"+44\""
            ))
        }
    }
}

impl Prices {
    /// A part of an SMS to a number: by the longest beginning that has a price.
    pub fn sms_part_to(&self, phone: &str) -> Rate {
        let own = self.sms_part_by_country.iter();
        let own = own.filter(|(prefix, _)| phone.starts_with(&prefix.0));
        own.max_by_key(|(prefix, _)| prefix.0.len())
            .map_or(self.sms_part, |(_, price)| *price)
    }
}

impl Prices {
    /// What a message costs, in millionths of a unit of the currency, rounded up: one of so many parts to a number, or a push.
    pub fn millionths(&self, channel: Channel, parts: u32, phone: Option<&str>) -> u64 {
        match channel {
            Channel::Push => self.push_million.millionths().div_ceil(1_000_000),
            Channel::Sms => {
                let part = phone.map_or(self.sms_part, |phone| self.sms_part_to(phone));
                part.millionths().saturating_mul(u64::from(parts))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_longest_beginning_of_a_number_has_the_price() {
        let text = "currency = \"USD\"\nsms-part = \"0.01\"\npush-million = \"0.50\"\n\
                    [sms-part-by-country]\n\"+1\" = \"0.00581\"\n\"+1242\" = \"0.09\"";
        let prices: Prices = toml::from_str(text).unwrap();
        for (phone, price) in [
            ("+12125550147", "0.00581"),
            ("+12425550147", "0.09"),
            ("+447700900123", "0.01"),
        ] {
            assert_eq!(prices.sms_part_to(phone).to_string(), price, "{phone}");
        }
    }

    #[test]
    fn a_country_is_how_its_numbers_begin() {
        for wrong in ["44", "+", "+44x", "GB"] {
            assert!(Prefix::try_from(wrong.to_owned()).is_err(), "{wrong:?}");
        }
    }
}
