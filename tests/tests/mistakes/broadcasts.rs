//! Broadcasts, in the programme and in its texts.

use crate::{edited, told};

const SALE: &str = "[[broadcasts]]\nname = \"winter-sale\"\nat = \"2026-12-01 10:00\"\n\
                    message = { purpose = \"promotional\", channels = [\"push\", \"sms\"], useful-hours = 24 }\n";
const ENGLISH: &str = "[broadcasts.winter-sale]\nsms = \"Sale. Reply STOP to opt out.\"\npush-title = \"Sale\"\n\
                       push-body = \"Come in.\"\n";
const CHINESE: &str = "[broadcasts.winter-sale]\nsms = \"【{{ programme }}】会员，冬季特卖开始了。拒收请回复R\"\n\
                       push-title = \"冬季特卖\"\npush-body = \"欢迎光临。\"\n";

/// What is told of the sale, with one edit, and what is told of its texts.
fn of(edit: &str, sale: &str, english: &str, chinese: &str) -> String {
    let mut files = edited("[prices]\n", &format!("{sale}[prices]\n"));
    for (locale, text) in &mut files.texts {
        text.push_str(if locale == "en" { english } else { chinese });
    }
    format!("## {edit}\n\n{}\n", told(&files))
}

#[test]
fn what_is_right_is_left_in_peace() {
    assert_eq!(of("", SALE, ENGLISH, CHINESE), "## \n\n\n");
}

#[test]
fn broadcasts() {
    let edits = [
        ("name = \"winter-sale\"\n", ""),
        ("winter-sale", "Winter Sale"),
        ("2026-12-01 10:00", "tomorrow"),
        ("2026-12-01 10:00", "2026-12-01"),
        ("message = ", "past = \"never\"\nmessage = "),
        ("message = ", "audience = \"member.teir == 'Gold'\"\nmessage = "),
        ("message = ", "audience = \"activity.amount > 5\"\nmessage = "),
        ("useful-hours = 24", "useful-hours = 2"),
        ("[\"push\", \"sms\"]", "[]"),
    ];
    let shown = edits.map(|(from, to)| {
        assert!(SALE.contains(from), "{from}");
        of(&format!("{from} -> {to}"), &SALE.replace(from, to), ENGLISH, CHINESE)
    });
    let twice = of("twice", &[SALE, SALE].concat(), ENGLISH, CHINESE);
    let kind =
        format!("{SALE}[messages.broadcast]\npurpose = \"promotional\"\nchannels = [\"sms\"]\nuseful-hours = 24\n");
    let kind = of("[messages.broadcast]", &kind, ENGLISH, CHINESE);
    insta::assert_snapshot!([shown.concat(), twice, kind].concat());
}

#[test]
fn texts_of_broadcasts() {
    let english = |from: &str, to: &str| {
        assert!(ENGLISH.contains(from), "{from}");
        of(&format!("{from} -> {to}"), SALE, &ENGLISH.replace(from, to), CHINESE)
    };
    let shown = [
        of("none", SALE, "", CHINESE),
        english("winter-sale", "wintr-sale"),
        english("sms = \"Sale. Reply STOP to opt out.\"\n", ""),
        english("Sale. ", "Sale, {{ points }}. "),
        english("[broadcasts.winter-sale]", "[broadcast]"),
        of(
            "a lottery",
            SALE,
            ENGLISH,
            &CHINESE.replace("冬季特卖开始了", "冬季抽奖开始了"),
        ),
        of(
            "transactional",
            &SALE.replace("promotional", "transactional"),
            ENGLISH,
            CHINESE,
        ),
    ];
    insta::assert_snapshot!(shown.concat());
}
