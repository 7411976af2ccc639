//! Each rule of each place has a row here that it alone answers: a rule that is taken out, or a new one without a row, fails.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use jiff::civil::{DateTime, date};

use super::data::{Demand, FILES, Place, place};
use super::lint::Ways;
use super::shape::shapes;
use super::{Places, Windows};
use crate::zone::Zone;

/// The places of rules that a text breaks, and what is said of the first.
fn broken(place: &Place, text: &str, advertises: bool) -> (Vec<usize>, String) {
    let shapes = shapes(text, "Paper Moon");
    let ways = Ways {
        shapes: &shapes,
        advertises,
    };
    let rules = place.rules.iter().enumerate();
    let found = rules.filter_map(|(index, rule)| Some((index, ways.broken(place, &rule.demand)?)));
    let (indices, said): (Vec<usize>, Vec<String>) = found.map(|(index, broken)| (index, broken.what)).unzip();
    (indices, said.into_iter().next().unwrap_or_default())
}

fn without(place: &Place, index: usize) -> Place {
    let mut other = place.clone();
    other.rules.remove(index);
    other
}

/// A text that advertises and is right in each place of China.
const RIGHT: [(&str, &str); 5] = [
    (
        "cn",
        "【{{ programme }}】您有{{ points|number }}积分将失效。拒收请回复R",
    ),
    ("cn-huawei", "尊敬的会员，您的积分月底失效，请尽快使用。拒收请回复R"),
    (
        "cn-tencent",
        "您有{{ points|number }}积分将失效，见 https://a.cn/x 。拒收请回复R",
    ),
    (
        "cn-aliyun",
        "【{{ programme }}】尊敬的会员，您有{{ points|number }}积分将失效。拒收请回复R",
    ),
    ("cn-volcengine", "尊敬的会员，您的积分月底失效，请尽快使用。退订回复TD"),
];

