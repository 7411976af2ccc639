//! What a number or a text stands for that is written out.

/// The character that a \ at the start of the rest makes with what follows, and how many bytes it takes.
pub(crate) fn escape(rest: &str) -> Option<(char, usize)> {
    let (skip, digits, radix) = match rest.as_bytes().get(1)? {
        b'x' | b'X' => (2, 2, 16),
        b'u' => (2, 4, 16),
        b'U' => (2, 8, 16),
        b'0'..=b'3' => (1, 3, 8),
        plain => return simple(*plain).map(|char| (char, 2)),
    };
    let length = skip + digits;
    let code = rest.get(skip..length)?;
    // A sign would be read as part of the number.
    if !code.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let code = u32::from_str_radix(code, radix).ok()?;
    char::from_u32(code).map(|char| (char, length))
}

fn simple(second: u8) -> Option<char> {
    Some(match second {
        b'a' => '\x07',
        b'b' => '\x08',
        b'f' => '\x0c',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'v' => '\x0b',
        b'\\' | b'\'' | b'"' | b'`' | b'?' => char::from(second),
        _ => return None,
    })
}

/// What stands between the quotes; the scanner has seen that they are there.
pub(crate) fn text(written: &str) -> String {
    let raw = written.starts_with(['r', 'R']);
    let quoted = written.trim_start_matches(['r', 'R']);
    let quotes = if quoted.starts_with("\"\"\"") || quoted.starts_with("'''") {
        3
    } else {
        1
    };
    let inner = quoted.get(quotes..quoted.len().saturating_sub(quotes));
    // A line ends in the same way, whatever the file was written on.
    let mut inner = inner.unwrap_or_default().replace("\r\n", "\n").replace('\r', "\n");
    if raw || !inner.contains('\\') {
        return inner;
    }
    let mut out = String::with_capacity(inner.len());
    while let Some(at) = inner.find('\\') {
        let rest = inner.split_off(at);
        let (char, length) = escape(&rest).unwrap_or(('\\', 1));
        out.push_str(&inner);
        out.push(char);
        inner = rest.get(length..).unwrap_or_default().to_owned();
    }
    out.push_str(&inner);
    out
}

/// A whole number, unless it is too large.
pub(crate) fn whole(written: &str, negative: bool) -> Option<i64> {
    let (digits, radix) = radix(written);
    if negative {
        i64::from_str_radix(&format!("-{digits}"), radix).ok()
    } else {
        i64::from_str_radix(digits, radix).ok()
    }
}

/// Whether a number that ends in u is not too large.
pub(crate) fn fits_unsigned(written: &str) -> bool {
    let (digits, radix) = radix(written.trim_end_matches(['u', 'U']));
    u64::from_str_radix(digits, radix).is_ok()
}

fn radix(written: &str) -> (&str, u32) {
    match written.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None => (written, 10),
    }
}
