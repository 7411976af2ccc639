//! What members agree to, in the exact words that they are shown: each wording has a name, and its hash is the evidence of it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::personalisation::PERSONALISATION;
use crate::text::Locale;
use crate::{Channel, Programme, Purpose, suggest};

/// What a member gives or withdraws a consent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Messages of a purpose by a channel.
    Messages(Channel, Purpose),
    /// That what is known of the member tells them apart from others.
    Personalisation,
}

impl Scope {
    pub fn channel(self) -> Option<Channel> {
        match self {
            Self::Messages(channel, _) => Some(channel),
            Self::Personalisation => None,
        }
    }

    /// The purpose's name in events, tables and exports.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Messages(_, purpose) => purpose.name(),
            Self::Personalisation => PERSONALISATION,
        }
    }
}

/// The purpose that a wording is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ConsentTo {
    Transactional,
    Promotional,
    Personalisation,
}

impl ConsentTo {
    fn is(self, scope: Scope) -> bool {
        match scope {
            Scope::Messages(_, Purpose::Transactional) => self == Self::Transactional,
            Scope::Messages(_, Purpose::Promotional) => self == Self::Promotional,
            Scope::Personalisation => self == Self::Personalisation,
        }
    }
}

/// What members are shown and agree to. It never changes: other words are another wording, with a name of its own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Wording {
    /// What consents name it by.
    pub name: WordingName,
    /// The first day on which it is shown, in the programme's zone.
    pub from: Option<Date>,
    /// Only for consents to messages by this channel; where nothing is said, by any.
    pub channel: Option<Channel>,
    /// Only for consents of this purpose; where nothing is said, of any.
    pub purpose: Option<ConsentTo>,
    /// The words, by locale.
    pub texts: BTreeMap<Locale, String>,
}

/// A wording's name: letters, digits, hyphens, underscores and dots.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[A-Za-z0-9._-]{1,64}$")))]
#[serde(try_from = "String")]
pub struct WordingName(String);

impl WordingName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for WordingName {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if (1..=64).contains(&name.len()) && name.bytes().all(plain) {
            return Ok(Self(name));
        }
        Err(format!(
            "{name:?} cannot name a wording; write 1 to 64 letters, digits, hyphens, underscores and dots, such as \
             \"sms-2026\""
        ))
    }
}

/// The SHA-256 of a wording's bytes in UTF-8, exactly as it was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WordingHash([u8; 32]);

impl WordingHash {
    pub fn of(words: &str) -> Self {
        Self(Sha256::digest(words).into())
    }
}

impl fmt::Display for WordingHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no SHA-256; write its 64 hexadecimal digits")]
pub struct HashError;

impl FromStr for WordingHash {
    type Err = HashError;
    fn from_str(text: &str) -> Result<Self, HashError> {
        let mut hash = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(HashError);
        }
        for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digits = str::from_utf8(digits).map_err(|_| HashError)?;
            let digits = Some(digits)
                .filter(|digits| !digits.starts_with('+'))
                .ok_or(HashError)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| HashError)?;
        }
        Ok(Self(hash))
    }
}

/// What a consent brings of the words that the member was shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cited {
    /// A wording's name, or the words themselves; empty where nothing is said.
    pub wording: String,
    pub hash: Option<WordingHash>,
    /// The locale it was shown in.
    pub locale: Option<String>,
}

/// The words that a member was shown, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// The declared wording's name, or the words as they came.
    pub wording: String,
    pub locale: Option<String>,
    pub hash: Option<WordingHash>,
}

/// Why a consent cannot have been given as it says. None repeats what it brought, which may be anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordingError {
    #[error("its wording is none that the programme declares; {0}")]
    Unknown(String),
    #[error("its wording {0:?} is for consents to something else; name one that is for this channel and purpose")]
    OtherScope(String),
    #[error("its wording {name:?} is shown from {from} on, and the consent was given before")]
    TooEarly { name: String, from: Date },
    #[error("its wording {name:?} has no text in that locale; {mend}")]
    NoText { name: String, mend: String },
    #[error("its wording-hash is not the hash of its wording; leave it out, or send the SHA-256 of the words as shown")]
    OtherHash,
}

impl Shown {
    /// The words as they came.
    pub fn words(cited: &Cited) -> Self {
        Self {
            wording: cited.wording.clone(),
            locale: cited.locale.clone(),
            hash: Some(WordingHash::of(&cited.wording))
                .filter(|_| !cited.wording.is_empty())
                .or(cited.hash),
        }
    }
}

impl Wording {
    fn is_for(&self, scope: Scope) -> bool {
        self.channel.is_none_or(|own| scope.channel() == Some(own)) && self.purpose.is_none_or(|own| own.is(scope))
    }

