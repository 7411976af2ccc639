//! Random terms of referrals.

use std::fmt::Write as _;

use proptest::option;
use proptest::prelude::Strategy;
use proptest::sample::select;

use super::ways::Wait;

/// When a referral counts.
#[derive(Debug, Clone)]
pub(crate) struct Referral {
    /// Whole units of money.
    pub(crate) at_least: Option<i64>,
    pub(crate) within_days: Option<u16>,
    pub(crate) return_days: u16,
    pub(crate) review_over: Option<(u16, &'static str)>,
}

pub(super) fn referral() -> impl Strategy<Value = Option<Referral>> {
    let per = select(&["day", "month", "year", "member"][..]);
    let referral = (
        option::of(0..50_i64),
        option::of(0..400_u16),
        1..40_u16,
        option::weighted(0.5, (1..4_u16, per)),
    );
    let referral = referral.prop_map(|(at_least, within_days, return_days, review_over)| Referral {
        at_least,
        within_days,
        return_days,
        review_over,
    });
    option::weighted(0.6, referral)
}

impl Referral {
    /// How long points wait that something on `on` grants and says nothing of its own.
    pub(crate) fn wait(&self) -> Wait {
        Wait::Days(self.return_days, 0)
    }

    pub(super) fn toml(&self) -> String {
        let mut text = format!("[referral]\nreturn-days = {}\n", self.return_days);
        if let Some(least) = self.at_least {
            writeln!(text, "when = \"activity.amount >= {least}\"").unwrap();
        }
        if let Some(days) = self.within_days {
            writeln!(text, "within-days = {days}").unwrap();
        }
        if let Some((times, per)) = self.review_over {
            writeln!(text, "review-over = {{ times = {times}, per = {per:?} }}").unwrap();
        }
        text
    }
}
