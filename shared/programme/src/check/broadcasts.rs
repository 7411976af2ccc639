//! What is wrong with broadcasts.

use super::check_rule;
use crate::Texts;
use crate::file::File;
use crate::suggest;

pub(super) fn check_broadcasts(file: &File, texts: &Texts, say: &mut impl FnMut(usize, String)) {
    for (index, broadcast) in file.broadcasts.iter().enumerate() {
        let (offset, broadcast) = (broadcast.span().start, broadcast.get_ref());
        let name = &broadcast.name;
        let mut before = file.broadcasts.iter().take(index);
        if before.any(|other| other.get_ref().name == *name) {
            say(offset, format!("there are two called {name}; give one another name"));
        }
        check_rule(name.as_str(), &broadcast.message, say);
        for locale in texts.without_broadcast(name.as_str()) {
            let named = texts.broadcasts_in(locale);
            let declared = |text: &&str| file.broadcasts.iter().any(|one| one.get_ref().name.as_str() == *text);
            let free = named.into_iter().filter(|text| !declared(text));
            let meant = suggest::nearest(name.as_str(), free);
            let mend = meant.map_or_else(
                || format!("add [broadcasts.{name}] there with sms, push-title and push-body"),
                |meant| format!("is [broadcasts.{meant}] there meant?"),
            );
            say(
                offset,
                format!("there is no text for the broadcast {name} in texts/{locale}.toml; {mend}"),
            );
        }
    }
}
