//! The member as a person: the profile of who has signed up, and that a member is forgotten.

use ledger::{Fact, MemberId, Refusal};
use messages::{Profile, ProfileChange};
use programme::{Channel, Cited, Programme, Purpose, Scope, Shown};
use store::{Commit, Consent, Recorded, Store, StoreError};

use crate::fold::{ATTEMPTS, activities};
use crate::record::Record;

/// Profiles go first: who hears of a new account finds how to reach the member.
pub(crate) async fn profile(
    store: &Store,
    programme: &Programme,
    member: &MemberId,
    records: &[Record],
) -> Result<(), StoreError> {
    let concerns = |recorded: &Recorded| recorded.incoming.profile.is_some() || !recorded.incoming.consents.is_empty();
    if !activities(records).any(|(_, recorded)| concerns(recorded)) {
        return Ok(());
    }
    for _ in 0..ATTEMPTS {
        let stored = store.profile(member).await?;
        let mark = stored.as_ref().map(|stored| stored.mark.clone()).unwrap_or_default();
        // Who signs up is looked at by who folds the account: nearly all are new.
        if stored.is_none() && !signs_up(records) && is_erased(store, member).await? {
            return refuse_all(store, activities(records), concerns).await;
        }
        let (mut profile, mut last) = (stored.clone().map(|stored| stored.profile), None);
        for (record, recorded) in activities(records).filter(|(_, recorded)| concerns(recorded)) {
            // Applied twice in order, a profile's changes end the same, so another stream's mark needs no search.
            if mark.covers(&record.mark) == Some(true) {
                continue;
            }
            let consents = &recorded.incoming.consents;
            // Somebody touched the item of a consent that counted long ago; others may have come since.
            if !record.inserted && store.has_consents(member, consents).await? {
                continue;
            }
            let change = recorded.incoming.profile.clone();
            let is_refused_here = change.is_some();
            if let Some(change) = change {
                // Before it is noted: whoever dies between is called again, and counts it once.
                if let Some(channel) = opts_out(&change, profile.as_ref()) {
                    let opted_out = (channel, recorded.at);
                    store.guard(programme, member, opted_out, recorded.received).await?;
                }
                let before = profile.clone();
                profile = change.apply(profile);
                if let Some(withdrawn) = withdrawn(recorded, before.as_ref(), profile.as_ref()) {
                    let shown = Shown::words(&withdrawn.cited);
                    store.keep_consent(member, &withdrawn, &shown).await?;
                }
            }
            if let Some(profile) = &profile {
                for consent in consents {
                    // What cannot have been shown was refused before.
                    let shown = consent.shown(programme, &profile.locale);
                    let shown = shown.unwrap_or_else(|_| Shown::words(&consent.cited));
                    store.keep_consent(member, consent, &shown).await?;
                }
            } else if is_refused_here {
                store.refuse(&record.item, &Refusal::UnknownMember.reason()).await?;
            }
            last = Some(record.mark.clone());
        }
        let (Some(mut profile), Some(last)) = (profile, last) else {
            return Ok(());
        };
        let put = store.put_profile_over(stored.as_ref(), (member, &mut profile, &last));
        if put.await? == Commit::Done {
            return Ok(());
        }
    }
    Err(StoreError::Refused {
        code: "Contended".to_owned(),
        message: format!("{ATTEMPTS} writes of a profile were overtaken"),
    })
}

/// Whether it begins with a sign-up that is new in the stream.
fn signs_up(records: &[Record]) -> bool {
    activities(records).next().is_some_and(|(record, recorded)| {
        let profile = recorded.incoming.profile.as_ref();
        record.inserted && matches!(profile, Some(ProfileChange::SignUp(_)))
    })
}

async fn is_erased(store: &Store, member: &MemberId) -> Result<bool, StoreError> {
    let stored = store.account(member).await?;
    Ok(stored.is_some_and(|known| known.account.is_erased()))
}

/// The channel whose advertising a member takes their consent to back.
fn opts_out(change: &ProfileChange, profile: Option<&Profile>) -> Option<Channel> {
    let ProfileChange::Consent {
        channel,
        purpose: Purpose::Promotional,
        granted: false,
    } = change
    else {
        return None;
    };
    let agreed = profile.is_some_and(|profile| profile.consents.contains(&(*channel, Purpose::Promotional)));
    agreed.then_some(*channel)
}

/// The consent that went with the number it was for: nobody withdrew it, and it is as good as withdrawn.
fn withdrawn(recorded: &Recorded, before: Option<&Profile>, after: Option<&Profile>) -> Option<Consent> {
    let promotional = (Channel::Sms, Purpose::Promotional);
    let told_number = matches!(&recorded.incoming.profile, Some(ProfileChange::Update(told)) if told.phone.is_some());
    let agreed = |profile: &Profile| profile.consents.contains(&promotional);
    let is_lost = before.is_some_and(agreed) && !after.is_some_and(agreed);
    (told_number && is_lost).then(|| Consent {
        id: recorded.id.to_string(),
        at: recorded.at,
        received: recorded.received,
        scope: Scope::Messages(promotional.0, promotional.1),
        granted: false,
        cited: Cited::default(),
        place: None,
        by: None,
    })
}

/// Nothing is kept of a member who was forgotten. What says something of the account as well is refused with that.
async fn refuse_all<'r>(
    store: &Store,
    records: impl Iterator<Item = (&'r Record, &'r Recorded)>,
    concerns: impl Fn(&Recorded) -> bool,
) -> Result<(), StoreError> {
    let alone = |recorded: &Recorded| concerns(recorded) && recorded.incoming.activity.is_none();
    for (record, _) in records.filter(|(_, recorded)| alone(recorded)) {
        store.refuse(&record.item, &Refusal::Erased.reason()).await?;
    }
    Ok(())
}

/// Forgets a member who was erased: all of them where these records say so, and of what comes later each by itself.
pub(crate) async fn forget(store: &Store, member: &MemberId, records: &[Record]) -> Result<(), StoreError> {
    let is_erasure = |recorded: &Recorded| {
        let activity = recorded.incoming.activity.as_ref();
        activity.is_some_and(|activity| activity.fact == Fact::Erasure)
    };
    // A sign-up that is delivered again may have made one.
    store.forget_profile(member).await?;
    if activities(records).any(|(_, recorded)| is_erasure(recorded)) {
        return store.forget_activities(member).await;
    }
    for record in records {
        store.forget_activity(&record.item).await?;
    }
    Ok(())
}
