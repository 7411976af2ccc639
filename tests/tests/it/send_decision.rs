//! Laws 5, 6 and 7: one cause gives one message, what advertises goes once at the most, nothing goes without consent, at a
//! forbidden hour or over a cap, and no number that was sent was false when its message was claimed. Whatever is done to the
//! processes that send, and whatever happens beside them.

mod cost;
mod killed;
mod raced;
mod random;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bundle_tests::{Claimed, Happened, Line, Start, history, member, root, sample_with, sign_up, worth_telling};
use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, Timestamp, Zoned};
use messages::{Facts, Intent};
use programme::{MessageKind, Purpose, WalletId};
use regulars::engine::{Moment, Point};
use serde_json::json;
use store::{MessageRecord, State};

/// How long after it may have left a transactional message may go once more.
const RECEIPT_WINDOW: SignedDuration = SignedDuration::from_hours(6);
/// How many that advertise a member may be sent in a day.
const MOST_A_DAY: usize = 3;
/// A cap and a budget for what advertises, so that its claim counts and costs, and a topic that members may leave out.
const BOUNDS: &str = "[[topics]]\nname = \"dates\"\nkinds = [\"anniversary\"]\n\n[[caps]]\nmost = 3\nper = \"day\"\n\n[[message-budgets]]\nper = \"month\"\nworth = \"100.00\"\npurpose = \"promotional\"\n\n[prices]\n";

/// The sample with these bounds, and with texts that say which message they are and what could be spent.
fn program(within: &Path) -> PathBuf {
    let folder = sample_with(within, "[prices]\n", BOUNDS);
    let english = std::fs::read_to_string(root().join("program/texts/en.toml")).unwrap();
    let mut kind = "";
    let lines = english.lines().map(|line| {
        if let Some(section) = line.strip_prefix('[') {
            kind = section.trim_end_matches(']');
        }
        let number = match kind {
            "points-earned" => "{{ points }}",
            "anniversary" => "{{ years }}",
            _ => "0",
        };
        let says =
            format!("{kind} {number} {{{{ balance }}}} {{{{ name }}}}, {{{{ programme }}}}. Reply STOP to opt out.");
        match line.split_once(" = ") {
            Some((name @ ("sms" | "push-body"), _)) => format!("{name} = {says:?}\n"),
            _ => format!("{line}\n"),
        }
    });
    std::fs::write(folder.join("texts/en.toml"), lines.collect::<String>()).unwrap();
    folder
}

/// A line that keeps its journal.
async fn line(start: Start) -> (tempfile::TempDir, Line) {
    let folder = tempfile::tempdir().unwrap();
    let start = Start {
        program: Some(program(folder.path())),
        ..start
    };
    let line = start.line().await;
    line.bundle.keep_journal();
    (folder, line)
}

/// Somebody who agreed to everything, with forty points; perhaps with a device that nothing was sent to yet.
async fn joins(line: &Line, id: &str, device: bool) {
    let mut detail = sign_up(id, line.bundle.now());
    if device {
        detail["device"] = json!({"platform": "GCM", "token": format!("token-{id}")});
        // What is said of a sign-up and a purchase goes by SMS, so that the device has no endpoint yet.
        let consent = json!({"channel": "push", "purpose": "promotional", "wording": "Tell me."});
        detail["consents"].as_array_mut().unwrap().push(consent);
    }
    line.put("sign-up", detail).await;
    line.settle().await;
    line.purchase(id, &format!("first-{id}"), "40.00").await;
}

/// Something to say that stays true, with a number that tells it from others of its kind.
fn intent(line: &Line, id: &str, kind: MessageKind, number: u32) -> Intent {
    let now = line.bundle.now();
    Intent {
        member: member(id),
        kind,
        cause: format!("stated#{number}").as_str().into(),
        wallet: WalletId::MAIN,
        at: now,
        useful_until: now + SignedDuration::from_hours(24 * 20),
        facts: Facts {
            points: (kind == MessageKind::PointsEarned).then_some(i64::from(number)),
            years: (kind == MessageKind::Anniversary).then_some(number.try_into().unwrap()),
            ..Facts::default()
        },
    }
}

