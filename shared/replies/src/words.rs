//! The words of `words/`, read once: which ones there are, and what their phrases mean.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::phrase::{Item, Phrases, Sets, parse};

/// A word by its number, or what stands between words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Word(u16);

impl Word {
    /// One that is in no phrase.
    pub(crate) const UNKNOWN: Word = Word(0);
    pub(crate) const NUMBER: Word = Word(1);
    /// Between two clauses of a sentence.
    pub(crate) const COMMA: Word = Word(2);
    /// Between two sentences.
    pub(crate) const STOP: Word = Word(3);

    pub(crate) fn is_break(self) -> bool {
        matches!(self, Word::COMMA | Word::STOP)
    }

    pub(crate) fn number(self) -> usize {
        usize::from(self.0)
    }
}

/// The words that are known.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary(HashMap<Box<str>, Word>);

impl Vocabulary {
    pub(crate) fn learn(&mut self, word: &str) -> Word {
        let next = u16::try_from(self.0.len() + 4).map_or(Word::UNKNOWN, Word);
        *self.0.entry(word.into()).or_insert(next)
    }

    pub(crate) fn get(&self, word: &str) -> Option<Word> {
        self.0.get(word).copied()
    }
}

/// What a keyword says, and where; of two as long, the greater is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Keyword {
    /// Nothing: people put it around keywords.
    Around,
    /// Nothing, but that a keyword follows.
    ReplyWith,
    Help,
    OptIn,
    /// Opt-out as the whole reply, of one letter: what follows a thank-you may be a name.
    Letter,
    /// Opt-out as the whole reply, doubtful as a sentence of one.
    Alone,
    /// Opt-out as a sentence of its own, doubtful as a clause.
    Sentence,
    /// Opt-out as a clause of its own.
    Clause,
}

/// What a phrase says, wherever it stands; of two as long, the greater is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phrase {
    Unsure,
    OptOut,
    Other,
}

/// A file of words, as it is written.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    keywords: Keywords,
    phrases: PhrasesOf,
    #[serde(default)]
    sets: BTreeMap<String, String>,
    reading: Reading,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Keywords {
    as_a_clause: Vec<String>,
    as_a_sentence: Vec<String>,
    alone: Vec<String>,
    letters: Vec<String>,
    opt_in: Vec<String>,
    help: Vec<String>,
    around: Vec<String>,
    reply_with: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct PhrasesOf {
    opt_out: Vec<String>,
    unsure: Vec<String>,
    perhaps: Vec<String>,
    other: Vec<String>,
}

/// How single words are read; in each text, words stand apart by spaces.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
struct Reading {
    /// Left out before phrases are looked for.
    ignored: String,
    /// A word, and how else it is written.
    written: BTreeMap<String, String>,
    /// Words that are read with a letter missing, too many or in the wrong place; two in long ones.
    spelling: String,
    /// Words that are like one of these and are none.
    known: String,
    /// A traditional character and its simplified one, in pairs.
    traditional: String,
}

/// All words of all languages: a member writes in any.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) vocabulary: Vocabulary,
    pub(crate) keywords: Phrases<Keyword>,
    pub(crate) phrases: Phrases<Phrase>,
    /// Wide ones, to be looked for where none of the others begins.
    pub(crate) perhaps: Phrases<Phrase>,
    ignored: Vec<Word>,
    spelling: Vec<(Box<str>, Word)>,
    simplified: HashMap<char, char>,
}

const FILES: [(&str, &str); 2] = [
    ("words/en.toml", include_str!("../words/en.toml")),
    ("words/zh.toml", include_str!("../words/zh.toml")),
];

pub(crate) fn words() -> &'static Words {
    // The files are part of the program, and a test reads them.
    #[allow(clippy::expect_used)]
    static WORDS: LazyLock<Words> = LazyLock::new(|| Words::of(&FILES).expect("the words of this crate"));
    &WORDS
}

impl Words {
    fn of(files: &[(&str, &str)]) -> Result<Self, String> {
        let mut words = Words {
            vocabulary: Vocabulary::default(),
            keywords: Phrases::new(),
            phrases: Phrases::new(),
            perhaps: Phrases::new(),
            ignored: Vec::new(),
            spelling: Vec::new(),
            simplified: HashMap::new(),
        };
        for (name, text) in files {
            let file = toml::from_str(text).map_err(|error| format!("{name}: {error}"))?;
            words.add(&file).map_err(|why| format!("{name}: {why}"))?;
        }
        Ok(words)
    }

    fn add(&mut self, file: &File) -> Result<(), String> {
        self.add_reading(&file.reading)?;
        let mut sets = Sets::new();
        for (name, text) in &file.sets {
            let choices = parse(&format!("({text})"), &Sets::new(), &mut self.vocabulary)?;
            sets.insert(name.clone(), Item::OneOf(vec![choices]));
        }
        let keywords = [
            (Keyword::Clause, &file.keywords.as_a_clause),
            (Keyword::Sentence, &file.keywords.as_a_sentence),
            (Keyword::Alone, &file.keywords.alone),
            (Keyword::Letter, &file.keywords.letters),
            (Keyword::OptIn, &file.keywords.opt_in),
            (Keyword::Help, &file.keywords.help),
            (Keyword::Around, &file.keywords.around),
            (Keyword::ReplyWith, &file.keywords.reply_with),
        ];
        for (meaning, list) in keywords {
            add_all(&mut self.keywords, meaning, list, &sets, &mut self.vocabulary)?;
        }
        let phrases = [
            (Phrase::OptOut, &file.phrases.opt_out),
            (Phrase::Unsure, &file.phrases.unsure),
            (Phrase::Other, &file.phrases.other),
        ];
        for (meaning, list) in phrases {
            add_all(&mut self.phrases, meaning, list, &sets, &mut self.vocabulary)?;
        }
        let perhaps = &file.phrases.perhaps;
        add_all(&mut self.perhaps, Phrase::Unsure, perhaps, &sets, &mut self.vocabulary)
    }

