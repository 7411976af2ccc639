//! In which hours texts may advertise, by a member's number and zone.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use messages::{Hold, Profile, first_open, legal};
use programme::{Channel, Files, Programme, Purpose, Zone};

/// The sample, with another section of places.
fn programme(places: &str) -> Programme {
    let mut files = Files::read(std::path::Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../program"
    )))
    .unwrap();
    let main = files.main.split("[places]").next().unwrap();
    files.main = format!("{main}[places]\n{places}\n");
    Programme::of(&files).unwrap()
}

fn profile(phone: &str, zone: &str) -> Profile {
    Profile {
        name: String::new(),
        phone: Some(phone.parse().unwrap()),
        locale: "en".to_owned(),
        zone: zone.to_owned(),
        device: None,
        consents: BTreeSet::new(),
        contacts: Vec::new(),
        preferences: None,
        told: Vec::new(),
        withheld: BTreeSet::new(),
    }
}

/// The first instant from one on at which a promotional text may go, within a fortnight.
fn opens(programme: &Programme, profile: &Profile, from: &str) -> Option<Timestamp> {
    let holds: Vec<Hold<'_>> = legal(programme, Purpose::Promotional, Channel::Sms, profile, programme.zone).collect();
    let from: Timestamp = from.parse().unwrap();
    first_open(&holds, from, from + SignedDuration::from_hours(14 * 24))
}

#[test]
fn the_place_is_the_numbers_and_the_clock_the_members() {
    let programme = programme("cn = \"aliyun\"\nus = { states = [\"NY\", \"TX\"] }");
    for (phone, zone, from, open) in [
        // A Monday in March.
        (
            "+12125550147",
            "America/New_York",
            "1998-03-02T13:59:00Z",
            "1998-03-02T14:00:00Z",
        ),
        (
            "+12125550147",
            "America/New_York",
            "1998-03-02T12:00:00Z",
            "1998-03-02T14:00:00Z",
        ),
        (
            "+12125550147",
            "America/New_York",
            "1998-03-02T15:00:00Z",
            "1998-03-02T15:00:00Z",
        ),
        (
            "+12125550147",
            "America/New_York",
            "1998-03-03T02:00:00Z",
            "1998-03-03T14:00:00Z",
        ),
        // Texas's Sunday begins at noon.
        (
            "+12145550147",
            "America/Chicago",
            "1998-03-01T03:00:00Z",
            "1998-03-01T18:00:00Z",
        ),
        // Who is on a journey lives by the clock that they gave.
        (
            "+12125550147",
            "Europe/London",
            "1998-03-02T08:00:00Z",
            "1998-03-02T09:00:00Z",
        ),
        (
            "+8613800000000",
            "Asia/Shanghai",
            "1998-03-02T13:00:00Z",
            "1998-03-03T00:00:00Z",
        ),
        (
            "+8613800000000",
            "Asia/Shanghai",
            "1998-03-02T12:59:00Z",
            "1998-03-02T12:59:00Z",
        ),
        (
            "+61491570156",
            "Australia/Sydney",
            "1998-03-02T10:00:00Z",
            "1998-03-02T21:00:00Z",
        ),
    ] {
        let found = opens(&programme, &profile(phone, zone), from);
        assert_eq!(found, Some(open.parse().unwrap()), "{phone} in {zone} from {from}");
    }
}

#[test]
fn what_is_no_text_that_advertises_is_not_bound() {
    let programme = programme("");
    let profile = profile("+12125550147", "America/New_York");
    for (purpose, channel, bound) in [
        (Purpose::Promotional, Channel::Sms, 1),
        (Purpose::Promotional, Channel::Push, 0),
        (Purpose::Transactional, Channel::Sms, 0),
    ] {
        assert_eq!(
            legal(&programme, purpose, channel, &profile, programme.zone).count(),
            bound
        );
    }
}

/// Where nobody knows where somebody is, it is day wherever they may be.
#[test]
fn without_a_zone_every_zone_of_the_country_counts() {
    let programme = programme("us = { states = [\"NY\", \"RI\"] }");
    let somewhere = profile("+12125550147", "Mars/Olympus");
    let mut from: Timestamp = "1998-03-30T00:00:00Z".parse().unwrap();
    let zones = [
        "America/St_Johns",
        "America/New_York",
        "America/Los_Angeles",
        "Pacific/Honolulu",
    ];
    let mut days = 0;
    for _ in 0..8 {
        let Some(open) = opens(&programme, &somewhere, &from.to_string()) else {
            break;
        };
        for zone in zones {
            let local = Zone::parse(zone).unwrap().rules().to_datetime(open);
            let hour = local.hour();
            assert!((9..18).contains(&hour), "{zone}: {local}");
        }
        days += 1;
        from = open + SignedDuration::from_hours(20);
    }
    assert!(days > 3, "{days} days with an hour for all");
    // Of no country, it is day nowhere.
    let nowhere = profile("+61491570156", "Mars/Olympus");
    assert_eq!(opens(&programme, &nowhere, "1998-03-02T00:00:00Z"), None);
}
