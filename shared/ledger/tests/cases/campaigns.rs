//! Campaigns: who gets what, when, how often, and what becomes of it when an order comes back.

use ledger::{Part, Said};

use super::*;
use crate::support::refund;

/// The sample programme, with what a record shop declares, and these campaigns, each as its lines without the heading.
fn running(campaigns: &[&str]) -> Programme {
    let campaigns: String = campaigns
        .iter()
        .map(|campaign| format!("[[campaigns]]\n{campaign}\n\n"))
        .collect();
    let declared = "[attributes]\nfavourite = [\"rock\", \"jazz\"]\n\n[purchases]\nfields = { store = \"text?\" }\n\
                    lines = { category = [\"vinyl\", \"cd\"] }\n\n[events.review]\nstars = \"whole-number\"\n\n\
                    [campaign-groups]\nseason = \"best\"\nfirst = \"first\"\n\n";
    sample(&[("[transfers]\n", &format!("{declared}{campaigns}[transfers]\n"))])
}

fn earned(member: &Member) -> i64 {
    member.account().totals(MAIN).earned.get()
}

fn saying(mut activity: ledger::Activity, fields: &[(&str, &str)]) -> ledger::Activity {
    let fields = fields.iter().map(|(name, text)| ((*name).into(), (*text).into()));
    activity.said = Said {
        fields: fields.collect(),
        lines: Vec::new(),
    };
    activity
}

fn event(id: &str, at: &str, stars: &str) -> ledger::Activity {
    let event = "review".parse().unwrap();
    let activity = activity(id, instant(at), instant(at), Fact::Event { event });
    saying(activity, &[("stars", stars)])
}

fn code(id: &str, at: &str, code: &str) -> ledger::Activity {
    let code = code.parse().unwrap();
    activity(id, instant(at), instant(at), Fact::Code { code })
}

/// What campaigns granted of each entry, by name.
fn shares(member: &Member, programme: &Programme) -> Vec<(String, i64)> {
    let entries = member.entries();
    let shares = entries.iter().flat_map(ledger::Entry::shares);
    let named = shares.map(|share| {
        let name = programme.campaign(share.campaign).unwrap().name.to_string();
        (name, share.points.get())
    });
    named.collect()
}

#[test]
fn points_are_doubled_on_the_members_own_saturday() {
    let programme = running(&["name = \"saturday\"\nmultiply = \"2\"\nwhen = \"local.weekday == 'saturday'\""]);
    let mut member = Member::default();
    member
        .apply(&programme, &sign_up("1997-01-01T12:00:00Z", "Asia/Shanghai", None))
        .unwrap();
    // Saturday in Shanghai, and still Friday in New York.
    buy(&mut member, &programme, "purchase#1", "1997-03-07T17:00:00Z", "20.00");
    assert_eq!(earned(&member), 40);
    assert_eq!(shares(&member, &programme), [("saturday".to_owned(), 20)]);
    // Sunday there.
    buy(&mut member, &programme, "purchase#2", "1997-03-08T17:00:00Z", "20.00");
    assert_eq!(earned(&member), 60);
}

#[test]
fn what_multiplies_is_rounded_once_and_adds_up_as_the_programme_says() {
    let double = "name = \"double\"\nmultiply = \"2\"";
    let half = "name = \"half-more\"\nmultiply = \"1.5\"";
    let bought = |programme: &Programme| {
        let mut member = ana(programme);
        buy(&mut member, programme, "purchase#1", "1997-03-07T17:00:00Z", "10.50");
        (earned(&member), shares(&member, programme))
    };
    let named = |shares: &[(&str, i64)]| {
        shares
            .iter()
            .map(|(name, points)| ((*name).to_owned(), *points))
            .collect::<Vec<_>>()
    };
    // 10.5 twice is 21, and half of it more is 26.25.
    assert_eq!(
        bought(&running(&[double, half])),
        (26, named(&[("double", 11), ("half-more", 5)]))
    );
    let times = sample(&[(
        "[transfers]\n",
        &format!(
            "[stacking]\nmultipliers = \"multiply\"\n[[campaigns]]\n{double}\n[[campaigns]]\n{half}\n[transfers]\n"
        ),
    )]);
    assert_eq!(bought(&times), (31, named(&[("double", 11), ("half-more", 10)])));
    let most = sample(&[(
        "[transfers]\n",
        &format!("[stacking]\nmost = \"2.2\"\n[[campaigns]]\n{double}\n[[campaigns]]\n{half}\n[transfers]\n"),
    )]);
    assert_eq!(bought(&most), (23, named(&[("double", 11), ("half-more", 2)])));
}