    fn add_reading(&mut self, reading: &Reading) -> Result<(), String> {
        for (word, others) in &reading.written {
            let number = self.vocabulary.learn(word);
            for other in others.split_whitespace() {
                match self.vocabulary.0.insert(other.into(), number) {
                    Some(before) if before != number => {
                        return Err(format!("{other:?} is a word of its own, and written for {word:?}"));
                    }
                    Some(_) | None => {}
                }
            }
        }
        for word in reading.ignored.split_whitespace() {
            self.ignored.push(self.vocabulary.learn(word));
        }
        for word in reading.spelling.split_whitespace() {
            self.spelling.push((word.into(), self.vocabulary.learn(word)));
        }
        for word in reading.known.split_whitespace() {
            self.vocabulary.learn(word);
        }
        for pair in reading.traditional.split_whitespace() {
            let mut pair = pair.chars();
            if let (Some(traditional), Some(simplified)) = (pair.next(), pair.next()) {
                self.simplified.insert(traditional, simplified);
            }
        }
        Ok(())
    }

    pub(crate) fn is_ignored(&self, word: Word) -> bool {
        self.ignored.contains(&word)
    }

    pub(crate) fn simplified(&self, han: char) -> char {
        self.simplified.get(&han).copied().unwrap_or(han)
    }

    /// The word that was probably meant by one that is not known.
    pub(crate) fn meant(&self, word: &str) -> Option<Word> {
        let like = |right: &str| {
            let (longer, shorter) = (right.len().max(word.len()), right.len().min(word.len()));
            if longer - shorter > 2 || !word.starts_with(right.get(..1).unwrap_or_default()) {
                return false;
            }
            match strsim::osa_distance(word, right) {
                // Another letter in its place makes another word more often than not.
                1 => right.len() >= 9 || longer != shorter || same_letters(word, right),
                2 => right.len() >= 11,
                _ => false,
            }
        };
        self.spelling
            .iter()
            .find(|(right, _)| like(right))
            .map(|(_, word)| *word)
    }
}

fn add_all<M: Copy + Ord>(
    phrases: &mut Phrases<M>,
    meaning: M,
    list: &[String],
    sets: &Sets,
    vocabulary: &mut Vocabulary,
) -> Result<(), String> {
    for text in list {
        let items = parse(text, sets, vocabulary)?;
        phrases.add(meaning, items).map_err(|why| format!("{text:?}: {why}"))?;
    }
    Ok(())
}

fn same_letters(one: &str, other: &str) -> bool {
    let sorted = |word: &str| {
        let mut letters: Vec<u8> = word.bytes().collect();
        letters.sort_unstable();
        letters
    };
    sorted(one) == sorted(other)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn the_files_are_sound() {
        let words = Words::of(&FILES).expect("the words of this crate");
        assert!(words.vocabulary.get("stop").is_some());
    }

    #[test]
    fn what_is_wrong_in_a_file_is_named() {
        let file = |phrase: &str| {
            format!(
                "[keywords]\nas-a-clause = []\nas-a-sentence = []\nalone = []\nletters = []\nopt-in = []\nhelp = []\naround = []\n\
                 reply-with = []\n[phrases]\nopt-out = ['{phrase}']\nunsure = []\nperhaps = []\nother = []\n[reading]\n"
            )
        };
        assert!(Words::of(&[("xx.toml", &file("stop (it|this)? <now"))]).is_err());
        for (phrase, says) in [
            ("stop (it", "a ( is not closed"),
            ("stop it)", "not understood from \")\" on"),
            ("stop <it>", "there is no set \"it\""),
            ("? stop", "nothing stands before ?"),
            ("it? .. stop?", "has one that is not optional"),
            ("stop - it", "\"-\" is no word"),
            ("stop . it", "a gap is written .."),
        ] {
            let why = Words::of(&[("xx.toml", &file(phrase))]).unwrap_err();
            assert!(why.starts_with("xx.toml: ") && why.contains(says), "{phrase}: {why}");
        }
        let why = Words::of(&[("xx.toml", &file("stop").replace("opt-in", "opt-inn"))]).unwrap_err();
        assert!(why.contains("opt-inn"), "{why}");
    }

    #[test]
    fn a_slip_of_the_finger_is_read() {
        let words = words();
        let meant = |word| words.meant(word).is_some();
        for word in [
            "unsuscribe",
            "unsubcribe",
            "usubscribe",
            "unsubscirbe",
            "unsubscrible",
            "remvoe",
            "remov",
        ] {
            assert!(meant(word), "{word}");
        }
        for word in ["subscribe", "remote", "rumour", "masseuse", "x", ""] {
            assert!(!meant(word), "{word}");
        }
    }
}
