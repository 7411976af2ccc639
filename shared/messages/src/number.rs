//! A phone number: what was asked from it, and so what may not be sent there.
//!
//! The number decides, and the profiles of its members follow it ([`crate::Profile::follow`]). Replies come more than once
//! and in any order: what counts is when each was sent, and where that is not known, the safe side.

use jiff::{SignedDuration, Timestamp};
use programme::Answer;
use replies::Reply;

/// A number that opted out and in again may not do so once more for so long: SNS takes no number back sooner.
const BETWEEN_OPT_INS: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Help is given once in so long, so that two machines cannot talk to each other for ever.
const BETWEEN_HELP: SignedDuration = SignedDuration::from_hours(24);

/// What may not be sent to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// What advertises: the reply may have asked for no more.
    Promotional,
    /// Everything.
    All,
}

impl Stopped {
    /// The name used in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Promotional => "promotional",
            Self::All => "all",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Promotional, Self::All]
            .into_iter()
            .find(|stopped| stopped.name() == name)
    }
}

/// What was asked from a number so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Number {
    pub stopped: Option<Stopped>,
    /// When the latest reply was sent that asked for less.
    pub stop_at: Option<Timestamp>,
    /// When the latest reply was sent that asked for messages again.
    pub start_at: Option<Timestamp>,
    /// When a reply last lifted a stop of everything.
    pub lifted_at: Option<Timestamp>,
    /// When the provider last took the number off its own list for us.
    pub taken_back_at: Option<Timestamp>,
    /// When help was last given.
    pub helped_at: Option<Timestamp>,
    /// An opt-out is being confirmed, which nobody does twice.
    pub confirming: bool,
}

/// What a reply came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    Stopped,
    /// It was stopped already.
    AlreadyStopped,
    Resumed,
    /// There was nothing to resume.
    NotStopped,
    /// It was resumed less than thirty days ago: it stays stopped.
    TooSoon,
    /// The provider has it on its own list, and does not take it off: it stays as it is.
    NotTakenBack,
    /// A later reply had asked for the contrary.
    Outdated,
    /// Nobody knows when it was sent, so it resumes nothing.
    Undated,
    Asked,
    Helped,
    /// It asked for help again within a day, or from a number that is stopped.
    NoHelp,
    Nothing,
}

impl Came {
    const ALL: [Self; 12] = [
        Self::Stopped,
        Self::AlreadyStopped,
        Self::Resumed,
        Self::NotStopped,
        Self::TooSoon,
        Self::NotTakenBack,
        Self::Outdated,
        Self::Undated,
        Self::Asked,
        Self::Helped,
        Self::NoHelp,
        Self::Nothing,
    ];

    /// The name used in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::AlreadyStopped => "already-stopped",
            Self::Resumed => "resumed",
            Self::NotStopped => "not-stopped",
            Self::TooSoon => "too-soon",
            Self::NotTakenBack => "not-taken-back",
            Self::Outdated => "outdated",
            Self::Undated => "undated",
            Self::Asked => "asked",
            Self::Helped => "helped",
            Self::NoHelp => "no-help",
            Self::Nothing => "nothing",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|came| came.name() == name)
    }

    /// What is stopped after it, where this was stopped before.
    pub fn stopped_after(self, before: Option<Stopped>) -> Option<Stopped> {
        match self {
            Self::Stopped => Some(Stopped::All),
            Self::Asked => Some(Stopped::Promotional),
            Self::Resumed => None,
            Self::AlreadyStopped
            | Self::NotStopped
            | Self::TooSoon
            | Self::NotTakenBack
            | Self::Outdated
            | Self::Undated
            | Self::Helped
            | Self::NoHelp
            | Self::Nothing => before,
        }
    }
}

/// What a number becomes by a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub number: Number,
    pub came: Came,
    pub answer: Option<Answer>,
}

impl Number {
    /// What a reply asks of the number that it was sent from at `at`, if that is known.
    pub fn hears(&self, reply: Reply, at: Option<Timestamp>, now: Timestamp) -> Heard {
        // A clock that goes ahead of ours would outdo everything that is said after it.
        let at = at.map(|at| at.min(now));
        let nothing = |came| Heard {
            number: self.clone(),
            came,
            answer: None,
        };
        match reply {
            Reply::OptOut | Reply::Unsure if at.is_some_and(|at| self.start_at.is_some_and(|start| at < start)) => {
                nothing(Came::Outdated)
            }
            Reply::OptOut => self.stop(at, now),
            Reply::Unsure => self.ask(at, now),
            Reply::OptIn => match at {
                None => nothing(Came::Undated),
                Some(at) if self.stop_at.is_some_and(|stop| at <= stop) => nothing(Came::Outdated),
                Some(at) => self.resume(at),
            },
            Reply::Help => self.help(now).unwrap_or_else(|| nothing(Came::NoHelp)),
            Reply::Other => nothing(Came::Nothing),
        }
    }

