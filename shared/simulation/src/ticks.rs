//! When the alarm clock ticks.

use jiff::{SignedDuration, Timestamp};

/// Ticks at equal distances, the first one distance after the start. What falls due between two of them is booked at the second, and what happens between two of
/// them arrives at the second, after that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticks {
    from: i64,
    every: i64,
}

impl Ticks {
    /// The distance is a second at the least.
    pub fn new(from: Timestamp, every: SignedDuration) -> Self {
        Self {
            from: from.as_second(),
            every: every.as_secs().max(1),
        }
    }

    /// The first tick that does not come before an instant.
    pub fn at_or_after(self, at: Timestamp) -> Timestamp {
        let whole = at.as_second() + i64::from(at.subsec_nanosecond() > 0);
        let past = whole.saturating_sub(self.from).rem_euclid(self.every);
        let tick = if past == 0 {
            whole
        } else {
            whole.saturating_add(self.every - past)
        };
        let tick = tick.max(self.from.saturating_add(self.every));
        Timestamp::from_second(tick).unwrap_or(Timestamp::MAX)
    }

    /// The first tick after an instant.
    pub fn after(self, at: Timestamp) -> Timestamp {
        let next = Timestamp::from_second(at.as_second().saturating_add(1));
        self.at_or_after(next.unwrap_or(Timestamp::MAX))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_between_two_ticks_comes_at_the_second() {
        let hours = Ticks::new(at("1997-01-01T05:00:00Z"), SignedDuration::from_hours(1));
        for (from, to) in [
            ("1997-01-01T14:00:00Z", "1997-01-01T14:00:00Z"),
            ("1997-01-01T14:00:01Z", "1997-01-01T15:00:00Z"),
            ("1997-12-31T23:59:59.5Z", "1998-01-01T00:00:00Z"),
            ("1996-12-31T23:10:00Z", "1997-01-01T06:00:00Z"),
        ] {
            assert_eq!(hours.at_or_after(at(from)), at(to));
        }
        assert_eq!(hours.after(at("1997-01-01T14:00:00Z")), at("1997-01-01T15:00:00Z"));
        assert_eq!(hours.after(at("1997-01-01T14:20:00Z")), at("1997-01-01T15:00:00Z"));
    }

    #[test]
    fn a_day_that_begins_at_half_an_hour_is_ticked_at_its_midnight() {
        let midnight = at("1997-01-01T18:30:00Z");
        let hours = Ticks::new(midnight, SignedDuration::from_hours(1));
        assert_eq!(
            hours.at_or_after(at("1997-01-02T18:30:00Z")),
            at("1997-01-02T18:30:00Z")
        );
        assert_eq!(hours.after(midnight), at("1997-01-01T19:30:00Z"));
    }

    #[test]
    fn there_is_an_end_to_time() {
        let hours = Ticks::new(at("1997-01-01T00:00:00Z"), SignedDuration::from_hours(1));
        assert_eq!(hours.at_or_after(Timestamp::MAX), Timestamp::MAX);
        assert_eq!(hours.after(Timestamp::MAX), Timestamp::MAX);
    }
}
