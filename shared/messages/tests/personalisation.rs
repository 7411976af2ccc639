//! Whoever withdrew their consent to personalisation is told apart by nothing: of two members who differ in what is known of
//! them alone, all that is decided and said is the same.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use ledger::{Account, Activity, Entry, Fact, MemberId, Past, Said, apply};
use messages::{Profile, Verdict, decide, intents};
use programme::{Amount, Channel, Files, Programme, Purpose, Zone};

/// Everything that a programme can ask of what is known of a member.
const ASKS: &str = r#"
[attributes]
favourite = ["rock", "jazz", "classical"]
age = "whole-number"
vip = "yes-or-no"

[events.review]
stars = "whole-number"

[personalisation]
names = { en = "dear member" }

[[campaigns]]
name = "jazz"
names = { en = "For jazz" }
multiply = "2"
when = "has(member.favourite) && member.favourite == 'jazz'"

[[campaigns]]
name = "not-rock"
points = 3
when = "!(has(member.favourite) && member.favourite == 'rock')"

[[campaigns]]
name = "by-age"
points = "has(member.age) && member.age > 0 ? 5 : 1"

[[campaigns]]
name = "in-a-segment"
points = 7
when = "'regulars' in member.segments"

[[campaigns]]
name = "entered"
on = { segment = "regulars" }
points = 11

[[campaigns]]
name = "reviewed"
on = { event = "review" }
points = 13
when = "has(member.vip) && member.vip"

[[missions]]
name = "grown-up"
each = "month"
when = "has(member.age) && member.age >= 18"
[[missions.milestones]]
reach = 2
points = 17

"#;

