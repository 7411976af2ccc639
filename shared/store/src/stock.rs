//! What is left of rewards: a count of those taken, and the pools of coupons' codes.
//!
//! A reward's shelf is one item, changed in the transaction that commits the claim: what is taken is taken once, whoever
//! else reaches for it. Coupons are numbered as they come in and go out in that order, so a code is given to one claim, and
//! never again.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use ledger::{Account, Activity, Counted, Fact, Shelf};
use programme::{Programme, Reward, RewardName};

use crate::item::{Damaged, Item, Reader, number, text};
use crate::keys::{PK, SK};
use crate::transaction::Transacted;
use crate::{Store, StoreError};

const SHELF: &str = "shelf";
const TAKEN: &str = "taken";
const GIVEN: &str = "given";
const COUPONS: &str = "coupons";
const WHAT: &str = "the reward's";

/// A reward of which there are only so many, as it was read.
#[derive(Debug, Clone)]
pub struct OnShelf {
    reward: RewardName,
    /// There are so many in all.
    of: u64,
    taken: u64,
    /// The next coupon's code; none for what has no coupons.
    code: Option<String>,
    coupons: bool,
}

impl OnShelf {
    pub fn left(&self) -> u64 {
        self.of.saturating_sub(self.taken)
    }

    /// How many were taken and did not come back.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Nothing was ever taken, and no coupon came in.
    pub fn is_new(&self) -> bool {
        self.taken == 0 && self.of == 0
    }

    /// As the decision sees it.
    pub fn seen(&self) -> Shelf<'_> {
        Shelf {
            left: self.left(),
            code: self.code.as_deref(),
        }
    }
}

/// What a commit changes on a shelf.
#[derive(Debug, Clone)]
pub enum Moved {
    Taken(OnShelf),
    Back(RewardName),
}

impl Moved {
    /// What an activity that was accepted changes, `account` being what it left behind and `shelf` what it saw.
    pub fn by(
        programme: &Programme,
        account: &Account,
        activity: &Activity,
        shelf: Option<OnShelf>,
    ) -> Result<Option<Self>, Damaged> {
        let back = ledger::back_on_shelf(programme, account, activity).map_err(Damaged::of_account)?;
        Ok(back.map(Self::Back).or(shelf.map(Self::Taken)))
    }

    /// Warns where this left fewer than the programme wants: an alarm may listen for it.
    pub fn warn_if_low(&self, programme: &Programme) {
        let Self::Taken(taken) = self else {
            return;
        };
        let left = taken.left().saturating_sub(1);
        let reward = programme.reward(taken.reward.as_str());
        if reward.is_some_and(|reward| left < reward.low_stock) {
            tracing::warn!(
                reward = taken.reward.as_str(),
                left,
                "a reward is running out; raise its stock, or add coupons"
            );
        }
    }
}

fn key(reward: &RewardName, sk: &str) -> Item {
    Item::from([
        (PK.to_owned(), text(format!("#reward#{reward}"))),
        (SK.to_owned(), text(sk)),
    ])
}

/// Zero-padded, so that coupons sort by number.
fn coupon_key(place: u64) -> String {
    format!("coupon#{place:012}")
}

impl Store {
    /// The shelf that an activity may take from; none for what takes from none.
    pub async fn shelf_for(&self, programme: &Programme, fact: &Fact) -> Result<Option<OnShelf>, StoreError> {
        match ledger::looks_at_shelf(programme, fact) {
            Some(reward) => self.on_shelf(reward).await.map(Some),
            None => Ok(None),
        }
    }

    /// What is left of a reward of which there are only so many.
    pub async fn on_shelf(&self, reward: &Reward) -> Result<OnShelf, StoreError> {
        let counted = self.shelf(&reward.name).await?;
        let code = match counted.next_coupon(reward) {
            Some(place) => self.coupon(&reward.name, place).await?,
            None => None,
        };
        Ok(OnShelf {
            reward: reward.name.clone(),
            of: counted.of(reward, code.is_some()),
            taken: counted.gone(reward),
            code,
            coupons: reward.coupons,
        })
    }

