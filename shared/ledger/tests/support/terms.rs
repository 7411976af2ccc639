//! Random programmes.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

/// What differs between the random programmes.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    pub(crate) zone: &'static str,
    pub(crate) earn: Vec<Rule>,
    /// What the second wallet is, where there is one.
    pub(crate) second: Option<Second>,
    pub(crate) lasts: Lasts,
    /// How long points of each currency last, and those earned in each tier, where that is not as for all.
    pub(crate) rule_lasts: Vec<Option<Lasts>>,
    pub(crate) tier_lasts: Vec<Option<Lasts>>,
    /// Within how many days lapsed points may come back.
    pub(crate) reinstate: Option<u16>,
    pub(crate) reminders: Vec<u16>,
    pub(crate) limits: Vec<Limit>,
    pub(crate) window: u8,
    pub(crate) valid: Valid,
    pub(crate) at_review: bool,
    pub(crate) downgrade: &'static str,
    /// So many days, and to the end of a period of so many months, or none.
    pub(crate) grace: Option<(u16, i8)>,
    pub(crate) basis: &'static str,
    /// How many days before a review that takes a tier the member hears of it.
    pub(crate) notices: Vec<u16>,
    /// Points and multiplier of each tier.
    pub(crate) levels: Vec<(i64, &'static str)>,
    pub(crate) claw_back: &'static str,
    /// How low a balance may go; none is any.
    pub(crate) lowest: Option<i64>,
    pub(crate) rewards: Vec<Reward>,
    /// The fewest points that may go, and for how many days a member must have been one; none where none may.
    pub(crate) transfers: Option<(i64, u16)>,
    /// A second set of tiers, which counts the first wallet.
    pub(crate) second_set: Option<Box<SetTerms>>,
    /// Whether these are the terms of that set.
    pub(crate) is_second_set: bool,
    pub(crate) leap_day: &'static str,
    /// Hours of reminders, birthdays and anniversaries.
    pub(crate) hours: [u8; 3],
}

/// What is different in the second set of tiers.
#[derive(Debug, Clone)]
pub(crate) struct SetTerms {
    valid: Valid,
    at_review: bool,
    downgrade: &'static str,
    grace: Option<(u16, i8)>,
    basis: &'static str,
    notices: Vec<u16>,
    window: u8,
    steps: Vec<i64>,
}

fn second_set() -> impl Strategy<Value = Option<Box<SetTerms>>> {
    let grace = option::of((1..=100_u16, select(&[0_i8, 0, 1, 3][..])));
    let ways = (
        select(&["re-evaluate", "one-step", "never"][..]),
        select(&["points", "points", "spend", "visits", "balance", "segment"][..]),
    );
    let set = (
        (valid(), any::<bool>(), grace, ways),
        vec(3..=90_u16, 0..3),
        1..=14_u8,
        vec(1..400_i64, 1..4),
    );
    let set = set.prop_map(
        |((valid, at_review, grace, (downgrade, basis)), mut notices, window, steps)| {
            notices.retain(|days| *days < valid.shortest() && basis != "segment");
            notices.sort_unstable_by(|a, b| b.cmp(a));
            notices.dedup();
            Box::new(SetTerms {
                at_review: at_review && !matches!(valid, Valid::Months(..)),
                valid,
                downgrade,
                grace,
                basis,
                notices,
                window,
                steps,
            })
        },
    );
    option::weighted(0.4, set)
}

/// Where each tier starts, so many steps apart.
fn starts(basis: &str, steps: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut from = 0;
    let above = steps.map(|step| {
        // Nobody in these histories buys four hundred times.
        from += match basis {
            "visits" => step / 60 + 1,
            "segment" => 1,
            _ => step,
        };
        from
    });
    std::iter::once(0).chain(above.collect::<Vec<_>>()).collect()
}

/// Points for one unit of a currency, and how long those wait.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// 0, or 1 for the second.
    pub(crate) wallet: u8,
    pub(crate) currency: &'static str,
    pub(crate) rate: &'static str,
    pub(crate) wait: Option<Wait>,
    pub(crate) multiplied: bool,
}

/// The second wallet.
#[derive(Debug, Clone)]
pub(crate) struct Second {
    pub(crate) lasts: Option<Lasts>,
    /// How low its balance may go: as for all, or as low as this; none is any.
    pub(crate) own_lowest: bool,
    pub(crate) lowest: Option<i64>,
    pub(crate) spendable: bool,
    /// Its points, and not the first's, count for the tiers.
    pub(crate) counts: bool,
}

