//! A member's activities, decided once more: by the same code, in the order in which the ledger says they were decided.
//!
//! What stands in the ledger is what happened. What is decided again says why, and is compared with it entry by entry;
//! where it differs, it is told as what it is.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use ledger::budget::{Left, granted_out_of_budgets, looks_at_budgets};
use ledger::{
    Account, Activity, ActivityId, Entry, Explanation, Fact, Line, OrderLine, Page, Past, Referrer, Said, Shelf, What,
    explain, explain_moment,
};
use programme::{Paused, Points, Programme};
use store::{Change, Recorded};

/// Functions read what is paused a moment after an activity arrives.
const LAG: SignedDuration = SignedDuration::from_mins(5);
/// What no budget comes to: it is there to see whether a budget was what stopped a campaign.
const PLENTY: Points = Points::new(i64::MAX / 8);

/// The programme as it was at one time or another: with nothing paused, and with what was.
pub(super) struct Programmes {
    plain: Programme,
    /// From when on what was paused.
    paused: Vec<(Timestamp, Programme)>,
}

impl Programmes {
    pub(super) fn new(plain: Programme, changes: &[Change]) -> Self {
        let mut now = std::collections::BTreeSet::new();
        let paused = changes.iter().map(|change| {
            if change.paused {
                now.insert(change.switch.clone());
            } else {
                now.remove(&change.switch);
            }
            let mut programme = plain.clone();
            programme.paused = now.iter().cloned().collect::<Paused>();
            (change.at, programme)
        });
        let paused = paused.collect();
        Self { plain, paused }
    }

    pub(super) fn plain(&self) -> &Programme {
        &self.plain
    }

    /// As it was at an instant.
    pub(super) fn at(&self, now: Timestamp) -> &Programme {
        let mut before = self.paused.iter().rev();
        let before = before.find(|(at, _)| *at <= now);
        before.map_or(&self.plain, |(_, programme)| programme)
    }

    /// As it may have been for a decision on what arrived at an instant, the likeliest first.
    fn near(&self, received: Timestamp) -> impl Iterator<Item = &Programme> {
        let soon = received.checked_add(LAG).unwrap_or(received);
        let before = received.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(received);
        let changes = self.paused.iter().filter(move |(at, _)| before < *at && *at <= soon);
        let near = changes.map(|(_, programme)| programme);
        std::iter::once(self.at(received)).chain([self.at(before)]).chain(near)
    }
}

/// A member as they are known, and what has become of them since.
pub(super) struct Known<'a> {
    pub(super) programmes: &'a Programmes,
    /// As the member was before the first of the entries.
    pub(super) account: Option<Account>,
    pub(super) pages: Vec<Page>,
    pub(super) entries: Vec<(Line, Entry)>,
    pub(super) activities: &'a BTreeMap<String, Recorded>,
}

/// One commit, or several of one instant by the alarm clock.
pub(super) struct Step<'a> {
    /// The activity; none is the alarm clock.
    pub(super) activity: Option<ActivityId>,
    pub(super) at: Timestamp,
    pub(super) decided: Timestamp,
    pub(super) programme: &'a Programme,
    pub(super) entries: Vec<(Line, Entry)>,
    /// Why: of the activity, or of each moment by its cause.
    pub(super) why: Vec<(String, Explanation<'a>)>,
    /// What would be decided now, where it is not what is in the ledger.
    pub(super) otherwise: Option<Vec<Entry>>,
    pub(super) after: Option<Account>,
}

/// What is tried in the place of a step.
enum Try {
    Do(Activity),
    Wake(Timestamp),
}

/// What came of it.
struct Tried<'a> {
    programme: &'a Programme,
    account: Option<Account>,
    closed: Vec<Page>,
    entries: Vec<Entry>,
    why: Vec<(String, Explanation<'a>)>,
}

