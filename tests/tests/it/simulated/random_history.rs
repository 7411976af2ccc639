//! Random histories of a few members.

use bundle_tests::{Dice, phone};
use jiff::{SignedDuration, Timestamp};
use regulars::play::replies::{KIND, inbound};
use regulars::play::timeline::Happening;
use serde_json::{Value, json};

const MEMBERS: u64 = 6;
const STEPS: u64 = 160;
const REPLIES: u64 = 16;
const PERSONS: u64 = 12;

/// What happens to some members from a start on, by a programme that has budgets or not.
pub(super) fn happenings(dice: &mut Dice, start: Timestamp, budgets: bool) -> Vec<Happening> {
    let after = |seconds: u64| start + SignedDuration::from_secs(i64::try_from(seconds).unwrap());
    let mut happenings = Vec::new();
    let mut add = |kind: &'static str, at: Timestamp, mut detail: Value| {
        let id = format!("{kind} {}", happenings.len());
        detail["at"] = json!(at);
        happenings.push(Happening { at, id, kind, detail });
    };
    let signed_up: Vec<u64> = (0..MEMBERS).map(|_| dice.below(40 * 86_400)).collect();
    let first = (0..MEMBERS).min_by_key(|member| signed_up[usize::try_from(*member).unwrap()]);
    let mut referrers = Vec::new();
    for (member, at) in (0..MEMBERS).zip(&signed_up) {
        let detail = sign_up(dice, member, first.unwrap());
        referrers.push(detail.get("referrer").cloned());
        add("sign-up", after(*at), detail);
    }
    let (mut clock, mut bought) = (0, Vec::new());
    for step in 0..STEPS {
        // Often within the hour, so that a member's next thing comes with the last.
        clock += [600, 3_600, 86_400, 9 * 86_400][usize::try_from(dice.below(4)).unwrap()] * dice.below(100) / 100;
        let (kind, detail) = step_of(dice, step, &bought);
        if kind == "purchase" {
            bought.push((step, detail["member"].clone()));
        }
        let member = detail["member"].as_str().unwrap()[1..].parse::<usize>().unwrap();
        // What comes before its sign-up waits for it, and is made up for in one commit, unless something of it is refused, does
        // something for another or draws on a budget; then nobody says whether a message is decided between two commits. Nor
        // whether a consent comes before the welcome goes.
        let (alone, early) = (referrers[member].is_none(), clock <= signed_up[member] + 3_600);
        let draws = budgets && (kind == "event" || detail["store"] == "Soho");
        if !early || (!draws && (kind == "event" || (kind == "purchase" && alone))) {
            add(kind, after(clock), detail);
        }
    }
    happenings.sort_by_key(|happening| happening.at);
    happenings
}

fn sign_up(dice: &mut Dice, member: u64, first: u64) -> Value {
    let consents = |channel: &str| {
        let purposes = ["transactional", "promotional"];
        purposes.map(|purpose| json!({"channel": channel, "purpose": purpose, "wording": "Yes."}))
    };
    let mut detail = json!({"member": format!("m{member}"), "name": format!("Name {member}"),
        "phone": phone(&member.to_string()), "locale": dice.one_of(&["en", "zh-CN", "fr"]),
        "zone": dice.one_of(&["America/New_York", "Asia/Shanghai", "Europe/London", "Asia/Kathmandu"]),
        "birthday": dice.one_of(&["1980-02-29", "1975-12-31", "1990-07-04"]), "consents": consents("sms")});
    // By the first, by somebody who may come later, by oneself, or by nobody; and now and then by one with the same phone.
    let referrer = match dice.below(4) {
        0 => None,
        1 => Some(dice.below(MEMBERS + 1)),
        _ => Some(first),
    };
    if let Some(referrer) = referrer {
        detail["referrer"] = json!(format!("m{referrer}"));
        if dice.below(8) == 0 {
            detail["phone"] = json!(phone(&referrer.to_string()));
        }
    }
    match dice.below(3) {
        0 => {}
        1 => detail["consents"] = json!([]),
        _ => {
            let platform = dice.one_of(&["GCM", "APNS"]);
            detail["device"] = json!({"platform": platform, "token": format!("token-{member}")});
            detail["consents"] = json!([consents("sms"), consents("push")].concat());
        }
    }
    detail
}

