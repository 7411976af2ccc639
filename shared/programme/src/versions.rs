//! Versions of a programme: which rules are in effect when.
//!
//! Each version is a main file of its own and knows the one before it, so that what is decided of the past finds the rules
//! it fell under. Texts are those of the newest: a message is told in today's words.

use std::fmt;
use std::iter;
use std::sync::Arc;

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::{Paused, Programme, Zone};

/// A day, from whose midnight on a version is in effect, or a time of a day; both of the programme's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String"))]
#[cfg_attr(feature = "schema", schemars(extend("examples" = ["2026-12-01", "2026-12-01T06:00"])))]
#[serde(try_from = "String")]
pub(crate) struct EffectiveFrom(DateTime);

impl EffectiveFrom {
    pub(crate) fn instant(self, zone: Zone) -> Option<Timestamp> {
        let there = zone.rules().to_ambiguous_timestamp(self.0).compatible().ok()?;
        // Accounts and their alarms reckon in whole seconds.
        Timestamp::from_second(there.as_second()).ok()
    }
}

impl TryFrom<String> for EffectiveFrom {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let day = || text.parse::<Date>().map(|day| day.to_datetime(Time::midnight()));
        let written = match text.len() {
            10 => day().ok(),
            16 => text.parse::<DateTime>().ok(),
            _ => None,
        };
        written.map(Self).ok_or_else(|| {
            format!("{text:?} is no day; write it such as \"2026-12-01\", or with a time as \"2026-12-01T06:00\"")
        })
    }
}

impl fmt::Display for EffectiveFrom {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.time() == Time::midnight() {
            return self.0.date().fmt(out);
        }
        write!(out, "{}T{:02}:{:02}", self.0.date(), self.0.hour(), self.0.minute())
    }
}

/// What tells a version from the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its main file's name inside the programme's folder.
    pub file: String,
    /// The instant from which it is in effect; none for the oldest, which always was.
    pub from: Option<Timestamp>,
    /// Of the bytes of its main file: another file, another fingerprint.
    pub fingerprint: String,
}

impl Version {
    pub(crate) fn of(file: &str, text: &str, from: Option<Timestamp>) -> Self {
        Self {
            file: file.to_owned(),
            from,
            fingerprint: fingerprint(text),
        }
    }

    fn is_in_effect(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at)
    }
}

/// FNV-1a of a text: another text, another fingerprint.
pub(crate) fn fingerprint(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// A version's rules, the one before, and so on.
pub type Versions<'a> = iter::Successors<&'a Programme, fn(&&'a Programme) -> Option<&'a Programme>>;

impl Programme {
    /// The programme as it was, is or will be in effect at an instant, as far as this version knows: it knows none after
    /// itself.
    pub fn at(&self, instant: Timestamp) -> &Self {
        let mut versions = self.versions();
        versions
            .find(|programme| programme.version.is_in_effect(instant))
            .unwrap_or(self)
    }

    /// All versions, this one first and the oldest last.
    pub fn versions(&self) -> Versions<'_> {
        iter::successors(Some(self), |programme| programme.earlier.as_deref())
    }

    /// The versions up to an instant, the oldest first, each with the last second for which it is asked: the one before the
    /// next version's first, or the instant itself.
    pub fn through(&self, instant: Timestamp) -> impl Iterator<Item = (&Self, Timestamp)> {
        let newest = self.at(instant);
        // Nearly every programme has one version alone.
        let only = newest.earlier.is_none().then_some((newest, instant));
        let mut spans: Vec<(&Self, Timestamp)> = Vec::new();
        let mut last = instant;
        for programme in newest.versions().filter(|_| only.is_none()) {
            spans.push((programme, last));
            last = programme
                .version
                .from
                .map_or(last, |from| from - SignedDuration::from_secs(1));
        }
        only.into_iter().chain(spans.into_iter().rev())
    }

    /// The first instant after another at which a version takes effect.
    pub fn next_version(&self, after: Timestamp) -> Option<Timestamp> {
        self.earlier.as_ref()?;
        let starts = self.versions().filter_map(|programme| programme.version.from);
        starts.filter(|from| *from > after).min()
    }

    /// Whether any version has campaigns.
    pub fn ever_has_campaigns(&self) -> bool {
        self.versions().any(|programme| !programme.campaigns.is_empty())
    }

    /// With nobody told apart by anything, in every version.
    #[must_use]
    pub fn impersonal(&self) -> Self {
        let mut programme = self.clone();
        programme.earlier = self.earlier.as_ref().map(|earlier| Arc::new(earlier.impersonal()));
        programme.is_impersonal = true;
        programme
    }

    /// With what is paused, in every version.
    #[must_use]
    pub fn with_paused(&self, paused: &Paused) -> Self {
        let mut programme = self.clone();
        programme.earlier = self
            .earlier
            .as_ref()
            .map(|earlier| Arc::new(earlier.with_paused(paused)));
        programme.paused = paused.clone();
        programme
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_version_takes_effect_at_a_midnight_or_a_time_of_the_programme_s_zone() {
        let at = |text: &str, zone: &str| {
            let from = EffectiveFrom::try_from(text.to_owned()).unwrap();
            assert_eq!(from.to_string(), text);
            from.instant(Zone::parse(zone).unwrap()).unwrap().to_string()
        };
        assert_eq!(at("2026-12-01", "America/New_York"), "2026-12-01T05:00:00Z");
        assert_eq!(at("2026-12-01T06:00", "Asia/Kolkata"), "2026-12-01T00:30:00Z");
        // A midnight that a zone leaves out is where its clocks go on.
        assert_eq!(at("2018-11-04", "America/Sao_Paulo"), "2018-11-04T03:00:00Z");
        for wrong in [
            "",
            "2026-12",
            "2026-13-01",
            "1 December",
            "2026-12-01T06:00:00Z",
            "2026-12-01 ",
        ] {
            let why = EffectiveFrom::try_from(wrong.to_owned()).unwrap_err();
            assert!(why.contains("write it such as"), "{why}");
        }
    }

    #[test]
    fn a_fingerprint_is_of_the_file_alone() {
        let of = |text: &str| Version::of(crate::files::MAIN, text, None).fingerprint;
        assert_eq!(of("a"), "af63dc4c8601ec8c");
        assert_ne!(of("a"), of("b"));
    }
}
