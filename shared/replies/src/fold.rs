//! A text in one width, one case, without accents and in one script of Chinese, cut into words.
//!
//! What Unicode's compatibility forms fold, as far as phones write it: a full table would weigh more than all of this crate.

/// A character as it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Folded {
    /// Of a word.
    Letter(char),
    Digit(char),
    /// A word of its own.
    Han(char),
    /// Not read, and what is beside it belongs together: an apostrophe, an accent, something invisible.
    Nothing,
    /// Between words.
    Space,
    /// Between clauses: a comma, an emoji.
    Comma,
    /// Between sentences.
    Stop,
}

pub(crate) fn fold(character: char) -> Folded {
    match character {
        'a'..='z' => Folded::Letter(character),
        'A'..='Z' => Folded::Letter(character.to_ascii_lowercase()),
        '0'..='9' => Folded::Digit(character),
        '.' | '!' | '?' | ';' | '\n' | '\r' | '…' | '。' | '｡' | '．' | '\u{2028}' | '\u{2029}' => Folded::Stop,
        ',' | ':' | '、' | '､' | '~' | '～' | '—' => Folded::Comma,
        // Full width: the same as ASCII, at a distance.
        '！'..='～' => char::from_u32(u32::from(character) - 0xFEE0).map_or(Folded::Space, fold),
        // Apostrophes, accents of their own, soft hyphens, joiners, direction marks and variation selectors.
        '\''
        | '’'
        | '‘'
        | '`'
        | '´'
        | 'ʼ'
        | '\u{300}'..='\u{36f}'
        | '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => Folded::Nothing,
        'À'..='Å' | 'à'..='å' => Folded::Letter('a'),
        'Ç' | 'ç' => Folded::Letter('c'),
        'È'..='Ë' | 'è'..='ë' => Folded::Letter('e'),
        'Ì'..='Ï' | 'ì'..='ï' => Folded::Letter('i'),
        'Ñ' | 'ñ' => Folded::Letter('n'),
        'Ò'..='Ö' | 'ò'..='ö' => Folded::Letter('o'),
        'Ù'..='Ü' | 'ù'..='ü' => Folded::Letter('u'),
        // Letters that some keyboards offer as ornaments: 𝗦𝗧𝗢𝗣, Ⓢ, 🅢, ⒯.
        '\u{1d400}'..='\u{1d6a3}' => ornament(character, 0x1d400),
        'Ⓐ'..='ⓩ' => ornament(character, 0x24b6),
        '⒜'..='⒵' => ornament(character, 0x249c),
        '\u{1f130}'..='\u{1f149}' => ornament(character, 0x1_f130),
        '\u{1f150}'..='\u{1f169}' => ornament(character, 0x1_f150),
        '\u{1f170}'..='\u{1f189}' => ornament(character, 0x1_f170),
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' => {
            Folded::Han(character)
        }
        _ if character.is_alphabetic() => Folded::Letter(character.to_lowercase().next().unwrap_or(character)),
        _ if character.is_numeric() => Folded::Digit('0'),
        _ if character.is_whitespace() || character.is_control() || is_mark(character) => Folded::Space,
        _ => Folded::Comma,
    }
}

/// Marks that stand beside words without parting clauses: quotes, brackets, hyphens.
fn is_mark(character: char) -> bool {
    character.is_ascii_punctuation()
        || matches!(character, '«' | '»' | '·' | '•' | '\u{2010}'..='\u{2013}' | '“'..='„' | '‹' | '›' | '《'..='】' | '〔'..='〟')
}

fn ornament(character: char, first: u32) -> Folded {
    let letter = u8::try_from((u32::from(character) - first) % 26).map_or('a', |n| char::from(b'a' + n));
    Folded::Letter(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let letters = text.chars().map(fold).map(|folded| match folded {
            Folded::Letter(one) | Folded::Digit(one) | Folded::Han(one) => one.to_string(),
            Folded::Nothing => String::new(),
            Folded::Space => " ".to_owned(),
            Folded::Comma => ",".to_owned(),
            Folded::Stop => ".".to_owned(),
        });
        letters.collect()
    }

    #[test]
    fn one_text_is_left_of_all_ways_to_write_it() {
        for stop in [
            "STOP",
            "ＳＴＯＰ",
            "ｓｔｏｐ",
            "𝗦𝗧𝗢𝗣",
            "𝓼𝓽𝓸𝓹",
            "ⓢⓣⓞⓟ",
            "ⓈⓉⓄⓅ",
            "🅢🅣🅞🅟",
            "🆂🆃🅾🅿",
            "⒮⒯⒪⒫",
            "S\u{200b}T\u{ad}OP",
        ] {
            assert_eq!(folded(stop), "stop", "{stop}");
        }
        assert_eq!(folded("Arrêt"), "arret");
        assert_eq!(folded("Arre\u{302}t"), "arret");
        assert_eq!(folded("don’t"), "dont");
        assert_eq!(folded("退订！２０，【TD】"), "退订.20, td ");
        assert_eq!(folded("👍"), ",");
    }
}
