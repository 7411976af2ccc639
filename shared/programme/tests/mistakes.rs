//! The sample programme is sound, and each mistake in it is refused with its place and its mend.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use programme::{Context, MessageKind, Programme};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../program")
}

fn sample() -> (String, Vec<(String, String)>) {
    let read = |name: &str| std::fs::read_to_string(folder().join(name)).unwrap();
    let texts = ["en", "zh-CN"].map(|locale| (locale.to_owned(), read(&format!("texts/{locale}.toml"))));
    (read("programme.toml"), texts.to_vec())
}

/// The mistakes after one replacement in the main file, or in the English texts.
fn mistakes(from: &str, to: &str) -> String {
    let (main, mut texts) = sample();
    let (_, english) = texts.first_mut().unwrap();
    assert!(
        main.contains(from) || english.contains(from),
        "the sample has no {from:?}"
    );
    *english = english.replacen(from, to, 1);
    let refused = Programme::parse(&main.replacen(from, to, 1), &texts)
        .err()
        .unwrap_or_default();
    refused.iter().map(|mistake| format!("{mistake}\n")).collect()
}

#[test]
fn the_sample_programme_is_sound() {
    let programme = Programme::load(&folder()).unwrap();
    assert_eq!(programme.tier_name(programme::TierSetId::MAIN, 2, "zh-CN"), "名家");
}

#[test]
fn the_rules_can_be_read_without_the_texts() {
    let programme = Programme::load_rules(&folder()).unwrap();
    assert_eq!(programme.tier_name(programme::TierSetId::MAIN, 2, "zh-CN"), "名家");
    let nowhere = Programme::load_rules(&folder().join("texts")).unwrap_err().to_string();
    assert!(nowhere.starts_with("cannot read "), "{nowhere}");
}

