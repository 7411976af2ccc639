//! Purchases: the points they earn, in every wallet that a rule is for.

use programme::{Amount, Campaign, Limited, Points, Programme, Rate, Trigger, WalletId};

use crate::account::Account;
use crate::activity::Activity;
use crate::budget::Left;
use crate::campaigns::{self, Base, Occasion};
use crate::day::Day;
use crate::decide::MOST;
use crate::entry::{Share, Step, What};
use crate::expiry;
use crate::limits;
use crate::missions;
use crate::pending;
use crate::referral;
use crate::refusal::Refusal;
use crate::said;
use crate::spend::{Times, come_in};
use crate::tier::{counts_for, upgrade};
use crate::tier_set::{self, Set};

pub(crate) fn purchase(
    now: &Programme,
    account: &mut Account,
    activity: &Activity,
    (amount, budgets): (Amount, &[Left]),
) -> Result<(), Refusal> {
    // It earns by the rules it fell under, and its tiers are reached by those of now.
    let programme = now.at(activity.at);
    said::check(&activity.said.fields, &programme.purchases.fields)?;
    for line in &activity.said.lines {
        said::check(&line.fields, &programme.purchases.lines)?;
    }
    let day = Day::at(activity.at, programme.zone);
    let today = if activity.received == activity.at {
        day
    } else {
        Day::at(activity.received, programme.zone)
    };
    let (chosen, mut earnings) = plan(programme, account, activity, (amount, budgets))?;
    cap(programme, account, &mut earnings, today)?;
    let referred = referral::plan(programme, account, activity, budgets);
    let occasion = bought(programme, activity, budgets);
    let progress = missions::progress(programme, account, &occasion, Times::of(activity));
    if let Some(first) = earnings.first_mut() {
        first.progress = progress.clone();
    }
    match earnings.as_slice() {
        [] => return Err(Refusal::Currency(amount.currency().code())),
        [one] => earn(
            (now, programme),
            account,
            activity,
            amount,
            std::slice::from_ref(one),
            (day, today),
        )?,
        // A limit may refuse what comes after one that was booked, so this is done to a copy.
        all => {
            let mut next = account.clone();
            earn((now, programme), &mut next, activity, amount, all, (day, today))?;
            *account = next;
        }
    }
    let got = |campaign: &&Campaign| {
        let mut shares = earnings.iter().flat_map(|earning| &earning.shares);
        shares.any(|share| share.campaign == campaign.name.id())
    };
    // A zone is looked up for those alone whose campaigns ask for it.
    if chosen.iter().any(|campaign| campaign.is_counted()) {
        let local = account.zone(programme).local(activity.at);
        for campaign in chosen.into_iter().filter(got) {
            account.got(campaign, local, Times::of(activity));
        }
    }
    account.state.purchases = account.state.purchases.saturating_add(1);
    missions::advance(
        programme,
        account,
        &progress,
        (activity.id.as_str(), Times::of(activity)),
    )?;
    if let Some(chosen) = referred {
        referral::counts(programme, account, activity, &chosen)?;
    }
    Ok(())
}

/// What a purchase earns in a wallet.
pub(crate) struct Earning<'a> {
    pub(crate) wallet: WalletId,
    /// By a rule; none where campaigns alone grant something.
    pub(crate) base: Option<Base<'a>>,
    pub(crate) points: Points,
    /// What of them campaigns grant.
    pub(crate) shares: Vec<Share>,
    /// What it counts for missions, which its first entry says.
    progress: Vec<Step>,
}

/// A purchase, as campaigns and missions are set off by it.
pub(crate) fn bought<'a>(programme: &'a Programme, activity: &'a Activity, budgets: &'a [Left]) -> Occasion<'a> {
    Occasion {
        trigger: &|on| *on == Trigger::Purchase,
        activity: Some(activity),
        names: &programme.names.purchase,
        budgets,
    }
}

/// What the rules earn for a purchase, before any campaign.
pub(crate) fn by_rules<'a>(
    programme: &'a Programme,
    account: &Account,
    amount: Amount,
) -> Result<Vec<Earning<'a>>, Refusal> {
    let tier = account.tier();
    let level = programme.tier(tier).ok_or(Refusal::Overflow)?;
    let mut earnings = Vec::with_capacity(1);
    for (wallet, rule) in programme.earn(amount.currency(), tier) {
        let points = rule.points(amount, level, Rate::ONE).ok_or(Refusal::Overflow)?;
        let base = Base {
            rule,
            amount,
            tier: level,
            points,
        };
        earnings.push(Earning {
            wallet,
            base: Some(base),
            points,
            shares: Vec::new(),
            progress: Vec::new(),
        });
    }
    Ok(earnings)
}

/// What a rule earns in a wallet.
pub(crate) fn base<'a>(earnings: &[Earning<'a>], wallet: WalletId) -> Option<Base<'a>> {
    earnings.iter().find(|earning| earning.wallet == wallet)?.base
}

