//! How many parts a carrier counts an SMS as. Each part is paid.
//!
//! 3GPP TS 23.038: a text of the GSM 7-bit alphabet has 160 septets in one part, or 153 in each of several; any other
//! text goes as UCS-2 with 70 units, or 67 in each of several. A character is never split between parts.

use std::sync::LazyLock;

/// How a text goes over the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Gsm7,
    Ucs2,
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

const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// The septets of one part, and of each of several.
const SINGLE: u32 = 160;
const EACH: u32 = 153;
/// Each takes an escape and a character: two septets.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_septets_is_the_alphabets() {
        for c in (0..0x3000).filter_map(char::from_u32) {
            let expected = match (BASIC.contains(c), EXTENDED.contains(c)) {
                (true, _) => Some(1),
                (false, true) => Some(2),
                (false, false) => None,
            };
            assert_eq!(septets(c), expected, "{c:?}");
            assert!(!u8::try_from(c).is_ok_and(is_plain) || expected == Some(1), "{c:?}");
        }
    }

    #[test]
    fn parts_are_counted_as_carriers_do() {
        let cases = [
            (String::new(), Encoding::Gsm7, 1),
            ("a".repeat(160), Encoding::Gsm7, 1),
            ("a".repeat(161), Encoding::Gsm7, 2),
            ("a".repeat(306), Encoding::Gsm7, 2),
            ("a".repeat(307), Encoding::Gsm7, 3),
            ("€".repeat(80), Encoding::Gsm7, 1),
            ("€".repeat(81), Encoding::Gsm7, 2),
            // 153 is odd: the escape pair that would straddle moves on whole, so each part holds 76.
            ("€".repeat(152), Encoding::Gsm7, 2),
            ("€".repeat(153), Encoding::Gsm7, 3),
            ("积".repeat(70), Encoding::Ucs2, 1),
            ("积".repeat(71), Encoding::Ucs2, 2),
            ("😀".repeat(35), Encoding::Ucs2, 1),
            ("😀".repeat(36), Encoding::Ucs2, 2),
            // 67 is odd as well: 33 pairs a part.
            ("😀".repeat(66), Encoding::Ucs2, 2),
            ("😀".repeat(67), Encoding::Ucs2, 3),
            // A curly apostrophe alone turns a text into UCS-2.
            (format!("It’s{}", "a".repeat(67)), Encoding::Ucs2, 2),
        ];
        for (text, encoding, expected) in cases {
            let counted = parts(&text);
            assert_eq!(
                (counted.encoding, counted.parts),
                (encoding, expected),
                "{} characters of {:?}",
                text.chars().count(),
                text.chars().next()
            );
        }
    }
}