    /// The locale that a member of a locale is shown it in: their own, else one of their language, else the default.
    fn locale_for<'a>(&'a self, wanted: &str, default: &'a str) -> &'a str {
        let language = |locale: &str| locale.split('-').next().unwrap_or_default().to_owned();
        let mut locales = self.texts.keys();
        let exact = self.texts.get_key_value(wanted).map(|(locale, _)| locale);
        let near = exact.or_else(|| locales.find(|locale| language(locale) == language(wanted)));
        near.map_or(default, String::as_str)
    }
}

impl Programme {
    /// The words that a member of a locale was shown when they gave a consent at an instant.
    pub fn shown(&self, cited: &Cited, scope: Scope, (member, at): (&str, Timestamp)) -> Result<Shown, WordingError> {
        let programme = self.at(at);
        if cited.wording.is_empty() {
            return Ok(programme.by_hash(cited));
        }
        let mut all = programme.wordings.iter();
        let Some(wording) = all.find(|wording| wording.name.as_str() == cited.wording) else {
            let words = Shown::words(cited);
            if cited.hash.is_some() && cited.hash != words.hash {
                return Err(WordingError::OtherHash);
            }
            let declared = words.hash.and_then(|hash| programme.words_of(hash));
            return match declared {
                Some((wording, ..)) if !wording.is_for(scope) => {
                    Err(WordingError::OtherScope(wording.name.as_str().to_owned()))
                }
                Some((wording, locale, _)) => Ok(Shown {
                    wording: wording.name.as_str().to_owned(),
                    locale: Some(locale.to_owned()),
                    ..words
                }),
                None if programme.wordings.is_empty() => Ok(words),
                None => {
                    let known: Vec<&str> = programme.wordings.iter().map(|one| one.name.as_str()).collect();
                    Err(WordingError::Unknown(suggest::one_of(&cited.wording, &known)))
                }
            };
        };
        let name = || wording.name.as_str().to_owned();
        if !wording.is_for(scope) {
            return Err(WordingError::OtherScope(name()));
        }
        let day = programme.zone.local(at).date();
        if let Some(from) = wording.from.filter(|from| day < *from) {
            return Err(WordingError::TooEarly { name: name(), from });
        }
        let locale = match &cited.locale {
            Some(locale) if wording.texts.contains_key(locale) => locale.as_str(),
            Some(locale) => {
                let known: Vec<&str> = wording.texts.keys().map(String::as_str).collect();
                let mend = suggest::one_of(locale, &known);
                return Err(WordingError::NoText { name: name(), mend });
            }
            None => wording.locale_for(member, programme.texts.fallback()),
        };
        let hash = wording.texts.get(locale).map(|words| WordingHash::of(words));
        if cited.hash.is_some() && cited.hash != hash {
            return Err(WordingError::OtherHash);
        }
        Ok(Shown {
            wording: name(),
            locale: Some(locale.to_owned()),
            hash,
        })
    }

    /// A consent that brings a hash alone: whose it is, where it is that of a declared wording.
    fn by_hash(&self, cited: &Cited) -> Shown {
        let found = cited.hash.and_then(|hash| self.words_of(hash));
        Shown {
            wording: found
                .map(|(wording, ..)| wording.name.as_str().to_owned())
                .unwrap_or_default(),
            locale: found
                .map(|(_, locale, _)| locale.to_owned())
                .or_else(|| cited.locale.clone()),
            hash: cited.hash,
        }
    }

    /// What members are shown at an instant whose consent is asked for; none where the programme declares nothing for it.
    pub fn wording_for(&self, scope: Scope, at: Timestamp) -> Option<&Wording> {
        let programme = self.at(at);
        let day = programme.zone.local(at).date();
        let mut latest = programme.wordings.iter().rev();
        latest.find(|wording| wording.is_for(scope) && wording.from.is_none_or(|from| from <= day))
    }

    /// The declared wording that has a hash, of whichever version, with the locale and the words.
    pub fn words_of(&self, hash: WordingHash) -> Option<(&Wording, &str, &str)> {
        let wordings = self.versions().flat_map(|programme| &programme.wordings);
        let mut texts = wordings.flat_map(|wording| wording.texts.iter().map(move |text| (wording, text)));
        let found = texts.find(|(_, (_, words))| WordingHash::of(words) == hash);
        found.map(|(wording, (locale, words))| (wording, locale.as_str(), words.as_str()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_hash_is_that_of_the_words_bytes() {
        // FIPS 180-4, and its own text back.
        let hash = WordingHash::of("abc");
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((hash.to_string().as_str(), text.parse()), (text, Ok(hash)));
        assert_eq!(text.to_uppercase().parse(), Ok(hash));
        for wrong in [
            "",
            "abc",
            &text[1..],
            &format!("{text}0"),
            &text.replace("ba", "+a"),
            &"积".repeat(32),
        ] {
            assert_eq!(wrong.parse::<WordingHash>(), Err(HashError), "{wrong}");
        }
    }
}