/// What becomes of the right text, and what is said of it.
const WRONG: [(&str, &str, &str, &str); 58] = [
    ("cn", "拒收请回复R", "退订请来电", "拒收请回复R or TD at its end"),
    ("cn", "积分将", "【积分】将", "at the beginning"),
    ("cn", "将失效", "可抽奖", "lotteries"),
    ("cn", "将失效", "可能中奖", "lotteries"),
    ("cn", "将失效", "可积分兑换", "exchanging points"),
    ("cn-huawei", "拒收请回复R", "退订回复TD", "拒收请回复R at its end"),
    ("cn-huawei", "拒收请回复R", "退订回T，拒收请回复R", "another way out"),
    ("cn-huawei", "尊敬的", "【纸月】尊敬的", "no such brackets itself"),
    ("cn-huawei", "您的", "{{ name }}，您的", "the same to everybody"),
    ("cn-huawei", "会员", "顾客", "it is for members"),
    ("cn-huawei", "请尽快使用", "邀请注册", "invitations"),
    ("cn-huawei", "请尽快使用", "来抽奖吧", "抽奖"),
    ("cn-huawei", "请尽快使用", "已中 奖", "中奖"),
    ("cn-huawei", "请尽快使用", "可积分兑换", "积分兑换"),
    ("cn-huawei", "请尽快使用", "将积分清零", "积分清零"),
    ("cn-huawei", "请尽快使用", "好久不见", "用户召回"),
    ("cn-huawei", "请尽快使用", "送您优惠券", "优惠券"),
    ("cn-huawei", "请尽快使用", "请填问卷", "问卷调查"),
    ("cn-huawei", "请尽快使用", "请下载App", "APP推广"),
    ("cn-huawei", "请尽快使用", "去做任务", "做任务"),
    ("cn-huawei", "请尽快使用", "值10¥", "the sign ¥"),
    ("cn-tencent", "拒收请回复R", "退订回复TD", "拒收请回复R at its end"),
    ("cn-tencent", "您有", "【纸月】您有", "no such brackets itself"),
    ("cn-tencent", "a.cn/x", "a.cn/{{ code }}", "a link"),
    ("cn-tencent", "您有{{", "{{ name }}{{", "next to each other"),
    (
        "cn-tencent",
        "您有{{",
        "{% if code %}{{ code }}{% endif %} {{",
        "next to each other",
    ),
    (
        "cn-tencent",
        "您有{{ points|number }}积分将失效，见 https://a.cn/x 。",
        "{{ name }}：",
        "nothing in it but variables",
    ),
    ("cn-tencent", "您有", "邀您加入，您有", "invitations"),
    ("cn-tencent", "将失效", "可抽奖", "抽奖"),
    ("cn-tencent", "将失效", "可积分兑换", "积分兑换"),
    ("cn-tencent", "将失效", "可积分领取", "积分领取"),
    ("cn-tencent", "将失效", "等您回来", "用户召回"),
    ("cn-tencent", "将失效", "和优惠券", "优惠券"),
    ("cn-tencent", "将失效", "请答问卷", "问卷调查"),
    ("cn-tencent", "将失效", "在小程序", "小程序推广"),
    ("cn-tencent", "将失效", "APP下载", "APP推广"),
    ("cn-tencent", "将失效", "将失效★", "the sign ★"),
    ("cn-aliyun", "拒收请回复R", "退订回复TD", "拒收请回复R at its end"),
    ("cn-aliyun", "R", "R！", "拒收请回复R at its end"),
    ("cn-aliyun", "【{{ programme }}】", "", "at the beginning"),
    ("cn-aliyun", "您有", "【您】有", "at the beginning"),
    ("cn-aliyun", "尊敬的会员，您有", "您有", "it is for members"),
    ("cn-aliyun", "您有", "邀请您加入，您有", "invitations"),
    ("cn-aliyun", "将失效", "可抽奖", "抽奖"),
    ("cn-aliyun", "将失效", "可能中奖", "中奖"),
    ("cn-aliyun", "将失效", "可积分兑换", "积分兑换"),
    ("cn-aliyun", "将失效", "请做任务", "做任务"),
    ("cn-volcengine", "TD", "R", "alone: TD in it"),
    ("cn-volcengine", "尊敬的", "【纸月】尊敬的", "no such brackets itself"),
    ("cn-volcengine", "您的", "{{ name }}，您的", "the same to everybody"),
    ("cn-volcengine", "会员", "顾客", "it is for members"),
    ("cn-volcengine", "请尽快使用", "邀请注册", "invitations"),
    ("cn-volcengine", "请尽快使用", "可能中奖", "中奖"),
    ("cn-volcengine", "请尽快使用", "来抽奖", "中奖"),
    ("cn-volcengine", "请尽快使用", "好久不见", "用户召回"),
    ("cn-volcengine", "请尽快使用", "APP下载", "download an app"),
    ("cn-volcengine", "请尽快使用", "请尽快_使用", "the sign _"),
    ("cn-volcengine", "请尽快使用", "√", "the sign √"),
];

/// What goes to one member alone, where only what advertises may have no variables.
const TRANSACTIONAL: [(&str, &str, &str); 3] = [
    ("cn-volcengine", "您有{{ points }}{{ name }}", "next to each other"),
    ("cn-volcengine", "{{ name }}。", "nothing in it but variables"),
    ("cn-volcengine", "见 https://a.cn/{{ code }} 。", "a link"),
];

