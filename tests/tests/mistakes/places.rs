//! What may not be said where a text goes, and the places themselves.

use crate::{sample, told};
use programme::Files;

/// The sample with a change of the Chinese texts, and of where they go.
fn chinese(provider: &str, from: &str, to: &str) -> Files {
    let mut files = sample();
    files.main = files.main.replacen("cn = \"aliyun\"", provider, 1);
    let text = files.texts.iter_mut().find(|(locale, _)| locale == "zh-CN");
    if let Some((_, text)) = text {
        assert!(from.is_empty() || text.contains(from), "the sample has no {from:?}");
        *text = text.replacen(from, to, 1);
    }
    files
}

/// The birthday's text alone stands for all that advertise.
const BIRTHDAY: &str = "【{{ programme }}】会员{{ name }}，生日快乐！本周到店，送您一首歌。拒收请回复R";

/// What is told of the birthday, or of a message that is named.
fn of(kind: &str, files: &Files) -> String {
    let all = told(files);
    let blocks = all.split("\n\n").filter(|block| block.contains(&format!("{kind} sms")));
    blocks
        .map(|block| format!("{}\n\n", block.trim_start_matches('\n')))
        .collect()
}

#[test]
fn what_texts_may_not_say_in_china() {
    let cases = [
        ("", "本周到店，送您一首歌。拒收请回复R", "本周到店抽奖。拒收请回复R"),
        ("", "本周到店，送您一首歌。拒收请回复R", "本周到店。【惊喜】拒收请回复R"),
        ("", "送您一首歌。拒收请回复R", "送您一首歌。"),
        (
            "cn = \"aliyun\"",
            "本周到店，送您一首歌。拒收请回复R",
            "本周到店抽奖。拒收请回复R",
        ),
        ("cn = \"aliyun\"", "送您一首歌。拒收请回复R", "送您一首歌。退订回复TD"),
        (
            "cn = \"aliyun\"",
            "【{{ programme }}】会员{{ name }}，生日",
            "会员{{ name }}，生日",
        ),
        ("cn = \"aliyun\"", "会员{{ name }}，生日", "{{ name }}，生日"),
        ("cn = \"aliyun\"", BIRTHDAY, "【{{ programme }}】{{ name }}拒收请回复R"),
        ("cn = \"huawei\"", BIRTHDAY, BIRTHDAY),
        (
            "cn = \"huawei\"",
            BIRTHDAY,
            "尊敬的会员，送您优惠券。★退订回T，拒收请回复R",
        ),
        (
            "cn = \"tencent\"",
            BIRTHDAY,
            "会员{{ name }}{{ tier }}，见 https://paper.cn/{{ name }}",
        ),
        (
            "cn = \"volcengine\"",
            BIRTHDAY,
            "尊敬的会员，下载APP可中奖。拒收请回复R",
        ),
    ];
    let shown = cases.iter().map(|(provider, from, to)| {
        let found = of("birthday", &chinese(provider, from, to));
        assert!(!found.is_empty(), "{provider} {to}");
        format!("## {provider} {to}\n\n{found}")
    });
    insta::assert_snapshot!(shown.collect::<String>());
}

/// The sample's own texts are right, and so is another provider's with texts for it.
#[test]
fn what_is_right_is_left_in_peace() {
    assert_eq!(told(&sample()), "");
    let right = "尊敬的会员，生日快乐！本周到店，送您一首歌。拒收请回复R";
    assert_eq!(of("birthday", &chinese("cn = \"huawei\"", BIRTHDAY, right)), "");
    // By push alone, a lottery may be spoken of.
    let mut files = chinese("cn = \"aliyun\"", "送您一首歌。拒收请回复R", "可抽奖。拒收请回复R");
    let (before, after) = files.main.split_once("[messages.birthday]").unwrap_or_default();
    let after = after.replacen("[\"push\", \"sms\"]", "[\"push\"]", 1);
    files.main = format!("{before}[messages.birthday]{after}");
    assert_eq!(told(&files), "");
}

/// Beside another mistake of the main file it is told all the same.
#[test]
fn a_promotional_word_in_a_transactional_text() {
    let cases = [
        crate::edited(
            "[welcome]\nsms = \"{{ programme }}: Welcome",
            "[welcome]\nsms = \"{{ programme }}: 20% off and a special offer. Welcome",
        ),
        crate::edited(
            "push-body = \"Good to have you here, {{ name }}.",
            "push-body = \"The sale is on, {{ name }}.",
        ),
        chinese("cn = \"aliyun\"", "欢迎加入会员！", "会员限时优惠！"),
    ];
    let mut wrong = chinese("cn = \"aliyun\"", "本周到店，送您一首歌。", "本周到店抽奖。");
    wrong.main = wrong
        .main
        .replacen("claw-back = \"within-balance\"", "claw-back = \"unlimited\"", 1);
    let all: String = cases
        .iter()
        .chain([&wrong])
        .map(|files| format!("{}\n", told(files)))
        .collect();
    insta::assert_snapshot!(all);
}

#[test]
fn places() {
    let cases = [
        ("cn = \"aliyun\"", "cn = \"alyun\""),
        ("[\"NY\", \"IL\", \"CO\", \"CA\"]", "[\"ny\"]"),
        ("[\"NY\", \"IL\", \"CO\", \"CA\"]", "[\"NYC\"]"),
        ("{ states = [\"NY\", \"IL\", \"CO\", \"CA\"] }", "{ }"),
        ("{ states = [\"NY\", \"IL\", \"CO\", \"CA\"] }", "\"NY\""),
        ("cn = \"aliyun\"", "de = \"telekom\""),
        ("[places]", "[[places]]"),
    ];
    insta::assert_snapshot!(crate::shown(&cases));
}
