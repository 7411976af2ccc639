//! Reads what a run came to, between two steps, for the page and for the summary.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

use jiff::Timestamp;
use messages::Came;
use programme::Programme;

use super::facts::Survey;
use super::people::People;
use super::send_decisions::{self, CpuTime};
use super::summary::{Course, Facts, MadeUp, MemberFact, OrderNotes, Replies, Report, Summary};
use super::timeline::Happening;
use super::{PlayError, replies};
use crate::engine::{Bundle, Published};
use crate::page::{PageMessage, PageState};

pub(super) struct Reader<'a> {
    pub(super) bundle: &'a Bundle,
    pub(super) people: &'a People,
    pub(super) survey: &'a Survey,
    pub(super) programme: &'a Programme,
    pub(super) happenings: &'a [Happening],
    /// The programme's tiers, lowest first.
    pub(super) tiers: Vec<String>,
    /// The functions' binaries.
    pub(super) functions: BTreeSet<String>,
    pub(super) from: Timestamp,
    pub(super) orders: OrderNotes,
    pub(super) made_up: MadeUp,
    pub(super) began: Instant,
    /// Decisions on messages that an earlier run on the same data made.
    pub(super) decided_before: u64,
}

/// What was read at one moment.
pub(super) struct Reading {
    pub(super) summary: Summary,
    messages: Vec<PageMessage>,
    by_member: BTreeMap<String, MemberFact>,
}

impl Reader<'_> {
    pub(super) async fn read(&self, now: Timestamp, purchases: u64) -> Result<Reading, PlayError> {
        let facts = self.survey.read(self.programme, now).await?;
        let course = Course {
            programme: self.programme.name.clone(),
            tiers: self.tiers.clone(),
            from: self.from,
            to: now,
            purchases,
            replies: self.replies(&facts, now),
            orders: self.orders.clone(),
            made_up: self.made_up.clone(),
            given_up: counted(self.bundle.given_up().len()),
            cpu: CpuTime {
                time: self.bundle.cpu_times().remove(send_decisions::PUBLISHER),
                after: self.decided_before,
            },
            wall_seconds: self.began.elapsed().as_secs_f64(),
        };
        let summary = Summary::new(&facts, course, &self.bundle.units(), &self.functions);
        Ok(Reading {
            summary,
            messages: self.messages(&facts),
            by_member: facts.by_member,
        })
    }

    fn replies(&self, facts: &Facts, now: Timestamp) -> Replies {
        let played = self.happenings.iter().take_while(|happening| happening.at <= now);
        let mut numbers = BTreeSet::new();
        let mut all = 0;
        for reply in played.filter(|happening| happening.kind == replies::KIND) {
            all += 1;
            numbers.extend(replies::number(reply));
        }
        let mut came = facts.came.clone();
        // What asks nothing is not kept.
        let kept: u64 = came.values().sum();
        if kept < all {
            came.insert(Came::Nothing.name().to_owned(), all - kept);
        }
        let published = self.bundle.published();
        let answers = published.iter().filter(|published| replies::is_answer(published));
        Replies {
            all,
            members: counted(numbers.len()),
            came,
            answers: counted(answers.count()),
        }
    }

    fn messages(&self, facts: &Facts) -> Vec<PageMessage> {
        let published = self.bundle.published();
        let by_id: HashMap<&str, &Published> = published.iter().map(|message| (message.id.as_str(), message)).collect();
        let shown = facts.messages.iter().map(|fact| {
            let published = fact.published.as_deref().and_then(|id| by_id.get(id).copied());
            PageMessage::new(fact, published, self.people.get(&fact.member))
        });
        shown.collect()
    }
}

fn counted(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

impl Reading {
    /// What `--report` writes.
    pub(super) fn report(&self) -> Report<'_> {
        Report {
            summary: &self.summary,
            by_member: &self.by_member,
        }
    }

    pub(super) fn show(&self, page: &PageState) {
        page.update(|shown| {
            shown.show(self.messages.clone());
            shown.summary = Some(self.summary.clone());
        });
    }
}
