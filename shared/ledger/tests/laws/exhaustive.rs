//! Every history of a few things a member can do in a tiny programme, against the slow model.

use jiff::{SignedDuration, Timestamp};
use ledger::{Activity, Fact, Part};
use programme::{Amount, Points, Programme, WalletId, Zone};

use crate::chain;
use crate::reference::Slow;
use crate::support::terms::campaigns::Stacking;
use crate::support::terms::{Lasts, Limit, Reward, Rule, Second, Terms, Valid, Wait};
use crate::support::{Member, activity, programme};

/// Points live for a month, a tier takes three of them, and a balance may go two below nought.
fn terms(claw_back: &'static str, wait: Option<Wait>) -> Terms {
    Terms {
        zone: "UTC",
        earn: vec![rule(0, wait)],
        second: None,
        lasts: Lasts::Months(1, 1),
        rule_lasts: vec![],
        tier_lasts: vec![],
        reinstate: None,
        grace_days: 0,
        reminders: vec![],
        limits: vec![],
        window: 1,
        valid: Valid::Months(1, 0),
        at_review: false,
        downgrade: "re-evaluate",
        grace: None,
        basis: "points",
        notices: vec![],
        levels: vec![(0, "1"), (3, "2")],
        claw_back,
        lowest: if claw_back == "unlimited" { Some(-2) } else { Some(0) },
        rewards: vec![],
        campaigns: vec![],
        stacking: Stacking {
            multiply: false,
            most: None,
            best: true,
            wakes: false,
        },
        missions: vec![],
        referral: None,
        transfers: None,
        second_set: None,
        is_second_set: false,
        leap_day: "02-28",
        hours: [0, 0, 0],
    }
}

fn reward(points: i64, stock: Option<usize>, lasts: Option<Lasts>, given: Option<&'static str>) -> Reward {
    Reward {
        points,
        wallet: 0,
        tier_points: None,
        tier: given.map(|_| 1),
        per_member: None,
        stock,
        lasts,
        reminders: vec![],
        given,
    }
}

fn rule(wallet: u8, wait: Option<Wait>) -> Rule {
    Rule {
        wallet,
        currency: "USD",
        rate: "1",
        wait,
        multiplied: true,
        round: "down",
        tier: None,
    }
}

/// What can happen next. Time passes by days alone.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Buy(i64),
    Spend(i64),
    /// On the last order.
    SpendOnLast(i64),
    ReturnLast,
    ReturnFirst,
    ReturnHalfOfLast,
    ReleaseLast,
    TakeOne,
    /// For the last order.
    Reserve(i64),
    CommitLast,
    CancelLast,
    /// For two points; there are two of it.
    Claim,
    FulfilLast,
    CancelRewardLast,
    RefundRewardLast,
    /// What comes with the tier.
    FulfilGiven,
    /// So many days pass, and the alarm clock rings.
    Days(i64),
    /// So many days pass, and it does not.
    Outage(i64),
}

/// What a checkout does, with what may come between.
const CHECKOUT: [Deed; 9] = [
    Deed::Buy(3),
    Deed::Reserve(2),
    Deed::CommitLast,
    Deed::CancelLast,
    Deed::Spend(2),
    Deed::ReturnLast,
    Deed::Days(1),
    Deed::Days(45),
    Deed::Outage(45),
];

/// What a member does with rewards.
const CLAIMS: [Deed; 9] = [
    Deed::Buy(3),
    Deed::Claim,
    Deed::FulfilLast,
    Deed::CancelRewardLast,
    Deed::RefundRewardLast,
    Deed::FulfilGiven,
    Deed::ReturnLast,
    Deed::Days(45),
    Deed::Outage(15),
];

const DEEDS: [Deed; 12] = [
    Deed::Buy(2),
    Deed::Buy(3),
    Deed::Spend(2),
    Deed::SpendOnLast(1),
    Deed::ReturnLast,
    Deed::ReturnFirst,
    Deed::ReturnHalfOfLast,
    Deed::ReleaseLast,
    Deed::TakeOne,
    Deed::Days(15),
    Deed::Days(45),
    Deed::Outage(45),
];

struct World {
    /// Points that are spent on an order come from the second wallet.
    second: bool,
    member: Member,
    deeds: usize,
    orders: Vec<(String, i64)>,
    reservations: Vec<String>,
    claims: Vec<String>,
    now: Timestamp,
}

impl World {
    fn new(programme: &Programme, second: bool) -> Self {
        let now: Timestamp = "2027-01-20T12:00:00Z".parse().unwrap();
        let mut member = Member::default();
        member.apply(programme, &sign_up(now)).unwrap();
        Self {
            second,
            member,
            deeds: 0,
            orders: Vec::new(),
            reservations: Vec::new(),
            claims: Vec::new(),
            now,
        }
    }

