//! The message that a member would be told of, as things stand with them.

use jiff::{SignedDuration, Timestamp};
use ledger::{Account, Day, Entry, MemberId, at_risk};
use messages::{Facts, Intent, intents};
use programme::{MessageKind, Programme, TierSetId, WalletId};

/// A message of a kind as it would be stated now; none where there is nothing to tell. What their account says decides where
/// it can, and else what was booked last.
pub(super) fn stated(
    programme: &Programme,
    member: &MemberId,
    (account, entries): (&Account, &[Entry]),
    kind: MessageKind,
    now: Timestamp,
) -> Option<Intent> {
    let of_now = |wallet: WalletId, facts: Facts| Intent {
        member: member.clone(),
        kind,
        cause: "preview".into(),
        wallet,
        at: now,
        useful_until: now,
        facts,
    };
    let stated = match kind {
        // `regulars broadcast` shows what each of its own would come to.
        MessageKind::Broadcast => return None,
        MessageKind::Welcome | MessageKind::Birthday => of_now(WalletId::MAIN, Facts::default()),
        MessageKind::Anniversary => {
            let today = Day::at(now, programme.zone).date();
            let years = today.year().saturating_sub(account.joined().year());
            let years = Some(u16::try_from(years).unwrap_or_default().max(1));
            of_now(
                WalletId::MAIN,
                Facts {
                    years,
                    ..Facts::default()
                },
            )
        }
        MessageKind::TierUpgraded => tier(account).map(|facts| of_now(WalletId::MAIN, facts))?,
        MessageKind::TierAtRisk => risk(programme, account).map(|facts| of_now(WalletId::MAIN, facts))?,
        MessageKind::PointsExpiring => {
            let next = |wallet| {
                let days = account.lapsing(wallet, programme, now).into_iter();
                let mut days = days.filter(|(day, _)| *day < Day::FOREVER && day.stretch().is_none());
                days.next()
            };
            told(programme, account, next).map(|(wallet, facts)| of_now(wallet, facts))?
        }
        MessageKind::PointsPending => {
            let today = Day::at(now, programme.zone);
            let next = |wallet| {
                let mut waiting = account.pending(wallet).iter();
                let next = waiting.find(|pending| pending.until > today)?;
                Some((next.until, next.points))
            };
            told(programme, account, next).map(|(wallet, facts)| of_now(wallet, facts))?
        }
        MessageKind::RewardReady | MessageKind::RewardExpiring => {
            let lapses = |claim: &&ledger::Claim| kind == MessageKind::RewardReady || claim.lapses_after().is_some();
            let claim = account.claims().iter().find(lapses)?;
            let facts = Facts {
                day: claim.lapses_after(),
                claim: Some(claim.id.to_string()),
                ..Facts::default()
            };
            of_now(WalletId::MAIN, facts)
        }
        MessageKind::CartLeft => Intent {
            cause: account.cart()?.cause(),
            ..of_now(WalletId::MAIN, Facts::default())
        },
        MessageKind::PointsEarned
        | MessageKind::PointsUnlocked
        | MessageKind::PointsExpired
        | MessageKind::PointsReturned
        | MessageKind::PointsReceived => {
            let of_kind = entries.iter().rev();
            let mut of_kind = of_kind.flat_map(|entry| intents(programme, member, std::slice::from_ref(entry)));
            of_kind.find(|intent| intent.kind == kind)?
        }
    };
    let hours = i64::from(*programme.message(kind)?.useful_hours.get_ref());
    Some(Intent {
        at: now,
        useful_until: now.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(now),
        ..stated
    })
}

/// The first wallet that members are told of which has something next, and what.
fn told(
    programme: &Programme,
    account: &Account,
    next: impl Fn(WalletId) -> Option<(Day, programme::Points)>,
) -> Option<(WalletId, Facts)> {
    let is_told = |wallet: &WalletId| programme.wallet(*wallet).is_some_and(|wallet| wallet.told);
    account.wallets().filter(is_told).find_map(|wallet| {
        let (day, points) = next(wallet)?;
        let facts = Facts {
            points: Some(points.get()),
            day: Some(day.date()),
            ..Facts::default()
        };
        Some((wallet, facts))
    })
}

/// The tier that somebody has who has risen.
fn tier(account: &Account) -> Option<Facts> {
    let tier = account.tier_in(TierSetId::MAIN);
    (tier > 0).then(|| Facts {
        tier: Some(tier),
        ..Facts::default()
    })
}

/// The tier that the next review would take.
fn risk(programme: &Programme, account: &Account) -> Option<Facts> {
    programme.tier_sets().find_map(|tiers| {
        let risk = at_risk(programme, account, tiers.number)?;
        Some(Facts {
            points: Some(risk.missing),
            day: Some(risk.review.date()),
            set: Some(tiers.number).filter(|set| *set != TierSetId::MAIN),
            ..Facts::default()
        })
    })
}