    async fn shelf(&self, reward: &RewardName) -> Result<Counted, StoreError> {
        let get = self.client.get_item().table_name(&self.tables.members);
        let get = get.set_key(Some(key(reward, SHELF))).consistent_read(true);
        let Some(item) = get.send().await?.item else {
            return Ok(Counted::default());
        };
        let reader = Reader {
            what: WHAT,
            item: &item,
        };
        // One that came back from before they were counted leaves more than were ever taken.
        let taken = reader.number::<i64>(TAKEN)?.unwrap_or_default().max(0);
        Ok(Counted {
            taken: u64::try_from(taken).unwrap_or_default(),
            given: reader.number(GIVEN)?.unwrap_or_default(),
            imported: reader.number(COUPONS)?.unwrap_or_default(),
        })
    }

    async fn coupon(&self, reward: &RewardName, place: u64) -> Result<Option<String>, StoreError> {
        let get = self.client.get_item().table_name(&self.tables.members);
        let get = get.set_key(Some(key(reward, &coupon_key(place)))).consistent_read(true);
        let Some(item) = get.send().await?.item else {
            return Ok(None);
        };
        let reader = Reader {
            what: WHAT,
            item: &item,
        };
        Ok(Some(reader.text("code")?.to_owned()))
    }

    /// The change of a shelf, for a transaction. It does not happen where somebody was faster and took the last, or the
    /// same code.
    pub(crate) fn move_on_shelf(&self, moved: &Moved) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder().table_name(&self.tables.members);
        let update = match moved {
            Moved::Taken(taken) => {
                let update = update
                    .set_key(Some(key(&taken.reward, SHELF)))
                    .expression_attribute_values(":one", number(1));
                match (taken.coupons, taken.taken) {
                    (true, 0) => update
                        .update_expression("ADD given :one")
                        .condition_expression("attribute_not_exists(given)"),
                    (true, before) => update
                        .update_expression("ADD given :one")
                        .condition_expression("given = :read")
                        .expression_attribute_values(":read", number(before)),
                    (false, _) => update
                        .update_expression("ADD taken :one")
                        .condition_expression("attribute_not_exists(taken) OR taken < :stock")
                        .expression_attribute_values(":stock", number(taken.of)),
                }
            }
            Moved::Back(reward) => update
                .set_key(Some(key(reward, SHELF)))
                .update_expression("ADD taken :less")
                .expression_attribute_values(":less", number(-1)),
        };
        let update = update.build().map_err(|_| StoreError::Unreachable)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Adds a code to the pool of a reward; false where it is known, for this reward or another. One who adds at a time
    /// loses no place to another.
    pub async fn add_coupon(&self, reward: &RewardName, code: &str) -> Result<bool, StoreError> {
        loop {
            let place = self.shelf(reward).await?.imported;
            let table = &self.tables.members;
            let put = |item: Item| {
                let put = Put::builder().table_name(table).set_item(Some(item));
                put.condition_expression("attribute_not_exists(pk)")
            };
            let mut coupon = key(reward, &coupon_key(place));
            coupon.insert("code".to_owned(), text(code));
            let known = Item::from([
                (PK.to_owned(), text(format!("#code#{code}"))),
                (SK.to_owned(), text("code")),
                ("reward".to_owned(), text(reward)),
            ]);
            let counted = Update::builder()
                .table_name(table)
                .set_key(Some(key(reward, SHELF)))
                .update_expression("SET coupons = :next")
                .expression_attribute_values(":next", number(place + 1));
            let counted = match place {
                0 => counted.condition_expression("attribute_not_exists(coupons)"),
                place => counted
                    .condition_expression("coupons = :place")
                    .expression_attribute_values(":place", number(place)),
            };
            let built = |put: Put| TransactWriteItem::builder().put(put).build();
            let unreachable = |_| StoreError::Unreachable;
            let items = vec![
                built(put(known).build().map_err(unreachable)?),
                built(put(coupon).build().map_err(unreachable)?),
                TransactWriteItem::builder()
                    .update(counted.build().map_err(unreachable)?)
                    .build(),
            ];
            match self.transact(items).await? {
                Transacted::Done => return Ok(true),
                Transacted::Canceled(unmet) if unmet.first() == Some(&true) => return Ok(false),
                Transacted::Canceled(_) => {}
            }
        }
    }
}