    /// The number stands on the provider's own list, as it was read at an instant: the stricter of the two holds.
    pub fn listed(&self, read_at: Timestamp, now: Timestamp) -> Heard {
        if self.taken_back_at.is_some_and(|taken| read_at <= taken) {
            return Heard {
                number: self.clone(),
                came: Came::Outdated,
                answer: None,
            };
        }
        Heard {
            // Nothing reaches the number any more.
            answer: None,
            ..self.hears(Reply::OptOut, Some(read_at), now)
        }
    }

    /// Whether the provider may be asked to take the number off its own list: it does so once in thirty days.
    pub fn may_be_taken_back(&self, now: Timestamp) -> bool {
        self.taken_back_at
            .is_none_or(|taken| now.duration_since(taken) >= BETWEEN_OPT_INS)
    }

    fn stop(&self, at: Option<Timestamp>, now: Timestamp) -> Heard {
        let already = self.stopped == Some(Stopped::All);
        Heard {
            number: Self {
                stopped: Some(Stopped::All),
                stop_at: self.stop_at.max(at.or(Some(now))),
                confirming: false,
                ..self.clone()
            },
            came: if already { Came::AlreadyStopped } else { Came::Stopped },
            answer: (!already && !self.confirming).then_some(Answer::Stopped),
        }
    }

    /// What advertises stops, and it is asked once what is meant: no answer leaves it stopped.
    fn ask(&self, at: Option<Timestamp>, now: Timestamp) -> Heard {
        let already = self.stopped.is_some();
        Heard {
            number: Self {
                stopped: self.stopped.or(Some(Stopped::Promotional)),
                stop_at: self.stop_at.max(at.or(Some(now))),
                ..self.clone()
            },
            came: if already { Came::AlreadyStopped } else { Came::Asked },
            answer: (!already && !self.confirming).then_some(Answer::Question),
        }
    }

    fn resume(&self, at: Timestamp) -> Heard {
        let lifts = self.stopped == Some(Stopped::All);
        let too_soon = self
            .lifted_at
            .is_some_and(|lifted| at.duration_since(lifted) < BETWEEN_OPT_INS);
        if lifts && too_soon {
            return Heard {
                number: self.clone(),
                came: Came::TooSoon,
                answer: None,
            };
        }
        let resumed = self.stopped.is_some();
        Heard {
            number: Self {
                stopped: None,
                start_at: self.start_at.max(Some(at)),
                lifted_at: if lifts { Some(at) } else { self.lifted_at },
                confirming: false,
                ..self.clone()
            },
            came: if resumed { Came::Resumed } else { Came::NotStopped },
            answer: resumed.then_some(Answer::Resumed),
        }
    }

