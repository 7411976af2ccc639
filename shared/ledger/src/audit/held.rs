//! What the entries came to, held against what the account says.

use std::collections::{BTreeMap, BTreeSet};

use super::{Audit, Finding};
use crate::account::Account;
use crate::day::Day;

impl Audit {
    pub(super) fn hold_against(&mut self, account: &Account) {
        if account.head() != self.head && !self.gap {
            self.say(None, Finding::Head);
        }
        if self.gap {
            return;
        }
        let totals = account.totals();
        for (what, derived, stored) in [
            ("earned", self.earned, totals.earned),
            ("spent", self.spent, totals.spent),
            ("lapsed", self.expired, totals.expired),
            ("returned", self.returned, totals.returned),
            ("owed", self.owed, account.owed()),
        ] {
            let stored = stored.get();
            if derived != stored {
                self.say(None, Finding::Total { what, derived, stored });
            }
        }
        let mut derived = std::mem::take(&mut self.lots);
        for lot in account.lots() {
            let (day, stored) = (lot.last_day, lot.points.get());
            let derived = derived.remove(&day).unwrap_or_default();
            if derived != stored {
                self.say(None, Finding::Lot { day, derived, stored });
            }
        }
        for (day, derived) in derived.into_iter().filter(|(_, left)| *left != 0) {
            self.say(
                None,
                Finding::Lot {
                    day,
                    derived,
                    stored: 0,
                },
            );
        }
        let mut waits = std::mem::take(&mut self.pending);
        waits.retain(|_, left| *left != 0);
        let stored: BTreeMap<(Day, Day), i64> = account
            .pending()
            .iter()
            .map(|pending| ((pending.until, pending.last_day), pending.points.get()))
            .collect();
        let days: BTreeSet<(Day, Day)> = waits.keys().chain(stored.keys()).copied().collect();
        for (day, last_day) in days {
            let of = |all: &BTreeMap<(Day, Day), i64>| all.get(&(day, last_day)).copied().unwrap_or_default();
            let (derived, stored) = (of(&waits), of(&stored));
            if derived != stored {
                self.say(None, Finding::Pending { day, derived, stored });
            }
        }
        // Months that no tier counts any more are dropped from the account.
        for &(month, stored) in &account.state.qualifying {
            let (derived, stored) = (self.months.get(&month).copied().unwrap_or_default(), stored.get());
            if derived != stored {
                self.say(None, Finding::Qualifying { month, derived, stored });
            }
        }
        let (derived, stored) = (self.tier, account.tier());
        if derived != stored {
            self.say(None, Finding::Tier { derived, stored });
        }
    }
}
