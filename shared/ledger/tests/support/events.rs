//! What happens in a random history, as the activities that tell of it.

use jiff::{SignedDuration, Timestamp, ToSpan};
use ledger::{Accepted, Activity, Fact, MonthDay, Part};
use programme::{Amount, Points, WalletId, Zone};

use super::activity;
use super::random::*;

/// What a history comes to: activities and wake-ups at their instants.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    Activity(Activity),
    /// An activity whose points depend on what the member has when it arrives.
    RedeemShare {
        activity: Activity,
        hundredths: i64,
    },
    Wake(Timestamp),
}

impl Event {
    /// The activity, where so much can be spent.
    pub(crate) fn activity(&self, balance: impl FnOnce(WalletId, Timestamp) -> Points) -> Option<Activity> {
        match self {
            Self::Activity(activity) => Some(activity.clone()),
            Self::RedeemShare { activity, hundredths } => {
                let (Fact::Redeem { wallet, .. } | Fact::Reserve { wallet, .. } | Fact::Transfer { wallet, .. }) =
                    &activity.fact
                else {
                    panic!("only redemptions, reservations and transfers are shares");
                };
                let of = WalletId::new(u8::from(wallet.is_some())).unwrap();
                let points = i128::from(balance(of, activity.received).get()) * i128::from(*hundredths) / 100;
                let share = Points::new(i64::try_from(points).unwrap());
                let mut activity = activity.clone();
                if let Fact::Redeem { points, .. } | Fact::Reserve { points, .. } | Fact::Transfer { points, .. } =
                    &mut activity.fact
                {
                    *points = share;
                }
                Some(activity)
            }
            Self::Wake(_) => None,
        }
    }
}