#[test]
fn each_mistake_names_its_place_and_its_mend() {
    let cases = [
        (
            "points-per-unit = \"1\"",
            "points-per-unit = 1.5",
            "programme.toml:14:19",
            "text in quotes",
        ),
        (
            "points-per-unit = \"1\"",
            "points-per-unit = \"x\"",
            "programme.toml:14:19",
            "write a decimal in quotes",
        ),
        (
            "currency = \"USD\"",
            "currency = \"USX\"",
            "programme.toml:13:12",
            "ISO 4217",
        ),
        (
            "claw-back = \"within-balance\"",
            "claw-back = \"all\"",
            "programme.toml:97:13",
            "within-balance",
        ),
        (
            "claw-back = \"within-balance\"",
            "claw-back = \"unlimited\"",
            "programme.toml:96:1",
            "a lowest below 0",
        ),
        ("lowest = 0", "lowest = 5", "programme.toml:100:10", "forbid spending"),
        (
            "hold-minutes = 30",
            "hold-minutes = 0",
            "programme.toml:152:16",
            "write 1 to 10080",
        ),
        ("lowest = 0", "lowest = \"none\"", "programme.toml:100:10", "\"any\""),
        ("lowest = 0", "lowest = true", "programme.toml:100:10", "write 0"),
        (
            "points-per-unit = \"1\"",
            "points-per-unit = \"1\"\npending = { days = 14, on = [\"01-01\"] }",
            "programme.toml:15:11",
            "points wait in one way",
        ),
        (
            "points-per-unit = \"1\"",
            "points-per-unit = \"1\"\npending = { on = [\"02-29\"] }",
            "programme.toml:15:18",
            "no day of every year",
        ),
        (
            "points-per-unit = \"1\"",
            "points-per-unit = \"1\"\npending = { days = 300, round-up-to = \"quarter\" }",
            "programme.toml:12:1",
            "let them wait less than 365",
        ),
        (
            "currency = \"USD\"",
            "currency = \"USD\"\nwallet = \"gifts\"",
            "programme.toml:12:1",
            "there is no wallet \"gifts\"; write one of: points",
        ),
        (
            "[expiry]",
            "[[earn]]\ncurrency = \"USD\"\npoints-per-unit = \"2\"\n[expiry]",
            "programme.toml:19:1",
            "keep one [[earn]] for each currency, wallet and tier",
        ),
        (
            "[expiry]",
            "[[wallets]]\nnumber = 1\nname = \"points\"\n[expiry]",
            "programme.toml:19:1",
            "number the wallets from 0",
        ),
        (
            "[expiry]",
            "[[wallets]]\nnumber = 0\nname = \"points\"\n[[wallets]]\nnumber = 0\nname = \"gifts\"\n[expiry]",
            "programme.toml:19:1",
            "give each its own",
        ),
        (
            "[expiry]",
            "[[wallets]]\nnumber = 0\nname = \"points\"\n[[wallets]]\nnumber = 16\nname = \"gifts\"\n[expiry]",
            "programme.toml:23:10",
            "write 0 to 15",
        ),
        (
            "[expiry]",
            "[[limits]]\non = \"earn\"\nper = \"day\"\npoints = 5\n[[limits]]\nwallet = \"points\"\non = \"earn\"\nper = \"day\"\npoints = 9\n[expiry]",
            "programme.toml:23:1",
            "keep one of them",
        ),
        (
            "[tiers]\n",
            "[[wallets]]\nnumber = 0\nname = \"points\"\n[[wallets]]\nnumber = 1\nname = \"gifts\"\n[tiers]\nwallet = \"gifts\"\n",
            "programme.toml:57:10",
            "nothing earns points in the wallet that the tiers count",
        ),
        (
            "zone = \"America/New_York\"",
            "zone = \"Amerika/New_York\"",
            "programme.toml:6:8",
            "IANA name",
        ),
        (
            "default-locale = \"en\"",
            "default-locale = \"fr\"",
            "programme.toml:8:18",
            "en, zh-CN",
        ),
        (
            "lasts = { months = 12",
            "lasts = { months = 0",
            "programme.toml:23:9",
            "write 1 to 120",
        ),
        (
            "lasts = { months = 12, to-end-of = \"month\" }",
            "lasts = \"always\"",
            "programme.toml:23:9",
            "write \"forever\"",
        ),
        (
            "to-end-of = \"month\" }",
            "days = 30 }",
            "programme.toml:23:9",
            "points last in one way",
        ),
        (
            "lasts = { months = 12, to-end-of = \"month\" }",
            "lasts = { through = [\"02-29\"] }",
            "programme.toml:23:9",
            "such as \"07-01\"",
        ),
        (
            "lasts = { months = 12, to-end-of = \"month\" }",
            "lasts = \"forever\"",
            "programme.toml:27:22",
            "nobody is reminded",
        ),
        (
            "points-per-unit = \"1\"",
            "points-per-unit = \"1\"\nlasts = { active-months = 6 }",
            "programme.toml:12:1",
            "for all points alike",
        ),
        (
            "[tiers]\n",
            "[[limits]]\non = \"earn\"\nper = \"day\"\npoints = 0\n[tiers]\n",
            "programme.toml:50:1",
            "write 1 or more",
        ),
        (
            "[tiers]\n",
            "[[limits]]\non = \"spend\"\nper = \"day\"\npoints = 9\nover = \"cap\"\n[tiers]\n",
            "programme.toml:50:1",
            "over = \"reject\"",
        ),
        (
            "[tiers]\n",
            "[[limits]]\non = \"spend\"\nper = \"balance\"\npoints = 9\n[tiers]\n",
            "programme.toml:50:1",
            "on = \"earn\"",
        ),
        (
            "[tiers]\n",
            "[[limits]]\non = \"earn\"\nper = \"fortnight\"\npoints = 9\n[tiers]\n",
            "programme.toml:52:7",
            "activity, day, week",
        ),
        (
            "[tiers]\n",
            "[[limits]]\non = \"earn\"\nper = \"day\"\npoints = 9\n[[limits]]\non = \"earn\"\nper = \"day\"\npoints = 8\n[tiers]\n",
            "programme.toml:54:1",
            "keep one of them",
        ),
        (
            "notify-days-before = [30]",
            "notify-days-before = [1]",
            "programme.toml:59:22",
            "write 3 to 335",
        ),
        (
            "notify-days-before = [30]",
            "notify-days-before = [7, 30]",
            "programme.toml:59:22",
            "from far to near",
        ),
        (
            "given = \"birthday\"",
            "given = \"birthday\"\npoints = 5",
            "programme.toml:129:1",
            "leave out points",
        ),
        (
            "stock = 200",
            "stock = 200\ncoupons = true",
            "programme.toml:113:1",
            "leave stock out",
        ),
        (
            "stock = 200",
            "stock = 200\nremind-days-before = [7]",
            "programme.toml:113:1",
            "nobody is reminded",
        ),
        (
            "remind-days-before = [14]",
            "remind-days-before = [60]",
            "programme.toml:120:1",
            "write 1 to 59",
        ),
        (
            "Virtuoso = 45",
            "Virtuosa = 45",
            "programme.toml:113:1",
            "Listener, Collector, Virtuoso",
        ),
        (
            "name = \"download\"",
            "name = \"tote-bag\"",
            "programme.toml:120:1",
            "give each its own",
        ),
        (
            "name = \"download\"",
            "name = \"Free download\"",
            "programme.toml:121:8",
            "small letters",
        ),
        (
            "points = 20\n",
            "points = -20\n",
            "programme.toml:120:1",
            "write 0 or more",
        ),
        (
            "points = 20\n",
            "points = 20\nfrom = \"1998-02-01\"\nthrough = \"1998-01-01\"\n",
            "programme.toml:120:1",
            "exchange the two",
        ),
        (
            "tier = \"Virtuoso\"\nper-member",
            "per-member",
            "programme.toml:136:1",
            "say with which",
        ),
        (
            "from = 150\n",
            "from = 150\nsegment = \"vip\"\n",
            "programme.toml",
            "basis = \"segment\" alone",
        ),
        (
            "window-months = 12\n",
            "window-months = 12\nbasis = \"segment\"\n",
            "programme.toml",
            "leave from out",
        ),
        (
            "window-months = 12\n",
            "window-months = 12\nbasis = \"segment\"\n",
            "programme.toml",
            "a segment of its own",
        ),
        (
            "[returns]\n",
            "[[tier-sets]]\nwindow-months = 6\nvalid = \"rolling\"\n[[tier-sets.levels]]\nname = \"Guest\"\n[returns]\n",
            "programme.toml",
            "give each its own, [tiers] having 0",
        ),
        (
            "[returns]\n",
            "[[tier-sets]]\nnumber = 1\nwindow-months = 6\nvalid = \"rolling\"\n[[tier-sets.levels]]\nname = \"Listener\"\n[returns]\n",
            "programme.toml",
            "give each tier its own name",
        ),
        (
            "[returns]\n",
            "[[tier-sets]]\nnumber = 1\nwindow-months = 6\nvalid = \"rolling\"\n[[tier-sets.levels]]\nname = \"Guest\"\nmultiplier = \"2\"\n[returns]\n",
            "programme.toml",
            "alone multiply points",
        ),
        (
            "[returns]\n",
            "[[tier-sets]]\nnumber = 9\nwindow-months = 6\nvalid = \"rolling\"\n[[tier-sets.levels]]\nname = \"Guest\"\n[returns]\n",
            "programme.toml",
            "write 1 to 7",
        ),
        (
            "points-per-unit = \"1\"\n",
            "points-per-unit = \"1\"\ntier = \"Gold\"\n",
            "programme.toml:12:1",
            "there is no tier \"Gold\" in [tiers]",
        ),
        ("[30, 7, 1]", "[400, 7]", "programme.toml:27:22", "can never come"),
        ("[30, 7, 1]", "[1, 7]", "programme.toml:27:22", "from far to near"),
        ("from = 0\n", "from = 10\n", "programme.toml", "let it start at 0"),
        ("from = 500", "from = 100", "programme.toml", "can never be reached"),
        (
            "name = \"Virtuoso\"",
            "name = \"Listener\"",
            "programme.toml",
            "give each its own name",
        ),
        (
            "from = \"21:00\"",
            "from = \"25:00\"",
            "programme.toml",
            "such as \"21:00\"",
        ),
        (
            "leap-day = \"02-28\"",
            "leap-day = \"02-30\"",
            "programme.toml",
            "02-28",
        ),
        (
            "[messages.birthday]",
            "[messages.birthdays]",
            "programme.toml",
            "birthday",
        ),
        (
            "channels = [\"push\", \"sms\"]",
            "channels = []",
            "programme.toml",
            "has no channel",
        ),
        (
            "channels = [\"push\", \"sms\"]",
            "channels = [\"fax\"]",
            "programme.toml",
            "sms",
        ),
        (
            "useful-hours = 72",
            "useful-hours = 2",
            "programme.toml",
            "write 24 or more",
        ),
        (
            "useful-hours = 72",
            "usefull-hours = 72",
            "programme.toml",
            "useful-hours",
        ),
        (
            "[tiers]\n",
            "[tiers]\nnumber = 1\n",
            "programme.toml",
            "the tiers of [tiers] have the number 0",
        ),
        (
            "tier = \"Virtuoso\"\nper-member",
            "tier = \"Listener\"\nper-member",
            "programme.toml:136:1",
            "nobody reaches the lowest tier",
        ),
        (
            "given = \"birthday\"\nlasts = { days = 7 }\n",
            "given = \"birthday\"\n",
            "programme.toml",
            "would be given ever more",
        ),
        (
            "[[pay]]\ncurrency = \"USD\"",
            "[[pay]]\ncurrency = \"EUR\"",
            "programme.toml",
            "no [[earn]] for every tier is in EUR",
        ),
        (
            "[welcome]\nsms = \"{{ programme }}",
            "[welcome]\nsms = \"{{ program }}",
            "texts/en.toml:6:7",
            "may use: name, programme",
        ),
        (
            "push-title = \"+{{ points|number }}",
            "push-title = \"+{{ points|numbr }}",
            "texts/en.toml",
            "numbr",
        ),
        (
            "push-body = \"You now have",
            "push-body = \"{% if %}",
            "texts/en.toml",
            "points-earned push-body",
        ),
        (
            "push-body = \"You now have {{ balance|number }} to spend.{% if next_reward %} {{ missing|number }} more for {{ next_reward }}.{% endif %}\"",
            "push-body = \"\"",
            "texts/en.toml",
            "the text is empty",
        ),
        (
            "push-body = \"You now have {{ balance|number }} to spend.{% if next_reward %} {{ missing|number }} more for {{ next_reward }}.{% endif %}\"",
            "push-body = \"{{ name * 100000 }}\"",
            "texts/en.toml",
            "points-earned push-body",
        ),
    ];
    let failed: Vec<String> = cases
        .into_iter()
        .filter_map(|(from, to, place, says)| {
            let said = mistakes(from, to);
            let right = said.contains(place) && said.contains(says);
            (!right).then(|| format!("{from:?} -> {to:?} should say {says:?} at {place}, and said:\n{said}"))
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn several_mistakes_are_told_at_once() {
    let (main, texts) = sample();
    let main = main
        .replace("from = 500", "from = 100")
        .replace("useful-hours = 24", "useful-hours = 1");
    assert_eq!(Programme::parse(&main, &texts).unwrap_err().len(), 3);
}

#[test]
fn a_missing_text_is_named() {
    let (main, mut texts) = sample();
    let (_, chinese) = texts.last_mut().unwrap();
    *chinese = chinese.replace("[birthday]", "[birthday-gone]");
    let said: Vec<String> = Programme::parse(&main, &texts)
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(said.iter().any(|said| said.starts_with("texts/zh-CN.toml")), "{said:?}");
    texts.pop();
    assert!(Programme::parse(&main, &texts).is_ok(), "one locale is enough");
}

#[test]
fn texts_are_rendered_by_locale() {
    let programme = Programme::load(&folder()).unwrap();
    let context = Context {
        name: "Ana".to_owned(),
        programme: programme.name.clone(),
        balance: 1234,
        wallet: "points".to_owned(),
        tier: "Collector".to_owned(),
        points: 1,
        date: jiff::civil::date(1998, 1, 31),
        days: 7,
        years: 1,
        reward: String::new(),
        code: String::new(),
        lapses: false,
        next_reward: String::new(),
        missing: 0,
    };
    let sms = |locale: &str| {
        programme
            .texts
            .sms(
                MessageKind::PointsExpiring,
                programme.texts.locale_for(locale),
                &context,
            )
            .unwrap()
            .body
    };
    assert_eq!(
        sms("en-GB"),
        "Paper Moon Records: 1 of your points lapses after 31 January 1998. You have 1,234 to spend. Reply STOP to opt out."
    );
    assert_eq!(
        sms("zh"),
        "【Paper Moon Records】您有1积分将于1998年1月31日后失效，现有1,234积分可用。退订回复TD"
    );
    assert_eq!(
        sms("fr"),
        sms("en"),
        "a language without texts falls back to the default"
    );
}
