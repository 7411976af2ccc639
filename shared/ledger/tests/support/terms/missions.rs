//! Random missions.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

use super::referral::Referral;
use super::ways::{Lasts, lasts};

/// A mission. They are called m0, m1 and so on.
#[derive(Debug, Clone)]
pub(crate) struct Mission {
    /// Purchases, events, or referrals.
    pub(crate) on: &'static str,
    pub(crate) each: Option<&'static str>,
    pub(crate) streak: Option<&'static str>,
    pub(crate) grace: u8,
    /// Whether money, or stars, count, and not how often.
    pub(crate) sums: bool,
    /// Whole units of money, or stars.
    pub(crate) at_least: Option<i64>,
    pub(crate) milestones: Vec<Milestone>,
}

#[derive(Debug, Clone)]
pub(crate) struct Milestone {
    pub(crate) reach: u32,
    pub(crate) points: i64,
    pub(crate) wallet: u8,
    pub(crate) lasts: Option<Lasts>,
    pub(crate) badge: bool,
}

pub(super) fn missions() -> impl Strategy<Value = Vec<Mission>> {
    let period = || select(&["day", "week", "month", "year"][..]);
    let milestone = (
        1..4_u32,
        1..200_i64,
        0..2_u8,
        option::weighted(0.3, lasts()),
        any::<bool>(),
    );
    let way = (option::of(period()), option::of(period()), 0..3_u8, any::<bool>());
    let on = select(&["purchase", "purchase", "event", "event", "referral"][..]);
    let what = (on, option::of(0..50_i64));
    let mission = (way, what, vec(milestone, 1..4)).prop_map(|(way, (on, at_least), steps)| {
        let (each, streak, grace, sums) = way;
        let each = each.filter(|_| streak.is_none());
        let sums = sums && streak.is_none() && on != "referral";
        let at_least = at_least.filter(|_| on != "referral");
        let mut reach = 0;
        let milestones = steps.into_iter().map(|(step, points, wallet, lasts, badge)| {
            reach += if sums { step * 20 } else { step };
            let lasts = lasts.filter(|lasts| !lasts.is_active());
            Milestone {
                reach,
                points,
                wallet,
                lasts,
                badge,
            }
        });
        Mission {
            on,
            each,
            streak,
            grace: if streak.is_some() { grace } else { 0 },
            sums,
            at_least,
            milestones: milestones.collect(),
        }
    });
    prop_oneof![2 => Just(Vec::new()), 2 => vec(mission, 1..3)]
}

impl Mission {
    pub(super) fn within(&mut self, wallets: u8, referral: Option<&Referral>) {
        if referral.is_none() && self.on == "referral" {
            self.on = "event";
        }
        let waits = referral.filter(|_| self.on == "referral");
        for milestone in &mut self.milestones {
            let shortest = milestone.lasts.as_ref().map_or(u16::MAX, Lasts::shortest);
            if waits.is_some_and(|referral| referral.return_days >= shortest) {
                milestone.lasts = None;
            }
            milestone.wallet = milestone.wallet.min(wallets - 1);
        }
    }

    fn toml(&self, index: usize) -> String {
        let number = if self.on == "purchase" {
            "activity.amount"
        } else {
            "activity.stars"
        };
        let mut text = format!("[[missions]]\nname = \"m{index}\"\ngrace = {}\n", self.grace);
        match self.on {
            "event" => text.push_str("on = { event = \"visit\" }\n"),
            on => writeln!(text, "on = {on:?}").unwrap(),
        }
        if let Some(each) = self.each {
            writeln!(text, "each = {each:?}").unwrap();
        }
        if let Some(streak) = self.streak {
            writeln!(text, "streak = {streak:?}").unwrap();
        }
        if self.sums {
            writeln!(text, "counts = \"{number}\"").unwrap();
        }
        if let Some(least) = self.at_least {
            writeln!(text, "when = \"{number} >= {least}\"").unwrap();
        }
        for milestone in &self.milestones {
            writeln!(
                text,
                "[[missions.milestones]]\nreach = {}\npoints = {}",
                milestone.reach, milestone.points
            )
            .unwrap();
            if let Some(lasts) = &milestone.lasts {
                writeln!(text, "lasts = {}", lasts.toml()).unwrap();
            }
            if milestone.badge {
                writeln!(text, "badge = \"b{index}\"").unwrap();
            }
            text.push_str(["", "wallet = \"second\"\n"][usize::from(milestone.wallet)]);
        }
        text
    }
}

pub(super) fn toml(missions: &[Mission]) -> String {
    let badges: String = (0..missions.len())
        .map(|index| format!("[badges.b{index}]\n"))
        .collect();
    let missions = missions.iter().enumerate().map(|(index, mission)| mission.toml(index));
    format!("{badges}{}", missions.collect::<String>())
}
