//! What a member replied to an SMS, and what that stopped or brought back.

use jiff::Timestamp;
use messages::{Came, Profile, Reason};
use store::{Evidence, MessageRecord};

use super::told::Told;

/// What a reply is called.
pub(super) fn cause(reply: &Evidence) -> String {
    format!("reply#{}", reply.id)
}

pub(super) fn came(reply: &Evidence) -> Option<Came> {
    Came::from_name(reply.came.as_deref()?)
}

/// The reply by which a number was stopped at an instant, if it was.
pub(super) fn stop(replies: &[Evidence], at: Timestamp) -> Option<&Evidence> {
    let mut latest = replies.iter().rev().filter(|reply| reply.received <= Some(at));
    let decides = latest.find(|reply| stops(reply) || came(reply) == Some(Came::Resumed));
    decides.filter(|reply| stops(reply))
}

fn stops(reply: &Evidence) -> bool {
    matches!(came(reply), Some(Came::Stopped | Came::Asked))
}

/// The reply for which a message did not go. It may be dated a little before it, and was decided after it.
fn held<'a>(record: &MessageRecord, replies: &'a [Evidence]) -> Option<&'a Evidence> {
    record
        .reason
        .as_deref()
        .filter(|reason| *reason == Reason::Stopped.name())?;
    let at = record.deferred_until.unwrap_or(record.intent.at);
    let after = || replies.iter().find(|reply| stops(reply) && reply.received > Some(at));
    stop(replies, at).or_else(after)
}

/// Which consents were withheld at an instant, and which given back.
fn consents(profiles: &[(Timestamp, Profile)], at: Timestamp) -> String {
    let before = profiles.partition_point(|(from, _)| *from < at);
    let after = profiles.partition_point(|(from, _)| *from <= at);
    let of = |place: usize| place.checked_sub(1).and_then(|place| profiles.get(place));
    let (Some((_, before)), Some((_, after))) = (of(before), of(after)) else {
        return String::new();
    };
    let more = |from: &Profile, to: &Profile| {
        let more = to.withheld.difference(&from.withheld);
        let names = more.map(|(_, purpose)| purpose.name());
        names.collect::<Vec<_>>().join(" and ")
    };
    match (more(before, after), more(after, before)) {
        (stopped, _) if !stopped.is_empty() => format!("; no more {stopped} SMS"),
        (_, again) if !again.is_empty() => format!("; {again} SMS again"),
        _ => String::new(),
    }
}

/// Each reply, with what it did to the consents, and how many messages did not go for it.
pub(super) fn told(replies: &[Evidence], profiles: &[(Timestamp, Profile)], records: &[MessageRecord]) -> Vec<Told> {
    let told = replies.iter().map(|reply| {
        let decided = reply.received.unwrap_or(reply.at);
        let came = reply.came.as_deref().unwrap_or("nothing that is known");
        let asked = reply.class.as_deref().unwrap_or("something");
        let mut says = match reply.source.as_str() {
            "sns" => format!("SNS has the number on its own list, which came to {came}"),
            _ => format!("a reply, read as {asked}, which came to {came}"),
        };
        says.push_str(&consents(profiles, decided));
        let for_it = |record: &&MessageRecord| held(record, replies).is_some_and(|by| by.id == reply.id);
        match records.iter().filter(for_it).count() {
            0 => {}
            1 => says.push_str("; 1 message did not go for it"),
            held => says.push_str(&format!("; {held} messages did not go for it")),
        }
        Told::nothing(cause(reply), (reply.at, decided), says)
    });
    told.collect()
}
