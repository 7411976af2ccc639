//! Money in minor units and the rate at which it becomes points. No floating point anywhere.

use std::fmt;
use std::str::FromStr;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Points;

/// A currency of ISO 4217.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "schema",
    schemars(with = "String", extend("pattern" = "^[A-Z]{3}$", "examples" = ["USD", "EUR"]))
)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimal places the currency has (2 for USD, 0 for JPY). Currencies without minor units have 0.
    pub fn exponent(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }
}

impl FromStr for Currency {
    type Err = AmountError;
    fn from_str(code: &str) -> Result<Self, AmountError> {
        iso_currency::Currency::from_code(code)
            .map(Self)
            .ok_or_else(|| AmountError::Currency(code.to_owned()))
    }
}

// As its code. By hand, since a derived form would make a `String` of it first, at each purchase.
impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Code)
    }
}

struct Code;

impl Visitor<'_> for Code {
    type Value = Currency;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a currency code of ISO 4217 such as \"USD\"")
    }

    fn visit_str<E: serde::de::Error>(self, code: &str) -> Result<Currency, E> {
        code.parse().map_err(E::custom)
    }
}

/// An amount of money, zero or more, in the currency's minor units (cents for USD).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    minor: i64,
    currency: Currency,
}

/// Why a text is no amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    #[error("{0:?} is no currency code of ISO 4217; write three capital letters such as USD")]
    Currency(String),
    #[error("{0:?} is no amount; write digits with a point, such as 29.33")]
    Malformed(String),
    #[error("{0:?} is negative; an amount is zero or more")]
    Negative(String),
    #[error("{text:?} has more decimals than {currency} has ({places})")]
    TooFine {
        text: String,
        currency: &'static str,
        places: u32,
    },
    #[error("{0:?} is larger than can be kept")]
    TooLarge(String),
}

impl Amount {
    /// Reads a decimal such as `29.33`. Exact: more decimals than the currency has are refused, not rounded.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, AmountError> {
        let malformed = || AmountError::Malformed(text.to_owned());
        if text.starts_with('-') {
            return Err(AmountError::Negative(text.to_owned()));
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || text.ends_with('.') {
            return Err(malformed());
        }
        let places = currency.exponent();
        let given = u32::try_from(fraction.len()).map_err(|_| malformed())?;
        if given > places {
            return Err(AmountError::TooFine {
                text: text.to_owned(),
                currency: currency.code(),
                places,
            });
        }
        let too_large = || AmountError::TooLarge(text.to_owned());
        let unit = 10_i64.checked_pow(places).ok_or_else(too_large)?;
        let whole: i64 = whole.parse().map_err(|_| too_large())?;
        let fraction: i64 = if fraction.is_empty() {
            0
        } else {
            fraction.parse().map_err(|_| too_large())?
        };
        let scale = 10_i64.checked_pow(places - given).ok_or_else(too_large)?;
        let minor = whole
            .checked_mul(unit)
            .and_then(|minor| minor.checked_add(fraction.checked_mul(scale)?));
        Ok(Self {
            minor: minor.ok_or_else(too_large)?,
            currency,
        })
    }

    /// So many cents of a dollar, or none, where a text is tried out.
    pub(crate) const fn of_cents(cents: i64) -> Self {
        Self {
            minor: if cents < 0 { 0 } else { cents },
            currency: Currency(iso_currency::Currency::USD),
        }
    }

    /// So many minor units; `None` below zero.
    pub fn of_minor(minor: i64, currency: Currency) -> Option<Self> {
        (minor >= 0).then_some(Self { minor, currency })
    }

    /// Minor units, zero or more.
    pub fn minor(self) -> i64 {
        self.minor
    }

    pub fn currency(self) -> Currency {
        self.currency
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.currency.exponent();
        if places == 0 {
            return write!(out, "{}", self.minor);
        }
        let unit = 10_i64.pow(places);
        write!(
            out,
            "{}.{:0width$}",
            self.minor / unit,
            self.minor % unit,
            width = places as usize
        )
    }
}

/// A factor of at most six decimals, kept exactly as millionths: points for one unit of money, or a multiplier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = r"^[0-9]+(\.[0-9]{1,6})?$", "examples" = ["1", "1.25"])))]
#[serde(try_from = "String", into = "String")]
pub struct Rate {
    millionths: u64,
}

const MILLION: u64 = 1_000_000;

/// What becomes of a part of a point.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Rounding {
    /// It is dropped.
    #[default]
    Down,
    /// A half and more make a point.
    Nearest,
    /// It makes a point.
    Up,
}

impl Rate {
    pub const ONE: Self = Self { millionths: MILLION };

    /// The points an amount earns: `amount × per_unit × multiplier × factor`, rounded once, at the end. `None` where the
    /// result does not fit.
    pub fn points(self, amount: Amount, multiplier: Self, factor: Self, round: Rounding) -> Option<Points> {
        let mut product = i128::from(amount.minor)
            .checked_mul(i128::from(self.millionths))?
            .checked_mul(i128::from(multiplier.millionths))?;
        let mut unit = 10_i128.checked_pow(amount.currency.exponent())? * i128::from(MILLION) * i128::from(MILLION);
        if factor != Self::ONE {
            product = product.checked_mul(i128::from(factor.millionths))?;
            unit *= i128::from(MILLION);
        }
        let product = match round {
            Rounding::Down => product,
            Rounding::Nearest => product.checked_add(unit / 2)?,
            Rounding::Up => product.checked_add(unit - 1)?,
        };
        // Nearly every product and unit fit 64 bits, where a division is several times cheaper.
        let points = match (u64::try_from(product), u64::try_from(unit)) {
            (Ok(product), Ok(unit)) => i64::try_from(product / unit).ok()?,
            _ => i64::try_from(product / unit).ok()?,
        };
        Some(Points::new(points))
    }

