//! The shapes of `programme.toml`. What a single value can say wrong is refused here, with its place; what only
//! several values together say is checked in [`crate::check`].

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Time;
use serde::Deserialize;
use toml::Spanned;

use crate::broadcasts::Broadcast;
use crate::calendar::Calendar;
use crate::campaigns::{Campaign, Pick, Stacking};
use crate::caps::Cap;
use crate::carts::Carts;
use crate::digests::Digest;
use crate::expiry::{Expiry, Lasts};
use crate::fields::{Fields, Purchases};
use crate::guard::Guard;
use crate::missions::Mission;
use crate::personalisation::Personalisation;
use crate::places::Places;
use crate::referral::Referral;
use crate::sending::{MessageBudget, Sending};
use crate::tiers::{Tier, Tiers};
use crate::topics::Topic;
use crate::versions::EffectiveFrom;
use crate::wallets::{self, Wallet};
use crate::wordings::Wording;
use crate::zone::Zone;
use crate::{
    Amount, Channel, Currency, Limit, MessageKind, Pay, Pending, Points, Prices, Purpose, Rate, Reward, Rounding,
};

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct File {
    #[cfg_attr(feature = "schema", schemars(with = "Option<EffectiveFrom>"))]
    pub(crate) effective_from: Option<Spanned<EffectiveFrom>>,
    pub(crate) name: String,
    pub(crate) zone: Zone,
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub(crate) default_locale: Spanned<String>,
    #[serde(default = "wallets::one")]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Wallet>"))]
    pub(crate) wallets: Spanned<Vec<Wallet>>,
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Earn>"))]
    pub(crate) earn: Vec<Spanned<Earn>>,
    pub(crate) expiry: Expiry,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Limit>"))]
    pub(crate) limits: Vec<Spanned<Limit>>,
    pub(crate) tiers: Tiers,
    #[serde(default)]
    pub(crate) tier_sets: Vec<Tiers>,
    #[cfg_attr(feature = "schema", schemars(with = "Option<Returns>"))]
    pub(crate) returns: Option<Spanned<Returns>>,
    #[serde(default)]
    pub(crate) balance: Balance,
    #[serde(default)]
    pub(crate) reservations: Reservations,
    pub(crate) transfers: Option<Transfers>,
    pub(crate) carts: Option<Carts>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Pay>"))]
    pub(crate) pay: Vec<Spanned<Pay>>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Reward>"))]
    pub(crate) rewards: Vec<Spanned<Reward>>,
    #[cfg_attr(feature = "schema", schemars(with = "Option<Fields>"))]
    pub(crate) attributes: Option<Spanned<Fields>>,
    #[cfg_attr(feature = "schema", schemars(with = "Option<Purchases>"))]
    pub(crate) purchases: Option<Spanned<Purchases>>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, Fields>"))]
    pub(crate) events: BTreeMap<Spanned<String>, Fields>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, serde_json::Value>"))]
    pub(crate) calendar: Calendar,
    #[serde(default)]
    pub(crate) stacking: Stacking,
    #[serde(default)]
    pub(crate) campaign_groups: BTreeMap<String, Pick>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Campaign>"))]
    pub(crate) campaigns: Vec<Spanned<Campaign>>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Mission>"))]
    pub(crate) missions: Vec<Spanned<Mission>>,
    #[serde(default)]
    pub(crate) badges: BTreeMap<String, BTreeMap<String, String>>,
    #[cfg_attr(feature = "schema", schemars(with = "Option<Referral>"))]
    pub(crate) referral: Option<Spanned<Referral>>,
    pub(crate) birthday: Birthday,
    pub(crate) anniversary: Anniversary,
    pub(crate) quiet_hours: Hours,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Cap>"))]
    pub(crate) caps: Vec<Spanned<Cap>>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Digest>"))]
    pub(crate) digests: Vec<Spanned<Digest>>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Topic>"))]
    pub(crate) topics: Vec<Spanned<Topic>>,
    #[serde(default)]
    pub(crate) sending: Sending,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<MessageBudget>"))]
    pub(crate) message_budgets: Vec<Spanned<MessageBudget>>,
    #[serde(default = "named_by_nothing")]
    #[cfg_attr(feature = "schema", schemars(with = "Personalisation"))]
    pub(crate) personalisation: Spanned<Personalisation>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Wording>"))]
    pub(crate) wordings: Vec<Spanned<Wording>>,
    pub(crate) prices: Option<Prices>,
    #[serde(default)]
    pub(crate) places: Places,
    #[cfg_attr(feature = "schema", schemars(with = "Option<Guard>"))]
    pub(crate) guard: Option<Spanned<Guard>>,
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Broadcast>"))]
    pub(crate) broadcasts: Vec<Spanned<Broadcast>>,
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<MessageKind, MessageRule>"))]
    pub(crate) messages: BTreeMap<Spanned<MessageKind>, MessageRule>,
}

