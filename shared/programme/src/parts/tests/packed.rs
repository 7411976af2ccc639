//! Another counter, which shares nothing with the first: it makes the very octets of each part, and reads them back.

use crate::parts::Encoding;

/// The octets of a message, and those of the header in each of several parts.
const OCTETS: usize = 140;
const HEADER: usize = 6;

/// 3GPP TS 23.038, 6.2.1: the code points by their septet. 0x1B leads to the extension.
const DEFAULT: [u32; 128] = [
    0x0040, 0x00a3, 0x0024, 0x00a5, 0x00e8, 0x00e9, 0x00f9, 0x00ec, 0x00f2, 0x00c7, 0x000a, 0x00d8, 0x00f8, 0x000d,
    0x00c5, 0x00e5, 0x0394, 0x005f, 0x03a6, 0x0393, 0x039b, 0x03a9, 0x03a0, 0x03a8, 0x03a3, 0x0398, 0x039e, 0x001b,
    0x00c6, 0x00e6, 0x00df, 0x00c9, 0x0020, 0x0021, 0x0022, 0x0023, 0x00a4, 0x0025, 0x0026, 0x0027, 0x0028, 0x0029,
    0x002a, 0x002b, 0x002c, 0x002d, 0x002e, 0x002f, 0x0030, 0x0031, 0x0032, 0x0033, 0x0034, 0x0035, 0x0036, 0x0037,
    0x0038, 0x0039, 0x003a, 0x003b, 0x003c, 0x003d, 0x003e, 0x003f, 0x00a1, 0x0041, 0x0042, 0x0043, 0x0044, 0x0045,
    0x0046, 0x0047, 0x0048, 0x0049, 0x004a, 0x004b, 0x004c, 0x004d, 0x004e, 0x004f, 0x0050, 0x0051, 0x0052, 0x0053,
    0x0054, 0x0055, 0x0056, 0x0057, 0x0058, 0x0059, 0x005a, 0x00c4, 0x00d6, 0x00d1, 0x00dc, 0x00a7, 0x00bf, 0x0061,
    0x0062, 0x0063, 0x0064, 0x0065, 0x0066, 0x0067, 0x0068, 0x0069, 0x006a, 0x006b, 0x006c, 0x006d, 0x006e, 0x006f,
    0x0070, 0x0071, 0x0072, 0x0073, 0x0074, 0x0075, 0x0076, 0x0077, 0x0078, 0x0079, 0x007a, 0x00e4, 0x00f6, 0x00f1,
    0x00fc, 0x00e0,
];

/// 6.2.1.1: the septets after an escape.
const EXTENSION: [(u8, u32); 10] = [
    (0x0a, 0x000c),
    (0x14, 0x005e),
    (0x28, 0x007b),
    (0x29, 0x007d),
    (0x2f, 0x005c),
    (0x3c, 0x005b),
    (0x3d, 0x007e),
    (0x3e, 0x005d),
    (0x40, 0x007c),
    (0x65, 0x20ac),
];
const ESCAPE: u8 = 0x1b;

pub(super) struct Packed {
    pub(super) encoding: Encoding,
    pub(super) parts: u32,
}

/// Packs a text into parts, and reads it back from them.
pub(super) fn packed(text: &str) -> Packed {
    let septets: Option<Vec<Vec<u8>>> = text.chars().map(septets).collect();
    let (encoding, parts) = if let Some(characters) = septets {
        let room = |octets| octets * 8 / 7;
        // The header takes whole septets.
        let several = room(OCTETS) - (HEADER * 8).div_ceil(7);
        (Encoding::Gsm7, filled(&characters, room(OCTETS), several))
    } else {
        let characters: Vec<Vec<u8>> = text.chars().map(octets).collect();
        (Encoding::Ucs2, filled(&characters, OCTETS, OCTETS - HEADER))
    };
    let read: String = parts
        .iter()
        .map(|part| match encoding {
            Encoding::Gsm7 => unpack(&pack(part, parts.len()), part.len(), parts.len()),
            Encoding::Ucs2 => {
                assert!(part.len() + if parts.len() > 1 { HEADER } else { 0 } <= OCTETS);
                let units = part.chunks(2).map(|octets| u16::from_be_bytes([octets[0], octets[1]]));
                String::from_utf16(&units.collect::<Vec<_>>()).expect("no part begins or ends within a character")
            }
        })
        .collect();
    assert_eq!(read, text);
    let parts = u32::try_from(parts.len()).unwrap();
    Packed { encoding, parts }
}

/// As many whole characters into each part as have room; at least one part.
fn filled(characters: &[Vec<u8>], single: usize, several: usize) -> Vec<Vec<u8>> {
    let together = characters.concat();
    if together.len() <= single {
        return vec![together];
    }
    let mut parts: Vec<Vec<u8>> = vec![Vec::new()];
    for character in characters {
        if parts.last().unwrap().len() + character.len() > several {
            parts.push(Vec::new());
        }
        parts.last_mut().unwrap().extend(character);
    }
    parts
}

fn septets(c: char) -> Option<Vec<u8>> {
    let code = u32::from(c);
    if let Some((septet, _)) = EXTENSION.iter().find(|(_, own)| *own == code) {
        return Some(vec![ESCAPE, *septet]);
    }
    let place = DEFAULT.iter().position(|own| *own == code)?;
    let septet = u8::try_from(place).unwrap();
    (septet != ESCAPE).then_some(vec![septet])
}

fn octets(c: char) -> Vec<u8> {
    let mut units = [0; 2];
    let units = c.encode_utf16(&mut units);
    units.iter().flat_map(|unit| unit.to_be_bytes()).collect()
}

/// How many bits go before the first septet: the header, up to the next septet.
fn before(parts: usize) -> usize {
    if parts == 1 { 0 } else { (HEADER * 8).div_ceil(7) * 7 }
}

/// Septets one after the other, lowest bit first, as TS 23.038, 6.1.2.1 packs them.
fn pack(septets: &[u8], parts: usize) -> Vec<u8> {
    let mut octets = vec![0; (before(parts) + septets.len() * 7).div_ceil(8)];
    assert!(octets.len() <= OCTETS, "{} octets", octets.len());
    for (nth, septet) in septets.iter().enumerate() {
        for bit in 0..7 {
            let place = before(parts) + nth * 7 + bit;
            octets[place / 8] |= (septet >> bit & 1) << (place % 8);
        }
    }
    octets
}

fn unpack(octets: &[u8], count: usize, parts: usize) -> String {
    let septet = |nth: usize| {
        let bits = (0..7).map(|bit| {
            let place = before(parts) + nth * 7 + bit;
            (octets[place / 8] >> (place % 8) & 1) << bit
        });
        bits.sum::<u8>()
    };
    let mut all = (0..count).map(septet);
    let mut text = String::new();
    while let Some(septet) = all.next() {
        let code = if septet == ESCAPE {
            let escaped = all.next().expect("no part ends within an escape");
            EXTENSION
                .iter()
                .find(|(own, _)| *own == escaped)
                .expect("a character")
                .1
        } else {
            DEFAULT[usize::from(septet)]
        };
        text.push(char::from_u32(code).expect("a character"));
    }
    text
}
