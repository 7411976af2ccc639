//! Plays a history through the bundle in virtual time: what happened in an hour is put on the bus at its end.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use programme::Programme;
use serde::{Deserialize, Serialize};
use serde_json::json;
use simulation::Ticks;

use super::dice::Fingerprint;
use super::facts::Survey;
use super::replies;
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
    /// When the clock stops, where anything may be due: the hours from the first midnight on.
    pub(super) ticks: Ticks,
    /// The midnight after the last day played.
    pub(super) end: Timestamp,
    /// What takes effect while it is lived.
    pub(super) programme: &'a Programme,
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
            let mut stop = self.earlier(midnight, next, now);
            if stop.duration_since(now) > STEP {
                // Hours in which nothing is due are passed over: the alarm clock would only find so.
                let (due, version) = (self.survey.next_alarm().await?, self.programme.next_version(now));
                let due = due.into_iter().chain(version).min();
                stop = self.earlier(stop.min(now.checked_add(LONGEST).unwrap_or(stop)), due, now);
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
            let detail = &happening.detail;
            if happening.kind == replies::KIND {
                // What came before it was told before, and what comes after waits for it.
                self.bundle.settle().await?;
                self.bundle
                    .publish_to_topic(replies::TOPIC, &detail.to_string())
                    .await?;
                self.bundle.settle().await?;
            } else {
                self.bundle
                    .put_event(BUS, SOURCE, happening.kind, detail.clone())
                    .await?;
            }
            position.pass(happening);
        }
        Ok(self.bundle.settle().await?)
    }

    /// The tick for what is or was due, where that comes before `stop`; the first after `now` at the earliest.
    fn earlier(&self, stop: Timestamp, due: Option<Timestamp>, now: Timestamp) -> Timestamp {
        earlier(self.ticks, stop, due, now)
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

fn earlier(ticks: Ticks, stop: Timestamp, due: Option<Timestamp>, now: Timestamp) -> Timestamp {
    due.map_or(stop, |due| ticks.at_or_after(due).max(ticks.after(now)).min(stop))
}

/// The first midnight of a zone after this time.
pub(crate) fn next_midnight(at: Timestamp, zone: &TimeZone) -> Timestamp {
    let today = at.to_zoned(zone.clone()).date();
    let midnight = today.checked_add(1.day()).and_then(|day| day.to_zoned(zone.clone()));
    midnight.map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn time_stops_at_the_end_of_an_hour_in_which_something_is_due() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let stop = |due: Option<&str>| {
            let (now, midnight) = (at("1997-01-01T10:00:00Z"), at("1997-01-02T05:00:00Z"));
            let ticks = Ticks::new(at("1997-01-01T05:00:00Z"), STEP);
            earlier(ticks, midnight, due.map(at), now).to_string()
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
