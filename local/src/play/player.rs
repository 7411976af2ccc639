//! Plays a history through the bundle in virtual time: what happened in an hour is put on the bus at its end.

use jiff::tz::TimeZone;
use jiff::{Timestamp, TimestampRound, ToSpan, Unit};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::PlayError;
use super::dice::Fingerprint;
use super::timeline::{Happening, PURCHASE};
use super::watch::Watch;
use crate::engine::Bundle;

/// The bus that a shop's systems put their events on, by its name in the template.
const BUS: &str = "RegularsBus";

/// What the events name as their source.
const SOURCE: &str = "shop.history";

/// A history, the bundle that lives it, and how long.
pub(super) struct Player<'a> {
    pub(super) bundle: &'a Bundle,
    /// By time.
    pub(super) happenings: &'a [Happening],
    /// The midnight after the last day played.
    pub(super) end: Timestamp,
    /// Whose days are the run's days.
    pub(super) zone: &'a TimeZone,
}

/// How far a history was played. Also what a checkpoint notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Position {
    pub(super) happenings: usize,
    pub(super) purchases: u64,
    /// Of the happenings so far: no other history is gone on from.
    fingerprint: Fingerprint,
}

impl Position {
    fn start() -> Self {
        Self {
            happenings: 0,
            purchases: 0,
            fingerprint: Fingerprint::new(),
        }
    }

    fn pass(&mut self, happening: &Happening) {
        self.happenings += 1;
        self.purchases += u64::from(happening.kind == PURCHASE);
        happening.add_to(&mut self.fingerprint);
    }
}

impl Player<'_> {
    /// Plays from where an earlier run came to until the end, and says how far that is.
    pub(super) async fn play(&self, watch: &mut Watch<'_>) -> Result<Position, PlayError> {
        let mut position = self.played_before()?;
        watch.begin(self.bundle.now(), position.purchases).await?;
        while self.bundle.now() < self.end {
            let now = self.bundle.now();
            let midnight = next_midnight(now, self.zone).min(self.end);
            let next = self
                .happenings
                .get(position.happenings)
                .and_then(|next| hours_end(next.at));
            let stop = next
                .filter(|hour| *hour > now)
                .map_or(midnight, |hour| hour.min(midnight));
            self.bundle.advance_to(stop).await?;
            self.put_until(stop, &mut position).await?;
            if stop == midnight {
                self.bundle.checkpoint(&json!(position)).await?;
                watch.day(stop, position.purchases).await?;
            }
        }
        Ok(position)
    }

    /// Puts what has happened by now on the bus, and waits until all that follows from it is done.
    async fn put_until(&self, now: Timestamp, position: &mut Position) -> Result<(), PlayError> {
        let waiting = self.happenings.get(position.happenings..).unwrap_or_default();
        let due = waiting
            .iter()
            .take_while(|happening| happening.at <= now && happening.at < self.end);
        for happening in due {
            self.bundle
                .put_event(BUS, SOURCE, happening.kind, happening.detail.clone())
                .await?;
            position.pass(happening);
        }
        Ok(self.bundle.settle().await?)
    }

    fn played_before(&self) -> Result<Position, PlayError> {
        let Some(note) = self.bundle.note() else {
            return Ok(Position::start());
        };
        let noted: Position = serde_json::from_value(note).map_err(|_| PlayError::OtherHistory)?;
        let mut played = Position::start();
        for happening in self.happenings.get(..noted.happenings).ok_or(PlayError::OtherHistory)? {
            played.pass(happening);
        }
        if played == noted {
            Ok(played)
        } else {
            Err(PlayError::OtherHistory)
        }
    }
}

/// The first full hour at which something that happened at this time is over.
fn hours_end(at: Timestamp) -> Option<Timestamp> {
    at.round(TimestampRound::new().smallest(Unit::Hour).mode(jiff::RoundMode::Ceil))
        .ok()
}

/// The first midnight of a zone after this time.
pub(super) fn next_midnight(at: Timestamp, zone: &TimeZone) -> Timestamp {
    let today = at.to_zoned(zone.clone()).date();
    let midnight = today.checked_add(1.day()).and_then(|day| day.to_zoned(zone.clone()));
    midnight.map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_hour_is_played_at_its_end() {
        let end = |at: &str| hours_end(at.parse().unwrap()).unwrap().to_string();
        assert_eq!(end("1997-01-01T14:00:00Z"), "1997-01-01T14:00:00Z");
        assert_eq!(end("1997-01-01T14:00:01Z"), "1997-01-01T15:00:00Z");
        assert_eq!(end("1997-12-31T23:59:59.5Z"), "1998-01-01T00:00:00Z");
    }

    #[test]
    fn days_are_those_of_the_zone_and_may_be_short_or_long() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let midnight = |at: &str| next_midnight(at.parse().unwrap(), &zone).to_string();
        assert_eq!(midnight("1997-01-01T05:00:00Z"), "1997-01-02T05:00:00Z");
        assert_eq!(midnight("1997-04-06T05:00:00Z"), "1997-04-07T04:00:00Z");
        assert_eq!(midnight("1997-10-26T04:00:00Z"), "1997-10-27T05:00:00Z");
    }
}
