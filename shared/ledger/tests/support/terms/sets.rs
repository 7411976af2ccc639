//! A second set of tiers.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Strategy, any};
use proptest::sample::select;

use super::ways::{Valid, valid};

/// What is different in the second set of tiers.
#[derive(Debug, Clone)]
pub(crate) struct SetTerms {
    pub(super) valid: Valid,
    pub(super) at_review: bool,
    pub(super) downgrade: &'static str,
    pub(super) grace: Option<(u16, i8)>,
    pub(super) basis: &'static str,
    pub(super) notices: Vec<u16>,
    pub(super) window: u8,
    pub(super) steps: Vec<i64>,
}

pub(super) fn second_set() -> impl Strategy<Value = Option<Box<SetTerms>>> {
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
pub(super) fn starts(basis: &str, steps: impl Iterator<Item = i64>) -> Vec<i64> {
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
