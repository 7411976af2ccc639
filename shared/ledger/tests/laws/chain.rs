//! What can be checked of a ledger by its entries and bytes alone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use ledger::{Account, Day, ENTRIES_PER_PAGE, Entry, Head, Page, What};
use programme::Programme;
use sha2::{Digest, Sha256};

use crate::support::Member;

/// Walks all pages: each follows the one before, and the last ends at the account's head, which is the hash of the hash
/// before and the last entry's bytes.
pub(crate) fn is_unbroken(member: &Member) {
    let account = member.account();
    let mut hash = [0; 32];
    for entry in member.entries() {
        assert_eq!(entry.link, hash[..4], "{entry:?}");
        let bytes = postcard::to_allocvec(&entry).unwrap();
        hash = Sha256::digest([&hash[..], &bytes].concat()).into();
    }
    assert!(postcard::to_allocvec(&account.head()).unwrap().ends_with(&hash));
    let (mut head, mut position) = (Head::default(), 0);
    for (number, page) in member.pages.iter().chain([account.page()]).enumerate() {
        assert_eq!(page.number(), u64::try_from(number).unwrap());
        assert_eq!((page.first(), page.before()), (position, head), "page {number} follows");
        (position, head) = (page.end(), page.head().unwrap());
    }
    for page in &member.pages {
        assert_eq!(page.entries().unwrap().len(), ENTRIES_PER_PAGE);
    }
    assert_eq!((account.entries(), account.head()), (position, head));
}

/// Decoding what was encoded gives the same, and the same bytes again.
pub(crate) fn is_stored_as_it_is(member: &Member) {
    let stored = member.account().encode().unwrap();
    let read = Account::decode(&stored).unwrap();
    assert_eq!((&read, read.encode().unwrap()), (member.account(), stored));
    for page in &member.pages {
        let stored = page.encode().unwrap();
        let read = Page::decode(&stored).unwrap();
        assert_eq!((&read, read.encode().unwrap()), (page, stored));
    }
}

