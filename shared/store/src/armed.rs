//! For which version of the programme the members' alarms are set: one item, which also keeps how far the walk has come
//! that sets them for another.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;

use crate::item::{Damaged, Item, Reader, text};
use crate::keys::{PK, SK};
use crate::walk::{Errand, Walk, done};
use crate::{Store, StoreError};

pub(crate) const PROGRAMME: &str = "#programme";
pub(crate) const ARMED: &str = "armed";
const WHAT: &str = "the alarms' version's";

/// The versions that alarms are set for, by their fingerprints.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Armed {
    /// All are set for this one.
    pub version: Option<String>,
    /// They are being set for this one.
    pub next: Option<String>,
    /// How far the walk has come, while they are.
    pub walk: Walk,
}

impl Armed {
    /// Whether all alarms are set for a version, and nobody is about to set them for another.
    pub fn is_for(&self, version: &str) -> bool {
        self.next.is_none() && self.version.as_deref() == Some(version)
    }

    fn read(item: &Item) -> Result<Self, Damaged> {
        let reader = Reader { what: WHAT, item };
        Ok(Self {
            version: reader.optional_parsed("version")?,
            next: reader.optional_parsed("next")?,
            walk: Walk::read(item)?,
        })
    }
}

impl Store {
    /// The version that alarms are set for; none where nobody has noted any.
    pub async fn armed(&self) -> Result<Option<Armed>, StoreError> {
        let get = self.client.get_item().table_name(&self.tables.members);
        let get = get.key(PK, text(PROGRAMME)).key(SK, text(ARMED));
        let found = get.consistent_read(true).send().await?;
        Ok(found.item.as_ref().map(Armed::read).transpose()?)
    }

    fn update_armed(&self, version: &str) -> UpdateItemFluentBuilder {
        let version = version.to_owned();
        self.update_errand(&Errand::Rearm { version })
    }

    /// Notes that all alarms are set for a version: the walk for it is over, or there was nobody to walk to.
    pub async fn set_armed(&self, version: &str) -> Result<(), StoreError> {
        let update = self
            .update_armed(version)
            .update_expression("SET version = :version REMOVE #next, walked, met")
            .condition_expression("attribute_not_exists(pk) OR #next = :version");
        let update = update
            .expression_attribute_names("#next", "next")
            .expression_attribute_values(":version", text(version));
        // Whoever was first has noted it, or has begun for another version.
        done(update.send().await).map(|_| ())
    }

    /// Begins to set all alarms for a version, unless that was begun before; gives how far it has come.
    pub async fn begin_arming(&self, version: &str) -> Result<Option<Armed>, StoreError> {
        let update = self
            .update_armed(version)
            .update_expression("SET #next = :version, walked = :start REMOVE met")
            .condition_expression("attribute_not_exists(#next) OR #next <> :version");
        let update = update
            .expression_attribute_names("#next", "next")
            .expression_attribute_values(":version", text(version))
            .expression_attribute_values(":start", self.walk_from_start());
        done(update.send().await)?;
        self.armed().await
    }
}
