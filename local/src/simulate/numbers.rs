//! Counts and costs as they are read.

use super::report::millionths;
use crate::table::thousands;

/// With a sign where it is below nought.
pub(super) fn signed(count: i64) -> String {
    let sign = if count < 0 { "-" } else { "" };
    format!("{sign}{}", thousands(count.unsigned_abs()))
}

/// With a sign in any case, but for nought.
pub(super) fn change(count: i128) -> String {
    let sign = match count {
        ..0 => "-",
        0 => "",
        1.. => "+",
    };
    format!(
        "{sign}{}",
        thousands(u64::try_from(count.unsigned_abs()).unwrap_or(u64::MAX))
    )
}

/// In the currency of the programme's prices; nothing where it has none.
pub(super) fn money(currency: Option<&str>, cost: &str) -> String {
    currency.map_or_else(String::new, |currency| format!("{currency} {}", short(cost)))
}

/// A decimal of six places with two, rounded to the nearest.
pub(super) fn short(decimal: &str) -> String {
    rounded(millionths(decimal))
}

/// Millionths with two places, rounded to the nearest.
pub(crate) fn rounded(millionths: u128) -> String {
    let hundredths = (millionths + 5_000) / 10_000;
    let whole = u64::try_from(hundredths / 100).unwrap_or(u64::MAX);
    format!("{}.{:02}", thousands(whole), hundredths % 100)
}

/// As at an axis, where there is little room: `40k`, `2.5M`.
pub(super) fn compact(count: i128) -> String {
    let sign = if count < 0 { "-" } else { "" };
    let size = count.unsigned_abs();
    let units = [
        (10_u128.pow(18), "E"),
        (10_u128.pow(15), "P"),
        (10_u128.pow(12), "T"),
        (10_u128.pow(9), "G"),
    ];
    let units = units.into_iter().chain([(1_000_000, "M"), (1_000, "k")]);
    for (unit, name) in units {
        if size >= unit {
            let (whole, tenth) = (size / unit, size % unit * 10 / unit);
            let tenth = if tenth == 0 { String::new() } else { format!(".{tenth}") };
            return format!("{sign}{whole}{tenth}{name}");
        }
    }
    format!("{sign}{size}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_short_at_an_axis() {
        for (count, text) in [
            (0, "0"),
            (900, "900"),
            (-1_500, "-1.5k"),
            (40_000, "40k"),
            (2_500_000, "2.5M"),
            (3_000_000_000, "3G"),
            (20_000_000_000_000_000_000, "20E"),
        ] {
            assert_eq!(compact(count), text);
        }
    }

    #[test]
    fn a_change_has_its_sign() {
        assert_eq!([change(1_200), change(0), change(-7)], ["+1,200", "0", "-7"]);
    }

    #[test]
    fn a_cost_is_rounded_to_the_nearest() {
        assert_eq!(money(Some("USD"), "1234.565000"), "USD 1,234.57");
        assert_eq!(money(None, "1234.565000"), "");
    }
}
