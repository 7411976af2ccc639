//! Two programmes over one history: who gains and who loses.

use std::collections::HashMap;

use ledger::MemberId;
use programme::Programme;
use serde::Serialize;

use super::report::Report;
use super::tally::Tally;

/// What another programme would have come to, and for whom it would differ most.
#[derive(Debug, Clone, Serialize)]
pub struct Against {
    pub report: Report,
    pub gaining: u64,
    pub losing: u64,
    pub gain_most: Vec<Difference>,
    pub lose_most: Vec<Difference>,
}

/// A member's points by the one programme and by the other: what was given, less what returns took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub member: String,
    pub points: i64,
    pub against: i64,
    pub tier: String,
    pub tier_against: String,
}

/// So many are named on each side.
const NAMED: usize = 10;

impl Difference {
    fn gain(&self) -> i64 {
        self.points - self.against
    }
}

impl Against {
    pub(super) fn of(
        (programme, tally): (&Programme, &Tally<'_>),
        (other, others): (&Programme, &Tally<'_>),
        report: Report,
    ) -> Self {
        let theirs = others.by_member.iter().flatten();
        let theirs: HashMap<&MemberId, (i64, u8)> = theirs.map(|(id, points, tier)| (id, (*points, *tier))).collect();
        let name = |programme: &Programme, tier: u8| programme.tier(tier).map_or("", |tier| &tier.name).to_owned();
        let ours = tally.by_member.iter().flatten();
        let mut all: Vec<Difference> = ours
            .map(|(id, points, tier)| {
                let (against, tier_against) = theirs.get(id).copied().unwrap_or_default();
                Difference {
                    member: id.to_string(),
                    points: *points,
                    against,
                    tier: name(programme, *tier),
                    tier_against: name(other, tier_against),
                }
            })
            .filter(|one| one.gain() != 0)
            .collect();
        // Of equals the first by id, so that the report is the same on any number of cores.
        all.sort_unstable_by(|one, other| one.gain().cmp(&other.gain()).then(other.member.cmp(&one.member)));
        let losing = all.iter().take_while(|one| one.gain() < 0).count();
        let mut lose_most: Vec<_> = all.iter().take(losing.min(NAMED)).cloned().collect();
        lose_most.sort_by(|one, other| one.gain().cmp(&other.gain()).then(one.member.cmp(&other.member)));
        let gain_most = all.iter().skip(losing).rev().take(NAMED).cloned().collect();
        let counted = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Self {
            report,
            gaining: counted(all.len() - losing),
            losing: counted(losing),
            gain_most,
            lose_most,
        }
    }
}
