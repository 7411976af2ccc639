//! No keyword is ever missed, however it is written, and no text whatever stops the reader.

use proptest::prelude::*;
use replies::{Reply, read};

/// What AWS keeps as opt-out for a number it manages, and what is asked for in China beside it.
const OPT_OUT: [&str; 26] = [
    "ARRET",
    "CANCEL",
    "END",
    "OPT-OUT",
    "OPTOUT",
    "QUIT",
    "REMOVE",
    "STOP",
    "TD",
    "UNSUBSCRIBE",
    "T",
    "R",
    "N",
    "退订",
    "拒收",
    "退訂",
    "回T",
    "回TD",
    "回复T",
    "回复TD",
    "回复R",
    "回复N",
    "TD退订",
    "回T退订",
    "拒收请回复R",
    "取消订阅",
];

/// Unicode's full-width form of ASCII.
fn wide(text: &str) -> String {
    let wide = |c: char| {
        if c.is_ascii_graphic() {
            char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c)
        } else {
            c
        }
    };
    text.chars().map(wide).collect()
}

fn spaced(text: &str) -> String {
    text.chars().map(|c| format!("{c} ")).collect()
}

/// All the ways that need no dice.
fn ways(keyword: &str) -> Vec<String> {
    let cases = [keyword.to_owned(), keyword.to_lowercase(), capitalised(keyword)];
    let widths = cases.iter().flat_map(|keyword| [keyword.clone(), wide(keyword)]);
    let spaces = widths.flat_map(|keyword| [keyword.clone(), spaced(&keyword), keyword.replace('-', " ")]);
    let marks = [
        "X",
        " X ",
        "X.",
        "X!",
        "X!!!",
        "X?",
        "X。",
        "“X”",
        "\"X\"",
        "'X'",
        "【X】",
        "(X)",
        "X\n",
        "\u{200b}X\u{feff}",
        "X 🛑",
        "*X*",
        "X~",
    ];
    spaces
        .flat_map(|keyword| marks.map(|mark| mark.replace('X', &keyword)))
        .collect()
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_string() + &letters.as_str().to_lowercase()
    })
}

#[test]
fn no_keyword_is_missed_however_it_is_written() {
    let mut tried = 0;
    for keyword in OPT_OUT {
        for way in ways(keyword) {
            assert_eq!(read(&way), Reply::OptOut, "{way:?}");
            tried += 1;
        }
        for polite in ["X please", "X, thanks", "X 谢谢", "X，谢谢！", "X\nSent from my iPhone"] {
            let way = polite.replace('X', keyword);
            assert_eq!(read(&way), Reply::OptOut, "{way:?}");
        }
    }
    assert!(tried > 7_000);
}

#[test]
fn a_consent_is_given_by_keywords_alone() {
    for text in [
        "START",
        "unstop",
        "Start!",
        "ＳＴＡＲＴ",
        "please start",
        "恢复",
        "订阅",
        "訂閱",
        "重新订阅",
    ] {
        assert_eq!(read(text), Reply::OptIn, "{text:?}");
    }
    for text in [
        "yes",
        "Y",
        "ok",
        "start my order",
        "when does it start",
        "订阅号是什么",
        "取消订阅",
        "start stop",
        "keep texting me",
    ] {
        assert_ne!(read(text), Reply::OptIn, "{text:?}");
    }
    assert_eq!(read("START STOP"), Reply::Unsure);
}

#[test]
fn help_is_given_when_it_is_asked_for() {
    for text in ["HELP", "help!", "Info", "帮助", "幫助"] {
        assert_eq!(read(text), Reply::Help, "{text:?}");
    }
    // Who asks for both wants to be let go.
    assert_eq!(read("STOP HELP"), Reply::OptOut);
}

#[test]
fn a_letter_that_may_be_a_name_is_asked_about() {
    for (text, asks) in [
        ("R", Reply::OptOut),
        ("R thanks", Reply::OptOut),
        ("reply R", Reply::OptOut),
        ("thanks R", Reply::Unsure),
        ("R. Kelly albums?", Reply::Other),
        ("N or M size?", Reply::Other),
    ] {
        assert_eq!(read(text), asks, "{text:?}");
    }
}

#[test]
fn a_keyword_with_a_number_may_mean_one_thing_of_many() {
    for text in ["STOP 12345", "stop12345", "12345 stop", "TD 20417", "退订 12345"] {
        assert_eq!(read(text), Reply::Unsure, "{text:?}");
    }
    // As the message says it: text STOP to 12345.
    assert_eq!(read("STOP to 12345"), Reply::OptOut);
    assert_eq!(read("STOP2END"), Reply::OptOut);
}

#[test]
fn nothing_is_read_out_of_nothing() {
    for text in [
        "",
        " ",
        "\n",
        "\0\u{1}\u{7f}",
        "👍",
        "🇨🇳👩‍👩‍👧",
        "\u{200b}",
        "...",
        "？？",
        "\u{fffd}",
        "12345",
        "،؟",
        "да",
        "いいえ",
    ] {
        assert_eq!(read(text), Reply::Other, "{text:?}");
    }
}

/// A megabyte each: what looked at all of it for each word would not be done in an hour.
#[test]
fn time_grows_with_the_text_and_nothing_else() {
    for part in [
        "stop ",
        "s ",
        "s",
        "x",
        "dont ",
        "dont want to get any more of ",
        "不想",
        "不要",
        "t.",
        ", ",
        "unsubscribf ",
        "( ",
        "ｓ",
        "how ",
    ] {
        let text = part.repeat(1_000_000 / part.len());
        read(&text);
    }
    let long = format!(
        "{} please stop texting me {}",
        "la ".repeat(100_000),
        "la ".repeat(100_000)
    );
    assert_eq!(read(&long), Reply::OptOut);
}

proptest! {
    #[test]
    fn any_text_has_an_answer(text in any::<String>(), again in "(?s).{0,200}") {
        read(&text);
        read(&again);
    }

    /// Dice for what `ways` does in order: case, width, spaces, marks and emoji around each letter.
    #[test]
    fn a_keyword_stays_one_under_any_dress(
        keyword in proptest::sample::select(&OPT_OUT[..]),
        dice in proptest::collection::vec(any::<[bool; 3]>(), 16),
        before in "[ !\"'(*~.👍🛑【“]{0,6}",
        after in "[ !\"')*~.?。！？👍🛑】”]{0,6}",
    ) {
        let letters = keyword.chars().zip(dice).map(|(letter, [lower, wider, space])| {
            let letter = if lower { letter.to_lowercase().to_string() } else { letter.to_string() };
            let letter = if wider { wide(&letter) } else { letter };
            if space { letter + " " } else { letter }
        });
        let text = format!("{before}{}{after}", letters.collect::<String>());
        prop_assert_eq!(read(&text), Reply::OptOut, "{:?}", text);
    }

    /// Words that ask for nothing, around a trap, stay so.
    #[test]
    fn what_is_put_around_thanks_changes_nothing(before in "[a-z]{7,9}", after in "[a-z]{7,9}") {
        let text = format!("{before} thanks for the record {after}");
        prop_assume!(!["unsub", "stop", "remo", "cancel"].iter().any(|part| text.contains(part)));
        prop_assert_eq!(read(&text), Reply::Other);
    }
}
