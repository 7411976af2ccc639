//! What is wrong with the wordings that members agree to.

use crate::file::File;
use crate::wordings::Wording;

use super::versions::Written;

pub(super) fn check_wordings(file: &File, say: &mut impl FnMut(usize, String)) {
    for (index, written) in file.wordings.iter().enumerate() {
        let (offset, wording) = (written.span().start, written.get_ref());
        let name = wording.name.as_str();
        let mut before = file.wordings.iter().take(index).map(toml::Spanned::get_ref);
        if before.any(|other| other.name == wording.name) {
            let what = format!(
                "there are two wordings {name:?}; a wording that changes is another one, so give the new one a name of its own"
            );
            say(offset, what);
        }
        let default = file.default_locale.get_ref();
        if !wording.texts.contains_key(default) {
            let what = format!(
                "the wording {name:?} has no text in {default}, the default-locale, which members are shown whose language \
                 has none; write texts = {{ {default} = \"...\" }}"
            );
            say(offset, what);
        }
        for (locale, _) in wording.texts.iter().filter(|(_, words)| words.trim().is_empty()) {
            let what = format!("the wording {name:?} says nothing in {locale}; write what members are shown");
            say(offset, what);
        }
    }
}

/// A wording of a later version says what it said: consents name it, whenever they were given.
pub(super) fn check_unchanged(file: &File, older: &[&Written<'_>], say: &mut impl FnMut(usize, String)) {
    for written in &file.wordings {
        let wording = written.get_ref();
        let of_older = |(_, file): &&Written<'_>| {
            let mut all = file.wordings.iter().map(toml::Spanned::get_ref);
            all.any(|other| other.name == wording.name && changes(other, wording))
        };
        if let Some((before, _)) = older.iter().copied().find(of_older) {
            let what = format!(
                "the wording {:?} says something else in {}; leave it as it was, and give the new words a name of their own",
                wording.name.as_str(),
                before.name
            );
            say(written.span().start, what);
        }
    }
}

/// Whether a text of a wording became another; one that is added, in another language, changes none.
fn changes(before: &Wording, after: &Wording) -> bool {
    before
        .texts
        .iter()
        .any(|(locale, words)| after.texts.get(locale) != Some(words))
}
