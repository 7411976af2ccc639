//! What is wrong or doubtful with caps and what messages may cost.

use std::ops::Range;

use super::places::Places;
use crate::caps::{Cap, OverCap};
use crate::file::File;
use crate::sending::MessageBudget;

pub(super) fn check_caps(file: &File, say: &mut impl FnMut(usize, String)) {
    for (index, budget) in file.message_budgets.iter().enumerate() {
        let (offset, budget) = (budget.span().start, budget.get_ref());
        if file.prices.is_none() {
            let what =
                "a budget needs to know what messages cost; add [prices] with currency, sms-part and push-million";
            say(offset, what.to_owned());
        }
        let of = |one: &MessageBudget| (one.per, one.purpose);
        let mut before = file.message_budgets.iter().take(index).map(toml::Spanned::get_ref);
        if before.any(|other| of(other) == of(budget)) {
            let what = "there are two budgets of the same messages in the same time; keep one of them";
            say(offset, what.to_owned());
        }
        if budget.worth.is_zero() {
            let what = "with a budget of 0 no message would ever go; write what may be spent, or pause the messages";
            say(offset, what.to_owned());
        }
    }
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
