//! A simulation and the bundle over the same history end in the same normal form, byte for byte.
//!
//! What happens in one hour arrives together here as in any run; but what is a member's second event of that hour, or looks
//! beside an account, waits until what came before is done with, since the bundle promises no more than the order in
//! which a stream hands on what it was given.

mod bundle_form;
mod explained;
mod random;
mod random_history;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use bundle_tests::{SAMPLE_CAP, Start, at, root, sample_with};
use jiff::{SignedDuration, Timestamp};
use ledger::{MemberId, What};
use messages::Reason;
use programme::Programme;
use regulars::play::timeline::{self, Happening};
use regulars::play::{orders, people::People, replies};
use regulars::simulate::history::{self, History};
use serde_json::json;
use simulation::normal::{Form, Forms, Message};
use simulation::{Shelves, Simulation, Ticks};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// A history, and when it begins and ends.
struct Case {
    program: Option<PathBuf>,
    happenings: Vec<Happening>,
    start: Timestamp,
    end: Timestamp,
    /// Whether the pools of coupons are filled as a run fills them.
    pools: bool,
}

impl Case {
    fn simulated(&self) -> BTreeMap<MemberId, Form> {
        let programme = Programme::load(&self.program.clone().unwrap_or_else(|| root().join("program"))).unwrap();
        let ticks = Ticks::new(self.start, HOUR);
        let simulation = Simulation {
            programme: &programme,
            ticks,
            until: self.end,
            shelves: None,
        };
        let shelves = if self.pools {
            history::pools(&programme)
        } else {
            Shelves::default()
        };
        let mut forms = Forms::default();
        let history = History::of(&self.happenings, ticks, self.end);
        history.simulate(simulation, shelves, &mut forms).unwrap();
        forms.members
    }

    async fn played(&self) -> BTreeMap<MemberId, Form> {
        let line = Start {
            at: Some(self.start),
            program: self.program.clone(),
            ..Start::default()
        };
        let line = line.line().await;
        if self.pools {
            bundle_form::fill_pools(&line).await;
        }
        bundle_form::play(&line, &self.happenings, (self.start, self.end)).await;
        assert_eq!(line.bundle.given_up().len(), 0);
        let forms = bundle_form::read(&line).await;
        explained::all(&line, &forms).await;
        line.bundle.shutdown().await;
        forms
    }

    /// Plays it both ways; gives how much agrees.
    async fn agrees(&self, what: &str) -> Agreed {
        let (simulated, played) = (self.simulated(), self.played().await);
        if let Some(why) = difference(&simulated, &played) {
            panic!("{what}: {why}");
        }
        Agreed::of(&simulated)
    }
}

/// How much the two agree in.
#[derive(Debug, Default)]
struct Agreed {
    members: usize,
    entries: usize,
    messages: usize,
    /// Of the messages, those that the member had stopped.
    stopped: usize,
    replies: usize,
    answers: usize,
}

impl Agreed {
    fn of(forms: &BTreeMap<MemberId, Form>) -> Self {
        let mut agreed = Self::default();
        for form in forms.values() {
            let is_stopped = |message: &Message| message.reason.as_deref() == Some(Reason::Stopped.name());
            agreed.members += 1;
            agreed.entries += form.entries.len();
            agreed.messages += form.messages.len();
            agreed.stopped += form
                .messages
                .values()
                .filter(|(_, message)| is_stopped(message))
                .count();
            agreed.replies += form.replies.len();
            agreed.answers += form.answers.len();
        }
        agreed
    }

    fn add(&mut self, more: &Self) {
        self.members += more.members;
        self.entries += more.entries;
        self.messages += more.messages;
        self.stopped += more.stopped;
        self.replies += more.replies;
        self.answers += more.answers;
    }
}

impl std::fmt::Display for Agreed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            members,
            entries,
            messages,
            stopped,
            replies,
            answers,
        } = self;
        write!(
            out,
            "{members} members agree in {entries} entries, {messages} messages ({stopped} stopped by a reply), {replies} \
             replies and {answers} answers"
        )
    }
}

