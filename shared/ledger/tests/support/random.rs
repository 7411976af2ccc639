//! Random histories, and the programmes they are lived through in.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

/// Among them: far from UTC on both sides, half and quarter hours, changes of clocks at midnight, one that left out a
/// day, and Ramadan's.
pub(crate) const ZONES: [&str; 12] = [
    "America/New_York",
    "Europe/London",
    "Asia/Shanghai",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Havana",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "UTC",
];

/// Zones whose clocks show whole hours when UTC's do.
pub(crate) const WHOLE_HOUR_ZONES: [&str; 6] = [
    "America/New_York",
    "Europe/London",
    "Asia/Shanghai",
    "America/Havana",
    "Pacific/Kiritimati",
    "UTC",
];

/// One thing that happens, so many seconds after the one before.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) gap: i64,
    /// How long before it arrived it happened; negative for a clock that runs ahead.
    pub(crate) late: i64,
    /// Where it names a wallet, whether that is the second.
    pub(crate) second: bool,
    pub(crate) what: Happening,
}

#[derive(Debug, Clone)]
pub(crate) enum Happening {
    Purchase {
        minor: u32,
        currency: &'static str,
    },
    Redeem {
        points: i64,
    },
    /// So many hundredths of what can be spent.
    RedeemShare {
        hundredths: i64,
    },
    /// So many hundredths of what can be spent, on an order: the one so many purchases ago, or the next.
    RedeemOn {
        hundredths: i64,
        back: usize,
    },
    /// So many hundredths of what can be spent are held, for so many minutes, for the order of so many purchases ago, or
    /// for none.
    Reserve {
        hundredths: i64,
        minutes: u16,
        back: usize,
    },
    /// The reservation of so many before the last is committed, or let go.
    Settle {
        back: usize,
        commits: bool,
    },
    /// The points of so many purchases ago need not wait.
    Release {
        back: usize,
    },
    /// The order of so many purchases ago comes back.
    Refund {
        back: usize,
        part: RandomPart,
    },
    /// What can be spent lasts so many days from now, or what lapsed comes back: so many points, or all.
    Extend {
        days: i32,
    },
    Reinstate {
        points: Option<i64>,
    },
    /// So many hundredths of what can be spent go to another member, to the wallet they came from, or to the other.
    Transfer {
        hundredths: i64,
        to: &'static str,
    },
    /// Points come from another member that last so many days from now, and so many more.
    Receive {
        points: (i64, i64),
        days: (i32, i32),
    },
    Segment {
        segment: usize,
        inside: bool,
    },
    /// An event of the shop's own, with its stars.
    Visit {
        stars: i64,
    },
    /// A cart of so much, or an empty one.
    Cart {
        minor: u32,
        /// So many minutes before it arrives, and more.
        ago: i64,
    },
    /// A code, written in one way or another, or a wrong one.
    Code {
        code: &'static str,
    },
    Claim {
        reward: usize,
    },
    /// The reward of so many claims before the last is fulfilled, cancelled or refunded; or one that was given.
    UseReward {
        back: usize,
        how: &'static str,
        given: bool,
    },
    /// A tier by hand, for so many days, or for ever.
    SetTier {
        tier: usize,
        days: Option<i32>,
    },
    /// By hand, added or taken.
    Adjust {
        points: i64,
    },
    SignUp,
    /// A friend's purchase makes a referral by the member count; or the one of so many before the last came back.
    Referral {
        accepted: bool,
    },
    ReferralLost {
        back: usize,
    },
    /// A wake-up, by a clock that runs so many seconds ahead of the one that stamps arrivals.
    Wake {
        ahead: i64,
    },
}

/// How much of an order comes back.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RandomPart {
    Whole,
    /// Hundredths of what was paid for it, and in another currency.
    Amount(i64, bool),
    /// So many of two lines, and one of a line that it has not.
    Lines(u32, u32, bool),
}

/// A member's history, as it arrives.
#[derive(Debug, Clone)]
pub(crate) struct History {
    pub(crate) start: i64,
    pub(crate) zone: &'static str,
    pub(crate) birthday: Option<(i8, i8)>,
    /// Whether somebody referred the member.
    pub(crate) referred: bool,
    pub(crate) steps: Vec<Step>,
}

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Units of time: every history takes all its times in multiples of one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grain {
    pub(crate) seconds: i64,
    /// No gap is longer.
    pub(crate) longest: i64,
}

pub(crate) const SECONDS: Grain = Grain {
    seconds: 1,
    longest: 900 * DAY,
};
pub(crate) const HOURS: Grain = Grain {
    seconds: HOUR,
    longest: 60 * DAY,
};

fn gap(grain: Grain) -> impl Strategy<Value = i64> {
    let span =
        move |from: i64, to: i64| (from / grain.seconds..=to / grain.seconds).prop_map(move |n| n * grain.seconds);
    prop_oneof![
        2 => Just(0),
        3 => span(0, DAY),
        6 => span(DAY, 40 * DAY),
        2 => span(40 * DAY, grain.longest.min(200 * DAY)),
        1 => span(DAY, grain.longest),
    ]
}

fn late(grain: Grain) -> impl Strategy<Value = i64> {
    let span =
        move |from: i64, to: i64| (from / grain.seconds..=to / grain.seconds).prop_map(move |n| n * grain.seconds);
    prop_oneof![
        12 => Just(0),
        2 => span(0, 3 * DAY),
        2 => span(3 * DAY, 60 * DAY),
        1 => span(60 * DAY, 900 * DAY),
        1 => span(-2 * DAY, 0),
    ]
}