fn second() -> impl Strategy<Value = Option<Second>> {
    let lowest = (any::<bool>(), select(&[Some(0), Some(-150), None][..]));
    let second = (
        option::of(lasts()),
        lowest,
        prop_oneof![4 => Just(true), 1 => Just(false)],
        any::<bool>(),
    );
    let second = second.prop_map(|(lasts, (own_lowest, lowest), spendable, counts)| Second {
        // A member has one clock of activity.
        lasts: lasts.filter(|lasts| !lasts.is_active()),
        own_lowest,
        lowest,
        spendable,
        counts,
    });
    option::of(second)
}

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

fn rewards() -> impl Strategy<Value = Vec<Reward>> {
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
            per_member,
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
    fn within(&mut self, tiers: usize, second: Option<&Second>) {
        self.wallet = self.wallet.min(u8::from(second.is_some_and(|second| second.spendable)));
        self.tier = self.tier.map(|tier| tier.min(tiers - 1));
        self.tier_points = self.tier_points.map(|(tier, points)| (tier.min(tiers - 1), points));
        let shortest = self.lasts.as_ref().filter(|lasts| **lasts != Lasts::Forever);
        let shortest = shortest.map_or(0, Lasts::shortest);
        self.reminders.retain(|days| *days < shortest);
        self.reminders.sort_unstable_by(|a, b| b.cmp(a));
        self.reminders.dedup();
    }

    fn toml(&self, index: usize) -> String {
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

/// The most that may be earned or spent.
#[derive(Debug, Clone)]
pub(crate) struct Limit {
    pub(crate) wallet: u8,
    pub(crate) on: &'static str,
    pub(crate) per: &'static str,
    pub(crate) points: i64,
    pub(crate) caps: bool,
}

/// A few limits, each on something else.
fn limits() -> impl Strategy<Value = Vec<Limit>> {
    const TIMES: [&str; 7] = ["activity", "day", "week", "month", "year", "member", "balance"];
    let limit = (
        (
            select(&["earn", "earn", "spend", "transfer"][..]),
            prop_oneof![2 => Just(0_u8), 1 => Just(1)],
        ),
        select(&TIMES[..]),
        prop_oneof![1..50_i64, 1..2_000_i64],
        any::<bool>(),
    );
    let limits = vec(limit, 0..4).prop_map(|drawn| {
        let mut limits: Vec<Limit> = Vec::new();
        for ((on, wallet), per, points, caps) in drawn {
            let on = if per == "balance" { "earn" } else { on };
            let caps = caps && on == "earn";
            if !limits
                .iter()
                .any(|limit| (limit.wallet, limit.on, limit.per) == (wallet, on, per))
            {
                limits.push(Limit {
                    wallet,
                    on,
                    per,
                    points,
                    caps,
                });
            }
        }
        limits
    });
    prop_oneof![Just(Vec::new()), limits]
}

/// How long points last. A period is so many months; 0 is none.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Lasts {
    Forever,
    Months(u8, i8),
    Days(u16, i8),
    Through(Vec<(i8, i8)>, u16),
    Active(u8, i8),
}

fn period_name(months: i8) -> &'static str {
    match months {
        1 => "month",
        3 => "quarter",
        6 => "half-year",
        _ => "year",
    }
}

fn days_of_year(days: &[(i8, i8)]) -> Vec<String> {
    days.iter().map(|(month, day)| format!("{month:02}-{day:02}")).collect()
}

impl Lasts {
    fn toml(&self) -> String {
        let rounded = |months: &i8| match months {
            0 => String::new(),
            months => format!(", to-end-of = {:?}", period_name(*months)),
        };
        match self {
            Self::Forever => "\"forever\"".to_owned(),
            Self::Months(months, period) => format!("{{ months = {months}{} }}", rounded(period)),
            Self::Days(days, period) => format!("{{ days = {days}{} }}", rounded(period)),
            Self::Through(days, least) => {
                format!("{{ through = {:?}, at-least-days = {least} }}", days_of_year(days))
            }
            Self::Active(months, period) => format!("{{ active-months = {months}{} }}", rounded(period)),
        }
    }

    /// Certainly not over before so many days.
    fn shortest(&self) -> u16 {
        match self {
            Self::Forever => u16::MAX,
            Self::Months(months, _) | Self::Active(months, _) => u16::from(*months) * 28,
            Self::Days(days, _) => *days,
            Self::Through(_, least) => *least,
        }
    }