fn named_by_nothing() -> Spanned<Personalisation> {
    Spanned::new(0..0, Personalisation::default())
}

/// Points for purchases in one currency, in one wallet.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Earn {
    pub currency: Currency,
    /// Points for one whole unit of the currency, before the tier's multiplier.
    pub points_per_unit: Rate,
    /// The wallet they go into, by name; none is the main one.
    pub wallet: Option<String>,
    /// The tier of the main set whose members it is for, by name, in place of the rule that is for all; none is for all.
    pub tier: Option<String>,
    /// Whether the tier multiplies them.
    #[serde(default = "wallets::yes")]
    pub tier_multiplies: bool,
    /// What becomes of a part of a point.
    #[serde(default)]
    pub round: Rounding,
    /// How long the points wait before they can be spent; none can be spent at once.
    pub pending: Option<Pending>,
    /// How long they last, whatever the member's tier.
    pub lasts: Option<Lasts>,
}

impl Earn {
    /// The points that an amount earns in a tier, times the factor that campaigns come to; none where they do not fit.
    pub fn points(&self, amount: Amount, tier: &Tier, factor: Rate) -> Option<Points> {
        let multiplier = if self.tier_multiplies {
            tier.multiplier
        } else {
            Rate::ONE
        };
        self.points_per_unit.points(amount, multiplier, factor, self.round)
    }
}

/// What becomes of the points of an order that comes back; where nothing is said, they are taken back within the
/// balance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Returns {
    pub claw_back: ClawBack,
}

/// How far points are taken back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ClawBack {
    /// Only points that are still pending; what can be spent stays.
    OnlyPending,
    /// What the member still has; what was spent meanwhile is waived.
    #[default]
    WithinBalance,
    /// All of it, down to the lowest balance.
    Unlimited,
}

/// How low a balance may go; where nothing is said, not below nought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Balance {
    pub lowest: Lowest,
}

/// The lowest balance that points taken back, or taken by hand, may leave. Points earned later pay what is below nought
/// first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "LowestAsWritten")]
pub enum Lowest {
    /// Never below nought.
    #[default]
    Nought,
    /// So many points below nought.
    Below(Points),
    Any,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "write 0, a number below 0, or \"any\"")]
enum LowestAsWritten {
    Number(i64),
    Word(String),
}

impl TryFrom<LowestAsWritten> for Lowest {
    type Error = String;
    fn try_from(written: LowestAsWritten) -> Result<Self, String> {
        match written {
            LowestAsWritten::Number(0) => Ok(Self::Nought),
            LowestAsWritten::Number(points) if points < 0 => Ok(Self::Below(Points::new(points.saturating_neg()))),
            LowestAsWritten::Number(points) => Err(format!(
                "a lowest balance of {points} would forbid spending; write 0, a number below 0, or \"any\""
            )),
            LowestAsWritten::Word(word) if word == "any" => Ok(Self::Any),
            LowestAsWritten::Word(word) => Err(format!(
                "{word:?} is no lowest balance; write 0, a number below 0, or \"any\""
            )),
        }
    }
}

impl Lowest {
    /// How many points may be owed where so many are owed already.
    pub fn room(self, owed: Points) -> Points {
        match self {
            Self::Nought => Points::ZERO,
            Self::Below(most) => most.subtract(owed).unwrap_or_default().max(Points::ZERO),
            Self::Any => Points::new(i64::MAX),
        }
    }
}

