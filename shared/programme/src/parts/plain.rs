//! What makes a text go as UCS-2, and what would be sent instead.
//!
//! Only what means the same is put in a character's place: a straight quote for a curly one, a letter without its accent, as
//! people write where they have no other keys. What is left is everything else, Chinese and emoji before all, and a text
//! with any of that is left whole, since it goes as UCS-2 whatever becomes of its quotes (decision 0021).

use icu_normalizer::properties::{CanonicalCompositionBorrowed, CanonicalDecompositionBorrowed, Decomposed};

use super::{Parts, parts, septets};

/// A character that is outside the GSM 7-bit alphabet, for which its text goes as UCS-2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// Its place in the text, in characters, from 0.
    pub at: usize,
    pub character: char,
    /// What would be sent instead: nothing at all, too; none where it has to stay.
    pub instead: Option<String>,
}

impl Outside {
    /// Such as `U+2019`.
    pub fn code_point(&self) -> String {
        format!("U+{:04X}", u32::from(self.character))
    }

    /// What Unicode calls it, where it is a mark or a space that is hardly told from another.
    pub fn name(&self) -> Option<&'static str> {
        let named = NAMES.iter().find(|(character, _)| *character == self.character);
        named.map(|(_, name)| *name)
    }

    /// Whether there is anything to see where it stands.
    pub(crate) fn is_seen(&self) -> bool {
        let c = self.character;
        !c.is_whitespace() && !c.is_control() && !is_mark(c) && !is_unseen(c)
    }

    /// Such as `’ (U+2019 right single quotation mark)`, and `U+00A0 no-break space` where there is nothing to see.
    pub fn shown(&self) -> String {
        let mut code = self.code_point();
        if let Some(name) = self.name() {
            code = format!("{code} {name}");
        }
        if self.is_seen() {
            format!("{} ({code})", self.character)
        } else {
            code
        }
    }
}

/// The characters of a text that are outside the alphabet, in their order.
pub fn outside(text: &str) -> impl Iterator<Item = Outside> {
    let all = text.chars().enumerate();
    all.filter(|(_, c)| septets(*c).is_none())
        .map(|(at, character)| Outside {
            at,
            character,
            instead: instead(character),
        })
}

/// A text in the GSM 7-bit alphabet, with the nearest there is in place of what is outside it; none where some of it has to
/// stay.
pub fn plain(text: &str) -> Option<String> {
    let composition = CanonicalCompositionBorrowed::new();
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if septets(c).is_some() {
            plain.push(c);
            continue;
        }
        // An accent that stands apart is in the alphabet together with its letter, perhaps.
        let letter = plain.chars().next_back();
        let letter = letter.and_then(|letter| composition.compose(letter, c));
        if let Some(letter) = letter.filter(|letter| septets(*letter).is_some()) {
            plain.pop();
            plain.push(letter);
        } else {
            plain.push_str(&instead(c)?);
        }
    }
    Some(plain)
}

/// The plain form of a text that takes fewer parts so.
pub fn cheaper(text: &str, than: Parts) -> Option<(String, Parts)> {
    let plain = plain(text)?;
    let counted = parts(&plain);
    (counted.parts < than.parts).then_some((plain, counted))
}

/// What means the same as a character outside the alphabet.
fn instead(c: char) -> Option<String> {
    if let Some((instead, _)) = SAME.iter().find(|(_, characters)| characters.contains(c)) {
        return Some((*instead).to_owned());
    }
    if is_mark(c) || is_unseen(c) {
        return Some(String::new());
    }
    let nearer = match CanonicalDecompositionBorrowed::new().decompose(c) {
        Decomposed::Singleton(same) => Some(same),
        // A sign is another one with a stroke through it: not equal is not equal.
        Decomposed::Expansion(letter, _) if c.is_alphabetic() => Some(letter),
        Decomposed::Expansion(..) | Decomposed::Default => narrow(c),
    }?;
    match septets(nearer) {
        Some(_) => Some(nearer.to_string()),
        None => instead(nearer),
    }
}

/// The usual form of a full-width one.
fn narrow(c: char) -> Option<char> {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        _ => None,
    }
}

/// An accent apart from its letter; not a stroke through it, which makes another sign of it.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{333}' | '\u{339}'..='\u{36f}')
}

