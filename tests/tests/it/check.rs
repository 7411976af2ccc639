//! `regulars check` as a script or an operator runs it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use bundle_tests::{binaries, root};
use serde_json::Value;

use crate::command::copy;

fn check(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output: Output = Command::new(binaries().join("regulars"))
        .arg("check")
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::null())
        .output()
        .expect("regulars");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(!err.contains("panicked"), "{err}");
    (output.status.code(), out, err)
}

/// A copy of the sample with edits in its main file.
fn edited(edits: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&root().join("program"), folder.path());
    let file = folder.path().join("programme.toml");
    let text = std::fs::read_to_string(&file).expect("the programme");
    let text = edits.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "the sample has no {from:?}");
        text.replacen(from, to, 1)
    });
    std::fs::write(&file, text).expect("the programme");
    folder
}

fn path(folder: &Path) -> String {
    folder.display().to_string()
}

#[test]
fn a_sound_programme_is_told_in_a_line() {
    let (code, out, _) = check(&[]);
    assert_eq!(code, Some(0), "{out}");
    assert_eq!(
        out,
        "program/ is sound: 1 currency, 1 wallet, 3 tiers, 4 rewards, 15 messages in 2 languages\n"
    );
    assert_eq!(check(&["--json"]).1.trim(), "[]");
}

/// What is mended in the one is mended in the other.
#[test]
fn the_example_is_the_sample_with_campaigns_and_missions() {
    let (code, out, err) = check(&["examples/campaigns", "--strict"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(out.contains("12 campaigns, 2 missions"), "{out}");
    let read = |path: &str| std::fs::read_to_string(root().join(path)).expect(path);
    for texts in ["texts/en.toml", "texts/zh-CN.toml"] {
        let own = read(&format!("examples/campaigns/{texts}"));
        assert_eq!(own, read(&format!("program/{texts}")), "{texts}");
    }
    let (own, sample) = (
        read("examples/campaigns/programme.toml"),
        read("program/programme.toml"),
    );
    let (_, own) = own.split_once("\n\n").expect("a heading");
    let (_, sample) = sample.split_once("\n\n").expect("a heading");
    let added = own
        .split_once("# What a shop says of members")
        .and_then(|(before, rest)| {
            let (_, after) = rest.split_once("# Members may send")?;
            Some(format!("{before}# Members may send{after}"))
        });
    assert_eq!(added.as_deref(), Some(sample));
}

#[test]
fn many_mistakes_are_told_in_one_run() {
    let folder = edited(&[
        ("points-per-unit = \"1\"", "pointz-per-unit = \"1\""),
        ("multiplier = \"1.25\"", "multiplier = 1.25"),
        ("hold-minutes = 30", "hold-minutes = 0"),
        ("from = \"21:00\"", "from = \"25:00\""),
    ]);
    let (code, out, _) = check(&[&path(folder.path())]);
    assert_eq!(code, Some(1), "{out}");
    for part in [
        "did you mean \"points-per-unit\"?",
        "write it in quotes: \"1.25\"",
        "write 1 to 10080",
        "such as \"21:00\"",
        "^^^^^",
        "4 errors in ",
    ] {
        assert!(out.contains(part), "{part:?} is not in {out}");
    }
    assert!(!out.contains('\u{1b}'), "there is colour where no terminal is: {out}");
}

#[test]
fn warnings_fail_only_where_that_is_asked_for() {
    let folder = edited(&[("to = \"09:00\"", "to = \"21:00\"")]);
    let folder = path(folder.path());
    let (code, out, _) = check(&[&folder]);
    assert!(
        code == Some(0) && out.contains("warning: quiet hours"),
        "{code:?} {out}"
    );
    assert!(out.contains("can be used, with 1 warning"), "{out}");
    assert_eq!(check(&[&folder, "--strict"]).0, Some(1));
}

#[test]
fn programs_read_the_mistakes_as_json() {
    let folder = edited(&[("multiplier = \"1.25\"", "multiplier = 1.25")]);
    let (code, out, _) = check(&[&path(folder.path()), "--json"]);
    assert_eq!(code, Some(1));
    let list: Value = serde_json::from_str(&out).expect("JSON");
    let one = &list[0];
    assert_eq!(list.as_array().map(Vec::len), Some(1), "{list}");
    assert_eq!(
        (one["severity"].as_str(), one["line"].as_u64()),
        (Some("error"), Some(72))
    );
    assert_eq!(
        (one["column"].as_u64(), one["end_column"].as_u64()),
        (Some(14), Some(18))
    );
    assert_eq!(one["mend"], "write it in quotes: \"1.25\"");
    assert!(
        one["file"]
            .as_str()
            .is_some_and(|file| file.ends_with("/programme.toml"))
    );
}

#[test]
fn the_schema_is_printed() {
    let (code, out, _) = check(&["--schema"]);
    assert_eq!(code, Some(0));
    let schema: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(schema["properties"]["zone"]["$ref"], "#/definitions/Zone");
}

#[test]
fn what_cannot_be_read_is_named() {
    let (code, _, err) = check(&["no-such-folder"]);
    assert!(
        code == Some(2) && err.contains("no folder no-such-folder/"),
        "{code:?} {err}"
    );

    let folder = edited(&[]);
    let (dir, file) = (path(folder.path()), folder.path().join("programme.toml"));
    std::fs::write(&file, b"name = \"a\"\nzone = \"\xff\"\n").expect("the programme");
    let (code, _, err) = check(&[&dir]);
    assert!(
        code == Some(2) && err.contains("line 2 is not in UTF-8"),
        "{code:?} {err}"
    );

    std::fs::write(&file, "").expect("the programme");
    let (code, out, _) = check(&[&dir]);
    assert!(code == Some(1) && out.contains("\"zone\" is missing"), "{code:?} {out}");

    // Not written, only as long: the first megabyte is read and no more.
    let long = std::fs::File::create(&file).expect("the programme");
    long.set_len(100_000_000).expect("the programme");
    let (code, _, err) = check(&[&dir]);
    assert!(code == Some(2) && err.contains("more than 1 MB"), "{code:?} {err}");

    std::fs::remove_file(&file).expect("the programme");
    let (code, _, err) = check(&[&dir]);
    assert!(code == Some(2) && err.contains("programme.toml"), "{code:?} {err}");
}