fn part() -> impl Strategy<Value = RandomPart> {
    prop_oneof![
        4 => Just(RandomPart::Whole),
        4 => (0..=105_i64, prop_oneof![9 => Just(false), 1 => Just(true)])
            .prop_map(|(hundredths, other)| RandomPart::Amount(hundredths, other)),
        3 => (0..=4_u32, 0..=2_u32, prop_oneof![9 => Just(false), 1 => Just(true)])
            .prop_map(|(vinyl, sleeves, unknown)| RandomPart::Lines(vinyl, sleeves, unknown)),
    ]
}

fn step(grain: Grain) -> impl Strategy<Value = Step> {
    let minor = prop_oneof![Just(0_u32), 0..200_u32, 100..30_000_u32, any::<u32>()];
    let what = prop_oneof![
        10 => (minor, select(&["USD", "USD", "USD", "JPY", "EUR"][..]))
            .prop_map(|(minor, currency)| Happening::Purchase { minor, currency }),
        1 => (-5..2_000_i64).prop_map(|points| Happening::Redeem { points }),
        3 => (1..=101_i64).prop_map(|hundredths| Happening::RedeemShare { hundredths }),
        2 => (1..=101_i64, 0..4_usize).prop_map(|(hundredths, back)| Happening::RedeemOn { hundredths, back }),
        5 => (0..6_usize, part()).prop_map(|(back, part)| Happening::Refund { back, part }),
        3 => (1..=101_i64, prop_oneof![1..=60_u16, 1..=4_000_u16], 0..4_usize)
            .prop_map(move |(hundredths, minutes, back)| Happening::Reserve {
                hundredths,
                // Where things fall due at full hours, reservations that are made at half past end there too.
                minutes: if grain.seconds == HOUR { minutes / 60 * 60 + 30 } else { minutes },
                back,
            }),
        3 => (0..2_usize, any::<bool>()).prop_map(|(back, commits)| Happening::Settle { back, commits }),
        2 => (0..5_usize).prop_map(|back| Happening::Release { back }),
        2 => (-300..300_i64).prop_map(|points| Happening::Adjust { points }),
        1 => (-5..700_i32).prop_map(|days| Happening::Extend { days }),
        1 => option::of(0..200_i64).prop_map(|points| Happening::Reinstate { points }),
        2 => (1..=101_i64, select(&["member", "same", "other", "other"][..]))
            .prop_map(|(hundredths, to)| Happening::Transfer { hundredths, to }),
        2 => ((1..200_i64, 1..200_i64), (-40..400_i32, 0..400_i32))
            .prop_map(|(points, days)| Happening::Receive { points, days }),
        2 => (1..5_usize, prop_oneof![2 => Just(true), 1 => Just(false)])
            .prop_map(|(segment, inside)| Happening::Segment { segment, inside }),
        2 => prop_oneof![0..10_i64, -2_000..2_000_i64].prop_map(|stars| Happening::Visit { stars }),
        2 => prop_oneof![3 => 1..20_000_u32, 1 => Just(0)].prop_map(move |minor| Happening::Cart {
            minor,
            ago: if grain.seconds == HOUR { 30 } else { 0 },
        }),
        1 => select(&["hello", "Hello", "HELLO", "other"][..]).prop_map(|code| Happening::Code { code }),
        3 => (0..4_usize).prop_map(|reward| Happening::Claim { reward }),
        3 => (0..3_usize, select(&["fulfil", "cancel-reward", "refund-reward"][..]), any::<bool>())
            .prop_map(|(back, how, given)| Happening::UseReward { back, how, given }),
        1 => (0..5_usize, option::weighted(0.9, -10..500_i32)).prop_map(|(tier, days)| Happening::SetTier { tier, days }),
        1 => Just(Happening::SignUp),
        3 => prop_oneof![4 => Just(false), 1 => Just(true)].prop_map(|accepted| Happening::Referral { accepted }),
        2 => (0..3_usize).prop_map(|back| Happening::ReferralLost { back }),
        6 => prop_oneof![3 => Just(0), 1 => 0..=120_i64]
            .prop_map(move |ahead| Happening::Wake { ahead: ahead / grain.seconds * grain.seconds }),
    ];
    let second = prop_oneof![2 => Just(false), 1 => Just(true)];
    (gap(grain), late(grain), second, what).prop_map(|(gap, late, second, what)| Step {
        gap,
        late,
        second,
        what,
    })
}

/// Histories that start between 1996 and 2036.
pub(crate) fn history(
    zones: &'static [&'static str],
    grain: Grain,
    steps: impl Into<proptest::collection::SizeRange>,
) -> impl Strategy<Value = History> {
    let start = (820_454_400 / grain.seconds..2_082_758_400 / grain.seconds).prop_map(move |n| n * grain.seconds);
    let birthday = option::of(prop_oneof![
        1 => Just((2, 29)),
        1 => Just((1, 1)),
        1 => Just((12, 31)),
        4 => (1..=12_i8, 1..=28_i8),
    ]);
    let who = (select(zones), birthday, any::<bool>());
    (start, who, vec(step(grain), steps)).prop_map(|(start, (zone, birthday, referred), steps)| History {
        start,
        zone,
        birthday,
        referred,
        steps,
    })
}