fn point(request: u32, moment: Moment) -> Point {
    Point {
        function: bundle_tests::PUBLISHER.to_owned(),
        request,
        moment,
    }
}

/// Does something at each request of an invocation, before and after it, each time with another member, as long as there is
/// such a request. Gives the members.
async fn at_every_request(mut act: impl AsyncFnMut(Point, String) -> bool) -> Vec<String> {
    let mut members = Vec::new();
    for moment in [Moment::Before, Moment::After] {
        for request in 1.. {
            let id = format!("{:02}", members.len());
            members.push(id.clone());
            if !act(point(request, moment), id).await {
                break;
            }
        }
    }
    members
}

/// What a line's messages came to.
#[derive(Debug, Default)]
struct Sent {
    causes: usize,
    claims: usize,
    published: usize,
    /// Messages that were published a second time.
    twice: usize,
    states: BTreeMap<&'static str, usize>,
}

impl Sent {
    fn of(&self, state: State) -> usize {
        self.states.get(state.name()).copied().unwrap_or_default()
    }
}

/// What became of a message on its way.
struct Course {
    record: MessageRecord,
    purpose: Purpose,
    /// What could be spent at each claim.
    claims: Vec<i64>,
    published: Vec<Timestamp>,
}

/// Holds the whole of a line against the laws: what its journal says was done, and what its table says of it. `stated` is how
/// many intents were stated beside those that follow from entries.
async fn laws(line: &Line, members: &[String], stated: usize) -> Sent {
    let mut courses = BTreeMap::new();
    let mut causes = stated;
    for id in members {
        causes += worth_telling(&line.entries(id).await);
        for record in line.messages(id).await {
            let kind = record.intent.kind;
            let facts = &record.intent.facts;
            let number = match kind {
                MessageKind::PointsEarned => facts.points.unwrap(),
                MessageKind::Anniversary => facts.years.unwrap().into(),
                _ => 0,
            };
            let course = Course {
                record,
                purpose: line.programme.message(kind).unwrap().purpose,
                claims: Vec::new(),
                published: Vec::new(),
            };
            let known = courses.insert((format!("Name-{id}"), kind.name().to_owned(), number), course);
            assert!(known.is_none(), "member {id} has two {} {number}", kind.name());
        }
    }
    assert_eq!(courses.len(), causes, "law 5: one cause, one message");
    walk(line, &mut courses);
    let mut sent = Sent {
        causes,
        ..Sent::default()
    };
    for (which, course) in &courses {
        settled(which, course);
        *sent.states.entry(course.record.state.name()).or_default() += 1;
        sent.claims += course.claims.len();
        sent.published += course.published.len();
        sent.twice += usize::from(course.published.len() > 1);
    }
    // An event that lies in the queue of dead letters has become no cause yet.
    let lost = line.bundle.given_up().into_iter();
    let lost = lost.filter(|lost| lost.place != "DeadLettersQueue");
    let lost: Vec<String> = lost.map(|lost| format!("{}: {}", lost.place, lost.reason)).collect();
    assert!(lost.is_empty(), "law 5: {lost:?}");
    sent
}

/// Member, kind and number, as texts say them.
type Which = (String, String, i64);

