//! Exact numbers of nine decimals. What does not fit is `None`; nothing wraps or is rounded but a quotient and a product,
//! which lose what is beyond the ninth place.

use std::fmt;
use std::str::FromStr;

const PLACES: u32 = 9;
const UNIT: i128 = 1_000_000_000;

/// A number of nine decimals. Sums reach to 10^29, products to 10^20.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(i128);

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalError {
    /// Not digits with a point.
    Malformed,
    /// More than nine decimals.
    TooFine,
    /// More than can be kept.
    TooLarge,
}

impl Decimal {
    pub const ZERO: Self = Self(0);

    /// So many units of the last place, of which there are at most nine: `(2933, 2)` is 29.33.
    pub fn scaled(units: i64, places: u32) -> Option<Self> {
        let factor = 10_i128.pow(PLACES.checked_sub(places)?);
        i128::from(units).checked_mul(factor).map(Self)
    }

    pub const fn of_billionths(billionths: i128) -> Self {
        Self(billionths)
    }

    pub const fn billionths(self) -> i128 {
        self.0
    }

    /// The whole part; what is behind the point is dropped.
    pub fn whole(self) -> Option<i64> {
        i64::try_from(self.0 / UNIT).ok()
    }

    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub fn checked_neg(self) -> Option<Self> {
        self.0.checked_neg().map(Self)
    }

    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// Truncated toward zero at the ninth place.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        Some(Self(self.0.checked_mul(other.0)? / UNIT))
    }

    /// Truncated toward zero at the ninth place; `None` for a division by zero too.
    pub fn checked_div(self, other: Self) -> Option<Self> {
        self.0.checked_mul(UNIT)?.checked_div(other.0).map(Self)
    }

    /// What a division to a whole number leaves, with the sign of the dividend.
    pub fn checked_rem(self, other: Self) -> Option<Self> {
        self.0.checked_rem(other.0).map(Self)
    }
}

impl From<i64> for Decimal {
    fn from(whole: i64) -> Self {
        // 2^63 × 10^9 is far below 2^127.
        Self(i128::from(whole) * UNIT)
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !plain(whole) || !plain(fraction) {
            return Err(DecimalError::Malformed);
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > PLACES as usize {
            return Err(DecimalError::TooFine);
        }
        let read = |digits: &str| digits.parse::<i128>().map_err(|_| DecimalError::TooLarge);
        let fraction = read(&format!("{fraction:0<9}"))?;
        let size = read(whole)?
            .checked_mul(UNIT)
            .and_then(|whole| whole.checked_add(fraction))
            .ok_or(DecimalError::TooLarge)?;
        Ok(Self(if negative { -size } else { size }))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.unsigned_abs();
        let unit = UNIT.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(out, "{sign}{}", size / unit)?;
        let fraction = format!("{:09}", size % unit);
        match fraction.trim_end_matches('0') {
            "" => Ok(()),
            fraction => write!(out, ".{fraction}"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_number_is_read_exactly_or_refused() {
        for right in ["0", "29.33", "-0.000000001", "170141183460469231731687303715.884105727"] {
            assert_eq!(of(right).to_string(), right);
        }
        assert_eq!(of("7.50"), Decimal::scaled(750, 2).unwrap());
        assert_eq!(of("0.1000000000"), of("0.1"));
        assert_eq!("0.1234567891".parse::<Decimal>(), Err(DecimalError::TooFine));
        assert_eq!(
            "170141183460469231731687303716".parse::<Decimal>(),
            Err(DecimalError::TooLarge)
        );
        for wrong in ["", "-", ".5", "5.", "1e3", "+1", "1 ", "--1", "１"] {
            assert_eq!(wrong.parse::<Decimal>(), Err(DecimalError::Malformed), "{wrong:?}");
        }
        assert_eq!(Decimal::scaled(1, 10), None);
    }

    #[test]
    fn what_does_not_fit_is_none() {
        let most = Decimal::of_billionths(i128::MAX);
        let least = Decimal::of_billionths(i128::MIN);
        assert_eq!(most.checked_add(of("1")), None);
        assert_eq!(least.checked_neg(), None);
        assert_eq!(least.checked_div(of("-1")), None);
        assert_eq!(least.checked_rem(Decimal::of_billionths(-1)), None);
        assert_eq!(of("1").checked_div(Decimal::ZERO), None);
        assert_eq!(of("1").checked_rem(Decimal::ZERO), None);
        assert_eq!(most.checked_mul(of("2")), None);
        assert_eq!(most.whole(), None);
    }

    #[test]
    fn a_quotient_is_truncated_toward_zero() {
        assert_eq!(of("2").checked_div(of("3")).unwrap().to_string(), "0.666666666");
        assert_eq!(of("-2").checked_div(of("3")).unwrap().to_string(), "-0.666666666");
        assert_eq!(of("-7.5").checked_rem(of("2")).unwrap().to_string(), "-1.5");
        assert_eq!(of("29.33").checked_mul(of("1.25")).unwrap().to_string(), "36.6625");
        assert_eq!(of("-1.9").whole(), Some(-1));
    }
}
