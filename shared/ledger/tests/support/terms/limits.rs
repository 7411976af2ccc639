//! Random limits.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

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
pub(super) fn limits() -> impl Strategy<Value = Vec<Limit>> {
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
