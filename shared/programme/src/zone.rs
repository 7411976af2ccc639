//! Time zones of the IANA database.
//!
//! A purchase asks what day it is somewhere some ten times, so the changes of clocks of the years that are asked about are
//! kept in a table, which is the database's own answers. What lies outside it is asked of the database.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{OnceLock, PoisonError, RwLock};

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use serde::Deserialize;

/// A time zone of the IANA database. There are some hundreds, and those that were ever asked for are kept.
#[derive(Clone, Copy, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String", extend("examples" = ["America/New_York", "Europe/London"])))]
#[serde(try_from = "String")]
pub struct Zone(&'static Known);

struct Known {
    rules: TimeZone,
    clocks: OnceLock<Clocks>,
}

/// By the name that the database gives them.
static KNOWN: RwLock<BTreeMap<&'static str, Zone>> = RwLock::new(BTreeMap::new());

impl Zone {
    pub fn parse(name: &str) -> Result<Self, String> {
        let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(name).copied();
        if let Some(known) = known {
            return Ok(known);
        }
        // Names such as `EST5EDT` are kept in the database for old systems; a place says what is meant.
        let rules = TimeZone::get(name)
            .map_err(|_| format!("{name:?} is no time zone; write an IANA name such as \"America/New_York\""))?;
        let mut all = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
        // It may have been asked for in other letters.
        if let Some(known) = all.get(rules.iana_name().unwrap_or(UTC)) {
            return Ok(*known);
        }
        let clocks = OnceLock::new();
        let zone = Self(Box::leak(Box::new(Known { rules, clocks })));
        all.insert(zone.name(), zone);
        Ok(zone)
    }

    /// Its rules, for what is asked seldom.
    pub fn rules(self) -> &'static TimeZone {
        &self.0.rules
    }

    pub fn name(self) -> &'static str {
        self.0.rules.iana_name().unwrap_or(UTC)
    }

    /// How many seconds its clocks are ahead of UTC.
    pub fn offset(self, at: Timestamp) -> i32 {
        let found = self.clocks().at(at.as_second());
        found.map_or_else(|| self.0.rules.to_offset(at).seconds(), |same| same.offset)
    }

    /// What its clocks show.
    pub fn local(self, at: Timestamp) -> DateTime {
        let offset = Offset::from_seconds(self.offset(at)).unwrap_or(Offset::UTC);
        offset.to_datetime(at)
    }

    /// The time of day that they show.
    pub fn time(self, at: Timestamp) -> Time {
        let second = at.as_second() - i64::from(at.subsec_nanosecond() < 0);
        let of_day = (second + i64::from(self.offset(at))).rem_euclid(24 * 60 * 60);
        let part = |number: i64| i8::try_from(number).unwrap_or_default();
        let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
        Time::new(part(hour), part(minute), part(second), 0).unwrap_or_default()
    }

    /// The instant at which its clocks show a time, in seconds since 1970 began there, or the second of an instant. A time
    /// that a change of clocks skips is moved on by as much; one that it repeats is the first of the two.
    pub fn second(self, local: i64) -> Option<i64> {
        if let Some(second) = self.clocks().second(local) {
            return Some(second);
        }
        let local = Offset::UTC.to_datetime(Timestamp::from_second(local).ok()?);
        self.0.rules.to_timestamp(local).ok().map(Timestamp::as_second)
    }

    /// Whether its clocks are known not to change between two instants.
    pub fn keeps_time(self, from: Timestamp, to: Timestamp) -> bool {
        let of = |at: Timestamp| self.clocks().at(at.as_second()).map(|same| same.from);
        of(from).is_some_and(|from| of(to) == Some(from))
    }

    fn clocks(self) -> &'static Clocks {
        self.0.clocks.get_or_init(|| Clocks::of(&self.0.rules))
    }
}

const UTC: &str = "UTC";

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Zone {}

impl fmt::Debug for Zone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Zone({})", self.name())
    }
}

impl TryFrom<String> for Zone {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        Self::parse(&name)
    }
}

/// The table begins with the year 1990 and ends with 2060.
const FROM: i64 = 631_152_000;
const TO: i64 = 2_840_140_800;
/// No zone is farther from UTC.
const FARTHEST: i64 = 26 * 60 * 60;

/// A time in which the clocks do not change.
#[derive(Debug, Clone, Copy)]
struct Same {
    from: i64,
    to: i64,
    offset: i32,
}

impl Same {
    fn local(&self, second: i64) -> i64 {
        second + i64::from(self.offset)
    }
}

/// The table's equal parts are of 2^23 seconds, 97 days: nearly everywhere clocks change once in one at the most.
const PART_BITS: u32 = 23;

/// All times in which they do not, one after the other.
#[derive(Debug)]
struct Clocks {
    all: Vec<Same>,
    /// For each part, the place of the one in which it begins.
    parts: Vec<usize>,
}