/// What takes no room: hints where to break, how to join, which way to write, how to draw.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}'
            | '\u{fe0e}' | '\u{fe0f}' | '\u{feff}'
    )
}

/// What is sent, and what it is sent for. Letters with accents are not here but for those of which the alphabet has a nearer
/// one than the bare letter.
const SAME: &[(&str, &str)] = &[
    ("'", "‘’‚‛‹›′`´ʹʼʻ"),
    ("\"", "“”„‟«»″〝〞"),
    ("-", "‐‑‒–—―−⁃"),
    ("...", "…"),
    ("*", "•‣◦▪∙∗"),
    (".", "·․"),
    (
        " ",
        "\t\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}\u{202f}\
         \u{205f}\u{3000}",
    ),
    ("\n", "\u{b}\u{85}\u{2028}\u{2029}"),
    ("x", "×"),
    ("/", "⁄∕"),
    ("!!", "‼"),
    ("?!", "⁈"),
    ("!?", "⁉"),
    ("(C)", "©"),
    ("(R)", "®"),
    ("(TM)", "™"),
    ("No.", "№"),
    ("¥", "￥"),
    ("£", "￡"),
    ("a", "ª"),
    ("o", "º"),
    ("D", "ÐĐ"),
    ("d", "ðđ"),
    ("E", "Ə"),
    ("e", "ə"),
    ("H", "Ħ"),
    ("h", "ħ"),
    ("i", "ı"),
    ("IJ", "Ĳ"),
    ("ij", "ĳ"),
    ("k", "ĸ"),
    ("L", "ŁĿ"),
    ("l", "łŀ"),
    ("N", "Ŋ"),
    ("n", "ŋ"),
    ("'n", "ŉ"),
    ("Ö", "Ő"),
    ("ö", "ő"),
    ("OE", "Œ"),
    ("oe", "œ"),
    ("SS", "ẞ"),
    ("s", "ſ"),
    ("T", "Ŧ"),
    ("t", "ŧ"),
    ("Th", "Þ"),
    ("th", "þ"),
    ("Ü", "Ű"),
    ("ü", "ű"),
    ("ff", "ﬀ"),
    ("fi", "ﬁ"),
    ("fl", "ﬂ"),
    ("ffi", "ﬃ"),
    ("ffl", "ﬄ"),
    // The alphabet has only those Greek capitals that look like no Latin one; for the others that one is sent.
    ("A", "Α"),
    ("B", "Β"),
    ("E", "Ε"),
    ("Z", "Ζ"),
    ("H", "Η"),
    ("I", "Ι"),
    ("K", "Κ"),
    ("M", "Μ"),
    ("N", "Ν"),
    ("O", "Ο"),
    ("P", "Ρ"),
    ("T", "Τ"),
    ("Y", "Υ"),
    ("X", "Χ"),
    ("Δ", "∆"),
    ("Σ", "∑"),
    ("Π", "∏"),
];

const NAMES: &[(char, &str)] = &[
    ('\t', "tab"),
    ('`', "grave accent"),
    ('\u{a0}', "no-break space"),
    ('\u{ad}', "soft hyphen"),
    ('´', "acute accent"),
    ('·', "middle dot"),
    ('\u{2009}', "thin space"),
    ('\u{200b}', "zero width space"),
    ('\u{200c}', "zero width non-joiner"),
    ('\u{200d}', "zero width joiner"),
    ('\u{200e}', "left-to-right mark"),
    ('\u{200f}', "right-to-left mark"),
    ('\u{2011}', "non-breaking hyphen"),
    ('–', "en dash"),
    ('—', "em dash"),
    ('‘', "left single quotation mark"),
    ('’', "right single quotation mark"),
    ('“', "left double quotation mark"),
    ('”', "right double quotation mark"),
    ('•', "bullet"),
    ('…', "horizontal ellipsis"),
    ('\u{2028}', "line separator"),
    ('\u{202f}', "narrow no-break space"),
    ('\u{2060}', "word joiner"),
    ('\u{3000}', "ideographic space"),
    ('\u{fe0f}', "variation selector-16"),
    ('\u{feff}', "zero width no-break space"),
];
