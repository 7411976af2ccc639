//! A programme of ten times as many rules as the sample, and with campaigns, missions and limits, of which that has none.

use std::fmt::Write;

const CURRENCIES: [&str; 9] = ["EUR", "GBP", "JPY", "CNY", "CAD", "AUD", "CHF", "SEK", "MXN"];

/// What half of the campaigns ask: each of another kind.
const CONDITIONS: [&str; 10] = [
    "activity.amount >= 50",
    "member.tier != 'Listener' && activity.amount > 20",
    "local.weekday in ['saturday', 'sunday']",
    "member.purchases == 0",
    "member.balance < 40 && local.hour < 12",
    "activity.currency == 'USD' && activity.points >= 30",
    "member.days > 365",
    "'vip' in member.segments",
    "local.month == 12 && local.day <= 24",
    "activity.lines.exists(l, l.category == 'vinyl')",
];

/// The sample's main file with more of everything.
pub(crate) fn of(sample: &str) -> String {
    let mut main = sample.to_owned();
    let out = &mut main;
    let mut add = |text: String| writeln!(out, "{text}").unwrap();
    for currency in CURRENCIES {
        add(format!("[[earn]]\ncurrency = \"{currency}\"\npoints-per-unit = \"1\""));
        add(format!(
            "[[pay]]\ncurrency = \"{currency}\"\npoints = 100\nworth = \"{}\"",
            if currency == "JPY" { "100" } else { "1.00" }
        ));
    }
    for level in 1..=27 {
        add(format!(
            "[[tiers.levels]]\nname = \"Level {level}\"\nfrom = {}\nmultiplier = \"1.6\"",
            1_000 + 100 * level
        ));
    }
    for reward in 1..=36 {
        add(format!(
            "[[rewards]]\nname = \"reward-{reward}\"\npoints = {}\nper-member = 3",
            50 + 17 * reward
        ));
    }
    for (per, points) in [
        ("activity", 5_000),
        ("day", 10_000),
        ("week", 20_000),
        ("month", 50_000),
        ("year", 300_000),
    ] {
        for on in ["earn", "spend"] {
            add(format!("[[limits]]\non = \"{on}\"\nper = \"{per}\"\npoints = {points}"));
        }
    }
    add("[purchases]\nlines = { category = [\"vinyl\", \"cd\"] }".to_owned());
    add("[calendar]\nmember-day = { monthly = 18 }\nweekend = { weekly = [\"saturday\", \"sunday\"] }".to_owned());
    add("[campaign-groups]\nmore = \"best\"".to_owned());
    for (number, when) in CONDITIONS.iter().enumerate() {
        add(format!(
            "[[campaigns]]\nname = \"more-{number}\"\nmultiply = \"1.5\"\nwhen = \"{when}\"\ngroup = \"more\""
        ));
        add(format!(
            "[[campaigns]]\nname = \"gift-{number}\"\npoints = {}\ndays = \"{}\"\nwhen = \"activity.amount > {number}\"\n\
             times = 2\nper = \"month\"",
            number + 1,
            if number % 2 == 0 { "member-day" } else { "weekend" },
        ));
    }
    for (number, each) in ["day", "week", "month", "year"].into_iter().enumerate() {
        add(format!(
            "[[missions]]\nname = \"mission-{number}\"\neach = \"{each}\"\n[[missions.milestones]]\nreach = {}\npoints = 5",
            number + 2
        ));
    }
    main
}
