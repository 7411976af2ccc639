//! What a member wants to be sent, in the send decision: topics, hours, how often, and by which channel first.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use ledger::{Account, Activity, Fact, Past, Said, apply};
use messages::{
    Contact, Delay, Device, Facts, Intent, Platform, Preferences, Profile, ProfileChange, Reason, Unfit, Verdict,
    decide, merge, with_contact,
};
use programme::{Cap, CapPer, Channel, Files, Hours, MessageKind, Programme, Purpose, WalletId, Zone};

const TOPICS: &str = "[[topics]]
name = \"dates\"
kinds = [\"birthday\", \"anniversary\"]

[[topics]]
name = \"reminders\"
kinds = [\"points-expiring\", \"points-earned\"]
campaigns = [\"spring\"]

[[topics]]
name = \"sales\"
broadcasts = [\"sale\"]

[[campaigns]]
name = \"spring\"
names = { en = \"Spring\", zh-CN = \"春天\" }
on = { code = \"SPRING\" }
points = 5

[[broadcasts]]
name = \"sale\"
at = \"1998-03-02 10:00\"
message = { purpose = \"promotional\", channels = [\"push\", \"sms\"], useful-hours = 48 }
";

const SALE: &str = "\n[broadcasts.sale]\nsms = \"{{ programme }}: a sale. Reply STOP to opt out.\"\npush-title = \"Sale\"\n\
                    push-body = \"It is on.\"\n";

/// The sample in English, with topics, without its cap and its digest.
const EDITS: [(&str, &str); 2] = [
    ("[[caps]]\nmost = 2\nper = \"week\"\nover = \"digest\"\n", ""),
    (
        "[[digests]]\nkinds = [\"points-earned\", \"tier-upgraded\"]\ncollect = \"at-once\"\n",
        TOPICS,
    ),
];

fn programme(edits: &[(&str, &str)]) -> Programme {
    let mut files = Files::read(std::path::Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../program"
    )))
    .unwrap();
    for (from, to) in EDITS.iter().chain(edits) {
        assert!(files.main.contains(from), "the sample has no {from:?}");
        files.main = files.main.replacen(from, to, 1);
    }
    files.texts.retain(|(locale, _)| locale == "en");
    files.texts.first_mut().unwrap().1.push_str(SALE);
    Programme::of(&files).unwrap()
}

/// Who lives in New York, and agreed to everything.
fn profile() -> Profile {
    let both = [Channel::Sms, Channel::Push];
    let consents = both.map(|channel| [Purpose::Transactional, Purpose::Promotional].map(|purpose| (channel, purpose)));
    Profile {
        name: "Ana".to_owned(),
        phone: Some("+12125550147".parse().unwrap()),
        locale: "en".to_owned(),
        zone: "America/New_York".to_owned(),
        device: Some(Device {
            platform: Platform::Gcm,
            token: "a".to_owned(),
            endpoint: None,
        }),
        consents: consents.into_iter().flatten().collect(),
        withheld: BTreeSet::new(),
        contacts: Vec::new(),
        preferences: None,
        told: Vec::new(),
    }
}

fn said(at: &str, id: &str) -> Preferences {
    Preferences {
        at: at.parse().unwrap(),
        id: format!("preferences#{id}").parse().unwrap(),
        topics_off: BTreeSet::new(),
        hours: None,
        most: None,
        channels: Vec::new(),
    }
}

fn wanting(wants: impl FnOnce(&mut Preferences)) -> Profile {
    let mut own = said("1998-03-01T00:00:00Z", "p");
    wants(&mut own);
    Profile {
        preferences: Some(Box::new(own)),
        ..profile()
    }
}

fn hours(from: &str, to: &str) -> Hours {
    Hours {
        from: from.to_owned().try_into().unwrap(),
        to: to.to_owned().try_into().unwrap(),
    }
}

/// Eleven in the morning in New York.
const NOW: &str = "1998-03-02T16:00:00Z";

fn account(programme: &Programme) -> Account {
    let mut account = None;
    let at = "1998-02-01T16:00:00Z".parse().unwrap();
    let sign_up = Activity {
        id: "sign-up".parse().unwrap(),
        at,
        received: at,
        fact: Fact::SignUp {
            zone: Zone::parse("America/New_York").unwrap(),
            birthday: None,
            referrer: None,
        },
        said: Said::default(),
    };
    apply(programme, &mut account, &sign_up, Past::default()).unwrap();
    account.unwrap()
}

/// Something that is true, and useful for some days.
fn intent(kind: MessageKind, cause: &str, days: i64) -> Intent {
    let at: Timestamp = NOW.parse().unwrap();
    Intent {
        member: "01".parse().unwrap(),
        kind,
        cause: cause.into(),
        wallet: WalletId::MAIN,
        at,
        useful_until: at + SignedDuration::from_hours(24 * days),
        facts: Facts {
            points: Some(5),
            years: Some(1),
            ..Facts::default()
        },
    }
}

fn decided(programme: &Programme, intent: &Intent, profile: &Profile, at: &str) -> Verdict {
    decide(
        programme,
        (intent, None),
        (&account(programme), profile),
        &[],
        at.parse().unwrap(),
    )
    .unwrap()
}

fn goes(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Send(_))
}

fn never(verdict: &Verdict) -> Option<Reason> {
    match verdict {
        Verdict::Suppress(reason) => Some(*reason),
        Verdict::Send(_) | Verdict::Defer { .. } | Verdict::Wait { .. } => None,
    }
}

fn put_off(verdict: &Verdict) -> Option<(String, Delay)> {
    match verdict {
        Verdict::Defer { until, by } => Some((until.to_string(), *by)),
        Verdict::Send(_) | Verdict::Suppress(_) | Verdict::Wait { .. } => None,
    }
}

#[test]
fn what_advertises_is_of_a_topic_that_is_off_and_never_goes() {
    let programme = programme(&[(
        "[messages.points-earned]\npurpose = \"transactional\"",
        "[messages.points-earned]\npurpose = \"promotional\"",
    )]);
    let without = |topic: &str| wanting(|own| own.topics_off = BTreeSet::from([topic.to_owned()]));
    let anniversary = intent(MessageKind::Anniversary, "anniversary#1", 2);
    let earned = intent(MessageKind::PointsEarned, "purchase#1", 2);
    let mut of_spring = earned.clone();
    of_spring.facts.campaign = Some("spring".to_owned());
    let sale = intent(MessageKind::Broadcast, "sale", 2);
    let welcome = intent(MessageKind::Welcome, "sign-up", 2);
    let off = |intent: &Intent, topic: &str| never(&decided(&programme, intent, &without(topic), NOW));
    for (intent, topic) in [
        (&anniversary, "dates"),
        (&earned, "reminders"),
        (&of_spring, "reminders"),
        (&sale, "sales"),
    ] {
        let key = intent.key();
        for other in ["dates", "reminders", "sales"] {
            let wanted = (other == topic).then_some(Reason::TopicOff);
            assert_eq!(off(intent, other), wanted, "{key} without {other}");
        }
        assert!(goes(&decided(&programme, intent, &profile(), NOW)), "{key}");
    }
    for topic in ["dates", "reminders", "sales"] {
        assert_eq!(off(&welcome, topic), None);
    }
    // Without the consent that comes first.
    let mut silent = without("dates");
    silent.consents = BTreeSet::new();
    assert_eq!(
        never(&decided(&programme, &anniversary, &silent, NOW)),
        Some(Reason::NoConsent)
    );
}

#[test]
fn a_campaign_s_topic_goes_before_that_of_the_kind() {
    let topics = TOPICS.replace("campaigns = [\"spring\"]\n", "").replace(
        "broadcasts = [\"sale\"]\n",
        "broadcasts = [\"sale\"]\ncampaigns = [\"spring\"]\n",
    );
    let earned = "[messages.points-earned]\npurpose = \"transactional\"";
    let programme = programme(&[
        (TOPICS, &topics),
        (earned, "[messages.points-earned]\npurpose = \"promotional\""),
    ]);
    let mut of_spring = intent(MessageKind::PointsEarned, "code#SPRING", 2);
    let named = |intent: &Intent| {
        let topic = programme.topic(intent.kind, &intent.cause, intent.facts.campaign.as_deref());
        topic.unwrap().name.to_string()
    };
    assert_eq!(named(&of_spring), "reminders");
    of_spring.facts.campaign = Some("spring".to_owned());
    assert_eq!(named(&of_spring), "sales");
}

#[test]
fn what_is_transactional_goes_whatever_topic_it_is_of() {
    let programme = programme(&[]);
    let own = wanting(|own| own.topics_off = BTreeSet::from(["reminders".to_owned()]));
    let earned = intent(MessageKind::PointsEarned, "purchase#1", 2);
    assert!(goes(&decided(&programme, &earned, &own, NOW)));
}

#[test]
fn whatever_is_sent_waits_for_the_hours_that_are_wanted() {
    let programme = programme(&[]);
    let evenings = wanting(|own| own.hours = Some(hours("18:00", "20:30")));
    for (kind, cause) in [
        (MessageKind::Anniversary, "anniversary#1"),
        (MessageKind::Welcome, "sign-up"),
    ] {
        let intent = intent(kind, cause, 2);
        let verdict = decided(&programme, &intent, &evenings, NOW);
        assert_eq!(
            put_off(&verdict),
            Some(("1998-03-02T23:00:00Z".to_owned(), Delay::OwnHours))
        );
        assert!(goes(&decided(&programme, &intent, &evenings, "1998-03-02T23:00:00Z")));
        assert!(!goes(&decided(&programme, &intent, &evenings, "1998-03-03T01:30:00Z")));
    }
    // Over midnight: quiet hours end them all the same, and a number's law does.
    let nights = wanting(|own| own.hours = Some(hours("20:00", "10:00")));
    let anniversary = intent(MessageKind::Anniversary, "anniversary#1", 2);
    let verdict = decided(&programme, &anniversary, &nights, NOW);
    assert_eq!(
        put_off(&verdict),
        Some(("1998-03-03T01:00:00Z".to_owned(), Delay::OwnHours))
    );
    // In hours that are wanted, quiet hours put it off until they are over.
    let verdict = decided(&programme, &anniversary, &nights, "1998-03-03T03:00:00Z");
    assert_eq!(
        put_off(&verdict),
        Some(("1998-03-03T14:00:00Z".to_owned(), Delay::QuietHours))
    );
    // Of no use by then.
    let short = intent(MessageKind::Anniversary, "anniversary#1", 0);
    assert_eq!(
        never(&decided(&programme, &short, &evenings, NOW)),
        Some(Reason::OwnHours)
    );
    assert_eq!(
        never(&decided(&programme, &short, &evenings, "1998-03-02T16:00:01Z")),
        Some(Reason::TooLate)
    );
}

fn sent(at: &str, kind: MessageKind, purpose: Purpose, channel: Channel) -> Contact {
    Contact {
        at: at.parse().unwrap(),
        channel,
        purpose,
        kind,
        key: format!("{}#{at}", kind.name()),
    }
}

fn own_cap(most: u8, per: CapPer) -> Cap {
    Cap::own(most.try_into().unwrap(), per)
}

#[test]
fn no_more_that_advertises_goes_than_is_wanted_by_whichever_channel() {
    let programme = programme(&[]);
    let mut weekly = wanting(|own| own.most = Some(own_cap(2, CapPer::Week)));
    let anniversary = intent(MessageKind::Anniversary, "anniversary#1", 14);
    let welcome = intent(MessageKind::Welcome, "sign-up", 14);
    weekly.contacts = vec![
        sent(
            "1998-03-01T16:00:00Z",
            MessageKind::Birthday,
            Purpose::Promotional,
            Channel::Sms,
        ),
        sent(
            "1998-03-02T15:00:00Z",
            MessageKind::Birthday,
            Purpose::Promotional,
            Channel::Sms,
        ),
    ];
    // One was on Sunday.
    let Verdict::Send(send) = decided(&programme, &anniversary, &weekly, NOW) else {
        panic!("there is room");
    };
    // It is kept, though the programme has no cap.
    let contact = send.contact.unwrap();
    let asked_by = (&programme, weekly.preferences.as_deref());
    weekly.contacts = with_contact(asked_by, weekly.contacts.clone(), contact);
    assert_eq!(weekly.contacts.len(), 2, "no more than are asked for");
    let other = intent(MessageKind::Anniversary, "anniversary#2", 14);
    let monday = Some(("1998-03-09T14:00:00Z".to_owned(), Delay::OwnFrequency));
    assert_eq!(put_off(&decided(&programme, &other, &weekly, NOW)), monday);
    assert!(
        goes(&decided(&programme, &welcome, &weekly, NOW)),
        "it advertises nothing"
    );
    // It is not counted beside itself.
    assert!(goes(&decided(&programme, &anniversary, &weekly, NOW)));
    let short = intent(MessageKind::Anniversary, "anniversary#2", 3);
    assert_eq!(
        never(&decided(&programme, &short, &weekly, NOW)),
        Some(Reason::OwnFrequency)
    );
    // Who never said so has nothing kept.
    let Verdict::Send(send) = decided(&programme, &anniversary, &profile(), NOW) else {
        panic!("it goes");
    };
    assert_eq!(send.contact, None);
}

#[test]
fn a_cap_that_switches_channels_leaves_no_way_round_the_member_s_own() {
    let cap = "[[caps]]\nmost = 1\nper = \"day\"\nchannel = \"push\"\nover = \"switch-channel\"\n\n[prices]\n";
    let programme = programme(&[("[prices]\n", cap)]);
    let by_push = sent(
        "1998-03-02T15:00:00Z",
        MessageKind::Birthday,
        Purpose::Promotional,
        Channel::Push,
    );
    let anniversary = intent(MessageKind::Anniversary, "anniversary#1", 5);
    let mut free = profile();
    free.contacts = vec![by_push.clone()];
    let by = |profile: &Profile| match decided(&programme, &anniversary, profile, NOW) {
        Verdict::Send(send) => Ok(send.channel),
        other => Err(put_off(&other)),
    };
    assert_eq!(by(&free), Ok(Channel::Sms));
    for (most, wanted) in [
        (1, Err(Some(("1998-03-03T14:00:00Z".to_owned(), Delay::OwnFrequency)))),
        (2, Ok(Channel::Sms)),
    ] {
        let mut daily = wanting(|own| own.most = Some(own_cap(most, CapPer::Day)));
        daily.contacts = vec![by_push.clone()];
        assert_eq!(by(&daily), wanted, "{most} a day");
    }
}

#[test]
fn a_digest_takes_up_nothing_that_is_not_wanted() {
    let digest = "[[digests]]\nkinds = [\"anniversary\", \"birthday\"]\ncollect = { minutes = 60 }\n\n[prices]\n";
    let programme = programme(&[
        ("kinds = [\"birthday\", \"anniversary\"]", "kinds = [\"anniversary\"]"),
        ("[prices]\n", digest),
    ]);
    let account = account(&programme);
    let now: Timestamp = NOW.parse().unwrap();
    let first = intent(MessageKind::Birthday, "birthday#1998", 0);
    let second = intent(MessageKind::Anniversary, "anniversary#1", 1);
    let taken = |profile: &Profile| {
        let verdict = decide(&programme, (&first, None), (&account, profile), &[], now).unwrap();
        let Verdict::Send(send) = verdict else {
            panic!("the first goes: {verdict:?}");
        };
        let waiting = [(second.clone(), None)];
        let known = (&account, profile);
        let (_, taken) = merge(
            &programme,
            (&(first.clone(), None), send),
            &waiting,
            (known.0, known.1, &[]),
            now,
        );
        taken.len()
    };
    assert_eq!(taken(&profile()), 1);
    let without = wanting(|own| own.topics_off = BTreeSet::from(["dates".to_owned()]));
    assert_eq!(taken(&without), 0, "of a topic that is off");
    // One message, whatever it lists, takes one room.
    let mut daily = wanting(|own| own.most = Some(own_cap(1, CapPer::Day)));
    assert_eq!(taken(&daily), 1);
    daily.contacts = vec![sent(
        "1998-03-02T15:00:00Z",
        MessageKind::PointsExpiring,
        Purpose::Promotional,
        Channel::Push,
    )];
    let verdict = |intent: &Intent| decided(&programme, intent, &daily, NOW);
    assert_eq!(never(&verdict(&first)), Some(Reason::OwnFrequency));
    assert_eq!(
        put_off(&verdict(&second)),
        Some(("1998-03-03T14:00:00Z".to_owned(), Delay::OwnFrequency))
    );
}

#[test]
fn a_preferred_channel_goes_first_and_the_others_follow() {
    let programme = programme(&[]);
    let welcome = intent(MessageKind::Welcome, "sign-up", 2);
    let anniversary = intent(MessageKind::Anniversary, "anniversary#1", 2);
    let by = |intent: &Intent, profile: &Profile| match decided(&programme, intent, profile, NOW) {
        Verdict::Send(send) => send.channel,
        other => panic!("{other:?}"),
    };
    for intent in [&welcome, &anniversary] {
        assert_eq!(by(intent, &profile()), Channel::Push);
        let texts = wanting(|own| own.channels = vec![Channel::Sms]);
        assert_eq!(by(intent, &texts), Channel::Sms);
        let without_phone = Profile {
            phone: None,
            ..texts.clone()
        };
        assert_eq!(by(intent, &without_phone), Channel::Push, "the others come after");
    }
}

#[test]
fn the_latest_preferences_stand_in_whatever_order_they_come() {
    let tell = |order: &[(&str, &str)]| {
        let mut told = order
            .iter()
            .map(|(at, id)| ProfileChange::Preferences(Box::new(said(at, id))));
        let known = told.try_fold(profile(), |known, change| change.apply(Some(known)));
        known.unwrap().preferences.unwrap().id.to_string()
    };
    let (early, late) = (("1998-03-01T10:00:00Z", "a"), ("1998-03-01T11:00:00Z", "b"));
    let beside = ("1998-03-01T11:00:00Z", "c");
    assert_eq!(tell(&[early]), "preferences#a");
    for order in [
        [early, late, beside],
        [late, beside, early],
        [beside, early, late],
        [beside, late, beside],
    ] {
        assert_eq!(tell(&order), "preferences#c", "{order:?}");
    }
    let change = ProfileChange::Preferences(Box::new(said(early.0, early.1)));
    assert_eq!(change.apply(None), None, "nobody has signed up");
}

#[test]
fn what_cannot_be_kept_is_refused_by_the_programme_of_then() {
    let programme = programme(&[]);
    let fit = |wants: &dyn Fn(&mut Preferences)| {
        let mut own = said(NOW, "p");
        wants(&mut own);
        own.fit(&programme).map_err(|why| why.reason())
    };
    let topics = |topics: &[&str]| topics.iter().map(|topic| (*topic).to_owned()).collect();
    assert_eq!(fit(&|own| own.topics_off = topics(&["sales", "dates"])), Ok(()));
    let why = fit(&|own| own.topics_off = topics(&["dates", "+12125550147"])).unwrap_err();
    assert_eq!(
        why,
        "preferences: topics-off names a topic that the programme does not have; write one of: dates, reminders, sales"
    );
    // The quiet hours are from nine in the evening to nine in the morning.
    for (from, to, is_fit) in [
        ("08:00", "09:00", false),
        ("21:00", "09:00", false),
        ("23:00", "02:00", false),
        ("08:00", "09:01", true),
        ("20:59", "22:00", true),
        ("10:00", "09:00", true),
    ] {
        assert_eq!(
            fit(&|own| own.hours = Some(hours(from, to))).is_ok(),
            is_fit,
            "{from} to {to}"
        );
    }
    let own = Preferences {
        topics_off: topics(&["dates"]),
        ..said(NOW, "p")
    };
    let without = self::programme_without_topics();
    let why = own.fit(&without).unwrap_err();
    assert_eq!(why, Unfit::UnknownTopic("it has none; leave topics-off out".to_owned()));
}

fn programme_without_topics() -> Programme {
    Programme::load(std::path::Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../program"
    )))
    .unwrap()
}
