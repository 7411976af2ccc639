//! The other side of a transfer: what the receiver's account becomes, to be committed with the giver's or not at all.

use ledger::{Account, Activity, MemberId, Refusal};
use programme::Programme;
use store::{Receiver, Store, StoreError};

/// Decides the other half of a transfer that `giver` has booked. The inner error says why the receiver cannot have it; then
/// the giver keeps it.
pub(crate) async fn decide(
    store: &Store,
    programme: &Programme,
    giver: (&MemberId, &Account),
    activity: &Activity,
    to: &MemberId,
) -> Result<Result<Receiver, Refusal>, StoreError> {
    let stored = match store.account(to).await {
        Ok(Some(stored)) => stored,
        Ok(None) => return Ok(Err(Refusal::UnknownReceiver)),
        Err(StoreError::Damaged(_)) => return Ok(Err(Refusal::ReceiverDamaged)),
        Err(other) => return Err(other),
    };
    let mut account = stored.account;
    let handed = ledger::hand_over(programme, giver, activity, &mut account);
    Ok(handed.map(|closed| Receiver {
        member: to.clone(),
        account,
        version: stored.version,
        closed,
    }))
}
