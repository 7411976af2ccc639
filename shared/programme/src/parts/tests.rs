#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod packed;

use super::*;
use packed::{Packed, packed};

#[test]
fn the_table_of_septets_is_the_alphabets() {
    for c in (0..0x3000).filter_map(char::from_u32) {
        let expected = match (BASIC.contains(c), EXTENDED.contains(c)) {
            (true, _) => Some(1),
            (false, true) => Some(2),
            (false, false) => None,
        };
        assert_eq!(septets(c), expected, "{c:?}");
        assert!(!u8::try_from(c).is_ok_and(is_plain) || expected == Some(1), "{c:?}");
    }
}

const GSM: Encoding = Encoding::Gsm7;
const UCS: Encoding = Encoding::Ucs2;

fn repeated(text: &str, times: usize) -> String {
    text.repeat(times)
}

/// What people found other counters wrong about; the names are those of repositories on GitHub with the thread's number.
/// Those marked as sent were counted by a carrier.
#[test]
fn parts_are_counted_as_carriers_do() {
    let a = |times| repeated("a", times);
    let family = "👨‍👩‍👧‍👦";
    let cases = [
        (String::new(), GSM, 1, 0),
        (a(160), GSM, 1, 160),
        (a(161), GSM, 2, 161),
        (a(306), GSM, 2, 306),
        (a(307), GSM, 3, 307),
        (a(1530), GSM, 10, 1530),
        (a(1531), GSM, 11, 1531),
        (repeated("积", 70), UCS, 1, 70),
        (repeated("积", 71), UCS, 2, 71),
        (repeated("积", 134), UCS, 2, 134),
        (repeated("积", 135), UCS, 3, 135),
        (repeated("积", 630), UCS, 10, 630),
        // TwilioDevEd/message-segment-calculator 18 and 57: what takes two septets takes one unit. Both were sent.
        (format!("this is a {}😘", repeated("]", 74)), UCS, 2, 86),
        (
            "||||||||||||||||||||||||{||||||||||||||||||||||||||||∞||||||||||^|||||".to_owned(),
            UCS,
            1,
            70,
        ),
        // 39: 153 is odd, so each part holds 76 escapes whole. Sent.
        (repeated("]", 153), GSM, 3, 306),
        (repeated("]", 152), GSM, 2, 304),
        (repeated("€", 80), GSM, 1, 160),
        (repeated("€", 81), GSM, 2, 162),
        // 17: accents that stand apart are units of their own. Sent.
        (format!("e\u{301}\u{301}\u{301}{}", a(69)), UCS, 2, 73),
        // 28: and make a text UCS-2.
        ("I\u{333}F\u{333} Y\u{333}O\u{333}U\u{333}".to_owned(), UCS, 1, 11),
        // 5 and 13: emoji with a colour of skin are four units.
        (format!("Testing Hand {} 🤟🏻", repeated("🤟🏻", 14)), UCS, 2, 74),
        // 66: a line's end of two characters is two septets. All sent.
        (format!("{}\r\n{}", a(80), a(79)), GSM, 2, 161),
        (format!("{}\n{}", a(80), a(79)), GSM, 1, 160),
        (format!("{}\r\n{}", a(200), a(105)), GSM, 3, 307),
        (repeated("é", 70), GSM, 1, 70),
        (repeated("e\u{301}", 70), UCS, 3, 140),
        ("😀|".to_owned(), UCS, 1, 3),
        // instasent/sms-counter-php 15 and 16: 67 is odd as well, so each part holds 33 pairs.
        (repeated("😎", 35), UCS, 1, 70),
        (repeated("😎", 36), UCS, 2, 72),
        (repeated("😎", 66), UCS, 2, 132),
        (repeated("😎", 67), UCS, 3, 134),
        (repeated("😎", 70), UCS, 3, 140),
        // Altinn/altinn-studio-docs 2935, tbar0970/jethro-pmm 1460: Norwegian is in the alphabet, the euro is two septets.
        (repeated("æøå", 816), GSM, 16, 2448),
        (format!("{}€", a(158)), GSM, 1, 160),
        (format!("{}€", a(159)), GSM, 2, 161),
        // nyaruka/floweditor 745, braze-inc/braze-docs 10058: one curly quote does it.
        (format!("It’s{}", a(67)), UCS, 2, 71),
        (format!("It's{}", a(67)), GSM, 1, 71),
        // Pairs at a part's end: they move on whole.
        (format!("{}€{}", a(152), a(151)), GSM, 2, 305),
        (format!("{}€{}", a(152), a(152)), GSM, 3, 306),
        (format!("{}€{}", a(151), a(153)), GSM, 2, 306),
        (format!("{}😀{}", repeated("积", 66), repeated("积", 65)), UCS, 2, 133),
        (format!("{}😀{}", repeated("积", 66), repeated("积", 66)), UCS, 3, 134),
        // A family is eleven units, a flag four; parts may begin within them.
        (repeated(family, 6), UCS, 1, 66),
        (repeated(family, 7), UCS, 2, 77),
        (repeated("🇨🇳", 17), UCS, 1, 68),
        (repeated("🇨🇳", 18), UCS, 2, 72),
        // A new page is of the alphabet; a tab, a grave accent, the small ç and the accented Ά are not.
        ("\u{c}".to_owned(), GSM, 1, 2),
        ("Ç".to_owned(), GSM, 1, 1),
        ("ç".to_owned(), UCS, 1, 1),
        ("Δ".to_owned(), GSM, 1, 1),
        ("Ά".to_owned(), UCS, 1, 1),
        ("\t".to_owned(), UCS, 1, 1),
        ("`".to_owned(), UCS, 1, 1),
        ("\u{1b}".to_owned(), UCS, 1, 1),
        ("\u{a0}".to_owned(), UCS, 1, 1),
        ("a\u{200b}b".to_owned(), UCS, 1, 3),
    ];
    for (text, encoding, expected, units) in cases {
        let told = format!("{} characters of {:?}", text.chars().count(), text.chars().next());
        let counted = parts(&text);
        assert_eq!(
            (counted.encoding, counted.parts, counted.units),
            (encoding, expected, units),
            "{told}"
        );
        let Packed { encoding, parts } = packed(&text);
        assert_eq!((encoding, parts), (counted.encoding, counted.parts), "{told}, packed");
    }
}