/// Replies within half an hour of what else happens, from the members' numbers, which several may have, and from nobody's.
/// They have dice of their own, so that they change nothing else.
pub(super) fn replies(mut dice: Dice, happenings: &[Happening]) -> Vec<Happening> {
    let replies = (0..REPLIES).map(|nth| {
        let near = usize::try_from(dice.below(happenings.len() as u64)).unwrap();
        let seconds = i64::try_from(dice.below(3_600)).unwrap() - 1_800;
        let number = phone(&dice.below(MEMBERS + 1).to_string());
        let text = dice.one_of(&["STOP", "退订", "START", "START", "too many messages", "HELP", "thanks"]);
        Happening {
            at: happenings[near].at + SignedDuration::from_secs(seconds),
            id: format!("{KIND} {nth}"),
            kind: KIND,
            detail: inbound(&number, text, &nth.to_string()),
        }
    });
    replies.collect()
}

/// Members who move, or have another birthday, name or language, and one who is forgotten in the end; each after the sign-up is done
/// with. Of dice of their own, too.
pub(super) fn persons(mut dice: Dice, happenings: &[Happening]) -> Vec<Happening> {
    let signed_up = |member: &str| {
        let mut sign_ups = happenings.iter().filter(|one| one.kind == "sign-up");
        let own = sign_ups.find(|one| one.detail["member"] == member).unwrap();
        own.at + SignedDuration::from_hours(2)
    };
    let near = |from: u64, dice: &mut Dice| {
        let far = happenings.len() as u64;
        let place = from * far / 10 + dice.below(far - from * far / 10);
        happenings[usize::try_from(place).unwrap()].at + SignedDuration::from_mins(7)
    };
    let mut persons = Vec::new();
    for nth in 0..PERSONS {
        let member = format!("m{}", dice.below(MEMBERS));
        let at = near(0, &mut dice).max(signed_up(&member));
        let mut detail = json!({"member": member, "id": nth.to_string(), "at": at});
        match dice.below(4) {
            0 => detail["zone"] = json!(dice.one_of(&["America/New_York", "Pacific/Auckland", "Asia/Shanghai"])),
            1 => detail["birthday"] = json!(dice.one_of(&["", "1980-11-11", "1991-01-15", "1969-12-30"])),
            2 => detail["name"] = json!(format!("Other {nth}")),
            _ => {
                detail["locale"] = json!(dice.one_of(&["en", "zh-CN"]));
                detail["zone"] = json!(dice.one_of(&["Pacific/Honolulu", "Europe/London"]));
            }
        }
        let id = format!("profile {nth}");
        persons.push(Happening {
            at,
            id,
            kind: "profile",
            detail,
        });
    }
    let member = format!("m{}", dice.below(MEMBERS));
    let at = near(6, &mut dice).max(signed_up(&member));
    let detail = json!({"member": member, "at": at});
    persons.push(Happening {
        at,
        id: "erasure".to_owned(),
        kind: "erasure",
        detail,
    });
    persons
}

/// What a member wants to be sent, or a topic or hours that no programme here has. How often is never reached, as with caps.
fn preferences(dice: &mut Dice, id: String) -> Value {
    let mut wants = json!({"id": id});
    match dice.below(3) {
        0 => wants["topics-off"] = json!([dice.one_of(&["dates", "reminders", "dates", "sales"])]),
        1 => wants["topics-off"] = json!(["dates", "reminders"]),
        _ => {}
    }
    if dice.below(2) == 0 {
        let (from, to) = dice.one_of(&[
            ("12:00", "14:30"),
            ("18:15", "20:45"),
            ("20:00", "11:00"),
            ("23:00", "04:00"),
        ]);
        wants["hours"] = json!({"from": from, "to": to});
    }
    if dice.below(2) == 0 {
        wants["most"] = json!(50);
        wants["per"] = json!(dice.one_of(&["day", "week", "month"]));
    }
    if dice.below(2) == 0 {
        wants["channels"] = json!([dice.one_of(&["sms", "push"])]);
    }
    wants
}