/// Points that members send to each other, or from one of their wallets to another; where nothing is said, they cannot.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Transfers {
    /// No fewer go at a time.
    #[serde(default)]
    pub least_points: Points,
    /// Who joined so many days ago or more may send and receive.
    #[serde(default)]
    pub joined_days_ago: u16,
}

/// Points that are held for a checkout until it commits or cancels.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Reservations {
    /// After so many minutes they are let go again; a reservation may ask for fewer.
    pub hold_minutes: HoldMinutes,
}

impl Default for Reservations {
    fn default() -> Self {
        Self {
            hold_minutes: HoldMinutes(30),
        }
    }
}

/// How long points are held: a minute to a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("minimum" = 1, "maximum" = 10080)))]
#[serde(try_from = "u16")]
pub struct HoldMinutes(u16);

impl HoldMinutes {
    pub fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for HoldMinutes {
    type Error = String;
    fn try_from(minutes: u16) -> Result<Self, String> {
        if (1..=10_080).contains(&minutes) {
            Ok(Self(minutes))
        } else {
            Err(format!(
                "points cannot be held for {minutes} minutes; write 1 to 10080, which is a week"
            ))
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Birthday {
    /// The local hour at which a birthday falls due.
    pub at: HourOfDay,
    /// The day kept in years without a 29 February.
    pub leap_day: LeapDay,
}

/// Where a 29 February birthday goes in a common year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum LeapDay {
    #[serde(rename = "02-28")]
    February28,
    #[serde(rename = "03-01")]
    March1,
}

#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Anniversary {
    /// The local hour at which the anniversary of joining falls due.
    pub at: HourOfDay,
}

/// Hours of a day, from one to before the other; may wrap midnight. Equal ends mean none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Hours {
    pub from: TimeOfDay,
    pub to: TimeOfDay,
}

impl Hours {
    /// Whether a local time is one of them.
    pub fn contain(&self, time: Time) -> bool {
        let (from, to) = (self.from.time(), self.to.time());
        if from <= to {
            from <= time && time < to
        } else {
            time >= from || time < to
        }
    }
}

/// How one kind of message is sent.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MessageRule {
    pub purpose: Purpose,
    /// Tried in this order; the first the member can be reached on and consents to is taken.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Channel>"))]
    pub channels: Spanned<Vec<Channel>>,
    /// After so many hours the message is useless and is suppressed.
    #[cfg_attr(feature = "schema", schemars(with = "u16"))]
    pub useful_hours: Spanned<u16>,
    /// Of a member's messages that could go at the same time, those of a higher priority go first, and take the room that
    /// caps leave.
    #[serde(default)]
    pub priority: i8,
    /// What becomes of one that is decided much later than it should have been, as after an outage.
    #[serde(default)]
    pub when_late: WhenLate,
}

/// What becomes of a message that is late, if it is useful still.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum WhenLate {
    /// It goes.
    #[default]
    Send,
    /// It goes as one with the member's other late messages of which that is said.
    Merge,
    /// It never goes.
    Skip,
}

/// A local time such as `21:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = "^([01][0-9]|2[0-3]):[0-5][0-9]$", "examples" = ["21:00"])))]
#[serde(try_from = "String")]
pub struct TimeOfDay(Time);

impl TimeOfDay {
    pub(crate) fn full_hour(hour: i8) -> Self {
        Self(Time::constant(hour, 0, 0, 0))
    }

    pub fn time(self) -> Time {
        self.0
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no time of day; write hours and minutes such as \"21:00\"");
        let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
        let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(hour) || !digits(minute) {
            return Err(wrong());
        }
        let part = |part: &str| part.parse::<i8>().map_err(|_| wrong());
        Time::new(part(hour)?, part(minute)?, 0, 0)
            .map(Self)
            .map_err(|_| wrong())
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

/// A local time such as `10:00`, at which something falls due.
pub type HourOfDay = TimeOfDay;

impl LeapDay {
    /// The day in a year without a 29 February.
    pub fn in_year(self, year: i16) -> Option<jiff::civil::Date> {
        let (month, day) = match self {
            Self::February28 => (2, 28),
            Self::March1 => (3, 1),
        };
        jiff::civil::Date::new(year, month, day).ok()
    }
}
