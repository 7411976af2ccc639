//! What messages may cost: it is spent before a message is claimed, so that a carrier is never owed more.
//!
//! Whoever dies in between has spent it: the safe side.

use jiff::Timestamp;
use ledger::Day;
use messages::{Delay, Profile, Reason, Send};
use programme::{MessageBudget, Programme};
use store::{Outcome, Store, StoreError};

/// What was spent on a message.
#[derive(Debug, Default)]
pub(crate) struct Spent {
    cost: u64,
    times: Vec<String>,
}

impl Spent {
    /// Spends what a message costs on every budget that is for it; gives what becomes of the message where one has not so
    /// much left.
    pub(crate) async fn on(
        store: &Store,
        programme: &Programme,
        (send, profile): (&Send, &Profile),
        (now, useful_until): (Timestamp, Timestamp),
    ) -> Result<Result<Self, Outcome>, StoreError> {
        let mut spent = Self::default();
        let is_for = |budget: &&MessageBudget| budget.purpose.is_none_or(|purpose| purpose == send.purpose);
        let budgets = programme.message_budgets.iter().filter(is_for);
        let Some(prices) = &programme.prices else {
            return Ok(Ok(spent));
        };
        let phone = profile.phone.as_ref().map(messages::Phone::reveal);
        spent.cost = prices.millionths(send.channel, send.parts, phone);
        let today = Day::at(now, programme.zone).date();
        for budget in budgets {
            let time = budget.name(today);
            if store.spend(&time, spent.cost, budget.worth.millionths()).await? {
                spent.times.push(time);
                continue;
            }
            spent.give_back(store).await?;
            let until = Day::of(budget.renewed_after(today)).start(programme.zone);
            return Ok(Err(if until > useful_until {
                Outcome::Suppressed {
                    reason: Reason::OverBudget.name(),
                }
            } else {
                Outcome::Deferred {
                    until,
                    by: Delay::Budget,
                }
            }));
        }
        Ok(Ok(spent))
    }

    /// It did not go.
    pub(crate) async fn give_back(&self, store: &Store) -> Result<(), StoreError> {
        for time in &self.times {
            store.give_back(time, self.cost).await?;
        }
        Ok(())
    }
}