impl History {
    /// The sign-up and then the steps, each instant shifted by so many seconds.
    pub(crate) fn events(&self, shift: i64) -> Vec<Event> {
        let at = |second: i64| Timestamp::from_second(second + shift).unwrap();
        let sign_up = |id: &str, second: i64, late: i64| {
            let fact = Fact::SignUp {
                zone: Zone::parse(self.zone).unwrap(),
                birthday: self.birthday.map(|(month, day)| MonthDay { month, day }),
                referrer: self.referred.then(|| "bo".parse().unwrap()),
            };
            Event::Activity(activity(id, at(second - late), at(second), fact))
        };
        let mut events = vec![sign_up("sign-up", self.start, 0)];
        let mut clock = self.start;
        let mut orders: Vec<(String, u32, &str)> = Vec::new();
        let mut reservations: Vec<String> = Vec::new();
        let mut claims: Vec<String> = Vec::new();
        let mut referrals: Vec<String> = Vec::new();
        for (index, step) in self.steps.iter().enumerate() {
            clock += step.gap;
            let (happened, received) = (at(clock - step.late), at(clock));
            let day = |days: i32| received.to_zoned(jiff::tz::TimeZone::UTC).date() + days.days();
            let wallet = || step.second.then(|| "second".parse().unwrap());
            // Long ids, too: they are the shop's own.
            let id = |kind: &str| format!("{kind}#{index:0width$}", width = if index % 7 == 3 { 100 } else { 1 });
            events.push(match step.what {
                Happening::Wake { ahead } => Event::Wake(at(clock + ahead)),
                Happening::SignUp => sign_up(&id("sign-up"), clock, step.late),
                Happening::Referral { accepted } => {
                    let by = ("known".parse().unwrap(), "clerk-7".parse().unwrap());
                    referrals.push(id("referral"));
                    let fact = Fact::Referral {
                        referee: "bo".parse().unwrap(),
                        accepted: accepted.then_some(Accepted {
                            reason: by.0,
                            actor: by.1,
                        }),
                    };
                    Event::Activity(activity(&id("referral"), happened, received, fact))
                }
                Happening::ReferralLost { back } => {
                    // One that waits for review may be lost before it counts.
                    let next = || format!("referral#{}", index + 1);
                    let of = referrals.iter().rev().nth(back).cloned();
                    let of = of.unwrap_or_else(next).parse().unwrap();
                    let fact = Fact::ReferralLost { of };
                    Event::Activity(activity(&id("referral-lost"), happened, received, fact))
                }
                Happening::Purchase { minor, currency } => {
                    let amount = money(minor, currency);
                    orders.push((id("purchase"), minor, currency));
                    Event::Activity(activity(&id("purchase"), happened, received, Fact::Purchase { amount }))
                }
                Happening::Redeem { points } => {
                    let points = Points::new(points);
                    let fact = Fact::Redeem {
                        points,
                        wallet: wallet(),
                        order: None,
                    };
                    Event::Activity(activity(&id("redeem"), happened, received, fact))
                }
                Happening::Extend { days } => {
                    let fact = Fact::Extend {
                        wallet: wallet(),
                        through: day(days),
                        reason: "strike".parse().unwrap(),
                        actor: "clerk-7".parse().unwrap(),
                    };
                    Event::Activity(activity(&id("extend"), happened, received, fact))
                }
                Happening::Reinstate { points } => {
                    let fact = Fact::Reinstate {
                        points: points.map(Points::new),
                        wallet: wallet(),
                        reason: "goodwill".parse().unwrap(),
                        actor: "clerk-7".parse().unwrap(),
                    };
                    Event::Activity(activity(&id("reinstate"), happened, received, fact))
                }
                Happening::Transfer { hundredths, to } => {
                    let other = || (!step.second).then(|| "second".parse().unwrap());
                    let fact = Fact::Transfer {
                        points: Points::ZERO,
                        wallet: wallet(),
                        to: (to == "member").then(|| "bo".parse().unwrap()),
                        to_wallet: if to == "other" { other() } else { wallet() },
                    };
                    let activity = activity(&id("transfer"), happened, received, fact);
                    Event::RedeemShare { activity, hundredths }
                }
                Happening::Receive { points, days } => {
                    let first = ledger::Day::of(day(days.0));
                    let lots = vec![
                        (first, Points::new(points.0)),
                        (first.plus(days.1), Points::new(points.1)),
                    ];
                    let fact = Fact::Receive {
                        from: "bo".parse().unwrap(),
                        wallet: WalletId::MAIN,
                        lots,
                    };
                    Event::Activity(activity(&id("received"), happened, received, fact))
                }
                Happening::Segment { segment, inside } => {
                    let segment = format!("s{segment}").parse().unwrap();
                    let fact = Fact::Segment { segment, inside };
                    Event::Activity(activity(&id("segment"), happened, received, fact))
                }
                Happening::Visit { stars } => {
                    let event = "visit".parse().unwrap();
                    let mut activity = activity(&id("event"), happened, received, Fact::Event { event });
                    activity.said.fields = vec![("stars".into(), stars.to_string().into())];
                    Event::Activity(activity)
                }
                Happening::Cart { minor, ago } => {
                    let amount = money(minor, "USD");
                    let changed = happened - SignedDuration::from_mins(ago);
                    Event::Activity(activity(&id("cart"), changed, received, Fact::Cart { amount }))
                }
                Happening::Code { code } => {
                    let code = code.parse().unwrap();
                    Event::Activity(activity(&id("code"), happened, received, Fact::Code { code }))
                }
                Happening::Claim { reward } => {
                    claims.push(id("claim"));
                    let reward = format!("r{reward}").parse().unwrap();
                    Event::Activity(activity(&id("claim"), happened, received, Fact::Claim { reward }))
                }
                Happening::UseReward { back, how, given } => {
                    let known = claims.iter().rev().nth(back).cloned();
                    let known = known.filter(|_| !given);
                    let claim = known.unwrap_or(format!("given#r{back}#sign-up")).parse().unwrap();
                    let fact = match how {
                        "fulfil" => Fact::Fulfil { claim },
                        "cancel-reward" => Fact::CancelReward { claim },
                        _ => Fact::RefundReward { claim },
                    };
                    Event::Activity(activity(&id(how), happened, received, fact))
                }
                Happening::SetTier { tier, days } => {
                    let fact = Fact::SetTier {
                        tier: format!("T{tier}").parse().unwrap(),
                        until: days.map(day),
                        reason: "vip".parse().unwrap(),
                        actor: "clerk-7".parse().unwrap(),
                    };
                    Event::Activity(activity(&id("set-tier"), happened, received, fact))
                }
                Happening::Adjust { points } => {
                    let fact = Fact::Adjust {
                        points: Points::new(points),
                        wallet: wallet(),
                        reason: "goodwill".parse().unwrap(),
                        actor: "clerk-7".parse().unwrap(),
                    };
                    Event::Activity(activity(&id("adjust"), happened, received, fact))
                }
                Happening::RedeemShare { hundredths } => {
                    let points = Points::ZERO;
                    let fact = Fact::Redeem {
                        points,
                        wallet: wallet(),
                        order: None,
                    };
                    let activity = activity(&id("redeem"), happened, received, fact);
                    Event::RedeemShare { activity, hundredths }
                }
                Happening::RedeemOn { hundredths, back } => {
                    let known = orders.iter().rev().nth(back).map(|(id, ..)| id.clone());
                    // Points often leave before the purchase they pay for arrives.
                    let next = || format!("purchase#{}", index + 1);
                    let order = Some(known.unwrap_or_else(next).parse().unwrap());
                    let points = Points::ZERO;
                    let wallet = wallet();
                    let fact = Fact::Redeem { points, wallet, order };
                    let activity = activity(&id("redeem"), happened, received, fact);
                    Event::RedeemShare { activity, hundredths }
                }
                Happening::Reserve {
                    hundredths,
                    minutes,
                    back,
                } => {
                    let order = orders.iter().rev().nth(back).map(|(id, ..)| id.parse().unwrap());
                    reservations.push(id("reserve"));
                    let fact = Fact::Reserve {
                        points: Points::ZERO,
                        wallet: wallet(),
                        order,
                        minutes: Some(minutes),
                    };
                    let activity = activity(&id("reserve"), happened, received, fact);
                    Event::RedeemShare { activity, hundredths }
                }
                Happening::Settle { back, commits } => {
                    let known = reservations.iter().rev().nth(back).cloned();
                    let reservation = known.unwrap_or("reserve#none".to_owned()).parse().unwrap();
                    let (kind, fact) = if commits {
                        ("commit", Fact::Commit { reservation })
                    } else {
                        ("cancel", Fact::Cancel { reservation })
                    };
                    Event::Activity(activity(&id(kind), happened, received, fact))
                }
                Happening::Release { back } => {
                    let order = orders.iter().rev().nth(back).map(|(id, ..)| id.clone());
                    let order = order.unwrap_or("purchase#none".to_owned()).parse().unwrap();
                    Event::Activity(activity(&id("release"), happened, received, Fact::Release { order }))
                }
                Happening::Refund { back, part } => {
                    let (order, minor, currency) =
                        orders
                            .iter()
                            .rev()
                            .nth(back)
                            .cloned()
                            .unwrap_or(("purchase#none".to_owned(), 0, "USD"));
                    let part = match part {
                        RandomPart::Whole => Part::Whole,
                        RandomPart::Amount(hundredths, other) => {
                            let currency = if other { "GBP" } else { currency };
                            let minor = u32::try_from(i64::from(minor) * hundredths / 100).unwrap_or(u32::MAX);
                            Part::Amount(money(minor, currency))
                        }
                        RandomPart::Lines(vinyl, sleeves, unknown) => {
                            let named = [("vinyl", vinyl), ("sleeve", sleeves), ("poster", u32::from(unknown))];
                            let named = named
                                .into_iter()
                                .filter(|(line, count)| *line != "poster" || *count > 0);
                            Part::Lines(named.map(|(line, count)| (line.parse().unwrap(), count)).collect())
                        }
                    };
                    let order = order.parse().unwrap();
                    Event::Activity(activity(
                        &id("refund"),
                        happened,
                        received,
                        Fact::Refund { order, part },
                    ))
                }
            });
        }
        events
    }

    pub(crate) fn end(&self, shift: i64) -> Timestamp {
        let seconds: i64 = self.steps.iter().map(|step| step.gap).sum();
        Timestamp::from_second(self.start + seconds + shift).unwrap() + SignedDuration::from_hours(24)
    }
}

fn money(minor: u32, currency: &str) -> Amount {
    let currency: programme::Currency = currency.parse().unwrap();
    let text = match currency.exponent() {
        0 => minor.to_string(),
        _ => format!("{}.{:02}", minor / 100, minor % 100),
    };
    Amount::parse(&text, currency).unwrap()
}
