//! Random programmes, made from the sample by putting other rules in the place of its own, and random histories.

use std::path::Path;

use bundle_tests::{phone, root};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use regulars::play::timeline::Happening;
use serde_json::{Value, json};

use super::Case;

/// The numbers of a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn one_of<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }
}

/// Campaigns and missions of all kinds.
const CAMPAIGNS: &str = "[purchases]
fields = { store = \"text?\" }

[events.review]
stars = \"whole-number\"

[calendar]
member-day = { monthly = [8, 18] }

[[campaigns]]
name = \"member-day\"
multiply = \"2\"
days = \"member-day\"

[[campaigns]]
name = \"soho\"
points = \"activity.amount / 10 + 1\"
when = \"has(activity.store) && activity.store == 'Soho' && member.tier != 'Virtuoso'\"
budget = 90
times = 2
per = \"month\"

[[campaigns]]
name = \"review\"
on = { event = \"review\" }
points = \"activity.stars * 3\"
budget = 40
cooldown-hours = 30
lasts = { days = 40 }
pending = { days = 2 }

[[campaigns]]
name = \"spring\"
on = { code = \"SPRING\" }
points = 25
when = \"member.purchases > 0\"

[[campaigns]]
name = \"gift\"
on = { day = \"member-day\" }
points = 2
from = \"1999-11-01\"
through = \"2000-02-01\"

[[campaigns]]
name = \"cake\"
on = \"birthday\"
points = 30

[[missions]]
name = \"two-a-month\"
each = \"month\"
[[missions.milestones]]
reach = 2
points = 15
badge = \"regular\"

[[missions]]
name = \"weeks\"
streak = \"week\"
grace = 1
[[missions.milestones]]
reach = 3
points = 40

[[campaigns]]
name = \"brings\"
on = \"referral\"
points = 40
times = 2
per = \"month\"

[[campaigns]]
name = \"brought\"
on = \"referred\"
points = \"activity.amount / 4 + 1\"
pending = { days = 5 }

[[missions]]
name = \"friends\"
on = \"referral\"
[[missions.milestones]]
reach = 1
points = 12
[[missions.milestones]]
reach = 2
points = 60
badge = \"host\"

[referral]
when = \"activity.amount >= 20\"
return-days = 14
review-over = { times = 2, per = \"month\" }

[badges.regular]
en = \"a regular\"

[badges.host]
en = \"a host\"

# Members may send each other points";

/// Caps on what advertises, and on what does not. None is ever full: which of two messages that meet at one tick takes the last
/// room is left open, since one is released and the other stated by two functions at once.
const ROOM: &str = "[[caps]]
most = 50
per = { days = 3 }

[[caps]]
most = 50
per = \"day\"
channel = \"push\"
over = \"switch-channel\"

[prices]
";

const ROOM_FOR_ALL: &str = "[[caps]]
most = 50
per = \"week\"
purpose = \"transactional\"
over = \"drop\"

[[caps]]
most = 50
per = { hours = 30 }

[prices]
";

/// What of the sample is replaced, and by what: one of several each, the first as it is.
const RULES: [(&str, &[&str]); 13] = [
    (
        "zone = \"America/New_York\"",
        &[
            "zone = \"America/New_York\"",
            "zone = \"Asia/Kolkata\"",
            "zone = \"Europe/London\"",
        ],
    ),
    (
        "points-per-unit = \"1\"",
        &[
            "points-per-unit = \"1\"",
            "points-per-unit = \"1.5\"\nround = \"up\"\npending = { days = 14 }",
            "points-per-unit = \"2\"\npending = { released-within-days = 20 }",
        ],
    ),
    (
        "lasts = { months = 12, to-end-of = \"month\" }",
        &[
            "lasts = { months = 12, to-end-of = \"month\" }",
            "lasts = { days = 70 }",
            "lasts = { active-months = 3 }",
        ],
    ),
    (
        "reinstate-within-days = 90",
        &["reinstate-within-days = 90", "grace-days = 7"],
    ),
    (
        "window-months = 12\n# A tier",
        &[
            "window-months = 12\n# A tier",
            "window-months = 2\n# A tier",
            "window-months = 12\nbasis = \"balance\"\n# A tier",
        ],
    ),
    (
        "valid = { months = 12 }",
        &["valid = { months = 12 }", "valid = { months = 2 }"],
    ),
    (
        "claw-back = \"within-balance\"",
        &[
            "claw-back = \"within-balance\"",
            "claw-back = \"only-pending\"",
            "claw-back = \"unlimited\"",
        ],
    ),
    ("stock = 200", &["stock = 200", "stock = 3"]),
    (
        "to = \"09:00\"",
        &["to = \"09:00\"", "to = \"10:00\"", "to = \"21:00\""],
    ),
    (
        "# Members may send each other points",
        &["# Members may send each other points", CAMPAIGNS, CAMPAIGNS],
    ),
    ("joined-days-ago = 30", &["joined-days-ago = 30", "joined-days-ago = 0"]),
    ("[prices]\n", &["[prices]\n", ROOM, ROOM_FOR_ALL]),
    // Hours of promotional texts: none that quiet hours are not in, those of all states, and two states' own.
    (
        "states = [\"NY\", \"IL\", \"CO\", \"CA\"]",
        &[
            "states = [\"NY\", \"IL\", \"CO\", \"CA\"]",
            "states = []",
            "states = [\"TX\", \"CT\"]",
        ],
    ),
];

/// The programme and the history of a seed.
pub(super) fn case(seed: u64, folder: &Path) -> Case {
    let mut dice = Dice(seed);
    let program = programme(&mut dice, folder);
    let zone = programme::Programme::load(&program).unwrap().zone;
    let start = "1999-10-20T00:00:00".parse::<jiff::civil::DateTime>().unwrap();
    let start = start.to_zoned(TimeZone::clone(zone.rules())).unwrap().timestamp();
    Case {
        program: Some(program),
        happenings: history(&mut dice, start),
        start,
        end: start + SignedDuration::from_hours(24 * 420),
        pools: true,
    }
}

fn programme(dice: &mut Dice, folder: &Path) -> std::path::PathBuf {
    let (from, to) = (root().join("program"), folder.join("program"));
    std::fs::create_dir_all(to.join("texts")).unwrap();
    for text in ["texts/en.toml", "texts/zh-CN.toml"] {
        std::fs::copy(from.join(text), to.join(text)).unwrap();
    }
    let sample = std::fs::read_to_string(from.join("programme.toml")).unwrap();
    let mut rules = RULES.map(|(_, others)| dice.one_of(others));
    let mut versions = vec![version(&sample, &rules)];
    for day in DAYS.iter().take(usize::try_from(dice.below(3)).unwrap()) {
        for (place, (_, others)) in RULES.iter().enumerate() {
            if !LASTING.contains(&place) {
                rules[place] = dice.one_of(others);
            }
        }
        versions.push(format!("effective-from = {day:?}\n{}", version(&sample, &rules)));
    }
    std::fs::write(to.join("programme.toml"), versions.pop().unwrap()).unwrap();
    for (number, earlier) in versions.into_iter().enumerate() {
        let folder = to.join("earlier").join(number.to_string());
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("programme.toml"), earlier).unwrap();
    }
    to
}

/// When other versions take effect, each between two ticks: what happened before it arrives after it.
const DAYS: [&str; 2] = ["1999-12-20T10:20", "2000-02-01"];
/// The rules that no version may change: the zone, and what counts for the tiers.
const LASTING: [usize; 2] = [0, 4];

fn version(sample: &str, rules: &[&str]) -> String {
    let mut main = sample.to_owned();
    for ((text, _), rule) in RULES.iter().zip(rules) {
        assert!(main.contains(text), "the sample programme has no {text:?}");
        main = main.replace(text, rule);
    }
    if main.contains("\"unlimited\"") {
        main = main.replace("lowest = 0", "lowest = \"any\"");
    }
    main
}

const MEMBERS: u64 = 6;
const STEPS: u64 = 160;

fn history(dice: &mut Dice, start: Timestamp) -> Vec<Happening> {
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
        // What comes before its sign-up waits for it, and is made up for in one commit, unless something of it is refused, or
        // does something for another; then nobody says whether a message is decided between two commits. Nor whether a
        // consent comes before the welcome goes.
        let (alone, early) = (referrers[member].is_none(), clock <= signed_up[member] + 3_600);
        if !early || kind == "event" || (kind == "purchase" && alone) {
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

fn step_of(dice: &mut Dice, step: u64, bought: &[(u64, Value)]) -> (&'static str, Value) {
    let mut member = json!(format!("m{}", dice.below(MEMBERS)));
    let own = step.to_string();
    // What was named of late by somebody: often the member's own, for there are few.
    let earlier = step.saturating_sub(dice.below(12)).to_string();
    let points = dice.below(120).cast_signed();
    let by = json!({"reason": "goodwill", "actor": "clerk-7"});
    let (kind, mut detail) = match dice.below(36) {
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
        34 => ("code", json!({"id": own, "code": "spring"})),
        _ => {
            let (channel, granted) = (dice.one_of(&["sms", "push"]), dice.below(2) == 0);
            (
                "consent",
                json!({"id": own, "channel": channel, "purpose": "transactional", "granted": granted}),
            )
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