    /// The activity that a deed is; none where time passes.
    fn activity(&mut self, deed: Deed) -> Option<Activity> {
        let place = self.deeds;
        self.deeds += 1;
        let none = || ("purchase#none".to_owned(), 100);
        let last = self.orders.last().cloned().unwrap_or_else(none);
        let first = self.orders.first().cloned().unwrap_or_else(none);
        let reserved = || {
            let last = self.reservations.last().cloned();
            last.unwrap_or("reserve#none".to_owned()).parse().unwrap()
        };
        let claimed = || {
            let last = self.claims.last().cloned();
            last.unwrap_or("claim#none".to_owned()).parse().unwrap()
        };
        let refund = |(order, _): (String, i64), part: Part| Fact::Refund {
            order: order.parse().unwrap(),
            part,
        };
        let spend = |points: i64, order: Option<String>| Fact::Redeem {
            points: Points::new(points),
            wallet: (order.is_some() && self.second).then(|| "second".parse().unwrap()),
            order: order.map(|order| order.parse().unwrap()),
        };
        let (kind, fact) = match deed {
            Deed::Buy(dollars) => {
                self.orders.push((format!("purchase#{place}"), dollars * 100));
                let amount = money(dollars * 100);
                ("purchase", Fact::Purchase { amount })
            }
            Deed::Spend(points) => ("redeem", spend(points, None)),
            Deed::SpendOnLast(points) => ("redeem", spend(points, Some(last.0))),
            Deed::ReturnLast => ("refund", refund(last, Part::Whole)),
            Deed::ReturnFirst => ("refund", refund(first, Part::Whole)),
            Deed::ReturnHalfOfLast => {
                let half = Part::Amount(money(last.1 / 2));
                ("refund", refund(last, half))
            }
            Deed::ReleaseLast => {
                let order = last.0.parse().unwrap();
                ("release", Fact::Release { order })
            }
            Deed::Reserve(points) => {
                self.reservations.push(format!("reserve#{place}"));
                let fact = Fact::Reserve {
                    points: Points::new(points),
                    wallet: self.second.then(|| "second".parse().unwrap()),
                    order: Some(last.0.parse().unwrap()),
                    minutes: Some(2_880),
                };
                ("reserve", fact)
            }
            Deed::CommitLast => (
                "commit",
                Fact::Commit {
                    reservation: reserved(),
                },
            ),
            Deed::CancelLast => (
                "cancel",
                Fact::Cancel {
                    reservation: reserved(),
                },
            ),
            Deed::Claim => {
                self.claims.push(format!("claim#{place}"));
                let reward = "r0".parse().unwrap();
                ("claim", Fact::Claim { reward })
            }
            Deed::FulfilLast => ("fulfil", Fact::Fulfil { claim: claimed() }),
            Deed::CancelRewardLast => ("cancel-reward", Fact::CancelReward { claim: claimed() }),
            Deed::RefundRewardLast => ("refund-reward", Fact::RefundReward { claim: claimed() }),
            Deed::FulfilGiven => {
                let claim = format!("given#r1#{}", last.0).parse().unwrap();
                ("fulfil", Fact::Fulfil { claim })
            }
            Deed::TakeOne => {
                let points = Points::new(-1);
                let (reason, actor) = ("test".parse().unwrap(), "nobody".parse().unwrap());
                let wallet = None;
                (
                    "adjust",
                    Fact::Adjust {
                        points,
                        wallet,
                        reason,
                        actor,
                    },
                )
            }
            Deed::Days(days) | Deed::Outage(days) => {
                self.now += SignedDuration::from_hours(24 * days);
                return None;
            }
        };
        Some(activity(&format!("{kind}#{place}"), self.now, self.now, fact))
    }
}

fn sign_up(now: Timestamp) -> Activity {
    let zone = Zone::parse("UTC").unwrap();
    activity(
        "sign-up",
        now,
        now,
        Fact::SignUp {
            zone,
            birthday: None,
            referrer: None,
        },
    )
}

fn money(cents: i64) -> Amount {
    Amount::of_minor(cents, "USD".parse().unwrap()).unwrap()
}

/// Every history of so many deeds after those; gives how many they are.
fn explore(programme: &Programme, terms: &Terms, kinds: &[Deed], deeds: &mut Vec<Deed>, length: usize) -> usize {
    if length == 0 {
        agree(programme, terms, deeds);
        return 1;
    }
    let mut histories = 0;
    for deed in kinds {
        deeds.push(*deed);
        histories += explore(programme, terms, kinds, deeds, length - 1);
        deeds.pop();
    }
    histories
}