/// Follows every lot through the entries; gives what is left of each. Nothing leaves a lot that was not put in before.
pub(crate) fn lots_by_entries(programme: &Programme, entries: &[Entry]) -> BTreeMap<Day, i64> {
    let mut lots: BTreeMap<Day, i64> = BTreeMap::new();
    let mut pending: BTreeMap<Day, i64> = BTreeMap::new();
    let mut reserved: BTreeMap<String, i64> = BTreeMap::new();
    let mut claimed: BTreeMap<String, i64> = BTreeMap::new();
    for entry in entries {
        let decided = Day::at(Timestamp::from_second(entry.decided).unwrap(), programme.zone);
        match &entry.what {
            What::Earned { points, last_day, .. }
            | What::Granted {
                points,
                last_day,
                until: None,
                ..
            } => {
                let shares = entry.shares().iter().map(|share| share.points.get());
                assert!(shares.sum::<i64>() <= points.get(), "{entry:?}");
                assert!(points.get() >= 0, "{entry:?}");
                *lots.entry(*last_day).or_default() += points.get();
            }
            What::Redeemed {
                points, lots: taken, ..
            } => {
                assert_eq!(
                    taken.iter().map(|(_, points)| points.get()).sum::<i64>(),
                    points.get(),
                    "{entry:?}"
                );
                for (last_day, points) in taken {
                    assert!(points.get() > 0 && *last_day >= decided, "lapsed or nothing: {entry:?}");
                    *lots.get_mut(last_day).unwrap() -= points.get();
                }
                let last = taken.last().unwrap().0;
                // Which day the lot of an activity stands for is not in the entries.
                let sooner = lots
                    .range(decided..last)
                    .find(|(_, left)| **left > 0 && last.stretch().is_none());
                assert_eq!(sooner, None, "a lot that lapses sooner was passed over: {entry:?}");
            }
            What::Claimed {
                points, lots: taken, ..
            } => {
                let sum: i64 = taken.iter().map(|(_, points)| points.get()).sum();
                assert_eq!(sum, points.get(), "{entry:?}");
                for (last_day, points) in taken {
                    assert!(points.get() > 0 && *last_day >= decided, "lapsed or nothing: {entry:?}");
                    *lots.get_mut(last_day).unwrap() -= points.get();
                }
                claimed.insert(entry.cause.to_string(), sum);
            }
            What::Sent {
                points, lots: taken, ..
            } => {
                let sum: i64 = taken.iter().map(|(_, points)| points.get()).sum();
                assert_eq!(sum, points.get(), "{entry:?}");
                for (last_day, points) in taken {
                    assert!(points.get() > 0 && *last_day >= decided, "lapsed or nothing: {entry:?}");
                    *lots.get_mut(last_day).unwrap() -= points.get();
                }
            }
            What::Received {
                points,
                lots: come,
                gone,
                ..
            } => {
                let sum: i64 = come.iter().chain(gone).map(|(_, points)| points.get()).sum();
                assert_eq!(sum, points.get(), "{entry:?}");
                for (last_day, points) in come {
                    *lots.entry(*last_day).or_default() += points.get();
                }
            }
            What::RewardBack {
                claim,
                lots: back,
                gone,
                ..
            } => {
                let sum: i64 = back.iter().chain(gone).map(|(_, points)| points.get()).sum();
                assert_eq!(claimed.remove(claim.as_str()).unwrap_or_default(), sum, "{entry:?}");
                for (last_day, points) in back {
                    *lots.get_mut(last_day).unwrap() += points.get();
                }
            }
            What::Reserved {
                points, lots: taken, ..
            } => {
                let sum: i64 = taken.iter().map(|(_, points)| points.get()).sum();
                assert_eq!(sum, points.get(), "{entry:?}");
                for (last_day, points) in taken {
                    assert!(points.get() > 0 && *last_day >= decided, "lapsed or nothing: {entry:?}");
                    *lots.get_mut(last_day).unwrap() -= points.get();
                }
                reserved.insert(entry.cause.to_string(), sum);
            }
            What::Committed {
                reservation, points, ..
            } => {
                assert_eq!(reserved.remove(reservation.as_str()), Some(points.get()), "{entry:?}");
            }
            What::Extended {
                lots: moved, last_day, ..
            } => {
                for (day, points) in moved {
                    assert!(*day >= decided && day < last_day, "{entry:?}");
                    *lots.get_mut(day).unwrap() -= points.get();
                    *lots.entry(*last_day).or_default() += points.get();
                }
            }
            What::Reinstated {
                points,
                lots: from,
                last_day,
                ..
            } => {
                let sum: i64 = from.iter().map(|(_, points)| points.get()).sum();
                assert!(points.get() > 0 && sum == points.get(), "{entry:?}");
                *lots.entry(*last_day).or_default() += points.get();
            }
            What::LetGo {
                reservation,
                lots: back,
                gone,
            } => {
                let sum: i64 = back.iter().chain(gone).map(|(_, points)| points.get()).sum();
                assert_eq!(reserved.remove(reservation.as_str()), Some(sum), "{entry:?}");
                for (last_day, points) in back {
                    *lots.get_mut(last_day).unwrap() += points.get();
                }
            }
            What::Expired { points, last_day } => {
                assert!(
                    *last_day < decided || last_day.stretch().is_some(),
                    "before its time: {entry:?}"
                );
                *lots.get_mut(last_day).unwrap() -= points.get();
            }
            What::Adjusted {
                points, lots: moved, ..
            } => {
                let sum: i64 = moved.iter().map(|(_, points)| points.get()).sum();
                assert!(
                    sum == points.get().abs() || (points.get() < 0 && sum < -points.get()),
                    "{entry:?}"
                );
                for (last_day, moved) in moved {
                    *lots.entry(*last_day).or_default() += moved.get() * points.get().signum();
                }
            }
            What::Pending {
                points,
                last_day,
                until,
                ..
            }
            | What::Granted {
                points,
                last_day,
                until: Some(until),
                ..
            } => {
                assert!(points.get() > 0 && *until > decided && until <= last_day, "{entry:?}");
                *pending.entry(*last_day).or_default() += points.get();
            }
            What::Unlocked { until, lots: unlocked } => {
                assert!(*until <= decided, "before its time: {entry:?}");
                for (last_day, points) in unlocked {
                    *pending.get_mut(last_day).unwrap() -= points.get();
                    *lots.entry(*last_day).or_default() += points.get();
                }
            }
            What::Released { points, last_day, .. } => {
                *pending.get_mut(last_day).unwrap() -= points.get();
                *lots.entry(*last_day).or_default() += points.get();
            }
            What::Returned(returned) => {
                if let Some(last_day) = returned.last_day {
                    *pending.entry(last_day).or_default() -= returned.pending.get();
                }
                for (last_day, points) in &returned.restored {
                    assert!(points.get() > 0 && *last_day >= decided, "lapsed or nothing: {entry:?}");
                    *lots.get_mut(last_day).unwrap() += points.get();
                }
                for (last_day, points) in &returned.lots {
                    assert!(points.get() > 0 && *last_day >= decided, "lapsed or nothing: {entry:?}");
                    *lots.get_mut(last_day).unwrap() -= points.get();
                }
            }
            What::Settled { lots: paid } | What::ClawedBack { lots: paid } => {
                for (last_day, points) in paid {
                    *lots.get_mut(last_day).unwrap() -= points.get();
                }
            }
            _ => {}
        }
        assert!(lots.values().all(|left| *left >= 0), "a lot is overdrawn by {entry:?}");
        assert!(
            pending.values().all(|left| *left >= 0),
            "more went than waited: {entry:?}"
        );
    }
    lots
}

