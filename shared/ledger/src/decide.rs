//! What an activity does to an account.

use jiff::Timestamp;
use programme::{Points, Programme, WalletId, Zone};

use crate::account::{Account, Active, Mark, State};
use crate::activity::{Activity, Fact, Past};
use crate::carts::{self, Carts};
use crate::chain::Head;
use crate::codec::Corrupt;
use crate::day::{Day, MonthDay};
use crate::day_moments;
use crate::earn::purchase;
use crate::entry::What;
use crate::given::{self, Occasion};
use crate::happened;
use crate::ids::{Label, MemberId};
use crate::longer::{extend, reinstate};
use crate::moments;
use crate::overdue;
use crate::page::Page;
use crate::pending;
use crate::person::{self, Known};
use crate::referral;
use crate::refusal::Refusal;
use crate::reserve::{Wanted, cancel, commit, reserve};
use crate::returns::refund;
use crate::rewards::{cancel_reward, claim, fulfil, refund_reward};
use crate::segments;
use crate::spend::{Times, adjust, redeem};
use crate::tier;
use crate::tier_given::give;
use crate::tier_set;
use crate::transfer::{Sending, receive, transfer};
use crate::versions;
use crate::wallet::Wallet;

/// The most that may ever be earned, the most that may be added by hand, and the most that may come from others: all
/// three together fit.
pub(crate) const MOST: Points = Points::new(i64::MAX / 4);

/// A clock may run ahead of ours by so much, and a sign-up arrive so late and still be wished a happy birthday.
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Whether an instant lies further ahead of another than clocks do.
pub fn is_ahead(at: Timestamp, of: Timestamp) -> bool {
    at.as_second() > of.as_second().saturating_add(DAY_SECONDS)
}

/// Applies an activity to a member's account: its entries are on the open page afterwards. Each decision checks before it
/// changes anything, so a refusal leaves the account as it was.
///
/// What is decided now goes by the rules in effect when it arrives; what is earned and granted, by those in effect when it
/// happened. So an entry says which version it fell under: the one in effect at its `at`.
pub fn apply(
    programme: &Programme,
    account: &mut Option<Account>,
    activity: &Activity,
    past: Past<'_>,
) -> Result<(), Refusal> {
    let (at, received) = (activity.at, activity.received);
    if is_ahead(at, received) {
        return Err(Refusal::Future { at, received });
    }
    if account.as_ref().is_some_and(Account::is_erased) {
        return Err(Refusal::Erased);
    }
    let programme = programme.at(received);
    let now = account.as_ref().map(|stored| up_to_date(programme, stored, received));
    match now.transpose()?.flatten() {
        // A refusal must leave the account as it was, so this is done to a copy.
        Some(next) => {
            let mut next = Some(next);
            decide(programme, &mut next, activity, past)?;
            *account = next;
        }
        None => decide(programme, account, activity, past)?,
    }
    let Some(account) = account else {
        return Ok(());
    };
    let today = Day::at(received, programme.zone);
    // A tier given by hand stands.
    if !matches!(activity.fact, Fact::SetTier { .. }) {
        tier::follow(programme, account, (activity.id.as_str(), Times::of(activity)), today)?;
    }
    if !std::ptr::eq(programme.at(at), programme) {
        versions::arm(programme, account, received.as_second() + 1);
    }
    Ok(())
}

/// An account in which everything is booked that is over when an activity arrives: that comes first. None where nothing is.
pub(crate) fn up_to_date(
    programme: &Programme,
    stored: &Account,
    received: Timestamp,
) -> Result<Option<Account>, Corrupt> {
    let new_day = day_moments::before_alarm(programme, stored);
    if overdue::first(programme, stored, received).is_none()
        && !tier_set::any_new(programme, stored)
        && !versions::is_new(programme, stored)
        && new_day.is_none()
    {
        return Ok(None);
    }
    let mut next = stored.clone();
    versions::enter(programme, &mut next, received);
    if let Some(first) = day_moments::before_alarm(programme, &next) {
        next.state.alarm = first.as_second();
    }
    overdue::book_all(programme, &mut next, received)?;
    let today = Day::at(received, programme.zone);
    tier_set::enter_new_sets(programme, &mut next, today, received);
    Ok(Some(next))
}

