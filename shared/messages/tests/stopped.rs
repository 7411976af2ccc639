//! What a member stopped by a reply is told apart from what they never agreed to, whichever channel is asked first.

#![allow(clippy::unwrap_used)]

use jiff::Timestamp;
use ledger::{Account, Activity, Fact, MemberId, Past, Said, apply};
use messages::{Device, Intent, Platform, Profile, Reason, Verdict, decide, intents};
use programme::{Channel, Files, Programme, Purpose, Zone};

const PUSH: (Channel, Purpose) = (Channel::Push, Purpose::Transactional);
const SMS: (Channel, Purpose) = (Channel::Sms, Purpose::Transactional);

/// The sample, whose welcome asks the channels in an order.
fn programme(channels: &str) -> Programme {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../program");
    let mut files = Files::read(&folder).unwrap();
    files.main = files
        .main
        .replace("channels = [\"push\", \"sms\"]", &format!("channels = {channels}"));
    Programme::of(&files).unwrap()
}

fn profile(consents: &[(Channel, Purpose)], withheld: &[(Channel, Purpose)]) -> Profile {
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
        consents: consents.iter().copied().collect(),
        withheld: withheld.iter().copied().collect(),
        contacts: Vec::new(),
        preferences: None,
        told: Vec::new(),
    }
}

/// A member who signed up at noon, and their welcome.
fn welcome(programme: &Programme, now: Timestamp) -> (Account, Intent) {
    let member: MemberId = "0001".parse().unwrap();
    let mut account = None;
    let activity = Activity {
        id: "sign-up".parse().unwrap(),
        at: now,
        received: now,
        fact: Fact::SignUp {
            zone: Zone::parse("America/New_York").unwrap(),
            birthday: None,
            referrer: None,
        },
        said: Said::default(),
    };
    apply(programme, &mut account, &activity, Past::default()).unwrap();
    let account = account.unwrap();
    let stated = intents(programme, &member, account.added_since(0).unwrap());
    (account, stated.into_iter().next().unwrap())
}

#[test]
fn what_was_stopped_is_why_and_not_what_was_never_agreed_to() {
    let now: Timestamp = "1998-03-02T17:00:00Z".parse().unwrap();
    for channels in ["[\"push\", \"sms\"]", "[\"sms\", \"push\"]"] {
        let programme = programme(channels);
        let (account, intent) = welcome(&programme, now);
        let came = |profile: &Profile| match decide(&programme, (&intent, None), (&account, profile), &[], now).unwrap()
        {
            Verdict::Send(send) => Ok(send.channel),
            Verdict::Suppress(reason) => Err(reason),
            other @ (Verdict::Defer { .. } | Verdict::Wait { .. }) => panic!("{other:?}"),
        };
        assert_eq!(came(&profile(&[], &[SMS])), Err(Reason::Stopped), "{channels}");
        assert_eq!(came(&profile(&[], &[])), Err(Reason::NoConsent), "{channels}");
        // What is stopped is SMS: by push it goes.
        assert_eq!(came(&profile(&[PUSH], &[SMS])), Ok(Channel::Push), "{channels}");
        // Of another purpose.
        let advert = (Channel::Sms, Purpose::Promotional);
        assert_eq!(came(&profile(&[SMS], &[advert])), Ok(Channel::Sms), "{channels}");
        assert_eq!(came(&profile(&[], &[advert])), Err(Reason::NoConsent), "{channels}");
    }
}
