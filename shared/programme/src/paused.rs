//! What an operator has paused: everything, a campaign, a broadcast, a channel or a kind of message.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::broadcasts::BroadcastName;
use crate::campaigns::CampaignName;
use crate::{Channel, MessageKind};

/// What can be paused. Its text is what an operator writes and what the tables keep: `channel sms`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Switch {
    /// All messages and all campaigns.
    Programme,
    Campaign(CampaignName),
    Broadcast(BroadcastName),
    Channel(Channel),
    Message(MessageKind),
}

impl Switch {
    /// Whether messages wait while it is paused. What a campaign would have granted does not.
    pub fn holds_messages(&self) -> bool {
        !matches!(self, Self::Campaign(_))
    }
}

impl fmt::Display for Switch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Programme => out.write_str("programme"),
            Self::Campaign(name) => write!(out, "campaign {name}"),
            Self::Broadcast(name) => write!(out, "broadcast {name}"),
            Self::Channel(channel) => write!(out, "channel {}", channel.name()),
            Self::Message(kind) => write!(out, "message {}", kind.name()),
        }
    }
}

/// A text that names nothing that can be paused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot be paused; write programme, campaign NAME, broadcast NAME, channel NAME or message KIND")]
pub struct NoSwitch(String);

impl FromStr for Switch {
    type Err = NoSwitch;
    fn from_str(text: &str) -> Result<Self, NoSwitch> {
        let found = match text.split_once(' ') {
            None => (text == "programme").then_some(Self::Programme),
            Some(("campaign", name)) => CampaignName::try_from(name.to_owned()).ok().map(Self::Campaign),
            Some(("broadcast", name)) => name.parse().ok().map(Self::Broadcast),
            Some(("channel", name)) => Channel::from_name(name).map(Self::Channel),
            Some(("message", name)) => MessageKind::from_name(name).map(Self::Message),
            Some(_) => None,
        };
        found.ok_or_else(|| NoSwitch(text.to_owned()))
    }
}

impl TryFrom<String> for Switch {
    type Error = NoSwitch;
    fn try_from(text: String) -> Result<Self, NoSwitch> {
        text.parse()
    }
}

impl From<Switch> for String {
    fn from(switch: Switch) -> Self {
        switch.to_string()
    }
}

/// All that is paused at a time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paused(BTreeSet<Switch>);

impl Paused {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn contains(&self, switch: &Switch) -> bool {
        self.0.contains(switch)
    }

    /// What holds a message of a kind and a cause that would go by a channel, the widest first.
    pub fn holds(&self, kind: MessageKind, cause: &str, channel: Channel) -> Option<Switch> {
        let may = [Switch::Programme, Switch::Channel(channel), Switch::Message(kind)];
        let broadcast = self.0.iter().find(|switch| match switch {
            Switch::Broadcast(name) => kind == MessageKind::Broadcast && name.as_str() == cause,
            _ => false,
        });
        let held = may.into_iter().find(|switch| self.contains(switch));
        held.or_else(|| broadcast.cloned())
    }

    /// Whether a broadcast is fanned out no further.
    pub fn stops_broadcast(&self, broadcast: &BroadcastName) -> bool {
        self.0.iter().any(|switch| match switch {
            Switch::Programme | Switch::Message(MessageKind::Broadcast) => true,
            Switch::Broadcast(name) => name == broadcast,
            Switch::Campaign(_) | Switch::Channel(_) | Switch::Message(_) => false,
        })
    }

    /// Whether a campaign grants nothing.
    pub fn stops(&self, campaign: &CampaignName) -> bool {
        self.0.iter().any(|switch| match switch {
            Switch::Programme => true,
            Switch::Campaign(name) => name == campaign,
            Switch::Broadcast(_) | Switch::Channel(_) | Switch::Message(_) => false,
        })
    }
}

impl FromIterator<Switch> for Paused {
    fn from_iter<T: IntoIterator<Item = Switch>>(switches: T) -> Self {
        Self(switches.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_switch_is_read_as_it_is_written() {
        let texts = [
            "programme",
            "campaign double-points",
            "broadcast winter-sale",
            "channel sms",
            "message points-earned",
        ];
        for text in texts {
            assert_eq!(text.parse::<Switch>().unwrap().to_string(), text);
        }
        for wrong in [
            "",
            "campaign",
            "channel fax",
            "message hello",
            "campaign No Name",
            "tier x",
        ] {
            assert!(wrong.parse::<Switch>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pause_holds_what_it_names_and_nothing_else() {
        let paused = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Paused>();
        let double = CampaignName::try_from("double".to_owned()).unwrap();
        let of = |texts: &[&str]| {
            let paused = paused(texts);
            let holds = |kind, channel| paused.holds(kind, "sale", channel).map(|switch| switch.to_string());
            (
                holds(MessageKind::Welcome, Channel::Sms),
                holds(MessageKind::Birthday, Channel::Push),
                paused.stops(&double),
            )
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(of(&[]), (None, None, false));
        assert_eq!(of(&["channel sms"]), (some("channel sms"), None, false));
        assert_eq!(of(&["message birthday"]), (None, some("message birthday"), false));
        assert_eq!(of(&["campaign double"]), (None, None, true));
        assert_eq!(of(&["campaign other"]), (None, None, false));
        let held = |texts: &[&str], cause: &str| {
            let held = paused(texts).holds(MessageKind::Broadcast, cause, Channel::Sms);
            held.map(|switch| switch.to_string())
        };
        assert_eq!(held(&["broadcast sale"], "sale"), some("broadcast sale"));
        assert_eq!(held(&["broadcast sale"], "gift"), None);
        assert_eq!(
            of(&["broadcast sale"]),
            (None, None, false),
            "other messages have causes, too"
        );
        let all = of(&["programme", "message birthday"]);
        assert_eq!(all, (some("programme"), some("programme"), true));
    }
}
