//! Random rewards.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::sample::select;

use super::Second;
use super::ways::{Lasts, lasts};

/// A reward. They are called r0, r1 and so on, and tiers are numbers.
#[derive(Debug, Clone)]
pub(crate) struct Reward {
    pub(crate) points: i64,
    pub(crate) wallet: u8,
    pub(crate) tier_points: Option<(usize, i64)>,
    pub(crate) tier: Option<usize>,
    pub(crate) per_member: Option<usize>,
    pub(crate) stock: Option<usize>,
    pub(crate) lasts: Option<Lasts>,
    pub(crate) reminders: Vec<u16>,
    pub(crate) given: Option<&'static str>,
}

pub(super) fn rewards() -> impl Strategy<Value = Vec<Reward>> {
    let points = || prop_oneof![1 => Just(0_i64), 4 => 1..200_i64];
    let many = || option::weighted(0.2, 1..4_usize);
    let costs = (points(), 0..2_u8, option::weighted(0.3, (0..5_usize, points())));
    let bounds = (option::weighted(0.3, 0..5_usize), many(), many());
    let lasts = (option::weighted(0.7, lasts()), vec(1..=60_u16, 0..3));
    let given = option::weighted(0.4, select(&["sign-up", "tier", "tier", "birthday", "anniversary"][..]));
    let reward = (costs, bounds, lasts, given).prop_map(
        |((points, wallet, tier_points), (tier, per_member, stock), (lasts, reminders), given)| Reward {
            points: if given.is_some() { 0 } else { points },
            wallet,
            tier_points: tier_points.filter(|_| given.is_none()),
            tier: tier.or((given == Some("tier")).then_some(1)),
            // What never lapses is not given for ever.
            per_member: per_member.or(given.is_some().then_some(3)),
            stock: stock.filter(|_| given.is_none()),
            lasts: lasts.filter(|lasts| !lasts.is_active()),
            reminders,
            given,
        },
    );
    vec(reward, 0..4)
}

impl Reward {
    /// Only what the programme has can be named, and only what can come is reminded of.
    pub(super) fn within(&mut self, tiers: usize, second: Option<&Second>) {
        self.wallet = self.wallet.min(u8::from(second.is_some_and(|second| second.spendable)));
        self.tier = self.tier.map(|tier| tier.min(tiers - 1));
        if self.given == Some("tier") {
            // Nobody reaches the lowest.
            self.tier = self.tier.map(|tier| tier.max(1).min(tiers - 1));
            self.given = self.given.filter(|_| tiers > 1);
        }
        self.tier_points = self.tier_points.map(|(tier, points)| (tier.min(tiers - 1), points));
        let shortest = self.lasts.as_ref().filter(|lasts| **lasts != Lasts::Forever);
        let shortest = shortest.map_or(0, Lasts::shortest);
        self.reminders.retain(|days| *days < shortest);
        self.reminders.sort_unstable_by(|a, b| b.cmp(a));
        self.reminders.dedup();
    }

    pub(super) fn toml(&self, index: usize) -> String {
        let mut text = format!("[[rewards]]\nname = \"r{index}\"\npoints = {}\n", self.points);
        if self.wallet == 1 {
            text.push_str("wallet = \"second\"\n");
        }
        if let Some((tier, points)) = self.tier_points {
            writeln!(text, "tier-points = {{ T{tier} = {points} }}").unwrap();
        }
        if let Some(tier) = self.tier {
            writeln!(text, "tier = \"T{tier}\"").unwrap();
        }
        for (name, many) in [("per-member", self.per_member), ("stock", self.stock)] {
            if let Some(many) = many {
                writeln!(text, "{name} = {many}").unwrap();
            }
        }
        if let Some(lasts) = &self.lasts {
            writeln!(
                text,
                "lasts = {}\nremind-days-before = {:?}",
                lasts.toml(),
                self.reminders
            )
            .unwrap();
        }
        if let Some(given) = self.given {
            writeln!(text, "given = {given:?}").unwrap();
        }
        text
    }
}