/// The first difference: the member, and the lines that only one of the two has.
fn difference(simulated: &BTreeMap<MemberId, Form>, played: &BTreeMap<MemberId, Form>) -> Option<String> {
    let members: BTreeSet<_> = simulated.keys().chain(played.keys()).collect();
    let text = |forms: &BTreeMap<MemberId, Form>, member| forms.get(member).map(Form::text).unwrap_or_default();
    let mut different = members.into_iter().filter_map(|member| {
        let (one, other) = (text(simulated, member), text(played, member));
        (one != other).then_some((member, one, other))
    });
    let (member, one, other) = different.next()?;
    let only = |these: &str, those: &str| {
        let those: Vec<&str> = those.lines().collect();
        let lines = these.lines().filter(|line| !those.contains(line));
        lines.take(5).map(|line| format!("    {line}\n")).collect::<String>()
    };
    Some(format!(
        "member {member} differs, and {} others.\n  Only the simulation has\n{}  Only the bundle has\n{}",
        different.count(),
        only(&one, &other),
        only(&other, &one)
    ))
}

/// The real run, of as many of its members as are wanted, by the programme of a folder.
fn real(members: usize, program: &str) -> Case {
    let zone = jiff::tz::TimeZone::get("America/New_York").unwrap();
    let path = root().join("data/cdnow-sample-orders.csv");
    let mut orders = orders::read(&path, &zone, at("2026-01-01T00:00:00Z")).unwrap().orders;
    // A number that shares no factor with the ids' own steps picks of all kinds.
    let number = |member: &str| member.parse::<usize>().unwrap_or(0) * 7919 % 2357;
    // Few reply, so more of those.
    let replies = |member: &str| {
        let person = People::make_up(std::iter::once(member));
        number(member) < 15 * members && !replies::of(person.get(member).unwrap(), Timestamp::UNIX_EPOCH).is_empty()
    };
    let wanted: BTreeSet<String> = orders
        .iter()
        .map(|order| order.member.clone())
        .filter(|member| number(member) < members || replies(member))
        .collect();
    orders.retain(|order| wanted.contains(&order.member));
    let people = People::make_up(orders.iter().map(|order| order.member.as_str()));
    let happenings = timeline::with_habits(timeline::of(&orders, &people), &orders, &people);
    Case {
        program: Some(root().join(program)),
        happenings,
        start: at("1997-01-01T05:00:00Z"),
        end: at("1998-07-01T04:00:00Z"),
        pools: true,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_of_the_real_run_is_the_bundle_s_run_of_a_sample_of_it() {
    for program in ["program", "examples/campaigns"] {
        let agreed = real(70, program).agrees(program).await;
        println!("{program}: {agreed}");
        assert!(
            agreed.members > 55 && agreed.entries > 700 && agreed.messages > 700,
            "{agreed}"
        );
        assert!(
            agreed.replies > 5 && agreed.answers > 5 && agreed.stopped > 10,
            "{agreed}"
        );
    }
}

/// The last tote bag is taken and comes back, beside a member to whom nothing else of others matters.
#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_promises_what_is_left_as_the_bundle_does() {
    let folder = tempfile::tempdir().unwrap();
    let program = sample_with(folder.path(), "stock = 200", "stock = 1");
    let start = at("1999-03-01T14:00:00Z");
    let consents = ["transactional", "promotional"].map(|purpose| json!({"channel": "push", "purpose": purpose}));
    let sign_up = |member: &str| {
        (
            "sign-up",
            json!({"member": member, "name": "Ana", "locale": "en", "zone": "America/New_York",
            "device": {"platform": "GCM", "token": member}, "consents": consents}),
        )
    };
    let bought = |member: &str, order: &str, amount: &str| {
        (
            "purchase",
            json!({"member": member, "order": order, "amount": amount, "currency": "USD"}),
        )
    };
    let all = [
        sign_up("m1"),
        sign_up("m2"),
        bought("m2", "much", "90.00"),
        bought("m1", "a", "30.00"),
        ("claim", json!({"member": "m2", "claim": "c", "reward": "tote-bag"})),
        bought("m1", "b", "1.00"),
        ("cancel-reward", json!({"member": "m2", "claim": "c"})),
        bought("m1", "c", "1.00"),
    ];
    let happenings = (0..).zip(all).map(|(hour, (kind, mut detail))| {
        let at = start + HOUR * hour + SignedDuration::from_mins(5);
        detail["at"] = json!(at);
        let id = format!("{kind} {hour}");
        Happening { at, id, kind, detail }
    });
    let case = Case {
        program: Some(program),
        happenings: happenings.collect(),
        start,
        end: start + HOUR * 24,
        pools: false,
    };
    assert_eq!(case.agrees("the last tote bag").await.entries, 8);
    let forms = case.simulated();
    let told = forms[&"m1".parse().unwrap()].messages.values();
    let mut bodies: Vec<String> = told.filter_map(|(_, told)| Some(told.text.clone()?.1)).collect();
    bodies.retain(|body| body.contains("You now have"));
    let promised = |body: &String| body.contains("a canvas tote bag");
    assert_eq!(
        bodies.iter().map(promised).collect::<Vec<_>>(),
        [true, false, true],
        "{bodies:?}"
    );
}

/// A programme of two versions, the newer of which has another rate, earlier reminders, other tiers, and a day of its own.
fn two_versions(folder: &std::path::Path) -> PathBuf {
    let program = sample_with(folder, "", "");
    let main = std::fs::read_to_string(program.join("programme.toml")).unwrap();
    let day = "[calendar]\nmember-day = { monthly = 18 }\n\n[[campaigns]]\nname = \"gift\"\non = { day = \"member-day\" }\n\
               points = 5\nfrom = \"1997-01-01\"\n\n[transfers]\n";
    let mut newest = format!("effective-from = \"1997-08-01T10:20\"\n{main}");
    for (from, to) in [
        ("points-per-unit = \"1\"", "points-per-unit = \"2\""),
        ("remind-days-before = [30, 7, 1]", "remind-days-before = [60, 30, 7, 1]"),
        ("from = 150\n", "from = 200\n"),
        ("[transfers]\n", day),
    ] {
        assert!(newest.contains(from), "the sample has no {from:?}");
        newest = newest.replace(from, to);
    }
    let earlier = program.join("earlier/first");
    std::fs::create_dir_all(&earlier).unwrap();
    std::fs::rename(program.join("programme.toml"), earlier.join("programme.toml")).unwrap();
    std::fs::write(program.join("programme.toml"), newest).unwrap();
    program
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_of_two_versions_is_the_bundle_s_run_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut case = real(60, "program");
    case.program = Some(two_versions(folder.path()));
    let agreed = case.agrees("two versions").await;
    println!("{agreed}");
    assert!(agreed.members > 40 && agreed.entries > 1_000, "{agreed}");
}

/// How many messages of a member never went, for a reason.
fn suppressed(form: &Form, reason: &str) -> usize {
    let messages = form.messages.values();
    messages
        .filter(|(_, message)| message.reason.as_deref() == Some(reason))
        .count()
}

/// Without a cap of its own, with topics.
const TOPICS: &str = "[[topics]]\nname = \"dates\"\nkinds = [\"birthday\", \"anniversary\"]\n";

/// What members of the real run might want, each the day after they sign up.
fn with_wishes(mut case: Case) -> Case {
    let wishes = [
        json!({"topics-off": ["dates"]}),
        json!({"hours": {"from": "18:00", "to": "20:30"}}),
        json!({"most": 1, "per": "month"}),
        json!({"most": 1, "per": "week", "channels": ["sms"]}),
        json!({"hours": {"from": "20:00", "to": "10:30"}, "most": 2, "per": "month"}),
    ];
    let sign_ups = case.happenings.iter().filter(|one| one.kind == "sign-up");
    let told: Vec<Happening> = sign_ups
        .zip(wishes.iter().cycle())
        .map(|(sign_up, wish)| {
            let (at, mut detail) = (sign_up.at + SignedDuration::from_hours(24), wish.clone());
            detail["member"] = sign_up.detail["member"].clone();
            detail["id"] = json!("p-1");
            detail["at"] = json!(at);
            Happening {
                at,
                id: format!("{} wants", sign_up.id),
                kind: "preferences",
                detail,
            }
        })
        .collect();
    case.happenings.extend(told);
    // What cannot be kept is refused for good, though nobody has signed up yet.
    let last = case.happenings.iter().rfind(|one| one.kind == "sign-up").unwrap();
    let (at, member) = (last.at - SignedDuration::from_hours(2), &last.detail["member"]);
    let unfit = json!({"member": member, "id": "p-0", "at": at, "topics-off": ["sales"]});
    case.happenings.push(Happening {
        at,
        id: "unfit".to_owned(),
        kind: "preferences",
        detail: unfit,
    });
    case.happenings.sort_by_key(|happening| happening.at);
    case
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_of_members_who_say_what_they_want_is_the_bundle_s_run_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut case = with_wishes(real(60, "program"));
    case.program = Some(sample_with(folder.path(), SAMPLE_CAP, TOPICS));
    let agreed = case.agrees("wishes").await;
    let forms = case.simulated();
    let of = |reason: &str| forms.values().map(|form| suppressed(form, reason)).sum::<usize>();
    let reasons = ["topic-off", "own-hours", "own-frequency"].map(|reason| (reason, of(reason)));
    println!("{agreed}; {reasons:?}");
    assert!(of("topic-off") > 3 && of("own-frequency") > 3, "{reasons:?}");
    let refused: Vec<&String> = forms.values().flat_map(|form| form.refused.values()).collect();
    assert!(
        refused.iter().any(|why| why.starts_with("preferences: ")),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "some minutes: `just law-8`"]
async fn a_simulation_of_the_real_run_is_the_bundle_s() {
    for program in ["program", "examples/campaigns"] {
        let agreed = real(2_357, program).agrees(program).await;
        println!("{program}: {agreed}");
        assert_eq!(agreed.members, 2_357);
        assert!(agreed.replies > 20 && agreed.stopped > 50, "{agreed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_of_a_random_programme_and_history_is_the_bundle_s_run_of_it() {
    let cases = std::env::var("SIMULATED_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok());
    let (mut all, mut referrals, mut carts, mut unwanted, mut unfit) = (Agreed::default(), 0, 0, 0, 0);
    let mut forgotten = 0;
    for seed in 0..cases.unwrap_or(3) {
        let folder = tempfile::tempdir().unwrap();
        let case = random::case(seed, folder.path());
        all.add(&case.agrees(&format!("seed {seed}")).await);
        let forms = case.simulated();
        unwanted += forms.values().map(|form| suppressed(form, "topic-off")).sum::<usize>();
        let erased = |form: &&Form| {
            form.entries
                .iter()
                .any(|entry| matches!(entry.what, What::Erased { .. }))
        };
        forgotten += forms.values().filter(erased).count();
        let refused = forms.values().flat_map(|form| form.refused.values());
        unfit += refused.filter(|why| why.starts_with("preferences: ")).count();
        let ledgers = forms.into_values().flat_map(|form| form.entries);
        let counts = |entry: &ledger::Entry| matches!(entry.what, What::Referral { .. } | What::ReferralLost { .. });
        let (of_referrals, of_carts) = ledgers.fold((0, 0), |(referrals, carts), entry| {
            let left = matches!(entry.what, What::CartLeft { .. });
            (referrals + usize::from(counts(&entry)), carts + usize::from(left))
        });
        (referrals, carts) = (referrals + of_referrals, carts + of_carts);
    }
    println!(
        "{all}; {referrals} of the entries are of referrals, {carts} of carts left behind, {unwanted} messages of topics that are off; {unfit} preferences \
         were refused; {forgotten} members are forgotten"
    );
    assert!(
        all.entries > 100 && all.messages > 50 && referrals > 0 && carts > 0,
        "{all}"
    );
    assert!(all.replies > 10 && all.answers > 5 && all.stopped > 3, "{all}");
    assert!(unwanted > 0 && unfit > 0 && forgotten > 0);
}
