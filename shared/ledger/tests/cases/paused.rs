//! A paused campaign grants nothing, and is to the others as if it were not there.

use super::*;

fn running(campaigns: &[&str]) -> Programme {
    let campaigns: String = campaigns
        .iter()
        .map(|campaign| format!("[[campaigns]]\n{campaign}\n\n"))
        .collect();
    let groups = "[campaign-groups]\nseason = \"best\"\n\n";
    sample(&[("[transfers]\n", &format!("{groups}{campaigns}[transfers]\n"))])
}

fn pausing(mut programme: Programme, switches: &[&str]) -> Programme {
    programme.paused = switches.iter().map(|switch| switch.parse().unwrap()).collect();
    programme
}

fn earned(member: &Member) -> i64 {
    member.account().totals(MAIN).earned.get()
}

#[test]
fn the_next_of_its_group_takes_the_place_of_a_paused_campaign() {
    let programme = running(&[
        "name = \"five\"\npoints = 5\ngroup = \"season\"",
        "name = \"sixty\"\npoints = 60\ngroup = \"season\"",
    ]);
    let cases = [
        (&[][..], 60),
        (&["campaign sixty"], 5),
        (&["campaign five"], 60),
        (&["campaign five", "campaign sixty"], 0),
        (&["programme"], 0),
        (&["channel sms", "message points-earned"], 60),
    ];
    for (switches, granted) in cases {
        let mut member = ana(&programme);
        let paused = pausing(programme.clone(), switches);
        buy(&mut member, &paused, "purchase#1", "1997-03-07T17:00:00Z", "20.00");
        assert_eq!(earned(&member), 20 + granted, "{switches:?}");
    }
}

#[test]
fn what_a_pause_cost_is_not_granted_later_nor_counted_as_had() {
    let programme = running(&["name = \"once\"\npoints = 100\ntimes = 1"]);
    let mut member = ana(&programme);
    let paused = pausing(programme.clone(), &["campaign once"]);
    buy(&mut member, &paused, "purchase#1", "1997-03-07T17:00:00Z", "20.00");
    assert_eq!(earned(&member), 20);
    buy(&mut member, &programme, "purchase#2", "1997-03-08T17:00:00Z", "20.00");
    assert_eq!(earned(&member), 140);
}

#[test]
fn an_order_gives_back_what_a_campaign_granted_that_is_paused_meanwhile() {
    let programme = running(&["name = \"ten\"\npoints = 10"]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-03-07T17:00:00Z", "20.00");
    let paused = pausing(programme.clone(), &["programme"]);
    let refund = support::refund("refund#1", "1997-03-09T17:00:00Z", "purchase#1", ledger::Part::Whole);
    member.apply(&paused, &refund).unwrap();
    let at = instant("1997-03-09T17:00:00Z");
    assert_eq!(member.account().balance(MAIN, &paused, at).get(), 0);
}