/// A place, the state somebody is in, a time of the week of Monday 2 March 1998, and whether texts may advertise at it.
const HOURS: [(&str, &str, i8, &str, bool); 32] = [
    ("cn", "", 2, "08:00", true),
    ("cn", "", 2, "21:00", false),
    ("cn-huawei", "", 8, "08:00", true),
    ("cn-huawei", "", 8, "07:59", false),
    ("cn-tencent", "", 2, "20:59", true),
    ("cn-tencent", "", 2, "21:00", false),
    ("cn-aliyun", "", 2, "12:00", true),
    ("cn-aliyun", "", 2, "07:59", false),
    ("cn-volcengine", "", 2, "20:59", true),
    ("cn-volcengine", "", 2, "07:59", false),
    ("eu", "", 2, "08:00", true),
    ("eu", "", 2, "21:00", false),
    ("gb", "", 2, "08:00", true),
    ("gb", "", 2, "07:59", false),
    ("elsewhere", "", 2, "08:00", true),
    ("elsewhere", "", 2, "21:00", false),
    ("us", "NY", 8, "08:00", true),
    ("us", "NY", 8, "20:59", true),
    ("us", "NY", 2, "21:00", false),
    ("us", "FL", 2, "20:00", false),
    ("us", "MD", 2, "20:00", false),
    ("us", "MS", 2, "20:00", false),
    ("us", "NJ", 2, "20:00", false),
    ("us", "OK", 2, "20:59", false),
    ("us", "OK", 2, "19:59", true),
    ("us", "CT", 2, "08:59", false),
    ("us", "TX", 7, "08:59", false),
    ("us", "TX", 7, "20:59", true),
    ("us", "TX", 8, "11:59", false),
    ("us", "RI", 6, "18:00", false),
    ("us", "RI", 7, "09:59", false),
    ("us", "RI", 8, "16:59", true),
];

#[test]
fn each_rule_has_a_row_that_it_alone_answers() {
    let mut answered = BTreeSet::new();
    for (name, text) in RIGHT {
        let place = place(name).unwrap();
        assert_eq!(broken(place, text, true).1, "", "{name}: {text}");
        for (of, from, to, says) in WRONG.into_iter().filter(|(of, ..)| *of == name) {
            assert!(text.contains(from), "{of}: {from}");
            let wrong = text.replacen(from, to, 1);
            answered.insert(answer(place, &wrong, true, says));
        }
        let most = place.rules.iter().find_map(|rule| match rule.demand {
            Demand::Longest(most) => Some(most),
            _ => None,
        });
        if let Some(most) = most {
            assert_eq!(most, if name == "cn-volcengine" { 1_000 } else { 500 });
            let long = text.replacen("失效", &"失".repeat(most), 1);
            answered.insert(answer(place, &long, true, "which is the most"));
        }
    }
    for (name, text, says) in TRANSACTIONAL {
        answered.insert(answer(place(name).unwrap(), text, false, says));
    }
    answered.insert(answer(
        place("cn-aliyun").unwrap(),
        "【{{ programme }}】{{ name }}",
        false,
        "nothing in it but",
    ));
    for (name, state, day, time, allowed) in HOURS {
        answered.extend(hours(
            name,
            state,
            date(1998, 3, day).to_datetime(time.parse().unwrap()),
            allowed,
        ));
    }
    for (name, _) in FILES {
        for (index, rule) in place(name).unwrap().rules.iter().enumerate() {
            assert!(
                answered.contains(&(name_of(name), index)),
                "{name} has no row for {:?}",
                rule.demand
            );
        }
    }
    println!(
        "{} rules of {} files, each with a row of its own",
        answered.len(),
        FILES.len()
    );
}

fn name_of(file: &str) -> String {
    place(file).unwrap().name.clone()
}

/// The one rule that a text breaks.
fn answer(place: &Place, text: &str, advertises: bool, says: &str) -> (String, usize) {
    let (rules, said) = broken(place, text, advertises);
    let [rule] = rules.as_slice() else {
        panic!("{}: {text} should break one rule, not {rules:?}: {said}", place.name);
    };
    assert!(
        said.contains(says) || format!("{:?}", place.rules.get(*rule)).contains(says),
        "{text}: {said}, not {says}"
    );
    assert!(broken(&without(place, *rule), text, advertises).0.is_empty(), "{text}");
    (place.name.clone(), *rule)
}

