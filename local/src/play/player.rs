//! Plays a history through the bundle in virtual time: what happened in an hour is put on the bus at its end.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, TimestampRound, ToSpan, Unit};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dice::Fingerprint;
use super::facts::Survey;
use super::timeline::{Happening, PURCHASE};
use super::watch::Watch;
use super::{PlayError, STEP};
use crate::engine::Bundle;

/// The bus that a shop's systems put their events on, by its name in the template.
const BUS: &str = "RegularsBus";

/// So long at most the alarm clock does not tick, which is far from what it takes for an outage.
const LONGEST: SignedDuration = SignedDuration::from_hours(6);

/// What the events name as their source.
const SOURCE: &str = "shop.history";

/// A history, the bundle that lives it, and how long.
pub(super) struct Player<'a> {
    pub(super) bundle: &'a Bundle,
    pub(super) survey: &'a Survey,
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
            let next = self.happenings.get(position.happenings).map(|next| next.at);
            let mut stop = earlier(midnight, next, now);
            if stop.duration_since(now) > STEP {
                // Hours in which nothing is due are passed over: the alarm clock would only find so.
                let due = self.survey.next_alarm().await?;
                stop = earlier(stop.min(now.checked_add(LONGEST).unwrap_or(stop)), due, now);
            }
            self.bundle.leap_to(stop).await?;
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

/// The end of the hour in which something is or was due, where that comes before `stop`; an hour from `now` at the
/// earliest.
fn earlier(stop: Timestamp, due: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let hour = due
        .and_then(hours_end)
        .map(|hour| hour.max(now.checked_add(STEP).unwrap_or(hour)));
    hour.map_or(stop, |hour| hour.min(stop))
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
    fn time_stops_at_the_end_of_an_hour_in_which_something_is_due() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let stop = |due: Option<&str>| {
            let (now, midnight) = (at("1997-01-01T10:00:00Z"), at("1997-01-02T05:00:00Z"));
            earlier(midnight, due.map(at), now).to_string()
        };
        assert_eq!(stop(None), "1997-01-02T05:00:00Z");
        assert_eq!(stop(Some("1997-01-01T15:00:00Z")), "1997-01-01T15:00:00Z");
        assert_eq!(stop(Some("1997-01-01T15:20:00Z")), "1997-01-01T16:00:00Z");
        assert_eq!(stop(Some("1997-01-03T00:00:00Z")), "1997-01-02T05:00:00Z");
        assert_eq!(stop(Some("1996-01-01T00:00:00Z")), "1997-01-01T11:00:00Z", "overdue");
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
