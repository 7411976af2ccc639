//! Referrals: a member who was referred makes a purchase that counts, and the one who referred them hears of it.
//!
//! Two accounts are concerned, each by activities of its own. The purchase is decided in the account of who was referred,
//! and what it does for the other is an activity for that one ([`for_referrer`]), stored in the same transaction.

use std::collections::BTreeMap;

use compact_str::CompactString;
use programme::{CampaignId, Often, Per, Programme, Trigger, WalletId};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::activity::{Activity, Fact, Past};
use crate::budget::Left;
use crate::campaigns::{Chosen, Occasion, chosen, grant_chosen, sets_off};
use crate::codec::Corrupt;
use crate::day::Day;
use crate::entry::{Accepted, Entry, What};
use crate::ids::{ActivityId, MemberId};
use crate::limits;
use crate::missions;
use crate::missions_back::missions_back;
use crate::order::{Money, history, money};
use crate::refusal::Refusal;
use crate::returns::grant_back;
use crate::said::Said;
use crate::seen::Seen;
use crate::spend::Times;

/// What is found of who is said to have referred a member, when that member signs up. Somebody who is there by then was
/// there before, so no chain of referrals ends where it began, whatever clocks say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Referrer {
    Known,
    /// Nobody has signed up under the id.
    Unknown,
    /// They have the id, the phone or the device of the new member.
    SamePerson,
}

/// That a member was referred, by somebody who may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Referred {
    pub(crate) by: MemberId,
    /// The purchase that made it count, while there is one.
    pub(crate) order: Option<CompactString>,
}

impl Account {
    /// Whether the member was referred, and no purchase makes that count yet.
    pub fn may_make_referral_count(&self) -> bool {
        self.state.referred.as_ref().is_some_and(|own| own.order.is_none())
    }
}

/// A new member says who referred them. What is said wrong there stops nobody from joining.
pub(crate) fn join(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    by: &MemberId,
    past: Past<'_>,
) -> Result<(), Corrupt> {
    if programme.referral.is_none() {
        return Ok(());
    }
    let (by, referrer) = (by.clone(), past.referrer.unwrap_or(Referrer::Unknown));
    if referrer == Referrer::Known {
        account.state.referred = Some(Referred {
            by: by.clone(),
            order: None,
        });
    }
    let what = What::Referred { by, referrer };
    account.book(WalletId::MAIN, activity.id.as_str(), Times::of(activity), what)
}

/// What a purchase sets off that makes a referral count, by the account as it is before it; none where it makes none count.
pub(crate) fn plan<'a>(
    programme: &'a Programme,
    account: &Account,
    activity: &Activity,
    budgets: &[Left],
) -> Option<Vec<Chosen<'a>>> {
    let rules = programme.referral.as_ref()?;
    if !account.may_make_referral_count() {
        return None;
    }
    let times = Times::of(activity);
    let local = account.zone(programme).rules().to_datetime(times.at);
    let days = account.state.joined.until(Day::of(local.date()));
    // What was bought before the sign-up, nobody was brought to.
    if days < 0 || rules.within_days.is_some_and(|most| days > i32::from(most)) {
        return None;
    }
    let occasion = occasion(programme, activity, budgets);
    let seen = Seen::new(programme, account, &occasion, (local, times), None);
    if rules.compiled.as_ref().is_some_and(|when| !when.holds(&seen)) {
        return None;
    }
    Some(chosen(programme, account, &occasion, times, |_| None))
}

/// What a purchase sets off that makes a referral count.
pub(crate) fn occasion<'a>(programme: &'a Programme, activity: &'a Activity, budgets: &'a [Left]) -> Occasion<'a> {
    Occasion {
        trigger: &|on| *on == Trigger::Referred,
        activity: Some(activity),
        names: &programme.names.referred,
        budgets,
    }
}

