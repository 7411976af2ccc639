//! The guard: whether so many members opted out of what they were sent that it is paused.
//!
//! The test is Wald's sequential probability ratio test of a share (A. Wald, "Sequential Tests of Statistical Hypotheses",
//! Annals of Mathematical Statistics 16, 1945, pp. 117-186), open to one side: it never decides that all is well, for that is
//! no reason to stop looking. The logarithm of how much likelier the alarming share makes what was seen than the usual one is
//! compared with that of one over the chance of a false alarm. Where opt-outs are as usual, the ratio ever comes to that much
//! with no more than that chance, however often it is looked at.
//!
//! Opt-outs come after the messages that they are from, and are counted with those of the same time: until they have come, the
//! ratio is lower than it will be. So what is late delays an alarm, and makes none.

use jiff::{SignedDuration, Timestamp};
use ledger::Day;
use programme::{Guard, MessageKind, Programme, Purpose, Share, Switch};

use crate::intent::Intent;

/// What is sent under one name in one time, and counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cohort {
    /// What is paused where too many opt out of it.
    pub of: Switch,
    /// The time: the day on which it begins, or the instant at which an operator resumed it within.
    pub since: String,
}

/// What was counted in a cohort.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub sent: u32,
    pub opt_outs: u32,
}

/// What a test came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tested {
    pub log_ratio: f64,
    /// From here on it is paused.
    pub boundary: f64,
}

impl Tested {
    pub fn is_alarming(&self) -> bool {
        self.log_ratio >= self.boundary
    }
}

/// What a message that a member was sent counts for: one that advertises, for its broadcast, its campaign or its kind.
pub fn counts_for(programme: &Programme, intent: &Intent, purpose: Purpose) -> Option<Switch> {
    if purpose != Purpose::Promotional {
        return None;
    }
    if intent.kind == MessageKind::Broadcast {
        return intent.cause.parse().ok().map(Switch::Broadcast);
    }
    let named = intent.facts.campaign.as_deref();
    let campaign = programme
        .campaigns
        .iter()
        .find(|campaign| Some(campaign.name.as_str()) == named);
    Some(campaign.map_or(Switch::Message(intent.kind), |campaign| {
        Switch::Campaign(campaign.name.clone())
    }))
}

/// The cohort of what was sent at an instant; none where it was before an operator resumed it, since when it is counted anew.
pub fn cohort(
    programme: &Programme,
    guard: &Guard,
    of: Switch,
    sent: Timestamp,
    resumed: Option<Timestamp>,
) -> Option<Cohort> {
    let begin = guard.per.begin(Day::at(sent, programme.zone).date());
    let start = Day::of(begin).start(programme.zone);
    let since = match resumed {
        Some(resumed) if resumed > sent => return None,
        Some(resumed) if resumed > start => resumed.to_string(),
        Some(_) | None => begin.to_string(),
    };
    Some(Cohort { of, since })
}

/// Whether a message that was sent at an instant is one that an opt-out at another is from.
pub fn is_from(guard: &Guard, sent: Timestamp, opted_out: Timestamp) -> bool {
    let within = SignedDuration::from_hours(i64::from(guard.within_hours.get()));
    sent <= opted_out && opted_out.duration_since(sent) <= within
}

/// Tests what was counted.
pub fn test(guard: &Guard, counts: Counts) -> Tested {
    let (usual, alarming) = (of_one(guard.usual_opt_outs), of_one(guard.alarming_opt_outs));
    let opt_outs = f64::from(counts.opt_outs);
    // A count of what was sent may be lost with the process that sent it.
    let stayed = f64::from(counts.sent.saturating_sub(counts.opt_outs));
    Tested {
        log_ratio: opt_outs * (alarming / usual).ln() + stayed * ((1.0 - alarming) / (1.0 - usual)).ln(),
        boundary: -of_one(guard.false_alarm).ln(),
    }
}

/// Why it is paused, with the figures and the test.
pub fn reason(guard: &Guard, counts: Counts, tested: Tested) -> String {
    let (sent, opt_outs) = (counts.sent.max(counts.opt_outs), counts.opt_outs);
    format!(
        "opt-outs {opt_outs} of {sent} sent, SPRT p0={} p1={} alpha={}: log ratio {:.1} >= {:.1}",
        guard.usual_opt_outs, guard.alarming_opt_outs, guard.false_alarm, tested.log_ratio, tested.boundary
    )
}