/// Goes through what was claimed and published, in order.
fn walk(line: &Line, courses: &mut BTreeMap<Which, Course>) {
    let mut in_a_day: BTreeMap<_, Vec<String>> = BTreeMap::new();
    let mut wanted = Wanted::default();
    for happened in history(line) {
        match happened {
            Happened::Claimed(claim) => {
                assert!(claim.consents.contains(&claim.consent), "law 6: {claim:?}");
                let local = claim.at.in_tz("America/New_York").unwrap();
                assert!((9..21).contains(&local.hour()), "law 6: {claim:?} at {local}");
                wanted.holds(&claim, &local);
                if claim.consent.ends_with("promotional") {
                    let of_day = in_a_day.entry((claim.member.clone(), local.date())).or_default();
                    of_day.retain(|key| *key != claim.key);
                    of_day.push(claim.key.clone());
                    assert!(of_day.len() <= MOST_A_DAY, "law 6: {claim:?}");
                }
                let is_it = |course: &&mut Course| {
                    course.record.intent.key() == claim.key && course.record.intent.member.as_str() == claim.member
                };
                let course = courses.values_mut().find(is_it).expect("a message");
                course.claims.push(claim.balance);
            }
            Happened::Published { text, at } => {
                let mut words = text.split([' ', ',']);
                let mut word = || words.next().unwrap_or_default().to_owned();
                let (kind, number, balance, name) = (word(), word(), word(), word());
                let which = (name, kind, number.parse().unwrap());
                let course = courses
                    .get_mut(&which)
                    .unwrap_or_else(|| panic!("nobody stated {text:?}"));
                assert!(
                    course.published.len() < course.claims.len(),
                    "law 5: {text:?} without a claim"
                );
                let at_claim = course.claims.last().map(i64::to_string);
                assert_eq!(Some(balance), at_claim, "law 7: {text:?}");
                course.published.push(at);
            }
        }
    }
}

/// What was claimed of what advertises, by member: the day and the key.
#[derive(Default)]
struct Wanted(BTreeMap<String, Vec<(Date, String)>>);

impl Wanted {
    /// Whether a claim is what the member wants by then.
    fn holds(&mut self, claim: &Claimed, local: &Zoned) {
        let wants = &claim.preferences;
        if let Some(hours) = wants.get("hours") {
            let (time, from, to) = (local.strftime("%H:%M").to_string(), &hours["from"], &hours["to"]);
            let (from, to) = (from.as_str().unwrap(), to.as_str().unwrap());
            let after = (from <= time.as_str(), time.as_str() < to);
            let is_within = if from < to {
                after.0 && after.1
            } else {
                after.0 || after.1
            };
            assert!(is_within, "law 6: {claim:?} at {local}");
        }
        if !claim.consent.ends_with("promotional") {
            return;
        }
        let off = wants["topics-off"]
            .as_array()
            .is_some_and(|off| off.contains(&json!("dates")));
        assert!(!off || !claim.key.starts_with("anniversary#"), "law 6: {claim:?}");
        let of_member = self.0.entry(claim.member.clone()).or_default();
        of_member.retain(|(_, key)| *key != claim.key);
        if let Some(most) = wants["most"].as_u64() {
            let monday = |day: Date| day.tomorrow().unwrap().nth_weekday(-1, Weekday::Monday).unwrap();
            let is_in = |(day, _): &&(Date, String)| match wants["per"].as_str() {
                Some("day") => *day == local.date(),
                _ => monday(*day) == monday(local.date()),
            };
            let before = of_member.iter().filter(is_in).count();
            assert!((before as u64) < most, "law 6: {claim:?} after {before}");
        }
        of_member.push((local.date(), claim.key.clone()));
    }
}

/// Whether a message ended in a state that tells what became of it.
fn settled(which: &Which, course: &Course) {
    let (state, published) = (course.record.state, &course.published);
    let most = match course.purpose {
        Purpose::Promotional => 1,
        Purpose::Transactional => 2,
    };
    assert!(published.len() <= most, "law 5: {which:?} went at {published:?}");
    if let [first, second] = published.as_slice() {
        assert!(
            second.duration_since(*first) >= RECEIPT_WINDOW,
            "law 5: {which:?} went at {published:?}"
        );
    }
    match state {
        State::Sent => assert!(!published.is_empty(), "law 5: {which:?} is sent and did not go"),
        State::Failed => assert!(published.is_empty(), "law 5: {which:?} failed and went"),
        State::Suppressed => assert!(
            published.is_empty() || !course.claims.is_empty(),
            "law 5: {which:?} is suppressed and went"
        ),
        // It went as one with another, which is among those that are looked at.
        State::Merged => assert!(published.is_empty(), "law 5: {which:?} is merged and went"),
        State::Unknown => {}
        State::Intent | State::Ready | State::Deferred | State::Paused | State::Claimed => {
            panic!("law 5: {which:?} was left {}", state.name());
        }
    }
}
