//! What is not even written as such a file is, and what editors leave in one.

use crate::{sample, shown, told};

#[test]
fn slips() {
    let cases = [
        ("zone = \"America/New_York\"", "zone = America/New_York"),
        ("zone = \"America/New_York\"", "zone = \"America/New_York"),
        ("zone = \"America/New_York\"", "zone: \"America/New_York\""),
        ("zone = \"America/New_York\"", "zone ="),
        ("zone = \"America/New_York\"", "zone = “America/New_York”"),
        (
            "zone = \"America/New_York\"",
            "zone = \"America/New_York\"\nzone = \"America/Chicago\"",
        ),
        ("[expiry]", "[expiry"),
        ("[30, 7, 1]", "[30, 7, 1"),
        ("worth = \"1.00\"", "worth = 1,00"),
        ("[anniversary]", "[birthday]"),
        ("hold-minutes = 30", "hold-minutes = 030"),
    ];
    insta::assert_snapshot!(shown(&cases));
}

/// A slip hides no mistake elsewhere.
#[test]
fn a_slip_beside_other_mistakes() {
    let mut files = sample();
    files.main = files
        .main
        .replacen("zone = \"America/New_York\"", "zone = \"America/New_York", 1);
    files.main = files.main.replacen("hold-minutes = 30", "hold-minuts = 30", 1);
    files.main = files.main.replacen("least-points = 10", "least-points = \"ten\"", 1);
    insta::assert_snapshot!(told(&files));
}

/// The mark before the first line, line ends of two characters, tabs, and characters that are two columns wide.
#[test]
fn places_are_those_that_an_editor_shows() {
    let mut files = sample();
    let main = files
        .main
        .replace("names = { zh-CN = \"藏家\" }", "names = { zh-CN = \"藏家\", ja =\t12 }");
    let main = main.replace('\n', "\r\n");
    files.main = format!("\u{feff}nme = \"Paper Moon\"\r\n{main}");
    insta::assert_snapshot!(told(&files));
}

#[test]
fn a_mark_and_long_line_ends_are_no_mistake() {
    let mut files = sample();
    files.main = format!("\u{feff}{}", files.main.replace('\n', "\r\n"));
    assert_eq!(told(&files), "");
}
