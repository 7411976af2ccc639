//! What was asked from a number, carried to its members; and the provider's own list of numbers, as far as it is read.

use jiff::Timestamp;
use ledger::MemberId;
use messages::{Came, Phone};

use crate::item::{Damaged, Item, Reader, text};
use crate::keys::{PK, SK};
use crate::members::Commit;
use crate::numbers::{ByReply, Reply, Stage};
use crate::{Store, StoreError};

/// A number or a profile that changes faster than we can write is left to another time.
const ATTEMPTS: usize = 16;
/// Where it is kept how far the provider's list is read.
const LIST: [(&str, &str); 2] = [(PK, "#sns"), (SK, "opted-out")];
const WHAT: &str = "the provider's list's";

/// A round through the provider's own list of numbers that opted out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    pub began: Timestamp,
    /// Where the next page begins.
    pub after: Option<String>,
    pub ended: bool,
}

impl Listing {
    /// A round that begins.
    pub fn begins(now: Timestamp) -> Self {
        Self {
            began: now,
            after: None,
            ended: false,
        }
    }

    fn read(item: &Item) -> Result<Self, Damaged> {
        let reader = Reader { what: WHAT, item };
        Ok(Self {
            began: reader.parsed("began")?,
            after: reader.optional("after")?.map(str::to_owned),
            ended: item.contains_key("ended"),
        })
    }

    fn item(&self) -> Item {
        let texts = [
            ("began", Some(self.began.to_string())),
            ("after", self.after.clone()),
            ("ended", self.ended.then(|| "yes".to_owned())),
        ];
        let texts = texts.into_iter();
        let texts = texts.filter_map(|(name, value)| Some((name.to_owned(), text(value?))));
        texts.chain(list_key()).collect()
    }
}

fn list_key() -> Item {
    LIST.map(|(name, value)| (name.to_owned(), text(value))).into()
}

impl Store {
    /// How far the provider's list was read; none where it never was.
    pub async fn listing(&self) -> Result<Option<Listing>, StoreError> {
        let get = self.client.get_item().table_name(&self.tables.members);
        let found = get.set_key(Some(list_key())).consistent_read(true).send().await?;
        Ok(found.item.as_ref().map(Listing::read).transpose()?)
    }

    /// Notes how far it is read. What is read twice comes to the same.
    pub async fn note_listing(&self, listing: &Listing) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.tables.members);
        put.set_item(Some(listing.item())).send().await?;
        Ok(())
    }

    /// Stops a number that the provider has on its own list, as that was read at an instant by a round that began before; and
    /// brings its members to it. Gives whether it was not stopped before.
    pub async fn stop_listed(
        &self,
        phone: &Phone,
        (began, read_at): (Timestamp, Timestamp),
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let reply = Reply {
            source: "sns",
            id: format!("sns-{began}"),
            at: Some(read_at),
            received: now,
            class: "opt-out",
        };
        for _ in 0..ATTEMPTS {
            let before = self.number(phone).await?;
            let heard = before.number.listed(read_at, now);
            if heard.came != Came::Stopped {
                // Whoever stopped it in this round may have died before its members followed.
                let of_late = before.number.stop_at.is_some_and(|stopped| stopped >= began);
                if of_late && self.reply(phone, &reply.id).await? == Some(Stage::Begun) {
                    self.follow(phone, &reply).await?;
                    self.reply_is_done(phone, &reply.id).await?;
                }
                return Ok(false);
            }
            let evidence = Some((&reply, heard.came.name()));
            if self.put_number(phone, &heard.number, before.version, evidence).await? == Commit::Conflict {
                continue;
            }
            self.follow(phone, &reply).await?;
            self.reply_is_done(phone, &reply.id).await?;
            return Ok(true);
        }
        Err(contended())
    }

    /// Brings the profiles of a number's members to what was asked from it last.
    pub async fn follow(&self, phone: &Phone, reply: &Reply) -> Result<(), StoreError> {
        for member in self.members_of(phone).await? {
            self.follow_one(phone, &member, reply).await?;
        }
        Ok(())
    }

    async fn follow_one(&self, phone: &Phone, member: &MemberId, reply: &Reply) -> Result<(), StoreError> {
        for _ in 0..ATTEMPTS {
            let number = self.number(phone).await?;
            let Some(stored) = self.profile(member).await? else {
                return Ok(());
            };
            let mut profile = stored.profile;
            if profile.phone.as_ref() != Some(phone) {
                return Ok(());
            }
            let changed = profile.follow(number.number.stopped);
            if changed.is_empty() {
                return Ok(());
            }
            let changed = changed.into_iter().map(|((channel, purpose), granted)| ByReply {
                reply,
                channel,
                purpose,
                granted,
            });
            let evidence: Vec<ByReply<'_>> = changed.collect();
            let followed = (member, &profile, &stored.mark);
            let version = Some(stored.version);
            let evidence = self.by_replies(member, &evidence)?;
            if self.put_profile_of(phone, &number, followed, version, evidence).await? == Commit::Done {
                return Ok(());
            }
        }
        Err(contended())
    }
}

/// Others wrote so often that it is left to another time.
pub(crate) fn contended() -> StoreError {
    StoreError::Refused {
        code: "Contended".to_owned(),
        message: "the number or a profile kept changing".to_owned(),
    }
}
