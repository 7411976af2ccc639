//! What a broadcast states for a member.

use jiff::{SignedDuration, Timestamp};
use ledger::{Account, MemberId};
use programme::{Broadcast, MessageKind, Programme, WalletId};

use crate::delay::spread_of;
use crate::intent::{Facts, Intent};

/// The message of a broadcast that was started at an instant, and the instant until which it waits; none for a member who
/// is not in its audience, or for whom its time was over and it is skipped. Asked again it gives the same message.
pub fn broadcast(
    programme: &Programme,
    broadcast: &Broadcast,
    (member, account): (&MemberId, &Account),
    started: Timestamp,
    now: Timestamp,
) -> Option<(Intent, Timestamp)> {
    let programme = programme.at(now);
    if !ledger::is_in_audience(programme, account, broadcast.compiled.as_ref(), now) {
        return None;
    }
    let at = broadcast.due(account.zone(programme), started)?;
    let hours = i64::from(*broadcast.message.useful_hours.get_ref());
    let intent = Intent {
        member: member.clone(),
        kind: MessageKind::Broadcast,
        cause: broadcast.name.as_str().into(),
        wallet: WalletId::MAIN,
        at,
        useful_until: at.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(at),
        facts: Facts::default(),
    };
    let until = at.saturating_add(spread_of(programme, &intent)).unwrap_or(at);
    Some((intent, until))
}
