//! Why a campaign or a mission did not count, and what it read where it was asked.

use ledger::{Explanation, NotCounted, WhyNot};

use super::*;

fn with(rules: &str) -> Programme {
    let declared = "[purchases]\nfields = { store = \"text?\" }\n\n[campaign-groups]\nseason = \"best\"\n\n\
                    [events.review]\nstars = \"whole-number\"\n\n";
    sample(&[("[transfers]\n", &format!("{declared}{rules}\n[transfers]\n"))])
}

/// How each campaign comes out for the second of two purchases on one day, of twenty dollars each.
fn second(programme: &Programme) -> (Member, Explanation<'_>) {
    let mut member = ana(programme);
    buy(&mut member, programme, "purchase#1", "1997-03-07T17:00:00Z", "20.00");
    let next = purchase("purchase#2", "1997-03-07T18:00:00Z", "20.00");
    let explained = member.explain(programme, &next).unwrap();
    (member, explained)
}

fn why(rule: &str) -> Option<String> {
    let programme = with(&format!("[[campaigns]]\nname = \"it\"\npoints = 5\n{rule}"));
    let (_, explained) = second(&programme);
    explained.campaigns[0].granted.err().map(|why| format!("{why:?}"))
}

#[test]
fn each_reason_is_told() {
    let cases = [
        ("", None),
        ("on = \"birthday\"", Some("Elsewhere")),
        ("from = \"1997-03-08\"", Some("Day")),
        ("through = \"1997-03-06\"", Some("Day")),
        (
            "days = \"member-day\"\n[calendar]\nmember-day = { monthly = 28 }",
            Some("Day"),
        ),
        ("hours = { from = \"20:00\", to = \"23:00\" }", Some("Hour")),
        ("times = 1", Some("Times")),
        ("times = 2", None),
        ("times = 1\nper = \"day\"", Some("Times")),
        ("cooldown-hours = 1", None),
        ("cooldown-hours = 2", Some("Cooldown")),
        ("budget = 5", Some("Budget")),
        ("budget = 6", None),
        ("when = \"activity.amount > 20\"", Some("Condition")),
        ("when = \"activity.amount >= 20\"", None),
    ];
    for (rule, expected) in cases {
        assert_eq!(why(rule).as_deref(), expected, "{rule}");
    }
}

#[test]
fn what_is_paused_is_told_before_all_else() {
    let mut programme = with("[[campaigns]]\nname = \"it\"\npoints = 5\nfrom = \"1998-01-01\"");
    programme.paused = ["campaign it".parse().unwrap()].into_iter().collect();
    let (_, explained) = second(&programme);
    assert_eq!(explained.campaigns[0].granted, Err(WhyNot::Paused));
}

#[test]
fn the_one_that_is_granted_is_named_and_not_one_that_is_beaten_itself() {
    let one =
        |name: &str, points: u8| format!("[[campaigns]]\nname = \"{name}\"\npoints = {points}\ngroup = \"season\"\n");
    let programme = with(&(one("five", 5) + &one("six", 6) + &one("seven", 7)));
    let (_, explained) = second(&programme);
    let seven = &programme.campaigns[2].name;
    let granted: Vec<_> = explained.campaigns.iter().map(|asked| asked.granted).collect();
    let beaten = Err(WhyNot::Beaten(seven));
    assert_eq!(granted, [beaten, beaten, Ok(Points::new(7))]);
}

#[test]
fn a_condition_is_told_part_by_part_with_what_it_read() {
    let rules = "[[campaigns]]\nname = \"it\"\npoints = \"activity.amount / 4\"\n\
                 when = \"member.tier == 'Listener' && has(activity.store)\"";
    let programme = with(rules);
    let (_, explained) = second(&programme);
    let asked = &explained.campaigns[0];
    let clauses: Vec<_> = asked
        .clauses
        .iter()
        .map(|clause| (clause.source, clause.held))
        .collect();
    assert_eq!(
        clauses,
        [("member.tier == 'Listener'", true), ("has(activity.store)", false)]
    );
    assert_eq!(asked.clauses[0].values, [("member.tier", "\"Listener\"".to_owned())]);
    assert_eq!(asked.read, [("activity.amount", "20".to_owned())]);
}

#[test]
fn what_a_limit_leaves_is_told_beside_what_was_wanted() {
    let rules =
        "[[campaigns]]\nname = \"double\"\nmultiply = \"2\"\n\n[[limits]]\non = \"earn\"\nper = \"day\"\npoints = 65";
    let programme = with(rules);
    let (_, explained) = second(&programme);
    let [earned] = explained.earned.as_slice() else {
        panic!("one wallet");
    };
    let points = [earned.base, earned.wanted, earned.points].map(Points::get);
    assert_eq!(points, [20, 40, 25]);
    assert_eq!(explained.campaigns[0].granted, Ok(Points::new(5)));
}

