//! Sets of tiers: those a programme has, and what an account keeps of each.

use jiff::Timestamp;
use programme::{Programme, TierSetId, Tiers, WalletId};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::codec;
use crate::day::{Day, Month};
use crate::tier::Standing;
use crate::tier_ahead::expect_review;

/// The tiers of one set, and the programme they are of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Set<'a> {
    pub(crate) programme: &'a Programme,
    pub(crate) rules: &'a Tiers,
}

impl Set<'_> {
    pub(crate) fn id(self) -> TierSetId {
        self.rules.number
    }

    /// The same set as it was at an instant; as it is, where the programme did not have it then.
    pub(crate) fn at(self, instant: Timestamp) -> Self {
        one(self.programme.at(instant), self.id()).unwrap_or(self)
    }

    /// The wallet whose points count.
    pub(crate) fn wallet(self) -> WalletId {
        self.programme.qualifying_wallet(self.rules)
    }
}

/// All sets of a programme.
pub(crate) fn sets(programme: &Programme) -> impl Iterator<Item = Set<'_>> {
    programme.tier_sets().map(move |rules| Set { programme, rules })
}

/// One set, if the programme has it still.
pub(crate) fn one(programme: &Programme, id: TierSetId) -> Option<Set<'_>> {
    programme.tier_set(id).map(|rules| Set { programme, rules })
}

/// A member in a set of tiers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InSet {
    /// One more than the number of entries before those that may count in it; 0 for a set that the member is not in yet.
    entered: u64,
    pub(crate) standing: Standing,
    /// What counts by month, oldest first, as far back as it does: points, minor units of money, or purchases.
    #[serde(deserialize_with = "codec::list")]
    pub(crate) months: Vec<(Month, i64)>,
}

impl InSet {
    pub(crate) const NEW: Self = Self {
        entered: 0,
        standing: Standing {
            tier: 0,
            review: None,
            grace: false,
            lock: None,
        },
        months: Vec::new(),
    };

    /// The first entry that may count in it; none for a set that the member is not in yet.
    pub(crate) fn since(&self) -> Option<u64> {
        self.entered.checked_sub(1)
    }

    /// Adds what counts for a tier to its month; a new month drops those before the oldest that a tier counts.
    pub(crate) fn add_to_month(&mut self, month: Month, counted: i64, oldest: Month) -> Option<()> {
        let months = &mut self.months;
        match months.binary_search_by_key(&month, |(month, _)| *month) {
            Ok(index) => {
                let (_, sum) = months.get_mut(index)?;
                *sum = sum.checked_add(counted)?;
            }
            Err(index) => {
                months.insert(index, (month, counted));
                months.retain(|(month, _)| *month >= oldest);
            }
        }
        Some(())
    }

    /// Takes what counts no more out of its month, where that still counts.
    pub(crate) fn take_from_month(&mut self, month: Month, counted: i64) {
        let months = &mut self.months;
        if let Ok(index) = months.binary_search_by_key(&month, |(month, _)| *month)
            && let Some((_, sum)) = months.get_mut(index)
        {
            *sum = sum.saturating_sub(counted);
            if *sum <= 0 {
                months.remove(index);
            }
        }
    }
}

/// Whether the programme has a set that the member is not in yet.
pub(crate) fn any_new(programme: &Programme, account: &Account) -> bool {
    sets(programme).any(|set| account.in_set(set.id()).since().is_none())
}

/// A member is in the lowest tier of each set that they were in none of: of all on joining, and later of those that the
/// programme has added. What happened before counts for nothing there.
pub(crate) fn enter_new_sets(programme: &Programme, account: &mut Account, today: Day, received: Timestamp) {
    for set in sets(programme) {
        if account.in_set(set.id()).since().is_some() {
            continue;
        }
        let (who, entered) = (account.who(), account.entries().saturating_add(1));
        let own = account.in_set_mut(set.id());
        own.entered = entered;
        own.standing = Standing::on_joining(set, who, today);
        expect_review(set, account, received);
    }
}