fn step_of(dice: &mut Dice, step: u64, bought: &[(u64, Value)]) -> (&'static str, Value) {
    let mut member = json!(format!("m{}", dice.below(MEMBERS)));
    let own = step.to_string();
    // What was named of late by somebody: often the member's own, for there are few.
    let earlier = step.saturating_sub(dice.below(12)).to_string();
    let points = dice.below(120).cast_signed();
    let by = json!({"reason": "goodwill", "actor": "clerk-7"});
    let (kind, mut detail) = match dice.below(41) {
        0..=11 => {
            let amount = format!("{}.{:02}", dice.below(160), dice.below(100));
            let lines = json!([{"line": "item", "quantity": 2, "amount": amount}]);
            let store = dice.one_of(&["Soho", "Queens"]);
            (
                "purchase",
                json!({"order": own, "amount": amount, "currency": "USD", "lines": lines, "store": store}),
            )
        }
        12 => ("redeem", json!({"redemption": own, "points": points, "order": earlier})),
        13 => ("redeem", json!({"redemption": own, "points": points / 4})),
        14 => (
            "reserve",
            json!({"reservation": own, "points": points / 3, "minutes": 20}),
        ),
        15 => ("commit", json!({"reservation": earlier})),
        16 => ("cancel", json!({"reservation": earlier})),
        17 => ("claim", json!({"claim": own, "reward": "tote-bag"})),
        18 => ("claim", json!({"claim": own, "reward": "download"})),
        19 => ("fulfil", json!({"claim": earlier})),
        20 => ("cancel-reward", json!({"claim": earlier})),
        21 => ("refund-reward", json!({"claim": earlier})),
        22 | 23 => {
            let to = format!("m{}", dice.below(MEMBERS + 1));
            ("transfer", json!({"transfer": own, "points": points / 3, "to": to}))
        }
        24 => ("release", json!({"order": earlier})),
        25 => ("refund", json!({"refund": own, "order": earlier})),
        // One that there was, of late.
        31 if !bought.is_empty() => {
            let back = bought.len() - 1 - usize::try_from(dice.below(4)).unwrap().min(bought.len() - 1);
            let (order, by) = &bought[back];
            member = by.clone();
            ("refund", json!({"refund": own, "order": order.to_string()}))
        }
        26 => (
            "refund",
            json!({"refund": own, "order": earlier, "lines": [{"line": "item", "quantity": 1}]}),
        ),
        27 => ("adjust", json!({"adjustment": own, "points": points - 40})),
        28 => (
            "set-tier",
            json!({"change": own, "tier": dice.one_of(&["Collector", "Virtuoso"])}),
        ),
        29 => ("extend", json!({"adjustment": own, "through": "2000-12-24"})),
        30 => ("reinstate", json!({"adjustment": own})),
        32 | 33 => {
            let stars = dice.below(6);
            ("event", json!({"id": own, "event": "review", "stars": stars}))
        }
        36 | 37 => ("preferences", preferences(dice, own)),
        38..=40 => {
            let amount = dice.one_of(&["0", "12.50", "80.00"]);
            ("cart", json!({"id": own, "amount": amount, "currency": "USD"}))
        }
        34 => ("code", json!({"id": own, "code": "spring"})),
        _ => {
            let (channel, granted) = (dice.one_of(&["sms", "push"]), dice.below(2) == 0);
            let of_messages = json!({"id": own, "channel": channel, "purpose": "transactional", "granted": granted});
            let of_profile = json!({"id": own, "purpose": "personalisation", "granted": granted});
            ("consent", if dice.below(3) == 0 { of_profile } else { of_messages })
        }
    };
    detail["member"] = member;
    if ["adjust", "set-tier", "extend", "reinstate"].contains(&kind) {
        for field in ["reason", "actor"] {
            detail[field] = by[field].clone();
        }
    }
    (kind, detail)
}