/// The campaigns that a purchase gets, and what it earns but for limits, all by the account as it is before it: a rise
/// counts from the next purchase on.
pub(crate) fn plan<'a>(
    programme: &'a Programme,
    account: &Account,
    activity: &Activity,
    (amount, budgets): (Amount, &[Left]),
) -> Result<(Vec<&'a Campaign>, Vec<Earning<'a>>), Refusal> {
    let mut earnings = by_rules(programme, account, amount)?;
    let mut names = Vec::new();
    if !programme.campaigns.is_empty() && !earnings.is_empty() {
        let base = |wallet| base(&earnings, wallet);
        let occasion = bought(programme, activity, budgets);
        let times = Times::of(activity);
        let chosen = campaigns::chosen(programme, account, &occasion, times, base);
        let mut wallets: Vec<WalletId> = earnings.iter().map(|earning| earning.wallet).collect();
        wallets.extend(chosen.iter().map(|one| one.wallet));
        let mut granted = Vec::new();
        for (place, wallet) in wallets.iter().enumerate() {
            if wallets.iter().position(|other| other == wallet) == Some(place) {
                let shares = campaigns::shares(programme, &chosen, *wallet, base(*wallet));
                granted.push((*wallet, shares.ok_or(Refusal::Overflow)?));
            }
        }
        for (wallet, shares) in granted.into_iter().filter(|(_, shares)| !shares.is_empty()) {
            add(&mut earnings, wallet, shares)?;
        }
        names = chosen.into_iter().map(|one| one.campaign).collect();
    }
    Ok((names, earnings))
}

/// No more of it than limits let a member earn today.
pub(crate) fn cap(
    programme: &Programme,
    account: &Account,
    earnings: &mut Vec<Earning<'_>>,
    today: Day,
) -> Result<(), Refusal> {
    for earning in &mut *earnings {
        let on = (earning.wallet, Limited::Earn);
        let allowed = limits::allowed(programme, account, on, earning.points, today)?;
        earning.cap(allowed);
    }
    earnings.retain(|earning| earning.base.is_some() || !earning.points.is_zero());
    Ok(())
}

/// Adds what campaigns grant to what the rules earn.
fn add(earnings: &mut Vec<Earning<'_>>, wallet: WalletId, shares: Vec<Share>) -> Result<(), Refusal> {
    let granted = Points::sum(shares.iter().map(|share| share.points)).map_err(|_| Refusal::Overflow)?;
    match earnings.iter_mut().find(|earning| earning.wallet == wallet) {
        Some(earning) => {
            earning.points = earning.points.add(granted).map_err(|_| Refusal::Overflow)?;
            earning.shares = shares;
        }
        None => earnings.push(Earning {
            wallet,
            base: None,
            points: granted,
            shares,
            progress: Vec::new(),
        }),
    }
    Ok(())
}

impl Earning<'_> {
    /// No more points than a limit leaves: what campaigns grant goes first, from the last.
    fn cap(&mut self, most: Points) {
        let mut over = self.points.get() - most.get();
        self.points = most;
        while let Some(last) = self.shares.last_mut().filter(|_| over > 0) {
            let take = last.points.get().min(over);
            over -= take;
            last.points = Points::new(last.points.get() - take);
            if last.points.is_zero() {
                self.shares.pop();
            }
        }
    }
}

fn earn(
    (now, programme): (&Programme, &Programme),
    account: &mut Account,
    activity: &Activity,
    amount: Amount,
    earnings: &[Earning<'_>],
    (day, today): (Day, Day),
) -> Result<(), Refusal> {
    for earning in earnings {
        book(programme, account, activity, amount, earning, (day, today))?;
    }
    for set in tier_set::sets(now) {
        let mut of_wallet = earnings.iter().filter(|earning| earning.wallet == set.wallet());
        let Some(earning) = of_wallet.next() else {
            continue;
        };
        let counted = counts_for(set, earning.points.get(), amount.minor(), amount.currency());
        count(set, account, activity, counted, (day, today))?;
    }
    Ok(())
}

/// Counts a purchase of a day for the tiers of a set, and raises the tier that it reaches.
fn count(
    set: Set<'_>,
    account: &mut Account,
    activity: &Activity,
    counted: i64,
    (day, today): (Day, Day),
) -> Result<(), Refusal> {
    if counted == 0 {
        return Ok(());
    }
    let window = today.month().minus(set.rules.window_months);
    let fits = account.in_set_mut(set.id()).add_to_month(day.month(), counted, window);
    fits.ok_or(Refusal::Overflow)?;
    upgrade(set, account, (activity.id.as_str(), Times::of(activity)), today)?;
    Ok(())
}

/// Books what a purchase of a day that arrives today earns in a wallet.
fn book(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    amount: Amount,
    earning: &Earning<'_>,
    (day, today): (Day, Day),
) -> Result<(), Refusal> {
    let (wallet, points) = (earning.wallet, earning.points);
    let earned = account.wallet(wallet).totals.earned.add(points);
    let earned = earned.map_err(|_| Refusal::Overflow)?;
    if earned > MOST {
        return Err(Refusal::Overflow);
    }
    let rule = earning.base.map(|base| base.rule);
    let lasts = programme.lasts(rule, wallet, account.tier());
    let last_day = expiry::lot_for(programme, account, lasts, (day, activity.received));
    let (minor, currency) = (amount.minor(), amount.currency());
    let (shares, progress) = (earning.shares.clone(), earning.progress.clone());
    let wait = rule.and_then(|rule| rule.pending.as_ref());
    let until = pending::waits_until(account, wallet, wait, (day, today)).filter(|_| !points.is_zero());
    let what = match until {
        Some(until) => What::Pending {
            points,
            last_day,
            minor,
            currency,
            until,
            shares,
            progress,
        },
        None => What::Earned {
            points,
            last_day,
            minor,
            currency,
            shares,
            progress,
        },
    };
    let (cause, times) = (activity.id.as_str(), Times::of(activity));
    account.book(wallet, cause, times, what)?;
    account.wallet_mut(wallet).totals.earned = earned;
    limits::count(programme, account, (wallet, Limited::Earn), points, today);
    if !points.is_zero() {
        come_in(
            programme,
            account,
            (cause, times),
            (wallet, last_day, until),
            (today, points),
        )?;
    }
    Ok(())
}
