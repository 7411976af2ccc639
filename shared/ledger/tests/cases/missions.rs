//! Missions, streaks and badges, and what becomes of them when an order comes back.

use ledger::Part;

use super::*;
use crate::support::refund;

/// The sample programme with these missions, each as its lines without the heading.
fn with(missions: &[&str]) -> Programme {
    let missions: String = missions
        .iter()
        .map(|mission| format!("[[missions]]\n{mission}\n\n"))
        .collect();
    let declared = "[events.review]\nstars = \"whole-number\"\n\n[badges.regular]\nen = \"a regular\"\n\n";
    sample(&[("[transfers]\n", &format!("{declared}{missions}[transfers]\n"))])
}

const THREE: &str = "name = \"three\"\neach = \"month\"\n[[missions.milestones]]\nreach = 2\npoints = 10\n\
                     [[missions.milestones]]\nreach = 3\npoints = 50\nbadge = \"regular\"";

fn earned(member: &Member) -> i64 {
    member.account().totals(MAIN).earned.get()
}

fn back(member: &mut Member, programme: &Programme, id: &str, at: &str, order: &str) {
    member.apply(programme, &refund(id, at, order, Part::Whole)).unwrap();
}

fn badges(member: &Member) -> Vec<&str> {
    member
        .account()
        .badges()
        .iter()
        .map(programme::RewardName::as_str)
        .collect()
}

#[test]
fn each_milestone_is_granted_once_and_a_new_month_begins_anew() {
    let programme = with(&[THREE]);
    let mut member = ana(&programme);
    for (order, points) in [("1", 1), ("2", 12), ("3", 63), ("4", 64)] {
        buy(
            &mut member,
            &programme,
            &format!("purchase#{order}"),
            &format!("1997-03-0{order}T17:00:00Z"),
            "1.00",
        );
        assert_eq!(earned(&member), points, "after {order}");
    }
    assert_eq!(badges(&member), ["regular"]);
    // The last hour of March in New York, and the first of April.
    buy(&mut member, &programme, "purchase#5", "1997-04-01T04:30:00Z", "1.00");
    assert_eq!(earned(&member), 65);
    buy(&mut member, &programme, "purchase#6", "1997-04-01T05:30:00Z", "1.00");
    buy(&mut member, &programme, "purchase#7", "1997-04-02T05:30:00Z", "1.00");
    assert_eq!(earned(&member), 77, "and the tenth of April's own");
    assert!(
        member.causes().contains(&"purchase#3 three#3".to_owned()),
        "{:?}",
        member.causes()
    );
}

#[test]
fn an_order_that_comes_back_takes_what_is_not_reached_without_it() {
    let programme = with(&[THREE]);
    let mut member = ana(&programme);
    let at = "1997-03-09T17:00:00Z";
    for order in 1..=4 {
        buy(
            &mut member,
            &programme,
            &format!("purchase#{order}"),
            &format!("1997-03-0{order}T17:00:00Z"),
            "1.00",
        );
    }
    assert_eq!(balance(&member, &programme, at), 64);
    // Three are left.
    back(&mut member, &programme, "refund#1", at, "purchase#1");
    assert_eq!(balance(&member, &programme, at), 63);
    assert_eq!(badges(&member), ["regular"]);
    // Two are left: fifty points and the badge go.
    back(&mut member, &programme, "refund#2", at, "purchase#2");
    assert_eq!(balance(&member, &programme, at), 12);
    assert!(badges(&member).is_empty());
    // And they come again.
    buy(&mut member, &programme, "purchase#5", at, "1.00");
    assert_eq!(balance(&member, &programme, at), 63);
    assert_eq!(badges(&member), ["regular"]);
    for order in [3, 4, 5] {
        back(
            &mut member,
            &programme,
            &format!("refund#{order}"),
            at,
            &format!("purchase#{order}"),
        );
    }
    assert_eq!(balance(&member, &programme, at), 0);
    assert_eq!(member.account().done(programme.missions[0].name.id()), 0);
}

