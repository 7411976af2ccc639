//! The sample programme is sound, what is wrong in it is told at once, and its texts are those of a language.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use programme::{Channel, Context, MessageKind, Programme};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../program")
}

fn sample() -> (String, Vec<(String, String)>) {
    let read = |name: &str| std::fs::read_to_string(folder().join(name)).unwrap();
    let texts = ["en", "zh-CN"].map(|locale| (locale.to_owned(), read(&format!("texts/{locale}.toml"))));
    (read("programme.toml"), texts.to_vec())
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
fn several_mistakes_are_told_at_once() {
    let (main, texts) = sample();
    let main = main
        .replace("from = 500", "from = 100")
        .replace("useful-hours = 24", "useful-hours = 1");
    assert_eq!(Programme::parse(&main, &texts).unwrap_err().len(), 4);
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
        lines: "",
        count: 0,
        name: "Ana",
        programme: &programme.name,
        balance: 1234,
        wallet: "points",
        tier: "Collector",
        points: 1,
        date: jiff::civil::date(1998, 1, 31),
        days: 7,
        years: 1,
        campaign: "",
        reward: "",
        code: "",
        lapses: false,
        amount: None,
        next_reward: "",
        missing: 0,
    };
    let sms = |locale: &str| {
        let (of, locale) = (
            (MessageKind::PointsExpiring, "expiry"),
            programme.texts.locale_for(locale),
        );
        let told = programme.texts.message(of, Channel::Sms, locale).unwrap();
        told.render(&context).unwrap().body
    };
    assert_eq!(
        sms("en-GB"),
        "Paper Moon Records: 1 of your points lapses after 31 January 1998. You have 1,234 to spend. Reply STOP to opt out."
    );
    assert_eq!(
        sms("zh"),
        "【Paper Moon Records】会员您好，1积分将于1998年1月31日后失效，现有1,234积分可用。拒收请回复R"
    );
    assert_eq!(
        sms("fr"),
        sms("en"),
        "a language without texts falls back to the default"
    );
}
