//! What is wrong or doubtful with digests.

use std::ops::Range;

use super::places::Places;
use crate::MessageKind;
use crate::digests::{Collect, Digest};
use crate::file::{File, MessageRule};

fn rule(file: &File, kind: MessageKind) -> Option<&MessageRule> {
    let mut rules = file.messages.iter();
    rules.find(|(own, _)| *own.get_ref() == kind).map(|(_, rule)| rule)
}

pub(super) fn check_digests(file: &File, say: &mut impl FnMut(usize, String)) {
    for (index, digest) in file.digests.iter().enumerate() {
        let (offset, digest) = (digest.span().start, digest.get_ref());
        let Some(first) = digest.kinds.first() else {
            let what = "the digest has no kinds; name those of the messages that go as one, such as \"points-earned\"";
            say(offset, what.to_owned());
            continue;
        };
        let others = || file.digests.iter().take(index).map(toml::Spanned::get_ref);
        let twice = digest.kinds.iter().enumerate().find(|(place, kind)| {
            let before = digest.kinds.iter().take(*place).any(|other| other == *kind);
            before || others().any(|other| other.kinds.contains(kind))
        });
        if let Some((_, kind)) = twice {
            let name = kind.name();
            say(
                offset,
                format!("{name} is in two digests, or twice in one; name it once"),
            );
        }
        let purpose = |kind: &MessageKind| rule(file, *kind).map(|rule| rule.purpose);
        let other = digest.kinds.iter().find(|kind| purpose(kind) != purpose(first));
        if let Some((other, own)) = other.and_then(|other| Some((other, purpose(first)?))) {
            let (first, other, own) = (first.name(), other.name(), own.name());
            let what = format!(
                "{first} is {own} and {other} is not, so that they never go as one; write a digest for each purpose"
            );
            say(offset, what);
        }
        for kind in &digest.kinds {
            too_short(file, (*kind, digest), offset, say);
        }
    }
}

fn too_short(file: &File, (kind, digest): (MessageKind, &Digest), offset: usize, say: &mut impl FnMut(usize, String)) {
    let most = digest.collect.most_hours();
    let useful = rule(file, kind).map(|rule| *rule.useful_hours.get_ref());
    if let Some(useful) = useful.filter(|useful| *useful < most) {
        let name = kind.name();
        let what = format!(
            "{name} may wait for {most} hours and is useful for {useful}; write useful-hours = {most} or more under \
             [messages.{name}], or collect for less"
        );
        say(offset, what);
    }
}

pub(super) fn doubts(places: &Places<'_>, file: &File, say: &mut impl FnMut(Range<usize>, String)) {
    for digest in &file.digests {
        if let Collect::Until(hour) = digest.get_ref().collect
            && file.quiet_hours.contain(hour.time())
        {
            let (from, to) = (file.quiet_hours.from, file.quiet_hours.to);
            let what = format!(
                "what is collected until {hour} goes at {to}, since quiet hours are from {from} on; write {to}, or a time \
                 outside them"
            );
            say(places.whole(digest.span().start), what);
        }
    }
}
