//! Intents: what an account's new entries make worth telling. Beside broadcasts, no other place states one.

use std::cmp::Reverse;

use compact_str::CompactString;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use ledger::{Entry, MemberId, What};
use programme::{MessageKind, MessageRule, Programme, TierSetId, WalletId};

/// A message that should be sent, if it may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    pub member: MemberId,
    pub kind: MessageKind,
    /// The cause of the ledger entry, or the broadcast's name: one cause, one message of a kind and wallet.
    pub cause: CompactString,
    /// The wallet it is about; the main one where it is about none.
    pub wallet: WalletId,
    /// When it happened; of a broadcast, the time at which it is to go.
    pub at: Timestamp,
    /// After this instant the message is useless.
    pub useful_until: Timestamp,
    pub facts: Facts,
}

/// What the message is about, to find the numbers again when it is claimed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    pub points: Option<i64>,
    /// The last day of the lot it is about, the first on which pending points can be spent, or a tier's review.
    pub day: Option<Date>,
    /// The tier that was reached.
    pub tier: Option<u8>,
    pub years: Option<u16>,
    /// The set of tiers it is about; none is the main one.
    pub set: Option<TierSetId>,
    /// The claim of the reward.
    pub claim: Option<String>,
    /// The campaign or the mission that granted most of the points, by its name, where members have one for it.
    pub campaign: Option<String>,
}

impl Intent {
    /// From when on it could be told, by the rule of its kind.
    pub(crate) fn came(&self, rule: &MessageRule) -> Timestamp {
        let useful = SignedDuration::from_hours(i64::from(*rule.useful_hours.get_ref()));
        self.useful_until.checked_sub(useful).unwrap_or(self.at)
    }

    /// What its text is found by.
    pub(crate) fn text(&self) -> (MessageKind, &str) {
        (self.kind, &self.cause)
    }

    /// What tells it from the member's other messages: its kind and cause. The moments of a wallet or a set of tiers that
    /// is not the main one name it in their cause; other causes are told apart here.
    pub fn key(&self) -> String {
        let kind = self.kind.name();
        let mut key = String::with_capacity(kind.len() + 1 + self.cause.len());
        key.push_str(kind);
        key.push('#');
        key.push_str(&self.cause);
        let set = self.facts.set.unwrap_or_default();
        for own in [
            self.wallet.own(CompactString::default()),
            set.own(CompactString::default()),
        ] {
            if !key.ends_with(own.as_str()) {
                key += &own;
            }
        }
        key
    }

    /// Whether that is its key. Nearly none is, and to say so takes none made.
    pub(crate) fn has_key(&self, key: &str) -> bool {
        let rest = key.strip_prefix(self.kind.name()).and_then(|key| key.strip_prefix('#'));
        rest.is_some_and(|cause| cause.starts_with(self.cause.as_str())) && self.key() == key
    }
}

/// The intents of an account's new entries, those of a higher priority first.
pub fn intents(programme: &Programme, member: &MemberId, entries: &[Entry]) -> Vec<Intent> {
    let stated = entries.iter().filter_map(|entry| intent(programme, member, entry));
    let mut intents: Vec<Intent> = stated.collect();
    intents.sort_by_key(|intent| Reverse(programme.message(intent.kind).map(|rule| rule.priority)));
    intents
}

/// The turn of a message, by its key, among those of one member whose time has come at once: the highest priority first,
/// and equal ones in the order of their keys, so that every delivery finds the same.
pub fn turn(programme: &Programme, key: &str) -> (Reverse<i8>, String) {
    let (kind, cause) = key.split_once('#').unwrap_or((key, ""));
    let rule = MessageKind::from_name(kind).and_then(|kind| programme.rule(kind, cause));
    (Reverse(rule.map_or(0, |rule| rule.priority)), key.to_owned())
}

fn intent(programme: &Programme, member: &MemberId, entry: &Entry) -> Option<Intent> {
    let (kind, mut facts) = tells(entry)?;
    let programme = programme.at(Timestamp::from_second(entry.decided).unwrap_or_default());
    if kind.is_about_points() {
        programme.wallet(entry.wallet).filter(|wallet| wallet.told)?;
    }
    if let What::Claimed { reward, .. } | What::RewardGiven { reward, .. } = &entry.what {
        programme.reward(reward.as_str()).filter(|reward| reward.told)?;
    }
    facts.campaign = granted_by(programme, entry);
    let hours = i64::from(*programme.message(kind)?.useful_hours.get_ref());
    let at = entry.happened();
    // A purchase that arrives a week late still earns its message; a moment that was booked late is late.
    let from = match entry.what {
        What::Joined
        | What::Earned { .. }
        | What::Granted { .. }
        | What::Pending { .. }
        | What::Released { .. }
        | What::Claimed { .. }
        | What::RewardGiven { .. }
        | What::Received { .. }
        | What::TierChanged { .. }
        | What::TierGiven { .. }
        | What::Returned(_) => Timestamp::from_second(entry.decided).unwrap_or(at),
        _ => at,
    };
    let useful_until = from
        .checked_add(SignedDuration::from_hours(hours))
        .unwrap_or(Timestamp::MAX);
    Some(Intent {
        member: member.clone(),
        kind,
        cause: entry.cause.clone(),
        wallet: entry.wallet,
        at,
        useful_until,
        facts,
    })
}