    pub(crate) fn is_active(&self) -> bool {
        matches!(self, Self::Active(..))
    }
}

fn lasts() -> impl Strategy<Value = Lasts> {
    let period = || select(&[0_i8, 1, 1, 3, 6, 12][..]);
    let months = || prop_oneof![Just(1_u8), Just(12), 1..=24_u8];
    prop_oneof![
        1 => Just(Lasts::Forever),
        4 => months().prop_map(|months| Lasts::Months(months, 1)),
        2 => (months(), period()).prop_map(|(months, period)| Lasts::Months(months, period)),
        2 => (1..500_u16, period()).prop_map(|(days, period)| Lasts::Days(days, period)),
        2 => (vec((1..=12_i8, 1..=28_i8), 1..4), 0..200_u16).prop_map(|(days, least)| Lasts::Through(days, least)),
        4 => (months(), period()).prop_map(|(months, period)| Lasts::Active(months, period)),
    ]
}

/// How long a tier is kept. A period is so many months; 0 is none.
#[derive(Debug, Clone)]
pub(crate) enum Valid {
    Months(u8, i8),
    SinceJoined(u8),
    Birthday,
    On(Vec<(i8, i8)>),
    Rolling,
}

impl Valid {
    fn toml(&self) -> String {
        match self {
            Self::Months(months, 0) => format!("{{ months = {months} }}"),
            Self::Months(months, period) => {
                format!("{{ months = {months}, to-end-of = {:?} }}", period_name(*period))
            }
            Self::SinceJoined(months) => format!("{{ months-since-joined = {months} }}"),
            Self::Birthday => "\"birthday\"".to_owned(),
            Self::On(days) => format!("{{ on = {:?} }}", days_of_year(days)),
            Self::Rolling => "\"rolling\"".to_owned(),
        }
    }

    /// A notice so many days before a review is none too many.
    fn shortest(&self) -> u16 {
        match self {
            Self::Months(months, _) | Self::SinceJoined(months) => u16::from(*months) * 28,
            Self::Birthday => 365,
            Self::On(days) => {
                let mut day = jiff::civil::date(2026, 1, 1);
                let (mut since, mut least) = (u16::MAX, 365);
                for _ in 0..2 * 365 {
                    since = since.saturating_add(1);
                    if days.contains(&(day.month(), day.day())) {
                        least = least.min(since);
                        since = 0;
                    }
                    day = day.tomorrow().unwrap();
                }
                least
            }
            Self::Rolling => 28,
        }
    }
}

fn valid() -> impl Strategy<Value = Valid> {
    let months = || prop_oneof![Just(12_u8), 1..=14_u8];
    prop_oneof![
        4 => months().prop_map(|months| Valid::Months(months, 0)),
        1 => (months(), select(&[1_i8, 3, 6, 12][..])).prop_map(|(months, period)| Valid::Months(months, period)),
        1 => months().prop_map(Valid::SinceJoined),
        1 => Just(Valid::Birthday),
        1 => vec((1..=12_i8, 1..=28_i8), 1..3).prop_map(|mut days| {
            days.sort_unstable();
            days.dedup();
            Valid::On(days)
        }),
        1 => Just(Valid::Rolling),
    ]
}

/// How long points wait.
#[derive(Debug, Clone)]
pub(crate) enum Wait {
    /// So many days, and up to the next period of so many months, or none.
    Days(u16, i8),
    /// Until the next of these months' days.
    On(Vec<(i8, i8)>),
    Released(u16),
}

impl Wait {
    fn toml(&self) -> String {
        match self {
            Self::Days(days, 0) => format!("{{ days = {days} }}"),
            Self::Days(days, months) => {
                format!("{{ days = {days}, round-up-to = {:?} }}", period_name(*months))
            }
            Self::On(days) => {
                format!("{{ on = {:?} }}", days_of_year(days))
            }
            Self::Released(days) => format!("{{ released-within-days = {days} }}"),
        }
    }

    /// Certainly over after so many days.
    fn longest(&self) -> u16 {
        match self {
            Self::Days(days, months) => days + u16::try_from(*months).unwrap() * 31,
            Self::On(_) => 366,
            Self::Released(days) => *days,
        }
    }
}

fn wait() -> impl Strategy<Value = Option<Wait>> {
    let days = prop_oneof![0..20_u16, 0..200_u16];
    let wait = prop_oneof![
        3 => (days.clone(), select(&[0_i8, 0, 1, 3, 6, 12][..])).prop_map(|(days, months)| Wait::Days(days, months)),
        1 => vec((1..=12_i8, 1..=28_i8), 1..4).prop_map(Wait::On),
        2 => days.prop_map(Wait::Released),
    ];
    option::of(wait)
}

