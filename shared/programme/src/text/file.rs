//! A file of texts, as it is written.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::value::StringDeserializer;
use serde::de::{IntoDeserializer, MapAccess, Visitor};

use super::OfBroadcasts;
use super::answers::Replies;
use super::digest::Digest;
use super::partials::Partials;
use super::voice::{PartsAsWritten, Voice};
use crate::MessageKind;

/// A file of texts.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) kinds: BTreeMap<toml::Spanned<MessageKind>, PartsAsWritten>,
    pub(super) replies: Replies,
    pub(super) partials: Partials,
    pub(super) digest: Digest,
    pub(super) broadcasts: OfBroadcasts,
    pub(super) voice: Voice,
}

/// What a section is about.
enum Section {
    Kind(MessageKind),
    Replies,
    Partials,
    Digest,
    Broadcasts,
    Voice,
}

impl<'de> Deserialize<'de> for Section {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        match name.as_str() {
            "replies" => return Ok(Self::Replies),
            "partials" => return Ok(Self::Partials),
            "digest" => return Ok(Self::Digest),
            "broadcasts" => return Ok(Self::Broadcasts),
            "voice" => return Ok(Self::Voice),
            _ => {}
        }
        let name: StringDeserializer<D::Error> = name.into_deserializer();
        let kind = MessageKind::deserialize(name)?;
        if !kind.is_of_the_ledger() {
            let why = "each broadcast has texts of its own; write them under its name, as [broadcasts.winter-sale]";
            return Err(serde::de::Error::custom(why));
        }
        Ok(Self::Kind(kind))
    }
}

/// By hand, since `flatten` would lose where each text stands.
impl<'de> Deserialize<'de> for File {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Sections;
        impl<'de> Visitor<'de> for Sections {
            type Value = File;
            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("a map")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut sections: A) -> Result<File, A::Error> {
                let mut file = File::default();
                while let Some(section) = sections.next_key::<toml::Spanned<Section>>()? {
                    let span = section.span();
                    match section.into_inner() {
                        Section::Replies => file.replies = sections.next_value()?,
                        Section::Partials => file.partials = sections.next_value()?,
                        Section::Digest => file.digest = sections.next_value()?,
                        Section::Broadcasts => file.broadcasts = sections.next_value()?,
                        Section::Voice => file.voice = sections.next_value()?,
                        Section::Kind(kind) => {
                            file.kinds
                                .insert(toml::Spanned::new(span, kind), sections.next_value()?);
                        }
                    }
                }
                Ok(file)
            }
        }
        from.deserialize_map(Sections)
    }
}