/// The campaign that granted most of an entry's points, of those that have a name for members; of equals the first.
fn granted_by(programme: &Programme, entry: &Entry) -> Option<String> {
    let granted = if let What::Granted { campaign, .. } = &entry.what {
        programme.told_campaign(*campaign)
    } else {
        let shares = entry.shares().iter().rev();
        let told = shares.filter_map(|share| Some((share.points, programme.told_campaign(share.campaign)?)));
        told.max_by_key(|(points, _)| *points).map(|(_, name)| name)
    };
    granted.map(|name| name.as_str().to_owned())
}

fn tells(entry: &Entry) -> Option<(MessageKind, Facts)> {
    let about = |points: programme::Points| Facts {
        points: Some(points.get()),
        day: entry.day(),
        ..Facts::default()
    };
    let about_tiers = || Facts {
        day: entry.day(),
        set: entry.tier_set().filter(|set| *set != TierSetId::MAIN),
        ..Facts::default()
    };
    let of_claim = || Facts {
        day: entry.day(),
        claim: entry.claim().map(str::to_owned),
        ..Facts::default()
    };
    match &entry.what {
        What::Joined => Some((MessageKind::Welcome, Facts::default())),
        What::Earned { points, .. } if !points.is_zero() => Some((MessageKind::PointsEarned, about(*points))),
        What::Granted {
            points, until: None, ..
        } => Some((MessageKind::PointsEarned, about(*points))),
        What::Granted { points, .. } | What::Pending { points, .. } => {
            Some((MessageKind::PointsPending, about(*points)))
        }
        What::Released { points, .. } => Some((MessageKind::PointsUnlocked, about(*points))),
        What::Unlocked { .. } => {
            let points = programme::Points::new(entry.change());
            Some((MessageKind::PointsUnlocked, about(points)))
        }
        What::TierChanged { from, to, .. } | What::TierGiven { from, to, .. } if to > from => Some((
            MessageKind::TierUpgraded,
            Facts {
                tier: Some(*to),
                ..about_tiers()
            },
        )),
        What::TierAtRisk { missing, .. } => Some((
            MessageKind::TierAtRisk,
            Facts {
                points: Some(*missing),
                ..about_tiers()
            },
        )),
        What::TierGrace { .. } => Some((MessageKind::TierAtRisk, about_tiers())),
        What::Reminded { points, .. } => Some((MessageKind::PointsExpiring, about(*points))),
        What::Expired { points, .. } if !points.is_zero() => Some((MessageKind::PointsExpired, about(*points))),
        What::Returned(returned) if returned.change() != 0 => Some((
            MessageKind::PointsReturned,
            about(programme::Points::new(returned.change())),
        )),
        What::Claimed { .. } | What::RewardGiven { .. } => Some((MessageKind::RewardReady, of_claim())),
        What::RewardReminded { .. } => Some((MessageKind::RewardExpiring, of_claim())),
        What::CartLeft { .. } => Some((MessageKind::CartLeft, Facts::default())),
        // Who moves points from wallet to wallet knows.
        What::Received { from: Some(_), .. } if entry.change() > 0 => Some((
            MessageKind::PointsReceived,
            about(programme::Points::new(entry.change())),
        )),
        What::Birthday => Some((MessageKind::Birthday, Facts::default())),
        What::Anniversary { years } => Some((
            MessageKind::Anniversary,
            Facts {
                years: Some(*years),
                ..Facts::default()
            },
        )),
        What::Earned { .. }
        | What::Happened { .. }
        | What::Referred { .. }
        | What::ReferralMet { .. }
        | What::Referral { .. }
        | What::ReferralLost { .. }
        | What::Milestone { .. }
        | What::MilestoneLost { .. }
        | What::Adjusted { .. }
        | What::Redeemed { .. }
        | What::Reserved { .. }
        | What::Extended { .. }
        | What::Reinstated { .. }
        | What::Committed { .. }
        | What::LetGo { .. }
        | What::Fulfilled { .. }
        | What::Segment { .. }
        | What::Sent { .. }
        | What::Received { .. }
        | What::RewardBack { .. }
        | What::RewardExpired
        | What::Expired { .. }
        | What::Returned(_)
        | What::Settled { .. }
        | What::ClawedBack { .. }
        | What::TierChanged { .. }
        | What::TierLost { .. }
        | What::TierGiven { .. }
        | What::TierKept { .. }
        // Who is forgotten hears nothing of it.
        | What::Erased { .. } => None,
    }
}