/// Decides everything again, step by step.
pub(super) fn replay(mut known: Known<'_>) -> Vec<Step<'_>> {
    let (mut steps, mut place) = (Vec::new(), 0);
    while let Some((_, entry)) = known.entries.get(place) {
        let decided = seconds(entry.decided);
        known.ring_for_nothing(decided);
        let step = known.step(place, decided);
        place += step.entries.len().max(1);
        steps.push(step);
    }
    steps
}

fn seconds(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or_default()
}

/// What caused an entry, without what tells several of one cause apart.
pub(super) fn base(cause: &str) -> &str {
    cause.split_once(' ').map_or(cause, |(base, _)| base)
}

/// The same but for the chain, which one other entry before changes.
fn same(one: &Entry, other: &Entry) -> bool {
    let plain = |entry: &Entry| Entry {
        link: [0; 4],
        ..entry.clone()
    };
    plain(one) == plain(other)
}

impl<'a> Known<'a> {
    /// Rings the alarms before an instant that booked nothing: the ledger does not know of them.
    fn ring_for_nothing(&mut self, until: Timestamp) {
        while let Some(account) = &self.account {
            let alarm = account.alarm();
            if alarm >= until {
                return;
            }
            let mut next = account.clone();
            let booked = ledger::wake(self.programmes.at(alarm), &mut next, alarm);
            if !matches!(booked, Ok(0)) || next.alarm() <= alarm {
                return;
            }
            self.account = Some(next);
        }
    }

    fn step(&mut self, place: usize, decided: Timestamp) -> Step<'a> {
        let may = self.may_be(place, decided);
        let mut fallback = None;
        for tried in &may {
            for programme in self.programmes.near(decided) {
                for left in self.budgets(programme, tried, place) {
                    let Some(came) = self.try_out(programme, tried, place, &left) else {
                        continue;
                    };
                    if self.is_so(place, &came.entries) {
                        let length = came.entries.len();
                        return self.take(place, length, (tried, decided), came, true);
                    }
                    fallback.get_or_insert((tried, came));
                }
            }
        }
        let length = self.length(place, may.first());
        match fallback {
            Some((tried, came)) => self.take(place, length, (tried, decided), came, false),
            None => Step {
                activity: may.first().and_then(Try::activity),
                at: seconds(self.entries.get(place).map_or(0, |(_, entry)| entry.at)),
                decided,
                programme: self.programmes.at(decided),
                entries: self.stored(place, length),
                why: Vec::new(),
                otherwise: Some(Vec::new()),
                after: self.account.clone(),
            },
        }
    }

    fn stored(&self, place: usize, length: usize) -> Vec<(Line, Entry)> {
        self.entries.iter().skip(place).take(length).cloned().collect()
    }

    fn take(
        &mut self,
        place: usize,
        length: usize,
        (tried, decided): (&Try, Timestamp),
        came: Tried<'a>,
        exact: bool,
    ) -> Step<'a> {
        self.pages.extend(came.closed);
        self.account = came.account;
        Step {
            activity: tried.activity(),
            at: match tried {
                Try::Do(activity) => activity.at,
                Try::Wake(now) => *now,
            },
            decided,
            programme: came.programme,
            entries: self.stored(place, length),
            why: came.why,
            otherwise: (!exact).then_some(came.entries),
            after: self.account.clone(),
        }
    }

    /// Whether these are the entries that are there.
    fn is_so(&self, place: usize, entries: &[Entry]) -> bool {
        let stored = self.entries.get(place..).unwrap_or_default();
        let stored = stored.iter().map(|(_, entry)| entry);
        !entries.is_empty()
            && stored.len() >= entries.len()
            && stored.zip(entries).all(|(stored, entry)| same(stored, entry))
    }

    /// What may have written the entries from a place on: the activity that they name, or the alarm clock. What was over
    /// when an activity arrived is booked with it, before it.
    fn may_be(&self, place: usize, decided: Timestamp) -> Vec<Try> {
        let mut tries = Vec::with_capacity(2);
        let of_now = self.entries.iter().skip(place);
        let of_now = of_now.take_while(|(_, entry)| seconds(entry.decided) == decided);
        for (number, (_, entry)) in of_now.enumerate() {
            if let Some(activity) = self.activity(entry) {
                tries.push(Try::Do(activity));
                break;
            }
            if number == 0 {
                tries.push(Try::Wake(decided));
            }
        }
        tries
    }

    /// The activity that an entry is of.
    fn activity(&self, entry: &Entry) -> Option<Activity> {
        let cause = base(&entry.cause);
        // It is of the claim, and lapsed of itself.
        if entry.what == What::RewardExpired {
            return None;
        }
        if let What::Received {
            lots,
            gone,
            from: Some(from),
            ..
        } = &entry.what
        {
            return Some(Activity {
                id: cause.parse().ok()?,
                at: entry.happened(),
                received: seconds(entry.decided),
                fact: Fact::Receive {
                    from: from.clone(),
                    wallet: entry.wallet,
                    lots: lots.iter().chain(gone).copied().collect(),
                },
                said: Said::default(),
            });
        }
        self.activities.get(cause)?.incoming.activity.clone()
    }

    /// How many entries from a place on are of a step that would now be another.
    fn length(&self, place: usize, tried: Option<&Try>) -> usize {
        let mut own = self.entries.iter().skip(place).peekable();
        let Some(decided) = own.peek().map(|(_, entry)| entry.decided) else {
            return 0;
        };
        let id = tried.and_then(Try::activity);
        let (mut length, mut begun) = (0, false);
        for (_, entry) in own.take_while(|(_, entry)| entry.decided == decided) {
            let of_this = id.as_ref().is_some_and(|id| {
                // What is given for it has its name at the end.
                base(&entry.cause) == id.as_str() || entry.cause.ends_with(&format!("#{id}"))
            });
            let of_other = !of_this && self.activity(entry).is_some();
            if of_other || (begun && !of_this) {
                break;
            }
            begun |= of_this;
            length += 1;
        }
        length.max(1)
    }

    /// What may have been left of budgets: plenty, or, where that is not what happened, just what was granted.
    fn budgets(&self, programme: &Programme, tried: &Try, place: usize) -> Vec<Vec<Left>> {
        let Try::Do(activity) = tried else {
            return vec![Vec::new()];
        };
        let looked_at: Vec<_> = looks_at_budgets(programme, &activity.fact, activity.at).collect();
        if looked_at.is_empty() {
            return vec![Vec::new()];
        }
        let length = self.length(place, Some(tried));
        let stored: Vec<Entry> = self.stored(place, length).into_iter().map(|(_, entry)| entry).collect();
        let granted = granted_out_of_budgets(programme, &stored);
        let left = |all: Points| {
            let left = looked_at.iter().map(|campaign| Left {
                campaign: campaign.name.id(),
                points: granted
                    .iter()
                    .find(|(one, _)| one.name == campaign.name)
                    .map_or(all, |(_, points)| *points),
            });
            left.collect::<Vec<_>>()
        };
        let plenty = looked_at.iter().map(|campaign| Left {
            campaign: campaign.name.id(),
            points: PLENTY,
        });
        vec![plenty.collect(), left(PLENTY), left(Points::ZERO)]
    }

    fn try_out(&self, programme: &'a Programme, tried: &Try, place: usize, left: &[Left]) -> Option<Tried<'a>> {
        let mut account = self.account.clone();
        let closed = account.as_mut().map(Account::close_pages).transpose().ok()?;
        let closed = closed.unwrap_or_default();
        let end = account.as_ref().map_or(0, Account::entries);
        let why = match tried {
            Try::Wake(now) => {
                let mut why = Vec::new();
                ledger::wake_told(programme, account.as_mut()?, *now, &mut |account, due| {
                    why.push((
                        due.moment.cause().to_string(),
                        explain_moment(programme, account, due, *now),
                    ));
                })
                .ok()?;
                why
            }
            Try::Do(activity) => {
                let mut pages = self.pages.clone();
                pages.extend_from_slice(&closed);
                let past = Past {
                    pages: &pages,
                    lines: self.lines(activity),
                    shelf: self.shelf(activity, place),
                    budgets: left,
                    referrer: self.referrer(activity, place),
                };
                let why = explain(programme, account.as_ref(), activity, past).ok()?;
                ledger::apply(programme, &mut account, activity, past).ok()?;
                vec![(activity.id.to_string(), why)]
            }
        };
        let entries = account.as_ref()?.added_since(end).ok()?.to_vec();
        Some(Tried {
            programme,
            account,
            closed,
            entries,
            why,
        })
    }

    fn lines(&self, activity: &Activity) -> &'a [OrderLine] {
        let order = activity.fact.looks_back_at();
        let order = order.and_then(|order| self.activities.get(order.as_str()));
        let bought = order.and_then(|order| order.incoming.activity.as_ref());
        bought.map_or(&[], |bought| &bought.said.lines)
    }

    /// What was found of who referred the member.
    fn referrer(&self, activity: &Activity, place: usize) -> Option<Referrer> {
        let entries = self.entries.iter().skip(place);
        let mut own = entries.filter(|(_, entry)| entry.cause == activity.id.as_str());
        own.find_map(|(_, entry)| match &entry.what {
            What::Referred { referrer, .. } => Some(*referrer),
            _ => None,
        })
    }

    /// There was one left: it was taken.
    fn shelf(&self, activity: &Activity, place: usize) -> Option<Shelf<'_>> {
        let Fact::Claim { .. } = activity.fact else {
            return None;
        };
        let entries = self.entries.iter().skip(place);
        let mut own = entries.filter(|(_, entry)| entry.cause == activity.id.as_str());
        let code = own.find_map(|(_, entry)| match &entry.what {
            What::Claimed { code, .. } => Some(code.as_deref()),
            _ => None,
        });
        Some(Shelf {
            left: 1,
            code: code.flatten(),
        })
    }
}

impl Try {
    fn activity(&self) -> Option<ActivityId> {
        match self {
            Self::Do(activity) => Some(activity.id.clone()),
            Self::Wake(_) => None,
        }
    }
}