/// A purchase makes the referral count.
pub(crate) fn counts(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    chosen: &[Chosen<'_>],
) -> Result<(), Corrupt> {
    let (cause, times) = (activity.id.as_str(), Times::of(activity));
    let Some(referred) = &mut account.state.referred else {
        return Ok(());
    };
    referred.order = Some(cause.into());
    let what = What::ReferralMet {
        by: referred.by.clone(),
        campaigns: names(chosen),
    };
    account.book(WalletId::MAIN, cause, times, what)?;
    grant_chosen(programme, account, chosen, (cause, times))
}

fn names(chosen: &[Chosen<'_>]) -> Vec<CampaignId> {
    chosen.iter().map(|one| one.campaign.name.id()).collect()
}

/// An order came back whole: what was granted for the referral that it made count goes with it, and another may make it
/// count, as if the order had never been.
pub(crate) fn order_back(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    (entries, order): (&[Entry], &str),
    money: &BTreeMap<&str, Money>,
) -> Result<(), Refusal> {
    let mut referred = account.state.referred.iter_mut();
    let Some(own) = referred.find(|own| own.order.as_deref() == Some(order)) else {
        return Ok(());
    };
    own.order = None;
    lose(programme, account, activity, (entries, order), money)
}

/// Somebody whom the member referred made a purchase that counts.
pub(crate) fn referral(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    (referee, accepted): (&MemberId, Option<&Accepted>),
    past: Past<'_>,
) -> Result<(), Refusal> {
    let programme = programme.at(activity.at);
    let rules = programme.referral.as_ref().ok_or(Refusal::NoReferrals)?;
    let entries = history(past.pages, account)?;
    if entries
        .iter()
        .any(|entry| is_of(entry, &activity.id) || is_loss_of(entry, &activity.id))
    {
        return Err(Refusal::ReferralOver);
    }
    if let (Some(often), None) = (&rules.review_over, accepted) {
        let often = *often.get_ref();
        if is_over(programme, account, activity, often, &entries) {
            return Err(Refusal::ReferralReview { most: often.times });
        }
    }
    let times = Times::of(activity);
    let occasion = Occasion {
        trigger: &|on| sets_off(&activity.fact, on),
        activity: Some(activity),
        names: &programme.names.members,
        budgets: past.budgets,
    };
    let chosen = chosen(programme, account, &occasion, times, |_| None);
    let progress = missions::progress(programme, account, &occasion, times);
    let what = What::Referral {
        referee: referee.clone(),
        campaigns: names(&chosen),
        progress: progress.clone(),
        accepted: accepted.cloned(),
    };
    let cause = (activity.id.as_str(), times);
    account.book(WalletId::MAIN, cause.0, times, what)?;
    missions::advance(programme, account, &progress, cause)?;
    grant_chosen(programme, account, &chosen, cause)?;
    Ok(())
}

fn is_of(entry: &Entry, referral: &ActivityId) -> bool {
    matches!(entry.what, What::Referral { .. }) && entry.cause == referral.as_str()
}

fn is_loss_of(entry: &Entry, referral: &ActivityId) -> bool {
    matches!(&entry.what, What::ReferralLost { of } if of == referral.as_str())
}

/// Whether as many came before in the time that a referral falls into. Those that were lost since count: it is asked how
/// fast they come.
fn is_over(programme: &Programme, account: &Account, activity: &Activity, often: Often, entries: &[Entry]) -> bool {
    let zone = account.zone(programme);
    let time = |at| {
        limits::since(
            often.per.unwrap_or(Per::Member),
            Day::of(zone.rules().to_datetime(at).date()),
        )
    };
    let before = entries
        .iter()
        .filter(|entry| matches!(entry.what, What::Referral { .. }));
    let same = before.filter(|entry| time(entry.happened()) == time(activity.at));
    same.count() >= usize::from(often.times)
}

/// The purchase that made a referral count came back. One that waits for review, or was refused, will not count either.
pub(crate) fn lost(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    of: &ActivityId,
    past: Past<'_>,
) -> Result<(), Refusal> {
    let entries = history(past.pages, account)?;
    if entries.iter().any(|entry| is_loss_of(entry, of)) {
        return Err(Refusal::ReferralOver);
    }
    // Everything is done to a copy: a sum that does not fit leaves the account as it was.
    let mut next = account.clone();
    let mut money = money(&entries);
    money.insert(of.as_str(), Money::GONE);
    lose(programme, &mut next, activity, (&entries, of.as_str()), &money)?;
    missions_back(programme, &mut next, activity, (&entries, of.as_str()), &money)?;
    *account = next;
    Ok(())
}

/// Takes back what campaigns granted on what had the cause `of`, and counts it no longer.
fn lose(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    (entries, of): (&[Entry], &str),
    money: &BTreeMap<&str, Money>,
) -> Result<(), Refusal> {
    let what = What::ReferralLost { of: of.into() };
    account.book(WalletId::MAIN, activity.id.as_str(), Times::of(activity), what)?;
    let own = entries.iter().filter(|entry| entry.cause == of);
    let campaigns: Vec<CampaignId> = own.flat_map(Entry::set_off).copied().collect();
    for entry in entries {
        let own = entry.cause.split_once(' ').is_some_and(|(from, _)| from == of);
        if own && matches!(&entry.what, What::Granted { campaign, .. } if campaigns.contains(campaign)) {
            grant_back(programme, account, activity, (entries, &entry.cause))?;
        }
    }
    let stays = |entry: &Entry| !money.get(entry.cause.as_str()).is_some_and(|own| own.gone);
    account.got_back(programme, &campaigns, entries, stays);
    Ok(())
}

/// What an activity of a member does for the one who referred them, `account` having booked it: an activity of that one's.
pub fn for_referrer(
    member: &MemberId,
    account: &Account,
    activity: &Activity,
) -> Result<Option<(MemberId, Activity)>, Corrupt> {
    let Some(Referred { by, order }) = &account.state.referred else {
        return Ok(None);
    };
    let (id, fact) = match &activity.fact {
        Fact::Purchase { .. } if order.as_deref() == Some(activity.id.as_str()) => {
            let (referee, accepted) = (member.clone(), None);
            let id = ActivityId::referral(member, &activity.id);
            (id, Fact::Referral { referee, accepted })
        }
        Fact::Refund { order: back, .. } => {
            let booked = account.page.entries()?;
            let lost = |entry: &Entry| entry.cause == activity.id.as_str() && is_loss_of(entry, back);
            if !booked.iter().any(lost) {
                return Ok(None);
            }
            let (id, of) = (
                ActivityId::referral_lost(member, back),
                ActivityId::referral(member, back),
            );
            (id, Fact::ReferralLost { of })
        }
        _ => return Ok(None),
    };
    let arises = Activity {
        id,
        at: activity.at,
        received: activity.received,
        fact,
        said: Said::default(),
    };
    Ok(Some((by.clone(), arises)))
}
