//! What one event leads to is told at once, and what another does is not.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use jiff::Timestamp;
use messages::{Facts, Intent, stated};
use programme::{MessageKind, Programme, WalletId};

const NOW: &str = "1998-03-02T15:00:00Z";

fn intent(kind: MessageKind, cause: &str) -> Intent {
    let at: Timestamp = NOW.parse().unwrap();
    Intent {
        member: "0001".parse().unwrap(),
        kind,
        cause: cause.into(),
        wallet: WalletId::MAIN,
        at,
        useful_until: at + jiff::SignedDuration::from_hours(48),
        facts: Facts::default(),
    }
}

#[test]
fn what_one_event_leads_to_is_taken_up_and_what_another_does_is_not() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../program");
    let programme = Programme::load(&folder).unwrap();
    let now: Timestamp = NOW.parse().unwrap();
    let (earned, tier) = (MessageKind::PointsEarned, MessageKind::TierUpgraded);
    // Of the very purchase, or of what was granted for it; another purchase, another kind, or an order whose id only ends alike.
    for (other, cause, is_one) in [
        (earned, "purchase#a", true),
        (earned, "gift#purchase#a", true),
        (earned, "purchase#b", false),
        (earned, "2purchase#a", false),
        (MessageKind::PointsReturned, "purchase#a", false),
    ] {
        let stated = stated(&programme, vec![intent(tier, "purchase#a"), intent(other, cause)], now);
        assert_eq!(stated.len(), 2, "{cause}");
        let told: Vec<_> = stated.iter().filter(|stated| stated.waits.is_none()).collect();
        assert_eq!(told.len(), if is_one { 1 } else { 2 }, "{cause}: {stated:?}");
        let with = told.iter().map(|stated| stated.with.len()).sum::<usize>();
        assert_eq!(with, usize::from(is_one), "{cause}");
        // Whoever takes others up comes after them.
        assert!(stated.last().unwrap().waits.is_none(), "{cause}");
    }
}
