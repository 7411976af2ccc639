//! What is told of a decision is what was decided, over random programmes and histories.

use std::cell::Cell;
use std::collections::BTreeMap;

use ledger::{Activity, Advanced, Entry, Explanation, What, explain_moment, wake_told};
use programme::{CampaignId, Points, Programme, WalletId};

use crate::any_member;
use crate::support::events::Event;
use crate::support::{Member, check, programme};

/// What entries say that campaigns granted, by campaign.
fn granted(entries: &[Entry]) -> BTreeMap<CampaignId, i64> {
    let mut granted = BTreeMap::new();
    for entry in entries {
        for share in entry.shares() {
            *granted.entry(share.campaign).or_default() += share.points.get();
        }
    }
    granted
}

/// What campaigns granted in entries of their own, which something caused.
fn granted_apart(programme: &Programme, entries: &[Entry], cause: &str) -> BTreeMap<CampaignId, i64> {
    let own = entries.iter().filter_map(|entry| match &entry.what {
        What::Granted { campaign, points, .. } => {
            let name = &programme.campaign(*campaign)?.name;
            (entry.cause == format!("{cause} {name}")).then_some((*campaign, points.get()))
        }
        _ => None,
    });
    own.collect()
}

fn told(explained: &Explanation<'_>) -> BTreeMap<CampaignId, i64> {
    let granted = explained.campaigns.iter().filter_map(|asked| {
        let points = asked.granted.ok().filter(|points| !points.is_zero())?;
        Some((asked.campaign.name.id(), points.get()))
    });
    granted.collect()
}

/// Points that were told as granted: as many as there are, or fewer where limits let no more come in.
fn agree(limited: bool, told: &BTreeMap<CampaignId, i64>, granted: &BTreeMap<CampaignId, i64>) {
    if limited {
        for (campaign, points) in granted {
            assert!(told.get(campaign) >= Some(points), "{told:?} {granted:?}");
        }
    } else {
        assert_eq!(told, granted);
    }
}

fn of_activity(programme: &Programme, activity: &Activity, explained: &Explanation<'_>, new: &[Entry]) {
    let cause = activity.id.as_str();
    let own: Vec<Entry> = new.iter().filter(|entry| entry.cause == cause).cloned().collect();
    let earned = own.iter().filter_map(|entry| match entry.what {
        What::Earned { points, .. } | What::Pending { points, .. } => Some((entry.wallet, points)),
        _ => None,
    });
    let wanted: Vec<(WalletId, Points)> = explained.earned.iter().map(|one| (one.wallet, one.points)).collect();
    assert_eq!(earned.collect::<Vec<_>>(), wanted);
    // What a purchase brings by making a referral count stands apart from what it earns.
    let mut all = granted(&own);
    all.extend(granted_apart(programme, new, cause));
    agree(!programme.limits.is_empty(), &told(explained), &all);
    let counted = || {
        let missions = explained.missions.iter();
        missions.filter_map(|asked| Some((asked.mission, asked.counted.as_ref().ok()?)))
    };
    let progress: Vec<CampaignId> = own.iter().flat_map(Entry::progress).map(|step| step.mission).collect();
    assert_eq!(
        counted().map(|(mission, _)| mission.name.id()).collect::<Vec<_>>(),
        progress
    );
    let milestones = new.iter().filter_map(|entry| match entry.what {
        What::Milestone { mission, reach, .. } => Some((mission, reach)),
        _ => None,
    });
    let reached = counted().flat_map(|(mission, Advanced { reached, .. })| {
        reached.iter().map(|milestone| (mission.name.id(), milestone.reach))
    });
    assert_eq!(reached.collect::<Vec<_>>(), milestones.collect::<Vec<_>>());
}

/// Wakes a member; gives how many grants of campaigns were told.
fn of_moments(programme: &Programme, member: &mut Member, now: jiff::Timestamp) -> u64 {
    let known = member.entries().len();
    let account = member.account.as_mut().unwrap();
    member.pages.extend(account.close_pages().unwrap());
    let mut moments = Vec::new();
    wake_told(programme, account, now, &mut |account, due| {
        moments.push((due.moment.cause(), explain_moment(programme, account, due, now)));
    })
    .unwrap();
    let new = member.entries().split_off(known);
    let mut grants = 0;
    for (cause, explained) in moments {
        let apart = granted_apart(programme, &new, &cause);
        agree(!programme.limits.is_empty(), &told(&explained), &apart);
        grants += apart.len() as u64;
    }
    grants
}

#[test]
fn what_is_told_of_a_decision_is_what_was_decided() {
    let (decisions, grants) = (Cell::new(0_u64), Cell::new(0_u64));
    check("explained", 1, &any_member(), |(terms, history)| {
        let programme = programme(&terms.toml());
        let mut member = Member::default();
        for event in history.events(0) {
            let activity = event.activity(|wallet, now| {
                let account = member.account.as_ref();
                account.map_or(Points::ZERO, |account| account.balance(wallet, &programme, now))
            });
            match (&event, activity) {
                (Event::Wake(now), _) if member.account.is_some() => {
                    grants.set(grants.get() + of_moments(&programme, &mut member, *now));
                }
                (_, Some(activity)) => {
                    let explained = member.explain(&programme, &activity);
                    let known = member.account.as_ref().map_or(0, |_| member.entries().len());
                    if member.apply(&programme, &activity).is_ok() {
                        let new = member.entries().split_off(known);
                        let explained = explained.unwrap();
                        of_activity(&programme, &activity, &explained, &new);
                        decisions.set(decisions.get() + 1);
                        grants.set(grants.get() + told(&explained).len() as u64);
                    }
                }
                _ => {}
            }
        }
    });
    println!("{} decisions, {} grants", decisions.get(), grants.get());
    assert!(decisions.get() > 1_000 && grants.get() > 100);
}