/// Numbers that are the same on every run with the same seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(end).unwrap()).unwrap()
    }

    fn one_of(&mut self, characters: &[char]) -> char {
        characters[self.below(characters.len())]
    }

    /// Of plain characters, escapes, pairs and what is outside, in changing shares; often near a part's end.
    fn text(&mut self) -> String {
        let plain: Vec<char> = BASIC.chars().collect();
        let escaped: Vec<char> = EXTENDED.chars().collect();
        let odd: Vec<char> = "’“ç\t`\u{a0}\u{200d}积分è\u{301}漢\u{ffff}".chars().collect();
        let pairs: Vec<char> = "😀👨👩🇨🇳𠮷\u{10ffff}".chars().collect();
        let shares = [
            self.below(100),
            self.below(60),
            self.below(3) * self.below(20),
            self.below(2) * self.below(60),
        ];
        let all = shares.iter().sum::<usize>().max(1);
        let near = [0, 70, 134, 160, 201, 306, 459, 1530][self.below(8)];
        let length = (near + self.below(9)).saturating_sub(4) * (2 + self.below(2)) / 2;
        let picked = (0..length).map(|_| {
            let mut pick = self.below(all);
            for (share, characters) in shares.iter().zip([&plain, &escaped, &odd, &pairs]) {
                if pick < *share {
                    return self.one_of(characters);
                }
                pick -= share;
            }
            'a'
        });
        picked.collect()
    }
}

#[test]
fn random_texts_are_counted_as_they_are_packed() {
    let (seed, count) = (20_261_128, 20_000);
    let mut numbers = Numbers(seed);
    let (mut gsm, mut several, mut shorter) = (0, 0, 0);
    for nth in 0..count {
        let text = numbers.text();
        let (counted, packed) = (parts(&text), packed(&text));
        assert_eq!(
            (counted.encoding, counted.parts),
            (packed.encoding, packed.parts),
            "seed {seed}, text {nth}: {text:?}"
        );
        let outside = outside(&text).next();
        assert_eq!(outside.is_none(), counted.encoding == GSM, "{text:?}");
        gsm += u32::from(counted.encoding == GSM);
        several += u32::from(counted.parts > 1);
        let (single, each) = if counted.encoding == GSM { (160, 153) } else { (70, 67) };
        let unsplit = if counted.units <= single {
            1
        } else {
            counted.units.div_ceil(each)
        };
        shorter += u32::from(unsplit < counted.parts);
        if let Some(plain) = plain(&text) {
            assert_eq!(parts(&plain).encoding, GSM, "{text:?} as {plain:?}");
        }
    }
    println!(
        "seed {seed}: {count} texts, {gsm} of GSM-7, {several} of several parts, {shorter} with a part more for a pair"
    );
    assert!(gsm > count / 10 && several > count / 4 && shorter > count / 100);
}

