//! Why something did what it did: the questions that the decision asks, asked once more of the account as it was before,
//! by the same code, with all the answers kept.

use expression::{Clause, Condition, Formula};
use jiff::Timestamp;
use jiff::civil::DateTime;
use programme::{Campaign, Earn, Mission, Points, Programme, Tier, Trigger, WalletId};

use crate::account::Account;
use crate::activity::{Activity, Fact, Past};
use crate::campaigns::{Base, Chosen, Occasion, WhyNot, alone, better, sets_off};
use crate::day::Day;
use crate::decide::{join, up_to_date};
use crate::earn;
use crate::happened;
use crate::missions::{self, MILLION, NotCounted};
use crate::moments::{Due, Moment};
use crate::referral;
use crate::refusal::Refusal;
use crate::seen::Seen;
use crate::spend::Times;

/// Every rule that was asked, and how it came out.
#[derive(Debug, Clone, Default)]
pub struct Explanation<'p> {
    /// What a purchase earned, in each wallet.
    pub earned: Vec<Earned<'p>>,
    /// Every campaign of the programme, in its order.
    pub campaigns: Vec<OfCampaign<'p>>,
    /// Every mission of the programme, in its order.
    pub missions: Vec<OfMission<'p>>,
}

/// What a purchase earned in a wallet.
#[derive(Debug, Clone)]
pub struct Earned<'p> {
    pub wallet: WalletId,
    /// None where campaigns alone grant something.
    pub rule: Option<&'p Earn>,
    /// The tier whose multiplier counted, if one did.
    pub tier: &'p Tier,
    /// By the rule, before any campaign.
    pub base: Points,
    /// With what campaigns grant, but for limits.
    pub wanted: Points,
    pub points: Points,
}

/// How a campaign came out.
#[derive(Debug, Clone)]
pub struct OfCampaign<'p> {
    pub campaign: &'p Campaign,
    /// The member's own time by which it was asked.
    pub local: DateTime,
    /// What it grants: of a purchase, of what limits leave; else, but for limits.
    pub granted: Result<Points, WhyNot<'p>>,
    /// What was left of its budget, where it has one and was asked.
    pub left: Option<Points>,
    /// The parts of its condition, where it was asked.
    pub clauses: Vec<Clause<'p>>,
    /// What its formula reads, where it was asked.
    pub read: Vec<(&'p str, String)>,
}

/// How a mission came out.
#[derive(Debug, Clone)]
pub struct OfMission<'p> {
    pub mission: &'p Mission,
    pub counted: Result<Advanced<'p>, NotCounted>,
    /// The parts of its condition, where it was asked.
    pub clauses: Vec<Clause<'p>>,
    /// What its formula reads, where it was asked.
    pub read: Vec<(&'p str, String)>,
}

/// How far a member came in a mission: in millionths; of a streak, in millionths of a period.
#[derive(Debug, Clone)]
pub struct Advanced<'p> {
    pub before: i64,
    pub after: i64,
    pub reached: Vec<&'p programme::Milestone>,
}

/// Why an activity does what it does to an account: which is as it is before it, and `past` as for [`crate::apply`].
pub fn explain<'p>(
    programme: &'p Programme,
    account: Option<&Account>,
    activity: &Activity,
    past: Past<'_>,
) -> Result<Explanation<'p>, Refusal> {
    let now = programme.at(activity.received);
    let programme = programme.at(activity.at);
    let mut account = match (&activity.fact, account) {
        (Fact::SignUp { zone, birthday, .. }, None) => join(now, activity, (*zone, *birthday))?,
        (_, None) => return Err(Refusal::UnknownMember),
        (_, Some(stored)) => {
            let next = up_to_date(now, stored, activity.received)?;
            next.unwrap_or_else(|| stored.clone())
        }
    };
    let trigger = |on: &Trigger| sets_off(&activity.fact, on);
    let names = match &activity.fact {
        Fact::Purchase { .. } => &programme.names.purchase,
        Fact::Event { event } => programme
            .names
            .events
            .get(event.as_str())
            .unwrap_or(&programme.names.members),
        _ => &programme.names.members,
    };
    let occasion = Occasion {
        trigger: &trigger,
        activity: Some(activity).filter(|activity| !matches!(activity.fact, Fact::SignUp { .. })),
        names,
        budgets: past.budgets,
    };
    let times = Times::of(activity);
    if let Fact::Purchase { amount } = activity.fact {
        let mut told = purchase(programme, &account, activity, (amount, past), &occasion)?;
        told.missions = ask_missions(programme, &account, &occasion, times);
        return Ok(told);
    }
    let missions = ask_missions(programme, &account, &occasion, times);
    match &activity.fact {
        // What missions grant is there before campaigns are asked, and so is a segment.
        Fact::Event { .. } | Fact::Code { .. } => happened::advance(programme, &mut account, activity, &occasion)?,
        Fact::Segment { segment, inside: true } => account.enter(segment),
        _ => {}
    }
    Ok(Explanation {
        earned: Vec::new(),
        campaigns: ask(programme, &account, &occasion, times, |_| None),
        missions,
    })
}

