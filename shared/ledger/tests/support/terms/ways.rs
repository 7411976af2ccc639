//! How long points last and wait, and how long a tier is kept.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::sample::select;

/// How long points last. A period is so many months; 0 is none.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Lasts {
    Forever,
    Months(u8, i8),
    Days(u16, i8),
    Through(Vec<(i8, i8)>, u16),
    Active(u8, i8),
}

pub(super) fn period_name(months: i8) -> &'static str {
    match months {
        1 => "month",
        3 => "quarter",
        6 => "half-year",
        _ => "year",
    }
}

pub(super) fn days_of_year(days: &[(i8, i8)]) -> Vec<String> {
    days.iter().map(|(month, day)| format!("{month:02}-{day:02}")).collect()
}

impl Lasts {
    pub(super) fn toml(&self) -> String {
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
    pub(super) fn shortest(&self) -> u16 {
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

pub(super) fn lasts() -> impl Strategy<Value = Lasts> {
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
    pub(super) fn toml(&self) -> String {
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
    pub(super) fn shortest(&self) -> u16 {
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

pub(super) fn valid() -> impl Strategy<Value = Valid> {
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
    pub(super) fn toml(&self) -> String {
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
    pub(super) fn longest(&self) -> u16 {
        match self {
            Self::Days(days, months) => days + u16::try_from(*months).unwrap() * 31,
            Self::On(_) => 366,
            Self::Released(days) => *days,
        }
    }
}

pub(super) fn wait() -> impl Strategy<Value = Option<Wait>> {
    let days = prop_oneof![0..20_u16, 0..200_u16];
    let wait = prop_oneof![
        3 => (days.clone(), select(&[0_i8, 0, 1, 3, 6, 12][..])).prop_map(|(days, months)| Wait::Days(days, months)),
        1 => vec((1..=12_i8, 1..=28_i8), 1..4).prop_map(Wait::On),
        2 => days.prop_map(Wait::Released),
    ];
    option::of(wait)
}