const RATES: [&str; 7] = ["1", "0.5", "0.333333", "2", "10", "1.25", "0"];
const MULTIPLIERS: [&str; 5] = ["1", "1.25", "1.5", "3", "0.75"];

pub(crate) fn terms(zones: &'static [&'static str]) -> impl Strategy<Value = Terms> {
    // Dollars and perhaps yen, in the first wallet, the second, or both.
    let rule = |wallet: u8, currency: &'static str| {
        (select(&RATES[..]), wait(), any::<bool>()).prop_map(move |(rate, wait, multiplied)| Rule {
            wallet,
            currency,
            rate,
            wait,
            multiplied,
        })
    };
    let first = (rule(0, "USD"), option::of(rule(0, "JPY")));
    let other = (option::weighted(0.8, rule(1, "USD")), option::of(rule(1, "JPY")));
    let earn = (first, other, second()).prop_map(|((dollar, yen), (second_dollar, second_yen), mut second)| {
        if second_dollar.is_none() && second_yen.is_none() {
            second = None;
        }
        let others = [second_dollar, second_yen].into_iter().flatten();
        let others = others.filter(|_| second.is_some());
        let rules: Vec<Rule> = [Some(dollar), yen].into_iter().flatten().chain(others).collect();
        (rules, second)
    });
    let reminders = vec(1..=90_u16, 0..4);
    let levels = (
        select(&MULTIPLIERS[..]),
        vec((1..400_i64, select(&MULTIPLIERS[..])), 0..4),
    );
    let grace = option::of((1..=100_u16, select(&[0_i8, 0, 1, 3][..])));
    let ways = (
        select(&["re-evaluate", "re-evaluate", "one-step", "never"][..]),
        select(
            &[
                "points", "points", "points", "spend", "visits", "balance", "balance", "segment",
            ][..],
        ),
    );
    let dates = (
        (
            lasts(),
            vec(option::of(lasts()), 4),
            vec(option::weighted(0.3, lasts()), 5),
        ),
        (reminders, option::of(1..=700_u16)),
        1..=14_u8,
        ((valid(), any::<bool>(), grace, ways), vec(3..=90_u16, 0..3)),
    );
    let returns = select(
        &[
            ("only-pending", Some(0)),
            ("within-balance", Some(0)),
            ("within-balance", Some(-150)),
            ("unlimited", Some(-150)),
            ("unlimited", None),
            ("unlimited", None),
        ][..],
    );
    let rest = (
        select(&["02-28", "03-01"][..]),
        [0..24_u8, 0..24, 0..24],
        (
            returns,
            limits(),
            rewards(),
            option::weighted(0.8, (0..20_i64, prop_oneof![Just(0_u16), 0..100_u16])),
            second_set(),
        ),
    );
    (select(zones), earn, dates, levels, rest).prop_map(
        |(
            zone,
            (mut earn, second),
            (
                all_lasts,
                (mut reminders, reinstate),
                window,
                ((valid, at_review, grace, (downgrade, basis)), mut notices),
            ),
            (lowest, steps),
            (leap_day, hours, (returns, mut limits, mut rewards, transfers, second_set)),
        )| {
            let (lasts, rule_lasts, tier_lasts) = all_lasts;
            // A member has one clock of activity.
            let own = |given: Vec<Option<Lasts>>| -> Vec<_> {
                let not_active = |given: Option<Lasts>| given.filter(|given| !given.is_active());
                given.into_iter().map(not_active).collect()
            };
            let (mut rule_lasts, mut tier_lasts) = (own(rule_lasts), own(tier_lasts));
            rule_lasts.truncate(earn.len());
            tier_lasts.truncate(steps.len() + 1);
            limits.retain(|limit| limit.wallet == 0 || second.is_some());
            let of_wallet = second.as_ref().and_then(|second| second.lasts.as_ref());
            let own = rule_lasts.iter().chain(&tier_lasts).flatten().chain(of_wallet);
            let all: Vec<u16> = own.chain([&lasts]).map(Lasts::shortest).collect();
            let shortest = *all.iter().min().unwrap();
            let longest = all
                .iter()
                .copied()
                .filter(|days| *days < u16::MAX)
                .max()
                .unwrap_or_default();
            for rule in &mut earn {
                rule.wait = rule.wait.take().filter(|wait| wait.longest() < shortest);
            }
            reminders.retain(|days| *days < longest);
            reminders.sort_unstable_by(|a, b| b.cmp(a));
            reminders.dedup();
            notices.retain(|days| *days < valid.shortest());
            notices.sort_unstable_by(|a, b| b.cmp(a));
            notices.dedup();
            if basis == "segment" {
                notices.clear();
            }
            let multipliers = std::iter::once(lowest).chain(steps.iter().map(|(_, multiplier)| *multiplier));
            let starts = starts(basis, steps.iter().map(|(step, _)| *step));
            let levels: Vec<_> = starts.into_iter().zip(multipliers).collect();
            for reward in &mut rewards {
                reward.within(levels.len(), second.as_ref());
            }
            Terms {
                zone,
                earn,
                second,
                lasts,
                rule_lasts,
                tier_lasts,
                reinstate,
                reminders,
                limits,
                window,
                at_review: at_review && !matches!(valid, Valid::Months(..)),
                valid,
                downgrade,
                grace,
                basis,
                notices,
                levels,
                claw_back: returns.0,
                lowest: returns.1,
                rewards,
                transfers,
                second_set,
                is_second_set: false,
                leap_day,
                hours,
            }
        },
    )
}

