//! What campaigns have granted of their budgets: a few items of each, so that many members are granted something at once.
//!
//! An item changes in the transaction that commits the account, on condition that its part of the budget allows it still
//! ([`ledger::budget`]): what is granted was left, whoever else draws on it.

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use ledger::budget::{self, Granted, Left};
use ledger::{Activity, MemberId};
use programme::{Campaign, CampaignName, Points, Programme};

use crate::item::{Item, Reader, number, text};
use crate::keys::{PK, SK};
use crate::{Store, StoreError};

const GRANTED: &str = "granted";
/// How the keys of parts begin.
const PART: &str = "part#";
const WHAT: &str = "the budget's";

/// A campaign's budget, as it was read.
#[derive(Debug, Clone)]
pub struct OfBudget {
    campaign: CampaignName,
    budget: u64,
    granted: Granted,
}

impl OfBudget {
    /// As the decision sees it.
    pub fn seen(&self) -> Left {
        Left {
            campaign: self.campaign.id(),
            points: Points::new(i64::try_from(self.left()).unwrap_or(i64::MAX)),
        }
    }

    pub fn left(&self) -> u64 {
        budget::left(self.budget, &self.granted)
    }

    /// What a decision for a member drew on it.
    pub fn draw(&self, member: &MemberId, points: Points) -> Vec<Drawn> {
        let points = u64::try_from(points.get()).unwrap_or_default();
        let draws = budget::draw(self.budget, &self.granted, member, points).into_iter();
        draws
            .map(|draw| Drawn {
                campaign: self.campaign.clone(),
                draw,
                is_last: points == self.left(),
            })
            .collect()
    }
}

/// What a commit draws from a part of a budget.
#[derive(Debug, Clone)]
pub struct Drawn {
    campaign: CampaignName,
    draw: budget::Draw,
    is_last: bool,
}

impl Drawn {
    /// Warns where this used the budget up: an alarm may listen for it.
    pub fn warn_if_used_up(&self) {
        if self.is_last {
            let campaign = self.campaign.as_str();
            tracing::warn!(
                campaign,
                "a campaign's budget is used up; raise it, or let the campaign end"
            );
        }
    }
}

fn pk(campaign: &CampaignName) -> String {
    format!("#budget#{campaign}")
}

impl Store {
    /// What is left of the budgets that an activity may draw on: none for nearly all.
    pub async fn budgets_for(&self, programme: &Programme, activity: &Activity) -> Result<Vec<OfBudget>, StoreError> {
        let mut budgets = Vec::new();
        for campaign in budget::looks_at_budgets(programme, &activity.fact, activity.at) {
            budgets.extend(self.budget(campaign).await?);
        }
        Ok(budgets)
    }

    /// What a campaign has granted of its budget; none where it has none.
    pub async fn budget(&self, campaign: &Campaign) -> Result<Option<OfBudget>, StoreError> {
        let Some(budget) = campaign.budget else {
            return Ok(None);
        };
        let found = self
            .client
            .query()
            .table_name(&self.tables.members)
            .key_condition_expression("pk = :budget AND begins_with(sk, :part)")
            .expression_attribute_values(":budget", text(pk(&campaign.name)))
            .expression_attribute_values(":part", text(PART))
            .consistent_read(true)
            .send()
            .await?;
        let mut granted = Granted::default();
        for item in found.items.unwrap_or_default() {
            let reader = Reader {
                what: WHAT,
                item: &item,
            };
            let part = reader.text(SK)?.trim_start_matches(PART).parse::<usize>();
            if let Some(part) = part.ok().and_then(|part| granted.get_mut(part)) {
                *part = reader.number(GRANTED)?.unwrap_or_default();
            }
        }
        Ok(Some(OfBudget {
            campaign: campaign.name.clone(),
            budget: u64::try_from(budget.get()).unwrap_or_default(),
            granted,
        }))
    }

    /// The change of a part, for a transaction. It does not happen where others drew so much that it is not left.
    pub(crate) fn drawn(&self, drawn: &Drawn) -> Result<TransactWriteItem, StoreError> {
        let budget::Draw { part, points, before } = drawn.draw;
        let key = Item::from([
            (PK.to_owned(), text(pk(&drawn.campaign))),
            (SK.to_owned(), text(format!("{PART}{part:02}"))),
        ]);
        let update = Update::builder()
            .table_name(&self.tables.members)
            .set_key(Some(key))
            .update_expression("ADD granted :points")
            .condition_expression("attribute_not_exists(granted) OR granted <= :before")
            .expression_attribute_values(":points", number(points))
            .expression_attribute_values(":before", number(before));
        let update = update.build().map_err(|_| StoreError::Unreachable)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}
