//! What messages are about, as members choose among them.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::broadcasts::BroadcastName;
use crate::campaigns::CampaignName;
use crate::rewards::slug;
use crate::{MessageKind, Programme};

/// Messages that members may leave out as one, where they advertise.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Topic {
    /// What preferences name it by.
    pub name: TopicName,
    /// What members call it, by locale.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// Messages of these kinds, but for those of a campaign or a broadcast that another topic has.
    #[serde(default)]
    pub kinds: Vec<MessageKind>,
    /// Messages that tell of points of these campaigns, or missions, by their names.
    #[serde(default)]
    pub campaigns: Vec<CampaignName>,
    /// These broadcasts, by their names.
    #[serde(default)]
    pub broadcasts: Vec<BroadcastName>,
}

/// A topic's name in the programme file. It never changes: members' preferences keep it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[a-z0-9-]{1,32}$", "examples" = ["offers"])))]
#[serde(try_from = "String")]
pub struct TopicName(String);

impl TopicName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TopicName {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        slug(&name, "topic", "offers")?;
        Ok(Self(name))
    }
}

impl fmt::Display for TopicName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl Programme {
    /// The topic of a message, by its kind, its cause, and the campaign whose points it tells of: the one that names its
    /// broadcast or its campaign, before the one that has its kind.
    pub fn topic(&self, kind: MessageKind, cause: &str, campaign: Option<&str>) -> Option<&Topic> {
        let broadcast = (kind == MessageKind::Broadcast).then_some(cause);
        let names = |topic: &&Topic| {
            let mut campaigns = topic.campaigns.iter();
            let mut broadcasts = topic.broadcasts.iter();
            campaigns.any(|own| Some(own.as_str()) == campaign) || broadcasts.any(|own| Some(own.as_str()) == broadcast)
        };
        let of_kind = || self.topics.iter().find(|topic| topic.kinds.contains(&kind));
        self.topics.iter().find(names).or_else(of_kind)
    }
}
