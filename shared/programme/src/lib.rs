//! The programme: everything of a members' programme that is a number, a date or a text, read from the operator's
//! files and checked before anything runs.
//!
//! Pure: it names no service, no clock and no environment; the one input is the folder of files. What a programme
//! *does* is decided in `ledger` (points, tiers, moments) and `messages` (who is told what, when).

mod approvals;
mod broadcasts;
mod calendar;
mod campaigns;
mod caps;
mod carts;
mod check;
mod digests;
mod expiry;
mod fields;
mod file;
mod files;
mod guard;
mod limits;
mod load;
mod lookup;
mod missions;
mod mistake;
mod money;
mod names;
mod parts;
mod paused;
mod pay;
mod pending;
mod personalisation;
mod places;
mod points;
mod prices;
mod rates;
mod referral;
mod retention;
mod rewards;
#[cfg(feature = "schema")]
mod schema;
mod sending;
mod suggest;
mod text;
mod thorough;
mod tiers;
mod topics;
mod versions;
mod wallets;
mod wordings;
mod zone;

pub use approvals::{ApprovalState, Approvals, Approved};
pub use broadcasts::{Broadcast, BroadcastName, LocalTime, Past};
pub use calendar::{Calendar, DayName, Days};
pub use campaigns::{
    Campaign, CampaignId, CampaignName, DayNames, DayTrigger, Grant, Multipliers, Pick, Stacking, Trigger,
};
pub use caps::{Cap, CapPer, MostMessages, OverCap};
pub use carts::{Carts, LeftAfterHours};
pub use digests::{Collect, CollectMinutes, Digest, next_of};
pub use expiry::{Expiry, Lasts, ReinstateDays};
pub use fields::{FieldName, FieldType, Fields, Holds, Purchases, yes_or_no};
pub use file::{
    Anniversary, Balance, Birthday, ClawBack, Earn, HoldMinutes, HourOfDay, Hours, Lowest, MessageRule, Reservations,
    Returns, TimeOfDay, Transfers, WhenLate,
};
pub use files::Files;
pub use guard::{Guard, GuardPer, Share, WithinHours};
pub use limits::{Limit, Limited, Over, Per};
pub use load::{LoadError, Programme};
pub use missions::{Each, Milestone, Mission};
pub use mistake::{Mistake, Severity};
pub use money::{Amount, AmountError, Currency, Rate, Rounding};
pub use names::{AllNames, Known, LineField, Names, WEEKDAYS};
pub use parts::{Encoding, Outside, Parts, SMS_BYTES, cheaper, outside, parts, plain};
pub use paused::{NoSwitch, Paused, Switch};
pub use pay::Pay;
pub use pending::{Pending, Period, YearDay};
pub use personalisation::{PERSONALISATION, Personalisation};
pub use places::{ChinaProvider, LegalHours, Places, State, UnitedStates, Windows};
pub use points::{Points, PointsError};
pub use prices::{Prefix, Prices};
pub use rates::{PerSecond, SenderRate};
pub use referral::{Often, Referral};
pub use retention::{KeptFrom, Retention, Retentions};
pub use rewards::{Given, Reward, RewardName};
#[cfg(feature = "schema")]
pub use schema::schema;
pub use sending::{BudgetPer, LateAfterMinutes, MessageBudget, Sending, SpreadMinutes};
pub use suggest::one_of;
pub use text::{Answer, Context, Locale, MOST_LINES, Rendered, TextError, Texts, Told, joined};
pub use tiers::{Basis, Downgrade, Grace, Tier, TierSetId, Tiers, Upgrade, Valid};
pub use topics::{Topic, TopicName};
pub use versions::{Version, Versions};
pub use wallets::{Wallet, WalletId};
pub use wordings::{Cited, ConsentTo, HashError, Scope, Shown, Wording, WordingError, WordingHash, WordingName};
pub use zone::Zone;

use serde::{Deserialize, Serialize};

/// What a message tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum MessageKind {
    Welcome,
    PointsEarned,
    TierUpgraded,
    #[serde(rename = "tier-about-to-be-lost")]
    TierAtRisk,
    PointsPending,
    PointsUnlocked,
    PointsExpiring,
    PointsExpired,
    PointsReturned,
    PointsReceived,
    RewardReady,
    #[serde(rename = "reward-about-to-expire")]
    RewardExpiring,
    #[serde(rename = "cart-left-behind")]
    CartLeft,
    Birthday,
    Anniversary,
    // What an operator sends to many members at once.
    Broadcast,
}

impl MessageKind {
    pub const ALL: [Self; 16] = [
        Self::Welcome,
        Self::PointsEarned,
        Self::TierUpgraded,
        Self::TierAtRisk,
        Self::PointsPending,
        Self::PointsUnlocked,
        Self::PointsExpiring,
        Self::PointsExpired,
        Self::PointsReturned,
        Self::PointsReceived,
        Self::RewardReady,
        Self::RewardExpiring,
        Self::CartLeft,
        Self::Birthday,
        Self::Anniversary,
        Self::Broadcast,
    ];

    /// The name used in the programme file, the tables and the texts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::PointsEarned => "points-earned",
            Self::TierUpgraded => "tier-upgraded",
            Self::TierAtRisk => "tier-about-to-be-lost",
            Self::PointsPending => "points-pending",
            Self::PointsUnlocked => "points-unlocked",
            Self::PointsExpiring => "points-expiring",
            Self::PointsExpired => "points-expired",
            Self::PointsReturned => "points-returned",
            Self::PointsReceived => "points-received",
            Self::RewardReady => "reward-ready",
            Self::RewardExpiring => "reward-about-to-expire",
            Self::CartLeft => "cart-left-behind",
            Self::Birthday => "birthday",
            Self::Anniversary => "anniversary",
            Self::Broadcast => "broadcast",
        }
    }

    /// Whether it tells of the points of a wallet.
    pub fn is_about_points(self) -> bool {
        match self {
            Self::PointsEarned
            | Self::PointsPending
            | Self::PointsUnlocked
            | Self::PointsExpiring
            | Self::PointsExpired
            | Self::PointsReturned
            | Self::PointsReceived => true,
            Self::Welcome
            | Self::TierUpgraded
            | Self::TierAtRisk
            | Self::RewardReady
            | Self::RewardExpiring
            | Self::CartLeft
            | Self::Birthday
            | Self::Anniversary
            | Self::Broadcast => false,
        }
    }

    /// Whether the ledger states it, so that each programme says how it is sent and has its texts. Broadcasts say so each
    /// for itself.
    pub fn is_of_the_ledger(self) -> bool {
        self != Self::Broadcast
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// How a message reaches a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    Sms,
    Push,
}

impl Channel {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Push => "push",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Sms, Self::Push]
            .into_iter()
            .find(|channel| channel.name() == name)
    }
}

/// Why a message is sent: what a member consents to, and what happens after a crash between publish and mark
/// (a promotional message is never sent twice).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    Transactional,
    Promotional,
}

impl Purpose {
    pub fn name(self) -> &'static str {
        match self {
            Self::Transactional => "transactional",
            Self::Promotional => "promotional",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Transactional, Self::Promotional]
            .into_iter()
            .find(|purpose| purpose.name() == name)
    }
}