#[test]
fn a_mission_tells_how_far_it_went_or_why_it_did_not() {
    let rules = "[[missions]]\nname = \"two\"\neach = \"month\"\n[[missions.milestones]]\nreach = 2\npoints = 10\n\
                 [[missions]]\nname = \"big\"\nwhen = \"activity.amount > 100\"\n[[missions.milestones]]\nreach = 1\npoints = 1\n\
                 [[missions]]\nname = \"done\"\nthrough = \"1997-03-06\"\n[[missions.milestones]]\nreach = 1\npoints = 1\n\
                 [[missions]]\nname = \"none\"\ncounts = \"activity.amount - 20\"\n[[missions.milestones]]\nreach = 1\npoints = 1\n\
                 [[missions]]\nname = \"stars\"\non = { event = \"review\" }\n[[missions.milestones]]\nreach = 1\npoints = 1\n\
                 [[missions]]\nname = \"days\"\nstreak = \"day\"\n[[missions.milestones]]\nreach = 5\npoints = 1\n";
    let programme = with(rules);
    let (_, explained) = second(&programme);
    let told = explained.missions.iter().map(|asked| {
        let counted = asked.counted.as_ref();
        let counted = counted.map(|one| (one.before, one.after, one.reached.len()));
        (asked.mission.name.as_str(), counted.map_err(|why| *why))
    });
    let million = 1_000_000;
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            ("two", Ok((million, 2 * million, 1))),
            ("big", Err(NotCounted::Condition)),
            ("done", Err(NotCounted::Day)),
            ("none", Err(NotCounted::Nothing)),
            ("stars", Err(NotCounted::Elsewhere)),
            ("days", Ok((million, million, 0))),
        ]
    );
}

#[test]
fn what_comes_late_for_a_period_that_is_over_counts_for_none() {
    let programme =
        with("[[missions]]\nname = \"two\"\neach = \"month\"\n[[missions.milestones]]\nreach = 2\npoints = 10\n");
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-03-07T17:00:00Z", "20.00");
    let late = late_purchase("purchase#2", "1997-02-27T17:00:00Z", "1997-03-07T18:00:00Z", "20.00");
    let explained = member.explain(&programme, &late).unwrap();
    assert_eq!(explained.missions[0].counted.as_ref().unwrap_err(), &NotCounted::Late);
}

#[test]
fn conditions_see_what_the_same_event_has_changed_before_them() {
    let rules = "[[missions]]\nname = \"stars\"\non = { event = \"review\" }\n[[missions.milestones]]\nreach = 1\npoints = 10\n\
                 [[campaigns]]\nname = \"rich\"\non = { event = \"review\" }\nwhen = \"member.balance == 10\"\npoints = 5\n\
                 [[campaigns]]\nname = \"inside\"\non = { segment = \"vip\" }\nwhen = \"'vip' in member.segments\"\npoints = 6\n";
    let programme = with(rules);
    let mut member = ana(&programme);
    let at = instant("1997-03-07T17:00:00Z");
    let event = "review".parse().unwrap();
    let mut review = activity("event#1", at, at, Fact::Event { event });
    review.said.fields = vec![("stars".into(), "5".into())];
    let segment = "vip".parse().unwrap();
    let inside = activity("segment#1", at, at, Fact::Segment { segment, inside: true });
    for (place, next) in [review, inside].iter().enumerate() {
        let explained = member.explain(&programme, next).unwrap();
        let granted = explained.campaigns[place].granted.unwrap();
        let before = earned(&member);
        member.apply(&programme, next).unwrap();
        let by_missions = if place == 0 { 10 } else { 0 };
        assert_eq!(earned(&member) - before, granted.get() + by_missions);
    }
}

#[test]
fn conditions_see_what_was_over_before_the_activity() {
    let rules = "[[campaigns]]\nname = \"rich\"\nwhen = \"member.tier == 'Collector'\"\npoints = 5\n";
    let programme = with(rules);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1997-03-07T17:00:00Z", "200.00");
    let next = |at: &str| purchase("purchase#2", at, "1.00");
    let granted = |at: &str| member.explain(&programme, &next(at)).unwrap().campaigns[0].granted;
    assert_eq!(granted("1999-03-06T17:00:00Z"), Ok(Points::new(5)));
    // The day of the review, which nobody has booked.
    assert_eq!(granted("1999-05-07T17:00:00Z"), Err(WhyNot::Condition));
}

fn earned(member: &Member) -> i64 {
    member.account().totals(MAIN).earned.get()
}