    /// Nothing at all goes to a number that is stopped.
    fn help(&self, now: Timestamp) -> Option<Heard> {
        let again = self
            .helped_at
            .is_some_and(|helped| now.duration_since(helped) < BETWEEN_HELP);
        if again || self.confirming || self.stopped == Some(Stopped::All) {
            return None;
        }
        Some(Heard {
            number: Self {
                helped_at: Some(now),
                ..self.clone()
            },
            came: Came::Helped,
            answer: Some(Answer::Help),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    const LATER: i64 = 1_000 * 86_400;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    /// A number after replies, each with the second at which it was sent; what each came to.
    fn after(replies: &[(Reply, Option<i64>)]) -> (Number, Vec<Came>, Vec<Option<Answer>>) {
        let (mut number, mut came, mut answers) = (Number::default(), Vec::new(), Vec::new());
        for (reply, second) in replies {
            let heard = number.hears(*reply, second.map(at), at(LATER));
            let by_name = Came::from_name(heard.came.name()).unwrap();
            let stopped = by_name.stopped_after(number.stopped);
            assert_eq!(stopped, heard.number.stopped, "{reply:?} came to {:?}", heard.came);
            came.push(heard.came);
            answers.push(heard.answer);
            number = heard.number;
        }
        (number, came, answers)
    }

    #[test]
    fn in_whatever_order_they_come_the_latest_decides() {
        let replies = [
            (Reply::OptOut, Some(10)),
            (Reply::OptIn, Some(20)),
            (Reply::OptOut, Some(30)),
            (Reply::Unsure, Some(15)),
        ];
        let orders = [
            [0, 1, 2, 3],
            [2, 1, 0, 3],
            [1, 0, 2, 3],
            [3, 1, 2, 0],
            [2, 3, 1, 0],
            [1, 2, 0, 3],
        ];
        for order in orders {
            let (number, came, answers) = after(&order.map(|place| replies[place]));
            assert_eq!(number.stopped, Some(Stopped::All), "{order:?}: {came:?}");
            let confirmed = answers.iter().filter(|answer| **answer == Some(Answer::Stopped));
            assert!(confirmed.count() <= 2, "{order:?}: {answers:?}");
            let resumed = &order
                .map(|place| replies[place])
                .into_iter()
                .filter(|(_, at)| *at != Some(30))
                .collect::<Vec<_>>();
            let (number, came, _) = after(resumed);
            assert_eq!(number.stopped, None, "{order:?} without the last: {came:?}");
        }
    }

    #[test]
    fn where_no_time_is_known_it_stays_stopped() {
        let (number, came, _) = after(&[(Reply::OptIn, Some(50)), (Reply::OptOut, None), (Reply::OptIn, None)]);
        assert_eq!(number.stopped, Some(Stopped::All));
        assert_eq!(came, [Came::NotStopped, Came::Stopped, Came::Undated]);
        // At the same second too.
        assert_eq!(
            after(&[(Reply::OptIn, Some(5)), (Reply::OptOut, Some(5))]).0.stopped,
            Some(Stopped::All)
        );
        assert_eq!(
            after(&[(Reply::OptOut, Some(5)), (Reply::OptIn, Some(5))]).0.stopped,
            Some(Stopped::All)
        );
        // And a clock ahead of ours outdoes nothing.
        let (number, _, _) = after(&[(Reply::OptIn, Some(2 * LATER)), (Reply::OptOut, Some(LATER))]);
        assert_eq!(number.stopped, Some(Stopped::All));
    }

    #[test]
    fn an_opt_in_lifts_once_in_thirty_days() {
        let day = 86_400;
        let (number, came, answers) = after(&[
            (Reply::OptOut, Some(day)),
            (Reply::OptIn, Some(2 * day)),
            (Reply::OptOut, Some(3 * day)),
            (Reply::OptIn, Some(31 * day)),
            (Reply::OptIn, Some(32 * day)),
        ]);
        let stopped = [
            Came::Stopped,
            Came::Resumed,
            Came::Stopped,
            Came::TooSoon,
            Came::Resumed,
        ];
        assert_eq!(came, stopped);
        assert_eq!((number.stopped, answers[3]), (None, None));
    }

    #[test]
    fn it_asks_once_and_an_opt_in_answers_it() {
        let (number, came, answers) = after(&[
            (Reply::Unsure, Some(1)),
            (Reply::Unsure, Some(2)),
            (Reply::Other, Some(3)),
        ]);
        assert_eq!(number.stopped, Some(Stopped::Promotional));
        assert_eq!(came, [Came::Asked, Came::AlreadyStopped, Came::Nothing]);
        assert_eq!(answers, [Some(Answer::Question), None, None]);
        // That was no opt-out, so it takes nothing from the thirty days.
        let number = number.hears(Reply::OptIn, Some(at(4)), at(LATER)).number;
        assert_eq!((number.stopped, number.lifted_at), (None, None));
    }

    #[test]
    fn the_provider_s_list_stops_unless_it_was_read_before_it_took_the_number_back() {
        let heard = Number::default().listed(at(10), at(12));
        assert_eq!(
            (heard.number.stopped, heard.came, heard.answer),
            (Some(Stopped::All), Came::Stopped, None)
        );
        let mut number = heard.number.hears(Reply::OptIn, Some(at(20)), at(21)).number;
        number.taken_back_at = Some(at(21));
        for read in [10, 15, 21] {
            assert_eq!(number.listed(at(read), at(30)).came, Came::Outdated, "{read}");
        }
        assert_eq!(number.listed(at(22), at(30)).number.stopped, Some(Stopped::All));
        let day = 86_400;
        assert!(!number.may_be_taken_back(at(21 + 30 * day - 1)) && number.may_be_taken_back(at(21 + 30 * day)));
    }

    #[test]
    fn nothing_is_answered_from_a_stopped_number() {
        let (number, _, _) = after(&[(Reply::OptOut, Some(1))]);
        for reply in [Reply::OptOut, Reply::Unsure, Reply::Help, Reply::Other] {
            let heard = number.hears(reply, Some(at(9)), at(LATER));
            assert_eq!(
                (heard.answer, heard.number.stopped),
                (None, Some(Stopped::All)),
                "{reply:?}"
            );
        }
        let (number, came, _) = after(&[(Reply::Help, Some(1)), (Reply::Help, Some(2))]);
        assert_eq!(came, [Came::Helped, Came::NoHelp]);
        assert_eq!(number.stopped, None);
    }
}
