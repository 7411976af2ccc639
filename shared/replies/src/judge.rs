//! From words to what is asked.

use crate::Reply;
use crate::cut::{cut, is_glued};
use crate::words::{Keyword, Phrase, Word, Words};

pub(crate) fn judge(text: &str, words: &Words) -> Reply {
    let read = cut(text, words);
    if let Some(reply) = whole(&read, words) {
        return reply;
    }
    if is_glued(text, words) {
        return Reply::OptOut;
    }
    match clauses(&read, words).max(phrases(&read, words)) {
        Found::OptOut => Reply::OptOut,
        Found::Unsure => Reply::Unsure,
        Found::Nothing => Reply::Other,
    }
}

/// What a part of a reply says; the greater outweighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    Nothing,
    Unsure,
    OptOut,
}

/// What a text says that is keywords and what people put around them; nothing, if it is more than that.
fn whole(text: &[Word], words: &Words) -> Option<Reply> {
    let mut said = keywords(text, words)?;
    let letter_in_doubt = said
        .iter()
        .position(|keyword| *keyword == Keyword::Letter)
        .is_some_and(|at| {
            let before = at.checked_sub(1).and_then(|before| said.get(before));
            before == Some(&Keyword::Around)
        });
    said.retain(|keyword| !matches!(keyword, Keyword::Around | Keyword::ReplyWith));
    let says = |keyword| said.contains(&keyword);
    let opt_out = [Keyword::Clause, Keyword::Sentence, Keyword::Alone]
        .into_iter()
        .any(says);
    let opt_out = opt_out || says(Keyword::Letter);
    Some(match (opt_out, says(Keyword::OptIn), says(Keyword::Help)) {
        (true, true, _) => Reply::Unsure,
        (true, false, _) if letter_in_doubt && said == [Keyword::Letter] => Reply::Unsure,
        (true, false, _) => Reply::OptOut,
        (false, true, _) => Reply::OptIn,
        (false, false, true) => Reply::Help,
        (false, false, false) => Reply::Other,
    })
}

/// The keywords of a text that has nothing else, in order.
fn keywords(text: &[Word], words: &Words) -> Option<Vec<Keyword>> {
    let mut said = Vec::new();
    let mut at = 0;
    while let Some(word) = text.get(at) {
        if word.is_break() {
            at += 1;
            continue;
        }
        let (long, keyword) = words.keywords.longest(text, at)?;
        said.push(keyword);
        at += long;
    }
    Some(said)
}

/// What the sentences and clauses say that are keywords.
fn clauses(text: &[Word], words: &Words) -> Found {
    let strongest = |part: &[Word]| {
        let said = keywords(part, words).unwrap_or_default();
        said.into_iter().max().unwrap_or(Keyword::Around)
    };
    let sentences = text
        .split(|word| *word == Word::STOP)
        .map(|sentence| match strongest(sentence) {
            Keyword::Clause | Keyword::Sentence => Found::OptOut,
            Keyword::Alone => Found::Unsure,
            Keyword::Around | Keyword::ReplyWith | Keyword::Help | Keyword::OptIn | Keyword::Letter => Found::Nothing,
        });
    let clauses = text
        .split(|word| word.is_break())
        .map(|clause| match strongest(clause) {
            Keyword::Clause => Found::OptOut,
            Keyword::Sentence => Found::Unsure,
            Keyword::Around
            | Keyword::ReplyWith
            | Keyword::Help
            | Keyword::OptIn
            | Keyword::Letter
            | Keyword::Alone => Found::Nothing,
        });
    sentences.chain(clauses).max().unwrap_or(Found::Nothing)
}

/// What the phrases say, from left to right.
fn phrases(text: &[Word], words: &Words) -> Found {
    let mut found = Found::Nothing;
    let mut at = 0;
    while at < text.len() {
        let here = words
            .phrases
            .longest(text, at)
            .or_else(|| words.perhaps.longest(text, at));
        let Some((long, phrase)) = here else {
            at += 1;
            continue;
        };
        found = found.max(match phrase {
            Phrase::OptOut => Found::OptOut,
            Phrase::Unsure => Found::Unsure,
            Phrase::Other => Found::Nothing,
        });
        at += long;
    }
    found
}
