//! What points are worth at the till.

use serde::Deserialize;

use crate::{Amount, Currency, Points, Rate};

/// How points of a wallet pay for orders in a currency.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "AsWritten")]
pub struct Pay {
    /// The wallet they are of, by name; none is the main one.
    pub wallet: Option<String>,
    /// The tier of the main set whose members it is for, by name, in place of the rule that is for all; none is for all.
    pub tier: Option<String>,
    pub currency: Currency,
    /// So many points
    pub points: Points,
    /// pay so much, in minor units.
    pub worth: i64,
    /// Fewer points than these are not taken.
    pub least_points: Points,
    /// The share of an order that points may pay.
    pub most_share: Rate,
}

#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct AsWritten {
    /// The wallet they are of, by name; without it the main one.
    wallet: Option<String>,
    /// The tier whose members it is for; without it all.
    tier: Option<String>,
    currency: Currency,
    /// So many points pay what they are worth.
    points: Points,
    /// What so many points pay, such as "1.00".
    worth: String,
    /// Fewer points than these are not taken.
    least_points: Option<Points>,
    /// The share of an order that points may pay: "0.5" is half.
    most_share: Option<Rate>,
}

/// The largest number on either side of the rate, so that no product of it overflows.
const LARGEST: i64 = 1_000_000_000;

impl TryFrom<AsWritten> for Pay {
    type Error = String;
    fn try_from(written: AsWritten) -> Result<Self, String> {
        let worth = Amount::parse(&written.worth, written.currency).map_err(|why| why.to_string())?;
        let (points, worth) = (written.points, worth.minor());
        if !(1..=LARGEST).contains(&points.get()) || !(1..=LARGEST).contains(&worth) {
            return Err(
                "points pay nothing so; write how many points pay how much, such as points = 100 and worth = \"1.00\""
                    .to_owned(),
            );
        }
        let least_points = written.least_points.unwrap_or(Points::new(1));
        if least_points.get() < 1 {
            return Err("least-points is 1 or more; leave it out for 1".to_owned());
        }
        let most_share = written.most_share.unwrap_or(Rate::ONE);
        if most_share.is_zero() || most_share > Rate::ONE {
            return Err("most-share is a share of an order; write \"1\" for all of it, \"0.5\" for half".to_owned());
        }
        Ok(Self {
            wallet: written.wallet,
            tier: written.tier,
            currency: written.currency,
            points,
            worth,
            least_points,
            most_share,
        })
    }
}

impl Pay {
    /// What so many points pay, in minor units, rounded down.
    pub fn worth_of(&self, points: Points) -> i64 {
        let worth = i128::from(points.get()) * i128::from(self.worth) / i128::from(self.points.get());
        i64::try_from(worth).unwrap_or(i64::MAX)
    }

    /// The fewest points that pay so much, in minor units.
    pub fn points_for(&self, minor: i64) -> Points {
        let exact = i128::from(minor) * i128::from(self.points.get());
        let points = (exact + i128::from(self.worth) - 1) / i128::from(self.worth);
        Points::new(i64::try_from(points).unwrap_or(i64::MAX))
    }

    /// How much of an order points may pay, in minor units, rounded down.
    pub fn most_of(&self, amount: Amount) -> i64 {
        self.most_share.share_of(amount.minor())
    }
}
