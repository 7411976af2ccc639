//! What the entries came to, held against what the account says.

use std::collections::{BTreeMap, BTreeSet};

use super::{Audit, Finding};
use programme::{Programme, WalletId};

use crate::account::Account;
use crate::entry::total;

impl Audit {
    pub(super) fn hold_against(&mut self, programme: &Programme, account: &Account) {
        if account.head() != self.head && !self.gap {
            self.say(None, Finding::Head);
        }
        if self.gap {
            return;
        }
        let wallets: BTreeSet<WalletId> = self.wallets.keys().copied().chain(account.wallets()).collect();
        for wallet in wallets {
            self.wallet = wallet;
            self.hold_wallet_against(account, wallet);
        }
        self.wallet = WalletId::MAIN;
        self.hold_rewards_against(account);
        self.hold_tiers_against(programme, account);
        let stored = account.state.referred.clone().map(|own| (own.by, own.order));
        if stored != self.referred {
            self.say(None, Finding::Referred);
        }
    }

    fn hold_wallet_against(&mut self, account: &Account, wallet: WalletId) {
        let sums = self.wallets.remove(&wallet).unwrap_or_default();
        let totals = account.totals(wallet);
        for (what, derived, stored) in [
            ("earned", sums.earned, totals.earned),
            ("spent", sums.spent, totals.spent),
            ("lapsed", sums.expired, totals.expired),
            ("returned", sums.returned, totals.returned),
            ("received", sums.received, totals.received),
            ("owed", sums.owed, account.owed(wallet)),
            ("waived", sums.waived, account.waived(wallet)),
        ] {
            let stored = stored.get();
            if derived != stored {
                self.say(None, Finding::Total { what, derived, stored });
            }
        }
        let lots = account.lots(wallet).iter();
        let lots = lots.map(|lot| (lot.last_day, lot.points.get())).collect();
        for (day, derived, stored) in apart(sums.lots, lots) {
            self.say(None, Finding::Lot { day, derived, stored });
        }
        let pending = account.pending(wallet).iter();
        let pending = pending.map(|pending| ((pending.until, pending.last_day), pending.points.get()));
        for ((day, _), derived, stored) in apart(sums.pending, pending.collect()) {
            self.say(None, Finding::Pending { day, derived, stored });
        }
        let held = sums.reserved.iter().map(|(id, lots)| (id.as_str(), total(lots)));
        let reserved = account.reserved(wallet).iter();
        let reserved = reserved.map(|held| (held.id.as_str(), total(&held.lots)));
        for (id, derived, stored) in apart(held.collect(), reserved.collect()) {
            let id = id.to_owned();
            self.say(None, Finding::Reserved { id, derived, stored });
        }
    }
}

/// Where the points that were derived are not those that are stored.
fn apart<K: Ord + Copy>(derived: BTreeMap<K, i64>, stored: BTreeMap<K, i64>) -> Vec<(K, i64, i64)> {
    let keys: BTreeSet<K> = derived.keys().chain(stored.keys()).copied().collect();
    let of = |all: &BTreeMap<K, i64>, key: &K| all.get(key).copied().unwrap_or_default();
    let pairs = keys.into_iter().map(|key| (key, of(&derived, &key), of(&stored, &key)));
    pairs.filter(|(_, derived, stored)| derived != stored).collect()
}
