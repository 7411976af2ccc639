//! What is wrong with what is said of members who are told apart by nothing.

use crate::file::File;
use crate::personalisation::PERSONALISATION;

pub(super) fn check_personalisation(file: &File, say: &mut impl FnMut(usize, String)) {
    if let Some(attributes) = &file.attributes
        && attributes.get_ref().keys().any(|name| name.as_str() == PERSONALISATION)
    {
        let what = format!(
            "an attribute cannot be called {PERSONALISATION}: members give and withdraw consent to it; choose another name"
        );
        say(attributes.span().start, what);
    }
    let personalisation = file.personalisation.get_ref();
    for (locale, _) in personalisation.names.iter().filter(|(_, name)| name.trim().is_empty()) {
        let what =
            format!("texts in {locale} would call such members nothing at all; write a word, such as \"member\"");
        say(file.personalisation.span().start, what);
    }
}
