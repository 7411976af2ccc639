//! Every mistake that a programme can have, as `regulars check` shows it: each is one small edit of the sample.
//!
//! Read the snapshots as an operator would, who writes no programs: what is wrong, where, and what to write instead.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod bounds;
mod broadcasts;
mod campaigns;
mod doubts;
mod messages;
mod places;
mod points;
mod rewards;
mod schema;
mod shapes;
mod texts;
mod tiers;
mod versions;
mod writing;

use bundle_tests::root;
use programme::{Files, Programme};

/// The sample.
fn sample() -> Files {
    Files::read(&root().join("program")).expect("the sample")
}

/// The sample with one edit, in the main file or else in the English texts.
fn edited(from: &str, to: &str) -> Files {
    let mut files = sample();
    if files.main.contains(from) {
        files.main = files.main.replacen(from, to, 1);
        return files;
    }
    let english = files.texts.first_mut().map(|(_, text)| text).expect("texts");
    assert!(english.contains(from), "the sample has no {from:?}");
    *english = english.replacen(from, to, 1);
    files
}

/// What is wrong, or doubtful, as it is shown.
fn told(files: &Files) -> String {
    let mistakes = match Programme::of(files) {
        Ok(programme) => programme.warnings,
        Err(mistakes) => mistakes,
    };
    regulars::check::shown("program/", files, &mistakes, false)
}

/// Each edit, and what is told of it.
fn shown(cases: &[(&str, &str)]) -> String {
    let shown = cases.iter().map(|(from, to)| {
        let told = told(&edited(from, to));
        assert!(!told.is_empty(), "{from:?} -> {to:?} should be a mistake");
        let to = if to.is_empty() { "nothing" } else { to.trim_end() };
        let edit = format!("{}  ->  {to}", from.trim_end()).replace('\n', "\n##   ");
        format!("## {edit}\n\n{told}\n")
    });
    shown.collect()
}
