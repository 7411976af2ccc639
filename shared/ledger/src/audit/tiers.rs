//! What entries say of tiers: each change starts where the one before ended.

use super::{Audit, Finding};
use programme::{Programme, TierSetId};

use crate::account::Account;
use crate::entry::{Entry, What};

/// Kinds of entries are told apart by number, and these by their set as well.
const TIER: u8 = 40;
const AT_RISK: u8 = 60;

impl Audit {
    /// Gives the kind of the entry, of which a cause has one in each set.
    pub(super) fn tier(&mut self, entry: &Entry) -> u8 {
        let set = entry.tier_set().unwrap_or_default();
        let had = self.tiers.entry(set).or_default();
        let (before, after, odd, what) = match &entry.what {
            What::TierChanged { from, to, .. } => {
                (*from, *to, false, "the tier changed from another than the member had")
            }
            What::TierGiven { from, to, .. } => (
                *from,
                *to,
                false,
                "a tier was given to a member of another than they had",
            ),
            What::TierKept { tier, .. } | What::TierGrace { tier, .. } => {
                (*tier, *tier, false, "a tier was kept that the member did not have")
            }
            What::TierAtRisk { tier, to, .. } => (
                *tier,
                *tier,
                to >= tier,
                "a tier was at risk that the member did not have",
            ),
            What::TierLost { from, to, .. } => (*from, *to, to >= from, "a tier was lost that the member did not have"),
            _ => return TIER,
        };
        let wrong = before != *had || odd;
        *had = after;
        if wrong && !self.gap {
            self.say(Some(self.position), Finding::Entry(what));
        }
        let kind = if matches!(entry.what, What::TierAtRisk { .. }) {
            AT_RISK
        } else {
            TIER
        };
        kind + set.number()
    }

    pub(super) fn hold_tiers_against(&mut self, programme: &Programme, account: &Account) {
        for number in 0..TierSetId::MOST {
            let Ok(set) = TierSetId::try_from(number) else {
                continue;
            };
            // Months that no tier counts any more are dropped from the account; and a set that the programme added later has
            // counted less than the entries would.
            let known = programme.tier_set(set).is_some();
            for &(month, stored) in account.in_set(set).months.iter().filter(|_| known) {
                let derived = self.months.get(&(set, month)).copied().unwrap_or_default();
                let wrong = if set == TierSetId::MAIN {
                    stored != derived
                } else {
                    stored > derived
                };
                if wrong {
                    self.say(None, Finding::Qualifying { month, derived, stored });
                }
            }
            let (derived, stored) = (self.tiers.get(&set).copied().unwrap_or_default(), account.tier_in(set));
            if derived != stored {
                self.say(None, Finding::Tier { derived, stored });
            }
        }
    }
}