#[test]
fn of_a_group_a_member_gets_the_best_or_the_first() {
    for (group, points) in [("season", 60), ("first", 5)] {
        let programme = running(&[
            &format!("name = \"five\"\npoints = 5\ngroup = \"{group}\""),
            &format!("name = \"much\"\npoints = \"activity.points * 3\"\ngroup = \"{group}\""),
            &format!("name = \"sixty\"\npoints = 60\ngroup = \"{group}\"\nwhen = \"activity.amount >= 20\""),
        ]);
        let mut member = ana(&programme);
        buy(&mut member, &programme, "purchase#1", "1997-03-07T17:00:00Z", "20.00");
        // Of equals, the first in the file.
        let name = if group == "season" { "much" } else { "five" };
        assert_eq!(shares(&member, &programme), [(name.to_owned(), points)]);
        assert_eq!(earned(&member), 20 + points);
    }
}

#[test]
fn a_whole_return_gives_a_campaign_back() {
    let programme = running(&[
        "name = \"first\"\npoints = 100\nwhen = \"member.purchases == 0\"\ntimes = 1",
        "name = \"monthly\"\npoints = 10\ntimes = 1\nper = \"month\"",
    ]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-03-07T17:00:00Z", "20.00");
    assert_eq!(earned(&member), 130);
    buy(&mut member, &programme, "purchase#2", "1997-03-08T17:00:00Z", "20.00");
    assert_eq!(earned(&member), 150);
    let part = Part::Amount(programme::Amount::parse("5.00", "USD".parse().unwrap()).unwrap());
    // A part of it is a purchase still, and keeps its share of the points: 130 × 15/20 is 97.
    member
        .apply(
            &programme,
            &refund("refund#1", "1997-03-09T17:00:00Z", "purchase#1", part),
        )
        .unwrap();
    assert_eq!(balance(&member, &programme, "1997-03-09T18:00:00Z"), 97 + 20);
    member
        .apply(
            &programme,
            &refund("refund#2", "1997-03-09T18:00:00Z", "purchase#1", Part::Whole),
        )
        .unwrap();
    member
        .apply(
            &programme,
            &refund("refund#3", "1997-03-09T18:00:00Z", "purchase#2", Part::Whole),
        )
        .unwrap();
    assert_eq!(balance(&member, &programme, "1997-03-09T19:00:00Z"), 0);
    // Both are there again.
    buy(&mut member, &programme, "purchase#3", "1997-03-10T17:00:00Z", "20.00");
    assert_eq!(balance(&member, &programme, "1997-03-10T18:00:00Z"), 130);
}

#[test]
fn what_comes_first_keeps_its_count_when_another_order_comes_back() {
    let programme = running(&["name = \"weekly\"\npoints = 10\ntimes = 1\nper = \"week\""]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-03-04T17:00:00Z", "1.00");
    buy(&mut member, &programme, "purchase#2", "1997-03-05T17:00:00Z", "1.00");
    assert_eq!(earned(&member), 12);
    member
        .apply(
            &programme,
            &refund("refund#1", "1997-03-05T18:00:00Z", "purchase#2", Part::Whole),
        )
        .unwrap();
    buy(&mut member, &programme, "purchase#3", "1997-03-06T17:00:00Z", "1.00");
    assert_eq!(earned(&member), 13);
    // Monday.
    buy(&mut member, &programme, "purchase#4", "1997-03-10T17:00:00Z", "1.00");
    assert_eq!(earned(&member), 24);
}

#[test]
fn an_event_grants_points_with_days_of_their_own_and_not_again_too_soon() {
    let programme = running(&[
        "name = \"review\"\non = { event = \"review\" }\npoints = \"activity.stars * 2\"\nwhen = \"activity.stars >= 4\"\n\
         cooldown-hours = 24\nlasts = { days = 30 }\npending = { days = 2 }",
    ]);
    let mut member = ana(&programme);
    member
        .apply(&programme, &event("event#1", "1997-03-04T17:00:00Z", "3"))
        .unwrap();
    assert_eq!(earned(&member), 0);
    member
        .apply(&programme, &event("event#2", "1997-03-04T18:00:00Z", "5"))
        .unwrap();
    member
        .apply(&programme, &event("event#3", "1997-03-05T17:59:59Z", "5"))
        .unwrap();
    assert_eq!(earned(&member), 10);
    member
        .apply(&programme, &event("event#4", "1997-03-05T18:00:00Z", "4"))
        .unwrap();
    assert_eq!(earned(&member), 18);
    let balance = |at: &str| member.account().balance(MAIN, &programme, instant(at)).get();
    assert_eq!(balance("1997-03-06T04:59:59Z"), 0, "they wait");
    assert_eq!(
        balance("1997-03-06T05:00:00Z"),
        10,
        "two days on, at New York's midnight"
    );
    assert_eq!(balance("1997-04-04T04:59:59Z"), 18);
    assert_eq!(balance("1997-04-04T05:00:00Z"), 8, "thirty days on");
    let causes = member.causes();
    assert!(causes.contains(&"event#2 review".to_owned()), "{causes:?}");
}

#[test]
fn what_is_not_as_it_was_declared_is_refused_by_its_name() {
    let programme = running(&["name = \"review\"\non = { event = \"review\" }\npoints = 5"]);
    let mut member = ana(&programme);
    let at = "1997-03-04T17:00:00Z";
    let refused = member.apply(&programme, &event("event#1", at, "five")).unwrap_err();
    assert_eq!(
        (
            refused.code(),
            refused.to_string().contains("\"stars\" is not a whole number")
        ),
        ("field-wrong", true)
    );
    let mut without = event("event#1", at, "5");
    without.said = Said::default();
    assert_eq!(member.apply(&programme, &without).unwrap_err().code(), "field-missing");
    let mut other = event("event#1", at, "5");
    other.fact = Fact::Event {
        event: "reveiw".parse().unwrap(),
    };
    assert_eq!(member.apply(&programme, &other).unwrap_err().code(), "unknown-event");
    let mut line = purchase("purchase#1", at, "5.00");
    line.said.lines = vec![ledger::OrderLine {
        line: "a".parse().unwrap(),
        quantity: 1,
        minor: 500,
        fields: vec![("category".into(), "shoes".into())],
    }];
    assert_eq!(member.apply(&programme, &line).unwrap_err().code(), "field-wrong");
    line.said.lines[0].fields[0].1 = "cd".into();
    member.apply(&programme, &line).unwrap();
}

#[test]
fn lines_and_attributes_and_segments_can_be_asked_for() {
    let programme = running(&[
        "name = \"vinyl\"\npoints = 7\nwhen = \"activity.lines.exists(l, l.category == 'vinyl' && l.amount >= 10)\"",
        "name = \"jazz\"\npoints = 70\nwhen = \"has(member.favourite) && member.favourite == 'jazz'\"",
        "name = \"press\"\npoints = 700\nwhen = \"'press' in member.segments\"",
    ]);
    let mut member = ana(&programme);
    let line = |category: &str, minor| ledger::OrderLine {
        line: format!("{category}-{minor}").parse().unwrap(),
        quantity: 1,
        minor,
        fields: vec![("category".into(), category.into())],
    };
    let with = |id: &str, at: &str, lines: Vec<ledger::OrderLine>| {
        let mut activity = purchase(id, at, "20.00");
        activity.said.lines = lines;
        activity
    };
    let none = with(
        "purchase#1",
        "1997-03-04T17:00:00Z",
        vec![line("cd", 1500), line("vinyl", 500)],
    );
    member.apply(&programme, &none).unwrap();
    assert_eq!(earned(&member), 20);
    let vinyl = with(
        "purchase#2",
        "1997-03-04T18:00:00Z",
        vec![line("cd", 500), line("vinyl", 1500)],
    );
    member.apply(&programme, &vinyl).unwrap();
    assert_eq!(earned(&member), 47);
    let told = |id: &str, favourite: &str| {
        let at = instant("1997-03-05T17:00:00Z");
        saying(
            activity(id, at, at, Fact::Attributes),
            &[("favourite", favourite), ("shoe", "44")],
        )
    };
    assert_eq!(
        member
            .apply(&programme, &told("attributes#1", "polka"))
            .unwrap_err()
            .code(),
        "field-wrong"
    );
    member.apply(&programme, &told("attributes#2", "jazz")).unwrap();
    assert_eq!(
        member
            .apply(&programme, &told("attributes#3", "jazz"))
            .unwrap_err()
            .code(),
        "nothing-changed"
    );
    let segment = Fact::Segment {
        segment: "press".parse().unwrap(),
        inside: true,
    };
    let at = instant("1997-03-05T18:00:00Z");
    member
        .apply(&programme, &activity("segment#1", at, at, segment))
        .unwrap();
    buy(&mut member, &programme, "purchase#3", "1997-03-06T17:00:00Z", "1.00");
    assert_eq!(earned(&member), 47 + 771);
}

#[test]
fn a_code_works_while_it_runs_and_for_whom_it_is() {
    let programme = running(&[
        "name = \"spring\"\non = { code = \"SPRING\" }\npoints = 25\nfrom = \"1997-03-01\"\nthrough = \"1997-03-31\"\ntimes = 1",
    ]);
    let mut member = ana(&programme);
    let early = member
        .apply(&programme, &code("code#1", "1997-02-28T17:00:00Z", "spring"))
        .unwrap_err();
    assert_eq!(early.code(), "unknown-code");
    member
        .apply(&programme, &code("code#2", "1997-03-01T17:00:00Z", " Spring "))
        .unwrap();
    assert_eq!(earned(&member), 25);
    let again = member
        .apply(&programme, &code("code#3", "1997-03-02T17:00:00Z", "SPRING"))
        .unwrap_err();
    assert_eq!(again.code(), "code-not-for-member");
    // The last second of March in New York.
    let mut other = ana(&programme);
    other
        .apply(&programme, &code("code#1", "1997-04-01T04:59:59Z", "SPRING"))
        .unwrap();
    assert_eq!(
        other
            .apply(&programme, &code("code#2", "1997-04-01T05:00:00Z", "SPRING"))
            .unwrap_err()
            .code(),
        "unknown-code"
    );
}

#[test]
fn joining_birthdays_and_segments_set_campaigns_off() {
    let programme = running(&[
        "name = \"hello\"\non = \"sign-up\"\npoints = 50",
        "name = \"cake\"\non = \"birthday\"\npoints = 30\nwhen = \"member.purchases > 0\"",
        "name = \"years\"\non = \"anniversary\"\npoints = \"100 * (local.year - 1997)\"",
        "name = \"vip\"\non = { segment = \"vip\" }\npoints = 500",
    ]);
    let mut member = Member::default();
    member
        .apply(
            &programme,
            &sign_up("1997-01-01T17:00:00Z", "America/New_York", Some("1970-06-15")),
        )
        .unwrap();
    assert_eq!(earned(&member), 50);
    member.wake(&programme, instant("1997-06-15T20:00:00Z"));
    assert_eq!(earned(&member), 50, "nothing was bought yet");
    buy(&mut member, &programme, "purchase#1", "1997-07-04T17:00:00Z", "20.00");
    member.wake(&programme, instant("1998-01-01T20:00:00Z"));
    assert_eq!(earned(&member), 170);
    member.wake(&programme, instant("1998-06-15T20:00:00Z"));
    assert_eq!(earned(&member), 200);
    assert!(member.causes().contains(&"birthday#1998 cake".to_owned()));
    let segment = |inside| Fact::Segment {
        segment: "vip".parse().unwrap(),
        inside,
    };
    let at = instant("1998-06-16T18:00:00Z");
    member
        .apply(&programme, &activity("segment#1", at, at, segment(true)))
        .unwrap();
    member
        .apply(&programme, &activity("segment#2", at, at, segment(false)))
        .unwrap();
    assert_eq!(earned(&member), 700);
}

#[test]
fn a_limit_takes_from_the_last_campaign_first() {
    let programme = sample(&[(
        "[tiers]\n",
        "[[limits]]\non = \"earn\"\nper = \"activity\"\npoints = 27\n[[campaigns]]\nname = \"a\"\npoints = 5\n\
         [[campaigns]]\nname = \"b\"\npoints = 5\n[[campaigns]]\nname = \"c\"\npoints = 5\n[tiers]\n",
    )]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-03-04T17:00:00Z", "20.00");
    assert_eq!(earned(&member), 27);
    assert_eq!(shares(&member, &programme), [("a".to_owned(), 5), ("b".to_owned(), 2)]);
}
