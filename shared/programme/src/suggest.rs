//! What was probably meant by a name that there is not.

/// The known name that a word is nearest to, if it is near enough to be a slip of the pen.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let plain = |word: &str| word.to_lowercase().replace(['_', ' '], "-");
    let wanted = plain(word);
    let near = |name: &&'k str| {
        let away = strsim::damerau_levenshtein(&wanted, &plain(name));
        // What has the word in it, or is in it, was meant more often than not.
        let part = wanted.chars().count() > 3 && (name.contains(&wanted) || wanted.contains(*name));
        let most = (wanted.chars().count().max(3)) / 3;
        (away <= most || part).then_some((away, *name))
    };
    let best = known.into_iter().filter_map(|name| near(&name)).min();
    best.map(|(_, name)| name)
}

/// A list of more names is read by nobody who has the right one before them.
const LONG: usize = 8;

/// The mend of a name that there is not: the one that was meant, and those there are.
pub fn one_of(word: &str, known: &[&str]) -> String {
    let all = known.join(", ");
    match nearest(word, known.iter().copied()) {
        Some(name) if known.len() > LONG => format!("did you mean {name:?}?"),
        Some(name) => format!("did you mean {name:?}? Write one of: {all}"),
        None => format!("write one of: {all}"),
    }
}
