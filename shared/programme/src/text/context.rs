//! What a text may speak of.

use jiff::civil::Date;

use crate::{Amount, MessageKind};

/// What a text may speak of. Everything is given to every text; which kinds may use which is checked.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The member's name.
    pub name: &'a str,
    /// The programme's name.
    pub programme: &'a str,
    /// Points of the wallet that can be spent now.
    pub balance: i64,
    /// The name of the wallet that the message is about, in the text's locale.
    pub wallet: &'a str,
    /// The tier's name in the text's locale.
    pub tier: &'a str,
    /// The points the message is about.
    pub points: i64,
    /// The last day on which those points can be spent.
    pub date: Date,
    /// Days until that day is over; years for an anniversary.
    pub days: i64,
    pub years: i64,
    /// What the campaign or the mission is called that granted most of the points, in the text's locale; nothing where none
    /// did that has a name for members.
    pub campaign: &'a str,
    /// What the reward it is about is called in the text's locale, and its coupon's code; nothing where it has none.
    pub reward: &'a str,
    pub code: &'a str,
    /// Whether that reward lapses, on `date`.
    pub lapses: bool,
    /// What is in the cart that it is about; none elsewhere.
    pub amount: Option<Amount>,
    /// The reward that lies nearest above the balance, and how many points are missing for it; nothing and 0 where there
    /// is none.
    pub next_reward: &'a str,
    pub missing: i64,
    /// What a digest tells of, one after the other, and how many that are; nothing elsewhere.
    pub lines: &'a str,
    pub count: i64,
}

/// A name that texts use for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Member,
    Programme,
    Balance,
    Wallet,
    Tier,
    Points,
    Date,
    Days,
    Years,
    Campaign,
    Reward,
    Code,
    Lapses,
    Amount,
    NextReward,
    Missing,
    Lines,
    Count,
}

/// What stands for a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said<'a> {
    Text(&'a str),
    Number(i64),
    Day(Date),
    Whether(bool),
    Money(Option<Amount>),
}

impl Name {
    pub(super) const ALL: [Self; 18] = [
        Self::Member,
        Self::Programme,
        Self::Balance,
        Self::Wallet,
        Self::Tier,
        Self::Points,
        Self::Date,
        Self::Days,
        Self::Years,
        Self::Campaign,
        Self::Reward,
        Self::Code,
        Self::Lapses,
        Self::Amount,
        Self::NextReward,
        Self::Missing,
        Self::Lines,
        Self::Count,
    ];

    /// Those that every text may use.
    pub(super) const ALWAYS: [Self; 7] = [
        Self::Member,
        Self::Programme,
        Self::Balance,
        Self::Wallet,
        Self::Tier,
        Self::NextReward,
        Self::Missing,
    ];

    /// Those that texts of a kind may use besides.
    pub(super) fn of_kind(kind: MessageKind) -> &'static [Self] {
        match kind {
            MessageKind::PointsEarned => &[Self::Points, Self::Campaign],
            MessageKind::PointsUnlocked
            | MessageKind::PointsExpired
            | MessageKind::PointsReturned
            | MessageKind::PointsReceived => &[Self::Points],
            MessageKind::PointsPending => &[Self::Points, Self::Date, Self::Campaign],
            MessageKind::PointsExpiring | MessageKind::TierAtRisk => &[Self::Points, Self::Date, Self::Days],
            MessageKind::RewardReady => &[Self::Reward, Self::Code, Self::Lapses, Self::Date, Self::Days],
            MessageKind::RewardExpiring => &[Self::Reward, Self::Code, Self::Date, Self::Days],
            MessageKind::CartLeft => &[Self::Amount],
            MessageKind::Anniversary => &[Self::Years],
            MessageKind::Welcome | MessageKind::TierUpgraded | MessageKind::Birthday | MessageKind::Broadcast => &[],
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Member => "name",
            Self::Programme => "programme",
            Self::Balance => "balance",
            Self::Wallet => "wallet",
            Self::Tier => "tier",
            Self::Points => "points",
            Self::Date => "date",
            Self::Days => "days",
            Self::Years => "years",
            Self::Campaign => "campaign",
            Self::Reward => "reward",
            Self::Code => "code",
            Self::Lapses => "lapses",
            Self::Amount => "amount",
            Self::NextReward => "next_reward",
            Self::Missing => "missing",
            Self::Lines => "lines",
            Self::Count => "count",
        }
    }

    pub(super) fn read(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }

    pub(super) fn is_number(self) -> bool {
        match self {
            Self::Balance | Self::Points | Self::Days | Self::Years | Self::Missing | Self::Count => true,
            Self::Member
            | Self::Programme
            | Self::Wallet
            | Self::Tier
            | Self::Date
            | Self::Campaign
            | Self::Reward
            | Self::Code
            | Self::Lapses
            | Self::Amount
            | Self::NextReward
            | Self::Lines => false,
        }
    }
}

impl<'a> Context<'a> {
    pub(super) fn say(&self, name: Name) -> Said<'a> {
        match name {
            Name::Member => Said::Text(self.name),
            Name::Programme => Said::Text(self.programme),
            Name::Balance => Said::Number(self.balance),
            Name::Wallet => Said::Text(self.wallet),
            Name::Tier => Said::Text(self.tier),
            Name::Points => Said::Number(self.points),
            Name::Date => Said::Day(self.date),
            Name::Days => Said::Number(self.days),
            Name::Years => Said::Number(self.years),
            Name::Campaign => Said::Text(self.campaign),
            Name::Reward => Said::Text(self.reward),
            Name::Code => Said::Text(self.code),
            Name::Lapses => Said::Whether(self.lapses),
            Name::Amount => Said::Money(self.amount),
            Name::NextReward => Said::Text(self.next_reward),
            Name::Missing => Said::Number(self.missing),
            Name::Lines => Said::Text(self.lines),
            Name::Count => Said::Number(self.count),
        }
    }
}