    pub fn is_zero(self) -> bool {
        self.millionths == 0
    }

    /// What a factor and another that adds what it would add alone come to: 2 and 3 make 4.
    pub fn stacked(self, other: Self) -> Option<Self> {
        let millionths = self.millionths.checked_add(other.millionths)?.checked_sub(MILLION)?;
        Some(Self { millionths })
    }

    /// The product, rounded down to six decimals.
    pub fn times(self, other: Self) -> Option<Self> {
        let product = u128::from(self.millionths) * u128::from(other.millionths) / u128::from(MILLION);
        let millionths = u64::try_from(product).ok()?;
        Some(Self { millionths })
    }

    /// So many millionths.
    pub fn millionths(self) -> u64 {
        self.millionths
    }

    /// That share of a number, rounded down.
    pub fn share_of(self, number: i64) -> i64 {
        let share = i128::from(number) * i128::from(self.millionths) / i128::from(MILLION);
        i64::try_from(share).unwrap_or(i64::MAX)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.millionths / MILLION, self.millionths % MILLION);
        if fraction == 0 {
            return write!(out, "{whole}");
        }
        write!(out, "{whole}.{}", format!("{fraction:06}").trim_end_matches('0'))
    }
}

impl FromStr for Rate {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("{text:?} is no rate; write a decimal in quotes such as \"1.25\", with at most six decimals");
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || fraction.len() > 6 || whole.len() > 9 {
            return Err(wrong());
        }
        let whole: u64 = whole.parse().map_err(|_| wrong())?;
        let fraction: u64 = format!("{fraction:0<6}").parse().map_err(|_| wrong())?;
        Ok(Self {
            millionths: whole * MILLION + fraction,
        })
    }
}

impl TryFrom<String> for Rate {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> Self {
        rate.to_string()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn usd(text: &str) -> Amount {
        Amount::parse(text, "USD".parse().unwrap()).unwrap()
    }

    #[test]
    fn an_amount_is_read_exactly_or_refused() {
        assert_eq!(usd("29.33").minor(), 2933);
        assert_eq!(usd("7").minor(), 700);
        assert_eq!(usd("7.5").minor(), 750);
        assert_eq!(usd("0.00").to_string(), "0.00");
        let dollar: Currency = "USD".parse().unwrap();
        for wrong in [
            "",
            ".",
            "1.",
            ".5",
            "1e3",
            " 1",
            "1.234",
            "-1",
            "1,000.00",
            "99999999999999999999",
            "１",
        ] {
            assert!(
                Amount::parse(wrong, dollar).is_err(),
                "{wrong:?} was taken for an amount"
            );
        }
        assert_eq!(Amount::parse("120", "JPY".parse().unwrap()).unwrap().minor(), 120);
        assert!(Amount::parse("120.5", "JPY".parse().unwrap()).is_err());
        assert!("XQX".parse::<Currency>().is_err());
    }

    #[test]
    fn points_are_rounded_once() {
        let rate: Rate = "1".parse().unwrap();
        let silver: Rate = "1.25".parse().unwrap();
        assert_eq!(
            rate.points(usd("29.33"), Rate::ONE, Rate::ONE, Rounding::Down),
            Some(Points::new(29))
        );
        // 29.33 × 1.25 = 36.66; rounding 29 first would give 36.25.
        assert_eq!(
            rate.points(usd("29.33"), silver, Rate::ONE, Rounding::Down),
            Some(Points::new(36))
        );
        assert_eq!(
            rate.points(usd("0.99"), Rate::ONE, Rate::ONE, Rounding::Down),
            Some(Points::ZERO)
        );
        let tiny: Rate = "0.15".parse().unwrap();
        assert_eq!(
            tiny.points(usd("100.00"), Rate::ONE, Rate::ONE, Rounding::Down),
            Some(Points::new(15))
        );
        let largest = usd("92233720368547758.07");
        assert_eq!(
            rate.points(largest, Rate::ONE, Rate::ONE, Rounding::Down),
            Some(Points::new(92_233_720_368_547_758))
        );
        let huge: Rate = "999999999".parse().unwrap();
        assert_eq!(huge.points(largest, huge, Rate::ONE, Rounding::Down), None);
        let rounded = |amount: &str| {
            [Rounding::Down, Rounding::Nearest, Rounding::Up]
                .map(|round| rate.points(usd(amount), silver, Rate::ONE, round).unwrap().get())
        };
        // 36.6625, 36.25, 35 and 2.5 points.
        assert_eq!(rounded("29.33"), [36, 37, 37]);
        assert_eq!(rounded("29.00"), [36, 36, 37]);
        assert_eq!(rounded("28.00"), [35, 35, 35]);
        assert_eq!(rounded("2.00"), [2, 3, 3]);
        assert_eq!(rounded("0.00"), [0, 0, 0]);
    }

    #[test]
    fn a_rate_is_a_decimal_of_six_places() {
        for right in ["0", "1", "1.25", "0.000001"] {
            assert_eq!(right.parse::<Rate>().unwrap().to_string(), right);
        }
        for wrong in ["", "-1", "1.2345678", "a", "1.", "1e2", "1000000000000"] {
            assert!(wrong.parse::<Rate>().is_err(), "{wrong:?} was taken for a rate");
        }
    }
}
