//! What a consent says of the words that a member was shown is held against what the programme declares.
#![allow(clippy::unwrap_used)]

use jiff::Timestamp;
use programme::{Channel, Cited, Files, Programme, Purpose, Scope, Shown, WordingHash};

const SMS: Scope = Scope::Messages(Channel::Sms, Purpose::Promotional);
const OFFERS: &str = "Text me offers, up to four a month. Reply STOP to opt out.";
const DECLARED: &str = r#"
[[wordings]]
name = "sms-2026"
from = "2026-03-01"
channel = "sms"
purpose = "promotional"
texts = { en = "Text me offers, up to four a month. Reply STOP to opt out.", zh-CN = "同意接收优惠短信，退订回复TD" }

[[wordings]]
name = "any"
texts = { en = "Yes." }
"#;

fn programme(wordings: &str) -> Programme {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../program");
    let mut files = Files::read(&folder).unwrap();
    files.main += wordings;
    Programme::of(&files).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn cited(wording: &str) -> Cited {
    Cited {
        wording: wording.to_owned(),
        ..Cited::default()
    }
}

/// What a member of a locale was shown in May, or why they cannot have been.
fn shown(programme: &Programme, cited: &Cited, scope: Scope, locale: &str) -> Result<Shown, String> {
    let when = (locale, at("2026-05-01T12:00:00Z"));
    programme.shown(cited, scope, when).map_err(|why| why.to_string())
}

#[test]
fn a_name_stands_for_the_words_in_the_member_s_language() {
    let programme = programme(DECLARED);
    let hash = |words: &str| Some(WordingHash::of(words));
    for (member, locale, words) in [
        ("en", "en", OFFERS),
        ("zh-TW", "zh-CN", "同意接收优惠短信，退订回复TD"),
        ("fr", "en", OFFERS),
    ] {
        let found = shown(&programme, &cited("sms-2026"), SMS, member).unwrap();
        assert_eq!(
            (found.locale.as_deref(), found.hash),
            (Some(locale), hash(words)),
            "{member}"
        );
        assert_eq!(found.wording, "sms-2026");
        assert_eq!(programme.words_of(hash(words).unwrap()).unwrap().2, words);
    }
    // What the consent says of it goes before the member's own.
    let cited = Cited {
        locale: Some("zh-CN".to_owned()),
        ..cited("sms-2026")
    };
    assert_eq!(
        shown(&programme, &cited, SMS, "en").unwrap().locale.as_deref(),
        Some("zh-CN")
    );
}

#[test]
fn what_cannot_have_been_shown_is_refused_with_what_mends_it() {
    let programme = programme(DECLARED);
    let said = |cited: &Cited, scope| shown(&programme, cited, scope, "en").unwrap_err();
    let unknown = said(&cited("sms-2062"), SMS);
    assert!(
        unknown.ends_with("did you mean \"sms-2026\"? Write one of: sms-2026, any"),
        "{unknown}"
    );
    assert!(!unknown.contains("2062"), "it repeats what was sent: {unknown}");
    for scope in [
        Scope::Messages(Channel::Push, Purpose::Promotional),
        Scope::Messages(Channel::Sms, Purpose::Transactional),
    ] {
        assert!(said(&cited("sms-2026"), scope).contains("for consents to something else"));
        assert!(shown(&programme, &cited("any"), scope, "en").is_ok());
    }
    let in_french = Cited {
        locale: Some("fr".to_owned()),
        ..cited("sms-2026")
    };
    assert!(said(&in_french, SMS).ends_with("write one of: en, zh-CN"));
    let other = Cited {
        hash: Some(WordingHash::of("Text me.")),
        ..cited("sms-2026")
    };
    assert!(said(&other, SMS).contains("is not the hash of its wording"));
    // The first day is one of the programme's zone, New York.
    let on = |instant: &str| programme.shown(&cited("sms-2026"), SMS, ("en", at(instant)));
    assert!(on("2026-03-01T05:00:00Z").is_ok());
    assert!(
        on("2026-03-01T04:59:59Z")
            .unwrap_err()
            .to_string()
            .contains("from 2026-03-01 on")
    );
}

#[test]
fn what_is_shown_now_is_the_latest_for_it() {
    let programme = programme(DECLARED);
    let now = |scope, instant: &str| {
        programme
            .wording_for(scope, at(instant))
            .unwrap()
            .name
            .as_str()
            .to_owned()
    };
    assert_eq!(now(SMS, "2026-05-01T12:00:00Z"), "any");
    let later =
        format!("{DECLARED}[[wordings]]\nname = \"2027\"\nfrom = \"2027-01-01\"\ntexts = {{ en = \"Sure.\" }}\n");
    let programme = self::programme(&later);
    let now = |instant: &str| {
        programme
            .wording_for(SMS, at(instant))
            .unwrap()
            .name
            .as_str()
            .to_owned()
    };
    assert_eq!(
        (now("2026-12-31T12:00:00Z"), now("2027-01-01T12:00:00Z")),
        ("any".to_owned(), "2027".to_owned())
    );
}

#[test]
fn words_and_hashes_are_taken_as_they_are_where_none_are_declared() {
    let plain = programme("");
    let words = shown(&plain, &cited(OFFERS), SMS, "en").unwrap();
    assert_eq!(
        (words.wording.as_str(), words.hash),
        (OFFERS, Some(WordingHash::of(OFFERS)))
    );
    let hash = Cited {
        hash: words.hash,
        ..Cited::default()
    };
    let by_hash = shown(&plain, &hash, SMS, "en").unwrap();
    assert_eq!((by_hash.wording.as_str(), by_hash.hash), ("", words.hash));
    assert_eq!(shown(&plain, &Cited::default(), SMS, "en").unwrap(), Shown::default());
    let other = Cited {
        hash: words.hash,
        ..cited("Text me.")
    };
    assert!(shown(&plain, &other, SMS, "en").is_err());
    // Words that are declared are known by their hash, whoever sends them.
    let words = shown(&programme(DECLARED), &cited(OFFERS), SMS, "zh-CN").unwrap();
    assert_eq!(
        (words.wording.as_str(), words.locale.as_deref()),
        ("sms-2026", Some("en"))
    );
    // Where the programme has that wording, the hash says which.
    let known = shown(&programme(DECLARED), &hash, SMS, "zh-CN").unwrap();
    assert_eq!(
        (known.wording.as_str(), known.locale.as_deref()),
        ("sms-2026", Some("en"))
    );
}