fn decide(
    programme: &Programme,
    account: &mut Option<Account>,
    activity: &Activity,
    past: Past<'_>,
) -> Result<(), Refusal> {
    match (&activity.fact, account) {
        (
            Fact::SignUp {
                zone,
                birthday,
                referrer,
            },
            none @ None,
        ) => {
            let mut account = join(programme, activity, (*zone, *birthday))?;
            welcome(programme, &mut account, activity, referrer.as_ref(), past)?;
            *none = Some(account);
            Ok(())
        }
        (Fact::SignUp { .. }, Some(_)) => Err(Refusal::KnownMember),
        (_, None) => Err(Refusal::UnknownMember),
        (Fact::Purchase { amount }, Some(account)) => {
            purchase(programme, account, activity, (*amount, past.budgets))?;
            carts::bought(programme, account, activity.at);
            Ok(())
        }
        (Fact::Cart { amount }, Some(account)) => carts::told(programme, account, activity, *amount),
        (Fact::Event { event }, Some(account)) => happened::event(programme, account, activity, (event, past.budgets)),
        (Fact::Code { .. }, Some(account)) => happened::code(programme, account, activity, past.budgets),
        (Fact::Referral { referee, accepted }, Some(account)) => {
            referral::referral(programme, account, activity, (referee, accepted.as_ref()), past)
        }
        (Fact::ReferralLost { of }, Some(account)) => referral::lost(programme, account, activity, of, past),
        (Fact::Attributes, Some(account)) => happened::attributes(programme, account, activity),
        (Fact::Changed(changed), Some(account)) => Ok(person::change(programme, account, activity, changed)?),
        (Fact::Erasure, Some(account)) => person::erase(programme, account, activity),
        (Fact::Personalisation { granted }, Some(account)) => {
            Ok(happened::personalisation(account, activity, *granted)?)
        }
        (Fact::Redeem { points, wallet, order }, Some(account)) => {
            let wallet = named(programme, wallet.as_ref())?;
            redeem(programme, account, activity, (wallet, *points), order.as_ref())
        }
        (
            Fact::Reserve {
                points,
                wallet,
                order,
                minutes,
            },
            Some(account),
        ) => {
            let wanted = Wanted {
                wallet: named(programme, wallet.as_ref())?,
                points: *points,
                order: order.as_ref(),
                minutes: *minutes,
            };
            reserve(programme, account, activity, &wanted)
        }
        (
            Fact::SetTier {
                tier,
                until,
                reason,
                actor,
            },
            Some(account),
        ) => give(programme, account, activity, (tier, *until), (reason, actor)),
        (
            Fact::Extend {
                wallet,
                through,
                reason,
                actor,
            },
            Some(account),
        ) => {
            let wallet = named(programme, wallet.as_ref())?;
            extend(programme, account, activity, (wallet, *through), (reason, actor))
        }
        (
            Fact::Reinstate {
                points,
                wallet,
                reason,
                actor,
            },
            Some(account),
        ) => {
            let wallet = named(programme, wallet.as_ref())?;
            reinstate(programme, account, activity, (wallet, *points), (reason, actor), past)
        }
        (
            Fact::Transfer {
                points,
                wallet,
                to,
                to_wallet,
            },
            Some(account),
        ) => {
            let sending = Sending {
                points: *points,
                wallet: named(programme, wallet.as_ref())?,
                to: to.as_ref(),
                to_wallet: named(programme, to_wallet.as_ref())?,
            };
            transfer(programme, account, activity, &sending)
        }
        (Fact::Receive { from, wallet, lots }, Some(account)) => {
            receive(programme, account, activity, (*wallet, from), lots)
        }
        (Fact::Segment { segment, inside }, Some(account)) => {
            segments::segment(programme, account, activity, (segment, *inside), past.budgets)
        }
        (Fact::Claim { reward }, Some(account)) => claim(programme, account, activity, reward, past),
        (Fact::Fulfil { claim }, Some(account)) => fulfil(account, activity, claim),
        (Fact::CancelReward { claim }, Some(account)) => cancel_reward(programme, account, activity, claim),
        (Fact::RefundReward { claim }, Some(account)) => refund_reward(programme, account, activity, claim, past),
        (Fact::Commit { reservation }, Some(account)) => commit(programme, account, activity, reservation),
        (Fact::Cancel { reservation }, Some(account)) => cancel(programme, account, activity, reservation),
        (Fact::Release { order }, Some(account)) => pending::release(programme, account, activity, order, past),
        (Fact::Refund { order, part }, Some(account)) => refund(programme, account, activity, (order, part), past),
        (
            Fact::Adjust {
                points,
                wallet,
                reason,
                actor,
            },
            Some(account),
        ) => {
            let wallet = named(programme, wallet.as_ref())?;
            adjust(programme, account, activity, (wallet, *points), (reason, actor))
        }
    }
}

/// The wallet that an activity names.
fn named(programme: &Programme, name: Option<&Label>) -> Result<WalletId, Refusal> {
    let wallet = programme.wallet_named(name.map(Label::as_str));
    wallet.ok_or_else(|| Refusal::UnknownWallet(name.map_or("", Label::as_str).to_owned()))
}

/// A new account, before anything is given for signing up.
pub(crate) fn join(
    programme: &Programme,
    activity: &Activity,
    (zone, birthday): (Zone, Option<MonthDay>),
) -> Result<Account, Refusal> {
    let state = State {
        zone: zone.name().into(),
        birthday,
        joined: Day::at(activity.at, zone),
        wallets: vec![Wallet::EMPTY],
        active: Active::default(),
        tiers: Vec::new(),
        claims: Vec::new(),
        had: Vec::new(),
        segments: Vec::new(),
        attributes: happened::told(programme, activity)?,
        purchases: 0,
        fired: Vec::new(),
        missions: Vec::new(),
        badges: Vec::new(),
        // A member of many years who is signed up today has no anniversaries to catch up on.
        woken_until: activity.at.as_second().max(activity.received.as_second() - DAY_SECONDS),
        alarm: i64::MAX,
        mark: Mark::default(),
        head: Head::default(),
        span: crate::page::Span::default(),
        referred: None,
        carts: Carts::default(),
        known: Known::NONE,
        is_erased: false,
    };
    let today = Day::at(activity.received, programme.zone);
    let mut account = Account::of(state, Page::default());
    tier_set::enter_new_sets(programme, &mut account, today, activity.received);
    account.book(WalletId::MAIN, activity.id.as_str(), Times::of(activity), What::Joined)?;
    Ok(account)
}

/// What is given for signing up.
fn welcome(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    referrer: Option<&MemberId>,
    past: Past<'_>,
) -> Result<(), Refusal> {
    let rules = programme.at(activity.at);
    if let Some(by) = referrer {
        referral::join(rules, account, activity, by, past)?;
    }
    let today = Day::at(activity.received, programme.zone);
    let caused = (activity.id.as_str(), Times::of(activity));
    given::give(rules, account, Occasion::SignUp(past.budgets), caused, today)?;
    moments::set_alarm(programme, account, activity.received);
    Ok(())
}
