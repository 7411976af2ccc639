//! What is told beside the charts: messages by kind, and what was held back or refused.

use std::collections::BTreeMap;

use super::super::numbers::money;
use super::super::report::{Report, Sent};
use super::chart::percent;
use super::scale::{DEEP, Scale};
use crate::table::thousands;

/// A kind of message: how it went, month by month, and what came of it.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) name: String,
    /// A bar for each month, scaled to the kind's own most.
    pub(super) trend: Trend,
    pub(super) sms: String,
    pub(super) parts: String,
    pub(super) push: String,
    pub(super) suppressed: String,
    pub(super) cost: String,
}

#[derive(Debug)]
pub(super) struct Trend {
    pub(super) months: usize,
    pub(super) path: String,
}

/// A count among others, as a bar.
#[derive(Debug)]
pub(super) struct Meter {
    pub(super) name: String,
    pub(super) count: String,
    pub(super) share: String,
}

/// The kinds, those that were sent most first.
pub(super) fn kinds(report: &Report) -> Vec<Kind> {
    let by_kind = report.by_kind();
    let mut kinds: BTreeMap<&str, [Sent; 3]> = BTreeMap::new();
    for ((kind, channel), sent) in by_kind {
        let [sms, push, suppressed] = kinds.entry(kind).or_default();
        let of = match channel {
            Some("sms") => sms,
            Some(_) => push,
            None => suppressed,
        };
        of.add(&sent);
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(name, [sms, push, _])| (std::cmp::Reverse(sms.messages + push.messages), *name));
    let kind = |(name, [sms, push, suppressed]): (&str, [Sent; 3])| {
        let mut cost = sms.clone();
        cost.add(&push);
        Kind {
            name: named(name),
            trend: trend(report, name),
            sms: thousands(sms.messages),
            parts: thousands(sms.parts),
            push: thousands(push.messages),
            suppressed: thousands(suppressed.messages),
            cost: money(report.currency(), &cost.cost),
        }
    };
    kinds.into_iter().map(kind).collect()
}

fn trend(report: &Report, kind: &str) -> Trend {
    let sent = |month: &str| -> i128 {
        let all = report.messages.by.iter();
        let all = all.filter(|told| told.kind == kind && told.channel.is_some() && told.month == month);
        all.map(|told| i128::from(told.sent.messages)).sum()
    };
    let counts: Vec<i128> = report.months.iter().map(|month| sent(&month.name)).collect();
    let scale = Scale::to(counts.iter().copied().max().unwrap_or_default());
    let bars = (0..).zip(&counts).filter(|(_, count)| **count > 0);
    let bars = bars.map(|(nth, count): (usize, _)| format!("M{} {DEEP}V{}h8V{DEEP}Z", nth * 10 + 1, scale.at(*count)));
    Trend {
        months: counts.len(),
        path: bars.collect(),
    }
}

/// Those that count most first.
pub(super) fn meters(counts: &BTreeMap<String, u64>) -> Vec<Meter> {
    let most = counts.values().copied().max().unwrap_or_default();
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let meters = counts.into_iter().map(|(name, count)| Meter {
        name: named(name),
        count: thousands(*count),
        share: percent((*count).into(), most.into()),
    });
    meters.collect()
}

/// `no-consent` as `No consent`.
fn named(code: &str) -> String {
    let mut letters = code.replace(['-', '_'], " ");
    if let Some(first) = letters.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share_of_the_longest() {
        let counts = [("no-consent".to_owned(), 50), ("too-late".to_owned(), 200)];
        let meters = meters(&BTreeMap::from(counts));
        let told: Vec<_> = meters
            .iter()
            .map(|meter| (meter.name.as_str(), meter.share.as_str()))
            .collect();
        assert_eq!(told, [("Too late", "100.00%"), ("No consent", "25.00%")]);
    }
}