fn of_one(share: Share) -> f64 {
    f64::from(share.millionths()) / 1_000_000.0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn guard(usual: &str, alarming: &str, false_alarm: &str) -> Guard {
        let share = |text: &str| Share::try_from(text.to_owned()).unwrap();
        Guard {
            usual_opt_outs: share(usual),
            alarming_opt_outs: share(alarming),
            false_alarm: share(false_alarm),
            within_hours: programme::WithinHours::default(),
            per: programme::GuardPer::default(),
        }
    }

    fn tested(guard: &Guard, sent: u32, opt_outs: u32) -> Tested {
        test(guard, Counts { sent, opt_outs })
    }

    /// In Wald's terms an opt-out adds ln(p1/p0), and a message that nobody opted out of ln((1-p1)/(1-p0)); both worked out by
    /// hand for shares whose logarithms are known, and the number from which on so many opt-outs are rejected solved from them:
    /// r(n) = ln(1/alpha)/ln(ODDS) + n ln((1-p0)/(1-p1))/ln(ODDS), with ODDS = p1(1-p0)/(p0(1-p1)).
    #[test]
    fn the_boundary_is_walds() {
        let even = guard("10%", "20%", "1%");
        let close = |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-9, "{found} for {wanted}");
        close(tested(&even, 0, 0).boundary, 4.605_170_185_988_091);
        close(tested(&even, 1, 1).log_ratio, std::f64::consts::LN_2);
        close(tested(&even, 1, 0).log_ratio, (8.0_f64 / 9.0).ln());
        // ODDS = 2.25, slope 0.1452..., intercept 5.6788...: at 100 messages 20.2 opt-outs.
        assert!(!tested(&even, 100, 20).is_alarming());
        assert!(tested(&even, 100, 21).is_alarming());
        for guard in [even, guard("0.5%", "2%", "1%"), guard("1%", "3%", "5%")] {
            let (p0, p1) = (of_one(guard.usual_opt_outs), of_one(guard.alarming_opt_outs));
            let odds = (p1 * (1.0 - p0) / (p0 * (1.0 - p1))).ln();
            for sent in [10, 40, 420, 5_000, 100_000] {
                let line = (-of_one(guard.false_alarm).ln() + f64::from(sent) * ((1.0 - p0) / (1.0 - p1)).ln()) / odds;
                for opt_outs in 0..sent.min(3_000) {
                    let is_over = f64::from(opt_outs) >= line;
                    assert_eq!(
                        tested(&guard, sent, opt_outs).is_alarming(),
                        is_over,
                        "{opt_outs} of {sent}"
                    );
                }
            }
        }
    }

    /// `SplitMix64`.
    struct Random(u64);

    impl Random {
        /// Whether something happens that does so many times in a million.
        fn happens(&mut self, millionths: u32) -> bool {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.0;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (mixed ^ (mixed >> 31)) % 1_000_000 < u64::from(millionths)
        }

        /// Whether a run of messages is ever paused, looked at after each.
        fn run(&mut self, guard: &Guard, millionths: u32, sent: u32) -> bool {
            let mut opt_outs = 0;
            (1..=sent).any(|sent| {
                opt_outs += u32::from(self.happens(millionths));
                tested(guard, sent, opt_outs).is_alarming()
            })
        }
    }

    #[test]
    fn false_alarms_are_as_rare_as_said_and_true_ones_come() {
        let (seed, runs, sent) = (1997, 4_000, 2_000);
        let mut random = Random(seed);
        for (alarm, guard) in [(1, guard("0.5%", "2%", "1%")), (5, guard("0.5%", "2%", "5%"))] {
            let mut paused = |millionths: u32, runs: u32| {
                let paused = (0..runs).filter(|_| random.run(&guard, millionths, sent)).count();
                u32::try_from(paused).unwrap()
            };
            let usual = paused(guard.usual_opt_outs.millionths(), runs);
            let alarming = paused(guard.alarming_opt_outs.millionths(), 400);
            println!(
                "seed {seed}: of {runs} runs of {sent} at {} {usual} were paused (at most {alarm}% by Wald), of 400 at {} {alarming}",
                guard.usual_opt_outs, guard.alarming_opt_outs
            );
            // Three standard deviations above the bound are some 19 and 41.
            assert!(usual * 100 <= alarm * runs + 100 * 41, "{usual}");
            assert!(usual > 0, "a test that never errs is none");
            assert!(alarming >= 396, "{alarming}");
        }
    }

    #[test]
    fn opt_outs_that_come_late_make_no_alarm_that_would_not_have_been() {
        let guard = guard("0.5%", "2%", "1%");
        // All of a broadcast has gone before the first answer.
        for opt_outs in 0..=50 {
            assert!(
                !tested(&guard, 10_000, opt_outs).is_alarming(),
                "{opt_outs} of 10,000 are as usual"
            );
        }
        assert!(tested(&guard, 10_000, 200).is_alarming());
        // A lost count is no division by nothing.
        assert!(tested(&guard, 0, 9).is_alarming());
    }
}