/// One cause does one thing of a kind once: messages are keyed by it.
pub(crate) fn causes_are_unique(entries: &[Entry]) {
    let mut seen = BTreeSet::new();
    for entry in entries {
        let kind = match entry.what {
            What::Joined => "joined",
            What::Earned { .. } | What::Pending { .. } => "earned",
            What::Granted { .. } => "granted",
            What::Happened { .. } => "happened",
            What::Referred { .. } => "referred",
            What::ReferralMet { .. } => "referral met",
            What::Referral { .. } => "referral",
            What::ReferralLost { .. } => "referral lost",
            What::Milestone { .. } => "milestone",
            What::MilestoneLost { .. } => "milestone lost",
            What::Redeemed { .. } | What::Committed { .. } => "redeemed",
            What::Claimed { .. } | What::RewardGiven { .. } => "claimed",
            What::Segment { .. } => "segment",
            What::Sent { .. } => "sent",
            What::Received { .. } => "received",
            What::Fulfilled { .. } => "fulfilled",
            What::RewardBack { .. } => "reward back",
            What::RewardExpired => "reward expired",
            What::RewardReminded { .. } => "reward reminded",
            What::CartLeft { .. } => "cart left",
            What::Erased { .. } => "erased",
            What::Reserved { .. } => "reserved",
            What::Extended { .. } => "extended",
            What::Reinstated { .. } => "reinstated",
            What::LetGo { .. } => "let go",
            What::Expired { .. } => "expired",
            What::TierChanged { .. }
            | What::TierKept { .. }
            | What::TierGrace { .. }
            | What::TierGiven { .. }
            | What::TierLost { .. } => "tier",
            What::Returned(_) => "returned",
            What::TierAtRisk { .. } => "tier-at-risk",
            What::Settled { .. } => "settled",
            What::ClawedBack { .. } => "clawed back",
            What::Unlocked { .. } => "unlocked",
            What::Released { .. } => "released",
            What::Reminded { .. } => "reminded",
            What::Birthday => "birthday",
            What::Anniversary { .. } => "anniversary",
            What::Adjusted { .. } => "adjusted",
        };
        assert!(
            seen.insert((kind, entry.wallet, entry.tier_set(), entry.cause.as_str())),
            "twice: {entry:?}"
        );
    }
}