/// Lives through a history, in the ledger and in the slow model.
fn agree(programme: &Programme, terms: &Terms, deeds: &[Deed]) {
    let (mut slow, mut world) = (Slow::new(terms), World::new(programme, terms.second.is_some()));
    slow.take(&sign_up(world.now));
    for deed in deeds {
        match world.activity(*deed) {
            Some(activity) => {
                let applied = world.member.apply(programme, &activity);
                assert_eq!(applied.is_ok(), slow.take(&activity), "{applied:?} {deeds:?}");
            }
            None if matches!(deed, Deed::Days(_)) => {
                slow.wake(world.now);
                world.member.wake(programme, world.now);
            }
            None => {}
        }
    }
    let account = world.member.account();
    let today = programme.zone.rules().to_datetime(world.now).date();
    for wallet in terms.wallets().filter_map(WalletId::new) {
        let balance = account.balance(wallet, programme, world.now).get();
        assert_eq!(balance, slow.balance(wallet, world.now), "{deeds:?}");
        let totals = account.totals(wallet);
        assert_eq!(
            (totals.spent.get(), totals.expired.get()),
            slow.gone(wallet),
            "{deeds:?}"
        );
    }
    for set in programme.tier_sets().map(|tiers| tiers.number) {
        assert_eq!(usize::from(account.tier_in(set)), slow.tier(set), "{deeds:?}");
        assert_eq!(account.review_in(set), slow.review(set), "{deeds:?}");
    }
    let claims = account.claims().iter().filter(|claim| claim.last_day.date() >= today);
    let claims: Vec<_> = claims
        .map(|claim| (claim.id.to_string(), claim.last_day.date()))
        .collect();
    assert_eq!(claims, slow.unused_on(today), "{deeds:?}");
    assert_eq!(ledger::audit(programme, &world.member.pages, account), [], "{deeds:?}");
    chain::is_unbroken(&world.member);
}

#[test]
fn every_short_history_agrees_with_the_slow_model() {
    let length = crate::support::exhaustive_length();
    let mut histories = 0;
    for claw_back in ["only-pending", "within-balance", "unlimited"] {
        for wait in [None, Some(Wait::Days(10, 0))] {
            let terms = terms(claw_back, wait);
            let programme = programme(&terms.toml());
            histories += explore(&programme, &terms, &DEEDS, &mut Vec::new(), length);
        }
    }
    let terms = Terms {
        lasts: Lasts::Active(1, 0),
        ..self::terms("unlimited", None)
    };
    histories += explore(&programme(&terms.toml()), &terms, &DEEDS, &mut Vec::new(), length);
    let limit = |on, per, points, caps| Limit {
        wallet: 0,
        on,
        per,
        points,
        caps,
    };
    let terms = Terms {
        limits: vec![
            limit("earn", "month", 4, true),
            limit("earn", "balance", 5, false),
            limit("spend", "month", 2, false),
        ],
        ..self::terms("within-balance", None)
    };
    histories += explore(&programme(&terms.toml()), &terms, &DEEDS, &mut Vec::new(), length);
    for (claw_back, counts) in [("within-balance", false), ("unlimited", true)] {
        let mut terms = self::terms(claw_back, None);
        terms.earn.push(rule(1, Some(Wait::Days(10, 0))));
        terms.second = Some(Second {
            lasts: Some(Lasts::Months(2, 1)),
            own_lowest: true,
            lowest: None,
            spendable: true,
            counts,
        });
        histories += explore(&programme(&terms.toml()), &terms, &DEEDS, &mut Vec::new(), length);
    }
    for claw_back in ["within-balance", "unlimited"] {
        let mut terms = self::terms(claw_back, None);
        terms.limits.push(limit("spend", "month", 3, false));
        histories += explore(
            &programme(&terms.toml()),
            &terms,
            &CHECKOUT,
            &mut Vec::new(),
            length + 1,
        );
    }
    for claw_back in ["within-balance", "unlimited"] {
        let mut terms = self::terms(claw_back, None);
        let lasts = Some(Lasts::Days(20, 0));
        terms.rewards = vec![
            reward(2, Some(2), lasts.clone(), None),
            reward(0, None, lasts, Some("tier")),
        ];
        histories += explore(&programme(&terms.toml()), &terms, &CLAIMS, &mut Vec::new(), length + 1);
    }
    println!(
        "{histories} histories of {length} deeds in ten programmes, and of one more in four agree with the slow model"
    );
}