impl Clocks {
    fn of(rules: &TimeZone) -> Self {
        let offset = |second: i64| {
            let at = Timestamp::from_second(second).unwrap_or_default();
            rules.to_offset(at).seconds()
        };
        let start = Timestamp::from_second(FROM).unwrap_or_default();
        let changes = rules.following(start).map(|change| change.timestamp().as_second());
        let ends = changes.take_while(|change| *change < TO).chain([TO]);
        let mut all: Vec<Same> = Vec::new();
        let mut from = FROM;
        for to in ends {
            let offset = offset(from);
            match all.last_mut() {
                // Only the zone's name for its time changed.
                Some(last) if last.offset == offset => last.to = to,
                _ => all.push(Same { from, to, offset }),
            }
            from = to;
        }
        all.shrink_to_fit();
        let starts = (FROM..TO).step_by(1 << PART_BITS);
        let parts = starts.map(|start| all.partition_point(|same| same.to <= start));
        Self {
            parts: parts.collect(),
            all,
        }
    }

    /// The first that is not over, where all before the part of a second are.
    fn first(&self, second: i64, is_over: impl Fn(&Same) -> bool) -> Option<usize> {
        let part = usize::try_from((second - FROM) >> PART_BITS).ok()?;
        let from = *self.parts.get(part)?;
        let over = self.all.get(from..)?.iter().take_while(|same| is_over(same));
        Some(from + over.count())
    }

    fn at(&self, second: i64) -> Option<&Same> {
        let place = self.first(second, |same| same.to <= second)?;
        self.all.get(place)
    }

    fn second(&self, local: i64) -> Option<i64> {
        if !(FROM + FARTHEST..TO - FARTHEST).contains(&local) {
            return None;
        }
        let place = self.first(local - FARTHEST, |same| same.local(same.to) <= local)?;
        let same = self.all.get(place)?;
        // Clocks were put on from before this time to after it.
        let skipped = local < same.local(same.from);
        let same = if skipped {
            self.all.get(place.checked_sub(1)?)?
        } else {
            same
        };
        Some(local - i64::from(same.offset))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use super::*;

    /// Around every change of clocks in every zone, and at the ends of the table.
    #[test]
    fn the_table_says_what_the_database_says() {
        let (mut zones, mut compared, mut odd) = (0, 0, BTreeSet::new());
        for name in jiff::tz::db().available() {
            let zone = Zone::parse(name.as_str()).unwrap();
            zones += 1;
            let start = Timestamp::from_second(FROM - 2 * FARTHEST).unwrap();
            let changes = zone
                .rules()
                .following(start)
                .map(|change| change.timestamp().as_second());
            let changes = changes.take_while(|change| *change < TO + 2 * FARTHEST);
            for change in changes.chain([FROM, TO]) {
                let near = [
                    -90_000, -7_200, -3_601, -3_600, -1_800, -1, 0, 1, 1_799, 3_599, 3_600, 7_200, 90_000,
                ];
                for second in near.map(|near| change + near) {
                    let at = Timestamp::from_second(second).unwrap();
                    assert_eq!(zone.time(at), zone.local(at).time(), "{name} {at}");
                    assert_eq!(zone.local(at), zone.rules().to_datetime(at), "{name} {at}");
                    let local = second + i64::from(zone.offset(Timestamp::from_second(change).unwrap()));
                    let shown = Offset::UTC.to_datetime(Timestamp::from_second(local).unwrap());
                    let expected = zone.rules().to_timestamp(shown).unwrap();
                    let found = Timestamp::from_second(zone.second(local).unwrap()).unwrap();
                    if found != expected {
                        // Nuuk's last hour by rules that it had given up: the clocks show another time at that instant.
                        let agree = |at| zone.rules().to_datetime(at) == shown;
                        assert!(agree(found) && !agree(expected), "{name} {shown}");
                        odd.insert(shown.date());
                    }
                    compared += 1;
                }
            }
        }
        assert_eq!(odd, BTreeSet::from([jiff::civil::date(2023, 10, 28)]));
        assert!(zones > 500 && compared > 100_000);
        println!("{compared} instants of {zones} zones compared");
    }

    #[test]
    fn a_zone_is_one_however_it_is_written() {
        let zone = Zone::parse("America/New_York").unwrap();
        assert_eq!(Zone::parse("america/new_york"), Ok(zone));
        assert_eq!(zone.name(), "America/New_York");
        assert_ne!(Zone::parse("America/Chicago").unwrap(), zone);
        assert_eq!(Zone::parse("utc").unwrap().name(), "UTC");
        assert!(Zone::parse("Mars/Olympus").is_err());
    }

    #[test]
    fn clocks_are_known_to_keep_time_between_changes_alone() {
        let zone = Zone::parse("America/New_York").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (before, change) = (at("1998-04-05T06:59:59Z"), at("1998-04-05T07:00:00Z"));
        assert!(!zone.keeps_time(before, change));
        assert!(zone.keeps_time(change, at("1998-10-25T05:59:59Z")));
        assert!(!zone.keeps_time(at("1950-01-01T00:00:00Z"), at("1950-01-01T00:00:01Z")));
    }
}