fn programme() -> Programme {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../program");
    let mut files = Files::read(&folder).unwrap();
    files.main = files.main.replace("\n[prices]\n", &format!("{ASKS}[prices]\n"));
    Programme::of(&files).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

/// `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }

    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

/// What happens to a member; what is told of them besides is for each of the two to say.
enum Step {
    Does(Activity),
    Told(u64, Timestamp),
}

fn activity(id: String, at: Timestamp, fact: Fact, fields: &[(&str, String)]) -> Activity {
    let fields = fields
        .iter()
        .map(|(name, value)| ((*name).into(), value.as_str().into()));
    Activity {
        id: id.parse().unwrap(),
        at,
        received: at,
        fact,
        said: Said {
            fields: fields.collect(),
            lines: Vec::new(),
        },
    }
}

/// A random history of some months, with the consent withdrawn at once where it is.
fn history(dice: &mut Dice, personalised: bool) -> Vec<Step> {
    let mut at: Timestamp = "1998-01-05T15:00:00Z".parse().unwrap();
    let sign_up = Fact::SignUp {
        zone: Zone::parse("America/New_York").unwrap(),
        birthday: None,
        referrer: None,
    };
    let mut steps = vec![Step::Does(activity("sign-up".to_owned(), at, sign_up, &[]))];
    if !personalised {
        let withdrawn = Fact::Personalisation { granted: false };
        steps.push(Step::Does(activity("consent#c-1".to_owned(), at, withdrawn, &[])));
    }
    for n in 0..30 {
        at += SignedDuration::from_hours(i64::try_from(1 + dice.below(90)).unwrap());
        steps.push(match dice.below(6) {
            0..=2 => {
                let amount = format!("{}.{:02}", 1 + dice.below(90), dice.below(100));
                let amount = Amount::parse(&amount, "USD".parse().unwrap()).unwrap();
                Step::Does(activity(format!("purchase#{n}"), at, Fact::Purchase { amount }, &[]))
            }
            3 => {
                let event = Fact::Event {
                    event: "review".parse().unwrap(),
                };
                Step::Does(activity(format!("event#{n}"), at, event, &[("stars", "5".to_owned())]))
            }
            _ => Step::Told(n, at),
        });
    }
    steps
}

/// What the shop tells of one member at a step: an attribute or a segment.
fn told(dice: &mut Dice, n: u64, at: Timestamp) -> Activity {
    let attributes = |name, value: String| activity(format!("attributes#{n}"), at, Fact::Attributes, &[(name, value)]);
    match dice.below(4) {
        0 => attributes("favourite", dice.one_of(&["rock", "jazz", "classical"]).to_owned()),
        1 => attributes("age", dice.below(90).to_string()),
        2 => attributes("vip", dice.one_of(&["yes", "no"]).to_owned()),
        _ => {
            let segment = Fact::Segment {
                segment: dice.one_of(&["regulars", "others"]).parse().unwrap(),
                inside: dice.below(4) > 0,
            };
            activity(format!("segment#{n}"), at, segment, &[])
        }
    }
}

/// What all of it came to, for a member of whom some things are known.
#[derive(Debug, PartialEq)]
struct Came {
    entries: Vec<Entry>,
    balance: i64,
    tier: u8,
    said: Vec<Verdict>,
}

fn live(programme: &Programme, steps: &[Step], known: &mut Dice, profile: &Profile) -> Came {
    let (mut account, mut entries): (Option<Account>, Vec<Entry>) = (None, Vec::new());
    let mut said = Vec::new();
    let member: MemberId = "m-1".parse().unwrap();
    for step in steps {
        let (activity, is_told) = match step {
            Step::Does(activity) => (activity.clone(), false),
            Step::Told(n, at) => (told(known, *n, *at), true),
        };
        let now = activity.received;
        let before = account.as_ref().map_or(0, Account::entries);
        // What tells nothing new is refused.
        if apply(programme, &mut account, &activity, Past::default()).is_err() {
            assert!(is_told, "{activity:?}");
            continue;
        }
        let account = account.as_mut().unwrap();
        let new = account.entries_since(before).unwrap();
        // The welcome is decided before anybody can have withdrawn anything.
        let stated = intents(programme, &member, &new).into_iter();
        for intent in stated.filter(|intent| intent.cause != "sign-up") {
            said.push(decide(programme, (&intent, None), (account, profile), &[], now).unwrap());
        }
        // That something was told stands in the ledger; what comes of it is what is compared. Links hash what came before.
        let own = |entry: &Entry| is_told && entry.cause == activity.id.as_str() && entry.change() == 0;
        let new = new.into_iter().filter(|entry| !own(entry));
        entries.extend(new.map(|entry| Entry { link: [0; 4], ..entry }));
        account.close_pages().unwrap();
    }
    let account = account.unwrap();
    let end = "1998-12-01T00:00:00Z".parse().unwrap();
    Came {
        entries,
        balance: account.balance(programme::WalletId::MAIN, programme, end).get(),
        tier: account.tier(),
        said,
    }
}

fn profile(name: &str) -> Profile {
    Profile {
        name: name.to_owned(),
        phone: Some("+12125550147".parse().unwrap()),
        locale: "en".to_owned(),
        zone: "America/New_York".to_owned(),
        device: None,
        consents: BTreeSet::from([
            (Channel::Sms, Purpose::Transactional),
            (Channel::Sms, Purpose::Promotional),
        ]),
        withheld: BTreeSet::new(),
        contacts: Vec::new(),
        preferences: None,
        told: Vec::new(),
    }
}

fn texts(came: &Came) -> Vec<&str> {
    let sent = came.said.iter().filter_map(|verdict| match verdict {
        Verdict::Send(send) => Some(send.text.body.as_str()),
        _ => None,
    });
    sent.collect()
}

const SEED: u64 = 24;
const CASES: u64 = 400;

#[test]
fn of_two_who_differ_in_what_is_known_of_them_all_is_the_same() {
    let programme = programme();
    let impersonal = programme.impersonal();
    let (mut texts_compared, mut differ) = (0, 0);
    for case in 0..CASES {
        let pair = |personalised: bool| {
            let steps = history(&mut Dice(SEED ^ (case << 8)), personalised);
            let of = |salt: u64, name| live(&programme, &steps, &mut Dice(SEED ^ (case << 8) ^ salt), &profile(name));
            (of(1, "Ana"), of(2, "Bartholomew"))
        };
        let (ana, bartholomew) = pair(false);
        assert_eq!(ana, bartholomew, "case {case}");
        texts_compared += texts(&ana).len();
        assert!(texts(&ana).iter().all(|text| !text.contains("Ana")), "case {case}");
        // And as a member of whom nothing was ever told.
        let mut steps = history(&mut Dice(SEED ^ (case << 8)), false);
        steps.retain(|step| matches!(step, Step::Does(_)));
        assert_eq!(
            ana,
            live(&programme, &steps, &mut Dice(0), &profile("Ana")),
            "case {case}"
        );
        // And as where nobody is told apart, whatever they agreed to.
        let mut withdrawn = ana;
        withdrawn.entries.retain(|entry| entry.cause != "consent#c-1");
        let steps = history(&mut Dice(SEED ^ (case << 8)), true);
        let known = &mut Dice(SEED ^ (case << 8) ^ 1);
        assert_eq!(
            withdrawn,
            live(&impersonal, &steps, known, &profile("Ana")),
            "case {case}"
        );
        let (ana, bartholomew) = pair(true);
        differ += usize::from(ana.balance != bartholomew.balance);
    }
    println!("seed {SEED}: {CASES} pairs alike, {texts_compared} texts; personalised, {differ} differ in their points");
    assert!(texts_compared > 1_000 && differ > 300);
}

#[test]
fn what_is_no_profile_counts_still_and_a_consent_brings_everything_back() {
    let programme = programme();
    let steps = history(&mut Dice(SEED), false);
    let live = |profile: &Profile| live(&programme, &steps, &mut Dice(1), profile);
    let english = live(&profile("Ana"));
    assert!(
        texts(&english).iter().any(|text| text.contains("dear member")),
        "{:?}",
        texts(&english)
    );
    let in_chinese = live(&Profile {
        locale: "zh-CN".to_owned(),
        ..profile("Ana")
    });
    assert!(
        texts(&in_chinese).iter().any(|text| text.contains("会员")),
        "{:?}",
        texts(&in_chinese)
    );
    let without_phone = live(&Profile {
        phone: None,
        ..profile("Ana")
    });
    let without_consent = live(&Profile {
        consents: BTreeSet::new(),
        ..profile("Ana")
    });
    assert!(texts(&without_phone).is_empty() && texts(&without_consent).is_empty());
    assert_eq!(english.entries, without_phone.entries);

    let at: Timestamp = "1998-01-05T15:00:00Z".parse().unwrap();
    let mut account = None;
    let mut happens = |id: &str, hours: i64, fact, fields: &[(&str, String)]| {
        let at = at + SignedDuration::from_hours(hours);
        apply(
            &programme,
            &mut account,
            &activity(id.to_owned(), at, fact, fields),
            Past::default(),
        )
        .unwrap();
        account
            .as_ref()
            .unwrap()
            .balance(programme::WalletId::MAIN, &programme, at)
            .get()
    };
    let sign_up = Fact::SignUp {
        zone: Zone::parse("America/New_York").unwrap(),
        birthday: None,
        referrer: None,
    };
    let buys = || Fact::Purchase {
        amount: Amount::parse("10.00", "USD".parse().unwrap()).unwrap(),
    };
    happens("sign-up", 0, sign_up, &[]);
    happens("attributes#1", 1, Fact::Attributes, &[("favourite", "jazz".to_owned())]);
    // Twice the points, and three and one on top; then one by one without and with.
    assert_eq!(happens("purchase#1", 2, buys(), &[]), 24);
    happens("consent#1", 3, Fact::Personalisation { granted: false }, &[]);
    assert_eq!(happens("purchase#2", 4, buys(), &[]), 24 + 14);
    happens("consent#2", 5, Fact::Personalisation { granted: true }, &[]);
    assert_eq!(happens("purchase#3", 6, buys(), &[]), 24 + 14 + 24);
}
