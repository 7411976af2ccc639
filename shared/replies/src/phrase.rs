//! Phrases: how they are written in the files of words, and where one stands in a text.
//!
//! A phrase is words one after the other, each Chinese character being one. Beside them: `(a|b)` is one of several, `?` makes
//! what is before it optional, `<name>` is one of a set, `#` a number, `..` up to three words of any kind, `^` and `$` the beginning
//! and the end of a clause, `,` what parts two clauses, beyond which no phrase reaches else.

use std::collections::BTreeMap;

use crate::words::{Vocabulary, Word};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Item {
    Word(Word),
    OneOf(Vec<Vec<Item>>),
    Optional(Box<Item>),
    /// Up to three words of any kind.
    Gap,
    ClauseBegins,
    ClauseEnds,
}

/// What a set's name stands for.
pub(crate) type Sets = BTreeMap<String, Item>;

/// A phrase out of a file of words; its words become known.
pub(crate) fn parse(text: &str, sets: &Sets, vocabulary: &mut Vocabulary) -> Result<Vec<Item>, String> {
    let mut rest = text.trim();
    let items = sequence(&mut rest, sets, vocabulary).map_err(|why| format!("{text:?}: {why}"))?;
    if rest.is_empty() {
        Ok(items)
    } else {
        Err(format!("{text:?}: not understood from {rest:?} on"))
    }
}

fn sequence(rest: &mut &str, sets: &Sets, vocabulary: &mut Vocabulary) -> Result<Vec<Item>, String> {
    let mut items = Vec::new();
    loop {
        *rest = rest.trim_start();
        let Some(first) = rest.chars().next() else {
            return Ok(items);
        };
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        let item = match first {
            '|' | ')' => return Ok(items),
            '(' => {
                *rest = after;
                one_of(rest, sets, vocabulary)?
            }
            '<' => {
                let (name, after) = after.split_once('>').ok_or("a set's name ends with >")?;
                *rest = after;
                sets.get(name)
                    .cloned()
                    .ok_or_else(|| format!("there is no set {name:?}"))?
            }
            '?' => {
                *rest = after;
                let before = items.pop().ok_or("nothing stands before ?")?;
                Item::Optional(Box::new(before))
            }
            '.' => {
                *rest = after.strip_prefix('.').ok_or("a gap is written ..")?;
                Item::Gap
            }
            '#' | ',' | '^' | '$' => {
                *rest = after;
                match first {
                    '#' => Item::Word(Word::NUMBER),
                    ',' => Item::Word(Word::COMMA),
                    '^' => Item::ClauseBegins,
                    _ => Item::ClauseEnds,
                }
            }
            _ => {
                let ascii = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
                let end = if first.is_ascii_alphanumeric() {
                    ascii
                } else {
                    first.len_utf8()
                };
                let (word, after) = rest.split_at(end);
                if !word.chars().all(char::is_alphanumeric) {
                    return Err(format!("{word:?} is no word"));
                }
                *rest = after;
                Item::Word(vocabulary.learn(word))
            }
        };
        items.push(item);
    }
}

fn one_of(rest: &mut &str, sets: &Sets, vocabulary: &mut Vocabulary) -> Result<Item, String> {
    let mut choices = Vec::new();
    loop {
        choices.push(sequence(rest, sets, vocabulary)?);
        match rest.strip_prefix('|') {
            Some(after) => *rest = after,
            None => break,
        }
    }
    *rest = rest.strip_prefix(')').ok_or("a ( is not closed")?;
    Ok(Item::OneOf(choices))
}

/// Places after the beginning of a phrase, one a bit. A phrase of more than sixty words is none.
type Places = u64;

/// The places a sequence can end at, when it can begin at any of `from`: each word is looked at once for each item, so
/// that no phrase and no text can make it long.
fn ends(items: &[Item], text: &[Word], at: usize, from: Places) -> Places {
    items.iter().fold(from, |from, item| match item {
        _ if from == 0 => 0,
        Item::Word(word) => step(text, at, from, |there| there == *word),
        Item::OneOf(choices) => choices.iter().fold(0, |all, choice| all | ends(choice, text, at, from)),
        Item::Optional(item) => from | ends(std::slice::from_ref(item), text, at, from),
        Item::Gap => (0..3).fold(from, |from, _| from | step(text, at, from, |word| !word.is_break())),
        Item::ClauseBegins => keep(from, |place| {
            at.checked_add(place)
                .is_none_or(|here| is_end(text, here.checked_sub(1)))
        }),
        Item::ClauseEnds => keep(from, |place| is_end(text, at.checked_add(place))),
    })
}

fn step(text: &[Word], at: usize, from: Places, fits: impl Fn(Word) -> bool) -> Places {
    keep(from, |place| {
        text.get(at.saturating_add(place)).is_some_and(|word| fits(*word))
    }) << 1
}

fn keep(places: Places, holds: impl Fn(usize) -> bool) -> Places {
    let (mut kept, mut left) = (0, places);
    while left != 0 {
        let place = left.trailing_zeros();
        left &= left - 1;
        // The last place has none after it.
        if place < Places::BITS - 1 && holds(place as usize) {
            kept |= 1 << place;
        }
    }
    kept
}

/// Whether there is no word of the clause at this place.
fn is_end(text: &[Word], place: Option<usize>) -> bool {
    place
        .and_then(|place| text.get(place))
        .is_none_or(|word| word.is_break())
}

/// Phrases that mean something, to be looked for together.
#[derive(Debug)]
pub(crate) struct Phrases<M> {
    list: Vec<(M, Vec<Item>)>,
    /// By the number of the word they begin with.
    begin: Vec<Vec<usize>>,
}

impl<M: Copy + Ord> Phrases<M> {
    pub(crate) fn new() -> Self {
        Self {
            list: Vec::new(),
            begin: Vec::new(),
        }
    }

    /// Adds a phrase; one that could begin anywhere is refused.
    pub(crate) fn add(&mut self, meaning: M, items: Vec<Item>) -> Result<(), String> {
        let mut first = Vec::new();
        if begins(&items, &mut first) {
            return Err("a phrase begins with a word, and has one that is not optional".to_owned());
        }
        first.sort_unstable();
        first.dedup();
        for word in first {
            if self.begin.len() <= word.number() {
                self.begin.resize_with(word.number() + 1, Vec::new);
            }
            if let Some(begin) = self.begin.get_mut(word.number()) {
                begin.push(self.list.len());
            }
        }
        self.list.push((meaning, items));
        Ok(())
    }

    /// The longest phrase that begins here, with how many words it has; of two as long the greater meaning.
    pub(crate) fn longest(&self, text: &[Word], at: usize) -> Option<(usize, M)> {
        let first = text.get(at)?;
        let phrases = self
            .begin
            .get(first.number())?
            .iter()
            .filter_map(|number| self.list.get(*number));
        phrases
            .filter_map(|(meaning, items)| match ends(items, text, at, 1) {
                0 | 1 => None,
                ends => Some((ends.ilog2() as usize, *meaning)),
            })
            .max()
    }
}

/// The words a sequence can begin with, and whether it can be empty or begin with any.
fn begins(items: &[Item], first: &mut Vec<Word>) -> bool {
    items.iter().all(|item| match item {
        Item::Word(word) => {
            first.push(*word);
            false
        }
        Item::OneOf(choices) => choices.iter().fold(false, |any, choice| begins(choice, first) | any),
        Item::Optional(item) => {
            begins(std::slice::from_ref(item), first);
            true
        }
        Item::Gap | Item::ClauseBegins | Item::ClauseEnds => true,
    })
}
