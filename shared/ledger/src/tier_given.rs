//! A tier given by hand: kept until a day, whatever the reviews say.

use jiff::civil::Date;
use programme::{Programme, WalletId};

use crate::account::Account;
use crate::activity::Activity;
use crate::day::Day;
use crate::entry::What;
use crate::given::{self, Occasion};
use crate::ids::Label;
use crate::refusal::Refusal;
use crate::spend::Times;
use crate::tier_ahead::expect_review;
use crate::tier_set;

/// The member has a tier until a day, or for ever. Who reaches a higher one meanwhile has that.
pub(crate) fn give(
    programme: &Programme,
    account: &mut Account,
    activity: &Activity,
    (named, until): (&Label, Option<Date>),
    (reason, actor): (&Label, &Label),
) -> Result<(), Refusal> {
    let unknown = || Refusal::UnknownTier(named.as_str().to_owned());
    let (id, to) = programme.tier_named(named.as_str()).ok_or_else(unknown)?;
    let set = tier_set::one(programme, id).ok_or_else(unknown)?;
    let today = Day::at(activity.received, programme.zone);
    let until = until.map_or(Day::FOREVER, Day::of);
    if until <= today {
        return Err(Refusal::OverAlready(until.date()));
    }
    let before = account.standing(id);
    let what = What::TierGiven {
        set: id,
        from: before.tier,
        to,
        until,
        reason: reason.clone(),
        actor: actor.clone(),
    };
    account.book(WalletId::MAIN, activity.id.as_str(), Times::of(activity), what)?;
    account.in_set_mut(id).standing = before.given(set, account.who(), today, (to, until));
    expect_review(set, account, activity.received);
    let occasion = Occasion::Tier(id, before.tier, to);
    let cause = (activity.id.as_str(), Times::of(activity));
    given::give(programme, account, occasion, cause, today)?;
    Ok(())
}
