//! Numbers and days as English and Chinese write them, digit by digit.

use jiff::civil::Date;

/// `1234567` as `1,234,567`: both languages group by three.
pub(super) fn grouped(value: i64, out: &mut String) {
    if value < 0 {
        out.push('-');
    }
    groups(value.unsigned_abs(), out);
}

/// `123456` of two places as `1,234.56`.
pub(super) fn decimal(minor: i64, places: u32, out: &mut String) {
    let unit = 10_u64.checked_pow(places).unwrap_or(1);
    let minor = minor.unsigned_abs();
    groups(minor / unit, out);
    if unit > 1 {
        out.push('.');
        for place in (0..places).rev() {
            let digit = u8::try_from(minor % unit / 10_u64.pow(place) % 10).unwrap_or_default();
            out.push(char::from(b'0' + digit));
        }
    }
}

/// Digit by digit, since nearly every message tells of two numbers.
fn groups(value: u64, out: &mut String) {
    let (more, group) = (value / 1_000, value % 1_000);
    if more > 0 {
        groups(more, out);
        out.push(',');
    }
    for unit in [100, 10, 1] {
        if more > 0 || group >= unit || unit == 1 {
            let digit = u8::try_from(group / unit % 10).unwrap_or_default();
            out.push(char::from(b'0' + digit));
        }
    }
}

/// With noughts before it up to a width.
fn digits(value: i16, width: u32, out: &mut String) {
    if value < 0 {
        out.push('-');
    }
    let value = value.unsigned_abs();
    for (place, unit) in [(4, 1_000), (3, 100), (2, 10), (1, 1)] {
        if width >= place || value >= unit {
            let digit = u8::try_from(value / unit % 10).unwrap_or_default();
            out.push(char::from(b'0' + digit));
        }
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `31 January 1998`
pub(super) fn english(date: Date, out: &mut String) {
    let name = usize::try_from(date.month() - 1)
        .ok()
        .and_then(|place| MONTHS.get(place));
    digits(i16::from(date.day()), 1, out);
    out.push(' ');
    out.push_str(name.copied().unwrap_or_default());
    out.push(' ');
    digits(date.year(), 1, out);
}

/// `1998年1月31日`
pub(super) fn chinese(date: Date, out: &mut String) {
    let parts = [
        (date.year(), "年"),
        (i16::from(date.month()), "月"),
        (i16::from(date.day()), "日"),
    ];
    for (number, unit) in parts {
        digits(number, 1, out);
        out.push_str(unit);
    }
}
