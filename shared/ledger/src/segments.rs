//! Segments: what the shop says of a member. Tiers may follow from it.

use programme::{Programme, WalletId};

use crate::account::Account;
use crate::activity::Activity;
use crate::budget::Left;
use crate::campaigns::{Occasion, grant, sets_off};
use crate::entry::What;
use crate::ids::Label;
use crate::refusal::Refusal;
use crate::spend::Times;
use crate::tier_set::Set;

/// A member is in no more segments than these, so that an account's size is bounded.
const MOST_SEGMENTS: usize = 20;

/// The member is in a segment from now on, or no longer.
pub(crate) fn segment(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    (segment, inside): (&Label, bool),
    budgets: &[Left],
) -> Result<(), Refusal> {
    let known = account.state.segments.binary_search(segment);
    if known.is_ok() == inside {
        return Err(Refusal::SegmentAlready);
    }
    if inside && account.state.segments.len() >= MOST_SEGMENTS {
        return Err(Refusal::TooManySegments(MOST_SEGMENTS));
    }
    let what = What::Segment {
        segment: segment.clone(),
        inside,
    };
    let (cause, times) = (activity.id.as_str(), Times::of(activity));
    account.book(WalletId::MAIN, cause, times, what)?;
    if !inside {
        account.state.segments.retain(|known| known != segment);
        return Ok(());
    }
    account.enter(segment);
    // What comes of a segment comes of what is known of the member.
    if !account.is_personalised(programme) {
        return Ok(());
    }
    let occasion = Occasion {
        trigger: &|on| sets_off(&activity.fact, on),
        activity: Some(activity),
        names: &programme.names.members,
        budgets,
    };
    grant(programme, account, &occasion, (cause, times))?;
    Ok(())
}

impl Account {
    /// The segments that the member is in, in the order of their names.
    pub fn segments(&self) -> &[Label] {
        &self.state.segments
    }

    /// The member is in a segment from now on.
    pub(crate) fn enter(&mut self, segment: &Label) {
        if let Err(place) = self.state.segments.binary_search(segment) {
            self.state.segments.insert(place, segment.clone());
        }
    }

    /// The place of the highest tier whose segment the member is in.
    pub(crate) fn tier_by_segment(&self, set: Set<'_>) -> i64 {
        let levels = set.rules.levels.get_ref();
        let inside = |name: &String| self.state.segments.iter().any(|segment| segment.as_str() == name);
        let place = levels
            .iter()
            .rposition(|level| level.segment.as_ref().is_some_and(inside));
        place.and_then(|place| i64::try_from(place).ok()).unwrap_or_default()
    }
}