/// Why a moment does what it does that falls due, to an account as [`crate::wake_told`] tells of it.
pub fn explain_moment<'p>(programme: &'p Programme, account: &Account, due: &Due, now: Timestamp) -> Explanation<'p> {
    let programme = programme.at(due.at);
    let trigger = |on: &Trigger| match (&due.moment, on) {
        (Moment::Birthday { .. }, Trigger::Birthday) | (Moment::Anniversary { .. }, Trigger::Anniversary) => true,
        (Moment::Day { name, .. }, Trigger::Day(day)) => day == name.as_str(),
        _ => false,
    };
    let occasion = Occasion {
        trigger: &trigger,
        activity: None,
        names: &programme.names.members,
        budgets: &[],
    };
    let times = Times {
        at: due.at,
        decided: now,
    };
    Explanation {
        earned: Vec::new(),
        campaigns: ask(programme, account, &occasion, times, |_| None),
        missions: ask_missions(programme, account, &occasion, times),
    }
}

fn purchase<'p>(
    programme: &'p Programme,
    account: &Account,
    activity: &Activity,
    (amount, past): (programme::Amount, Past<'_>),
    occasion: &Occasion<'_>,
) -> Result<Explanation<'p>, Refusal> {
    let tier = programme.tier(account.tier()).ok_or(Refusal::Overflow)?;
    let rules = earn::by_rules(programme, account, amount)?;
    let base = |wallet| earn::base(&rules, wallet);
    let (_, mut earnings) = earn::plan(programme, account, activity, (amount, past.budgets))?;
    let wanted: Vec<(WalletId, Points)> = earnings.iter().map(|one| (one.wallet, one.points)).collect();
    let today = Day::at(activity.received, programme.zone);
    earn::cap(programme, account, &mut earnings, today)?;
    let mut campaigns = ask(programme, account, occasion, Times::of(activity), base);
    for asked in campaigns.iter_mut().filter(|asked| asked.granted.is_ok()) {
        let id = asked.campaign.name.id();
        let shares = earnings.iter().flat_map(|earning| &earning.shares);
        let own = shares.filter(|share| share.campaign == id).map(|share| share.points);
        asked.granted = Ok(Points::sum(own).map_err(|_| Refusal::Overflow)?);
    }
    if referral::plan(programme, account, activity, past.budgets).is_some() {
        let occasion = referral::occasion(programme, activity, past.budgets);
        let asked = ask(programme, account, &occasion, Times::of(activity), |_| None);
        let both = campaigns.iter_mut().zip(asked);
        for (own, of_referral) in both.filter(|(own, _)| own.campaign.on == Trigger::Referred) {
            *own = of_referral;
        }
    }
    let earned = earnings.iter().map(|earning| Earned {
        wallet: earning.wallet,
        rule: earning.base.map(|base| base.rule),
        tier,
        base: earning.base.map_or(Points::ZERO, |base| base.points),
        wanted: wanted
            .iter()
            .find(|(wallet, _)| *wallet == earning.wallet)
            .map_or(earning.points, |(_, points)| *points),
        points: earning.points,
    });
    Ok(Explanation {
        earned: earned.collect(),
        campaigns,
        missions: Vec::new(),
    })
}

