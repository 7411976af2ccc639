//! A folder with earlier versions, and which of them is in effect when.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use programme::{Files, Programme};

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../program")
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The sample in three versions, each with another name.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path();
    let main = std::fs::read_to_string(sample().join("programme.toml")).unwrap();
    let named = |name: &str, from: &str| {
        let from = if from.is_empty() {
            String::new()
        } else {
            format!("effective-from = {from:?}\n")
        };
        format!("{from}{}", main.replace("Paper Moon Records", name))
    };
    std::fs::create_dir_all(to.join("texts")).unwrap();
    for text in ["texts/en.toml", "texts/zh-CN.toml"] {
        std::fs::copy(sample().join(text), to.join(text)).unwrap();
    }
    for (place, name, from) in [
        ("earlier/b", "Second", "1998-01-01"),
        ("earlier/a", "First", ""),
        ("", "Third", "1999-01-01"),
    ] {
        std::fs::create_dir_all(to.join(place)).unwrap();
        std::fs::write(to.join(place).join("programme.toml"), named(name, from)).unwrap();
    }
    // What an editor leaves there is no version.
    std::fs::create_dir_all(to.join("earlier/.cache")).unwrap();
    std::fs::write(to.join("earlier/notes.txt"), "nothing").unwrap();
    folder
}

#[test]
fn the_version_in_effect_is_the_latest_that_has_begun() {
    let folder = folder();
    for programme in [Programme::load(folder.path()), Programme::load_rules(folder.path())] {
        let programme = programme.unwrap();
        let named = |text: &str| programme.at(at(text)).name.clone();
        assert_eq!(programme.name, "Third");
        assert_eq!(named("1990-01-01T00:00:00Z"), "First");
        assert_eq!(named("1998-01-01T04:59:59.9Z"), "First");
        assert_eq!(named("1998-01-01T05:00:00Z"), "Second");
        assert_eq!(named("1999-01-01T04:59:59Z"), "Second");
        assert_eq!(named("2030-01-01T00:00:00Z"), "Third");
        // A version knows those before it, and none after.
        let second = programme.at(at("1998-06-01T00:00:00Z"));
        assert_eq!(second.at(at("1997-01-01T00:00:00Z")).name, "First");
        assert_eq!(second.at(at("2030-01-01T00:00:00Z")).name, "Second");
        assert_eq!(
            programme.next_version(at("1998-01-01T05:00:00Z")),
            Some(at("1999-01-01T05:00:00Z"))
        );
        assert_eq!(programme.next_version(at("1999-01-01T05:00:00Z")), None);
        let spans: Vec<(String, String)> = programme
            .through(at("1998-06-01T00:00:00Z"))
            .map(|(version, until)| (version.name.clone(), until.to_string()))
            .collect();
        let expected = [("First", "1998-01-01T04:59:59Z"), ("Second", "1998-06-01T00:00:00Z")];
        assert_eq!(spans, expected.map(|(name, until)| (name.to_owned(), until.to_owned())));
    }
}

#[test]
fn a_message_is_told_in_today_s_words_under_any_rules() {
    let folder = folder();
    let programme = Programme::load(folder.path()).unwrap();
    let first = programme.at(at("1990-01-01T00:00:00Z"));
    assert_eq!(first.texts.locale_for("zh-CN"), "zh-CN");
    assert_eq!(first.version.file, "earlier/a/programme.toml");
    let files = Files::read(folder.path()).unwrap();
    assert!(files.text("earlier/a/programme.toml").unwrap().contains("First"));
}

#[test]
fn a_folder_of_an_earlier_version_without_its_file_is_named() {
    let folder = folder();
    std::fs::create_dir_all(folder.path().join("earlier/c")).unwrap();
    let why = Programme::load(folder.path()).unwrap_err().to_string();
    assert!(why.contains("earlier/c/programme.toml"), "{why}");
}
