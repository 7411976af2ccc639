//! A text as the words it is made of.

use crate::fold::{Folded, fold};
use crate::words::{Keyword, Word, Words};

/// Longer words are in no phrase, and no keyword is longer spelled out.
const LONGEST: usize = 24;

/// The words of a text, and the breaks between them; what is ignored is left out.
pub(crate) fn cut(text: &str, words: &Words) -> Vec<Word> {
    let mut cutter = Cutter {
        words,
        read: Vec::new(),
        word: String::new(),
        letters: String::new(),
        spelled_from: 0,
    };
    let mut before = ' ';
    for character in text.chars() {
        // A hyphen in a word is none to speak of, and a dash is one between words.
        let dash = character == '-' && before.is_whitespace();
        before = character;
        match fold(character) {
            _ if dash => cutter.end_clause(Word::COMMA),
            Folded::Letter(one) | Folded::Digit(one) => cutter.word.push(one),
            Folded::Han(one) => {
                cutter.end_word();
                cutter.end_spelling();
                let mut bytes = [0; 4];
                let han = words.simplified(one).encode_utf8(&mut bytes);
                cutter.read.push(words.vocabulary.get(han).unwrap_or(Word::UNKNOWN));
            }
            Folded::Nothing => {}
            Folded::Space => cutter.end_word(),
            Folded::Comma => cutter.end_clause(Word::COMMA),
            Folded::Stop => cutter.end_clause(Word::STOP),
        }
    }
    cutter.end_word();
    cutter.end_spelling();
    cutter.read.retain(|word| !words.is_ignored(*word));
    cutter.read
}

struct Cutter<'a> {
    words: &'a Words,
    read: Vec<Word>,
    /// The word that is being read.
    word: String,
    /// Single letters one after the other, as in `s t o p`, and where they began.
    letters: String,
    spelled_from: usize,
}

impl Cutter<'_> {
    fn end_clause(&mut self, with: Word) {
        self.end_word();
        self.read.push(with);
    }

    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        let word = std::mem::take(&mut self.word);
        if word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            if self.letters.is_empty() {
                self.spelled_from = self.read.len();
            }
            if self.letters.len() <= LONGEST {
                self.letters.push_str(&word);
            }
        } else {
            self.end_spelling();
        }
        if let Some(known) = known(&word, self.words) {
            self.read.push(known);
        } else {
            // `stop12345`
            let digits = word.find(|c: char| c.is_ascii_digit()).unwrap_or(word.len());
            let (letters, digits) = word.split_at(digits);
            if !letters.is_empty() {
                let meant = || self.words.meant(letters).filter(|_| letters.len() <= LONGEST);
                self.read
                    .push(known_word(letters, self.words).or_else(meant).unwrap_or(Word::UNKNOWN));
            }
            if !digits.is_empty() {
                let number = digits.bytes().all(|byte| byte.is_ascii_digit());
                self.read.push(if number { Word::NUMBER } else { Word::UNKNOWN });
            }
        }
    }

    /// Letters that spell a keyword are one.
    fn end_spelling(&mut self) {
        let letters = std::mem::take(&mut self.letters);
        if letters.len() < 2 {
            return;
        }
        if let Some(word) = keyword(&letters, self.words) {
            self.read.truncate(self.spelled_from);
            self.read.push(word);
        }
    }
}

/// A word as it is written, or with letters twice or drawn out: `stopp`, `stooop`.
fn known(word: &str, words: &Words) -> Option<Word> {
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Word::NUMBER);
    }
    known_word(word, words)
}

fn known_word(word: &str, words: &Words) -> Option<Word> {
    words.vocabulary.get(word).or_else(|| {
        let drawn_out = |at_most| words.vocabulary.get(&shortened(word, at_most));
        drawn_out(2).or_else(|| drawn_out(1).filter(|_| word.chars().count() > 3))
    })
}

/// A word with no letter more than so often in a row.
fn shortened(word: &str, at_most: usize) -> String {
    let letters: Vec<char> = word.chars().collect();
    let runs = letters.chunk_by(|one, other| one == other);
    runs.flat_map(|run| run.iter().take(at_most)).collect()
}

/// A word that, alone, is a keyword against messages.
fn keyword(letters: &str, words: &Words) -> Option<Word> {
    let word = words.vocabulary.get(letters)?;
    let meaning = words.keywords.longest(&[word], 0);
    matches!(meaning, Some((_, Keyword::Clause | Keyword::Sentence | Keyword::Alone))).then_some(word)
}

/// Whether a whole text is one keyword with spaces or marks in it: `st op`, `un-subscribe`.
pub(crate) fn is_glued(text: &str, words: &Words) -> bool {
    let mut glued = String::new();
    for character in text.chars() {
        match fold(character) {
            Folded::Letter(one) if glued.len() < LONGEST => glued.push(one),
            Folded::Letter(_) | Folded::Digit(_) | Folded::Han(_) => return false,
            Folded::Nothing | Folded::Space | Folded::Comma | Folded::Stop => {}
        }
    }
    keyword(&glued, words).is_some()
}