impl Terms {
    /// No points lapse before so many days.
    pub(crate) fn shortest(&self) -> u16 {
        let of_wallet = self.second.as_ref().and_then(|second| second.lasts.as_ref());
        let own = self
            .rule_lasts
            .iter()
            .chain(&self.tier_lasts)
            .flatten()
            .chain(of_wallet);
        own.chain([&self.lasts]).map(Lasts::shortest).min().unwrap()
    }

    fn tier_rules(&self) -> String {
        let mut text = format!("valid = {}\ndowngrade = {:?}\n", self.valid.toml(), self.downgrade);
        if self.at_review {
            text.push_str("upgrade = \"at-review\"\n");
        }
        match self.grace {
            None => {}
            Some((days, 0)) => writeln!(text, "grace = {{ days = {days} }}").unwrap(),
            Some((days, period)) => {
                let period = period_name(period);
                writeln!(text, "grace = {{ days = {days}, to-end-of = {period:?} }}").unwrap();
            }
        }
        writeln!(text, "basis = {:?}", self.basis).unwrap();
        if self.basis == "spend" {
            text.push_str("currency = \"USD\"\n");
        }
        text
    }

    /// How many sets of tiers there are.
    pub(crate) fn sets(&self) -> usize {
        1 + usize::from(self.second_set.is_some())
    }

    /// As a set of tiers sees them.
    pub(crate) fn as_set(&self, set: usize) -> Self {
        let mut own = self.clone();
        if let (1, Some(second)) = (set, own.second_set.take()) {
            let SetTerms {
                valid,
                at_review,
                downgrade,
                grace,
                basis,
                notices,
                window,
                steps,
            } = *second;
            own.levels = starts(basis, steps.into_iter())
                .into_iter()
                .map(|from| (from, "1"))
                .collect();
            (own.valid, own.at_review, own.downgrade, own.grace) = (valid, at_review, downgrade, grace);
            (own.basis, own.notices, own.window) = (basis, notices, window);
            own.tier_lasts.clear();
            if let Some(second) = &mut own.second {
                second.counts = false;
            }
            own.is_second_set = true;
        }
        own
    }

