//! What is wrong with wallets, and with the rules that name them.

use crate::file::{File, Lowest};
use crate::suggest;
use crate::{Basis, Pay, Tiers, WalletId};

/// How low the balance of each wallet may go.
pub(super) fn lowest(file: &File) -> impl Iterator<Item = Lowest> {
    let wallets = file.wallets.get_ref().iter();
    wallets.map(|wallet| wallet.lowest.unwrap_or(file.balance.lowest))
}

/// The number of the wallet that a rule names; none where there is no such wallet.
pub(super) fn number(file: &File, name: Option<&str>) -> Option<WalletId> {
    let mut wallets = file.wallets.get_ref().iter();
    name.map_or(Some(WalletId::MAIN), |name| {
        wallets.find(|wallet| wallet.name == name).map(|wallet| wallet.number)
    })
}

pub(super) fn check_wallets(file: &File, say: &mut impl FnMut(usize, String)) {
    let (offset, wallets) = (file.wallets.span().start, file.wallets.get_ref());
    if !wallets.iter().any(|wallet| wallet.number == WalletId::MAIN) {
        let what = "no wallet has the number 0, which is meant where none is named; number the wallets from 0";
        say(offset, what.to_owned());
    }
    for (index, wallet) in wallets.iter().enumerate() {
        let (number, name) = (wallet.number, &wallet.name);
        let mut before = wallets.iter().take(index);
        if before.any(|other| other.number == number || &other.name == name) {
            say(
                offset,
                format!("two wallets are called {name:?} or have the number {number}; give each its own"),
            );
        }
    }
    let rules = file.earn.iter();
    let rules = rules.map(|rule| (rule.span().start, rule.get_ref().wallet.as_deref()));
    let limits = file.limits.iter();
    let limits = limits.map(|limit| (limit.span().start, limit.get_ref().wallet.as_deref()));
    let tiers = std::iter::once(&file.tiers).chain(&file.tier_sets);
    let tiers = tiers.filter_map(|tiers| tiers.wallet.as_ref());
    let tiers = tiers.map(|name| (name.span().start, Some(name.get_ref().as_str())));
    let pay = file.pay.iter();
    let pay = pay.map(|pay| (pay.span().start, pay.get_ref().wallet.as_deref()));
    for (offset, name) in rules.chain(limits).chain(pay).chain(tiers) {
        if number(file, name).is_none() {
            let known: Vec<&str> = wallets.iter().map(|wallet| wallet.name.as_str()).collect();
            let name = name.unwrap_or_default();
            let mend = suggest::one_of(name, &known);
            say(offset, format!("there is no wallet {name:?}; {mend}"));
        }
    }
    for tiers in std::iter::once(&file.tiers).chain(&file.tier_sets) {
        check_counts(file, tiers, say);
    }
}

/// Something must earn what tiers count.
fn check_counts(file: &File, tiers: &Tiers, say: &mut impl FnMut(usize, String)) {
    let (wallet, at) = match &tiers.wallet {
        Some(name) => (number(file, Some(name.get_ref())), name.span().start),
        None => (Some(WalletId::MAIN), tiers.levels.span().start),
    };
    let rules = file.earn.iter();
    let mut earned = rules.map(|rule| number(file, rule.get_ref().wallet.as_deref()));
    let counts = tiers.basis != Basis::Segment && tiers.levels.get_ref().len() > 1;
    if counts && !earned.any(|earned| earned == wallet) {
        let what = "nothing earns points in the wallet that the tiers count; add an [[earn]] for it";
        say(at, what.to_owned());
    }
}

pub(super) fn check_pay(file: &File, say: &mut impl FnMut(usize, String)) {
    for (index, pay) in file.pay.iter().enumerate() {
        let (offset, pay) = (pay.span().start, pay.get_ref());
        let of = |pay: &Pay| (number(file, pay.wallet.as_deref()), pay.currency, pay.tier.clone());
        let mut before = file.pay.iter().take(index);
        if before.any(|other| of(other.get_ref()) == of(pay)) {
            let code = pay.currency.code();
            say(
                offset,
                format!("{code} has two [[pay]] rules; keep one for each currency, wallet and tier"),
            );
        }
        let mut earn = file.earn.iter().map(toml::Spanned::get_ref);
        if !earn.any(|earn| earn.currency == pay.currency && earn.tier.is_none()) {
            let code = pay.currency.code();
            let what =
                "so a purchase in it is refused, and points spent on it could not come back; add an [[earn]] for it";
            say(offset, format!("no [[earn]] for every tier is in {code}, {what}"));
        }
        let wallets = file.wallets.get_ref();
        let wallet = wallets.iter().find(|wallet| Some(wallet.number) == of(pay).0);
        if let Some(wallet) = wallet.filter(|wallet| !wallet.spendable) {
            let name = &wallet.name;
            say(
                offset,
                format!("points of the wallet {name:?} cannot be spent, so they pay nothing; leave this out"),
            );
        }
    }
}
