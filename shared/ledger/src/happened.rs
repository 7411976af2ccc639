//! What happens that moves no points of itself: events of the shop's own, codes, and what is known of a member.

use programme::{PERSONALISATION, Programme, Trigger, WalletId};

use crate::account::Account;
use crate::activity::Activity;
use crate::budget::Left;
use crate::campaigns::{Attributes, Occasion, grant, sets_off};
use crate::codec::Corrupt;
use crate::entry::What;
use crate::ids::Label;
use crate::missions;
use crate::refusal::Refusal;
use crate::said::{self, field};
use crate::spend::Times;

/// An event of the shop's own happened, which campaigns may wait for.
pub(crate) fn event(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    (event, budgets): (&Label, &[Left]),
) -> Result<(), Refusal> {
    let programme = programme.at(activity.at);
    let declared = programme.events.get(event.as_str());
    let unknown = || Refusal::UnknownEvent(event.as_str().to_owned());
    said::check(&activity.said.fields, declared.ok_or_else(unknown)?)?;
    let names = programme.names.events.get(event.as_str());
    let occasion = Occasion {
        trigger: &|on| sets_off(&activity.fact, on),
        activity: Some(activity),
        names: names.ok_or_else(unknown)?,
        budgets,
    };
    happens(programme, account, activity, &occasion)?;
    Ok(())
}

/// The member sends a code in.
pub(crate) fn code(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    budgets: &[Left],
) -> Result<(), Refusal> {
    let programme = programme.at(activity.at);
    let trigger = |on: &Trigger| sets_off(&activity.fact, on);
    let local = account.zone(programme).local(activity.at);
    let mut campaigns = programme.campaigns.iter();
    if !campaigns.any(|campaign| trigger(&campaign.on) && programme.runs(campaign, local)) {
        return Err(Refusal::UnknownCode);
    }
    let mut next = account.clone();
    let occasion = Occasion {
        trigger: &trigger,
        activity: Some(activity),
        names: &programme.names.members,
        budgets,
    };
    if happens(programme, &mut next, activity, &occasion)? == 0 {
        return Err(Refusal::CodeNotForMember);
    }
    *account = next;
    Ok(())
}

/// Books that something happened, and grants what campaigns give for it; gives how many did.
fn happens(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    occasion: &Occasion<'_>,
) -> Result<usize, Corrupt> {
    advance(programme, account, activity, occasion)?;
    grant(
        programme,
        account,
        occasion,
        (activity.id.as_str(), Times::of(activity)),
    )
}

/// The same without what campaigns give, which comes after.
pub(crate) fn advance(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    occasion: &Occasion<'_>,
) -> Result<(), Corrupt> {
    let (cause, times) = (activity.id.as_str(), Times::of(activity));
    let progress = missions::progress(programme, account, occasion, times);
    let what = What::Happened {
        progress: progress.clone(),
    };
    account.book(WalletId::MAIN, cause, times, what)?;
    missions::advance(programme, account, &progress, (cause, times))
}

/// What the shop tells of a member: of what the programme declares.
pub(crate) fn attributes(programme: &Programme, account: &mut Account, activity: &Activity) -> Result<(), Refusal> {
    let known = told(programme, activity)?;
    let new = known
        .iter()
        .filter(|(name, text)| field(&account.state.attributes, name) != Some(text));
    let new: Attributes = new.cloned().collect();
    if new.is_empty() {
        return Err(Refusal::NothingChanged);
    }
    let what = What::Happened { progress: Vec::new() };
    account.book(WalletId::MAIN, activity.id.as_str(), Times::of(activity), what)?;
    for (name, text) in new {
        account.state.attributes.retain(|(known, _)| *known != name);
        account.state.attributes.push((name, text));
    }
    account.state.attributes.sort_unstable();
    Ok(())
}

/// From now on what is known of the member tells them apart from others, or no longer does. It stays known.
pub(crate) fn personalisation(account: &mut Account, activity: &Activity, granted: bool) -> Result<(), Corrupt> {
    let what = What::Happened { progress: Vec::new() };
    account.book(WalletId::MAIN, activity.id.as_str(), Times::of(activity), what)?;
    let attributes = &mut account.state.attributes;
    attributes.retain(|(known, _)| known != PERSONALISATION);
    if !granted {
        attributes.push((PERSONALISATION.into(), "no".into()));
        attributes.sort_unstable();
    }
    Ok(())
}

impl Account {
    /// Whether what is known of the member may tell them apart from others: their attributes, their segments, their name.
    pub fn is_personalised(&self, programme: &Programme) -> bool {
        !programme.is_impersonal && field(&self.state.attributes, PERSONALISATION).is_none()
    }
}

/// What an activity tells of the attributes that the programme declares.
pub(crate) fn told(programme: &Programme, activity: &Activity) -> Result<Attributes, Refusal> {
    let mut told = Attributes::new();
    for (name, wanted) in &programme.attributes {
        let Some(text) = field(&activity.said.fields, name.as_str()) else {
            continue;
        };
        if !wanted.accepts(text) || text.len() > LONGEST {
            let (field, wanted) = (name.as_str().to_owned(), wanted.holds.to_string());
            return Err(Refusal::FieldWrong { field, wanted });
        }
        told.push((name.as_str().into(), text.into()));
    }
    Ok(told)
}

/// An attribute is kept in the account, which is read and written with every purchase.
const LONGEST: usize = 64;
