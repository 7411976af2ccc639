//! Reads a file to its end although it has mistakes, so that all of them are told at once.
//!
//! A file that is sound never comes here. One that is not is read again and again, each time with one mistake less: what
//! stands in the wrong place is taken out, what is missing is filled in by an example.

mod examples;
mod plain;
mod slips;
mod tree;

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer, Error};

use crate::mistake::{Mistake, Severity, Source};
pub(crate) use examples::{MAIN, TEXTS};
use plain::{Place, Said};
use tree::{Path, Step};
pub(crate) use tree::{named, whole};

/// More mistakes than these are not told: a file of so many is none of ours.
const MOST: usize = 100;

/// What could be read of a file.
pub(crate) struct Read<T> {
    /// What could be read, where examples stand for what could not.
    pub(crate) value: Option<T>,
    pub(crate) mistakes: Vec<Mistake>,
    /// Where something starts that examples stand in, or stand for.
    touched: BTreeSet<usize>,
    /// Whether names or numbers were lost that other parts of the file speak of.
    pub(crate) lost: bool,
    broken: bool,
}

impl<T> Read<T> {
    /// A file in which nothing is wrong.
    pub(crate) fn sound(value: T) -> Self {
        Self {
            value: Some(value),
            mistakes: Vec::new(),
            touched: BTreeSet::new(),
            lost: false,
            broken: false,
        }
    }

    /// Whether it is not even written as such a file is, so that what is missing in it may be there.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Whether a mistake that was found in the value is one of the file, and not of the examples.
    pub(crate) fn is_own(&self, mistake: &Mistake) -> bool {
        !self.touched.contains(&mistake.bytes.start)
    }
}

/// The parts of a file that others speak of, and the keys that they do it by, or reckon with.
const SPOKEN_OF: [&str; 5] = ["wallets", "earn", "expiry", "tiers", "tier-sets"];
/// The same, where there are topics.
const SPOKEN_OF_BY_TOPICS: [&str; 3] = ["campaigns", "missions", "broadcasts"];
/// The parts that expressions speak of, whatever is in them.
const DECLARED: [&str; 7] = [
    "attributes",
    "purchases",
    "events",
    "calendar",
    "campaign-groups",
    "badges",
    "referral",
];
const SPOKEN_BY: [&str; 7] = ["name", "number", "currency", "wallet", "tier", "lasts", "levels"];

/// Reads what can be read of a file, with examples of what may have to be filled in.
pub(crate) fn read<'a, T: Deserialize<'a>>(source: Source<'a>, examples: &'static [examples::Example]) -> Read<T> {
    let (tree, errors) = DeTable::parse_recoverable(source.text);
    let slips = slips::slips(source, &errors);
    let mut reading = Reading {
        source,
        examples,
        tree: Spanned::new(tree.span(), DeValue::Table(tree.into_inner())),
        broken: slips.mistakes,
        mistakes: Vec::new(),
        filled: BTreeSet::new(),
        touched: BTreeSet::from([beyond(source)]),
        lost: !errors.is_empty(),
    };
    let value = if slips.run_on { None } else { reading.read() };
    let mut mistakes = reading.broken;
    // One slip of the pen makes a value wrong as well.
    let lines: BTreeSet<usize> = mistakes.iter().map(|mistake| mistake.line).collect();
    let others = reading.mistakes.into_iter();
    mistakes.extend(others.filter(|mistake| !lines.contains(&mistake.line)));
    mistakes.sort_by_key(|mistake| mistake.bytes.start);
    mistakes.dedup();
    Read {
        value,
        mistakes,
        touched: reading.touched,
        lost: reading.lost,
        broken: !errors.is_empty(),
    }
}

/// The place of what is not in the file.
fn beyond(source: Source<'_>) -> usize {
    source.text.len() + 1
}

struct Reading<'a> {
    source: Source<'a>,
    examples: &'static [examples::Example],
    tree: tree::Node<'a>,
    /// Where it is not even written as such a file is.
    broken: Vec<Mistake>,
    mistakes: Vec<Mistake>,
    /// What was wrong and is taken out or filled in: nothing is said of it a second time.
    filled: BTreeSet<Path>,
    touched: BTreeSet<usize>,
    lost: bool,
}

