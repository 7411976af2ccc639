//! Random campaigns.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

use super::referral::Referral;
use super::ways::{Lasts, Wait, lasts, wait};

/// A campaign. They are called c0, c1 and so on, and tiers are numbers.
#[derive(Debug, Clone)]
pub(crate) struct Campaign {
    pub(crate) on: &'static str,
    pub(crate) wallet: u8,
    pub(crate) multiply: Option<&'static str>,
    pub(crate) grants: Option<Grants>,
    pub(crate) when: Vec<When>,
    /// From one hour to before another.
    pub(crate) hours: Option<(u8, u8)>,
    /// The name of its days: `firsts` or `mondays`.
    pub(crate) days: Option<&'static str>,
    pub(crate) times: Option<(u16, &'static str)>,
    pub(crate) cooldown: Option<u32>,
    pub(crate) group: Option<&'static str>,
    pub(crate) lasts: Option<Lasts>,
    pub(crate) wait: Option<Wait>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Grants {
    Points(i64),
    /// A tenth of the amount, or of the stars of an event.
    Tenth,
    /// Half of what the rules earn, and one.
    HalfOfPoints,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum When {
    /// Whole units of money, or stars.
    AtLeast(i64),
    FirstPurchase,
    Tier(usize),
    Weekday(usize),
    BalanceBelow(i64),
    Segment(usize),
    DaysAtLeast(i64),
}

/// How several of them add up.
#[derive(Debug, Clone)]
pub(crate) struct Stacking {
    pub(crate) multiply: bool,
    pub(crate) most: Option<&'static str>,
    /// Whether a member gets the best of a group, and not the first.
    pub(crate) best: bool,
    /// Whether days wake members for a campaign that grants nobody anything.
    pub(crate) wakes: bool,
}

fn when() -> impl Strategy<Value = When> {
    prop_oneof![
        3 => (0..100_i64).prop_map(When::AtLeast),
        2 => Just(When::FirstPurchase),
        2 => (0..5_usize).prop_map(When::Tier),
        2 => (0..7_usize).prop_map(When::Weekday),
        1 => (-50..300_i64).prop_map(When::BalanceBelow),
        1 => (1..5_usize).prop_map(When::Segment),
        1 => (-5..300_i64).prop_map(When::DaysAtLeast),
    ]
}

pub(super) fn campaigns() -> impl Strategy<Value = (Vec<Campaign>, Stacking)> {
    let on = select(
        &[
            "purchase", "purchase", "purchase", "sign-up", "event", "segment", "code", "referral", "referred",
        ][..],
    );
    let grants = prop_oneof![
        2 => (1..200_i64).prop_map(Grants::Points),
        2 => Just(Grants::Tenth),
        1 => Just(Grants::HalfOfPoints),
    ];
    let gives = (
        option::of(select(&["1.5", "2", "3", "1.333333"][..])),
        option::of(grants),
        0..2_u8,
    );
    let per = select(&["day", "week", "month", "year", "member"][..]);
    let bounds = (
        option::weighted(0.3, (1..3_u16, per)),
        option::weighted(0.2, prop_oneof![1..48_u32, 1..2_000_u32]),
        option::weighted(0.2, (0..24_u8, 0..24_u8)),
        option::weighted(0.2, select(&["firsts", "mondays"][..])),
    );
    let rest = (
        option::weighted(0.3, select(&["a", "b"][..])),
        option::weighted(0.4, lasts()),
        wait(),
        vec(when(), 0..3),
    );
    let campaign = (on, gives, bounds, rest).prop_map(
        |(on, (multiply, grants, wallet), (times, cooldown, hours, days), (group, lasts, wait, when))| {
            let purchase = on == "purchase";
            let multiply = multiply.filter(|_| purchase);
            Campaign {
                on,
                wallet,
                multiply,
                grants: grants.or((multiply.is_none()).then_some(Grants::Points(7))),
                when,
                hours: hours.filter(|(from, to)| from != to),
                days,
                times,
                cooldown,
                group,
                lasts: lasts.filter(|lasts| !purchase && !lasts.is_active()),
                wait: wait.filter(|_| !purchase),
            }
        },
    );
    let most = option::weighted(0.3, select(&["2", "2.5", "4"][..]));
    let stacking = (any::<bool>(), most, any::<bool>(), any::<bool>());
    let stacking = stacking.prop_map(|(multiply, most, best, wakes)| Stacking {
        multiply,
        most,
        best,
        wakes,
    });
    (prop_oneof![2 => Just(Vec::new()), 3 => vec(campaign, 1..5)], stacking)
}

impl Campaign {
    /// Only what the programme has can be named, and points wait less than they last.
    pub(super) fn within(&mut self, tiers: usize, wallets: u8, shortest: u16, referral: Option<&Referral>) {
        if referral.is_none() && ["referral", "referred"].contains(&self.on) {
            self.on = "event";
        }
        let says_a_number = ["purchase", "event", "referred"].contains(&self.on);
        self.wallet = self.wallet.min(wallets - 1);
        for when in &mut self.when {
            match when {
                When::Tier(tier) => *tier = (*tier).min(tiers - 1),
                When::AtLeast(_) if !says_a_number => *when = When::FirstPurchase,
                _ => {}
            }
        }
        if !says_a_number && !matches!(self.grants, Some(Grants::Points(_))) {
            self.grants = Some(Grants::Points(11));
        }
        if self.on != "purchase" && matches!(self.grants, Some(Grants::HalfOfPoints)) {
            self.grants = Some(Grants::Tenth);
        }
        let own = self.lasts.as_ref().map_or(u16::MAX, Lasts::shortest);
        let released = |wait: &Wait| matches!(wait, Wait::Released(_));
        self.wait = self
            .wait
            .take()
            .filter(|wait| !released(wait) && wait.longest() < shortest.min(own));
        // What referrals set off waits whether it says so or not.
        let waits = referral.filter(|_| self.on.starts_with("refer") && self.wait.is_none());
        if waits.is_some_and(|referral| referral.return_days >= own) {
            self.lasts = None;
        }
    }

    fn toml(&self, index: usize) -> String {
        let number = if self.on == "event" {
            "activity.stars"
        } else {
            "activity.amount"
        };
        let mut text = format!("[[campaigns]]\nname = \"c{index}\"\n");
        match self.on {
            "event" => text.push_str("on = { event = \"visit\" }\n"),
            "segment" => text.push_str("on = { segment = \"s1\" }\n"),
            "code" => text.push_str("on = { code = \"Hello\" }\n"),
            on => writeln!(text, "on = {on:?}").unwrap(),
        }
        if let Some(multiply) = self.multiply {
            writeln!(text, "multiply = {multiply:?}").unwrap();
        }
        match self.grants {
            None => {}
            Some(Grants::Points(points)) => writeln!(text, "points = {points}").unwrap(),
            Some(Grants::Tenth) => writeln!(text, "points = \"{number} / 10.0\"").unwrap(),
            Some(Grants::HalfOfPoints) => writeln!(text, "points = \"activity.points / 2 + 1\"").unwrap(),
        }
        let when = self.when.iter().map(|when| match when {
            When::AtLeast(least) => format!("{number} >= {least}"),
            When::FirstPurchase => "member.purchases == 0".to_owned(),
            When::Tier(tier) => format!("member.tier == 'T{tier}'"),
            When::Weekday(day) => format!("local.weekday == '{}'", programme::WEEKDAYS[*day]),
            When::BalanceBelow(points) => format!("member.balance < {points}"),
            When::Segment(segment) => format!("'s{segment}' in member.segments"),
            When::DaysAtLeast(days) => format!("member.days >= {days}"),
        });
        let when: Vec<String> = when.collect();
        if !when.is_empty() {
            writeln!(text, "when = \"{}\"", when.join(" && ")).unwrap();
        }
        if let Some((from, to)) = self.hours {
            writeln!(text, "hours = {{ from = \"{from:02}:00\", to = \"{to:02}:00\" }}").unwrap();
        }
        if let Some(days) = self.days {
            writeln!(text, "days = {days:?}").unwrap();
        }
        if let Some((times, per)) = self.times {
            writeln!(text, "times = {times}\nper = {per:?}").unwrap();
        }
        if let Some(hours) = self.cooldown {
            writeln!(text, "cooldown-hours = {hours}").unwrap();
        }
        if let Some(group) = self.group {
            writeln!(text, "group = {group:?}").unwrap();
        }
        if let Some(lasts) = &self.lasts {
            writeln!(text, "lasts = {}", lasts.toml()).unwrap();
        }
        if let Some(wait) = &self.wait {
            writeln!(text, "pending = {}", wait.toml()).unwrap();
        }
        text.push_str(["", "wallet = \"second\"\n"][usize::from(self.wallet)]);
        text
    }
}

/// All of them, and how they stack.
pub(super) fn toml(campaigns: &[Campaign], stacking: &Stacking) -> String {
    let how = if stacking.multiply { "multiply" } else { "add" };
    let most = stacking.most.map_or(String::new(), |most| format!("most = {most:?}\n"));
    let pick = if stacking.best { "best" } else { "first" };
    let mut text = format!(
        "[events.visit]\nstars = \"whole-number\"\n[stacking]\nmultipliers = {how:?}\n{most}[campaign-groups]\n\
         a = {pick:?}\nb = {pick:?}\n"
    );
    text.push_str("[calendar]\nfirsts = { monthly = [1, 15, 31] }\nmondays = { weekly = \"monday\" }\n");
    if stacking.wakes {
        text.push_str(
            "[[campaigns]]\nname = \"nobody\"\non = { day = \"firsts\" }\nfrom = \"1990-01-01\"\npoints = 5\n\
             when = \"member.days < -1000\"\n",
        );
    }
    for (index, campaign) in campaigns.iter().enumerate() {
        text.push_str(&campaign.toml(index));
    }
    text
}
