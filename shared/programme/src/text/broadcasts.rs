//! The texts of broadcasts: `[broadcasts.NAME]` of a file of texts.

use std::collections::BTreeMap;

use super::{Adding, OfBroadcasts, Ready, Texts};
use crate::MessageKind;

/// How a broadcast is called where something is said of its texts.
pub(super) fn called(name: &str) -> String {
    format!("broadcast {name}")
}

/// Adds a locale's texts.
pub(super) fn add(adding: &mut Adding<'_>, file: &OfBroadcasts) -> BTreeMap<String, Ready> {
    let all = file.iter().map(|(name, parts)| {
        let name = name.get_ref();
        let ready = adding.parts((MessageKind::Broadcast, &called(name)), parts);
        (name.clone(), ready)
    });
    all.collect()
}

impl Texts {
    /// The locales that have no text for a broadcast; none where texts were not read.
    pub(crate) fn without_broadcast(&self, name: &str) -> impl Iterator<Item = &str> {
        let read = self
            .by_locale
            .iter()
            .filter_map(|(locale, spoken)| Some((locale, spoken.as_ref()?)));
        let without = read.filter(move |(_, spoken)| !spoken.broadcasts.contains_key(name));
        without.map(|(locale, _)| locale.as_str())
    }

    /// The names that a locale's file has texts of broadcasts for.
    pub(crate) fn broadcasts_in(&self, locale: &str) -> Vec<&str> {
        let spoken = self.of(locale).into_iter();
        spoken
            .flat_map(|spoken| spoken.broadcasts.keys().map(String::as_str))
            .collect()
    }
}
