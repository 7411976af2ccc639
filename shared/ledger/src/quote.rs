//! What a member's points can pay of an order, before anything moves.

use jiff::Timestamp;
use programme::{Amount, Points, Programme, WalletId};

use crate::account::Account;
use crate::day::Day;
use crate::refusal::Refusal;
use crate::spend::can_be_spent;

/// What points can pay of an order. Nothing is held by it: a reservation of so many points may still be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    pub points: Points,
    /// What they pay, and what is left to pay.
    pub pays: Amount,
    pub left: Amount,
    /// The points that can be spent now, these among them.
    pub balance: Points,
}

/// The most that a member's points of a wallet can pay of an order now: within the balance, the programme's share and
/// its limits on spending.
pub fn quote(
    programme: &Programme,
    account: &Account,
    wallet: WalletId,
    order: Amount,
    now: Timestamp,
) -> Result<Quote, Refusal> {
    let programme = programme.at(now);
    let currency = order.currency();
    let rule = programme
        .pay(wallet, currency, account.tier())
        .ok_or(Refusal::PaysNothing(currency.code()))?;
    let balance = account.balance(wallet, programme, now);
    let today = Day::at(now, programme.zone);
    let room = crate::limits::room_to_spend(programme, account, wallet, today);
    let within = balance.min(room);
    let minor = rule.worth_of(within.max(Points::ZERO)).min(rule.most_of(order));
    // So that no part of a point's worth is lost.
    let points = rule.points_for(minor);
    if minor < 1 || points < rule.least_points {
        // An order that is too small for the least points wants none.
        let wanted = rule.least_points.max(rule.points_for(1));
        can_be_spent(programme, account, (wallet, wanted), (now, today))?;
        return Err(Refusal::OrderTooSmall { least: wanted });
    }
    can_be_spent(programme, account, (wallet, points), (now, today))?;
    let money = |minor: i64| Amount::of_minor(minor, currency).ok_or(Refusal::Overflow);
    Ok(Quote {
        points,
        pays: money(minor)?,
        left: money(order.minor() - minor)?,
        balance,
    })
}
