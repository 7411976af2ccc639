//! Who referred a member, as it is found when that member signs up.

use ledger::{Fact, Referrer};
use messages::ProfileChange;
use programme::Programme;
use store::{Recorded, Store, StoreError};

/// Looks at who is said to have referred a new member; nothing is to be found of any other activity.
pub(crate) async fn seen(
    store: &Store,
    programme: &Programme,
    recorded: &Recorded,
) -> Result<Option<Referrer>, StoreError> {
    let fact = recorded.incoming.activity.as_ref().map(|activity| &activity.fact);
    let Some(Fact::SignUp { referrer: Some(by), .. }) = fact else {
        return Ok(None);
    };
    if programme.referral.is_none() {
        return Ok(None);
    }
    let there = match store.account(by).await {
        Ok(stored) => stored.is_some_and(|stored| !stored.account.is_erased()),
        // Somebody is there, and a new member is not to wait until that is mended.
        Err(StoreError::Damaged(_)) => true,
        Err(other) => return Err(other),
    };
    let profile = match store.profile(by).await {
        Ok(stored) => stored.map(|stored| stored.profile),
        Err(StoreError::Damaged(_)) => None,
        Err(other) => return Err(other),
    };
    let Some(ProfileChange::SignUp(own)) = &recorded.incoming.profile else {
        return Ok(None);
    };
    let same = *by == recorded.member || profile.is_some_and(|profile| profile.is_reached_as(own));
    Ok(Some(match (there, same) {
        (_, true) => Referrer::SamePerson,
        (true, false) => Referrer::Known,
        (false, false) => Referrer::Unknown,
    }))
}