#[test]
fn texts_are_made_plain_where_they_mean_the_same() {
    let cases = [
        ("It’s “here” – at last… •", "It's \"here\" - at last... *"),
        ("„Grüße“ ‚x‘ «y» ‹z›", "\"Grüße\" 'x' \"y\" 'z'"),
        ("a\u{a0}b\tc\u{3000}d\u{200b}\u{feff}\u{ad}e\u{2028}", "a b c de\n"),
        ("`rock ´n´ roll`", "'rock 'n' roll'"),
        ("Ação, não, você, façam, Às", "Acao, nao, voce, facam, As"),
        ("Garçon, cœur, hôtel, Noël, maïs", "Garcon, coeur, hotel, Noel, mais"),
        ("¡Año, café, tú, 1º!", "¡Año, café, tu, 1o!"),
        ("Łódź, zażółć gęślą jaźń", "Lodz, zazolc gesla jazn"),
        (
            "Őszi fűző, þjóð, smørbrød, STRAẞE",
            "Öszi füzö, thjod, smørbrød, STRASSE",
        ),
        ("İstanbul ığdır, çay, Bəli", "Istanbul igdir, cay, Beli"),
        ("Ưu đãi đặc biệt: Nguyễn ấ ậ", "Uu dai dac biet: Nguyen a a"),
        ("Știre, ţară, čeština, příliš, ģ", "Stire, tara, cestina, prilis, g"),
        ("ΚΑΛΗΜΈΡΑ ΏΡΑ", "KAΛHMEPA ΩPA"),
        // Apart and together.
        ("cafe\u{301}, A\u{30a}, s\u{327}, e\u{301}\u{301}", "café, Å, s, é"),
        ("ǖ ǻ", "ü å"),
        ("ＳＡＬＥ！　５０％", "SALE! 50%"),
        (
            "\u{212b} \u{2126} \u{212a} ﬁn № 5 Shop™ 3×2",
            "Å Ω K fin No. 5 Shop(TM) 3x2",
        ),
        ("plain {as} it is\r\n", "plain {as} it is\r\n"),
    ];
    for (text, expected) in cases {
        assert_eq!(plain(text).as_deref(), Some(expected), "{text:?}");
    }
}

#[test]
fn what_has_to_stay_leaves_the_text_as_it_is() {
    for text in [
        "积分",
        "“积分”",
        "It’s 😀",
        "👨‍👩‍👧‍👦",
        "☎\u{fe0f}",
        "1\u{fe0f}\u{20e3}",
        "Привет",
        "γειά",
        "カード ガ",
        "한글",
        "مرحبا",
        "a ≠ b",
        "=\u{338}",
        "10²",
        "1½",
        "20°",
        "→",
        "\u{1b}",
        "\0",
        "【Shop】",
        "。",
    ] {
        assert_eq!(plain(text), None, "{text:?}");
    }
}

#[test]
fn what_is_outside_is_named_with_its_place() {
    let told = |text: &str| -> Vec<_> {
        let all = outside(text);
        all.map(|one| (one.at, one.shown(), one.instead)).collect()
    };
    let instead = |text: &str| Some(text.to_owned());
    assert_eq!(
        told("€ it’s\u{a0}çB😀\u{301}"),
        [
            (4, "’ (U+2019 right single quotation mark)".to_owned(), instead("'")),
            (6, "U+00A0 no-break space".to_owned(), instead(" ")),
            (7, "ç (U+00E7)".to_owned(), instead("c")),
            (9, "😀 (U+1F600)".to_owned(), None),
            (10, "U+0301".to_owned(), instead("")),
        ]
    );
    assert!(told(BASIC).is_empty() && told(EXTENDED).is_empty());
}

#[test]
fn what_is_sent_instead_is_of_the_alphabet_and_of_the_same_case() {
    let mut known = 0;
    for c in (0..=0x10_ffff).filter_map(char::from_u32) {
        let Some(one) = outside(&c.to_string()).next() else {
            continue;
        };
        let Some(instead) = one.instead else { continue };
        known += 1;
        assert!(instead.chars().all(|c| septets(c).is_some()), "{c:?} as {instead:?}");
        // A letter stays a letter of the same case.
        let first = instead.chars().next();
        if let Some(first) = first.filter(|first| c.is_alphabetic() && first.is_alphabetic()) {
            assert_eq!(c.is_lowercase(), first.is_lowercase(), "{c:?} as {instead:?}");
        }
    }
    println!("{known} characters have something in their place");
    assert!(known > 700, "{known}");
}

#[test]
fn plain_is_offered_only_where_it_is_cheaper() {
    let offered = |text: &str| cheaper(text, parts(text)).map(|(_, counted)| counted.parts);
    assert_eq!(offered(&format!("It’s {}", repeated("a", 100))), Some(1));
    assert_eq!(offered("It’s"), None);
    // Each is three septets.
    assert_eq!(offered(&repeated("…", 70)), None);
    assert_eq!(offered(&format!("{}😀’", repeated("a", 100))), None);
}
