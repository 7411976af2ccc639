//! Several versions, and what a version must not have changed of those before it.

use programme::Files;

use crate::{edited, sample, told};

/// The sample's newest version is an edit of the sample, and the one before it another.
fn of(newest: (&str, &str), before: (&str, &str)) -> Files {
    let mut files = edited(newest.0, newest.1);
    files.earlier = vec![(
        "earlier/first/programme.toml".to_owned(),
        edited(before.0, before.1).main,
    )];
    files
}

const NAME: &str = "name = \"Paper Moon Records\"";
const DATED: &str = "effective-from = \"2026-12-01\"\nname = \"Paper Moon Records\"";

/// One tier more, above the others.
const MORE: &str = "[[tiers.levels]]\nname = \"Legend\"\nfrom = 5000\nmultiplier = \"2\"\n\n# Beside these";

/// The newest version is the sample with an edit and a day of its own; the one before it is another edit.
fn changed(edit: (&str, &str), before: (&str, &str)) -> Files {
    let mut files = of((NAME, DATED), before);
    assert!(files.main.contains(edit.0), "the sample has no {:?}", edit.0);
    files.main = files.main.replacen(edit.0, edit.1, 1);
    files
}

#[test]
fn when_each_version_is_in_effect_is_said_once() {
    let dated = |day: &str| DATED.replace("2026-12-01", day);
    let alone = edited(NAME, DATED);
    let undated = of((NAME, NAME), (NAME, NAME));
    let always = of((NAME, DATED), (NAME, &dated("2026-01-01")));
    let after = of((NAME, DATED), (NAME, &dated("2027-01-01")));
    let mut same = of((NAME, DATED), (NAME, NAME));
    same.earlier
        .push(("earlier/second/programme.toml".to_owned(), edited(NAME, DATED).main));
    let mut both = of((NAME, DATED), (NAME, NAME));
    both.earlier
        .push(("earlier/second/programme.toml".to_owned(), sample().main));
    let wrong = edited(NAME, &dated("1 December"));
    let shown: Vec<String> = [alone, undated, always, after, same, both, wrong]
        .iter()
        .map(told)
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn what_accounts_know_by_number_and_place_stays() {
    let same = (NAME, NAME);
    let second =
        "[[wallets]]\nnumber = 0\nname = \"points\"\n[[wallets]]\nnumber = 1\nname = \"status\"\n\n[[earn]]\ncurrency";
    let sets = "[[tier-sets]]\nnumber = 1\nbasis = \"visits\"\nwindow-months = 12\nvalid = { on = [\"01-01\"] }\n\
                [[tier-sets.levels]]\nname = \"Guest\"\n[[tier-sets.levels]]\nname = \"Friend\"\nfrom = 10\n\n[returns]";
    let collector = "[[tiers.levels]]\nname = \"Collector\"\n";
    let between = "[[tiers.levels]]\nname = \"Fan\"\nfrom = 50\n\n[[tiers.levels]]\nname = \"Collector\"\n";
    let review = "valid = { on = [\"01-01\"] }\n";
    let cases = [
        changed(("America/New_York", "Asia/Shanghai"), same),
        changed(same, ("[[earn]]\ncurrency", second)),
        changed(
            ("[[earn]]\ncurrency", &second.replace("number = 1", "number = 2")),
            ("[[earn]]\ncurrency", second),
        ),
        changed(same, ("# Beside these", MORE)),
        changed((collector, between), same),
        changed(
            ("window-months = 12\n# A", "basis = \"visits\"\nwindow-months = 12\n# A"),
            same,
        ),
        changed(
            (
                "valid = { months = 12 }\n",
                &format!("{review}upgrade = \"at-review\"\n"),
            ),
            ("valid = { months = 12 }\n", review),
        ),
        changed(
            ("[returns]", &sets.replace("basis = \"visits\"", "basis = \"points\"")),
            ("[returns]", sets),
        ),
    ];
    insta::assert_snapshot!(cases.iter().map(told).collect::<Vec<_>>().join("\n"));
}

#[test]
fn names_in_the_ledger_mean_the_same_in_every_version() {
    let campaign = "[[campaigns]]\nname = \"weekly\"\npoints = 5\n\n[transfers]";
    let mission = |more: &str| {
        format!("[[missions]]\nname = \"weekly\"\n{more}[[missions.milestones]]\nreach = 2\npoints = 5\n\n[transfers]")
    };
    let cases = [
        changed(("[transfers]", &mission("")), ("[transfers]", campaign)),
        changed(
            ("[transfers]", &mission("each = \"week\"\n")),
            ("[transfers]", &mission("each = \"month\"\n")),
        ),
    ];
    insta::assert_snapshot!(cases.iter().map(told).collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_mistake_in_an_earlier_version_is_shown_in_its_own_file() {
    let files = changed((NAME, NAME), ("useful-hours = 72", "useful-hours = 7"));
    insta::assert_snapshot!(told(&files));
}

/// A tier may have another name, and there may be more of them.
#[test]
fn what_changes_no_meaning_is_no_mistake() {
    for edit in [
        ("name = \"Collector\"", "name = \"Enthusiast\""),
        ("# Beside these", MORE),
        ("points-per-unit = \"1\"", "points-per-unit = \"2\""),
    ] {
        let files = changed(edit, (NAME, NAME));
        assert_eq!(told(&files), "", "{edit:?}");
    }
}

#[test]
fn a_wording_never_changes() {
    let worded = |words: &str| {
        let wording = format!("[[wordings]]\nname = \"sms-2026\"\ntexts = {{ en = \"{words}\" }}\n");
        ("\n[prices]\n", format!("\n{wording}[prices]\n"))
    };
    let (from, before) = worded("Text me.");
    let (_, after) = worded("Text me offers.");
    let files = changed((from, &after), (from, &before));
    insta::assert_snapshot!(told(&files));
    assert!(told(&changed((from, &before), (from, &before))).is_empty());
}
