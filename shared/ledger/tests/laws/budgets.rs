//! Budgets, over random programmes and histories.

use programme::{Campaign, Programme};
use proptest::collection::vec;
use proptest::strategy::Strategy;

use crate::support::random::{SECONDS, ZONES, history};
use crate::support::terms::{Terms, terms};
use crate::support::{Member, check, programme};
use crate::{any_member, live};
use ledger::budget::{Left, granted_out_of_budgets};
use programme::Points;

/// The terms' programme, where each campaign that may have a budget has this one.
fn with_budgets(terms: &Terms, budget: i64) -> Programme {
    let mut text = terms.toml();
    for place in 0..terms.campaigns.len() {
        let name = format!("name = \"c{place}\"\n");
        text = text.replace(&name, &format!("{name}budget = {budget}\n"));
    }
    programme(&text)
}

#[test]
fn a_budget_that_is_never_used_up_changes_nothing() {
    check("plenty", 2, &any_member(), |(terms, history)| {
        let events = history.events(0);
        let of = |programme: &Programme| {
            let member = live(programme, &events, |_, _, _, _, _, _| {});
            (member.entries(), member.account().alarm())
        };
        assert_eq!(
            of(&with_budgets(&terms, i64::MAX / 8)),
            of(&programme(&terms.toml())),
            "with a budget, and without"
        );
    });
}

#[test]
fn all_members_together_are_granted_no_more_than_the_budget_says() {
    let several = (terms(&ZONES), vec(history(&ZONES, SECONDS, 0..12), 1..5), 1..400_i64);
    let several = several.prop_filter("campaigns", |(terms, ..)| !terms.campaigns.is_empty());
    check("budget", 2, &several, |(terms, histories, budget)| {
        let programme = with_budgets(&terms, budget);
        let mut members: Vec<Member> = histories.iter().map(|_| Member::default()).collect();
        let granted = |members: &[Member], campaign: &Campaign| {
            let entries: Vec<_> = members
                .iter()
                .filter(|one| one.account.is_some())
                .flat_map(Member::entries)
                .collect();
            let granted = granted_out_of_budgets(&programme, &entries);
            let own = granted.iter().find(|(one, _)| one.name == campaign.name);
            own.map_or(0, |(_, points)| points.get())
        };
        let with_budget = || programme.campaigns.iter().filter(|campaign| campaign.budget.is_some());
        for (place, history) in histories.iter().enumerate() {
            for event in history.events(0) {
                let left: Vec<Left> = with_budget()
                    .map(|campaign| Left {
                        campaign: campaign.name.id(),
                        points: Points::new(budget - granted(&members, campaign)),
                    })
                    .collect();
                let member = &mut members[place];
                let activity = event.activity(|_, _| Points::ZERO);
                if let Some(activity) = activity {
                    // A refusal is as good as any.
                    let _ = member.apply_with(&programme, &activity, &left);
                }
                for campaign in with_budget() {
                    assert!(granted(&members, campaign) <= budget, "{}", campaign.name);
                }
            }
        }
    });
}
