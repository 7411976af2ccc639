//! What is wrong or doubtful with the topics that members choose among.

use std::ops::Range;

use super::places::Places;
use crate::file::File;
use crate::topics::Topic;
use crate::{MessageKind, Purpose, suggest};

/// The kinds that tell of points that a campaign granted.
const OF_CAMPAIGNS: [MessageKind; 2] = [MessageKind::PointsEarned, MessageKind::PointsPending];

pub(super) fn check_topics(file: &File, say: &mut impl FnMut(usize, String)) {
    for (index, topic) in file.topics.iter().enumerate() {
        let (offset, topic) = (topic.span().start, topic.get_ref());
        let name = &topic.name;
        let before = || file.topics.iter().take(index).map(toml::Spanned::get_ref);
        if before().any(|other| other.name == *name) {
            say(
                offset,
                format!("there are two topics called {name}; give one another name"),
            );
        }
        if held(topic).next().is_none() {
            let what = format!(
                "the topic {name} has no messages; name kinds of them, such as kinds = [\"birthday\"], or campaigns or \
                 broadcasts"
            );
            say(offset, what);
        }
        let own: Vec<Held<'_>> = held(topic).collect();
        let twice = own.iter().enumerate().find(|(place, one)| {
            let in_this = own.iter().take(*place).any(|other| other == *one);
            in_this || before().flat_map(held).any(|other| other == **one)
        });
        if let Some((_, (what, one))) = twice {
            let what = format!("the {what} {one} is in two topics, or twice in one; name it once");
            say(offset, what);
        }
        for unknown in unknown(file, topic) {
            say(offset, unknown);
        }
    }
}

/// What a topic has, and as what.
type Held<'a> = (&'static str, &'a str);

fn held(topic: &Topic) -> impl Iterator<Item = Held<'_>> {
    let kinds = topic.kinds.iter().map(|kind| ("kind", kind.name()));
    let campaigns = topic.campaigns.iter().map(|name| ("campaign", name.as_str()));
    let broadcasts = topic.broadcasts.iter().map(|name| ("broadcast", name.as_str()));
    kinds.chain(campaigns).chain(broadcasts)
}

/// The names of all campaigns and missions, and whether members have one for it.
fn campaigns(file: &File) -> impl Iterator<Item = (&str, bool)> {
    let campaigns = file.campaigns.iter().map(toml::Spanned::get_ref);
    let campaigns = campaigns.map(|one| (one.name.as_str(), !one.names.is_empty()));
    let missions = file.missions.iter().map(toml::Spanned::get_ref);
    campaigns.chain(missions.map(|one| (one.name.as_str(), !one.names.is_empty())))
}

fn unknown(file: &File, topic: &Topic) -> Vec<String> {
    let known: Vec<&str> = campaigns(file).map(|(name, _)| name).collect();
    let of_campaigns = topic
        .campaigns
        .iter()
        .map(|name| ("campaign or mission", name.as_str()));
    let of_campaigns = of_campaigns.filter(|(_, name)| !known.contains(name));
    let sent = file.broadcasts.iter();
    let sent: Vec<&str> = sent.map(|one| one.get_ref().name.as_str()).collect();
    let of_broadcasts = topic.broadcasts.iter().map(|name| ("broadcast", name.as_str()));
    let of_broadcasts = of_broadcasts.filter(|(_, name)| !sent.contains(name));
    let unknown = |(what, name): (&str, &str), known: &[&str]| {
        let mend = if known.is_empty() {
            "leave it out".to_owned()
        } else {
            suggest::one_of(name, known)
        };
        format!("there is no {what} {name:?}; {mend}")
    };
    let of_campaigns = of_campaigns.map(|one| unknown(one, &known));
    of_campaigns
        .chain(of_broadcasts.map(|one| unknown(one, &sent)))
        .collect()
}

pub(super) fn doubts(places: &Places<'_>, file: &File, say: &mut impl FnMut(Range<usize>, String)) {
    let advertises = |kind: MessageKind| {
        let mut rules = file.messages.iter();
        rules.any(|(own, rule)| *own.get_ref() == kind && rule.purpose == Purpose::Promotional)
    };
    for topic in &file.topics {
        let (offset, topic) = (topic.span().start, topic.get_ref());
        let name = &topic.name;
        let nameless = topic
            .campaigns
            .iter()
            .find(|own| campaigns(file).any(|one| one == (own.as_str(), false)));
        if let Some(campaign) = nameless {
            let what = format!(
                "no message is known to tell of points of {campaign}, for members have no name for it; give it names, or \
                 leave it out of the topic {name}"
            );
            say(places.whole(offset), what);
        }
        let sends = |one: &crate::Broadcast| {
            let is_held = topic.broadcasts.contains(&one.name) || topic.kinds.contains(&MessageKind::Broadcast);
            is_held && one.message.purpose == Purpose::Promotional
        };
        let is_held_back = topic.kinds.iter().any(|kind| advertises(*kind))
            || (!topic.campaigns.is_empty() && OF_CAMPAIGNS.into_iter().any(advertises))
            || file.broadcasts.iter().any(|one| sends(one.get_ref()));
        if !is_held_back && held(topic).next().is_some() && unknown(file, topic).is_empty() {
            let what = format!(
                "who leaves out the topic {name} gets all of it, for only what is promotional is held back and none of its \
                 messages is; leave the topic out, or add messages that advertise"
            );
            say(places.whole(offset), what);
        }
    }
}