    /// How the names of the tiers begin.
    pub(crate) fn prefix(&self) -> &'static str {
        if self.is_second_set { "U" } else { "T" }
    }

    fn level_tables(&self, table: &str) -> String {
        let mut text = String::new();
        for (index, (from, multiplier)) in self.levels.iter().enumerate() {
            let lasts = self.tier_lasts.get(index).and_then(Option::as_ref);
            let lasts = lasts.map_or(String::new(), |lasts| format!("lasts = {}\n", lasts.toml()));
            write!(
                text,
                "[[{table}.levels]]\nname = \"{}{index}\"\nmultiplier = {multiplier:?}\n{lasts}",
                self.prefix()
            )
            .unwrap();
            match (self.basis, index) {
                ("segment", 0) => {}
                ("segment", index) => writeln!(text, "segment = \"s{index}\"").unwrap(),
                _ => writeln!(text, "from = {from}").unwrap(),
            }
        }
        text
    }

    /// The wallet whose points count for the tiers.
    pub(crate) fn counts(&self) -> u8 {
        u8::from(self.second.as_ref().is_some_and(|second| second.counts))
    }

    /// The wallets there are.
    pub(crate) fn wallets(&self) -> impl Iterator<Item = u8> {
        0..=u8::from(self.second.is_some())
    }

    /// The programme's file.
    pub(crate) fn toml(&self) -> String {
        let [remind_at, birthday_at, anniversary_at] = self.hours;
        let mut text = format!("name = \"Random\"\nzone = {:?}\ndefault-locale = \"en\"\n", self.zone);
        let own = |lasts: Option<&Option<Lasts>>| {
            let lasts = lasts.and_then(Option::as_ref);
            lasts.map_or(String::new(), |lasts| format!("lasts = {}\n", lasts.toml()))
        };
        let wallet = |number: u8| ["", "wallet = \"second\"\n"][usize::from(number)];
        let lowest = |lowest: Option<i64>| lowest.map_or("\"any\"".to_owned(), |lowest| lowest.to_string());
        if let Some(second) = &self.second {
            let below = if second.own_lowest {
                format!("lowest = {}\n", lowest(second.lowest))
            } else {
                String::new()
            };
            write!(
                text,
                "[[wallets]]\nnumber = 0\nname = \"first\"\n[[wallets]]\nnumber = 1\nname = \"second\"\nspendable = {}\n{}{below}",
                second.spendable,
                own(Some(&second.lasts)),
            )
            .unwrap();
        }
        for (index, rule) in self.earn.iter().enumerate() {
            let (currency, points) = (rule.currency, rule.rate);
            let wait = rule
                .wait
                .as_ref()
                .map_or(String::new(), |wait| format!("pending = {}\n", wait.toml()));
            let lasts = own(self.rule_lasts.get(index));
            write!(
                text,
                "[[earn]]\ncurrency = {currency:?}\npoints-per-unit = {points:?}\ntier-multiplies = {}\n{wait}{lasts}{}",
                rule.multiplied,
                wallet(rule.wallet)
            )
            .unwrap();
        }
        write!(
            text,
            "[expiry]\nlasts = {}\n{}remind-days-before = {:?}\nremind-at = \"{remind_at:02}:00\"\n\
             [tiers]\n{}window-months = {}\n{}notify-days-before = {:?}\nnotify-at = \"{remind_at:02}:00\"\n",
            self.lasts.toml(),
            self.reinstate
                .map_or(String::new(), |days| format!("reinstate-within-days = {days}\n")),
            self.reminders,
            wallet(self.counts()),
            self.window,
            self.tier_rules(),
            self.notices
        )
        .unwrap();
        text.push_str(&self.level_tables("tiers"));
        if self.second_set.is_some() {
            let set = self.as_set(1);
            write!(
                text,
                "[[tier-sets]]\nnumber = 1\nwindow-months = {}\n{}notify-days-before = {:?}\nnotify-at = \"{remind_at:02}:00\"\n{}",
                set.window,
                set.tier_rules(),
                set.notices,
                set.level_tables("tier-sets")
            )
            .unwrap();
        }
        for limit in &self.limits {
            let (on, per, points) = (limit.on, limit.per, limit.points);
            let over = if limit.caps { "cap" } else { "reject" };
            write!(
                text,
                "[[limits]]\non = {on:?}\nper = {per:?}\npoints = {points}\nover = {over:?}\n{}",
                wallet(limit.wallet)
            )
            .unwrap();
        }
        if let Some((least, days)) = self.transfers {
            writeln!(text, "[transfers]\nleast-points = {least}\njoined-days-ago = {days}").unwrap();
        }
        for (index, reward) in self.rewards.iter().enumerate() {
            text.push_str(&reward.toml(index));
        }
        write!(
            text,
            "[returns]\nclaw-back = {:?}\n[balance]\nlowest = {}\n[reservations]\nhold-minutes = 3030\n",
            self.claw_back,
            lowest(self.lowest)
        )
        .unwrap();
        write!(
            text,
            "[birthday]\nat = \"{birthday_at:02}:00\"\nleap-day = {:?}\n[anniversary]\nat = \"{anniversary_at:02}:00\"\n\
             [quiet-hours]\nfrom = \"21:00\"\nto = \"09:00\"\n",
            self.leap_day
        )
        .unwrap();
        for kind in programme::MessageKind::ALL {
            write!(
                text,
                "[messages.{}]\npurpose = \"transactional\"\nchannels = [\"sms\"]\nuseful-hours = 48\n",
                kind.name()
            )
            .unwrap();
        }
        text
    }
}