/// Asks every campaign.
fn ask<'p>(
    programme: &'p Programme,
    account: &Account,
    occasion: &Occasion<'_>,
    times: Times,
    base: impl Fn(WalletId) -> Option<Base<'p>>,
) -> Vec<OfCampaign<'p>> {
    let local = account.zone(programme).local(times.at);
    let asked = programme.campaigns.iter().map(|campaign| {
        if (occasion.trigger)(&campaign.on) {
            alone(programme, account, occasion, (local, times), (campaign, &base))
        } else {
            Err(WhyNot::Elsewhere)
        }
    });
    let asked: Vec<Result<Chosen<'p>, WhyNot<'p>>> = asked.collect();
    let eligible: Vec<Chosen<'p>> = asked.iter().filter_map(|one| one.ok()).collect();
    let mut place = 0;
    let told = programme.campaigns.iter().zip(asked).map(|(campaign, chosen)| {
        let left = chosen.ok().and_then(|one| one.left).map(Points::new);
        let granted = chosen.and_then(|one| {
            let best = best(programme, &eligible, place);
            place += 1;
            match best {
                Some(best) => Err(WhyNot::Beaten(&best.campaign.name)),
                None => Ok(Points::new(one.flat)),
            }
        });
        let was_asked = matches!(granted, Ok(_) | Err(WhyNot::Condition | WhyNot::Beaten(_)));
        let earned = base(programme.campaign_wallet(campaign)).map(|base| base.points);
        let seen = Seen::new(programme, account, occasion, (local, times), earned);
        let compiled = &campaign.compiled;
        let (clauses, read) = told(was_asked, (compiled.when.as_ref(), compiled.points.as_ref()), &seen);
        OfCampaign {
            campaign,
            local,
            granted,
            left,
            clauses,
            read,
        }
    });
    told.collect()
}

/// The one that is granted in the place of another, if one is.
fn best<'a, 'p>(programme: &Programme, eligible: &'a [Chosen<'p>], place: usize) -> Option<&'a Chosen<'p>> {
    let mut best = better(programme, eligible, place)?;
    while let Some(better) = better(programme, eligible, best) {
        best = better;
    }
    eligible.get(best)
}

type Told<'p> = (Vec<Clause<'p>>, Vec<(&'p str, String)>);

/// What a condition and a formula read.
fn told<'p>(
    was_asked: bool,
    (when, formula): (Option<&'p Condition>, Option<&'p Formula>),
    seen: &Seen<'_>,
) -> Told<'p> {
    if !was_asked {
        return Told::default();
    }
    let clauses = when.map(|when| when.explain(seen)).unwrap_or_default();
    let read = formula.map(|formula| formula.explain(seen)).unwrap_or_default();
    (clauses, read)
}

/// Asks every mission.
fn ask_missions<'p>(
    programme: &'p Programme,
    account: &Account,
    occasion: &Occasion<'_>,
    times: Times,
) -> Vec<OfMission<'p>> {
    let zone = account.zone(programme);
    let local = zone.local(times.at);
    let seen = Seen::new(programme, account, occasion, (local, times), None);
    let asked = programme.missions.iter().map(|mission| {
        let by = if (occasion.trigger)(&mission.on) {
            missions::counts(programme, account, occasion, times, mission)
        } else {
            Err(NotCounted::Elsewhere)
        };
        let was_asked = matches!(by, Ok(_) | Err(NotCounted::Condition | NotCounted::Nothing));
        let compiled = &mission.compiled;
        let (clauses, read) = told(was_asked, (compiled.when.as_ref(), compiled.counts.as_ref()), &seen);
        let counted = by.map(|by| {
            let under = account.under(mission.name.id()).copied();
            let start = missions::period(mission, local);
            let after = missions::further(mission, zone, under, (start, by));
            let by = match mission.streak {
                None => by,
                // A second time in one period.
                Some(_) if under == Some(after) => 0,
                Some(_) => MILLION,
            };
            Advanced {
                before: after.progress.saturating_sub(by),
                after: after.progress,
                reached: missions::newly_reached(mission, after).collect(),
            }
        });
        OfMission {
            mission,
            counted,
            clauses,
            read,
        }
    });
    asked.collect()
}
