//! What is wrong or doubtful with caps.

use std::ops::Range;

use super::places::Places;
use crate::caps::{Cap, OverCap};
use crate::file::File;

pub(super) fn check_caps(file: &File, say: &mut impl FnMut(usize, String)) {
    for (index, cap) in file.caps.iter().enumerate() {
        let (offset, cap) = (cap.span().start, cap.get_ref());
        let counts = |one: &Cap| (one.per, one.purpose, one.channel, one.kinds.clone());
        let mut before = file.caps.iter().take(index).map(toml::Spanned::get_ref);
        if before.any(|other| counts(other) == counts(cap)) {
            let what = "there are two caps on the same messages in the same time; keep one of them";
            say(offset, what.to_owned());
        }
    }
}

pub(super) fn doubts(places: &Places<'_>, file: &File, say: &mut impl FnMut(Range<usize>, String)) {
    for cap in &file.caps {
        let (offset, cap) = (cap.span().start, cap.get_ref());
        let mut messages = file.messages.iter();
        let is_counted = messages.any(|(kind, rule)| {
            let mut channels = rule.channels.get_ref().iter();
            channels.any(|channel| cap.counts(*kind.get_ref(), rule.purpose, *channel))
        });
        if !is_counted {
            let what = format!(
                "the cap counts no message, for none of its kinds is {} and goes by its channel; where no purpose is said, \
                 it is promotional",
                cap.purpose.name()
            );
            say(places.whole(offset), what);
        }
        if cap.over == OverCap::SwitchChannel && cap.channel.is_none() {
            let what = "another channel has no more room, for the cap counts all of them together; write channel = \"sms\" \
                        or \"push\" in it, or over = \"wait\"";
            say(places.whole(offset), what.to_owned());
        }
    }
}
