//! What the members do, in steps: after each both engines come to rest, since a text says the balance of its moment.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use crate::reading::Reading;

pub(crate) enum Step {
    /// Kinds and details of business events.
    Events(Vec<(&'static str, Value)>),
    /// The members are woken at [`reminder`].
    Wake,
}

/// The step before which one purchase waits for its sign-up.
const TOO_EARLY: usize = 0;

pub(crate) fn steps(now: Timestamp) -> Vec<Step> {
    let (zone, birthday) = (by_day(now), a_birthday(now));
    let all = [
        ("sms", "transactional"),
        ("sms", "promotional"),
        ("push", "transactional"),
        ("push", "promotional"),
    ];
    let sign_up = |member: &str, name: &str, locale: &str, device: Value, consents: &[(&str, &str)]| {
        let consents = consents.iter().map(
            |(channel, purpose)| json!({"channel": channel, "purpose": purpose, "wording": "Tell me about my points."}),
        );
        let detail = json!({"member": member, "at": now, "name": name, "phone": format!("+1212555{member}"),
            "locale": locale, "zone": zone, "birthday": birthday, "device": device,
            "consents": consents.collect::<Vec<_>>()});
        ("sign-up", detail)
    };
    let purchase = |member: &str, order: &str, amount: &str| {
        let detail = json!({"member": member, "order": order, "at": now, "amount": amount, "currency": "USD"});
        ("purchase", detail)
    };
    let consent = |member: &str, id: &str, granted: bool| {
        let detail = json!({"member": member, "id": id, "at": now, "channel": "sms", "purpose": "transactional",
            "granted": granted, "wording": "My own wish."});
        ("consent", detail)
    };
    let device = |platform: &str| json!({"platform": platform, "token": format!("{platform}-token")});
    vec![
        Step::Events(vec![
            purchase("0005", "e-1", "8.00"),
            sign_up("0001", "Ana Reyes", "en", Value::Null, &all),
            sign_up("0002", "王芳", "zh-CN", Value::Null, &all),
            sign_up("0003", "Cy Okafor", "en", device("GCM"), &all),
            sign_up("0004", "Dee Lindqvist", "en", Value::Null, &[]),
        ]),
        Step::Events(vec![
            // They agreed to SMS alone, so the device is left in peace.
            sign_up("0005", "Eli Braun", "en", device("APNS"), &[("sms", "transactional")]),
            purchase("0001", "a-1", "120.00"),
            purchase("0002", "b-1", "29.33"),
            // Crosses a tier at once, told by push.
            purchase("0003", "c-1", "160.10"),
            purchase("0004", "d-1", "5.99"),
        ]),
        Step::Events(vec![
            // A shop may send anything again.
            purchase("0001", "a-1", "120.00"),
            // Crosses a tier with the second purchase, told by SMS.
            purchase("0001", "a-2", "45.50"),
            purchase("0002", "b-2", "10.00"),
            purchase("0003", "c-2", "41.00"),
            purchase("0004", "d-2", "1.00"),
            purchase("0005", "e-2", "15.99"),
        ]),
        Step::Events(vec![
            (
                "redeem",
                json!({"member": "0001", "redemption": "r-1", "at": now, "points": 100}),
            ),
            (
                "redeem",
                json!({"member": "0005", "redemption": "r-2", "at": now, "points": 24}),
            ),
            consent("0002", "c-1", false),
            consent("0004", "c-2", true),
        ]),
        Step::Events(vec![purchase("0002", "b-3", "7.00"), purchase("0004", "d-3", "12.00")]),
        Step::Wake,
    ]
}

/// After the reminder that is given 30 days before a lot lapses, and before the next.
pub(crate) fn reminder(last_day: Date) -> Timestamp {
    let day = last_day.checked_sub(29.days()).expect("a day");
    let noon = day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC);
    noon.expect("a noon").timestamp()
}

/// A zone in which nobody sleeps now, nor within the hour.
fn by_day(now: Timestamp) -> &'static str {
    let zones = [
        "America/New_York",
        "America/Los_Angeles",
        "Europe/Berlin",
        "Asia/Kolkata",
        "Asia/Shanghai",
        "Pacific/Auckland",
    ];
    let hour = |zone: &str| now.in_tz(zone).expect("a zone").hour();
    let mut by_day = zones.into_iter().filter(|zone| (10..19).contains(&hour(zone)));
    by_day.next().expect("it is day somewhere")
}

/// One that nobody has today, nor tomorrow.
fn a_birthday(now: Timestamp) -> Date {
    let day = now.to_zoned(TimeZone::UTC).date();
    let day = day.checked_add(40.days()).expect("a day");
    // A day that every year has.
    Date::new(1980, day.month(), day.day().min(28)).expect("a day")
}

/// That the story told what it is there to tell; two engines that do nothing agree as well.
pub(crate) fn check(readings: &[Reading]) {
    let early = &readings[TOO_EARLY];
    assert!(early.tells("0005/purchase#e-1 refused: unknown-member"), "{early}");
    let last = readings.last().expect("a last step");
    for fact in [
        "0001 has 65 points of 165 earned",
        "tier 1",
        "0005 has 23 points of 23 earned",
        "0005/redeem#r-2 refused: not-enough",
        "0003/points-earned#purchase#c-1 sent by push",
        "0004/points-earned#purchase#d-1 suppressed no-consent",
        "0004/points-earned#purchase#d-3 sent by sms",
        "0002/points-earned#purchase#b-3 suppressed no-consent",
        "SMS Transactional to +12125550001: Paper Moon Records: +45 points; You are now a Collector.",
        "SMS Transactional to +12125550002: 【Paper Moon Records】王芳，欢迎",
        "SMS Promotional to +12125550001: Paper Moon Records: 65 of your points lapse after",
    ] {
        assert!(last.tells(fact), "nothing tells {fact:?} in\n{last}");
    }
    assert!(
        !last.tells("refused: unknown-member"),
        "the early purchase waits still:\n{last}"
    );
}
