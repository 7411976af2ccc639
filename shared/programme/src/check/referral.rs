//! What is wrong or doubtful with referrals.

use std::ops::Range;

use super::places::Places;
use crate::campaigns::Trigger;
use crate::file::File;
use crate::{Pending, Per};

pub(super) fn check_referral(file: &File, say: &mut impl FnMut(usize, String)) {
    let Some(referral) = &file.referral else {
        let campaigns = file.campaigns.iter();
        let campaigns = campaigns.map(|one| (one.span().start, &one.get_ref().name, &one.get_ref().on));
        let missions = file.missions.iter();
        let missions = missions.map(|one| (one.span().start, &one.get_ref().name, &one.get_ref().on));
        for (offset, name, _) in campaigns.chain(missions).filter(|(.., on)| on.is_referral()) {
            let what = format!(
                "{name} waits for referrals, and nothing says when one counts; add [referral] with return-days = 30"
            );
            say(offset, what);
        }
        return;
    };
    let referral = referral.get_ref();
    if *referral.return_days.get_ref() == 0 {
        let what = "what is granted for a referral could be spent before the purchase comes back; write return-days = 30, \
                    or as many days as an order may come back";
        say(referral.return_days.span().start, what.to_owned());
    }
    if let Some(often) = &referral.review_over {
        let (offset, often) = (often.span().start, often.get_ref());
        if often.times == 0 {
            let what =
                "every referral would wait for a person with times = 0; write 1 or more, or leave review-over out";
            say(offset, what.to_owned());
        }
        if let Some(Per::Activity | Per::Balance) = often.per {
            let what = "referrals are counted per \"day\", \"week\", \"month\", \"year\" or \"member\"";
            say(offset, what.to_owned());
        }
    }
}

/// How long points may wait that a referral sets off, unless what grants them says so.
pub(super) fn wait(file: &File, on: &Trigger) -> Option<Pending> {
    file.referral.as_ref()?.get_ref().wait(on)
}

pub(super) fn doubts(places: &Places<'_>, file: &File, say: &mut impl FnMut(Range<usize>, String)) {
    let Some(referral) = &file.referral else { return };
    let campaigns = file.campaigns.iter().map(|one| &one.get_ref().on);
    let missions = file.missions.iter().map(|one| &one.get_ref().on);
    if !campaigns.chain(missions).any(Trigger::is_referral) {
        let what = "referrals count, and nothing is granted for one; write a [[campaigns]] with on = \"referral\" for who \
                    brings a friend, or on = \"referred\" for the friend";
        say(places.whole(referral.span().start), what.to_owned());
    }
    let days = referral.get_ref().return_days.get_ref();
    let waits = file.earn.iter().filter_map(|earn| earn.get_ref().pending.as_ref());
    let longest = waits.map(Pending::longest).max().filter(|longest| longest > days);
    if let Some(longest) = longest {
        say(
            referral.get_ref().return_days.span(),
            format!(
                "points of a purchase wait up to {longest} days, and those for the referral that it makes count {days}; \
                 write return-days = {longest}"
            ),
        );
    }
}