/// The rules without which it would be otherwise.
fn hours(name: &str, state: &str, at: DateTime, allowed: bool) -> Vec<(String, usize)> {
    let place = place(name).unwrap();
    let allows = |place: &Place| place.windows(|own| own == state).contain(at);
    assert_eq!(allows(place), allowed, "{name} {state} {at}");
    let otherwise = (0..place.rules.len()).filter(|index| allows(&without(place, *index)) != allowed);
    otherwise.map(|index| (place.name.clone(), index)).collect()
}

#[test]
fn every_file_can_be_read_and_names_what_it_speaks_of() {
    for (name, text) in FILES {
        let read: Place = toml::from_str(text).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert!(read.numbers.iter().all(|prefix| prefix.starts_with('+')) && !read.numbers.is_empty());
        assert!(
            read.zones.iter().all(|zone| Zone::parse(zone).is_ok()) && !read.zones.is_empty(),
            "{name}"
        );
        for rule in &read.rules {
            assert!(read.sources.contains_key(&rule.source), "{name}: {}", rule.source);
            // What comes after one would be taken for the mend.
            let source = read.source(rule) + rule.note.as_deref().unwrap_or_default();
            assert!(!source.contains(';'), "{source}");
            if let Demand::StateHours { state, .. } = &rule.demand {
                assert!(read.states.contains(state), "{name}: {state}");
            }
        }
    }
    assert_eq!(super::data::states().count(), 51);
    assert!(
        super::data::promotional_words("zh-CN")
            .iter()
            .any(|word| word == "优惠")
    );
    assert!(super::data::promotional_words("en").iter().any(|word| word == "sale"));
}

#[test]
fn states_that_are_not_named_are_all_of_them() {
    let read = |text: &str| toml::from_str::<Places>(text).unwrap();
    let windows = |places: &Places| {
        let hours = places.legal_hours();
        let us = hours.iter().find(|hours| hours.fit("+12125550147") == Some(2)).unwrap();
        us.windows
    };
    let (all, none) = (windows(&read("")), windows(&read("us = { states = [] }")));
    assert_eq!(all, none);
    let at =
        |windows: &Windows, day: i8, hour: i8, minute: i8| windows.contain(date(1998, 3, day).at(hour, minute, 0, 0));
    // Rhode Island's on weekdays and Saturdays, with Texas's on Sundays.
    for (day, from, to) in [(2, 9, 18), (6, 9, 18), (7, 10, 17), (8, 12, 17)] {
        assert!(at(&all, day, from, 0) && !at(&all, day, from - 1, 59), "{day}");
        assert!(at(&all, day, to - 1, 59) && !at(&all, day, to, 0), "{day}");
    }
    let both = windows(&read("us = { states = [\"NY\", \"TX\"] }"));
    assert!(at(&both, 2, 20, 59) && at(&both, 8, 12, 0) && !at(&both, 8, 11, 59));
    assert!(toml::from_str::<Places>("us = { states = [\"ny\"] }").is_err());
    assert!(toml::from_str::<Places>("cn = \"somebody\"").is_err());
}

#[test]
fn a_number_is_of_the_place_whose_beginning_it_has() {
    let places: Places = toml::from_str("cn = \"huawei\"").unwrap();
    let hours = places.legal_hours();
    for (phone, name) in [
        ("+12125550147", "the United States"),
        ("+8613800000000", "mainland China by Huawei"),
        ("+447700900123", "the United Kingdom"),
        ("+4915112345678", "the European Union"),
        ("+353871234567", "the European Union"),
        ("+61491570156", "a country without rules of its own here"),
    ] {
        let fitting = hours.iter().filter_map(|hours| Some((hours.fit(phone)?, hours.place)));
        assert_eq!(fitting.max().unwrap().1, name, "{phone}");
    }
}

/// Who looks at each text before says so in a document that is named.
#[test]
fn who_approves_texts_says_where() {
    let mut approving = 0;
    for (name, _) in FILES {
        let place = place(name).unwrap();
        if let Some(source) = &place.approves {
            assert!(place.sources.contains_key(source), "{name} has no source {source}");
            approving += 1;
        }
    }
    assert_eq!(approving, 4, "each provider in mainland China");
}