impl<'a> Reading<'a> {
    fn read<T: Deserialize<'a>>(&mut self) -> Option<T> {
        self.read_once();
        // Each round mends one thing: a mistake, or what taking it out has left open.
        for _ in 0..4 * MOST {
            let DeValue::Table(table) = self.tree.get_ref() else {
                return None;
            };
            let root = Spanned::new(self.tree.span(), table.clone());
            match T::deserialize(Deserializer::from(root)) {
                Ok(value) => return Some(value),
                Err(error) if self.mistakes.len() >= MOST || !self.mend(&error) => return None,
                Err(_) => {}
            }
        }
        None
    }

    /// A section that is there once has one bracket; with two the reader would take it for a list of its values.
    fn read_once(&mut self) {
        for name in examples::ONCE {
            let path = [Step::Key(name.to_owned())];
            let Some(first) = tree::get(&self.tree, &[path.as_slice(), &[Step::Item(0)]].concat()) else {
                continue;
            };
            let (span, first) = (first.span(), first.clone());
            let said = format!("there is one section {name}, so it has one bracket; write [{name}]");
            self.mistakes.push(self.source.error(span, said));
            tree::insert(&mut self.tree, &[], name, first);
        }
    }

    /// Says what is wrong and changes the tree so that it is so no longer; false where it cannot be changed.
    fn mend(&mut self, error: &Error) -> bool {
        let span = error.span().unwrap_or_default();
        let said = plain::said(error.message());
        if let Said::Missing(key) = said {
            let table = tree::find(&self.tree, &span, true).map(|found| found.path);
            return self.fill(&table.unwrap_or_default(), key);
        }
        let Some(found) = tree::find(&self.tree, &span, false).filter(|found| !found.path.is_empty()) else {
            self.say(&Path::new(), span, &said);
            return false;
        };
        self.say(&found.path, span, &said);
        let better = if found.is_key { said.meant() } else { None };
        if let Some(name) = better
            && tree::rename(&mut self.tree, &found.path, name)
        {
            return true;
        }
        self.touch(&found.path);
        if !found.is_key {
            self.lose(&found.path);
        }
        self.take_out(found.path)
    }

    /// Fills in what is missing in a table, and says so where it was missing all along.
    fn fill(&mut self, table: &[Step], key: &str) -> bool {
        let names = names(table);
        let example = examples::find(self.examples, &names, key);
        let path: Path = table.iter().cloned().chain([Step::Key(key.to_owned())]).collect();
        // What is missing beside a slip of the pen is perhaps what it is in.
        if !self.filled.contains(&path) && self.broken.is_empty() {
            let span = tree::get(&self.tree, table).map_or(0..0, Spanned::span);
            let span = if table.is_empty() { 0..0 } else { span };
            let place = self.place(table);
            let said = plain::missing(&place, key, example.map(|example| example.value));
            self.mistakes.push(self.source.error(span, said));
            self.touch(&path);
        }
        self.lose(&path);
        let value = example.and_then(|example| DeValue::parse(example.value).ok());
        let end = beyond(self.source);
        let value = value.map(|value| tree::placed_at(value, end));
        if value.is_some_and(|value| tree::insert(&mut self.tree, table, key, value)) {
            self.filled.insert(path);
            return true;
        }
        self.take_out(table.to_vec())
    }

    fn take_out(&mut self, path: Path) -> bool {
        // What came after an item has its place now.
        if let Some(Step::Item(_)) = path.last() {
            self.filled.retain(|filled| !filled.starts_with(&path));
        }
        let taken = tree::remove(&mut self.tree, &path);
        if let Some(Step::Key(_)) = path.last() {
            self.filled.insert(path);
        }
        taken
    }

    fn say(&mut self, path: &[Step], span: std::ops::Range<usize>, said: &Said<'_>) {
        // What became wrong by a mistake within it was right.
        let within = |mistake: &Mistake| span.start < mistake.bytes.start && mistake.bytes.end < span.end;
        if self.mistakes.iter().any(within) {
            return;
        }
        let parent = path.split_last().map_or(path, |(_, above)| above);
        let value = tree::get(&self.tree, path).map(Spanned::get_ref);
        let names = names(path);
        let example = names
            .split_last()
            .and_then(|(key, section)| examples::find(self.examples, section, key));
        let sentence = said.sentence(
            &self.place(parent),
            &self.place(path),
            value,
            example.map(|example| example.value),
        );
        self.mistakes.push(self.source.mistake(Severity::Error, span, sentence));
    }

    /// Notes that the part of the file around a path is not as it was written.
    fn touch(&mut self, path: &[Step]) {
        let mut unit = path;
        while unit.len() > 2 || (unit.len() == 2 && !matches!(unit, [Step::Key(_), Step::Item(_)])) {
            unit = unit.split_last().map_or(&[], |(_, above)| above);
        }
        if let Some(node) = tree::get(&self.tree, unit).filter(|_| !unit.is_empty()) {
            self.touched.extend(tree::starts(node));
        }
    }

    /// Notes that something is lost which other parts of the file may speak of.
    fn lose(&mut self, path: &[Step]) {
        if let Some(Step::Key(section)) = path.first() {
            self.lost |= DECLARED.contains(&section.as_str());
        }
        let has_topics = tree::get(&self.tree, &[Step::Key("topics".to_owned())]).is_some();
        let is_spoken_of =
            |section: &str| SPOKEN_OF.contains(&section) || (has_topics && SPOKEN_OF_BY_TOPICS.contains(&section));
        if let [Step::Key(section), .., last] = path {
            let by =
                matches!(last, Step::Item(_)) || matches!(last, Step::Key(key) if SPOKEN_BY.contains(&key.as_str()));
            self.lost |= by && is_spoken_of(section);
        } else if let [Step::Key(section)] = path {
            self.lost |= is_spoken_of(section);
        }
    }

    /// How a place is called.
    fn place(&self, path: &[Step]) -> Place {
        let key = path.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(key.clone()),
            Step::Item(_) => None,
        });
        let Some(key) = key else {
            return Place::File;
        };
        let span = tree::get(&self.tree, path).map(Spanned::span);
        let written = span.and_then(|span| self.source.text.get(span)).unwrap_or_default();
        let is_header =
            written.starts_with('[') && tree::get(&self.tree, path).is_some_and(|node| node.get_ref().is_table());
        if is_header {
            return Place::Section(written.to_owned());
        }
        Place::Key(key)
    }
}

/// The keys of a path: that of a section, whichever of its items is meant.
fn names(path: &[Step]) -> Vec<&str> {
    let keys = path.iter().filter_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Item(_) => None,
    });
    keys.collect()
}