#[test]
fn money_counts_as_much_as_stays_paid() {
    let programme =
        with(&["name = \"hundred\"\ncounts = \"activity.amount\"\n[[missions.milestones]]\nreach = 100\npoints = 500"]);
    let mut member = ana(&programme);
    buy(&mut member, &programme, "purchase#1", "1998-03-01T17:00:00Z", "60.50");
    buy(&mut member, &programme, "purchase#2", "1998-03-02T17:00:00Z", "39.49");
    assert_eq!(earned(&member), 99);
    buy(&mut member, &programme, "purchase#3", "1998-03-03T17:00:00Z", "0.01");
    assert_eq!(earned(&member), 599);
    let part = |text: &str| Part::Amount(programme::Amount::parse(text, "USD".parse().unwrap()).unwrap());
    member
        .apply(
            &programme,
            &refund("refund#1", "1998-03-04T17:00:00Z", "purchase#2", part("1.00")),
        )
        .unwrap();
    // 38 of 39 points stay, and the five hundred are gone.
    assert_eq!(balance(&member, &programme, "1998-03-05T17:00:00Z"), 60 + 38);
    buy(&mut member, &programme, "purchase#4", "1998-03-06T17:00:00Z", "1.00");
    assert_eq!(balance(&member, &programme, "1998-03-07T17:00:00Z"), 60 + 38 + 1 + 500);
}

#[test]
fn a_streak_is_kept_in_the_members_own_months_and_may_miss_one() {
    for (grace, points) in [(0, 0), (1, 80)] {
        let programme = with(&[&format!(
            "name = \"row\"\nstreak = \"month\"\ngrace = {grace}\n[[missions.milestones]]\nreach = 3\npoints = 80"
        )]);
        let mut member = ana(&programme);
        // The last hour of January in New York, twice in February, none in March, April.
        for (order, at) in [
            "1997-02-01T04:30:00Z",
            "1997-02-01T05:30:00Z",
            "1997-02-20T17:00:00Z",
            "1997-04-20T17:00:00Z",
        ]
        .iter()
        .enumerate()
        {
            buy(&mut member, &programme, &format!("purchase#{order}"), at, "1.00");
        }
        assert_eq!(earned(&member), 4 + points, "grace {grace}");
        // One of two in February may go.
        let at = "1997-04-21T17:00:00Z";
        back(&mut member, &programme, "refund#1", at, "purchase#2");
        assert_eq!(balance(&member, &programme, at), 3 + points);
        back(&mut member, &programme, "refund#2", at, "purchase#1");
        assert_eq!(
            balance(&member, &programme, at),
            2,
            "January and April are no three in a row"
        );
    }
}

#[test]
fn days_in_a_row_are_told_by_the_clock_on_the_wall() {
    let programme = with(&["name = \"row\"\nstreak = \"day\"\n[[missions.milestones]]\nreach = 4\npoints = 80"]);
    // The clocks go forward in New York on 6 April 1997, and Samoa had no 30 December 2011.
    for (zone, days) in [
        (
            "America/New_York",
            [
                "1997-04-05T04:59:00Z",
                "1997-04-05T05:01:00Z",
                "1997-04-06T06:00:00Z",
                "1997-04-07T04:01:00Z",
            ],
        ),
        (
            "Pacific/Apia",
            [
                "2011-12-28T20:00:00Z",
                "2011-12-29T20:00:00Z",
                "2011-12-30T20:00:00Z",
                "2011-12-31T20:00:00Z",
            ],
        ),
    ] {
        let mut member = Member::default();
        member
            .apply(&programme, &sign_up("1996-12-01T12:00:00Z", zone, None))
            .unwrap();
        for (order, at) in days.iter().enumerate() {
            buy(&mut member, &programme, &format!("purchase#{order}"), at, "1.00");
        }
        assert_eq!(earned(&member), 84, "{zone}");
    }
}

#[test]
fn events_count_and_what_comes_late_for_a_month_that_is_over_does_not() {
    let programme = with(&[
        "name = \"critic\"\non = { event = \"review\" }\neach = \"month\"\nwhen = \"activity.stars > 0\"\n\
         [[missions.milestones]]\nreach = 2\npoints = 20",
    ]);
    let mut member = ana(&programme);
    let mut review = |id: &str, at: &str, received: &str, stars: &str| {
        let fact = Fact::Event {
            event: "review".parse().unwrap(),
        };
        let mut activity = activity(id, instant(at), instant(received), fact);
        activity.said.fields = vec![("stars".into(), stars.into())];
        member.apply(&programme, &activity).unwrap();
        earned(&member)
    };
    let march = "1997-03-30T17:00:00Z";
    assert_eq!(review("event#1", march, march, "5"), 0);
    assert_eq!(review("event#2", march, march, "0"), 0);
    let april = "1997-04-02T17:00:00Z";
    // Late, but nothing of April came before it.
    assert_eq!(review("event#3", march, april, "3"), 20);
    assert_eq!(review("event#4", april, april, "3"), 20);
    assert_eq!(review("event#5", march, april, "3"), 20);
    assert_eq!(review("event#6", april, april, "3"), 40);
}
