//! How many parts a carrier counts an SMS as. Each part is paid.
//!
//! 3GPP TS 23.038, 6.2.1: a text of the GSM 7-bit default alphabet and its extension has 160 septets in one part; any other
//! text goes as UCS-2, with 70 units of 16 bits. Where there are several parts, each begins with a header of six octets that
//! tells its place (3GPP TS 23.040, 9.2.3.24), which leaves 153 septets or 67 units. A character is never split between
//! parts: neither an escape from what it escapes, nor the two halves of a surrogate pair. The tables of single languages
//! (TS 23.038, 6.2.1.2) are not reckoned with, for SNS cannot be asked for them (decision 0021).

mod plain;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

pub use plain::{Outside, cheaper, outside, plain};

/// SNS takes an SMS of at most so many bytes.
pub const SMS_BYTES: usize = 1600;

/// How a text goes over the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Gsm7,
    Ucs2,
}

impl Encoding {
    pub fn name(self) -> &'static str {
        match self {
            Self::Gsm7 => "GSM-7",
            Self::Ucs2 => "UCS-2",
        }
    }
}

/// The count of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    pub encoding: Encoding,
    /// At least one, also for an empty text.
    pub parts: u32,
    /// Septets or 16-bit units.
    pub units: u32,
}

/// In the order of the standard's table. It has the capital Ç alone, and of Greek only the capitals that Latin has not.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Each takes an escape and a character: two septets. The first one begins a page.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";
/// The septets of one part, and of each of several.
const SINGLE: u32 = 160;
const EACH: u32 = 153;

/// How many septets each ASCII character takes; 0 for one that the alphabet has not.
static ASCII: LazyLock<[u8; 128]> = LazyLock::new(|| {
    let mut septets = [0; 128];
    for (alphabet, width) in [(BASIC, 1), (EXTENDED, 2)] {
        for place in alphabet.chars().filter_map(|c| usize::try_from(u32::from(c)).ok()) {
            if let Some(septets) = septets.get_mut(place) {
                *septets = width;
            }
        }
    }
    septets
});

/// How many septets a character takes; none where it is in no alphabet of theirs.
fn septets(c: char) -> Option<u32> {
    let ascii = usize::try_from(u32::from(c)).ok().and_then(|place| ASCII.get(place));
    match ascii {
        Some(0) => None,
        Some(width) => Some(u32::from(*width)),
        None if BASIC.contains(c) => Some(1),
        None if EXTENDED.contains(c) => Some(2),
        None => None,
    }
}

/// Whether a byte is a character of one septet, as nearly all of nearly every text are.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'Z' | b'a'..=b'z')
}

/// Counts the parts of a text.
pub fn parts(text: &str) -> Parts {
    // No end before the last byte, so that many are looked at at once.
    if text.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
        let units = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let parts = if units <= SINGLE { 1 } else { units.div_ceil(EACH) };
        let encoding = Encoding::Gsm7;
        return Parts { encoding, parts, units };
    }
    if text.chars().all(|c| septets(c).is_some()) {
        count(text, Encoding::Gsm7, SINGLE, EACH, |c| septets(c).unwrap_or(1))
    } else {
        count(text, Encoding::Ucs2, 70, 67, |c| if c.len_utf16() == 2 { 2 } else { 1 })
    }
}

fn count(text: &str, encoding: Encoding, single: u32, each: u32, width: impl Fn(char) -> u32) -> Parts {
    let units = text.chars().map(&width).fold(0_u32, u32::saturating_add);
    if units <= single {
        return Parts {
            encoding,
            parts: 1,
            units,
        };
    }
    let (mut parts, mut filled) = (1_u32, 0_u32);
    for c in text.chars() {
        let width = width(c);
        if filled + width > each {
            parts = parts.saturating_add(1);
            filled = 0;
        }
        filled += width;
    }
    Parts { encoding, parts, units }
}
